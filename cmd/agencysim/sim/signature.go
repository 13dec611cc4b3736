package sim

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dunglas/httpsfv"
	"github.com/yaronf/httpsign"
)

// Signatures follow RFC 9421 in both directions, with these parameters:
//
//   - one signature, label "sig1", by an Ed25519 key; no alg parameter is sent,
//     and one that is received is not asked for: the key says the algorithm;
//   - a request with a body covers "@method" "@target-uri" "content-digest", in
//     this order; one without covers "@method" "@target-uri";
//   - parameters created (Unix seconds), nonce (16 random bytes as 32 hex
//     digits; 16 to 128 characters [A-Za-z0-9_-] are accepted) and keyid, which
//     is the kid of the sender's JWK set;
//   - created within 5 minutes of the receiver's clock, either way; a nonce is
//     refused for 10 minutes after it was seen with a right signature;
//   - Content-Digest: sha-256=:<base64>: over the body's bytes (RFC 9530);
//   - @target-uri is scheme://host/path?query: the scheme of the connection and
//     the Host header on the receiving side, the whole URL on the sending side,
//     so the sender must call the address it signs and keep its Host header.
//
// The sender in Go:
//
//	req.Header.Set("Content-Digest", digest) // GenerateContentDigestHeader(&req.Body, {"sha-256"})
//	config := httpsign.NewSignConfig().SignAlg(false).SetKeyID(kid).SetNonce(nonce)
//	signer, _ := httpsign.NewEd25519Signer(key, config, httpsign.Headers("@method", "@target-uri", "content-digest"))
//	input, signature, _ := httpsign.SignRequest("sig1", *signer, req)
//	req.Header.Set("Signature-Input", input); req.Header.Set("Signature", signature)
//
// Keys are JWK sets at GET /v1/keys, unsigned:
// {"keys":[{"kty":"OKP","crv":"Ed25519","kid":"…","x":"<base64url, unpadded>"}]}.
const (
	signatureName  = "sig1"
	signatureSkew  = 5 * time.Minute
	nonceLife      = 10 * time.Minute
	digestScheme   = httpsign.DigestSha256
	keyFileName    = "key.ed25519"
	windowPinsName = "window-keys.json"
	noncesName     = "nonces"
)

var noncePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{16,128}$`)

// jwk is one Ed25519 public key.
type jwk struct {
	Type  string `json:"kty"`
	Curve string `json:"crv"`
	ID    string `json:"kid"`
	X     string `json:"x"`
}

type jwkSet struct {
	Keys []jwk `json:"keys"`
}

// find returns the public key of an id; false when the set has none such.
func (s jwkSet) find(id string) (ed25519.PublicKey, bool) {
	for _, k := range s.Keys {
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if k.ID == id && k.Type == "OKP" && k.Curve == "Ed25519" && err == nil && len(x) == ed25519.PublicKeySize {
			return x, true
		}
	}
	return nil, false
}

// ownKey is the organisation's signing key.
type ownKey struct {
	private ed25519.PrivateKey
	public  jwk
}

// loadKey reads the key of a data folder, making it at first start.
func loadKey(dir string) (ownKey, error) {
	path := filepath.Join(dir, keyFileName)
	seed, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		seed = make([]byte, ed25519.SeedSize)
		_, _ = rand.Read(seed)
		err = writeDurably(path, seed)
	}
	if err != nil {
		return ownKey{}, fmt.Errorf("sim: key: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return ownKey{}, fmt.Errorf("sim: key: %d bytes in %s", len(seed), keyFileName)
	}
	k := ownKey{private: ed25519.NewKeyFromSeed(seed)}
	k.public = jwk{Type: "OKP", Curve: "Ed25519"}
	k.public.X = base64.RawURLEncoding.EncodeToString(k.private.Public().(ed25519.PublicKey))
	// RFC 7638: the id is the digest of the key's required members.
	print := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + k.public.X + `"}`))
	k.public.ID = base64.RawURLEncoding.EncodeToString(print[:])
	return k, nil
}

// sign adds digest and signature headers to a request with a body.
func (k ownKey) sign(req *http.Request) error {
	digest, err := httpsign.GenerateContentDigestHeader(&req.Body, []string{digestScheme})
	if err != nil {
		return fmt.Errorf("sim: sign: %w", err)
	}
	req.Header.Set("Content-Digest", digest)
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce)
	config := httpsign.NewSignConfig().SignAlg(false).SetKeyID(k.public.ID).SetNonce(hex.EncodeToString(nonce))
	signer, err := httpsign.NewEd25519Signer(k.private, config, httpsign.Headers("@method", "@target-uri", "content-digest"))
	if err != nil {
		return fmt.Errorf("sim: sign: %w", err)
	}
	input, signature, err := httpsign.SignRequest(signatureName, *signer, req)
	if err != nil {
		return fmt.Errorf("sim: sign: %w", err)
	}
	req.Header.Set("Signature-Input", input)
	req.Header.Set("Signature", signature)
	return nil
}

// windowKeys knows the window's keys: fetched once, pinned after the first right
// signature, never replaced by themselves.
type windowKeys struct {
	window string // base address
	dir    string
	client *http.Client
	now    func() time.Time

	mu     sync.Mutex
	pinned jwkSet
	nonces map[string]time.Time
	heard  *os.File  // the same nonces, for the next start
	swept  time.Time // when both were last cleared of old ones
}

var (
	errSignature = errors.New("the request is not signed by the window")
	errDigest    = errors.New("the body does not match its Content-Digest")
)

// load reads the pins and nonces of an earlier run.
func (w *windowKeys) load() error {
	if err := w.loadNonces(); err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(w.dir, windowPinsName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, &w.pinned)
	}
	if err != nil {
		return fmt.Errorf("sim: pinned keys: %w", err)
	}
	return nil
}

// verify checks digest, signature, age and nonce of a request. It returns
// errDigest or errSignature, with the reason wrapped.
func (w *windowKeys) verify(r *http.Request) error {
	covered := []string{"@method", "@target-uri"}
	if r.Method != http.MethodGet {
		covered = append(covered, "content-digest")
		if err := httpsign.ValidateContentDigestHeader(r.Header.Values("Content-Digest"), &r.Body, []string{digestScheme}); err != nil {
			return fmt.Errorf("%w: %w", errDigest, err)
		}
	}
	said, err := readParameters(r)
	if err != nil {
		return err
	}
	if age := w.now().Sub(said.created); age > signatureSkew || age < -signatureSkew {
		return fmt.Errorf("%w: created more than %s from now", errSignature, signatureSkew)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	keys := w.pinned
	if len(keys.Keys) == 0 {
		if keys, err = w.fetch(r.Context()); err != nil {
			return fmt.Errorf("%w: its keys cannot be read: %w", errSignature, err)
		}
	}
	key, ok := keys.find(said.keyID)
	if !ok {
		return fmt.Errorf("%w: unknown keyid", errSignature)
	}
	// The time was judged above, by this program's clock and not the library's.
	config := httpsign.NewVerifyConfig().SetKeyID(said.keyID).SetVerifyCreated(false)
	verifier, err := httpsign.NewEd25519Verifier(key, config, httpsign.Headers(covered...))
	if err == nil {
		err = httpsign.VerifyRequest(signatureName, *verifier, r)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errSignature, err)
	}
	if err := w.useNonce(said.keyID + " " + said.nonce); err != nil {
		return err
	}
	return w.pin(keys)
}

// signatureParameters is what the signature says of itself.
type signatureParameters struct {
	keyID, nonce string
	created      time.Time
}

// readParameters reads those of the one signature meant: another label's in the
// same header say nothing.
func readParameters(r *http.Request) (said signatureParameters, err error) {
	all, err := httpsfv.UnmarshalDictionary(r.Header.Values("Signature-Input"))
	if err != nil {
		return said, fmt.Errorf("%w: no Signature-Input that can be read", errSignature)
	}
	member, _ := all.Get(signatureName)
	list, ok := member.(httpsfv.InnerList)
	if !ok {
		return said, fmt.Errorf("%w: no %s in Signature-Input", errSignature, signatureName)
	}
	keyID, _ := list.Params.Get("keyid")
	nonce, _ := list.Params.Get("nonce")
	created, _ := list.Params.Get("created")
	said.keyID, _ = keyID.(string)
	said.nonce, _ = nonce.(string)
	seconds, ok := created.(int64)
	said.created = time.Unix(seconds, 0)
	switch {
	case !ok:
		return said, fmt.Errorf("%w: no created", errSignature)
	case !noncePattern.MatchString(said.nonce):
		return said, fmt.Errorf("%w: no usable nonce", errSignature)
	}
	return said, nil
}

// useNonce refuses one that was used before. Each is written down at once, so
// that one heard before a crash is known after it.
func (w *windowKeys) useNonce(nonce string) error {
	now := w.now()
	if now.Sub(w.swept) > nonceLife {
		if err := w.sweepNonces(now); err != nil {
			return err
		}
	}
	if at, seen := w.nonces[nonce]; seen && now.Sub(at) <= nonceLife {
		return fmt.Errorf("%w: the nonce was used before", errSignature)
	}
	if _, err := fmt.Fprintf(w.heard, "%d %s\n", now.Unix(), nonce); err != nil {
		return fmt.Errorf("sim: nonces: %w", err)
	}
	w.nonces[nonce] = now
	return nil
}

// sweepNonces forgets those too old to matter, in memory and in the file.
func (w *windowKeys) sweepNonces(now time.Time) error {
	maps.DeleteFunc(w.nonces, func(_ string, at time.Time) bool { return now.Sub(at) > nonceLife })
	var b bytes.Buffer
	for nonce, at := range w.nonces {
		fmt.Fprintf(&b, "%d %s\n", at.Unix(), nonce)
	}
	path := filepath.Join(w.dir, noncesName)
	if err := writeDurably(path, b.Bytes()); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("sim: nonces: %w", err)
	}
	if w.heard != nil {
		_ = w.heard.Close()
	}
	w.heard, w.swept = f, now
	return nil
}

// loadNonces reads those heard in an earlier run; a line cut by a crash is of a
// request that was never answered.
func (w *windowKeys) loadNonces() error {
	w.nonces = map[string]time.Time{}
	b, err := os.ReadFile(filepath.Join(w.dir, noncesName))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("sim: nonces: %w", err)
	}
	for l := range strings.Lines(string(b)) {
		at, nonce, _ := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		if n, err := strconv.ParseInt(at, 10, 64); err == nil {
			w.nonces[nonce] = time.Unix(n, 0)
		}
	}
	return w.sweepNonces(w.now())
}

func (w *windowKeys) close() error {
	if w.heard == nil {
		return nil
	}
	return w.heard.Close()
}

// pin keeps the set whose key just proved itself.
func (w *windowKeys) pin(keys jwkSet) error {
	if len(w.pinned.Keys) > 0 {
		return nil
	}
	b, err := json.Marshal(keys)
	if err == nil {
		err = writeDurably(filepath.Join(w.dir, windowPinsName), b)
	}
	if err != nil {
		return fmt.Errorf("sim: pin keys: %w", err)
	}
	w.pinned = keys
	return nil
}

func (w *windowKeys) fetch(ctx context.Context) (jwkSet, error) {
	var set jwkSet
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.window+"/v1/keys", nil)
	if err != nil {
		return set, err
	}
	res, err := w.client.Do(req)
	if err != nil {
		return set, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return set, fmt.Errorf("status %d", res.StatusCode)
	}
	return set, json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&set)
}
