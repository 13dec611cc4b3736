package flow_test

import (
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestWindow_a_list_of_several_pairs_reaches_both_organisations_and_gets_a_slip_a_pair(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	sent := s.mustSend(hugeOf(shop, 3))
	s.work()
	l := s.await(sent.ListID, payroll.Answered)
	require.Equal(t, payroll.AnswerAccepted, l.Deliveries.SSO.State)
	require.Equal(t, payroll.AnswerAccepted, l.Deliveries.Tax.State)
	require.Len(t, l.Deliveries.SSO.Payments, 3)
	sum := l.Deliveries.SSO.Payments[0].Amount
	for _, p := range l.Deliveries.SSO.Payments[1:] {
		sum = sum.Add(p.Amount)
	}
	require.Equal(t, l.Totals.PremiumDue, sum)
	require.Equal(t, []string{"01", "02", "03"}, s.filedNumbers(sent.ListID, 3))
	for _, lane := range payroll.EachLane() {
		require.Len(t, s.effects(lane), 1)
	}
}
