package store

import (
	"context"
	"time"

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
