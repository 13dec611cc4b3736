package rule_test

import (
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// lawBook is read once; it never changes.
var lawBook = func() *law.Book {
	b, err := law.Load()
	if err != nil {
		panic(err)
	}
	return b
}()

func paramsOf(year, month int) *law.Params {
	p, ok := lawBook.On(jalali.Month{Year: year, Month: month})
	if !ok {
		panic("no law file governs the month")
	}
	return p
}

func assessor(year, month int) *rule.Assessor {
	p := paramsOf(year, month)
	m := jalali.Month{Year: year, Month: month}
	return &rule.Assessor{Law: p, TaxLaw: p, Header: &payroll.Header{Period: m, TaxPeriod: m, Kind: payroll.Original}}
}

// worker is a line of both organisations.
func worker(days int, wage, seniority rial.Amount) payroll.Line {
	return payroll.Line{NationalCode: "0012345679", ReportedTo: fault.Both, InsuredKind: payroll.NormalKind, Days: days, DailyWage: wage, DailySeniority: seniority}
}

func assess(a *rule.Assessor, l *payroll.Line) (x payroll.Assessed) {
	a.Line(l, &x)
	return x
}

func TestLine_premiums_by_hand(t *testing.T) {
	t.Parallel()
	l := worker(30, 5_541_850, 166_667)
	l.Pay[payroll.Housing] = 30_000_000
	l.Pay[payroll.Grocery] = 22_000_000
	l.Pay[payroll.Marriage] = 5_000_000
	l.Pay[payroll.Child] = 16_625_550
	l.Pay[payroll.Transport] = 1_000_001
	l.Pay[payroll.Severance] = 50_000_000
	x := assess(assessor(1405, 7), &l)
	require.Equal(t, rial.Amount(171_255_510), x.MonthlyWage, "5,708,517 × 30")
	require.Equal(t, rial.Amount(5_000_010), x.Seniority)
	require.Equal(t, rial.Amount(58_000_001), x.Benefits)
	require.Equal(t, rial.Amount(229_255_511), x.Insurable)
	require.Equal(t, rial.Amount(245_881_061), x.Total, "with the child allowance, without settlement pay")
	require.Equal(t, rial.Amount(16_047_886), x.WorkerPremium, "16,047,885.77")
	require.Equal(t, rial.Amount(45_851_102), x.EmployerPremium, "45,851,102.2")
	require.Equal(t, rial.Amount(6_877_665), x.Unemployment, "6,877,665.33")
	require.False(t, x.Capped)
}

func TestLine_half_a_rial_goes_up(t *testing.T) {
	t.Parallel()
	l := worker(1, 5_541_850, 0)
	x := assess(assessor(1405, 7), &l)
	require.Equal(t, rial.Amount(387_930), x.WorkerPremium, "387,929.5")
	require.Equal(t, rial.Amount(166_256), x.Unemployment, "166,255.5")
}

func TestLine_monthly_wage_of_the_payslip(t *testing.T) {
	t.Parallel()
	for given, want := range map[rial.Amount]rial.Amount{
		166_255_530: 166_255_530, 166_255_470: 166_255_470, 166_255_531: 166_255_500, 166_255_469: 166_255_500, 0: 166_255_500,
	} {
		l := worker(30, 5_541_850, 0)
		l.Pay[payroll.MonthlyWage] = given
		require.Equal(t, want, assess(assessor(1405, 7), &l).MonthlyWage, given)
	}
	l := worker(30, 5_541_850, 0)
	l.ReportedTo, l.Pay[payroll.MonthlyWage] = fault.Tax, 400_000_000
	x := assess(assessor(1405, 7), &l)
	require.Equal(t, rial.Amount(400_000_000), x.MonthlyWage, "not sent to the SSO: as given")
	require.Zero(t, x.WorkerPremium)
}

func TestLine_cap(t *testing.T) {
	t.Parallel()
	l := worker(10, 50_000_000, 0)
	x := assess(assessor(1405, 7), &l)
	require.True(t, x.Capped)
	require.Equal(t, rial.Amount(387_929_500), x.Insurable)
	require.Equal(t, rial.Amount(500_000_000), x.Total, "not capped")
	require.Equal(t, rial.Amount(27_155_065), x.WorkerPremium)
}

func TestLine_kinds(t *testing.T) {
	t.Parallel()
	type due struct{ worker, employer, unemployment rial.Amount }
	for kind, want := range map[payroll.InsuredKind]due{
		payroll.NormalKind:     {7_000_000, 20_000_000, 3_000_000},
		payroll.EmployerKind:   {7_000_000, 20_000_000, 0},
		payroll.ForeignKind:    {7_000_000, 20_000_000, 0},
		payroll.RetiredKind:    {0, 0, 0},
		payroll.ApprenticeKind: {7_000_000, 37_888_985, 0}, // 27 % of 5,541,850 × 30 is 44,888,985
		"":                     {7_000_000, 20_000_000, 3_000_000},
	} {
		l := worker(30, 0, 0)
		l.InsuredKind = kind
		l.Pay[payroll.OtherContinuous] = 100_000_000
		x := assess(assessor(1405, 7), &l)
		require.Equal(t, want, due{x.WorkerPremium, x.EmployerPremium, x.Unemployment}, kind)
	}
	foreigner := worker(30, 0, 0)
	foreigner.InsuredKind, foreigner.Nationality, foreigner.ForeignerCode = "", "افغان", "12345678"
	foreigner.Pay[payroll.OtherContinuous] = 100_000_000
	require.Zero(t, assess(assessor(1405, 7), &foreigner).Unemployment)
}

func TestLine_apprentice_above_the_minimum_pays_as_others(t *testing.T) {
	t.Parallel()
	l := worker(30, 5_541_850, 0)
	l.InsuredKind = payroll.ApprenticeKind
	x := assess(assessor(1405, 7), &l)
	require.Equal(t, rial.Amount(11_637_885), x.WorkerPremium)
	require.Equal(t, rial.Amount(33_251_100), x.EmployerPremium)
}

func TestLine_retired_by_the_profile(t *testing.T) {
	t.Parallel()
	a := assessor(1405, 7)
	a.Header.Profile.Retired = &struct {
		Worker   rial.Rate `json:"worker"`
		Employer rial.Rate `json:"employer"`
	}{rial.NewRate(7, 100), rial.NewRate(20, 100)}
	l := worker(30, 5_541_850, 0)
	l.InsuredKind = payroll.RetiredKind
	x := assess(a, &l)
	require.Equal(t, rial.Amount(11_637_885), x.WorkerPremium)
	require.Equal(t, rial.Amount(33_251_100), x.EmployerPremium)
	require.Zero(t, x.Unemployment)
}

func TestLine_hard_job_only_by_letter(t *testing.T) {
	t.Parallel()
	a := assessor(1405, 7)
	l := worker(30, 5_541_850, 0)
	l.HardJob = true
	require.Zero(t, assess(a, &l).HardJob)
	a.Header.Profile.HardMonthly = true
	require.Equal(t, rial.Amount(6_650_220), assess(a, &l).HardJob)
}

func TestLine_five_worker_exemption_goes_to_the_first_five_in_row_order(t *testing.T) {
	t.Parallel()
	a := assessor(1405, 7)
	a.Header.ExemptFive = true
	a.ExemptUsed = 1
	var waived []int
	for row, change := range []func(*payroll.Line){
		func(l *payroll.Line) { l.InsuredKind = payroll.EmployerKind }, // never counts
		func(*payroll.Line) {},
		func(l *payroll.Line) { l.Days = 0 },
		func(l *payroll.Line) { l.InsuredKind = payroll.ForeignKind },
		func(l *payroll.Line) { l.Hold = true },
		func(l *payroll.Line) { l.ReportedTo = fault.Tax },
		func(l *payroll.Line) { l.InsuredKind = payroll.ApprenticeKind },
		func(*payroll.Line) {},
		func(*payroll.Line) {},
		func(*payroll.Line) {},
	} {
		l := worker(30, 5_541_850, 0)
		change(&l)
		if x := assess(a, &l); x.Waived {
			waived = append(waived, row)
			require.Zero(t, x.EmployerPremium)
			require.NotZero(t, x.WorkerPremium)
			require.Equal(t, l.InsuredKind == payroll.NormalKind, x.Unemployment > 0)
		}
	}
	require.Equal(t, []int{1, 3, 7, 8}, waived)
	require.Equal(t, 5, a.ExemptUsed)

	a.Header.Profile.ExemptFiveQuota = 6
	l := worker(30, 5_541_850, 0)
	require.True(t, assess(a, &l).Waived, "the profile's quota")
	require.False(t, assess(a, &l).Waived)
}

func TestLine_leaver_of_the_first_day_owes_nothing(t *testing.T) {
	t.Parallel()
	l := worker(0, 5_541_850, 166_667)
	l.EndDate = jalali.Date{Year: 1405, Month: 7, Day: 1}
	require.Equal(t, payroll.Assessed{}, assess(assessor(1405, 7), &l))
}

func TestLine_supplementary_adds_to_the_month(t *testing.T) {
	t.Parallel()
	a := assessor(1405, 7)
	a.Header.Kind = payroll.Supplementary
	l := worker(0, 0, 0)
	l.Pay[payroll.Overtime] = 500_000_000
	require.Equal(t, rial.Amount(500_000_000), assess(a, &l).Insurable, "the month's lists are unknown")
	a.Earlier = func(string) rule.Earlier { return rule.Earlier{InsuredDays: 30, Insurable: 1_000_000_000} }
	x := assess(a, &l)
	require.Equal(t, rial.Amount(163_788_500), x.Insurable, "38,792,950 × 30 − 1,000,000,000")
	require.True(t, x.Capped)
}

func TestLine_shares_add_up(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1403, 1405).Draw(t, "year")
		a := assessor(year, 7)
		l := worker(rapid.IntRange(0, 31).Draw(t, "days"), amount(t, "wage", 80_000_000), amount(t, "seniority", 1_000_000))
		for _, c := range []payroll.Component{payroll.Housing, payroll.Overtime, payroll.Child, payroll.Meal} {
			l.Pay[c] = amount(t, c.Info().Key, 300_000_000)
		}
		x := assess(a, &l)
		require.Equal(t, (l.DailyWage + l.DailySeniority).TimesInt(l.Days), x.MonthlyWage)
		require.Equal(t, l.Pay[payroll.Housing]+l.Pay[payroll.Overtime]+l.Pay[payroll.Meal], x.Benefits)
		require.Equal(t, x.MonthlyWage+x.Benefits+l.Pay[payroll.Child], x.Total)
		require.LessOrEqual(t, x.Insurable, x.Total)
		require.LessOrEqual(t, x.Insurable, a.Law.MaxDailyInsurable.Value.TimesInt(l.Days))
		thirty := x.Insurable.Times(rial.NewRate(30, 100), rial.HalfUp)
		sum := x.WorkerPremium + x.EmployerPremium + x.Unemployment
		require.InDelta(t, int64(thirty), int64(sum), 1, "three roundings")
	})
}

func amount(t *rapid.T, name string, most int64) rial.Amount {
	return rial.Amount(rapid.Int64Range(0, most).Draw(t, name))
}

func TestWhy_shows_inputs_references_and_rounding(t *testing.T) {
	t.Parallel()
	a := assessor(1405, 7)
	l := worker(30, 5_541_850, 166_667)
	l.Pay[payroll.Housing], l.Pay[payroll.Transport], l.Pay[payroll.Overtime] = 30_000_000, 1_000_001, 400_000_000
	x := assess(a, &l)
	w := a.Why(&l, &x)
	for _, part := range []string{"5,541,850", "166,667", "171,255,510", "housing 30,000,000", "1,163,788,500", "602,255,511", "disputed"} {
		require.Contains(t, w.Insurable.EN, part)
	}
	require.Contains(t, w.Insurable.FA, "۵٬۵۴۱٬۸۵۰")
	require.Contains(t, w.WorkerPremium.EN, "7% × 602,255,511 = 42,157,885.77")
	require.Contains(t, w.WorkerPremium.EN, "42,157,886")
	require.Contains(t, w.WorkerPremium.EN, "social security law art. 28")
	require.Contains(t, w.WorkerPremium.FA, "ماده ۲۸ قانون تأمین اجتماعی")
	for _, part := range []string{"602,255,511", "7/7 × 42,157,886", "560,097,625", "10% × 160,097,625 = 16,009,762.5", "16,009,763", "first month seen here", "disputed", "art. 84"} {
		require.Contains(t, w.TaxEstimate.EN, part)
	}
	for _, text := range []fault.Text{w.Insurable, w.WorkerPremium, w.TaxEstimate} {
		require.NotContains(t, text.FA+text.EN, "%!")
		require.Equal(t, strings.Count(text.FA, "\n"), strings.Count(text.EN, "\n"))
	}
}
