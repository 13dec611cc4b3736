package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"fehrest/internal/agency/hand"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// enterByHand enters what the user was told at the portal.
func (s *stage) enterByHand(key, document string) {
	s.t.Helper()
	a, err := hand.Answer([]byte(document), "answer.json", key, "", time.Now())
	require.NoError(s.t, err)
	_, err = s.AnswerByHand(context.Background(), s.sender, []byte(document), a)
	require.NoError(s.t, err)
}

func (s *stage) switched(lane fault.Lane, keys ...string) map[string]flow.SwitchOutcome {
	s.t.Helper()
	all, err := s.Switch(context.Background(), s.sender, lane, keys)
	require.NoError(s.t, err)
	got := map[string]flow.SwitchOutcome{}
	for _, one := range all {
		got[one.Key] = one.Outcome
	}
	return got
}

func TestSwitch_a_month_by_hand_then_a_gateway_and_nothing_is_sent_twice(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	stop := s.work()

	// A month is filed wholly by hand: one list answered, one uploaded and waiting, one not uploaded yet,
	// one replaced before it was.
	answered := s.mustSend(listOf(shop, 0))
	s.awaitLane(answered.ListID, fault.Tax, payroll.ByHand)
	l := s.list(answered.ListID)
	for _, lane := range []flow.LaneView{l.Deliveries.SSO, l.Deliveries.Tax} {
		require.True(t, lane.ByHand)
		require.NotNil(t, lane.Checklist)
		for _, name := range lane.Files[:2] {
			require.Contains(t, lane.Checklist.FA, name)
		}
		require.NoError(t, s.MarkUploaded(ctx, s.sender, lane.Key, time.Now(), "portal-1"))
	}
	s.enterByHand(l.Deliveries.SSO.Key, `{"number": "123456789012345", "amount": 1000, "state": "open", "list_no": "01"}`)
	s.enterByHand(l.Deliveries.Tax.Key, `{"state": "accepted_with_findings", "findings": [{"message": "دیر"}]}`)
	require.Equal(t, payroll.Answered, s.list(answered.ListID).State)
	require.Nil(t, s.list(answered.ListID).Deliveries.SSO.Checklist)

	uploaded := s.mustSend(listOf(shop, 1).set("list_no", "02"))
	waiting := s.mustSend(listOf(shop, 2).set("list_no", "03"))
	uploadedKey := s.awaitLane(uploaded.ListID, fault.SSO, payroll.ByHand).Key
	waitingKey := s.awaitLane(waiting.ListID, fault.SSO, payroll.ByHand).Key
	overtaken := s.mustSend(manyFrom(shop, 0, 1).set("list_no", "04"))
	overtakenKey := s.awaitLane(overtaken.ListID, fault.SSO, payroll.ByHand).Key
	successor := s.mustSend(replacementOf(manyFrom(shop, 0, 2).set("list_no", "04"), 1))
	successorKey := s.awaitLane(successor.ListID, fault.SSO, payroll.ByHand).Key
	s.awaitLane(overtaken.ListID, fault.SSO, payroll.Superseded)
	require.Eventually(t, func() bool {
		month, err := s.TaxMonth(ctx, s.sender, employer, "", mehr)
		return err == nil && month.CutAt == nil && len(month.Persons) == 5 && month.State == payroll.ByHand
	}, patience, 30*time.Millisecond, "the month holds all")
	monthKey := s.list(waiting.ListID).Deliveries.Tax.Key
	require.NoError(t, s.MarkUploaded(ctx, s.sender, uploadedKey, time.Now(), "portal-2"))
	_, err := s.Switch(ctx, s.sender, fault.SSO, []string{waitingKey})
	s.mayNot(err) // there is no gateway yet
	stop()

	// The organisations open their gateways.
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	time.Sleep(500 * time.Millisecond)
	require.Empty(t, s.effects(fault.SSO), "nothing goes that no one confirmed")
	require.Empty(t, s.effects(fault.Tax))
	page, err := s.ByHand(ctx, s.sender, fault.SSO, "", 0)
	require.NoError(t, err)
	require.True(t, page.Gateway)
	require.Len(t, page.Items, 2)
	require.Equal(t, waitingKey, page.Items[0].Key)
	require.Equal(t, waiting.ListID, page.Items[0].ListID)
	require.Equal(t, successorKey, page.Items[1].Key)
	page, err = s.ByHand(ctx, operator, fault.Tax, "", 0)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, monthKey, page.Items[0].Key)

	answeredKey := l.Deliveries.SSO.Key
	strange := strings.Replace(waitingKey, "0123456789", string(stranger), 1)
	require.Equal(t, map[string]flow.SwitchOutcome{
		answeredKey: flow.SwitchUploaded, uploadedKey: flow.SwitchUploaded, waitingKey: flow.SwitchQueued,
		overtakenKey: flow.SwitchElse, successorKey: flow.SwitchQueued, monthKey: flow.SwitchUnknown, strange: flow.SwitchUnknown, "x": flow.SwitchUnknown,
	}, s.switched(fault.SSO, answeredKey, uploadedKey, waitingKey, overtakenKey, successorKey, monthKey, strange, "x"))
	require.Equal(t, map[string]flow.SwitchOutcome{
		l.Deliveries.Tax.Key: flow.SwitchUploaded, monthKey: flow.SwitchQueued,
	}, s.switched(fault.Tax, l.Deliveries.Tax.Key, monthKey))
	s.await(waiting.ListID, payroll.Answered)
	s.await(successor.ListID, payroll.Answered)
	require.Equal(t, map[string]flow.SwitchOutcome{waitingKey: flow.SwitchElse}, s.switched(fault.SSO, waitingKey), "asked again, nothing more is done")
	s.enterByHand(uploadedKey, `{"number": "123456789012346", "amount": 1000, "state": "open", "list_no": "02"}`)
	s.await(uploaded.ListID, payroll.Answered)

	effects := s.effects(fault.SSO)
	require.Len(t, effects, 2)
	require.Equal(t, 1, effects[waitingKey].Count)
	require.Equal(t, 1, effects[successorKey].Count)
	effects = s.effects(fault.Tax)
	require.Len(t, effects, 1)
	require.Equal(t, 1, effects[monthKey].Count)
	require.Equal(t, 3, s.count("SELECT count(*) FROM audit.log WHERE document::jsonb ->> 'action' = 'delivery.switched'"))
}

func TestSwitch_what_has_no_file_stays_by_hand(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.work()
	sent := s.mustSend(nilList())
	lane := s.awaitLane(sent.ListID, fault.SSO, payroll.ByHand)
	require.Contains(t, lane.Checklist.FA, "فاقد کارگر")
	require.Equal(t, map[string]flow.SwitchOutcome{lane.Key: flow.SwitchNoFile}, s.switched(fault.SSO, lane.Key))
	require.NoError(t, s.MarkUploaded(context.Background(), s.sender, lane.Key, time.Now(), "1"))
}
