package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"fehrest/internal/intake"
	"fehrest/internal/payroll"

	"github.com/spf13/cobra"
)

func annotateCommand() *cobra.Command {
	var flags readFlags
	var out string
	c := &cobra.Command{
		Use:   "annotate FILE --out FILE.xlsx",
		Short: "Give the workbook back with every fault marked in its cell and a sheet of findings",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !strings.EqualFold(filepath.Ext(out), ".xlsx") {
				return usage("say where the workbook goes: --out FILE.xlsx")
			}
			r, err := flags.reader()
			if err != nil {
				return err
			}
			o, err := r.openOne(c.Context(), args[0])
			if err != nil {
				return err
			}
			defer o.close()
			worst := exitAccepted
			var reports []intake.Report
			for part := range o.lists.Lists {
				l, err := o.read(c.Context(), part, nil)
				if err != nil {
					return err
				}
				worst = max(worst, worstExit(l.result.Verdicts.Worst()))
				reports = append(reports, l.report())
			}
			err = writeWhole(out, func(w io.Writer) error {
				return intake.Annotate(c.Context(), w, o.file, o.size, o.options, reports...)
			})
			if err != nil {
				return err
			}
			printAnnotated(c.OutOrStdout(), out, reports)
			return silent(worst)
		},
	}
	flags.add(c)
	c.Flags().StringVar(&flags.law, "law", "", "judge by the law of this `month`, such as 1404-07, whatever the list's own")
	c.Flags().StringVar(&out, "out", "", "the `file` to write, a workbook (.xlsx)")
	return c
}

// openOne opens a file that is named alone.
func (r *reader) openOne(ctx context.Context, path string) (*opened, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, &exit{exitUnreadable, fmt.Sprintf("%s is not there; check the name", path)}
	case !info.Mode().IsRegular():
		return nil, usage("%s is no file; name one workbook, JSON list or ZIP", path)
	}
	return r.open(ctx, source{path: path, root: filepath.Dir(path)})
}

// writeWhole writes a file under its name only when it is whole, so that it may take the place of the one it was made of.
func writeWhole(out string, write func(io.Writer) error) error {
	unwritable := usage("%s cannot be written; check the folder, its permissions and that the disk is not full", out)
	f, err := os.CreateTemp(filepath.Dir(out), ".fehrest-*.xlsx")
	if err != nil {
		return unwritable
	}
	name := f.Name()
	err = write(f)
	if closed := f.Close(); err == nil && closed != nil {
		err = unwritable
	}
	if err == nil && (os.Chmod(name, 0o644) != nil || os.Rename(name, out) != nil) {
		err = unwritable
	}
	if err != nil {
		_ = os.Remove(name)
	}
	return err
}

func printAnnotated(w io.Writer, out string, reports []intake.Report) {
	for i := range reports {
		r := &reports[i]
		_, _ = fmt.Fprintf(w, "%s %s: تأمین اجتماعی %s (sso %s) · مالیات %s (tax %s) · %d errors, %d warnings, %d notices\n", r.Workshop.Code, r.Period,
			verdictWords[r.Verdicts.SSO], r.Verdicts.SSO, verdictWords[r.Verdicts.Tax], r.Verdicts.Tax, r.Counts.Refuse+r.Counts.Error, r.Counts.Warning, r.Counts.Info)
	}
	_, _ = fmt.Fprintln(w, out)
}

// templateFrom writes next month's workbook, filled with what stays of a list.
func templateFrom(c *cobra.Command, from, out string, flags *readFlags) error {
	r, err := flags.reader()
	if err != nil {
		return err
	}
	o, err := r.openOne(c.Context(), from)
	if err != nil {
		return err
	}
	defer o.close()
	if n := len(o.lists.Lists); n > 1 {
		return usage("%s holds %d lists; name a file of one, or its sheet with --sheet", from, n)
	}
	l, err := o.read(c.Context(), 0, nil)
	if err != nil {
		return err
	}
	if l.result.Verdicts.Worst() == payroll.Unreadable {
		return &exit{exitUnreadable, fmt.Sprintf("%s cannot be read as a list; fehrest check says why", from)}
	}
	next, err := intake.NextOf(&l.result.Header, func(yield func(*payroll.Line) bool) error {
		enough := errors.New("enough lines")
		_, err := o.read(c.Context(), 0, func(line *payroll.Line, _ *payroll.Assessed) error {
			if !yield(line) {
				return enough
			}
			return nil
		})
		if errors.Is(err, enough) {
			return nil
		}
		return err
	})
	if errors.Is(err, intake.ErrNoNext) {
		return &exit{exitRejected, fmt.Sprintf("%s has no month or holds changes only; name the whole list that is in force", from)}
	}
	if err != nil {
		return err
	}
	if out == "" {
		return next.Write(c.OutOrStdout())
	}
	if err := writeWhole(out, next.Write); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(c.ErrOrStderr(), "fehrest: %s: %d workers of %s, %d who left are not in it; write this month's days and pay\n",
		next.Header.Period, next.Workers, l.result.Header.Period, next.Left)
	if n := l.result.Findings.Counts().Error; n > 0 {
		_, _ = fmt.Fprintf(c.ErrOrStderr(), "fehrest: %s has %d errors; cells that could not be read are blank in it, fehrest annotate shows them\n", from, n)
	}
	return nil
}
