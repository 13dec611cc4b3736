package store

import (
	"context"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// WithdrawList records that a list was taken back, and brings the version whose place it had taken into force again; ErrMoved
// where it is withdrawn or replaced by now.
func (tx *Tx) WithdrawList(ctx context.Context, code payroll.WorkshopCode, list uuid.UUID, at time.Time) error {
	n, err := tx.q.WithdrawList(ctx, at, string(code), list)
	if err := one("list", n, err); err != nil {
		return err
	}
	return wrap("restore replaced list", tx.q.RestoreReplaced(ctx, string(code), list))
}

// VersionsAtSSO are the identity's versions that were submitted to the SSO and not withdrawn, in order.
func (tx *Tx) VersionsAtSSO(ctx context.Context, id payroll.Identity) ([]uuid.UUID, error) {
	ids, err := tx.q.VersionsAtSSO(ctx, sqlc.VersionsAtSSOParams{
		WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()), ListNo: id.ListNo,
	})
	return ids, wrap("versions at the SSO", err)
}

// FreePartNumbers gives back the list numbers of the identity's parts above so many: nothing was ever filed under them.
func (tx *Tx) FreePartNumbers(ctx context.Context, id payroll.Identity, parts int) error {
	return wrap("free part numbers", tx.q.DeletePartsAbove(ctx, sqlc.DeletePartsAboveParams{
		WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()), OfListNo: id.ListNo, Parts: int32(parts),
	}))
}

// ReplacedBy is the version that a list took the place of; ErrNotFound where there is none.
func (tx *Tx) ReplacedBy(ctx context.Context, code payroll.WorkshopCode, list uuid.UUID) (*List, error) {
	before, err := tx.q.ReplacedList(ctx, string(code), list)
	if err != nil {
		return nil, wrap("replaced list", err)
	}
	return tx.List(ctx, code, before)
}

// LanesAsked are the lanes that a list's sender asked for.
func (tx *Tx) LanesAsked(ctx context.Context, code payroll.WorkshopCode, list uuid.UUID) (lanes fault.Lane, err error) {
	name, err := tx.q.LanesAsked(ctx, string(code), list)
	if err != nil {
		return 0, wrap("lanes asked", err)
	}
	return lanes, wrap("lanes asked", lanes.UnmarshalText([]byte(name)))
}

// RestingOn are the numbers of the month's supplementary lists that have no days of their own for persons of the list.
func (tx *Tx) RestingOn(ctx context.Context, l *List) ([]string, error) {
	numbers, err := tx.q.RestsOn(ctx, l.ID, string(l.Header.Workshop), int32(l.Header.Period.Number()))
	return numbers, wrap("lists resting on another", err)
}
