package intake

import (
	"maps"
	"slices"
	"strings"

	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// binding is what one column of the list sheet is.
type binding struct {
	meaning
	info        *payroll.Column
	sheetColumn int    // from 0
	titleRow    int    // of the header's cell
	title       string // the header as written
	used        bool   // some worker's cell held a value
	sum         sum    // of its cells, for the totals row

	// The last text read without finding or change, and what became of it: payrolls repeat words from row to row.
	lastText  []byte
	lastValue string
}

// summed tells whether the column's cells have a sum.
func (b *binding) summed() bool {
	return b.role == column && b.column != payroll.ColRow && (b.info.Form == payroll.Money || b.info.Form == payroll.Count)
}

// additive tells whether several columns of the same key are added up: components of pay, except the month's wage, and
// deductions.
func additive(id payroll.ColumnID) bool {
	_, component := id.Component()
	return component && id != payroll.MonthlyWage.Column() || id == payroll.ColOtherDeductions
}

// plan is what the header row of a list sheet makes of its columns.
type plan struct {
	row      int // of the header
	bindings []binding
	width    int     // how many cells the header row has
	index    []int16 // by sheet column, 0 for none, else 1 + index into bindings
	first    [payroll.ColumnCount]int16
	bound    payroll.ColumnSet
	asked    payroll.ColumnSet // candidates of ambiguous headers
	known    int
	controls bool // some column holds sums to compare
}

var nothing = binding{sheetColumn: -1}

// at is what a column of the sheet is; never nil.
func (p *plan) at(sheetColumn int) *binding {
	if sheetColumn < len(p.index) && p.index[sheetColumn] > 0 {
		return &p.bindings[p.index[sheetColumn]-1]
	}
	return &nothing
}

// cellOf is the sheet column of a list column, -1 for none. Of several that are summed it is the first.
func (p *plan) cellOf(id payroll.ColumnID) int { return int(p.first[id]) - 1 }

// planOf reads a header row; known counts the headers that stand in a table.
func planOf(row *workbook.Row, mapped map[string]string) *plan {
	p := &plan{row: row.Number, width: len(row.Cells)}
	for _, t := range titlesOf(row) {
		p.entitle(t, headerMeaning(t.text, mapped))
	}
	return p
}

// title is one header as it stands in a sheet.
type title struct {
	column, row int
	text        string
}

func titlesOf(row *workbook.Row) (titles []title) {
	for i := range row.Cells {
		c := &row.Cells[i]
		if text := strings.TrimSpace(string(c.Text)); c.Kind == workbook.Text && text != "" {
			titles = append(titles, title{c.Column, row.Number, text})
		}
	}
	return titles
}

func (p *plan) entitle(t title, m meaning) {
	b := binding{meaning: m, sheetColumn: t.column, titleRow: t.row, title: t.text}
	if b.role == column {
		b.info = b.column.Info()
	}
	if b.role != unknown {
		p.known++
	}
	p.add(b)
}

// fresh is the same plan for another reading: nothing is summed or used yet.
func (p *plan) fresh() *plan {
	x := *p
	x.bindings = slices.Clone(p.bindings)
	return &x
}

func (p *plan) add(b binding) {
	p.bindings = append(p.bindings, b)
	for len(p.index) <= b.sheetColumn {
		p.index = append(p.index, 0)
	}
	p.index[b.sheetColumn] = int16(len(p.bindings))
	take := func(id payroll.ColumnID) {
		p.bound.Add(id)
		if p.first[id] == 0 {
			p.first[id] = int16(b.sheetColumn) + 1
		}
	}
	switch b.role {
	case column:
		take(b.column)
	case whole:
		take(payroll.ColFirstName)
		take(payroll.ColLastName)
	case control:
		p.controls = true
	case ambiguous:
		p.asked = p.asked.Union(b.candidateColumns())
	}
}

// headerMeaning is what a header stands for: what the sender's mapping says, else the alias table. A header that says
// toman is a question whatever it names, and a mapping does not answer it: its amounts would be taken for rials.
func headerMeaning(title string, mapped map[string]string) meaning {
	word := normal(title)
	for _, from := range slices.Sorted(maps.Keys(mapped)) {
		m, ok := listMeaning(mapped[from])
		if !ok || normal(from) != word {
			continue
		}
		if m.role == column && m.column.Info().Form == payroll.Money && inTomans(title) {
			return meaning{role: ambiguous, candidates: []string{m.column.Info().Key}}
		}
		return m
	}
	m := listWords[word]
	if !inTomans(title) {
		return m
	}
	if bare, ok := listWords[normal(withoutToman(title))]; ok && bare.role == column {
		return meaning{role: ambiguous, candidates: []string{bare.column.Info().Key}}
	}
	return meaning{role: ambiguous}
}

func withoutToman(title string) string {
	return strings.NewReplacer("(تومان)", "", "(به تومان)", "", "تومان", "").Replace(title)
}

// keysOnly tells whether a row holds nothing but keys of the list: the template's second header row.
func keysOnly(row *workbook.Row) bool {
	n := 0
	for i := range row.Cells {
		c := &row.Cells[i]
		if c.Kind == workbook.Blank || len(c.Text) == 0 {
			continue
		}
		if _, ok := listMeaning(strings.TrimSpace(string(c.Text))); !ok || c.Kind != workbook.Text {
			return false
		}
		n++
	}
	return n > 0
}

// jsonPlan reads lines whose columns are the list's own.
func jsonPlan() *plan {
	p := &plan{}
	for id, c := range payroll.Columns() {
		p.add(binding{meaning: meaning{role: column, column: payroll.ColumnID(id)}, info: &payroll.Columns()[id], sheetColumn: id, title: c.Key})
	}
	return p
}
