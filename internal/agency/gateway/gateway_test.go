package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fehrest/internal/agency/gateway"
	"fehrest/internal/seal"

	"github.com/stretchr/testify/require"
)

// organisation is a gateway that verifies what it gets and answers as the test says.
func organisation(t *testing.T, answer http.HandlerFunc) *gateway.Client {
	t.Helper()
	keys, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = seal.VerifyRequest(r, body, keys.Public(), time.Now())
		}
		if err != nil {
			http.Error(w, "unsigned", http.StatusUnauthorized)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		answer(w, r)
	}))
	t.Cleanup(srv.Close)
	return &gateway.Client{URL: srv.URL, Keys: keys, HTTP: gateway.NewHTTP(5 * time.Second)}
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, `{"reference":"r"}`)
	}
}

const key = "sso.0123456789.000.1405-07.01.1"

func TestDeliver_puts_the_signed_bytes_under_the_key(t *testing.T) {
	t.Parallel()
	c := organisation(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPut || r.URL.Path != "/v1/deliveries/"+key || string(body) != "zip" ||
			r.Header.Get("Content-Type") != "application/zip" || r.Header.Get("Content-Digest") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		status(http.StatusAccepted)(w, r)
	})
	raw, err := c.Deliver(t.Context(), key, []byte("zip"))
	require.NoError(t, err)
	require.JSONEq(t, `{"reference":"r"}`, string(raw))
}

func TestInquire_returns_the_raw_answer(t *testing.T) {
	t.Parallel()
	c := organisation(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/v1/deliveries/"+key {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		status(http.StatusOK)(w, r)
	})
	raw, err := c.Inquire(t.Context(), key)
	require.NoError(t, err)
	require.JSONEq(t, `{"reference":"r"}`, string(raw))
}

func TestExchange_tells_refused_from_busy_from_unknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer           http.HandlerFunc
		deliver, inquire error
	}{
		"conflict":      {status(http.StatusConflict), gateway.ErrConflict, gateway.ErrRefused},
		"unknown_key":   {status(http.StatusNotFound), gateway.ErrRefused, gateway.ErrUnknownKey},
		"refused":       {status(http.StatusUnprocessableEntity), gateway.ErrRefused, gateway.ErrRefused},
		"unsigned":      {status(http.StatusUnauthorized), gateway.ErrRefused, gateway.ErrRefused},
		"no_such_thing": {status(http.StatusNotImplemented), gateway.ErrRefused, gateway.ErrRefused},
		"proxy_gave_up": {status(http.StatusRequestTimeout), gateway.ErrUnknown, gateway.ErrUnknown},
		"broken":        {status(http.StatusInternalServerError), gateway.ErrUnknown, gateway.ErrUnknown},
		"bad_gateway":   {status(http.StatusBadGateway), gateway.ErrUnknown, gateway.ErrUnknown},
		"redirect":      {status(http.StatusTemporaryRedirect, "Location", "http://127.0.0.1:1/"), gateway.ErrUnknown, gateway.ErrUnknown},
		"reset":         {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, gateway.ErrUnknown, gateway.ErrUnknown},
		"broken_off": {func(w http.ResponseWriter, r *http.Request) {
			status(http.StatusAccepted, "Content-Length", "1000")(w, r)
		}, gateway.ErrUnknown, gateway.ErrUnknown},
		"too_many":       {status(http.StatusTooManyRequests, "Retry-After", "7"), &gateway.BusyError{Status: 429, RetryAfter: 7 * time.Second}, &gateway.BusyError{Status: 429, RetryAfter: 7 * time.Second}},
		"date":           {status(http.StatusServiceUnavailable, "Date", "Sat, 01 Nov 2025 10:00:00 GMT", "Retry-After", "Sat, 01 Nov 2025 10:02:00 GMT"), &gateway.BusyError{Status: 503, RetryAfter: 2 * time.Minute}, &gateway.BusyError{Status: 503, RetryAfter: 2 * time.Minute}},
		"a_year":         {status(http.StatusServiceUnavailable, "Retry-After", "31536000"), &gateway.BusyError{Status: 503, RetryAfter: 24 * time.Hour}, &gateway.BusyError{Status: 503, RetryAfter: 24 * time.Hour}},
		"unavailable":    {status(http.StatusServiceUnavailable), &gateway.BusyError{Status: 503}, &gateway.BusyError{Status: 503}},
		"retry_is_words": {status(http.StatusServiceUnavailable, "Retry-After", "soon"), &gateway.BusyError{Status: 503}, &gateway.BusyError{Status: 503}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := organisation(t, c.answer)
			_, err := client.Deliver(t.Context(), key, []byte("zip"))
			requireError(t, c.deliver, err)
			_, err = client.Inquire(t.Context(), key)
			requireError(t, c.inquire, err)
		})
	}
}

func requireError(t *testing.T, want, got error) {
	t.Helper()
	if busy, ok := want.(*gateway.BusyError); ok {
		var found *gateway.BusyError
		require.ErrorAs(t, got, &found)
		require.Equal(t, busy, found)
		return
	}
	require.ErrorIs(t, got, want)
}

func TestExchange_ends_in_an_unknown_outcome_when_no_answer_comes(t *testing.T) {
	t.Parallel()
	c := organisation(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Deliver(ctx, key, []byte("zip"))
	require.ErrorIs(t, err, gateway.ErrUnknown)
	require.NotContains(t, err.Error(), "http", "the transport's own text stays inside")
}

// What went wrong is told apart in the log, and no address with it.
func TestExchange_says_why_no_answer_came(t *testing.T) {
	t.Parallel()
	keys, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	open := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(open.Close)
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for address, why := range map[string]string{
		untrusted.URL: "its certificate does not hold", strings.Replace(open.URL, "http:", "https:", 1): "", closed.URL: "it takes no connection",
		"http://gateway.invalid": "no address is found for its name",
	} {
		c := &gateway.Client{URL: address, Keys: keys, HTTP: gateway.NewHTTP(5 * time.Second)}
		_, err := c.Deliver(t.Context(), key, []byte("zip"))
		require.ErrorIs(t, err, gateway.ErrUnknown)
		require.Contains(t, err.Error(), why)
		require.NotContains(t, err.Error(), "127.0.0.1")
		require.NotContains(t, err.Error(), "invalid")
	}
}

// An acknowledgement is a line; only what an inquiry brings may be long, and that has its bound too.
func TestExchange_reads_no_more_than_an_answer_can_be(t *testing.T) {
	t.Parallel()
	var megabytes atomic.Int32
	c := organisation(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat(" ", int(megabytes.Load())<<20)+`{"reference":"r"}`)
	})
	megabytes.Store(3)
	raw, err := c.Inquire(t.Context(), key)
	require.NoError(t, err)
	require.Len(t, raw, 3<<20+len(`{"reference":"r"}`))
	require.JSONEq(t, `{"reference":"r"}`, string(raw))
	_, err = c.Deliver(t.Context(), key, []byte("zip"))
	require.ErrorIs(t, err, gateway.ErrUnknown)
	require.ErrorContains(t, err, "too long")
	megabytes.Store(65)
	_, err = c.Inquire(t.Context(), key)
	require.ErrorIs(t, err, gateway.ErrUnknown)
	require.ErrorContains(t, err, "too long")
}

func TestPublicKeys_reads_the_organisations_key_set(t *testing.T) {
	t.Parallel()
	own, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	c := organisation(t, func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(own.Public())
	})
	set, err := c.PublicKeys(t.Context())
	require.NoError(t, err)
	_, ok := set.Find(own.ID())
	require.True(t, ok)

	c = organisation(t, status(http.StatusOK))
	_, err = c.PublicKeys(t.Context())
	require.Error(t, err, "no key in it")
	c = organisation(t, status(http.StatusInternalServerError))
	_, err = c.PublicKeys(t.Context())
	require.Error(t, err)
}

// A signed request is for one time: what the transport sends again by itself bears a nonce that was heard, and its refusal would
// be taken for the organisation's word.
func TestExchange_is_never_sent_again_by_the_transport(t *testing.T) {
	t.Parallel()
	var came atomic.Int32
	c := organisation(t, func(w http.ResponseWriter, r *http.Request) {
		if came.Add(1) == 1 {
			status(http.StatusAccepted)(w, r)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	})
	_, err := c.Inquire(context.Background(), key)
	require.NoError(t, err)
	_, err = c.Inquire(context.Background(), key) // over the connection that was kept
	require.ErrorIs(t, err, gateway.ErrUnknown)
	require.EqualValues(t, 2, came.Load())
	_, err = c.Deliver(context.Background(), key, []byte("zip"))
	require.ErrorIs(t, err, gateway.ErrUnknown)
	require.EqualValues(t, 3, came.Load())
}
