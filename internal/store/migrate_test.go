package store_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"fehrest/internal/store"
	"fehrest/internal/store/storetest"

	"github.com/stretchr/testify/require"
)

// A month's upload holds its locks until all its lines are written; whoever changes the tables meanwhile must not hold up the others.
func TestMigrate_makes_no_one_wait_behind_a_long_upload(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s := storetest.New(t)
	upload, err := s.Jobs().Begin(ctx)
	require.NoError(t, err)
	defer func() { _ = upload.Rollback(ctx) }()
	_, err = upload.Exec(ctx, "LOCK TABLE shared.lists IN ROW EXCLUSIVE MODE")
	require.NoError(t, err)

	migrated := make(chan error, 1)
	go func() {
		migrated <- s.MigrateBy(ctx, fstest.MapFS{"9999_next.sql": {Data: []byte("-- +goose Up\nALTER TABLE shared.lists ADD COLUMN next text;")}}, month)
	}()
	require.Eventually(t, func() bool {
		return count(t, s, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'shared.lists'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") > 0
	}, time.Minute, 5*time.Millisecond)
	other, err := s.Jobs().Begin(ctx)
	require.NoError(t, err)
	defer func() { _ = other.Rollback(ctx) }()
	_, err = other.Exec(ctx, "LOCK TABLE shared.lists IN ROW EXCLUSIVE MODE")
	require.NoError(t, err, "another upload comes in between")
	require.NoError(t, other.Rollback(ctx))
	require.NoError(t, upload.Rollback(ctx))
	require.NoError(t, <-migrated)
	require.Equal(t, 1, count(t, s, "SELECT count(*) FROM information_schema.columns WHERE table_name = 'lists' AND column_name = 'next'"))
}

func TestMigrate_that_waits_for_another_lets_it_make_an_index_beside_the_traffic(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s := storetest.New(t)
	first, err := s.Jobs().Acquire(ctx)
	require.NoError(t, err)
	defer first.Release()
	_, err = first.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(store.MigrateLock))
	require.NoError(t, err)
	migrated := make(chan error, 1)
	go func() { migrated <- s.Migrate(ctx, month) }()
	require.Eventually(t, func() bool {
		return count(t, s, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%_advisory_lock%' AND pid NOT IN (pg_backend_pid(), (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))") > 0
	}, time.Minute, 5*time.Millisecond)
	_, err = s.Jobs().Exec(ctx, "CREATE INDEX CONCURRENTLY next ON shared.lists (file_name)")
	require.NoError(t, err)
	_, err = first.Exec(ctx, "SELECT pg_advisory_unlock($1)", int64(store.MigrateLock))
	require.NoError(t, err)
	require.NoError(t, <-migrated)
}

func count(t *testing.T, s *store.Store, query string) (n int) {
	t.Helper()
	require.NoError(t, s.Jobs().QueryRow(context.Background(), query).Scan(&n))
	return n
}
