package law

import (
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Lateness is what being late with one organisation costs as of a day, as far as it can be told without the organisation's word.
type Lateness struct {
	Due     jalali.Date `json:"due"`
	Lawful  jalali.Date `json:"lawful"` // the law's own day, before a holiday or a circular moved it
	Moved   fault.Text  `json:"moved"`  // why due is not lawful; empty where it is
	Note    fault.Text  `json:"note"`   // what may move the day yet, and is not known
	AsOf    jalali.Date `json:"as_of"`
	Late    bool        `json:"late"` // something of it is late by now
	Charges []Charge    `json:"charges"`
	Total   rial.Amount `json:"total"`  // of the charges' amounts
	Source  Source      `json:"source"` // of due
}

// Charge is one penalty in rials.
type Charge struct {
	For      string      `json:"for"` // PenaltyList or PenaltyPayment
	Rate     rial.Rate   `json:"rate"`
	Monthly  bool        `json:"monthly"`
	Months   int         `json:"months"`    // of delay by now, a begun one counted; 0 in time, and of a penalty that is taken once
	Of       rial.Amount `json:"of"`        // what the rate is a share of
	Amount   rial.Amount `json:"amount"`    // by now; 0 in time
	FirstDay rial.Amount `json:"first_day"` // what the first late day costs
	Estimate bool        `json:"estimate"`  // the organisation decides what it is a share of, or how months count
	Text     fault.Text  `json:"text"`
	Basis    fault.Text  `json:"basis"` // of what sum it is
	Source
}

// Held is what is known of a list when its lateness is reckoned.
type Held struct {
	Totals  *payroll.Totals // nil: not known, for the list has errors; nothing is told in rials
	Filed   jalali.Date     // the day the list was sent to the organisation; zero: not yet, or it was rejected
	Unknown bool            // it was sent, and the day is not known: nothing is told of the list's penalties
	InTime  bool            // an earlier version was there in time: what correcting it later costs is not told
	Paid    bool            // the organisation holds all its slips as collected
}

// Lateness reckons what lateness costs by the day: the penalties for the list where it was not there in time, those for the
// money where it is not paid yet. Each is rounded half up once.
func (d *Deadline) Lateness(of Held, day jalali.Date) *Lateness {
	l := &Lateness{Due: d.Due, Lawful: d.Lawful, Moved: d.Moved, Note: d.Note, AsOf: day, Charges: []Charge{}, Source: d.Source}
	if of.InTime && d.Due.Before(day) {
		l.Note.FA = "نسخهٔ پیشین این لیست در مهلت رسیده بود و جریمهٔ اصلاح پس از مهلت این‌جا حساب نمی‌شود؛ " + l.Note.FA
		l.Note.EN = "an earlier version of this list was there in time, and what a correction after the deadline costs is not reckoned here; " + l.Note.EN
	}
	for i := range d.Penalties {
		p := &d.Penalties[i]
		if p.For == PenaltyList && (of.Unknown || of.InTime) {
			continue
		}
		until := day
		if p.For == PenaltyList && !of.Filed.IsZero() && of.Filed.Before(day) {
			until = of.Filed
		}
		months := monthsLate(d.Due, until)
		if p.For == PenaltyPayment && of.Paid {
			months = 0
		}
		l.Late = l.Late || months > 0
		if c, known := d.charge(p, of.Totals, months); known {
			l.Total = l.Total.Add(c.Amount)
			l.Charges = append(l.Charges, c)
		}
	}
	return l
}

// charge is one penalty after so many months of delay, 0 for none; false where what it is a share of is not known: of a list
// with errors, one that was kept before salaries were summed, and a total that no list comes to.
func (d *Deadline) charge(p *Penalty, t *payroll.Totals, months int) (c Charge, known bool) {
	if t == nil {
		return c, false
	}
	c = Charge{For: p.For, Rate: p.Rate, Monthly: p.Monthly, Text: fault.Text{FA: p.FA, EN: p.EN}, Source: p.Source}
	c.Of, c.Basis, c.Estimate = d.base(p, t)
	if c.Of > rial.Max || d.Lane == fault.Tax && p.For == PenaltyList && c.Of == 0 && t.Taxable > 0 {
		return c, false
	}
	c.Estimate = c.Estimate || p.Monthly
	c.FirstDay = p.of(c.Of, 1)
	if months > 0 {
		c.Amount = p.of(c.Of, months)
	}
	if p.Monthly {
		c.Months = months
	}
	return c, true
}

// of is the penalty on a sum after so many months.
func (p *Penalty) of(sum rial.Amount, months int) rial.Amount {
	if !p.Monthly {
		months = 1
	}
	num, den := p.Rate.Fraction()
	return rial.Ratio(sum, num*int64(months), den, rial.HalfUp)
}

// base is what a penalty is a share of, and whether that is our estimate.
func (d *Deadline) base(p *Penalty, t *payroll.Totals) (rial.Amount, fault.Text, bool) {
	switch {
	case d.Lane == fault.SSO:
		return t.PremiumDue, fault.Text{FA: "حق بیمهٔ این لیست", EN: "this list's premium"}, false
	case p.For == PenaltyList:
		return t.Salary, fault.Text{FA: "حقوق پرداختی این لیست، نقدی و غیرنقدی", EN: "the salary this list pays, in cash and in kind"}, true
	}
	return t.TaxEstimate, fault.Text{FA: "برآورد مالیات این لیست", EN: "the estimate of this list's tax"}, true
}

// monthsLate counts the months of delay by the day, a begun one counted as one: our convention, the texts at hand do not say.
func monthsLate(due, day jalali.Date) int {
	first := due.Next()
	if day.Before(first) {
		return 0
	}
	months := (day.Year-first.Year)*12 + day.Month - first.Month + 1
	if day.Day < first.Day {
		months--
	}
	return months
}
