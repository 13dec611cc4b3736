package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// drill is one exercise.
type drill struct {
	name  string
	what  string
	needs needs

	// tune changes the load before it begins.
	tune func(*load)
	// fault breaks and mends while lists arrive. It returns when all is mended.
	fault func(ctx context.Context, s *stage, l *load) error
	// after is what else must hold when all is quiet.
	after func(ctx context.Context, s *stage, l *load, e *evidence) []violation
	// refusals may end a sender's list.
	refusals []string
}

// report is what came of a drill.
type report struct {
	name            string
	seed            uint64
	lists, receipts int
	effects         [2]int // of the SSO, of the tax administration
	put             int    // how often senders were put off
	recovered       time.Duration
	took            time.Duration
	violations      []violation
	err             error
	skipped         string // why it was not run
	dir             string // kept where it failed
	receiptP50, p99 time.Duration
}

func (r *report) failed() bool { return r.err != nil || len(r.violations) > 0 }

const (
	usualSenders = 12
	warmUp       = 2 * time.Second
	// quietWithin is how long all may take to settle after the fault: a killed program's jobs run again within a minute (P9),
	// an organisation is asked at growing distances.
	quietWithin = 75 * time.Second
)

func (d *drill) run(ctx context.Context, bins *binaries, seed uint64, keep bool, out io.Writer) (r report) {
	began := time.Now()
	r = report{name: d.name, seed: seed}
	defer func() { r.took = time.Since(began) }()
	s, err := newStage(ctx, bins, seed, d.needs, out)
	defer func() {
		keep = keep || r.failed()
		s.close(keep)
		if keep {
			r.dir = s.dir
		}
	}()
	if errors.Is(err, errNotHere) {
		r.skipped = "needs root and a file system to mount"
		return r
	}
	if err != nil {
		r.err = err
		return r
	}
	before, err := s.use()
	if err != nil {
		r.err = err
		return r
	}
	l := s.newLoad()
	if d.tune != nil {
		d.tune(l)
	}
	l.begin(ctx, usualSenders)
	time.Sleep(warmUp)
	if r.err = d.fault(ctx, s, l); r.err != nil {
		l.end()
		return r
	}
	mended := time.Now()
	l.end()
	if r.err = s.quiet(ctx, quietWithin); r.err != nil {
		return r
	}
	r.recovered = time.Since(mended)
	time.Sleep(2 * time.Second) // the last rows get their seal, idle connections go
	e, err := s.gather(ctx, l)
	if err != nil {
		r.err = err
		return r
	}
	e.before = before
	if e.after, r.err = s.use(); r.err != nil {
		return r
	}
	r.violations = append(check(e), s.lies...)
	if d.after != nil {
		r.violations = append(r.violations, d.after(ctx, s, l, e)...)
	}
	r.count(e, d.refusals)
	return r
}

// count fills in the table's figures; a list refused for a reason that the drill does not know is a violation.
func (r *report) count(e *evidence, refusals []string) {
	var took []time.Duration
	for _, l := range e.log {
		r.lists++
		r.put += l.busy
		if len(l.receipts) > 0 {
			r.receipts++
			took = append(took, l.took)
			continue
		}
		if l.refused != "" && !slices.Contains(refusals, l.refused) {
			r.violations = append(r.violations, violation{"I8", fmt.Sprintf("key %s was refused: %s", l.key, l.refused)})
		}
	}
	slices.Sort(took)
	if len(took) > 0 {
		r.receiptP50, r.p99 = took[len(took)/2], took[len(took)*99/100]
	}
	for lane, o := range e.told {
		r.effects[lane-1] = len(o.effects)
	}
	if r.receipts == 0 {
		r.violations = append(r.violations, violation{"I8", "no list was sent at all"})
	}
}

// mostShown is how many violations of a drill are printed.
const mostShown = 20

func (r *report) print(out io.Writer) {
	switch {
	case r.skipped != "":
		_, _ = fmt.Fprintf(out, "  not run: %s\n", r.skipped)
	case r.err != nil:
		_, _ = fmt.Fprintf(out, "  could not be run to its end: %v (%s)\n", r.err, r.dir)
	default:
		_, _ = fmt.Fprintf(out, "  %d lists, %d receipts (p50 %d ms, p99 %d ms), put off %d times, effects %d and %d, quiet %.1f s after the fault, %.0f s in all\n",
			r.lists, r.receipts, r.receiptP50.Milliseconds(), r.p99.Milliseconds(), r.put, r.effects[0], r.effects[1], r.recovered.Seconds(), r.took.Seconds())
	}
	for i, v := range r.violations {
		if i == mostShown {
			_, _ = fmt.Fprintf(out, "  … and %d more\n", len(r.violations)-i)
			break
		}
		_, _ = fmt.Fprintln(out, "  "+v.String())
	}
	if len(r.violations) > 0 {
		_, _ = fmt.Fprintln(out, "  kept:", r.dir)
	}
}

func (r *report) verdict() string {
	switch {
	case r.skipped != "":
		return "not run"
	case r.err != nil:
		return "broken off"
	case len(r.violations) > 0:
		return fmt.Sprintf("%d violations", len(r.violations))
	}
	return "held"
}

// table prints the reports, as Markdown.
func table(out io.Writer, reports []report) {
	_, _ = fmt.Fprint(out, "\n| drill | seed | lists | receipts | effects SSO / tax | put off | recovered in | I1–I9 |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range reports {
		_, _ = fmt.Fprintf(out, "| %s | %d | %d | %d | %d / %d | %d | %.1f s | %s |\n",
			r.name, r.seed, r.lists, r.receipts, r.effects[0], r.effects[1], r.put, r.recovered.Seconds(), r.verdict())
	}
}
