package flow_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// asked asks the lane for its answers so many times, as far apart as it may.
func (s *stage) asked(lane fault.Lane, c *clock, times int) {
	s.t.Helper()
	for range times {
		c.pass(5 * time.Minute)
		require.NoError(s.t, s.InquireDue(context.Background(), lane))
	}
}

// goes works the jobs until the SSO has confirmed the list.
func (s *stage) goes(list string) {
	s.t.Helper()
	stop := s.work()
	s.awaitLane(list, fault.SSO, payroll.Sent)
	stop()
}

func TestInquire_what_the_organisation_confirmed_and_no_longer_knows_goes_to_the_desk(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace = flow.Pace{}
	c := s.clock()
	o := s.office(fault.SSO)
	sent := s.mustSend(listOf(shop, 0))
	s.goes(sent.ListID)
	parcel := o.sent(first)
	state := func() payroll.State { return s.list(sent.ListID).Deliveries.SSO.State }
	holds := func(body []byte) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if delete(o.taken, first); body != nil {
			o.taken[first] = body
		}
	}

	// It may take a while until what it received can be asked for.
	holds(nil)
	s.asked(fault.SSO, c, 11)
	holds(parcel)
	s.asked(fault.SSO, c, 1)
	holds(nil)
	s.asked(fault.SSO, c, 11)
	o.mu.Lock()
	o.shut = 3 // a refusal tells nothing of the key
	o.mu.Unlock()
	s.asked(fault.SSO, c, 3)
	require.Equal(t, payroll.Sent, state())
	s.asked(fault.SSO, c, 1)
	require.Equal(t, payroll.NeedsAttention, state())
	item := s.desk(operator)[0]
	require.Equal(t, "the organisation confirmed the receipt, and no longer knows it", item.Reason)
	require.Equal(t, flow.ByOrganisation, item.Owner)
	require.Equal(t, []string{"replay"}, item.Actions)
	require.NotEqual(t, item.Reason, item.Why.FA)
	s.asked(fault.SSO, c, 3)
	require.Equal(t, 1, o.offered(), "nothing goes again by itself")

	require.Equal(t, &flow.Replayed{Key: first, State: payroll.Sending, Changed: true}, s.mustReplay(first))
	s.goes(sent.ListID)
	require.Equal(t, 2, o.offered())
	require.Equal(t, parcel, o.sent(first), "the same bytes under the same key")

	// Found again by the inquiry, it is not sent; forgotten again, it comes to the desk again.
	holds(nil)
	s.asked(fault.SSO, c, 12)
	require.Equal(t, payroll.NeedsAttention, state())
	holds(parcel)
	s.mustReplay(first)
	s.goes(sent.ListID)
	require.Equal(t, 2, o.offered())
}

// Rounds that an organisation answers slowly overlap: each would count what one asked as asked in its own turn.
func TestInquire_a_round_does_not_ask_again_what_another_asked_meanwhile(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace = flow.Pace{}
	c := s.clock()
	o := s.office(fault.SSO)
	for _, d := range []*document{listOf(shop, 0), listOf(branch, 1)} {
		s.goes(s.mustSend(d).ListID)
	}
	c.pass(5 * time.Minute)
	o.mu.Lock() // it keeps the first of the round waiting
	ended := make(chan error, 1)
	go func() { ended <- s.InquireDue(context.Background(), fault.SSO) }()
	asked := func(n int) {
		require.Eventually(t, func() bool { return s.count("SELECT sum(inquiries) FROM shared.deliveries WHERE lane = 'sso'") == n }, patience, 10*time.Millisecond)
	}
	asked(1)
	again := make(chan error, 1)
	go func() { again <- s.InquireDue(context.Background(), fault.SSO) }()
	asked(2)
	o.mu.Unlock()
	require.NoError(t, <-ended)
	require.NoError(t, <-again)
	asked(2)
}

func TestInquire_an_organisation_that_lost_its_ledger_gets_the_same_files_at_an_operators_word(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace = flow.Pace{}
	s.deaf = true
	c := s.clock()
	s.open(fault.SSO)
	sent := s.mustSend(listOf(shop, 0))
	s.goes(sent.ListID)
	digest := s.effects(fault.SSO)[first].Digest
	s.open(fault.SSO) // the same organisation without what it had
	s.asked(fault.SSO, c, 12)
	require.Equal(t, payroll.NeedsAttention, s.list(sent.ListID).Deliveries.SSO.State)
	require.Empty(t, s.effects(fault.SSO))
	s.mustReplay(first)
	s.goes(sent.ListID)
	require.Equal(t, 1, s.effects(fault.SSO)[first].Count)
	require.Equal(t, digest, s.effects(fault.SSO)[first].Digest)
	require.Eventually(t, func() bool {
		s.asked(fault.SSO, c, 1)
		return s.list(sent.ListID).Deliveries.SSO.State == payroll.AnswerAccepted
	}, patience, 100*time.Millisecond)
}

func TestReplay_toward_an_organisation_that_does_not_answer_inquiries_says_so_at_once(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		status int
		why    string
		soon   bool
	}{
		"not_allowed":     {status: http.StatusMethodNotAllowed, why: "the organisation refuses to be asked whether it has it", soon: true},
		"unauthorized":    {status: http.StatusUnauthorized, why: "the organisation refuses to be asked whether it has it", soon: true},
		"not_implemented": {status: http.StatusNotImplemented, why: "the organisation refuses to be asked whether it has it", soon: true},
		"broken":          {status: http.StatusInternalServerError, why: "no acknowledgement yet; it is asked and tried again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onStage(t)
			s.Pace = flow.Pace{}
			c := s.clock()
			o := s.counter(func(w http.ResponseWriter, _ string) bool {
				w.WriteHeader(http.StatusBadRequest)
				return true
			})
			sent := s.mustSend(listOf(shop, 0))
			s.once(first, c)
			lane := func() flow.LaneView { return s.list(sent.ListID).Deliveries.SSO }
			require.Equal(t, payroll.NeedsAttention, lane().State)
			o.says(func(w http.ResponseWriter, _ string) bool {
				w.WriteHeader(of.status)
				return true
			})
			s.mustReplay(first)
			require.Positive(t, s.once(first, c))
			require.Equal(t, payroll.Sending, lane().State, "an inquiry that failed changes no state")
			require.Equal(t, of.why, lane().Reason)
			items := s.desk(operator)
			if !of.soon {
				require.Empty(t, items)
				c.pass(71 * time.Hour)
				s.once(first, c)
				require.Equal(t, payroll.Sending, lane().State, "an outage may pass")
				return
			}
			require.Len(t, items, 1)
			require.Equal(t, payroll.Sending, items[0].State)
			require.Equal(t, of.why, items[0].Reason)
			require.Empty(t, items[0].Actions, "it is being tried")
			require.Len(t, s.desk(s.sender), 1)
			began := s.Now()
			for s.Now().Sub(began) < 50*time.Minute {
				s.once(first, c)
			}
			require.Equal(t, payroll.Sending, lane().State)
			c.pass(10 * time.Minute)
			s.once(first, c)
			require.Equal(t, payroll.NeedsAttention, lane().State)
			require.Equal(t, of.why, lane().Reason)
			require.Equal(t, []string{"replay"}, s.desk(operator)[0].Actions)
			before := o.exchanges()
			require.Zero(t, s.once(first, c))
			require.Equal(t, before, o.exchanges())

			o.says(received)
			s.exec("DELETE FROM river.river_job") // those that this test did itself
			s.mustReplay(first)
			s.goes(sent.ListID)
			require.Empty(t, lane().Reason)
		})
	}
}
