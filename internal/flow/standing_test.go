package flow_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/meter"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

// figures reads what a window's meter shows.
func figures(s *stage) string {
	w := httptest.NewRecorder()
	s.Meter.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	require.Equal(s.t, http.StatusOK, w.Code)
	return w.Body.String()
}

func metered(s *stage) {
	s.Meter = meter.New()
	s.Meter.Watch(s.Picture)
}

func TestPicture_tells_what_waits_and_what_became_of_it(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	metered(s)
	s.open(fault.SSO)
	s.open(fault.Tax)
	list := listOf(shop, 0)
	sent := s.mustSend(list)
	_ = s.mustSend(list) // again, under another key
	_, err := s.send(listOf(shop, 1).set("list_no", "02").bytes(), func(u *flow.Upload) { u.Draft = true })
	require.NoError(t, err)
	bad := listOf(branch, 1)
	bad.Lines[0]["national_code"] = "1234567890"
	_ = s.problem(bad.bytes())
	_ = s.problem(listOf(stranger, 2).bytes())
	_ = s.problem([]byte(`{"workshop": {`))
	said := figures(s)
	for _, line := range []string{
		`fehrest_database_up 1`,
		`fehrest_lane_deliveries{lane="sso",state="queued"} 1`, `fehrest_lane_deliveries{lane="tax",state="due"} 1`, `fehrest_lane_deliveries{lane="sso",state="sent"} 0`,
		`fehrest_breaker_state{lane="tax",state="closed"} 1`,
		`fehrest_uploads_total{verdict="repeated"} 1`, `fehrest_uploads_total{verdict="draft"} 1`, `fehrest_uploads_total{verdict="rejected"} 1`,
		`fehrest_uploads_total{verdict="refused"} 1`, `fehrest_uploads_total{verdict="unreadable"} 1`, `fehrest_uploads_total{verdict="failed"} 0`,
		`fehrest_receipt_seconds_count{size="small"} 4`,
	} {
		require.Contains(t, said, line+"\n")
	}
	require.Regexp(t, `fehrest_audit_unsealed_rows [1-9]`, said, "nothing seals yet")
	require.Regexp(t, `fehrest_seal_lag_seconds [0-9.e-]*[1-9]`, said)
	s.work()
	s.await(sent.ListID, payroll.Answered)
	require.Eventually(t, func() bool {
		p, err := s.Picture(context.Background())
		return err == nil && len(p.Lanes) == 0 && p.Unsealed == 0
	}, patience, 20*time.Millisecond)
	said = figures(s)
	for _, lane := range []string{"sso", "tax"} {
		require.Regexp(t, fmt.Sprintf(`fehrest_delivery_attempts_total{lane="%s",outcome="acknowledged"} [1-9]`, lane), said)
		require.Regexp(t, fmt.Sprintf(`fehrest_answers_total{lane="%s",outcome="stored"} [1-9]`, lane), said)
	}
}

// Reads that hold every connection they can have keep no answer out, no job from being done and no seal from being set.
func TestPools_a_flood_of_reads_starves_no_answer(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	metered(s)
	s.open(fault.SSO)
	s.open(fault.Tax)
	sent := s.mustSend(listOf(shop, 0))
	ctx, calm := context.WithCancel(context.Background())
	var flood, holds sync.WaitGroup
	most := 0
	for _, p := range s.Store.Pools() {
		if p.Pool == store.ForAPI {
			most = p.Most
		}
	}
	holds.Add(most)
	for range most {
		flood.Add(1)
		go func() {
			defer flood.Done()
			_ = s.Store.Read(ctx, func(*store.Tx) error {
				holds.Done()
				<-ctx.Done()
				return nil
			})
		}()
	}
	defer flood.Wait()
	defer calm()
	holds.Wait()
	require.Contains(t, figures(s), fmt.Sprintf(`fehrest_database_connections{pool="api",state="in_use"} %d`, most))
	s.work()
	require.NoError(t, s.Store.Ping(ctx))
	require.Eventually(t, func() bool {
		p, err := s.Picture(ctx)
		return err == nil && len(p.Lanes) == 0 && p.Unsealed == 0
	}, patience, 20*time.Millisecond, "the list was filed and answered meanwhile")
	require.Eventually(t, func() bool { return s.count("SELECT count(*) FROM shared.answers WHERE source = 'posted'") >= 2 }, patience, 20*time.Millisecond)
	calm()
	require.Equal(t, payroll.Answered, s.list(sent.ListID).State)
}
