package main

import (
	"context"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/jackc/pgx/v5"
)

const (
	someSilentFor = 12 * time.Second
	allSilentFor  = 8 * time.Second
	afterward     = 3 * time.Second // lists still arrive when both are there again
)

// silence has the SSO take lists in and say nothing of some, neither at once nor later, so that only who asks for the key learns
// what became of it; then it says nothing of any. The tax administration is down meanwhile.
func silence(_ context.Context, s *stage, _ *load) error {
	if err := s.ail(fault.Tax, simFault{Name: "unavailable"}); err != nil {
		return err
	}
	// No answer leaves before another does, and none does.
	if err := s.ail(fault.SSO, simFault{Name: "reordered_answers", Delay: "40s"}); err != nil {
		return err
	}
	for _, phase := range []struct {
		reset, timeout float64
		lasts          time.Duration
	}{{0.15, 0.02, someSilentFor}, {1, 0.3, allSilentFor}} {
		for name, rate := range map[string]float64{"effect_then_reset": phase.reset, "effect_then_timeout": phase.timeout} {
			if err := s.ail(fault.SSO, simFault{Name: name, Rate: rate}); err != nil {
				return err
			}
		}
		time.Sleep(phase.lasts)
	}
	for _, lane := range payroll.EachLane() {
		if err := s.heal(lane); err != nil {
			return err
		}
	}
	time.Sleep(afterward)
	return nil
}

// askedFor: some of the SSO's answers came by asking for the key, or the drill proved nothing.
func askedFor(ctx context.Context, s *stage, _ *load, _ *evidence) []violation {
	var found, answers int
	err := s.ask(ctx, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM audit.log WHERE subject = d.delivery_id::text AND action = 'delivery.sent'
					AND document::jsonb -> 'details' ->> 'asked_first' = 'true')),
				count(*) FILTER (WHERE EXISTS (SELECT FROM shared.answers a WHERE a.delivery_id = d.delivery_id AND a.outcome = 'stored' AND a.source = 'inquired'))
			FROM shared.deliveries d WHERE d.lane = 'sso'`).Scan(&found, &answers)
	})
	if err != nil {
		return []violation{{"I8", err.Error()}}
	}
	_, _ = fmt.Fprintf(s.out, "  of the SSO, %d deliveries were found by asking for their key, and %d answers\n", found, answers)
	if found == 0 || answers == 0 {
		return []violation{{"I8", "nothing was found by asking for its key: the silence was none"}}
	}
	return nil
}
