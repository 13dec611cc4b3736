package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"

	"github.com/spf13/cobra"
)

func convertCommand() *cobra.Command {
	var flags readFlags
	var out string
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
			paths, _, err := inputs(args)
			if err != nil {
				return err
			}
			worst := exitAccepted
			var lists, left []*list
			for _, path := range paths {
				l, err := r.read(c.Context(), path, true)
				if err != nil {
					return err
				}
				worst = max(worst, worstExit(l.result.Verdicts.Worst()))
				printReport(c.OutOrStdout(), path, l.report())
				if l.result.Verdicts.Passing() != 0 {
					lists = append(lists, l)
				}
				if v := l.result.Verdicts.Tax; v == payroll.Rejected || v == payroll.Unreadable {
					left = append(left, l)
				}
			}
			made, err := r.convert(c.Context(), lists, len(paths) > 1)
			if err != nil {
				return err
			}
			files := made.files
			if err := writeFiles(out, files); err != nil {
				return err
			}
			for _, f := range made.refused {
				worst = max(worst, exitRejected)
				_, _ = fmt.Fprintf(c.OutOrStdout(), "%s\n  %-7s %s %s\n          %s\n", f.path, f.Severity, f.Code, f.Message.FA, f.Message.EN)
			}
			for _, f := range files {
				_, _ = fmt.Fprintln(c.OutOrStdout(), filepath.Join(out, filepath.FromSlash(f.Name)))
			}
			for _, l := range left {
				if made.months[taxFilesOf(l.result.Header.TaxMonth())] {
					_, _ = fmt.Fprintf(c.ErrOrStderr(), "fehrest: the employer's tax files of %s are without the persons of %s, whose tax lane did not pass\n", l.result.Header.TaxPeriod, l.path)
				}
			}
			for _, id := range made.history {
				_, _ = fmt.Fprintf(c.ErrOrStderr(), "fehrest: برای ماه مالیاتی %[1]s فایل مالیاتی ساخته نمی‌شود: لیست‌های آن دوره سنجیده، برآورد و به‌عنوان سابقه نگه داشته می‌شوند — "+
					"no tax file is made for %[1]s: lists of that time are checked, estimated and kept as history\n", id.Period)
			}
			if len(files) > 0 {
				_, _ = fmt.Fprintln(c.ErrOrStderr(), "fehrest: پذیرش این فایل‌ها در پرتال واقعی سازمان‌ها هنوز آزموده نشده است — acceptance of these files by the organisations' real portals is not proven")
			}
			return silent(worst)
		},
	}
	flags.add(c)
	c.Flags().StringVar(&out, "out", "", "the `folder` to write to")
	c.Flags().StringVar(&flags.layout, "layout", "25", "fields of DSKKAR00: 25 (v6.5) or 23 (v2.7)")
	return c
}

// converted is what a run of convert comes to.
type converted struct {
	files   []payroll.File
	refused []refusedMonth
	months  map[taxFiles]bool          // those whose tax files were made
	history []payroll.TaxMonthIdentity // those whose tax files are read only: none is made
}

// taxFiles is what the names of a month's tax files tell apart.
type taxFiles struct {
	employer payroll.EmployerID
	period   jalali.Month
}

func taxFilesOf(id payroll.TaxMonthIdentity) taxFiles { return taxFiles{id.Employer, id.Period} }

// refusedMonth is why the tax files of a month were not made.
type refusedMonth struct {
	fault.Fault
	path string // of the list that contradicts another
}

// convert makes the files of the lanes that pass, named below the output folder.
func (r *reader) convert(ctx context.Context, lists []*list, many bool) (*converted, error) {
	if err := distinct(lists); err != nil {
		return nil, err
	}
	made := &converted{months: map[taxFiles]bool{}}
	months := map[payroll.TaxMonthIdentity][]*list{}
	var order []payroll.TaxMonthIdentity
	for _, l := range lists {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, filed := &l.result.Header, l.filed()
		folder := ""
		if many {
			folder = fmt.Sprintf("%s/%s-%s-%s/", h.Employer, h.Workshop, h.ContractRow, h.ListNo)
		}
		if l.result.Verdicts.SSO.Passes() {
			pair, err := r.agencies[payroll.SSO].Encode(agency.Parcel{List: &filed})
			if err != nil {
				return nil, err
			}
			made.add(folder, pair)
		}
		if l.result.Verdicts.Tax.Passes() {
			id := onlyTaxFile(h.TaxMonth(), lists)
			if months[id] == nil {
				order = append(order, id)
			}
			months[id] = append(months[id], l)
		}
		doc, err := r.assessment(l)
		if err != nil {
			return nil, err
		}
		made.add(folder, []payroll.File{{Name: "assessment.json", Bytes: doc}})
	}
	for _, id := range order {
		folder := ""
		if many {
			folder = string(id.Employer) + "/"
		}
		if err := r.taxMonth(made, id, months[id], folder); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// distinct refuses lists that would be written over each other: two files of one list, or of one list number in two months.
func distinct(lists []*list) error {
	seen := map[payroll.Identity]string{}
	for _, l := range lists {
		h := &l.result.Header
		own := payroll.Identity{Workshop: h.Workshop, ContractRow: h.ContractRow, ListNo: h.ListNo} // of any month: folders do not name it
		if first, taken := seen[own]; taken {
			return &exit{exitRejected, fmt.Sprintf("%s and %s have the same workshop, contract row and list number; convert one list a number and one month at a time", first, l.path)}
		}
		seen[own] = l.path
	}
	months := map[taxFiles]payroll.TaxMonthIdentity{}
	for _, l := range lists {
		if !l.result.Verdicts.Tax.Passes() {
			continue
		}
		id := onlyTaxFile(l.result.Header.TaxMonth(), lists)
		if other, taken := months[taxFilesOf(id)]; taken && other != id {
			return &exit{exitRejected, fmt.Sprintf("%s belongs to another tax file of the employer than the lists before it; convert one tax file at a time", l.path)}
		}
		months[taxFilesOf(id)] = id
	}
	return nil
}

// onlyTaxFile fills a blank tax file number with the only one that the employer's other lists of the month name.
func onlyTaxFile(id payroll.TaxMonthIdentity, lists []*list) payroll.TaxMonthIdentity {
	if id.FileNo != "" {
		return id
	}
	full := id
	for _, l := range lists {
		other := l.result.Header.TaxMonth()
		if other.Employer != id.Employer || other.Period != id.Period || other.FileNo == "" {
			continue
		}
		if full.FileNo != "" && full.FileNo != other.FileNo {
			return id
		}
		full = other
	}
	return full
}

// taxMonth sums the employer's lists of the month into one pair. Lists that contradict each other give none, and say where.
func (r *reader) taxMonth(made *converted, id payroll.TaxMonthIdentity, lists []*list, folder string) error {
	params, ok := r.book.On(id.Period)
	if !ok {
		return &exit{exitRejected, fmt.Sprintf("no law file governs %s", id.Period)}
	}
	filed, paths := make([]payroll.FiledList, len(lists)), map[payroll.Identity]string{}
	for i, l := range lists {
		filed[i], paths[l.result.Header.Identity()] = l.filed(), l.path
	}
	assessor := rule.Assessor{Law: params, TaxLaw: params}
	month, contradictions := assessor.Month(id, filed)
	for _, x := range contradictions {
		made.refused = append(made.refused, contradicted(&x, paths))
	}
	if len(contradictions) > 0 {
		return nil
	}
	pair, err := r.agencies[payroll.Tax].Encode(agency.Parcel{Month: &month})
	if errors.Is(err, agency.ErrNoFile) {
		made.history = append(made.history, id)
		return nil
	}
	if err != nil {
		return err
	}
	made.add(folder, pair)
	made.months[taxFilesOf(id)] = true
	return nil
}

// contradicted is TAX-07 at the later of the two rows.
func contradicted(x *rule.Contradiction, paths map[payroll.Identity]string) refusedMonth {
	e := fault.TableOf(intake.Codes())["TAX-07"]
	column := x.Column.Info()
	f := e.At(fault.Place{Row: x.Second.Row, Field: column.Key}, x.Second.Value, x.First.Value, "name_fa", column.Label, "name_en", column.Key)
	return refusedMonth{f, fmt.Sprintf("%s:%d, %s:%d", paths[x.Second.List], x.Second.Row, paths[x.First.List], x.First.Row)}
}

func (r *reader) assessment(l *list) ([]byte, error) {
	doc, err := intake.Assess(r.book, &l.result.Header, l.result.Totals, l.lines)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return nil, fmt.Errorf("assessment: %w", err)
	}
	return b.Bytes(), nil
}

func (c *converted) add(folder string, more []payroll.File) {
	for _, f := range more {
		c.files = append(c.files, payroll.File{Name: folder + f.Name, Bytes: f.Bytes})
	}
}

// writeFiles writes everything under temporary names first and renames at the end, so that a crash or a full disk never
// leaves half a pair.
func writeFiles(dir string, files []payroll.File) (err error) {
	const suffix = ".fehrest-part"
	var written []string
	defer func() {
		if err != nil {
			for _, path := range written {
				_ = os.Remove(path + suffix)
			}
			err = &exit{exitRejected, fmt.Sprintf("the files cannot be written to %s; check space and permissions", dir)}
		}
	}()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		written = append(written, path)
		if err := os.WriteFile(path+suffix, f.Bytes, 0o644); err != nil {
			return err
		}
	}
	for _, path := range written {
		if err := os.Rename(path+suffix, path); err != nil {
			return err
		}
	}
	return nil
}
