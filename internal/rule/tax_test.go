package rule_test

import (
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"

	"github.com/stretchr/testify/require"
)

// payee is a line for the tax administration only, so that no premium is deducted.
func payee(pay map[payroll.Component]rial.Amount) payroll.Line {
	l := payroll.Line{NationalCode: "0012345679", ReportedTo: fault.Tax}
	for c, amount := range pay {
		l.Pay[c] = amount
	}
	return l
}

func wage(amount rial.Amount) payroll.Line {
	return payee(map[payroll.Component]rial.Amount{payroll.MonthlyWage: amount})
}

const million rial.Amount = 1_000_000

// The cases that are published with the brackets, and the window's own check of the cumulation.
func TestEstimate_published_cases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		year         int
		taxable, tax rial.Amount // of one month, the first of the year
	}{
		{1405, 399_999_990, 0},
		{1405, 400 * million, 0},
		{1405, 550 * million, 15 * million},
		{1405, 1_052 * million, 80_400_000},
	} {
		l := wage(c.taxable)
		x := assess(assessor(c.year, 1), &l)
		require.Equal(t, c.taxable, x.Taxable)
		require.Equal(t, c.tax, x.TaxEstimate, "%d: %d a month", c.year, c.taxable)
	}
	for _, c := range []struct {
		year         int
		taxable, tax rial.Amount // of twelve equal months
	}{
		{1403, 1_980 * million, 54 * million},
		{1403, 3_240 * million, 243 * million},
		{1403, 4_800 * million, 555 * million},
		{1404, 3_600 * million, 72 * million},
		{1404, 4_560 * million, 216 * million},
		{1404, 6_000 * million, 504 * million},
		{1404, 8_000 * million, 1_004 * million},
	} {
		months := make([]rial.Amount, 12)
		for i := range months {
			months[i] = c.taxable / 12
		}
		months[11] += c.taxable % 12 // the odd rials
		require.Equal(t, c.tax, sum(taxes(c.year, months...)), "%d: %d a year", c.year, c.taxable)
	}
	require.Equal(t, []rial.Amount{5 * million, 50 * million, 5 * million}, taxes(1405, 450*million, 900*million, 450*million))

	eidi := payee(map[payroll.Component]rial.Amount{payroll.Eidi: 600 * million})
	require.Equal(t, 200*million, assess(assessor(1405, 12), &eidi).Taxable)
	welfare := payee(map[payroll.Component]rial.Amount{payroll.MonthlyWage: 300 * million, payroll.Welfare: 46_390_968})
	require.Equal(t, rial.Amount(12_246_216), assess(assessor(1404, 1), &welfare).TaxEstimate)
}

// taxes runs a person's months one after the other, as stored lists would.
func taxes(year int, months ...rial.Amount) (estimates []rial.Amount) {
	var e rule.Earlier
	for i, taxable := range months {
		a := assessor(year, i+1)
		known := e
		a.Earlier = func(string) rule.Earlier { return known }
		l := wage(taxable)
		x := assess(a, &l)
		estimates = append(estimates, x.TaxEstimate)
		e.Months = x.Months
		e.Taxable += x.Taxable - x.Welfare
		e.Tax += x.BeforeForgiveness
	}
	return estimates
}

func sum(amounts []rial.Amount) (total rial.Amount) {
	for _, a := range amounts {
		total += a
	}
	return total
}

func TestEstimate_below_zero_is_zero_and_the_rest_is_carried(t *testing.T) {
	t.Parallel()
	require.Equal(t, []rial.Amount{55 * million, 0, 0}, taxes(1405, 900*million, 100*million, 100*million))
	require.Equal(t, []rial.Amount{55 * million, 0, 10 * million}, taxes(1405, 900*million, 100*million, 850*million),
		"10 % of 1,850 − 1,200 million is 65 million, of which 55 were withheld")
}

func TestEstimate_opening_balance_of_the_list(t *testing.T) {
	t.Parallel()
	l := wage(900_000_000)
	l.YTDMonths, l.YTDTaxable, l.YTDTax = 1, 450_000_000, 5_000_000
	a := assessor(1405, 2)
	x := assess(a, &l)
	require.Equal(t, rial.Amount(50_000_000), x.TaxEstimate)
	require.Equal(t, 2, x.Months)

	a.Earlier = func(string) rule.Earlier {
		return rule.Earlier{Months: 1, Taxable: 450_000_000, Tax: 5_000_000, Opened: true}
	}
	require.Equal(t, rial.Amount(50_000_000), assess(a, &l).TaxEstimate, "not counted twice")
}

func TestEstimate_eidi_is_exempt_once_a_year(t *testing.T) {
	t.Parallel()
	l := payee(map[payroll.Component]rial.Amount{payroll.Eidi: 500_000_000, payroll.YearEndBonus: 100_000_000})
	x := assess(assessor(1405, 12), &l)
	require.Equal(t, rial.Amount(200_000_000), x.Taxable)
	require.Equal(t, rial.Amount(400_000_000), x.EidiExempt)

	l.YTDEidi = 350_000_000
	x = assess(assessor(1405, 12), &l)
	require.Equal(t, rial.Amount(550_000_000), x.Taxable)
	require.Equal(t, rial.Amount(50_000_000), x.EidiExempt)
}

func TestEstimate_pay_in_kind_is_exempt_up_to_two_twelfths(t *testing.T) {
	t.Parallel()
	l := payee(map[payroll.Component]rial.Amount{payroll.NonCashContinuous: 700_000_000, payroll.NonCashOther: 200_000_000, payroll.ArrearsOtherNonCash: 1})
	x := assess(assessor(1405, 1), &l)
	require.Equal(t, rial.Amount(800_000_000), x.NonCashExempt)
	require.Equal(t, rial.Amount(100_000_001), x.Taxable)
	l.YTDNonCash = 900_000_000
	require.Zero(t, assess(assessor(1405, 1), &l).NonCashExempt)
}

func TestEstimate_settlement_pay(t *testing.T) {
	t.Parallel()
	l := payee(map[payroll.Component]rial.Amount{
		payroll.Mission: 1, payroll.TravelCost: 2, payroll.Dismissal: 4, payroll.Buyback: 8,
		payroll.EndService: 1_000, payroll.Severance: 2_000, payroll.UnusedLeave: 10_000,
	})
	a := assessor(1405, 7)
	x := assess(a, &l)
	require.Equal(t, rial.Amount(13_000), x.Taxable, "one who stays")
	require.Contains(t, a.Why(&l, &x).TaxEstimate.EN, "3,000 rials is taken as taxable")
	for end, want := range map[jalali.Date]rial.Amount{
		{Year: 1405, Month: 7, Day: 1}: 10_000, {Year: 1405, Month: 7, Day: 30}: 10_000, {Year: 1405, Month: 8, Day: 1}: 10_000,
		{Year: 1405, Month: 8, Day: 2}: 13_000, {Year: 1405, Month: 6, Day: 31}: 13_000,
	} {
		l.EndDate = end
		x = assess(a, &l)
		require.Equal(t, want, x.Taxable, end)
		require.Equal(t, want == 10_000, strings.Contains(a.Why(&l, &x).TaxEstimate.EN, "3,000 rials is exempt"), end)
	}
}

func TestEstimate_housing_and_car_in_kind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		housing, car string
		want         rial.Amount
	}{{"1", "", 0}, {"2", "1", 24_000_000}, {"3", "1", 19_000_000}, {"1", "2", 8_000_000}, {"1", "3", 3_000_000}, {"2", "2", 32_000_000}} {
		l := payee(map[payroll.Component]rial.Amount{
			payroll.MonthlyWage: 90_000_000, payroll.Housing: 10_000_000, payroll.Overtime: 50_000_000,
			payroll.HousingDeducted: 1_000_000, payroll.CarDeducted: 2_000_000,
		})
		l.HousingUse, l.CarUse = c.housing, c.car
		require.Equal(t, 150_000_000+c.want, assess(assessor(1405, 1), &l).Taxable, "of continuous cash pay, without overtime")
	}
	l := wage(10_000_000)
	l.HousingUse, l.Pay[payroll.HousingDeducted] = "2", 9_000_000
	require.Equal(t, rial.Amount(10_000_000), assess(assessor(1405, 1), &l).Taxable, "never below zero")
}

func TestEstimate_deductions(t *testing.T) {
	t.Parallel()
	for year, share := range map[int]rial.Amount{1403: 2_000_000, 1404: 7_000_000} {
		l := worker(30, 0, 0)
		l.Pay[payroll.OtherContinuous] = 100_000_000
		l.Pay[payroll.HealthPremium], l.Pay[payroll.LifePremium] = 300_000, 200_000
		x := assess(assessor(year, 1), &l)
		require.Equal(t, share, x.PremiumShare, year)
		require.Equal(t, 100_000_000-share-500_000, x.Taxable, year)
	}
	l := wage(100)
	l.Pay[payroll.HealthPremium] = 1_000
	require.Zero(t, assess(assessor(1405, 1), &l).Taxable)
}

func TestEstimate_fees_are_flat_only_where_another_pays_the_wage(t *testing.T) {
	t.Parallel()
	l := payee(map[payroll.Component]rial.Amount{payroll.Fees: 60_000_004, payroll.Teaching: 40_000_001})
	x := assess(assessor(1405, 1), &l)
	require.Equal(t, rial.Amount(100_000_005), x.Flat, "nothing but fees: not the main payer")
	require.Zero(t, x.Taxable)
	require.Equal(t, rial.Amount(10_000_001), x.TaxEstimate, "10,000,000.5 without exemption")
	require.Zero(t, x.BeforeForgiveness, "a figure of the month")

	l.Pay[payroll.MonthlyWage] = 500_000_000
	x = assess(assessor(1405, 1), &l)
	require.Zero(t, x.Flat)
	require.Equal(t, rial.Amount(600_000_005), x.Taxable)

	l.NotMainPayer = true
	x = assess(assessor(1405, 1), &l)
	require.Equal(t, rial.Amount(100_000_005), x.Flat)
	require.Equal(t, rial.Amount(20_000_001), x.TaxEstimate, "10,000,000 + 10,000,000.5, rounded once")

	main := payee(map[payroll.Component]rial.Amount{payroll.Fees: 100_000_000})
	main.Given.Add(payroll.ColMainPayer)
	require.Zero(t, assess(assessor(1405, 1), &main).Flat, "stated to be the main payer")
}

func TestEstimate_welfare_of_1404(t *testing.T) {
	t.Parallel()
	l := payee(map[payroll.Component]rial.Amount{payroll.MonthlyWage: 300_000_000, payroll.Welfare: 40_000_000, payroll.Productivity: 6_390_968})
	x := assess(assessor(1404, 1), &l)
	require.Equal(t, rial.Amount(12_246_216), x.TaxEstimate)
	require.Equal(t, rial.Amount(346_390_968), x.Taxable)
	require.Equal(t, rial.Amount(46_390_968), x.Welfare)
	require.Equal(t, rial.Amount(6_000_000), x.BeforeForgiveness, "the wage's own tax; welfare is a figure of the month")

	second := assessor(1404, 2)
	second.Earlier = func(string) rule.Earlier { return rule.Earlier{Months: 1, Taxable: 300_000_000, Tax: 6_000_000} }
	require.Equal(t, rial.Amount(12_246_216), assess(second, &l).TaxEstimate)

	small := payee(map[payroll.Component]rial.Amount{payroll.MonthlyWage: 200_000_000, payroll.Welfare: 40_000_000})
	require.Zero(t, assess(assessor(1404, 1), &small).TaxEstimate, "together within the exemption")
	alone := payee(map[payroll.Component]rial.Amount{payroll.Welfare: 340_000_000})
	require.Equal(t, rial.Amount(10_000_000), assess(assessor(1404, 1), &alone).TaxEstimate)

	later := payee(map[payroll.Component]rial.Amount{payroll.MonthlyWage: 400_000_000, payroll.Welfare: 50_000_000})
	x = assess(assessor(1405, 1), &later)
	require.Zero(t, x.Welfare)
	require.Equal(t, rial.Amount(5_000_000), x.TaxEstimate, "like wages in other years")
}

func TestEstimate_exemption_types_and_places(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"2", "3", "4", "5", "6"} {
		l := wage(900_000_000)
		l.ExemptionType = code
		x := assess(assessor(1405, 1), &l)
		require.Zero(t, x.TaxEstimate)
		require.False(t, x.NoEstimate)
	}
	for _, change := range []func(*payroll.Line){
		func(l *payroll.Line) { l.ExemptionType = "7" }, func(l *payroll.Line) { l.ExemptionType = "11" },
		func(l *payroll.Line) { l.PlaceStatus = "3" }, func(l *payroll.Line) { l.PlaceStatus = "4" },
		func(l *payroll.Line) { l.BudgetException = "2" }, func(l *payroll.Line) { l.BudgetException = "5" },
		func(l *payroll.Line) { l.BudgetException, l.ExemptionType = "2", "2" }, // decided first
	} {
		l := wage(900_000_000)
		change(&l)
		a := assessor(1405, 1)
		x := assess(a, &l)
		require.True(t, x.NoEstimate)
		require.Zero(t, x.TaxEstimate)
		require.Equal(t, rial.Amount(900_000_000), x.Taxable)
		require.Contains(t, a.Why(&l, &x).TaxEstimate.EN, "no estimate")
	}
	l := wage(450_000_010)
	l.PlaceStatus = "2"
	x := assess(assessor(1405, 1), &l)
	require.Equal(t, rial.Amount(5_000_001), x.BeforeForgiveness)
	require.Equal(t, rial.Amount(2_500_001), x.TaxEstimate, "2,500,000.5")
}

func TestEstimate_forgiveness_comes_after_cumulation(t *testing.T) {
	t.Parallel()
	a := assessor(1405, 2)
	a.Earlier = func(string) rule.Earlier { return rule.Earlier{Months: 1, Taxable: 450_000_000, Tax: 5_000_000} }
	l := wage(900_000_000)
	l.PlaceStatus = "2"
	x := assess(a, &l)
	require.Equal(t, rial.Amount(50_000_000), x.BeforeForgiveness)
	require.Equal(t, rial.Amount(25_000_000), x.TaxEstimate)
}

func TestNetPaid(t *testing.T) {
	t.Parallel()
	l := worker(30, 5_541_850, 0)
	l.Pay[payroll.Overtime], l.Pay[payroll.NonCashOther] = 333_744_500, 5_000_000
	l.Pay[payroll.HealthPremium], l.Pay[payroll.HousingDeducted], l.OtherDeductions = 1_000_000, 500_000, 2_000_000
	x := assess(assessor(1405, 1), &l)
	require.Equal(t, rial.Amount(35_000_000), x.WorkerPremium, "7 % of 500,000,000")
	require.Equal(t, rial.Amount(6_400_000), x.TaxEstimate, "10 % of 464,000,000 − 400,000,000")
	require.Equal(t, rial.Amount(500_000_000-35_000_000-6_400_000-1_000_000-500_000-2_000_000), x.NetPaid)

	l.DeclaredTax = 6_000_000
	require.Equal(t, x.NetPaid+400_000, assess(assessor(1405, 1), &l).NetPaid, "the declared tax")
	l.OtherDeductions = 900_000_000
	x = assess(assessor(1405, 1), &l)
	require.Zero(t, x.NetPaid)
	require.Negative(t, rule.NetOf(&l, &x))
	l.NetPaid = 123
	require.Equal(t, rial.Amount(123), assess(assessor(1405, 1), &l).NetPaid, "as given")
}

func TestWhy_of_a_year_shows_months_slices_and_what_was_withheld(t *testing.T) {
	t.Parallel()
	a := assessor(1405, 3)
	a.Earlier = func(string) rule.Earlier { return rule.Earlier{Months: 2, Taxable: 1_350_000_000, Tax: 55_000_000} }
	l := wage(450_000_000)
	l.PlaceStatus = "2"
	x := assess(a, &l)
	why := a.Why(&l, &x).TaxEstimate
	for _, part := range []string{"3 months", "1,350,000,000 + 450,000,000 = 1,800,000,000", "above 1,200,000,000: 10% × 600,000,000 = 60,000,000", "60,000,000 less the months before 55,000,000 = 5,000,000", "50% of the month's tax is forgiven", "2,500,000"} {
		require.Contains(t, why.EN, part)
	}
	require.Contains(t, why.FA, "ماده ۹۲")

	welfare := payee(map[payroll.Component]rial.Amount{payroll.MonthlyWage: 300_000_000, payroll.Welfare: 46_390_968})
	a = assessor(1404, 1)
	x = assess(a, &welfare)
	require.Contains(t, a.Why(&welfare, &x).TaxEstimate.EN, "12,246,216")
}

func BenchmarkAssessor_Line(b *testing.B) {
	a := assessor(1404, 7)
	l := worker(31, 3_463_656, 94_000)
	l.Pay[payroll.Housing], l.Pay[payroll.Grocery], l.Pay[payroll.Marriage], l.Pay[payroll.Overtime] = 9_000_000, 22_000_000, 5_000_000, 300_000_000
	var x payroll.Assessed
	b.ReportAllocs()
	for b.Loop() {
		a.Line(&l, &x)
	}
}

func TestLine_allocates_nothing(t *testing.T) {
	a := assessor(1405, 7)
	l := worker(30, 5_541_850, 166_667)
	l.Pay[payroll.Overtime] = 900_000_000
	var x payroll.Assessed
	a.Line(&l, &x)
	require.Zero(t, testing.AllocsPerRun(100, func() { a.Line(&l, &x) }))
}

func TestEstimate_takes_at_most_the_eleven_months_before(t *testing.T) {
	t.Parallel()
	l := wage(900_000_000)
	l.YTDTaxable, l.YTDTax = 4_950_000_000, 55_000_000
	l.YTDMonths = 11
	want := assess(assessor(1405, 12), &l)
	for _, months := range []int{12, 1405, 999_999_999_999} {
		l.YTDMonths = months
		require.Equal(t, want, assess(assessor(1405, 12), &l), months)
	}
}
