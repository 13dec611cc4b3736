package flow

import (
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/store"
)

// LateLanes is what lateness costs in each lane by today; nil where the list does not go there, where no law file governs the
// month, and where a later version took the list's place or it was withdrawn.
type LateLanes struct {
	SSO *law.Lateness `json:"sso"`
	Tax *law.Lateness `json:"tax"`
}

// reckon puts the deadlines of a list into its view, and what lateness costs. Each organisation computes its own penalties.
func (w *Window) reckon(l *store.List, v *List) {
	h := &l.Header
	if d, ok := w.Book.SSODeadline(h.Period, h.ExemptFive); ok {
		v.Due.SSO = d.Due.String()
		v.Lateness.SSO = w.lateness(l, v, &d, &v.Deliveries.SSO)
	}
	if d, ok := w.Book.TaxDeadline(h.TaxPeriod); ok {
		v.Due.Tax = d.Due.String()
		v.Lateness.Tax = w.lateness(l, v, &d, &v.Deliveries.Tax)
	}
}

func (w *Window) lateness(l *store.List, v *List, d *law.Deadline, lane *LaneView) *law.Lateness {
	if lane.State == payroll.LaneNotAddressed || v.State == payroll.Withdrawn || v.State == payroll.Replaced {
		return nil
	}
	today := w.today()
	if today.IsZero() {
		return nil
	}
	of, unpaid := law.Held{}, false
	if l.Verdicts.Of(d.Lane).Passes() {
		of.Totals = &l.Totals
	}
	for _, p := range lane.Payments {
		switch p.State {
		case payroll.SlipCollected:
			of.Paid = true
		case payroll.SlipOpen:
			unpaid = true
		}
	}
	of.Paid = of.Paid && !unpaid
	of.Filed, of.Unknown = w.filed(l, d.Lane, lane)
	return d.Lateness(of, today)
}

// filed is the day a list was there for the organisation: the receipt's where a gateway carries it, the day its files were
// uploaded where that is done by hand; zero while it was not, and where it was turned away. Once the answer to files uploaded by
// hand is entered their day is not known any more.
func (w *Window) filed(l *store.List, of fault.Lane, lane *LaneView) (day jalali.Date, unknown bool) {
	sent := l.SubmittedSSO
	if of == fault.Tax {
		sent = l.SubmittedTax
	}
	switch {
	case sent == nil || lane.State == payroll.AnswerRejected:
		return day, false
	case lane.carried || lane.left == nil && w.organisation(of).Gateway != nil && lane.State != payroll.ByHand:
		return dayIn(*sent), false
	case lane.left == nil:
		return day, false
	case lane.State == payroll.Sent:
		return dayIn(*lane.left), false
	}
	return day, true
}

// dayIn is the day in Tehran; zero outside the calendar.
func dayIn(at time.Time) jalali.Date {
	zone, err := tehran()
	if err != nil {
		return jalali.Date{}
	}
	d, err := jalali.FromTime(at.In(zone))
	if err != nil {
		return jalali.Date{}
	}
	return d
}
