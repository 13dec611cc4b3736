package sim

import (
	"errors"
	"slices"
	"time"
)

// The states of a slip.
const (
	slipOpen      = "open"
	slipCollected = "collected"
	slipVoid      = "void"
)

// slipOrder is how far a slip has come: it never goes back.
var slipOrder = map[string]int{slipOpen: 1, slipCollected: 2, slipVoid: 3}

// Refusals of a slip's new state.
var (
	errNoSlip    = errors.New("no such slip was issued")
	errSlipState = errors.New("a slip goes from open to collected to void, never back")
)

// turnSlip records a slip's new state and with it a new answer of its delivery,
// which is then posted. The state it has changes nothing.
func (l *ledger) turnSlip(slip, state string, now time.Time) error {
	if err := l.noteTurn(slip, state, now); err != nil {
		return err
	}
	return l.sync()
}

func (l *ledger) noteTurn(slip, state string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.bySlip[slip]
	if d == nil {
		return errNoSlip
	}
	i := slices.IndexFunc(d.answer.Payments, func(p Payment) bool { return p.Slip == slip })
	switch stands := d.answer.Payments[i].State; {
	case stands == state:
		return nil
	case slipOrder[state] < slipOrder[stands]:
		return errSlipState
	}
	at := now.UTC().Truncate(time.Millisecond)
	// Two answers of one delivery are told apart by when they were decided.
	if !at.After(d.answer.DecidedAt) {
		at = d.answer.DecidedAt.Add(time.Millisecond)
	}
	return l.append(ledgerEntry{Kind: kindSlip, Key: d.key.text, At: at, Slip: slip, State: state, AnswerID: newID()})
}

// noteSlip gives the delivery the answer in which the slip has its new state.
func (d *delivery) noteSlip(e ledgerEntry) {
	a := *d.answer
	a.ID, a.DecidedAt, a.Payments = e.AnswerID, e.At, slices.Clone(a.Payments)
	for i := range a.Payments {
		if a.Payments[i].Slip == e.Slip {
			a.Payments[i].State = e.State
		}
	}
	d.answer, d.posted = &a, false
}
