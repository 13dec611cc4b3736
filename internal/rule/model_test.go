package rule_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"

	"github.com/stretchr/testify/require"
)

// The model is a second reading of the law, in fractions and from its own tables: it shares no figure and no formula with the
// program, and any line must come to the same rial in both.

// modelYear is what a model month has of its year: rials, and the slices a month in millions of rials.
type modelYear struct {
	from, to     string
	minimum, cap int64
	slices       [][2]int64 // up to so many millions a month, percent; 0: above
	deductible   string
	welfareSplit bool
}

var modelYears = []modelYear{
	{"1399-01", "1399-03", 611_809, 4_282_663, [][2]int64{{30, 0}, {75, 10}, {105, 15}, {150, 20}, {180, 25}, {0, 35}}, "2/7", false},
	{"1399-04", "1399-12", 636_809, 4_457_663, [][2]int64{{30, 0}, {75, 10}, {105, 15}, {150, 20}, {180, 25}, {0, 35}}, "2/7", false},
	{"1400-01", "1400-12", 885_165, 6_196_155, [][2]int64{{40, 0}, {80, 10}, {120, 15}, {180, 20}, {240, 25}, {320, 30}, {0, 35}}, "2/7", false},
	{"1401-01", "1401-12", 1_393_250, 9_752_750, [][2]int64{{56, 0}, {150, 10}, {250, 15}, {350, 20}, {0, 30}}, "2/7", false},
	{"1402-01", "1402-12", 1_769_428, 12_385_996, [][2]int64{{100, 0}, {140, 10}, {230, 15}, {340, 20}, {0, 30}}, "2/7", false},
	{"1403-01", "1403-12", 2_388_728, 16_721_096, [][2]int64{{120, 0}, {165, 10}, {270, 15}, {400, 20}, {0, 30}}, "2/7", false},
	{"1404-01", "1404-12", 3_463_656, 24_245_592, [][2]int64{{240, 0}, {300, 10}, {380, 15}, {500, 20}, {-8_000, 25}, {0, 30}}, "1", true},
	{"1405-01", "1405-12", 5_541_850, 38_792_950, [][2]int64{{400, 0}, {800, 10}, {1_000, 15}, {1_200, 20}, {1_400, 25}, {0, 30}}, "1", false},
}

func set(keys string) map[string]bool {
	m := map[string]bool{}
	for _, k := range strings.Fields(keys) {
		m[k] = true
	}
	return m
}

// The components by what they are, as the table of pay components says.
var (
	mInsurable = set(`housing grocery housing_grocery marriage responsibility attraction hardship adjustment transport meal other_continuous
		overtime holiday_work shift performance bonus productivity welfare on_call haqq_al_saay`)
	mTotal = set(`child production_bonus milk cash_shortage sickness_difference mission travel_cost other_noncontinuous
		noncash_continuous noncash_other`)
	mDeduction  = set(`housing_deducted car_deducted health_premium life_premium`)
	mExempt     = set(`mission travel_cost dismissal buyback`)
	mEidi       = set(`eidi year_end_bonus`)
	mLeaver     = set(`end_service severance`)
	mFlat       = set(`fees research teaching`)
	mNonCash    = set(`noncash_continuous noncash_other`)
	mWelfare    = set(`productivity welfare`)
	mContinuous = set(`monthly_wage housing grocery housing_grocery marriage child responsibility attraction hardship adjustment
		transport meal other_continuous`)
	mNotCash = set(`noncash_continuous noncash_other arrears_continuous_noncash arrears_other_noncash housing_deducted car_deducted
		health_premium life_premium`)
)

func q(n int64) *big.Rat            { return new(big.Rat).SetInt64(n) }
func frac(s string) *big.Rat        { r, _ := new(big.Rat).SetString(s); return r }
func plus(a, b *big.Rat) *big.Rat   { return new(big.Rat).Add(a, b) }
func minus(a, b *big.Rat) *big.Rat  { return new(big.Rat).Sub(a, b) }
func times(a, b *big.Rat) *big.Rat  { return new(big.Rat).Mul(a, b) }
func over(a, b *big.Rat) *big.Rat   { return new(big.Rat).Quo(a, b) }
func lesser(a, b *big.Rat) *big.Rat { return map[bool]*big.Rat{true: a, false: b}[a.Cmp(b) < 0] }
func orZero(a *big.Rat) *big.Rat    { return map[bool]*big.Rat{true: q(0), false: a}[a.Sign() < 0] }

// halfUp rounds a fraction of at least zero to whole rials.
func halfUp(a *big.Rat) *big.Rat {
	twice := plus(times(a, q(2)), q(1))
	return q(new(big.Int).Quo(twice.Num(), new(big.Int).Mul(twice.Denom(), big.NewInt(2))).Int64())
}

// limits are the upper limits a month in rials; nil above.
func (y *modelYear) limits() (to []*big.Rat) {
	for _, s := range y.slices {
		switch {
		case s[0] == 0:
			to = append(to, nil)
		case s[0] < 0: // a year's, that no month holds exactly
			to = append(to, over(q(-s[0]*1_000_000), q(12)))
		default:
			to = append(to, q(s[0]*1_000_000))
		}
	}
	return to
}

// tax of a month's taxable sum; shift moves every limit down.
func (y *modelYear) tax(a, shift *big.Rat) *big.Rat {
	sum, from := q(0), q(0)
	for i, to := range y.limits() {
		top := a
		if to != nil {
			top = lesser(a, minus(to, shift))
		}
		if top.Cmp(from) > 0 {
			sum = plus(sum, times(minus(top, from), over(q(y.slices[i][1]), q(100))))
		}
		if to != nil {
			from = minus(to, shift)
		}
	}
	return sum
}

// modelled is what the model says a line owes.
type modelled struct {
	monthly, insurable, total, worker, employer, unemployment, hard *big.Rat
	share, taxable, flat, eidi, nonCash, estimate, kept, net        *big.Rat
	none                                                            bool
	months                                                          int
}

func model(y *modelYear, h *payroll.Header, l *payroll.Line, e rule.Earlier) (m modelled) {
	pay := map[string]*big.Rat{}
	for c := range payroll.Components() {
		pay[c.Info().Key] = q(int64(l.Pay[c]))
	}
	sum := func(in map[string]bool) *big.Rat {
		s := q(0)
		for k, a := range pay {
			if in[k] {
				s = plus(s, a)
			}
		}
		return s
	}
	toSSO := l.ReportedTo != fault.Tax
	m.monthly = times(plus(q(int64(l.DailyWage)), q(int64(l.DailySeniority))), q(int64(l.Days)))
	if given := pay["monthly_wage"]; given.Sign() > 0 {
		if d := minus(given, m.monthly); !toSSO || d.Abs(d).Cmp(q(int64(l.Days))) <= 0 {
			m.monthly = given
		}
	}
	pay["monthly_wage"] = m.monthly

	// Social security: 7 + 20 + 3 per cent of what is insurable, each rounded.
	m.insurable, m.total, m.worker, m.employer, m.unemployment, m.hard = q(0), q(0), q(0), q(0), q(0), q(0)
	if toSSO {
		m.insurable = lesser(plus(m.monthly, sum(mInsurable)), times(q(y.cap), q(int64(l.Days))))
		m.total = plus(plus(m.monthly, sum(mInsurable)), sum(mTotal))
		percent := func(p string, of *big.Rat) *big.Rat { return halfUp(times(of, frac(p))) }
		kind := l.InsuredKind
		m.worker, m.employer = percent("7/100", m.insurable), percent("20/100", m.insurable)
		switch kind {
		case payroll.NormalKind:
			m.unemployment = percent("3/100", m.insurable)
		case payroll.RetiredKind:
			m.worker, m.employer = percent("5/100", m.insurable), percent("15/100", m.insurable) // the profile of the test
		case payroll.ApprenticeKind:
			base := m.insurable
			if least := times(q(y.minimum), q(int64(l.Days))); least.Cmp(base) > 0 {
				base = least
			}
			m.employer = minus(percent("27/100", base), m.worker)
		}
		if h.ExemptFive && l.Days > 0 && (kind == payroll.NormalKind || kind == payroll.ForeignKind) {
			m.employer = q(0) // the first row of its list
		}
		if l.HardJob && h.Profile.HardMonthly {
			m.hard = percent("4/100", m.insurable)
		}
	}

	// The salary tax, point by point.
	exemption := y.limits()[0] // of a month
	none := q(0)
	m.share = halfUp(times(frac(y.deductible), m.worker))                                         // 2
	m.eidi = lesser(sum(mEidi), orZero(minus(exemption, q(int64(e.Eidi)))))                       // 3
	m.nonCash = lesser(sum(mNonCash), orZero(minus(times(q(2), exemption), q(int64(e.NonCash))))) // 3
	taxed := orZero(none)                                                                         // 1
	first, next := h.Period.First(), h.Period.Add(1).First()                                      // 6
	left := !l.EndDate.IsZero() && !l.EndDate.Before(first) && !next.Before(l.EndDate)            // 6
	onlyFees := sum(mFlat).Sign() > 0                                                             // 7
	for k, a := range pay {
		if a.Sign() > 0 && !mFlat[k] && !mDeduction[k] {
			onlyFees = false
		}
	}
	notMain := onlyFees
	if l.NotMainPayer || l.Given.Has(payroll.ColMainPayer) {
		notMain = l.NotMainPayer
	}
	welfare := none
	m.flat = none
	paid := false
	for k, a := range pay {
		if mDeduction[k] || a.Sign() == 0 {
			continue
		}
		paid = true
		switch {
		case mExempt[k], mLeaver[k] && left, mEidi[k], mNonCash[k]:
		case mFlat[k] && notMain:
			m.flat = plus(m.flat, a)
		case mWelfare[k] && y.welfareSplit:
			welfare = plus(welfare, a)
			taxed = plus(taxed, a)
		default:
			taxed = plus(taxed, a)
		}
	}
	taxed = plus(taxed, plus(minus(sum(mEidi), m.eidi), minus(sum(mNonCash), m.nonCash)))
	inKind := func(use string, rates map[string]string, charged string) *big.Rat { // 4
		if rates[use] == "" {
			return none
		}
		return orZero(minus(times(frac(rates[use]), sum(mContinuous)), pay[charged]))
	}
	taxed = plus(taxed, inKind(l.HousingUse, map[string]string{"2": "25/100", "3": "20/100"}, "housing_deducted"))
	taxed = plus(taxed, inKind(l.CarUse, map[string]string{"2": "10/100", "3": "5/100"}, "car_deducted"))
	taxed = orZero(minus(minus(minus(taxed, m.share), pay["health_premium"]), pay["life_premium"]))
	m.taxable = halfUp(taxed)
	welfare = lesser(welfare, taxed)
	wages := minus(taxed, welfare)

	m.months = e.Months
	if paid {
		m.months++
	}
	m.estimate, m.kept = none, none
	has := func(code, codes string) bool { return code != "" && set(codes)[code] }
	switch {
	case has(l.ExemptionType, "7 8 9 10 11"), has(l.PlaceStatus, "3 4"), has(l.BudgetException, "2 3 4 5"):
		m.none = true
	case has(l.ExemptionType, "2 3 4 5 6"), !paid:
	default:
		months := q(int64(m.months))
		average := over(plus(q(int64(e.Taxable)), wages), months)
		month := orZero(minus(times(months, y.tax(average, none)), q(int64(e.Tax)))) // 5
		m.kept = halfUp(month)
		month = plus(month, times(frac("10/100"), m.flat)) // 7
		if welfare.Sign() > 0 {
			part := times(exemption, over(welfare, plus(wages, welfare)))
			// The wage's slices keep their width: every limit moves down by the part.
			own := y.tax(wages, part)
			month = plus(month, minus(own, y.tax(wages, none)))
			month = plus(month, times(frac("10/100"), orZero(minus(welfare, part))))
		}
		if l.PlaceStatus == "2" {
			month = over(month, q(2))
		}
		m.estimate = halfUp(month) // 8
	}

	m.net = q(int64(l.NetPaid))
	if l.NetPaid == 0 {
		net := minus(q(0), m.worker)
		for k, a := range pay {
			switch {
			case mDeduction[k]:
				net = minus(net, a)
			case !mNotCash[k]:
				net = plus(net, a)
			}
		}
		tax := m.estimate
		if l.DeclaredTax != 0 {
			tax = q(int64(l.DeclaredTax))
		}
		m.net = orZero(minus(minus(net, tax), q(int64(l.OtherDeductions))))
	}
	return m
}

// draw makes any line: mostly the usual, often at a limit, sometimes with everything at once.
func draw(r *rand.Rand, y *modelYear) (h *payroll.Header, l payroll.Line, e rule.Earlier) {
	from, _ := jalali.ParseMonth(y.from)
	to, _ := jalali.ParseMonth(y.to)
	month := from.Add(r.IntN(to.Month - from.Month + 1))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	amount := func(most int64) rial.Amount { return rial.Amount(r.Int64N(most) + 1) }
	exemption := y.slices[0][0] * 1_000_000

	h = &payroll.Header{Period: month, TaxPeriod: month, Kind: payroll.Original, ExemptFive: r.IntN(4) == 0}
	h.Profile.HardMonthly = r.IntN(2) == 0
	h.Profile.Retired = &struct {
		Worker   rial.Rate `json:"worker"`
		Employer rial.Rate `json:"employer"`
	}{rial.NewRate(5, 100), rial.NewRate(15, 100)}
	l = payroll.Line{
		NationalCode: "0012345679", Days: r.IntN(month.Days() + 1), DailyWage: rial.Amount(y.minimum) + amount(y.minimum*7),
		InsuredKind: payroll.InsuredKind(one("normal", "normal", "employer", "foreign", "retired", "apprentice")),
		ReportedTo:  []fault.Lane{fault.Both, fault.Both, fault.Tax}[r.IntN(3)], HardJob: r.IntN(3) == 0,
	}
	if r.IntN(3) == 0 {
		l.DailyWage = amount(y.minimum) // an apprentice may earn less
	}
	l.DailySeniority = amount(200_000)
	for c := range payroll.Components() {
		if r.IntN(6) == 0 && c != payroll.MonthlyWage {
			l.Pay[c] = amount(exemption)
		}
	}
	switch r.IntN(6) {
	case 0: // fees and nothing else
		l.Pay, l.Days, l.ReportedTo = payroll.Pay{payroll.Fees: amount(exemption), payroll.Teaching: amount(exemption)}, 0, fault.Tax
	case 1: // a payslip's own monthly wage, a few rials off
		l.Pay[payroll.MonthlyWage] = (l.DailyWage + l.DailySeniority).TimesInt(l.Days) + rial.Amount(r.IntN(80)-40)
		l.Pay[payroll.MonthlyWage] = max(l.Pay[payroll.MonthlyWage], 0)
	case 2: // at a limit
		slice := y.slices[r.IntN(len(y.slices)-1)][0]
		l.Pay, l.Days, l.ReportedTo = payroll.Pay{payroll.MonthlyWage: rial.Amount(max(slice, 666)*1_000_000 + int64(r.IntN(3)) - 1)}, 0, fault.Tax
	}
	if r.IntN(2) == 0 {
		l.HousingUse, l.CarUse = one("", "1", "2", "3"), one("", "1", "2", "3")
	}
	if r.IntN(4) == 0 {
		l.ExemptionType, l.PlaceStatus, l.BudgetException = one("", "1", "2", "3", "5", "7", "11"), one("", "1", "2", "3"), one("", "1", "2")
	} else if r.IntN(3) == 0 {
		l.PlaceStatus = "2"
	}
	switch r.IntN(6) {
	case 0:
		l.EndDate = month.First()
	case 1:
		l.EndDate = month.Add(1).First()
	case 2:
		l.EndDate = month.Last()
	case 3:
		l.EndDate = month.Add(r.IntN(4) - 2).Last()
	}
	switch r.IntN(6) {
	case 0:
		l.NotMainPayer = true
	case 1:
		l.Given.Add(payroll.ColMainPayer)
	}
	if r.IntN(4) == 0 {
		l.DeclaredTax, l.OtherDeductions = amount(exemption), amount(exemption)
	}
	if r.IntN(3) > 0 {
		e.Months = r.IntN(12)
		e.Taxable = rial.Amount(int64(e.Months) * r.Int64N(3*exemption))
		e.Tax = rial.Amount(r.Int64N(int64(e.Taxable)/8 + 1))
		e.Eidi, e.NonCash = amount(2*exemption), amount(3*exemption)
	}
	return h, l, e
}

func TestAssessor_agrees_with_the_model(t *testing.T) {
	t.Parallel()
	const linesAPeriod = 2_500
	for i := range modelYears {
		y := &modelYears[i]
		t.Run(y.from, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1399, uint64(i)))
			for n := range linesAPeriod {
				h, l, e := draw(r, y)
				p := paramsOf(h.Period.Year, h.Period.Month)
				a := &rule.Assessor{Law: p, TaxLaw: p, Header: h, Earlier: func(string) rule.Earlier { return e }}
				x := assess(a, &l)
				m := model(y, h, &l, e)
				for _, c := range []struct {
					name string
					want *big.Rat
					got  rial.Amount
				}{
					{"monthly wage", m.monthly, x.MonthlyWage},
					{"insurable", m.insurable, x.Insurable},
					{"total", m.total, x.Total},
					{"worker's premium", m.worker, x.WorkerPremium},
					{"employer's premium", m.employer, x.EmployerPremium},
					{"unemployment", m.unemployment, x.Unemployment},
					{"hard job", m.hard, x.HardJob},
					{"deductible share", m.share, x.PremiumShare},
					{"taxable", m.taxable, x.Taxable},
					{"flat", m.flat, x.Flat},
					{"eidi exempt", m.eidi, x.EidiExempt},
					{"non-cash exempt", m.nonCash, x.NonCashExempt},
					{"kept", m.kept, x.BeforeForgiveness},
					{"estimate", m.estimate, x.TaxEstimate},
					{"net paid", m.net, x.NetPaid},
				} {
					if c.want.Cmp(q(int64(c.got))) != 0 {
						require.Fail(t, fmt.Sprintf("%s of line %d: %s, want %s", c.name, n, c.got.Grouped(), c.want.RatString()), "%+v\n%+v\n%+v", *h, l, e)
					}
				}
				require.Equal(t, m.none, x.NoEstimate)
				require.Equal(t, m.months, x.Months)
				require.GreaterOrEqual(t, x.TaxEstimate, rial.Amount(0))
			}
		})
	}
}

func TestModel_has_every_period_of_the_law_book(t *testing.T) {
	t.Parallel()
	require.Len(t, modelYears, len(lawBook.Periods()))
	for i, p := range lawBook.Periods() {
		require.Equal(t, modelYears[i].from+" "+modelYears[i].to, p.From.String()+" "+p.To.String())
	}
}
