package intake_test

import (
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestRead_good_list_has_nothing_above_info(t *testing.T) {
	t.Parallel()
	r, lines := good().read(t)
	require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	require.Len(t, lines, 3)
	require.Equal(t, payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted}, r.Verdicts)
	require.Nil(t, find(r, "CELL-11"), "%+v", find(r, "CELL-11"))
	require.Equal(t, "زهرا", lines[1].Line.FirstName)
	require.Equal(t, "4", lines[1].Line.Education)
	require.Equal(t, "01", r.Header.ListNo)
	require.Equal(t, "1405.yaml", r.LawFile)

	j, err := goodDocument().Workshop, error(nil)
	require.NoError(t, err)
	require.NotEmpty(t, j)
	r, lines = read(t, goodDocument().bytes(t), options(t))
	require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	require.Len(t, lines, 2)
	require.Equal(t, "json", r.Format)
}
