package flow_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"fehrest/internal/agency/gateway"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// counter is an organisation's counter at which the test decides what each delivery gets.
type counter struct {
	mu        sync.Mutex
	puts      map[string]int
	when      []time.Time // of every exchange
	now, most int         // exchanges at once
	answer    func(w http.ResponseWriter, key string) bool
}

// counter leads the SSO's lane to a counter. answer returns false to have the delivery received.
func (s *stage) counter(answer func(w http.ResponseWriter, key string) bool) *counter {
	s.t.Helper()
	c := &counter{puts: map[string]int{}, answer: answer}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/deliveries/{key}", c.serve)
	server := httptest.NewServer(mux)
	s.t.Cleanup(server.Close)
	s.SSO.Gateway = &gateway.Client{URL: server.URL, Keys: s.Keys, HTTP: gateway.NewHTTP(2 * patience)}
	return c
}

func (c *counter) serve(w http.ResponseWriter, r *http.Request) {
	key := r.PathValue("key")
	_, _ = io.Copy(io.Discard, r.Body)
	c.mu.Lock()
	c.when = append(c.when, time.Now())
	c.now++
	c.most = max(c.most, c.now)
	known := c.puts[key] > 0
	answer := c.answer
	c.mu.Unlock()
	leave := sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.now--
	})
	stop := context.AfterFunc(r.Context(), leave) // who gave it up has left
	defer stop()
	done := answer(w, key)
	leave()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case done:
	case r.Method == http.MethodGet && !known:
		w.WriteHeader(http.StatusNotFound)
	default:
		if r.Method == http.MethodPut {
			c.puts[key]++
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"reference": "ref-1", "state": "received"}`)
	}
}

func (c *counter) exchanges() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.when)
}

func (c *counter) says(answer func(w http.ResponseWriter, key string) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

func received(http.ResponseWriter, string) bool { return false }

func broken(w http.ResponseWriter, _ string) bool {
	w.WriteHeader(http.StatusBadGateway)
	return true
}

// numbered are so many lists of one month, each of its own workers.
func (s *stage) numbered(lists, workers int) (ids []string) {
	s.t.Helper()
	for i := range lists {
		d := manyFrom(shop, i*workers, workers).set("list_no", fmt.Sprintf("%02d", i+1))
		ids = append(ids, s.mustSend(d).ListID)
	}
	return ids
}

func (s *stage) breaker(lane fault.Lane) string {
	s.t.Helper()
	all, err := s.Breakers(context.Background())
	require.NoError(s.t, err)
	return all[lane.String()]
}

func TestBreaker_retry_after_holds_the_whole_lane_and_no_other(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.Tax)
	var first sync.Once
	c := s.counter(func(w http.ResponseWriter, _ string) (busy bool) {
		first.Do(func() {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusTooManyRequests)
			busy = true
		})
		return busy
	})
	require.Equal(t, "closed", s.breaker(fault.SSO))
	s.work()
	one := s.mustSend(listOf(shop, 0))
	require.Eventually(t, func() bool { return s.breaker(fault.SSO) == "open" }, patience, 10*time.Millisecond)
	another := &flow.Window{Store: s.Store, SSO: s.SSO, Now: time.Now}
	seen, err := another.Breakers(context.Background())
	require.NoError(t, err)
	require.Equal(t, map[string]string{"sso": "open"}, seen, "every program keeps away")

	two, err := s.send(listOf(branch, 1).bytes(), func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.SSO, true })
	require.NoError(t, err)
	time.Sleep(300 * time.Millisecond)
	if now := s.list(two.ListID); s.breaker(fault.SSO) == "open" {
		require.Equal(t, payroll.Queued, now.Deliveries.SSO.State)
		require.True(t, now.Withdrawal.Possible, "it can still be withdrawn")
	}
	s.awaitLane(one.ListID, fault.Tax, payroll.AnswerAccepted)
	s.awaitLane(one.ListID, fault.SSO, payroll.Sent)
	s.awaitLane(two.ListID, fault.SSO, payroll.Sent)
	require.Equal(t, "closed", s.breaker(fault.SSO))
	c.mu.Lock()
	defer c.mu.Unlock()
	require.GreaterOrEqual(t, c.when[1].Sub(c.when[0]), 2*time.Second)
	for key, n := range c.puts {
		require.Equal(t, 1, n, key)
	}
}

func TestBreaker_an_organisation_that_does_not_answer_is_tried_by_one_exchange_at_a_time(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	c := s.counter(broken)
	s.work()
	ids := s.numbered(12, 1)
	require.Eventually(t, func() bool { return s.breaker(fault.SSO) == "open" }, patience, time.Millisecond)
	time.Sleep(100 * time.Millisecond) // what was under way ends
	before := c.exchanges()
	c.says(func(w http.ResponseWriter, key string) bool {
		c.mu.Lock()
		many := c.now
		c.mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		if many > 1 {
			t.Error("a held lane is tried by more than one exchange at a time")
		}
		return broken(w, key)
	})
	time.Sleep(1500 * time.Millisecond)
	tried := c.exchanges() - before
	require.Positive(t, tried)
	require.Less(t, tried, 30, "held for 100 to 200 ms after each")
	c.says(received)
	for _, id := range ids {
		s.awaitLane(id, fault.SSO, payroll.Sent)
	}
	require.Equal(t, "closed", s.breaker(fault.SSO))
	c.mu.Lock()
	defer c.mu.Unlock()
	require.Len(t, c.puts, len(ids))
	for key, n := range c.puts {
		require.Equal(t, 1, n, key)
	}
}

func TestBreaker_one_delivery_that_gets_no_answer_holds_no_other(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	const poison = "sso.0123456789.000.1405-07.01.1"
	c := s.counter(func(w http.ResponseWriter, key string) bool { return key == poison && broken(w, key) })
	s.work()
	first := s.numbered(1, 1)[0]
	require.Eventually(t, func() bool { return c.exchanges() > 6 }, 30*time.Second, 10*time.Millisecond)
	require.Equal(t, "closed", s.breaker(fault.SSO))
	other := s.mustSend(listOf(branch, 0))
	s.awaitLane(other.ListID, fault.SSO, payroll.Sent)
	require.Equal(t, payroll.Sending, s.list(first).Deliveries.SSO.State)
}

func TestBreaker_what_waits_for_its_lane_too_long_is_shown_to_a_person(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace.GiveUp = 300 * time.Millisecond
	s.counter(broken)
	s.work()
	for _, id := range s.numbered(8, 1) {
		require.Equal(t, "no acknowledgement within the time set", s.awaitLane(id, fault.SSO, payroll.NeedsAttention).Reason)
	}
}

func TestLane_a_small_list_never_waits_behind_large_ones(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace.Exchange = patience // nobody gives up: an exchange that was given up would still count at the office
	small := "sso.0123456790.000.1405-07.01.1"
	gone := make(chan struct{})
	c := s.counter(func(_ http.ResponseWriter, key string) bool {
		if key != small {
			<-gone
		}
		return false
	})
	s.work()
	release := sync.OnceFunc(func() { close(gone) })
	t.Cleanup(release)
	ids := s.numbered(10, 201)
	require.Eventually(t, func() bool { return c.exchanges() >= 2 }, patience, 10*time.Millisecond)
	s.awaitLane(s.mustSend(listOf(branch, 0)).ListID, fault.SSO, payroll.Sent)
	c.mu.Lock()
	most := c.most
	c.mu.Unlock()
	require.LessOrEqual(t, most, 3, "two large ones and the small one")
	release()
	for _, id := range ids {
		s.awaitLane(id, fault.SSO, payroll.Sent)
	}
}
