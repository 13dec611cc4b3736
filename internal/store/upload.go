package store

import (
	"context"
	"io"
	"time"

	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// uploadPart is how much of a file lies in one row: enough for nearly every list, little enough to hold.
const uploadPart = 1 << 20

// KeepUpload keeps a file's bytes under their SHA-256, once a workshop.
func (tx *Tx) KeepUpload(ctx context.Context, code payroll.WorkshopCode, sha256 []byte, size int64, at time.Time, r io.Reader) error {
	n, err := tx.q.AddUpload(ctx, sqlc.AddUploadParams{WorkshopCode: string(code), Sha256: sha256, Size: size, StoredAt: at})
	if err != nil || n == 0 {
		return wrap("keep upload", err)
	}
	return inPieces(size, r, func(piece int32, bytes []byte) error {
		return wrap("keep upload", tx.q.AddUploadPart(ctx, sqlc.AddUploadPartParams{WorkshopCode: string(code), Sha256: sha256, Part: piece, Bytes: bytes}))
	})
}

// UploadPart is the nth part of a kept file's bytes, from 0; ErrNotFound behind the last.
func (tx *Tx) UploadPart(ctx context.Context, code payroll.WorkshopCode, sha256 []byte, n int) ([]byte, error) {
	b, err := tx.q.UploadPart(ctx, string(code), sha256, int32(n))
	return b, wrap("upload", err)
}

// Answered is what a request with this key was told before.
type Answered struct {
	Body     []byte // SHA-256 of the content's hash and the query
	Workshop payroll.WorkshopCode
	List     uuid.UUID
	Outcome  string // submitted, draft, repeated, rejected
	HeldLane string
}

// Answered finds what a principal's key was told on a route; ErrNotFound for a new key.
func (tx *Tx) Answered(ctx context.Context, principal uuid.UUID, route, key string) (Answered, error) {
	r, err := tx.q.Idempotent(ctx, principal, route, key)
	return Answered{r.Body, payroll.WorkshopCode(r.WorkshopCode), r.ListID, r.Outcome, r.HeldLane}, wrap("idempotency", err)
}

// RememberAnswer keeps what a key was told for as long as the list.
func (tx *Tx) RememberAnswer(ctx context.Context, principal uuid.UUID, route, key string, a Answered, at time.Time) error {
	return wrap("idempotency", tx.q.AddIdempotent(ctx, sqlc.AddIdempotentParams{
		PrincipalID: principal, Route: route, Key: key, Body: a.Body, WorkshopCode: string(a.Workshop), ListID: a.List,
		Outcome: a.Outcome, HeldLane: a.HeldLane, CreatedAt: at,
	}))
}
