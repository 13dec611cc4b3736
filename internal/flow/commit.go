//go:build !bad_receipt

package flow

import (
	"context"

	"fehrest/internal/store"
)

// commit runs the transaction that a receipt stands for, and returns when the database has it.
func commit(ctx context.Context, db *store.Store, do func(*store.Tx) error) error {
	return db.Tx(ctx, do)
}
