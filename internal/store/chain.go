package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"math"
	"slices"

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
}

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
const chainLinks = `SELECT seal.position, seal.row_id, seal.row_digest, seal.previous, seal.hash, log.document
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
	for rows.Next() {
		var position, row int64
		var digest, before, stored, document pgtype.DriverBytes
		if err := rows.Scan(&position, &row, &digest, &before, &stored, &document); err != nil {
			return wrap("chain", err)
		}
		link := seal.Link{Position: c.Sealed + 1, Previous: previous}
		copy(link.Row[:], digest)
		hash, text := link.Hash(), seal.DigestOf(document)
		switch {
		case position != link.Position:
			c.Break = SealMissing
		case !bytes.Equal(stored, hash[:]) || !bytes.Equal(before, previous[:]):
			c.Break, c.Row = SealChanged, row
		case document == nil:
			c.Break, c.Row = RowMissing, row
		case text != link.Row:
			c.Break, c.Row = RowChanged, row
		}
		for c.Break == Whole && c.Heads < len(heads) && heads[c.Heads].Position <= position {
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
		c.Sealed, previous = position, hash
	}
	return wrap("chain", rows.Err())
}
