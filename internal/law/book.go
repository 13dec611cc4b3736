// Package law knows the parameters in force in a month, each with its reference and how sure it is. It computes nobody's pay.
package law

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"

	"github.com/goccy/go-yaml"
)

//go:embed *.yaml
var files embed.FS

// Book is every month's parameters, in order. It never changes once loaded.
type Book struct {
	periods  []*Params
	calendar Calendar
}

// Load reads the law files that the program carries. It fails on an unknown key, a missing value or reference, brackets with
// a hole, months out of order, a holiday given twice: a mistake of ours, seen at start and in tests.
func Load() (*Book, error) { return Read(files) }

// Read reads a book from the *.yaml files of a folder, in the order of their names. A file may hold several documents, each
// complete, where values change within a year.
func Read(folder fs.FS) (*Book, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, err
	}
	b := &Book{}
	if b.calendar, err = readCalendar(folder); err != nil {
		return nil, fmt.Errorf("law: %s: %w", calendarFile, err)
	}
	for _, name := range names {
		if name == calendarFile {
			continue
		}
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		if err := b.add(name, raw); err != nil {
			return nil, fmt.Errorf("law: %s: %w", name, err)
		}
	}
	if len(b.periods) == 0 {
		return nil, errors.New("law: no file")
	}
	return b, nil
}

// On returns the parameters in force in the month; false where no law file governs it (DATE-06).
func (b *Book) On(m jalali.Month) (*Params, bool) {
	for i := len(b.periods) - 1; i >= 0; i-- {
		if p := b.periods[i]; !m.Before(p.From) && !p.To.Before(m) {
			return p, true
		}
	}
	return nil, false
}

// Periods are all parameters, oldest first.
func (b *Book) Periods() []*Params { return b.periods }

// Calendar is the official holidays and circulars that the book knows.
func (b *Book) Calendar() *Calendar { return &b.calendar }

func (b *Book) add(name string, raw []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict())
	for {
		p := &Params{File: name}
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := p.settle(); err != nil {
			return err
		}
		if n := len(b.periods); n > 0 && b.periods[n-1].To.Add(1) != p.From {
			return fmt.Errorf("begins %s, but the period before ends %s", p.From, b.periods[n-1].To)
		}
		b.periods = append(b.periods, p)
	}
}

// settle checks that the parameters are whole and makes the tables that are looked up by component.
func (p *Params) settle() error {
	if p.From.IsZero() || p.To.IsZero() || p.To.Before(p.From) {
		return errors.New("from or to is missing or in the wrong order")
	}
	if err := p.gather(); err != nil {
		return err
	}
	return errors.Join(p.settleTreatments(), p.checkPremiums(), p.Brackets.check(), p.checkChoices(), p.checkDisputes(), p.SSODeadline.check(), p.TaxDeadline.check())
}

func (p *Params) settleTreatments() error {
	var errs []error
	for c := range payroll.Components() {
		p.sso[c], p.tax[c] = c.Info().SSO, c.Info().Tax
	}
	for key, t := range p.SSOTreatments {
		if c, ok := componentOf(key); !ok || !ssoTreatments[payroll.SSOTreatment(t.Value)] {
			errs = append(errs, fmt.Errorf("sso_treatments: %s: unknown component or treatment %q", key, t.Value))
		} else {
			p.sso[c] = payroll.SSOTreatment(t.Value)
		}
	}
	for key, t := range p.TaxTreatments {
		if c, ok := componentOf(key); !ok || !taxTreatments[payroll.TaxTreatment(t.Value)] {
			errs = append(errs, fmt.Errorf("tax_treatments: %s: unknown component or treatment %q", key, t.Value))
		} else {
			p.tax[c] = payroll.TaxTreatment(t.Value)
		}
	}
	for c := range payroll.Components() {
		key := c.Info().Key
		if _, named := p.SSOTreatments[key]; !named && (p.sso[c] == payroll.DisputedInsurable || p.sso[c] == payroll.DisputedTotal) {
			errs = append(errs, fmt.Errorf("sso_treatments: %s is disputed and not named", key))
		}
		if p.tax[c] == payroll.DisputedTax {
			errs = append(errs, fmt.Errorf("tax_treatments: %s is disputed and not decided", key))
		}
		if p.tax[c] == payroll.WelfareTax && p.WelfareRule.Value == WelfareTaxable {
			p.tax[c] = payroll.Taxable
		}
	}
	return errors.Join(errs...)
}

func componentOf(key string) (payroll.Component, bool) {
	id, ok := payroll.ColumnOf(key)
	if !ok {
		return 0, false
	}
	return id.Component()
}

var ssoTreatments = map[payroll.SSOTreatment]bool{
	payroll.Wage: true, payroll.Insurable: true, payroll.DisputedInsurable: true, payroll.TotalOnly: true,
	payroll.DisputedTotal: true, payroll.Absent: true, payroll.Deduction: true,
}

var taxTreatments = map[payroll.TaxTreatment]bool{
	payroll.Taxable: true, payroll.ExemptTax: true, payroll.EidiTax: true, payroll.LeaverTax: true, payroll.WelfareTax: true,
	payroll.FlatTax: true, payroll.NonCashTax: true, payroll.HousingInKind: true, payroll.CarInKind: true, payroll.DeductibleTax: true,
}

func (p *Params) checkPremiums() error {
	kinds := []payroll.InsuredKind{
		payroll.NormalKind, payroll.EmployerKind, payroll.ForeignKind, payroll.RetiredKind, payroll.ApprenticeKind,
	}
	for _, kind := range kinds {
		if _, ok := p.Premium[kind]; !ok {
			return fmt.Errorf("premium: %s is missing", kind)
		}
	}
	if len(p.Premium) != len(kinds) {
		return errors.New("premium: unknown kind")
	}
	return nil
}

func (p *Params) checkChoices() error {
	switch {
	case p.WelfareRule.Value != WelfareSplit && p.WelfareRule.Value != WelfareTaxable:
		return fmt.Errorf("welfare_rule: unknown rule %q", p.WelfareRule.Value)
	case p.LeaverPay.Value != string(payroll.Taxable) && p.LeaverPay.Value != string(payroll.ExemptTax):
		return fmt.Errorf("leaver_pay: unknown treatment %q", p.LeaverPay.Value)
	case !wholePercent(p.FlatRate.Value) || !wholePercent(p.WelfareRate.Value):
		return errors.New("flat_rate or welfare_rate is not a whole percent")
	case !editions[p.WHEdition.Value]:
		return fmt.Errorf("wh_edition: unknown edition %d", p.WHEdition.Value)
	}
	return nil
}

// editions of the monthly pay file, by their first year. No file is written in the first.
var editions = map[int]bool{1395: true, 1403: true, 1404: true}

func (b *Brackets) check() error {
	if len(b.Slices) == 0 || b.Slices[0].From != 0 || !b.Slices[0].Rate.IsZero() {
		return errors.New("brackets: the first slice begins at zero and bears nothing")
	}
	last := len(b.Slices) - 1
	for i := range b.Slices {
		s := &b.Slices[i]
		switch {
		case !wholePercent(s.Rate):
			return fmt.Errorf("brackets: rate %s is not a whole percent", s.Rate)
		case i > 0 && (s.From != b.Slices[i-1].To || s.Percent() <= b.Slices[i-1].Percent()):
			return fmt.Errorf("brackets: slice from %s does not go on from the one before", s.From.Grouped())
		case i < last && s.To <= s.From, i == last && s.To != 0:
			return fmt.Errorf("brackets: slice from %s: only the last one is open", s.From.Grouped())
		}
	}
	return nil
}

func (r *DeadlineRule) check() error {
	if len(r.Penalties) == 0 {
		return errors.New("deadline: no penalty named")
	}
	for _, p := range r.Penalties {
		if (p.For != PenaltyList && p.For != PenaltyPayment) || p.Rate.IsZero() || p.FA == "" || p.EN == "" {
			return errors.New("deadline: a penalty is not whole")
		}
	}
	if r.Holiday != nil && r.Holiday.Value != NextWorkingDay {
		return fmt.Errorf("deadline: unknown rule of holidays %q", r.Holiday.Value)
	}
	return nil
}
