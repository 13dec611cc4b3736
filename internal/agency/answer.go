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
// its answers; a state, key, digest or id that is missing or not known is ErrAnswer, and so is a member that stands twice: which of
// the two is meant, no one can tell.
func Decode(raw []byte) (payroll.Answer, error) {
	var a payroll.Answer
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&a); err != nil {
		return a, ErrAnswer // the decoder's own text may quote the answer
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return a, fmt.Errorf("%w: something follows the document", ErrAnswer)
	}
	if twice(raw) {
		return a, fmt.Errorf("%w: a member stands twice", ErrAnswer)
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

// twice tells whether an object of a whole document has a member twice, in whatever letter case: decoding takes names of either.
func twice(raw []byte) bool {
	type open struct {
		names map[string]bool // nil in an array
		value bool            // a name was read, its value is next
	}
	var in []open
	d := json.NewDecoder(bytes.NewReader(raw))
	for {
		t, err := d.Token()
		if err != nil {
			return false // at its end: it was decoded whole
		}
		at := len(in) - 1
		if name, ok := t.(string); ok && at >= 0 && in[at].names != nil && !in[at].value {
			if name = strings.ToLower(name); in[at].names[name] {
				return true
			}
			in[at].names[name], in[at].value = true, true
			continue
		}
		switch t {
		case json.Delim('{'):
			in = append(in, open{names: map[string]bool{}})
			continue
		case json.Delim('['):
			in = append(in, open{})
			continue
		case json.Delim('}'), json.Delim(']'):
			in = in[:at]
			at--
		}
		if at >= 0 {
			in[at].value = false
		}
	}
}

// Check finds what cannot be kept of an answer, however it came: an amount below zero, an unknown state of a slip, a slip or a
// person named twice, a slip without a number by which something is to be paid, a text with a NUL in it. Such an answer is ErrAnswer.
func Check(a *payroll.Answer) error {
	slips, persons := map[string]bool{}, map[string]bool{}
	texts := []string{a.ID, a.Reference}
	for _, f := range a.Findings {
		texts = append(texts, f.Code, f.Message, f.Person, f.Field)
	}
	for _, p := range a.Payments {
		if p.Amount < 0 || (p.State != "open" && p.State != "collected" && p.State != "void") || slips[p.Slip] || (p.Slip == "" && p.Amount > 0) {
			return fmt.Errorf("%w: a payment slip", ErrAnswer)
		}
		slips[p.Slip] = p.Slip != ""
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
