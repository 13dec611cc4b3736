package localpg

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// binaries is one installation of the server: home holds bin/postgres, bin/initdb and bin/pg_ctl.
type binaries struct {
	home  string
	major string
}

// downloadable maps a major version to the release the library can fetch. All of Fehrest is tested on newVersion.
var downloadable = map[string]embedded.PostgresVersion{
	"14": embedded.V14, "15": embedded.V15, "16": embedded.V16, "17": embedded.V17, "18": embedded.V18,
}

const newVersion = "15"

// choose picks the binaries for a data folder of the major version wanted, or for a new folder where wanted is empty.
// A machine without any gets them downloaded into the cache.
func choose(cache, wanted, scratch string) (binaries, error) {
	found, err := installed(cache)
	if err != nil {
		return binaries{}, err
	}
	for _, b := range found {
		if wanted == "" || b.major == wanted {
			return b, nil
		}
	}
	if len(found) > 0 {
		return binaries{}, fmt.Errorf("%w: it is of %s, %s is of %s; install PostgreSQL %s or name its folder in PG_HOME",
			ErrOtherVersion, wanted, found[0].home, found[0].major, wanted)
	}
	if wanted == "" {
		wanted = newVersion
	}
	version, ok := downloadable[wanted]
	if !ok {
		return binaries{}, fmt.Errorf("%w: it is of %s, which cannot be downloaded; install it or name its folder in PG_HOME", ErrOtherVersion, wanted)
	}
	return download(cache, wanted, version, scratch)
}

// installed lists the binaries of this machine and, unless cache is empty, those downloaded earlier; the preferred
// first. PG_HOME is an order: it stands alone, and a wrong one is an error.
func installed(cache string) ([]binaries, error) {
	if home := os.Getenv("PG_HOME"); home != "" {
		b, err := inspect(home)
		if err != nil {
			return nil, fmt.Errorf("PG_HOME: %w", err)
		}
		return []binaries{b}, nil
	}
	homes, _ := filepath.Glob("/usr/lib/postgresql/*")
	sort.Slice(homes, func(i, j int) bool { return number(homes[i]) > number(homes[j]) })
	if ctl, err := exec.LookPath("pg_ctl"); err == nil {
		if real, err := filepath.EvalSymlinks(ctl); err == nil {
			homes = append(homes, filepath.Dir(filepath.Dir(real)))
		}
	}
	if cache != "" {
		downloaded, _ := filepath.Glob(filepath.Join(cache, "[0-9]*"))
		homes = append(homes, downloaded...)
	}
	var found []binaries
	for _, home := range homes {
		// A client package alone leaves such a folder without a server in it.
		if b, err := inspect(home); err == nil {
			found = append(found, b)
		}
	}
	return found, nil
}

func number(path string) int {
	n, _ := strconv.Atoi(filepath.Base(path))
	return n
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect asks the server in home for its version.
func inspect(home string) (binaries, error) {
	for _, name := range []string{"initdb", "pg_ctl"} {
		if _, err := os.Stat(filepath.Join(home, "bin", name)); err != nil {
			return binaries{}, err
		}
	}
	said, err := exec.Command(filepath.Join(home, "bin", "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("%s/bin/postgres --version: %w", home, err)
	}
	match := versionLine.FindSubmatch(said)
	if match == nil {
		return binaries{}, fmt.Errorf("%s/bin/postgres does not say its version", home)
	}
	return binaries{home: home, major: string(match[1])}, nil
}

// download fetches a release into the cache. The library downloads only as part of a start, so a server is started on
// a scratch folder; the binaries get their final name once they have worked, so a broken download is never reused.
func download(cache, major string, version embedded.PostgresVersion, scratch string) (binaries, error) {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return binaries{}, err
	}
	unlock, err := lock(filepath.Join(cache, lockName), downloadPatience, nil)
	if err != nil {
		return binaries{}, err
	}
	defer unlock()
	home := filepath.Join(cache, major)
	if b, err := inspect(home); err == nil {
		return b, nil
	}
	port, err := freePort()
	if err != nil {
		return binaries{}, err
	}
	part := filepath.Join(cache, "part")
	if err := os.RemoveAll(part); err != nil {
		return binaries{}, err
	}
	trial := embedded.NewDatabase(embedded.DefaultConfig().
		Version(version).CachePath(filepath.Join(cache, "archive")).BinariesPath(part).
		RuntimePath(filepath.Join(scratch, "run")).DataPath(filepath.Join(scratch, "data")).
		Port(port).Encoding("UTF8").Locale("C").
		StartParameters(parameters(true)).Logger(deaf{os.Stderr}))
	if err := trial.Start(); err != nil {
		return binaries{}, fmt.Errorf("no PostgreSQL server is installed (Debian: apt-get install postgresql), and downloading one failed: %w", err)
	}
	if err := trial.Stop(); err != nil {
		return binaries{}, err
	}
	if err := os.Rename(part, home); err != nil {
		return binaries{}, err
	}
	return inspect(home)
}
