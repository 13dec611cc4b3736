package localpg

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// prepare makes the folder and, under root, hands it to the user PostgreSQL will run as. It returns nil where the
// program's own user runs the server.
func prepare(dir string) (*syscall.Credential, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		if _, err := os.Lstat(filepath.Join(dir, lockName)); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s is neither empty nor a folder of an earlier private server; name another folder", dir)
		}
	}
	if os.Geteuid() != 0 {
		return nil, nil
	}

	owned := info.Sys().(*syscall.Stat_t)
	if owned.Uid != 0 {
		return &syscall.Credential{Uid: owned.Uid, Gid: owned.Gid}, nil
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s belongs to root, whom PostgreSQL refuses; give it and all in it to the user of the server (chown -R)", dir)
	}
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, err
	}
	return owner, os.Chown(dir, int(owner.Uid), int(owner.Gid))
}

// unprivileged finds the user to run PostgreSQL as under root.
func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(found.Uid, 10, 32)
		if err != nil || uid == 0 {
			continue
		}
		gid, err := strconv.ParseUint(found.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody")
}

// prepareCache names the folder where downloaded server binaries are kept. It is outside the data folder so that the
// short-lived servers of tests share one download.
func prepareCache(dir string, owner *syscall.Credential) (string, error) {
	if owner == nil {
		if cache, err := os.UserCacheDir(); err == nil {
			return filepath.Join(cache, "fehrest", "postgresql"), nil
		}
		return filepath.Join(dir, "binaries"), nil
	}
	cache := fmt.Sprintf("/var/cache/fehrest/postgresql-%d", owner.Uid)
	// The cache is left out: it belongs to the unprivileged user, and root must not run what lies in it.
	if found, err := installed(""); err != nil || len(found) > 0 {
		return cache, err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	return cache, os.Chown(cache, int(owner.Uid), int(owner.Gid))
}

// passable fails where this user may not pass through all folders on the way to path, and says which one is closed.
func passable(path string) error {
	for at := path; ; at = filepath.Dir(at) {
		// The closed folder is the one that can be seen while its inside is refused; those below it cannot be seen.
		_, inside := os.Stat(at + "/.")
		_, itself := os.Lstat(at)
		if errors.Is(inside, os.ErrPermission) && itself == nil {
			return fmt.Errorf("user %d, who runs PostgreSQL, may not pass through %s on the way to %s: choose a folder elsewhere or chmod o+x that one", os.Geteuid(), at, path)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}
