// Package fault knows what can be wrong with a list (Fault), why a request failed (Problem), and what a catalogue entry is.
// It knows no rule and no list.
package fault

import (
	"fmt"
	"strings"
)

// Lane is a set of organisations: each has its own lane, verdict and answer, so that one side's matter never holds the other's.
type Lane uint8

// The lanes. The zero Lane is none: a finding with it moves no verdict.
const (
	SSO  Lane = 1 << iota // Social Security Organization, تأمین اجتماعی
	Tax                   // tax administration, سازمان امور مالیاتی
	Both = SSO | Tax
)

var laneNames = [...]string{"", "sso", "tax", "both"}

// Has tells whether every lane of m is in l.
func (l Lane) Has(m Lane) bool { return l&m == m }

// String writes sso, tax, both, or nothing.
func (l Lane) String() string { return laneNames[l&Both] }

// MarshalText writes String.
func (l Lane) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what String writes.
func (l *Lane) UnmarshalText(b []byte) error { return fromName(l, laneNames[:], b, "lane") }

// Severity orders findings by what they do to a list.
type Severity uint8

// The severities, mildest first.
const (
	Info    Severity = iota // told, never moves a verdict
	Warning                 // accepted with warnings
	Error                   // its lanes are rejected
	Refuse                  // the whole input is refused
)

var severityNames = [...]string{"info", "warning", "error", "refuse"}

// String writes info, warning, error or refuse.
func (s Severity) String() string { return severityNames[s] }

// MarshalText writes String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what String writes.
func (s *Severity) UnmarshalText(b []byte) error { return fromName(s, severityNames[:], b, "severity") }

// Class says who can know: the gate (reading), an offline rule, or only a register.
type Class string

// The classes of the catalogue.
const (
	Gate     Class = "gate"
	Offline  Class = "offline"
	Register Class = "register"
)

// Text is one sentence in both languages; Persian is the one employers read.
type Text struct {
	FA string `json:"fa"`
	EN string `json:"en"`
}

// Place is where a person looks for it: the sheet, the row number he sees, the column letter and the field's public key.
// JSON input has sheet lines or workshop and a JSON pointer for cell; DBF and text files have the file, the record and the field.
type Place struct {
	Sheet  string `json:"sheet"`
	Row    int    `json:"row"`
	Column string `json:"column"`
	Cell   string `json:"cell"`
	Field  string `json:"field"`
}

// Fault is one finding. Given holds the sender's own data and must never be logged.
type Fault struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Lane     Lane     `json:"lane"`
	Place
	Given       string `json:"given"`
	Expected    string `json:"expected"`
	Suggested   string `json:"suggested"`
	Message     Text   `json:"message"`
	Citation    string `json:"citation"`
	RelatedRows []int  `json:"related_rows"`
}

// Entry is one row of the published catalogue.
type Entry struct {
	Code     string   `json:"code"` // never renamed
	Class    Class    `json:"class"`
	Severity Severity `json:"severity"`
	Lane     Lane     `json:"lane"`  // none: the lane of the key it stands at
	Scope    string   `json:"scope"` // file, sheet, header, row, cell, request
	Field    string   `json:"field"`
	// Message is what the sender reads; {given}, {expected} and the names of At are replaced.
	Message  Text   `json:"message"`
	Fix      Text   `json:"fix"`    // what to do, one for all rows of the cause
	Effect   Text   `json:"effect"` // what it means: delivered or not, by which law
	Citation string `json:"citation"`
}

// At makes the entry's fault at a place. with holds pairs of name and value for the message, beside given and expected.
func (e *Entry) At(p Place, given, expected string, with ...string) Fault {
	if p.Field == "" {
		p.Field = e.Field
	}
	pairs := make([]string, 0, 6+len(with))
	pairs = append(pairs, "{given}", given, "{expected}", expected)
	for i := 0; i+1 < len(with); i += 2 {
		pairs = append(pairs, "{"+with[i]+"}", with[i+1])
	}
	pairs = append(pairs, "{expected_fa}", expected) // the first pair of a name counts
	r := strings.NewReplacer(pairs...)
	return Fault{
		Code: e.Code, Severity: e.Severity, Lane: e.Lane, Place: p, Given: given, Expected: expected,
		Message: Text{FA: strings.TrimSpace(r.Replace(e.Message.FA)), EN: strings.TrimSpace(r.Replace(e.Message.EN))}, Citation: e.Citation,
	}
}

// Table finds entries by code.
type Table map[string]*Entry

// TableOf indexes entries; a code given twice is a mistake in the program and panics at start.
func TableOf(lists ...[]Entry) Table {
	t := Table{}
	for _, l := range lists {
		for i := range l {
			if t[l[i].Code] != nil {
				panic("fault: code twice in the catalogue: " + l[i].Code)
			}
			t[l[i].Code] = &l[i]
		}
	}
	return t
}

func fromName[T ~uint8](to *T, names []string, b []byte, what string) error {
	for i, n := range names {
		if n == string(b) {
			*to = T(i)
			return nil
		}
	}
	return fmt.Errorf("fault: unknown %s", what)
}
