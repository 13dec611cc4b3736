package flow

import (
	"context"
	"errors"
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

// earlierVersion is a version that a list took the place of, and where its lanes stand.
type earlierVersion struct {
	list  *store.List
	lanes Deliveries
}

// versionsBefore are the versions that a list in force took the place of, the newest first.
func versionsBefore(ctx context.Context, tx *store.Tx, l *store.List) ([]earlierVersion, error) {
	if l.ReplacedBy != nil || l.WithdrawnAt != nil {
		return nil, nil
	}
	var lists []*store.List
	for at := l; at.Version > 1; {
		before, err := tx.ReplacedBy(ctx, at.Header.Workshop, at.ID)
		if errors.Is(err, store.ErrNotFound) {
			break // those before were withdrawn
		}
		if err != nil {
			return nil, err
		}
		lists, at = append(lists, before), before
	}
	if len(lists) == 0 {
		return nil, nil
	}
	lanes, err := standings(ctx, tx, lists)
	if err != nil {
		return nil, err
	}
	all := make([]earlierVersion, len(lists))
	for i, before := range lists {
		all[i] = earlierVersion{before, lanes[before.ID]}
	}
	return all, nil
}

// reckon puts the deadlines of a list into its view, and what lateness costs. Each organisation computes its own penalties.
func (w *Window) reckon(l *store.List, v *List, before []earlierVersion) {
	h := &l.Header
	if d, ok := w.Book.SSODeadline(h.Period, h.ExemptFive); ok {
		v.Due.SSO = d.Due.String()
		v.Lateness.SSO = w.lateness(l, v, &d, before)
	}
	if d, ok := w.Book.TaxDeadline(h.TaxPeriod); ok {
		v.Due.Tax = d.Due.String()
		v.Lateness.Tax = w.lateness(l, v, &d, before)
	}
}

func (w *Window) lateness(l *store.List, v *List, d *law.Deadline, before []earlierVersion) *law.Lateness {
	lane := v.Deliveries.of(d.Lane)
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
	of.Filed, of.Unknown = w.filed(l, d.Lane, &lane)
	for _, b := range before {
		lane := b.lanes.of(d.Lane)
		switch day, unknown := w.filed(b.list, d.Lane, &lane); {
		case unknown:
			of.Unknown = true
		case day.IsZero():
		case !d.Due.Before(day):
			of.InTime = true
		case of.Filed.IsZero() || day.Before(of.Filed):
			of.Filed = day
		}
	}
	return d.Lateness(of, today)
}

// filed is the day a list was there for the organisation: the receipt's where a gateway carries it, the day its files were
// uploaded where that is done by hand, as the user says it; zero while it was not, and where it was turned away. Of what went by hand
// before that day was kept it is not known.
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
	case lane.uploaded != nil:
		return dayIn(*lane.uploaded), false
	case lane.left == nil:
		return day, false
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
