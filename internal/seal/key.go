// Package seal knows keys, signed documents and messages, and the hash chain. It knows no payroll.
package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
)

// ErrNoKeys says that a folder holds no signing key; a program that must sign refuses to start.
var ErrNoKeys = errors.New("seal: the folder holds no signing key")

const keySuffix = ".pem"

// Keyring is the program's signing key and those it signed with before, so that old receipts still verify.
type Keyring struct {
	keys []signingKey // oldest first; the newest signs
}

type signingKey struct {
	id   string
	priv ed25519.PrivateKey
}

// Load reads the keys of a folder. Key files that others can read are refused.
func Load(dir string) (*Keyring, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+keySuffix))
	if err != nil {
		return nil, fmt.Errorf("seal: key folder: %w", err)
	}
	sort.Strings(names) // names begin with the time they were made
	ring := &Keyring{}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("seal: key file: %w", err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			return nil, fmt.Errorf("seal: key file %s can be read by others: set its mode to 0600", filepath.Base(name))
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("seal: key file: %w", err)
		}
		priv, err := parsePrivate(b)
		if err != nil {
			return nil, fmt.Errorf("seal: key file %s: %w", filepath.Base(name), err)
		}
		ring.keys = append(ring.keys, signingKey{thumbprint(priv.Public().(ed25519.PublicKey)), priv})
	}
	if len(ring.keys) == 0 {
		return nil, ErrNoKeys
	}
	return ring, nil
}

// Create makes a folder's first key, mode 0600, and loads it. An existing key is kept.
func Create(dir string) (*Keyring, error) {
	if ring, err := Load(dir); !errors.Is(err, ErrNoKeys) {
		return ring, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("seal: key folder: %w", err)
	}
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("seal: new key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		return nil, fmt.Errorf("seal: new key: %w", err)
	}
	b := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	// Written beside and renamed: a crash in between leaves no half key that would stop the next start.
	tmp := filepath.Join(dir, "new")
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return nil, fmt.Errorf("seal: new key: %w", err)
	}
	if err := os.Rename(tmp, filepath.Join(dir, "0001-"+thumbprint(priv.Public().(ed25519.PublicKey))[:12]+keySuffix)); err != nil {
		return nil, fmt.Errorf("seal: new key: %w", err)
	}
	return Load(dir)
}

// ID is the thumbprint (RFC 7638) of the key that signs.
func (k *Keyring) ID() string { return k.current().id }

// Public is the set of keys to publish, those no longer signing included.
func (k *Keyring) Public() KeySet {
	set := KeySet{Keys: make([]PublicKey, len(k.keys))}
	for i, key := range k.keys {
		set.Keys[i] = publish(key.id, key.priv.Public().(ed25519.PublicKey))
	}
	return set
}

func (k *Keyring) current() signingKey { return k.keys[len(k.keys)-1] }

// KeySet is a JWK set (RFC 7517) of Ed25519 keys (RFC 8037).
type KeySet struct {
	Keys []PublicKey `json:"keys"`
}

// PublicKey is one key of a set.
type PublicKey struct {
	Type  string `json:"kty"`
	Curve string `json:"crv"`
	ID    string `json:"kid"`
	Use   string `json:"use,omitempty"`
	Alg   string `json:"alg,omitempty"`
	X     string `json:"x"`
}

// ParseKeySet reads a JWK set and keeps its Ed25519 keys; a set without one is an error.
func ParseKeySet(b []byte) (KeySet, error) {
	var all, set KeySet
	if err := json.Unmarshal(b, &all); err != nil {
		return KeySet{}, errors.New("seal: not a JWK set")
	}
	for _, k := range all.Keys {
		if _, err := k.key(); err == nil {
			set.Keys = append(set.Keys, k)
		}
	}
	if len(set.Keys) == 0 {
		return KeySet{}, errors.New("seal: the set holds no Ed25519 key")
	}
	return set, nil
}

// Find returns the key with the id.
func (s KeySet) Find(id string) (ed25519.PublicKey, bool) {
	for _, k := range s.Keys {
		if k.ID == id {
			pub, err := k.key()
			return pub, err == nil
		}
	}
	return nil, false
}

func (k PublicKey) key() (ed25519.PublicKey, error) {
	x, err := base64.RawURLEncoding.DecodeString(k.X)
	if k.Type != "OKP" || k.Curve != "Ed25519" || err != nil || len(x) != ed25519.PublicKeySize {
		return nil, errors.New("seal: no Ed25519 key")
	}
	return x, nil
}

func publish(id string, pub ed25519.PublicKey) PublicKey {
	return PublicKey{Type: "OKP", Curve: "Ed25519", ID: id, Use: "sig", Alg: "EdDSA", X: base64.RawURLEncoding.EncodeToString(pub)}
}

func thumbprint(pub ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(pub) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func parsePrivate(b []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, errors.New("not a PEM file")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("not a PKCS 8 key")
	}
	priv, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("not an Ed25519 key")
	}
	return priv, nil
}
