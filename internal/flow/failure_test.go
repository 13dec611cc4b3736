package flow_test

import (
	"context"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestDeliver_effect_then_timeout_has_one_effect(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace.Exchange = 700 * time.Millisecond
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.trouble(fault.SSO, `{"fault": "effect_then_timeout", "count": 1}`)
	s.trouble(fault.Tax, `{"fault": "effect_then_timeout", "count": 1}`)
	s.work()
	sent := s.mustSend(listOf(shop, 0, 1))
	s.await(sent.ListID, payroll.Answered)
	for _, lane := range payroll.EachLane() {
		effects := s.effects(lane)
		require.Len(t, effects, 1)
		for _, e := range effects {
			require.Equal(t, 1, e.Count)
		}
	}
}

func TestDeliver_one_organisation_down_does_not_delay_the_other(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax, "unavailable")
	s.work()
	sent := s.mustSend(listOf(shop, 0, 1))
	s.awaitLane(sent.ListID, fault.SSO, payroll.AnswerAccepted)
	require.False(t, s.list(sent.ListID).Deliveries.Tax.State.Final())
	require.Equal(t, payroll.Submitted, s.list(sent.ListID).State)
	s.heal(fault.Tax)
	s.await(sent.ListID, payroll.Answered)
}

func TestDeliver_answers_three_times_and_rejections(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO, "duplicate_answers")
	s.open(fault.Tax, "reject")
	s.work()
	sent := s.mustSend(listOf(shop, 0, 1))
	l := s.await(sent.ListID, payroll.SettledWithRejection)
	require.Len(t, l.Deliveries.SSO.Payments, 1)
	require.Equal(t, payroll.AnswerRejected, l.Deliveries.Tax.State)
	require.NotEmpty(t, l.Deliveries.Tax.Findings)
}

func TestDeliver_killed_while_sending(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]bool{"before a byte left": false, "after the effect": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := onStage(t)
			s.open(fault.SSO)
			sent := s.mustSend(listOf(shop, 0, 1))
			id := s.ssoDelivery(sent.ListID)
			require.NoError(t, s.Prepare(ctx, id))
			lane := s.list(sent.ListID).Deliveries.SSO
			require.Equal(t, payroll.Sending, lane.State)
			if left {
				parcel, err := s.ParcelOf(ctx, id)
				require.NoError(t, err)
				_, err = s.clients[fault.SSO].Deliver(ctx, lane.Key, parcel)
				require.NoError(t, err)
			}
			s.work()
			s.awaitLane(sent.ListID, fault.SSO, payroll.AnswerAccepted)
			require.Equal(t, 1, s.effects(fault.SSO)[lane.Key].Count)
		})
	}
}

func TestDeliver_a_replaced_version_that_never_left_is_overtaken(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	v1 := s.mustSend(listOf(shop, 0))
	v2 := s.mustSend(listOf(shop, 0, 1).set("kind", "replacement").set("replaces", "v1").set("reason", "یک نفر افزوده شد"))
	s.work()
	s.await(v2.ListID, payroll.Answered)
	l := s.await(v1.ListID, payroll.Replaced)
	require.Equal(t, payroll.Superseded, l.Deliveries.SSO.State)
	require.Len(t, s.effects(fault.SSO), 1)
	require.Len(t, s.effects(fault.Tax), 1)
}

func TestDeliver_versions_wait_for_each_other(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	v1 := s.mustSend(listOf(shop, 0))
	first := s.awaitLane(v1.ListID, fault.SSO, payroll.Sent).Key
	v2 := s.mustSend(listOf(shop, 0, 1).set("kind", "replacement").set("replaces", "v1").set("reason", "یک نفر افزوده شد"))
	time.Sleep(300 * time.Millisecond)
	require.Equal(t, payroll.Queued, s.list(v2.ListID).Deliveries.SSO.State, "v1 has no answer yet")
	_, _ = o.post(o.answer(first, payroll.AnswerAccepted))
	second := s.awaitLane(v2.ListID, fault.SSO, payroll.Sent).Key
	_, _ = o.post(o.answer(second, payroll.AnswerAccepted))
	s.awaitLane(v2.ListID, fault.SSO, payroll.AnswerAccepted)
}

func TestDeliver_equal_files_are_not_sent_again(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	v1 := s.mustSend(listOf(shop, 0, 1))
	s.await(v1.ListID, payroll.Answered)
	same := listOf(shop, 0, 1).set("kind", "replacement").set("replaces", "v1").set("reason", "شماره ردیف‌ها اصلاح شد")
	same.Lines[0]["row"] = 7
	v2 := s.mustSend(same)
	l := s.await(v2.ListID, payroll.Answered)
	before := s.list(v1.ListID)
	require.Equal(t, before.Deliveries.SSO.Reference, l.Deliveries.SSO.Reference)
	require.Equal(t, before.Deliveries.SSO.Payments, l.Deliveries.SSO.Payments)
	require.Equal(t, before.Deliveries.Tax.Key, l.Deliveries.Tax.Key)
	require.Equal(t, payroll.Replaced, before.State)
	require.Len(t, s.effects(fault.SSO), 1)
	require.Len(t, s.effects(fault.Tax), 1)
}

func TestInquire_an_answer_that_never_came(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.deaf = true
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	s.awaitLane(sent.ListID, fault.SSO, payroll.AnswerAccepted)
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.answers WHERE source = 'inquired' AND outcome = 'stored'"))
}

func TestCut_now_and_a_later_list_makes_the_next_version(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.TaxWait = time.Hour
	s.open(fault.Tax)
	s.work()
	ctx := context.Background()
	first := s.mustSend(listOf(shop, 0))
	month, err := s.TaxMonth(ctx, s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.Equal(t, payroll.Due, month.State)
	require.NotNil(t, month.CutAt)
	_, err = s.CutNow(ctx, s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.Equal(t, "tax.10380284790.0.1405-07.1", s.awaitLane(first.ListID, fault.Tax, payroll.AnswerAccepted).Key)
	second := s.mustSend(listOf(branch, 1))
	_, err = s.CutNow(ctx, s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.Equal(t, "tax.10380284790.0.1405-07.2", s.awaitLane(second.ListID, fault.Tax, payroll.AnswerAccepted).Key)
	month, err = s.TaxMonth(ctx, s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.Len(t, month.Versions, 2)
	require.Len(t, month.Persons, 2)
}
