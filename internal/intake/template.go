package intake

import (
	"io"
	"iter"
	"strconv"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/workbook"
)

// The template's mark in a workbook: a defined name that holds its version.
const (
	templateName    = "fehrest_template"
	templateVersion = 1
)

// Template writes the empty workbook, made from the same tables as the reader: labels with notes, a second header row of
// keys, dropdowns for coded columns, and a short guide.
func Template(w io.Writer) error {
	d := drafted{header: &payroll.Header{}, columns: payroll.Columns()}
	return d.writeGuided(w)
}

// WriteList writes a list as a workbook that reads back as the same list: the template's columns, those without any value
// left out.
func WriteList(w io.Writer, h *payroll.Header, lines []payroll.Line) error {
	return draftOf(h, lines).write(w)
}

// drafted is a list on its way into a workbook of the template's form.
type drafted struct {
	header  *payroll.Header
	columns []payroll.Column
	lines   iter.Seq2[int, *payroll.Line] // by index; nil for none
	given   map[cellOfLine]string         // what a sender wrote where the line holds nothing
	read    string                        // the sheet that the lines were read from, in a workbook
	sheets  []workbook.DraftSheet         // behind the two of a list
	// blankDays leaves the days to be written: none is not the same as zero.
	blankDays bool
}

type cellOfLine struct {
	line int
	key  string
}

// The rows of the list's sheet: labels, keys, then workers.
const (
	labelsRow   = 1
	keysRow     = 2
	firstWorker = 3
)

// draftOf has the columns in which some line holds a value.
func draftOf(h *payroll.Header, lines []payroll.Line) *drafted {
	var used payroll.ColumnSet
	for i := range lines {
		use(&used, &lines[i])
	}
	return &drafted{header: h, columns: columnsOf(used), lines: func(yield func(int, *payroll.Line) bool) {
		for i := range lines {
			if !yield(i, &lines[i]) {
				return
			}
		}
	}}
}

// use adds the columns in which a line holds a value.
func use(used *payroll.ColumnSet, l *payroll.Line) {
	for id := range payroll.ColumnCount {
		if !used.Has(id) && cellOf(id.Info(), l) != nil {
			used.Add(id)
		}
	}
}

func columnsOf(used payroll.ColumnSet) (columns []payroll.Column) {
	for id := range payroll.ColumnCount {
		if used.Has(id) {
			columns = append(columns, *id.Info())
		}
	}
	return columns
}

func (d *drafted) write(w io.Writer) error {
	return workbook.Write(w, workbook.Draft{
		Names:  map[string]string{templateName: strconv.Itoa(templateVersion)},
		Sheets: append([]workbook.DraftSheet{headerDraft(d.header), d.listDraft()}, d.sheets...),
	})
}

func headerDraft(h *payroll.Header) workbook.DraftSheet {
	s := workbook.DraftSheet{
		Name: sheetWorkshop, RightToLeft: true,
		Columns: []workbook.DraftColumn{{Width: 34, Label: true}, {Width: 44, Text: true}},
	}
	for i, k := range payroll.HeaderKeys() {
		if k.Values != nil {
			s.Choices = append(s.Choices, workbook.Choice{Column: 1, First: i + 1, Last: i + 1, Values: shownValues(k.Values)})
		}
	}
	s.Rows = func(yield func([]any) bool) {
		for _, k := range payroll.HeaderKeys() {
			if !yield([]any{k.Label, headerCell(&k, h)}) {
				return
			}
		}
	}
	return s
}

func (d *drafted) listDraft() workbook.DraftSheet {
	s := workbook.DraftSheet{Name: sheetList, RightToLeft: true, Frozen: keysRow, Bold: keysRow, HiddenRow: keysRow}
	for i, c := range d.columns {
		s.Columns = append(s.Columns, workbook.DraftColumn{
			Width: max(12, float64(len([]rune(c.Label)))+2), Text: !numeric(c.Form), Money: c.Form == payroll.Money,
		})
		if c.Values != nil {
			s.Choices = append(s.Choices, workbook.Choice{Column: i, First: firstWorker, Last: MostWorkers + keysRow, Values: shownValues(c.Values)})
		}
	}
	s.Rows = d.listRows()
	return s
}

func (d *drafted) listRows() iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		labels, keys := make([]any, len(d.columns)), make([]any, len(d.columns))
		for i, c := range d.columns {
			labels[i], keys[i] = c.Label, c.Key
		}
		if !yield(labels) || !yield(keys) {
			return
		}
		if d.lines == nil {
			return
		}
		row := make([]any, len(d.columns))
		for i, l := range d.lines {
			for c := range d.columns {
				row[c] = cellOf(&d.columns[c], l)
				if text, ok := d.given[cellOfLine{i, d.columns[c].Key}]; ok && row[c] == nil {
					row[c] = text
				}
				if d.blankDays && d.columns[c].Key == payroll.ColDays.Info().Key {
					row[c] = nil
				}
			}
			if !yield(row) {
				return
			}
		}
	}
}

func numeric(f payroll.Form) bool { return f == payroll.Money || f == payroll.Count }

// shownValues are the words of a dropdown: the trade's own, the code itself where it has no known label.
func shownValues(values []payroll.Value) []string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = shownValue(&v)
	}
	return words
}

func shownValue(v *payroll.Value) string {
	if len(v.Words) == 0 {
		return v.Code
	}
	return v.Words[0]
}

func wordOf(values []payroll.Value, code string) string {
	for i := range values {
		if values[i].Code == code {
			return shownValue(&values[i])
		}
	}
	return code
}

// cellOf is a line's value as the template shows it; nil for what the reader takes by itself when the cell is blank.
func cellOf(c *payroll.Column, l *payroll.Line) any {
	switch p := c.Field(l).(type) {
	case *rial.Amount:
		if *p != 0 || l.Given.Has(mustColumn(c.Key)) {
			return int64(*p)
		}
	case *int:
		// Zero days are written: they say that the worker did not work.
		if *p != 0 || c.Key == payroll.ColDays.Info().Key && l.ReportedTo != fault.Tax {
			return *p
		}
	case *jalali.Date:
		return textCell(p.String())
	case *bool:
		if c.Form == payroll.NoYes && !*p && l.Given.Has(mustColumn(c.Key)) {
			return wordOf(c.Values, "yes")
		}
		return flagCell(c, *p)
	case *fault.Lane:
		if *p != 0 && *p != fault.Both {
			return wordOf(c.Values, p.String())
		}
	case *string:
		if c.Values != nil {
			return textCell(wordOf(c.Values, *p))
		}
		return textCell(*p)
	}
	return nil
}

func mustColumn(key string) payroll.ColumnID {
	id, _ := payroll.ColumnOf(key)
	return id
}

func textCell(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func flagCell(c *payroll.Column, on bool) any {
	switch {
	case !on:
		return nil
	case c.Form == payroll.NoYes:
		return wordOf(c.Values, "no")
	}
	return wordOf(c.Values, "yes")
}

func headerCell(k *payroll.HeaderKey, h *payroll.Header) any {
	switch p := k.Field(h).(type) {
	case *jalali.Month:
		return textCell(p.String())
	case *bool:
		if *p {
			return wordOf(k.Values, "yes")
		}
	case *string:
		if k.Values != nil {
			return textCell(wordOf(k.Values, *p))
		}
		return textCell(strings.TrimSpace(*p))
	}
	return nil
}
