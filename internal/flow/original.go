package flow

import (
	"context"
	"errors"
	"io"

	"fehrest/internal/access"
	"fehrest/internal/payroll"
	"fehrest/internal/store"
)

// Original reads a list's file as it was uploaded, a part at a time and without holding a transaction between them. NotFound
// for a list that is not the principal's.
func (w *Window) Original(ctx context.Context, p access.Principal, id string) (file io.Reader, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		l, err := w.held(ctx, tx, p, id)
		if err != nil {
			return err
		}
		file = &original{ctx: ctx, store: w.Store, workshop: l.Header.Workshop, sha: l.SHA256}
		return nil
	})
	return file, err
}

type original struct {
	ctx      context.Context //nolint:containedctx // it lives as long as one request
	store    *store.Store
	workshop payroll.WorkshopCode
	sha      []byte
	next     int    // the part behind the rest
	rest     []byte // of the part at hand
}

func (o *original) Read(b []byte) (int, error) {
	for len(o.rest) == 0 {
		err := o.store.Read(o.ctx, func(tx *store.Tx) (err error) {
			o.rest, err = tx.UploadPart(o.ctx, o.workshop, o.sha, o.next)
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
