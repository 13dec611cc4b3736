package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Digest is a SHA-256.
type Digest [sha256.Size]byte

// DigestOf hashes bytes.
func DigestOf(b []byte) Digest { return sha256.Sum256(b) }

// Link is one seal of the chain: it binds a row's digest to its position and to everything sealed before it.
type Link struct {
	Position int64 // 1 for the first
	Row      Digest
	Previous Digest // the hash of the link before; zero for the first
}

// Hash is what the next link binds to.
func (l Link) Hash() Digest {
	var b [8 + 2*sha256.Size]byte
	binary.BigEndian.PutUint64(b[:8], uint64(l.Position))
	copy(b[8:], l.Row[:])
	copy(b[8+sha256.Size:], l.Previous[:])
	return sha256.Sum256(b[:])
}

// Head says what the chain came to on a day, signed: a chain that is shorter than a head, or holds another hash at its
// position, was cut or written anew since.
type Head struct {
	Day       string `json:"day"`      // Tehran's, such as 1405/08/15
	Position  int64  `json:"position"` // of the last link of the day
	Hash      string `json:"hash"`     // that link's, in hexadecimal
	KeyID     string `json:"key_id"`
	Signature string `json:"signature"`
}

// SignHead signs what the chain has come to on a day.
func (k *Keyring) SignHead(day string, position int64, hash Digest) (h Head, err error) {
	h = Head{Day: day, Position: position, Hash: hex.EncodeToString(hash[:]), KeyID: k.ID()}
	h.Signature, err = k.Sign(h)
	return h, err
}

// Verify checks a head's signature: ErrSignature when it was changed or its key is unknown.
func (h Head) Verify(keys KeySet) error {
	b, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("seal: head: %w", err)
	}
	return Verify(b, keys)
}
