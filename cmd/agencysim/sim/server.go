package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
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

	maxBody = 64 << 20
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

	patience patience

	wake    chan struct{}
	posting sync.WaitGroup
	left    departures
}

// patience is how long after a delivery its answer may leave, least and most.
type patience struct{ least, most time.Duration }

// openServer recovers what the data folder holds.
func openServer(agency, dir, window string, patience patience, now func() time.Time) (*server, error) {
	l, err := openLedger(agency, dir)
	if err != nil {
		return nil, err
	}
	s := &server{
		agency: agency, window: window, ledger: l, now: now, patience: patience,
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
		return nil, errors.Join(err, s.close())
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
	return errors.Join(err, s.close())
}

func (s *server) close() error { return errors.Join(s.keys.close(), s.ledger.close()) }

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
	r.Post("/control/slips", s.postSlip)
	return r
}

// strike plays the faults that come before any work.
func (s *server) strike(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := s.faults.strikes(faultUnavailable); ok {
			problem(w, http.StatusServiceUnavailable, "the gateway is unavailable")
			return
		}
		if f, ok := s.faults.strikes(faultThrottle); ok {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.delay.Seconds()))))
			problem(w, http.StatusTooManyRequests, "too many requests")
			return
		}
		if _, ok := s.faults.strikes(faultResetBefore); ok {
			reset(w)
			return
		}
		if _, ok := s.faults.strikes(faultGarbage); ok {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html><body><h1>It works!</h1></body></html>\n")
			return
		}
		if f, ok := s.faults.strikes(faultSlow); ok {
			if !sleep(r.Context(), f.delay) {
				return
			}
			if f.Pace > 0 {
				w = &slowWriter{ResponseWriter: w, ctx: r.Context(), pause: time.Second / time.Duration(f.Pace)}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// slowWriter lets an answer drip, a byte a pause.
type slowWriter struct {
	http.ResponseWriter
	ctx   context.Context
	pause time.Duration
}

// Unwrap lets a controller reach the connection.
func (w *slowWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *slowWriter) Write(b []byte) (int, error) {
	out := http.NewResponseController(w.ResponseWriter)
	for i := range b {
		if _, err := w.ResponseWriter.Write(b[i : i+1]); err != nil {
			return i, err
		}
		if err := out.Flush(); err != nil {
			return i + 1, err
		}
		if !sleep(w.ctx, w.pause) {
			return i + 1, w.ctx.Err()
		}
	}
	return len(b), nil
}

// reset ends the connection at once with what was written so far; the other side
// sees a reset, not an end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
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
	wait := s.patience.least + time.Duration(randomBelow(int64(s.patience.most-s.patience.least)+1))
	d, err := s.ledger.take(key, hex.EncodeToString(sum[:]), body, s.now(), wait)
	switch {
	case errors.Is(err, errOtherDigest), errors.Is(err, errOldVersion):
		problem(w, http.StatusConflict, err.Error())
		return
	case err != nil:
		problem(w, http.StatusInternalServerError, "the delivery could not be kept")
		return
	}
	s.stir()
	if f, ok := s.faults.strikes(faultEffectSilent); ok {
		sleep(r.Context(), f.delay)
		reset(w)
		return
	}
	if _, ok := s.faults.strikes(faultEffectReset); ok {
		reset(w)
		return
	}
	reply(w, http.StatusAccepted, map[string]string{"reference": d.reference, "state": stateReceived})
}

// stir tells the worker that there is something to decide or to post.
func (s *server) stir() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *server) getDelivery(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.verified(w, r); !ok {
		return
	}
	d, ok := s.ledger.find(chi.URLParam(r, "key"))
	if !s.synced(w) {
		return
	}
	if !ok {
		problem(w, http.StatusNotFound, "no delivery came under this key")
		return
	}
	if d.answer == nil || s.now().Before(d.due) {
		reply(w, http.StatusAccepted, map[string]string{
			"key": d.key.text, "digest": s.told(d.digest), "reference": d.reference, "state": stateReceived,
		})
		return
	}
	a, err := s.ledger.document(&d)
	if err != nil {
		problem(w, http.StatusInternalServerError, "the answer cannot be read")
		return
	}
	a.Digest = s.told(a.Digest)
	reply(w, http.StatusOK, a)
}

// synced lets nothing be said that a crash could take back; it has answered when
// it returns false.
func (s *server) synced(w http.ResponseWriter) bool {
	if s.ledger.sync() != nil {
		problem(w, http.StatusInternalServerError, "the ledger cannot be kept")
		return false
	}
	return true
}

// told is the digest an answer names: that of the bytes, or another one where a
// fault says so.
func (s *server) told(digest string) string {
	if _, ok := s.faults.strikes(faultWrongDigest); ok {
		sum := sha256.Sum256([]byte(digest))
		return hex.EncodeToString(sum[:])
	}
	return digest
}

func (s *server) getKeys(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, jwkSet{Keys: []jwk{s.key.public}})
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
