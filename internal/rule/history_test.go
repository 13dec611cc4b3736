package rule_test

import (
	"slices"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"

	"github.com/stretchr/testify/require"
)

// asBefore is a register that had every person of the list in the month before, as he stands now.
func asBefore(l *list) *rule.History {
	l.judge.AtWindow = true
	if l.judge.History == nil {
		l.judge.History = &rule.History{}
	}
	for i := range l.lines {
		x := &l.lines[i]
		l.judge.History.AddPast(x.Person(), rule.Past{Row: x.Row, DailyWage: x.DailyWage, Expected: true}, x.FirstName+" "+x.LastName)
	}
	return l.judge.History
}

// was changes what the register has of the second worker, in row 4.
func was(change func(p *rule.Past)) func(*list) {
	return func(l *list) {
		x := &l.lines[1]
		p := rule.Past{Row: x.Row, DailyWage: x.DailyWage, Expected: true}
		change(&p)
		l.judge.History = &rule.History{}
		l.judge.History.AddPast(x.Person(), p, x.FirstName+" "+x.LastName)
		asBefore(l)
	}
}

// gone leaves the second worker out of the list the register has.
func gone(change func(p *rule.Past)) func(*list) {
	return func(l *list) {
		was(change)(l)
		l.lines = slices.Delete(l.lines, 1, 2)
	}
}

// elsewhere has a register tell of the second worker what the test wants.
func elsewhere(e rule.Elsewhere) func(*list) {
	return func(l *list) {
		e.Person = l.lines[1].Person()
		asBefore(l).Ask = func(persons []string, tell func(*rule.Elsewhere)) {
			if slices.Contains(persons, e.Person) {
				tell(&e)
			}
		}
	}
}

func sameMonth(m rule.SameMonth) func(*list) {
	return func(l *list) { asBefore(l).AddSameMonth(l.lines[1].Person(), m) }
}

func asItStands(l *list) { asBefore(l) }

var good = rule.Identity{FirstName: "علی", LastName: "رضایی", FatherName: "حسین", BirthDate: jalali.Date{Year: 1370, Month: 1, Day: 1}}

func identity(change func(*rule.Identity)) func(*list) {
	id := good
	change(&id)
	return elsewhere(rule.Elsewhere{Identity: &id})
}

var historyExamples = []example{
	{code: "DAYS-05", fails: sameMonth(rule.SameMonth{Rows: 1, Days: 1}), field: "days", given: "31", expected: "30", verdicts: rejectedBySSO, passes: sameMonth(rule.SameMonth{Rows: 1, Insurable: 1})},
	{
		code: "DAYS-05", fails: func(l *list) { l.lines[1].Days = 20; sameMonth(rule.SameMonth{Rows: 1, Days: 11})(l) }, field: "days", given: "31", expected: "30", verdicts: rejectedBySSO,
		passes: func(l *list) { l.lines[1].Days = 19; sameMonth(rule.SameMonth{Rows: 1, Days: 11})(l) },
	},
	{
		code: "DAYS-05", fails: sameMonth(rule.SameMonth{Rows: 1, Days: 30}), field: "days", given: "60", expected: "30", verdicts: rejectedBySSO,
		passes: func(l *list) { l.lines[1].Hold = true; sameMonth(rule.SameMonth{Rows: 1, Days: 30})(l) },
	},
	{
		code: "ID-13", fails: identity(func(i *rule.Identity) { i.LastName = "رضائیان" }), field: "national_code", given: "رضایی", expected: "رضائیان", verdicts: warnedByBoth,
		passes: identity(func(i *rule.Identity) { i.LastName = "رضائی" }),
	},
	{
		code: "ID-13", fails: identity(func(i *rule.Identity) { i.FatherName, i.BirthDate.Day = "حسن", 2 }), field: "national_code", given: "حسین، 1370/01/01", expected: "حسن، 1370/01/02",
		verdicts: warnedByBoth, passes: identity(func(i *rule.Identity) { i.FatherName, i.BirthDate = "", jalali.Date{} }),
	},
	{
		code: "ID-13", fails: func(l *list) {
			foreigner(&l.lines[1])
			identity(func(i *rule.Identity) { i.FirstName = "گل‌محمد" })(l)
		}, field: "foreigner_code", given: "علی", expected: "گل‌محمد",
		verdicts: warnedByBoth, passes: identity(func(i *rule.Identity) { i.FirstName = "عـلی" }),
	},
	{
		code: "TAX-07", fails: elsewhere(rule.Elsewhere{Codes: &rule.OtherCodes{PlaceStatus: "2", CarUse: "3"}}), given: "1، 1", expected: "2، 3",
		verdicts: payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Rejected}, passes: elsewhere(rule.Elsewhere{Codes: &rule.OtherCodes{PlaceStatus: "1"}}),
	},
	{
		code: "TAX-07", fails: func(l *list) { l.lines[1].HousingUse = "2"; elsewhere(rule.Elsewhere{Codes: &rule.OtherCodes{}})(l) }, given: "2", expected: "1",
		verdicts: payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Rejected},
		passes: func(l *list) {
			l.lines[1].ReportedTo = fault.SSO
			elsewhere(rule.Elsewhere{Codes: &rule.OtherCodes{CarUse: "3"}})(l)
		},
	},
	{code: "LIST-05", fails: func(l *list) { l.judge.History = &rule.History{NoListBefore: true} }, field: "period", given: "1405-07", expected: "1405-06", verdicts: warnedByBoth, passes: asItStands},
	{
		code: "LIST-11", fails: func(l *list) {
			asBefore(l).Collected = func() string { return "123456789012345" }
			l.header.Kind, l.header.Replaces, l.header.Reason = payroll.Replacement, "v1", "مزد"
		},
		field: "kind", given: "replacement", expected: "123456789012345", verdicts: rejectedBySSO,
		passes: func(l *list) { asBefore(l).Collected = func() string { return "" } },
	},
	{
		code: "HIST-01", fails: gone(func(*rule.Past) {}), given: string(nationalCode(1)), verdicts: warnedByBoth,
		passes: gone(func(p *rule.Past) { p.EndDate = day(7, 1) }), // he left on the month's last day
	},
	{
		code: "HIST-01", fails: gone(func(p *rule.Past) { p.EndDate = day(7, 2) }), given: string(nationalCode(1)), verdicts: warnedByBoth,
		passes: gone(func(p *rule.Past) { p.EndDate = day(6, 10) }),
	},
	{
		code: "HIST-01", fails: gone(func(*rule.Past) {}), given: string(nationalCode(1)), verdicts: warnedByBoth,
		passes: func(l *list) {
			sameMonth(rule.SameMonth{Rows: 1, Days: 30})(l)
			l.lines = slices.Delete(l.lines, 1, 2)
		},
	},
	{
		code: "HIST-01", fails: gone(func(*rule.Past) {}), given: string(nationalCode(1)), verdicts: warnedByBoth,
		passes: func(l *list) { asBefore(l); l.lines[1].Hold = true },
	},
	{
		code: "HIST-02", fails: was(func(p *rule.Past) { p.DailyWage = 6_000_001 }), field: "daily_wage", given: "6000000", expected: "6000001", verdicts: warnedByBoth,
		passes: was(func(p *rule.Past) { p.DailyWage = 0 }),
	},
	{
		code: "HIST-03", fails: func(l *list) {
			second := l.lines[1]
			l.lines = slices.Delete(l.lines, 1, 2)
			asBefore(l)
			l.lines = slices.Insert(l.lines, 1, second)
		},
		verdicts: accepted, passes: func(l *list) { l.judge.History = &rule.History{} }, // nothing is known of the month before
	},
	{
		code: "HIST-04", fails: elsewhere(rule.Elsewhere{Days: 1}), field: "days", given: "31", expected: "30", verdicts: warnedByBoth,
		passes: func(l *list) {
			l.lines[1].StartDate, l.lines[1].Days = day(7, 21), 10
			elsewhere(rule.Elsewhere{Days: 20})(l)
		},
	},
}

func TestHistory_a_finding_names_what_an_employer_looks_for(t *testing.T) {
	t.Parallel()
	l := goodList(t, 3)
	gone(func(*rule.Past) {})(l)
	l.judge.Place = func(row int, _ payroll.ColumnID) fault.Place {
		return fault.Place{Sheet: "لیست", Row: row, Column: "A", Cell: "A1"}
	}
	l.run()
	f := l.of("HIST-01")[0]
	require.Equal(t, fault.Place{Sheet: "لیست"}, f.Place, "he has no row in this list")
	require.Equal(t, "علی رضایی (کد "+string(nationalCode(1))+"، ردیف 4 لیست ماه قبل) ترک کار نداشت و در این لیست نیست", f.Message.FA)

	l = goodList(t, 3)
	elsewhere(rule.Elsewhere{Codes: &rule.OtherCodes{HousingUse: "2", FA: " (کارگاه 0123456789)", EN: " (workshop 0123456789)"}})(l)
	l.run()
	f = l.of("TAX-07")[0]
	require.Contains(t, f.Message.FA, "مسکن: «با اثاثیه»، اکنون «ندارد» (کارگاه 0123456789)")
	require.Contains(t, f.Message.EN, "housing_use: 2, now 1 (workshop 0123456789)")
	require.Equal(t, 4, f.Row)
}

func TestHistory_new_persons_are_one_finding(t *testing.T) {
	t.Parallel()
	l := goodList(t, 300)
	all := l.lines
	l.lines = all[:1]
	asBefore(l)
	l.lines = all
	l.lines[5].Hold = true
	l.run()
	found := l.of("HIST-03")
	require.Len(t, found, 1)
	require.Equal(t, 4, found[0].Row)
	require.Len(t, found[0].RelatedRows, fault.Listed)
	for _, c := range l.judge.Findings.Causes() {
		if c.Code == "HIST-03" {
			require.Equal(t, 298, c.Rows)
		}
	}
}

func TestHistory_all_persons_are_asked_of_in_parts(t *testing.T) {
	t.Parallel()
	l := goodList(t, 10_000)
	asked, parts := map[string]bool{}, 0
	asBefore(l).Ask = func(persons []string, tell func(*rule.Elsewhere)) {
		parts++
		for _, p := range persons {
			asked[p] = true
			tell(&rule.Elsewhere{Person: p, Days: 1})
		}
		tell(&rule.Elsewhere{Person: string(nationalCode(20_000)), Days: 30}) // who is not in the list
		tell(&rule.Elsewhere{Person: "?", Days: 30})
	}
	l.run()
	require.Len(t, asked, 10_000)
	require.Greater(t, parts, 1)
	require.Equal(t, 10_000, l.judge.Findings.Counts().Warning)
}

// Who missed a code of his, or stands twice, is told so; nobody is compared with him.
func TestHistory_a_faulty_code_is_no_person(t *testing.T) {
	t.Parallel()
	l := goodList(t, 6)
	asBefore(l).Ask = func(persons []string, _ func(*rule.Elsewhere)) { require.Len(t, persons, 4) }
	l.lines[1].NationalCode = "1111111111"
	l.lines[2].NationalCode = nationalCode(0)
	l.run()
	require.Len(t, l.of("HIST-01"), 2)
	require.Empty(t, l.of("HIST-03"))
}

func TestHistory_a_list_refused_on_the_way_misses_no_one(t *testing.T) {
	t.Parallel()
	l := goodList(t, 3)
	gone(func(*rule.Past) {})(l)
	l.judge.History.Ask = func([]string, func(*rule.Elsewhere)) { t.Error("asked") }
	l.judge.Begin(&l.header)
	l.judge.ReportPlace(&fault.Entry{Code: "FILE-05", Severity: fault.Refuse}, fault.Place{}, "", "", "")
	l.judge.End()
	require.Empty(t, l.of("HIST-01"))
}

func TestHistory_a_supplementary_list_misses_no_one(t *testing.T) {
	t.Parallel()
	l := goodList(t, 3)
	gone(func(*rule.Past) {})(l)
	l.header.Kind = payroll.Supplementary
	l.run()
	require.Empty(t, l.of("HIST-01"))
}

func TestHistory_a_clean_line_costs_no_allocation(t *testing.T) {
	l := goodList(t, 1_200)
	asBefore(l)
	l.judge.Begin(&l.header)
	for i := range 1_100 {
		l.judge.Line(&l.lines[i])
	}
	next := 1_100
	require.Less(t, testing.AllocsPerRun(50, func() {
		l.judge.Line(&l.lines[next])
		next++
	}), 1.0)
}
