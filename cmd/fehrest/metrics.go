package main

import (
	"net"
	"net/http"
	"time"

	"fehrest/internal/flow"
	"fehrest/internal/meter"
)

// openMeter has the window count what it does and serves the figures at /metrics of their own listener, which no employer
// reaches. There it also tells, at /healthz and /readyz, how a program fares that serves nothing else. Where no address is
// set nothing is counted.
func openMeter(s setting, w *flow.Window) (shut func(), err error) {
	if s.Metrics == "" {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", s.Metrics)
	if err != nil {
		return nil, usage("cannot listen on %s; correct FEHREST_METRICS_ADDR or take it away", s.Metrics)
	}
	w.Meter = meter.New()
	w.Meter.Watch(w.Picture)
	w.Log.Info("figures", "addr", l.Addr().String())
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", w.Meter.Handler())
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", func(out http.ResponseWriter, r *http.Request) {
		if w.Store.Ping(r.Context()) != nil {
			out.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second}
	go func() { _ = server.Serve(l) }() // it ends by being closed
	return func() { _ = server.Close() }, nil
}
