package law

import (
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/rial"
)

// DeadlineRule says by when a month's list and money are due, and what being late costs. The calendar moves it.
type DeadlineRule struct {
	MonthsAfter Number    `yaml:"months_after" fa:"ماه پس از ماه لیست" json:"months_after"`                 // due on the last day of the month so many months later
	Exempt      *Number   `yaml:"exempt" fa:"ماه برای کارگاه مشمول معافیت پنج نفر" json:"exempt,omitempty"` // the same for workshops with the five-worker exemption
	Holiday     *Choice   `yaml:"holiday" fa:"تعطیل رسمی" json:"holiday,omitempty"`                         // what an official holiday does; without one only a circular moves the day
	Penalties   []Penalty `yaml:"penalties" fa:"جریمه" json:"penalties"`
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

// Deadline is a month's last lawful day with one organisation.
type Deadline struct {
	Lane      fault.Lane
	Due       jalali.Date // the last day in time
	Lawful    jalali.Date // the law's own day, which a holiday or a circular may have moved
	Moved     fault.Text  // why Due is not Lawful; empty where it is
	Note      fault.Text  // what may move the day yet, and is not known here
	Source    Source      // of Due
	Penalties []Penalty
}

// SSODeadline is the period's last day for list and premium (social security law art. 39), of a workshop with the five-worker
// exemption or another; false where no file governs it.
func (b *Book) SSODeadline(period jalali.Month, exempt bool) (Deadline, bool) {
	p, ok := b.On(period)
	if !ok {
		return Deadline{}, false
	}
	return b.deadline(fault.SSO, &p.SSODeadline, period, exempt), true
}

// TaxDeadline is the tax month's last day for list and tax (direct taxes law art. 86); false where no file governs it.
func (b *Book) TaxDeadline(period jalali.Month) (Deadline, bool) {
	p, ok := b.On(period)
	if !ok {
		return Deadline{}, false
	}
	return b.deadline(fault.Tax, &p.TaxDeadline, period, false), true
}

func (b *Book) deadline(of fault.Lane, r *DeadlineRule, period jalali.Month, exempt bool) Deadline {
	months := &r.MonthsAfter
	if exempt && r.Exempt != nil {
		months = r.Exempt
	}
	d := Deadline{Lane: of, Lawful: period.Add(months.Value).Last(), Source: months.Source, Penalties: r.Penalties}
	d.Due = d.Lawful
	if r.Holiday != nil {
		d.Note = fault.Text{FA: b.calendar.Lacks.FA, EN: b.calendar.Lacks.EN}
		d.pass(&b.calendar, &r.Holiday.Source)
	} else {
		d.Note = fault.Text{
			FA: "تعطیل رسمی این مهلت را جابه‌جا نمی‌کند؛ تنها بخشنامهٔ سازمان آن را جابه‌جا می‌کند",
			EN: "an official holiday does not move this deadline; only a circular of the organisation does",
		}
	}
	// A longer term of one's own is not cut short by a circular on the common one.
	if c := b.calendar.circular(of, period); c != nil && (!exempt || d.Due.Before(c.To)) {
		d.Due, d.Source = c.To, c.Source
		d.Moved = fault.Text{
			FA: "با بخشنامهٔ شمارهٔ " + c.Number + " مورخ " + c.Date.String() + " از " + d.Lawful.String() + " به " + c.To.String() + " رفته است",
			EN: "circular " + c.Number + " of " + c.Date.String() + " moved it from " + d.Lawful.String() + " to " + c.To.String(),
		}
	}
	return d
}

// pass moves a deadline that falls on a holiday to the next working day.
func (d *Deadline) pass(c *Calendar, by *Source) {
	due, passed := c.WorkingDay(d.Lawful)
	if len(passed) == 0 {
		return
	}
	d.Due, d.Source = due, *by
	first := passed[0]
	d.Moved = fault.Text{
		FA: d.Lawful.String() + " تعطیل رسمی است (" + first.NameFA + ")؛ مهلت به نخستین روز کاری پس از آن رفته است: " + due.String() + " (" + by.ReferenceFA + ")",
		EN: d.Lawful.String() + " is an official holiday (" + first.Name + "); the deadline moved to the next working day, " + due.String() + " (" + by.Reference + ")",
	}
}
