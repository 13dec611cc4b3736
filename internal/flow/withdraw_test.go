package flow_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func (s *stage) mustWithdraw(id string) *flow.List {
	s.t.Helper()
	l, err := s.Withdraw(context.Background(), s.sender, id)
	require.NoError(s.t, err)
	require.Equal(s.t, payroll.Withdrawn, l.State)
	return l
}

// mayNotWithdraw is why a list cannot be taken back.
func (s *stage) mayNotWithdraw(id string) *fault.Problem {
	s.t.Helper()
	_, err := s.Withdraw(context.Background(), s.sender, id)
	var p *fault.Problem
	require.ErrorAs(s.t, err, &p)
	require.Equal(s.t, fault.Conflict, p.Kind)
	return p
}

func TestWithdraw_a_queued_list_frees_its_identity(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	sent := s.mustSend(listOf(shop, 0, 1))
	l := s.list(sent.ListID)
	require.True(t, l.Withdrawal.Possible)
	require.Nil(t, l.Withdrawal.Until, "it is queued, and may go at any moment")
	gone := s.mustWithdraw(sent.ListID)
	require.NotNil(t, gone.WithdrawnAt)
	require.False(t, gone.Withdrawal.Possible)
	require.Equal(t, gone, s.mustWithdraw(sent.ListID), "withdrawn twice is withdrawn once")
	require.Equal(t, 1, s.count("SELECT count(*) FROM audit.log WHERE action = 'list.withdrawn'"))

	s.work()
	require.Eventually(t, func() bool { return s.count("SELECT count(*) FROM shared.tax_months WHERE due_at IS NULL") == 1 }, patience, 20*time.Millisecond)
	require.Empty(t, s.effects(fault.SSO))
	require.Empty(t, s.effects(fault.Tax))
	require.Zero(t, s.count("SELECT count(*) FROM shared.deliveries WHERE lane = 'tax'"), "an empty month that nobody was told of is no delivery")

	again := s.mustSend(listOf(shop, 0, 1))
	require.NotEqual(t, sent.ListID, again.ListID, "the same bytes are judged anew")
	require.Equal(t, 2, again.Receipt.Version, "a withdrawn number is not used again")
	l = s.await(again.ListID, payroll.Answered)
	require.Equal(t, "sso.0123456789.000.1405-07.01.2", l.Deliveries.SSO.Key)
	require.Equal(t, "tax.10380284790.0.1405-07.1", l.Deliveries.Tax.Key)
	require.False(t, l.Withdrawal.Possible)
	require.NotNil(t, l.Withdrawal.ClosedAt)
	// An answer may be here before our own record of the sending is, which then is the earlier of the two lanes'.
	p := s.mayNotWithdraw(again.ListID)
	require.Equal(t, s.list(again.ListID).Withdrawal.Why, p.Text)
}

func TestWithdraw_others_lists_and_rejected_ones_are_not_ours_to_withdraw(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	sent := s.mustSend(listOf(shop, 0))
	someone := s.sender
	someone.ID = uuid.New()
	_, err := s.Withdraw(context.Background(), someone, sent.ListID)
	requireNotFound(t, err)
	bad := listOf(branch, 1)
	bad.Lines[0]["national_code"] = "1234567890"
	rejected := s.problem(bad.bytes()).Extra.(*flow.Kept)
	s.mayNotWithdraw(rejected.ID)
	draft, err := s.send(listOf(branch, 1).bytes(), func(u *flow.Upload) { u.Draft = true })
	require.NoError(t, err)
	require.True(t, s.list(draft.ListID).Withdrawal.Possible)
	s.mustWithdraw(draft.ListID)
}

func TestWithdraw_a_tax_month_is_cut_again_without_the_list(t *testing.T) {
	t.Parallel()
	s := onStage(t) // by hand: both lanes' files are made, and nothing leaves by itself
	s.work()
	first, second := s.mustSend(listOf(shop, 0, 1)), s.mustSend(listOf(branch, 2))
	s.awaitLane(first.ListID, fault.SSO, payroll.ByHand)
	s.awaitLane(second.ListID, fault.Tax, payroll.ByHand)
	s.awaitLane(first.ListID, fault.Tax, payroll.ByHand)
	before := s.list(first.ListID).Deliveries.Tax.Key
	s.mustWithdraw(second.ListID)
	require.Eventually(t, func() bool {
		l := s.list(first.ListID)
		return l.Deliveries.Tax.State == payroll.ByHand && l.Deliveries.Tax.Key != before
	}, patience, 20*time.Millisecond)
	month, err := s.TaxMonth(context.Background(), s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.Len(t, month.Persons, 2)

	require.True(t, s.list(first.ListID).Withdrawal.Possible)
	require.NoError(t, s.MarkUploaded(context.Background(), s.sender, s.list(first.ListID).Deliveries.Tax.Key, time.Now(), "1405-1"))
	require.NotNil(t, s.list(first.ListID).Withdrawal.ClosedAt)
	s.mayNotWithdraw(first.ListID)
}

func TestWithdraw_the_replaced_version_is_in_force_again(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.Tax.Gateway = nil
	stop := s.work()
	v1 := s.mustSend(listOf(shop, 0))
	s.awaitLane(v1.ListID, fault.SSO, payroll.Sent)
	replace := listOf(shop, 0, 1).set("kind", "replacement").set("replaces", "v1").set("reason", "یک نفر افزوده شد")
	v2 := s.mustSend(replace) // it waits for the answer to v1
	s.mustWithdraw(v2.ListID)
	require.Equal(t, "LIST-02", s.problem(listOf(shop, 0, 2).bytes()).Code, "v1 is in force")
	l := s.list(v1.ListID)
	require.Empty(t, l.ReplacedBy)
	require.Equal(t, payroll.Submitted, l.State)
	v3 := s.mustSend(listOf(shop, 0, 2).set("kind", "replacement").set("replaces", "v1").set("reason", "یک نفر افزوده شد"))
	require.Equal(t, 3, v3.Receipt.Version)
	status, _ := o.post(o.answer("sso.0123456789.000.1405-07.01.1", payroll.AnswerAccepted))
	require.Equal(t, 200, status)
	s.awaitLane(v3.ListID, fault.SSO, payroll.Sent)
	require.Empty(t, o.sent("sso.0123456789.000.1405-07.01.2"))
	stop()
}

func TestWithdraw_a_version_that_was_overtaken_goes_its_way_again(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	v1 := s.mustSend(listOf(shop, 0))
	replace := listOf(shop, 0, 1).set("kind", "replacement").set("replaces", "v1").set("reason", "یک نفر افزوده شد")
	v2 := s.mustSend(replace)
	var d store.DeliveryID
	require.NoError(t, s.Store.Read(context.Background(), func(tx *store.Tx) error {
		key, _ := payroll.ParseDeliveryKey("sso.0123456789.000.1405-07.01.1")
		found, err := tx.DeliveryByKey(context.Background(), key)
		d = found.DeliveryID
		return err
	}))
	require.NoError(t, s.Prepare(context.Background(), d))
	require.Equal(t, payroll.Superseded, s.list(v1.ListID).Deliveries.SSO.State)
	s.mustWithdraw(v2.ListID)
	require.Equal(t, payroll.Queued, s.list(v1.ListID).Deliveries.SSO.State)
	s.work()
	s.awaitLane(v1.ListID, fault.SSO, payroll.Sent)
	require.NotEmpty(t, o.sent("sso.0123456789.000.1405-07.01.1"))
	require.Empty(t, o.sent("sso.0123456789.000.1405-07.01.2"))
}

// Whoever comes first, the withdrawal or the sending: never both.
func TestWithdraw_races_with_the_sending(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.TaxWait = time.Hour
	s.work()
	won := 0
	for range 12 {
		sent := s.mustSend(listOf(shop, 0))
		var wg sync.WaitGroup
		results := make([]error, 2)
		for i := range results {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, results[i] = s.Withdraw(context.Background(), s.sender, sent.ListID)
			}()
		}
		wg.Wait()
		key := s.list(sent.ListID).Deliveries.SSO.Key
		if results[0] == nil || results[1] == nil {
			won++
			require.Equal(t, payroll.Withdrawn, s.list(sent.ListID).State)
			require.Zero(t, s.effects(fault.SSO)[key].Count)
			continue
		}
		var p *fault.Problem
		require.True(t, errors.As(results[0], &p), "%v", results[0])
		s.awaitLane(sent.ListID, fault.SSO, payroll.AnswerAccepted)
		require.Equal(t, 1, s.effects(fault.SSO)[key].Count)
		// The next one begins anew.
		break
	}
	time.Sleep(100 * time.Millisecond)
	for key, e := range s.effects(fault.SSO) {
		require.Equal(t, 1, e.Count, key)
		require.Zero(t, s.count("SELECT count(*) FROM shared.deliveries WHERE key = $1 AND reason = 'withdrawn'", key))
	}
	t.Logf("withdrawn first: %d", won)
}
