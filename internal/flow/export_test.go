package flow

import (
	"context"
	"errors"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Prepare takes a queued delivery to sending and stops there, as a program does that is killed before a byte leaves.
func (w *Window) Prepare(ctx context.Context, id store.DeliveryID) error {
	d, err := w.delivery(ctx, id)
	if err != nil {
		return err
	}
	_, err = w.prepare(ctx, d)
	return err
}

// ParcelOf is what would be sent.
func (w *Window) ParcelOf(ctx context.Context, id store.DeliveryID) ([]byte, error) {
	d, err := w.delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	p, err := w.parcel(ctx, d)
	if err != nil {
		return nil, err
	}
	return p.Bytes, nil
}

// DeliverOnce does a delivery's job once, and tells after how long it wants to run again; zero when it is done.
func (w *Window) DeliverOnce(ctx context.Context, id store.DeliveryID) (again time.Duration, err error) {
	x := &deliverWorker{w: w}
	err = x.Work(ctx, &river.Job[deliverArgs]{JobRow: &rivertype.JobRow{}, Args: deliverArgs{Owner: id.Owner, Delivery: id.ID}})
	var snooze *river.JobSnoozeError
	if errors.As(err, &snooze) {
		return snooze.Duration, nil
	}
	return 0, err
}

// InquireDue asks a lane at once for the answers that are due to be asked for.
func (w *Window) InquireDue(ctx context.Context, lane fault.Lane) error {
	return (&inquireWorker{w: w}).Work(ctx, &river.Job[inquireArgs]{JobRow: &rivertype.JobRow{}, Args: inquireArgs{lane}})
}

// Backoff draws the wait after so many attempts.
func (w *Window) Backoff(attempts int) time.Duration { return w.backoff(attempts) }

// TakeWay is what a small file does while it is judged and stored.
func (w *Window) TakeWay() (leave func()) { return w.way.take() }

// WaitForWay is what a large file and a job do while small ones are judged and stored.
func (w *Window) WaitForWay(ctx context.Context, most time.Duration) { w.way.wait(ctx, most) }

// TakeSlot takes one of the places where large files are read, until it is given back.
func (w *Window) TakeSlot(ctx context.Context) (release func(), err error) {
	return w.slot(ctx, &spool{size: LargeFile + 1})
}

// ListsOfLargeFile gives what each list of one large file does between some of its rows.
func (w *Window) ListsOfLargeFile() (giveWay func(context.Context)) {
	file := &spool{size: LargeFile + 1}
	return func(ctx context.Context) { (&submission{w: w, file: file}).giveWay(ctx) }
}

// PassDoor takes one of the places of answers being taken in, until it is given back.
func (w *Window) PassDoor(ctx context.Context) (leave func(), err error) { return w.passDoor(ctx) }

// FindClosures looks at once for closures that have something to do.
func (w *Window) FindClosures(ctx context.Context) error {
	return (&closuresWorker{w: w}).Work(ctx, nil)
}

// DeclareMonths does the job of one closure.
func (w *Window) DeclareMonths(ctx context.Context, code payroll.WorkshopCode, id string) error {
	return w.declareMonths(ctx, code, uuid.MustParse(id))
}

// JobConfig is how jobs are worked.
func (w *Window) JobConfig() *river.Config { return w.jobConfig() }

// RecordOutages signs what is to be signed now, as the job does once an hour.
func (w *Window) RecordOutages(ctx context.Context) error {
	return (&recordWorker{w: w}).Work(ctx, nil)
}
