package api_test

import (
	"net/http"
	"strings"
	"testing"

	"fehrest/internal/flow"

	"github.com/stretchr/testify/require"
)

func TestEvidence_is_shown_to_employers_and_its_acceptance_told_by_operators(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	var page flow.Page[flow.Evidence]
	k.get("employer", "/v1/evidence/1405-07").into(t, &page)
	require.Len(t, page.Items, 3, "the SSO's two deadlines and the tax administration's")
	require.Equal(t, "1405/08/30", page.Items[0].Due.String())
	require.Equal(t, http.StatusForbidden, k.get("sso", "/v1/evidence/1405-07").status)
	require.Equal(t, http.StatusUnauthorized, k.get("", "/v1/evidence/1405-07").status)
	require.Equal(t, http.StatusOK, k.get("operator", "/v1/evidence/1405-07").status)
	for _, period := range []string{"1420-01", "x"} {
		require.Equal(t, http.StatusNotFound, k.get("employer", "/v1/evidence/"+period).status, period)
	}
	accept := func(who, agency, body string) int {
		return k.ask(who, http.MethodPost, "/v1/evidence/1405-07/"+agency+"/acceptance", strings.NewReader(body), "Content-Type", "application/json").status
	}
	const told = `{"due": "1405/08/30", "number": "5020/1"}`
	require.Equal(t, http.StatusForbidden, accept("employer", "sso", told))
	require.Equal(t, http.StatusNotFound, accept("operator", "sso", told), "no record was signed")
	require.Equal(t, http.StatusNotFound, accept("operator", "bank", told))
	require.Equal(t, http.StatusUnprocessableEntity, accept("operator", "sso", `{"due": "1405/08/30", "number": " "}`))
	require.NotEqual(t, http.StatusNoContent, accept("operator", "sso", `{"due": "tomorrow", "number": "1"}`))
}
