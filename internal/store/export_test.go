package store

import (
	"context"
	"io/fs"

	"fehrest/internal/jalali"
)

// MigrateLock is held by the program that migrates.
const MigrateLock = migrateLock

// MigrateBy brings a database up to date by other steps than the program's.
func (s *Store) MigrateBy(ctx context.Context, steps fs.FS, now jalali.Month) error {
	return s.migrate(ctx, steps, now)
}
