package meter_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"fehrest/internal/meter"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, m *meter.Meter) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.String()
}

func TestMeter_counts_in_words_of_its_own_and_in_no_other(t *testing.T) {
	t.Parallel()
	m := meter.New()
	const secret = "0012345679 محمدی"
	m.Uploaded("accepted")
	m.Uploaded(secret)
	m.Answered("tax", "stored")
	m.Answered(secret, secret)
	m.Attempted("sso", "busy")
	m.Attempted(secret, "busy")
	m.Receipted(meter.Small, 30*time.Millisecond)
	m.Receipted(secret, time.Second)
	m.Requested(secret, "/v1/lists/{id}", http.StatusNotFound, time.Second)
	said := read(t, m)
	for _, line := range []string{
		`fehrest_uploads_total{verdict="accepted"} 1`, `fehrest_uploads_total{verdict="other"} 1`, `fehrest_uploads_total{verdict="failed"} 0`,
		`fehrest_answers_total{lane="tax",outcome="stored"} 1`, `fehrest_answers_total{lane="other",outcome="other"} 1`,
		`fehrest_delivery_attempts_total{lane="sso",outcome="busy"} 1`, `fehrest_delivery_attempts_total{lane="other",outcome="busy"} 1`,
		`fehrest_receipt_seconds_bucket{size="small",le="0.03"} 1`, `fehrest_receipt_seconds_count{size="other"} 1`,
		`fehrest_request_seconds_count{method="other",route="/v1/lists/{id}",status="4xx"} 1`,
	} {
		require.Contains(t, said, line+"\n")
	}
	require.NotContains(t, said, "0012345679")
	for _, label := range regexp.MustCompile(`[{,]([a-z_]+)="`).FindAllStringSubmatch(said, -1) {
		require.Contains(t, []string{"lane", "state", "verdict", "outcome", "size", "method", "route", "status", "pool", "le", "quantile", "version"}, label[1])
	}
}

func TestMeter_shows_where_the_window_stands_and_what_it_knows_without_the_database(t *testing.T) {
	t.Parallel()
	m := meter.New()
	p, failed := meter.Picture{
		Lanes:    []meter.Standing{{Lane: "tax", State: "due", Depth: 3, Oldest: time.Minute}},
		Breakers: map[string]string{"sso": "open"}, SlotsInUse: 1, Slots: 2, Served: time.Unix(1_795_600_020, 0), Unsealed: 5, SealLag: 1500 * time.Millisecond,
		Pools: []meter.Pool{{Name: "api", InUse: 3, Idle: 1, Most: 8}},
	}, error(nil)
	m.Watch(func(context.Context) (meter.Picture, error) { return p, failed })
	said := read(t, m)
	for _, line := range []string{
		`fehrest_database_up 1`, `fehrest_lane_deliveries{lane="tax",state="due"} 3`, `fehrest_lane_oldest_seconds{lane="tax",state="due"} 60`,
		`fehrest_lane_deliveries{lane="sso",state="queued"} 0`, `fehrest_breaker_state{lane="sso",state="open"} 1`, `fehrest_breaker_state{lane="sso",state="closed"} 0`,
		`fehrest_served_timestamp_seconds 1.79560002e+09`, `fehrest_parse_slots_in_use 1`, `fehrest_parse_slots 2`, `fehrest_audit_unsealed_rows 5`, `fehrest_seal_lag_seconds 1.5`,
		`fehrest_database_connections{pool="api",state="in_use"} 3`, `fehrest_database_connections_most{pool="api"} 8`,
	} {
		require.Contains(t, said, line+"\n")
	}
	require.NotContains(t, said, `breaker_state{lane="tax"`, "a lane by hand has none")
	failed = errors.New("no database")
	said = read(t, m)
	require.Contains(t, said, "fehrest_database_up 0\n")
	require.Contains(t, said, "fehrest_parse_slots 2\n")
	require.False(t, strings.Contains(said, "fehrest_lane_deliveries{"), "what is not known is not told")
}

func TestMeter_nil_counts_nothing(t *testing.T) {
	t.Parallel()
	var m *meter.Meter
	m.Uploaded("accepted")
	m.Answered("sso", "stored")
	m.Attempted("sso", "busy")
	m.Receipted(meter.Large, time.Second)
	m.Requested(http.MethodGet, "/", http.StatusOK, time.Second)
}
