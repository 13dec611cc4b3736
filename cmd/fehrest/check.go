package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"

	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	var flags readFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "check FILE|DIR…",
		Short: "Read and judge lists offline: every fault with its cell, a verdict for each organisation",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := flags.reader()
			if err != nil {
				return err
			}
			paths, many, err := inputs(args)
			if err != nil {
				return err
			}
			worst := exitAccepted
			reports := []checked{}
			for _, path := range paths {
				l, err := r.read(c.Context(), path, false)
				if many && unreadable(err) {
					_, _ = fmt.Fprintf(c.ErrOrStderr(), "fehrest: %s\n", err)
					worst = exitUnreadable
					continue
				}
				if err != nil {
					return err
				}
				worst = max(worst, worstExit(l.result.Verdicts.Worst()))
				x := checked{Report: l.report()}
				if by := r.options.LawOf; !by.IsZero() {
					own, err := r.ownLaw().read(c.Context(), path, false)
					if err != nil {
						return err
					}
					x.Law = lawChangeOf(r.book, by, own.result, l.result)
				}
				if asJSON {
					reports = append(reports, x)
					continue
				}
				printReport(c.OutOrStdout(), path, x.Report)
				if x.Law != nil {
					printLawChange(c.OutOrStdout(), x.Law)
				}
			}
			if asJSON {
				if err := printJSON(c.OutOrStdout(), reports, many); err != nil {
					return err
				}
			}
			return silent(worst)
		},
	}
	flags.add(c)
	c.Flags().StringVar(&flags.law, "law", "", "judge by the law of this `month`, such as 1404-07, and say what that changes")
	c.Flags().BoolVar(&asJSON, "json", false, "print the whole report as JSON")
	return c
}

// unreadable tells a file that could not be opened or read to its end: of many, the others are judged all the same.
func unreadable(err error) bool {
	var e *exit
	return errors.As(err, &e) && e.code == exitUnreadable
}

// silent ends with a code and prints nothing more.
func silent(code int) error {
	if code == exitAccepted {
		return nil
	}
	return &exit{code: code}
}

func printJSON[T any](w io.Writer, items []T, many bool) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if !many && len(items) == 1 {
		return e.Encode(items[0])
	}
	return e.Encode(items)
}

var verdictWords = map[payroll.Verdict]string{
	payroll.Accepted: "پذیرفته", payroll.AcceptedWithWarnings: "پذیرفته با هشدار", payroll.Rejected: "رد",
	payroll.Unreadable: "ناخوانا", payroll.NotAddressed: "بی‌مخاطب",
}

func printReport(w io.Writer, path string, r intake.Report) {
	_, _ = fmt.Fprintf(w, "%s: تأمین اجتماعی %s (sso %s) · مالیات %s (tax %s) · %d workers\n",
		path, verdictWords[r.Verdicts.SSO], r.Verdicts.SSO, verdictWords[r.Verdicts.Tax], r.Verdicts.Tax, r.Workers)
	for _, g := range r.File.Guesses {
		_, _ = fmt.Fprintf(w, "  حدس guess %s: %s (%s)\n", g.What, g.Found, g.Why)
	}
	for _, f := range worstFirst(r.Faults) {
		_, _ = fmt.Fprintf(w, "  %-7s %s %s %s\n          %s\n", f.Severity, f.Code, placeOf(&f.Place), f.Message.FA, f.Message.EN)
	}
}

// placeOf writes a place in one word: sheet and cell, or file, record and field.
func placeOf(p *fault.Place) string {
	switch {
	case p.Cell != "":
		return p.Sheet + "!" + p.Cell
	case p.Row > 0 && p.Sheet != "":
		return strings.TrimSuffix(fmt.Sprintf("%s!%d.%s", p.Sheet, p.Row, p.Column), ".")
	}
	return p.Sheet
}

// worstFirst lists what stands in the way before what is only told; the order within is the sheet's.
func worstFirst(faults []fault.Fault) []fault.Fault {
	faults = slices.Clone(faults)
	slices.SortStableFunc(faults, func(a, b fault.Fault) int { return cmp.Compare(b.Severity, a.Severity) })
	return faults
}
