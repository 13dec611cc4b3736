package hand

import (
	"bytes"
	"encoding/json"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/google/uuid"
)

// Answer reads an organisation's answer that a user enters: the gateway's own document, or one without id that says the state and
// what was found; payment slips of the SSO (JSON or XLSX with number, amount, state), or the tax administration's figures (XLSX with
// person, tax, months, several_employers). name is the file's, for messages; key and digest are the delivery's, now the time of entry. A
// gateway's document says both itself, so that key may be empty for it. The same bytes give the same answer id.
//
// Slips and figures mean that the organisation accepted what was sent: it issues none for what it rejects. Errors are
// *fault.Problem with every fault at its place.
func Answer(raw []byte, name, key, digest string, now time.Time) (payroll.Answer, error) {
	switch first := bytes.TrimLeft(raw, "\uFEFF \t\r\n"); {
	case bytes.HasPrefix(first, []byte("[")):
		return slips(first, name, key, digest, now)
	case bytes.HasPrefix(first, []byte("{")):
		var members map[string]json.RawMessage
		if err := json.Unmarshal(first, &members); err == nil && members["number"] != nil {
			return slips(first, name, key, digest, now)
		} else if err == nil && members["state"] != nil && members["id"] == nil {
			return told(first, key, digest, now)
		}
		return document(first, key)
	case bytes.HasPrefix(raw, []byte("PK")):
		return workbookAnswer(raw, key, digest, now)
	}
	return payroll.Answer{}, &fault.Problem{Kind: fault.Unsupported, Text: fault.Text{
		FA: "پاسخ باید فایل JSON یا اکسل (xlsx) باشد",
		EN: "an answer is a JSON file or a workbook (xlsx)",
	}}
}

func document(raw []byte, key string) (payroll.Answer, error) {
	a, err := agency.Decode(raw)
	switch {
	case err != nil:
		return payroll.Answer{}, &fault.Problem{Kind: fault.Unprocessable, Err: err, Text: fault.Text{
			FA: "سند پاسخ کامل نیست: id، key، digest، state و decided_at لازم است",
			EN: "the answer document is not whole: it needs id, key, digest, state and decided_at",
		}}
	case key != "" && a.Key != key:
		return payroll.Answer{}, &fault.Problem{Kind: fault.Conflict, Text: fault.Text{
			FA: "این پاسخ برای ارسال دیگری است",
			EN: "this answer is about another delivery",
		}}
	}
	return a, nil
}

// told reads what a user was told at the portal: the state, the portal's reference, and findings in its words.
func told(raw []byte, key, digest string, now time.Time) (payroll.Answer, error) {
	k, ok := payroll.ParseDeliveryKey(key)
	if !ok {
		_, err := keyOf(key, fault.SSO)
		return payroll.Answer{}, err
	}
	var said struct {
		State     payroll.State           `json:"state"`
		Reference string                  `json:"reference"`
		DecidedAt *time.Time              `json:"decided_at"`
		Findings  []payroll.AnswerFinding `json:"findings"`
	}
	err := whole(raw, &said)
	if err == nil && !said.State.Final() {
		err = agency.ErrAnswer
	}
	if err != nil {
		return payroll.Answer{}, &fault.Problem{Kind: fault.Unprocessable, Err: err, Text: fault.Text{
			FA: "پاسخ باید state (accepted، accepted_with_findings یا rejected) داشته باشد، و اگر هست reference، decided_at و findings",
			EN: "the answer needs a state (accepted, accepted_with_findings or rejected) and may have reference, decided_at and findings",
		}}
	}
	a := entered(raw, k, digest, now)
	a.State, a.Reference = said.State, said.Reference
	a.Findings = append(a.Findings, said.Findings...)
	if said.DecidedAt != nil {
		a.DecidedAt = *said.DecidedAt
	}
	return a, nil
}

// entered begins the answer of a delivery whose organisation was asked by hand.
func entered(raw []byte, key payroll.DeliveryKey, digest string, now time.Time) payroll.Answer {
	return payroll.Answer{
		ID:  uuid.NewSHA1(uuid.NameSpaceOID, []byte(key.Key+"\n"+agency.Digest(raw))).String(),
		Key: key.Key, Digest: digest, State: payroll.AnswerAccepted, DecidedAt: now,
		Payments: []payroll.Payment{}, // of findings it says nothing: those that were told before stand
	}
}

// keyOf is the delivery that an answer without a key of its own is about: one of the lane.
func keyOf(key string, lane fault.Lane) (payroll.DeliveryKey, error) {
	k, ok := payroll.ParseDeliveryKey(key)
	switch {
	case !ok:
		return k, &fault.Problem{Kind: fault.Malformed, Text: fault.Text{
			FA: "کلید ارسال را بدهید (--key): این فایل نمی‌گوید پاسخ کدام ارسال است",
			EN: "name the delivery's key (--key): this file does not say which delivery it answers",
		}}
	case k.Lane == lane:
		return k, nil
	case lane == fault.SSO:
		return k, &fault.Problem{Kind: fault.Conflict, Text: fault.Text{
			FA: "قبض از تأمین اجتماعی است ولی کلید، ارسال به سازمان امور مالیاتی است",
			EN: "a slip is the SSO's, but the key is of a delivery to the tax administration",
		}}
	}
	return k, &fault.Problem{Kind: fault.Conflict, Text: fault.Text{
		FA: "مالیات افراد از سازمان امور مالیاتی است ولی کلید، ارسال به تأمین اجتماعی است",
		EN: "persons' tax is the tax administration's, but the key is of a delivery to the SSO",
	}}
}
