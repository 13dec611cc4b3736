package store

import (
	"context"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// ListState is what a list's state is derived from.
type ListState struct {
	// List is the list without its header, figures and receipt; of the header only the workshop.
	List *List
	SSO  []*Delivery
	Tax  []TaxHeld // the newest version first

	earlier map[DeliveryID]*Delivery
}

// Earlier is the delivery that one of these shares its files with; ErrNotFound for any other.
func (s *ListState) Earlier(id DeliveryID) (*Delivery, error) {
	if d := s.earlier[id]; d != nil {
		return d, nil
	}
	return nil, ErrNotFound
}

// ListState reads what the state of a list is derived from; ErrNotFound where there is no such list, or the principal may not act
// for its workshop at the moment. It is one statement by itself, so that all of it is of one moment. The deliveries hold what a
// lane's state is made of.
func (s *Store) ListState(ctx context.Context, list, principal uuid.UUID, at time.Time) (*ListState, error) {
	rows, err := sqlc.New(s.on(ctx)).StateOfList(ctx, list, principal, at)
	if err != nil {
		return nil, wrap("state of a list", err)
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	r := &rows[0]
	seen := &ListState{List: &List{
		ID: list, Version: version(r.Version), Header: payroll.Header{Workshop: payroll.WorkshopCode(r.WorkshopCode)}, ReceivedAt: r.ReceivedAt,
		Verdicts:     payroll.Verdicts{SSO: payroll.Verdict(r.VerdictSso), Tax: payroll.Verdict(r.VerdictTax)},
		SubmittedSSO: r.SubmittedSsoAt, SubmittedTax: r.SubmittedTaxAt, WithdrawnAt: r.WithdrawnAt, ReplacedBy: r.ReplacedBy,
	}}
	for i := range rows {
		seen.add(&rows[i])
	}
	return seen, nil
}

func (s *ListState) add(r *sqlc.StateOfListRow) {
	if r.Lane == "" {
		return // nothing of it was sent
	}
	d := Delivery{
		DeliveryID: DeliveryID{r.Owner, r.DeliveryID}, List: s.List.ID, Key: r.Key, State: payroll.State(r.State), Reference: r.Reference,
		Shares: r.EarlierID, Reason: r.Reason, FirstSentAt: r.FirstSentAt, ChangedAt: r.ChangedAt, UploadedAt: r.UploadedAt,
	}
	if r.EarlierID != nil {
		if s.earlier == nil {
			s.earlier = map[DeliveryID]*Delivery{}
		}
		id := DeliveryID{r.Owner, *r.EarlierID}
		s.earlier[id] = &Delivery{
			DeliveryID: id, State: payroll.State(r.EarlierState), Reference: r.EarlierReference, Reason: r.EarlierReason,
			FirstSentAt: r.EarlierFirstSentAt, ChangedAt: *r.EarlierChangedAt, UploadedAt: r.EarlierUploadedAt,
		}
	}
	if r.Lane == fault.Tax.String() {
		d.Lane = fault.Tax
		s.Tax = append(s.Tax, TaxHeld{List: s.List.ID, Delivery: d})
		return
	}
	d.Lane = fault.SSO
	s.SSO = append(s.SSO, &d)
}
