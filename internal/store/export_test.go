package store

import (
	"context"
	"io/fs"

	"fehrest/internal/jalali"

	"github.com/jackc/pgx/v5/pgxpool"
)

// MigrateLock is held by the program that migrates.
const MigrateLock = migrateLock

// Most is how many connections a pool may hold by its configuration.
func Most(config *pgxpool.Config, name Pool) int32 { return most(config, name) }

// MigrateBy brings a database up to date by other steps than the program's.
func (s *Store) MigrateBy(ctx context.Context, steps fs.FS, now jalali.Month) error {
	return s.migrate(ctx, steps, now)
}
