package api_test

import (
	"net/http"
	"strings"
	"testing"

	"fehrest/internal/flow"

	"github.com/stretchr/testify/require"
)

func TestClosure_over_HTTP(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	path := "/v1/workshops/" + string(k.good.Header.Workshop) + "/closures"
	order := func(who, key, body string) *answer {
		return k.ask(who, http.MethodPost, path, strings.NewReader(body), "Content-Type", "application/json", "Idempotency-Key", key)
	}
	const winter = `{"first": "1405-10", "last": "1405-12"}`
	var c flow.Closure
	for range 2 {
		a := order("employer", "winter", winter)
		require.Equal(t, http.StatusOK, a.status, string(a.body))
		a.into(t, &c)
	}
	require.Len(t, c.Months, 3)
	require.Equal(t, "1405/11/01", c.Months[0].From.String())
	require.Equal(t, http.StatusUnprocessableEntity, order("employer", "winter", `{"first": "1405-10", "last": "1405-11"}`).status, "another order")
	require.Equal(t, http.StatusConflict, order("accountant", "mine", winter).status)
	require.Equal(t, http.StatusUnprocessableEntity, order("employer", "endless", `{"first": "1405-10", "last": ""}`).status)
	require.Equal(t, http.StatusBadRequest, order("employer", "", winter).status)
	require.Equal(t, http.StatusBadRequest, order("employer", "odd", `{"first": "winter", "last": "1405-12"}`).status)
	require.Equal(t, http.StatusNotFound, order("stranger", "hers", winter).status)
	require.Equal(t, http.StatusForbidden, order("operator", "his", winter).status)

	var all struct {
		Items []flow.Closure `json:"items"`
	}
	k.get("accountant", path).into(t, &all)
	require.Len(t, all.Items, 1)
	require.Equal(t, flow.ClosureStanding, all.Items[0].State)
	for range 2 {
		a := k.ask("accountant", http.MethodDelete, path+"/"+c.ID, nil)
		require.Equal(t, http.StatusOK, a.status, string(a.body))
		a.into(t, &c)
		require.Equal(t, flow.ClosureCancelled, c.State)
	}
	k.get("employer", path+"/"+c.ID).into(t, &c)
	require.Equal(t, "not_filed", c.Months[2].State)
	require.Equal(t, http.StatusNotFound, k.get("stranger", path+"/"+c.ID).status)
	require.Equal(t, http.StatusNotFound, k.get("employer", path+"/x").status)
}
