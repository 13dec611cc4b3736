package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"fehrest/internal/access"
	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"
)

// byKey reads a delivery that the principal may work by hand: an operator any, others those of what is wholly theirs.
func (w *Window) byKey(ctx context.Context, tx *store.Tx, p access.Principal, text string) (*store.Delivery, error) {
	key, ok := payroll.ParseDeliveryKey(text)
	if !ok {
		return nil, notFound()
	}
	d, err := tx.DeliveryByKey(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound()
	}
	if err != nil || p.Role == access.Operator {
		return d, err
	}
	mine := false
	if key.Lane == fault.Tax {
		mine, err = w.holdsWhole(ctx, tx, p, key.Month)
	} else {
		codes, of := []payroll.WorkshopCode{key.List.Workshop}, []payroll.WorkshopCode(nil)
		of, err = w.ofMine(ctx, tx, p, codes)
		mine = len(of) == 1
	}
	if err != nil {
		return nil, err
	}
	if !mine {
		return nil, notFound()
	}
	return d, nil
}

var notByHand = &fault.Problem{Kind: fault.Conflict, Text: fault.Text{
	FA: "این تحویل در حال کار دستی نیست", EN: "this delivery is not being worked by hand",
}}

// isByHand tells whether a delivery goes, or went, by the user's hands: its answer is entered, not heard.
func isByHand(d *store.Delivery) bool {
	switch {
	case d.FirstSentAt != nil:
		return false
	case d.State == payroll.ByHand, d.State == payroll.Sent, d.State.Final():
		return true
	}
	return d.State == payroll.NeedsAttention && leftAt(d) != nil
}

// MarkUploaded records that the user took a delivery's files, or its declaration where it has none, to the organisation's portal,
// when, and under which number of the portal. Said twice with the same number it is said once. Conflict where the delivery is not
// by hand; Unprocessable for a time to come, or from before the day the files are of.
func (w *Window) MarkUploaded(ctx context.Context, p access.Principal, key string, at time.Time, number string) error {
	if number = strings.TrimSpace(number); number == "" || !isNumber(number) {
		return badNumber
	}
	if at.After(w.now().Add(clockDrift)) {
		return stillToCome
	}
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		d, err := w.byKey(ctx, tx, p, key)
		if err != nil {
			return err
		}
		if d.State != payroll.ByHand && d.UploadedAt != nil && d.Reference == number {
			return nil
		}
		if made := w.day(d.CreatedAt); w.day(at).Before(made) {
			return &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
				FA: fmt.Sprintf("این ارسال از %s است؛ روز بارگذاری نمی‌تواند پیش از آن باشد", made),
				EN: fmt.Sprintf("this delivery is of %s; it cannot have been uploaded before", made),
			}}
		}
		return w.uploaded(ctx, tx, p, d, at, number)
	})
	if errors.Is(err, store.ErrMoved) {
		return notByHand
	}
	return err
}

// clockDrift is how far ahead of ours a user's clock may be.
const clockDrift = 5 * time.Minute

var stillToCome = &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
	FA: "این زمان هنوز نرسیده است", EN: "that time is still to come",
}}

// isNumber tells whether a portal's number can be kept.
func isNumber(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0) && utf8.RuneCountInString(s) <= maxNumber
}

const maxNumber = 100 // characters

var badNumber = &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
	FA: "شماره‌ای که درگاه سازمان داده است لازم است، با حداکثر ۱۰۰ نویسه", EN: "the portal's number is required, 100 characters at most",
}}

func (w *Window) uploaded(ctx context.Context, tx *store.Tx, p access.Principal, d *store.Delivery, at time.Time, number string) error {
	at = at.UTC()
	err := tx.Move(ctx, d.DeliveryID, store.Move{To: payroll.Sent, From: []payroll.State{payroll.ByHand}, Reference: number, UploadedAt: &at}, w.now())
	if err != nil {
		return err
	}
	return tx.Append(ctx, store.Event{
		At: w.now(), Actor: store.ByPrincipal(p.ID), Action: "delivery.uploaded_by_hand", Subject: d.ID.String(),
		Details: map[string]any{"uploaded_at": at, "reference": number},
	})
}

// AnswerByHand records an organisation's answer that came on paper or from its portal. raw is the file it was entered from, and
// is kept; the answer's key says which delivery it is of. An empty digest is taken as ours, an empty id is drawn, a zero time
// is now. A delivery still by hand counts as uploaded.
func (w *Window) AnswerByHand(ctx context.Context, p access.Principal, raw []byte, a payroll.Answer) (*Reception, error) {
	if err := w.enterable(&a); err != nil {
		return nil, err
	}
	got := &Reception{}
	err := w.Store.Tx(ctx, func(tx *store.Tx) (err error) {
		got.Outcome, err = w.entered(ctx, tx, p, raw, a)
		return err
	})
	if err != nil {
		return nil, err
	}
	if got.Outcome == store.DigestNotOurs {
		return nil, &fault.Problem{Kind: fault.Conflict, Text: fault.Text{
			FA: "اثر انگشت فایل در پاسخ با آنچه فرستادیم یکی نیست", EN: "the digest in the answer is not that of what we sent",
		}}
	}
	return got, nil
}

// enterable tells what keeps an answer from being entered, whatever it is about.
func (w *Window) enterable(a *payroll.Answer) error {
	if !a.State.IsAccepted() && a.State != payroll.AnswerRejected {
		return &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
			FA: "وضعیت پاسخ باید accepted، accepted_with_findings یا rejected باشد", EN: "the answer's state must be accepted, accepted_with_findings or rejected",
		}}
	}
	if !isNumber(a.Reference) {
		return badNumber
	}
	if a.DecidedAt.After(w.now().Add(clockDrift)) {
		return stillToCome // every later answer would pass for an older one
	}
	if err := agency.Check(a); err != nil {
		return &fault.Problem{Kind: fault.Unprocessable, Err: err, Text: fault.Text{
			FA: "پاسخ مبلغ منفی، وضعیت ناشناس، یا برگ یا شخص تکراری دارد", EN: "the answer has an amount below zero, an unknown state, or a slip or person twice",
		}}
	}
	return nil
}

func (w *Window) entered(ctx context.Context, tx *store.Tx, p access.Principal, raw []byte, a payroll.Answer) (store.Outcome, error) {
	d, err := w.byKey(ctx, tx, p, a.Key)
	if err != nil {
		return "", err
	}
	if d.FirstSentAt != nil && p.Role != access.Operator {
		return "", notByHand // it went by the gateway, and the organisation alone says what became of it
	}
	id := store.NewID()
	if err := tx.KeepAnswer(ctx, id, d.Lane, store.SourceFromHands, raw, w.now()); err != nil {
		return "", err
	}
	if a.ID == "" {
		a.ID = id.String()
	}
	if a.Digest == "" {
		a.Digest = fmt.Sprintf("%x", d.Digest)
	}
	if a.DecidedAt.IsZero() {
		a.DecidedAt = w.now()
	}
	switch d.State {
	case payroll.ByHand:
		if err := w.uploaded(ctx, tx, p, d, a.DecidedAt, a.Reference); err != nil {
			return "", err
		}
	case payroll.Queued, payroll.Superseded, payroll.LaneNotAddressed:
		return "", notByHand
	case payroll.NeedsAttention:
		if leftAt(d) == nil {
			return "", notByHand // the organisation never had it
		}
	}
	outcome, err := w.apply(ctx, tx, d, &a)
	if err != nil {
		return "", err
	}
	err = tx.Append(ctx, store.Event{
		At: w.now(), Actor: store.ByPrincipal(p.ID), Action: "answer.entered_by_hand", Subject: d.ID.String(),
		Details: map[string]any{"answer": a.ID, "outcome": outcome},
	})
	if err != nil {
		return "", err
	}
	return outcome, tx.JudgeAnswer(ctx, id, outcome, d.DeliveryID, &a)
}
