package rule_test

import (
	"math/big"
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

// periodOf draws any period of the law book.
func periodOf(t *rapid.T) *law.Params { return rapid.SampledFrom(lawBook.Periods()).Draw(t, "period") }

// of is an assessor of the period's last month.
func of(p *law.Params, e rule.Earlier) *rule.Assessor {
	return &rule.Assessor{
		Law: p, TaxLaw: p, Header: &payroll.Header{Period: p.To, TaxPeriod: p.To, Kind: payroll.Original},
		Earlier: func(string) rule.Earlier { return e },
	}
}

func taxOf(p *law.Params, e rule.Earlier, taxable rial.Amount) rial.Amount {
	l := wage(taxable)
	return assess(of(p, e), &l).TaxEstimate
}

func TestEstimate_is_monotone_in_taxable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := periodOf(t)
		e := rule.Earlier{Months: rapid.IntRange(0, 11).Draw(t, "months"), Taxable: amount(t, "earlier", int64(9_000*million)), Tax: amount(t, "withheld", int64(500*million))}
		less := 1 + amount(t, "taxable", int64(2_000*million)) // a month without pay adds no exemption, the first rial does
		more := less + amount(t, "more", int64(2_000*million))
		low, high := taxOf(p, e, less), taxOf(p, e, more)
		require.GreaterOrEqual(t, low, rial.Amount(0))
		require.LessOrEqual(t, low, high)
		require.LessOrEqual(t, high-low, more-less, "no rial is taxed more than once")
	})
}

// At every limit of every year, for any number of months, one rial more adds less than one rial of tax.
func TestEstimate_is_continuous_at_every_limit(t *testing.T) {
	t.Parallel()
	for _, p := range lawBook.Periods() {
		for i, s := range p.Brackets.Slices[:len(p.Brackets.Slices)-1] {
			for months := range 12 {
				limit := rial.Ratio(s.To, int64(months+1), 12, rial.Down)
				e := rule.Earlier{Months: months, Taxable: limit / 2}
				here := limit - e.Taxable
				before, at, after := taxOf(p, e, here-1), taxOf(p, e, here), taxOf(p, e, here+1)
				require.LessOrEqual(t, at-before, rial.Amount(1), "%s, limit %d, %d months", p.From, i, months+1)
				require.LessOrEqual(t, after-at, rial.Amount(1), "%s, limit %d, %d months", p.From, i, months+1)
				require.LessOrEqual(t, before, at)
				require.LessOrEqual(t, at, after)
			}
		}
	}
}

// The rate of the slice is what the next million bears, on either side of every limit.
func TestEstimate_bears_the_rate_of_its_slice(t *testing.T) {
	t.Parallel()
	const step = 1_000_000
	for _, p := range lawBook.Periods() {
		for _, s := range p.Brackets.Slices {
			from := rial.Ratio(s.From, 1, 12, rial.Down) + 1_000
			bears := taxOf(p, rule.Earlier{}, from+step) - taxOf(p, rule.Earlier{}, from)
			require.InDelta(t, int64(rial.Amount(step).Times(s.Rate, rial.HalfUp)), int64(bears), 1, "%s from %d", p.From, s.From)
		}
	}
}

// However a year's pay falls on its months, what has been withheld after each is the tax of the average month so far times
// the months, or what was withheld before where that is more.
func TestEstimate_settles_any_split_of_a_year(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1399, 1405).Draw(t, "year")
		months := rapid.SliceOfN(rapid.Int64Range(1, 1_500*int64(million)), 1, 12).Draw(t, "months")
		var pays []rial.Amount
		for _, m := range months {
			pays = append(pays, rial.Amount(m))
		}
		brackets, withheld, taxable := &paramsOf(year, 12).Brackets, rial.Amount(0), rial.Amount(0)
		for i, tax := range taxes(year, pays...) {
			require.GreaterOrEqual(t, tax, rial.Amount(0))
			withheld, taxable = withheld+tax, taxable+pays[i]
			owed, err := rial.Round(yearTax(brackets, taxable, i+1), rial.HalfUp)
			require.NoError(t, err)
			require.GreaterOrEqual(t, withheld, owed)
			if tax > 0 {
				require.Equal(t, owed, withheld)
			}
		}
	})
}

// yearTax is the tax of so many months by annual limits.
func yearTax(b *law.Brackets, taxable rial.Amount, months int) *big.Rat {
	sum := new(big.Rat)
	for _, s := range b.Slices {
		upper := big.NewRat(int64(taxable), 1)
		if to := big.NewRat(int64(s.To)*int64(months), 12); s.To > 0 && to.Cmp(upper) < 0 {
			upper = to
		}
		if within := upper.Sub(upper, big.NewRat(int64(s.From)*int64(months), 12)); within.Sign() > 0 {
			sum.Add(sum, within.Mul(within, s.Rate.Rat()))
		}
	}
	return sum
}

func TestEstimate_of_a_year_does_not_depend_on_the_order_of_months(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1399, 1405).Draw(t, "year")
		exemption := paramsOf(year, 12).Brackets.Exemption() / 12
		months := make([]rial.Amount, 12)
		for i := range months {
			months[i] = exemption + amount(t, "above the exemption", int64(exemption/8)) // never over-withheld
		}
		turned := append(append([]rial.Amount{}, months[6:]...), months[:6]...)
		require.Equal(t, sum(taxes(year, months...)), sum(taxes(year, turned...)))
	})
}

// Without welfare the split of 1404 is the plain tax, and the first rial of welfare moves it by no more than a rial.
func TestEstimate_welfare_split_begins_at_the_plain_tax(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		taxable := 1 + amount(t, "wage", int64(2_000*million))
		p := paramsOf(1404, 1)
		plain, err := rial.Round(yearTax(&p.Brackets, taxable, 1), rial.HalfUp)
		require.NoError(t, err)
		l := payee(map[payroll.Component]rial.Amount{payroll.MonthlyWage: taxable})
		require.Equal(t, plain, assess(of(p, rule.Earlier{}), &l).TaxEstimate)
		l.Pay[payroll.Welfare] = 1
		require.InDelta(t, int64(plain), int64(assess(of(p, rule.Earlier{}), &l).TaxEstimate), 1)
		more := l
		more.Pay[payroll.Welfare] = amount(t, "welfare", int64(500*million))
		require.GreaterOrEqual(t, assess(of(p, rule.Earlier{}), &more).TaxEstimate, rial.Amount(0))
	})
}

func TestLine_shares_add_up_to_what_is_due(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := periodOf(t)
		a := of(p, rule.Earlier{})
		a.Header.ExemptFive = rapid.Bool().Draw(t, "exempt five")
		var totals payroll.Totals
		var premiums, taxes rial.Amount
		waived := 0
		for range rapid.IntRange(1, 12).Draw(t, "rows") {
			l := worker(rapid.IntRange(0, p.To.Days()).Draw(t, "days"), p.MinimumDailyWage.Value+amount(t, "above", int64(60*million)), 0)
			l.InsuredKind = rapid.SampledFrom([]payroll.InsuredKind{
				payroll.NormalKind, payroll.EmployerKind, payroll.ForeignKind, payroll.ApprenticeKind,
			}).Draw(t, "kind")
			l.Pay[payroll.Overtime] = amount(t, "overtime", int64(100*million))
			l.Hold = rapid.IntRange(0, 9).Draw(t, "hold") == 0
			x := assess(a, &l)
			totals.Add(&l, &x)
			if l.Hold {
				continue
			}
			premiums += x.WorkerPremium + x.EmployerPremium + x.Unemployment
			taxes += x.TaxEstimate
			require.LessOrEqual(t, x.Insurable, p.MaxDailyInsurable.Value.TimesInt(l.Days))
			require.LessOrEqual(t, x.Insurable, x.Total)
			if x.Waived {
				waived++
				require.Zero(t, x.EmployerPremium)
			}
		}
		require.LessOrEqual(t, waived, 5)
		require.Equal(t, premiums, totals.PremiumDue)
		require.Equal(t, totals.PremiumDue, totals.WorkerPremium+totals.EmployerPremium+totals.Unemployment)
		require.Equal(t, taxes, totals.TaxEstimate)
	})
}

// The lists of a month may come in any order: the money of every person is the same.
func TestMonth_does_not_depend_on_the_order_of_lists(t *testing.T) {
	t.Parallel()
	codes := []payroll.NationalCode{"0012345679", "0084575948", "0499370899"}
	rapid.Check(t, func(t *rapid.T) {
		p := periodOf(t)
		id := payroll.TaxMonthIdentity{Employer: taxMehr.Employer, Period: p.To}
		var lists []payroll.FiledList
		for i := range rapid.IntRange(1, 5).Draw(t, "lists") {
			list := payroll.FiledList{Header: payroll.Header{
				Workshop: payroll.WorkshopCode([]string{"0000000001", "0000000002"}[i%2]), ContractRow: payroll.OwnContract,
				ListNo: []string{"01", "02", "03", "04", "05"}[i], Period: p.To, TaxPeriod: p.To,
			}}
			a := of(p, rule.Earlier{})
			for row := range rapid.IntRange(1, 4).Draw(t, "rows") {
				l := worker(rapid.IntRange(0, 29).Draw(t, "days"), p.MinimumDailyWage.Value, 0)
				l.NationalCode, l.Row = rapid.SampledFrom(codes).Draw(t, "person"), row+3
				l.ReportedTo = rapid.SampledFrom([]fault.Lane{fault.Both, fault.SSO, fault.Tax}).Draw(t, "to")
				l.Pay[payroll.Overtime], l.Pay[payroll.Eidi] = amount(t, "overtime", int64(900*million)), amount(t, "eidi", int64(300*million))
				l.Pay[payroll.Welfare] = amount(t, "welfare", int64(90*million))
				list.Lines = append(list.Lines, payroll.Filed{Line: l, Assessed: assess(a, &l)})
			}
			lists = append(lists, list)
		}
		money := func(lists []payroll.FiledList) map[string]payroll.Assessed {
			month, contradictions := of(p, rule.Earlier{}).Month(id, lists)
			require.Empty(t, contradictions)
			persons := map[string]payroll.Assessed{}
			for _, x := range month.Persons {
				persons[x.Line.Person()] = x.Assessed
			}
			return persons
		}
		require.Equal(t, money(lists), money(rapid.Permutation(lists).Draw(t, "order")))
	})
}

// A month of an exempt person, or of one without an estimate, is a month with pay like any other: the year goes on from it.
func TestEstimate_counts_the_months_of_an_exempt_person(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"2", "7"} {
		first := wage(900 * million)
		first.ExemptionType = code
		x := assess(of(paramsOf(1405, 1), rule.Earlier{}), &first)
		require.Zero(t, x.TaxEstimate)
		require.Zero(t, x.BeforeForgiveness)
		require.Equal(t, 1, x.Months)
		second := rule.Earlier{Months: x.Months, Taxable: x.Taxable - x.Welfare, Tax: x.BeforeForgiveness}
		require.Equal(t, 55*million, taxOf(paramsOf(1405, 1), second, 450*million), "10 % of 1,350 − 800 million")
	}
}

func TestEstimate_takes_pay_in_kind_to_the_fraction(t *testing.T) {
	t.Parallel()
	l := wage(440_000_003) // a car without driver: 5 % is 22,000,000.15
	l.CarUse = "3"
	a := assessor(1405, 1)
	x := assess(a, &l)
	require.Equal(t, rial.Amount(462_000_003), x.Taxable)
	require.Equal(t, rial.Amount(6_200_000), x.TaxEstimate, "10 % of 62,000,003.15 is 6,200,000.315")
	require.Contains(t, a.Why(&l, &x).TaxEstimate.EN, "taxable of the month: 462,000,003.15 rials")

	l = wage(440_000_014) // 462,000,014.7: to the nearest rial 15, and 6,200,001.5 would go up
	l.CarUse = "3"
	x = assess(assessor(1405, 1), &l)
	require.Equal(t, rial.Amount(462_000_015), x.Taxable)
	require.Equal(t, rial.Amount(6_200_001), x.TaxEstimate, "6,200,001.47")
}

// Before 1403 a marriage allowance that a list gives is pay like any other; the year just has no amount for it.
func TestLine_a_marriage_allowance_in_a_year_without_one(t *testing.T) {
	t.Parallel()
	p, ok := lawBook.On(jalali.Month{Year: 1400, Month: 7})
	require.True(t, ok)
	require.Nil(t, p.Marriage)
	l := worker(30, p.MinimumDailyWage.Value, 0)
	l.Pay[payroll.Marriage] = million
	x := assess(of(p, rule.Earlier{}), &l)
	require.Equal(t, million, x.Benefits)
}
