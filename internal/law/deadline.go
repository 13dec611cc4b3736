package law

import (
	"fehrest/internal/jalali"
	"fehrest/internal/rial"
)

// DeadlineRule says by when a month's list and money are due, and what being late costs.
type DeadlineRule struct {
	MonthsAfter Number    `yaml:"months_after" fa:"ماه پس از ماه لیست" json:"months_after"`                 // due on the last day of the month so many months later
	Exempt      *Number   `yaml:"exempt" fa:"ماه برای کارگاه مشمول معافیت پنج نفر" json:"exempt,omitempty"` // the same for workshops with the five-worker exemption
	Holiday     *Choice   `yaml:"holiday" fa:"تعطیل رسمی" json:"holiday,omitempty"`                         // what an official holiday does; no holiday table is applied yet
	Moved       []Moved   `yaml:"moved" fa:"جابه‌جا شده با بخشنامه" json:"moved,omitempty"`                 // months whose deadline a circular moved
	Penalties   []Penalty `yaml:"penalties" fa:"جریمه" json:"penalties"`
}

// Moved is a deadline moved by circular.
type Moved struct {
	Month  jalali.Month `yaml:"month" json:"month"` // the period
	To     jalali.Date  `yaml:"to" json:"to"`
	Source `yaml:",inline"`
}

// Penalty is what the law takes from one who is late.
type Penalty struct {
	For     string    `yaml:"for" json:"for"` // PenaltyList or PenaltyPayment
	Rate    rial.Rate `yaml:"rate" json:"rate"`
	Monthly bool      `yaml:"monthly" json:"monthly"` // for each month, not once
	FA      string    `yaml:"fa" json:"fa"`           // the whole sentence
	EN      string    `yaml:"en" json:"en"`
	Source  `yaml:",inline"`
}

// NextWorkingDay says that an official holiday moves a deadline to the next working day.
const NextWorkingDay = "next_working_day"

// What a penalty is for.
const (
	PenaltyList    = "list"    // no list, a late or a wrong one
	PenaltyPayment = "payment" // money not paid in time
)

// Deadline is a month's last lawful day.
type Deadline struct {
	Due       jalali.Date
	DueExempt jalali.Date // for workshops with the five-worker exemption; the same day where the law makes no difference
	Source    Source
	Penalties []Penalty
}

// SSODeadline is the period's last day for list and premium (social security law art. 39); false where no file governs it.
func (b *Book) SSODeadline(period jalali.Month) (Deadline, bool) {
	p, ok := b.On(period)
	if !ok {
		return Deadline{}, false
	}
	return p.SSODeadline.of(period), true
}

// TaxDeadline is the tax month's last day for list and tax (direct taxes law art. 86); false where no file governs it.
func (b *Book) TaxDeadline(period jalali.Month) (Deadline, bool) {
	p, ok := b.On(period)
	if !ok {
		return Deadline{}, false
	}
	return p.TaxDeadline.of(period), true
}

func (r *DeadlineRule) of(period jalali.Month) Deadline {
	d := Deadline{Due: period.Add(r.MonthsAfter.Value).Last(), Source: r.MonthsAfter.Source, Penalties: r.Penalties}
	d.DueExempt = d.Due
	if r.Exempt != nil {
		d.DueExempt = period.Add(r.Exempt.Value).Last()
	}
	for _, m := range r.Moved {
		if m.Month == period {
			d.Due, d.Source = m.To, m.Source
			if d.DueExempt.Before(m.To) {
				d.DueExempt = m.To
			}
		}
	}
	return d
}
