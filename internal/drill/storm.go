package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// The storm: the last night of the month.
const (
	stormRate    = 150 // lists a second
	stormFor     = time.Minute
	stormWorkers = 10
	stormGoal    = time.Second
)

// runStorm sends lists at a steady rate, late or not, and prints what became of them.
func runStorm(ctx context.Context, o order, bins *binaries, out io.Writer) error {
	s, err := newStage(ctx, bins, o.seed, needs{shops: 3_000}, out)
	defer func() { s.close(o.keep) }()
	if err != nil {
		return err
	}
	before, err := s.use()
	if err != nil {
		return err
	}
	l := s.newLoad()
	l.giveUp = 10 * time.Minute // nobody goes home on the last night without a receipt
	_, _ = fmt.Fprintf(out, "storm: %d lists of %d workers are written, then sent in %s (seed %d)\n", stormRate*int(stormFor/time.Second), stormWorkers, stormFor, o.seed)
	files := l.prepare(stormRate*int(stormFor/time.Second), stormWorkers)
	start := time.Now()
	for i := range files {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / stormRate)))
		l.all.Go(func() { l.insist(ctx, files[i].entry, files[i].body) })
	}
	sending := time.Since(start)
	l.all.Wait()
	received := time.Since(start)
	_, _ = fmt.Fprintf(out, "  sent in %.1f s, all receipts after %.1f s\n", sending.Seconds(), received.Seconds())
	if err := s.quiet(ctx, 5*time.Minute); err != nil {
		return err
	}
	settled := time.Since(start)
	time.Sleep(2 * time.Second)
	e, err := s.gather(ctx, l)
	if err != nil {
		return err
	}
	e.before = before
	if e.after, err = s.use(); err != nil {
		return err
	}
	r := report{name: "storm", seed: o.seed, violations: check(e), recovered: settled - received, took: settled}
	r.count(e, nil)
	lost, doubled := 0, 0
	for _, v := range r.violations {
		switch v.invariant {
		case "I1", "I3", "I5", "I8":
			lost++
		case "I2", "I4":
			doubled++
		}
	}
	_, _ = fmt.Fprintf(out, "BenchmarkStorm %d lists of %d workers in %.0f s (%d/s): receipt p50 %d ms, p99 %d ms (goal %d), put off %d, lost %d, doubled %d; all receipts after %.1f s, all answered after %.1f s\n",
		r.lists, stormWorkers, sending.Seconds(), stormRate, r.receiptP50.Milliseconds(), r.p99.Milliseconds(), stormGoal.Milliseconds(), r.put, lost, doubled, received.Seconds(), settled.Seconds())
	for i, v := range r.violations {
		if i < mostShown {
			_, _ = fmt.Fprintln(out, "  "+v.String())
		}
	}
	return nil
}
