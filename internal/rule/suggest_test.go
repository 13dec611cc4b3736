package rule_test

import (
	"strings"
	"testing"

	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"

	"github.com/stretchr/testify/require"
)

// at changes the second worker.
func at(change func(l *payroll.Line)) func(*list) {
	return func(l *list) { change(&l.lines[1]) }
}

// What arithmetic knows is suggested; who a person is, and what only the employer knows, never is.
func TestChecks_suggest_what_arithmetic_knows(t *testing.T) {
	t.Parallel()
	wage := func(monthly rial.Amount) func(*payroll.Line) {
		return func(l *payroll.Line) { l.Days, l.DailySeniority, l.Pay[payroll.MonthlyWage] = 0, 100_000, monthly }
	}
	for _, e := range []struct {
		code, suggested string
		change          func(*list)
	}{
		{"DAYS-01", "30", at(func(l *payroll.Line) { l.Days = 31 })},
		{"DAYS-01", "20", at(func(l *payroll.Line) { l.StartDate, l.Days = day(7, 11), 31 })},
		{"DAYS-01", "", at(func(l *payroll.Line) { l.EndDate, l.Days = day(6, 11), 31 })},
		{"DAYS-02", "20", at(func(l *payroll.Line) { l.StartDate, l.Days = day(7, 11), 25 })},
		{"DAYS-02", "", at(func(l *payroll.Line) { l.EndDate, l.Days = day(7, 11), 11 })}, // the date may be wrong
		{"DAYS-03", "12", at(wage(12 * 6_100_000))},
		{"DAYS-03", "", at(wage(12*6_100_000 + 1))},
		{"DAYS-03", "", at(wage(31 * 6_100_000))},
		{"DAYS-05", "10", sameMonth(rule.SameMonth{Rows: 1, Days: 20})},
		{"DAYS-05", "", sameMonth(rule.SameMonth{Rows: 1, Days: 30})},
		{"WAGE-01", "6000000", at(func(l *payroll.Line) { l.DailyWage = 600_000 })},
		{"WAGE-01", "", at(func(l *payroll.Line) { l.DailyWage = 60_000 })},
		{"WAGE-01", "", at(func(l *payroll.Line) { l.DailyWage = 5_541_850 / 2 })}, // half a wage
		{"WAGE-01", "", at(func(l *payroll.Line) { l.DailyWage = 3_463_656 })},     // that of the year before
		{"DAYS-02", "", at(func(l *payroll.Line) { l.EndDate, l.Days = day(6, 20), 30 })},
		{"PREM-01", "16240000", at(func(l *payroll.Line) { l.DeclaredPremium = 1; l.Given.Add(payroll.ColDeclaredPremium) })},
		{"PREM-05", "180000000", at(func(l *payroll.Line) {
			l.Pay[payroll.MonthlyWage] = 190_000_000
			l.Given.Add(payroll.MonthlyWage.Column())
		})},
		{"TAX-03", "215760000", at(func(l *payroll.Line) { l.NetPaid = 1; l.Given.Add(payroll.ColNetPaid) })},
		{"TAX-01", "", at(func(l *payroll.Line) { l.DeclaredTax = 1_000_000; l.Given.Add(payroll.ColDeclaredTax) })}, // the administration decides
		{"ID-01", "", at(func(l *payroll.Line) { l.NationalCode = nationalCode(1)[:9] })},
		{"ID-02", "", at(func(l *payroll.Line) { l.NationalCode = "0012345678" })},
		{"ID-13", "", identity(func(i *rule.Identity) { i.LastName = "کریمی" })},
		{"HIST-02", "", was(func(p *rule.Past) { p.DailyWage = 6_000_001 })},
	} {
		l := goodList(t, 6)
		e.change(l)
		l.run()
		found := l.of(e.code)
		require.NotEmpty(t, found, e.code)
		require.Equal(t, e.suggested, found[0].Suggested, "%s: %s", e.code, found[0].Message.EN)
	}
}

// Who still pays the wage of the year before is told so first: ten times it is nobody's wage.
func TestChecks_tell_last_years_wage(t *testing.T) {
	t.Parallel()
	for wage, told := range map[rial.Amount]bool{3_463_655: false, 3_463_656: true, 5_541_849: true} { // the minimum of 1404
		l := goodList(t, 6)
		l.lines[1].DailyWage = wage
		l.run()
		found := l.of("WAGE-01")
		require.Len(t, found, 1)
		require.Contains(t, found[0].Message.FA, "تومان")
		require.Equal(t, told, strings.Contains(found[0].Message.FA, "پیش از 1405-01"), found[0].Message.FA)
	}
}

// A line whose tax month no law file governs has no estimate: null, never 0.
func TestLine_has_no_estimate_without_a_tax_law(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	params, ok := l.judge.Book.On(l.header.Period)
	require.True(t, ok)
	a := rule.Assessor{Law: params, Header: &l.header}
	var owed payroll.Assessed
	a.Line(&l.lines[0], &owed)
	require.True(t, owed.NoEstimate)
	require.NotZero(t, owed.WorkerPremium)
}

// Every column of arrears is told, at its own cell: none stands for the others.
func TestChecks_tell_every_column_of_arrears(t *testing.T) {
	t.Parallel()
	l := goodList(t, 6)
	l.lines[1].Pay[payroll.ArrearsContinuous], l.lines[1].Pay[payroll.ArrearsOther] = 5, 7
	l.run()
	found := l.of("ARR-01")
	require.Len(t, found, 2)
	require.Equal(t, []string{"arrears_continuous", "arrears_other"}, []string{found[0].Field, found[1].Field})
}
