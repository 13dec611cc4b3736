package seal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/dunglas/httpsfv"
	"github.com/yaronf/httpsign"
)

// Messages between the window and the organisations are signed by RFC 9421 with Ed25519: one signature named sig1 over
// @method, @target-uri and, where there is a body, content-digest (RFC 9530, SHA-256), with created, nonce and keyid.
const (
	signatureName = "sig1"
	// Window is how far the clocks of two systems may differ.
	Window = 5 * time.Minute
	// NonceLife is how long a used nonce must be remembered, twice the window.
	NonceLife = 2 * Window
)

// ErrUnsigned says that a message bears no signature that holds: wrong, too old, or by an unknown key.
var ErrUnsigned = errors.New("seal: the message bears no valid signature")

// SignRequest signs a request whose body, if any, is body; it sets Content-Digest and the request's body.
func (k *Keyring) SignRequest(r *http.Request, body []byte) error {
	fields := []string{"@method", "@target-uri"}
	if len(body) > 0 {
		if err := setBody(r, body); err != nil {
			return err
		}
		fields = append(fields, "content-digest")
	}
	key := k.current()
	config := httpsign.NewSignConfig().SignAlg(false).SetKeyID(key.id).SetNonce(rand.Text())
	signer, err := httpsign.NewEd25519Signer(key.priv, config, httpsign.Headers(fields...))
	if err != nil {
		return fmt.Errorf("seal: signer: %w", err)
	}
	input, signature, err := httpsign.SignRequest(signatureName, *signer, r)
	if err != nil {
		return fmt.Errorf("seal: sign request: %w", err)
	}
	r.Header.Set("Signature-Input", input)
	r.Header.Set("Signature", signature)
	return nil
}

// Signed is what a verified message said of itself.
type Signed struct {
	KeyID string
	Nonce string // the receiver refuses one it has seen within NonceLife
}

// VerifyRequest checks a request's signature and, for a body, its digest, at the time now. Everything that does not hold is ErrUnsigned.
func VerifyRequest(r *http.Request, body []byte, keys KeySet, now time.Time) (Signed, error) {
	said, err := parameters(r)
	if err != nil {
		return Signed{}, err
	}
	if age := now.Sub(said.created); age > Window || age < -Window {
		return Signed{}, fmt.Errorf("%w: signed outside the time window", ErrUnsigned)
	}
	pub, ok := keys.Find(said.KeyID)
	if !ok {
		return Signed{}, fmt.Errorf("%w: unknown key", ErrUnsigned)
	}
	fields := []string{"@method", "@target-uri"}
	// A digest that was sent is held against no bytes as well: they may have been taken away.
	if len(body) > 0 || r.Header.Get("Content-Digest") != "" {
		rc := io.ReadCloser(io.NopCloser(bytes.NewReader(body)))
		if err := httpsign.ValidateContentDigestHeader(r.Header.Values("Content-Digest"), &rc, []string{httpsign.DigestSha256}); err != nil {
			return Signed{}, fmt.Errorf("%w: content digest", ErrUnsigned)
		}
		fields = append(fields, "content-digest")
	}
	// The time window is checked above against the caller's clock, not the library's.
	config := httpsign.NewVerifyConfig().SetVerifyCreated(false).SetKeyID(said.KeyID)
	verifier, err := httpsign.NewEd25519Verifier(pub, config, httpsign.Headers(fields...))
	if err != nil {
		return Signed{}, ErrUnsigned
	}
	if err := httpsign.VerifyRequest(signatureName, *verifier, r); err != nil {
		return Signed{}, ErrUnsigned
	}
	return said.Signed, nil
}

type signatureParameters struct {
	Signed
	created time.Time
}

// parameters reads what the signature says of itself; the library does not hand out created and nonce.
func parameters(r *http.Request) (said signatureParameters, err error) {
	dict, err := httpsfv.UnmarshalDictionary(r.Header.Values("Signature-Input"))
	if err != nil {
		return said, ErrUnsigned
	}
	member, _ := dict.Get(signatureName)
	list, ok := member.(httpsfv.InnerList)
	if !ok {
		return said, ErrUnsigned
	}
	keyID, _ := list.Params.Get("keyid")
	nonce, _ := list.Params.Get("nonce")
	created, _ := list.Params.Get("created")
	seconds, ok := created.(int64)
	said.KeyID, _ = keyID.(string)
	said.Nonce, _ = nonce.(string)
	if !ok || said.KeyID == "" || said.Nonce == "" {
		return said, ErrUnsigned
	}
	said.created = time.Unix(seconds, 0)
	return said, nil
}

func setBody(r *http.Request, body []byte) error {
	rc := io.ReadCloser(io.NopCloser(bytes.NewReader(body)))
	digest, err := httpsign.GenerateContentDigestHeader(&rc, []string{httpsign.DigestSha256})
	if err != nil {
		return fmt.Errorf("seal: content digest: %w", err)
	}
	r.Header.Set("Content-Digest", digest)
	r.ContentLength = int64(len(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return nil
}
