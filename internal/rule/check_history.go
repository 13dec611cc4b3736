package rule

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

// historyChecks compare a line with the month before.
func historyChecks() []Check {
	return []Check{
		{
			Entry: fault.Entry{
				Code: "HIST-02", Class: fault.Register, Severity: fault.Warning, Lane: fault.Both, Scope: "row", Field: "daily_wage",
				Message: fault.Text{
					FA: "دستمزد روزانه {wage} ریال از لیست ماه قبل ({amount} ریال) کمتر است",
					EN: "daily wage {wage} rials is lower than in last month's list ({amount})",
				},
				Fix: fault.Text{
					FA: "اگر مزد کم نشده، رقم را درست کنید؛ برای کار نیمه‌وقت روزها را کم کنید، نه دستمزد روزانه را.",
					EN: "If the wage was not lowered correct it; for part-time work reduce the days, not the daily wage.",
				},
				Effect: warns,
			},
			Rows: fault.Both, History: true, Reads: identityCells.Union(payroll.SetOf(payroll.ColDailyWage)),
			Find: lowerWage,
		},
		{
			Entry: fault.Entry{
				Code: "HIST-03", Class: fault.Register, Severity: fault.Info, Lane: fault.Both, Scope: "row",
				Message: fault.Text{
					FA: "{count} نفر در لیست ماه قبل نبودند (ردیف {rows_fa})",
					EN: "{count} persons were not in last month's list (rows {rows_en})",
				},
				Fix:    nothingToDo,
				Effect: informs,
			},
			Rows: fault.Both, History: true, Reads: identityCells,
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if len(j.History.past) == 0 || j.History.pastOfLine(l) != nil {
					return
				}
				if k, ok := l.PersonKey(); ok && j.History.SameMonth(k).Rows == 0 {
					j.gather(l, payroll.ColumnCount)
				}
			},
		},
	}
}

func lowerWage(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	p := j.History.pastOfLine(l)
	if p == nil || l.Hold || l.DailyWage == 0 || l.DailyWage >= p.DailyWage {
		return
	}
	j.found(l, payroll.ColDailyWage, digits(l.DailyWage), digits(p.DailyWage), "wage", l.DailyWage.Grouped(), "amount", p.DailyWage.Grouped())
}

// kept is what is remembered of a line until registers are asked of all persons at once.
type kept struct {
	key        payroll.PersonKey
	row        int32
	birth      int32 // yyyymmdd
	names      int32 // where the three begin, each ended by a zero byte
	days       uint8
	lanes      fault.Lane
	hold, told bool
	codes      [len(agreed)]uint8 // a digit each, 0 for one that could not be read
}

// keep remembers a line for the register. Who stands in the list twice is remembered once.
func (j *Judge) keep(l *payroll.Line) {
	k, ok := l.PersonKey()
	if !ok || l.Faulty.Meets(identityCells) {
		return
	}
	x := kept{key: k, row: int32(l.Row), names: int32(len(j.names)), lanes: l.ReportedTo, hold: l.Hold}
	if !l.Faulty.Has(payroll.ColDays) && l.ReportedTo.Has(fault.SSO) {
		x.days = uint8(min(l.Days, longestMonth))
	}
	if !l.Faulty.Has(payroll.ColBirthDate) {
		x.birth = int32(l.BirthDate.Number())
	}
	for i, code := range codesOf(l) {
		if !l.Faulty.Has(agreed[i]) {
			x.codes[i] = codeDigit(code)
		}
	}
	for _, n := range namesOf(l) {
		if !l.Faulty.Has(n.col) {
			j.names = append(j.names, n.text...)
		}
		j.names = append(j.names, 0)
	}
	j.kept = append(j.kept, x)
}

const longestMonth = 31

// codeDigit is a code of one digit, the default for a blank one, and 0 for what is no such code.
func codeDigit(code string) uint8 {
	switch {
	case code == "":
		return 1
	case len(code) == 1 && code[0] >= '1' && code[0] <= '9':
		return code[0] - '0'
	}
	return 0
}

type named struct {
	col  payroll.ColumnID
	text string
}

func namesOf(l *payroll.Line) [3]named {
	return [...]named{{payroll.ColFirstName, l.FirstName}, {payroll.ColLastName, l.LastName}, {payroll.ColFatherName, l.FatherName}}
}

// askedAtOnce bounds how many persons a register is asked of in one go.
const askedAtOnce = 4096

// askHistory asks the registers of the list's persons, once all are known, and tells who is missing. A list that was not read
// to its end is compared with nothing: everyone after that place would be missing.
func (j *Judge) askHistory() {
	if j.History == nil || j.Findings.Worst(fault.Both) == fault.Refuse {
		return
	}
	if !j.header.Adds() && (j.Whole || j.header.Kind != payroll.Change) {
		j.absent()
	}
	if j.History.Ask == nil {
		return
	}
	var persons []string
	for part := range slices.Chunk(j.kept, askedAtOnce) {
		persons = persons[:0]
		for i := range part {
			persons = append(persons, part[i].key.String())
		}
		j.History.Ask(persons, j.elsewhere)
	}
}

// absent is HIST-01. Who left on the last day of the month before has the first day of this one as his leaving date.
func (j *Judge) absent() {
	e := Entry("HIST-01")
	for i := range j.History.past {
		p := &j.History.past[i]
		if !p.Expected || !p.EndDate.IsZero() && !j.header.Period.First().Before(p.EndDate) {
			continue
		}
		if _, here := j.persons.Of(p.key); here || j.History.SameMonth(p.key).Rows > 0 {
			continue
		}
		name := ""
		if j.Findings.Room(e.Code) {
			name = j.History.name(p)
		}
		j.add(e, j.sheetPlace(), fault.Both&j.Lanes, finding{
			severity: e.Severity, given: p.key.Code(), with: []string{"name", name, "row", number(p.Row)},
		})
	}
}

// sheetPlace is the list's sheet itself, for who has no row in it.
func (j *Judge) sheetPlace() (p fault.Place) {
	if j.Place != nil {
		p.Sheet = j.Place(1, payroll.ColumnCount).Sheet
	}
	return p
}

// elsewhere tells what a register answered of one person.
func (j *Judge) elsewhere(e *Elsewhere) {
	k, ok := payroll.KeyOfPerson(e.Person)
	if !ok {
		return
	}
	row, ok := j.persons.Of(k)
	if !ok {
		return
	}
	at, ok := slices.BinarySearchFunc(j.kept, row, func(x kept, row int) int { return cmp.Compare(int(x.row), row) })
	if !ok {
		return
	}
	x := &j.kept[at]
	if e.Identity != nil {
		j.otherIdentity(x, e.Identity)
	}
	if e.Days > 0 && x.days > 0 && !x.hold && j.Lanes.Has(fault.SSO) {
		if days, month := e.Days+int(x.days)+j.History.SameMonth(k).Days, j.header.Period.Days(); days > month {
			j.tellKept(x, Entry("HIST-04"), payroll.ColDays, number(days), number(month))
		}
	}
	if e.Codes != nil && !x.hold && !x.told && x.lanes.Has(fault.Tax) {
		j.otherCodes(x, e.Codes)
	}
}

// otherIdentity is ID-13: one finding a row, naming all that differs.
func (j *Judge) otherIdentity(x *kept, was *Identity) {
	here := j.namesKept(x)
	var d differences
	for i, n := range [...]named{{payroll.ColFirstName, was.FirstName}, {payroll.ColLastName, was.LastName}, {payroll.ColFatherName, was.FatherName}} {
		if now := here[i]; now != "" && n.text != "" && !sameName(now, n.text) {
			d.add(n.col, now, n.text)
		}
	}
	if x.birth != 0 && !was.BirthDate.IsZero() && int(x.birth) != was.BirthDate.Number() {
		now := jalali.Date{Year: int(x.birth) / 10000, Month: int(x.birth) / 100 % 100, Day: int(x.birth) % 100}
		d.add(payroll.ColBirthDate, now.String(), was.BirthDate.String())
	}
	if len(d.now) == 0 {
		return
	}
	col := payroll.ColNationalCode
	if strings.HasPrefix(x.key.String(), "F") {
		col = payroll.ColForeignerCode
	}
	j.tellDifferences(x, Entry("ID-13"), col, &d)
}

func (j *Judge) namesKept(x *kept) (names [3]string) {
	rest := j.names[x.names:]
	for i := range names {
		n := bytes.IndexByte(rest, 0)
		names[i], rest = string(rest[:n]), rest[n+1:]
	}
	return names
}

// otherCodes is TAX-07: one finding a row, naming all that contradicts.
func (j *Judge) otherCodes(x *kept, o *OtherCodes) {
	var d differences
	for i, other := range [len(agreed)]string{o.PlaceStatus, o.BudgetException, o.HousingUse, o.CarUse} {
		if there := codeDigit(other); there != x.codes[i] && there != 0 && x.codes[i] != 0 {
			d.add(agreed[i], number(int(x.codes[i])), number(int(there)))
		}
	}
	if len(d.now) == 0 {
		return
	}
	x.told = true
	j.tellDifferences(x, Entry("TAX-07"), payroll.ColumnCount, &d, "where_fa", o.FA, "where_en", o.EN)
}

// differences are values that stand otherwise elsewhere.
type differences struct{ now, was, fa, en []string }

func (d *differences) add(col payroll.ColumnID, now, was string) {
	name := nameOf(col)
	name.FA, _, _ = strings.Cut(name.FA, " (") // the label of a coded column lists its words
	d.now, d.was = append(d.now, now), append(d.was, was)
	d.fa = append(d.fa, name.FA+": «"+wordOf(col, was)+"»، اکنون «"+wordOf(col, now)+"»")
	d.en = append(d.en, name.EN+": "+was+", now "+now)
}

func (j *Judge) tellDifferences(x *kept, e *fault.Entry, col payroll.ColumnID, d *differences, with ...string) {
	j.tellKept(x, e, col, strings.Join(d.now, "، "), strings.Join(d.was, "، "),
		append(with, "hint_fa", strings.Join(d.fa, "؛ "), "hint_en", strings.Join(d.en, "; "))...)
}

// tellKept reports a finding of a line that is no longer at hand.
func (j *Judge) tellKept(x *kept, e *fault.Entry, col payroll.ColumnID, given, expected string, with ...string) {
	line := payroll.Line{Row: int(x.row), ReportedTo: x.lanes, Hold: x.hold}
	j.Report(e, &line, col, given, expected, "", with...)
}
