package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fehrest/internal/flow"

	"github.com/stretchr/testify/require"
)

func TestAPI_refuses_what_no_text_can_hold(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	for path, status := range map[string]int{
		"/v1/lists?workshop_code=%00":            http.StatusBadRequest,
		"/v1/lists?workshop_code=%ff":            http.StatusBadRequest,
		"/v1/lists?cursor=%00":                   http.StatusBadRequest,
		"/v1/lists?period=%zz":                   http.StatusBadRequest,
		"/v1/workshops?cursor=%00":               http.StatusBadRequest,
		"/v1/tax-months/%00/1405-07":             http.StatusNotFound,
		"/v1/tax-months/%ff/1405-07":             http.StatusNotFound,
		"/v1/tax-months/1/1405-07?file=%00":      http.StatusBadRequest,
		"/v1/lists/%00/files/%0d%0a":             http.StatusNotFound,
		"/v1/agencies/sso/lists?cursor=%00&x=%z": http.StatusBadRequest,
	} {
		a := k.get("employer", path)
		require.Equal(t, status, a.status, path)
		a.problem(t)
	}
	// A list must not go to both organisations because the word that names one is damaged.
	for _, query := range []string{"?lanes=sso%z", "?lane=sso", "?lanes=sso&lanes=tax"} {
		a := k.send(k.workbook(k.good), "k"+query, query)
		require.Equal(t, http.StatusBadRequest, a.status, query)
		a.problem(t)
	}
}

func TestAPI_every_problem_has_every_member(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	h := k.good.Header
	elsewhere := strings.Replace(`{"workshop": {"workshop_code": "9999999999", "period": "PERIOD"}, "lines": []}`, "PERIOD", h.Period.String(), 1)
	for name, a := range map[string]*answer{
		"unsigned":  k.get("", "/v1/lists"),
		"not found": k.get("employer", "/v1/lists/zzz"),
		"mandate":   k.ask("employer", http.MethodPost, "/v1/lists", strings.NewReader(elsewhere), "Content-Type", "application/json", "Idempotency-Key", "k"),
		"rejected":  k.send(k.workbook(k.faulty), "f", ""),
	} {
		var members map[string]json.RawMessage
		a.into(t, &members)
		for _, m := range []string{"code", "title", "detail", "status", "instance", "faults"} {
			require.Contains(t, members, m, name)
		}
		require.NotContains(t, string(members["faults"]), `"related_rows":null`, name)
	}
}

// endless is a body without an end, counted.
type endless struct {
	head io.Reader
	read atomic.Int64 // the sender may still read when the answer is there
}

func (e *endless) Read(b []byte) (int, error) {
	if n, _ := e.head.Read(b); n > 0 {
		return n, nil
	}
	if e.read.Load() > 64<<20 {
		return 0, errors.New("the window reads on and on")
	}
	for i := range b {
		b[i] = 'a'
	}
	e.read.Add(int64(len(b)))
	return len(b), nil
}

func TestSubmit_a_form_adds_no_more_than_its_frame(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	for name, head := range map[string]string{
		"a field before the file": "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n",
		"no part at all":          "nothing",
	} {
		body := &endless{head: strings.NewReader(head)}
		a := k.ask("employer", http.MethodPost, "/v1/lists", body, "Content-Type", "multipart/form-data; boundary=b", "Idempotency-Key", "k")
		require.Equal(t, http.StatusBadRequest, a.status, name)
		require.Equal(t, "API-04", a.problem(t).Code, name)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	out, err := w.CreateFormFile("file", "list.xlsx")
	require.NoError(t, err)
	_, err = out.Write(k.workbook(k.good))
	require.NoError(t, err)
	require.NoError(t, w.WriteField("x", strings.Repeat("a", 2<<20)))
	require.NoError(t, w.Close())
	a := k.ask("employer", http.MethodPost, "/v1/lists", &b, "Content-Type", w.FormDataContentType(), "Idempotency-Key", "k")
	require.Equal(t, "API-04", a.problem(t).Code)
}

func TestSubmit_a_form_cut_short_is_a_file_cut_short(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	body := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n" + string(k.workbook(k.good))
	a := k.ask("employer", http.MethodPost, "/v1/lists", strings.NewReader(body), "Content-Type", "multipart/form-data; boundary=b", "Idempotency-Key", "k")
	require.Equal(t, http.StatusBadRequest, a.status)
	require.Equal(t, "FILE-05", a.problem(t).Code)
}

func TestSubmission_of_a_draft_for_one_organisation_goes_there(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	a := k.send(k.workbook(k.good), "draft", "?mode=draft&lanes=tax")
	require.Equal(t, http.StatusOK, a.status, string(a.body))
	at := a.header.Get("Location")
	a = k.ask("employer", http.MethodPost, at+"/submission", nil, "Idempotency-Key", "go")
	require.Equal(t, http.StatusAccepted, a.status, string(a.body))
	var l flow.List
	k.get("employer", at).into(t, &l)
	require.Equal(t, "not_addressed", string(l.Deliveries.SSO.State))
	require.Equal(t, "due", string(l.Deliveries.Tax.State))
}

func TestHand_files_are_not_uploaded_in_the_future(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.filed("")
	body := fmt.Sprintf(`{"reference": "1", "at": %q}`, k.window.Now().Add(48*time.Hour).Format(time.RFC3339))
	a := k.ask("employer", http.MethodPost, "/v1/lists/"+id+"/deliveries/sso/uploaded", strings.NewReader(body), "Content-Type", "application/json")
	require.Equal(t, http.StatusUnprocessableEntity, a.status, string(a.body))
	a.problem(t)
}

func TestAnswers_without_a_signature_are_not_gathered(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	const senders = 16
	busy := make(chan bool, senders)
	for range senders {
		c, err := net.Dial("tcp", strings.TrimPrefix(k.url, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		go func() {
			_, _ = fmt.Fprintf(c, "POST /v1/agencies/sso/answers HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", 64<<20, make([]byte, 256<<10))
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			busy <- err == nil && resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != ""
		}()
	}
	for range senders - 4 {
		select {
		case refused := <-busy:
			require.True(t, refused)
		case <-time.After(time.Minute):
			require.Fail(t, "many senders fill the memory")
		}
	}
}
