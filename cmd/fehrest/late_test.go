package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheck_tells_what_lateness_costs_by_the_day_that_is_given(t *testing.T) {
	t.Parallel()
	const list = "../../samples/small/list.xlsx"
	report := func(args ...string) (doc checked) {
		_, said, _ := fehrest(t, append([]string{"check", list, "--json"}, args...)...)
		require.NoError(t, json.Unmarshal([]byte(said), &doc))
		return doc
	}
	require.Nil(t, report().Lateness, "without --on nothing is told of deadlines")
	require.False(t, report("--on", "1405-08-30").Lateness.SSO.Late)
	late := report("--on", "1405-12-20")
	require.Equal(t, (late.Totals.PremiumDue+5)/10, late.Lateness.SSO.Charges[0].Amount)
	require.Equal(t, 4, late.Lateness.SSO.Charges[1].Months)
	require.Equal(t, (late.Totals.Salary+25)/50, late.Lateness.Tax.Charges[0].Amount)
	require.Nil(t, report("--on", "1405-12-20", "--lanes", "sso").Lateness.Tax)

	_, said, _ := fehrest(t, "check", list, "--on", "1405-12-20")
	require.Contains(t, said, late.Lateness.SSO.Charges[0].Amount.Grouped()+" ریال")
	require.Contains(t, said, "4 ماه")
	require.Contains(t, said, "قمری")
}
