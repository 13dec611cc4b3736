package store_test

import (
	"context"
	"sort"
	"testing"

	"fehrest/internal/store"
	"fehrest/internal/store/storetest"

	"github.com/stretchr/testify/require"
)

func TestLines_columns_are_those_of_the_column_table(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	var there []string
	rows, err := s.Jobs().Query(context.Background(), `SELECT attname FROM pg_attribute
		WHERE attrelid = 'shared.lines'::regclass AND attnum > 0 AND NOT attisdropped`)
	require.NoError(t, err)
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		there = append(there, name)
	}
	require.NoError(t, rows.Err())
	want := store.LineColumns()
	sort.Strings(want)
	sort.Strings(there)
	require.Equal(t, want, there)
}
