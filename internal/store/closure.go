package store

import (
	"context"
	"fmt"
	"time"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// Closure is an order to declare of each month that no one worked, from the first to the last.
type Closure struct {
	ID          uuid.UUID
	Workshop    payroll.WorkshopCode
	ContractRow string
	First, Last jalali.Month
	Next        jalali.Month // the first month that is not decided; after Last once all are
	By          uuid.UUID    // the principal who ordered it
	OrderedAt   time.Time
	EndedAt     *time.Time // nil while it stands
	Ending      Ending     // blank while it stands
	EndedBy     *uuid.UUID // the list that ended it
}

// Ending is how a closure came to its end.
type Ending string

// The endings: all months decided, taken back, a list with workers, no right to act any more.
const (
	ClosureOver        Ending = "over"
	ClosureCancelled   Ending = "cancelled"
	ClosureListCame    Ending = "list"
	ClosureMandateGone Ending = "mandate"
)

// ClosureMonth is what became of one month of a closure.
type ClosureMonth struct {
	Period       jalali.Month
	Outcome      MonthOutcome
	List         *uuid.UUID // the declaration, the list that the month held already, or the refused one if it was kept
	TrackingCode payroll.TrackingCode
	Code         string // of the finding that refused it; may be blank
	DecidedAt    time.Time
}

// MonthOutcome is what was decided of a closure's month.
type MonthOutcome string

// The outcomes.
const (
	MonthFiled   MonthOutcome = "filed"
	MonthSkipped MonthOutcome = "skipped"
	MonthRefused MonthOutcome = "refused"
)

// AddClosure keeps an order; constraint closures_standing refuses a second one that stands for the contract row.
func (tx *Tx) AddClosure(ctx context.Context, c *Closure, key string) error {
	return wrap("add closure", tx.q.AddClosure(ctx, sqlc.AddClosureParams{
		WorkshopCode: string(c.Workshop), ClosureID: c.ID, ContractRow: c.ContractRow, FirstPeriod: int32(c.First.Number()),
		LastPeriod: int32(c.Last.Number()), PrincipalID: c.By, IdempotencyKey: key, OrderedAt: c.OrderedAt,
	}))
}

// ClosureOrdered finds what a principal ordered with a key; ErrNotFound where he did not.
func (tx *Tx) ClosureOrdered(ctx context.Context, code payroll.WorkshopCode, principal uuid.UUID, key string) (*Closure, error) {
	r, err := tx.q.ClosureOrdered(ctx, string(code), principal, key)
	if err != nil {
		return nil, wrap("closure", err)
	}
	return closureOf(sqlc.ClosureRow(r))
}

// Closure reads one order; ErrNotFound where the workshop has no such.
func (tx *Tx) Closure(ctx context.Context, code payroll.WorkshopCode, id uuid.UUID) (*Closure, error) {
	r, err := tx.q.Closure(ctx, string(code), id)
	if err != nil {
		return nil, wrap("closure", err)
	}
	return closureOf(r)
}

// Closures are a workshop's newest orders, newest first.
func (tx *Tx) Closures(ctx context.Context, code payroll.WorkshopCode, most int) ([]*Closure, error) {
	rows, err := tx.q.Closures(ctx, string(code), int32(most))
	if err != nil {
		return nil, wrap("closures", err)
	}
	all := make([]*Closure, len(rows))
	for i, r := range rows {
		if all[i], err = closureOf(sqlc.ClosureRow(r)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// ClosureMonths are the decided months of a workshop's closures, each closure's in order.
func (tx *Tx) ClosureMonths(ctx context.Context, code payroll.WorkshopCode, closures ...uuid.UUID) (map[uuid.UUID][]ClosureMonth, error) {
	rows, err := tx.q.ClosureMonths(ctx, string(code), closures)
	if err != nil {
		return nil, wrap("months of closures", err)
	}
	all := map[uuid.UUID][]ClosureMonth{}
	for _, r := range rows {
		m := ClosureMonth{Outcome: MonthOutcome(r.Outcome), List: r.ListID, TrackingCode: payroll.TrackingCode(r.TrackingCode), Code: r.Code, DecidedAt: r.DecidedAt}
		if m.Period, err = jalali.MonthOf(int(r.Period)); err != nil {
			return nil, fmt.Errorf("store: months of closures: %w", err)
		}
		all[r.ClosureID] = append(all[r.ClosureID], m)
	}
	return all, nil
}

// HeldMonth is a list in force of a month, the first of its lists.
type HeldMonth struct {
	List         uuid.UUID
	TrackingCode payroll.TrackingCode
}

// MonthsHeld are the months between two, both included, in which a contract row has a list in force.
func (tx *Tx) MonthsHeld(ctx context.Context, code payroll.WorkshopCode, contractRow string, first, last jalali.Month) (map[jalali.Month]HeldMonth, error) {
	rows, err := tx.q.MonthsHeld(ctx, sqlc.MonthsHeldParams{
		WorkshopCode: string(code), ContractRow: contractRow, FirstPeriod: int32(first.Number()), LastPeriod: int32(last.Number()),
	})
	if err != nil {
		return nil, wrap("months held", err)
	}
	held := map[jalali.Month]HeldMonth{}
	for _, r := range rows {
		m, err := jalali.MonthOf(int(r.Period))
		if err != nil {
			return nil, fmt.Errorf("store: months held: %w", err)
		}
		held[m] = HeldMonth{List: r.ListID, TrackingCode: payroll.TrackingCode(r.TrackingCode)}
	}
	return held, nil
}

// EndClosure ends an order that stands; ErrMoved where it does not any more.
func (tx *Tx) EndClosure(ctx context.Context, code payroll.WorkshopCode, id uuid.UUID, by Ending, at time.Time) error {
	n, err := tx.q.EndClosure(ctx, sqlc.EndClosureParams{At: at, Ending: string(by), WorkshopCode: string(code), ClosureID: id})
	return one("closure", n, err)
}

// StopClosures ends the order that a list with workers contradicts, and returns it; none is no error.
func (tx *Tx) StopClosures(ctx context.Context, id payroll.Identity, list uuid.UUID, at time.Time) ([]uuid.UUID, error) {
	stopped, err := tx.q.StopClosures(ctx, sqlc.StopClosuresParams{
		At: at, ListID: list, WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()),
	})
	return stopped, wrap("stop closures", err)
}

// DecideMonth records what became of a standing closure's next month, and ends the closure with its last one; ErrMoved where the
// closure ended or the month is decided.
func (tx *Tx) DecideMonth(ctx context.Context, c *Closure, m ClosureMonth) error {
	n, err := tx.q.DecideMonth(ctx, sqlc.DecideMonthParams{
		Following: int32(m.Period.Add(1).Number()), Period: int32(m.Period.Number()), At: m.DecidedAt, WorkshopCode: string(c.Workshop), ClosureID: c.ID,
	})
	if err := one("closure", n, err); err != nil {
		return err
	}
	return wrap("closure's month", tx.q.AddClosureMonth(ctx, sqlc.AddClosureMonthParams{
		WorkshopCode: string(c.Workshop), ClosureID: c.ID, Period: int32(m.Period.Number()), Outcome: string(m.Outcome), ListID: m.List, Code: m.Code,
		DecidedAt: m.DecidedAt,
	}))
}

// ClosureID names a closure.
type ClosureID struct {
	Workshop payroll.WorkshopCode
	ID       uuid.UUID
}

// ClosuresDue are standing closures of which a month up to the latest is to be decided, or whose orderer may not act any more.
func (tx *Tx) ClosuresDue(ctx context.Context, latest jalali.Month, at time.Time, most int) ([]ClosureID, error) {
	rows, err := tx.q.ClosuresDue(ctx, int32(latest.Number()), at, int32(most))
	if err != nil {
		return nil, wrap("closures due", err)
	}
	due := make([]ClosureID, len(rows))
	for i, r := range rows {
		due[i] = ClosureID{payroll.WorkshopCode(r.WorkshopCode), r.ClosureID}
	}
	return due, nil
}

func closureOf(r sqlc.ClosureRow) (*Closure, error) {
	c := &Closure{
		ID: r.ClosureID, Workshop: payroll.WorkshopCode(r.WorkshopCode), ContractRow: r.ContractRow, By: r.PrincipalID, OrderedAt: r.OrderedAt,
		EndedAt: r.EndedAt, EndedBy: r.EndedByList,
	}
	if r.Ending != nil {
		c.Ending = Ending(*r.Ending)
	}
	for _, m := range []struct {
		to     *jalali.Month
		number int32
	}{{&c.First, r.FirstPeriod}, {&c.Last, r.LastPeriod}, {&c.Next, r.NextPeriod}} {
		var err error
		if *m.to, err = jalali.MonthOf(int(m.number)); err != nil {
			return nil, fmt.Errorf("store: closure: %w", err)
		}
	}
	return c, nil
}
