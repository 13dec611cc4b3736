//go:build bad_receipt

package flow

import (
	"context"
	"time"

	"fehrest/internal/store"
)

// commit returns before the database has the transaction. The drills are proved by it: they must see the receipts that a crash
// makes worthless.
func commit(ctx context.Context, db *store.Store, do func(*store.Tx) error) error {
	done := make(chan error, 2)
	go func() {
		done <- db.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error {
			err := do(tx)
			done <- err
			if err == nil {
				time.Sleep(500 * time.Millisecond)
			}
			return err
		})
	}()
	return <-done
}
