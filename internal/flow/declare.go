package flow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// closureWorker declares the months of one closure that are over.
type closureWorker struct {
	river.WorkerDefaults[closureArgs]
	w *Window
}

// Work declares month by month; killed in between it goes on with the month that was not kept.
func (x *closureWorker) Work(ctx context.Context, job *river.Job[closureArgs]) error {
	return x.w.declareMonths(ctx, payroll.WorkshopCode(job.Args.Workshop), job.Args.Closure)
}

// closuresWorker finds the closures that have something to do.
type closuresWorker struct {
	river.WorkerDefaults[closuresArgs]
	w *Window
}

// Work queues a job for each of them, unless one waits or runs.
func (x *closuresWorker) Work(ctx context.Context, _ *river.Job[closuresArgs]) error {
	return x.w.Store.Tx(ctx, func(tx *store.Tx) error {
		due, err := tx.ClosuresDue(ctx, x.w.lastOver(), x.w.now(), closuresARun)
		if err != nil {
			return err
		}
		for _, c := range due {
			if err := x.w.insertOnce(ctx, tx, closureArgs{Workshop: string(c.Workshop), Closure: c.ID}, queueOf(0)); err != nil {
				return err
			}
		}
		return nil
	})
}

// lastOver is the newest month that is over. Before its end no one knows that nobody worked in it.
func (w *Window) lastOver() jalali.Month { return w.today().InMonth().Add(-1) }

// turns bounds how often one job looks at its closure: a month may be looked at twice, when something came in between.
const turns = 40

func (w *Window) declareMonths(ctx context.Context, code payroll.WorkshopCode, id uuid.UUID) error {
	for range turns {
		more, err := w.declareNext(ctx, code, id)
		if err != nil {
			return fmt.Errorf("flow: closure %s: %w", id, err)
		}
		if !more {
			return nil
		}
	}
	return fmt.Errorf("flow: closure %s: its months do not come to an end", id)
}

// errMonthHeld says that a list came into the month that was to be declared.
var errMonthHeld = errors.New("flow: the month holds a list")

// declareNext decides a closure's next month, if it is over; more tells whether to look again.
func (w *Window) declareNext(ctx context.Context, code payroll.WorkshopCode, id uuid.UUID) (more bool, err error) {
	var c *store.Closure
	var acts bool
	var held map[jalali.Month]store.HeldMonth
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		if c, err = tx.Closure(ctx, code, id); err != nil || c.EndedAt != nil {
			return err
		}
		_, err := tx.WorkshopFor(ctx, code, c.By, w.now())
		if acts = err == nil; err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		held, err = tx.MonthsHeld(ctx, code, c.ContractRow, c.Next, c.Next)
		return err
	})
	if err != nil || c.EndedAt != nil {
		return false, err
	}
	if !acts {
		return false, w.mandateGone(ctx, c)
	}
	if _, known := w.Book.On(c.Next); !known || w.lastOver().Before(c.Next) {
		return false, nil
	}
	if h, is := held[c.Next]; is {
		return w.decideMonth(ctx, c, store.ClosureMonth{Outcome: store.MonthSkipped, List: &h.List})
	}
	return w.declare(ctx, c)
}

// mandateGone ends a closure whose orderer may not act for the workshop any more.
func (w *Window) mandateGone(ctx context.Context, c *store.Closure) error {
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.EndClosure(ctx, c.Workshop, c.ID, store.ClosureMandateGone, w.now()); err != nil {
			return err
		}
		return w.appendClosure(ctx, tx, c, store.ByWindow, "closure.stopped", map[string]any{"by": store.ClosureMandateGone})
	})
	if errors.Is(err, store.ErrMoved) {
		return nil
	}
	return err
}

// decideMonth records that a month is not declared, and why. The list that stands in its way must still be there.
func (w *Window) decideMonth(ctx context.Context, c *store.Closure, m store.ClosureMonth) (more bool, err error) {
	m.Period, m.DecidedAt = c.Next, w.now()
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.LockMonth(ctx, payroll.Identity{Workshop: c.Workshop, Period: m.Period}); err != nil {
			return err
		}
		held, err := tx.MonthsHeld(ctx, c.Workshop, c.ContractRow, m.Period, m.Period)
		if err != nil {
			return err
		}
		if _, is := held[m.Period]; is != (m.Outcome == store.MonthSkipped) {
			return store.ErrMoved
		}
		if err := tx.DecideMonth(ctx, c, m); err != nil {
			return err
		}
		return w.appendClosure(ctx, tx, c, store.ByWindow, "closure."+string(m.Outcome), map[string]any{"period": m.Period, "code": m.Code})
	})
	if errors.Is(err, store.ErrMoved) {
		err = nil
	}
	return err == nil, err
}

// declare files the nil list of a closure's next month as any list is filed: judged, kept, receipted in one transaction, which
// also decides the month.
func (w *Window) declare(ctx context.Context, c *store.Closure) (more bool, err error) {
	document, err := json.Marshal(map[string]any{
		"workshop": map[string]any{
			payroll.KeyWorkshopCode.Info().Key: c.Workshop, payroll.KeyContractRow.Info().Key: c.ContractRow,
			payroll.KeyPeriod.Info().Key: c.Next, payroll.KeyKind.Info().Key: payroll.Nil,
		},
		"lines": []any{},
	})
	if err != nil {
		return false, err
	}
	told, err := w.Submit(ctx, Upload{
		Principal: access.Principal{ID: c.By}, Body: bytes.NewReader(document), Name: "nil-" + c.Next.String() + ".json", ContentType: "application/json",
		IdempotencyKey: c.ID.String() + "." + c.Next.String(), Route: "closures", declares: c,
	})
	var p *fault.Problem
	switch {
	case err == nil && told.Draft: // one organisation's side does not pass
		list, err := uuid.Parse(told.ListID)
		if err != nil {
			return false, err
		}
		return w.decideMonth(ctx, c, store.ClosureMonth{Outcome: store.MonthRefused, List: &list})
	case err == nil, errors.Is(err, store.ErrMoved), errors.Is(err, errMonthHeld):
		return true, nil
	case errors.As(err, &p) && (p.Code == "LIST-02" || p.Code == "ID-12"):
		return true, nil // a list came, or the mandate ended, in between
	case errors.As(err, &p) && p.Kind == fault.Unprocessable:
		return w.decideMonth(ctx, c, refusedMonth(p))
	}
	return false, err
}

func refusedMonth(p *fault.Problem) store.ClosureMonth {
	m := store.ClosureMonth{Outcome: store.MonthRefused, Code: p.Code}
	for i := range p.Faults {
		if m.Code == "" && p.Faults[i].Severity >= fault.Error {
			m.Code = p.Faults[i].Code
		}
	}
	if kept, ok := p.Extra.(*Kept); ok {
		if list, err := uuid.Parse(kept.ID); err == nil {
			m.List = &list
		}
	}
	return m
}

// mayDeclare refuses, under the month's lock, to declare a month into which a list came.
func (s *submission) mayDeclare(ctx context.Context, tx *store.Tx) error {
	c := s.u.declares
	if c == nil {
		return nil
	}
	held, err := tx.MonthsHeld(ctx, c.Workshop, c.ContractRow, c.Next, c.Next)
	if err == nil && len(held) > 0 {
		err = errMonthHeld
	}
	return err
}

// closures does with a list that is being submitted what it means for closures: the month of one is declared with it, or it has
// workers and ends one.
func (s *submission) closures(ctx context.Context, tx *store.Tx, l *store.List) error {
	if c := s.u.declares; c != nil {
		return tx.DecideMonth(ctx, c, store.ClosureMonth{Period: c.Next, Outcome: store.MonthFiled, List: &l.ID, DecidedAt: s.at})
	}
	if l.Header.Kind == payroll.Nil {
		return nil
	}
	stopped, err := tx.StopClosures(ctx, l.Header.Identity(), l.ID, s.w.now())
	if err != nil {
		return err
	}
	for _, id := range stopped {
		err := s.w.appendClosure(ctx, tx, &store.Closure{ID: id}, store.ByPrincipal(s.u.Principal.ID), "closure.stopped",
			map[string]any{"by": store.ClosureListCame, "list": l.ID})
		if err != nil {
			return err
		}
	}
	return nil
}
