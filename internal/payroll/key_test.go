package payroll_test

import (
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestDeliveryKey(t *testing.T) {
	t.Parallel()
	month := jalali.Month{Year: 1405, Month: 7}
	list := payroll.Identity{Workshop: "0123456789", ContractRow: "000", Period: month, ListNo: "01"}
	k, ok := payroll.ParseDeliveryKey(list.Key(3))
	require.True(t, ok)
	require.Equal(t, payroll.DeliveryKey{Key: "sso.0123456789.000.1405-07.01.3", Lane: fault.SSO, List: list, Version: 3}, k)
	require.Equal(t, "sso.0123456789.000.1405-07.01", k.Sequence())
	for _, file := range []string{"", "77"} {
		id := payroll.TaxMonthIdentity{Employer: "10101234567", FileNo: file, Period: month}
		k, ok = payroll.ParseDeliveryKey(id.Key(12))
		require.True(t, ok)
		require.Equal(t, id, k.Month)
		require.Equal(t, 12, k.Version)
	}
	for _, s := range []string{"", "sso", "sso.0123456789.000.1405-07.01", "sso.0123456789.000.1405-13.01.1", "tax.1.0.1405-07.0", "tax.1.0.1405/07.1", "iran.1.0.1405-07.1"} {
		_, ok := payroll.ParseDeliveryKey(s)
		require.False(t, ok, s)
	}
}
