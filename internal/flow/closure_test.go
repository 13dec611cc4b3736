package flow_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// onDay is a stage on 15 Aban 1405; later moves its clock on by days.
func onDay(t *testing.T) (s *stage, later func(days int)) {
	s = onStage(t)
	began := time.Now()
	var moved atomic.Int64
	s.Now = func() time.Time { return noon.Add(time.Since(began)).Add(time.Duration(moved.Load())) }
	return s, func(days int) { moved.Add(int64(days) * int64(24*time.Hour)) }
}

func monthOf(year, month int) jalali.Month { return jalali.Month{Year: year, Month: month} }

func (s *stage) order(first, last jalali.Month) *flow.Closure {
	s.t.Helper()
	c, err := s.OrderClosure(context.Background(), s.sender, flow.ClosureOrder{Workshop: shop, First: first, Last: last, IdempotencyKey: uuid.NewString()})
	require.NoError(s.t, err)
	return c
}

func (s *stage) closure(id string) *flow.Closure {
	s.t.Helper()
	c, err := s.Closure(context.Background(), s.sender, shop, id)
	require.NoError(s.t, err)
	return c
}

// awaitMonth looks for work, as the window does every minute, until a month of a closure stands so.
func (s *stage) awaitMonth(id string, n int, want string) flow.ClosureMonth {
	s.t.Helper()
	require.NoError(s.t, s.FindClosures(context.Background()))
	var m flow.ClosureMonth
	require.Eventually(s.t, func() bool { m = s.closure(id).Months[n]; return m.State == want }, patience, 20*time.Millisecond, "month %d never became %s", n, want)
	return m
}

func (s *stage) refusedOrder(o flow.ClosureOrder) *fault.Problem {
	s.t.Helper()
	o.Workshop = shop
	_, err := s.OrderClosure(context.Background(), s.sender, o)
	var p *fault.Problem
	require.ErrorAs(s.t, err, &p)
	return p
}

func TestClosure_declares_each_month_when_it_is_over_until_someone_works(t *testing.T) {
	t.Parallel()
	s, later := onDay(t)
	s.work()
	held := s.mustSend(listOf(shop, 0)) // of 1405-07
	c := s.order(monthOf(1405, 6), monthOf(1405, 10))
	require.Equal(t, flow.ClosureStanding, c.State)
	require.Equal(t, "skipped", c.Months[1].State, "told before its day")
	require.Equal(t, held.ListID, c.Months[1].List)

	first := s.awaitMonth(c.ID, 0, "filed")
	l := s.list(first.List)
	require.Equal(t, payroll.Nil, l.Kind)
	require.Equal(t, monthOf(1405, 6), l.Period)
	require.Equal(t, 1, l.Version)
	receipt, err := s.Receipt(context.Background(), s.sender, first.List)
	require.NoError(t, err)
	require.NoError(t, seal.Verify(receipt, s.PublicKeys()))
	require.Equal(t, 1, s.count("SELECT count(*) FROM audit.log WHERE action = 'list.submitted' AND subject = $1 AND document::jsonb->'details'->>'closure' = $2", first.List, c.ID))
	s.awaitLane(first.List, fault.SSO, payroll.ByHand)
	s.awaitLane(first.List, fault.Tax, payroll.ByHand)

	require.NoError(t, s.FindClosures(context.Background()))
	now := s.closure(c.ID)
	require.Equal(t, []string{"filed", "skipped", "waiting", "waiting", "waiting"}, statesOf(now), "Aban is not over")
	require.Equal(t, jalali.Date{Year: 1405, Month: 9, Day: 1}, now.Months[2].From)
	later(15) // 30 Aban, its last day
	require.NoError(t, s.FindClosures(context.Background()))
	require.Equal(t, "waiting", s.closure(c.ID).Months[2].State)
	later(1)
	s.awaitMonth(c.ID, 2, "filed")

	sent, err := s.send(listOf(shop, 1).set("period", "1405-09").bytes())
	require.NoError(t, err)
	stopped := s.closure(c.ID)
	require.Equal(t, flow.ClosureStopped, stopped.State, "at once")
	require.Equal(t, sent.ListID, stopped.EndedBy)
	require.Equal(t, []string{"filed", "skipped", "filed", "not_filed", "not_filed"}, statesOf(stopped))
	later(90)
	require.NoError(t, s.FindClosures(context.Background()))
	require.NoError(t, s.DeclareMonths(context.Background(), shop, c.ID))
	require.Equal(t, stopped, s.closure(c.ID))
}

func statesOf(c *flow.Closure) (states []string) {
	for _, m := range c.Months {
		states = append(states, m.State)
	}
	return states
}

func TestClosure_stops_when_someone_worked_in_a_month_declared_before(t *testing.T) {
	t.Parallel()
	s, _ := onDay(t)
	c := s.order(monthOf(1405, 7), monthOf(1405, 9))
	require.NoError(t, s.DeclareMonths(context.Background(), shop, c.ID))
	s.mustSend(listOf(shop, 0).set("kind", "replacement").set("replaces", "v1").set("reason", "یک نفر کار کرده بود"))
	require.Equal(t, flow.ClosureStopped, s.closure(c.ID).State)
	require.Equal(t, []string{"filed", "not_filed", "not_filed"}, statesOf(s.closure(c.ID)))

	again := s.order(monthOf(1405, 8), monthOf(1405, 9))
	s.mustSend(listOf(branch, 1).set("period", "1405-08"))
	other := listOf(shop, 1).set("period", "1405-08").set("contract_row", "001")
	s.mustSend(other)
	require.Equal(t, flow.ClosureStanding, s.closure(again.ID).State, "another workshop's list, or another contract row's, is none of its own")
}

func TestClosure_of_two_programs_declares_a_month_once(t *testing.T) {
	t.Parallel()
	s, _ := onDay(t)
	c := s.order(monthOf(1404, 8), monthOf(1405, 7))
	twin := &flow.Window{
		Store: s.Store, Book: s.Book, Keys: s.Keys, Now: s.Now, Spool: t.TempDir(), SSO: s.SSO, Tax: s.Tax, TaxWait: s.TaxWait, Pace: s.Pace,
	}
	var all sync.WaitGroup
	for range 3 {
		for _, w := range []*flow.Window{s.Window, twin} {
			all.Go(func() {
				for {
					// In one program a key is worked on by one at a time: River asks again.
					if err := w.DeclareMonths(context.Background(), shop, c.ID); err == nil {
						return
					}
				}
			})
		}
	}
	all.Wait()
	over := s.closure(c.ID)
	require.Equal(t, flow.ClosureOver, over.State)
	for _, m := range over.Months {
		require.Equal(t, "filed", m.State, m.Period)
	}
	require.Equal(t, 12, s.count("SELECT count(*) FROM shared.lists WHERE workshop_code = $1 AND kind = 'nil'", string(shop)))
	require.Equal(t, 12, s.count("SELECT count(*) FROM audit.log WHERE action = 'list.submitted'"))
}

func TestClosure_a_month_is_declared_and_decided_in_one_transaction(t *testing.T) {
	t.Parallel()
	s, _ := onDay(t)
	c := s.order(monthOf(1405, 7), monthOf(1405, 7))
	s.exec(`CREATE FUNCTION shared.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed here'; END $$`)
	s.exec(`CREATE TRIGGER broken BEFORE INSERT ON shared.closure_months FOR EACH ROW EXECUTE FUNCTION shared.broken()`)
	require.Error(t, s.DeclareMonths(context.Background(), shop, c.ID))
	require.Equal(t, []string{"waiting"}, statesOf(s.closure(c.ID)))
	require.Zero(t, s.count("SELECT count(*) FROM shared.lists"))
	s.exec(`DROP TRIGGER broken ON shared.closure_months`)
	for range 2 {
		require.NoError(t, s.DeclareMonths(context.Background(), shop, c.ID))
	}
	require.Equal(t, []string{"filed"}, statesOf(s.closure(c.ID)))
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lists"))
}

func TestClosure_cancelled_declares_nothing_more(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, later := onDay(t)
	order := flow.ClosureOrder{Workshop: shop, First: monthOf(1405, 8), Last: monthOf(1405, 12), IdempotencyKey: "winter"}
	c, err := s.OrderClosure(ctx, s.sender, order)
	require.NoError(t, err)
	same, err := s.OrderClosure(ctx, s.sender, order)
	require.NoError(t, err)
	require.Equal(t, c.ID, same.ID, "the same key orders it once")
	order.Last = monthOf(1405, 11)
	require.Equal(t, "API-02", s.refusedOrder(order).Code)
	order.IdempotencyKey = "another"
	require.Equal(t, fault.Conflict, s.refusedOrder(order).Kind)

	for range 2 {
		gone, err := s.CancelClosure(ctx, s.sender, shop, c.ID)
		require.NoError(t, err)
		require.Equal(t, flow.ClosureCancelled, gone.State)
	}
	later(60)
	require.NoError(t, s.DeclareMonths(ctx, shop, c.ID))
	require.Zero(t, s.count("SELECT count(*) FROM shared.lists"))
	_, err = s.OrderClosure(ctx, s.sender, order)
	require.NoError(t, err, "it stands in no one's way")
	all, err := s.Closures(ctx, s.sender, shop)
	require.NoError(t, err)
	require.Len(t, all.Items, 2)
}

func TestClosure_ordered_has_an_end_at_most_a_year_away(t *testing.T) {
	t.Parallel()
	s, _ := onDay(t)
	for _, o := range []flow.ClosureOrder{
		{First: monthOf(1405, 8)},
		{First: monthOf(1405, 8), Last: monthOf(1405, 7)},
		{First: monthOf(1405, 8), Last: monthOf(1406, 8)},
		{First: monthOf(1407, 8), Last: monthOf(1407, 9)},
		{First: monthOf(1395, 8), Last: monthOf(1395, 9)},
		{First: monthOf(1405, 8), Last: monthOf(1405, 9), ContractRow: "1"},
	} {
		require.Equal(t, fault.Unprocessable, s.refusedOrder(o).Kind, "%+v", o)
	}
	s.ClosureMost = 3
	require.Contains(t, s.refusedOrder(flow.ClosureOrder{First: monthOf(1405, 8), Last: monthOf(1405, 11)}).Text.EN, "3 months")
	_, err := s.OrderClosure(context.Background(), s.sender, flow.ClosureOrder{Workshop: stranger, First: monthOf(1405, 8), Last: monthOf(1405, 9), IdempotencyKey: "1"})
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, fault.NotFound, p.Kind)
}

func TestClosure_stops_when_its_orderer_may_not_act_any_more(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, _ := onDay(t)
	s.work()
	c := s.order(monthOf(1405, 8), monthOf(1405, 12)) // nothing of it is due
	s.exec("UPDATE registry.mandates SET revoked_at = now()")
	require.NoError(t, s.FindClosures(ctx))
	require.Eventually(t, func() bool {
		return s.count("SELECT count(*) FROM shared.closures WHERE ending = 'mandate'") == 1
	}, patience, 20*time.Millisecond)
	require.Zero(t, s.count("SELECT count(*) FROM shared.lists"))
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error { return tx.AddMandate(ctx, s.sender.ID, employer, "", time.Time{}) }))
	stopped := s.closure(c.ID)
	require.Equal(t, flow.ClosureStopped, stopped.State)
	require.Contains(t, stopped.Why.EN, "may not act")
	require.Equal(t, 1, s.count("SELECT count(*) FROM audit.log WHERE action = 'closure.stopped' AND subject = $1", c.ID))
}

func TestClosure_a_month_whose_list_is_refused_says_so_and_the_next_goes_on(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, _ := onDay(t)
	broken := func(code payroll.PostalCode) {
		require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
			w, err := tx.Workshop(ctx, shop)
			require.NoError(t, err)
			w.PostalCode = code
			return tx.SaveWorkshop(ctx, w)
		}))
	}
	c := s.order(monthOf(1405, 6), monthOf(1405, 7))
	broken("12")
	require.NoError(t, s.DeclareMonths(ctx, shop, c.ID))
	now := s.closure(c.ID)
	require.Equal(t, []string{"refused", "refused"}, statesOf(now))
	require.Equal(t, payroll.Draft, s.list(now.Months[0].List).State, "the other organisation's side can be sent")
	require.Equal(t, flow.ClosureOver, now.State)
}
