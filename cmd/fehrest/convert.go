package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"fehrest/internal/agency"
	"fehrest/internal/intake"
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
			var lists []*list
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
			}
			files, err := r.convert(c.Context(), lists, len(paths) > 1)
			if err != nil {
				return err
			}
			if err := writeFiles(out, files); err != nil {
				return err
			}
			for _, f := range files {
				_, _ = fmt.Fprintln(c.OutOrStdout(), filepath.Join(out, filepath.FromSlash(f.Name)))
			}
			if len(files) > 0 {
				_, _ = fmt.Fprintln(c.ErrOrStderr(), "fehrest: پذیرش این فایل‌ها در پرتال واقعی سازمان‌ها هنوز آزموده نشده است — acceptance of these files by the organisations' real portals is not proven")
			}
			return silent(worst)
		},
	}
	flags.add(c)
	c.Flags().StringVar(&out, "out", "", "the `folder` to write to")
	c.Flags().StringVar(&flags.encoding, "encoding", "iran-system", "text of the SSO's files: iran-system or cp1256")
	c.Flags().StringVar(&flags.layout, "layout", "25", "fields of DSKKAR00: 25 (v6.5) or 23 (v2.7)")
	return c
}

// convert makes the files of the lanes that pass, named below the output folder.
func (r *reader) convert(ctx context.Context, lists []*list, many bool) ([]payroll.File, error) {
	var files []payroll.File
	months := map[payroll.TaxMonthIdentity][]payroll.FiledList{}
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
			files = appendIn(files, folder, pair)
		}
		if l.result.Verdicts.Tax.Passes() {
			id := h.TaxMonth()
			if months[id] == nil {
				order = append(order, id)
			}
			months[id] = append(months[id], filed)
		}
		doc, err := r.assessment(l)
		if err != nil {
			return nil, err
		}
		files = appendIn(files, folder, []payroll.File{{Name: "assessment.json", Bytes: doc}})
	}
	for _, id := range order {
		pair, err := r.taxMonth(id, months[id])
		if err != nil {
			return nil, err
		}
		folder := ""
		if many {
			folder = string(id.Employer) + "/"
		}
		files = appendIn(files, folder, pair)
	}
	return files, nil
}

// taxMonth sums the employer's lists of the month into one pair.
func (r *reader) taxMonth(id payroll.TaxMonthIdentity, lists []payroll.FiledList) ([]payroll.File, error) {
	params, ok := r.book.On(id.Period)
	if !ok {
		return nil, &exit{exitRejected, fmt.Sprintf("no law file governs %s", id.Period)}
	}
	assessor := rule.Assessor{Law: params, TaxLaw: params}
	month, contradictions := assessor.Month(id, lists)
	if len(contradictions) > 0 {
		return nil, &exit{exitRejected, "TAX-07: one person stands in two of these lists with contradicting tax codes; make them agree"}
	}
	return r.agencies[payroll.Tax].Encode(agency.Parcel{Month: &month})
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

func appendIn(files []payroll.File, folder string, more []payroll.File) []payroll.File {
	for _, f := range more {
		files = append(files, payroll.File{Name: folder + f.Name, Bytes: f.Bytes})
	}
	return files
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
