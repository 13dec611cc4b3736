package flow_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// Twenty clients replace one list at once. Each names the version that it saw; one whose version was replaced in between is told
// which is in force, and names that. There is one order, the same at the window and at both organisations.
func TestReplace_twenty_at_once_have_one_order(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	first := s.mustSend(listOf(shop, 0))
	const clients = 20
	var wg sync.WaitGroup
	versions, lists := make([]int, clients), make([]string, clients)
	for i := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			d := listOf(shop, 0, 1).set("kind", "replacement").set("replaces", "v1").set("reason", fmt.Sprintf("اصلاح %d", i))
			if i%2 == 1 {
				d = changeOf("v1", changed(1, nil)).set("reason", fmt.Sprintf("اصلاح %d", i))
			}
			d.Lines[len(d.Lines)-1]["overtime"] = 1_000_000 * (i + 1)
			for end := time.Now().Add(time.Minute); time.Now().Before(end); {
				sent, err := s.send(d.bytes())
				var p *fault.Problem
				switch {
				case err == nil:
					versions[i], lists[i] = sent.Receipt.Version, sent.ListID
					return
				case errors.As(err, &p) && p.Code == "LIST-03":
					d.set("replaces", string(p.Extra.(*flow.Kept).Receipt.TrackingCode))
				case errors.As(err, &p) && p.Kind == fault.Busy:
				default:
					t.Errorf("%v", err)
					return
				}
			}
		}()
	}
	wg.Wait()
	last := ""
	seen := map[int]bool{}
	for i, v := range versions {
		require.False(t, seen[v], "version %d twice", v)
		seen[v] = true
		if v == clients+1 {
			last = lists[i]
		}
	}
	require.NotEmpty(t, last, "every number from 2 to %d was given once", clients+1)
	l := s.await(last, payroll.Answered)
	require.Equal(t, payroll.Replaced, s.await(first.ListID, payroll.Replaced).State)
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lists WHERE version IS NOT NULL AND replaced_by IS NULL"))
	require.Equal(t, clients, s.count("SELECT count(*) FROM shared.lists a JOIN shared.lists b ON a.replaced_by = b.list_id AND b.version = a.version + 1"))
	require.Zero(t, s.count("SELECT count(*) FROM shared.deliveries WHERE state IN ('queued', 'sending', 'sent', 'needs_attention')"))
	for lane, key := range map[fault.Lane]string{fault.SSO: l.Deliveries.SSO.Key, fault.Tax: l.Deliveries.Tax.Key} {
		newest := 0
		for k, e := range s.effects(lane) {
			require.Equal(t, 1, e.Count, k)
			newest = max(newest, e.Version)
			require.Equal(t, 1, s.count(`SELECT count(*) FROM shared.deliveries WHERE key = $1 AND encode(digest, 'hex') = $2`, k, e.Digest), "what they hold is what we sent")
		}
		require.Equal(t, newest, s.effects(lane)[key].Version, "the last is the last there too")
	}
	// What was sent went in the order of its versions.
	require.Zero(t, s.count(`SELECT count(*) FROM shared.deliveries a JOIN shared.deliveries b
		ON a.owner = b.owner AND a.sequence = b.sequence AND a.version < b.version AND a.first_sent_at > b.first_sent_at`))
}
