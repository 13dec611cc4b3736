// Package localpg runs a private PostgreSQL for one machine; it knows nothing of what is kept in it.
package localpg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
)

// ErrOtherVersion says that the data folder was made by a PostgreSQL of another major version than the one found
// on this machine. Nothing in the folder was touched.
var ErrOtherVersion = errors.New("the data folder belongs to another major version of PostgreSQL")

// ErrInUse says that another living program runs a server on the same folder.
var ErrInUse = errors.New("another program is using the data folder")

// Config says where a server keeps its data. Dir is required.
type Config struct {
	// Dir is a folder of the server's own: absent, empty, or made by an earlier Start. Under root it is handed to
	// PostgreSQL's user (postgres, else nobody), so every folder above it must let other users pass.
	Dir string

	// Volatile trades the data's safety for speed; for tests only. The zero value is durable.
	Volatile bool

	// Log receives what PostgreSQL says while starting; nil drops it. The server's own log lies in Dir/log.
	Log io.Writer
}

// Server is a running server. It ends with Stop, or by itself when the program that started it ends, however that ends.
type Server struct {
	// URL reaches the database fehrest as superuser; it carries the password, so it must not be logged.
	URL string

	hold   io.Closer
	exited <-chan error
	once   sync.Once
	err    error
}

// Start starts the server of the folder, making both where absent, and returns when it accepts connections. A folder whose
// earlier server is still stopping is waited for a few seconds, then refused with ErrInUse. The calling program must
// have called Guard first. Ending ctx gives up the start; it doesn't stop a server that has started.
func Start(ctx context.Context, c Config) (*Server, error) {
	if os.Args[0] == keeperName {
		return nil, errors.New("localpg: Guard must be the first call of main and of TestMain")
	}
	if c.Dir == "" {
		return nil, errors.New("localpg: a data folder is required")
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	owner, err := prepare(dir)
	if err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	cache, err := prepareCache(dir, owner)
	if err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	return startKeeper(ctx, c.Log, owner, order{Dir: dir, Cache: cache, Volatile: c.Volatile})
}

// Stop stops the server and returns when it has ended; open connections are cut. Later calls return the same answer.
func (s *Server) Stop() error {
	s.once.Do(func() {
		_ = s.hold.Close()
		if err := <-s.exited; err != nil {
			s.err = fmt.Errorf("localpg: stop: %w", err)
		}
	})
	return s.err
}

// startKeeper re-executes this program as the server's keeper and waits for its answer.
func startKeeper(ctx context.Context, log io.Writer, owner *syscall.Credential, o order) (*Server, error) {
	// The kernel has this file open already, so the link works for a user who cannot pass the folders of its path.
	keeper := exec.Command("/proc/self/exe")
	keeper.Args = []string{keeperName}
	keeper.Dir = "/"
	keeper.Env = keeperEnv()
	keeper.Stderr = log
	// A group of its own keeps the terminal's Ctrl-C from it: the program stops first, then its database.
	keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: owner}
	hold, err := keeper.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	replies, err := keeper.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	if err := keeper.Start(); errors.Is(err, os.ErrPermission) && owner != nil {
		return nil, fmt.Errorf("localpg: PostgreSQL does not run as root, and user %d may not execute this program's file (chmod a+rx it): %w", owner.Uid, err)
	} else if err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}

	type answer struct {
		reply
		err error
	}
	answered, exited := make(chan answer, 1), make(chan error, 1)
	go func() {
		var a answer
		a.err = json.NewDecoder(replies).Decode(&a.reply)
		answered <- a
		exited <- keeper.Wait()
	}()
	// An error here means that the keeper has died, which its missing answer tells better.
	_ = json.NewEncoder(hold).Encode(o)

	select {
	case <-ctx.Done():
		_ = hold.Close()
		return nil, fmt.Errorf("localpg: start: %w", ctx.Err())
	case a := <-answered:
		switch {
		case a.err != nil:
			_ = hold.Close()
			return nil, fmt.Errorf("localpg: the server's keeper ended without an answer (%v); is Guard the first call of main and of TestMain?", <-exited)
		case a.URL == "":
			_ = hold.Close()
			<-exited
			return nil, fmt.Errorf("localpg: %w", a.failure())
		}
		return &Server{URL: a.URL, hold: hold, exited: exited}, nil
	}
}

// keeperEnv lets through what finding or downloading PostgreSQL needs and nothing else: the program's secrets stay
// with it, and libpq's own variables (PGPORT, PGDATA …) must not bend the private server.
func keeperEnv() []string {
	var kept []string
	for _, name := range []string{
		"PATH", "PG_HOME", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	} {
		if value, ok := os.LookupEnv(name); ok {
			kept = append(kept, name+"="+value)
		}
	}
	return kept
}
