package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"time"

	"fehrest/internal/seal"

	"github.com/jackc/pgx/v5/pgtype"
)

// Chain is what a walk along the whole chain found.
type Chain struct {
	Sealed   int64  `json:"sealed"`   // links that hold, from the first on
	Unsealed int64  `json:"unsealed"` // rows without a seal, and the first and last of them
	First    int64  `json:"unsealed_first"`
	Last     int64  `json:"unsealed_last"`
	Heads    int    `json:"heads"`    // day heads that the chain agrees with
	HeadDay  string `json:"head_day"` // of the last of them
	Bad      int64  `json:"bad"`      // position of the first link that does not hold or is missing; 0 when all do
	Break    Break  `json:"break"`    // what is wrong there
	Row      int64  `json:"row"`      // the audit row it concerns; 0 for none
	Day      string `json:"day"`      // the day head it concerns; empty for none

	// Rows that tell of a time over an hour before that of a row sealed before them, and the first of them. A file of many lists
	// that a crash held up is such a one; so is a row that somebody wrote in later.
	Late      int64 `json:"late"`
	LateFirst int64 `json:"late_first"`
}

// lateBy is how far the rows may be out of the order of their times by themselves: uploads, clocks of several programs.
const lateBy = time.Hour

// Break is how a chain does not hold.
type Break string

// The breaks. A row whose text is not what was sealed, or that is gone; a seal that does not bind what it says, or that is
// gone; a chain that ends before a day head, or that came to something else than a day head says.
const (
	Whole       Break = ""
	RowChanged  Break = "row_changed"
	RowMissing  Break = "row_missing"
	SealChanged Break = "seal_changed"
	SealMissing Break = "seal_missing"
	TailMissing Break = "tail_missing"
	HeadDiffers Break = "head_differs"
	HeadForged  Break = "head_forged" // by whoever checks signatures
)

// chainLinks reads the whole chain in its order while it arrives. A position's row is looked up by its index: rows lie nearly in
// the order of their seals.
const chainLinks = `SELECT seal.position, seal.row_id, seal.row_digest, seal.previous, seal.hash, log.document, log.digest, log.action, log.subject
FROM audit.seals seal LEFT JOIN audit.log log ON log.row_id = seal.row_id ORDER BY seal.position`

// VerifyChain walks the chain from its beginning: every link binds its row's text, its position and the link before, and the
// day heads bind the chain: those that are kept here, and others that were saved elsewhere. Signatures of heads are the
// caller's to check.
func (tx *Tx) VerifyChain(ctx context.Context, saved ...seal.Head) (c Chain, err error) {
	kept, err := tx.Heads(ctx, "", math.MaxInt32)
	if err != nil {
		return c, err
	}
	heads := append(kept, saved...)
	slices.SortFunc(heads, func(a, b seal.Head) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Hash, b.Hash))
	})
	heads = slices.CompactFunc(heads, func(a, b seal.Head) bool {
		return a.Position == b.Position && a.Day == b.Day && a.Hash == b.Hash
	})
	tail, err := tx.q.UnsealedRows(ctx)
	if err != nil {
		return c, wrap("chain", err)
	}
	c.Unsealed, c.First, c.Last = tail.Rows, tail.First, tail.Last
	if err := tx.walk(ctx, &c, heads); err != nil || c.Bad != 0 {
		return c, err
	}
	switch {
	case c.Heads < len(heads):
		c.Bad, c.Break, c.Row, c.Day = c.Sealed+1, TailMissing, tail.Lost, heads[c.Heads].Day
	case tail.Lost != 0: // nothing will ever seal it
		c.Bad, c.Break, c.Row = c.Sealed+1, SealMissing, tail.Lost
	}
	return c, nil
}

// walk follows the links until one does not hold.
func (tx *Tx) walk(ctx context.Context, c *Chain, heads []seal.Head) error {
	// Nothing is sorted or gathered before the first link arrives, however long the chain is.
	if _, err := tx.tx.Exec(ctx, "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off"); err != nil {
		return wrap("chain", err)
	}
	rows, err := tx.tx.Query(ctx, chainLinks)
	if err != nil {
		return wrap("chain", err)
	}
	defer rows.Close()
	var previous seal.Digest
	var newest time.Time
	for rows.Next() {
		var r chainRow
		if err := rows.Scan(&r.position, &r.row, &r.digest, &r.before, &r.stored, &r.document, &r.own, &r.action, &r.subject); err != nil {
			return wrap("chain", err)
		}
		link := seal.Link{Position: c.Sealed + 1, Previous: previous}
		copy(link.Row[:], r.digest)
		hash := link.Hash()
		if c.Break = r.broken(&link, hash); c.Break != Whole && c.Break != SealMissing {
			c.Row = r.row
		}
		for c.Break == Whole && c.Heads < len(heads) && heads[c.Heads].Position <= r.position {
			if heads[c.Heads].Hash != hex.EncodeToString(hash[:]) {
				c.Break, c.Day = HeadDiffers, heads[c.Heads].Day
				break
			}
			c.HeadDay = heads[c.Heads].Day
			c.Heads++
		}
		if c.Break != Whole {
			c.Bad = link.Position
			return nil
		}
		c.Sealed, previous = r.position, hash
		if r.at.Before(newest.Add(-lateBy)) {
			if c.Late++; c.Late == 1 {
				c.LateFirst = r.row
			}
		} else if r.at.After(newest) {
			newest = r.at
		}
	}
	return wrap("chain", rows.Err())
}

// chainRow is a link as it is read: the seal's columns, then those of its row, which are nil where the row is gone.
type chainRow struct {
	position, row                  int64
	digest, before, stored         pgtype.DriverBytes
	document, own, action, subject pgtype.DriverBytes
	at                             time.Time // of a row that holds
}

// broken tells how the row is not what the link to its place must be.
func (r *chainRow) broken(link *seal.Link, hash seal.Digest) Break {
	switch {
	case r.position != link.Position:
		return SealMissing
	case !bytes.Equal(r.stored, hash[:]) || !bytes.Equal(r.before, link.Previous[:]):
		return SealChanged
	case r.document == nil:
		return RowMissing
	case seal.DigestOf(r.document) != link.Row:
		return RowChanged
	}
	// A row is found by the columns beside its text: one that says otherwise hides it.
	var says struct {
		At              time.Time
		Action, Subject string
	}
	if json.Unmarshal(r.document, &says) != nil || !bytes.Equal(r.own, r.digest) || string(r.action) != says.Action || string(r.subject) != says.Subject {
		return RowChanged
	}
	r.at = says.At
	return Whole
}
