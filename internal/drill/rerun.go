package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// rerunMost is within what time a killed program's jobs run again (P9).
const rerunMost = time.Minute

// inHand is a job that a program was working on when it was killed.
type inHand struct {
	id     int64
	killed time.Time
	after  time.Duration // until it ran again; 0 while it has not
}

// reruns watches what a killed program had in hand.
type reruns struct {
	mu   sync.Mutex
	jobs []inHand
}

// noteInHand notes what the program that was just killed was working on. A round that a clock begins anew is not run again.
func (s *stage) noteInHand(ctx context.Context) error {
	killed := time.Now()
	return s.ask(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `SELECT id FROM river.river_job WHERE state = 'running' AND max_attempts > 1`)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		s.reruns.note(ids, killed)
		return nil
	})
}

// note adds jobs; one that still lies from an earlier kill counts from there.
func (r *reruns) note(ids []int64, killed time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	lies := map[int64]bool{}
	for _, j := range r.jobs {
		lies[j.id] = lies[j.id] || j.after == 0
	}
	for _, id := range ids {
		if !lies[id] {
			r.jobs = append(r.jobs, inHand{id: id, killed: killed})
		}
	}
}

// seen records when jobs were last begun, and returns those that have still not run again.
func (r *reruns) seen(begun map[int64]time.Time) (lie []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.jobs {
		j := &r.jobs[i]
		if at := begun[j.id]; j.after == 0 && at.After(j.killed) {
			j.after = at.Sub(j.killed)
		}
		if j.after == 0 {
			lie = append(lie, j.id)
		}
	}
	return lie
}

// forget leaves out jobs that have ended and were not seen to run again: their end was on its way to the database when the program was
// killed.
func (r *reruns) forget(ended []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jobs = slices.DeleteFunc(r.jobs, func(j inHand) bool { return j.after == 0 && slices.Contains(ended, j.id) })
}

// judge tells the longest time, and what took longer than is promised.
func (r *reruns) judge(now time.Time) (longest time.Duration, found []violation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range r.jobs {
		after := j.after
		if after == 0 {
			after = now.Sub(j.killed)
		}
		longest = max(longest, after)
		if j.after == 0 || after > rerunMost {
			found = append(found, violation{"I3", fmt.Sprintf("job %d of a killed program had not run again after %.1f s", j.id, min(after, now.Sub(j.killed)).Seconds())})
		}
	}
	if len(r.jobs) == 0 {
		found = append(found, violation{"I3", "no program had a job in hand when it was killed: nothing is proved of its running again"})
	}
	return longest, found
}

// watch looks several times a second for jobs that run again, until ctx ends.
func (s *stage) watch(ctx context.Context) {
	for ctx.Err() == nil {
		lie := s.reruns.seen(nil)
		if len(lie) > 0 {
			_ = s.ask(ctx, func(conn *pgx.Conn) error { // a database that is away is asked again
				rows, err := conn.Query(ctx, `SELECT id, attempted_at, state = 'completed' FROM river.river_job WHERE id = ANY($1)`, lie)
				if err != nil {
					return err
				}
				begun := map[int64]time.Time{}
				var ended []int64
				var id int64
				var at time.Time
				var done bool
				_, err = pgx.ForEachRow(rows, []any{&id, &at, &done}, func() error {
					if begun[id] = at; done {
						ended = append(ended, id)
					}
					return nil
				})
				s.reruns.seen(begun)
				s.reruns.forget(ended)
				return err
			})
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// ranAgain: whatever a killed program had in hand ran again within a minute.
func ranAgain(ctx context.Context, s *stage, _ *load, _ *evidence) []violation {
	for len(s.reruns.seen(nil)) > 0 && ctx.Err() == nil && time.Since(s.reruns.last()) < rerunMost {
		time.Sleep(200 * time.Millisecond)
	}
	s.unwatch()
	longest, found := s.reruns.judge(time.Now())
	_, _ = fmt.Fprintf(s.out, "  of a killed program, %d jobs were in hand; the last ran again %.1f s after the kill\n", len(s.reruns.jobs), longest.Seconds())
	return found
}

// last is the last kill.
func (r *reruns) last() (at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.jobs); n > 0 {
		at = r.jobs[n-1].killed
	}
	return at
}
