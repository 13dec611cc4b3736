package localpg

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	embedded "github.com/fergusstrange/embedded-postgres"
)

const (
	lockName  = "fehrest.lock"
	superuser = "postgres"
	database  = "fehrest"

	lockPatience     = 10 * time.Second // a killed program's server is still writing its last checkpoint
	downloadPatience = 5 * time.Minute
	stopPatience     = 30 * time.Second
	startAttempts    = 5
)

// folder is one server's home, seen by its keeper: data is PostgreSQL's, new is data in the making, password the
// superuser's, log the server's log, run and tmp are emptied at each start.
type folder struct {
	dir      string
	cache    string
	volatile bool

	unlock func()
	server *embedded.EmbeddedPostgres
}

// open starts the server and returns its address. It gives up waiting for the folder when gone closes.
func (f *folder) open(gone <-chan struct{}) (string, error) {
	if err := passable(f.dir); err != nil {
		return "", err
	}
	unlock, err := lock(f.path(lockName), lockPatience, gone)
	if err != nil {
		return "", err
	}
	f.unlock = unlock
	// The library leaves its log file in the temporary folder at every start.
	if err := errors.Join(os.RemoveAll(f.path("tmp")), os.Mkdir(f.path("tmp"), 0o700), os.Setenv("TMPDIR", f.path("tmp"))); err != nil {
		return "", err
	}
	made, err := f.madeBy()
	if err != nil {
		return "", err
	}
	b, err := choose(f.cache, made, f.path("tmp"))
	if err != nil {
		return "", err
	}
	if made == "" {
		if err := f.initialise(b); err != nil {
			return "", err
		}
	}
	if err := endOrphan(f.path("data")); err != nil {
		return "", err
	}
	password, err := os.ReadFile(f.path("password"))
	if err != nil {
		return "", err
	}
	return f.start(b, "data", string(password))
}

// close stops the server; open connections are cut, what they committed is kept.
func (f *folder) close() error {
	defer f.unlock()
	return f.server.Stop()
}

// madeBy reads the major version that made the data folder; empty where there is none yet.
func (f *folder) madeBy() (string, error) {
	if _, err := os.Lstat(f.path("data")); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	// The library erases a folder it doesn't recognise, so it must not get to see one.
	version, err := os.ReadFile(f.path("data", "PG_VERSION"))
	if err != nil {
		return "", fmt.Errorf("%s is not a PostgreSQL data folder: %w", f.path("data"), err)
	}
	return strings.TrimSpace(string(version)), nil
}

// initialise makes the cluster and its database beside its final place, so that a start cut short leaves no half-made
// data folder behind.
func (f *folder) initialise(b binaries) error {
	if err := endOrphan(f.path("new")); err != nil {
		return err
	}
	if err := os.RemoveAll(f.path("new")); err != nil {
		return err
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails: it ends the program instead
	password := hex.EncodeToString(random[:])
	if err := os.WriteFile(f.path("password"), []byte(password), 0o600); err != nil {
		return err
	}
	if _, err := f.start(b, "new", password); err != nil {
		return err
	}
	if err := f.server.Stop(); err != nil {
		return err
	}
	if err := os.Rename(f.path("new"), f.path("data")); err != nil {
		return err
	}
	return syncFolder(f.dir)
}

// start runs the server on the named data folder. Between finding a free port and using it another program can take
// it, so it tries a few.
func (f *folder) start(b binaries, data, password string) (string, error) {
	for attempt := 1; ; attempt++ {
		port, err := freePort()
		if err != nil {
			return "", err
		}
		f.server = embedded.NewDatabase(embedded.DefaultConfig().
			Version(embedded.PostgresVersion(b.major + ".0")).BinariesPath(b.home).CachePath(f.cache).
			RuntimePath(f.path("run")).DataPath(f.path(data)).
			Port(port).Username(superuser).Password(password).Database(database).
			Encoding("UTF8").Locale("C").
			StartTimeout(stopPatience).StartParameters(parameters(f.volatile)).Logger(deaf{os.Stderr}))
		err = f.server.Start()
		if err == nil {
			at := url.URL{
				Scheme: "postgres", User: url.UserPassword(superuser, password),
				Host: fmt.Sprintf("127.0.0.1:%d", port), Path: database, RawQuery: "sslmode=disable",
			}
			return at.String(), nil
		}
		if attempt == startAttempts || !portTaken(err) {
			return "", err
		}
	}
}

func portTaken(err error) bool {
	text := err.Error()
	return strings.Contains(text, "already listening") || strings.Contains(text, "could not bind")
}

// parameters are the server's settings. Its log must hold no personal data: PostgreSQL puts the values of a refused
// row into the detail and context of its message and literals into the statement, so both are left out.
func parameters(volatile bool) map[string]string {
	set := map[string]string{
		"listen_addresses":         "127.0.0.1",
		"unix_socket_directories":  "",
		"max_connections":          "200",
		"fsync":                    "on",
		"full_page_writes":         "on",
		"synchronous_commit":       "on",
		"log_error_verbosity":      "terse",
		"log_min_error_statement":  "panic",
		"logging_collector":        "on",
		"log_directory":            "../log",
		"log_filename":             "postgresql-%a.log", // a week, then each day overwrites its own
		"log_truncate_on_rotation": "on",
		"log_rotation_age":         "1d",
		"log_rotation_size":        "0",
	}
	if volatile {
		set["fsync"], set["full_page_writes"], set["synchronous_commit"] = "off", "off", "off"
		set["logging_collector"] = "off"
	}
	return set
}

func (f *folder) path(names ...string) string {
	return filepath.Join(append([]string{f.dir}, names...)...)
}

// lock takes the file's lock, waiting with patience for its holder to end or for gone to close. The kernel drops the lock when
// the keeper dies.
func lock(path string, patience time.Duration, gone <-chan struct{}) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	deadline := time.After(patience)
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		select {
		case <-gone:
		case <-deadline:
		case <-time.After(20 * time.Millisecond):
			continue
		}
		_ = file.Close()
		return nil, fmt.Errorf("%w %s", ErrInUse, filepath.Dir(path))
	}
}

// endOrphan ends a server whose keeper was itself killed. The caller holds the folder's lock, so a server still
// running in it is nobody's.
func endOrphan(data string) error {
	pidFile := filepath.Join(data, "postmaster.pid")
	line, err := os.ReadFile(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(line), "\n")
	postmaster, _ := strconv.Atoi(first)
	deadline := time.Now().Add(stopPatience)
	for asked := false; ; time.Sleep(20 * time.Millisecond) {
		living, err := workingIn(data)
		if err != nil {
			return err
		}
		if len(living) == 0 {
			break
		}
		for _, pid := range living {
			if pid == postmaster && !asked {
				_ = syscall.Kill(pid, syscall.SIGINT) // PostgreSQL's fast shutdown
				asked = true
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w %s: processes %v do not end", ErrInUse, data, living)
		}
	}
	// The number in a left-over file may belong to another process by now, which PostgreSQL would take for a server.
	if err := os.Remove(pidFile); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// workingIn lists the processes of PostgreSQL whose working folder is dir, which is where a server and all its children
// stay.
func workingIn(dir string) ([]int, error) {
	want, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var living []int
	for _, process := range processes {
		pid, err := strconv.Atoi(process.Name())
		if err != nil {
			continue
		}
		name, _ := os.ReadFile(filepath.Join("/proc", process.Name(), "comm"))
		at, err := os.Stat(filepath.Join("/proc", process.Name(), "cwd"))
		if err == nil && os.SameFile(at, want) && strings.HasPrefix(string(name), "postgres") {
			living = append(living, pid)
		}
	}
	return living, nil
}

func freePort() (uint32, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return uint32(listener.Addr().(*net.TCPAddr).Port), nil
}

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}
