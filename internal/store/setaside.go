package store

import (
	"context"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/google/uuid"
)

// SetAside is an answer that changed nothing and that no one has looked at yet.
type SetAside struct {
	ID         uuid.UUID
	Lane       fault.Lane
	Source     string
	ReceivedAt time.Time
	Outcome    Outcome
	SaidID     string        // the answer's own id; empty where it was not understood
	SaidState  payroll.State // likewise
	Bytes      int
	Key        string        // of the delivery it is about; empty where it named none of ours
	State      payroll.State // of that delivery
	List       *uuid.UUID    // of an SSO delivery
}

// AnswersSetAside reads them, oldest first, after the place given.
func (tx *Tx) AnswersSetAside(ctx context.Context, after Place, most int) ([]SetAside, error) {
	rows, err := tx.q.AnswersSetAside(ctx, after.At, after.ID, int32(most))
	if err != nil {
		return nil, wrap("answers set aside", err)
	}
	all := make([]SetAside, len(rows))
	for i, r := range rows {
		all[i] = SetAside{
			ID: r.AnswerID, Source: r.Source, ReceivedAt: r.ReceivedAt, Outcome: Outcome(r.Outcome), SaidID: r.SaidID, SaidState: payroll.State(r.SaidState),
			Bytes: int(r.Bytes), Key: r.Key, State: payroll.State(r.State), List: r.ListID,
		}
		if err := all[i].Lane.UnmarshalText([]byte(r.Lane)); err != nil {
			return nil, fmt.Errorf("store: answers set aside: %w", err)
		}
	}
	return all, nil
}

// AnswerSetAside is the answer as it came; ErrNotFound for one that was not set aside.
func (tx *Tx) AnswerSetAside(ctx context.Context, id uuid.UUID) ([]byte, error) {
	raw, err := tx.q.AnswerSetAside(ctx, id)
	return raw, wrap("answer set aside", err)
}

// SettleAnswer records that someone looked at an answer set aside; ErrMoved where no such one waits.
func (tx *Tx) SettleAnswer(ctx context.Context, id, by uuid.UUID, at time.Time) error {
	n, err := tx.q.SettleAnswer(ctx, at, by, id)
	return one("answer set aside", n, err)
}

// Contradiction is the last answer to a delivery that said otherwise than the organisation's decision.
type Contradiction struct {
	State payroll.State
	At    time.Time
}

// Contradictions reads them of deliveries.
func (tx *Tx) Contradictions(ctx context.Context, of []DeliveryID) (map[DeliveryID]Contradiction, error) {
	owners, ids := partsOf(of)
	rows, err := tx.q.ContradictionsOf(ctx, owners, ids)
	if err != nil {
		return nil, wrap("contradictions", err)
	}
	all := make(map[DeliveryID]Contradiction, len(rows))
	for _, r := range rows {
		if r.Owner != nil && r.DeliveryID != nil {
			all[DeliveryID{*r.Owner, *r.DeliveryID}] = Contradiction{payroll.State(r.SaidState), r.ReceivedAt}
		}
	}
	return all, nil
}
