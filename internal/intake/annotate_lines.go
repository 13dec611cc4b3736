package intake

import (
	"bytes"
	"io"
	"slices"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// fromLines makes a workbook of the lines as they are read and marks it. The file is read twice, so that no line is kept.
func (a *annotation) fromLines(w io.Writer) error {
	f := a.file
	if f == nil {
		var err error
		if f, err = Open(a.ctx, a.r, a.size, a.o); err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
	}
	if f.Format == "" || len(a.reports) != 1 || len(f.Lists) != 1 && !a.own {
		return workbook.ErrUnmarkable
	}
	var used payroll.ColumnSet
	rows := map[int]int{} // index of a line by the row it was read from
	o := a.o
	o.Begin, o.Line = nil, func(l *payroll.Line, _ *payroll.Assessed) error {
		rows[l.Row] = len(rows)
		use(&used, l)
		return nil
	}
	result, err := f.Read(a.ctx, a.part, o)
	if err != nil {
		return err
	}
	d := &drafted{header: &result.Header, given: map[cellOfLine]string{}, read: f.content.sheet}
	for i := range a.reports[0].Faults {
		d.give(&a.reports[0].Faults[i], rows, &used)
	}
	d.columns = columnsOf(used)
	var failed error
	d.lines = func(yield func(int, *payroll.Line) bool) {
		i := 0
		o.Line = func(l *payroll.Line, _ *payroll.Assessed) error {
			if !yield(i, l) {
				return errStop
			}
			i++
			return nil
		}
		_, failed = f.Read(a.ctx, a.part, o)
	}
	var b bytes.Buffer
	if err := d.write(&b); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	book, err := workbook.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), workbook.Limits{})
	if err != nil {
		return err
	}
	where := func(p fault.Place) (string, int, int, bool) { return d.place(p, rows) }
	l := a.listing(where, "این کارپوشه از ردیف‌های خوانده‌شدهٔ فایل شما ساخته شده است؛ خانه‌های ایراددار رنگ شده‌اند و یادداشت دارند.")
	return book.Mark(w, workbook.Markup{Cells: a.marks(where), Listing: &l})
}

// give shows what the sender wrote in a cell that could not be read, and sees to it that a finding's column is there.
func (d *drafted) give(x *fault.Fault, rows map[int]int, used *payroll.ColumnSet) {
	id, ok := columnNamed(x.Field)
	if !ok || x.Sheet == memberWorkshop {
		return
	}
	used.Add(id)
	if line, ok := rows[x.Row]; ok && x.Given != "" && x.Severity >= fault.Error {
		d.given[cellOfLine{line, id.Info().Key}] = x.Given
	}
}

// place finds the cell of a place in another format: the workshop's by its key, a line's by the row it was read from.
func (d *drafted) place(p fault.Place, rows map[int]int) (sheet string, row, column int, ok bool) {
	if key, known := payroll.HeaderOf(p.Field); known && p.Sheet != memberLines {
		return sheetWorkshop, int(key) + 1, 1, true
	}
	line, ofLine := rows[p.Row]
	id, known := columnNamed(p.Field)
	if !known {
		return sheetList, line + firstWorker, 0, ofLine && (p.Sheet == memberLines || p.Sheet == d.read)
	}
	at := slices.IndexFunc(d.columns, func(c payroll.Column) bool { return c.Key == id.Info().Key })
	switch {
	case at < 0:
		return "", 0, 0, false
	case !ofLine:
		return sheetList, labelsRow, at, true
	}
	return sheetList, line + firstWorker, at, true
}
