package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fehrest/internal/agency/gateway"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestDesk_shows_each_his_own_and_an_operator_acts(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	t.Cleanup(refuses.Close)
	k.window.SSO.Gateway = &gateway.Client{URL: refuses.URL, Keys: k.window.Keys, HTTP: gateway.NewHTTP(time.Second)}
	k.work()
	id := k.filed("")
	l := k.until(id, func(l *flow.List) bool { return l.Deliveries.SSO.State == payroll.NeedsAttention })

	var item flow.DeskItem
	for _, who := range []string{"employer", "accountant", "operator"} {
		a := k.get(who, "/v1/desk?lane=sso")
		require.Equal(t, http.StatusOK, a.status, string(a.body))
		var page flow.Page[flow.DeskItem]
		a.into(t, &page)
		require.Len(t, page.Items, 1, who)
		item = page.Items[0]
		require.Equal(t, l.Deliveries.SSO.Key, item.Key)
		require.Equal(t, flow.ByWindow, item.Owner)
		require.NotEmpty(t, item.Why.FA)
		require.NotEmpty(t, item.Do.EN)
		require.Equal(t, fault.SSO, item.Lane)
	}
	var page flow.Page[flow.DeskItem]
	k.get("stranger", "/v1/desk").into(t, &page)
	require.Empty(t, page.Items)
	require.Equal(t, http.StatusForbidden, k.get("sso", "/v1/desk").status)
	require.Equal(t, http.StatusBadRequest, k.get("operator", "/v1/desk?lane=bank").status)
	require.Equal(t, http.StatusBadRequest, k.get("operator", "/v1/desk?cursor=x").status)

	act := func(who, what string) *answer {
		return k.ask(who, http.MethodPost, "/v1/desk/"+item.ID+"/"+what, nil)
	}
	require.Equal(t, http.StatusForbidden, act("employer", "replay").status)
	require.Equal(t, http.StatusConflict, act("operator", "supersession").status, "nothing waits behind it")
	a := act("operator", "replay")
	require.Equal(t, http.StatusOK, a.status, string(a.body))
	var done flow.Replayed
	a.into(t, &done)
	require.True(t, done.Changed)
	require.Equal(t, item.Key, done.Key)
	for _, bad := range []string{"x/y", "0000000000/" + strings.Repeat("0", 8) + "-0000-0000-0000-000000000000"} {
		require.Equal(t, http.StatusNotFound, k.ask("operator", http.MethodPost, "/v1/desk/"+bad+"/replay", nil).status)
	}
}

func TestSwitch_asks_for_each_delivery(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- k.window.Run(ctx, true) }()
	id := k.filed("")
	l := k.until(id, func(l *flow.List) bool { return l.Deliveries.SSO.State == payroll.ByHand })
	require.Contains(t, l.Deliveries.SSO.Checklist.FA, l.Deliveries.SSO.Files[0])
	stop()
	require.NoError(t, <-ended)

	confirm := func(who, lane, body string) *answer {
		return k.ask(who, http.MethodPost, "/v1/lanes/"+lane+"/switch", strings.NewReader(body), "Content-Type", "application/json")
	}
	body := `{"confirmed": ["` + l.Deliveries.SSO.Key + `"]}`
	require.Equal(t, http.StatusConflict, confirm("employer", "sso", body).status, "there is no gateway")
	k.window.SSO.Gateway = &gateway.Client{URL: "http://127.0.0.1:1", Keys: k.window.Keys, HTTP: gateway.NewHTTP(time.Second)}
	require.Equal(t, http.StatusNotFound, confirm("employer", "bank", body).status)
	require.Equal(t, http.StatusUnprocessableEntity, confirm("employer", "sso", `{"confirmed": []}`).status)
	require.Equal(t, http.StatusForbidden, confirm("sso", "sso", body).status)

	var held flow.Page[flow.HandItem]
	k.get("employer", "/v1/lanes/sso/by-hand").into(t, &held)
	require.Len(t, held.Items, 1)
	k.get("stranger", "/v1/lanes/sso/by-hand").into(t, &held)
	require.Empty(t, held.Items)
	var got struct {
		Items []flow.Switched `json:"items"`
	}
	confirm("stranger", "sso", body).into(t, &got)
	require.Equal(t, flow.SwitchUnknown, got.Items[0].Outcome)
	a := confirm("employer", "sso", body)
	require.Equal(t, http.StatusOK, a.status, string(a.body))
	a.into(t, &got)
	require.Equal(t, []flow.Switched{{Key: l.Deliveries.SSO.Key, Outcome: flow.SwitchQueued, State: payroll.Queued}}, got.Items)
}
