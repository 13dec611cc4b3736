package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// OnDesk is a delivery that needs a person's attention, or that is still tried with an organisation that refuses to be asked for it. Of
// the delivery it knows what the desk shows; its list, of a tax month, is one that the version holds.
type OnDesk struct {
	Delivery
	WorkshopName string
	Employer     payroll.EmployerID
	LaterWaits   bool // a later version cannot go before this one is settled
}

// DeskPage chooses what of the desk is read: the oldest first, after the place given.
type DeskPage struct {
	Every     bool // else the principal's own
	Principal uuid.UUID
	At        time.Time
	Since     time.Time  // of the desk: what has waited since then at least
	Lane      fault.Lane // none: both
	After     Place
	Most      int
}

// Place is a delivery's place in the order of those that wait. The zero Place is before all.
type Place struct {
	At time.Time
	ID uuid.UUID
}

// Desk reads the deliveries that need attention.
func (tx *Tx) Desk(ctx context.Context, p DeskPage) ([]OnDesk, error) {
	lane := ""
	if p.Lane != 0 {
		lane = p.Lane.String()
	}
	rows, err := tx.q.Desk(ctx, sqlc.DeskParams{
		Every: p.Every, PrincipalID: p.Principal, At: p.At, Lane: lane, Since: p.Since, AfterAt: p.After.At, AfterID: p.After.ID, Most: int32(p.Most),
	})
	if err != nil {
		return nil, wrap("desk", err)
	}
	all := make([]OnDesk, len(rows))
	for i, r := range rows {
		d := Delivery{
			DeliveryID: DeliveryID{r.Owner, r.DeliveryID}, Key: r.Key, Version: int(r.Version), State: payroll.State(r.State), Digest: r.Digest,
			Reference: r.Reference, Reason: r.Reason, Attempts: int(r.Attempts), FirstSentAt: r.FirstSentAt, ChangedAt: r.ChangedAt,
		}
		if r.ListID != nil {
			d.List = *r.ListID
		}
		d.Period, err = jalali.MonthOf(int(r.Period))
		if err := errors.Join(err, d.Lane.UnmarshalText([]byte(r.Lane))); err != nil {
			return nil, fmt.Errorf("store: desk: %w", err)
		}
		all[i] = OnDesk{Delivery: d, WorkshopName: r.WorkshopName, Employer: payroll.EmployerID(r.EmployerID), LaterWaits: r.LaterWaits}
	}
	return all, nil
}

// HeldByHand is a delivery worked by hand that is not marked as uploaded. Of the delivery it knows what is shown; its
// list, of a tax month, is one that the version holds.
type HeldByHand struct {
	Delivery
	WorkshopName string
	Employer     payroll.EmployerID
	Files        []string
}

// ByHand reads the deliveries of one lane that are worked by hand and not marked as uploaded.
func (tx *Tx) ByHand(ctx context.Context, p DeskPage) ([]HeldByHand, error) {
	rows, err := tx.q.ByHand(ctx, sqlc.ByHandParams{
		Every: p.Every, PrincipalID: p.Principal, At: p.At, Lane: p.Lane.String(), AfterAt: p.After.At, AfterID: p.After.ID, Most: int32(p.Most),
	})
	if err != nil {
		return nil, wrap("deliveries by hand", err)
	}
	all := make([]HeldByHand, len(rows))
	for i, r := range rows {
		d := Delivery{
			DeliveryID: DeliveryID{r.Owner, r.DeliveryID}, Lane: p.Lane, Key: r.Key, Version: int(r.Version), State: payroll.ByHand, ChangedAt: r.ChangedAt,
		}
		if r.ListID != nil {
			d.List = *r.ListID
		}
		if d.Period, err = jalali.MonthOf(int(r.Period)); err != nil {
			return nil, fmt.Errorf("store: deliveries by hand: %w", err)
		}
		all[i] = HeldByHand{Delivery: d, WorkshopName: r.WorkshopName, Employer: payroll.EmployerID(r.EmployerID), Files: r.Files}
	}
	return all, nil
}
