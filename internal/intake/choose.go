package intake

import (
	"context"
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
func look(book *workbook.Book, sheet workbook.Sheet, mapped map[string]string) (*glimpse, error) {
	g := &glimpse{sheet: sheet, repeated: map[payroll.HeaderID]cellValue{}}
	named := normal(sheet.Name) == normal(sheetWorkshop)
	h := heading{mapped: mapped, merged: func() ([]workbook.Range, error) { return mergedOf(book, sheet) }}
	asked, seen := named, false // whether the first rows were asked for a header; whether the first worker was met
	ask := func() (err error) {
		if !asked {
			asked = true
			if g.plan, err = h.find(); g.plan != nil {
				seen = slices.ContainsFunc(h.rows[:], func(row *workbook.Row) bool { return row != nil && g.first(row) })
			}
		}
		return err
	}
	_, err := book.Rows(sheet, func(row *workbook.Row) error {
		if label(row) {
			g.labels++
		}
		if row.Number < len(h.rows) {
			h.rows[row.Number] = copyRow(row)
			return nil
		}
		if err := ask(); err != nil {
			return err
		}
		if seen || g.plan != nil && g.first(row) || g.plan == nil && row.Number > glance {
			return errSeen
		}
		return nil
	})
	if err != nil && !errors.Is(err, errSeen) {
		return nil, err
	}
	if err := ask(); err != nil {
		return nil, err
	}
	g.workshop = named || g.plan == nil && g.labels >= fewestLabels
	return g, nil
}

// mergedOf reads a sheet to its end for its merged cells. A damaged one has none: whoever reads its rows tells the damage.
func mergedOf(book *workbook.Book, sheet workbook.Sheet) ([]workbook.Range, error) {
	info, err := book.Rows(sheet, func(*workbook.Row) error { return nil })
	var refused *workbook.Refusal
	switch {
	case errors.As(err, &refused):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return info.Merged, nil
}

// copyRow keeps a row beyond the next one.
func copyRow(row *workbook.Row) *workbook.Row {
	kept := *row
	kept.Cells = slices.Clone(row.Cells)
	for i := range kept.Cells {
		kept.Cells[i].Text = slices.Clone(kept.Cells[i].Text)
	}
	return &kept
}

// first takes what the first worker's row says of the workshop; false where the row is none.
func (g *glimpse) first(row *workbook.Row) bool {
	return row.Number > g.plan.row && (row.Number > g.plan.row+1 || !keysOnly(row)) && g.repeat(row)
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
		if b := g.plan.at(c.Column); b.role == header && g.repeated[b.header].Text == nil {
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

// chosen is the workshop's sheet and the list's, nil where there is none, and what is to be told of the choice.
type chosen struct {
	workshop, list *glimpse
	sheets         int // that hold a list, hidden ones among them
	faults         []sheetFault
}

// sheetFault is a finding at a whole sheet.
type sheetFault struct {
	entry *fault.Entry
	sheet string
	with  []string
}

// choose tells the sheets apart. What makes the choice impossible is told and leaves the list out.
func choose(ctx context.Context, book *workbook.Book, o *Options) (c chosen, err error) {
	var lists, byLabels []*glimpse
	for _, s := range book.Sheets {
		if !s.Worksheet {
			continue
		}
		g, err := look(book, s, o.Map)
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
		if err := ctx.Err(); err != nil {
			return c, err
		}
	}
	if c.workshop == nil && len(byLabels) > 0 {
		c.workshop = byLabels[0]
	}
	c.sheets = len(lists)
	c.chooseList(lists, o.Sheet)
	return c, nil
}

func (c *chosen) chooseList(lists []*glimpse, wanted string) {
	if wanted != "" {
		for _, g := range lists {
			if g.sheet.Name == wanted || normal(g.sheet.Name) == normal(wanted) {
				c.list = g
				return
			}
		}
		c.fault(codeSheet01, wanted, "sheets_fa", " («"+wanted+"»)", "sheets_en", " (“"+wanted+"”)")
		return
	}
	visible := slices.DeleteFunc(slices.Clone(lists), func(g *glimpse) bool { return g.sheet.Hidden })
	switch {
	case len(visible) == 0:
		return // SHEET-01, unless the list is nil
	case len(lists) > 1:
		var names []string
		for _, g := range lists {
			name := "«" + g.sheet.Name + "»"
			if g.sheet.Hidden {
				name += " (مخفی)"
			}
			names = append(names, name)
		}
		c.fault(codeSheet02, visible[0].sheet.Name, "sheets_fa", strings.Join(names, "، "), "sheets_en", strings.Join(names, ", "))
	}
	c.list = visible[0]
}

func (c *chosen) fault(e *fault.Entry, sheet string, with ...string) {
	c.faults = append(c.faults, sheetFault{e, sheet, with})
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
