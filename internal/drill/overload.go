package main

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"fehrest/internal/intake"
	"fehrest/internal/synth"

	"github.com/google/uuid"
)

// overload brings three times the senders without rest, and forty large files at once beside them; who is put off is told until
// when (the senders' log says so), and afterwards all is as before.
func overload(ctx context.Context, s *stage, l *load) error {
	h := s.shops[0]
	h.ListNo = "99"
	var large bytes.Buffer
	if err := intake.WriteList(&large, &h, synth.List(synth.Options{Seed: s.rand.Uint64(), Workers: 12_000, Header: h, Law: s.law})); err != nil {
		return err
	}
	crowd := s.newLoad()
	crowd.between = 0
	crowd.begin(ctx, 36)
	end := time.Now().Add(12 * time.Second)
	var all sync.WaitGroup
	var put, bare atomic.Int64
	for range 40 {
		all.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				status, header, _, err := l.post(ctx, uuid.NewString(), large.Bytes())
				switch {
				case err != nil:
				case status == 429 || status == 503:
					put.Add(1)
					if header.Get("Retry-After") == "" {
						bare.Add(1)
					}
					time.Sleep(time.Second)
				case status >= 500:
					s.note(violation{"I8", fmt.Sprintf("a large list was answered %d", status)})
				}
			}
		})
	}
	all.Wait()
	crowd.end()
	l.mu.Lock()
	l.log = append(l.log, crowd.log...)
	l.mu.Unlock()
	if put.Load() == 0 {
		s.note(violation{"I8", "forty large files at once, and none was put off: the overload was none"})
	}
	if bare.Load() > 0 {
		s.note(violation{"I8", fmt.Sprintf("%d large files were put off without being told until when", bare.Load())})
	}
	return nil
}
