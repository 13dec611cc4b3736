// Package storetest gives each test a database of its own, copied from one that was migrated once. It is for tests only: the
// databases it opens may forget what they confirm.
package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"fehrest/internal/jalali"
	"fehrest/internal/localpg"
	"fehrest/internal/store"
	"fehrest/migrations"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Today is the month that the partitions of test databases lie around.
var Today = jalali.Month{Year: 1405, Month: 8}

var shared struct {
	server   string // the superuser's address of the server
	template string
	err      error
}

// Main runs a package's tests with a server: the one FEHREST_TEST_DATABASE or DATABASE_URL names, else its own until the
// tests end. Call it from TestMain: os.Exit(storetest.Main(m)).
func Main(m *testing.M) int {
	localpg.Guard()
	stop, err := findServer()
	if err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		return 1
	}
	defer stop()
	return m.Run()
}

func findServer() (stop func(), err error) {
	for _, name := range []string{"FEHREST_TEST_DATABASE", "DATABASE_URL"} {
		if shared.server = os.Getenv(name); shared.server != "" {
			return func() {}, nil
		}
	}
	dir, err := os.MkdirTemp("", "fehrest-storetest-")
	if err != nil {
		return nil, err
	}
	server, err := localpg.Start(context.Background(), localpg.Config{Dir: dir, Volatile: true})
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	shared.server = server.URL
	return func() {
		_ = server.Stop()
		_ = os.RemoveAll(dir)
	}, nil
}

// New opens an empty, migrated database that ends with the test.
func New(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, URL(t))
}

// URL makes an empty, migrated database and returns its address; the database ends with the test.
func URL(t testing.TB) string {
	t.Helper()
	makeTemplateOnce.Do(makeTemplate)
	require.NoError(t, shared.err)
	name := "fehrest_test_" + strings.ToLower(rand.Text()[:16])
	administer(t, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, shared.template))
	t.Cleanup(func() { administer(t, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", name)) })
	t.Cleanup(func() { requireSilentJobs(t, address(name)) })
	return address(name)
}

// Open opens a database until the test ends.
func Open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.OpenVolatile(context.Background(), url)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

var makeTemplateOnce sync.Once

// makeTemplate migrates one database under a name of its own and renames it when it is whole, so that packages tested at
// once on one server share it and never see half of it.
func makeTemplate() {
	shared.err = func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		shared.template = "fehrest_template_" + fingerprint()
		conn, err := pgx.Connect(ctx, shared.server)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext('fehrest template'))"); err != nil {
			return err
		}
		var there bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", shared.template).Scan(&there); err != nil || there {
			return err
		}
		making := shared.template + "_making"
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+making+" WITH (FORCE)"); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "CREATE DATABASE "+making); err != nil {
			return err
		}
		s, err := store.OpenVolatile(ctx, address(making))
		if err != nil {
			return err
		}
		err = s.Migrate(ctx, Today)
		s.Close()
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "ALTER DATABASE "+making+" RENAME TO "+shared.template)
		return err
	}()
}

// fingerprint names the state of the migrations, so that a lasting server never serves an older template.
func fingerprint() string {
	sum := sha256.New()
	_ = fs.WalkDir(migrations.FS, ".", func(path string, _ fs.DirEntry, err error) error {
		if b, readErr := fs.ReadFile(migrations.FS, path); err == nil && readErr == nil {
			sum.Write(b)
		}
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

func administer(t testing.TB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, shared.server)
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	require.NoError(t, err)
}

// address is the server's address with another database.
func address(database string) string {
	u, err := url.Parse(shared.server)
	if err != nil {
		return shared.server
	}
	u.Path = "/" + database
	return u.String()
}
