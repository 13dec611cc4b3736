package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// Contradiction is what an organisation said of a delivery after its decision and against it. The decision stands.
type Contradiction struct {
	State payroll.State `json:"state"` // that it says now
	At    time.Time     `json:"at"`
}

func contradictionOf(all map[store.DeliveryID]store.Contradiction, id store.DeliveryID) *Contradiction {
	c, ok := all[id]
	if !ok {
		return nil
	}
	return &Contradiction{State: c.State, At: c.At}
}

// SetAsideAnswer is an answer that changed nothing and that no one has looked at yet.
type SetAsideAnswer struct {
	ID         string        `json:"id"`    // as /v1/desk/answers/{id}/settlement takes it
	Owner      Acts          `json:"owner"` // who is to take the next step
	Lane       fault.Lane    `json:"lane"`
	Source     string        `json:"source"` // posted, inquired, hand
	ReceivedAt time.Time     `json:"received_at"`
	AgeSeconds int           `json:"age_seconds"`
	Outcome    store.Outcome `json:"outcome"` // contradicts, digest_not_ours, unknown_key, undecodable
	Why        fault.Text    `json:"why"`
	Do         fault.Text    `json:"do"`
	AnswerID   string        `json:"answer_id"` // the organisation's; empty where the answer was not understood
	Key        string        `json:"key"`       // of the delivery it is about; empty where it names none of ours
	ListID     string        `json:"list_id"`
	Stands     payroll.State `json:"stands"` // the delivery's state
	Says       payroll.State `json:"says"`   // the answer's
	Bytes      int           `json:"bytes"`
}

var asideCauses = map[store.Outcome]cause{
	store.AnswerContrary: {ByOrganisation, fault.Text{
		FA: "پاسخی رسید که با تصمیم پیشین سازمان یا وضع قبض نمی‌خواند؛ تصمیم پیشین پابرجاست",
		EN: "an answer says otherwise than the organisation's decision, or than a slip stood; the decision stands",
	}, fault.Text{
		FA: "از سازمان بپرسید کدام درست است؛ اگر تصمیم برگشته است کارفرما لیست اصلاحی بفرستد", EN: "ask the organisation which holds; if its decision was turned round, the employer sends a replacement",
	}},
	store.DigestNotOurs: {ByOrganisation, fault.Text{
		FA: "پاسخی رسید که از فایل دیگری سخن می‌گوید", EN: "an answer names another digest than that of our files",
	}, fault.Text{FA: "از سازمان بپرسید پاسخ به کدام فایل است", EN: "ask the organisation which files it answered"}},
	store.UnknownKey: {ByOrganisation, fault.Text{
		FA: "پاسخی رسید با کلیدی که نزد این سازمان از پنجره نیست", EN: "an answer names a key that the window has not sent to this organisation",
	}, fault.Text{FA: "از سازمان بپرسید پاسخ از آنِ کیست", EN: "ask the organisation whose answer it is"}},
	store.AnswerUnclear: {ByOrganisation, fault.Text{
		FA: "پاسخی رسید که فهمیده نشد؛ عین آن نگه داشته شده است", EN: "an answer is not understood; its bytes are kept",
	}, fault.Text{
		FA: "عین پاسخ را ببینید و قرارداد درگاه را با سازمان بررسی کنید", EN: "look at the answer as it came and check the gateway's contract with the organisation",
	}},
}

// AnswersSetAside shows an operator the answers that changed nothing, the oldest first.
func (w *Window) AnswersSetAside(ctx context.Context, p access.Principal, cursor string, most int) (*Page[SetAsideAnswer], error) {
	if !p.May(access.WorkDesk) {
		return nil, notFound()
	}
	after, most, err := placeAfter(cursor, most)
	if err != nil {
		return nil, err
	}
	page := &Page[SetAsideAnswer]{Items: []SetAsideAnswer{}}
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.AnswersSetAside(ctx, after, most+1)
		if err != nil {
			return err
		}
		if len(all) > most {
			all = all[:most]
			last := &all[most-1]
			next := fmt.Sprintf("%d.%s", last.ReceivedAt.UnixMicro(), last.ID)
			page.Next = &next
		}
		for i := range all {
			page.Items = append(page.Items, w.setAsideView(&all[i]))
		}
		return nil
	})
	return page, err
}

func (w *Window) setAsideView(a *store.SetAside) SetAsideAnswer {
	c := asideCauses[a.Outcome]
	v := SetAsideAnswer{
		ID: a.ID.String(), Owner: c.acts, Lane: a.Lane, Source: a.Source, ReceivedAt: a.ReceivedAt, Outcome: a.Outcome, Why: c.why, Do: c.do,
		AgeSeconds: int(max(w.now().Sub(a.ReceivedAt), 0) / time.Second), AnswerID: a.SaidID, Key: a.Key, Stands: a.State, Says: a.SaidState, Bytes: a.Bytes,
	}
	if a.List != nil {
		v.ListID = a.List.String()
	}
	return v
}

// RawAnswer is an answer set aside, as it came, and a name for its file.
func (w *Window) RawAnswer(ctx context.Context, p access.Principal, id string) (raw []byte, name string, err error) {
	answer, err := w.setAsideOf(p, id)
	if err != nil {
		return nil, "", err
	}
	err = w.Store.Tx(ctx, func(tx *store.Tx) (err error) {
		if raw, err = tx.AnswerSetAside(ctx, answer); err != nil {
			return err
		}
		// It may hold what no operator sees otherwise; that he read it is on record.
		return tx.Append(ctx, store.Event{At: w.now(), Actor: store.ByPrincipal(p.ID), Action: "answer.read", Subject: answer.String()})
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, "", notFound()
	}
	return raw, "answer-" + answer.String() + ".bin", err
}

// SettleAnswer records that an operator looked at an answer set aside; it then waits no more. The answer itself changes nothing and
// stays. NotFound where no such answer waits.
func (w *Window) SettleAnswer(ctx context.Context, p access.Principal, id string) error {
	answer, err := w.setAsideOf(p, id)
	if err != nil {
		return err
	}
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.SettleAnswer(ctx, answer, p.ID, w.now()); err != nil {
			return err
		}
		return tx.Append(ctx, store.Event{At: w.now(), Actor: store.ByPrincipal(p.ID), Action: "answer.settled", Subject: answer.String()})
	})
	if errors.Is(err, store.ErrMoved) {
		return notFound()
	}
	return err
}

func (w *Window) setAsideOf(p access.Principal, id string) (uuid.UUID, error) {
	answer, err := uuid.Parse(strings.TrimSpace(id))
	if err != nil || !p.May(access.WorkDesk) {
		return uuid.Nil, notFound()
	}
	return answer, nil
}
