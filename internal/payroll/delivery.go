package payroll

import (
	"time"

	"fehrest/internal/rial"
)

// State is where a lane of a list, or a delivery, stands.
type State string

// The states of a delivery, and beside them the three of a lane that has none yet. LaneNotAddressed is also that of a tax
// month for which no file is made.
const (
	LaneNotAddressed State = "not_addressed"
	NotSent          State = "not_sent"
	Due              State = "due" // the tax month is not yet cut

	Queued             State = "queued"
	Sending            State = "sending" // committed, with bytes and digest, before the first byte leaves
	Sent               State = "sent"
	ByHand             State = "by_hand" // files made; the user uploads them
	AnswerAccepted     State = "accepted"
	AnswerWithFindings State = "accepted_with_findings"
	AnswerRejected     State = "rejected"
	NeedsAttention     State = "needs_attention"
	Superseded         State = "superseded" // overtaken before a byte left
)

// moves is the state table: what a delivery may become. A final state stays final; a correction is a new version.
var moves = map[State][]State{
	Queued:         {Sending, ByHand, Superseded, NeedsAttention},
	Sending:        {Sent, AnswerAccepted, AnswerWithFindings, AnswerRejected, NeedsAttention},
	ByHand:         {Sent, Queued, Superseded},
	Sent:           {AnswerAccepted, AnswerWithFindings, AnswerRejected, NeedsAttention},
	NeedsAttention: {Queued, Sending, Sent, AnswerAccepted, AnswerWithFindings, AnswerRejected, Superseded},
	Superseded:     {Queued}, // the version that overtook it was withdrawn before a byte left
}

// May tells whether the state table lets a delivery move.
func (s State) May(to State) bool {
	for _, m := range moves[s] {
		if m == to {
			return true
		}
	}
	return false
}

// From lists the states that may become s, for the WHERE of an update.
func (s State) From() (from []State) {
	for _, f := range []State{Queued, Sending, ByHand, Sent, NeedsAttention} {
		if f.May(s) {
			from = append(from, f)
		}
	}
	return from
}

// Final tells whether the organisation has decided.
func (s State) Final() bool { return s.IsAccepted() || s == AnswerRejected }

// IsAccepted tells whether the organisation took it, with findings or without.
func (s State) IsAccepted() bool { return s == AnswerAccepted || s == AnswerWithFindings }

// ListState is where a whole list stands, derived and never stored.
type ListState string

// The states of a list.
const (
	Withdrawn            ListState = "withdrawn"
	Replaced             ListState = "replaced"
	Draft                ListState = "draft"
	RejectedList         ListState = "rejected"
	ListNeedsAttention   ListState = "needs_attention"
	Submitted            ListState = "submitted"
	SettledWithRejection ListState = "settled_with_rejection"
	Answered             ListState = "answered"
)

// Standing is what is known of a list: its verdicts, what was submitted, and each lane's state.
type Standing struct {
	Verdicts  Verdicts
	Submitted Lane // lanes sent at the sender's word
	Withdrawn bool
	// Replaced says that in each lane sent a later version took its place.
	Replaced bool
	SSO, Tax State
}

// StateOf derives a list's state, first match of delivery order: withdrawn, replaced, draft, rejected, then by its lanes.
func StateOf(s Standing) ListState {
	switch {
	case s.Withdrawn:
		return Withdrawn
	case s.Replaced:
		return Replaced
	case s.Submitted == 0 && s.Verdicts.Passing() != 0:
		return Draft
	case s.Submitted == 0:
		return RejectedList
	}
	state := Answered
	for _, lane := range EachLane() {
		if !s.Submitted.Has(lane) {
			continue
		}
		switch of := s.Of(lane); {
		case of == NeedsAttention:
			return ListNeedsAttention
		case of.IsAccepted(), of == LaneNotAddressed:
		case of == AnswerRejected:
			if state == Answered {
				state = SettledWithRejection
			}
		default:
			state = Submitted
		}
	}
	return state
}

// Of is the lane's state.
func (s Standing) Of(lane Lane) State {
	if lane == Tax {
		return s.Tax
	}
	return s.SSO
}

// Answer is what an organisation said of a delivery. Its codes are data: a code is never given a text of ours.
type Answer struct {
	ID        string          `json:"id"`
	Key       string          `json:"key"`
	Digest    string          `json:"digest"`
	Reference string          `json:"reference"`
	State     State           `json:"state"`
	DecidedAt time.Time       `json:"decided_at"`
	Findings  []AnswerFinding `json:"findings"`
	Payments  []Payment       `json:"payments"`
	Workers   []WorkerTax     `json:"workers"` // nil when the organisation gave none
}

// AnswerFinding is one finding of an organisation, by person.
type AnswerFinding struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Person  string `json:"person"`
	Field   string `json:"field"`
}

// Payment is a payment slip (قبض) an organisation issued.
type Payment struct {
	ListNo string      `json:"list_no"`
	Slip   string      `json:"slip"`
	Amount rial.Amount `json:"amount"`
	Due    string      `json:"due"`
	State  string      `json:"state"` // open, collected, void
}

// WorkerTax is the tax administration's own figure of a person.
type WorkerTax struct {
	Person           string      `json:"person"`
	Tax              rial.Amount `json:"tax"`
	Months           int         `json:"months"`
	SeveralEmployers bool        `json:"several_employers"`
}

// Receipt is what the sender holds of a list: signed over its canonical form without the signature.
type Receipt struct {
	ID           string       `json:"id"`
	TrackingCode TrackingCode `json:"tracking_code"`
	SHA256       string       `json:"sha256"`
	ReceivedAt   time.Time    `json:"received_at"`
	Workshop     WorkshopCode `json:"workshop_code"`
	ContractRow  string       `json:"contract_row"`
	Period       string       `json:"period"`
	ListNo       string       `json:"list_no"`
	Kind         Kind         `json:"kind"`
	Version      int          `json:"version"`
	Verdict      Verdict      `json:"verdict"`
	Verdicts     Verdicts     `json:"verdicts"`
	HeldRows     []int        `json:"held_rows"`
	KeyID        string       `json:"key_id"`
	Signature    string       `json:"signature"`
}

// UploadReceipt is what the sender holds of a file of many lists, beside a receipt of each: signed as a Receipt is.
type UploadReceipt struct {
	ID         string    `json:"id"`
	SHA256     string    `json:"sha256"`
	ReceivedAt time.Time `json:"received_at"`
	KeyID      string    `json:"key_id"`
	Signature  string    `json:"signature"`
}
