package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The limits come from the environment, so these do not run beside others.
func TestCheck_limits_of_the_environment(t *testing.T) {
	list := filepath.Join("..", "..", "samples", "small", "list.xlsx")
	for name, c := range map[string]struct{ setting, value, code, says string }{
		"file":    {"FEHREST_MAX_FILE", "4KB", "FILE-02", "4096"},
		"entries": {"FEHREST_MAX_ENTRIES", "3", "FILE-06", "limit: 3"},
		"part":    {"FEHREST_MAX_PART", "2KB", "FILE-06", "limit: 2048"},
		"rows":    {"FEHREST_MAX_ROWS", "2", "SHEET-07", "more than 2 rows"},
		"columns": {"FEHREST_MAX_COLUMNS", "4", "SHEET-07", "limit: 4"},
		"depth":   {"FEHREST_MAX_DEPTH", "4", "FILE-08", "limit: 4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(c.setting, c.value)
			code, out, complaint := fehrest(t, "check", "--on", "1405-08-15", list)
			require.Equal(t, exitUnreadable, code, out+complaint)
			require.Contains(t, out, c.code)
			require.Contains(t, out, c.says)
		})
	}
	for _, value := range []string{"many", "-1", "0", "1.5MB", "99999999999GB"} {
		t.Setenv("FEHREST_MAX_FILE", value)
		code, _, complaint := fehrest(t, "check", list)
		require.Equal(t, exitUsage, code)
		require.Contains(t, complaint, "FEHREST_MAX_FILE")
	}
	t.Setenv("FEHREST_MAX_FILE", "")
	t.Setenv("FEHREST_MAX_ROWS", "100000")
	code, _, complaint := fehrest(t, "check", list)
	require.Equal(t, exitUsage, code)
	require.Contains(t, complaint, "99999 at most")
}
