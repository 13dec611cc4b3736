package seal

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gowebpki/jcs"
)

// ErrSignature says that a document was changed, or signed by a key that is not in the set.
var ErrSignature = errors.New("seal: the signature does not hold")

// Sign signs a document over its canonical form (RFC 8785) without its member signature. The document must marshal to a
// JSON object whose key_id is already the keyring's own.
func (k *Keyring) Sign(document any) (signature string, err error) {
	canonical, err := canonicalForm(document)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(ed25519.Sign(k.current().priv, canonical)), nil
}

// Verify checks a signed document against a set of keys: ErrSignature when it was changed or its key is unknown.
func Verify(document []byte, keys KeySet) error {
	var head struct {
		KeyID     string `json:"key_id"`
		Signature string `json:"signature"`
	}
	if err := json.Unmarshal(document, &head); err != nil {
		return errors.New("seal: not a signed document")
	}
	pub, ok := keys.Find(head.KeyID)
	if !ok {
		return fmt.Errorf("%w: its key is not in the set", ErrSignature)
	}
	sig, err := base64.RawURLEncoding.DecodeString(head.Signature)
	if err != nil {
		return ErrSignature
	}
	canonical, err := canonicalForm(json.RawMessage(document))
	if err != nil {
		return err
	}
	if !ed25519.Verify(pub, canonical, sig) {
		return ErrSignature
	}
	return nil
}

func canonicalForm(document any) ([]byte, error) {
	b, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("seal: canonical form: %w", err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return nil, errors.New("seal: only JSON objects are signed")
	}
	delete(members, "signature")
	if b, err = json.Marshal(members); err != nil {
		return nil, fmt.Errorf("seal: canonical form: %w", err)
	}
	b, err = jcs.Transform(b)
	if err != nil {
		return nil, errors.New("seal: the document has no canonical form")
	}
	return b, nil
}
