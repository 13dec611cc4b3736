package main

import (
	"context"
	"syscall"
	"time"

	"fehrest/internal/payroll"

	"github.com/jackc/pgx/v5"
)

const (
	stoppedFor  = 30 * time.Second
	stoppedMost = 70 * time.Second // by then its jobs were run again, or the drill proves nothing
)

// stoppedWorker stops a program in the middle of its exchanges until another has run its jobs again, and lets it go on: what it still
// does then must have no effect twice.
func stoppedWorker(ctx context.Context, s *stage, _ *load) error {
	for _, lane := range payroll.EachLane() {
		if err := s.ail(lane, simFault{Name: "slow", Delay: "400ms"}); err != nil {
			return err
		}
	}
	time.Sleep(2 * time.Second)
	s.windows[1].signal(syscall.SIGSTOP)
	defer s.windows[1].signal(syscall.SIGCONT)
	began := time.Now()
	for _, lane := range payroll.EachLane() {
		if err := s.heal(lane); err != nil {
			return err
		}
	}
	time.Sleep(stoppedFor)
	for rescued := 0; rescued == 0; time.Sleep(time.Second) {
		err := s.ask(ctx, func(conn *pgx.Conn) error {
			return conn.QueryRow(ctx, `SELECT count(*) FROM river.river_job WHERE kind = 'deliver' AND array_to_string(errors::text[], '') LIKE '%Stuck job rescued%'`).Scan(&rescued)
		})
		if err != nil {
			return err
		}
		if rescued == 0 && time.Since(began) > stoppedMost {
			s.note(violation{"I3", "no other program took over what the stopped one was sending"})
			break
		}
	}
	s.windows[1].signal(syscall.SIGCONT)
	time.Sleep(3 * time.Second)
	return nil
}
