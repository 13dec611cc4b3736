package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

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
	// The decoder passes over line ends and the last digit's spare bits: one signature would have many spellings.
	if err != nil || base64.RawURLEncoding.EncodeToString(sig) != head.Signature || Unambiguous(document) != nil {
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

// Unambiguous refuses a document of which two readers could see different things (RFC 8785 asks for I-JSON): an object that names
// a member twice, a number not written as the canonical form writes it, bytes that are not UTF-8.
func Unambiguous(document []byte) error {
	if !utf8.Valid(document) {
		return errors.New("seal: not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var open []map[string]bool // the names of each object around the token; nil for an array
	name := false              // the next token of the innermost object is a name
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("seal: not JSON: %w", err)
		}
		if n, ok := token.(json.Number); ok && !canonicalNumber(n) {
			return errors.New("seal: a number is not in its canonical form")
		}
		switch token {
		case json.Delim('{'):
			open, name = append(open, map[string]bool{}), true
			continue
		case json.Delim('['):
			open, name = append(open, nil), false
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if name {
				text, _ := token.(string)
				if open[len(open)-1][text] {
					return errors.New("seal: a member is named twice")
				}
				open[len(open)-1][text], name = true, false
				continue
			}
		}
		name = len(open) > 0 && open[len(open)-1] != nil
	}
}

// canonicalNumber tells whether a number is the one way to write it: of 1.00000000000000001, one reader would see more than 1.
func canonicalNumber(n json.Number) bool {
	f, err := n.Float64()
	if err != nil {
		return false
	}
	form, err := jcs.NumberToJSON(f)
	return err == nil && form == n.String()
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
