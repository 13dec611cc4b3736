package store_test

import (
	"context"
	"strings"
	"testing"

	"fehrest/internal/store"
	"fehrest/internal/store/storetest"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// asked adds a parameter to a database's address.
func asked(url, parameter string) string {
	if strings.Contains(url, "?") {
		return url + "&" + parameter
	}
	return url + "?" + parameter
}

func TestBehind(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := storetest.New(t)
	for _, c := range []struct {
		statement string
		behind    bool
	}{
		{"SELECT", false},
		{"INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)", false}, // the next version's programs are being brought out
		{"DELETE FROM goose_db_version WHERE version_id = 20", true},
		{"DROP TABLE goose_db_version", true},
	} {
		_, err := s.Jobs().Exec(ctx, c.statement)
		require.NoError(t, err)
		behind, err := s.Behind(ctx)
		require.NoError(t, err)
		require.Equal(t, c.behind, behind, c.statement)
	}
}

func TestPools_hold_what_is_said_of_them_whatever_the_machine(t *testing.T) {
	t.Parallel()
	for parameter, want := range map[string]int32{"": 8, "?pool_max_conns=1": 8, "?pool_max_conns=20": 20} {
		config, err := pgxpool.ParseConfig("postgres://fehrest@127.0.0.1/fehrest" + parameter)
		require.NoError(t, err)
		if parameter == "" {
			config.MaxConns = 64 // as pgxpool takes it on 64 processors
		}
		require.Equal(t, want, store.Most(config, store.ForAPI), parameter)
	}
	sum := 0
	for _, use := range storetest.New(t).Pools() {
		sum += use.Most
	}
	require.Equal(t, 28, sum)
}

func TestOpen_refuses_a_database_that_only_reads(t *testing.T) {
	t.Parallel()
	_, err := store.Open(context.Background(), asked(storetest.URL(t), "default_transaction_read_only=on"))
	require.ErrorIs(t, err, store.ErrReadOnly)
}
