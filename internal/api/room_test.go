package api_test

import (
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"fehrest/internal/flow"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

// slow is a large upload that has been let in and stands in mid body until it is told to go on.
type slow struct {
	body   *os.File
	in     chan struct{} // closed when the body is asked for
	once   sync.Once
	goOn   chan struct{}
	answer chan *http.Response
}

func (s *slow) Read(b []byte) (int, error) {
	s.once.Do(func() { close(s.in) })
	<-s.goOn
	return s.body.Read(b)
}

// begin starts a large upload. The sender waits for the window's word before the body (Expect: 100-continue).
func (k *rig) begin(who, path string) *slow {
	file, err := os.Open(path)
	require.NoError(k.t, err)
	info, err := file.Stat()
	require.NoError(k.t, err)
	require.Greater(k.t, info.Size(), int64(flow.LargeFile))
	s := &slow{body: file, in: make(chan struct{}), goOn: make(chan struct{}), answer: make(chan *http.Response, 1)}
	req, err := http.NewRequest(http.MethodPost, k.url+"/v1/lists", io.NopCloser(s))
	require.NoError(k.t, err)
	req.ContentLength = info.Size()
	req.Header.Set("Authorization", "Bearer "+k.tokens[who])
	req.Header.Set("Idempotency-Key", path+who)
	req.Header.Set("Content-Type", workbookType)
	req.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	go func() {
		resp, err := client.Do(req)
		if err != nil {
			k.t.Error(err)
			close(s.answer)
			return
		}
		_ = resp.Body.Close()
		s.answer <- resp
	}()
	return s
}

func (s *slow) finish() *http.Response {
	close(s.goOn)
	return <-s.answer
}

func TestUpload_large_ones_are_told_to_wait_before_their_body_and_small_ones_pass(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	k.window.Slots, k.window.Waiting = 1, 2
	law, ok := k.book.On(k.good.Header.Period)
	require.True(t, ok)
	books := make([]string, 2)
	workers := 0
	for i, h := range []synth.Case{k.good, k.faulty} {
		h.Header.ListNo = "02"
		lines := bigList(&h.Header, law, 5_000)
		workers += len(lines)
		books[i] = bigBook(t, h.Header, lines, false)
	}

	first := k.begin("employer", books[0])
	<-first.in
	again := k.begin("employer", books[1])
	told := <-again.answer
	require.Equal(t, http.StatusTooManyRequests, told.StatusCode, "one sender does not take all the room")
	requireLater(t, told)
	second := k.begin("accountant", books[1])
	<-second.in
	k.tokens["another"] = k.signUp("accountant", k.good.Header.Employer)
	third := k.begin("another", books[0])
	<-third.in
	full := k.begin("stranger", books[0])
	told = <-full.answer
	require.Equal(t, http.StatusServiceUnavailable, told.StatusCode)
	requireLater(t, told)
	for _, refused := range []*slow{again, full} {
		select {
		case <-refused.in:
			t.Fatal("its body was read")
		default:
		}
	}

	a := k.send(k.workbook(k.good), "small", "")
	require.Equal(t, http.StatusAccepted, a.status, string(a.body))
	require.Equal(t, http.StatusAccepted, first.finish().StatusCode)
	require.Equal(t, http.StatusAccepted, second.finish().StatusCode)
	require.Equal(t, http.StatusOK, third.finish().StatusCode, "the same bytes get the earlier receipt")
	var lists, uploads, lines int
	require.NoError(t, k.store.Jobs().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM shared.lists), (SELECT count(*) FROM shared.uploads),
		(SELECT count(*) FROM shared.lines)`).Scan(&lists, &uploads, &lines))
	require.Equal(t, []int{3, 3, workers + len(k.good.Lines)}, []int{lists, uploads, lines})
}

func requireLater(t *testing.T, resp *http.Response) {
	t.Helper()
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	require.NoError(t, err)
	require.Positive(t, seconds)
}
