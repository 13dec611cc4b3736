package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
)

const (
	agencySSO = "sso"
	agencyTax = "tax"

	maxBody     = 64 << 20
	timeoutHang = 30 * time.Second
)

// server is one organisation's gateway with its ledger.
type server struct {
	agency string
	window string // the window's base address, without a trailing slash
	ledger *ledger
	key    ownKey
	keys   *windowKeys
	faults *faults
	rates  *rates
	now    func() time.Time
	client *http.Client

	wake    chan struct{}
	posting sync.WaitGroup
}

// openServer recovers what the data folder holds.
func openServer(agency, dir, window string, now func() time.Time) (*server, error) {
	l, err := openLedger(agency, dir)
	if err != nil {
		return nil, err
	}
	s := &server{
		agency: agency, window: window, ledger: l, now: now,
		faults: &faults{now: now}, client: &http.Client{Timeout: 30 * time.Second},
		wake: make(chan struct{}, 1),
	}
	s.keys = &windowKeys{window: window, dir: dir, client: s.client, now: now}
	s.key, err = loadKey(dir)
	if err == nil {
		s.rates, err = loadRates()
	}
	if err == nil {
		err = s.keys.load()
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return s, nil
}

// serve answers on the listener until ctx ends, then lets go of everything.
func (s *server) serve(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h := &http.Server{
		Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 2)
	go func() { failed <- h.Serve(listener) }()
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		if err := s.work(ctx); err != nil {
			failed <- err
		}
	}()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	cancel()
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer stop()
	if h.Shutdown(end) != nil {
		_ = h.Close()
	}
	<-worked
	s.posting.Wait()
	return errors.Join(err, s.ledger.close())
}

func (s *server) routes() http.Handler {
	r := chi.NewRouter()
	r.Get("/v1/keys", s.getKeys)
	r.Group(func(r chi.Router) {
		r.Use(s.strike)
		r.Put("/v1/deliveries/{key}", s.putDelivery)
		r.Get("/v1/deliveries/{key}", s.getDelivery)
		r.Get("/v1/ledger/{period}", s.getLedger)
	})
	r.Post("/control/faults", s.postFault)
	r.Delete("/control/faults", s.deleteFaults)
	r.Get("/control/effects", s.getEffects)
	return r
}

// strike plays the faults that come before any work.
func (s *server) strike(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := s.faults.strikes(faultUnavailable); ok {
			problem(w, http.StatusServiceUnavailable, "the gateway is unavailable")
			return
		}
		if _, ok := s.faults.strikes(faultThrottle); ok {
			w.Header().Set("Retry-After", "2")
			problem(w, http.StatusTooManyRequests, "too many requests")
			return
		}
		if delay, ok := s.faults.strikes(faultSlow); ok && !sleep(r.Context(), delay) {
			return
		}
		next.ServeHTTP(w, r)
	})
}

// verified reads the body and checks the signature; it has answered when it
// returns false.
func (s *server) verified(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		problem(w, http.StatusRequestEntityTooLarge, "the body is cut or larger than 64 MiB")
		return nil, false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch err := s.keys.verify(r); {
	case errors.Is(err, errDigest):
		problem(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, errSignature):
		problem(w, http.StatusUnauthorized, err.Error())
	case err != nil:
		problem(w, http.StatusInternalServerError, "the window's keys could not be kept")
	default:
		return body, true
	}
	return nil, false
}

func (s *server) putDelivery(w http.ResponseWriter, r *http.Request) {
	body, ok := s.verified(w, r)
	if !ok {
		return
	}
	key, ok := parseKey(s.agency, chi.URLParam(r, "key"))
	if !ok {
		problem(w, http.StatusBadRequest, "not a delivery key of this organisation")
		return
	}
	sum := sha256.Sum256(body)
	wait := time.Duration(200+randomBelow(601)) * time.Millisecond
	d, err := s.ledger.take(key, hex.EncodeToString(sum[:]), body, s.now(), wait)
	switch {
	case errors.Is(err, errOtherDigest), errors.Is(err, errOldVersion):
		problem(w, http.StatusConflict, err.Error())
		return
	case err != nil:
		problem(w, http.StatusInternalServerError, "the delivery could not be kept")
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	if _, ok := s.faults.strikes(faultEffectTimeout); ok {
		sleep(r.Context(), timeoutHang)
		panic(http.ErrAbortHandler)
	}
	reply(w, http.StatusAccepted, map[string]string{"reference": d.reference, "state": stateReceived})
}

func (s *server) getDelivery(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.verified(w, r); !ok {
		return
	}
	d, ok := s.ledger.find(chi.URLParam(r, "key"))
	if !ok {
		problem(w, http.StatusNotFound, "no delivery came under this key")
		return
	}
	if d.answer == nil || s.now().Before(d.due) {
		reply(w, http.StatusAccepted, map[string]string{
			"key": d.key.text, "digest": d.digest, "reference": d.reference, "state": stateReceived,
		})
		return
	}
	reply(w, http.StatusOK, d.answer)
}

// ledgerRow is one person's line of the organisation's ledger.
type ledgerRow struct {
	Seq     int64             `json:"seq"`
	Key     string            `json:"key"`
	Version int               `json:"version"`
	Digest  string            `json:"digest"`
	Person  string            `json:"person"`
	Fields  map[string]string `json:"fields"`
	State   string            `json:"state"`
}

// getLedger lists what is in force in a period; its last line proves that it is
// whole.
func (s *server) getLedger(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.verified(w, r); !ok {
		return
	}
	period, ok := parseMonth(chi.URLParam(r, "period"))
	after, err := int64(0), error(nil)
	if q := r.URL.Query().Get("after"); q != "" {
		after, err = strconv.ParseInt(q, 10, 64)
	}
	if !ok || err != nil {
		problem(w, http.StatusBadRequest, "a period yyyy-mm and a whole number after are wanted")
		return
	}
	var out bytes.Buffer
	lines := 0
	for _, d := range s.ledger.inForce(func(d *delivery) bool { return d.key.period == period && !s.now().Before(d.due) }) {
		body, err := s.ledger.body(&d)
		if err != nil {
			problem(w, http.StatusInternalServerError, "a kept delivery cannot be read")
			return
		}
		for i, row := range s.personRows(body) {
			row.Seq, row.Key, row.Version = d.firstRow+int64(i), d.key.text, d.key.version
			row.Digest, row.State = d.digest, d.answer.State
			if row.Seq > after {
				out.Write(line(row))
				lines++
			}
		}
	}
	sum := sha256.Sum256(out.Bytes())
	out.Write(line(map[string]any{"end": true, "lines": lines, "sha256": hex.EncodeToString(sum[:])}))
	w.Header().Set("Content-Type", "application/x-ndjson")
	_, _ = w.Write(out.Bytes())
}

// personRows reads the persons of a kept package again.
func (s *server) personRows(body []byte) []ledgerRow {
	c := &collector{}
	entries := openPackage("", body, c)
	if s.agency == agencySSO {
		return ssoRows(ssoParts(entries, c))
	}
	f, ok := taxPair(entries, c)
	if !ok {
		return nil
	}
	return taxRows(f)
}

func (s *server) getKeys(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, jwkSet{Keys: []jwk{s.key.public}})
}

func (s *server) postFault(w http.ResponseWriter, r *http.Request) {
	f, err := parseFault(r.Body, s.now())
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	s.faults.add(f)
	w.WriteHeader(http.StatusNoContent)
}

func (s *server) deleteFaults(w http.ResponseWriter, _ *http.Request) {
	s.faults.clear()
	w.WriteHeader(http.StatusNoContent)
}

// effect is what the ledger holds of one key.
type effect struct {
	Count   int    `json:"count"`
	Digest  string `json:"digest"`
	Version int    `json:"version"`
}

func (s *server) getEffects(w http.ResponseWriter, _ *http.Request) {
	out := map[string]effect{}
	for _, d := range s.ledger.all(func(*delivery) bool { return true }) {
		out[d.key.text] = effect{d.effects, d.digest, d.key.version}
	}
	reply(w, http.StatusOK, map[string]any{"effects": out})
}

// line is a value as one line of JSON; the values here always have that form.
func line(v any) []byte {
	b, _ := json.Marshal(v)
	return append(b, '\n')
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(line(v))
}

// problem answers by RFC 9457.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(line(map[string]any{"title": http.StatusText(status), "status": status, "detail": detail}))
}
