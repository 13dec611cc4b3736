package agency

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"fehrest/internal/payroll"

	"github.com/google/uuid"
)

// ErrAnswer says that an organisation's answer cannot be understood; its bytes are kept all the same.
var ErrAnswer = errors.New("agency: answer not understood")

// Decode reads the gateways' answer document. Members it does not know are left alone, because an organisation may add to
// its answers; a state, key, digest or id that is missing or not known is ErrAnswer.
func Decode(raw []byte) (payroll.Answer, error) {
	var a payroll.Answer
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&a); err != nil {
		return a, ErrAnswer // the decoder's own text may quote the answer
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return a, fmt.Errorf("%w: something follows the document", ErrAnswer)
	}
	if _, err := uuid.Parse(a.ID); err != nil {
		return a, fmt.Errorf("%w: no id", ErrAnswer)
	}
	if a.Key == "" || a.Digest == "" || a.DecidedAt.IsZero() {
		return a, fmt.Errorf("%w: no key, digest or time", ErrAnswer)
	}
	if !a.State.IsAccepted() && a.State != payroll.AnswerRejected {
		return a, fmt.Errorf("%w: unknown state", ErrAnswer)
	}
	return a, Check(&a)
}

// Check finds what cannot be kept of an answer, however it came: an amount below zero, an unknown state of a slip, a slip or a
// person named twice, a text with a NUL in it. Such an answer is ErrAnswer.
func Check(a *payroll.Answer) error {
	slips, persons := map[string]bool{}, map[string]bool{}
	texts := []string{a.ID, a.Reference}
	for _, f := range a.Findings {
		texts = append(texts, f.Code, f.Message, f.Person, f.Field)
	}
	for _, p := range a.Payments {
		if p.Amount < 0 || (p.State != "open" && p.State != "collected" && p.State != "void") || slips[p.Slip] {
			return fmt.Errorf("%w: a payment slip", ErrAnswer)
		}
		slips[p.Slip] = true
		texts = append(texts, p.ListNo, p.Slip, p.Due)
	}
	for _, w := range a.Workers {
		if w.Person == "" || w.Tax < 0 || w.Months < 0 || w.Months > math.MaxInt32 || persons[w.Person] {
			return fmt.Errorf("%w: a worker's tax", ErrAnswer)
		}
		persons[w.Person] = true
		texts = append(texts, w.Person)
	}
	for _, t := range texts {
		if strings.ContainsRune(t, 0) {
			return fmt.Errorf("%w: a NUL in a text", ErrAnswer)
		}
	}
	return nil
}
