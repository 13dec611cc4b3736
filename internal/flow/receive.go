package flow

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// Reception is what the window did with an answer: Outcome is stored, repeated or stale.
type Reception struct {
	Outcome store.Outcome `json:"outcome"`
}

var errUnsigned = &fault.Problem{Kind: fault.Unsigned, Text: fault.Text{
	FA: "امضای پیام درست نیست", EN: "the message bears no valid signature",
}}

// Receive takes an answer that an organisation posted. The request must bear the organisation's signature over body. The
// error is a *fault.Problem: Busy where too many come at once, Unsigned, NotFound for a key that is not ours, Conflict for another digest, Unprocessable for a
// document that is not understood; of the last three the bytes are kept.
func (w *Window) Receive(ctx context.Context, lane fault.Lane, r *http.Request, body []byte) (*Reception, error) {
	ctx = store.On(ctx, store.ForAnswers)
	client := w.organisation(lane).Gateway
	if client == nil {
		return nil, errUnsigned // by hand: there is no organisation to hear from
	}
	leave, err := w.passDoor(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	keys, err := w.agencyKeys(ctx, lane)
	if err != nil {
		return nil, &fault.Problem{Kind: fault.Busy, RetryAfter: 10, Err: err, Text: fault.Text{
			FA: "کلید سازمان هنوز در دست نیست؛ دوباره بفرستید", EN: "the organisation's keys are not at hand yet; send it again",
		}}
	}
	signed, err := seal.VerifyRequest(r, body, keys, w.Now())
	if err != nil {
		w.Meter.Answered(lane.String(), "unsigned")
		return nil, errUnsigned
	}
	fresh := false
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		fresh, err = tx.HearNonce(ctx, signed.KeyID, signed.Nonce, w.now())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("flow: receive: %w", err)
	}
	if !fresh {
		return nil, errUnsigned // a copy of a message that was heard
	}
	return w.take(ctx, lane, store.SourcePosted, body)
}

// agencyKeys are an organisation's keys, fetched once and pinned.
func (w *Window) agencyKeys(ctx context.Context, lane fault.Lane) (seal.KeySet, error) {
	var pinned []byte
	err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		pinned, err = tx.PinnedKeys(ctx, lane)
		return err
	})
	if err == nil {
		return seal.ParseKeySet(pinned)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return seal.KeySet{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, w.Pace.exchange())
	defer cancel()
	set, err := w.organisation(lane).Gateway.PublicKeys(ctx)
	if err != nil {
		return seal.KeySet{}, fmt.Errorf("flow: keys of an organisation: %w", err)
	}
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		b, err := marshalKeys(set)
		if err != nil {
			return err
		}
		if err := tx.PinKeys(ctx, lane, b, w.now()); err != nil {
			return err
		}
		return tx.Append(ctx, store.Event{
			At: w.now(), Actor: store.ByWindow, Action: "keys.pinned", Subject: lane.String(), Details: map[string]any{"sha256": fmt.Sprintf("%x", sha256.Sum256(b))},
		})
	})
	return set, err
}

// take keeps an answer's bytes, commits, and only then reads them.
func (w *Window) take(ctx context.Context, lane fault.Lane, source string, raw []byte) (*Reception, error) {
	id := store.NewID()
	err := w.Store.Tx(ctx, func(tx *store.Tx) error { return tx.KeepAnswer(ctx, id, lane, source, raw, w.now()) })
	if err != nil {
		return nil, fmt.Errorf("flow: keep answer: %w", err)
	}
	return w.judge(ctx, id, lane, raw)
}

// judge reads a kept answer and records what it changes.
func (w *Window) judge(ctx context.Context, id uuid.UUID, lane fault.Lane, raw []byte) (*Reception, error) {
	answer, err := agency.Decode(raw)
	if err != nil {
		return nil, w.setAside(ctx, id, lane, store.AnswerUnclear, store.DeliveryID{}, nil, &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
			FA: "پاسخ فهمیده نشد؛ عین آن نگه داشته شد", EN: "the answer is not understood; its bytes are kept",
		}})
	}
	unknown := &fault.Problem{Kind: fault.NotFound, Text: fault.Text{FA: "چنین کلیدی نزد پنجره نیست", EN: "the window knows no such key"}}
	key, ok := payroll.ParseDeliveryKey(answer.Key)
	if !ok || key.Lane != lane {
		return nil, w.setAside(ctx, id, lane, store.UnknownKey, store.DeliveryID{}, &answer, unknown)
	}
	var outcome store.Outcome
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		d, err := tx.DeliveryByKey(ctx, key)
		if err != nil {
			return err
		}
		if outcome, err = w.apply(ctx, tx, d, &answer); err != nil {
			return err
		}
		return tx.JudgeAnswer(ctx, id, outcome, d.DeliveryID, &answer)
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, w.setAside(ctx, id, lane, store.UnknownKey, store.DeliveryID{}, &answer, unknown)
	case err != nil:
		w.Meter.Answered(lane.String(), "failed")
		return nil, fmt.Errorf("flow: answer %s: %w", id, err)
	}
	w.Meter.Answered(lane.String(), string(outcome))
	switch outcome {
	case store.DigestNotOurs:
		return nil, &fault.Problem{Kind: fault.Conflict, Text: fault.Text{
			FA: "اثر انگشت فایل در پاسخ با آنچه فرستادیم یکی نیست", EN: "the digest in the answer is not that of what we sent",
		}}
	case store.AnswerContrary:
		outcome = store.AnswerStale // the organisation need not send it again; the contradiction is ours to look into
	}
	return &Reception{Outcome: outcome}, nil
}

func (w *Window) setAside(ctx context.Context, id uuid.UUID, lane fault.Lane, outcome store.Outcome, of store.DeliveryID, said *payroll.Answer, p *fault.Problem) error {
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.JudgeAnswer(ctx, id, outcome, of, said); err != nil {
			return err
		}
		return tx.Append(ctx, store.Event{At: w.now(), Actor: store.ByWindow, Action: "answer." + string(outcome), Subject: id.String()})
	})
	if err != nil {
		return fmt.Errorf("flow: answer %s: %w", id, err)
	}
	w.Meter.Answered(lane.String(), string(outcome))
	return p
}

// apply moves a delivery by an answer. A final state stays final: what comes after may only bring its slips up to date.
func (w *Window) apply(ctx context.Context, tx *store.Tx, d *store.Delivery, a *payroll.Answer) (store.Outcome, error) {
	if err := tx.LockSequence(ctx, d.Owner, d.Sequence); err != nil {
		return "", err
	}
	if a.Digest != fmt.Sprintf("%x", d.Digest) {
		return store.DigestNotOurs, w.otherDigest(ctx, tx, d, a)
	}
	if heard, err := tx.AnswerHeard(ctx, d.DeliveryID, a.ID); err != nil || heard {
		return store.AnswerRepeated, err
	}
	decided := w.decided(a)
	err := tx.Move(ctx, d.DeliveryID, store.Move{To: a.State, Reference: a.Reference, DecidedAt: &decided}, w.now())
	if errors.Is(err, store.ErrMoved) {
		return w.applyLate(ctx, tx, d, a)
	}
	if err != nil {
		return "", err
	}
	if err := tx.SaveAnswer(ctx, d.DeliveryID, a); err != nil {
		return "", err
	}
	if err := w.tell(ctx, tx, d, "answer.stored", map[string]any{"answer": a.ID, "state": a.State, "reference": a.Reference}); err != nil {
		return "", err
	}
	if a.State.IsAccepted() {
		if err := w.keepOnce(ctx, tx, d); err != nil {
			return "", err
		}
	}
	if err := w.explainLater(ctx, tx, d, a); err != nil {
		return "", err
	}
	return store.AnswerStored, w.wakeNext(ctx, tx, d)
}

// decided is when the organisation decided, as far as it can be: a clock that runs ahead would make every later answer a stale one.
func (w *Window) decided(a *payroll.Answer) time.Time {
	at, now := a.DecidedAt.UTC().Truncate(time.Microsecond), w.now()
	if at.After(now) {
		return now
	}
	return at
}

// otherDigest puts a delivery before a person whose answer is of other bytes than ours. One that has not left goes on its way: nothing
// can have been answered, and the answer alone is set aside.
func (w *Window) otherDigest(ctx context.Context, tx *store.Tx, d *store.Delivery, a *payroll.Answer) error {
	if leftAt(d) != nil || d.State == payroll.Sending {
		err := tx.Move(ctx, d.DeliveryID, store.Move{To: payroll.NeedsAttention, Reason: reasonOtherDigest}, w.now())
		if err != nil && !errors.Is(err, store.ErrMoved) {
			return err
		}
	}
	return w.tell(ctx, tx, d, "answer.digest_not_ours", map[string]any{"answer": a.ID})
}

// applyLate takes an answer to what was answered before. The decision stays, whichever way of accepting it was: an answer that turns it
// round, or takes back a slip that was paid or void, is set aside for a person. A later one of the same decision corrects what the
// organisation said: its findings, figures and slips stand in place of those before. One of the same time only brings slips on, and an
// earlier one nothing.
func (w *Window) applyLate(ctx context.Context, tx *store.Tx, d *store.Delivery, a *payroll.Answer) (store.Outcome, error) {
	now, err := tx.Delivery(ctx, d.DeliveryID)
	if err != nil {
		return "", err
	}
	decided := w.decided(a)
	switch {
	case !now.State.Final(), now.State.IsAccepted() != a.State.IsAccepted():
		return store.AnswerContrary, w.tell(ctx, tx, d, "answer.contradicts", map[string]any{"answer": a.ID, "state": a.State, "stands": now.State})
	case now.DecidedAt != nil && decided.Before(*now.DecidedAt):
		return store.AnswerStale, nil
	}
	have, err := tx.Payments(ctx, []store.DeliveryID{d.DeliveryID})
	if err != nil {
		return "", err
	}
	forward, back := slipsForward(have[d.DeliveryID], a.Payments)
	switch {
	case back:
		return store.AnswerContrary, w.tell(ctx, tx, d, "answer.contradicts", map[string]any{"answer": a.ID, "slip": "taken back"})
	case now.DecidedAt == nil || decided.After(*now.DecidedAt):
		if err := tx.CorrectAnswer(ctx, d.DeliveryID, a, decided); err != nil {
			return "", err
		}
	case len(forward) == 0:
		return store.AnswerStale, nil
	default:
		if err := tx.SavePayments(ctx, d.DeliveryID, forward); err != nil {
			return "", err
		}
	}
	if err := w.tell(ctx, tx, d, "answer.corrected", map[string]any{"answer": a.ID, "state": a.State, "decided_at": decided}); err != nil {
		return "", err
	}
	return store.AnswerStored, w.explainLater(ctx, tx, d, a)
}

// slipOrder is the way of a slip: one that is void is never paid any more, and one that was paid never open.
var slipOrder = map[string]int{payroll.SlipOpen: 0, payroll.SlipCollected: 1, payroll.SlipVoid: 2}

// slipsForward are the slips that are new or go on their way; back tells of one that would go the other way.
func slipsForward(have, said []payroll.Payment) (forward []payroll.Payment, back bool) {
	stands := map[string]string{}
	for _, p := range have {
		stands[p.Slip] = p.State
	}
	for _, p := range said {
		state, known := stands[p.Slip]
		switch {
		case p.Slip == "":
		case !known, slipOrder[p.State] > slipOrder[state]:
			forward = append(forward, p)
		case slipOrder[p.State] < slipOrder[state]:
			back = true
		}
	}
	return forward, back
}

// explainLater queues finding out why the administration's figures differ from the estimates, where the answer gives any.
func (w *Window) explainLater(ctx context.Context, tx *store.Tx, d *store.Delivery, a *payroll.Answer) error {
	if d.Lane != fault.Tax || len(a.Workers) == 0 {
		return nil
	}
	return w.insert(ctx, tx, explainArgs{Owner: d.Owner, Delivery: d.ID}, 0, time.Time{})
}

// wakeNext queues the newest version, which has been waiting for this one to be settled; those between were overtaken by it.
func (w *Window) wakeNext(ctx context.Context, tx *store.Tx, d *store.Delivery) error {
	line, err := tx.Sequence(ctx, d.Owner, d.Sequence)
	if err != nil {
		return err
	}
	for _, other := range slices.Backward(line) {
		if other.Version <= d.Version || other.State != payroll.Queued {
			continue
		}
		// Though its job may still run: it may have looked already, and end.
		return w.wakeDelivery(ctx, tx, other)
	}
	return nil
}
