package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"

	"fehrest/internal/fault"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"
)

type requestIDKey struct{}

// observe names each request, logs one line of it without anything it carried, and turns a panic into a plain problem.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.Now()
		id := uuid.Must(uuid.NewV7()).String()
		// The router fills in the route; made here, it can still be read afterwards.
		ctx := context.WithValue(r.Context(), chi.RouteCtxKey, chi.NewRouteContext())
		r = r.WithContext(context.WithValue(ctx, requestIDKey{}, id))
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		seen := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			if p := recover(); p != nil {
				s.recovered(seen, r, p)
			}
			status := seen.Status()
			if status == 0 {
				status = http.StatusOK
			}
			took := s.Now().Sub(began)
			s.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("request", id), slog.String("method", knownMethod(r.Method)),
				slog.String("route", pattern(r)), slog.Int("status", status), slog.Duration("took", took))
			if s.Window != nil {
				s.Window.Meter.Requested(r.Method, pattern(r), status, took)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// recovered logs where a panic came from, never its words: they may hold what a list held.
func (s *server) recovered(w middleware.WrapResponseWriter, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.Log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("request", requestID(r)), slog.String("route", pattern(r)), slog.Any("at", frames()))
	if w.Status() == 0 {
		d := s.problem(r, &fault.Problem{Kind: fault.Internal})
		writeJSON(w, d.Status, d.ContentType(""), d)
	}
}

func frames() (at []string) {
	var pcs [32]uintptr
	walk := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs[:])])
	for {
		f, more := walk.Next()
		at = append(at, fmt.Sprintf("%s:%d", f.Function, f.Line))
		if !more {
			return at
		}
	}
}

func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestIDKey{}).(string)
	return id
}

// pattern is the route's pattern: its values, such as a list's id, are left out of the log.
func pattern(r *http.Request) string {
	if rc := chi.RouteContext(r.Context()); rc != nil && rc.RoutePattern() != "" {
		return rc.RoutePattern()
	}
	return "unknown"
}

// knownMethod keeps an invented method out of the log.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
