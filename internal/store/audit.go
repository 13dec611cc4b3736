package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/seal"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// Event is one row of the audit log. Subject and details hold ids and digests, never a national code, a name or a wage.
type Event struct {
	At      time.Time      `json:"at"`
	Actor   string         `json:"actor"` // a principal's id, an organisation's lane, or window
	Action  string         `json:"action"`
	Subject string         `json:"subject"`
	Details map[string]any `json:"details,omitempty"`
}

// Append writes an event into the audit log, in the transaction of what it tells.
func (tx *Tx) Append(ctx context.Context, e Event) error {
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("store: audit: %w", err)
	}
	digest := sha256.Sum256(b)
	return wrap("audit", tx.q.AppendAudit(ctx, string(b), digest[:]))
}

// ByPrincipal is the actor of what a principal did.
func ByPrincipal(id uuid.UUID) string { return id.String() }

// ByWindow is the actor of what the window did of itself.
const ByWindow = "window"

// Seal gives every committed row of the audit log without one its seal, at most so many, and tells how many. Only one program
// seals at a time; another returns 0 at once.
func (s *Store) Seal(ctx context.Context, at time.Time, most int) (sealed int, err error) {
	err = s.Tx(ctx, func(tx *Tx) error {
		if mine, err := tx.q.TrySealLock(ctx); err != nil || !mine {
			return wrap("seal", err)
		}
		last, err := tx.q.LastSeal(ctx)
		if err := wrap("seal", err); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		rows, err := tx.q.Unsealed(ctx, int32(most))
		if err != nil || len(rows) == 0 {
			return wrap("seal", err)
		}
		var previous seal.Digest
		copy(previous[:], last.Hash)
		seals, ids := make([]sqlc.AddSealsParams, len(rows)), make([]int64, len(rows))
		for i, r := range rows {
			link := seal.Link{Position: last.Position + int64(i) + 1, Row: seal.Digest(r.Digest), Previous: previous}
			hash := link.Hash()
			seals[i] = sqlc.AddSealsParams{
				Position: link.Position, RowID: r.RowID, RowDigest: r.Digest, Previous: append([]byte{}, previous[:]...), Hash: hash[:], SealedAt: at,
			}
			ids[i], previous = r.RowID, hash
		}
		if _, err := tx.q.AddSeals(ctx, seals); err != nil {
			return wrap("seal", err)
		}
		sealed = len(rows)
		return wrap("seal", tx.q.Sealed(ctx, ids))
	})
	return sealed, err
}

// Chain is what a walk along the whole chain found.
type Chain struct {
	Sealed   int64 // links that hold
	Unsealed int64 // rows that wait for their seal
	Bad      int64 // position of the first link that does not hold; 0 when all do
}

// VerifyChain walks the chain from its beginning: every link binds its row's text, its position and the link before.
func (tx *Tx) VerifyChain(ctx context.Context) (c Chain, err error) {
	if c.Unsealed, err = tx.q.CountUnsealed(ctx); err != nil {
		return c, wrap("chain", err)
	}
	var previous seal.Digest
	for {
		rows, err := tx.q.Chain(ctx, c.Sealed, 1000)
		if err != nil || len(rows) == 0 {
			return c, wrap("chain", err)
		}
		for _, r := range rows {
			link := seal.Link{Position: c.Sealed + 1, Row: seal.DigestOf([]byte(r.Document)), Previous: previous}
			hash := link.Hash()
			if r.Position != link.Position || string(r.RowDigest) != string(link.Row[:]) || string(r.Hash) != string(hash[:]) {
				c.Bad = c.Sealed + 1
				return c, nil
			}
			c.Sealed, previous = r.Position, hash
		}
	}
}
