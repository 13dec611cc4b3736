package main

import (
	"context"
	"time"

	"fehrest/internal/fault"
)

// halfOpen has the network to each organisation and to the database fall silent in turn, for longer than an exchange is waited for;
// then every connection breaks, what was under way with it.
func halfOpen(_ context.Context, s *stage, _ *load) error {
	for _, p := range []*proxy{s.toAgency[fault.SSO], s.toAgency[fault.Tax], s.toPG} {
		p.fallSilent()
		s.pause(12*time.Second, 14*time.Second)
		p.speak()
		p.cut()
		time.Sleep(time.Second)
	}
	return nil
}
