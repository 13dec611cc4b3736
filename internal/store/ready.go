package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"fehrest/migrations"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// refuseUnsafe refuses a database that takes nothing in, and one that could forget what it confirmed.
func (s *Store) refuseUnsafe(ctx context.Context) error {
	setting := func(name string) (value string, err error) {
		if err = s.pools[ForAPI].QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return "", fmt.Errorf("store: read settings: %w", err)
		}
		return value, nil
	}
	value, err := setting("transaction_read_only") // a standby's is on, whatever it is told
	if err != nil {
		return err
	}
	if value == "on" {
		return ErrReadOnly
	}
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		if value, err = setting(name); err != nil {
			return err
		}
		if value == "off" {
			return fmt.Errorf("%w: %s is off; set it to on", ErrUnsafe, name)
		}
	}
	return nil
}

// Behind tells whether the database lacks a step of its schema that this program knows. One that has steps which this program does not
// know is not behind: programs of the version before run on while the next one is brought out.
func (s *Store) Behind(ctx context.Context) (bool, error) {
	rows, err := s.pools[ForAPI].Query(ctx, "SELECT version_id FROM goose_db_version WHERE is_applied")
	if err != nil {
		return false, fmt.Errorf("store: steps: %w", err)
	}
	done, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	const undefinedTable = "42P01"
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == undefinedTable {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: steps: %w", err)
	}
	steps, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return false, fmt.Errorf("store: steps: %w", err)
	}
	return slices.ContainsFunc(steps, func(name string) bool {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		return err == nil && !slices.Contains(done, version)
	}), nil
}
