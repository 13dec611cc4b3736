package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/synth"
)

// replaced is a list that twenty senders want to replace at once.
type replaced struct {
	mu sync.Mutex
	filed
	version int
}

// sameLists has twenty senders replace the same three lists over and over: each names the version he saw last, and only one of
// those who saw the same one may win.
func sameLists(ctx context.Context, s *stage, l *load) error {
	var lists []*replaced
	for i := range 3 {
		f := filed{header: s.shops[i]}
		f.header.ListNo = "88"
		f.lines = synth.List(synth.Options{Seed: s.rand.Uint64(), Workers: 2, Header: f.header, Law: s.law})
		got := l.file(ctx, &f)
		r, ok := got.receipt()
		if !ok {
			return fmt.Errorf("the first version was refused: %s", got.refused)
		}
		f.header.Replaces = string(r.TrackingCode)
		lists = append(lists, &replaced{filed: f})
	}
	end := time.Now().Add(15 * time.Second)
	var all sync.WaitGroup
	for sender := range 20 {
		all.Go(func() {
			for n := sender; time.Now().Before(end) && ctx.Err() == nil; n++ {
				seen := lists[n%len(lists)]
				seen.mu.Lock()
				f := filed{seen.header, slices.Clone(seen.lines)}
				seen.mu.Unlock()
				f.header.Kind, f.header.Reason = payroll.Replacement, "اضافه‌کار"
				f.lines[0].Pay[payroll.Overtime] = rial.Amount(1_000_000 + 1_000*n + sender)
				f.lines[0].Given.Add(payroll.Overtime.Column())
				got := l.file(ctx, &f)
				if r, ok := got.receipt(); ok {
					seen.mu.Lock()
					if seen.version < r.Version {
						seen.version, seen.header.Replaces, seen.lines = r.Version, string(r.TrackingCode), f.lines
					}
					seen.mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return nil
}
