package sim

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// The faults that can be asked for. The times in brackets are those of an absent delay.
const (
	faultUnavailable  = "unavailable"         // 503 before anything else
	faultThrottle     = "throttle"            // 429 with Retry-After of delay (2 s)
	faultSlow         = "slow"                // waits delay (10 s) before it serves, or with pace answers so many bytes a second
	faultResetBefore  = "reset_before"        // resets the connection before anything is taken in
	faultGarbage      = "garbage"             // 200 with a page that is no answer; nothing is taken in
	faultEffectSilent = "effect_then_timeout" // takes the delivery in, then says nothing for delay (30 s)
	faultEffectReset  = "effect_then_reset"   // takes the delivery in, then resets; cuts a ledger before its last line

	faultWrongDigest = "wrong_digest"      // an answer, posted or asked for, names another digest
	faultDuplicate   = "duplicate_answers" // posts an answer three times
	faultReordered   = "reordered_answers" // holds an answer back until a later one has left, at most delay (3 s)
	faultReject      = "reject"            // decides against the delivery with SIM-99

	faultLedgerLose   = "ledger_lose"        // the ledger lacks persons' rows
	faultLedgerChange = "ledger_change"      // an amount of a row is one rial more
	faultLedgerOld    = "ledger_old_version" // the ledger shows the version before the one in force, where there is one
)

// faultDelays holds every fault's name and its delay when none is given.
var faultDelays = map[string]time.Duration{
	faultUnavailable: 0, faultThrottle: 2 * time.Second, faultSlow: 10 * time.Second, faultResetBefore: 0, faultGarbage: 0,
	faultEffectSilent: 30 * time.Second, faultEffectReset: 0, faultWrongDigest: 0, faultDuplicate: 0,
	faultReordered: 3 * time.Second, faultReject: 0, faultLedgerLose: 0, faultLedgerChange: 0, faultLedgerOld: 0,
}

func faultNames() string {
	names := make([]string, 0, len(faultDelays))
	for n := range faultDelays {
		names = append(names, n)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// fault is one asked for: until its time is over or its count used up, whichever
// comes first; with neither, until it is cleared. A ledger fault strikes rows
// (ledger_old_version: lists) and those it struck stay so while it is in force,
// however often the ledger is read.
type fault struct {
	Name  string  `json:"fault"`
	For   string  `json:"for,omitempty"`   // a duration; empty is without end
	Count int     `json:"count,omitempty"` // how often it strikes; 0 is without end
	Rate  float64 `json:"rate,omitempty"`  // how likely it strikes, 0 meaning always
	Delay string  `json:"delay,omitempty"` // a duration; empty is the fault's own
	Pace  int     `json:"pace,omitempty"`  // slow only: bytes of the answer a second

	until  time.Time
	delay  time.Duration
	seed   maphash.Seed
	struck map[string]bool // of a ledger fault with a count: what it struck
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
	own, known := faultDelays[f.Name]
	if !known {
		return fmt.Errorf("unknown fault %q; known: %s", f.Name, faultNames())
	}
	if f.Count < 0 || f.Rate < 0 || f.Rate > 1 || f.Pace < 0 {
		return fmt.Errorf("fault %s: count or pace below 0, or rate outside 0 to 1", f.Name)
	}
	f.delay, f.seed = own, maphash.MakeSeed()
	if f.Pace > 0 {
		f.delay = 0
	}
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

// strikes tells whether the named fault strikes now, and how; it uses up one of
// its count.
func (s *faults) strikes(name string) (fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.inForce(name)
	if f == nil || f.Rate > 0 && rand.Float64() >= f.Rate {
		return fault{}, false
	}
	struck := *f
	if f.Count > 0 {
		if f.Count--; f.Count == 0 {
			s.set = slices.DeleteFunc(s.set, func(o *fault) bool { return o == f })
		}
	}
	return struck, true
}

// hits tells whether a ledger fault has struck, or now strikes, the row or list
// of this name.
func (s *faults) hits(name, what string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.inForce(name)
	if f == nil {
		return false
	}
	if f.Rate > 0 && float64(maphash.String(f.seed, what)>>11)/(1<<53) >= f.Rate {
		return false
	}
	if f.Count == 0 || f.struck[what] {
		return true
	}
	if len(f.struck) == f.Count {
		return false
	}
	if f.struck == nil {
		f.struck = map[string]bool{}
	}
	f.struck[what] = true
	return true
}

// inForce returns the fault of a name, nil when there is none; those whose time
// is over are dropped.
func (s *faults) inForce(name string) *fault {
	now := s.now()
	s.set = slices.DeleteFunc(s.set, func(f *fault) bool { return !f.until.IsZero() && now.After(f.until) })
	i := slices.IndexFunc(s.set, func(f *fault) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return s.set[i]
}
