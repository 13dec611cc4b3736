package flow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"fehrest/internal/agency/gateway"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// A lane's breaker is a row of the database, so that every program keeps away from an organisation that asked one of them to, or
// that does not answer. A lane is held by a Retry-After, or once so many deliveries in a row brought no answer; then it is
// tried with one exchange at a time until one is answered. What waits costs no attempt: the jobs are the only retry layer.
const (
	breakAfter = 5                // deliveries without an answer; one alone is its own trouble
	holdMost   = 30 * time.Second // one exchange so often tells that an organisation is back
	obeyMost   = time.Hour        // a longer Retry-After is taken for a mistake
	spreadMost = 10 * time.Second // jobs that a lane made wait do not come back all at once
)

// passage is the leave to make one exchange with an organisation.
type passage struct {
	lane  fault.Lane
	began time.Time
	trial bool // the one exchange that a held lane is tried with
	seen  store.Lane
}

// toWait is how long the lane still lets no one through, as it was seen.
func (w *Window) toWait(seen store.Lane, now time.Time) time.Duration {
	if seen.HeldUntil == nil || !now.Before(*seen.HeldUntil) {
		return 0
	}
	return seen.HeldUntil.Sub(now) + upTo(min(w.Pace.most(), spreadMost))
}

// enter asks for leave to make an exchange now. A wait above zero means none: how long to stay away.
func (w *Window) enter(ctx context.Context, lane fault.Lane) (p passage, wait time.Duration, err error) {
	p = passage{lane: lane, began: w.now()}
	err = w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		p.seen, err = tx.Lane(ctx, lane)
		return err
	})
	if err != nil || p.seen.HeldUntil == nil {
		return p, 0, err
	}
	if wait := w.toWait(p.seen, p.began); wait > 0 {
		return p, wait, nil
	}
	err = w.Store.Tx(ctx, func(tx *store.Tx) (err error) {
		// Until its exchange has certainly ended; a program that dies meanwhile holds the lane no longer.
		p.trial, err = tx.TryLane(ctx, lane, p.began, p.began.Add(2*w.Pace.exchange()))
		return err
	})
	if err != nil || p.trial {
		return p, 0, err
	}
	return p, upTo(min(w.Pace.most(), spreadMost)), nil
}

// leave records what an exchange over a delivery says of the lane. An organisation that refuses fares well.
func (w *Window) leave(ctx context.Context, p passage, delivery uuid.UUID, came error) error {
	var busy *gateway.BusyError
	isBusy := errors.As(came, &busy)
	if !isBusy && !errors.Is(came, gateway.ErrUnknown) {
		heard := came == nil || errors.Is(came, gateway.ErrConflict) || errors.Is(came, gateway.ErrRefused) || errors.Is(came, gateway.ErrUnknownKey)
		if !heard {
			return nil // the mistake was ours
		}
		if !p.trial && p.seen.Failures == 0 && p.seen.HeldUntil == nil {
			return nil // nothing to make good
		}
		return w.changeLane(ctx, p.lane, func(l *store.Lane) { answered(l, p) })
	}
	asked := time.Duration(0)
	if isBusy {
		asked = min(busy.RetryAfter, obeyMost)
	}
	return w.changeLane(ctx, p.lane, func(l *store.Lane) { w.unanswered(l, p, delivery, asked) })
}

func (w *Window) changeLane(ctx context.Context, lane fault.Lane, change func(*store.Lane)) error {
	// The exchange has happened; what it taught is kept though the job's time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		l, err := tx.LockLane(ctx, lane)
		if err != nil {
			return err
		}
		change(&l)
		return tx.SaveLane(ctx, lane, l)
	})
	if err != nil {
		return fmt.Errorf("flow: lane %s: %w", lane, err)
	}
	return nil
}

func answered(l *store.Lane, p passage) {
	l.Failures, l.Failed = 0, nil
	if l.HeldAt != nil && !l.HeldAt.After(p.began) { // an answer from before the lane was held says nothing of now
		l.HeldAt, l.HeldUntil = nil, nil
	}
}

// unanswered counts a failure, and holds the lane for the time that the organisation asked for, or that the breaker draws.
func (w *Window) unanswered(l *store.Lane, p passage, delivery uuid.UUID, asked time.Duration) {
	if p.trial || l.Failed == nil || *l.Failed != delivery {
		l.Failures, l.Failed = l.Failures+1, &delivery
	}
	now, hold := w.now(), asked
	if hold == 0 && (p.trial || l.HeldUntil == nil && l.Failures >= breakAfter) {
		hold = w.holdFor(l.Failures - breakAfter)
	}
	if hold == 0 {
		return
	}
	until := now.Add(hold)
	ofTrial := p.trial && (l.HeldAt == nil || !l.HeldAt.After(p.began)) // its own time of waiting is over with it
	if ofTrial || l.HeldUntil == nil || until.After(*l.HeldUntil) {
		l.HeldAt, l.HeldUntil = &now, &until
	}
}

// holdFor draws how long a lane is held: about twice as long after each trial that failed.
func (w *Window) holdFor(failedTrials int) time.Duration {
	ceiling := min(holdMost, w.Pace.most())
	if failedTrials < 30 {
		ceiling = min(ceiling, w.Pace.least()<<max(failedTrials, 0))
	}
	return ceiling/2 + upTo(ceiling/2)
}

// upTo draws a time up to d.
func upTo(d time.Duration) time.Duration { return time.Duration(1 + rand.Int64N(max(int64(d), 1))) }

// keepWaiting makes a delivery wait for its lane, until it has been tried for so long that a person is told.
func (w *Window) keepWaiting(ctx context.Context, d *store.Delivery, wait time.Duration) error {
	if d.TriedSince == nil {
		err := w.Store.Tx(ctx, func(tx *store.Tx) error {
			_, _, err := tx.CountTry(ctx, d.DeliveryID, 0, w.now())
			return err
		})
		if err != nil {
			return fmt.Errorf("flow: deliver %s: %w", d.ID, err)
		}
	} else if w.now().Sub(*d.TriedSince) > w.Pace.giveUp() {
		return w.desk(ctx, d, reasonNoWord)
	}
	return river.JobSnooze(wait)
}

// Breakers tells of every lane with a gateway whether deliveries go through: closed when they do, open while the lane is held,
// half_open when it is to be tried.
func (w *Window) Breakers(ctx context.Context) (states map[string]string, err error) {
	err = w.Store.Read(store.On(ctx, store.ForAnswers), func(tx *store.Tx) error {
		states, err = w.breakers(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("flow: breakers: %w", err)
	}
	return states, nil
}

func (w *Window) breakers(ctx context.Context, tx *store.Tx) (map[string]string, error) {
	lanes, err := tx.Lanes(ctx)
	states := map[string]string{}
	for _, lane := range payroll.EachLane() {
		switch l := lanes[lane]; {
		case w.organisation(lane).Gateway == nil:
		case l.HeldUntil == nil:
			states[lane.String()] = "closed"
		case w.now().Before(*l.HeldUntil):
			states[lane.String()] = "open"
		default:
			states[lane.String()] = "half_open"
		}
	}
	return states, err
}
