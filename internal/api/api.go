// Package api is the window's HTTP interface, version 1: its routes and who may call them, its problem documents and its
// OpenAPI document. It judges and keeps nothing itself.
package api

import (
	"log/slog"
	"net/http"
	"time"

	"fehrest/internal/flow"
	"fehrest/internal/store"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
)

// Config is what the interface needs. Window, Store and Now are required.
type Config struct {
	Window *flow.Window
	Store  *store.Store
	Log    *slog.Logger // nil: nothing is logged
	Now    func() time.Time
	// Web makes the pages, which call the API given to them; every path that is no route of the API is theirs. Nil: no pages.
	Web func(api http.Handler) http.Handler
	// Ready tells why the program cannot work beyond what the database says; nil: nothing else is asked.
	Ready func() error
	// Stopping is closed when the program is told to stop: answers that wait for something are then given as they are. Nil: never.
	Stopping <-chan struct{}
}

// Handler serves the API and the pages.
func Handler(c Config) http.Handler {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{Config: c, large: make(chan struct{}, largeBodies)}
	s.assemble()
	if c.Web != nil {
		// The pages call the routes themselves, without the watch around them: a request is logged once.
		s.pages = c.Web(s.router)
	}
	return s.observe(s.router)
}

type server struct {
	Config
	router  *chi.Mux
	pages   http.Handler // nil: none
	openapi *huma.OpenAPI
	large   chan struct{} // the large bodies in memory
	watches watches
	uploads uploads
}

// Server serves a handler within the limits of time and header size that keep a slow or greedy client from holding on. An
// upload may take half an hour, but not stand still.
func Server(h http.Handler, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Minute,
		WriteTimeout:      35 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		// A key of a megabyte is answered with API-01, not cut off.
		MaxHeaderBytes: 2 << 20,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
