package sim

import (
	"iter"
	"math/big"
	"slices"
	"strconv"
)

// taxedWorker is the administration's figure for one person and what later
// months of the year need of it.
type taxedWorker struct {
	Person string `json:"person"`
	Tax    int64  `json:"tax"`    // rials, after what place of service forgives
	Months int    `json:"months"` // months of the year with pay here, this one included

	Paid        bool   `json:"paid"`         // had any pay this month
	Taxable     string `json:"taxable"`      // of this month, an exact fraction of rials
	Withheld    int64  `json:"withheld"`     // of this month, before what is forgiven
	EidiUsed    string `json:"eidi_used"`    // exempt part of eidi taken this month
	NoncashUsed string `json:"noncash_used"` // exempt part of non-cash pay taken this month
}

// earlier holds, by person, what the year's earlier months come to.
type earlier map[string]*yearSoFar

// yearSoFar is the sum of one person's months; its zero value is a year just
// begun.
type yearSoFar struct {
	months                         int // with pay
	withheld                       int64
	taxable, eidiUsed, noncashUsed big.Rat
}

// add counts one more month in.
func (e earlier) add(workers []taxedWorker) {
	for _, w := range workers {
		y := e[w.Person]
		if y == nil {
			y = &yearSoFar{}
			e[w.Person] = y
		}
		if w.Paid {
			y.months++
		}
		y.withheld += w.Withheld
		y.taxable.Add(&y.taxable, ratOf(w.Taxable))
		y.eidiUsed.Add(&y.eidiUsed, ratOf(w.EidiUsed))
		y.noncashUsed.Add(&y.noncashUsed, ratOf(w.NoncashUsed))
	}
}

// judgeTax judges one pair and computes each person's tax. Unknown exemption
// types, place states and budget exceptions are treated as ordinary.
func judgeTax(f taxFiles, key *deliveryKey, past earlier, r *rates, c *collector) judgement {
	known := r.scale[f.period.year] != nil
	prem, premKnown := r.premiums[f.period.year]
	alone := key == nil && premKnown && prem.deductible.Cmp(big.NewRat(1, 1)) == 0
	var j judgement
	var sum int64
	for p := range readTaxMonth(f, key, c) {
		if !known {
			continue
		}
		var expected []*big.Rat
		if alone {
			expected = p.possibleTaxes(f.period, r)
		}
		p.checkNet(f.period, expected)
		w := p.taxed(f.period, past[p.id], r)
		j.workers = append(j.workers, w)
		sum += w.Tax
	}
	if !known {
		c.in(f.whName).add("SIM-51", "", 0, "", f.period.String(), "a year with known brackets")
		return judgement{findings: c.all}
	}
	j.persons = len(j.workers)
	j.bills = []bill{{amount: sum, due: f.period.next().lastDay()}}
	j.findings = c.all
	return j
}

// monthPay is a month's pay divided as the law divides it; exact.
type monthPay struct {
	taxable               *big.Rat // bears the scale
	flat                  *big.Rat // tax of the month outside the scale
	eidiUsed, noncashUsed *big.Rat
}

// options are the readings WH leaves open, since it shows no treatment.
type options struct {
	feesFlat    bool // fees of another than the main payer
	welfareFlat bool
}

// taxed is the person's figure for the month, cumulative over the months of the
// year in which he was paid here.
func (p taxPerson) taxed(m month, past *yearSoFar, r *rates) taxedWorker {
	if past == nil {
		past = &yearSoFar{}
	}
	pay := p.divide(m, &past.eidiUsed, &past.noncashUsed, options{welfareFlat: true}, r)
	w := taxedWorker{
		Person: p.id, Paid: p.paid(), Months: past.months, Taxable: pay.taxable.RatString(),
		EidiUsed: pay.eidiUsed.RatString(), NoncashUsed: pay.noncashUsed.RatString(),
	}
	total := new(big.Rat).Add(pay.taxable, &past.taxable)
	withheld := new(big.Rat).SetInt64(past.withheld)
	if !w.Paid {
		return w
	}
	w.Months++
	if p.exempt() {
		return w
	}
	months := new(big.Rat).SetInt64(int64(w.Months))
	due := r.taxOfMonth(new(big.Rat).Quo(total, months), m.year)
	due.Mul(due, months).Sub(due, withheld)
	if due.Sign() < 0 {
		due.SetInt64(0)
	}
	// The flat part is a figure of this month alone, so it stays out of what the
	// year's later months settle against.
	w.Withheld = roundHalfUp(due)
	due.Add(due, pay.flat)
	if p.pay.get(3) == "2" {
		kept := new(big.Rat).Sub(big.NewRat(1, 1), r.rule("less_developed_forgiven", m.year))
		due.Mul(due, kept)
	}
	w.Tax = roundHalfUp(due)
	return w
}

// possibleTaxes are the taxes a list's own net pay may rest on: without earlier
// months, under each reading the columns allow.
func (p taxPerson) possibleTaxes(m month, r *rates) []*big.Rat {
	none := new(big.Rat)
	if p.person.get(13) != "1" || p.pay.get(3) == "3" || p.pay.get(3) == "4" || p.pay.get(4) != "1" {
		return []*big.Rat{none}
	}
	var out []*big.Rat
	for _, o := range []options{{}, {welfareFlat: true}, {feesFlat: true}, {true, true}} {
		pay := p.divide(m, none, none, o, r)
		t := r.taxOfMonth(pay.taxable, m.year)
		t.Add(t, pay.flat)
		if p.pay.get(3) == "2" {
			t.Mul(t, new(big.Rat).Sub(big.NewRat(1, 1), r.rule("less_developed_forgiven", m.year)))
		}
		out = append(out, t)
	}
	return out
}

// exempt holds the types of article 91(14) and those treated alike.
func (p taxPerson) exempt() bool {
	return slices.Contains([]string{"2", "3", "4", "5", "6"}, p.person.get(13))
}

func (p taxPerson) paid() bool {
	return slices.ContainsFunc(moneyColumns, func(n int) bool { return p.pay.amount(n) > 0 })
}

// leaver tells whether the last day worked lies from the day before the month to
// the month's last day.
func (p taxPerson) leaver(m month) bool {
	end, ok := parseDay(p.person.get(22))
	if !ok {
		return false
	}
	at, first := end.ordinal(), day{m.year, m.month, 1}.ordinal()
	return at >= first-1 && at < first+m.days()
}

// The pay columns by how article 91 treats them; all others of moneyColumns are
// taxable.
var (
	moneyColumns   = columnRange("7 8 13-32 36-39")
	exemptColumns  = []int{18, 19, 25, 26}
	leaverColumns  = []int{24, 27}
	eidiColumns    = []int{22, 23}
	noncashColumns = []int{13, 31}
	feeColumns     = []int{15, 16, 36}
)

const welfareColumn = 38

func (p taxPerson) sum(columns []int) *big.Rat {
	var s int64
	for _, n := range columns {
		s += p.pay.amount(n)
	}
	return new(big.Rat).SetInt64(s)
}

// divide splits the month's pay; the two amounts are what of the yearly
// exemptions earlier months took.
func (p taxPerson) divide(m month, eidiBefore, noncashBefore *big.Rat, o options, r *rates) monthPay {
	yearly := r.exemption(m.year)
	pay := monthPay{taxable: p.sum(moneyColumns), flat: new(big.Rat)}
	pay.taxable.Sub(pay.taxable, p.sum(exemptColumns))
	if p.leaver(m) {
		pay.taxable.Sub(pay.taxable, p.sum(leaverColumns))
	}
	pay.eidiUsed = within(p.sum(eidiColumns), yearly, r.rule("eidi_exempt", m.year), eidiBefore)
	pay.noncashUsed = within(p.sum(noncashColumns), yearly, r.rule("noncash_exempt", m.year), noncashBefore)
	pay.taxable.Sub(pay.taxable, pay.eidiUsed).Sub(pay.taxable, pay.noncashUsed)
	pay.taxable.Add(pay.taxable, p.inKind(9, 10, m, "housing_furnished", "housing_unfurnished", r))
	pay.taxable.Add(pay.taxable, p.inKind(11, 12, m, "car_with_driver", "car_without_driver", r))
	if o.feesFlat {
		fees := p.sum(feeColumns)
		pay.taxable.Sub(pay.taxable, fees)
		pay.flat.Mul(fees, r.rule("fees_flat", m.year))
	}
	pay.taxable.Sub(pay.taxable, p.sum([]int{33, 34}))
	if pay.taxable.Sign() < 0 {
		pay.taxable.SetInt64(0)
	}
	if rate := r.rule("welfare_flat", m.year); o.welfareFlat && rate.Sign() > 0 {
		pay.splitWelfare(p.sum([]int{welfareColumn}), new(big.Rat).Quo(yearly, big.NewRat(12, 1)), rate, func(wage *big.Rat) *big.Rat {
			return r.taxOfMonth(wage, m.year)
		})
	}
	return pay
}

// splitWelfare shares the month's exemption between wage and welfare by their
// size. The wage's slices keep their width and move down by the welfare's part,
// which is the same as adding that part to the wage; welfare above its part bears
// the rate. All of it is a figure of this month, like the tax on fees: what the
// year's months add up is the wage.
func (pay *monthPay) splitWelfare(welfare, exemption, rate *big.Rat, tax func(*big.Rat) *big.Rat) {
	if welfare.Sign() == 0 || pay.taxable.Sign() == 0 {
		return
	}
	if welfare.Cmp(pay.taxable) > 0 {
		welfare = new(big.Rat).Set(pay.taxable)
	}
	part := new(big.Rat).Mul(exemption, welfare)
	part.Quo(part, pay.taxable)
	pay.taxable.Sub(pay.taxable, welfare)
	moved := tax(new(big.Rat).Add(pay.taxable, part))
	pay.flat.Add(pay.flat, moved).Sub(pay.flat, tax(pay.taxable))
	if above := new(big.Rat).Sub(welfare, part); above.Sign() > 0 {
		pay.flat.Add(pay.flat, above.Mul(above, rate))
	}
}

// within is the part of an amount that its yearly exemption still covers.
func within(amount, yearly, share, used *big.Rat) *big.Rat {
	left := new(big.Rat).Mul(yearly, share)
	left.Sub(left, used)
	if left.Sign() < 0 {
		left.SetInt64(0)
	}
	if amount.Cmp(left) < 0 {
		return amount
	}
	return left
}

// inKind is the benefit of a house or car: a part of continuous cash pay, less
// what was charged for it.
func (p taxPerson) inKind(use, charged int, m month, full, bare string, r *rates) *big.Rat {
	var rate *big.Rat
	switch p.pay.get(use) {
	case "2":
		rate = r.rule(full, m.year)
	case "3":
		rate = r.rule(bare, m.year)
	default:
		return new(big.Rat)
	}
	benefit := p.sum([]int{7})
	benefit.Mul(benefit, rate).Sub(benefit, p.sum([]int{charged}))
	if benefit.Sign() < 0 {
		benefit.SetInt64(0)
	}
	return benefit
}

// exemption is the yearly amount that bears nothing: the limit of the slice at
// rate zero.
func (r *rates) exemption(year int) *big.Rat { return r.scale[year][0].upTo }

// taxOfMonth applies the yearly scale to a month: limits divided by twelve, no
// rounding.
func (r *rates) taxOfMonth(taxable *big.Rat, year int) *big.Rat {
	tax, from := new(big.Rat), new(big.Rat)
	for _, s := range r.scale[year] {
		top := taxable
		if s.upTo != nil {
			if limit := new(big.Rat).Quo(s.upTo, big.NewRat(12, 1)); limit.Cmp(taxable) < 0 {
				top = limit
			}
		}
		width := new(big.Rat).Sub(top, from)
		if width.Sign() <= 0 {
			break
		}
		tax.Add(tax, width.Mul(width, s.rate))
		from = top
	}
	return tax
}

// roundHalfUp rounds a fraction of at least zero to whole rials.
func roundHalfUp(r *big.Rat) int64 {
	n := new(big.Int).Mul(r.Num(), big.NewInt(2))
	n.Add(n, r.Denom())
	return n.Div(n, new(big.Int).Mul(r.Denom(), big.NewInt(2))).Int64()
}

func ratOf(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return new(big.Rat)
	}
	return r
}

// taxRows gives each person's pay line as the administration's ledger shows it.
func taxRows(f taxFiles) iter.Seq[ledgerRow] {
	return func(yield func(ledgerRow) bool) {
		for p := range readTaxMonth(f, nil, &collector{}) {
			fields := make(map[string]string, len(p.pay.values))
			for i := 1; i < len(p.pay.values); i++ {
				fields["WH"+strconv.Itoa(i)] = p.pay.values[i]
			}
			if !yield(ledgerRow{Person: p.id, Fields: fields}) {
				return
			}
		}
	}
}
