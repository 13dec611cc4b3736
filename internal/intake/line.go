package intake

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"
	"fehrest/internal/workbook"
)

// cellValue is one cell of a line, whatever the format it came in; Column is the sheet's.
type cellValue = workbook.Cell

// target is the place of one column in the line that is read into again and again.
type target struct {
	text   *string
	amount *rial.Amount
	count  *int
	date   *jalali.Date
	flag   *bool
	lanes  *fault.Lane
}

// pending is a finding of the reader that waits for the whole row: only then is known where the row goes.
type pending struct {
	entry                      *fault.Entry
	column                     payroll.ColumnID // payroll.ColumnCount for the row
	sheetColumn                int              // -1 where the column's own cell is meant
	given, expected, suggested string
	with                       []string
	sum                        bool // CELL-11 of several columns added up
}

// lineReader turns the cells of one row after another into lines, has them judged and hands them on.
type lineReader struct {
	valueReader
	arena

	judge  *rule.Judge
	plan   *plan
	take   func(*payroll.Line, *payroll.Assessed) error
	known  *Register
	lanes  fault.Lane // asked for
	header *payroll.Header
	json   bool // rows have no sheet columns

	line     payroll.Line
	owed     payroll.Assessed
	targets  [payroll.ColumnCount]target
	pending  []pending
	ofRows   payroll.HeaderSet // what the first row says of the workshop, and its sheet does not
	others   bool              // some row is of another workshop than the list
	unkeyed  []keyColumn       // blank cells of the row to be read, in columns that tell lists apart
	wrong    []pending         // of values that never became a cell (JSON-05), or became another one, before their row is read
	cells    []cellValue       // of the row that is read
	latin    func() bool
	at       int // sheet column of the finding that is reported now, -1 for the column's own
	missing  [payroll.ColumnCount]missingColumn
	absent   []payroll.ColumnID // needed by some row perhaps, and in no column of the sheet
	strays   [256]bool          // columns without a header that hold values
	controls controlSums
	workers  int
	changes  *changes // of a change list whose version that stands is known; nil before its first row
}

// missingColumn counts the rows that need a column the list does not have.
type missingColumn struct {
	rows  int
	lanes fault.Lane
}

func newLineReader(in *input) *lineReader {
	r := &lineReader{judge: in.judge, lanes: in.o.Lanes, take: in.o.Line, known: &in.known, header: &in.result.Header, at: -1}
	for id, c := range payroll.Columns() {
		switch p := c.Field(&r.line).(type) {
		case *string:
			r.targets[id].text = p
		case *rial.Amount:
			r.targets[id].amount = p
		case *int:
			r.targets[id].count = p
		case *jalali.Date:
			r.targets[id].date = p
		case *bool:
			r.targets[id].flag = p
		case *fault.Lane:
			r.targets[id].lanes = p
		}
	}
	r.latin = r.foreigner
	return r
}

// follow takes the columns of the list. Those that are neither there nor asked about are told by SHEET-03 once some row
// needs them; no cell of theirs is a finding.
func (r *lineReader) follow(p *plan) {
	r.plan = p
	for id := range payroll.ColumnCount {
		if id.Info().Needs == 0 || p.bound.Has(id) {
			continue
		}
		r.judge.MissingColumns.Add(id)
		r.absent = append(r.absent, id)
	}
}

// withheld leaves columns out of what is missed: the format has no field for them.
func (r *lineReader) withheld(columns ...payroll.ColumnID) {
	for _, id := range columns {
		r.judge.MissingColumns.Add(id)
		r.absent = slices.DeleteFunc(r.absent, func(x payroll.ColumnID) bool { return x == id })
	}
}

// foreigner tells whether the row that is read names another nationality.
func (r *lineReader) foreigner() bool {
	at := r.plan.cellOf(payroll.ColNationality)
	for i := range r.cells {
		if c := &r.cells[i]; c.Column == at {
			text := bytes.TrimSpace(c.Text)
			return c.Kind == workbook.Text && len(text) > 0 && !r.isIranian(text)
		}
	}
	return false
}

// row reads one worker.
func (r *lineReader) row(number int, hidden bool, cells []cellValue) error {
	r.line = payroll.Line{Row: number}
	r.pending = r.pending[:0]
	for _, w := range r.wrong {
		if w.entry.Severity >= fault.Error && w.column < payroll.ColumnCount {
			r.line.Given.Add(w.column)
			r.line.Faulty.Add(w.column)
		}
		r.pending = append(r.pending, w)
	}
	r.wrong = r.wrong[:0]
	for _, k := range r.unkeyed {
		r.pending = append(r.pending, pending{
			entry: codeCell13, column: payroll.ColumnCount, sheetColumn: k.sheetColumn, expected: headerText(k.id, r.header),
		})
	}
	r.cells = cells
	r.workers++
	if hidden {
		r.pending = append(r.pending, pending{
			entry: codeSheet09, column: payroll.ColumnCount, sheetColumn: -1,
			with: []string{"what_fa", "ردیف " + strconv.Itoa(number), "what_en", "row " + strconv.Itoa(number)},
		})
	}
	for i := range cells {
		c := &cells[i]
		b := r.plan.at(c.Column)
		switch b.role {
		case column:
			r.cell(b, c)
		case control:
			r.control(b, c)
		case whole:
			r.wholeName(b, c)
		case header:
			r.repeated(b, c)
		case unknown, ignored, ambiguous:
		}
		if b.sheetColumn < 0 {
			r.stray(c)
		} else if !b.used {
			b.used = filled(c)
		}
	}
	r.fill()
	if r.known.Standing.changes(r.header) {
		return r.hold()
	}
	if err := r.carry(); err != nil {
		return err
	}
	if r.header.Kind != payroll.Change || r.line.Action != "" || r.line.Faulty.Has(payroll.ColAction) {
		r.report()
		r.need()
	}
	r.owed = r.judge.Line(&r.line)
	r.compute(&r.owed)
	if r.take == nil {
		return nil
	}
	return r.take(&r.line, &r.owed)
}

// mistyped keeps JSON-05 for the row that comes next.
func (r *lineReader) mistyped(id payroll.ColumnID, given string, want fault.Text) {
	suggested := ""
	if want == wantDigits {
		suggested = suggestJSON(given)
	}
	r.wrong = append(r.wrong, pending{
		entry: codeJSON05, column: id, sheetColumn: -1, given: given, suggested: suggested, with: []string{"what_fa", want.FA, "what_en", want.EN},
	})
}

func (r *lineReader) cell(b *binding, c *cellValue) {
	if c.Kind == workbook.Text && b.lastValue != "" && bytes.Equal(c.Text, b.lastText) {
		*r.targets[b.column].text = b.lastValue
		r.line.Given.Add(b.column)
		return
	}
	rule := &columnRules[b.column]
	x := r.read(rule, c, r.latin)
	if x.blank && x.entry == nil {
		return
	}
	r.line.Given.Add(b.column)
	if x.changed {
		r.changed(b.column, c, x, rule.form)
	}
	if x.entry != nil {
		b.sum.unsound = true
		r.found(b.column, c, x)
		return
	}
	r.store(b, c, x)
}

func (r *lineReader) store(b *binding, c *cellValue, x *reading) {
	t := &r.targets[b.column]
	switch b.info.Form {
	case payroll.Money:
		r.addMoney(b, c, t.amount, rial.Amount(x.number))
	case payroll.Count:
		*t.count = int(x.number)
		b.sum.add(x.number)
	case payroll.Date:
		*t.date = x.date
	case payroll.YesNo:
		*t.flag = x.code == "yes"
	case payroll.NoYes:
		*t.flag = x.code == "no"
	case payroll.Coded:
		*t.text = x.code
		if c.Kind == workbook.Text {
			b.lastText, b.lastValue = append(b.lastText[:0], c.Text...), x.code
		}
	case payroll.Lanes:
		*t.lanes = laneOfCode(x.code)
	default:
		r.storeText(b, c, t.text, x)
	}
}

func (r *lineReader) storeText(b *binding, c *cellValue, to *string, x *reading) {
	if b.column == payroll.ColNationality && r.isIranian(x.text) {
		if *to = payroll.Iranian; !x.changed {
			b.lastText, b.lastValue = append(b.lastText[:0], c.Text...), *to
		}
		return
	}
	*to = r.keep(x.text)
	if c.Kind == workbook.Text && !x.changed && x.traits&latin == 0 {
		b.lastText, b.lastValue = append(b.lastText[:0], c.Text...), *to
	}
}

// addMoney puts an amount into its place, or adds it to what another column of the same component gave.
func (r *lineReader) addMoney(b *binding, c *cellValue, to *rial.Amount, n rial.Amount) {
	b.sum.add(int64(n))
	before := *to
	*to += n
	if before == 0 || n == 0 {
		return
	}
	if *to > maxDigits {
		r.pending = append(r.pending, pending{entry: codeCell14, column: b.column, sheetColumn: c.Column, given: amountText(*to), with: []string{"field", b.info.Key}})
		*to = 0
		return
	}
	for i := range r.pending {
		if p := &r.pending[i]; p.sum && p.column == b.column {
			p.given, p.expected = p.given+" + "+amountText(n), amountText(*to)
			return
		}
	}
	p := pending{entry: codeCell11, column: b.column, sheetColumn: -1, sum: true}
	if r.judge.Findings.Room(codeCell11.Code) {
		p.given, p.expected = amountText(before)+" + "+amountText(n), amountText(*to)
		p.with = []string{"why_fa", "(جمع چند ستون)", "why_en", "(several columns added up)"}
	}
	r.pending = append(r.pending, p)
}

func amountText(n rial.Amount) string { return strconv.FormatInt(int64(n), 10) }

func laneOfCode(code string) fault.Lane {
	switch code {
	case "sso":
		return fault.SSO
	case "tax":
		return fault.Tax
	}
	return fault.Both
}

// control reads a cell of a column of sums.
func (r *lineReader) control(b *binding, c *cellValue) {
	s := &r.controls[b.control]
	n, _, why := parseNumber(c.Text)
	switch {
	case c.Kind == workbook.Blank || len(bytes.TrimSpace(c.Text)) == 0:
	case why != aNumber && why != tooLong:
		s.unsound = true
	default:
		s.given = min(s.given.Add(rial.Amount(n)), rial.Max) // no list comes to that; more rows of such figures would leave 64 bits
		s.rows++
	}
}

// repeated reads what every row says of the workshop, as many payrolls print it. A row of another workshop, contract,
// month, list or employer is an error: nobody is filed under a list that is not his.
func (r *lineReader) repeated(b *binding, c *cellValue) {
	switch b.header {
	case payroll.KeyWorkshopCode, payroll.KeyContractRow, payroll.KeyPeriod, payroll.KeyListNo:
	case payroll.KeyEmployerID, payroll.KeyTaxFileNo:
		if !r.ofRows.Has(b.header) {
			return // the workshop's sheet says it, and payrolls write other numbers of his under the same words
		}
	default:
		return
	}
	if r.header.Faulty.Has(b.header) || c.Kind == workbook.Text && bytes.Equal(c.Text, b.lastText) {
		return
	}
	want := headerText(b.header, r.header)
	x := r.read(&headerRules[b.header], c, nil)
	switch {
	case x.blank && x.entry == nil:
	case x.entry == nil && x.after(headerRules[b.header].form) == want:
		b.lastText = append(b.lastText[:0], c.Text...)
	default:
		r.others = r.others || x.entry == nil && b.header == payroll.KeyWorkshopCode
		r.pending = append(r.pending, pending{
			entry: codeCell13, column: payroll.ColumnCount, sheetColumn: c.Column, given: x.given(c), expected: want,
		})
	}
}

// compute adds what was computed for the row to the figures its columns of sums are compared with.
func (r *lineReader) compute(a *payroll.Assessed) {
	if !r.plan.controls {
		return
	}
	for c := range r.controls {
		s := &r.controls[c]
		s.computed = s.computed.Add(controlKeys[c].of(a))
	}
}

// wholeName splits a cell of first and last name at its first space, as the sender's mapping asks.
func (r *lineReader) wholeName(b *binding, c *cellValue) {
	rule := &columnRules[payroll.ColLastName]
	x := r.read(rule, c, r.latin)
	if x.blank && x.entry == nil {
		return
	}
	r.line.Given.Add(payroll.ColFirstName)
	r.line.Given.Add(payroll.ColLastName)
	if x.entry != nil {
		r.found(payroll.ColFirstName, c, x)
		r.line.Faulty.Add(payroll.ColLastName)
		return
	}
	first, last, _ := bytes.Cut(x.text, []byte(" "))
	last = bytes.TrimSpace(last)
	r.line.FirstName, r.line.LastName = r.keep(first), r.keep(last)
	if len(last) == 0 {
		r.line.Given = r.line.Given.Without(payroll.SetOf(payroll.ColLastName))
	}
	r.change(payroll.ColLastName, c.Column, string(c.Text), r.line.FirstName+" | "+r.line.LastName, "")
}

// found keeps the cell's finding until the row is whole.
func (r *lineReader) found(id payroll.ColumnID, c *cellValue, x *reading) {
	r.line.Faulty.Add(id)
	p := pending{entry: x.entry, column: id, sheetColumn: c.Column}
	if r.judge.Findings.Room(x.entry.Code) {
		p.given, p.expected, p.suggested, p.with = x.given(c), x.expected, x.suggested, x.with
		switch x.entry {
		case codeCell02:
			p.with = []string{"cell", r.cellName(c)}
		case codeCell07:
			p.with = []string{"hidden", hiddenMarks(c.Text)}
		case codeCell14:
			p.with = []string{"field", id.Info().Key}
		case codeCell01:
			p.given = ""
		}
	}
	r.pending = append(r.pending, p)
}

func (r *lineReader) cellName(c *cellValue) string {
	if r.json {
		return r.plan.at(c.Column).title
	}
	return workbook.CellName(c.Column, r.line.Row)
}

// changed is CELL-11 of a cell whose value was written otherwise.
func (r *lineReader) changed(id payroll.ColumnID, c *cellValue, x *reading, form payroll.Form) {
	if !r.judge.Findings.Room(codeCell11.Code) {
		r.change(id, c.Column, "", "", "")
		return
	}
	why := ""
	if c.Kind == workbook.Date {
		why = "date"
	}
	r.change(id, c.Column, x.given(c), x.after(form), why)
}

var changeWords = map[string][]string{
	"":        {"why_fa", "", "why_en", ""},
	"date":    {"why_fa", "(خانه با قالب تاریخ میلادی)", "why_en", "(a cell with a date format)"},
	"default": {"why_fa", "(خانه خالی بود)", "why_en", "(the cell was blank)"},
	"century": {"why_fa", "(سال دورقمی بود)", "why_en", "(the year had two digits)"},
	"sso":     {"why_fa", "(این شخص در WH نیست)", "why_en", "(this person is not in WH)"},
	"tax":     {"why_fa", "(این شخص در این DSK حقوقی ندارد)", "why_en", "(this person has no pay in this DSK)"},
	"carried": {"why_fa", "(خانه خالی بود؛ از لیست پذیرفته‌شده پیشین)", "why_en", "(the cell was blank; from an earlier accepted list)"},
}

func (r *lineReader) change(id payroll.ColumnID, sheetColumn int, before, after, why string) {
	p := pending{entry: codeCell11, column: id, sheetColumn: sheetColumn, given: before, expected: after, with: changeWords[why]}
	if values := id.Info().Values; len(values) > 0 && r.judge.Findings.Room(codeCell11.Code) {
		p.with = append(slices.Clip(p.with), "expected_fa", wordOf(values, after))
	}
	r.pending = append(r.pending, p)
}

// report hands the row's findings to the judge, who knows whose they are.
func (r *lineReader) report() {
	for i := range r.pending {
		p := &r.pending[i]
		r.at = p.sheetColumn
		r.judge.Report(p.entry, &r.line, p.column, p.given, p.expected, p.suggested, p.with...)
	}
	r.at = -1
}

// need counts the row for the columns that the list does not have and the row needs. What an unclear header may hold is
// not judged as blank.
func (r *lineReader) need() {
	r.line.Faulty = r.line.Faulty.Union(r.plan.asked.Without(r.plan.bound))
	for _, id := range r.absent {
		if id == payroll.ColForeignerCode {
			r.misplaced(id)
		}
		if r.needs(id) == 0 {
			continue
		}
		r.line.Faulty.Add(id) // told once by SHEET-03 or MAP-01: no check of a row tells it again
		if lanes := r.needs(id) & r.lanes; lanes != 0 && !r.line.Hold {
			r.missing[id].rows++
			r.missing[id].lanes |= lanes
		}
	}
}

// misplaced leaves a foreigner whose code stands under the national code to ID-07: the column is not what is wrong with him.
func (r *lineReader) misplaced(id payroll.ColumnID) {
	r.judge.MissingColumns.Add(id)
	if r.line.NationalCode != "" {
		r.judge.MissingColumns = r.judge.MissingColumns.Without(payroll.SetOf(id))
	}
}

// filled tells whether a cell holds anything that a person sees.
func filled(c *cellValue) bool {
	if c.Kind != workbook.Blank && len(c.Text) > 0 && c.Text[0] > ' ' && c.Text[0] < utf8.RuneSelf {
		return true
	}
	return c.Kind != workbook.Blank && len(bytes.TrimSpace(c.Text)) > 0 || c.Formula && !c.HasValue
}

func (r *lineReader) stray(c *cellValue) {
	if c.Column < len(r.strays) && !r.strays[c.Column] {
		r.strays[c.Column] = filled(c)
	}
}
