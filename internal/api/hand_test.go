package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

// work lets the window's jobs run until the test ends.
func (k *rig) work() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.window.Run(ctx, true) }()
	k.t.Cleanup(func() {
		stop()
		<-done
	})
}

// until waits for a list to come to stand as wanted.
func (k *rig) until(id string, wanted func(*flow.List) bool) (l flow.List) {
	k.t.Helper()
	require.Eventually(k.t, func() bool {
		k.get("employer", "/v1/lists/"+id).into(k.t, &l)
		return wanted(&l)
	}, 20*time.Second, 50*time.Millisecond)
	return l
}

func TestHand_a_lane_without_a_gateway_goes_by_portal_and_back(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	k.work()
	id := k.filed("")
	l := k.until(id, func(l *flow.List) bool {
		return l.Deliveries.SSO.State == payroll.ByHand && l.Deliveries.Tax.State == payroll.ByHand
	})
	for _, files := range [][]string{l.Deliveries.SSO.Files, l.Deliveries.Tax.Files} {
		require.Len(t, files, 3, "a pair and both in one")
		for _, name := range files {
			f := k.get("employer", "/v1/lists/"+id+"/files/"+url.PathEscape(name))
			require.Equal(t, http.StatusOK, f.status, name)
			require.NotEmpty(t, f.body)
			require.Contains(t, f.header.Get("Content-Disposition"), url.PathEscape(name))
			require.Equal(t, http.StatusNotFound, k.get("stranger", "/v1/lists/"+id+"/files/"+url.PathEscape(name)).status)
		}
	}

	upload := func(who, lane, reference string) *answer {
		return k.ask(who, http.MethodPost, "/v1/lists/"+id+"/deliveries/"+lane+"/uploaded", strings.NewReader(`{"reference":"`+reference+`"}`), "Content-Type", "application/json")
	}
	a := upload("employer", "sso", "1405-998")
	require.Equal(t, http.StatusNoContent, a.status, string(a.body))
	require.Equal(t, http.StatusNoContent, upload("employer", "sso", "1405-998").status, "said twice is said once")
	require.Equal(t, http.StatusConflict, upload("employer", "sso", "another").status)
	require.Equal(t, http.StatusUnprocessableEntity, upload("employer", "tax", "").status)
	require.Equal(t, http.StatusNotFound, upload("employer", "bank", "1").status)
	require.Equal(t, http.StatusForbidden, upload("sso", "sso", "1").status)

	slip := strings.NewReader(`{"number": "123456789012345", "amount": 1000, "state": "open", "list_no": "01"}`)
	a = k.ask("employer", http.MethodPost, "/v1/answers?key="+l.Deliveries.SSO.Key, slip, "Content-Type", "application/json")
	require.Equal(t, http.StatusOK, a.status, string(a.body))
	var got flow.Reception
	a.into(t, &got)
	require.Equal(t, store.AnswerStored, got.Outcome)
	l = k.until(id, func(l *flow.List) bool { return l.Deliveries.SSO.State == payroll.AnswerAccepted })
	require.Equal(t, "123456789012345", l.Deliveries.SSO.Payments[0].Slip)

	doc, err := json.Marshal(map[string]any{
		"id": store.NewID(), "key": l.Deliveries.Tax.Key, "digest": strings.Repeat("0", 64), "state": "rejected", "decided_at": noon, "findings": []any{},
	})
	require.NoError(t, err)
	a = k.ask("operator", http.MethodPost, "/v1/answers", strings.NewReader(string(doc)), "Content-Type", "application/json")
	require.Equal(t, http.StatusConflict, a.status, "the digest is not ours: %s", a.body)
	require.Equal(t, http.StatusNotFound, k.ask("stranger", http.MethodPost, "/v1/answers?key="+l.Deliveries.SSO.Key, strings.NewReader(`{"number": "1", "amount": 1, "state": "open"}`)).status)
	for _, bad := range []string{"", "x", "{}", "[1]", `{"number":`} {
		a := k.ask("employer", http.MethodPost, "/v1/answers?key="+l.Deliveries.SSO.Key, strings.NewReader(bad))
		require.GreaterOrEqual(t, a.status, 400, bad)
		require.Less(t, a.status, 500, bad)
		a.problem(t)
	}
}
