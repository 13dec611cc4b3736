package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
)

// evidence is all that is known after a drill, from everyone's own record.
type evidence struct {
	log        []*sent
	keys       seal.KeySet
	lists      map[string]*keptList // by id
	unequal    []string             // uploads whose bytes are not those of their hash
	deliveries []*delivered
	waiting    int // tax months whose change was never cut
	told       map[fault.Lane]*organisation
	chain      string  // what the chain's verifier complains of; empty: nothing
	before     figures // of the window before the load, and after it
	after      figures //
}

// keptList is a list as the database holds it.
type keptList struct {
	id, sha256, identity string
	version              int // 0: never sent
	replaced, withdrawn  bool
	sso, tax             bool // sent to that lane
	inTaxMonth           bool // the newest version of its tax month holds it
	sums                 map[string]int64
}

// delivered is a delivery as the database holds it.
type delivered struct {
	id, lane, key        string
	version              int
	state                payroll.State
	list, digest, shares string
	bytes                string // the digest of the bytes kept
	reason               string
	answers              int // kept and stored
	left, answered       *time.Time
	sums                 map[string]int64
}

// effect is one line of an organisation's ledger: it took something in.
type effect struct {
	key, digest string
	version     int
}

// organisation is what its ledger holds.
type organisation struct {
	effects []effect                    // in their order
	sums    map[string]map[string]int64 // of each amount, by key, over the persons in force
}

// figures are what a program uses.
type figures struct{ goroutines, files, megabytes float64 }

// violation is an invariant that does not hold.
type violation struct{ invariant, what string }

func (v violation) String() string { return v.invariant + ": " + v.what }

// check holds the invariants of delivery.
func check(e *evidence) (found []violation) {
	c := &checker{evidence: e}
	c.receipts()
	c.effects()
	c.turns()
	c.settled()
	c.answered()
	c.sums()
	c.outcomes()
	if e.chain != "" {
		c.add("I7", "the chain does not verify: %s", e.chain)
	}
	c.resources()
	return c.found
}

type checker struct {
	*evidence
	found []violation
}

func (c *checker) add(invariant, format string, args ...any) {
	c.found = append(c.found, violation{invariant, fmt.Sprintf(format, args...)})
}

// receipts: every receipt has its list with that hash, and verifies by itself (I1).
func (c *checker) receipts() {
	for _, l := range c.log {
		for _, raw := range l.receipts {
			var r payroll.Receipt
			if err := json.Unmarshal(raw, &r); err != nil {
				c.add("I1", "an answer of success is no receipt")
				continue
			}
			kept, ok := c.lists[r.ID]
			switch {
			case !ok:
				c.add("I1", "receipt %s (key %s) has no list", r.ID, l.key)
			case kept.sha256 != l.sha256 || r.SHA256 != l.sha256:
				c.add("I1", "receipt %s is of another file", r.ID)
			case seal.Verify(alone(raw), c.keys) != nil:
				c.add("I1", "receipt %s does not verify", r.ID)
			}
		}
	}
	for _, sha := range c.unequal {
		c.add("I1", "the bytes kept of upload %.12s are not those of their hash", sha)
	}
}

// alone is a receipt without what the window's answer tells beside it: whose hand wrote that is not signed.
func alone(answer json.RawMessage) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(answer, &members) != nil {
		return answer
	}
	for _, beside := range []string{"repeated", "draft", "held_lane"} {
		delete(members, beside)
	}
	receipt, err := json.Marshal(members)
	if err != nil {
		return answer
	}
	return receipt
}

// effects: at most one an organisation and key, of our bytes, in the order of versions (I2, I4).
func (c *checker) effects() {
	ours := map[string]*delivered{}
	for _, d := range c.deliveries {
		ours[d.key] = d
	}
	for lane, o := range c.told {
		count, newest := map[string]int{}, map[string]int{}
		for _, e := range o.effects {
			count[e.key]++
			d, ok := ours[e.key]
			switch {
			case !ok:
				c.add("I2", "the %s took in a key that is not ours: %s", lane, masked(e.key))
				continue
			case d.digest != e.digest || d.bytes != e.digest:
				c.add("I2", "the %s holds other bytes than ours of delivery %s", lane, d.id)
			case count[e.key] > 1:
				c.add("I2", "the %s took in delivery %s %d times", lane, d.id, count[e.key])
			}
			line := lineOf(e.key)
			if e.version <= newest[line] {
				c.add("I4", "the %s took in version %d of delivery %s after version %d", lane, e.version, d.id, newest[line])
			}
			newest[line] = max(newest[line], e.version)
		}
	}
}

// lineOf is a delivery key without its version: what the versions of one thing have in common. The window's own word for it is not
// asked.
func lineOf(key string) string { return key[:max(strings.LastIndexByte(key, '.'), 0)] }

// turns: versions left one at a time, each after the one before it was answered (I4).
func (c *checker) turns() {
	gone := slices.DeleteFunc(slices.Clone(c.deliveries), func(d *delivered) bool { return d.left == nil })
	slices.SortFunc(gone, func(a, b *delivered) int {
		return cmp.Or(strings.Compare(lineOf(a.key), lineOf(b.key)), cmp.Compare(a.version, b.version))
	})
	for i, d := range gone[min(1, len(gone)):] {
		before := gone[i]
		if lineOf(before.key) == lineOf(d.key) && (before.answered == nil || d.left.Before(*before.answered)) {
			c.add("I4", "version %d of delivery %s left before version %d was answered", d.version, d.id, before.version)
		}
	}
}

// masked shows a key without the employer's or workshop's number.
func masked(key string) string {
	parts := strings.Split(key, ".")
	if len(parts) > 1 {
		parts[1] = "…"
	}
	return strings.Join(parts, ".")
}

// settled: every list in force has reached its end in each lane (I3). No drill breaks what only a person could mend: a delivery on
// the desk counts too.
func (c *checker) settled() {
	byList := map[string]*delivered{}
	for _, d := range c.deliveries {
		byList[d.list] = d
		switch d.state {
		case payroll.AnswerAccepted, payroll.AnswerWithFindings, payroll.Superseded:
		case payroll.AnswerRejected: // every list of a drill is in order, and what was not accepted is not compared
			c.add("I3", "delivery %s was rejected by the %s", d.id, d.lane)
		case payroll.NeedsAttention:
			c.add("I3", "delivery %s (%s) stands on the desk: %s", d.id, d.lane, d.reason)
		default:
			c.add("I3", "delivery %s (%s) is still %s", d.id, d.lane, d.state)
		}
	}
	if c.waiting > 0 {
		c.add("I3", "%d tax months still wait to be cut", c.waiting)
	}
	for _, l := range c.lists {
		if l.version == 0 || l.withdrawn || l.replaced {
			continue
		}
		if d := byList[l.id]; l.sso && (d == nil || d.state == payroll.Superseded && d.shares == "") {
			c.add("I3", "list %s is in force and nothing went to the sso", l.id)
		}
		if l.tax && !l.inTaxMonth {
			c.add("I3", "list %s is in force and its tax month does not hold it", l.id)
		}
	}
}

// answered: no state of acceptance without a stored answer, and nothing accepted that the organisation does not hold (I5).
func (c *checker) answered() {
	accepted := map[fault.Lane]bool{}
	for _, d := range c.deliveries {
		if !d.state.IsAccepted() {
			continue
		}
		accepted[laneOf(d)] = true
		if d.answers == 0 {
			c.add("I5", "delivery %s is %s and no answer is stored", d.id, d.state)
		}
		if !slices.ContainsFunc(c.told[laneOf(d)].effects, func(e effect) bool { return e.key == d.key }) {
			c.add("I5", "delivery %s is %s and the %s never took it in", d.id, d.state, d.lane)
		}
	}
	for lane := range c.told {
		if !accepted[lane] { // nothing is compared, and nothing proved
			c.add("I5", "the %s accepted nothing at all", lane)
		}
	}
}

func laneOf(d *delivered) fault.Lane {
	if d.lane == fault.SSO.String() {
		return fault.SSO
	}
	return fault.Tax
}

// sums: what the organisation holds in force is what we sent, rial by rial (I6).
func (c *checker) sums() {
	newest := map[string]*delivered{}
	for _, d := range c.deliveries {
		if n := newest[lineOf(d.key)]; d.state.IsAccepted() && (n == nil || n.version < d.version) {
			newest[lineOf(d.key)] = d
		}
	}
	ours := map[string]bool{}
	for _, d := range newest {
		ours[d.key] = true
		theirs := c.told[laneOf(d)].sums[d.key]
		for _, field := range slices.Sorted(maps.Keys(d.sums)) {
			if theirs[field] != d.sums[field] {
				c.add("I6", "delivery %s: %s is %d here and %d at the %s", d.id, field, d.sums[field], theirs[field], d.lane)
			}
		}
	}
	for lane, o := range c.told {
		for _, key := range slices.Sorted(maps.Keys(o.sums)) {
			if !ours[key] {
				c.add("I6", "the %s holds %s in force, which is not the newest that is accepted here", lane, masked(key))
			}
		}
	}
	for _, l := range c.lists {
		d, ok := newest[l.identity]
		if !ok || d.list != l.id || l.version == 0 {
			continue
		}
		for field, n := range l.sums {
			if theirs := c.told[fault.SSO].sums[d.key][field]; theirs != n {
				c.add("I6", "list %s: %s of its lines is %d and %d at the sso", l.id, field, n, theirs)
			}
		}
	}
}

// outcomes: whatever a sender did not know came to one receipt, and one list (I8).
func (c *checker) outcomes() {
	known := map[string]bool{}
	for _, l := range c.log {
		given := map[string]bool{}
		for _, raw := range l.receipts {
			var r payroll.Receipt
			_ = json.Unmarshal(raw, &r)
			given[string(alone(raw))], known[r.ID] = true, true
		}
		switch {
		case len(given) > 1:
			c.add("I8", "key %s was given %d different receipts", l.key, len(given))
		case len(given) > 0 && l.refused != "":
			c.add("I8", "key %s was given a receipt, and was refused: %s", l.key, l.refused)
		case len(given) == 0 && l.refused == "":
			c.add("I8", "key %s has no outcome after %d tries", l.key, l.tries)
		}
		for _, status := range l.status {
			c.add("I8", "key %s was answered %d", l.key, status)
		}
		if l.bare > 0 {
			c.add("I8", "key %s was put off without being told until when", l.key)
		}
	}
	for id, l := range c.lists {
		if l.version > 0 && !known[id] {
			c.add("I8", "list %s was sent and its sender has no receipt of it", id)
		}
	}
}

// Bounds of what may be left over when all is quiet again: pools keep some connections, the collector some memory.
const (
	moreGoroutines = 100
	moreFiles      = 40
	mostMegabytes  = 1536
)

// resources return to where they were (I9).
func (c *checker) resources() {
	if c.after.goroutines > c.before.goroutines+moreGoroutines {
		c.add("I9", "%.0f goroutines, %.0f before", c.after.goroutines, c.before.goroutines)
	}
	if c.after.files > c.before.files+moreFiles {
		c.add("I9", "%.0f open files, %.0f before", c.after.files, c.before.files)
	}
	if c.after.megabytes > mostMegabytes {
		c.add("I9", "%.0f MB", c.after.megabytes)
	}
}
