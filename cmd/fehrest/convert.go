package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"fehrest/internal/payroll"

	"github.com/spf13/cobra"
)

func convertCommand() *cobra.Command {
	var flags readFlags
	var out string
	var asJSON bool
	c := &cobra.Command{
		Use:   "convert FILE|DIR… --out DIR",
		Short: "Make both organisations' files offline, for upload by hand",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := flags.reader()
			if err != nil {
				return err
			}
			if out == "" {
				return usage("say where the files go: --out DIR")
			}
			files, many, err := inputs(args, out)
			if err != nil {
				return err
			}
			x := &conversion{
				reader: r, reports: []convertedList{}, parts: parts{dir: out}, out: c.OutOrStdout(), complaints: c.ErrOrStderr(), json: asJSON,
				report: reporter{out: legible{c.OutOrStdout()}, complaints: legible{c.ErrOrStderr()}, many: many, mute: asJSON, progress: newProgress(c.ErrOrStderr(), len(files), "read")},
			}
			return x.run(c.Context(), files)
		},
	}
	flags.add(c)
	c.Flags().StringVar(&out, "out", "", "the `folder` to write to")
	c.Flags().StringVar(&flags.layout, "layout", "25", "fields of DSKKAR00: 25 (v6.5) or 23 (v2.7)")
	c.Flags().BoolVar(&asJSON, "json", false, "print the whole report as JSON, with the files that were written for each list")
	return c
}

// heldLines is how many lines of all lists are kept from judging to encoding; the lists beyond them are read twice.
const heldLines = 50_000

// conversion is one run of convert: every list is read and judged, then the files of one employer after another are made.
type conversion struct {
	*reader
	parts           parts
	again           again
	out, complaints io.Writer
	json            bool
	report          reporter

	held    atomic.Int64 // lines
	lists   []*list      // all that were read
	reports []convertedList
	written int // files
}

// convertedList is what the command prints of a list as JSON.
type convertedList struct {
	checked
	Files []string `json:"files"`
}

func (x *conversion) run(ctx context.Context, files []source) error {
	if err := inOrder(ctx, files, x.read, x.take, x.report.progress.step); err != nil {
		return err
	}
	employers := x.plan(len(files) > 1 || len(x.lists) > 1)
	x.report.progress.aside()
	x.report.progress = newProgress(x.complaints, len(employers), "write")
	defer x.parts.discard()
	defer x.again.close()
	if err := inOrder(ctx, employers, x.make, x.write, x.report.progress.step); err != nil {
		return err
	}
	if err := x.end(len(files)); err != nil {
		return err
	}
	return silent(x.report.worst)
}

// read judges every list of a file, with its lines as long as few are held.
func (x *conversion) read(ctx context.Context, s source, emit func(outcome) error) {
	o, err := x.open(ctx, s)
	if err != nil {
		_ = emit(outcome{err: err}) // what cannot be taken has ended the run
		return
	}
	defer o.close()
	for part := range o.lists.Lists {
		lines, whole := []payroll.Filed{}, true
		l, err := o.read(ctx, part, func(line *payroll.Line, owed *payroll.Assessed) error {
			switch {
			case !whole:
			case x.held.Add(1) <= heldLines:
				lines = append(lines, payroll.Filed{Line: *line, Assessed: *owed})
			default:
				x.held.Add(-1 - int64(len(lines)))
				lines, whole = nil, false
			}
			return nil
		})
		if err != nil {
			_ = emit(outcome{err: err})
			return
		}
		if l.kept = whole && l.result.Verdicts.Passing() != 0; l.kept {
			l.lines = lines
		} else {
			x.held.Add(-int64(len(lines)))
		}
		if emit(outcome{list: l, report: checked{Report: l.report()}, of: len(o.lists.Lists)}) != nil {
			return
		}
	}
}

// take prints what was found in a list and keeps what making its files needs.
func (x *conversion) take(o outcome) error {
	if err := x.report.take(o); err != nil || o.err != nil {
		return err
	}
	o.list.result.Findings = nil // they are told
	x.lists = append(x.lists, o.list)
	if x.json {
		x.reports = append(x.reports, convertedList{o.report, nil})
	}
	return nil
}

// write writes the files of one employer, and tells what was not made.
func (x *conversion) write(m *converted) error {
	x.report.progress.aside()
	if m.err != nil {
		return m.err
	}
	if err := x.parts.settle(m.files); err != nil {
		return err
	}
	x.written += len(m.files)
	for _, f := range m.refused {
		x.report.worst = max(x.report.worst, exitRejected)
		x.say(x.out, "%s\n  %-7s %s %s\n          %s", f.path, f.Severity, f.Code, f.Message.FA, f.Message.EN)
	}
	for _, name := range m.files {
		x.say(x.out, "%s", x.parts.path(name))
	}
	for _, l := range m.left {
		if m.months[l.result.Header.TaxPeriod] {
			x.complain("the employer's tax files of %s are without the persons of %s, whose tax lane did not pass", l.result.Header.TaxPeriod, l.title())
		}
	}
	for _, month := range m.history {
		x.complain("برای ماه مالیاتی %[1]s فایل مالیاتی ساخته نمی‌شود: لیست‌های آن دوره سنجیده، برآورد و به‌عنوان سابقه نگه داشته می‌شوند — "+
			"no tax file is made for %[1]s: lists of that time are checked, estimated and kept as history", month)
	}
	return nil
}

// refuse tells why files are not made, which is as grave as a rejected list.
func (x *conversion) refuse(format string, args ...any) {
	x.report.worst = max(x.report.worst, exitRejected)
	x.complain(format, args...)
}

func (x *conversion) complain(format string, args ...any) {
	x.say(x.complaints, "fehrest: "+format, args...)
}

// say prints a line, except on a standard output that holds JSON alone.
func (x *conversion) say(w io.Writer, format string, args ...any) {
	if x.json && w == x.out {
		w = x.complaints
	}
	_, _ = fmt.Fprintf(legible{w}, format+"\n", args...)
}

func (x *conversion) end(files int) (err error) {
	if x.json {
		for i, l := range x.lists {
			x.reports[i].Files = append([]string{}, l.files...)
		}
		if x.report.many {
			err = printJSON(x.out, x.reports, "")
		} else {
			err = printJSON(x.out, &x.reports[0], "")
		}
	}
	err = errors.Join(err, x.report.end(files))
	if x.written > 0 {
		x.complain("پذیرش این فایل‌ها در پرتال واقعی سازمان‌ها هنوز آزموده نشده است — acceptance of these files by the organisations' real portals is not proven")
	}
	return err
}
