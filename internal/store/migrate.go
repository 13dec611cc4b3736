package store

import (
	"context"
	"fmt"

	"fehrest/internal/jalali"
	"fehrest/migrations"

	"github.com/jackc/pgx/v5"
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

// Migrate brings the database up to date, one program at a time, and makes the partitions around the current month.
func (s *Store) Migrate(ctx context.Context, now jalali.Month) error {
	// A connection of its own: the lock must outlive every transaction of the migrations.
	conn, err := pgx.ConnectConfig(ctx, s.pools[ForAPI].Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrateLock)); err != nil {
		return fmt.Errorf("store: migrate: lock: %w", err)
	}
	if err := migrateTables(ctx, s.pools[ForAPI]); err != nil {
		return err
	}
	if err := migrateJobs(ctx, s.pools[ForAPI]); err != nil {
		return err
	}
	return s.MakePartitions(ctx, now)
}

func migrateTables(ctx context.Context, pool *pgxpool.Pool) error {
	db := stdlib.OpenDBFromPool(pool)
	defer func() { _ = db.Close() }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithSlog(quiet()))
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
