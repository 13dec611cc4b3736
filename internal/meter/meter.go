// Package meter counts what the window does and shows where it stands, as Prometheus reads it. It knows lanes, states and
// verdicts; no list, no workshop and no person.
package meter

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Meter counts. Make one with New; a nil Meter counts nothing. Its methods may be called from many goroutines.
type Meter struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	receipts *prometheus.HistogramVec
	uploads  *prometheus.CounterVec
	attempts *prometheus.CounterVec
	answers  *prometheus.CounterVec
}

// The words that labels take. Whatever else is counted is counted as other.
const (
	other = "other"

	Small = "small" // a file that never waits for a place to be read
	Large = "large"
)

var (
	lanes    = []string{"sso", "tax"}
	sizes    = []string{Small, Large}
	verdicts = []string{
		"accepted", "accepted_with_warnings", "rejected", "unreadable", // of lists that were judged
		"draft", "repeated", // kept and not sent; sent before
		"refused", "failed", // by the request, not by the list; by a mistake or a want of ours
	}
	attempts = []string{"acknowledged", "busy", "conflict", "refused", "unknown", "failed"}
	outcomes = []string{"stored", "repeated", "stale", "contradicts", "unknown_key", "digest_not_ours", "undecodable", "unsigned", "failed"}
	methods  = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
)

// New makes a meter whose every series exists from the start, at zero: an alert on what never happened can then be told from
// one on what is not measured.
func New() *Meter {
	m := &Meter{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "fehrest_request_seconds", Help: "Time of HTTP requests, from their head to the end of their answer.",
			Buckets: []float64{.005, .025, .1, .5, 2.5, 10, 60},
		}, []string{"method", "route", "status"}),
		receipts: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "fehrest_receipt_seconds", Help: "Time from the end of an upload to its committed receipt, by size of the file.",
			Buckets: []float64{.005, .01, .02, .03, .05, .1, .2, .5, 1, 2, 5, 10, 30, 60},
		}, []string{"size"}),
		uploads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fehrest_uploads_total", Help: "Uploads by what became of them; each list of a file of many counts.",
		}, []string{"verdict"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fehrest_delivery_attempts_total", Help: "Exchanges with an organisation over a delivery, by what came of them.",
		}, []string{"lane", "outcome"}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fehrest_answers_total", Help: "Organisations' answers, posted or asked for, by what became of them.",
		}, []string{"lane", "outcome"}),
	}
	m.registry.MustRegister(m.requests, m.receipts, m.uploads, m.attempts, m.answers,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, s := range sizes {
		m.receipts.WithLabelValues(s)
	}
	for _, v := range verdicts {
		m.uploads.WithLabelValues(v)
	}
	for _, l := range lanes {
		for _, a := range attempts {
			m.attempts.WithLabelValues(l, a)
		}
		for _, o := range outcomes {
			m.answers.WithLabelValues(l, o)
		}
	}
	return m
}

// Handler serves the figures in the form that Prometheus reads.
func (m *Meter) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// Requested counts an answered request by its route's pattern, never its address.
func (m *Meter) Requested(method, route string, status int, took time.Duration) {
	if m != nil {
		m.requests.WithLabelValues(known(methods, method), route, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
	}
}

// Receipted counts how long an upload that is wholly here waited for its receipt.
func (m *Meter) Receipted(size string, took time.Duration) {
	if m != nil {
		m.receipts.WithLabelValues(known(sizes, size)).Observe(took.Seconds())
	}
}

// Uploaded counts an upload by what became of it: a verdict, draft, repeated, refused or failed.
func (m *Meter) Uploaded(verdict string) {
	if m != nil {
		m.uploads.WithLabelValues(known(verdicts, verdict)).Inc()
	}
}

// Attempted counts an exchange over a delivery: acknowledged, busy, conflict, refused, unknown or failed.
func (m *Meter) Attempted(lane, outcome string) {
	if m != nil {
		m.attempts.WithLabelValues(known(lanes, lane), known(attempts, outcome)).Inc()
	}
}

// Answered counts an organisation's answer by what became of it.
func (m *Meter) Answered(lane, outcome string) {
	if m != nil {
		m.answers.WithLabelValues(known(lanes, lane), known(outcomes, outcome)).Inc()
	}
}

// known keeps a word that no label may take out of the figures, whatever it holds.
func known(words []string, word string) string {
	for _, w := range words {
		if w == word {
			return w
		}
	}
	return other
}
