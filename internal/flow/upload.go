package flow

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
	"fehrest/internal/store"
)

// Upload is a file as it arrives: one list, or many.
type Upload struct {
	Principal      access.Principal
	Body           io.Reader // read once, to its end or to Limit
	Name           string    // the file's own name
	ContentType    string
	IdempotencyKey string // 1 to 200 characters
	Route          string // scope of the key beside the principal
	Lanes          fault.Lane
	LanesGiven     bool                 // the sender named Lanes; a lane that cannot pass then holds nothing back
	Passing        bool                 // send whatever passes without asking
	Draft          bool                 // keep it and send nothing
	Sheet          string               // where the sender chose one
	Workshop       payroll.WorkshopCode // whose list it is, where the file does not say; empty where he did not say either
	Period         jalali.Month         // likewise
	Limit          int64                // bytes at most; zero is 64 MB
	Again          string               // the id of a kept list whose own bytes are submitted, in place of Body

	declares *store.Closure // whose next month this nil list declares
	about    []byte         // what the key stands for, where it is not the content
}

// said is what the sender says of the list beside the file.
func (u *Upload) said() *payroll.Header {
	h := &payroll.Header{Workshop: u.Workshop, Period: u.Period}
	if u.Workshop != "" {
		h.Given.Add(payroll.KeyWorkshopCode)
	}
	if !u.Period.IsZero() {
		h.Given.Add(payroll.KeyPeriod)
	}
	return h
}

// Submitted is what became of an upload that is kept.
type Submitted struct {
	Receipt  payroll.Receipt
	ListID   string
	Repeated bool       // the same bytes are a draft or in force: this is the earlier receipt
	Draft    bool       // kept with its lines; nothing was sent
	HeldLane fault.Lane // the lane that keeps a draft from being sent
	Replayed bool       // this is what the key was told before: nothing was judged now

	// Bundle is what became of each list of a file of many; the members above are then empty.
	Bundle *Bundle
}

// Kept is what a problem shows of a list: the rejected one itself, or the earlier one that stands in its way.
type Kept struct {
	ID      string          `json:"id"`
	Receipt payroll.Receipt `json:"receipt"`
	Causes  []fault.Cause   `json:"causes,omitempty"`

	Replayed bool `json:"-"` // as of Submitted
}

const (
	defaultLimit = 64 << 20
	maxKey       = 200
)

// Submit judges a list and keeps it. The receipt it returns is on record: bytes, hash, key, audit row and jobs are in one
// committed transaction. The error is a *fault.Problem for everything the sender did; a list that was rejected but kept is
// in the problem's Extra as a Kept. The lists of a file of many are each committed for themselves.
func (w *Window) Submit(ctx context.Context, u Upload) (told *Submitted, err error) {
	if u.IdempotencyKey == "" || utf8.RuneCountInString(u.IdempotencyKey) > maxKey || !utf8.ValidString(u.IdempotencyKey) || strings.ContainsRune(u.IdempotencyKey, 0) {
		return nil, &fault.Problem{Kind: fault.Malformed, Code: "API-01", Text: fault.Text{
			FA: "سرآیند Idempotency-Key لازم است، با حداکثر ۲۰۰ نویسه", EN: "the header Idempotency-Key is required, 200 characters at most",
		}}
	}
	claim := [3]string{u.Principal.ID.String(), u.Route, u.IdempotencyKey}
	if _, taken := w.inFlight.LoadOrStore(claim, true); taken {
		return nil, keyInFlight
	}
	defer w.inFlight.Delete(claim)

	s := &submission{w: w, u: u, file: &spool{dir: w.spoolFolder()}, lines: &spool{dir: w.spoolFolder()}}
	// Those it has in the end: reading again takes new ones.
	defer func() { s.file.close() }()
	defer func() { s.lines.close() }()
	var earlier *Submitted
	defer func() { s.measure(told, err, earlier != nil) }()
	take := s.take
	if u.Again != "" {
		take = func() error { return s.takeAgain(ctx) }
	}
	if err := take(); err != nil {
		return nil, err
	}
	if earlier, err = s.answeredBefore(ctx); err != nil || earlier != nil {
		return earlier, err
	}
	release, err := w.slot(ctx, s.file)
	if err != nil {
		return nil, err
	}
	defer release()
	if s.file.size <= LargeFile {
		s.leaveWay = release
	}
	if s.opened, err = s.w.open(ctx, s.file, &s.u); err != nil {
		return nil, err
	}
	defer func() { _ = s.opened.Close() }()
	if len(s.opened.Lists) > 1 && s.bundled == nil {
		return s.many(ctx)
	}
	return s.run(ctx)
}

var keyInFlight = &fault.Problem{Kind: fault.Conflict, Code: "API-03", RetryAfter: 2, Text: fault.Text{
	FA: "درخواستی با همین کلید هنوز در دست انجام است", EN: "a request with this key is still being worked on",
}}

// noRoom is what a sender is told while the disk of files on their way in takes no more.
func noRoom(err error) error {
	return &fault.Problem{Kind: fault.Busy, RetryAfter: 10, Err: err, Text: fault.Text{
		FA: "پنجره اکنون جای نگهداری فایل ندارد؛ با همان کلید کمی دیگر بفرستید", EN: "the window has no room for the file now; send it again with the same key later",
	}}
}

// take spools the body while hashing it.
func (s *submission) take() error {
	limit := s.u.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(s.file, hash), io.LimitReader(s.u.Body, limit+1))
	var problem *fault.Problem
	switch {
	case s.file.err != nil:
		return noRoom(s.file.err)
	case errors.As(err, &problem):
		return problem
	case err != nil:
		return &fault.Problem{Kind: fault.Malformed, Err: fmt.Errorf("flow: body: %w", err), Text: fault.Text{
			FA: "فایل کامل نرسید؛ با همان کلید دوباره بفرستید", EN: "the file did not arrive whole; send it again with the same key",
		}}
	case n > limit:
		return intake.TooLarge(0, limit)
	}
	// The end of the upload is the time on the receipt.
	s.at = s.w.now()
	s.sha = hash.Sum(nil)
	s.bind()
	return nil
}

// bind makes what the idempotency key stands for: of the request only the content and the query count, never the frame
// around the file.
func (s *submission) bind() {
	if s.u.about != nil {
		s.body = s.u.about
		return
	}
	query := fmt.Sprintf("lanes=%s given=%t passing=%t draft=%t sheet=%s workshop=%s period=%s", s.asked(), s.u.LanesGiven, s.u.Passing, s.u.Draft, s.u.Sheet, s.u.Workshop, s.u.Period)
	body := sha256.Sum256(append(s.sha[:len(s.sha):len(s.sha)], query...))
	s.body = body[:]
}

// answeredBefore gives the answer that this key was given before, if it was.
func (s *submission) answeredBefore(ctx context.Context) (*Submitted, error) {
	var told *Submitted
	err := s.w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if told, err = s.recall(ctx, tx); err != nil || told != nil || s.bundled != nil {
			return err
		}
		s.bundle, err = s.recallBundle(ctx, tx)
		return err
	})
	if err != nil || s.bundle == nil || s.bundle.EndedAt.IsZero() {
		return told, err
	}
	if told, err = s.w.bundleTold(ctx, s.bundle); told != nil {
		told.Replayed = true
	}
	return told, err
}

func (s *submission) recall(ctx context.Context, tx *store.Tx) (*Submitted, error) {
	before, err := tx.Answered(ctx, s.u.Principal.ID, s.u.Route, s.u.IdempotencyKey)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := tx.List(ctx, before.Workshop, before.List)
	if err != nil {
		return nil, err
	}
	kept, err := keptOf(list)
	if err != nil {
		return nil, err
	}
	if string(before.Body) != string(s.body) {
		return nil, &fault.Problem{Kind: fault.Unprocessable, Code: "API-02", Extra: kept, Text: otherContent}
	}
	replayed := s.bundled == nil // a list of many is told with its file
	if before.Outcome == outcomeRejected {
		kept.Replayed = replayed
		findings, err := findingsOf(ctx, tx, list)
		if err != nil {
			return nil, err
		}
		return nil, rejected(kept, findings)
	}
	told := &Submitted{
		Receipt: kept.Receipt, ListID: kept.ID, Repeated: before.Outcome == outcomeRepeated, Draft: before.Outcome == outcomeDraft,
		Replayed: replayed,
	}
	return told, told.HeldLane.UnmarshalText([]byte(before.HeldLane))
}

var otherContent = fault.Text{FA: "با این کلید پیش از این محتوای دیگری فرستاده شده است", EN: "other content was sent with this key before"}

// The outcomes that a key is remembered with.
const (
	outcomeSubmitted = "submitted"
	outcomeDraft     = "draft"
	outcomeRepeated  = "repeated"
	outcomeRejected  = "rejected"
)

// refuse records that something was refused of which nothing is kept: only the hash, and why.
func (s *submission) refuse(ctx context.Context, p *fault.Problem) error {
	err := s.w.Store.Tx(ctx, func(tx *store.Tx) error {
		return tx.Append(ctx, store.Event{
			At: s.at, Actor: store.ByPrincipal(s.u.Principal.ID), Action: "upload.refused", Subject: fmt.Sprintf("%x", s.sha),
			Details: map[string]any{"code": p.Code},
		})
	})
	if err != nil {
		return err
	}
	return p
}

func refusal(kind fault.Kind, code string, place fault.Place, given, expected string, with ...string) *fault.Problem {
	f := rule.Entry(code).At(place, given, expected, with...)
	return &fault.Problem{Kind: kind, Code: code, Text: f.Message, Faults: []fault.Fault{f}}
}
