package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"fehrest/internal/agency/gateway"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/flow"
	"fehrest/internal/law"
	"fehrest/internal/seal"
	"fehrest/internal/store"
)

// openStore opens the database that the settings name.
func openStore(ctx context.Context, s setting) (*store.Store, error) {
	if s.Database == "" {
		return nil, usage("set DATABASE_URL to the window's PostgreSQL database; fehrest demo brings one of its own")
	}
	db, err := store.Open(ctx, s.Database)
	switch {
	case errors.Is(err, store.ErrUnsafe):
		return nil, &exit{exitRejected, "this database may forget what it confirmed: turn fsync, full_page_writes and synchronous_commit on"}
	case errors.Is(err, store.ErrReadOnly):
		return nil, &exit{exitRejected, "nothing can be written to this database: it is a standby, or its transactions only read; set DATABASE_URL to the one that is written to"}
	case err != nil:
		return nil, &exit{exitRejected, "the database does not answer; check DATABASE_URL and that PostgreSQL runs"}
	}
	return db, nil
}

// newWindow puts the rooms together: the one place that names both organisations.
func newWindow(s setting, db *store.Store, keys *seal.Keyring, log *slog.Logger) (*flow.Window, error) {
	book, err := law.Load()
	if err != nil {
		return nil, err
	}
	w := &flow.Window{
		Store: db, Book: book, Keys: keys, Now: time.Now, Log: log, TaxWait: s.TaxWait, Limits: s.Limits,
		Slots: int(s.Slots), Waiting: int(s.Waiting), ClosureMost: int(s.Closure),
		SSO: flow.Organisation{Agency: sso.Agency{Book: book}, Gateway: gatewayAt(s.SSO, keys)},
		Tax: flow.Organisation{Agency: tax.Agency{Book: book}, Gateway: gatewayAt(s.Tax, keys)},
	}
	return w, nil
}

// exchangeTimeout bounds one exchange with a gateway; it stays below a job's own time.
const exchangeTimeout = 10 * time.Second

// gatewayAt is a gateway's client, or nil where the lane is worked by hand.
func gatewayAt(url string, keys *seal.Keyring) *gateway.Client {
	if url == "" {
		return nil
	}
	return &gateway.Client{URL: url, Keys: keys, HTTP: gateway.NewHTTP(exchangeTimeout)}
}
