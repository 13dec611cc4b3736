package law

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Verification says how sure a value is.
type Verification string

// The states of verification, surest first.
const (
	Primary  Verification = "primary"  // the law's or the organisation's own text was seen
	Several  Verification = "several"  // several independent sources agree
	Single   Verification = "single"   // one source, or a convention published by this window
	Disputed Verification = "disputed" // sources conflict; the note says how, and the value taken has the majority
)

// Source is where a value comes from, and how sure it is.
type Source struct {
	Reference    string       `yaml:"reference" json:"reference"`       // law and article, circular and date
	ReferenceFA  string       `yaml:"reference_fa" json:"reference_fa"` // the same in Persian
	Verification Verification `yaml:"verification" json:"verification"`
	Note         string       `yaml:"note" json:"note,omitempty"` // what sources say where they differ
	NoteFA       string       `yaml:"note_fa" json:"note_fa,omitempty"`
	// Other is the value of the sources that differ, of a disputed parameter of the tax; written as the value is.
	Other string `yaml:"other" json:"other,omitempty"`
}

// check tells what the source of the thing named lacks.
func (s *Source) check(name string) error {
	switch s.Verification {
	case Primary, Several, Single, Disputed:
	default:
		return fmt.Errorf("%s: no value, or no verification state", name)
	}
	switch {
	case s.Reference == "" || s.ReferenceFA == "":
		return fmt.Errorf("%s: no reference", name)
	case s.Verification == Disputed && s.Note == "":
		return fmt.Errorf("%s: disputed, and no note says how", name)
	case (s.Note == "") != (s.NoteFA == ""):
		return fmt.Errorf("%s: a note in one language", name)
	case s.Other != "" && s.Verification != Disputed:
		return fmt.Errorf("%s: another value, though nothing is disputed", name)
	}
	return nil
}

// Amount is a sum of rials with its source.
type Amount struct {
	Value rial.Amount `json:"value"`
	Source
}

// Rate is an exact fraction with its source.
type Rate struct {
	Value rial.Rate `json:"value"`
	Source
}

// Number is a count with its source: months, persons, years.
type Number struct {
	Value int `json:"value"`
	Source
}

// Codes is a set of an organisation's small codes with its source.
type Codes struct {
	Value CodeSet `json:"value"`
	Source
}

// Choice is one of several readings of the law, named, with its source.
type Choice struct {
	Value string `json:"value"`
	Source
}

// CodeSet is a set of codes 0 to 63. The zero set is empty.
type CodeSet uint64

// Has tells whether the code, as a list writes it, is in the set; a blank or unreadable code is in none.
func (s CodeSet) Has(code string) bool {
	n := 0
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' || n > 63 {
			return false
		}
		n = n*10 + int(code[i]-'0')
	}
	return code != "" && n < 64 && s&(1<<n) != 0
}

// String lists the codes: 2, 4, 5.
func (s CodeSet) String() string {
	var codes []string
	for n := range 64 {
		if s&(1<<n) != 0 {
			codes = append(codes, strconv.Itoa(n))
		}
	}
	return strings.Join(codes, ", ")
}

// MarshalText writes String.
func (s CodeSet) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

var errNoValue = errors.New("law: value missing")

// UnmarshalYAML reads a whole, positive number of rials; thousands may be parted by underscores.
func (a *Amount) UnmarshalYAML(unmarshal func(any) error) error {
	n, source, err := wholeNumber(unmarshal)
	*a = Amount{Value: rial.Amount(n), Source: source}
	return err
}

// UnmarshalYAML reads a whole, positive number.
func (v *Number) UnmarshalYAML(unmarshal func(any) error) error {
	n, source, err := wholeNumber(unmarshal)
	*v = Number{Value: int(n), Source: source}
	return err
}

// A value is taken as the text it is written in and parsed here: no fraction or exponent is ever rounded into it, and the
// YAML package formats its whole document again for every value that reads its own text.
func wholeNumber(unmarshal func(any) error) (int64, Source, error) {
	var raw struct {
		Value  string `yaml:"value"`
		Source `yaml:",inline"`
	}
	if err := unmarshal(&raw); err != nil {
		return 0, Source{}, err
	}
	n, err := whole(raw.Value)
	return n, raw.Source, err
}

// UnmarshalYAML reads a rate as rial.ParseRate does.
func (r *Rate) UnmarshalYAML(unmarshal func(any) error) error {
	var raw struct {
		Value  string `yaml:"value"`
		Source `yaml:",inline"`
	}
	if err := unmarshal(&raw); err != nil {
		return err
	}
	rate, err := rateOf(raw.Value)
	*r = Rate{Value: rate, Source: raw.Source}
	return err
}

// UnmarshalYAML reads a list of codes.
func (c *Codes) UnmarshalYAML(unmarshal func(any) error) error {
	var raw struct {
		Value  []string `yaml:"value"`
		Source `yaml:",inline"`
	}
	if err := unmarshal(&raw); err != nil {
		return err
	}
	if len(raw.Value) == 0 {
		return errNoValue
	}
	*c = Codes{Source: raw.Source}
	for _, text := range raw.Value {
		code, err := whole(text)
		if err != nil {
			return err
		}
		if code > 63 {
			return fmt.Errorf("law: code %d is not small", code)
		}
		c.Value |= 1 << code
	}
	return nil
}

// UnmarshalYAML reads one word.
func (c *Choice) UnmarshalYAML(unmarshal func(any) error) error {
	var raw struct {
		Value  string `yaml:"value"`
		Source `yaml:",inline"`
	}
	if err := unmarshal(&raw); err != nil {
		return err
	}
	if raw.Value == "" {
		return errNoValue
	}
	*c = Choice{Value: raw.Value, Source: raw.Source}
	return nil
}

// whole reads a positive number written with digits only; thousands may be parted by underscores.
func whole(text string) (int64, error) {
	if text == "" {
		return 0, errNoValue
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("law: %q is not a positive whole number", text)
	}
	return n, nil
}

func rateOf(text string) (rial.Rate, error) {
	if text == "" {
		return rial.Rate{}, errNoValue
	}
	return rial.ParseRate(text)
}

// Premium is what each side pays of the insurable wage of one kind of insured person.
type Premium struct {
	ByProfile    bool `yaml:"by_profile" json:"by_profile"` // shares come from the SSO's letter to the workshop; those here are not used
	Worker       Rate `yaml:"worker" fa:"سهم بیمه‌شده" json:"worker"`
	Employer     Rate `yaml:"employer" fa:"سهم کارفرما" json:"employer"`
	Unemployment Rate `yaml:"unemployment" fa:"بیمه بیکاری" json:"unemployment"` // paid by the employer
}

// Premiums holds the shares by kind.
type Premiums map[payroll.InsuredKind]Premium

// Brackets are the annual slices of the salary tax, from zero, continuous, the last open.
type Brackets struct {
	Slices []Slice `yaml:"slices" json:"slices"`
	Source `yaml:",inline"`
}

// Slice is income of a year between two limits, and its rate. The last slice has no upper limit (0).
type Slice struct {
	From rial.Amount `json:"from"`
	To   rial.Amount `json:"to"`
	Rate rial.Rate   `json:"rate"`
}

// UnmarshalYAML reads limits as whole rials a year; the first begins at 0.
func (s *Slice) UnmarshalYAML(unmarshal func(any) error) error {
	var raw struct {
		From string `yaml:"from"`
		To   string `yaml:"to"`
		Rate string `yaml:"rate"`
	}
	if err := unmarshal(&raw); err != nil {
		return err
	}
	rate, err := rateOf(raw.Rate)
	if err != nil {
		return err
	}
	*s = Slice{Rate: rate}
	for _, limit := range []struct {
		text string
		to   *rial.Amount
		none string // what stands for no limit
	}{{raw.From, &s.From, "0"}, {raw.To, &s.To, ""}} {
		if limit.text == limit.none {
			continue
		}
		n, err := whole(limit.text)
		if err != nil {
			return err
		}
		*limit.to = rial.Amount(n)
	}
	return nil
}

// Percent is the slice's rate in whole percents; the book refuses any other.
func (s *Slice) Percent() int64 { return Percent(s.Rate) }

// Percent is a rate in whole percents: exact for the rates of brackets, flat and welfare tax, which the book holds to that.
func Percent(r rial.Rate) int64 {
	num, den := r.Fraction()
	return num * 100 / den
}

func wholePercent(r rial.Rate) bool {
	num, den := r.Fraction()
	return num*100%den == 0
}

// Exemption is the income of a year that bears no tax: the upper limit of the first slice.
func (b *Brackets) Exemption() rial.Amount { return b.Slices[0].To }
