package localpg

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// helperDir names the folder for which the re-executed test binary starts a server and then hangs, to be killed.
const helperDir = "LOCALPG_TEST_HELPER_DIR"

func TestMain(m *testing.M) {
	Guard()
	if dir := os.Getenv(helperDir); dir != "" {
		// The buffer makes the log a pipe into this process, as a program's own logger would.
		server, err := Start(context.Background(), Config{Dir: dir, Volatile: true, Log: new(bytes.Buffer)})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(server.URL)
		select {}
	}
	os.Exit(m.Run())
}

func TestStart(t *testing.T) {
	t.Parallel()

	t.Run("data_kept_over_restarts", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		began := time.Now()
		first := start(t, Config{Dir: dir})
		t.Logf("first start: %v", time.Since(began))
		execute(t, first.URL, "create table kept as select 'ماندگار' as word")
		require.NoError(t, first.Stop())
		require.NoError(t, first.Stop(), "a second Stop is harmless")

		began = time.Now()
		second := start(t, Config{Dir: dir})
		t.Logf("later start: %v", time.Since(began))
		assert.Equal(t, "ماندگار", query[string](t, second.URL, "select word from kept"))
	})

	t.Run("durable_and_private", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		server := start(t, Config{Dir: dir})
		assert.Equal(t, "fehrest", query[string](t, server.URL, "select current_database()::text"))
		for setting, want := range map[string]string{
			"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
			"server_encoding": "UTF8", "max_connections": "200", "listen_addresses": "127.0.0.1",
		} {
			assert.Equal(t, want, query[string](t, server.URL, "show "+setting), setting)
		}

		info, err := os.Stat(filepath.Join(dir, "password"))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		config, err := pgx.ParseConfig(server.URL)
		require.NoError(t, err)
		config.Password = "wrong"
		_, err = pgx.ConnectConfig(t.Context(), config)
		assert.ErrorContains(t, err, "password authentication failed")
	})

	t.Run("forgetful_where_volatile", func(t *testing.T) {
		t.Parallel()
		server := start(t, Config{Dir: newFolder(t), Volatile: true})
		for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
			assert.Equal(t, "off", query[string](t, server.URL, "show "+setting), setting)
		}
	})

	t.Run("no_personal_data_in_the_servers_log", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		server := start(t, Config{Dir: dir})
		execute(t, server.URL, "create table person (code text primary key); insert into person values ('secret')")
		conn, err := pgx.Connect(t.Context(), server.URL)
		require.NoError(t, err)
		defer conn.Close(context.Background())
		_, err = conn.Exec(t.Context(), "insert into person values ('secret')")
		require.Error(t, err)
		require.NoError(t, server.Stop())

		logs, err := filepath.Glob(filepath.Join(dir, "log", "*.log"))
		require.NoError(t, err)
		require.NotEmpty(t, logs)
		log, err := os.ReadFile(logs[0])
		require.NoError(t, err)
		assert.Contains(t, string(log), "duplicate key")
		assert.NotContains(t, string(log), "secret")
	})

	t.Run("ended_context_gives_up", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := Start(ctx, Config{Dir: dir, Volatile: true})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		start(t, Config{Dir: dir, Volatile: true}) // the folder is whole and free again
	})
}

func TestRefusal(t *testing.T) {
	t.Parallel()

	t.Run("data_of_other_major_version_or_none_untouched", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		require.NoError(t, start(t, Config{Dir: dir, Volatile: true}).Stop())
		data := filepath.Join(dir, "data")

		require.NoError(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("9\n"), 0o600))
		before := listing(t, data)
		_, err := Start(t.Context(), Config{Dir: dir, Volatile: true})
		require.ErrorIs(t, err, ErrOtherVersion)
		assert.Equal(t, before, listing(t, data))

		require.NoError(t, os.Remove(filepath.Join(data, "PG_VERSION")))
		before = listing(t, data)
		_, err = Start(t.Context(), Config{Dir: dir, Volatile: true})
		require.ErrorContains(t, err, "is not a PostgreSQL data folder")
		assert.Equal(t, before, listing(t, data))
	})

	t.Run("foreign_folder_untouched", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("15\n"), 0o600))
		_, err := Start(t.Context(), Config{Dir: dir, Volatile: true})
		require.ErrorContains(t, err, "neither empty nor")
		assert.Len(t, listing(t, dir), 1)
	})

	t.Run("no_folder", func(t *testing.T) {
		t.Parallel()
		_, err := Start(t.Context(), Config{})
		require.EqualError(t, err, "localpg: a data folder is required")
	})

	t.Run("folder_in_use", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		server := start(t, Config{Dir: dir, Volatile: true})
		_, err := lock(filepath.Join(dir, lockName), 50*time.Millisecond, nil)
		require.ErrorIs(t, replyFor(err).failure(), ErrInUse)
		assert.Equal(t, 1, query[int](t, server.URL, "select 1"))
	})

	if os.Geteuid() != 0 {
		return
	}
	t.Run("closed_folder_above_under_root", func(t *testing.T) {
		t.Parallel()
		closed := newFolder(t)
		_, err := Start(t.Context(), Config{Dir: filepath.Join(closed, "below"), Volatile: true})
		require.ErrorContains(t, err, "may not pass through "+closed)
	})
}

func TestKill(t *testing.T) {
	t.Parallel()

	t.Run("program_leaves_no_server", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		program, url := startHelper(t, dir, nil)
		execute(t, url, "create table kept as select 1 as n")
		require.NoError(t, program.Process.Kill())

		// At once: the first server is still stopping.
		server := start(t, Config{Dir: dir, Volatile: true})
		assert.Equal(t, 1, query[int](t, server.URL, "select n from kept"))
		require.NoError(t, server.Stop())
		requireNoServer(t, dir)
	})

	t.Run("program_killed_while_starting", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		for _, after := range []time.Duration{50, 300, 600} {
			program := helper(dir, nil)
			require.NoError(t, program.Start())
			time.Sleep(after * time.Millisecond)
			require.NoError(t, program.Process.Kill())
			_ = program.Wait()
		}
		require.NoError(t, start(t, Config{Dir: dir, Volatile: true}).Stop())
		requireNoServer(t, dir)
	})

	t.Run("keeper_killed_too", func(t *testing.T) {
		t.Parallel()
		dir := newFolder(t)
		program, url := startHelper(t, dir, nil)
		execute(t, url, "create table kept as select 1 as n")
		// The child hangs on whichever thread of the program made it.
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", program.Process.Pid))
		require.NoError(t, err)
		killed := 0
		for _, thread := range threads {
			children, err := os.ReadFile(thread)
			require.NoError(t, err)
			for _, child := range strings.Fields(string(children)) {
				pid, err := strconv.Atoi(child)
				require.NoError(t, err)
				require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
				killed++
			}
		}
		require.Equal(t, 1, killed)
		require.NoError(t, program.Process.Kill())

		server := start(t, Config{Dir: dir, Volatile: true})
		assert.Equal(t, 1, query[int](t, server.URL, "select n from kept"))
		require.NoError(t, server.Stop())
		requireNoServer(t, dir)
	})
}

func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		// Then every other test has shown it already.
		return
	}
	dir := newFolder(t)
	require.NoError(t, os.Chown(dir, 65534, 65534))
	program, url := startHelper(t, dir, &syscall.Credential{Uid: 65534, Gid: 65534})
	assert.Equal(t, 1, query[int](t, url, "select 1"))
	require.NoError(t, program.Process.Kill())

	// Root takes the folder over as it is, for the user whom it belongs to.
	server := start(t, Config{Dir: dir, Volatile: true})
	assert.Equal(t, 1, query[int](t, server.URL, "select 1"))
	require.NoError(t, server.Stop())
	requireNoServer(t, dir)
}

// newFolder is a folder that PostgreSQL's user can reach; testing's own lie below one closed to other users.
func newFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fehrest-localpg-")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func start(t *testing.T, c Config) *Server {
	t.Helper()
	log := new(bytes.Buffer)
	c.Log = log
	server, err := Start(t.Context(), c)
	require.NoError(t, err, log)
	t.Cleanup(func() { assert.NoError(t, server.Stop()) })
	return server
}

func helper(dir string, user *syscall.Credential) *exec.Cmd {
	program := exec.Command("/proc/self/exe")
	program.Env = append(os.Environ(), helperDir+"="+dir, "HOME="+dir)
	program.Dir = "/"
	program.SysProcAttr = &syscall.SysProcAttr{Credential: user}
	return program
}

// startHelper starts a server in a process of its own and returns its address.
func startHelper(t *testing.T, dir string, user *syscall.Credential) (*exec.Cmd, string) {
	t.Helper()
	program := helper(dir, user)
	out, err := program.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait()
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, url, "postgres://")
	return program, strings.TrimSpace(url)
}

func requireNoServer(t *testing.T, dir string) {
	t.Helper()
	// What has ended is seen a moment longer on a machine that is busy.
	require.Eventually(t, func() bool {
		living, err := workingIn(filepath.Join(dir, "data"))
		return err == nil && len(living) == 0
	}, 20*time.Second, 20*time.Millisecond, "a server's process is left")
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	var got T
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&got))
	return got
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

// listing is every file below dir with its size and time.
func listing(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && path != dir {
			found = append(found, fmt.Sprint(path, info.Size(), info.ModTime()))
		}
		return err
	}))
	return found
}
