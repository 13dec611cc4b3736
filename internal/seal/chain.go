package seal

import (
	"crypto/sha256"
	"encoding/binary"
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
