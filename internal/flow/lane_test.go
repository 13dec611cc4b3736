package flow_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/agency/gateway"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

func TestLane_backoff_has_full_jitter_below_a_ceiling_of_2_seconds_to_5_minutes(t *testing.T) {
	t.Parallel()
	w := &flow.Window{}
	for attempt, ceiling := range map[int]time.Duration{
		1: 2 * time.Second, 2: 4 * time.Second, 3: 8 * time.Second, 7: 128 * time.Second, 8: 256 * time.Second, 9: 5 * time.Minute, 64: 5 * time.Minute, 5000: 5 * time.Minute,
	} {
		least, most, sum := ceiling, time.Duration(0), time.Duration(0)
		for range 1000 {
			d := w.Backoff(attempt)
			least, most, sum = min(least, d), max(most, d), sum+d
		}
		require.LessOrEqual(t, most, ceiling, attempt)
		require.Positive(t, least, attempt)
		require.Less(t, least, ceiling/20, "from nothing on: %d", attempt)
		require.Greater(t, most, ceiling/20*19, attempt)
		require.InDelta(t, 0.5, float64(sum/1000)/float64(ceiling), 0.1, attempt)
	}
}

// clock is a time that a test moves.
type clock struct{ at atomic.Int64 }

func (s *stage) clock() *clock {
	c := &clock{}
	c.at.Store(time.Now().UnixNano())
	s.Now = func() time.Time { return time.Unix(0, c.at.Load()) }
	return c
}

func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }

// once does a delivery's job once, and lets the time pass that it wants to wait.
func (s *stage) once(key string, c *clock) (waited time.Duration) {
	s.t.Helper()
	waited, err := s.DeliverOnce(context.Background(), s.deliveryOf(key))
	require.NoError(s.t, err)
	c.pass(waited)
	return waited
}

func TestLane_a_delivery_is_tried_for_72_hours_and_then_shown_to_a_person(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace = flow.Pace{}
	c := s.clock()
	began := s.Now()
	o := s.counter(broken)
	sent := s.mustSend(listOf(shop, 0))
	ceiling := 2 * time.Second
	for range 12 {
		require.LessOrEqual(t, s.once(first, c), ceiling)
		ceiling = min(2*ceiling, 5*time.Minute)
	}
	require.Equal(t, 12, o.exchanges(), "each attempt asks by key first, and that was not answered")
	require.Equal(t, payroll.Sending, s.list(sent.ListID).Deliveries.SSO.State)
	c.pass(began.Add(72*time.Hour - time.Minute).Sub(s.Now()))
	require.Positive(t, s.once(first, c))
	require.Equal(t, payroll.Sending, s.list(sent.ListID).Deliveries.SSO.State)
	c.pass(6 * time.Minute)
	require.Zero(t, s.once(first, c))
	item := s.desk(operator)[0]
	require.Equal(t, "no acknowledgement within the time set", item.Reason)
	require.Equal(t, flow.ByOrganisation, item.Owner)
	require.Equal(t, 14, item.Attempts)
	c.pass(3 * time.Hour)
	require.Equal(t, 3*3600, s.desk(operator)[0].AgeSeconds)

	// Replayed, it has its whole time again, and is asked for before it is sent.
	require.True(t, s.mustReplay(first).Changed)
	require.LessOrEqual(t, s.once(first, c), 2*time.Second)
	c.pass(71 * time.Hour)
	require.Positive(t, s.once(first, c))
}

func TestLane_retry_after_is_honoured_for_the_lane_in_both_forms_and_bounded(t *testing.T) {
	t.Parallel()
	const date = "Sat, 01 Nov 2025 10:00:00 GMT"
	for name, c := range map[string]struct {
		status        int
		after         string
		least, atMost time.Duration
	}{
		"seconds_of_429": {429, "120", 2 * time.Minute, 2*time.Minute + 10*time.Second},
		"seconds_of_503": {503, "120", 2 * time.Minute, 2*time.Minute + 10*time.Second},
		"date_of_429":    {429, "Sat, 01 Nov 2025 10:03:00 GMT", 3 * time.Minute, 3*time.Minute + 10*time.Second},
		"date_of_503":    {503, "Sat, 01 Nov 2025 10:03:00 GMT", 3 * time.Minute, 3*time.Minute + 10*time.Second},
		"ten_years":      {503, "315360000", time.Hour, time.Hour + 10*time.Second},
		"far_date":       {503, "Sat, 01 Nov 2095 10:00:00 GMT", time.Hour, time.Hour + 10*time.Second},
		"past_date":      {503, "Sat, 01 Nov 2015 10:00:00 GMT", 0, 2 * time.Second},
		"negative":       {429, "-5", 0, 2 * time.Second},
		"no_number":      {429, "99999999999999999999999", 0, 2 * time.Second},
		"none":           {429, "", 0, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onStage(t)
			s.Pace = flow.Pace{}
			clock := s.clock()
			o := s.counter(func(w http.ResponseWriter, _ string) bool {
				w.Header().Set("Date", date)
				if c.after != "" {
					w.Header().Set("Retry-After", c.after)
				}
				w.WriteHeader(c.status)
				return true
			})
			s.mustSend(listOf(shop, 0))
			other := s.mustSend(listOf(branch, 1))
			wait, err := s.DeliverOnce(context.Background(), s.deliveryOf(first))
			require.NoError(t, err)
			require.GreaterOrEqual(t, wait, c.least)
			require.LessOrEqual(t, wait, c.atMost)
			if c.least == 0 {
				require.Equal(t, "closed", s.breaker(fault.SSO))
				return
			}
			wait, err = s.DeliverOnce(context.Background(), s.ssoDelivery(other.ListID))
			require.NoError(t, err)
			require.GreaterOrEqual(t, wait, c.least-time.Second, "another list of the lane waits as long")
			require.Equal(t, 1, o.exchanges())
			require.Equal(t, payroll.Queued, s.list(other.ListID).Deliveries.SSO.State)
			clock.pass(c.least + time.Second)
			require.Equal(t, "half_open", s.breaker(fault.SSO))
		})
	}
}

// sick are organisations that answer nothing that can be used.
func sick(t *testing.T, s *stage) map[string]*gateway.Client {
	t.Helper()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed: %s %s", r.Method, r.URL)
	}))
	t.Cleanup(elsewhere.Close)
	serve := func(h http.HandlerFunc) string {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL
	}
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	drip := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(100 * time.Millisecond)
		}
	}
	endless := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		spaces := []byte(strings.Repeat(" ", 1<<16))
		for r.Context().Err() == nil {
			if _, err := w.Write(spaces); err != nil {
				return
			}
		}
	}
	redirect := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL+r.URL.Path, status) }
	}
	all := map[string]*gateway.Client{}
	for name, address := range map[string]string{
		"moved": serve(redirect(http.StatusMovedPermanently)), "temporary_redirect": serve(redirect(http.StatusTemporaryRedirect)),
		"permanent_redirect": serve(redirect(http.StatusPermanentRedirect)), "byte_by_byte": serve(drip), "endless": serve(endless),
		"untrusted_certificate": untrusted.URL, "no_tls": strings.Replace(elsewhere.URL, "http:", "https:", 1), "no_such_name": "http://gateway.invalid",
		"empty":   serve(func(http.ResponseWriter, *http.Request) {}),
		"timeout": serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestTimeout) }),
	} {
		all[name] = &gateway.Client{URL: address, Keys: s.Keys, HTTP: gateway.NewHTTP(5 * time.Second)}
	}
	return all
}

func TestLane_no_answer_of_any_kind_settles_anything(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace.Exchange = 300 * time.Millisecond
	log := &keptLog{}
	s.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	sent := s.mustSend(listOf(shop, 0))
	tries := 0
	for name, client := range sick(t, s) {
		s.SSO.Gateway = client
		for range 2 {
			tries++
			wait, err := s.DeliverOnce(context.Background(), s.deliveryOf(first))
			require.NoError(t, err, name)
			require.Positive(t, wait, name)
		}
		require.Equal(t, payroll.Sending, s.list(sent.ListID).Deliveries.SSO.State, name)
	}
	require.Equal(t, tries, s.count("SELECT attempts FROM shared.deliveries WHERE key = $1", first))
	require.Equal(t, "closed", s.breaker(fault.SSO), "one delivery alone holds no lane")
	require.Empty(t, s.desk(operator))
	log.mu.Lock()
	for _, private := range []string{people[0].code, people[0].last, people[0].insurance, "5600000", string(employer), "127.0.0.1", "gateway.invalid"} {
		require.NotContains(t, log.b.String(), private)
	}
	log.mu.Unlock()
	s.SSO.Gateway = nil
	s.open(fault.SSO)
	s.work()
	s.awaitLane(sent.ListID, fault.SSO, payroll.AnswerAccepted)
	require.Equal(t, 1, s.effects(fault.SSO)[first].Count)
}

// A mandate is asked for when a list is sent in; who holds the workshop later is the employer's matter, not the organisations'.
func TestDeliver_a_mandate_revoked_after_the_receipt_withholds_nothing_and_shows_nothing(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	ctx := context.Background()
	sent := s.mustSend(listOf(shop, 0))
	s.exec("UPDATE registry.mandates SET revoked_at = now()")
	s.work()
	require.Eventually(t, func() bool {
		return s.count("SELECT count(*) FROM shared.deliveries WHERE state = 'accepted' AND lane = 'sso'") == 1
	}, patience, 30*time.Millisecond)
	require.Eventually(t, func() bool {
		return s.count("SELECT count(*) FROM shared.deliveries WHERE state = 'by_hand' AND lane = 'tax'") == 1
	}, patience, 30*time.Millisecond)
	require.Equal(t, 1, s.effects(fault.SSO)[first].Count)
	_, err := s.List(ctx, s.sender, sent.ListID)
	requireNotFound(t, err)
	_, err = s.State(ctx, s.sender, sent.ListID)
	requireNotFound(t, err)
	page, err := s.ByHand(ctx, s.sender, fault.Tax, "", 0)
	require.NoError(t, err)
	require.Empty(t, page.Items)
	const month = "tax.10380284790.0.1405-07.1"
	requireNotFound(t, s.MarkUploaded(ctx, s.sender, month, time.Now(), "1"))
	require.Equal(t, map[string]flow.SwitchOutcome{first: flow.SwitchUnknown}, s.switched(fault.SSO, first))
	_, err = s.AnswerByHand(ctx, s.sender, []byte("paper"), payroll.Answer{Key: month, State: payroll.AnswerAccepted})
	requireNotFound(t, err)
}

// bursting is an agency whose files cannot be made without a panic.
type bursting struct{ agency.Agency }

func (bursting) Encode(agency.Parcel) ([]payroll.File, error) { panic("a mistake of ours") }

func TestJobs_one_that_bursts_is_given_up_to_a_person_and_holds_no_other(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.Tax)
	right := s.SSO.Agency
	s.SSO.Agency = bursting{right}
	sent := s.mustSend(listOf(shop, 0))
	s.exec("UPDATE river.river_job SET max_attempts = 2 WHERE kind = 'deliver'")
	stop := s.work()
	s.awaitLane(sent.ListID, fault.Tax, payroll.AnswerAccepted)
	require.NotEmpty(t, s.awaitLane(sent.ListID, fault.SSO, payroll.NeedsAttention).Reason)
	item := s.desk(operator)[0]
	require.Equal(t, flow.ByWindow, item.Owner)
	require.Equal(t, []string{"replay"}, item.Actions)
	stop()
	s.SSO.Agency = right
	s.open(fault.SSO)
	s.work()
	require.True(t, s.mustReplay(first).Changed)
	s.await(sent.ListID, payroll.Answered)
}

// A month that cannot be cut has no version of its own that could lie on the desk: it gets one without files.
func TestJobs_a_month_whose_cut_bursts_is_given_up_to_a_person_and_cut_at_his_word(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	stop := s.work()
	one := s.mustSend(listOf(shop, 0))
	s.await(one.ListID, payroll.Answered)
	stop()
	kept := s.count("SELECT sum(taxable) FROM shared.tax_month_persons")

	right := s.Tax.Agency
	s.Tax.Agency = bursting{right}
	two := s.mustSend(listOf(branch, 1))
	s.exec("UPDATE river.river_job SET max_attempts = 2 WHERE kind = 'cut_tax_month' AND state = 'available'")
	stop = s.work()
	lane := s.awaitLane(two.ListID, fault.Tax, payroll.NeedsAttention)
	require.Equal(t, "the month's files failed to be made time and again", lane.Reason)
	require.Equal(t, payroll.ListNeedsAttention, s.list(two.ListID).State)
	require.Equal(t, payroll.AnswerAccepted, s.list(one.ListID).Deliveries.Tax.State, "the version that holds it stands")
	s.awaitLane(two.ListID, fault.SSO, payroll.AnswerAccepted)
	items := s.desk(operator)
	require.Len(t, items, 1)
	require.Equal(t, flow.ByWindow, items[0].Owner)
	require.Equal(t, []string{"replay"}, items[0].Actions)
	require.Equal(t, string(employer), items[0].Employer)
	require.NotEmpty(t, items[0].ListID)
	require.NotEqual(t, items[0].Reason, items[0].Why.FA)
	require.Zero(t, s.count("SELECT count(*) FROM shared.tax_months WHERE due_at IS NOT NULL"), "no job finds it again by itself")
	require.Equal(t, kept, s.count("SELECT sum(p.taxable) FROM shared.tax_month_persons p JOIN shared.tax_months m USING (tax_month_id, version)"),
		"later months still build on the version before")
	stop()
	s.Tax.Agency = right
	s.work()
	require.True(t, s.mustReplay(items[0].Key).Changed)
	s.await(two.ListID, payroll.Answered)
	require.Empty(t, s.desk(operator), "the version without files was overtaken")
	require.Len(t, s.effects(fault.Tax), 2)
}

// Files that were made before are right: that the next cut fails is no reason to keep them back until a person comes.
func TestJobs_a_month_whose_cut_is_given_up_still_sends_the_version_before(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.exec("UPDATE shared.lanes SET held_at = now(), held_until = now() + interval '1 hour' WHERE lane = 'tax'")
	stop := s.work()
	one := s.mustSend(listOf(shop, 0))
	s.awaitLane(one.ListID, fault.Tax, payroll.Queued)
	stop()

	right := s.Tax.Agency
	s.Tax.Agency = bursting{right}
	two := s.mustSend(listOf(branch, 1))
	s.exec("UPDATE river.river_job SET max_attempts = 2 WHERE kind = 'cut_tax_month' AND state = 'available'")
	stop = s.work()
	s.awaitLane(two.ListID, fault.Tax, payroll.NeedsAttention)
	stop()
	s.mustReplay(s.desk(operator)[0].Key)
	s.exec("UPDATE river.river_job SET max_attempts = 2 WHERE kind = 'cut_tax_month' AND state = 'available'")
	stop = s.work()
	require.Eventually(t, func() bool { return s.count("SELECT version FROM shared.tax_months") == 3 }, patience, 30*time.Millisecond)
	stop()
	s.Tax.Agency = right
	s.exec("UPDATE shared.lanes SET held_at = NULL, held_until = NULL WHERE lane = 'tax'")
	s.exec("UPDATE river.river_job SET scheduled_at = now() WHERE state = 'scheduled'")
	s.work()
	s.awaitLane(one.ListID, fault.Tax, payroll.AnswerAccepted)
	require.Equal(t, payroll.NeedsAttention, s.list(two.ListID).Deliveries.Tax.State)
	require.True(t, s.mustReplay(s.desk(operator)[0].Key).Changed)
	s.await(two.ListID, payroll.Answered)
	for key := range s.effects(fault.Tax) {
		require.Contains(t, []string{"tax.10380284790.0.1405-07.1", "tax.10380284790.0.1405-07.4"}, key)
	}
	require.Len(t, s.effects(fault.Tax), 2)
}

// deadly is an agency whose files end the program that makes them.
type deadly struct {
	agency.Agency
	t *testing.T
}

func (d deadly) Encode(agency.Parcel) ([]payroll.File, error) {
	d.t.Error("it was tried once more")
	return nil, errors.New("the program is gone")
}

// River's rescuer gives up a job whose program ended at every attempt, and tells no one.
func TestJobs_one_that_ends_its_program_time_and_again_is_given_up_to_a_person(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.SSO.Agency, s.Tax.Agency = deadly{s.SSO.Agency, t}, deadly{s.Tax.Agency, t}
	sent := s.mustSend(listOf(shop, 0))
	s.exec(`UPDATE river.river_job SET attempt = max_attempts - 1, errors = ARRAY[
		'{"at": "2026-11-01T00:00:00Z", "attempt": 24, "error": "Stuck job rescued by JobRescuer", "trace": ""}'::jsonb] WHERE kind IN ('deliver', 'cut_tax_month')`)
	s.work()
	for _, lane := range payroll.EachLane() {
		require.NotEmpty(t, s.awaitLane(sent.ListID, lane, payroll.NeedsAttention).Reason)
	}
	for _, item := range s.desk(operator) {
		require.Equal(t, []string{"replay"}, item.Actions)
	}
}

func TestJobs_of_a_kind_or_a_delivery_that_no_program_knows_block_nothing(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	for _, queue := range []string{"default", "sso", "tax", "sso_large"} {
		for range 10 {
			s.exec(`INSERT INTO river.river_job (kind, args, max_attempts, queue) VALUES ('of_another_program', '{"x": 1}', 25, '` + queue + `'),
				('deliver', '{"owner": "0123456789", "delivery": "0198c0de-1111-7000-8000-000000000001"}', 25, '` + queue + `'),
				('deliver', '{"owner": 7, "delivery": []}', 25, '` + queue + `'), ('cut_tax_month', '{"tax_month": "x"}', 25, '` + queue + `')`)
		}
	}
	s.work()
	s.await(s.mustSend(listOf(shop, 0)).ListID, payroll.Answered)
}

// What is by hand keeps the order of versions too: the second waits until it is known what the organisation made of the first.
func TestHand_an_uploaded_version_whose_answer_does_not_fit_holds_the_next(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	s.work()
	v1 := s.mustSend(listOf(shop, 0))
	s.awaitLane(v1.ListID, fault.SSO, payroll.ByHand)
	require.NoError(t, s.MarkUploaded(ctx, s.sender, first, time.Now(), "portal-1"))
	wrong := payroll.Answer{Key: first, State: payroll.AnswerAccepted, Digest: strings.Repeat("0", 64)}
	_, err := s.AnswerByHand(ctx, s.sender, []byte("paper"), wrong)
	s.mayNot(err)
	require.True(t, s.awaitLane(v1.ListID, fault.SSO, payroll.NeedsAttention).ByHand)
	v2 := s.mustSend(replacementOf(listOf(shop, 0, 1), 1))
	time.Sleep(300 * time.Millisecond)
	require.Equal(t, payroll.Queued, s.list(v2.ListID).Deliveries.SSO.State)
	got, err := s.AnswerByHand(ctx, s.sender, []byte("paper"), payroll.Answer{Key: first, State: payroll.AnswerAccepted})
	require.NoError(t, err)
	require.Equal(t, store.AnswerStored, got.Outcome)
	s.awaitLane(v2.ListID, fault.SSO, payroll.ByHand)
	_, err = s.AnswerByHand(ctx, s.sender, []byte("paper"), payroll.Answer{Key: second, State: payroll.AnswerAccepted, DecidedAt: time.Now().Add(time.Hour)})
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, fault.Unprocessable, p.Kind, "no one has decided yet")
}

func TestLane_what_is_in_flight_with_one_organisation_is_bounded(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace.Exchange = time.Minute
	gone := make(chan struct{})
	c := s.counter(func(http.ResponseWriter, string) bool {
		<-gone
		return false
	})
	release := sync.OnceFunc(func() { close(gone) })
	t.Cleanup(release)
	s.work()
	ids := s.numbered(14, 1)
	require.Eventually(t, func() bool { return c.exchanges() == 8 }, patience, 10*time.Millisecond)
	time.Sleep(300 * time.Millisecond)
	require.Equal(t, 8, c.exchanges())
	release()
	for _, id := range ids {
		s.awaitLane(id, fault.SSO, payroll.Sent)
	}
}
