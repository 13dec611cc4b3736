package flow

import (
	"context"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"
)

// lastCut is how long before the legal deadline a tax month is cut at the latest, however many lists still come.
const lastCut = time.Hour

// shortWait is how often jobs of a later time are looked at; a shorter wait is kept by snoozing.
const shortWait = 5 * time.Second

// fanOut makes what follows from a submitted list, in its own transaction: the SSO's delivery, the tax month due, the jobs.
func (w *Window) fanOut(ctx context.Context, tx *store.Tx, l *store.List, send fault.Lane, at time.Time) error {
	if send.Has(fault.SSO) {
		id := l.Header.Identity()
		key, ok := payroll.ParseDeliveryKey(id.Key(l.Version))
		if !ok {
			return fmt.Errorf("flow: the list's identity makes no key")
		}
		d := &store.Delivery{
			DeliveryID: store.DeliveryID{Owner: string(id.Workshop), ID: store.NewID()}, Lane: fault.SSO, Key: key.Key, Sequence: lineOf(key),
			Version: l.Version, List: l.ID, Period: id.Period, State: payroll.Queued, CreatedAt: at,
		}
		if err := tx.AddDelivery(ctx, d); err != nil {
			return err
		}
		if err := w.queueDelivery(ctx, tx, d.DeliveryID, fault.SSO, l.Workers); err != nil {
			return err
		}
	}
	if !send.Has(fault.Tax) {
		return nil
	}
	// The tax month of the version before is to lose it.
	months, err := monthsOf(ctx, tx, l)
	if err != nil {
		return err
	}
	for _, month := range months {
		if err := w.taxMonthDue(ctx, tx, month, at); err != nil {
			return err
		}
	}
	return nil
}

// taxMonthDue marks a tax month changed and queues its cut, TaxWait after this newest list.
func (w *Window) taxMonthDue(ctx context.Context, tx *store.Tx, id payroll.TaxMonthIdentity, at time.Time) error {
	due := at.Add(w.TaxWait)
	if last, ok := w.lastCutOf(id.Period); ok && at.Before(last) && last.Before(due) {
		due = last
	}
	due = due.Truncate(time.Microsecond)
	month, err := tx.TaxMonthDue(ctx, id, due)
	if err != nil {
		return err
	}
	if w.TaxWait < shortWait {
		return w.insert(ctx, tx, cutArgs{TaxMonth: month}, 0, time.Time{}) // the job itself waits, to the tenth of a second
	}
	return w.insert(ctx, tx, cutArgs{TaxMonth: month}, 0, due)
}

func (w *Window) lastCutOf(period jalali.Month) (time.Time, bool) {
	deadline, ok := w.Book.TaxDeadline(period)
	zone, err := tehran()
	if !ok || err != nil {
		return time.Time{}, false
	}
	y, m, d := deadline.Due.Next().Gregorian()
	return time.Date(y, m, d, 0, 0, 0, 0, zone).Add(-lastCut), true
}

// ensurePartition makes the month's partition of lines where no one foresaw it.
func (w *Window) ensurePartition(ctx context.Context, period jalali.Month) error {
	if _, known := w.partitions.Load(period); known {
		return nil
	}
	if err := w.Store.MakePartition(ctx, period); err != nil {
		return fmt.Errorf("flow: partition: %w", err)
	}
	w.partitions.Store(period, true)
	return nil
}
