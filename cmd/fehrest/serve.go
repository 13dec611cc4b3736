package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"fehrest/internal/api"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/seal"
	"fehrest/internal/store"
	"fehrest/internal/web"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

func serveCommand() *cobra.Command {
	var noWork bool
	addr := ""
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the API and the pages, and work the deliveries",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := settings()
			if err != nil {
				return err
			}
			if addr != "" {
				s.Addr = addr
			}
			w, closeAll, err := openWindow(c.Context(), s, c.ErrOrStderr())
			if err != nil {
				return err
			}
			defer closeAll()
			l, err := net.Listen("tcp", s.Addr)
			if err != nil {
				return usage("cannot listen on %s; another program may hold it: give another --addr", s.Addr)
			}
			_, _ = fmt.Fprintf(c.OutOrStdout(), "fehrest: http://%s\n", l.Addr())
			return serve(c.Context(), w, l, !noWork)
		},
	}
	c.Flags().StringVar(&addr, "addr", "", "`host:port` to listen on; FEHREST_ADDR otherwise")
	c.Flags().BoolVar(&noWork, "no-work", false, "serve only; another program works the deliveries")
	return c
}

func workCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "work",
		Short: "Work the deliveries, without serving; any number of these may run",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := settings()
			if err != nil {
				return err
			}
			w, closeAll, err := openWindow(c.Context(), s, c.ErrOrStderr())
			if err != nil {
				return err
			}
			defer closeAll()
			return w.Run(c.Context(), true)
		},
	}
}

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to date",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := settings()
			if err != nil {
				return err
			}
			db, err := openStore(c.Context(), s)
			if err != nil {
				return err
			}
			defer db.Close()
			return migrate(c.Context(), db)
		},
	}
}

func migrate(ctx context.Context, db *store.Store) error {
	day, err := jalali.FromTime(time.Now().In(tehran()))
	if err != nil {
		return errors.New("the clock of this machine is outside the calendar; set it")
	}
	if err := db.Migrate(ctx, day.InMonth()); err != nil {
		return fmt.Errorf("the database could not be brought up to date: %w", err)
	}
	return nil
}

// mostMemory is where the collector begins to work harder instead of letting the program grow: below the 1.5 GiB that it is
// promised to stay in. GOMEMLIMIT sets another.
const mostMemory = 1200 << 20

// openWindow opens database, keys and, where set, the listener of the figures, for a program that runs; it refuses to start
// without keys.
func openWindow(ctx context.Context, s setting, stderr io.Writer) (w *flow.Window, closeAll func(), err error) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(mostMemory)
	}
	keys, err := seal.Load(s.keys())
	if err != nil {
		return nil, nil, &exit{exitUsage, fmt.Sprintf("no signing key in %s: set FEHREST_KEYS to the folder that holds it (%v)", s.keys(), err)}
	}
	db, err := openStore(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	if err := upToDate(ctx, db); err != nil {
		db.Close()
		return nil, nil, err
	}
	w, err = newWindow(s, db, keys, newLog(s.Log, stderr))
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	shut, err := openMeter(s, w)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return w, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := w.Seal(last); err != nil { // what was done while it stopped
			w.Log.WarnContext(last, "the last rows wait for another program's seal", "error", err)
		}
		shut()
		closeSoon(db)
	}, nil
}

// closeWithin is how long connections may take to be given back. What still holds one then is lost with the program.
const closeWithin = 2 * time.Second

func closeSoon(db *store.Store) {
	closed := make(chan struct{})
	go func() {
		db.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(closeWithin):
	}
}

// upToDate refuses a database that was never migrated, or by an earlier version only: what it lacks would fail one request after another.
func upToDate(ctx context.Context, db *store.Store) error {
	behind, err := db.Behind(ctx)
	switch {
	case err != nil:
		return &exit{exitRejected, "the database does not answer; check DATABASE_URL and that PostgreSQL runs"}
	case behind:
		return &exit{exitRejected, "the database is not up to date; run fehrest migrate first"}
	}
	return nil
}

func newLog(form string, w io.Writer) *slog.Logger {
	if form == "text" {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}

// stopWithin is how long requests in flight may take to end: an upload that arrives in this time gets its receipt.
const stopWithin = 15 * time.Second

// serve answers on l, and works when told to, until ctx ends; then what is in flight may finish.
func serve(ctx context.Context, w *flow.Window, l net.Listener, work bool) error {
	group, ctx := errgroup.WithContext(ctx)
	server := api.Server(api.Handler(api.Config{
		Window: w, Store: w.Store, Log: w.Log, Now: w.Now, Ready: ctx.Err, Stopping: ctx.Done(),
		Web: func(h http.Handler) http.Handler { return web.Handler(web.Config{API: h}) },
	}), w.Log)
	group.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error { return w.Run(ctx, work) })
	group.Go(func() error {
		w.Beat(ctx)
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		soft, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		err := server.Shutdown(soft)
		if errors.Is(err, context.DeadlineExceeded) {
			w.Log.WarnContext(ctx, "requests were cut off; their senders send them again")
			err = server.Close()
		}
		return err
	})
	return group.Wait()
}
