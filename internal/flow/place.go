package flow

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// place is where an uploaded list belongs among those of its identity. It is found before judging, to spare the work, and
// found again under the identity's lock, where it decides.
type place struct {
	identity payroll.Identity
	repeat   *store.Known // the same bytes are here and need nothing: its receipt is the answer
	again    *store.Known // the same bytes are here, and a lane of theirs is judged anew
	replaces *store.Known // the version whose place it takes
	version  int          // the next version of the identity
}

// owner is the list that the file's lines belong to.
func (p *place) owner(fresh uuid.UUID) uuid.UUID {
	if p.again != nil {
		return p.again.ID
	}
	return fresh
}

func (s *submission) find(ctx context.Context, tx *store.Tx, h *payroll.Header) (place, error) {
	p := place{identity: h.Identity()}
	same, err := tx.SameBytes(ctx, p.identity, s.sha)
	if err != nil {
		return p, err
	}
	highest, err := tx.HighestVersion(ctx, p.identity)
	if err != nil {
		return p, err
	}
	p.version = highest + 1
	var inForce *store.Known
	switch k, err := tx.InForce(ctx, p.identity); {
	case err == nil:
		inForce = &k
	case !errors.Is(err, store.ErrNotFound):
		return p, err
	}

	replaced := false
	for i := range same {
		k := &same[i]
		switch {
		case k.Withdrawn, k.Version == 0 && k.Verdicts.Passing() == 0:
			// It occupies nothing: it is judged anew.
		case k.Replaced:
			replaced = true
		default:
			p.repeat = k
		}
	}
	if p.repeat != nil && s.wantsMore(p.repeat) {
		p.again, p.repeat = p.repeat, nil
	}
	if p.repeat != nil || p.again != nil && p.again.Version > 0 {
		return p, nil
	}
	switch {
	case replaced:
		return p, conflict("LIST-03", payroll.KeyReplaces, h.Replaces, inForce)
	case h.Kind == payroll.Replacement && (inForce == nil || !names(h.Replaces, inForce)):
		return p, conflict("LIST-03", payroll.KeyReplaces, h.Replaces, inForce)
	case h.Kind == payroll.Replacement:
		p.replaces = inForce
	case inForce != nil:
		return p, conflict("LIST-02", payroll.KeyListNo, h.ListNo, inForce)
	}
	return p, nil
}

// wantsMore tells whether the same bytes come to have a lane sent that was not sent with them before (P4 is per lane).
func (s *submission) wantsMore(k *store.Known) bool {
	if s.u.Draft {
		return false
	}
	open := s.asked() &^ k.Submitted
	for _, lane := range payroll.EachLane() {
		if !open.Has(lane) {
			continue
		}
		switch v := k.Verdicts.Of(lane); {
		case !k.Asked.Has(lane), v == payroll.Rejected:
			return true
		case v.Passes() && (s.u.LanesGiven || s.u.Passing):
			return true // a draft, and now the sender says which lane goes
		}
	}
	return false
}

// names tells whether a replacement names the version in force, by its tracking code or as v1, v2 ….
func names(replaces string, inForce *store.Known) bool {
	return replaces == string(inForce.TrackingCode) || replaces == "v"+strconv.Itoa(inForce.Version)
}

func conflict(code string, key payroll.HeaderID, given string, inForce *store.Known) *fault.Problem {
	if inForce == nil {
		return refusal(fault.Conflict, code, headerPlace(key), given, "–")
	}
	p := refusal(fault.Conflict, code, headerPlace(key), given, fmt.Sprintf("%s (v%d)", inForce.TrackingCode, inForce.Version))
	p.Extra = &Kept{ID: inForce.ID.String(), Receipt: inForce.Receipt}
	return p
}
