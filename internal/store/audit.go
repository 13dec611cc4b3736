package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// Sealing is one round of the sealer.
type Sealing struct {
	At   time.Time
	Day  string // Tehran's, such as 1405/08/15
	Keys *seal.Keyring
	Most int // rows at most
}

// Seal gives every committed row of the audit log without one its seal, signs what the chain has come to as the head of the
// day, and tells how many rows it sealed. Only one program seals at a time; another seals 0 at once. None of its statements
// waits for the next: a program that stands still in the middle holds no other up.
func (s *Store) Seal(ctx context.Context, round Sealing) (sealed int, err error) {
	q := sqlc.New(s.on(ctx))
	n, err := q.Seal(ctx, int32(round.Most), round.At)
	if err != nil {
		return 0, wrap("seal", err)
	}
	return int(n), keepHead(ctx, q, round)
}

// keepHead signs what the chain has come to, unless that is signed already.
func keepHead(ctx context.Context, q *sqlc.Queries, round Sealing) error {
	end, err := q.ChainEnd(ctx)
	if err := wrap("head", err); err != nil {
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return err
	}
	if end.HeadPosition >= end.Position || round.Day == "" {
		return nil
	}
	// A program whose clock is a little slow must not begin yesterday anew after midnight.
	h, err := round.Keys.SignHead(max(round.Day, end.HeadDay), end.Position, seal.Digest(end.Hash))
	if err != nil {
		return fmt.Errorf("store: head: %w", err)
	}
	return wrap("head", q.KeepHead(ctx, sqlc.KeepHeadParams{Day: h.Day, Position: end.Position, Hash: end.Hash, KeyID: h.KeyID, Signature: h.Signature}))
}

// Heads lists at most so many signed day heads before a day, newest first; an empty day is after all.
func (tx *Tx) Heads(ctx context.Context, before string, most int) ([]seal.Head, error) {
	if before == "" {
		before = "9999"
	}
	rows, err := tx.q.Heads(ctx, before, int32(most))
	if err != nil {
		return nil, wrap("heads", err)
	}
	heads := make([]seal.Head, len(rows))
	for i, r := range rows {
		heads[i] = seal.Head{Day: r.Day, Position: r.Position, Hash: hex.EncodeToString(r.Hash), KeyID: r.KeyID, Signature: r.Signature}
	}
	return heads, nil
}
