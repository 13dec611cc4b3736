package rule

import (
	"math/big"

	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// taxBase is a month's pay of one person by what the tax law makes of it, over one row or all rows of the month.
type taxBase struct {
	wages      rial.Amount // taxed by the brackets
	continuous rial.Amount // continuous cash of the month, without what art. 91 exempts
	eidi       rial.Amount
	nonCash    rial.Amount
	welfare    rial.Amount // by the year's welfare rule
	flat       rial.Amount
	premiums   rial.Amount // health and life, paid by the worker (art. 137)
	housing    rial.Amount // charged for housing in kind
	car        rial.Amount // charged for a car in kind
	insured    rial.Amount // the worker's premiums to the SSO
	paid       bool        // there is pay, in cash or in kind
}

// add adds a row. Whether severance is exempt and fees are flat is a matter of each row.
func (b *taxBase) add(p *plan, tax *law.Params, l *payroll.Line, a *payroll.Assessed, m jalali.Month) {
	b.insured = b.insured.Add(a.WorkerPremium)
	b.pay(payroll.MonthlyWage, p.tax[payroll.MonthlyWage], a.MonthlyWage, p)
	for c, amount := range &l.Pay {
		if amount == 0 || payroll.Component(c) == payroll.MonthlyWage {
			continue
		}
		part := p.tax[c]
		switch part {
		case leaverPay:
			part = taxedPay
			if leaver(l, m) || tax.LeaverPay.Value == string(payroll.ExemptTax) {
				part = exemptPay
			}
		case flatPay:
			if !notMainPayer(p, l, a) {
				part = taxedPay
			}
		}
		b.pay(payroll.Component(c), part, amount, p)
	}
}

func (b *taxBase) pay(c payroll.Component, part taxPart, amount rial.Amount, p *plan) {
	if amount == 0 {
		return
	}
	if p.continuous[c] {
		b.continuous = b.continuous.Add(amount)
	}
	var sum *rial.Amount
	switch part {
	case taxedPay:
		sum = &b.wages
	case eidiPay:
		sum = &b.eidi
	case nonCashPay:
		sum = &b.nonCash
	case welfarePay:
		sum = &b.welfare
	case flatPay:
		sum = &b.flat
	case housingCharge:
		b.housing = b.housing.Add(amount)
		return
	case carCharge:
		b.car = b.car.Add(amount)
		return
	case deductiblePremium:
		b.premiums = b.premiums.Add(amount)
		return
	case exemptPay:
		b.paid = true
		return
	default:
		return
	}
	b.paid = true
	*sum = sum.Add(amount)
}

// exact is an amount that may end within a rial: n / unit rials. Only pay in kind, a share of other pay, does so.
type exact struct{ n, unit int64 }

func wholeRials(a rial.Amount) exact { return exact{int64(a), 1} }

func (x exact) plus(y exact) exact {
	if x.unit == y.unit {
		return exact{x.n + y.n, x.unit}
	}
	unit := x.unit / gcd(x.unit, y.unit) * y.unit
	return exact{x.n*(unit/x.unit) + y.n*(unit/y.unit), unit}
}

func (x exact) less(a rial.Amount) exact { return exact{x.n - int64(a)*x.unit, x.unit} }

func (x exact) notBelowZero() exact { return exact{max(x.n, 0), x.unit} }

func (x exact) rat() *big.Rat { return big.NewRat(x.n, x.unit) }

func (x exact) rounded() rial.Amount { return rial.Ratio(rial.Amount(x.n), 1, x.unit, rial.HalfUp) }

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// inKind is the value of a dwelling or car given: a share of continuous cash pay, less what is charged for it (note to
// art. 83); nothing for code 1 or blank.
func inKind(use string, first, second law.Rate, continuous, charged rial.Amount) exact {
	share := first.Value
	switch use {
	case "2":
	case "3":
		share = second.Value
	default:
		return wholeRials(0)
	}
	num, den := share.Fraction()
	n := int64(continuous) * num
	whole := gcd(n, den)
	return exact{n / whole, den / whole}.less(charged).notBelowZero()
}

// taxable is the month's taxable sum, divided; it is exact, and only what is stored of it is whole rials.
type taxable struct{ wages, welfare exact }

// taxableOf is what the exemptions and deductions found for the month leave of its pay.
func taxableOf(t *law.Params, b *taxBase, l *payroll.Line, x *payroll.Assessed) taxable {
	pay := b.wages.Add(b.welfare).Add(b.eidi - x.EidiExempt).Add(b.nonCash - x.NonCashExempt)
	sum := wholeRials(pay).
		plus(inKind(l.HousingUse, t.HousingInKind.Furnished, t.HousingInKind.Unfurnished, b.continuous, b.housing)).
		plus(inKind(l.CarUse, t.CarInKind.WithDriver, t.CarInKind.WithoutDriver, b.continuous, b.car)).
		less(x.PremiumShare).less(b.premiums).notBelowZero()
	wages := sum.less(b.welfare)
	if wages.n < 0 { // deductions are taken from wages first
		return taxable{exact{0, sum.unit}, sum}
	}
	return taxable{wages, wholeRials(b.welfare)}
}

// estimate computes the month's tax: cumulative over the employer's months of the year, exact until one rounding half up at
// the end. l gives the codes, e the year before. A month of an exempt person, or of one without an estimate, is a month with
// pay like any other: it counts in the year's months and taxable sum, with a tax of 0.
func (a *Assessor) estimate(p *plan, b *taxBase, l *payroll.Line, e Earlier, out *payroll.Assessed) {
	t := a.TaxLaw
	out.PremiumShare = b.insured.Times(t.DeductibleShare.Value, rial.HalfUp)
	out.EidiExempt = min(b.eidi, max(p.eidi-e.Eidi, 0))
	out.NonCashExempt = min(b.nonCash, max(p.nonCash-e.NonCash, 0))
	month := taxableOf(t, b, l, out)
	out.Taxable, out.Welfare = month.wages.plus(month.welfare).rounded(), month.welfare.rounded()
	out.Flat = b.flat
	out.Months, out.Paid = e.Months, b.paid
	if b.paid {
		out.Months++
	}
	out.NoEstimate = unknownRule(t, l)
	if out.NoEstimate || taxFree(t, l) || !b.paid {
		return
	}
	x := reckon(t, month, out, e)
	out.BeforeForgiveness = rial.Ratio(rial.Amount(x.kept), 1, x.parts, rial.HalfUp)
	num, den := remaining(t, l)
	if x.welfare == nil {
		out.TaxEstimate = rial.Ratio(rial.Amount(x.kept+x.flat), num, x.parts*den, rial.HalfUp)
		return
	}
	sum := big.NewRat(x.kept+x.flat, x.parts)
	sum.Add(sum, x.welfare).Mul(sum, big.NewRat(num, den))
	if tax, err := rial.Round(sum, rial.HalfUp); err == nil {
		out.TaxEstimate = tax
	}
}

// parts is the common denominator of the tax on whole rials: twelve months and whole percents.
const parts = 12 * 100

// reckoning is a month's tax before forgiveness and rounding.
type reckoning struct {
	sum     exact    // taxable by the brackets, of the year so far
	parts   int64    // what the next three are counted in: 1/parts rial
	year    int64    // the brackets' tax on sum
	kept    int64    // less the earlier months' figures, not below zero
	flat    int64    // the flat tax
	welfare *big.Rat // rials; nil for none
}

func reckon(t *law.Params, month taxable, out *payroll.Assessed, e Earlier) (x reckoning) {
	x.sum = wholeRials(e.Taxable).plus(month.wages)
	x.parts = parts * x.sum.unit
	x.year = due(&t.Brackets, x.sum, out.Months)
	x.kept = max(x.year-x.parts*int64(e.Tax), 0)
	x.flat = int64(out.Flat) * 12 * x.sum.unit * law.Percent(t.FlatRate.Value)
	if month.welfare.n > 0 {
		x.welfare = welfareTax(t, month)
	}
	return x
}

// due is months × the tax of the average month of sum, in 1/1200 of sum's unit: limits of the year × months / 12, exactly.
func due(b *law.Brackets, sum exact, months int) (n int64) {
	for i := range b.Slices {
		s := &b.Slices[i]
		within := inSlice(s, sum, months)
		if within == 0 && i > 0 {
			break
		}
		n += within * s.Percent()
	}
	return n
}

// inSlice is what part of sum lies in the slice's limits for so many months, in 1/12 of sum's unit.
func inSlice(s *law.Slice, sum exact, months int) int64 {
	upper, limits := 12*sum.n, int64(months)*sum.unit
	if s.To > 0 {
		upper = min(upper, int64(s.To)*limits)
	}
	return max(upper-int64(s.From)*limits, 0)
}

// welfareTax is what welfare pay adds to the month's tax where the year splits the exemption pro rata between wage and
// welfare: every wage slice keeps its width, so its limits move down by the part given to welfare, and welfare above its
// part bears the welfare rate. Like the flat tax it is a figure of the month alone.
func welfareTax(t *law.Params, month taxable) *big.Rat {
	wages, given := month.wages.rat(), welfarePart(t, month)
	// Limits moved down by a part tax the wage as that much more wage under unmoved limits.
	moved := new(big.Rat).Add(wages, given)
	above := month.welfare.rat()
	if above.Sub(above, given).Sign() < 0 {
		above.SetInt64(0)
	}
	x := monthTax(&t.Brackets, moved)
	x.Sub(x, monthTax(&t.Brackets, wages))
	return x.Add(x, above.Mul(above, t.WelfareRate.Value.Rat()))
}

// welfarePart is the part of a month's exemption given to welfare.
func welfarePart(t *law.Params, month taxable) *big.Rat {
	part := new(big.Rat).Mul(rat(t.Brackets.Exemption()), month.welfare.rat())
	return part.Quo(part, new(big.Rat).Mul(big.NewRat(12, 1), month.wages.plus(month.welfare).rat()))
}

func monthTax(b *law.Brackets, taxable *big.Rat) *big.Rat {
	tax := new(big.Rat)
	for i := range b.Slices {
		s := &b.Slices[i]
		within := new(big.Rat).Set(taxable)
		if to := big.NewRat(int64(s.To), 12); s.To > 0 && within.Cmp(to) > 0 {
			within = to
		}
		if within.Sub(within, big.NewRat(int64(s.From), 12)).Sign() <= 0 {
			break
		}
		tax.Add(tax, within.Mul(within, s.Rate.Rat()))
	}
	return tax
}

func rat(a rial.Amount) *big.Rat { return big.NewRat(int64(a), 1) }

// unknownRule tells codes for which no rule is known (TAX-06).
func unknownRule(t *law.Params, l *payroll.Line) bool {
	return t.UnknownTypes.Value.Has(l.ExemptionType) || t.UnknownPlaces.Value.Has(l.PlaceStatus) || t.UnknownBudgets.Value.Has(l.BudgetException)
}

// taxFree tells exemption types that pay no tax (art. 91(14)).
func taxFree(t *law.Params, l *payroll.Line) bool {
	return t.ExemptTypes.Value.Has(l.ExemptionType) || t.MartyrTypes.Value.Has(l.ExemptionType)
}

// remaining is the fraction of the month's tax that is not forgiven (art. 92).
func remaining(t *law.Params, l *payroll.Line) (num, den int64) {
	if !t.ForgivenPlaces.Value.Has(l.PlaceStatus) {
		return 1, 1
	}
	num, den = t.PlaceForgiveness.Value.Fraction()
	return den - num, den
}
