package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// faulty is a simulator with one delivery at hand.
type faulty struct {
	*running
	t    *testing.T
	w    *fakeWindow
	body []byte
}

func startFaulty(t *testing.T, more ...string) *faulty {
	t.Helper()
	w := newWindow(t)
	return &faulty{start(t, w, agencySSO, t.TempDir(), more...), t, w, packSSO(t, ssoTestFiles())}
}

func (f *faulty) ask(fault string) {
	f.t.Helper()
	status, text := control(f.t, http.MethodPost, f.url+"/control/faults", fault)
	require.Equal(f.t, http.StatusNoContent, status, text)
}

func (f *faulty) clear() {
	f.t.Helper()
	status, _ := control(f.t, http.MethodDelete, f.url+"/control/faults", "")
	require.Equal(f.t, http.StatusNoContent, status)
}

// try sends the delivery and waits no longer than the time for its reply.
func (f *faulty) try(most time.Duration) (*http.Response, error) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), most)
	f.t.Cleanup(cancel)
	return f.send(f.w.signed(f.t, http.MethodPut, f.url+"/v1/deliveries/"+ssoKey, f.body).WithContext(ctx))
}

// send uses a connection of its own, so that a broken one of before is not tried again.
func (f *faulty) send(req *http.Request) (*http.Response, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err == nil {
		f.t.Cleanup(func() { _ = res.Body.Close() })
	}
	return res, err
}

// delivered sends the delivery and expects it to be taken.
func (f *faulty) delivered() {
	f.t.Helper()
	status, text := f.w.put(f.t, f.running, ssoKey, f.body)
	require.Equal(f.t, http.StatusAccepted, status, text)
}

func (f *faulty) count() int { return effects(f.t, f.running)[ssoKey].Count }

func (f *faulty) digest() string {
	sum := sha256.Sum256(f.body)
	return hex.EncodeToString(sum[:])
}

func TestFault_unavailable(t *testing.T) {
	t.Parallel()
	f := startFaulty(t, "--fault", "unavailable:1h")
	status, _ := f.w.put(t, f.running, ssoKey, f.body)
	assert.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = f.w.get(t, f.running, "/v1/ledger/1405-07")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Zero(t, f.count())
	f.clear()
	f.delivered()
}

func TestFault_throttle_says_when_to_come_again(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	for ask, wait := range map[string]string{`{"fault":"throttle","count":1}`: "2", `{"fault":"throttle","count":1,"delay":"6500ms"}`: "7"} {
		f.ask(ask)
		res, err := f.try(time.Minute)
		require.NoError(t, err)
		assert.Equal(t, http.StatusTooManyRequests, res.StatusCode)
		assert.Equal(t, wait, res.Header.Get("Retry-After"))
	}
	assert.Zero(t, f.count())
	f.delivered()
}

func TestFault_slow_waits_before_it_serves(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"slow","count":1}`)
	_, err := f.try(100 * time.Millisecond)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Zero(t, f.count())
	f.ask(`{"fault":"slow","count":1,"delay":"100ms"}`)
	began := time.Now()
	f.delivered()
	assert.GreaterOrEqual(t, time.Since(began), 100*time.Millisecond)
}

func TestFault_slow_answers_byte_by_byte(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"slow","count":1,"pace":20}`)
	began := time.Now()
	res, err := f.try(time.Minute)
	require.NoError(t, err)
	_, err = io.ReadFull(res.Body, make([]byte, 6))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, time.Since(began), 250*time.Millisecond)
	assert.Equal(t, 1, f.count())
}

func TestFault_reset_before(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"reset_before","count":1}`)
	_, err := f.try(time.Minute)
	requireReset(t, err)
	assert.Zero(t, f.count())
	f.delivered()
}

// requireReset holds that the connection broke and did not end in order.
func requireReset(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF), "%v", err)
}

func TestFault_effect_then_timeout(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"effect_then_timeout","count":1}`)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := f.send(f.w.signed(t, http.MethodPut, f.url+"/v1/deliveries/"+ssoKey, f.body).WithContext(ctx))
		failed <- err
	}()
	require.Eventually(t, func() bool { return f.count() == 1 }, 10*time.Second, 10*time.Millisecond)
	select {
	case err := <-failed:
		require.Fail(t, "it said something", "%v", err)
	case <-time.After(100 * time.Millisecond):
	}
	cancel()
	require.ErrorIs(t, <-failed, context.Canceled)
	assert.Equal(t, f.digest(), f.w.answer(t).Digest)
	f.delivered()
	assert.Equal(t, 1, f.count())
}

func TestFault_effect_then_timeout_ends_in_a_reset(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"effect_then_timeout","count":1,"delay":"50ms"}`)
	_, err := f.try(time.Minute)
	requireReset(t, err)
	assert.Equal(t, 1, f.count())
}

func TestFault_effect_then_reset(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"effect_then_reset","count":1}`)
	_, err := f.try(time.Minute)
	requireReset(t, err)
	assert.Equal(t, map[string]effect{ssoKey: {1, f.digest(), 1}}, effects(t, f.running))
	f.delivered()
	assert.Equal(t, 1, f.count())
	assert.Equal(t, stateAccepted, f.w.answer(t).State)
}

func TestFault_effect_then_reset_cuts_a_ledger(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.delivered()
	f.w.answer(t)
	f.ask(`{"fault":"effect_then_reset","count":1}`)
	res, err := f.send(f.w.signed(t, http.MethodGet, f.url+"/v1/ledger/1405-07", nil))
	if err == nil {
		var got []byte
		got, err = io.ReadAll(res.Body)
		assert.NotContains(t, string(got), `"end"`)
	}
	require.Error(t, err)
	assert.Len(t, f.ledger(), len(testPeople))
}

func TestFault_garbage_takes_nothing_in(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"garbage","count":2}`)
	status, text := f.w.put(t, f.running, ssoKey, f.body)
	assert.Equal(t, http.StatusOK, status)
	assert.False(t, json.Valid([]byte(text)))
	status, _ = f.w.get(t, f.running, "/v1/deliveries/"+ssoKey)
	assert.Equal(t, http.StatusOK, status)
	assert.Zero(t, f.count())
	f.delivered()
}

func TestFault_wrong_digest(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"wrong_digest","count":2}`)
	f.delivered()
	var asked Answer
	inquire := func() {
		status, text := f.w.get(t, f.running, "/v1/deliveries/"+ssoKey)
		require.Contains(t, []int{http.StatusOK, http.StatusAccepted}, status)
		require.NoError(t, json.Unmarshal([]byte(text), &asked))
	}
	inquire()
	assert.NotEqual(t, f.digest(), asked.Digest, "asked for")
	posted := f.w.answer(t)
	assert.Regexp(t, "^[0-9a-f]{64}$", posted.Digest)
	assert.NotEqual(t, f.digest(), posted.Digest, "posted")
	inquire()
	assert.Equal(t, posted.ID, asked.ID)
	assert.Equal(t, f.digest(), asked.Digest, "its own record is right")
	assert.Equal(t, f.digest(), effects(t, f.running)[ssoKey].Digest)
}

func TestFault_duplicate_answers(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"duplicate_answers","count":1}`)
	f.delivered()
	first := f.w.answer(t)
	for range 2 {
		assert.Equal(t, first, f.w.answer(t))
	}
	assert.Equal(t, 1, f.count())
}

func TestFault_reordered_answers(t *testing.T) {
	t.Parallel()
	f := startFaulty(t, "--answer-after", "0s-0s")
	f.ask(`{"fault":"reordered_answers","count":1,"delay":"1m"}`)
	f.delivered()
	time.Sleep(50 * time.Millisecond)
	kar, wor := ssoRowsFor(testPeople[:2], "02")
	second := strings.Replace(ssoKey, ".01.", ".02.", 1)
	status, _ := f.w.put(t, f.running, second, packSSO(t, ssoFilesOf(kar, wor)))
	require.Equal(t, http.StatusAccepted, status)
	assert.Equal(t, second, f.w.answer(t).Key)
	assert.Equal(t, ssoKey, f.w.answer(t).Key)
}

func TestFault_reordered_answers_leave_though_none_follows(t *testing.T) {
	t.Parallel()
	f := startFaulty(t, "--answer-after", "0s-0s")
	f.ask(`{"fault":"reordered_answers","delay":"50ms"}`)
	f.delivered()
	assert.Equal(t, ssoKey, f.w.answer(t).Key)
}

func TestFault_reject(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.ask(`{"fault":"reject","count":1}`)
	f.delivered()
	a := f.w.answer(t)
	assert.Equal(t, stateRejected, a.State)
	assert.Equal(t, "SIM-99", a.Findings[0].Code)
	assert.Empty(t, f.ledger(), "what was rejected is not held")
}

// ledger reads the month's ledger and proves that it is whole.
func (f *faulty) ledger() []ledgerRow {
	f.t.Helper()
	status, text := f.w.get(f.t, f.running, "/v1/ledger/1405-07")
	require.Equal(f.t, http.StatusOK, status, text)
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	last := len(lines) - 1
	sum := sha256.Sum256([]byte(strings.Join(lines[:last], "")))
	require.JSONEq(f.t, fmt.Sprintf(`{"end":true,"lines":%d,"sha256":"%x"}`, last, sum), lines[last])
	rows := make([]ledgerRow, last)
	for i := range rows {
		require.NoError(f.t, json.Unmarshal([]byte(lines[i]), &rows[i]))
	}
	return rows
}

func TestFault_ledger_lose(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.delivered()
	f.w.answer(t)
	whole := f.ledger()
	require.Len(t, whole, 3)
	f.ask(`{"fault":"ledger_lose","count":1}`)
	assert.Equal(t, whole[1:], f.ledger())
	assert.Equal(t, whole[1:], f.ledger(), "lost stays lost")
	f.ask(`{"fault":"ledger_lose"}`)
	assert.Empty(t, f.ledger())
	f.clear()
	assert.Equal(t, whole, f.ledger())
}

func TestFault_ledger_change(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.delivered()
	f.w.answer(t)
	whole := f.ledger()
	f.ask(`{"fault":"ledger_change","count":1}`)
	changed := f.ledger()
	assert.Equal(t, "237000010", whole[0].Fields["DSW_MASH"])
	assert.Equal(t, "237000011", changed[0].Fields["DSW_MASH"])
	assert.Equal(t, whole[1:], changed[1:])
	assert.Equal(t, changed, f.ledger())
}

func TestFault_ledger_old_version(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	f.delivered()
	f.w.answer(t)
	f.ask(`{"fault":"ledger_old_version","count":1}`)
	old := f.ledger()
	require.Len(t, old, 3, "there is no version before the first")
	kar, wor := ssoRowsFor(testPeople[:2], "01")
	status, _ := f.w.put(t, f.running, strings.TrimSuffix(ssoKey, "1")+"2", packSSO(t, ssoFilesOf(kar, wor)))
	require.Equal(t, http.StatusAccepted, status)
	f.w.answer(t)
	assert.Equal(t, old, f.ledger())
	f.clear()
	assert.Len(t, f.ledger(), 2)
}

func TestFault_every_name_is_taken_by_flag_and_route(t *testing.T) {
	t.Parallel()
	f := startFaulty(t)
	for _, name := range strings.Fields("unavailable throttle slow reset_before effect_then_timeout effect_then_reset garbage " +
		"wrong_digest duplicate_answers reordered_answers reject ledger_lose ledger_change ledger_old_version") {
		f.ask(fmt.Sprintf(`{"fault":%q,"for":"5s","count":3,"rate":0.3}`, name))
		_, err := parseFaultFlag(name+":5s", time.Now())
		require.NoError(t, err)
	}
	for _, bad := range []string{
		`{"fault":"meteor"}`, `{"fault":"slow","for":"soon"}`, `{"fault":"slow","rate":2}`, `{"fault":"slow","count":-1}`,
		`{"fault":"slow","pace":-1}`, `{"fault":"slow","pace":1,"speed":2}`, `{`,
	} {
		status, _ := control(t, http.MethodPost, f.url+"/control/faults", bad)
		assert.Equal(t, http.StatusBadRequest, status, bad)
	}
}

func TestFault_ends_with_time_or_count(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 22, 12, 0, 0, 0, time.UTC)
	set := &faults{now: func() time.Time { return now }}
	add := func(text string) {
		f, err := parseFault(strings.NewReader(text), now)
		require.NoError(t, err)
		set.add(f)
	}
	struck := func(name string, of int) (n int) {
		for range of {
			if _, ok := set.strikes(name); ok {
				n++
			}
		}
		return n
	}
	add(`{"fault":"reject","for":"5s"}`)
	add(`{"fault":"garbage","count":2}`)
	add(`{"fault":"slow","rate":0.3}`)
	add(`{"fault":"ledger_lose","rate":0.3}`)
	assert.Equal(t, 9, struck(faultReject, 9))
	assert.Equal(t, 2, struck(faultGarbage, 9))
	assert.InDelta(t, 300, struck(faultSlow, 1000), 100)
	lost := map[int]bool{}
	for i := range 1000 {
		lost[i] = set.hits(faultLedgerLose, fmt.Sprint(i))
	}
	n := 0
	for i, was := range lost {
		assert.Equal(t, was, set.hits(faultLedgerLose, fmt.Sprint(i)))
		if was {
			n++
		}
	}
	assert.InDelta(t, 300, n, 100)
	now = now.Add(5*time.Second + 1)
	assert.Zero(t, struck(faultReject, 9))
	assert.Positive(t, struck(faultSlow, 100))
}
