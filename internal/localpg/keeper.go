package localpg

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// keeperName is the name under which the re-executed program knows itself as the keeper.
const keeperName = "fehrest-postgres-keeper"

// order is what the program tells its keeper, one line of JSON on its stdin, which then stays open for as long as the
// server shall run.
type order struct {
	Dir      string
	Cache    string
	Volatile bool
}

// reply is the keeper's answer, one line of JSON on its stdout: an address or an error.
type reply struct {
	URL          string
	Error        string
	OtherVersion bool
	InUse        bool
}

// Guard must be the first call of main and of TestMain: in the re-executed child it runs the server until its stdin
// closes and never returns; else it returns at once.
func Guard() {
	if os.Args[0] == keeperName {
		os.Exit(keep(os.Stdin, os.Stdout))
	}
}

// keep runs one server from the order on stdin until stdin closes. The kernel closes it when the program dies, even by
// kill -9, so no server outlives its program.
func keep(stdin io.Reader, stdout io.Writer) int {
	// A signal to the whole service (systemd's stop) must not end the keeper before the program has finished. They are
	// caught and not ignored because ignoring is inherited by PostgreSQL's processes.
	// SIGPIPE among them: a dead program no longer reads stderr, and its server has still to be stopped.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	syscall.Umask(0o077)

	var o order
	if err := json.NewDecoder(stdin).Decode(&o); err != nil {
		return 2
	}
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		close(gone)
	}()

	f := folder{dir: o.Dir, cache: o.Cache, volatile: o.Volatile}
	url, err := f.open(gone)
	if err != nil {
		_ = json.NewEncoder(stdout).Encode(replyFor(err))
		return 1
	}
	// Nobody reads the answer of a program that has died meanwhile; stdin says so next.
	_ = json.NewEncoder(stdout).Encode(reply{URL: url})
	<-gone
	if err := f.close(); err != nil {
		fmt.Fprintln(os.Stderr, "localpg:", err)
		return 1
	}
	return 0
}

// deaf hides a failing log from the library, which would leave a started server running because its log could not be
// copied.
type deaf struct{ log io.Writer }

func (d deaf) Write(said []byte) (int, error) {
	_, _ = d.log.Write(said)
	return len(said), nil
}

func replyFor(err error) reply {
	return reply{Error: err.Error(), OtherVersion: errors.Is(err, ErrOtherVersion), InUse: errors.Is(err, ErrInUse)}
}

// failure turns the keeper's answer back into an error that errors.Is understands.
func (r reply) failure() error {
	switch {
	case r.OtherVersion:
		return keeperError{r.Error, ErrOtherVersion}
	case r.InUse:
		return keeperError{r.Error, ErrInUse}
	}
	return errors.New(r.Error)
}

type keeperError struct {
	text string
	kind error
}

func (e keeperError) Error() string { return e.text }
func (e keeperError) Unwrap() error { return e.kind }
