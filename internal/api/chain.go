package api

import (
	"context"
	"fmt"

	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/seal"
	"fehrest/internal/store"
)

type headsAsked struct {
	Condition
	Paging
}

// chainHeads shows the signed day heads of the audit chain, newest first. Who saves them can tell later that nothing was cut off.
func (s *server) chainHeads(ctx context.Context, in *headsAsked) (*shown[*flow.Page[seal.Head]], error) {
	most, err := in.most()
	if err != nil {
		return nil, err
	}
	if most == 0 {
		most = mostItems
	}
	if in.Cursor != "" {
		if _, err := jalali.ParseDate(in.Cursor); err != nil {
			return nil, badParameter("cursor", "next")
		}
	}
	page := &flow.Page[seal.Head]{}
	err = s.Store.Read(ctx, func(tx *store.Tx) (err error) {
		page.Items, err = tx.Heads(ctx, in.Cursor, most+1)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("api: chain heads: %w", err)
	}
	if len(page.Items) > most {
		page.Items = page.Items[:most]
		page.Next = &page.Items[most-1].Day
	}
	return show(in.Condition, page, 0)
}
