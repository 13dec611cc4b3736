package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
	"fehrest/internal/store"

	"github.com/riverqueue/river"
)

// cutWorker makes a tax month's next version from all lists in force, once nothing more came for TaxWait.
type cutWorker struct {
	river.WorkerDefaults[cutArgs]
	w *Window
}

// Timeout leaves a large month the time for a hundred thousand persons to be read, summed and encoded. A small one has the
// usual time: a job killed with its program is not rescued before its time is over.
func (x *cutWorker) Timeout(job *river.Job[cutArgs]) time.Duration {
	if job.Args.Large {
		return cutTimeout
	}
	return jobTimeout
}

var errLargeMonth = errors.New("flow: the month's lists are large")

// Work cuts the month if it is due.
func (x *cutWorker) Work(ctx context.Context, job *river.Job[cutArgs]) error {
	if job.Args.Large {
		if !x.w.large.TryLock() {
			return river.JobSnooze(x.w.backoff(1))
		}
		defer x.w.large.Unlock()
	}
	wait, err := x.w.cut(ctx, job.Args)
	switch {
	case errors.Is(err, errLargeMonth):
		return x.w.Store.Tx(ctx, func(tx *store.Tx) error {
			if err := x.w.insertIn(ctx, tx, cutArgs{TaxMonth: job.Args.TaxMonth, Large: true, Again: job.Args.Again}, laneQueue(fault.Tax, largeList), time.Time{}); err != nil {
				return err
			}
			return complete(ctx, tx, job)
		})
	case errors.Is(err, store.ErrMoved):
		return river.JobSnooze(x.w.backoff(1)) // another list came while it was made
	case err != nil:
		return fmt.Errorf("flow: cut tax month %s: %w", job.Args.TaxMonth, err)
	case wait > 0:
		return river.JobSnooze(wait)
	}
	return nil
}

// monthCut is one look at a tax month and everything in it.
type monthCut struct {
	month          *store.TaxMonth
	wait           time.Duration // until it is due; nothing below is read before
	lists          []*store.List
	made           payroll.TaxMonth
	contradictions []rule.Contradiction
	outside        outside
	again          bool // files that were rejected are to go again
}

// cut makes the next version of a tax month, or returns how long it has to wait.
func (w *Window) cut(ctx context.Context, args cutArgs) (wait time.Duration, err error) {
	c, err := w.lookAt(ctx, args, w.now())
	if err != nil || c.month.DueAt == nil { // another job cut it
		return 0, err
	}
	if c.wait > 0 {
		return c.wait, nil
	}
	made := &c.made
	made.Version = c.month.Version + 1
	parcel, err := w.encode(fault.Tax, agency.Parcel{Month: made})
	state, reason := payroll.NeedsAttention, ""
	switch {
	case errors.Is(err, agency.ErrNoFile): // nobody is to do anything about it
		state, reason, parcel = payroll.LaneNotAddressed, reasonHistory, &store.Parcel{}
	case errors.Is(err, errFiles):
		w.log().ErrorContext(ctx, "files not made", "tax_month", c.month.ID, "error", err)
		reason, parcel = reasonFiles, &store.Parcel{}
	case err != nil:
		return 0, err
	case len(c.contradictions) > 0:
		reason = "TAX-07"
	default:
		state = payroll.Queued
	}
	return 0, w.Store.Tx(ctx, func(tx *store.Tx) error {
		return w.keepCut(ctx, tx, c, made, parcel, state, reason)
	})
}

// reasonHistory is why a tax month of the old edition is sent to no one.
const reasonHistory = "no tax file is made for this month; its lists are kept as history"

func (w *Window) lookAt(ctx context.Context, args cutArgs, at time.Time) (c monthCut, err error) {
	c.again = args.Again
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		if c.month, err = tx.TaxMonth(ctx, args.TaxMonth); err != nil || c.month.DueAt == nil {
			return err
		}
		if c.wait = c.month.DueAt.Sub(at); c.wait > 0 {
			return nil
		}
		if c.lists, err = tx.ListsOfTaxMonth(ctx, c.month.Identity); err != nil {
			return err
		}
		if !args.Large && workersOf(c.lists) > largeList {
			return errLargeMonth
		}
		year, err := earlierMonths(ctx, tx, c.month.Identity)
		if err != nil {
			return err
		}
		if err := w.sum(ctx, tx, &c, year); err != nil {
			return err
		}
		c.outside, err = outsideOf(ctx, tx, &c.made)
		return err
	})
	return c, err
}

func workersOf(lists []*store.List) (n int) {
	for _, l := range lists {
		n += l.Workers
	}
	return n
}

// sum sums the lists line by line as they are read: a large month's lines are not held.
func (w *Window) sum(ctx context.Context, tx *store.Tx, c *monthCut, year func(string) rule.Earlier) (err error) {
	a := rule.Assessor{Earlier: year}
	if params, ok := w.Book.On(c.month.Identity.Period); ok {
		a.Law, a.TaxLaw = params, params
	}
	ids := make([]payroll.Identity, len(c.lists))
	for i, l := range c.lists {
		ids[i] = l.Header.Identity()
	}
	c.made, c.contradictions, err = a.MonthOf(c.month.Identity, ids, workersOf(c.lists), func(i int, each func(*payroll.Filed) error) error {
		return tx.EachLine(ctx, ids[i], c.lists[i].ID, each)
	})
	return err
}

// keepCut records the version, or that the lists come to what the administration has already. Only a queued version is sent by
// itself; the reason says why another is not.
func (w *Window) keepCut(ctx context.Context, tx *store.Tx, c monthCut, made *payroll.TaxMonth, parcel *store.Parcel, state payroll.State, reason string) error {
	now, id := w.now(), c.month.ID
	key, ok := payroll.ParseDeliveryKey(c.month.Identity.Key(made.Version))
	if !ok {
		return errors.New("the tax month's identity makes no key")
	}
	if err := tx.LockSequence(ctx, id.String(), key.Sequence()); err != nil {
		return err
	}
	before, err := tx.Sequence(ctx, id.String(), key.Sequence())
	if err != nil {
		return err
	}
	if len(c.lists) == 0 && neverLeft(before) {
		if c.month.Version == 0 {
			return tx.CutTaxMonth(ctx, c.month, 0)
		}
		state, reason, parcel = payroll.LaneNotAddressed, reasonNeverSent, &store.Parcel{}
	}
	held, err := w.besides(ctx, tx, &c, before, state)
	if err != nil {
		return err
	}
	same, given := underWay(before, parcel.Digest), neverWent
	if held { // and with it what was made before of fewer of the filed persons
		state, reason, same = payroll.NeedsAttention, c.outside.reason(), nil
		given = func(d *store.Delivery) bool {
			return d.State == payroll.Queued || d.State == payroll.ByHand || neverWent(d)
		}
	}
	if same != nil && c.again && same.State == payroll.AnswerRejected {
		same = nil
	}
	if same != nil && same.Version < c.month.Version {
		// The newest version was withdrawn. Later months build on the newest one's figures, so there is to be one; that its files
		// are those of an earlier one shows when it is its turn.
		if same.State == payroll.AnswerRejected {
			state, reason = payroll.NeedsAttention, reasonRejectedBefore
		}
		same = nil
	}
	if same != nil {
		if err := tx.CutTaxMonth(ctx, c.month, c.month.Version); err != nil {
			return err
		}
		if err := tx.HoldInTaxMonth(ctx, id, same.Version, c.lists); err != nil {
			return err
		}
		return w.tell(ctx, tx, same, "tax_month.unchanged", map[string]any{"lists": len(c.lists)})
	}
	if err := tx.CutTaxMonth(ctx, c.month, made.Version); err != nil {
		return err
	}
	if err := tx.AddTaxMonthVersion(ctx, id, made, now); err != nil {
		return err
	}
	if err := tx.HoldInTaxMonth(ctx, id, made.Version, c.lists); err != nil {
		return err
	}
	d := &store.Delivery{
		DeliveryID: store.DeliveryID{Owner: id.String(), ID: store.NewID()}, Lane: fault.Tax, Key: key.Key, Sequence: lineOf(key),
		Version: made.Version, Period: c.month.Identity.Period, State: state, Digest: parcel.Digest, Reason: reason, CreatedAt: now,
	}
	if err := tx.AddDelivery(ctx, d); err != nil {
		return err
	}
	if err := overtake(ctx, tx, before, given, now); err != nil {
		return err
	}
	if parcel.Digest != nil {
		if err := tx.KeepParcel(ctx, d.DeliveryID, *parcel, now); err != nil {
			return err
		}
	}
	if err := w.tell(ctx, tx, d, "tax_month.cut", map[string]any{"lists": len(c.lists), "persons": len(made.Persons)}); err != nil {
		return err
	}
	if d.State != payroll.Queued {
		return nil
	}
	return w.queueDelivery(ctx, tx, d.DeliveryID, fault.Tax, len(made.Persons))
}

// neverLeft tells whether no version of the tax month was sent, or uploaded by hand.
func neverLeft(before []*store.Delivery) bool {
	return !slices.ContainsFunc(before, func(d *store.Delivery) bool { return leftAt(d) != nil })
}

// underWay finds the newest version that counts, when it holds the same bytes: they are with the organisation, on their way
// to it, or were rejected, and then only a person sends them again.
func underWay(before []*store.Delivery, digest []byte) *store.Delivery {
	for _, d := range slices.Backward(before) {
		if d.State == payroll.Superseded && (d.Shares == nil || !bytes.Equal(d.Digest, digest)) {
			continue
		}
		if d.State != payroll.NeedsAttention && d.Digest != nil && string(d.Digest) == string(digest) {
			return d
		}
		return nil
	}
	return nil
}
