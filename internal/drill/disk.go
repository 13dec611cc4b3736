package main

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// errNotHere says that this machine does not let a drill have what it needs.
var errNotHere = errors.New("not here")

const (
	// smallDiskSize holds the empty database several times over. The write-ahead log stays on the large disk: without room for that
	// PostgreSQL ends itself, which is another drill.
	smallDiskSize = "size=256m,mode=0755"
	fullFor       = 10 * time.Second
	fullWithin    = 30 * time.Second
)

func (s *stage) smallDisk() string { return filepath.Join(s.dir, "small") }

// moveToSmallDisk has the database lie on a small file system of its own, before anyone connects to it.
func (s *stage) moveToSmallDisk(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return errNotHere
	}
	if err := os.Mkdir(s.smallDisk(), 0o755); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", s.smallDisk(), "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, smallDiskSize); err != nil {
		return errNotHere
	}
	data, err := os.Stat(s.pgDir)
	if err != nil {
		return err
	}
	space := filepath.Join(s.smallDisk(), "space")
	if err := os.Mkdir(space, 0o700); err != nil {
		return err
	}
	owner := data.Sys().(*syscall.Stat_t)
	if err := os.Chown(space, int(owner.Uid), int(owner.Gid)); err != nil {
		return err
	}
	at, err := url.Parse(s.pg.URL)
	if err != nil {
		return err
	}
	database := at.Path[1:]
	at.Path = "/postgres" // a database moves while nobody is in it
	conn, err := pgx.Connect(ctx, at.String())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "CREATE TABLESPACE small LOCATION '"+space+"'"); err != nil {
		return err
	}
	// Whoever looked whether the server was there keeps his connection.
	for end := time.Now().Add(readyWithin); ; time.Sleep(50 * time.Millisecond) {
		if _, err := conn.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "ALTER DATABASE "+pgx.Identifier{database}.Sanitize()+" SET TABLESPACE small")
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "55006" && time.Now().Before(end) {
			continue
		}
		return err
	}
}

// leaveSmallDisk takes the file system away again, where there is one. The server has ended by now.
func (s *stage) leaveSmallDisk() {
	if err := syscall.Unmount(s.smallDisk(), 0); errors.Is(err, syscall.EBUSY) {
		_ = syscall.Unmount(s.smallDisk(), syscall.MNT_DETACH)
	}
}

// diskFull fills the database's disk until a list is put off for it, keeps it full for a while, and gives the room back.
func diskFull(ctx context.Context, s *stage, l *load) error {
	ballast := filepath.Join(s.smallDisk(), "ballast")
	put := l.put.Load()
	var since time.Time // when the first list was put off
	for began := time.Now(); since.IsZero() || time.Since(since) < fullFor; time.Sleep(50 * time.Millisecond) {
		// Again and again: what PostgreSQL gives back meanwhile is taken too.
		if err := fill(ballast); err != nil {
			return err
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case since.IsZero() && l.put.Load() > put:
			since = time.Now()
		case since.IsZero() && time.Since(began) > fullWithin:
			s.note(violation{"I8", "the disk was full and no list was put off"})
			since = began
		}
	}
	return os.Remove(ballast)
}

// fill appends to a file until its file system has no room left.
func fill(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	for size := 1 << 20; size >= 1<<12 && err == nil; size >>= 4 {
		for block := bytes.Repeat([]byte{1}, size); err == nil; {
			_, err = file.Write(block)
		}
		if errors.Is(err, syscall.ENOSPC) {
			err = nil
		}
	}
	return errors.Join(err, file.Close())
}
