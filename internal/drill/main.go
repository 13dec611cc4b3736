// Drill runs the real programs on servers of their own, breaks something while lists arrive, and holds what delivery promises
// against the senders' log, the database and both organisations' ledgers. It knows the programs from outside only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"fehrest/internal/localpg"
)

func main() {
	localpg.Guard()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "drill:", err)
		os.Exit(1)
	}
}

// order is what the command line asks for.
type order struct {
	seed     uint64
	only     []string
	markdown string
	proof    bool
	storm    bool
	keep     bool
}

func parse(args []string) (o order, err error) {
	f := flag.NewFlagSet("drill", flag.ContinueOnError)
	f.Uint64Var(&o.seed, "seed", 0, "what the drills' chances follow from; 0 takes a new one")
	only := f.String("only", "", "`NAMES` of drills, with commas; all unless told")
	f.StringVar(&o.markdown, "markdown", "", "write the table as Markdown to `FILE` too")
	f.BoolVar(&o.proof, "proof", false, "see that the checker fails on each of the broken builds")
	f.BoolVar(&o.storm, "storm", false, "the last night of the month instead: 150 lists a second for a minute")
	f.BoolVar(&o.keep, "keep", false, "keep the servers' folders; those of a failed drill always stay")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano())
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, name := range o.only {
		if !slices.ContainsFunc(drills, func(d drill) bool { return d.name == name }) {
			return o, fmt.Errorf("no drill is called %s; there are %s", name, names())
		}
	}
	return o, nil
}

func names() string {
	var all []string
	for _, d := range drills {
		all = append(all, d.name)
	}
	return strings.Join(all, ", ")
}

var errFailed = errors.New("a drill failed; its folder is kept")

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.proof {
		return prove(ctx, o, out)
	}
	bins, err := build(ctx, "")
	if err != nil {
		return err
	}
	defer bins.remove()
	if o.storm {
		return runStorm(ctx, o, bins, out)
	}
	var reports []report
	for i, d := range drills {
		if len(o.only) > 0 && !slices.Contains(o.only, d.name) {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_, _ = fmt.Fprintf(out, "%s: %s (seed %d)\n", d.name, d.what, o.seed+uint64(i))
		r := d.run(ctx, bins, o.seed+uint64(i), o.keep, out)
		r.print(out)
		reports = append(reports, r)
	}
	table(out, reports)
	if o.markdown != "" {
		file, err := os.Create(o.markdown)
		if err != nil {
			return err
		}
		table(file, reports)
		if err := file.Close(); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(reports, func(r report) bool { return r.failed() }) {
		return errFailed
	}
	return nil
}
