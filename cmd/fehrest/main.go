// Command fehrest is the window: one workshop list in, both organisations' files and answers out.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"fehrest/internal/localpg"

	_ "time/tzdata" // the deadlines are Tehran's, on any machine
)

func main() {
	localpg.Guard()
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // a terminal that was closed; nohup means to go on without it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err, os.Stderr))
}
