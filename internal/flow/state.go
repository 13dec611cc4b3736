package flow

import (
	"context"
	"errors"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// ListState is where a list and its lanes stand, for those who ask again and again: members of List, and never other than there.
type ListState struct {
	ID         string            `json:"id"`
	State      payroll.ListState `json:"state"`
	Version    int               `json:"version"` // 0 for a draft or a rejected list
	ReceivedAt time.Time         `json:"received_at"`
	Deliveries LaneStates        `json:"deliveries"`
}

// LaneStates is where each lane of a list stands.
type LaneStates struct {
	SSO LaneState `json:"sso"`
	Tax LaneState `json:"tax"`
}

// LaneState is where one lane of a list stands.
type LaneState struct {
	State     payroll.State `json:"state"`
	Reference string        `json:"reference"`
	Reason    string        `json:"reason"`
	ByHand    bool          `json:"by_hand"`
}

// IsFinal tells whether nothing more comes of the list by itself or by its desk: only its sender can move it further.
func (s *ListState) IsFinal() bool {
	switch s.State {
	case payroll.Draft, payroll.Submitted, payroll.ListNeedsAttention:
		return false
	}
	return true
}

// State shows where a list stands; NotFound for one that is not the principal's. It costs one statement, but for a list that another
// was to replace or whose files are those of another delivery.
func (w *Window) State(ctx context.Context, p access.Principal, id string) (*ListState, error) {
	list, err := uuid.Parse(id)
	if err != nil {
		return nil, notFound()
	}
	seen, err := w.Store.ListState(ctx, list, p.ID, w.now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return w.StateOf(ctx, p, seen)
}

// StateOf is State of a list that was just read for the principal; NotFound for nil.
func (w *Window) StateOf(ctx context.Context, p access.Principal, seen *store.ListState) (*ListState, error) {
	if seen == nil {
		return nil, notFound()
	}
	if !seen.Alone() {
		return w.stateAmongOthers(ctx, p, seen.List.ID)
	}
	states, err := standingsOf([]*store.List{seen.List}, seen.SSO, seen.Tax, nil) // none shares another's files
	if err != nil {
		return nil, err
	}
	return listState(seen.List, states[seen.List.ID], false), nil
}

// stateAmongOthers asks what became of the later versions and of earlier deliveries of the same files too.
func (w *Window) stateAmongOthers(ctx context.Context, p access.Principal, id uuid.UUID) (s *ListState, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		l, err := w.held(ctx, tx, p, id.String())
		if err != nil {
			return err
		}
		states, err := standings(ctx, tx, []*store.List{l})
		if err != nil {
			return err
		}
		replaced, err := replacedEverywhere(ctx, tx, l)
		if err != nil {
			return err
		}
		s = listState(l, states[l.ID], replaced)
		return nil
	})
	return s, err
}

func listState(l *store.List, d Deliveries, replaced bool) *ListState {
	return &ListState{
		ID: l.ID.String(), State: stateOf(l, &d, replaced), Version: l.Version, ReceivedAt: l.ReceivedAt,
		Deliveries: LaneStates{SSO: laneState(&d.SSO), Tax: laneState(&d.Tax)},
	}
}

func laneState(v *LaneView) LaneState {
	return LaneState{State: v.State, Reference: v.Reference, Reason: v.Reason, ByHand: v.ByHand}
}

// stateOf derives a list's state from where its lanes stand.
func stateOf(l *store.List, d *Deliveries, replaced bool) payroll.ListState {
	return payroll.StateOf(payroll.Standing{
		Verdicts: l.Verdicts, Submitted: l.Submitted(), Withdrawn: l.WithdrawnAt != nil, Replaced: replaced, SSO: d.SSO.State, Tax: d.Tax.State,
	})
}
