package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"

	"github.com/stretchr/testify/require"
)

// sound is the evidence of a drill in which all went well: a list of two versions, each of which reached both organisations.
func sound(t *testing.T) *evidence {
	t.Helper()
	keys, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	e := &evidence{
		keys: keys.Public(), lists: map[string]*keptList{}, told: map[fault.Lane]*organisation{},
		before: figures{goroutines: 60, files: 40, megabytes: 120}, after: figures{goroutines: 70, files: 50, megabytes: 200},
	}
	for _, lane := range payroll.EachLane() {
		e.told[lane] = &organisation{sums: map[string]map[string]int64{}}
	}
	for version := 1; version <= 2; version++ {
		id, sha := fmt.Sprintf("list-%d", version), fmt.Sprintf("%x", sum([]byte{byte(version)}))
		r := payroll.Receipt{ID: id, SHA256: sha, Version: version, HeldRows: []int{}, KeyID: keys.ID()}
		r.Signature, err = keys.Sign(&r)
		require.NoError(t, err)
		receipt, err := json.Marshal(r)
		require.NoError(t, err)
		e.log = append(e.log, &sent{key: "key-" + id, sha256: sha, tries: 1, receipts: []json.RawMessage{receipt}})
		amount := int64(version) * 1_000_000
		e.lists[id] = &keptList{
			id: id, sha256: sha, identity: "sso.1010000000.000.1405-07.01", version: version, replaced: version == 1, sso: true, tax: true, inTaxMonth: version == 2,
			sums: map[string]int64{"DSW_TOTL": amount},
		}
		e.deliver(&delivered{lane: "sso", key: "sso.1010000000.000.1405-07.01", version: version, list: id}, map[string]int64{"DSW_TOTL": amount})
		e.deliver(&delivered{lane: "tax", key: "tax.10101234567.0.1405-07", version: version, sums: map[string]int64{"WH7": amount}}, map[string]int64{"WH7": amount})
	}
	return e
}

// deliver adds a delivery that its organisation accepted, and has in force with these sums. Its key lacks the version yet.
func (e *evidence) deliver(d *delivered, sums map[string]int64) {
	line := d.key
	d.key = fmt.Sprintf("%s.%d", line, d.version)
	left := time.Date(2026, 11, 1, 12, d.version, 0, 0, time.UTC)
	answered := left.Add(time.Second)
	d.left, d.answered = &left, &answered
	d.id, d.state, d.answers, d.digest = "of-"+d.key, payroll.AnswerAccepted, 1, fmt.Sprintf("%x", sum([]byte(d.key)))
	d.bytes = d.digest
	e.deliveries = append(e.deliveries, d)
	o := e.told[laneOf(d)]
	o.effects = append(o.effects, effect{key: d.key, digest: d.digest, version: d.version})
	delete(o.sums, fmt.Sprintf("%s.%d", line, d.version-1))
	o.sums[d.key] = sums
}

// of finds the delivery of a lane's version.
func (e *evidence) of(lane string, version int) *delivered {
	return e.deliveries[slices.IndexFunc(e.deliveries, func(d *delivered) bool { return d.lane == lane && d.version == version })]
}

func TestCheck_finds_nothing_where_all_went_well(t *testing.T) {
	t.Parallel()
	require.Empty(t, check(sound(t)))
}

// Each breaks one thing in sound evidence, and names the invariants that must be found broken, and no other.
func TestCheck_sees_what_is_broken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		breaks func(e *evidence)
		want   []string
	}{
		"a receipt whose list is lost": {func(e *evidence) { delete(e.lists, "list-2") }, []string{"I1"}},
		"a receipt of another file":    {func(e *evidence) { e.lists["list-2"].sha256 = "other" }, []string{"I1"}},
		"a receipt that was changed": {func(e *evidence) {
			e.log[1].receipts[0] = json.RawMessage(`{"id":"list-2","sha256":"` + e.log[1].sha256 + `","key_id":"` + e.keys.Keys[0].ID + `","signature":"AA"}`)
		}, []string{"I1"}},
		"a repeated receipt that was changed": {func(e *evidence) {
			e.log[1].receipts[0] = json.RawMessage(`{"id":"list-2","sha256":"` + e.log[1].sha256 + `","key_id":"` + e.keys.Keys[0].ID + `","signature":"AA","repeated":true}`)
		}, []string{"I1"}},
		"success without a receipt":  {func(e *evidence) { e.log[1].receipts = append(e.log[1].receipts, json.RawMessage(`<html>`)) }, []string{"I1", "I8"}},
		"kept bytes of another hash": {func(e *evidence) { e.unequal = []string{"0123456789abcdef"} }, []string{"I1"}},

		"an effect twice": {func(e *evidence) {
			o := e.told[fault.SSO]
			o.effects = slices.Insert(o.effects, 1, o.effects[0])
		}, []string{"I2", "I4"}},
		"an effect under a key not ours": {func(e *evidence) {
			o := e.told[fault.SSO]
			o.effects = append(o.effects, effect{key: "sso.1010000000.000.1405-07.01.201", version: 201})
		}, []string{"I2"}},
		"an effect of other bytes":           {func(e *evidence) { e.told[fault.Tax].effects[1].digest = "other" }, []string{"I2"}},
		"bytes kept that are not those sent": {func(e *evidence) { e.of("sso", 2).bytes = "other" }, []string{"I2"}},

		"a delivery that never ends":     {func(e *evidence) { e.of("sso", 1).state = payroll.Sent }, []string{"I3"}},
		"a delivery on the desk":         {func(e *evidence) { e.of("tax", 1).state = payroll.NeedsAttention }, []string{"I3"}},
		"a delivery rejected":            {func(e *evidence) { e.of("tax", 1).state = payroll.AnswerRejected }, []string{"I3"}},
		"a month that is never cut":      {func(e *evidence) { e.waiting = 1 }, []string{"I3"}},
		"a list that went to no one":     {func(e *evidence) { e.of("sso", 2).list = "another" }, []string{"I3"}},
		"a list that no tax month holds": {func(e *evidence) { e.lists["list-2"].inTaxMonth = false }, []string{"I3"}},

		"an earlier version taken in late": {func(e *evidence) { slices.Reverse(e.told[fault.SSO].effects) }, []string{"I4"}},

		"a version that did not wait":      {func(e *evidence) { e.of("tax", 1).answered = e.of("tax", 2).answered }, []string{"I4"}},
		"a version left after a later one": {func(e *evidence) { e.of("sso", 1).left, e.of("sso", 2).left = e.of("sso", 2).left, e.of("sso", 1).left }, []string{"I4"}},

		"accepted without an answer": {func(e *evidence) { e.of("sso", 2).answers = 0 }, []string{"I5"}},
		"accepted and never taken in": {func(e *evidence) {
			o := e.told[fault.SSO]
			o.effects = o.effects[:1]
		}, []string{"I5"}},
		"nothing accepted at all": {func(e *evidence) {
			e.of("tax", 1).state, e.of("tax", 2).state = payroll.Superseded, payroll.Superseded
			clear(e.told[fault.Tax].sums)
		}, []string{"I5"}},

		"a rial more at the sso":                {func(e *evidence) { e.told[fault.SSO].sums[e.of("sso", 2).key]["DSW_TOTL"]++ }, []string{"I6"}},
		"a rial less at the tax administration": {func(e *evidence) { e.told[fault.Tax].sums[e.of("tax", 2).key]["WH7"]-- }, []string{"I6"}},
		"in force there and not accepted here":  {func(e *evidence) { e.of("tax", 2).state = payroll.Superseded }, []string{"I6"}},
		"an old version in force there": {func(e *evidence) {
			o := e.told[fault.SSO]
			o.sums[e.of("sso", 1).key] = o.sums[e.of("sso", 2).key]
			delete(o.sums, e.of("sso", 2).key)
		}, []string{"I6"}},

		"a broken chain": {func(e *evidence) { e.chain = "position 7" }, []string{"I7"}},

		"a sender without an outcome": {func(e *evidence) { e.log[1].receipts = nil }, []string{"I8"}},
		"a list that its sender does not know of": {func(e *evidence) {
			e.lists["list-3"] = &keptList{id: "list-3", version: 3, replaced: true}
		}, []string{"I8"}},
		"two receipts of one key": {func(e *evidence) { e.log[0].receipts = append(e.log[0].receipts, e.log[1].receipts[0]) }, []string{"I1", "I8"}},
		"a receipt and a refusal": {func(e *evidence) { e.log[0].refused = "LIST-02" }, []string{"I8"}},
		"an error of ours":        {func(e *evidence) { e.log[0].status = []int{500} }, []string{"I8"}},
		"put off without a time":  {func(e *evidence) { e.log[0].bare = 1 }, []string{"I8"}},

		"goroutines that stay": {func(e *evidence) { e.after.goroutines = 500 }, []string{"I9"}},
		"files that stay open": {func(e *evidence) { e.after.files = 500 }, []string{"I9"}},
		"memory without bound": {func(e *evidence) { e.after.megabytes = 2_000 }, []string{"I9"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := sound(t)
			tt.breaks(e)
			var found []string
			for _, v := range check(e) {
				if !slices.Contains(found, v.invariant) {
					found = append(found, v.invariant)
				}
			}
			slices.Sort(found)
			require.Equal(t, tt.want, found, "%v", check(e))
		})
	}
}

func TestCheck_lets_stand_what_is_in_order(t *testing.T) {
	t.Parallel()
	for name, alters := range map[string]func(e *evidence){
		"a receipt asked for again": func(e *evidence) {
			again := slices.Concat(e.log[1].receipts[0][:len(e.log[1].receipts[0])-1], []byte(`,"repeated":true}`))
			e.log[1].receipts = append(e.log[1].receipts, again)
		},
		"a list refused in words":                  func(e *evidence) { e.log = append(e.log, &sent{key: "key-3", refused: "LIST-03", tries: 1}) },
		"a version overtaken before it left":       func(e *evidence) { e.overtake(1) },
		"a later version whose files are the same": func(e *evidence) { e.share() },
		"a list put off and told until when":       func(e *evidence) { e.log[0].busy = 3 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := sound(t)
			alters(e)
			require.Empty(t, check(e))
		})
	}
}

// overtake makes an SSO version one that never left.
func (e *evidence) overtake(version int) {
	d := e.of("sso", version)
	d.state, d.answers, d.left, d.answered = payroll.Superseded, 0, nil, nil
	o := e.told[fault.SSO]
	o.effects = slices.DeleteFunc(o.effects, func(x effect) bool { return x.version == version })
}

// share makes the SSO's second version one whose files are those of the first, which stays in force.
func (e *evidence) share() {
	e.overtake(2)
	e.of("sso", 2).shares = e.of("sso", 1).id
	o := e.told[fault.SSO]
	delete(o.sums, e.of("sso", 2).key)
	o.sums[e.of("sso", 1).key] = e.lists["list-1"].sums
}

func TestViolations_name_no_workshop(t *testing.T) {
	t.Parallel()
	require.Equal(t, "sso.….000.1405-07.01.2", masked("sso.1010000000.000.1405-07.01.2"))
}
