package sim

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yaronf/httpsign"
)

// fakeWindow publishes a key and receives answers as the window would.
type fakeWindow struct {
	key     ownKey
	url     string
	agency  atomic.Pointer[string] // the simulator's address
	answers chan Answer
	status  chan int // replies to give before 200
}

func newWindow(t *testing.T) *fakeWindow {
	t.Helper()
	key, err := loadKey(t.TempDir())
	require.NoError(t, err)
	w := &fakeWindow{key: key, answers: make(chan Answer, 100), status: make(chan int, 10)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/keys", func(rw http.ResponseWriter, _ *http.Request) {
		reply(rw, http.StatusOK, jwkSet{Keys: []jwk{key.public}})
	})
	mux.HandleFunc("POST /v1/agencies/{agency}/answers", func(rw http.ResponseWriter, r *http.Request) {
		select {
		case s := <-w.status:
			rw.WriteHeader(s)
			return
		default:
		}
		var a Answer
		if !w.signedByAgency(r) || json.NewDecoder(r.Body).Decode(&a) != nil {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.answers <- a
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	w.url = s.URL
	return w
}

func (w *fakeWindow) signedByAgency(r *http.Request) bool {
	details, err := httpsign.RequestDetails(signatureName, r)
	if err != nil {
		return false
	}
	res, err := http.Get(*w.agency.Load() + "/v1/keys")
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	var set jwkSet
	if json.NewDecoder(res.Body).Decode(&set) != nil {
		return false
	}
	key, ok := set.find(details.KeyID)
	if !ok || httpsign.ValidateContentDigestHeader(r.Header.Values("Content-Digest"), &r.Body, []string{digestScheme}) != nil {
		return false
	}
	v, err := httpsign.NewEd25519Verifier(key, httpsign.NewVerifyConfig(), httpsign.Headers("@method", "@target-uri", "content-digest"))
	return err == nil && httpsign.VerifyRequest(signatureName, *v, r) == nil
}

func (w *fakeWindow) answer(t *testing.T) Answer {
	t.Helper()
	select {
	case a := <-w.answers:
		return a
	case <-time.After(10 * time.Second):
		require.Fail(t, "no answer came")
		return Answer{}
	}
}

// running is a simulator under test, run through its own command line.
type running struct {
	url  string
	stop func()
}

func start(t *testing.T, w *fakeWindow, agency, dir string, more ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan int, 1)
	args := append([]string{"--agency", agency, "--addr", "127.0.0.1:0", "--data", dir, "--window", w.url}, more...)
	p := Program{Stdin: strings.NewReader(""), Stdout: in, Stderr: io.Discard, Now: time.Now}
	go func() {
		done <- p.Run(ctx, args)
		_ = in.Close()
	}()
	text, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	var started map[string]string
	require.NoError(t, json.Unmarshal([]byte(text), &started))
	require.Equal(t, agency, started["agency"])
	r := &running{url: started["url"]}
	stopped := false
	r.stop = func() {
		if !stopped {
			stopped = true
			cancel()
			assert.Equal(t, exitFine, <-done)
		}
	}
	t.Cleanup(r.stop)
	w.agency.Store(&r.url)
	return r
}

// signed makes a request as the window does.
func (w *fakeWindow) signed(t *testing.T, method, url string, body []byte) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	require.NoError(t, err)
	if method == http.MethodPut {
		require.NoError(t, w.key.sign(req))
		return req
	}
	config := httpsign.NewSignConfig().SignAlg(false).SetKeyID(w.key.public.ID).SetNonce(newID())
	signer, err := httpsign.NewEd25519Signer(w.key.private, config, httpsign.Headers("@method", "@target-uri"))
	require.NoError(t, err)
	input, signature, err := httpsign.SignRequest(signatureName, *signer, req)
	require.NoError(t, err)
	req.Header.Set("Signature-Input", input)
	req.Header.Set("Signature", signature)
	return req
}

func do(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode, string(b)
}

func (w *fakeWindow) put(t *testing.T, r *running, key string, body []byte) (int, string) {
	return do(t, w.signed(t, http.MethodPut, r.url+"/v1/deliveries/"+key, body))
}

func (w *fakeWindow) get(t *testing.T, r *running, path string) (int, string) {
	return do(t, w.signed(t, http.MethodGet, r.url+path, nil))
}

func control(t *testing.T, method, url, body string) (int, string) {
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	return do(t, req)
}

func effects(t *testing.T, r *running) map[string]effect {
	t.Helper()
	_, text := control(t, http.MethodGet, r.url+"/control/effects", "")
	var out struct {
		Effects map[string]effect `json:"effects"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	return out.Effects
}

const ssoKey = "sso.0123456789.000.1405-07.01.1"

func TestDeliveryAcceptedOnce(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	r := start(t, w, agencySSO, t.TempDir())
	body := packSSO(t, ssoTestFiles())
	status, first := w.put(t, r, ssoKey, body)
	require.Equal(t, http.StatusAccepted, status, first)
	assert.JSONEq(t, `{"reference":"sso-000000001","state":"received"}`, first)
	status, again := w.put(t, r, ssoKey, body)
	assert.Equal(t, http.StatusAccepted, status)
	assert.Equal(t, first, again)

	a := w.answer(t)
	sum := sha256.Sum256(body)
	assert.Equal(t, stateAccepted, a.State, "%v", a.Findings)
	assert.Equal(t, hex.EncodeToString(sum[:]), a.Digest)
	require.Len(t, a.Payments, 1)
	assert.Regexp(t, `^1[0-9]{14}$`, a.Payments[0].Slip)
	assert.EqualValues(t, 307_544_929, a.Payments[0].Amount)
	assert.Equal(t, "1405-08-30", a.Payments[0].Due)
	assert.Nil(t, a.Workers)

	status, text := w.get(t, r, "/v1/deliveries/"+ssoKey)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, text, a.ID)
	status, _ = w.get(t, r, "/v1/deliveries/sso.0123456789.000.1405-07.02.1")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Equal(t, map[string]effect{ssoKey: {1, a.Digest, 1}}, effects(t, r))
}

func TestDeliveryRefused(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	r := start(t, w, agencySSO, t.TempDir())
	body := packSSO(t, ssoTestFiles())
	key := func(version string) string { return strings.TrimSuffix(ssoKey, "1") + version }
	status, _ := w.put(t, r, key("2"), body)
	require.Equal(t, http.StatusAccepted, status)
	for name, c := range map[string]struct {
		key    string
		status int
	}{
		"other digest":     {key("2"), http.StatusConflict},
		"older version":    {key("1"), http.StatusConflict},
		"no version":       {"sso.0123456789.000.1405-07.01", http.StatusBadRequest},
		"other agency":     {"tax.10101234568.0.1405-07.1", http.StatusBadRequest},
		"padded version":   {key("03"), http.StatusBadRequest},
		"month of no year": {"sso.0123456789.000.1405-13.01.1", http.StatusBadRequest},
	} {
		status, _ := w.put(t, r, c.key, append(bytes.Clone(body), 0))
		assert.Equal(t, c.status, status, name)
	}
	assert.Len(t, effects(t, r), 1)
}

func TestDeliveryRejectedNamesField(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	r := start(t, w, agencySSO, t.TempDir())
	kar, wor := ssoRowsFor(testPeople, "01")
	wor[2]["DSW_BIME"] = "40732599"
	status, _ := w.put(t, r, ssoKey, packSSO(t, ssoFilesOf(kar, wor)))
	require.Equal(t, http.StatusAccepted, status)
	a := w.answer(t)
	assert.Equal(t, stateRejected, a.State)
	assert.Empty(t, a.Payments)
	require.NotEmpty(t, a.Findings)
	assert.Equal(t, "SIM-18", a.Findings[0].Code)
	assert.Equal(t, "DSW_BIME", a.Findings[0].Field)
	assert.Equal(t, "1234567891", a.Findings[0].Person)

	status, _ = w.put(t, r, "sso.0123456789.000.1405-07.02.1", []byte("no ZIP"))
	require.Equal(t, http.StatusAccepted, status)
	assert.Equal(t, "SIM-01", w.answer(t).Findings[0].Code)
}

func TestForgedAndReplayedRequestsRefused(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	r := start(t, w, agencySSO, t.TempDir())
	body := packSSO(t, ssoTestFiles())
	url := r.url + "/v1/deliveries/" + ssoKey

	stranger := newWindow(t)
	status, _ := do(t, stranger.signed(t, http.MethodPut, url, body))
	assert.Equal(t, http.StatusUnauthorized, status, "a stranger's key")

	forger := &fakeWindow{key: ownKey{stranger.key.private, w.key.public}}
	status, _ = do(t, forger.signed(t, http.MethodPut, url, body))
	assert.Equal(t, http.StatusUnauthorized, status, "the window's key id, another key")

	req := w.signed(t, http.MethodPut, url, body)
	req.URL.Path = strings.Replace(req.URL.Path, "1405-07", "1405-08", 1)
	status, _ = do(t, req)
	assert.Equal(t, http.StatusUnauthorized, status, "another address than signed")

	req = w.signed(t, http.MethodPut, url, body)
	other := append(bytes.Clone(body), 0)
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(other)), int64(len(other))
	status, _ = do(t, req)
	assert.Equal(t, http.StatusBadRequest, status, "another body than signed")

	status, _ = control(t, http.MethodGet, url, "")
	assert.Equal(t, http.StatusUnauthorized, status, "not signed at all")
	assert.Empty(t, effects(t, r))

	req = w.signed(t, http.MethodPut, url, body)
	replay := req.Clone(t.Context())
	replay.Body = io.NopCloser(bytes.NewReader(body))
	status, text := do(t, req)
	require.Equal(t, http.StatusAccepted, status, text)
	status, text = do(t, replay)
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Contains(t, text, "nonce")
}

func TestPinnedKeyStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, other := newWindow(t), newWindow(t)
	body := packSSO(t, ssoTestFiles())
	r := start(t, w, agencySSO, dir)
	status, _ := w.put(t, r, ssoKey, body)
	require.Equal(t, http.StatusAccepted, status)
	w.answer(t)
	r.stop()
	r = start(t, other, agencySSO, dir)
	status, _ = other.put(t, r, ssoKey, body)
	assert.Equal(t, http.StatusUnauthorized, status)
	status, _ = w.put(t, r, ssoKey, body)
	assert.Equal(t, http.StatusAccepted, status)
}

func TestRestartKeepsLedgerAndAnswers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := newWindow(t)
	r := start(t, w, agencySSO, dir)
	body := packSSO(t, ssoTestFiles())
	w.status <- http.StatusServiceUnavailable
	_, first := w.put(t, r, ssoKey, body)
	r.stop()

	// A crash in the middle of a line leaves a tail that counts for nothing.
	f, err := os.OpenFile(filepath.Join(dir, "ledger.ndjson"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"seq":9,"kind":"eff`)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	r = start(t, w, agencySSO, dir)
	a := w.answer(t)
	assert.Equal(t, ssoKey, a.Key)
	_, again := w.put(t, r, ssoKey, body)
	assert.Equal(t, first, again)
	assert.Equal(t, 1, effects(t, r)[ssoKey].Count)
	info, err := os.Stat(filepath.Join(dir, keyFileName))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestLedgerListsWhatIsInForce(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	r := start(t, w, agencySSO, t.TempDir())
	_, _ = w.put(t, r, ssoKey, packSSO(t, ssoTestFiles()))
	w.answer(t)
	kar, wor := ssoRowsFor(testPeople[:2], "01")
	_, _ = w.put(t, r, "sso.0123456789.000.1405-07.01.2", packSSO(t, ssoFilesOf(kar, wor)))
	w.answer(t)
	status, text := w.get(t, r, "/v1/ledger/1405-07?after=0")
	require.Equal(t, http.StatusOK, status)
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	require.Len(t, lines, 3)
	var row ledgerRow
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &row))
	assert.EqualValues(t, 4, row.Seq)
	assert.Equal(t, 2, row.Version)
	assert.Equal(t, "0012345679", row.Person)
	assert.Equal(t, "237000010", row.Fields["DSW_MASH"])
	assert.Equal(t, "علی", row.Fields["DSW_FNAME"])
	sum := sha256.Sum256([]byte(lines[0] + lines[1]))
	assert.JSONEq(t, `{"end":true,"lines":2,"sha256":"`+hex.EncodeToString(sum[:])+`"}`, lines[2])
	_, text = w.get(t, r, "/v1/ledger/1405-07?after=4")
	assert.Equal(t, 2, strings.Count(text, "\n"))
}

func TestTaxYearFromOwnLedger(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	r := start(t, w, agencyTax, t.TempDir())
	got := map[string]WorkerTax{}
	for i, cash := range []int64{450_000_000, 900_000_000, 450_000_000} {
		m := month{1405, i + 1}
		wp, wh := taxTestLines("0012345679", cash, 0)
		wh[34] = "1"
		status, text := w.put(t, r, "tax.10101234568.0."+m.String()+".1", packTax(t, taxTestFiles(m, [][]string{wp}, [][]string{wh})))
		require.Equal(t, http.StatusAccepted, status, text)
	}
	for range 3 {
		a := w.answer(t)
		require.Equal(t, stateAccepted, a.State, "%v", a.Findings)
		got[a.Key] = a.Workers[0]
		assert.Equal(t, a.Workers[0].Tax, a.Payments[0].Amount)
		assert.Regexp(t, `^2[0-9]{14}$`, a.Payments[0].Slip)
	}
	assert.Equal(t, WorkerTax{Person: "0012345679", Tax: 5_000_000, Months: 1}, got["tax.10101234568.0.1405-01.1"])
	assert.Equal(t, WorkerTax{Person: "0012345679", Tax: 50_000_000, Months: 2}, got["tax.10101234568.0.1405-02.1"])
	assert.Equal(t, WorkerTax{Person: "0012345679", Tax: 5_000_000, Months: 3}, got["tax.10101234568.0.1405-03.1"])
}

func TestRequestOutsideItsTimeRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		off    time.Duration
		status int
	}{
		{-2 * time.Hour, http.StatusUnauthorized},
		{-signatureSkew - 5*time.Second, http.StatusUnauthorized},
		{-signatureSkew + 20*time.Second, http.StatusNotFound},
		{signatureSkew - 20*time.Second, http.StatusNotFound},
		{signatureSkew + 5*time.Second, http.StatusUnauthorized},
	} {
		w := newWindow(t)
		s, err := openServer(agencySSO, t.TempDir(), w.url, patience{}, func() time.Time { return time.Now().Add(c.off) })
		require.NoError(t, err)
		h := httptest.NewServer(s.routes())
		status, text := w.get(t, &running{url: h.URL}, "/v1/deliveries/"+ssoKey)
		assert.Equal(t, c.status, status, "the organisation's clock is off by %s: %s", c.off, text)
		h.Close()
		require.NoError(t, s.close())
	}
}

func TestNonceRefusedForTenMinutes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	keys := &windowKeys{dir: t.TempDir(), now: func() time.Time { return now }}
	require.NoError(t, keys.load())
	require.NoError(t, keys.useNonce("a"))
	now = now.Add(nonceLife)
	require.ErrorIs(t, keys.useNonce("a"), errSignature)
	now = now.Add(time.Second)
	require.NoError(t, keys.useNonce("b"))
	assert.Len(t, keys.nonces, 1, "old ones are forgotten")
	require.NoError(t, keys.useNonce("a"))
	require.NoError(t, keys.close())
}

// A nonce of another label in the same header is not the signature's.
func TestReplayBehindAnotherLabelRefused(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	r := start(t, w, agencySSO, t.TempDir())
	req := w.signed(t, http.MethodGet, r.url+"/v1/deliveries/"+ssoKey, nil)
	replay := req.Clone(t.Context())
	status, _ := do(t, req)
	require.Equal(t, http.StatusNotFound, status)
	replay.Header.Set("Signature-Input", `sig0=();nonce="another-nonce-never-used", `+replay.Header.Get("Signature-Input"))
	status, text := do(t, replay)
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Contains(t, text, "nonce")
}

func TestDeliveriesAtOnceHaveOneOrder(t *testing.T) {
	t.Parallel()
	w, dir := newWindow(t), t.TempDir()
	r := start(t, w, agencySSO, dir)
	body := packSSO(t, ssoTestFiles())
	var all sync.WaitGroup
	var mu sync.Mutex
	taken := map[string]map[string]bool{} // key to the replies of those taken
	for i := range 24 {
		all.Go(func() {
			key := fmt.Sprintf("%s%d", strings.TrimSuffix(ssoKey, "1"), i/3+1)
			status, text := w.put(t, r, key, append(bytes.Clone(body), make([]byte, i%3/2)...)) // the third has other bytes
			mu.Lock()
			defer mu.Unlock()
			if status == http.StatusAccepted {
				if taken[key] == nil {
					taken[key] = map[string]bool{}
				}
				taken[key][text] = true
			} else {
				assert.Equal(t, http.StatusConflict, status, text)
			}
		})
	}
	all.Wait()
	held := effects(t, r)
	assert.Len(t, held, len(taken))
	for key, replies := range taken {
		assert.Len(t, replies, 1, "one effect has one reference")
		assert.Equal(t, 1, held[key].Count)
	}
	r.stop()
	b, err := os.ReadFile(filepath.Join(dir, "ledger.ndjson"))
	require.NoError(t, err)
	version := 0
	for l := range strings.Lines(string(b)) {
		var e ledgerEntry
		require.NoError(t, json.Unmarshal([]byte(l), &e))
		if e.Kind == kindEffect {
			assert.Greater(t, e.Version, version)
			version = e.Version
		}
	}
	assert.Equal(t, 8, version)
}

func TestLedgerOfTheTaxAdministration(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	r := start(t, w, agencyTax, t.TempDir())
	wp, wh := taxTestLines("0012345679", 450_000_000, 5_000_000)
	key := "tax.10101234568.0.1405-07.1"
	body := packTax(t, taxTestFiles(mehr1405, [][]string{wp}, [][]string{wh}))
	status, text := w.put(t, r, key, body)
	require.Equal(t, http.StatusAccepted, status, text)
	require.Equal(t, stateAccepted, w.answer(t).State)
	status, text = w.get(t, r, "/v1/ledger/1405-07")
	require.Equal(t, http.StatusOK, status)
	first, _, _ := strings.Cut(text, "\n")
	want := map[string]string{}
	for i, v := range wh {
		want[fmt.Sprintf("WH%d", i+1)] = v
	}
	var row ledgerRow
	require.NoError(t, json.Unmarshal([]byte(first), &row))
	assert.Equal(t, ledgerRow{
		Seq: 1, Key: key, Version: 1, Digest: effects(t, r)[key].Digest, Person: "0012345679", Fields: want, State: stateAccepted,
	}, row)
	for _, other := range []string{"1405-06", "1404-07"} {
		_, text = w.get(t, r, "/v1/ledger/"+other)
		assert.JSONEq(t, fmt.Sprintf(`{"end":true,"lines":0,"sha256":"%x"}`, sha256.Sum256(nil)), text)
	}
	for _, bad := range []string{"1405-13", "1405", "1405-07?after=x"} {
		status, _ = w.get(t, r, "/v1/ledger/"+bad)
		assert.Equal(t, http.StatusBadRequest, status, bad)
	}
}
