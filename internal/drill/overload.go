package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"fehrest/internal/synth"

	"github.com/google/uuid"
)

// overload brings three times the senders without rest, and forty large files at once beside them; who is put off is told until
// when (the senders' log says so), and afterwards all is as before.
func overload(ctx context.Context, s *stage, l *load) error {
	f := filed{header: s.shops[0]}
	f.header.ListNo = "999"
	f.lines = synth.List(synth.Options{Seed: s.rand.Uint64(), Workers: 12_000, Header: f.header, Law: s.law})
	entry, large := l.write(&f)
	crowd := s.newLoad()
	crowd.between, crowd.first = 0, 5_000
	crowd.begin(ctx, 36)
	end := time.Now().Add(12 * time.Second)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				status, header, said, err := l.post(ctx, uuid.NewString(), large)
				if err == nil {
					l.mu.Lock()
					entry.hear(status, header, said)
					l.mu.Unlock()
				}
				if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
					time.Sleep(time.Second)
				}
			}
		})
	}
	all.Wait()
	crowd.end()
	l.mu.Lock()
	l.log = append(l.log, crowd.log...)
	l.mu.Unlock()
	if entry.busy == 0 {
		s.note(violation{"I8", "forty large files at once, and none was put off: the overload was none"})
	}
	return nil
}
