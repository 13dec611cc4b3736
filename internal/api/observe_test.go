package api

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fehrest/internal/access"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"
)

// A panic becomes a plain problem: neither the answer nor the log holds its words, which may be what a list held.
func TestObserve_a_panic_is_answered_and_logged_by_id_alone(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := &server{Config: Config{Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now}}
	s.assemble()
	s.router.Get("/v1/panics/{id}", func(http.ResponseWriter, *http.Request) { panic("0012345679 محمدی") })
	w := httptest.NewRecorder()
	s.observe(s.router).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/panics/secret?x=secret", nil))
	require.Equal(t, http.StatusInternalServerError, w.Code)
	var p Problem
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Contains(t, log.String(), p.Instance[len("urn:uuid:"):])
	require.Contains(t, log.String(), "route=/v1/panics/{id}")
	require.Contains(t, log.String(), "TestObserve_a_panic", "where it came from")
	for _, told := range []string{"0012345679", "محمدی", "secret", "goroutine"} {
		require.NotContains(t, log.String()+w.Body.String(), told)
	}
}

// What the library that checks parameters has to say is told in our own words.
func TestRewrite_the_librarys_findings_keep_their_place_and_lose_their_words(t *testing.T) {
	t.Parallel()
	s := bare()
	type asked struct {
		N int `query:"n" minimum:"1"`
	}
	rt := route{method: http.MethodGet, path: "/v1/numbers", policy: access.Anyone, about: "x", does: operation(func(*server, context.Context, *asked) (*struct{}, error) { return nil, nil })}
	rt.does(s, huma.NewAPI(s.humaConfig(), &guarded{s, &rt}), s.describe(&rt))
	w := httptest.NewRecorder()
	s.observe(s.router).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/numbers?n=many", nil))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	var p Problem
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Contains(t, p.Detail, "query.n")
	require.NotContains(t, w.Body.String(), "invalid")
	require.NotContains(t, w.Body.String(), "many")
}
