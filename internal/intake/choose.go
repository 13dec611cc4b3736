package intake

import (
	"errors"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// The sheets' names in the template.
const (
	sheetWorkshop = "کارگاه"
	sheetList     = "لیست"
)

const (
	fewestHeaders = 5  // known ones that make a row a header
	fewestLabels  = 2  // known ones in column A that make a sheet the workshop's
	deepestHeader = 2  // a header stands in row 1 or 2
	glance        = 60 // rows of a sheet looked at while the sheets are told apart
)

// glimpse is what a first look at a sheet shows.
type glimpse struct {
	sheet    workbook.Sheet
	plan     *plan // of its header row, nil for none
	labels   int   // known labels of the workshop sheet in column A
	workshop bool
	repeated map[payroll.HeaderID]cellValue // values of the workshop sheet's keys in the first worker's row
}

var errSeen = errors.New("intake: seen enough")

// look reads the first rows of a sheet.
func (in *input) look(book *workbook.Book, sheet workbook.Sheet) (*glimpse, error) {
	g := &glimpse{sheet: sheet, repeated: map[payroll.HeaderID]cellValue{}}
	named := normal(sheet.Name) == normal(sheetWorkshop)
	_, err := book.Rows(sheet, func(row *workbook.Row) error {
		switch {
		case g.plan != nil:
			if keysOnly(row) || !g.repeat(row) {
				return nil
			}
			return errSeen
		case row.Number > glance:
			return errSeen
		case row.Number <= deepestHeader && !named:
			if p := planOf(row, in.o.Map); p.known >= fewestHeaders {
				g.plan = p
				return nil
			}
		}
		if label(row) {
			g.labels++
		}
		return nil
	})
	if err != nil && !errors.Is(err, errSeen) {
		return nil, err
	}
	g.workshop = named || g.plan == nil && g.labels >= fewestLabels
	return g, nil
}

// repeat keeps what a worker's row says of the workshop; false where the row is blank.
func (g *glimpse) repeat(row *workbook.Row) bool {
	some := false
	for i := range row.Cells {
		c := &row.Cells[i]
		if !filled(c) {
			continue
		}
		some = true
		if b := g.plan.at(c.Column); b.role == header {
			kept := *c
			kept.Text = slices.Clone(c.Text)
			g.repeated[b.header] = kept
		}
	}
	return some
}

func label(row *workbook.Row) bool {
	if len(row.Cells) == 0 || row.Cells[0].Column != 0 || row.Cells[0].Kind != workbook.Text {
		return false
	}
	_, known := workshopWords[normal(string(row.Cells[0].Text))]
	return known
}

// chosen is the workshop's sheet and the list's, nil where there is none.
type chosen struct{ workshop, list *glimpse }

// choose tells the sheets apart. What makes the choice impossible is told and leaves the list out.
func (in *input) choose(book *workbook.Book) (c chosen, err error) {
	var lists, byLabels []*glimpse
	for _, s := range book.Sheets {
		if !s.Worksheet {
			continue
		}
		g, err := in.look(book, s)
		if err != nil {
			return c, inSheet(err, s.Name)
		}
		switch {
		case g.plan != nil:
			lists = append(lists, g)
		case g.workshop && normal(s.Name) == normal(sheetWorkshop):
			if c.workshop == nil {
				c.workshop = g
			}
		case g.workshop && !s.Hidden:
			byLabels = append(byLabels, g)
		}
		if err := in.ctx.Err(); err != nil {
			return c, err
		}
	}
	if c.workshop == nil && len(byLabels) > 0 {
		c.workshop = byLabels[0]
	}
	c.list = in.chooseList(lists, in.o.Sheet)
	return c, nil
}

func (in *input) chooseList(lists []*glimpse, wanted string) *glimpse {
	if wanted != "" {
		for _, g := range lists {
			if g.sheet.Name == wanted || normal(g.sheet.Name) == normal(wanted) {
				return g
			}
		}
		in.sheetFault(codeSheet01, wanted, "sheets_fa", " («"+wanted+"»)", "sheets_en", " (“"+wanted+"”)")
		return nil
	}
	visible := slices.DeleteFunc(slices.Clone(lists), func(g *glimpse) bool { return g.sheet.Hidden })
	switch {
	case len(visible) == 0:
		return nil // SHEET-01, unless the list is nil
	case len(lists) > 1:
		var names []string
		for _, g := range lists {
			name := "«" + g.sheet.Name + "»"
			if g.sheet.Hidden {
				name += " (مخفی)"
			}
			names = append(names, name)
		}
		in.sheetFault(codeSheet02, visible[0].sheet.Name, "sheets_fa", strings.Join(names, "، "), "sheets_en", strings.Join(names, ", "))
	}
	return visible[0]
}

func (in *input) sheetFault(e *fault.Entry, sheet string, with ...string) {
	in.judge.ReportPlace(e, fault.Place{Sheet: sheet}, "", "", "", with...)
}

// inSheet keeps the name of the sheet that was refused.
func inSheet(err error, sheet string) error {
	var x *workbook.Refusal
	if errors.As(err, &x) {
		return &sheetRefused{x, sheet}
	}
	return err
}

// sheetRefused is a refusal at a place of a sheet.
type sheetRefused struct {
	*workbook.Refusal
	sheet string
}

func (x *sheetRefused) Unwrap() error { return x.Refusal }
