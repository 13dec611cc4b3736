package flow

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/store"
	"fehrest/internal/workbook"
)

// container is where a list's bytes lie.
type container struct {
	list    *store.List
	told    Upload        // how its sender had it read
	bundle  *store.Bundle // nil for a file of its own
	bundled *store.BundlePlace
}

// whole tells whether the principal may see the whole of what the list came in: he sent it. A file of its own may hold other
// lists too, in sheets that were not chosen.
func (c *container) whole(p access.Principal) bool { return c.told.Principal.ID == p.ID }

// containerOf finds a list's bytes. NotFound for a list that is not the principal's.
func (w *Window) containerOf(ctx context.Context, p access.Principal, id string) (c container, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if c.list, err = w.held(ctx, tx, p, id); err != nil {
			return err
		}
		code := c.list.Header.Workshop
		if c.bundled, err = tx.BundleOfList(ctx, code, c.list.ID); err != nil {
			return err
		}
		if c.bundled != nil {
			if c.bundle, err = tx.Bundle(ctx, c.bundled.Bundle); err != nil {
				return err
			}
			first, err := w.submissionOf(c.bundle, c.bundled.Position)
			if err == nil {
				c.told = first.u
			}
			return err
		}
		sender, err := tx.SenderOfList(ctx, code, c.list.ID)
		if err != nil {
			return err
		}
		f, err := findingsOf(ctx, tx, c.list)
		c.told = Upload{
			Principal: access.Principal{ID: sender}, Name: c.list.FileName, Sheet: f.File.Sheet, Workshop: code, Period: c.list.Header.Period,
		}
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

// Original reads a list's file as it was uploaded; of a ZIP of lists, its member. NotFound for a list that is not the
// principal's; Forbidden where the file holds other lists too and another sent it.
func (w *Window) Original(ctx context.Context, p access.Principal, id string) (io.ReadCloser, error) {
	c, err := w.containerOf(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if c.bundle == nil && c.whole(p) {
		return io.NopCloser(c.read(ctx, w.Store)), nil
	}
	h, err := w.holderOf(ctx, &c)
	if err != nil {
		return nil, err
	}
	r, alone, err := h.opened.Holder(c.position())
	var refused *workbook.Refusal
	switch {
	case errors.As(err, &refused), err == nil && !alone && !c.whole(p):
		err = &fault.Problem{Kind: fault.Forbidden, Text: fault.Text{
			FA: "این لیست در فایلی آمده که لیست‌های دیگری هم در آن است؛ ردیف‌های خود را در کارپوشهٔ نشانه‌گذاری‌شده ببینید",
			EN: "this list came in a file that holds other lists too; see your rows in the annotated workbook",
		}}
	case err == nil:
		h.Reader = r
		return h, nil
	}
	return nil, errors.Join(err, h.Close())
}

// position is the list's place in its file.
func (c *container) position() int {
	if c.bundled == nil {
		return 0
	}
	return c.bundled.Position
}

// holder is a kept file that is opened again.
type holder struct {
	io.Reader
	file   *spool
	opened *intake.File
}

// holderOf opens a list's file as it was opened when it came.
func (w *Window) holderOf(ctx context.Context, c *container) (*holder, error) {
	file, err := w.spoolKept(c.read(ctx, w.Store))
	if err != nil {
		return nil, err
	}
	opened, err := w.open(ctx, file, &c.told)
	if err != nil {
		file.close()
		return nil, err
	}
	return &holder{file: file, opened: opened}, nil
}

// Close gives the file's place back.
func (h *holder) Close() error {
	err := h.opened.Close()
	h.file.close()
	return err
}

// takeAgain takes the bytes of a kept list in place of a body.
func (s *submission) takeAgain(ctx context.Context) error {
	c, err := s.w.containerOf(ctx, s.u.Principal, s.u.Again)
	if err != nil {
		return err
	}
	file, err := s.w.spoolKept(c.read(ctx, s.w.Store))
	if err != nil {
		return err
	}
	s.file = file
	s.at, s.sha, s.bundled = s.w.now(), c.list.SHA256, c.bundled
	s.u.Sheet, s.u.Workshop, s.u.Period = c.told.Sheet, c.told.Workshop, c.told.Period // it is read as it was
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
