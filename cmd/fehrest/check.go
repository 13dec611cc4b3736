package main

import (
	"bytes"
	"cmp"
	"context"
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
			files, many, err := inputs(args, "")
			if err != nil {
				return err
			}
			p := &reporter{out: textOrJSON(c.OutOrStdout(), asJSON), complaints: legible{c.ErrOrStderr()}, json: asJSON, many: many, progress: newProgress(c.ErrOrStderr(), len(files), "check")}
			err = inOrder(c.Context(), files, r.check, p.take, p.progress.step)
			if err := errors.Join(err, p.end(len(files))); err != nil {
				return err
			}
			return silent(p.worst)
		},
	}
	flags.add(c)
	c.Flags().StringVar(&flags.law, "law", "", "judge by the law of this `month`, such as 1404-07, and say what that changes")
	c.Flags().BoolVar(&asJSON, "json", false, "print the whole report as JSON")
	return c
}

// outcome is what came of a list, or why nothing did.
type outcome struct {
	report checked
	list   *list // without its lines, unless they were asked for
	of     int   // how many lists its file holds
	err    error
}

// check reads and judges every list of a file.
func (r *reader) check(ctx context.Context, s source, emit func(outcome) error) {
	o, err := r.open(ctx, s)
	if err != nil {
		_ = emit(outcome{err: err}) // what cannot be taken has ended the run
		return
	}
	defer o.close()
	for part := range o.lists.Lists {
		x := r.checkList(ctx, o, part)
		x.of = len(o.lists.Lists)
		if emit(x) != nil || x.err != nil {
			return
		}
	}
}

func (r *reader) checkList(ctx context.Context, o *opened, part int) outcome {
	l, err := o.read(ctx, part, nil)
	if err != nil {
		return outcome{err: err}
	}
	x := outcome{list: l, report: checked{Report: l.report(), Lateness: r.lateness(l.result)}}
	if by := r.options.LawOf; !by.IsZero() {
		other := *o
		other.options.LawOf = r.ownLaw().options.LawOf
		own, err := other.read(ctx, part, nil)
		if err != nil {
			return outcome{err: err}
		}
		x.report.Law = lawChangeOf(r.book, by, own.result, l.result)
	}
	return x
}

// reporter prints what came of lists, one after another, and one sum of them all.
type reporter struct {
	out, complaints io.Writer
	json, many      bool
	mute            bool // whoever uses it prints the reports himself
	progress        progress

	worst  int
	begun  bool // the JSON array
	lists  int
	unread int // files
	counts map[payroll.Verdict]int
	asked  map[string]bool // headers that are not clear, by the file their answers belong to
}

// take prints one list. A file that cannot be read ends a run of one file; of many, the others are read all the same.
func (p *reporter) take(x outcome) error {
	p.progress.aside()
	if p.counts == nil {
		p.counts, p.asked = map[payroll.Verdict]int{}, map[string]bool{}
	}
	if x.err != nil {
		if !p.many || !unreadable(x.err) {
			return x.err
		}
		p.unread++
		p.worst = exitUnreadable
		_, _ = fmt.Fprintf(p.complaints, "fehrest: %s\n", x.err)
		return nil
	}
	p.many = p.many || x.of > 1
	verdict := x.report.Verdict
	p.lists++
	p.counts[verdict]++
	p.worst = max(p.worst, worstExit(verdict))
	switch {
	case p.mute:
		return nil
	case p.json:
		return p.element(&x.report)
	}
	printReport(p.out, x.list.title(), x.report.Report)
	if x.list.result.Findings.Has("SHEET-02") {
		_, _ = fmt.Fprintf(p.out, "  برگه را انتخاب کنید — choose one: --sheet NAME\n")
	}
	p.ask(x.list)
	if x.report.Lateness != nil {
		printLateness(p.out, x.report.Lateness)
	}
	if x.report.Law != nil {
		printLawChange(p.out, x.report.Law)
	}
	return nil
}

// ask prints the questions of a list, and where the answers belong.
func (p *reporter) ask(l *list) {
	for _, q := range l.result.Questions {
		var may []string
		for _, c := range q.Candidates {
			may = append(may, c.Key+" ("+c.Label+")")
		}
		_, _ = fmt.Fprintf(p.out, "  پرسش question %s!%s «%s»: %s\n          پاسخ را در %s بنویسید — write the answer in it: {%q: \"KEY\"}\n",
			q.Sheet, q.Cell, q.Header, strings.Join(may, " | "), mapOf(l.source), q.Header)
		p.asked[mapOf(l.source)+"\n"+q.Header] = true
	}
}

// element prints one report of a JSON array; a single report of a single file is no array.
func (p *reporter) element(x *checked) error {
	if !p.many {
		return printJSON(p.out, x, "")
	}
	separator := ",\n  "
	if !p.begun {
		p.begun, separator = true, "[\n  "
	}
	if _, err := io.WriteString(p.out, separator); err != nil {
		return err
	}
	return printJSON(p.out, x, "  ")
}

// end prints what all lists come to.
func (p *reporter) end(files int) error {
	p.progress.aside()
	switch {
	case p.json && p.many && !p.begun:
		_, err := io.WriteString(p.out, "[]\n")
		return err
	case p.json && p.many:
		_, err := io.WriteString(p.out, "\n]\n")
		return err
	case p.mute || p.json || !p.many:
		return nil
	}
	var parts []string
	for _, v := range []payroll.Verdict{payroll.Accepted, payroll.AcceptedWithWarnings, payroll.Rejected, payroll.Unreadable, payroll.NotAddressed} {
		if n := p.counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", n, verdictWords[v], v))
		}
	}
	if p.unread > 0 {
		parts = append(parts, fmt.Sprintf("%d پرونده باز نشد (files not opened)", p.unread))
	}
	if len(p.asked) > 0 {
		parts = append(parts, fmt.Sprintf("%d پرسش (questions)", len(p.asked)))
	}
	_, err := fmt.Fprintf(p.out, "%d پرونده files · %d لیست lists: %s\n", files, p.lists, strings.Join(parts, " · "))
	return err
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

// printJSON writes one document; indent stands before its lines but the first.
func printJSON(w io.Writer, document any, indent string) error {
	b, err := jsonOf(document, indent)
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

func jsonOf(document any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(indent, "  ")
	if err := e.Encode(document); err != nil {
		return nil, err
	}
	if indent == "" {
		return b.Bytes(), nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
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
	told := map[causeKey]int{}
	for _, f := range worstFirst(r.Faults) {
		key := causeKey{f.Code, f.Field, f.Severity}
		if told[key]++; f.Severity == fault.Info && told[key] > fewNotices {
			continue
		}
		_, _ = fmt.Fprintf(w, "  %-7s %s %s %s\n          %s\n", f.Severity, f.Code, placeOf(&f.Place), f.Message.FA, f.Message.EN)
	}
	for _, c := range r.Causes {
		if n := told[causeKey{c.Code, c.Field, fault.Info}]; n > fewNotices {
			_, _ = fmt.Fprintf(w, "  %-7s %s %s: %d ردیف دیگر از همین — %[4]d more rows of the same\n", fault.Info, c.Code, c.Field, max(c.Rows, n)-fewNotices)
		}
	}
}

// fewNotices is how many notices of one cause are printed; --json lists them as far as they are listed.
const fewNotices = 3

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
