package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fehrest/internal/localpg"
)

// showFsync makes the re-executed test binary print the given server's setting.
const showFsync = "WITHPG_TEST_SHOW_FSYNC"

func TestMain(m *testing.M) {
	localpg.Guard()
	if os.Getenv(showFsync) != "" {
		conn, err := pgx.Connect(context.Background(), os.Getenv(testDatabase))
		var setting string
		if err == nil {
			err = conn.QueryRow(context.Background(), "show fsync").Scan(&setting)
		}
		if err != nil {
			setting = err.Error()
		}
		fmt.Print(setting)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestRun's cases set the environment, so they run one after another.
func TestRun(t *testing.T) {
	printAddress := []string{"--", "sh", "-c", `printf %s "$` + testDatabase + `"`}

	t.Run("server_lives_as_long_as_the_command", func(t *testing.T) {
		t.Setenv("DATABASE_URL", "")
		t.Setenv(testDatabase, "")
		tmp, err := os.MkdirTemp("", "fehrest-withpg-")
		require.NoError(t, err)
		defer os.RemoveAll(tmp)
		require.NoError(t, os.Chmod(tmp, 0o755))
		t.Setenv("TMPDIR", tmp)

		var out bytes.Buffer
		code, err := run(t.Context(), printAddress, nil, &out, &out)
		require.NoError(t, err)
		assert.Zero(t, code)
		require.True(t, strings.HasPrefix(out.String(), "postgres://"), out.String())
		_, err = pgx.Connect(t.Context(), out.String())
		require.Error(t, err, "the server has ended")
		left, err := filepath.Glob(filepath.Join(tmp, "*"))
		require.NoError(t, err)
		assert.Empty(t, left)
	})

	t.Run("durable_when_asked", func(t *testing.T) {
		t.Setenv("DATABASE_URL", "")
		t.Setenv(testDatabase, "")
		var out bytes.Buffer
		self, err := os.Executable()
		require.NoError(t, err)
		t.Setenv(showFsync, "1")
		code, err := run(t.Context(), []string{"-durable", "--", self}, nil, &out, &out)
		require.NoError(t, err)
		assert.Zero(t, code)
		assert.Equal(t, "on", out.String())
	})

	t.Run("exit_code_passed_on", func(t *testing.T) {
		t.Setenv(testDatabase, "postgres://given")
		code, err := run(t.Context(), []string{"--", "sh", "-c", "exit 7"}, nil, nil, nil)
		require.NoError(t, err)
		assert.Equal(t, 7, code)
	})

	t.Run("given_server_used", func(t *testing.T) {
		t.Setenv(testDatabase, "postgres://given")
		var out bytes.Buffer
		_, err := run(t.Context(), printAddress, nil, &out, &out)
		require.NoError(t, err)
		assert.Equal(t, "postgres://given", out.String())
	})

	t.Run("own_server_not_started_beside_database_url", func(t *testing.T) {
		t.Setenv("DATABASE_URL", "postgres://given")
		t.Setenv(testDatabase, "")
		var out bytes.Buffer
		_, err := run(t.Context(), printAddress, nil, &out, &out)
		require.NoError(t, err)
		assert.Empty(t, out.String())
	})

	t.Run("command_missing", func(t *testing.T) {
		t.Setenv(testDatabase, "postgres://given")
		for _, args := range [][]string{nil, {"--"}, {"true"}, {"--", "no-such-command-here"}} {
			code, err := run(t.Context(), args, nil, nil, nil)
			assert.Equal(t, 1, code)
			require.Error(t, err)
		}
	})
}
