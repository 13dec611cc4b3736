package flow

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/store"
)

// container is where a list's bytes lie.
type container struct {
	list    *store.List
	bundle  *store.Bundle // nil for a file of its own
	bundled *bundled
}

// whole tells whether the principal may see the whole of what the list came in: it was in a file of its own, or in his.
func (c *container) whole(p access.Principal) bool {
	return c.bundle == nil || c.bundle.Principal == p.ID
}

// containerOf finds a list's bytes. NotFound for a list that is not the principal's.
func (w *Window) containerOf(ctx context.Context, p access.Principal, id string) (c container, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if c.list, err = w.held(ctx, tx, p, id); err != nil {
			return err
		}
		bundle, position, ok, err := tx.BundleOfUpload(ctx, c.list.Header.Workshop, c.list.SHA256)
		if err != nil || !ok {
			return err
		}
		c.bundled = &bundled{bundle, position}
		c.bundle, err = tx.Bundle(ctx, bundle)
		return err
	})
	return c, err
}

// read reads the bytes a piece at a time, without holding a transaction between them.
func (c *container) read(ctx context.Context, s *store.Store) *pieces {
	if c.bundle != nil {
		return &pieces{ctx: ctx, store: s, read: func(ctx context.Context, tx *store.Tx, n int) ([]byte, error) {
			return tx.BundlePiece(ctx, c.bundle.ID, n)
		}}
	}
	return &pieces{ctx: ctx, store: s, read: func(ctx context.Context, tx *store.Tx, n int) ([]byte, error) {
		return tx.UploadPart(ctx, c.list.Header.Workshop, c.list.SHA256, n)
	}}
}

// Original reads a list's file as it was uploaded. NotFound for a list that is not the principal's; Forbidden where it came in
// another's file, which holds the lists of other workshops.
func (w *Window) Original(ctx context.Context, p access.Principal, id string) (io.Reader, error) {
	c, err := w.containerOf(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if !c.whole(p) {
		return nil, &fault.Problem{Kind: fault.Forbidden, Text: fault.Text{
			FA: "این لیست در فایلی آمده که لیست کارگاه‌های دیگر هم در آن است؛ ردیف‌های خود را در کارپوشهٔ نشانه‌گذاری‌شده ببینید",
			EN: "this list came in a file that holds other workshops' lists too; see your rows in the annotated workbook",
		}}
	}
	return c.read(ctx, w.Store), nil
}

// takeAgain takes the bytes of a kept list in place of a body.
func (s *submission) takeAgain(ctx context.Context) error {
	c, err := s.w.containerOf(ctx, s.u.Principal, s.u.Again)
	if err != nil {
		return err
	}
	if s.file, err = s.w.spoolKept(c.read(ctx, s.w.Store)); err != nil {
		return err
	}
	s.at, s.sha, s.bundled = s.w.now(), c.list.SHA256, c.bundled
	if c.bundle != nil {
		// It is read as its file was.
		first, err := s.w.submissionOf(c.bundle, c.bundled.position)
		if err != nil {
			return err
		}
		s.u.Sheet, s.u.Workshop, s.u.Period = first.u.Sheet, first.u.Workshop, first.u.Period
	}
	s.bind()
	return nil
}

// spoolKept brings kept bytes to where they can be read in any order.
func (w *Window) spoolKept(from *pieces) (*spool, error) {
	file := &spool{dir: w.spoolFolder()}
	if _, err := io.Copy(file, from); err != nil {
		file.close()
		if file.err != nil {
			return nil, noRoom(file.err)
		}
		return nil, fmt.Errorf("flow: kept file: %w", err)
	}
	return file, nil
}

// pieces reads what is kept in pieces.
type pieces struct {
	ctx   context.Context //nolint:containedctx // it lives as long as one request
	store *store.Store
	read  func(ctx context.Context, tx *store.Tx, n int) ([]byte, error)
	next  int
	rest  []byte // of the piece at hand
}

func (o *pieces) Read(b []byte) (int, error) {
	for len(o.rest) == 0 {
		err := o.store.Read(o.ctx, func(tx *store.Tx) (err error) {
			o.rest, err = o.read(o.ctx, tx, o.next)
			return err
		})
		if errors.Is(err, store.ErrNotFound) && o.next > 0 {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		o.next++
	}
	n := copy(b, o.rest)
	o.rest = o.rest[n:]
	return n, nil
}
