package flow_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var operator = access.Principal{ID: uuid.New(), Name: "متصدی", Role: access.Operator}

func (s *stage) desk(p access.Principal) []flow.DeskItem {
	s.t.Helper()
	page, err := s.Desk(context.Background(), p, flow.DeskQuery{})
	require.NoError(s.t, err)
	return page.Items
}

// deliveryOf finds a delivery by its key.
func (s *stage) deliveryOf(key string) store.DeliveryID {
	s.t.Helper()
	var id store.DeliveryID
	require.NoError(s.t, s.Store.Jobs().QueryRow(context.Background(), "SELECT owner, delivery_id FROM shared.deliveries WHERE key = $1", key).Scan(&id.Owner, &id.ID))
	return id
}

func (s *stage) mustReplay(key string) *flow.Replayed {
	s.t.Helper()
	got, err := s.Replay(context.Background(), operator, s.deliveryOf(key))
	require.NoError(s.t, err)
	return got
}

func (s *stage) mayNot(err error) {
	s.t.Helper()
	var p *fault.Problem
	require.ErrorAs(s.t, err, &p)
	require.Equal(s.t, fault.Conflict, p.Kind, p.Text.EN)
}

const (
	first  = "sso.0123456789.000.1405-07.01.1"
	second = "sso.0123456789.000.1405-07.01.2"
)

func refuse(w http.ResponseWriter) bool {
	w.WriteHeader(http.StatusBadRequest)
	return true
}

func (o *office) says(reply func(http.ResponseWriter) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reply = reply
}

func (o *office) offered() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.puts
}

func TestDesk_what_was_refused_goes_again_once_at_an_operators_word(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	o.says(refuse)
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	s.awaitLane(sent.ListID, fault.SSO, payroll.NeedsAttention)

	for _, p := range []access.Principal{operator, s.sender} {
		items := s.desk(p)
		require.Len(t, items, 1)
		require.Equal(t, first, items[0].Key)
		require.Equal(t, flow.ByWindow, items[0].Owner)
		require.Equal(t, string(shop), items[0].Workshop)
		require.Equal(t, sent.ListID, items[0].ListID)
		require.False(t, items[0].LaterWaits)
		require.Equal(t, 1, items[0].Attempts)
	}
	require.Equal(t, []string{"replay"}, s.desk(operator)[0].Actions)
	require.Empty(t, s.desk(s.sender)[0].Actions)
	require.Empty(t, s.desk(access.Principal{ID: uuid.New(), Role: access.Employer}))

	o.says(nil)
	got := s.mustReplay(first)
	require.Equal(t, &flow.Replayed{Key: first, State: payroll.Sending, Changed: true}, got)
	s.awaitLane(sent.ListID, fault.SSO, payroll.Sent)
	require.Equal(t, 2, o.offered())
	require.False(t, s.mustReplay(first).Changed, "asked again, nothing more is done")
	require.Equal(t, 1, s.count("SELECT count(*) FROM audit.log WHERE document::jsonb ->> 'action' = 'delivery.replayed'"))
	require.Empty(t, s.desk(operator))
	_, err := s.Replay(context.Background(), operator, store.DeliveryID{Owner: string(shop), ID: uuid.New()})
	requireNotFound(t, err)
}

func TestDesk_what_took_effect_unheard_is_not_sent_twice(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace.GiveUp = 300 * time.Millisecond
	o := s.office(fault.SSO)
	sent := s.mustSend(listOf(shop, 0))
	parcel, err := s.ParcelOf(context.Background(), s.deliveryOf(first))
	require.NoError(t, err)
	o.says(func(w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	s.work()
	require.Equal(t, "no acknowledgement within the time set", s.awaitLane(sent.ListID, fault.SSO, payroll.NeedsAttention).Reason)
	before := o.offered()
	o.mu.Lock()
	o.taken[first] = parcel
	o.mu.Unlock()
	_, err = s.SetAside(context.Background(), operator, s.deliveryOf(first))
	s.mayNot(err)
	require.True(t, s.mustReplay(first).Changed)
	s.awaitLane(sent.ListID, fault.SSO, payroll.Sent)
	require.Equal(t, before, o.offered())
}

func TestDesk_a_refused_version_lets_the_next_go_at_an_operators_word(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	o.says(refuse)
	s.work()
	v1 := s.mustSend(listOf(shop, 0))
	s.awaitLane(v1.ListID, fault.SSO, payroll.NeedsAttention)
	_, err := s.SetAside(context.Background(), operator, s.deliveryOf(first))
	s.mayNot(err)

	o.says(nil)
	v2 := s.mustSend(replacementOf(listOf(shop, 0, 1), 1))
	require.Eventually(t, func() bool { return s.desk(operator)[0].LaterWaits }, patience, 20*time.Millisecond)
	time.Sleep(200 * time.Millisecond)
	require.Equal(t, payroll.Queued, s.list(v2.ListID).Deliveries.SSO.State)
	require.Equal(t, []string{"replay", "supersession"}, s.desk(operator)[0].Actions)
	got, err := s.SetAside(context.Background(), operator, s.deliveryOf(first))
	require.NoError(t, err)
	require.Equal(t, &flow.Replayed{Key: first, State: payroll.Superseded, Changed: true}, got)
	s.awaitLane(v2.ListID, fault.SSO, payroll.Sent)
	require.Nil(t, o.sent(first))
	require.NotNil(t, o.sent(second))
	got, err = s.SetAside(context.Background(), operator, s.deliveryOf(first))
	require.NoError(t, err)
	require.False(t, got.Changed)
	_, outcome := o.post(o.answer(second, payroll.AnswerAccepted))
	require.Equal(t, store.AnswerStored, outcome)
	require.Equal(t, payroll.Replaced, s.list(v1.ListID).State)
}

func TestDesk_a_rejected_tax_month_goes_again_as_its_next_version(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.Tax)
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(sent.ListID, fault.Tax, payroll.Sent).Key
	_, _ = o.post(o.answer(key, payroll.AnswerRejected))
	s.awaitLane(sent.ListID, fault.Tax, payroll.AnswerRejected)
	require.True(t, s.mustReplay(key).Changed)
	const next = "tax.10380284790.0.1405-07.2"
	require.Equal(t, next, s.awaitLane(sent.ListID, fault.Tax, payroll.Sent).Key)
	require.Equal(t, o.sent(key), o.sent(next), "the same bytes")
	require.False(t, s.mustReplay(key).Changed)
	s.awaitLane(sent.ListID, fault.SSO, payroll.ByHand)
}

func TestDesk_files_that_could_not_be_made_are_made_when_they_can_be(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	right := [2]agency.Agency{s.SSO.Agency, s.Tax.Agency}
	s.SSO.Agency, s.Tax.Agency = wordless{s.SSO.Agency}, wordless{s.Tax.Agency}
	stop := s.work()
	sent := s.mustSend(listOf(shop, 0))
	for _, lane := range payroll.EachLane() {
		s.awaitLane(sent.ListID, lane, payroll.NeedsAttention)
	}
	stop()
	s.SSO.Agency, s.Tax.Agency = right[0], right[1]
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	for _, item := range s.desk(operator) {
		require.Equal(t, []string{"replay"}, item.Actions)
		require.True(t, s.mustReplay(item.Key).Changed)
	}
	s.await(sent.ListID, payroll.Answered)
	require.Empty(t, s.desk(operator), "the month's first version was overtaken")
}

func TestDesk_lists_that_contradict_each_other_wait_for_the_employer(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.Tax)
	half := map[string]any{"place_status": "1", "days": 15, "housing": 0, "grocery": 0}
	one := s.mustSend(listOf(shop, 0).line(0, half))
	s.mustSend(listOf(branch, 0).line(0, half))
	s.exec("UPDATE shared.lines SET place_status = '2' WHERE workshop_code = '" + string(branch) + "'") // as of two that met at once
	s.work()
	s.awaitLane(one.ListID, fault.Tax, payroll.NeedsAttention)
	items := s.desk(operator)
	require.Len(t, items, 1)
	require.Equal(t, flow.ByEmployer, items[0].Owner)
	require.Empty(t, items[0].Actions)
	require.Equal(t, string(employer), items[0].Employer)
	_, err := s.Replay(context.Background(), operator, s.deliveryOf(items[0].Key))
	s.mayNot(err)

	s.mustSend(replacementOf(listOf(branch, 0).line(0, half).line(0, map[string]any{"days": 14}), 1))
	s.awaitLane(one.ListID, fault.Tax, payroll.AnswerAccepted)
	require.Empty(t, s.desk(operator))
	require.Len(t, s.effects(fault.Tax), 1)
}

func TestDesk_pages_by_how_long_things_wait(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	o.says(refuse)
	s.work()
	for _, id := range s.numbered(5, 1) {
		s.awaitLane(id, fault.SSO, payroll.NeedsAttention)
	}
	cursor, keys := "", map[string]bool{}
	for range 3 {
		page, err := s.Desk(context.Background(), operator, flow.DeskQuery{Lane: fault.SSO, Cursor: cursor, Most: 2})
		require.NoError(t, err)
		for _, i := range page.Items {
			keys[i.Key] = true
		}
		if page.Next == nil {
			break
		}
		cursor = *page.Next
	}
	require.Len(t, keys, 5)
	page, err := s.Desk(context.Background(), operator, flow.DeskQuery{Lane: fault.Tax})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	page, err = s.Desk(context.Background(), operator, flow.DeskQuery{Age: time.Hour})
	require.NoError(t, err)
	require.Empty(t, page.Items, "nothing waits for an hour")
	s.exec("UPDATE shared.deliveries SET changed_at = changed_at - interval '2 hours' WHERE key LIKE '%.02.1'")
	page, err = s.Desk(context.Background(), operator, flow.DeskQuery{Age: time.Hour})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	_, err = s.Desk(context.Background(), operator, flow.DeskQuery{Cursor: "x"})
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
}
