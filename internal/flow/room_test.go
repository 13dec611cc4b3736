package flow_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSubmit_a_small_list_never_waits_behind_large_ones(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	first, err := s.TakeSlot(ctx)
	require.NoError(t, err)
	second, err := s.TakeSlot(ctx)
	require.NoError(t, err)
	large := manyOf(branch, 1200).bytes()
	require.Greater(t, len(large), flow.LargeFile)
	ended := make(chan error, 1)
	go func() {
		_, err := s.send(large)
		ended <- err
	}()
	s.mustSend(listOf(shop, 0, 1))
	select {
	case err := <-ended:
		t.Fatal("it was read beside two others", err)
	case <-time.After(100 * time.Millisecond):
	}
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lists"))
	require.Equal(t, 1, s.count("SELECT count(DISTINCT sha256) FROM shared.uploads"), "nothing is half stored")

	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err = s.TakeSlot(gone)
	require.ErrorIs(t, err, context.Canceled)

	first()
	require.NoError(t, <-ended)
	second()
	require.Equal(t, 1202, s.count("SELECT count(*) FROM shared.lines"))
}

func TestSubmit_a_large_list_gives_way_to_small_ones(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.clock() // stands still: its patience is not used up
	first, second := s.TakeWay(), s.TakeWay()
	ended := make(chan error, 1)
	go func() {
		_, err := s.send(manyOf(branch, 1200).bytes())
		ended <- err
	}()
	s.mustSend(listOf(shop, 0, 1))
	first()
	first()
	select {
	case err := <-ended:
		t.Fatal("it did not stand still", err)
	case <-time.After(100 * time.Millisecond):
	}
	second()
	require.NoError(t, <-ended)
	require.Equal(t, 1202, s.count("SELECT count(*) FROM shared.lines"))
}

// Where small ones never cease, a file of three hundred would stand still for half an hour and hold its place.
func TestSubmit_the_lists_of_a_large_file_give_way_no_longer_than_one(t *testing.T) {
	t.Parallel()
	looks := 0
	w := &flow.Window{Now: func() time.Time {
		looks++
		return noon.Add(time.Duration(looks) * 10 * time.Second)
	}}
	listOfFile := w.ListsOfLargeFile()
	listOfFile(t.Context())
	require.Equal(t, 2, looks, "by the clock it stood still for ten seconds")
	defer w.TakeWay()()
	listOfFile(t.Context())
	require.Equal(t, 2, looks, "the next one does not stand still")
}

// Another list of the month may be a large one that stands still for small ones: they would wait for each other.
func TestSubmit_a_small_list_that_waits_for_another_of_its_month_holds_up_no_one(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	id := payroll.Identity{Workshop: shop, Period: monthOf(1405, 7)}
	sent := make(chan error, 1)
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.LockMonth(ctx, id); err != nil {
			return err
		}
		go func() {
			_, err := s.send(listOf(shop, 0).bytes())
			sent <- err
		}()
		require.Eventually(t, func() bool {
			return s.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'") == 1
		}, patience, 10*time.Millisecond)
		waiting, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		s.WaitForWay(waiting, 2*patience)
		require.NoError(t, waiting.Err(), "what waits for it would wait for ever")
		return nil
	}))
	require.NoError(t, <-sent)
}

func TestEnter_says_when_to_come_again(t *testing.T) {
	t.Parallel()
	w := &flow.Window{Slots: 1, Waiting: 3}
	one, other, third := access.Principal{ID: uuid.New()}, access.Principal{ID: uuid.New()}, access.Principal{ID: uuid.New()}
	var leave []func()
	for _, p := range []access.Principal{one, one, other, other} {
		l, err := w.Enter(p, -1)
		require.NoError(t, err)
		leave = append(leave, l)
		if len(leave) == 2 {
			requireWait(t, fault.TooMany)(w.Enter(one, flow.LargeFile+1))
		}
	}
	requireWait(t, fault.Busy)(w.Enter(third, flow.LargeFile+1))
	for range 256 {
		l, err := w.Enter(third, flow.LargeFile)
		require.NoError(t, err, "a small one has a room of its own")
		leave = append(leave, l)
	}
	requireWait(t, fault.Busy)(w.Enter(third, 1))
	for _, l := range leave {
		l()
	}
	for _, length := range []int64{1, flow.LargeFile + 1} {
		l, err := w.Enter(one, length)
		require.NoError(t, err)
		l()
	}
}

func TestEnter_spreads_a_crowd_over_seconds(t *testing.T) {
	t.Parallel()
	w := &flow.Window{}
	who := access.Principal{ID: uuid.New()}
	var leave []func()
	for range 256 {
		l, err := w.Enter(who, 1)
		require.NoError(t, err)
		leave = append(leave, l)
	}
	told := func() int {
		_, err := w.Enter(who, 1)
		var p *fault.Problem
		require.ErrorAs(t, err, &p)
		require.GreaterOrEqual(t, p.RetryAfter, 2)
		require.LessOrEqual(t, p.RetryAfter, 10)
		return p.RetryAfter
	}
	for range 20 {
		require.Equal(t, 2, told(), "a few find room soon")
	}
	for range 500 {
		told()
	}
	of := map[int]int{}
	for range 900 {
		of[told()]++
	}
	require.Len(t, of, 9)
	for seconds, n := range of {
		require.Less(t, n, 200, seconds)
	}
	for range 3 { // the crowd is answered
		for i := range leave {
			leave[i]()
			l, err := w.Enter(who, 1)
			require.NoError(t, err)
			leave[i] = l
		}
	}
	require.Equal(t, 2, told())
}

func requireWait(t *testing.T, kind fault.Kind) func(func(), error) {
	return func(_ func(), err error) {
		t.Helper()
		var p *fault.Problem
		require.ErrorAs(t, err, &p)
		require.Equal(t, kind, p.Kind)
		require.Positive(t, p.RetryAfter)
		require.LessOrEqual(t, p.RetryAfter, 60)
	}
}

func TestReceive_only_a_few_answers_at_once_and_the_others_are_told_to_come_again(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	ctx := context.Background()
	var leave []func()
	for len(leave) < 8 {
		l, err := s.PassDoor(ctx)
		require.NoError(t, err)
		leave = append(leave, l)
	}
	post := func() int {
		resp, err := http.Post(s.url+"/v1/agencies/sso/answers", "application/json", strings.NewReader("{}"))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	require.Equal(t, http.StatusServiceUnavailable, post())
	leave[0]()
	require.Equal(t, http.StatusUnauthorized, post(), "it was let in, and is signed by no one")
}
