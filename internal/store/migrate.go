package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"fehrest/internal/jalali"
	"fehrest/migrations"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// JobSchema is where River keeps its tables.
const JobSchema = "river"

// migrateLock is one number for every program that migrates: River's migrations take no lock of their own, and three
// nodes starting at once deadlocked without it.
const migrateLock = 0x46454852455354 // FEHREST

// Months that have their partition before anyone needs it, seen from the current one.
const (
	monthsBehind = 14
	monthsAhead  = 2
)

// Tables that are written to all day are changed under a lock that lets no one in. Whoever waits for it makes everyone after
// him wait too, behind one long upload: so a step waits a moment only, gives way, and tries again. The moment is shorter than
// PostgreSQL's deadlock_timeout, after which it would be the upload that is given up.
const (
	lockWait     = 500 * time.Millisecond
	giveWayFor   = time.Second
	givesWayMost = 10 * time.Minute

	askAgain = 100 * time.Millisecond // whether another program still migrates
)

// Migrate brings the database up to date, one program at a time, and makes the partitions around the current month. Programs
// of the version before may run meanwhile.
func (s *Store) Migrate(ctx context.Context, now jalali.Month) error {
	return s.migrate(ctx, migrations.FS, now)
}

func (s *Store) migrate(ctx context.Context, steps fs.FS, now jalali.Month) error {
	// A connection of its own: the lock must outlive every transaction of the migrations.
	conn, err := pgx.ConnectConfig(ctx, s.pools[ForAPI].Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := lockMigrations(ctx, conn); err != nil {
		return err
	}
	config := s.pools[ForAPI].Config()
	config.ConnConfig.RuntimeParams["lock_timeout"] = strconv.FormatInt(lockWait.Milliseconds(), 10)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	defer pool.Close()
	for _, migrate := range []func() error{
		func() error { return migrateTables(ctx, pool, steps) },
		func() error { return migrateJobs(ctx, pool) },
	} {
		if err := givingWay(ctx, migrate); err != nil {
			return err
		}
	}
	return s.MakePartitions(ctx, now)
}

// lockMigrations returns when no other program migrates. It asks time and again: a statement that waits is a transaction that waits,
// and CREATE INDEX CONCURRENTLY waits for the end of every one.
func lockMigrations(ctx context.Context, conn *pgx.Conn) error {
	for {
		var got bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(migrateLock)).Scan(&got); err != nil {
			return fmt.Errorf("store: migrate: lock: %w", err)
		}
		if got {
			return nil
		}
		if err := rest(ctx, askAgain); err != nil {
			return fmt.Errorf("store: migrate: lock: %w", err)
		}
	}
}

// givingWay repeats a migration, which goes on where it was, as long as it fails for others' locks.
func givingWay(ctx context.Context, migrate func() error) error {
	for waited := time.Duration(0); ; waited += lockWait + giveWayFor {
		err := migrate()
		if !inTheWay(err) || waited > givesWayMost {
			return err
		}
		if ended := rest(ctx, giveWayFor); ended != nil {
			return errors.Join(err, ended)
		}
	}
}

// inTheWay tells whether a statement failed because others held what it needed.
func inTheWay(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == lockNotAvailable || pg.Code == deadlock)
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func migrateTables(ctx context.Context, pool *pgxpool.Pool, steps fs.FS) error {
	db := stdlib.OpenDBFromPool(pool)
	defer func() { _ = db.Close() }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, steps, goose.WithSlog(quiet()))
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}

func migrateJobs(ctx context.Context, pool *pgxpool.Pool) error {
	if _, err := pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+JobSchema); err != nil {
		return fmt.Errorf("store: migrate jobs: %w", err)
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: JobSchema, Logger: quiet()})
	if err != nil {
		return fmt.Errorf("store: migrate jobs: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("store: migrate jobs: %w", err)
	}
	return nil
}

// MakePartitions makes the partitions of lines around a month, where absent.
func (s *Store) MakePartitions(ctx context.Context, around jalali.Month) error {
	for n := -monthsBehind; n <= monthsAhead; n++ {
		if err := s.MakePartition(ctx, around.Add(n)); err != nil {
			return err
		}
	}
	return nil
}

// MakePartition makes one month's partition of lines, where absent.
func (s *Store) MakePartition(ctx context.Context, month jalali.Month) error {
	return s.Tx(ctx, func(tx *Tx) error {
		return wrap("make partition", tx.q.MakeLinePartition(ctx, int32(month.Number())))
	})
}
