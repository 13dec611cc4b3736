package access_test

import (
	"testing"

	"fehrest/internal/access"

	"github.com/stretchr/testify/require"
)

func TestToken(t *testing.T) {
	t.Parallel()
	token := access.NewToken()
	require.NotEqual(t, token, access.NewToken())
	got, ok := access.BearerToken("Bearer " + token)
	require.True(t, ok)
	require.Equal(t, access.HashToken(token), access.HashToken(got))
	for _, bad := range []string{"", token, "Basic " + token, "Bearer x"} {
		_, ok := access.BearerToken(bad)
		require.False(t, ok, bad)
	}
}

func TestPolicy_keeps_officers_out_of_lists_and_employers_out_of_offices(t *testing.T) {
	t.Parallel()
	for _, r := range access.Roles() {
		p := access.Principal{Role: r}
		require.True(t, p.May(access.Anyone))
		require.Equal(t, r == access.Employer || r == access.Accountant, p.May(access.SubmitLists), r)
		require.Equal(t, r.Lane() != 0, p.May(access.ReadAgencyLists), r)
		require.False(t, p.May("unheard_of"))
	}
}
