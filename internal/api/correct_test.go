package api_test

import (
	"net/http"
	"testing"

	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestWithdraw_over_HTTP(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.filed("") // by hand: nothing leaves by itself
	var l flow.List
	k.get("employer", "/v1/lists/"+id).into(t, &l)
	require.True(t, l.Withdrawal.Possible)
	require.NotEmpty(t, l.Withdrawal.Why.FA)

	var d flow.Difference
	k.get("employer", "/v1/lists/"+id+"/difference").into(t, &d)
	require.Equal(t, len(k.good.Lines), d.Added, "nothing stood before it")
	require.Equal(t, l.Totals.PremiumDue, d.Premium.After)

	for range 2 { // asked again it answers the same
		a := k.ask("employer", http.MethodDelete, "/v1/lists/"+id, nil)
		require.Equal(t, http.StatusOK, a.status, string(a.body))
		var gone flow.List
		a.into(t, &gone)
		require.Equal(t, payroll.Withdrawn, gone.State)
		require.NotNil(t, gone.WithdrawnAt)
	}
	require.Equal(t, http.StatusNotFound, k.ask("employer", http.MethodDelete, "/v1/lists/0192a0f0-0000-7000-8000-000000000000", nil).status)
	require.Equal(t, http.StatusForbidden, k.ask("supervisor", http.MethodDelete, "/v1/lists/"+id, nil).status)
}
