package intake

import (
	"slices"
	"strconv"
	"strings"

	"fehrest/internal/agency/sso"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// dskColumns are the fields of DSKWOR00 and the columns of the list that they become. The sums of benefits and of all pay
// stand for what they hold beside the pay that is told apart; payroll.ColumnCount is a field that is only compared.
var dskColumns = []struct {
	column payroll.ColumnID
	field  string
	text   func(*sso.Wor) string // nil for a number
}{
	{payroll.ColNationalCode, "PER_NATCOD", func(w *sso.Wor) string { return w.NationalCode }},
	{payroll.ColNationality, "DSW_NAT", func(w *sso.Wor) string { return w.Nationality }},
	{payroll.ColFirstName, "DSW_FNAME", func(w *sso.Wor) string { return w.FirstName }},
	{payroll.ColLastName, "DSW_LNAME", func(w *sso.Wor) string { return w.LastName }},
	{payroll.ColFatherName, "DSW_DNAME", func(w *sso.Wor) string { return w.FatherName }},
	{payroll.ColBirthDate, "DSW_BDATE", func(w *sso.Wor) string { return w.BirthDate }},
	{payroll.ColIDNumber, "DSW_IDNO", func(w *sso.Wor) string { return w.IDNumber }},
	{payroll.ColIssuePlace, "DSW_IDPLC", func(w *sso.Wor) string { return w.IssuePlace }},
	{payroll.ColIssueDate, "DSW_IDATE", func(w *sso.Wor) string { return w.IssueDate }},
	{payroll.ColSex, "DSW_SEX", func(w *sso.Wor) string { return w.Sex }},
	{payroll.ColInsuranceNumber, "DSW_ID1", func(w *sso.Wor) string { return w.InsuranceNumber }},
	{payroll.ColJobCode, "DSW_JOB", func(w *sso.Wor) string { return w.Job }},
	{payroll.ColJobTitle, "DSW_OCP", func(w *sso.Wor) string { return w.Occupation }},
	{payroll.ColStartDate, "DSW_SDATE", func(w *sso.Wor) string { return w.StartDate }},
	{payroll.ColEndDate, "DSW_EDATE", func(w *sso.Wor) string { return w.EndDate }},
	{payroll.ColDays, "DSW_DD", nil},
	{payroll.ColDailyWage, "DSW_ROOZ", nil},
	{payroll.ColDailySeniority, "DSW_INC", nil},
	{payroll.MonthlyWage.Column(), "DSW_MAH", nil},
	{payroll.Marriage.Column(), "DSW_SPOUSE", nil},
	{payroll.OtherContinuous.Column(), "DSW_MAZ", nil},
	{payroll.OtherNoncontinuous.Column(), "DSW_TOTL", nil},
	{payroll.ColDeclaredPremium, "DSW_BIME", nil},
	{payroll.ColumnCount, "DSW_MASH", nil},
}

// readDSK reads the workers' file into lines.
func (r *ownReader) readDSK() error {
	name := r.list.dsk.wor[0]
	from, err := r.list.files.open(name)
	if err != nil {
		return err
	}
	records, err := sso.Wors(from, r.encoding)
	if err != nil {
		return r.badTable(name, err)
	}
	var w sso.Wor
	for records.Next(&w) {
		number := records.Record()
		if most := r.in.o.Limits.Rows; r.workers == most {
			r.judge.ReportPlace(codeSheet07, fault.Place{Sheet: name, Row: number}, "", strconv.Itoa(most), "", tooManyRows(most)...)
			return errStop
		}
		if r.workers&1023 == 0 {
			if err := r.in.ctx.Err(); err != nil {
				return err
			}
		}
		r.dskRows = number
		r.row.reset()
		r.dskCells(records, &w)
		if err := r.lineReader.row(number, false, r.row.cells); err != nil {
			return err
		}
	}
	if records.Err() != nil {
		return r.badTable(name, records.Err())
	}
	return nil
}

// dskCells are the cells of one worker.
func (r *ownReader) dskCells(records *sso.Records[sso.Wor], w *sso.Wor) {
	bad := r.wrongNumbers(records.Wrong())
	for i := range dskColumns {
		c := &dskColumns[i]
		at, ok := r.dskAt[c.field]
		if !ok || c.text == nil {
			continue
		}
		text, kind := c.text(w), workbook.Text
		if records.Numeric(c.field) {
			kind = workbook.Number
		}
		if c.column.Info().Form == payroll.Date {
			text = r.dskDate(c.column, at, text)
		}
		r.row.add(at, kind, text)
	}
	d := payOf(w)
	lanes, joined := r.join(w, &d, records.Record())
	r.row.add(r.reportedTo(), workbook.Text, lanes.String())
	if kind := r.survey.kindOf(records.Record()); kind != "" {
		r.row.add(r.plan.cellOf(payroll.ColInsuredKind), workbook.Text, string(kind))
	}
	r.dskNumbers(w, &d, bad, joined)
}

// dskPay is a worker's pay as the SSO's file tells it, in the parts that it can be taken apart into.
type dskPay struct {
	wage, marriage     int64
	insurable, outside int64 // benefits without marriage; pay in the total that is not insurable
	premium            int64
	pay                payroll.Pay // of both organisations' files together, once they are joined
}

func payOf(w *sso.Wor) dskPay {
	return dskPay{
		wage: w.MonthlyWage, marriage: w.Marriage, insurable: w.Benefits - w.Marriage, outside: w.Total - w.MonthlyWage - w.Benefits,
		premium: w.WorkerPremium,
	}
}

// dskNumbers are the figures of one worker. A part that comes out of a field which is no number is left out.
func (r *ownReader) dskNumbers(w *sso.Wor, d *dskPay, bad map[string]bool, joined bool) {
	put := func(field string, n int64, always bool, from ...string) {
		for _, f := range from {
			if bad[f] {
				return
			}
		}
		if at, ok := r.dskAt[field]; ok && !bad[field] && (always || n != 0) {
			r.row.number(at, n)
		}
	}
	put("DSW_DD", w.Days, true)
	put("DSW_ROOZ", w.DailyWage, w.Days > 0)
	put("DSW_INC", w.Seniority, false)
	put("DSW_MAH", w.MonthlyWage, w.Days > 0)
	put("DSW_BIME", w.WorkerPremium, true)
	if joined {
		r.joinedCells(d)
		return
	}
	put("DSW_SPOUSE", d.marriage, false)
	for _, x := range []struct {
		field, from string
		n           int64
		of          []string
	}{
		{"DSW_MAZ", "DSW_MAZ − DSW_SPOUSE", d.insurable, []string{"DSW_SPOUSE"}},
		{"DSW_TOTL", "DSW_TOTL − DSW_MAH − DSW_MAZ", d.outside, []string{"DSW_MAH", "DSW_MAZ"}},
	} {
		if at, ok := r.dskAt[x.field]; ok && x.n < 0 && !bad[x.field] && !slices.ContainsFunc(x.of, func(f string) bool { return bad[f] }) {
			r.torn = true
			i, _ := indexOfField(x.field)
			r.lineReader.wrong = append(r.lineReader.wrong, pending{
				entry: codeCell05, column: dskColumns[i].column, sheetColumn: at, given: x.from + " = " + strconv.FormatInt(x.n, 10),
			})
			continue
		}
		put(x.field, x.n, false, x.of...)
	}
}

// wrongNumbers keeps the findings of fields that hold no number for their row, and tells which fields they are.
func (r *ownReader) wrongNumbers(wrong []sso.Wrong) (bad map[string]bool) {
	for _, w := range wrong {
		i, known := indexOfField(w.Field)
		at, bound := r.dskAt[w.Field]
		if !known || !bound {
			continue // a year or a rate that no column holds; lookThrough compares the first
		}
		r.unsound = true
		if bad == nil {
			bad = map[string]bool{}
		}
		bad[w.Field] = true
		entry, with := numberWords(w.Err)
		r.lineReader.wrong = append(r.lineReader.wrong, pending{
			entry: entry, column: dskColumns[i].column, sheetColumn: at, given: w.Given, with: with,
		})
	}
	return bad
}

func indexOfField(name string) (int, bool) {
	for i := range dskColumns {
		if dskColumns[i].field == name {
			return i, true
		}
	}
	return 0, false
}

// reportedTo is the column that tells where rows go: none of the files'.
func (r *ownReader) reportedTo() int { return r.plan.cellOf(payroll.ColReportedTo) }

// dskDate reads a date of the SSO's file: yyyymmdd; blank also where it is zeros; a year of two digits is written out whole
// and told (CELL-11).
func (r *ownReader) dskDate(id payroll.ColumnID, at int, text string) string {
	if strings.Trim(text, "0/- ") == "" {
		return ""
	}
	if len(text) > 8 || len(text) < 6 || text[2] != '/' && text[2] != '-' {
		return text
	}
	year, err := strconv.Atoi(text[:2])
	if err != nil {
		return text
	}
	full := strconv.Itoa(r.centuryOf(id, year)+year) + text[2:]
	if d, err := jalali.ParseDate(full); err == nil {
		full = d.String()
	}
	r.lineReader.wrong = append(r.lineReader.wrong, pending{
		entry: codeCell11, column: id, sheetColumn: at, given: text, expected: full, with: changeWords["century"],
	})
	return full
}

// centuryOf is the century of a year of two digits: the newest in which the day does not lie after the list's month, and of
// a birth one in which a worker is old enough to be one.
func (r *ownReader) centuryOf(id payroll.ColumnID, year int) int {
	last := r.header.Period.Year
	if p := r.judge.Law(); id == payroll.ColBirthDate && p != nil {
		last -= p.YoungestWorker.Value
	}
	if century+100+year > last {
		return century
	}
	return century + 100
}
