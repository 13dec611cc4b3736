// Command withpg runs a command, such as go test ./..., with one throwaway PostgreSQL for all of it; it knows nothing of
// the tests.
//
//	go run ./internal/localpg/withpg -- go test ./...
//
// The server is fast and forgetful; -durable starts one that keeps its promises, for measuring. Where DATABASE_URL or
// FEHREST_TEST_DATABASE names a server already, that one is used.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"fehrest/internal/localpg"
)

// testDatabase names the superuser's address of the server on which tests make their databases.
const testDatabase = "FEHREST_TEST_DATABASE"

func main() {
	localpg.Guard()
	// Ctrl-C reaches the command too; this program lives on to stop the server after it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM)
	code, err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpg:", err)
	}
	os.Exit(code)
}

// run returns the command's exit code, or 1 and an error where the command could not be run.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	durable := len(args) > 0 && args[0] == "-durable"
	if durable {
		args = args[1:]
	}
	if len(args) < 2 || args[0] != "--" {
		return 1, errors.New("usage: withpg [-durable] -- command [argument ...]")
	}
	args = args[1:]
	command := exec.Command(args[0], args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = stdin, stdout, stderr
	if os.Getenv("DATABASE_URL") != "" || os.Getenv(testDatabase) != "" {
		return exitCode(command.Run())
	}

	dir, err := os.MkdirTemp("", "fehrest-test-")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := localpg.Start(ctx, localpg.Config{Dir: dir, Volatile: !durable})
	if err != nil {
		return 1, err
	}
	command.Env = append(os.Environ(), testDatabase+"="+server.URL)
	code, err := exitCode(command.Run())
	if stopErr := server.Stop(); stopErr != nil {
		return 1, errors.Join(err, stopErr)
	}
	return code, err
}

func exitCode(err error) (int, error) {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	} else if err != nil {
		return 1, err
	}
	return 0, nil
}
