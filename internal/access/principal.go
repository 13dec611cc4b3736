// Package access says who may do what: principals, their tokens, and one table of policies. Which workshops a principal may
// act for are mandates, kept in the shared database.
package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"fehrest/internal/fault"

	"github.com/google/uuid"
)

// Role says on whose behalf a principal acts.
type Role string

// The roles.
const (
	Employer   Role = "employer"   // files for his own workshops
	Accountant Role = "accountant" // files for workshops by mandate
	SSO        Role = "sso"        // officer of the Social Security Organization
	Tax        Role = "tax"        // officer of the tax administration
	Supervisor Role = "supervisor" // the Council's secretariat: aggregates only
	Operator   Role = "operator"   // runs the window
)

// Roles are all of them, in the order they are shown.
func Roles() []Role { return []Role{Employer, Accountant, SSO, Tax, Supervisor, Operator} }

// Lane is the organisation whose officer the role is; none for the others.
func (r Role) Lane() fault.Lane {
	switch r {
	case SSO:
		return fault.SSO
	case Tax:
		return fault.Tax
	}
	return 0
}

// Principal is someone or something that signed in.
type Principal struct {
	ID   uuid.UUID
	Name string
	Role Role
}

const tokenPrefix = "fehrest_"

// NewToken draws a bearer token of 256 bits. Only its hash is ever kept.
func NewToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails: the program stops first
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// HashToken is what is kept of a token. A token has 256 random bits, so a plain hash cannot be searched.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// BearerToken takes the token out of an Authorization header; ok is false for any other.
func BearerToken(header string) (token string, ok bool) {
	scheme, token, ok := strings.Cut(header, " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "bearer") && strings.HasPrefix(strings.TrimSpace(token), tokenPrefix)
}
