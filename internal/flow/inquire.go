package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/agency/gateway"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/riverqueue/river"
)

// inquireWorker asks for the answers of deliveries that were sent and heard of no more. A failed inquiry changes no state.
type inquireWorker struct {
	river.WorkerDefaults[inquireArgs]
	w *Window
}

// inquireMost bounds one round, so that it ends within its job's time.
const inquireMost = 50

// Work asks one lane, and stops at the first sign that it does not answer; the next round asks the rest.
func (x *inquireWorker) Work(ctx context.Context, job *river.Job[inquireArgs]) error {
	w, lane := x.w, job.Args.Lane
	if w.organisation(lane).Gateway == nil {
		return nil
	}
	var due []*store.Delivery
	err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.DueInquiries(ctx, lane, w.now(), inquireMost)
		return err
	})
	for _, d := range due {
		if err != nil {
			break
		}
		var goOn bool
		if goOn, err = w.inquireNow(ctx, d); !goOn {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("flow: inquire: %w", err)
	}
	return nil
}

// inquireNow asks for one answer, if the lane lets it through. more tells whether the lane may be asked for another.
func (w *Window) inquireNow(ctx context.Context, d *store.Delivery) (more bool, err error) {
	pass, wait, err := w.enter(ctx, d.Lane)
	if err != nil || wait > 0 {
		return false, err
	}
	next := w.now().Add(min(w.Pace.inquire()<<min(d.Inquiries, 10), w.Pace.most()))
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.CountInquiry(ctx, d, next); err != nil {
			return err
		}
		return w.tell(ctx, tx, d, "delivery.inquired", map[string]any{"inquiry": d.Inquiries + 1})
	})
	switch {
	case errors.Is(err, store.ErrMoved):
		return !pass.trial, nil // a round that began while this one waited for an answer asked, or it was answered
	case err != nil:
		return false, err
	}
	silent := w.inquire(ctx, d)
	if err := w.leave(ctx, pass, d.ID, silent); err != nil {
		return false, err
	}
	if err := w.known(ctx, d, silent); err != nil {
		return false, err
	}
	if silent != nil {
		w.log().InfoContext(ctx, "inquiry without an answer", "delivery", d.ID, "lane", d.Lane.String(), "error", silent)
	}
	return !pass.trial && (silent == nil || errors.Is(silent, gateway.ErrUnknownKey)), nil
}

// unknownMost is how often in a row an organisation may not know what it confirmed, before a person is told: some forty minutes
// at the least. What was received may take a while until it can be asked for.
const unknownMost = 12

// known counts how often the organisation did not know the key of what it had confirmed. What it lost is not sent again by itself: it
// may be found again.
func (w *Window) known(ctx context.Context, d *store.Delivery, said error) error {
	unknown := errors.Is(said, gateway.ErrUnknownKey)
	if !unknown && (said != nil || d.UnknownThere == 0) {
		return nil // without its word nothing is known
	}
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		if !unknown {
			return tx.ForgetUnknown(ctx, d.DeliveryID)
		}
		times, err := tx.CountUnknown(ctx, d.DeliveryID)
		if err != nil || times < unknownMost {
			return err
		}
		move := store.Move{To: payroll.NeedsAttention, From: []payroll.State{payroll.Sent}, Reason: reasonForgotten}
		if err := tx.Move(ctx, d.DeliveryID, move, w.now()); err != nil {
			return err
		}
		return w.tell(ctx, tx, d, "delivery.needs_attention", map[string]any{"reason": reasonForgotten})
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrMoved) {
		return nil // it was answered meanwhile
	}
	return err
}

func (w *Window) inquire(ctx context.Context, d *store.Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, w.Pace.exchange())
	defer cancel()
	raw, err := w.organisation(d.Lane).Gateway.Inquire(ctx, d.Key)
	if err != nil {
		return err
	}
	got, err := readAcknowledgement(raw)
	if err != nil || !got.decided() {
		return err
	}
	_, err = w.take(ctx, d.Lane, store.SourceInquired, raw)
	return err
}

// sweepWorker finds what no job works on any more: River's rows are not the record, the deliveries are.
type sweepWorker struct {
	river.WorkerDefaults[sweepArgs]
	w *Window
}

// sweepAfter is how long something may lie before the sweep looks at it; jobs in good order are quicker.
const (
	sweepAfter  = 2 * time.Minute
	bundleAfter = time.Hour
	sweepMost   = 500
)

// Work queues jobs for deliveries, tax months and bundles that should have moved, and reads answers that a crash left unread.
func (x *sweepWorker) Work(ctx context.Context, _ *river.Job[sweepArgs]) error {
	w := x.w
	before := w.now().Add(-sweepAfter)
	var unread []store.UnjudgedAnswer
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.ForgetNonces(ctx, w.now().Add(-seal.NonceLife)); err != nil {
			return err
		}
		unfinished, err := tx.Unfinished(ctx, before, sweepMost)
		if err != nil {
			return err
		}
		for _, d := range unfinished {
			if err := w.queueDelivery(ctx, tx, d.DeliveryID, d.Lane, d.Workers); err != nil {
				return err
			}
		}
		months, err := tx.OverdueTaxMonths(ctx, before)
		if err != nil {
			return err
		}
		for _, month := range months {
			if err := w.insertOnce(ctx, tx, cutArgs{TaxMonth: month}, river.QueueDefault); err != nil {
				return err
			}
		}
		// A bundle whose job was given up; one under way may take as long as its lists do.
		bundles, err := tx.OpenBundles(ctx, w.now().Add(-bundleAfter), sweepMost)
		if err != nil {
			return err
		}
		for _, id := range bundles {
			if err := w.insertOnce(ctx, tx, bundleArgs{id}, river.QueueDefault); err != nil {
				return err
			}
		}
		differing, err := tx.UnexplainedDeliveries(ctx, before, sweepMost)
		if err != nil {
			return err
		}
		for _, d := range differing {
			if err := w.insertOnce(ctx, tx, explainArgs{Owner: d.Owner, Delivery: d.ID}, river.QueueDefault); err != nil {
				return err
			}
		}
		unread, err = tx.UnjudgedAnswers(ctx, before, sweepMost)
		return err
	})
	if err != nil {
		return fmt.Errorf("flow: sweep: %w", err)
	}
	for _, a := range unread {
		if _, err := w.judge(ctx, a.ID, a.Lane, a.Raw); err != nil {
			w.log().WarnContext(ctx, "a kept answer was not stored", "answer", a.ID, "error", err)
		}
	}
	return nil
}

func marshalKeys(set seal.KeySet) ([]byte, error) {
	b, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("flow: keys: %w", err)
	}
	return b, nil
}
