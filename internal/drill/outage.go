package main

import (
	"context"
	"fmt"
	"time"

	"fehrest/internal/fault"

	"github.com/jackc/pgx/v5"
)

const (
	outageFor = 2 * time.Minute
	// usualMost bounds what a busy machine may make of the time before: against more than this an outage would not show, whose
	// exchanges are waited for up to ten seconds.
	usualMost = 5.0 // seconds
)

// oneDown takes the SSO away for two minutes by the wall clock.
func oneDown(ctx context.Context, s *stage, _ *load) error {
	time.Sleep(20 * time.Second) // what is usual
	s.outage[0] = time.Now()
	if err := s.ail(fault.SSO, simFault{Name: "unavailable"}); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(outageFor):
	}
	s.outage[1] = time.Now()
	return s.heal(fault.SSO)
}

// otherUnslowed: the tax administration's lane takes no longer from the cut of a month to its answer than before.
func otherUnslowed(ctx context.Context, s *stage, _ *load, _ *evidence) (found []violation) {
	const p95 = `SELECT COALESCE(percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM a.received_at - d.created_at)), 0)::float8, count(*)
		FROM shared.deliveries d JOIN LATERAL (SELECT min(received_at) AS received_at FROM shared.answers a WHERE a.delivery_id = d.delivery_id AND a.outcome = 'stored') a ON true
		WHERE d.lane = 'tax' AND a.received_at IS NOT NULL AND d.created_at >= $1 AND d.created_at < $2`
	var before, during float64
	var n, m int
	err := s.ask(ctx, func(conn *pgx.Conn) error {
		if err := conn.QueryRow(ctx, p95, time.Time{}, s.outage[0]).Scan(&before, &n); err != nil {
			return err
		}
		return conn.QueryRow(ctx, p95, s.outage[0], s.outage[1]).Scan(&during, &m)
	})
	if err != nil {
		return []violation{{"I3", err.Error()}}
	}
	_, _ = fmt.Fprintf(s.out, "  the tax administration's lane, p95 from cut to answer: %.2f s of %d before, %.2f s of %d while the SSO was down\n", before, n, during, m)
	// A version waits for the one before it to be answered: at most one more answer's time, whatever the SSO does.
	if n == 0 || m == 0 || during > min(before, usualMost)*1.25+0.3 {
		found = append(found, violation{"I3", "the SSO's outage slowed the tax administration's lane"})
	}
	return found
}
