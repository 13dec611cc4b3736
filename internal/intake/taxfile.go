package intake

import (
	"errors"
	"io"
	"strconv"

	"fehrest/internal/agency/tax"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// oldEdition is that of the tax files before 1403: read, and never written.
const oldEdition = 1395

// taxMonth is a pair of tax files while it is read.
type taxMonth struct {
	edition int
	person  tax.Person
	pay     tax.Pay
	persons *tax.Lines[tax.Person]
	pays    *tax.Lines[tax.Pay]
	index   *taxIndex    // of a joined list
	taken   map[int]bool // lines of the index that have a row
	sources map[int]bool // columns of WH that held pay
}

// taxIndex finds the lines of a tax month by person. It is read once for all the pairs of the SSO beside it.
type taxIndex struct {
	edition int
	persons *tax.Lines[tax.Person]
	pays    *tax.Lines[tax.Pay]
	lines   []taxLine
	byID    map[string]int // index into lines, by the id that they have
	insured map[string]int // likewise, by the insurance number of those who are no Iranians
	owner   []int          // by line: which of the pairs names its person first, -1 for none
}

// taxLine is a person's line of WP and of WH as they stand.
type taxLine struct {
	person, pay []byte
	number      int
}

// taxField is a column of WP or WH and the column of the list that it becomes.
type taxField struct {
	column    payroll.ColumnID
	live, old string // its names since 1403 and before; empty where the edition has none
	text      func(*tax.Person, *tax.Pay) string
}

// name is the field's name in an edition.
func (f *taxField) name(edition int) string {
	if edition == oldEdition {
		return f.old
	}
	return f.live
}

// taxFields are the columns but those of pay.
var taxFields = []taxField{
	{payroll.ColNationality, "WP1", "WP1", func(p *tax.Person, _ *tax.Pay) string { return nationalityWord(p.Nationality) }},
	{payroll.ColNationalCode, "WP2", "WP3", func(p *tax.Person, _ *tax.Pay) string { return ifNot(isForeign(p), p.ID) }},
	{payroll.ColForeignerCode, "WP2", "WP3", func(p *tax.Person, _ *tax.Pay) string { return ifNot(!isForeign(p), p.ID) }},
	{payroll.ColFirstName, "WP3", "WP4", func(p *tax.Person, _ *tax.Pay) string { return p.FirstName }},
	{payroll.ColLastName, "WP4", "WP5", func(p *tax.Person, _ *tax.Pay) string { return p.LastName }},
	{payroll.ColFatherName, "WP5", "", func(p *tax.Person, _ *tax.Pay) string { return p.FatherName }},
	{payroll.ColBirthDate, "WP6", "", func(p *tax.Person, _ *tax.Pay) string { return dateText(p.BirthDate) }},
	{payroll.ColIDNumber, "WP7", "", func(p *tax.Person, _ *tax.Pay) string { return p.IDNumber }},
	{payroll.ColBirthPlace, "WP8", "", func(p *tax.Person, _ *tax.Pay) string { return p.BirthPlace }},
	{payroll.ColEducation, "WP9", "WP8", func(p *tax.Person, _ *tax.Pay) string { return p.Education }},
	{payroll.ColInsuranceType, "WP10", "WP10", func(p *tax.Person, _ *tax.Pay) string { return p.InsuranceType }},
	{payroll.ColInsuranceNumber, "WP11", "WP12", func(p *tax.Person, _ *tax.Pay) string { return p.InsuranceNumber }},
	{payroll.ColExemptionType, "WP13", "", func(p *tax.Person, _ *tax.Pay) string { return p.ExemptionType }},
	{payroll.ColCitizenshipCountry, "WP14", "WP6", func(p *tax.Person, _ *tax.Pay) string { return p.Citizenship }},
	{payroll.ColResidenceCountry, "WP15", "", func(p *tax.Person, _ *tax.Pay) string { return p.Residence }},
	{payroll.ColWorkerPostalCode, "WP16", "WP13", func(p *tax.Person, _ *tax.Pay) string { return p.PostalCode }},
	{payroll.ColWorkerAddress, "WP17", "WP14", func(p *tax.Person, _ *tax.Pay) string { return p.Address }},
	{payroll.ColJobFamily, "WP18", "", func(p *tax.Person, _ *tax.Pay) string { return p.JobFamily }},
	{payroll.ColJobTitle, "WP19", "WP9", func(p *tax.Person, _ *tax.Pay) string { return p.JobTitle }},
	{payroll.ColEmploymentType, "WP20", "WP16", func(p *tax.Person, _ *tax.Pay) string { return p.EmploymentType }},
	{payroll.ColStartDate, "WP21", "WP15", func(p *tax.Person, _ *tax.Pay) string { return dateText(p.StartDate) }},
	{payroll.ColEndDate, "WP22", "WP20", func(p *tax.Person, _ *tax.Pay) string { return firstDayOut(p.EndDate) }},
	{payroll.ColRetirementDate, "WP23", "", func(p *tax.Person, _ *tax.Pay) string { return dateText(p.RetirementDate) }},
	{payroll.ColPlaceStatus, "WH3", "WH10", func(_ *tax.Person, p *tax.Pay) string { return p.PlaceStatus }},
	{payroll.ColBudgetException, "WH4", "", func(_ *tax.Person, p *tax.Pay) string { return p.BudgetException }},
	{payroll.ColHousingUse, "WH9", "WH13", func(_ *tax.Person, p *tax.Pay) string { return p.HousingUse }},
	{payroll.ColCarUse, "WH11", "WH15", func(_ *tax.Person, p *tax.Pay) string { return p.CarUse }},
	{payroll.ColumnCount, "WH2", "WH2", nil},
	{payroll.ColumnCount, "WH5", "WH5", nil},
	{payroll.ColumnCount, "WH6", "WH6", nil},
}

func isForeign(p *tax.Person) bool { return p.Nationality == foreignCode }

// The codes of WP1, and the word taken for a foreigner of whom no file says more.
const (
	iranianCode  = "1"
	foreignCode  = "2"
	foreignWord  = "خارجی"
	rialCurrency = "84"
	oldCurrency  = "85" // in the edition before 1403
)

// nationalityWord writes the code of WP1 as a list does; another code stays, and is no nationality that holds a code.
func nationalityWord(code string) string {
	switch code {
	case iranianCode, "":
		return payroll.Iranian
	case foreignCode:
		return foreignWord
	}
	return code
}

func ifNot(left bool, s string) string {
	if left {
		return ""
	}
	return s
}

func dateText(d jalali.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// firstDayOut is the list's leaving date: the day after the last one worked, which WP holds.
func firstDayOut(lastWorked jalali.Date) string {
	if lastWorked.IsZero() {
		return ""
	}
	return lastWorked.Next().String()
}

// payColumns are the columns of WH that hold pay, the name each had before 1403, and the component that stands for it in a
// row of the tax administration alone. Columns that several components share are told as guesses.
var payColumns = []struct {
	column    int
	old       string
	component payroll.Component
}{
	{7, "WH11", payroll.MonthlyWage},
	{8, "WH12", payroll.ArrearsContinuous},
	{10, "WH14", payroll.HousingDeducted},
	{12, "WH16", payroll.CarDeducted},
	{13, "WH17", payroll.NonCashContinuous},
	{14, "", payroll.ArrearsContinuousNonCash},
	{15, "", payroll.Fees},
	{16, "", payroll.Research},
	{17, "WH22", payroll.Overtime},
	{18, "", payroll.TravelCost},
	{19, "", payroll.Mission},
	{20, "", payroll.Performance},
	{21, "WH24", payroll.Bonus},
	{22, "", payroll.YearEndBonus},
	{23, "WH28", payroll.Eidi},
	{24, "", payroll.EndService},
	{25, "", payroll.Dismissal},
	{26, "", payroll.Buyback},
	{27, "", payroll.Severance},
	{28, "WH29", payroll.UnusedLeave},
	{29, "WH23", payroll.OtherNoncontinuous},
	{30, "WH25", payroll.ArrearsOther},
	{31, "WH27", payroll.NonCashOther},
	{32, "", payroll.ArrearsOtherNonCash},
	{healthColumn, "WH19", payroll.HealthPremium},
	{34, "", payroll.LifePremium},
	{36, "", payroll.Teaching},
	{37, "", payroll.OnCall},
	{38, "", payroll.Productivity},
	{39, "", payroll.HaqqAlSaay},
}

// Columns of WH that are read by their number.
const (
	continuousColumn = 7
	otherColumn      = 29
	healthColumn     = 33
	netColumn        = 35
	welfareColumn    = 38
)

// payName is the name of a column of pay in an edition, empty where it has none.
func (m *taxMonth) payName(i int) string {
	if m.edition == oldEdition {
		return payColumns[i].old
	}
	if m.edition < liveEdition && payColumns[i].column > netColumn {
		return ""
	}
	return "WH" + strconv.Itoa(payColumns[i].column)
}

const liveEdition = 1404

// openTax opens the tax files, looks both through to their end, and takes the month from their names.
func (r *ownReader) openTax() error {
	t := r.list.tax
	m := &r.month
	m.taken, m.sources = map[int]bool{}, map[int]bool{}
	if x := t.index; x != nil {
		m.index, m.edition, m.persons, m.pays = x, x.edition, x.persons, x.pays
	} else {
		if err := r.openTaxFiles(); err != nil {
			return err
		}
		if err := r.samePersons(); err != nil {
			return err
		}
	}
	h := &r.in.headers
	at := fault.Place{Sheet: t.wp[0]}
	if r.list.dsk == nil {
		h.sheet = t.wp[0]
	}
	if !t.period.IsZero() {
		keys := []payroll.HeaderID{payroll.KeyTaxPeriod}
		if r.list.dsk == nil {
			keys = append(keys, payroll.KeyPeriod)
			r.in.guessed(payroll.KeyPeriod.Info().Key, t.period.String(), "file name")
		}
		for _, key := range keys {
			h.set(key, &cellValue{Kind: workbook.Text, Text: []byte(t.period.String()), HasValue: true}, at)
		}
	}
	edition := "23+" + strconv.Itoa(fieldsOf(m.edition))
	r.in.guessed("edition", edition, "number of columns of "+t.wh[0])
	if r.list.dsk != nil && m.edition == oldEdition {
		r.tellUnjoinable()
	}
	return nil
}

func fieldsOf(edition int) int {
	switch edition {
	case oldEdition:
		return 34
	case liveEdition:
		return 39
	}
	return netColumn
}

func (r *ownReader) openTaxFiles() (err error) {
	t, m := r.list.tax, &r.month
	var wp, wh io.Reader
	if wh, err = r.list.files.open(t.wh[0]); err != nil {
		return err
	}
	if wp, err = r.list.files.open(t.wp[0]); err != nil {
		return err
	}
	if m.pays, m.edition, err = tax.Pays(wh); err != nil {
		return r.badLine(t.wh[0], err)
	}
	if m.edition == 0 {
		m.edition = liveEdition
	}
	m.persons = tax.Persons(wp, m.edition)
	return nil
}

// badLine tells what is wrong with a whole text file.
func (r *ownReader) badLine(name string, err error) error {
	var e *tax.LineError
	if !errors.As(err, &e) {
		return err
	}
	at := fault.Place{Sheet: name, Row: e.Line}
	given, expected := strconv.Itoa(e.Given), strconv.Itoa(e.Expected)
	switch {
	case errors.Is(err, tax.ErrUTF8):
		return &workbook.Refusal{Code: "FILE-05", Part: name, Row: e.Line, Column: -1, Reason: "utf8"}
	case errors.Is(err, tax.ErrEdition):
		r.in.judge.ReportPlace(codeSheet06, at, given, "39, 35, 34", "",
			"what_fa", "تعداد ستون‌ها ("+given+") از هیچ ویرایش فایل حقوق (۳۹، ۳۵ یا ۳۴) نیست", "what_en", given+" columns are of no edition of the pay file (39, 35 or 34)")
	default:
		r.in.judge.ReportPlace(codeSheet06, at, given, expected, "",
			"what_fa", "خط "+strconv.Itoa(e.Line)+" به جای "+expected+" ستون "+given+" ستون دارد", "what_en", "line "+strconv.Itoa(e.Line)+" has "+given+" columns in place of "+expected)
	}
	return errStop
}

// samePersons reads both files to their end: line for line they must hold the same persons (LIST-06). The lines of a joined
// list are kept.
func (r *ownReader) samePersons() error {
	t, m := r.list.tax, &r.month
	joined := r.list.dsk != nil
	x := &taxIndex{edition: m.edition, persons: m.persons, pays: m.pays, byID: map[string]int{}, insured: map[string]int{}}
	for {
		somebody := m.persons.Next(&m.person)
		if err := m.persons.Err(); err != nil {
			return r.badLine(t.wp[0], err)
		}
		paid := m.pays.Next(&m.pay)
		if err := m.pays.Err(); err != nil {
			return r.badLine(t.wh[0], err)
		}
		if !somebody && !paid {
			break
		}
		if somebody != paid || m.person.ID != m.pay.ID {
			r.otherPersons(somebody, paid)
			return errStop
		}
		if joined && len(x.lines) <= MostWorkers {
			x.keep(m)
		}
	}
	if !joined {
		return r.openTaxFiles()
	}
	if err := r.own(x); err != nil {
		return err
	}
	m.index, t.index = x, x
	return nil
}

func (r *ownReader) otherPersons(somebody, paid bool) {
	m := &r.month
	_, line := m.pays.Line()
	if !paid {
		_, line = m.persons.Line()
	}
	at := fault.Place{Sheet: r.list.tax.wh[0], Row: line, Column: "WH1"}
	what := fault.Text{FA: "شخص این خط در دو فایل یکی نیست", EN: "the two files hold different persons in this line"}
	switch {
	case !paid:
		what = fault.Text{FA: "WP خط‌هایی بیش از WH دارد", EN: "WP has more lines than WH"}
	case !somebody:
		what = fault.Text{FA: "WH خط‌هایی بیش از WP دارد", EN: "WH has more lines than WP"}
	}
	r.in.judge.ReportPlace(codeList06, at, m.pay.ID, m.person.ID, "", "what_fa", what.FA, "what_en", what.EN)
}

// bindTax binds the columns of WP and WH; of a column that the SSO's file has too, both places are known.
func (r *ownReader) bindTax(bind func(payroll.ColumnID, string) int) {
	m := &r.month
	for i := range taxFields {
		f := &taxFields[i]
		if name := f.name(m.edition); name != "" {
			r.taxAt[key(f.column, name)] = bind(f.column, name)
		}
	}
	for i := range payColumns {
		if name := m.payName(i); name != "" {
			r.taxAt[name] = bind(payColumns[i].component.Column(), name)
		}
	}
	switch {
	case m.edition != oldEdition:
		r.taxAt["WH35"] = bind(payroll.ColNetPaid, "WH35")
	default:
		r.taxAt["WH18"] = bind(payroll.HealthPremium.Column(), "WH18")
		r.taxAt["WH34"] = bind(payroll.ColDeclaredTax, "WH34")
	}
}

// key tells the two columns apart that WP2 may become.
func key(id payroll.ColumnID, name string) string {
	if id == payroll.ColForeignerCode {
		return name + " foreign"
	}
	return name
}

// readTax reads a tax month into lines: of a joined list, the persons who have no row yet.
func (r *ownReader) readTax() error {
	if r.list.dsk != nil {
		return r.readLeft()
	}
	t, m := r.list.tax, &r.month
	for m.persons.Next(&m.person) && m.pays.Next(&m.pay) {
		_, line := m.pays.Line()
		if err := r.taxRow(line, line); err != nil {
			return err
		}
	}
	if err := m.persons.Err(); err != nil {
		return r.badLine(t.wp[0], err)
	}
	if err := m.pays.Err(); err != nil {
		return r.badLine(t.wh[0], err)
	}
	return nil
}

// taxRow reads the person and pay at hand as a row of the tax administration alone.
func (r *ownReader) taxRow(row, line int) error {
	name := r.list.tax.wp[0]
	if most := r.in.o.Limits.Rows; r.workers == most {
		r.judge.ReportPlace(codeSheet07, fault.Place{Sheet: name, Row: line}, "", strconv.Itoa(most), "", tooManyRows(most)...)
		return errStop
	}
	if r.workers&1023 == 0 {
		if err := r.in.ctx.Err(); err != nil {
			return err
		}
	}
	r.taxLine[row] = line
	r.row.reset()
	r.taxCells(nil)
	m := &r.month
	for i := range payColumns {
		c := &payColumns[i]
		if at, ok := r.taxAt[m.payName(i)]; ok && m.pay.Amounts[c.column] != 0 {
			m.sources[c.column] = true
			r.row.number(at, int64(m.pay.Amounts[c.column]))
		}
	}
	if m.pay.MedicalCosts != 0 {
		r.row.number(r.taxAt["WH18"], int64(m.pay.MedicalCosts))
	}
	r.row.add(r.reportedTo(), workbook.Text, fault.Tax.String())
	return r.lineReader.row(row, false, r.row.cells)
}

// taxCells are the cells of the person at hand that are no pay; skip leaves out columns that another file told.
func (r *ownReader) taxCells(skip func(payroll.ColumnID) bool) {
	m := &r.month
	r.wrongOfTax(m.persons.Wrong())
	r.wrongOfTax(m.pays.Wrong())
	for i := range taxFields {
		f := &taxFields[i]
		name := f.name(m.edition)
		if name == "" || f.text == nil {
			continue
		}
		at, text := r.taxAt[key(f.column, name)], f.text(&m.person, &m.pay)
		if skip != nil && skip(f.column) {
			r.tellOther(f.column, at, text)
			continue
		}
		r.row.add(at, workbook.Text, text)
	}
	if m.edition == oldEdition {
		if m.pay.Tax != 0 {
			r.row.number(r.taxAt["WH34"], int64(m.pay.Tax))
		}
	} else {
		r.row.number(r.taxAt["WH35"], int64(m.pay.Amounts[netColumn]))
	}
	r.currency()
	m.unread()
}

// wrongOfTax keeps the findings of amounts and dates that are none for their row.
func (r *ownReader) wrongOfTax(wrong []tax.Wrong) {
	for _, w := range wrong {
		at, ok := r.taxAt[w.Field]
		if !ok {
			continue
		}
		entry, expected, with := codeDate02, "14040101", []string(nil)
		if errors.Is(w.Err, tax.ErrDate) {
			if _, err := jalali.ParseDate(w.Given); errors.Is(err, jalali.ErrNoSuchDay) {
				entry, expected, with = codeDate01, "", monthEnds(lastDay([]byte(w.Given)))
			}
		} else {
			r.unsound, expected = true, ""
			_, _, why := parseNumber([]byte(w.Given))
			if entry = numberEntries[why]; entry == nil {
				entry = codeCell03 // written with separators, which the administration's files never have
			}
			hint := numberHint([]byte(w.Given))
			with = []string{"hint_fa", hint.FA, "hint_en", hint.EN, "field", w.Field}
		}
		r.lineReader.wrong = append(r.lineReader.wrong, pending{
			entry: entry, column: r.plan.at(at).column, sheetColumn: at, given: w.Given, expected: expected, with: with,
		})
	}
}

// currency is CELL-13 for pay that is not in rials: nothing else is taken.
func (r *ownReader) currency() {
	m := &r.month
	currency := rialCurrency
	if m.edition == oldEdition {
		currency = oldCurrency
	}
	for _, x := range []struct{ field, given, want string }{
		{"WH2", m.pay.CurrencyMode, "1"},
		{"WH5", m.pay.Currency, currency},
		{"WH6", m.pay.ExchangeRate, "1"},
	} {
		if x.given != x.want && (x.given != "" || m.edition != oldEdition) {
			r.lineReader.wrong = append(r.lineReader.wrong, pending{
				entry: codeCell13, column: payroll.ColumnCount, sheetColumn: r.taxAt[x.field], given: x.given, expected: x.want,
			})
		}
	}
}

// unread notes amounts of the edition before 1403 that no column of a list holds.
func (m *taxMonth) unread() {
	for i, a := range m.pay.Exempt {
		if a != 0 {
			m.sources[-1-i] = true
		}
	}
}

// exemptNames are the columns of tax.Pay.Exempt.
var exemptNames = [...]string{"WH20", "WH21", "WH26", "WH30", "WH31", "WH32"}

// tellTaxSources says what stands for columns that several components share, and what is not read.
func (r *ownReader) tellTaxSources() {
	m := &r.month
	for i := range payColumns {
		c := &payColumns[i]
		if name := m.payName(i); m.sources[c.column] && r.shared(c.column) {
			why := "several components share the column"
			if c.column == healthColumn {
				why = "the column also holds the deductible share of the worker's premium"
			}
			r.in.guessed(c.component.Info().Key, name, why)
		}
	}
	for i, name := range exemptNames {
		if m.sources[-1-i] {
			r.judge.ReportPlace(codeSheet05, fault.Place{Sheet: r.list.tax.wh[0], Column: name}, name, "", "")
		}
	}
}

// shared tells whether more than one component stands in a column.
func (r *ownReader) shared(column int) bool {
	if column == healthColumn {
		return true
	}
	n := 0
	for c := range payroll.Components() {
		if tax.ColumnOf(c, max(r.month.edition, editionOfColumns)) == column {
			n++
		}
	}
	return n > 1
}

// editionOfColumns is the oldest edition whose columns the component table knows.
const editionOfColumns = 1403
