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

// templateRows is how many workers' rows of the template offer dropdowns.
const templateRows = 2000

// Template writes the empty workbook, made from the same tables as the reader: labels, a second header row of keys,
// dropdowns for coded columns.
func Template(w io.Writer) error { return write(w, &payroll.Header{}, payroll.Columns(), nil) }

// WriteList writes a list as a workbook that reads back as the same list: the template's columns, those without any value
// left out.
func WriteList(w io.Writer, h *payroll.Header, lines []payroll.Line) error {
	var used []payroll.Column
	for _, c := range payroll.Columns() {
		for i := range lines {
			if cellOf(&c, &lines[i]) != nil {
				used = append(used, c)
				break
			}
		}
	}
	return write(w, h, used, lines)
}

func write(w io.Writer, h *payroll.Header, columns []payroll.Column, lines []payroll.Line) error {
	return workbook.Write(w, workbook.Draft{
		Names:  map[string]string{templateName: strconv.Itoa(templateVersion)},
		Sheets: []workbook.DraftSheet{headerDraft(h), listDraft(columns, lines, max(len(lines), templateRows))},
	})
}

func headerDraft(h *payroll.Header) workbook.DraftSheet {
	s := workbook.DraftSheet{
		Name: sheetWorkshop, RightToLeft: true,
		Columns: []workbook.DraftColumn{{Width: 34}, {Width: 44, Text: true}},
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

func listDraft(columns []payroll.Column, lines []payroll.Line, rows int) workbook.DraftSheet {
	s := workbook.DraftSheet{Name: sheetList, RightToLeft: true, Frozen: 2, Bold: 2, HiddenRow: 2}
	for i, c := range columns {
		s.Columns = append(s.Columns, workbook.DraftColumn{Width: max(12, float64(len([]rune(c.Label)))+2), Text: !numeric(c.Form)})
		if c.Values != nil {
			s.Choices = append(s.Choices, workbook.Choice{Column: i, First: 3, Last: rows + 2, Values: shownValues(c.Values)})
		}
	}
	s.Rows = listRows(columns, lines)
	return s
}

func listRows(columns []payroll.Column, lines []payroll.Line) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		labels, keys := make([]any, len(columns)), make([]any, len(columns))
		for i, c := range columns {
			labels[i], keys[i] = c.Label, c.Key
		}
		if !yield(labels) || !yield(keys) {
			return
		}
		row := make([]any, len(columns))
		for i := range lines {
			for c := range columns {
				row[c] = cellOf(&columns[c], &lines[i])
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
