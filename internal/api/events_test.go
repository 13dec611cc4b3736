package api_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/api"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// stream is an open stream of a list's events.
type stream struct {
	*http.Response
	t     testing.TB
	lines *bufio.Scanner
}

// listen opens the stream of a list at a window's address.
func (k *rig) listen(url, who, id string, header ...string) *stream {
	return k.open(url+"/v1/lists/"+id+"/events", who, header...)
}

func (k *rig) open(url, who string, header ...string) *stream {
	k.t.Helper()
	req, err := http.NewRequestWithContext(k.t.Context(), http.MethodGet, url, nil)
	require.NoError(k.t, err)
	req.Header.Set("Authorization", "Bearer "+k.tokens[who])
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(k.t, err)
	k.t.Cleanup(func() { _ = resp.Body.Close() })
	return &stream{resp, k.t, bufio.NewScanner(resp.Body)}
}

// next reads one event of a list; nil at the stream's orderly end.
func (s *stream) next() (l *flow.ListState, id string) {
	s.t.Helper()
	l = &flow.ListState{}
	if id = s.read("state", l); id == "" {
		return nil, ""
	}
	return l, id
}

// read reads one event and returns its id; empty at the stream's orderly end.
func (s *stream) read(event string, into any) (id string) {
	s.t.Helper()
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			require.Equal(s.t, event, value)
		case "data":
			require.NoError(s.t, json.Unmarshal([]byte(value), into))
		case "":
			if id != "" {
				return id
			}
		}
	}
	require.NoError(s.t, s.lines.Err())
	return ""
}

func TestEvents_tell_each_change_until_the_list_is_final(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.filed("?mode=draft")
	s := k.listen(k.url, "employer", id)
	require.Equal(t, http.StatusOK, s.StatusCode)
	require.Equal(t, "text/event-stream", s.Header.Get("Content-Type"))
	l, first := s.next()
	require.Equal(t, payroll.Draft, l.State)

	a := k.ask("employer", http.MethodPost, "/v1/lists/"+id+"/submission", nil, "Idempotency-Key", "a")
	require.Equal(t, http.StatusAccepted, a.status, string(a.body))
	l, second := s.next()
	require.Equal(t, payroll.Submitted, l.State)
	require.NotEqual(t, first, second)

	a = k.ask("employer", http.MethodDelete, "/v1/lists/"+id, nil)
	require.Equal(t, http.StatusOK, a.status, string(a.body))
	l, last := s.next()
	require.Equal(t, payroll.Withdrawn, l.State)
	var now flow.ListState
	k.get("employer", "/v1/lists/"+id+"/state").into(t, &now)
	require.Equal(t, now, *l)
	l, _ = s.next()
	require.Nil(t, l, "the stream ends with the list")

	require.Equal(t, http.StatusNoContent, k.listen(k.url, "employer", id, "Last-Event-ID", last).StatusCode)
	l, _ = k.listen(k.url, "employer", id, "Last-Event-ID", second).next()
	require.Equal(t, payroll.Withdrawn, l.State)
}

func TestEvents_end_with_the_right_to_them(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.filed("?mode=draft")
	h := k.good.Header
	k.tokens["clerk"] = access.NewToken()
	clerk := access.Principal{ID: store.NewID(), Name: "clerk", Role: access.Accountant}
	require.NoError(t, k.store.Tx(t.Context(), func(tx *store.Tx) error {
		if err := tx.AddPrincipal(t.Context(), clerk); err != nil {
			return err
		}
		if err := tx.AddMandate(t.Context(), clerk.ID, h.Employer, h.Workshop, time.Time{}); err != nil {
			return err
		}
		return tx.AddToken(t.Context(), access.HashToken(k.tokens["clerk"]), clerk.ID, time.Time{})
	}))
	byMandate, byToken := k.listen(k.url, "clerk", id), k.listen(k.url, "accountant", id)
	for _, s := range []*stream{byMandate, byToken} {
		l, _ := s.next()
		require.Equal(t, id, l.ID)
	}
	require.NoError(t, k.store.Tx(t.Context(), func(tx *store.Tx) error {
		if err := tx.RevokeMandates(t.Context(), clerk.ID, h.Workshop, k.window.Now()); err != nil {
			return err
		}
		return tx.RevokeToken(t.Context(), access.HashToken(k.tokens["accountant"]), k.window.Now())
	}))
	for _, s := range []*stream{byMandate, byToken} {
		l, _ := s.next()
		require.Nil(t, l)
	}
	require.Equal(t, http.StatusNotFound, k.listen(k.url, "clerk", id).StatusCode)
	require.Equal(t, http.StatusUnauthorized, k.listen(k.url, "accountant", id).StatusCode)
	require.Equal(t, http.StatusForbidden, k.listen(k.url, "operator", id).StatusCode)
	require.Equal(t, http.StatusNotFound, k.listen(k.url, "employer", uuid.NewString()).StatusCode)
}

func TestEvents_of_one_principal_are_bounded_and_end_with_the_program(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.filed("?mode=draft")
	stop := make(chan struct{})
	server := httptest.NewServer(api.Handler(api.Config{Window: k.window, Store: k.store, Now: k.window.Now, Log: k.window.Log, Stopping: stop}))
	t.Cleanup(server.Close)
	var limits struct {
		EventStreams int `json:"event_streams"`
	}
	k.get("", "/v1/limits").into(t, &limits)
	require.Positive(t, limits.EventStreams)
	open := make([]*stream, limits.EventStreams)
	for i := range open {
		open[i] = k.listen(server.URL, "employer", id)
		require.Equal(t, http.StatusOK, open[i].StatusCode)
	}
	refused := k.listen(server.URL, "employer", id)
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
	requireLater(t, refused.Response)
	require.Equal(t, http.StatusOK, k.listen(server.URL, "accountant", id).StatusCode, "another has places of his own")

	require.NoError(t, open[0].Body.Close())
	require.Eventually(t, func() bool { return k.listen(server.URL, "employer", id).StatusCode == http.StatusOK }, time.Minute, 50*time.Millisecond,
		"a place that was left is free")
	close(stop)
	for _, s := range open[1:] {
		l, _ := s.next()
		require.NotNil(t, l)
		l, _ = s.next()
		require.Nil(t, l, "a stop waits for no stream")
	}
}

func TestUploadEvents_tell_how_far_an_upload_has_come(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	type progress struct {
		State     string
		Bytes, Of int64
		Status    int
		Location  string
	}
	s := k.open(k.url+"/v1/uploads/mine/events", "employer")
	var now progress
	s.read("progress", &now)
	require.Equal(t, progress{State: "awaited"}, now)

	file := k.workbook(k.good)
	body, sending := io.Pipe()
	req, err := http.NewRequest(http.MethodPost, k.url+"/v1/lists", body)
	require.NoError(t, err)
	req.ContentLength = int64(len(file))
	for name, value := range map[string]string{"Authorization": "Bearer " + k.tokens["employer"], "Content-Type": workbookType, "Idempotency-Key": "u", "Upload-Id": "mine"} {
		req.Header.Set(name, value)
	}
	answered := make(chan *http.Response, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			close(answered)
			return
		}
		_ = resp.Body.Close()
		answered <- resp
	}()
	half := int64(len(file) / 2)
	_, err = sending.Write(file[:half])
	require.NoError(t, err)
	for now.Bytes < half {
		require.NotEmpty(t, s.read("progress", &now))
	}
	require.Equal(t, progress{State: "receiving", Bytes: half, Of: int64(len(file))}, now)
	var theirs progress
	k.open(k.url+"/v1/uploads/mine/events", "accountant").read("progress", &theirs)
	require.Equal(t, "awaited", theirs.State, "another's upload is not told of")

	_, err = sending.Write(file[half:])
	require.NoError(t, err)
	require.NoError(t, sending.Close())
	resp := <-answered
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
	for now.State != "done" {
		require.NotEmpty(t, s.read("progress", &now))
	}
	require.Equal(t, progress{State: "done", Bytes: req.ContentLength, Of: req.ContentLength, Status: resp.StatusCode, Location: resp.Header.Get("Location")}, now)
	require.Empty(t, s.read("progress", &now), "the stream ends with the upload")
	long := k.ask("employer", http.MethodPost, "/v1/lists", strings.NewReader("{}"), "Idempotency-Key", "l", "Upload-Id", strings.Repeat("x", 101))
	require.Equal(t, http.StatusBadRequest, long.status)
}
