package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// Seal gives every committed row of the audit log without one its seal, keeps the day's signed head, and tells how many rows
// it sealed. Only one program seals at a time; another returns 0 at once. One that stands still in the middle of it is cut off,
// so that others go on within a second.
func (s *Store) Seal(ctx context.Context, round Sealing) (sealed int, err error) {
	err = s.Tx(ctx, func(tx *Tx) error {
		if mine, err := tx.q.TrySealLock(ctx); err != nil || !mine.Locked {
			return wrap("seal", err)
		}
		link, hash, err := tx.lastLink(ctx)
		if err != nil {
			return err
		}
		rows, err := tx.q.Unsealed(ctx, int32(round.Most))
		if err != nil {
			return wrap("seal", err)
		}
		if sealed = len(rows); sealed > 0 {
			seals := sqlc.AddSealsParams{SealedAt: round.At}
			for _, r := range rows {
				link = seal.Link{Position: link.Position + 1, Row: seal.Digest(r.Digest), Previous: hash}
				hash = link.Hash()
				seals.Positions, seals.RowIds = append(seals.Positions, link.Position), append(seals.RowIds, r.RowID)
				seals.RowDigests, seals.Previous = append(seals.RowDigests, r.Digest), append(seals.Previous, slices.Clone(link.Previous[:]))
				seals.Hashes = append(seals.Hashes, slices.Clone(hash[:]))
			}
			if err := tx.q.AddSeals(ctx, seals); err != nil {
				return wrap("seal", err)
			}
			if err := tx.q.Sealed(ctx, seals.RowIds); err != nil {
				return wrap("seal", err)
			}
		}
		return tx.keepHead(ctx, round, link.Position, hash)
	})
	return sealed, err
}

func (tx *Tx) lastLink(ctx context.Context) (link seal.Link, hash seal.Digest, err error) {
	last, err := tx.q.LastSeal(ctx)
	if err := wrap("seal", err); err != nil {
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return link, hash, err
	}
	return seal.Link{Position: last.Position}, seal.Digest(last.Hash), nil
}

// keepHead signs what the chain has come to, unless that is signed already.
func (tx *Tx) keepHead(ctx context.Context, round Sealing, position int64, hash seal.Digest) error {
	last, err := tx.q.LastHead(ctx)
	if err := wrap("head", err); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if last.Position >= position || round.Day == "" {
		return nil
	}
	// A program whose clock is a little slow must not begin yesterday anew after midnight.
	h, err := round.Keys.SignHead(max(round.Day, last.Day), position, hash)
	if err != nil {
		return fmt.Errorf("store: head: %w", err)
	}
	return wrap("head", tx.q.KeepHead(ctx, sqlc.KeepHeadParams{Day: h.Day, Position: position, Hash: hash[:], KeyID: h.KeyID, Signature: h.Signature}))
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
