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

func wholeNumber(unmarshal func(any) error) (int64, Source, error) {
	var raw struct {
		Value  whole `yaml:"value"`
		Source `yaml:",inline"`
	}
	if err := unmarshal(&raw); err != nil {
		return 0, Source{}, err
	}
	if raw.Value == 0 {
		return 0, Source{}, errNoValue
	}
	return int64(raw.Value), raw.Source, nil
}

// UnmarshalYAML reads a rate as rial.ParseRate does.
func (r *Rate) UnmarshalYAML(unmarshal func(any) error) error {
	var raw struct {
		Value  rial.Rate `yaml:"value"`
		Source `yaml:",inline"`
	}
	if err := unmarshal(&raw); err != nil {
		return err
	}
	if raw.Value == (rial.Rate{}) {
		return errNoValue
	}
	*r = Rate{Value: raw.Value, Source: raw.Source}
	return nil
}

// UnmarshalYAML reads a list of codes.
func (c *Codes) UnmarshalYAML(unmarshal func(any) error) error {
	var raw struct {
		Value  []whole `yaml:"value"`
		Source `yaml:",inline"`
	}
	if err := unmarshal(&raw); err != nil {
		return err
	}
	if len(raw.Value) == 0 {
		return errNoValue
	}
	*c = Codes{Source: raw.Source}
	for _, code := range raw.Value {
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

// whole is a number written with digits only, so that neither a fraction nor an exponent is ever rounded into it.
type whole int64

func (w *whole) UnmarshalText(b []byte) error {
	n, err := strconv.ParseInt(strings.ReplaceAll(string(b), "_", ""), 10, 64)
	if err != nil || n <= 0 {
		return fmt.Errorf("law: %q is not a positive whole number", b)
	}
	*w = whole(n)
	return nil
}

// Premium is what each side pays of the insurable wage of one kind of insured person.
type Premium struct {
	ByProfile    bool `yaml:"by_profile" json:"by_profile"` // shares come from the SSO's letter to the workshop; those here are not used
	Worker       Rate `yaml:"worker" json:"worker"`
	Employer     Rate `yaml:"employer" json:"employer"`
	Unemployment Rate `yaml:"unemployment" json:"unemployment"` // paid by the employer
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

// UnmarshalYAML reads limits as whole rials a year.
func (s *Slice) UnmarshalYAML(unmarshal func(any) error) error {
	var raw struct {
		From *limit    `yaml:"from"`
		To   *limit    `yaml:"to"`
		Rate rial.Rate `yaml:"rate"`
	}
	if err := unmarshal(&raw); err != nil {
		return err
	}
	if raw.From == nil || raw.Rate == (rial.Rate{}) {
		return errNoValue
	}
	*s = Slice{From: rial.Amount(*raw.From), Rate: raw.Rate}
	if raw.To != nil {
		s.To = rial.Amount(*raw.To)
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

// limit is whole, zero allowed.
type limit int64

func (l *limit) UnmarshalText(b []byte) error {
	if string(b) == "0" {
		*l = 0
		return nil
	}
	var w whole
	err := w.UnmarshalText(b)
	*l = limit(w)
	return err
}

// Exemption is the income of a year that bears no tax: the upper limit of the first slice.
func (b *Brackets) Exemption() rial.Amount { return b.Slices[0].To }
