package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// Outcome is what became of an answer's bytes.
type Outcome string

// The outcomes.
const (
	AnswerKept     Outcome = "kept" // its bytes are here, nothing is done yet
	AnswerStored   Outcome = "stored"
	AnswerRepeated Outcome = "repeated"    // heard before
	AnswerStale    Outcome = "stale"       // the delivery had its answer, which says the same
	AnswerContrary Outcome = "contradicts" // the delivery had its answer, which says otherwise
	UnknownKey     Outcome = "unknown_key"
	DigestNotOurs  Outcome = "digest_not_ours"
	AnswerUnclear  Outcome = "undecodable"
)

// How an answer came.
const (
	SourcePosted    = "posted"
	SourceInquired  = "inquired"
	SourceFromHands = "hand"
)

// KeepAnswer keeps an answer's bytes before anyone reads them, and their digest in the audit log.
func (tx *Tx) KeepAnswer(ctx context.Context, id uuid.UUID, lane fault.Lane, source string, raw []byte, at time.Time) error {
	err := tx.q.KeepAnswer(ctx, sqlc.KeepAnswerParams{AnswerID: id, Lane: lane.String(), Source: source, ReceivedAt: at, Raw: raw})
	if err != nil {
		return wrap("keep answer", err)
	}
	return tx.Append(ctx, Event{
		At: at, Actor: lane.String(), Action: "answer.received", Subject: id.String(),
		Details: map[string]any{"source": source, "sha256": fmt.Sprintf("%x", sha256.Sum256(raw))},
	})
}

// JudgeAnswer records what became of it; of is empty when it named no delivery of ours, said is nil when it was not understood.
func (tx *Tx) JudgeAnswer(ctx context.Context, id uuid.UUID, outcome Outcome, of DeliveryID, said *payroll.Answer) error {
	p := sqlc.JudgeAnswerParams{Outcome: string(outcome), AnswerID: id}
	if of.Owner != "" {
		p.Owner, p.DeliveryID = &of.Owner, &of.ID
	}
	if said != nil {
		p.SaidID, p.SaidState = &said.ID, string(said.State)
	}
	return wrap("judge answer", tx.q.JudgeAnswer(ctx, p))
}

// AnswerHeard tells whether an answer of this id was judged for the delivery before.
func (tx *Tx) AnswerHeard(ctx context.Context, of DeliveryID, said string) (bool, error) {
	heard, err := tx.q.AnswerHeard(ctx, of.Owner, of.ID, said)
	return heard, wrap("answer", err)
}

// UnjudgedAnswer is an answer whose bytes are kept and which a crash left unread.
type UnjudgedAnswer struct {
	ID     uuid.UUID
	Lane   fault.Lane
	Source string
	Raw    []byte
}

// UnjudgedAnswers lists answers kept before the time and never read, oldest first.
func (tx *Tx) UnjudgedAnswers(ctx context.Context, before time.Time, most int) ([]UnjudgedAnswer, error) {
	rows, err := tx.q.UnjudgedAnswers(ctx, before, int32(most))
	if err != nil {
		return nil, wrap("unread answers", err)
	}
	answers := make([]UnjudgedAnswer, len(rows))
	for i, r := range rows {
		answers[i] = UnjudgedAnswer{ID: r.AnswerID, Source: r.Source, Raw: r.Raw}
		if err := answers[i].Lane.UnmarshalText([]byte(r.Lane)); err != nil {
			return nil, fmt.Errorf("store: unread answers: %w", err)
		}
	}
	return answers, nil
}

// SaveAnswer keeps what an organisation said of a delivery: findings, slips, each worker's tax.
func (tx *Tx) SaveAnswer(ctx context.Context, of DeliveryID, a *payroll.Answer) error {
	findings := make([]sqlc.AddAnswerFindingsParams, len(a.Findings))
	for i, f := range a.Findings {
		findings[i] = sqlc.AddAnswerFindingsParams{
			Owner: of.Owner, DeliveryID: of.ID, Position: int32(i), Code: f.Code, Message: f.Message, Person: f.Person, Field: f.Field,
		}
	}
	if _, err := tx.q.AddAnswerFindings(ctx, findings); err != nil {
		return wrap("findings of an answer", err)
	}
	workers := make([]sqlc.AddWorkerTaxesParams, len(a.Workers))
	for i, w := range a.Workers {
		workers[i] = sqlc.AddWorkerTaxesParams{
			Owner: of.Owner, DeliveryID: of.ID, Person: w.Person, Tax: int64(w.Tax), Months: int32(w.Months), SeveralEmployers: w.SeveralEmployers,
		}
	}
	if _, err := tx.q.AddWorkerTaxes(ctx, workers); err != nil {
		return wrap("taxes of an answer", err)
	}
	return tx.SavePayments(ctx, of, a.Payments)
}

// CorrectAnswer takes a later answer in place of what was said before, and its time as that of the decision. Findings or workers that
// it does not speak of (nil) stay as they were, and so do slips that it does not name.
func (tx *Tx) CorrectAnswer(ctx context.Context, of DeliveryID, a *payroll.Answer, decided time.Time) error {
	if a.Findings != nil {
		if err := tx.q.ForgetFindings(ctx, of.Owner, of.ID); err != nil {
			return wrap("findings of an answer", err)
		}
	}
	if a.Workers != nil {
		if err := tx.q.ForgetWorkerTaxes(ctx, of.Owner, of.ID); err != nil {
			return wrap("taxes of an answer", err)
		}
	}
	if err := tx.q.RaiseDecided(ctx, decided, of.Owner, of.ID); err != nil {
		return wrap("answer", err)
	}
	return tx.SaveAnswer(ctx, of, a)
}

// SavePayments brings a delivery's slips up to date.
func (tx *Tx) SavePayments(ctx context.Context, of DeliveryID, payments []payroll.Payment) error {
	for _, p := range payments {
		if p.Slip == "" {
			continue // nothing is to be paid
		}
		err := tx.q.SavePayment(ctx, sqlc.SavePaymentParams{
			Owner: of.Owner, DeliveryID: of.ID, Slip: p.Slip, ListNo: p.ListNo, Amount: int64(p.Amount), Due: p.Due, State: p.State,
		})
		if err != nil {
			return wrap("payments", err)
		}
	}
	return nil
}

// Payments reads the slips of deliveries.
func (tx *Tx) Payments(ctx context.Context, of []DeliveryID) (map[DeliveryID][]payroll.Payment, error) {
	owners, ids := partsOf(of)
	rows, err := tx.q.PaymentsOf(ctx, owners, ids)
	if err != nil {
		return nil, wrap("payments", err)
	}
	all := map[DeliveryID][]payroll.Payment{}
	for _, r := range rows {
		id := DeliveryID{r.Owner, r.DeliveryID}
		all[id] = append(all[id], payroll.Payment{ListNo: r.ListNo, Slip: r.Slip, Amount: rial.Amount(r.Amount), Due: r.Due, State: r.State})
	}
	return all, nil
}

// AnswerFindings reads the organisations' findings of deliveries.
func (tx *Tx) AnswerFindings(ctx context.Context, of []DeliveryID) (map[DeliveryID][]payroll.AnswerFinding, error) {
	owners, ids := partsOf(of)
	rows, err := tx.q.AnswerFindingsOf(ctx, owners, ids)
	if err != nil {
		return nil, wrap("findings of answers", err)
	}
	all := map[DeliveryID][]payroll.AnswerFinding{}
	for _, r := range rows {
		id := DeliveryID{r.Owner, r.DeliveryID}
		all[id] = append(all[id], payroll.AnswerFinding{Code: r.Code, Message: r.Message, Person: r.Person, Field: r.Field})
	}
	return all, nil
}

// mostStrangers bounds what is shown of persons who are none of ours.
const mostStrangers = 200

// Strangers are persons of whom an answer gave a figure and who are not in the tax month's version, at most 200.
func (tx *Tx) Strangers(ctx context.Context, of DeliveryID) ([]payroll.WorkerTax, error) {
	rows, err := tx.q.StrangersOf(ctx, of.Owner, of.ID, mostStrangers)
	if err != nil {
		return nil, wrap("strangers of an answer", err)
	}
	all := make([]payroll.WorkerTax, len(rows))
	for i, r := range rows {
		all[i] = payroll.WorkerTax{Person: r.Person, Tax: rial.Amount(r.Tax), Months: int(r.Months), SeveralEmployers: r.SeveralEmployers}
	}
	return all, nil
}

func partsOf(of []DeliveryID) (owners []string, ids []uuid.UUID) {
	for _, d := range of {
		owners, ids = append(owners, d.Owner), append(ids, d.ID)
	}
	return owners, ids
}
