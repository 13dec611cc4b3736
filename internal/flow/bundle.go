package flow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Bundle is what became of a file of many lists.
type Bundle struct {
	Upload payroll.UploadReceipt
	Lists  []BundledList // in the order of the file

	faults int // told of them
}

// BundledList is what became of one of them; one of the two is set.
type BundledList struct {
	Submitted *Submitted
	Problem   *fault.Problem
}

// bundleRoute is the scope of the keys that lists of bundles are submitted with.
const bundleRoute = "bundle"

// What the answer to a bundle lists of its refused lists' faults: all, while they are no more than mostTold together, then the
// gravest leastTold of each. Those of a kept list are shown whole with the list itself; its causes are counted whole.
const (
	mostTold  = 10_000
	leastTold = 5
)

// resumeAfter is how long a bundle may stand still before a job goes on with it: its program has died.
const resumeAfter = time.Minute

// bundleAsked is how the sender wants a bundle's lists read and sent.
type bundleAsked struct {
	Lanes      fault.Lane   `json:"lanes"`
	LanesGiven bool         `json:"lanes_given,omitempty"`
	Passing    bool         `json:"passing,omitempty"`
	Draft      bool         `json:"draft,omitempty"`
	Sheet      string       `json:"sheet,omitempty"`
	Workshop   string       `json:"workshop_code,omitempty"`
	Period     jalali.Month `json:"period"`
}

// open opens a spooled file.
func (w *Window) open(ctx context.Context, file *spool, u *Upload) (*intake.File, error) {
	r := file.reader()
	f, err := intake.Open(ctx, r, r.Size(), intake.Options{
		Name: u.Name, Sheet: u.Sheet, Limits: w.Limits, Temp: w.Spool, Workshop: u.said(),
		Answers: func(h *payroll.Header) (map[string]string, error) { return w.answersFor(ctx, u.Principal, h) },
	})
	if err != nil {
		return nil, fmt.Errorf("flow: open: %w", err)
	}
	return f, nil
}

// many takes a file of many lists: its bytes are kept first, then each list in a commit of its own. A crash in between is made
// good from the bytes, by the sender's next try with the same key or by a job.
func (s *submission) many(ctx context.Context) (*Submitted, error) {
	if s.bundle == nil {
		if err := s.keepBundle(ctx); err != nil {
			return nil, err
		}
	}
	return s.w.goOn(ctx, s.bundle, s.file, s.opened)
}

func (s *submission) keepBundle(ctx context.Context) error {
	b := &store.Bundle{
		ID: store.NewID(), Principal: s.u.Principal.ID, Route: s.u.Route, Key: s.u.IdempotencyKey, Body: s.body, SHA256: s.sha,
		Size: s.file.size, FileName: s.u.Name, ReceivedAt: s.at,
	}
	receipt := payroll.UploadReceipt{ID: b.ID.String(), SHA256: fmt.Sprintf("%x", s.sha), ReceivedAt: s.at, KeyID: s.w.Keys.ID()}
	var err error
	if receipt.Signature, err = s.w.Keys.Sign(&receipt); err != nil {
		return fmt.Errorf("flow: upload receipt: %w", err)
	}
	if b.Receipt, err = json.Marshal(receipt); err != nil {
		return fmt.Errorf("flow: upload receipt: %w", err)
	}
	b.Asked, err = json.Marshal(bundleAsked{s.asked(), s.u.LanesGiven, s.u.Passing, s.u.Draft, s.u.Sheet, string(s.u.Workshop), s.u.Period})
	if err != nil {
		return fmt.Errorf("flow: bundle: %w", err)
	}
	err = s.w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.KeepBundle(ctx, b, s.file.reader()); err != nil {
			return err
		}
		err := tx.Append(ctx, store.Event{
			At: s.at, Actor: store.ByPrincipal(s.u.Principal.ID), Action: "bundle.received", Subject: b.ID.String(),
			Details: map[string]any{"sha256": receipt.SHA256, "lists": len(s.opened.Lists)},
		})
		if err != nil {
			return err
		}
		return s.w.insert(ctx, tx, bundleArgs{b.ID}, 0, s.at.Add(resumeAfter))
	})
	if store.Refused(err, store.BundleKey) {
		return keyInFlight // another program's
	}
	s.bundle = b
	return err
}

// recallBundle finds the bundle that this key was used for.
func (s *submission) recallBundle(ctx context.Context, tx *store.Tx) (*store.Bundle, error) {
	b, err := tx.BundleOf(ctx, s.u.Principal.ID, s.u.Route, s.u.IdempotencyKey)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err == nil && string(b.Body) != string(s.body) {
		return nil, &fault.Problem{Kind: fault.Unprocessable, Code: "API-02", Text: otherContent}
	}
	return b, err
}

// goOn submits the lists of a bundle that have no answer yet, and tells what became of all.
func (w *Window) goOn(ctx context.Context, b *store.Bundle, file *spool, opened *intake.File) (*Submitted, error) {
	var ended map[int]store.Bundled
	err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		ended, err = tx.Bundled(ctx, b.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	told, err := bundleOf(b)
	if err != nil {
		return nil, err
	}
	var failed error // the first list's that could not be judged now; it keeps none from its place
	for i := range opened.Lists {
		list, err := w.bundledList(ctx, b, file, opened, i, ended, told.room())
		switch {
		case err == nil:
			told.add(list)
		case ctx.Err() != nil, store.Unavailable(err):
			return nil, err
		case failed == nil:
			failed = err
		}
	}
	if failed != nil {
		return nil, failed
	}
	err = w.Store.Tx(ctx, func(tx *store.Tx) error { return tx.EndBundle(ctx, b.ID, w.now()) })
	return &Submitted{Bundle: told}, err
}

// bundleTold tells again what became of a bundle that has ended.
func (w *Window) bundleTold(ctx context.Context, b *store.Bundle) (*Submitted, error) {
	told, err := bundleOf(b)
	if err != nil {
		return nil, err
	}
	var ended map[int]store.Bundled
	err = w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		ended, err = tx.Bundled(ctx, b.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range len(ended) {
		list, err := w.bundledList(ctx, b, nil, nil, i, ended, told.room())
		if err != nil {
			return nil, err
		}
		told.add(list)
	}
	return &Submitted{Bundle: told}, nil
}

func bundleOf(b *store.Bundle) (*Bundle, error) {
	told := &Bundle{}
	if err := json.Unmarshal(b.Receipt, &told.Upload); err != nil {
		return nil, fmt.Errorf("flow: kept upload receipt: %w", err)
	}
	return told, nil
}

func (b *Bundle) add(l BundledList) {
	b.Lists = append(b.Lists, l)
	if l.Problem != nil {
		b.faults += len(l.Problem.Faults)
	}
}

// room is how many faults of the next list the answer has room for.
func (b *Bundle) room() int { return max(mostTold-b.faults, leastTold) }

// bundledList submits one list of a bundle, or tells what became of it before, with so many faults at most. An error that is no
// answer to the sender, such as a full database, leaves the bundle to be gone on with.
func (w *Window) bundledList(ctx context.Context, b *store.Bundle, file *spool, opened *intake.File, i int, ended map[int]store.Bundled, most int) (told BundledList, err error) {
	if e, ok := ended[i]; ok && e.Problem != nil {
		told.Problem, err = problemKept(e.Problem)
		return told, err
	}
	s, err := w.submissionOf(b, i)
	if err != nil {
		return told, err
	}
	defer func() { s.lines.close() }()
	s.file, s.opened = file, opened
	if _, ok := ended[i]; !ok {
		if part := opened.Lists[i]; part.Member != "" {
			s.u.Name = path.Base(part.Member)
		}
		if s.sha, err = opened.Digest(i); err != nil {
			return told, fmt.Errorf("flow: bundle: %w", err)
		}
	}
	told.Submitted, err = s.answeredBefore(ctx)
	kept := err != nil || told.Submitted != nil
	if !kept {
		told.Submitted, err = s.run(ctx)
	}
	if err != nil && !errors.As(err, &told.Problem) {
		return told, err
	}
	if p := told.Problem; p != nil {
		if p.RetryAfter > 0 || p.Kind == fault.Internal {
			return told, p
		}
		kept = kept || s.isKept(p)
		told.Problem = shortened(p, most)
	}
	if _, ok := ended[i]; ok {
		return told, nil
	}
	var problem []byte
	if told.Problem != nil && !kept {
		if problem, err = keepProblem(told.Problem); err != nil {
			return told, err
		}
	}
	return told, w.Store.Tx(ctx, func(tx *store.Tx) error { return tx.EndBundled(ctx, b.ID, i, problem, w.now()) })
}

// submissionOf is a list of a bundle on its way to its receipt.
func (w *Window) submissionOf(b *store.Bundle, i int) (*submission, error) {
	var asked bundleAsked
	if err := json.Unmarshal(b.Asked, &asked); err != nil {
		return nil, fmt.Errorf("flow: kept bundle: %w", err)
	}
	place := b.ID.String() + "/" + strconv.Itoa(i)
	body := sha256.Sum256([]byte(place))
	return &submission{
		w: w, at: b.ReceivedAt, body: body[:], lines: &spool{dir: w.spoolFolder()}, bundled: &store.BundlePlace{Bundle: b.ID, Position: i},
		u: Upload{
			Principal: access.Principal{ID: b.Principal}, Name: b.FileName, IdempotencyKey: place, Route: bundleRoute,
			Lanes: asked.Lanes, LanesGiven: asked.LanesGiven, Passing: asked.Passing, Draft: asked.Draft, Sheet: asked.Sheet,
			Workshop: payroll.WorkshopCode(asked.Workshop), Period: asked.Period,
		},
	}, nil
}

// keptProblem is the answer to a list of which nothing is kept.
type keptProblem struct {
	Kind   fault.Kind    `json:"kind"`
	Code   string        `json:"code"`
	Text   fault.Text    `json:"text"`
	Faults []fault.Fault `json:"faults"`
	Left   int           `json:"left,omitempty"`
	Kept   *Kept         `json:"kept,omitempty"`
}

// shortened leaves off all but the gravest faults, in the order of the list.
func shortened(p *fault.Problem, most int) *fault.Problem {
	left := len(p.Faults) - most
	if left <= 0 {
		return p
	}
	gravest := make([]int, len(p.Faults))
	for i := range gravest {
		gravest[i] = i
	}
	slices.SortStableFunc(gravest, func(a, b int) int { return cmp.Compare(p.Faults[b].Severity, p.Faults[a].Severity) })
	gravest = gravest[:most]
	slices.Sort(gravest)
	short := *p
	short.Left, short.Faults = p.Left+left, make([]fault.Fault, most)
	for i, at := range gravest {
		short.Faults[i] = p.Faults[at]
	}
	return &short
}

func keepProblem(p *fault.Problem) ([]byte, error) {
	kept, _ := p.Extra.(*Kept)
	b, err := json.Marshal(keptProblem{p.Kind, p.Code, p.Text, p.Faults, p.Left, kept})
	if err != nil {
		return nil, fmt.Errorf("flow: bundle: %w", err)
	}
	return b, nil
}

func problemKept(b []byte) (*fault.Problem, error) {
	var k keptProblem
	if err := json.Unmarshal(b, &k); err != nil {
		return nil, fmt.Errorf("flow: kept bundle: %w", err)
	}
	p := &fault.Problem{Kind: k.Kind, Code: k.Code, Text: k.Text, Faults: k.Faults, Left: k.Left}
	if k.Kept != nil {
		p.Extra = k.Kept
	}
	return p, nil
}

// bundleArgs names a bundle whose lists may still be without an answer.
type bundleArgs struct {
	Bundle uuid.UUID `json:"bundle" river:"unique"`
}

// Kind names the job that goes on with a bundle.
func (bundleArgs) Kind() string { return "bundle" }

type bundleWorker struct {
	river.WorkerDefaults[bundleArgs]
	w *Window
}

// Timeout is long: a bundle has as many lists as its sender put in.
func (*bundleWorker) Timeout(*river.Job[bundleArgs]) time.Duration { return cutTimeout }

// Work goes on with a bundle that stands still.
func (b *bundleWorker) Work(ctx context.Context, job *river.Job[bundleArgs]) error {
	w := b.w
	var bundle *store.Bundle
	var ended map[int]store.Bundled
	err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if bundle, err = tx.Bundle(ctx, job.Args.Bundle); err != nil {
			return err
		}
		ended, err = tx.Bundled(ctx, bundle.ID)
		return err
	})
	if err != nil || !bundle.EndedAt.IsZero() {
		return err
	}
	last := bundle.ReceivedAt
	for _, e := range ended {
		if last.Before(e.EndedAt) {
			last = e.EndedAt
		}
	}
	claim := [3]string{bundle.Principal.String(), bundle.Route, bundle.Key}
	_, taken := w.inFlight.LoadOrStore(claim, true)
	if !taken {
		defer w.inFlight.Delete(claim)
	}
	if moved := w.now().Sub(last); taken || moved < resumeAfter/2 {
		return river.JobSnooze(resumeAfter - min(max(moved, 0), resumeAfter/2))
	}
	return w.resume(ctx, bundle)
}

// resume reads a bundle's bytes again and goes on with it.
func (w *Window) resume(ctx context.Context, b *store.Bundle) error {
	file, err := w.spoolKept(&pieces{ctx: ctx, store: w.Store, read: func(ctx context.Context, tx *store.Tx, n int) ([]byte, error) {
		return tx.BundlePiece(ctx, b.ID, n)
	}})
	if err != nil {
		return err
	}
	defer file.close()
	release, err := w.slot(ctx, file)
	if err != nil {
		return err
	}
	defer release()
	s, err := w.submissionOf(b, 0)
	if err != nil {
		return err
	}
	opened, err := w.open(ctx, file, &s.u)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }()
	_, err = w.goOn(ctx, b, file, opened)
	return err
}

// Bundle tells what became of a file of many lists; NotFound for one that the principal did not send, Busy while some of its
// lists are still to be judged.
func (w *Window) Bundle(ctx context.Context, p access.Principal, id string) (*Bundle, error) {
	at, err := uuid.Parse(id)
	if err != nil {
		return nil, notFound()
	}
	var b *store.Bundle
	err = w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		b, err = tx.Bundle(ctx, at)
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && b.Principal != p.ID:
		return nil, notFound()
	case err != nil:
		return nil, err
	case b.EndedAt.IsZero():
		return nil, &fault.Problem{Kind: fault.Busy, RetryAfter: 2, Text: fault.Text{
			FA: "لیست‌های این فایل هنوز در دست خواندن است", EN: "lists of this file are still being read",
		}}
	}
	told, err := w.bundleTold(ctx, b)
	if err != nil {
		return nil, err
	}
	return told.Bundle, nil
}
