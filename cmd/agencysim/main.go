// Command agencysim plays the gateway of social security or of the tax
// administration, openly as a simulator.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"fehrest/cmd/agencysim/sim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := sim.Main(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(code)
}
