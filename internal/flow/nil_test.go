package flow_test

import (
	"context"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func nilList() *document { return listOf(shop).set("kind", "nil") }

func TestNil_is_declared_by_hand_at_both(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO) // though both have gateways
	s.open(fault.Tax)
	s.work()
	sent := s.mustSend(nilList())
	require.Equal(t, payroll.Nil, sent.Receipt.Kind)
	require.True(t, sent.Receipt.Verdicts.SSO.Passes())
	require.True(t, sent.Receipt.Verdicts.Tax.Passes())
	sso := s.awaitLane(sent.ListID, fault.SSO, payroll.ByHand)
	tax := s.awaitLane(sent.ListID, fault.Tax, payroll.ByHand)
	l := s.list(sent.ListID)
	require.Equal(t, payroll.Submitted, l.State)
	require.Empty(t, l.Deliveries.SSO.Files)
	require.Empty(t, l.Deliveries.Tax.Files)
	require.NotEmpty(t, sso.Reason)
	require.NotEmpty(t, tax.Reason)
	require.Empty(t, s.effects(fault.SSO))
	require.Empty(t, s.effects(fault.Tax))
	for _, key := range []string{sso.Key, tax.Key} {
		require.NoError(t, s.MarkUploaded(context.Background(), s.sender, key, time.Now(), "12"))
		_, err := s.AnswerByHand(context.Background(), s.sender, []byte("paper"), payroll.Answer{Key: key, State: payroll.AnswerAccepted})
		require.NoError(t, err)
	}
	s.await(sent.ListID, payroll.Answered)

	// Someone worked after all.
	real := s.mustSend(listOf(shop, 0).set("kind", "replacement").set("replaces", "v1").set("reason", "یک نفر کار کرده بود"))
	require.Equal(t, 2, real.Receipt.Version)
	s.await(real.ListID, payroll.Answered)
	require.Equal(t, payroll.Replaced, s.list(sent.ListID).State)
	require.Equal(t, 1, s.effects(fault.SSO)["sso.0123456789.000.1405-07.01.2"].Count)
	require.Equal(t, 1, s.effects(fault.Tax)["tax.10380284790.0.1405-07.2"].Count)
}

func TestNil_stands_beside_other_lists_of_the_month(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.TaxWait = 300 * time.Millisecond
	closed, open := s.mustSend(nilList()), s.mustSend(listOf(branch, 1))
	s.work()
	l := s.await(open.ListID, payroll.Answered)
	require.Equal(t, l.Deliveries.Tax.Key, s.awaitLane(closed.ListID, fault.Tax, payroll.AnswerAccepted).Key)
	s.awaitLane(closed.ListID, fault.SSO, payroll.ByHand)
}

func TestNil_takes_the_place_of_a_list_that_names_no_one_after_all(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	v1 := s.mustSend(listOf(shop, 0))
	require.Equal(t, "LIST-02", s.problem(nilList().bytes()).Code)
	v2 := s.mustSend(nilList().set("replaces", string(v1.Receipt.TrackingCode)))
	require.Equal(t, 2, v2.Receipt.Version)
	s.awaitLane(v2.ListID, fault.SSO, payroll.ByHand)
	s.awaitLane(v2.ListID, fault.Tax, payroll.ByHand)
	s.await(v1.ListID, payroll.Replaced)
}

func TestNil_with_workers_is_rejected(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	require.Contains(t, codesOf(s.problem(listOf(shop, 0).set("kind", "nil").bytes()).Faults), "LIST-08")
}
