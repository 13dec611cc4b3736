package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
)

// employer is whose files are made at once.
type employer struct {
	id    payroll.EmployerID
	lists []*list // those whose files are made, in the order they were read
	left  []*list // those whose persons are missing in the tax files
	many  bool    // each list has a folder of its own
}

// converted is what was made for one employer.
type converted struct {
	files   []string // below the folder, still under their temporary names
	refused []refusedMonth
	months  map[jalali.Month]bool // those whose tax files were made
	history []jalali.Month        // those whose tax files are read only: none is made
	left    []*list
	err     error
}

// refusedMonth is why the tax files of a month were not made.
type refusedMonth struct {
	fault.Fault
	path string // of the list that contradicts another
}

// taxFiles is what the names of a month's tax files tell apart.
type taxFiles struct {
	employer payroll.EmployerID
	period   jalali.Month
}

func taxFilesOf(h *payroll.Header) taxFiles { return taxFiles{h.Employer, h.TaxPeriod} }

// plan tells whose files are made. Lists that would be written over each other are left out, and so are the tax files of a
// month that would lack one of them; all others are made.
func (x *conversion) plan(many bool) []*employer {
	byID := map[payroll.EmployerID]*employer{}
	var order []*employer
	of := func(id payroll.EmployerID) *employer {
		if byID[id] == nil {
			byID[id] = &employer{id: id, many: many}
			order = append(order, byID[id])
		}
		return byID[id]
	}
	x.clashes()
	for _, l := range x.lists {
		v, h := &l.result.Verdicts, &l.result.Header
		switch {
		case h.Kind == payroll.Change && v.Passing() != 0:
			x.complain("از لیست «اصلاح چند نفر» بیرون از پنجره فایلی ساخته نمی‌شود — no file is made of a change list outside the window: %s", l.title())
			l.sso, l.tax = false, false
		case v.Tax == payroll.Rejected || v.Tax == payroll.Unreadable:
			of(h.Employer).left = append(of(h.Employer).left, l)
		}
		if l.sso || l.tax {
			of(h.Employer).lists = append(of(h.Employer).lists, l)
		}
	}
	return order
}

// clashes settles which lanes of which lists are made: two files of one list, or of one list number in two months, have the same
// folder, and two tax files of an employer's month the same names.
func (x *conversion) clashes() {
	folders, numbers := map[string]*list{}, map[taxFiles]map[string]bool{}
	for _, l := range x.lists {
		v, h := &l.result.Verdicts, &l.result.Header
		l.sso, l.tax = v.SSO.Passes(), v.Tax.Passes()
		if l.tax && h.TaxFileNo != "" {
			if numbers[taxFilesOf(h)] == nil {
				numbers[taxFilesOf(h)] = map[string]bool{}
			}
			numbers[taxFilesOf(h)][h.TaxFileNo] = true
		}
	}
	blocked := map[taxFiles]bool{}
	for _, l := range x.lists {
		if !l.sso && !l.tax {
			continue
		}
		first := folders[l.folder()]
		if first == nil {
			folders[l.folder()] = l
			continue
		}
		x.refuse("%s and %s have the same workshop, contract row and list number; convert one list a number and one month at a time", first.title(), l.title())
		for _, clash := range []*list{first, l} {
			if clash.result.Verdicts.Tax.Passes() {
				blocked[taxFilesOf(&clash.result.Header)] = true
			}
			clash.sso, clash.clash = false, true
		}
	}
	for _, l := range x.lists {
		h := &l.result.Header
		switch n := numbers[taxFilesOf(h)]; {
		case !l.tax:
		case blocked[taxFilesOf(h)]:
			l.tax = false
			if !l.clash {
				x.complain("the employer's tax files of %s are not made: they would lack a list or hold it twice", h.TaxPeriod)
			}
		case len(n) > 1:
			l.tax = false
			x.refuse("%s belongs to another tax file of the employer than another list of %s; convert one tax file at a time", l.title(), h.TaxPeriod)
		case h.TaxFileNo == "":
			for only := range n {
				l.taxFileNo = only
			}
		default:
			l.taxFileNo = h.TaxFileNo
		}
	}
}

// folder is where a list's own files lie among many.
func (l *list) folder() string {
	h := &l.result.Header
	return fmt.Sprintf("%s/%s-%s-%s/", folderName(string(h.Employer)), folderName(string(h.Workshop)), folderName(h.ContractRow), folderName(h.ListNo))
}

// folderName keeps letters and digits of what becomes a folder's name: it comes from a file that anyone may have written.
func folderName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, cmp.Or(s, "_"))
}

// make makes the files of one employer, named below the output folder.
func (x *conversion) make(ctx context.Context, e *employer, emit func(*converted) error) {
	made := &converted{months: map[jalali.Month]bool{}, left: e.left}
	made.err = x.makeAll(ctx, e, made)
	for _, l := range e.lists {
		x.held.Add(-int64(len(l.lines)))
		l.lines = nil
	}
	_ = emit(made) // what cannot be taken has ended the run
}

func (x *conversion) makeAll(ctx context.Context, e *employer, made *converted) error {
	months := map[payroll.TaxMonthIdentity][]*list{}
	var order []payroll.TaxMonthIdentity
	for _, l := range e.lists {
		if err := x.readAgain(ctx, l); err != nil {
			return err
		}
		folder := ""
		if e.many {
			folder = l.folder()
		}
		if err := x.makeList(l, folder, made); err != nil {
			return err
		}
		if !l.tax {
			l.lines = nil
			continue
		}
		id := l.result.Header.TaxMonth()
		id.FileNo = l.taxFileNo
		if months[id] == nil {
			order = append(order, id)
		}
		months[id] = append(months[id], l)
	}
	for _, id := range order {
		folder := ""
		if e.many {
			folder = folderName(string(id.Employer)) + "/"
		}
		if err := x.makeMonth(made, id, months[id], folder); err != nil {
			return err
		}
	}
	return nil
}

// readAgain reads the lines of a list that were not kept.
func (x *conversion) readAgain(ctx context.Context, l *list) error {
	if l.kept {
		return nil
	}
	o, err := x.again.take(ctx, x.reader, l)
	if err != nil {
		return err
	}
	defer x.again.give(o)
	lines := make([]payroll.Filed, 0, l.result.Workers)
	_, err = o.read(ctx, l.part, func(line *payroll.Line, owed *payroll.Assessed) error {
		lines = append(lines, payroll.Filed{Line: *line, Assessed: *owed})
		return nil
	})
	l.lines = lines
	return err
}

// makeList makes what belongs to one list alone: the SSO's pair and the assessment.
func (x *conversion) makeList(l *list, folder string, made *converted) error {
	if l.sso {
		filed := l.filed()
		pair, err := x.agencies[payroll.SSO].Encode(agency.Parcel{List: &filed})
		if err != nil {
			return err
		}
		if err := x.putAll(made, folder, pair, l); err != nil {
			return err
		}
	}
	return x.put(made, folder+"assessment.json", func(w io.Writer) error {
		return intake.WriteAssessment(w, x.book, &l.result.Header, l.result.Totals, l.lines)
	}, l)
}

// makeMonth sums the employer's lists of the month into one pair. Lists that contradict each other give none, and say where.
func (x *conversion) makeMonth(made *converted, id payroll.TaxMonthIdentity, lists []*list, folder string) error {
	params, ok := x.book.On(id.Period)
	if !ok {
		return &exit{exitRejected, fmt.Sprintf("no law file governs %s", id.Period)}
	}
	filed, titles := make([]payroll.FiledList, len(lists)), map[payroll.Identity]string{}
	for i, l := range lists {
		filed[i], titles[l.result.Header.Identity()] = l.filed(), l.title()
	}
	assessor := rule.Assessor{Law: params, TaxLaw: params}
	month, contradictions := assessor.Month(id, filed)
	for _, c := range contradictions {
		made.refused = append(made.refused, contradicted(&c, titles))
	}
	if len(contradictions) > 0 {
		return nil
	}
	pair, err := x.agencies[payroll.Tax].Encode(agency.Parcel{Month: &month})
	if errors.Is(err, agency.ErrNoFile) {
		made.history = append(made.history, id.Period)
		return nil
	}
	if err != nil {
		return err
	}
	made.months[id.Period] = true
	return x.putAll(made, folder, pair, lists...)
}

// contradicted is TAX-07 at the later of the two rows.
func contradicted(x *rule.Contradiction, paths map[payroll.Identity]string) refusedMonth {
	e := fault.TableOf(intake.Codes())["TAX-07"]
	column := x.Column.Info()
	f := e.At(fault.Place{Row: x.Second.Row, Field: column.Key}, x.Second.Value, x.First.Value, "name_fa", column.Label, "name_en", column.Key)
	return refusedMonth{f, fmt.Sprintf("%s:%d, %s:%d", paths[x.Second.List], x.Second.Row, paths[x.First.List], x.First.Row)}
}

// put writes a file, which holds these lists, under its temporary name.
func (x *conversion) put(m *converted, name string, write func(io.Writer) error, lists ...*list) error {
	if err := x.parts.put(name, write); err != nil {
		return err
	}
	m.files = append(m.files, name)
	for _, l := range lists {
		l.files = append(l.files, name)
	}
	return nil
}

func (x *conversion) putAll(m *converted, folder string, files []payroll.File, lists ...*list) error {
	for _, f := range files {
		err := x.put(m, folder+f.Name, func(w io.Writer) error {
			_, err := w.Write(f.Bytes)
			return err
		}, lists...)
		if err != nil {
			return err
		}
	}
	return nil
}
