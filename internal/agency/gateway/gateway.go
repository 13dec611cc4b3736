// Package gateway speaks with an organisation's gateway over signed HTTP. It sends what it is given and retries nothing:
// the jobs are the only retry layer.
package gateway

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"syscall"
	"time"

	"fehrest/internal/seal"
)

// What a gateway can say beside yes. Everything else is an unknown outcome: the delivery may have taken effect, and the
// key must be asked for before it is sent again.
var (
	ErrUnknownKey = errors.New("gateway: the organisation does not know the key")
	ErrConflict   = errors.New("gateway: the organisation holds another digest or a later version under this key")
	ErrRefused    = errors.New("gateway: the organisation refuses the request")
	ErrUnknown    = errors.New("gateway: outcome unknown")
)

// BusyError says that the organisation asks to be left alone for a while; the delivery took no effect.
type BusyError struct {
	Status     int
	RetryAfter time.Duration // zero when it named none
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("gateway: the organisation answered %d", e.Status)
}

// Client is one organisation's gateway. It must not be copied once used.
type Client struct {
	URL  string
	Keys *seal.Keyring
	HTTP *http.Client // never follows redirects; its timeout bounds one exchange

	long sync.Mutex // held while a long answer is read
}

// NewHTTP returns the HTTP client that a gateway needs: no redirects, a bounded exchange.
func NewHTTP(timeout time.Duration) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 8
	return &http.Client{Transport: t, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// What is read of an answer. A tax month of 99,999 persons with their tax is about 10 MB; what acknowledges a delivery is a line. Long
// answers are read one after another: an organisation that says too much to every exchange does not fill the memory.
const (
	maxAnswer   = 64 << 20
	shortAnswer = 1 << 20
)

// Deliver sends a ZIP under its stable key and returns the organisation's raw answer to it: received, never accepted.
func (c *Client) Deliver(ctx context.Context, key string, body []byte) ([]byte, error) {
	status, raw, retry, err := c.exchange(ctx, http.MethodPut, "/v1/deliveries/"+url.PathEscape(key), body)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusAccepted || status == http.StatusOK:
		return raw, nil
	case status == http.StatusConflict:
		return raw, ErrConflict
	}
	return nil, failure(status, retry)
}

// Inquire asks for the answer to a key: the raw answer document, or ErrUnknownKey.
func (c *Client) Inquire(ctx context.Context, key string) ([]byte, error) {
	status, raw, retry, err := c.exchange(ctx, http.MethodGet, "/v1/deliveries/"+url.PathEscape(key), nil)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusOK || status == http.StatusAccepted:
		return raw, nil
	case status == http.StatusNotFound:
		return nil, ErrUnknownKey
	}
	return nil, failure(status, retry)
}

// PublicKeys fetches the organisation's key set, to be pinned once.
func (c *Client) PublicKeys(ctx context.Context) (seal.KeySet, error) {
	status, raw, _, err := c.exchange(ctx, http.MethodGet, "/v1/keys", nil)
	if err != nil {
		return seal.KeySet{}, err
	}
	if status != http.StatusOK {
		return seal.KeySet{}, fmt.Errorf("gateway: keys: status %d", status)
	}
	return seal.ParseKeySet(raw)
}

func (c *Client) exchange(ctx context.Context, method, path string, body []byte) (status int, raw []byte, retry time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, method, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, 0, fmt.Errorf("gateway: request: %w", err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/zip")
	}
	if err := c.Keys.SignRequest(r, body); err != nil {
		return 0, nil, 0, err
	}
	if body == nil {
		// A request without a body is sent again by the transport when a kept connection breaks: with a nonce that may have been
		// heard, whose refusal would pass for the organisation's word. One with a body it cannot rewind is not.
		r.Body, r.GetBody = io.NopCloser(bytes.NewReader(nil)), nil
	}
	resp, err := c.HTTP.Do(r)
	if err != nil {
		return 0, nil, 0, fmt.Errorf("%w: %s", ErrUnknown, silence(err))
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err = c.read(resp.Body, method == http.MethodPut)
	if err != nil {
		return 0, nil, 0, fmt.Errorf("%w: %s", ErrUnknown, silence(err))
	}
	return resp.StatusCode, raw, retryAfter(resp.Header), nil
}

var errTooLong = errors.New("the answer is too long")

// read reads an answer to its end.
func (c *Client) read(body io.Reader, short bool) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, shortAnswer+1))
	switch {
	case err != nil || len(raw) <= shortAnswer:
		return raw, err
	case short:
		return nil, errTooLong
	}
	c.long.Lock()
	defer c.long.Unlock()
	raw, err = io.ReadAll(io.MultiReader(bytes.NewReader(raw), io.LimitReader(body, maxAnswer-shortAnswer)))
	if err == nil && len(raw) > maxAnswer {
		err = errTooLong
	}
	return raw, err
}

// silence says why no answer came, without the addresses that the transport's own text holds.
func silence(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.Is(err, errTooLong):
		return errTooLong.Error()
	case errors.As(err, &name):
		return "no address is found for its name"
	case errors.As(err, &certificate):
		return "its certificate does not hold"
	case errors.As(err, &record):
		return "it does not speak TLS"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "it takes no connection"
	case errors.Is(err, context.Canceled):
		return "the exchange was cut short here"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it took too long"
	}
	return "the connection broke off"
}

// retryAfter reads both forms of Retry-After. A date is measured by the organisation's own clock, which ours need not agree with;
// zero when it names none.
func retryAfter(h http.Header) time.Duration {
	const most = 24 * time.Hour // what follows is kept from overflowing
	text := h.Get("Retry-After")
	if s, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(s, 0), int(most/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	now, noClock := http.ParseTime(h.Get("Date"))
	if err != nil || noClock != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), most)
}

func failure(status int, retry time.Duration) error {
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		return &BusyError{Status: status, RetryAfter: retry}
	case status == http.StatusRequestTimeout: // a proxy's word: what became of the request is not known
	case status >= 400 && status < 500, status == http.StatusNotImplemented:
		return fmt.Errorf("%w: status %d", ErrRefused, status)
	}
	return fmt.Errorf("%w: status %d", ErrUnknown, status)
}
