package sim

import (
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
	"sync"
	"time"

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
)

var noncePattern = regexp.MustCompile(`;nonce="([A-Za-z0-9_-]{16,128})"`)

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
	swept  time.Time // when nonces were last cleared of old ones
}

var (
	errSignature = errors.New("the request is not signed by the window")
	errDigest    = errors.New("the body does not match its Content-Digest")
)

// load reads the pins of an earlier run.
func (w *windowKeys) load() error {
	w.nonces = map[string]time.Time{}
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
	inputs := r.Header.Values("Signature-Input")
	if len(inputs) != 1 {
		return fmt.Errorf("%w: one Signature-Input wanted", errSignature)
	}
	nonce := noncePattern.FindStringSubmatch(inputs[0])
	if nonce == nil {
		return fmt.Errorf("%w: no usable nonce", errSignature)
	}
	details, err := httpsign.RequestDetails(signatureName, r)
	if err != nil {
		return fmt.Errorf("%w: %w", errSignature, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	keys := w.pinned
	if len(keys.Keys) == 0 {
		if keys, err = w.fetch(r.Context()); err != nil {
			return fmt.Errorf("%w: its keys cannot be read: %w", errSignature, err)
		}
	}
	key, ok := keys.find(details.KeyID)
	if !ok {
		return fmt.Errorf("%w: unknown keyid", errSignature)
	}
	config := httpsign.NewVerifyConfig().SetKeyID(details.KeyID).
		SetNotNewerThan(signatureSkew).SetNotOlderThan(signatureSkew)
	verifier, err := httpsign.NewEd25519Verifier(key, config, httpsign.Headers(covered...))
	if err == nil {
		err = httpsign.VerifyRequest(signatureName, *verifier, r)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errSignature, err)
	}
	if err := w.useNonce(details.KeyID + " " + nonce[1]); err != nil {
		return err
	}
	return w.pin(keys)
}

func (w *windowKeys) useNonce(nonce string) error {
	now := w.now()
	if now.Sub(w.swept) > time.Minute {
		w.swept = now
		maps.DeleteFunc(w.nonces, func(_ string, at time.Time) bool { return now.Sub(at) > nonceLife })
	}
	if _, seen := w.nonces[nonce]; seen {
		return fmt.Errorf("%w: the nonce was used before", errSignature)
	}
	w.nonces[nonce] = now
	return nil
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
