package agency

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

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
	for _, p := range a.Payments {
		if p.Amount < 0 || (p.State != "open" && p.State != "collected" && p.State != "void") {
			return a, fmt.Errorf("%w: a payment slip", ErrAnswer)
		}
	}
	for _, w := range a.Workers {
		if w.Person == "" || w.Tax < 0 || w.Months < 0 {
			return a, fmt.Errorf("%w: a worker's tax", ErrAnswer)
		}
	}
	return a, nil
}
