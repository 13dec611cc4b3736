// Package law knows the parameters in force in a month, each with its reference and how sure it is. It computes nobody's pay.
package law

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/goccy/go-yaml"
)

//go:embed *.yaml
var files embed.FS

// Book is every month's parameters, in order. It never changes once loaded.
type Book struct{ periods []*Params }

// Load reads the law files that the program carries. It fails on an unknown key, a missing value or reference, brackets with
// a hole, months out of order: a mistake of ours, seen at start and in tests.
func Load() (*Book, error) { return Read(files) }

// Read reads a book from the *.yaml files of a folder, in the order of their names. A file may hold several documents, each
// complete, where values change within a year.
func Read(folder fs.FS) (*Book, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, err
	}
	b := &Book{}
	for _, name := range names {
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
	if err := p.gatherDisputes(); err != nil {
		return err
	}
	return errors.Join(p.settleTreatments(), p.checkPremiums(), p.Brackets.check(), p.checkChoices(), p.SSODeadline.check(), p.TaxDeadline.check())
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
	case p.WHEdition.Value != 1403 && p.WHEdition.Value != 1404:
		return fmt.Errorf("wh_edition: unknown edition %d", p.WHEdition.Value)
	}
	return nil
}

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
	for _, m := range r.Moved {
		if m.Month.IsZero() || m.To.IsZero() {
			return errors.New("deadline: a moved deadline is not whole")
		}
	}
	return nil
}

var (
	sourceType = reflect.TypeFor[Source]()
	monthType  = reflect.TypeFor[jalali.Month]()
)

// gatherDisputes walks every parameter: each has its reference and state, and the disputed ones are named.
func (p *Params) gatherDisputes() error {
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := f.Tag.Get("yaml")
		if !f.IsExported() || name == "-" || f.Type == monthType {
			continue
		}
		var lane fault.Lane
		if err := lane.UnmarshalText([]byte(f.Tag.Get("lane"))); err != nil {
			return err
		}
		if err := p.walk(v.Field(i), name, lane); err != nil {
			return err
		}
	}
	return nil
}

func (p *Params) walk(v reflect.Value, path string, lane fault.Lane) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return p.walk(v.Elem(), path, lane)
	case reflect.Map:
		for _, key := range sortedKeys(v) {
			if err := p.walk(v.MapIndex(reflect.ValueOf(key).Convert(v.Type().Key())), path+"."+key, lane); err != nil {
				return err
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := p.walk(v.Index(i), fmt.Sprintf("%s.%d", path, i+1), lane); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Type == sourceType {
				if err := p.source(v, v.Field(i).Interface().(Source), path, lane); err != nil {
					return err
				}
			} else if hasSource(f.Type) {
				if err := p.walk(v.Field(i), path+"."+f.Tag.Get("yaml"), lane); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *Params) source(v reflect.Value, s Source, path string, lane fault.Lane) error {
	switch s.Verification {
	case Primary, Several, Single:
	case Disputed:
		if s.Note == "" {
			return fmt.Errorf("%s: disputed, and no note says how", path)
		}
		d := Dispute{Parameter: path, Lane: lane, Source: s}
		if value := v.FieldByName("Value"); value.IsValid() {
			d.Value = written(value.Interface())
		}
		if table, key, ok := strings.Cut(path, "_treatments."); ok && table != "" {
			d.Component, d.OfPay = componentOf(key)
		}
		p.disputes = append(p.disputes, d)
	default:
		return fmt.Errorf("%s: no value, or no verification state", path)
	}
	if s.Reference == "" || s.ReferenceFA == "" {
		return fmt.Errorf("%s: no reference", path)
	}
	return nil
}

func written(v any) string {
	if a, ok := v.(rial.Amount); ok {
		return a.Grouped()
	}
	return fmt.Sprint(v)
}

// hasSource tells whether values of the type hold sources to be looked at.
func hasSource(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return hasSource(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).Type == sourceType || hasSource(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

func sortedKeys(m reflect.Value) []string {
	keys := make([]string, 0, m.Len())
	for _, k := range m.MapKeys() {
		keys = append(keys, k.String())
	}
	slices.Sort(keys)
	return keys
}
