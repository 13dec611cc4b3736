package rule_test

import (
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// listOf is a good list of n workers at the minimum of a month, with its allowances.
func listOf(t *testing.T, m jalali.Month, n int) *list {
	t.Helper()
	l, p := goodList(t, n), paramsOf(m.Year, m.Month)
	l.header.Period, l.header.TaxPeriod = m, m
	l.judge.Today = jalali.Date{Year: 1406, Month: 1, Day: 1}
	for i := range l.lines {
		x := &l.lines[i]
		x.Days, x.DailyWage = m.Days(), p.MinimumDailyWage.Value
		x.Pay[payroll.Housing], x.Pay[payroll.Grocery] = p.Housing.Value, p.Grocery.Value
		x.StartDate = jalali.Date{Year: 1398, Month: 1, Day: 1}
		x.Given = x.Given.Without(payroll.SetOf(payroll.ColDeclaredPremium, payroll.ColDeclaredTax, payroll.ColNetPaid))
		x.DeclaredPremium, x.DeclaredTax, x.NetPaid = 0, 0, 0
	}
	return l
}

func TestJudge_every_month_of_the_book(t *testing.T) {
	t.Parallel()
	for m := (jalali.Month{Year: 1399, Month: 1}); m.Year < 1406; m = m.Add(1) {
		l := listOf(t, m, 2)
		out := l.run()
		require.Equal(t, accepted, out.Verdicts, "%s %v", m, l.judge.Findings.All())
		require.Positive(t, out.Totals.PremiumDue, m)

		below := listOf(t, m, 2)
		below.lines[1].DailyWage--
		below.run()
		found := below.of("WAGE-01")
		require.Len(t, found, 1, m)
		require.Contains(t, found[0].Message.EN, m.String())
	}
	for _, m := range []jalali.Month{{Year: 1398, Month: 12}, {Year: 1406, Month: 1}} {
		l := goodList(t, 1)
		l.header.Period, l.header.TaxPeriod = m, m
		l.run()
		require.Len(t, l.of("DATE-06"), 1, m)
	}
}

func TestJudge_within_1399_the_wage_of_spring_is_too_low_from_Tir(t *testing.T) {
	t.Parallel()
	spring, tir := jalali.Month{Year: 1399, Month: 3}, jalali.Month{Year: 1399, Month: 4}
	l := listOf(t, spring, 1)
	l.header.Period, l.header.TaxPeriod = tir, tir
	l.run()
	require.Equal(t, "636809", l.of("WAGE-01")[0].Expected)
	require.Equal(t, "3000000", l.of("WAGE-03")[0].Expected)
	require.Empty(t, l.of("WAGE-04"), "groceries stayed")
}

func TestJudge_the_cap_from_Tir_1399_is_disputed_and_says_so(t *testing.T) {
	t.Parallel()
	for month, disputed := range map[int]bool{3: false, 4: true} {
		l := listOf(t, jalali.Month{Year: 1399, Month: month}, 1)
		l.lines[0].DailyWage = 9_000_000
		l.run()
		found := l.of("WAGE-02")
		require.Len(t, found, 1)
		said := map[bool]func(require.TestingT, any, any, ...any){true: require.Contains, false: require.NotContains}[disputed]
		said(t, found[0].Message.FA, "منابع درباره این سقف اختلاف دارند")
		said(t, found[0].Message.EN, "sources dispute this cap")
		said(t, found[0].Citation, "محل اختلاف")
	}
}

// What the tax files ask of a person is asked from the first month that a file is written for.
func TestJudge_before_1403_no_tax_file_asks_for_an_identity(t *testing.T) {
	t.Parallel()
	for m, asked := range map[jalali.Month]bool{{Year: 1402, Month: 12}: false, {Year: 1403, Month: 1}: true} {
		l := listOf(t, m, 1)
		l.lines[0].Education, l.lines[0].JobFamily = "", ""
		l.run()
		require.Equal(t, asked, len(l.of("TAX-02")) == 1, m)
	}
}

func TestJudge_names_the_disputed_parameters_of_the_year(t *testing.T) {
	t.Parallel()
	for year := 1399; year <= 1405; year++ {
		l := listOf(t, jalali.Month{Year: year, Month: 7}, 3)
		l.lines[0].Pay[payroll.Severance] = 1_000_000
		l.run()
		named := map[string][]int{}
		for _, f := range l.of("TAX-04") {
			named[f.Field] = append([]int{f.Row}, f.RelatedRows...)
			require.Equal(t, fault.Info, f.Severity)
			require.Contains(t, f.Citation, "محل اختلاف")
		}
		want := map[string][]int{"housing": {3, 4, 5}, "grocery": {3, 4, 5}, "severance": {3}}
		if year >= 1404 {
			want[""] = []int{3, 4, 5} // the deductible share
		}
		require.Equal(t, want, named, year)
	}
}

func TestJudge_by_another_months_law_names_that_month(t *testing.T) {
	t.Parallel()
	l := listOf(t, jalali.Month{Year: 1402, Month: 7}, 1)
	l.judge.LawOf = jalali.Month{Year: 1403, Month: 7}
	l.lines[0].Education = ""
	l.run()
	require.Contains(t, l.of("WAGE-01")[0].Message.EN, "the minimum for 1403-07 (2,388,728 rials)")
	require.Contains(t, l.of("WAGE-04")[0].Message.FA, "1403-07")
	require.Len(t, l.of("TAX-02"), 1, "as that month asks")
}

func TestJudge_deadlines_of_old_periods(t *testing.T) {
	t.Parallel()
	l := listOf(t, jalali.Month{Year: 1399, Month: 12}, 1)
	l.judge.Deadlines, l.judge.Today = true, jalali.Date{Year: 1400, Month: 1, Day: 31}
	l.run()
	require.Empty(t, l.of("LIST-04"))
	l = listOf(t, jalali.Month{Year: 1399, Month: 12}, 1)
	l.judge.Deadlines, l.judge.Today = true, jalali.Date{Year: 1400, Month: 2, Day: 1}
	l.run()
	require.Len(t, l.of("LIST-04"), 2)
	require.Equal(t, "1400/01/31", l.of("LIST-04")[0].Expected)
}
