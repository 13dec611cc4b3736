package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fehrest/internal/seal"

	"github.com/stretchr/testify/require"
)

func ring(t *testing.T) *seal.Keyring {
	t.Helper()
	k, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	return k
}

func TestKeyring_is_made_once_and_refuses_open_files(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := seal.Load(dir)
	require.ErrorIs(t, err, seal.ErrNoKeys)
	a, err := seal.Create(dir)
	require.NoError(t, err)
	b, err := seal.Create(dir)
	require.NoError(t, err)
	require.Equal(t, a.ID(), b.ID())
	files, err := filepath.Glob(dir + "/*.pem")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(files[0], 0o644))
	_, err = seal.Load(dir)
	require.ErrorContains(t, err, "0600")
}

func TestDocument(t *testing.T) {
	t.Parallel()
	k := ring(t)
	doc := map[string]any{"b": 2, "a": "فهرست <&>", "key_id": k.ID()}
	sig, err := k.Sign(doc)
	require.NoError(t, err)
	doc["signature"] = sig
	b, err := json.MarshalIndent(doc, "", "  ")
	require.NoError(t, err)
	require.NoError(t, seal.Verify(b, k.Public()), "white space and order do not count")
	require.ErrorIs(t, seal.Verify(bytes.Replace(b, []byte(`"b": 2`), []byte(`"b": 3`), 1), k.Public()), seal.ErrSignature)
	require.ErrorIs(t, seal.Verify(b, ring(t).Public()), seal.ErrSignature)
	require.Error(t, seal.Verify([]byte("x"), k.Public()))
}

// Whatever byte of a signed document is changed, it no longer holds, unless it still says the very same: white space does not
// count, nor how a letter is escaped.
func TestDocument_holds_with_no_byte_changed(t *testing.T) {
	t.Parallel()
	k := ring(t)
	doc := map[string]any{"amount": 9007199254740991, "period": "1405-07", "rows": []int{1, 20}, "of": map[string]any{"sso": "accepted"}, "key_id": k.ID()}
	sig, err := k.Sign(doc)
	require.NoError(t, err)
	doc["signature"] = sig
	b, err := json.Marshal(doc)
	require.NoError(t, err)
	require.NoError(t, seal.Verify(b, k.Public()))
	for at := range b {
		for _, bits := range []byte{1, 2, 3, 4, 5, 6, 7, 8, 15, 32, 128} {
			changed := bytes.Clone(b)
			changed[at] ^= bits
			require.Error(t, seal.Verify(changed, k.Public()), "%s", changed)
		}
		require.Error(t, seal.Verify(append(bytes.Clone(b[:at]), b[at+1:]...), k.Public()), "without byte %d", at)
	}
	for from, to := range map[string]string{
		`"rows":[1,`:  `"rows":[1.0,`,
		`[1,20]`:      `[1.00000000000000000001,20]`,
		`,20]`:        `,2e1]`,
		`740991`:      `740991.2`,
		`0991,`:       `0991.0000000000001,`,
		`"accepted"`:  "\"accepted\xff\"",
		`"period"`:    `"peri\u006fd":"1405-08","period"`,
		`"signature"`: `"Signature":"x","signature"`,
		sig:           sig[:8] + `\n` + sig[8:],
	} {
		changed := strings.Replace(string(b), from, to, 1)
		require.NotEqual(t, string(b), changed, from)
		require.ErrorIs(t, seal.Verify([]byte(changed), k.Public()), seal.ErrSignature, changed)
	}
	require.NoError(t, seal.Verify([]byte(strings.Replace(string(b), "accepted", `\u0061ccepted`, 1)), k.Public()))
}

func TestMessage_is_verified_as_sent_and_refused_when_changed(t *testing.T) {
	t.Parallel()
	k := ring(t)
	type result struct {
		signed seal.Signed
		err    error
	}
	results := make(chan result, 1)
	change := func(*http.Request, *[]byte) {}
	at := time.Now
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		change(r, &body)
		s, err := seal.VerifyRequest(r, body, k.Public(), at())
		results <- result{s, err}
	}))
	defer srv.Close()
	send := func(method, body string) result {
		r, err := http.NewRequest(method, srv.URL+"/v1/deliveries/sso.0123456789.000.1405-07.01.1?x=1", nil)
		require.NoError(t, err)
		require.NoError(t, k.SignRequest(r, []byte(body)))
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return <-results
	}
	for _, body := range []string{"zip", ""} {
		got := send("PUT", body)
		require.NoError(t, got.err)
		require.Equal(t, k.ID(), got.signed.KeyID)
		require.NotEmpty(t, got.signed.Nonce)
	}
	for name, f := range map[string]func(*http.Request, *[]byte){
		"body":    func(_ *http.Request, b *[]byte) { *b = []byte("zap") },
		"method":  func(r *http.Request, _ *[]byte) { r.Method = "POST" },
		"target":  func(r *http.Request, _ *[]byte) { r.URL.Path = strings.Replace(r.URL.Path, "01.1", "01.2", 1) },
		"query":   func(r *http.Request, _ *[]byte) { r.URL.RawQuery = "x=2" },
		"host":    func(r *http.Request, _ *[]byte) { r.Host = "other.example" },
		"none":    func(r *http.Request, _ *[]byte) { r.Header.Del("Signature") },
		"no body": func(_ *http.Request, b *[]byte) { *b = nil },
		"no body and no digest": func(r *http.Request, b *[]byte) {
			*b = nil
			r.Header.Del("Content-Digest")
		},
		"a second digest": func(r *http.Request, _ *[]byte) {
			r.Header.Add("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(make([]byte, 32))+":")
		},
		"the digest not covered": func(r *http.Request, b *[]byte) {
			*b = []byte("zap")
			bare, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.String(), nil)
			if err == nil {
				err = k.SignRequest(bare, nil)
			}
			sum := seal.DigestOf(*b)
			r.Header = bare.Header
			r.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
			if err != nil {
				panic(err)
			}
		},
	} {
		change = f
		require.ErrorIs(t, send("PUT", "zip").err, seal.ErrUnsigned, name)
	}
	change = func(*http.Request, *[]byte) {}
	for off, holds := range map[time.Duration]bool{
		2 * time.Hour: false, -2 * time.Hour: false, seal.Window + 2*time.Second: false, -seal.Window - 2*time.Second: false,
		seal.Window - 30*time.Second: true, -seal.Window + 30*time.Second: true,
	} {
		at = func() time.Time { return time.Now().Add(off) }
		err := send("PUT", "zip").err
		if holds {
			require.NoError(t, err, "clocks %s apart", off)
		} else {
			require.ErrorIs(t, err, seal.ErrUnsigned, "clocks %s apart", off)
		}
	}
}

func TestChain_binds_position_row_and_past(t *testing.T) {
	t.Parallel()
	first := seal.Link{Position: 1, Row: seal.DigestOf([]byte("a"))}
	second := seal.Link{Position: 2, Row: seal.DigestOf([]byte("b")), Previous: first.Hash()}
	changed := second
	changed.Row = seal.DigestOf([]byte("c"))
	require.NotEqual(t, second.Hash(), changed.Hash())
	changed = second
	changed.Position = 3
	require.NotEqual(t, second.Hash(), changed.Hash())
}
