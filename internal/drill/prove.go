package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// proof is a build of the program that breaks one promise, and the drill that must see it.
type proof struct {
	tag, drill, invariant string
}

var proofs = []proof{
	{tag: "bad_receipt", drill: "kill-program", invariant: "I1"}, // a receipt leaves before its list is committed
	{tag: "bad_key", drill: "silence", invariant: "I2"},          // a delivery goes under another key at every attempt
	{tag: "bad_fence", drill: "same-lists", invariant: "I4"},     // versions leave in any order
	{tag: "bad_rescue", drill: "kill-program", invariant: "I3"},  // a killed program's jobs lie for an hour
}

var errUnproved = errors.New("the checker is not proved: it saw nothing where a promise was broken, or something where none was")

// prove runs each proof's drill on the program as it is, which must hold, and on the broken build, where the checker must find the
// invariant that is broken.
func prove(ctx context.Context, o order, out io.Writer) error {
	sound, err := build(ctx, "")
	if err != nil {
		return err
	}
	defer sound.remove()
	held := map[string]bool{}
	var rows []string
	unproved := false
	for _, p := range proofs {
		if len(o.only) > 0 && !slices.Contains(o.only, p.drill) {
			continue
		}
		d := &drills[slices.IndexFunc(drills, func(d drill) bool { return d.name == p.drill })]
		if _, done := held[d.name]; !done {
			_, _ = fmt.Fprintf(out, "%s, the program as it is (seed %d)\n", d.name, o.seed)
			r := d.run(ctx, sound, o.seed, o.keep, out)
			r.print(out)
			held[d.name] = !r.failed() && r.skipped == ""
		}
		found, err := p.broken(ctx, d, o, out)
		if err != nil {
			return err
		}
		proved := held[d.name] && slices.Contains(found, p.invariant)
		unproved = unproved || !proved
		rows = append(rows, p.row(held[d.name], found, proved))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	_, _ = fmt.Fprint(out, "\n| build | drill | must be found | found | as it is | |\n|---|---|---|---|---|---|\n")
	for _, row := range rows {
		_, _ = fmt.Fprintln(out, row)
	}
	if unproved {
		return errUnproved
	}
	return nil
}

// broken runs the drill on the broken build and returns the invariants that the checker found broken. A drill that could not be
// run to its end found nothing.
func (p *proof) broken(ctx context.Context, d *drill, o order, out io.Writer) ([]string, error) {
	bins, err := build(ctx, p.tag)
	if err != nil {
		return nil, err
	}
	defer bins.remove()
	_, _ = fmt.Fprintf(out, "%s, built with %s (seed %d)\n", d.name, p.tag, o.seed)
	r := d.run(ctx, bins, o.seed, o.keep, out)
	r.print(out)
	if r.err != nil {
		return nil, nil
	}
	var found []string
	for _, v := range r.violations {
		if !slices.Contains(found, v.invariant) {
			found = append(found, v.invariant)
		}
	}
	slices.Sort(found)
	if slices.Contains(found, p.invariant) && !o.keep && r.dir != "" {
		_ = os.RemoveAll(r.dir) // it failed as it should
	}
	return found, nil
}

func (p *proof) row(held bool, found []string, proved bool) string {
	sound, verdict := "held", "proved"
	if !held {
		sound = "failed"
	}
	if !proved {
		verdict = "NOT PROVED"
	}
	return fmt.Sprintf("| %s | %s | %s | %v | %s | %s |", p.tag, p.drill, p.invariant, found, sound, verdict)
}
