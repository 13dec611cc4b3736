package flow

import (
	"context"
	"errors"

	"fehrest/internal/agency/gateway"
	"fehrest/internal/fault"
	"fehrest/internal/meter"
	"fehrest/internal/payroll"
	"fehrest/internal/store"
)

// Picture tells where the window stands: what waits in each lane, the places where files are read, the seals. With an error it
// holds what this program knows without the database.
func (w *Window) Picture(ctx context.Context) (meter.Picture, error) {
	p := meter.Picture{Slots: w.slots(), Waiting: w.waiting()}
	w.room.picture(&p)
	for _, u := range w.Store.Pools() {
		p.Pools = append(p.Pools, meter.Pool{Name: string(u.Pool), InUse: u.InUse, Idle: u.Idle, Most: u.Most})
	}
	now := w.now()
	// The figures are read when everything else is busy too.
	err := w.Store.Read(store.On(ctx, store.ForAnswers), func(tx *store.Tx) error {
		all, err := tx.Standing(ctx)
		if err != nil {
			return err
		}
		for _, s := range all {
			p.Lanes = append(p.Lanes, meter.Standing{Lane: s.Lane, State: s.State, Depth: s.Depth, Oldest: max(now.Sub(s.Since), 0)})
		}
		if p.Breakers, err = w.breakers(ctx, tx); err != nil {
			return err
		}
		if p.Served, err = tx.LastBeat(ctx); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		rows, oldest, err := tx.AwaitingSeal(ctx)
		if p.Unsealed = rows; rows > 0 {
			p.SealLag = max(now.Sub(oldest), 0)
		}
		return err
	})
	return p, err
}

// picture tells how much room is taken.
func (r *room) picture(p *meter.Picture) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.SlotsInUse, p.SmallUnderWay = len(r.slots), r.small
	p.LargeWaiting = max(r.large-p.SlotsInUse, 0)
}

// attemptOf names what came of an exchange for the figures.
func attemptOf(err error) string {
	var busy *gateway.BusyError
	switch {
	case err == nil:
		return "acknowledged"
	case errors.As(err, &busy):
		return "busy"
	case errors.Is(err, gateway.ErrConflict):
		return "conflict"
	case errors.Is(err, gateway.ErrRefused):
		return "refused"
	case errors.Is(err, gateway.ErrUnknown), errors.Is(err, gateway.ErrUnknownKey):
		return "unknown"
	}
	return "failed"
}

// measure counts what became of an upload, and how long its sender waited for the receipt once the file was here. again says
// that its key was answered before.
func (s *submission) measure(told *Submitted, err error, again bool) {
	m := s.w.Meter
	switch {
	case again:
		m.Uploaded("repeated")
		return
	case told != nil && told.Bundle != nil:
		for _, l := range told.Bundle.Lists {
			m.Uploaded(verdictOf(l.Submitted, l.Problem))
		}
	default:
		var p *fault.Problem
		if err != nil && !errors.As(err, &p) {
			p = &fault.Problem{Kind: fault.Internal}
		}
		m.Uploaded(verdictOf(told, p))
	}
	if told != nil || isRejected(err) {
		size := meter.Small
		if s.file.size > LargeFile {
			size = meter.Large
		}
		m.Receipted(size, s.w.Now().Sub(s.at))
	}
}

// isRejected tells whether an error is that of a list which is kept as rejected, with its receipt.
func isRejected(err error) bool {
	var p *fault.Problem
	if !errors.As(err, &p) {
		return false
	}
	kept, ok := p.Extra.(*Kept)
	return ok && kept.Receipt.Verdict == payroll.Rejected
}

// verdictOf names what became of an upload for the figures; p is nil where it was kept.
func verdictOf(told *Submitted, p *fault.Problem) string {
	switch {
	case p == nil && told.Repeated:
		return "repeated"
	case p == nil && told.Draft:
		return "draft"
	case p == nil:
		return string(told.Receipt.Verdict)
	case p.Kind == fault.Internal || p.Kind == fault.Busy:
		return "failed"
	case isRejected(p):
		return string(payroll.Rejected)
	case len(p.Faults) == 0 || p.Kind == fault.NotFound || p.Kind == fault.Conflict:
		return "refused"
	}
	return string(payroll.Unreadable)
}
