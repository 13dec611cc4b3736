package store

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// Bundle is a file of many lists, kept before the first of them is judged.
type Bundle struct {
	ID         uuid.UUID
	Principal  uuid.UUID
	Route, Key string
	Body       []byte // SHA-256 of the content's hash and the query
	SHA256     []byte
	Size       int64
	FileName   string
	Asked      []byte // JSON: how the sender wants its lists read and sent
	ReceivedAt time.Time
	Receipt    []byte    // JSON, signed
	EndedAt    time.Time // zero while lists of it are still to be judged
}

// KeepBundle keeps a bundle and its bytes. A key that was used before is refused by the constraint BundleKey.
func (tx *Tx) KeepBundle(ctx context.Context, b *Bundle, r io.Reader) error {
	err := tx.q.AddBundle(ctx, sqlc.AddBundleParams{
		BundleID: b.ID, PrincipalID: b.Principal, Route: b.Route, Key: b.Key, Body: b.Body, Sha256: b.SHA256, Size: b.Size,
		FileName: b.FileName, Asked: b.Asked, ReceivedAt: b.ReceivedAt, Receipt: b.Receipt,
	})
	if err != nil {
		return wrap("keep bundle", err)
	}
	return inPieces(b.Size, r, func(piece int32, bytes []byte) error {
		return wrap("keep bundle", tx.q.AddBundleBytes(ctx, b.ID, piece, bytes))
	})
}

// BundleKey is the constraint that a second bundle under one key breaks.
const BundleKey = "bundles_principal_id_route_key_key"

// inPieces reads a file of a known size a piece at a time.
func inPieces(size int64, r io.Reader, keep func(piece int32, bytes []byte) error) error {
	bytes := make([]byte, min(size, uploadPart))
	for piece := int32(0); size > 0; piece++ {
		got, err := io.ReadFull(r, bytes[:min(size, uploadPart)])
		if err != nil {
			return fmt.Errorf("store: keep file: %w", err)
		}
		size -= int64(got)
		if err := keep(piece, bytes[:got]); err != nil {
			return err
		}
	}
	return nil
}

// BundleOf finds what a principal's key was used for on a route; ErrNotFound for a new key.
func (tx *Tx) BundleOf(ctx context.Context, principal uuid.UUID, route, key string) (*Bundle, error) {
	r, err := tx.q.BundleByKey(ctx, principal, route, key)
	if err != nil {
		return nil, wrap("bundle", err)
	}
	return bundleOf(&r), nil
}

// Bundle reads one bundle; ErrNotFound where there is none.
func (tx *Tx) Bundle(ctx context.Context, id uuid.UUID) (*Bundle, error) {
	r, err := tx.q.BundleByID(ctx, id)
	if err != nil {
		return nil, wrap("bundle", err)
	}
	return bundleOf(&r), nil
}

func bundleOf(r *sqlc.SharedBundle) *Bundle {
	b := &Bundle{
		ID: r.BundleID, Principal: r.PrincipalID, Route: r.Route, Key: r.Key, Body: r.Body, SHA256: r.Sha256, Size: r.Size,
		FileName: r.FileName, Asked: r.Asked, ReceivedAt: r.ReceivedAt, Receipt: r.Receipt,
	}
	if r.EndedAt != nil {
		b.EndedAt = *r.EndedAt
	}
	return b
}

// OpenBundles finds bundles received before a time whose lists have not all their answer, the oldest first.
func (tx *Tx) OpenBundles(ctx context.Context, before time.Time, most int) ([]uuid.UUID, error) {
	ids, err := tx.q.OpenBundles(ctx, before, int32(most))
	return ids, wrap("bundle", err)
}

// EndBundle says that every list of a bundle has its answer.
func (tx *Tx) EndBundle(ctx context.Context, id uuid.UUID, at time.Time) error {
	return wrap("bundle", tx.q.EndBundle(ctx, at, id))
}

// EndBundled says that a list of a bundle has its answer: problem is JSON of why nothing of it is kept, nil for a kept one.
// The first word stands.
func (tx *Tx) EndBundled(ctx context.Context, id uuid.UUID, position int, problem []byte, at time.Time) error {
	return wrap("bundle", tx.q.AddBundleList(ctx, sqlc.AddBundleListParams{BundleID: id, Position: int32(position), Problem: problem, EndedAt: at}))
}

// Bundled is what became of one list of a bundle.
type Bundled struct {
	Problem []byte // JSON of why nothing of it is kept; nil for a kept list
	EndedAt time.Time
}

// Bundled tells what became of the bundle's lists that have their answer, by position.
func (tx *Tx) Bundled(ctx context.Context, id uuid.UUID) (map[int]Bundled, error) {
	rows, err := tx.q.BundleLists(ctx, id)
	if err != nil {
		return nil, wrap("bundle", err)
	}
	ended := make(map[int]Bundled, len(rows))
	for _, r := range rows {
		ended[int(r.Position)] = Bundled{r.Problem, r.EndedAt}
	}
	return ended, nil
}

// KeepBundled keeps under a list's own SHA-256, once a workshop, that its bytes lie in a bundle.
func (tx *Tx) KeepBundled(ctx context.Context, code payroll.WorkshopCode, sha256 []byte, in *BundlePlace, at time.Time) error {
	bundle, position := in.columns()
	return wrap("keep upload", tx.q.AddBundledUpload(ctx, sqlc.AddBundledUploadParams{
		WorkshopCode: string(code), Sha256: sha256, StoredAt: at, BundleID: bundle, Position: position,
	}))
}

// BundleOfList tells where the bytes of a list lie; nil for a file of its own.
func (tx *Tx) BundleOfList(ctx context.Context, code payroll.WorkshopCode, list uuid.UUID) (*BundlePlace, error) {
	r, err := tx.q.BundleOfList(ctx, string(code), list)
	if err != nil || r.BundleID == nil {
		return nil, wrap("upload", err)
	}
	return &BundlePlace{*r.BundleID, int(r.Position)}, nil
}

// BundlePiece is the nth piece of a bundle's bytes, from 0; ErrNotFound behind the last.
func (tx *Tx) BundlePiece(ctx context.Context, id uuid.UUID, n int) ([]byte, error) {
	b, err := tx.q.BundleBytes(ctx, id, int32(n))
	return b, wrap("bundle", err)
}

// TitleAnswers are what an employer's ambiguous column titles were said to mean: title to key.
func (tx *Tx) TitleAnswers(ctx context.Context, employer payroll.EmployerID) (map[string]string, error) {
	rows, err := tx.q.TitleAnswers(ctx, string(employer))
	if err != nil {
		return nil, wrap("title answers", err)
	}
	answers := make(map[string]string, len(rows))
	for _, r := range rows {
		answers[r.Title] = r.Key
	}
	return answers, nil
}

// AnswerTitles keeps what an employer's column titles mean, in place of what was kept before.
func (tx *Tx) AnswerTitles(ctx context.Context, employer payroll.EmployerID, answers map[string]string, principal uuid.UUID, at time.Time) error {
	titles := slices.AppendSeq(make([]string, 0, len(answers)), maps.Keys(answers))
	slices.Sort(titles) // two who answer at once take the rows in one order
	for _, title := range titles {
		err := tx.q.AnswerTitle(ctx, sqlc.AnswerTitleParams{EmployerID: string(employer), Title: title, Key: answers[title], PrincipalID: principal, ToldAt: at})
		if err != nil {
			return wrap("title answers", err)
		}
	}
	return wrap("title answers", tx.q.ForgetTitles(ctx, string(employer), titles))
}
