package intake

import (
	"bytes"
	"context"
	"sort"
	"strconv"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// sheetReader reads the rows of one list of the list sheet.
type sheetReader struct {
	*lineReader
	sorter rowSorter
	ctx    context.Context //nolint:containedctx // it lives as long as one Read
	sheet  workbook.Sheet
	most   int // workers of the list

	apart   bool  // rows of other lists may stand between its own
	runs    []run // of its rows
	totals  []int // rows
	stopped bool

	questions []Question
}

// run is a stretch of rows, both ends included.
type run struct{ first, last int }

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
		at := s.cellPlace(b.titleRow, b.sheetColumn, "")
		switch b.role {
		case ambiguous:
			at.Field = ""
			what := b.say()
			if inTomans(b.title) {
				what = fault.Text{FA: "مبلغ‌ها باید به ریال باشد، نه تومان", EN: "amounts must be in rials, not tomans"}
			}
			s.tell(codeMap01, at, b.title, "", "what_fa", what.FA, "what_en", what.EN)
			if q, ok := b.question(s.sheet.Name, at.Cell); ok {
				s.questions = append(s.questions, q)
			}
		case column:
			at.Field = b.info.Key
			if first := seen[b.column]; first != nil && !additive(b.column) {
				s.tell(codeSheet04, at, b.title, "", "header_fa", b.info.Label, "header_en", b.info.Key,
					"first", workbook.CellName(first.sheetColumn, first.titleRow), "second", at.Cell)
				b.role = ignored
				continue
			}
			seen[b.column] = b
		case unknown, header, control, ignored, whole:
		}
	}
}

// row takes one stored row of a sheet that is one list.
func (s *sheetReader) row(row *workbook.Row) error {
	kind, empty := s.sorter.sort(row)
	switch kind {
	case blankRow:
		return nil
	case misshapenRow:
		s.tell(codeSheet06, s.cellPlace(row.Number, 0, ""), strconv.Itoa(len(row.Cells)), strconv.Itoa(s.plan.width),
			"what_fa", "تعداد خانه‌های ردیف با عنوان‌ها یکی نیست", "what_en", "the row has another number of cells than the header")
		return errStop
	case totalsRow:
		wrong, _ := s.plan.totals(row.Cells)
		s.tellTotals(row.Number, wrong)
		s.totals = append(s.totals, row.Number)
		return nil
	case workerRow:
	}
	return s.worker(row, empty)
}

// worker takes the row of a worker, below so many empty rows.
func (s *sheetReader) worker(row *workbook.Row, empty int) error {
	if s.workers == s.most {
		s.tell(codeSheet07, s.cellPlace(row.Number, 0, ""), "", strconv.Itoa(s.most), tooManyRows(s.most)...)
		return errStop
	}
	if s.workers&1023 == 0 {
		if err := s.ctx.Err(); err != nil {
			return err
		}
	}
	if empty > 0 {
		from := row.Number - empty
		given := strconv.Itoa(from)
		if empty > 1 {
			given += "–" + strconv.Itoa(row.Number-1)
		}
		s.tell(codeSheet10, s.cellPlace(from, 0, ""), given, "")
	}
	s.extend(row.Number)
	return s.lineReader.row(row.Number, row.Hidden, row.Cells)
}

// extend remembers where the list's rows stand. What lies between two workers of a sheet of one list is the list's too.
func (s *sheetReader) extend(number int) {
	if n := len(s.runs); n > 0 && (!s.apart || s.runs[n-1].last == number-1) {
		s.runs[n-1].last = number
		return
	}
	s.runs = append(s.runs, run{number, number})
}

// rowSorter tells the rows of a list sheet apart, whoever takes them.
type rowSorter struct {
	plan    *plan
	content int // the last row that was a worker or a totals row, 0 before the first worker
}

// sort tells what a row is, and for a worker how many empty rows stand right above him.
func (t *rowSorter) sort(row *workbook.Row) (kind rowKind, empty int) {
	switch {
	case row.Number <= t.plan.row, row.Number == t.plan.row+1 && keysOnly(row):
		return blankRow, 0
	case row.Unaddressed && len(row.Cells) != t.plan.width:
		return misshapenRow, 0
	}
	kind = t.plan.kindOf(row.Cells)
	if kind == blankRow {
		return kind, 0
	}
	if kind == workerRow && t.content > 0 {
		empty = row.Number - t.content - 1
	}
	t.content = row.Number
	return kind, empty
}

// rowKind is what a row of the list's sheet is.
type rowKind uint8

const (
	blankRow     rowKind = iota // nothing, or nothing but a number or what is not read
	workerRow                   // a person
	totalsRow                   // a control
	misshapenRow                // without cell references, and not of the header's width
)

// personal says how much a column tells of a person, in halves: no sum stands in these, but one name alone may be a workshop's.
var personal = [payroll.ColumnCount]int{
	payroll.ColSex: 2, payroll.ColBirthDate: 2, payroll.ColJobCode: 2, payroll.ColFirstName: 1, payroll.ColLastName: 1,
}

// kindOf tells rows apart. A row that names its worker by a code is his, whatever its texts say; so is one that says his
// sex, birth, job code or both his names: whose job is جمع‌آوری and whose codes were forgotten is not a sum.
func (p *plan) kindOf(cells []cellValue) rowKind {
	kind, sums, person := blankRow, false, 0
	for i := range cells {
		c := &cells[i]
		if !filled(c) {
			continue
		}
		b := p.at(c.Column)
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
		if !sum && b.role == column {
			person += personal[b.column]
		}
	}
	if sums && person < 2 {
		return totalsRow
	}
	return kind
}

// close tells what only the whole sheet shows.
func (s *sheetReader) close(info *workbook.SheetInfo) {
	s.tellMissing()
	for i := range s.plan.bindings {
		if b := &s.plan.bindings[i]; b.role == unknown && b.used {
			s.tell(codeSheet05, s.cellPlace(b.titleRow, b.sheetColumn, ""), b.title, "")
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
		if !s.within(m) || s.onlyTotals(m) {
			continue
		}
		p := s.cellPlace(m.FirstRow, m.FirstColumn, "")
		if b := s.plan.at(m.FirstColumn); b.role == column {
			p.Field = b.info.Key
		}
		s.tell(codeSheet08, p, m.String(), "")
	}
}

// within tells whether merged cells touch the list's rows.
func (s *sheetReader) within(m workbook.Range) bool {
	i := sort.Search(len(s.runs), func(i int) bool { return s.runs[i].last >= m.FirstRow })
	return i < len(s.runs) && s.runs[i].first <= m.LastRow
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
			p := s.cellPlace(b.titleRow, c, "")
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
