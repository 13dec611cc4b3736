package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// Lane is how an organisation's gateway fares, as every program sees it. The zero Lane fares well.
type Lane struct {
	Failures  int        // exchanges over different deliveries that brought no answer, in a row
	Failed    *uuid.UUID // the delivery of the last of them
	HeldAt    *time.Time // when the lane was last told to wait; nil while it is not held
	HeldUntil *time.Time // nothing is sent before, and then one exchange at a time
}

// Lane reads how a lane fares.
func (tx *Tx) Lane(ctx context.Context, lane fault.Lane) (Lane, error) {
	row, err := tx.q.ReadLane(ctx, lane.String())
	return laneOf(row), wrap("lane", err)
}

// LockLane reads how a lane fares and makes everyone else wait who would change that, until the transaction ends.
func (tx *Tx) LockLane(ctx context.Context, lane fault.Lane) (Lane, error) {
	row, err := tx.q.LockLane(ctx, lane.String())
	return laneOf(row), wrap("lane", err)
}

// Lanes reads how every lane fares.
func (tx *Tx) Lanes(ctx context.Context) (map[fault.Lane]Lane, error) {
	rows, err := tx.q.Lanes(ctx)
	if err != nil {
		return nil, wrap("lanes", err)
	}
	all := make(map[fault.Lane]Lane, len(rows))
	for _, r := range rows {
		var lane fault.Lane
		if err := lane.UnmarshalText([]byte(r.Lane)); err != nil {
			return nil, fmt.Errorf("store: lanes: %w", err)
		}
		all[lane] = laneOf(r)
	}
	return all, nil
}

// TryLane takes the one exchange that a lane is tried with whose time of waiting is over at the moment; others wait until the
// time given. ok is false where another took it.
func (tx *Tx) TryLane(ctx context.Context, lane fault.Lane, at, until time.Time) (ok bool, err error) {
	n, err := tx.q.TryLane(ctx, until, lane.String(), at)
	return n == 1, wrap("try lane", err)
}

// SaveLane records how a lane fares.
func (tx *Tx) SaveLane(ctx context.Context, lane fault.Lane, l Lane) error {
	return wrap("save lane", tx.q.SaveLane(ctx, sqlc.SaveLaneParams{
		Failures: int32(l.Failures), Failed: l.Failed, HeldAt: l.HeldAt, HeldUntil: l.HeldUntil, Lane: lane.String(),
	}))
}

// CountTry counts attempts to send a delivery, none where its lane only made it wait, and returns how many there were and since
// when it is tried.
func (tx *Tx) CountTry(ctx context.Context, id DeliveryID, attempts int, at time.Time) (all int, since time.Time, err error) {
	row, err := tx.q.CountTry(ctx, sqlc.CountTryParams{Attempts: int32(attempts), At: at, Owner: id.Owner, DeliveryID: id.ID})
	return int(row.Attempts), row.Since, wrap("count try", err)
}

// TellWhySending records why a delivery is still being sent. unasked: the organisation refuses to be asked for it; since when without a
// break is returned, nil for every other reason and where the delivery stands elsewhere by now.
func (tx *Tx) TellWhySending(ctx context.Context, id DeliveryID, reason string, unasked bool, at time.Time) (since *time.Time, err error) {
	since, err = tx.q.TellWhySending(ctx, sqlc.TellWhySendingParams{Reason: reason, Unasked: unasked, At: at, Owner: id.Owner, DeliveryID: id.ID})
	if err = wrap("tell why", err); errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return since, err
}

// DeliverySize is how many workers a delivery's list, or persons its tax month, has.
func (tx *Tx) DeliverySize(ctx context.Context, id DeliveryID) (int, error) {
	n, err := tx.q.DeliverySize(ctx, id.Owner, id.ID)
	return int(n), wrap("size of a delivery", err)
}

func laneOf(r sqlc.SharedLane) Lane {
	return Lane{Failures: int(r.Failures), Failed: r.Failed, HeldAt: r.HeldAt, HeldUntil: r.HeldUntil}
}
