package flow

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// failedJobs tells the log of jobs that failed, by id. River tries them again; the delivery or the tax month whose job it gives up is
// shown to a person, and the sweep finds the rest.
type failedJobs struct{ w *Window }

// HandleError logs a job's error.
func (f failedJobs) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.w.log().WarnContext(ctx, "job failed", "job", job.ID, "kind", job.Kind, "attempt", job.Attempt, "error", err)
	f.giveUp(ctx, job)
	return nil
}

// HandlePanic logs a job's panic, which is a mistake of ours, with where it happened.
func (f failedJobs) HandlePanic(ctx context.Context, job *rivertype.JobRow, _ any, trace string) *river.ErrorHandlerResult {
	f.w.log().ErrorContext(ctx, "job panicked", "job", job.ID, "kind", job.Kind, "attempt", job.Attempt, "trace", trace)
	f.giveUp(ctx, job)
	return nil
}

// lastTry keeps a job from its last attempt whose program ended during the one before: when it ended once more, River's rescuer would
// give the job up and tell no one.
type lastTry struct {
	river.WorkerMiddlewareDefaults
	jobs failedJobs
}

// Work hands over such a job of a delivery or a tax month, and works every other.
func (l *lastTry) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	n := len(job.Errors)
	ofDesk := job.Kind == deliverArgs{}.Kind() || job.Kind == cutArgs{}.Kind()
	if !ofDesk || job.Attempt < job.MaxAttempts || n == 0 || !strings.HasPrefix(job.Errors[n-1].Error, "Stuck job rescued") {
		return work(ctx)
	}
	l.jobs.w.log().ErrorContext(ctx, "job ended its program time and again", "job", job.ID, "kind", job.Kind, "attempt", job.Attempt)
	l.jobs.giveUp(ctx, job)
	return nil
}

// giveUp hands what a job was about, which will not run again, to the desk. Where that fails too, the sweep queues it once more.
func (f failedJobs) giveUp(ctx context.Context, job *rivertype.JobRow) {
	if job.Attempt < job.MaxAttempts {
		return
	}
	ctx, cancel := context.WithTimeout(store.On(context.WithoutCancel(ctx), store.ForWork), jobTimeout)
	defer cancel()
	var err error
	switch job.Kind {
	case deliverArgs{}.Kind():
		var args deliverArgs
		if json.Unmarshal(job.EncodedArgs, &args) != nil {
			return // no program of ours queued it
		}
		err = f.w.giveUpDelivery(ctx, store.DeliveryID{Owner: args.Owner, ID: args.Delivery})
	case cutArgs{}.Kind():
		var args cutArgs
		if json.Unmarshal(job.EncodedArgs, &args) != nil {
			return
		}
		err = f.w.giveUpCut(ctx, args.TaxMonth)
	}
	if err != nil {
		f.w.log().ErrorContext(ctx, "what a job given up was about is not on the desk", "job", job.ID, "kind", job.Kind, "error", err)
	}
}

func (w *Window) giveUpDelivery(ctx context.Context, id store.DeliveryID) error {
	d, err := w.delivery(ctx, id)
	if err != nil {
		return err
	}
	return w.desk(ctx, d, reasonBroken)
}

// giveUpCut puts a tax month on the desk whose cut failed time and again: as its next version, which has no files. It holds the lists
// in force, so that each shows where it stands; what is cut after it, at an operator's word or for another list, overtakes it.
func (w *Window) giveUpCut(ctx context.Context, id uuid.UUID) error {
	now := w.now()
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		month, err := tx.TaxMonth(ctx, id)
		if err != nil {
			return err
		}
		if err := lockTaxMonth(ctx, tx, month.Identity); err != nil {
			return err
		}
		if month, err = tx.TaxMonth(ctx, id); err != nil || month.DueAt == nil || month.DueAt.After(now) {
			return err // it was cut or given up, or another list came and has a cut of its own before it
		}
		version := month.Version + 1
		key, ok := payroll.ParseDeliveryKey(month.Identity.Key(version))
		if !ok {
			return errors.New("the tax month's identity makes no key")
		}
		before, err := tx.Sequence(ctx, id.String(), key.Sequence())
		if err != nil {
			return err
		}
		if err := tx.AddUncutVersion(ctx, id, version, now); err != nil {
			return err
		}
		if err := tx.CutTaxMonth(ctx, month, version); err != nil {
			return err
		}
		d := &store.Delivery{
			DeliveryID: store.DeliveryID{Owner: id.String(), ID: store.NewID()}, Lane: fault.Tax, Key: key.Key, Sequence: lineOf(key),
			Version: version, Period: month.Identity.Period, State: payroll.NeedsAttention, Reason: reasonUncut, CreatedAt: now,
		}
		if err := tx.AddDelivery(ctx, d); err != nil {
			return err
		}
		if err := overtake(ctx, tx, before, neverWent, now); err != nil {
			return err
		}
		return w.tell(ctx, tx, d, "delivery.needs_attention", map[string]any{"reason": d.Reason})
	})
	if errors.Is(err, store.ErrMoved) {
		return nil // another list came just now
	}
	return err
}

// isUncut tells a version of a tax month that has no files, whether or not it was overtaken since.
func isUncut(d *store.Delivery) bool {
	return d.Lane == fault.Tax && d.Digest == nil && (d.State == payroll.NeedsAttention || d.State == payroll.Superseded)
}
