package store

import (
	"context"
	"slices"
	"time"

	"fehrest/internal/access"
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
}

// Alone tells whether nothing else decides the state: no later version, no earlier delivery of the same files.
func (s *ListState) Alone() bool {
	return s.List.ReplacedBy == nil && !slices.ContainsFunc(s.SSO, func(d *Delivery) bool { return d.Shares != nil }) &&
		!slices.ContainsFunc(s.Tax, func(d TaxHeld) bool { return d.Shares != nil })
}

// ListState reads what the state of a list is derived from; ErrNotFound where there is no such list, or the principal may not act
// for its workshop at the moment. It is one statement by itself, so that all of it is of one moment. The deliveries hold what a
// lane's state is made of.
func (s *Store) ListState(ctx context.Context, list, principal uuid.UUID, at time.Time) (*ListState, error) {
	_, seen, err := s.listState(ctx, sqlc.StateOfListParams{ListID: list, PrincipalID: &principal, At: at})
	if err == nil && seen == nil {
		err = ErrNotFound
	}
	return seen, err
}

// SignInToList is SignIn and ListState by one statement: two would cost twice the way to the database, and this is what is asked most.
// The error is SignIn's; the state is nil where ListState would find none.
func (s *Store) SignInToList(ctx context.Context, hash []byte, list uuid.UUID, at time.Time) (access.Principal, *ListState, error) {
	return s.listState(ctx, sqlc.StateOfListParams{ListID: list, TokenSha256: hash, At: at})
}

func (s *Store) listState(ctx context.Context, asked sqlc.StateOfListParams) (p access.Principal, seen *ListState, err error) {
	rows, err := sqlc.New(s.on(ctx)).StateOfList(ctx, asked)
	if err != nil {
		return p, nil, wrap("state of a list", err)
	}
	if len(rows) == 0 {
		return p, nil, ErrNotFound
	}
	r := &rows[0]
	p = access.Principal{ID: r.PrincipalID, Name: r.Name, Role: access.Role(r.Role)}
	if r.WorkshopCode == "" {
		return p, nil, nil
	}
	seen = &ListState{List: &List{
		ID: asked.ListID, Version: version(r.Version), Header: payroll.Header{Workshop: payroll.WorkshopCode(r.WorkshopCode)}, ReceivedAt: r.ReceivedAt,
		Verdicts:     payroll.Verdicts{SSO: payroll.Verdict(r.VerdictSso), Tax: payroll.Verdict(r.VerdictTax)},
		SubmittedSSO: r.SubmittedSsoAt, SubmittedTax: r.SubmittedTaxAt, WithdrawnAt: r.WithdrawnAt, ReplacedBy: r.ReplacedBy,
	}}
	for i := range rows {
		seen.add(&rows[i])
	}
	slices.SortFunc(seen.Tax, func(a, b TaxHeld) int { return b.Version - a.Version })
	return p, seen, nil
}

func (s *ListState) add(r *sqlc.StateOfListRow) {
	d := Delivery{
		DeliveryID: DeliveryID{r.Owner, r.DeliveryID}, Key: r.Key, Version: int(r.DeliveryVersion), List: s.List.ID, State: payroll.State(r.State),
		Reference: r.Reference, Shares: r.Shares, Reason: r.Reason, FirstSentAt: r.FirstSentAt, ChangedAt: r.ChangedAt, UploadedAt: r.UploadedAt,
	}
	switch r.Lane {
	case fault.SSO.String():
		d.Lane = fault.SSO
		s.SSO = append(s.SSO, &d)
	case fault.Tax.String():
		d.Lane = fault.Tax
		s.Tax = append(s.Tax, TaxHeld{List: s.List.ID, Delivery: d})
	}
}
