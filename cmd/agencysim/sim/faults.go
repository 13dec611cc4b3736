package sim

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// The faults that can be asked for.
const (
	faultUnavailable     = "unavailable"         // 503 before anything else
	faultThrottle        = "throttle"            // 429 with Retry-After: 2
	faultSlow            = "slow"                // waits delay (10 s) before it serves
	faultEffectTimeout   = "effect_then_timeout" // takes the delivery in, then says nothing for 30 s
	faultDuplicateAnswer = "duplicate_answers"   // posts each answer three times
	faultReordered       = "reordered_answers"   // holds each answer back by up to 3 s more
	faultReject          = "reject"              // decides against the delivery with SIM-99
)

var faultNames = []string{
	faultUnavailable, faultThrottle, faultSlow, faultEffectTimeout,
	faultDuplicateAnswer, faultReordered, faultReject,
}

// fault is one asked for: until its time is over or its count used up, whichever
// comes first; with neither, until it is cleared.
type fault struct {
	Name  string  `json:"fault"`
	For   string  `json:"for,omitempty"`   // a duration; empty is without end
	Count int     `json:"count,omitempty"` // how often it strikes; 0 is without end
	Rate  float64 `json:"rate,omitempty"`  // how likely it strikes, 0 meaning always
	Delay string  `json:"delay,omitempty"` // slow only; empty is 10s

	until time.Time
	delay time.Duration
}

// faults holds those in force; safe for concurrent use.
type faults struct {
	now func() time.Time
	mu  sync.Mutex
	set []*fault
}

// parseFault reads the body of POST /control/faults.
func parseFault(r io.Reader, now time.Time) (*fault, error) {
	var f fault
	d := json.NewDecoder(io.LimitReader(r, 1<<16))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("not a fault: %w", err)
	}
	return &f, f.prepare(now)
}

// parseFaultFlag reads NAME or NAME:FOR.
func parseFaultFlag(s string, now time.Time) (*fault, error) {
	name, span, _ := strings.Cut(s, ":")
	f := &fault{Name: name, For: span}
	return f, f.prepare(now)
}

func (f *fault) prepare(now time.Time) error {
	if !slices.Contains(faultNames, f.Name) {
		return fmt.Errorf("unknown fault %q; known: %s", f.Name, strings.Join(faultNames, " "))
	}
	if f.Count < 0 || f.Rate < 0 || f.Rate > 1 {
		return fmt.Errorf("fault %s: count below 0 or rate outside 0 to 1", f.Name)
	}
	f.delay = 10 * time.Second
	for _, d := range []struct {
		text string
		set  func(time.Duration)
	}{
		{f.For, func(d time.Duration) { f.until = now.Add(d) }},
		{f.Delay, func(d time.Duration) { f.delay = d }},
	} {
		if d.text == "" {
			continue
		}
		v, err := time.ParseDuration(d.text)
		if err != nil || v < 0 {
			return fmt.Errorf("fault %s: %q is no duration", f.Name, d.text)
		}
		d.set(v)
	}
	return nil
}

// add puts a fault in force in place of one of the same name.
func (s *faults) add(f *fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = slices.DeleteFunc(s.set, func(o *fault) bool { return o.Name == f.Name })
	s.set = append(s.set, f)
}

func (s *faults) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = nil
}

// strikes tells whether the named fault strikes now, and with which delay; it
// uses up one of its count.
func (s *faults) strikes(name string) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.set = slices.DeleteFunc(s.set, func(f *fault) bool { return !f.until.IsZero() && now.After(f.until) })
	for i, f := range s.set {
		if f.Name != name || f.Rate > 0 && rand.Float64() >= f.Rate {
			continue
		}
		if f.Count > 0 {
			if f.Count--; f.Count == 0 {
				s.set = slices.Delete(s.set, i, i+1)
			}
		}
		return f.delay, true
	}
	return 0, false
}
