package intake

import (
	"bytes"
	"context"
	"errors"
	"strconv"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// sheetReader reads the rows of the list sheet.
type sheetReader struct {
	*lineReader
	ctx   context.Context //nolint:containedctx // it lives as long as one Read
	sheet workbook.Sheet
	most  int // workers of the list

	keysRow int // the template's second header row, 0 for none
	first   int // row of the first worker
	last    int // of the last
	content int // last row that was a worker or a totals row
	totals  []int
	stopped bool
}

// readBook reads an opened workbook.
func (in *input) readBook(book *workbook.Book) error {
	for _, w := range book.Warnings {
		f := w.Fault(table)
		f.Lane &= in.o.Lanes
		in.result.Findings.Add(f, table[w.Code].Fix, 1)
	}
	in.oldTemplate(book)
	s, err := in.prepare(book)
	if err != nil || s == nil {
		return err
	}
	info, err := book.Rows(s.sheet, s.row)
	var x *workbook.Refusal
	switch {
	case errors.Is(err, errStop):
		s.stopped = true
	case errors.As(err, &x):
		s.stopped = true
		in.refuse(x, s.sheet.Name)
	case err != nil:
		return err
	}
	s.close(info)
	return nil
}

// prepare reads all that stands before the first worker; without a list to read there is no reader.
func (in *input) prepare(book *workbook.Book) (*sheetReader, error) {
	c, err := in.choose(book)
	if err != nil {
		return nil, err
	}
	if err := in.readWorkshop(book, c); err != nil {
		return nil, err
	}
	if c.list == nil {
		return nil, in.withoutList()
	}
	lines := newLineReader(in)
	lines.follow(c.list.plan)
	s := &sheetReader{lineReader: lines, ctx: in.ctx, sheet: c.list.sheet, most: in.o.Limits.Rows}
	in.judge.Place = s.place
	if err := in.begin(); err != nil {
		return nil, err
	}
	s.headers()
	return s, nil
}

// readWorkshop reads the workshop's sheet, and what the list's rows repeat of it.
func (in *input) readWorkshop(book *workbook.Book, c chosen) error {
	if c.workshop != nil {
		in.headers.sheet = c.workshop.sheet.Name
		_, err := book.Rows(c.workshop.sheet, func(row *workbook.Row) error {
			in.headers.row(row)
			return nil
		})
		if err != nil {
			return inSheet(err, c.workshop.sheet.Name)
		}
	}
	if c.list == nil {
		return nil
	}
	for key := range payroll.HeaderCount {
		cell, ok := c.list.repeated[key]
		if !ok || in.result.Header.Given.Has(key) {
			continue
		}
		at := fault.Place{Sheet: c.list.sheet.Name, Row: c.list.plan.row, Column: workbook.ColumnName(cell.Column), Cell: workbook.CellName(cell.Column, c.list.plan.row)}
		in.headers.set(key, &cell, at)
	}
	return nil
}

// withoutList ends a workbook in which no list was found: right for a nil list only.
func (in *input) withoutList() error {
	if in.result.Findings.Has(codeSheet01.Code) || in.result.Header.Kind == payroll.Nil && !in.result.Header.Faulty.Has(payroll.KeyKind) {
		if in.result.Findings.Has(codeSheet01.Code) {
			return errStop
		}
		return in.begin()
	}
	in.judge.ReportPlace(codeSheet01, fault.Place{}, "", "", "", "sheets_fa", "", "sheets_en", "")
	return errStop
}

// place is where a person looks for a column of a row.
func (s *sheetReader) place(row int, id payroll.ColumnID) fault.Place {
	at := s.at
	if at < 0 && id < payroll.ColumnCount {
		at = s.plan.cellOf(id)
	}
	return s.cellPlace(row, max(at, 0), "")
}

// cellPlace is a cell of the list's sheet; without a column, the row.
func (s *sheetReader) cellPlace(row, column int, field string) fault.Place {
	p := fault.Place{Sheet: s.sheet.Name, Row: row, Field: field}
	if column >= 0 {
		p.Column, p.Cell = workbook.ColumnName(column), workbook.CellName(column, row)
	}
	return p
}

// headers tells what is wrong with the header row alone.
func (s *sheetReader) headers() {
	seen := map[payroll.ColumnID]*binding{}
	for i := range s.plan.bindings {
		b := &s.plan.bindings[i]
		at := s.cellPlace(s.plan.row, b.sheetColumn, "")
		switch b.role {
		case ambiguous:
			at.Field = ""
			what := b.say()
			if inTomans(b.title) {
				what = fault.Text{FA: "مبلغ‌ها باید به ریال باشد، نه تومان", EN: "amounts must be in rials, not tomans"}
			}
			s.tell(codeMap01, at, b.title, "", "what_fa", what.FA, "what_en", what.EN)
		case column:
			at.Field = b.info.Key
			if first := seen[b.column]; first != nil && !additive(b.column) {
				s.tell(codeSheet04, at, b.title, "", "header_fa", b.info.Label, "header_en", b.info.Key,
					"first", workbook.CellName(first.sheetColumn, s.plan.row), "second", at.Cell)
				b.role = ignored
				continue
			}
			seen[b.column] = b
		case unknown, header, control, ignored, whole:
		}
	}
}

// row takes one stored row.
func (s *sheetReader) row(row *workbook.Row) error {
	switch {
	case row.Number <= s.plan.row:
		return nil
	case row.Number == s.plan.row+1 && keysOnly(row):
		s.keysRow = row.Number
		return nil
	case row.Unaddressed && len(row.Cells) != s.plan.width:
		s.tell(codeSheet06, s.cellPlace(row.Number, 0, ""), strconv.Itoa(len(row.Cells)), strconv.Itoa(s.plan.width),
			"what_fa", "تعداد خانه‌های ردیف با عنوان‌ها یکی نیست", "what_en", "the row has another number of cells than the header")
		return errStop
	}
	switch s.kindOf(row.Cells) {
	case blankRow:
		return nil
	case totalsRow:
		s.compareTotals(row.Number, row.Cells)
		s.totals = append(s.totals, row.Number)
		s.content = row.Number
		return nil
	case workerRow:
	}
	if s.workers == s.most {
		s.tell(codeSheet07, s.cellPlace(row.Number, 0, ""), "", strconv.Itoa(s.most), tooManyRows(s.most)...)
		return errStop
	}
	if s.workers&1023 == 0 {
		if err := s.ctx.Err(); err != nil {
			return err
		}
	}
	s.gap(row.Number)
	return s.lineReader.row(row.Number, row.Hidden, row.Cells)
}

// gap tells the empty rows before a worker, and remembers him.
func (s *sheetReader) gap(number int) {
	if s.first == 0 {
		s.first = number
	} else if empty := number - s.content - 1; empty > 0 {
		given := strconv.Itoa(s.content + 1)
		if empty > 1 {
			given += "–" + strconv.Itoa(number-1)
		}
		s.tell(codeSheet10, s.cellPlace(s.content+1, 0, ""), given, "")
	}
	s.last, s.content = number, number
}

// rowKind is what a row of the list's sheet is.
type rowKind uint8

const (
	blankRow  rowKind = iota // nothing, or nothing but a number or what is not read
	workerRow                // a person
	totalsRow                // a control
)

// personal are the columns that no sum stands in.
var personal = payroll.SetOf(payroll.ColSex, payroll.ColBirthDate, payroll.ColJobCode)

// kindOf tells rows apart. A row that names its worker by a code is his, whatever its texts say; so is one that says his
// sex, birth or job code: whose job is جمع‌آوری and whose codes were forgotten is not a sum.
func (s *sheetReader) kindOf(cells []cellValue) rowKind {
	kind, sums, person := blankRow, false, false
	for i := range cells {
		c := &cells[i]
		if !filled(c) {
			continue
		}
		b := s.plan.at(c.Column)
		switch b.role {
		case column:
			switch b.column {
			case payroll.ColRow:
			case payroll.ColNationalCode, payroll.ColForeignerCode, payroll.ColInsuranceNumber:
				return workerRow
			default:
				kind = workerRow
			}
		case whole, ambiguous, control:
			kind = workerRow
		case unknown, ignored, header:
		}
		sum := c.Kind == workbook.Text && total(c.Text)
		sums = sums || sum
		person = person || !sum && b.role == column && personal.Has(b.column)
	}
	if sums && !person {
		return totalsRow
	}
	return kind
}

// close tells what only the whole sheet shows.
func (s *sheetReader) close(info *workbook.SheetInfo) {
	s.tellMissing()
	for i := range s.plan.bindings {
		if b := &s.plan.bindings[i]; b.role == unknown && b.used {
			s.tell(codeSheet05, s.cellPlace(s.plan.row, b.sheetColumn, ""), b.title, "")
		}
	}
	for c, used := range s.strays {
		if used {
			s.tell(codeSheet05, s.cellPlace(s.plan.row, c, ""), workbook.ColumnName(c), "")
		}
	}
	if s.stopped {
		return // what follows needs the sheet's end
	}
	s.compareControls()
	s.tellMerged(info.Merged)
	s.tellHidden(info.HiddenColumns)
	if s.workers == 0 && s.header.Kind != payroll.Nil {
		s.tell(codeSheet12, s.cellPlace(s.plan.row, -1, ""), "", "")
	}
}

// tellMissing is SHEET-03, a column: refused where both organisations need it, an error of the one that does.
func (s *sheetReader) tellMissing() {
	for _, id := range s.absent {
		m := s.missing[id]
		if m.rows == 0 || s.plan.asked.Has(id) {
			continue
		}
		e := *codeSheet03
		e.Lane = m.lanes
		if id.Info().Needs != fault.Both {
			e.Severity = fault.Error
		}
		p := fault.Place{Sheet: s.sheet.Name, Row: s.plan.row, Field: id.Info().Key}
		s.tell(&e, p, "", id.Info().Label, "header_fa", id.Info().Label, "header_en", id.Info().Key, "count", strconv.Itoa(m.rows))
	}
}

func (s *sheetReader) tellMerged(ranges []workbook.Range) {
	for _, m := range ranges {
		if s.workers == 0 || m.LastRow < s.first || m.FirstRow > s.last || s.onlyTotals(m) {
			continue
		}
		p := s.cellPlace(m.FirstRow, m.FirstColumn, "")
		if b := s.plan.at(m.FirstColumn); b.role == column {
			p.Field = b.info.Key
		}
		s.tell(codeSheet08, p, m.String(), "")
	}
}

func (s *sheetReader) onlyTotals(m workbook.Range) bool {
	for _, row := range s.totals {
		if m.FirstRow == row && m.LastRow == row {
			return true
		}
	}
	return false
}

func (s *sheetReader) tellHidden(spans []workbook.Span) {
	for _, span := range spans {
		for c := span.First; c <= span.Last && c < len(s.plan.index); c++ {
			b := s.plan.at(c)
			if !b.used || b.role == unknown || b.role == ignored {
				continue
			}
			p := s.cellPlace(s.plan.row, c, "")
			if b.role == column {
				p.Field = b.info.Key
			}
			s.tell(codeSheet09, p, b.title, "", "what_fa", "ستون "+p.Column+" («"+b.title+"»)", "what_en", "column "+p.Column)
		}
	}
}

// oldTemplate tells a workbook made from an earlier template.
func (in *input) oldTemplate(book *workbook.Book) {
	version, ok := book.DefinedNames[templateName]
	if !ok {
		return
	}
	n, err := strconv.Atoi(string(bytes.Trim([]byte(version), `="`)))
	if err != nil || n >= templateVersion {
		return
	}
	in.judge.ReportPlace(codeCell11, fault.Place{}, strconv.Itoa(n), strconv.Itoa(templateVersion), "",
		"why_fa", "(قالب قدیمی است؛ قالب تازه را بگیرید)", "why_en", "(an older template; download the new one)")
}
