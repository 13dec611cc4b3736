package law

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

// Entry is one parameter as it is shown to a person: its name in the law file, what that means, what is taken, and why.
type Entry struct {
	Parameter string     // the name in the file, such as minimum_daily_wage or premium.normal.worker
	Name      string     // the same in Persian, with its unit
	Value     fault.Text // what is taken; rials in groups of three
	Lane      fault.Lane // whose figures it decides
	Source
}

// Entries are all parameters, in the order of Params. What the year does not have is not among them.
func (p *Params) Entries() []Entry { return p.entries }

// Change is a parameter that two periods do not have alike; Before or After is nil where one does not have it at all.
type Change struct {
	Parameter, Name string
	Lane            fault.Lane
	Before, After   *Entry
}

// Changes are the parameters whose value differs from one period to another, in the order of Params. One that only has
// another reference is none.
func Changes(before, after *Params) (changes []Change) {
	for i := range before.entries {
		b := &before.entries[i]
		if a := after.entry(b.Parameter); a == nil || a.Value != b.Value {
			changes = append(changes, Change{b.Parameter, b.Name, b.Lane, b, a})
		}
	}
	for i := range after.entries {
		if a := &after.entries[i]; before.entry(a.Parameter) == nil {
			changes = append(changes, Change{a.Parameter, a.Name, a.Lane, nil, a})
		}
	}
	return changes
}

func (p *Params) entry(parameter string) *Entry {
	i := slices.IndexFunc(p.entries, func(e Entry) bool { return e.Parameter == parameter })
	if i < 0 {
		return nil
	}
	return &p.entries[i]
}

var (
	sourceType = reflect.TypeFor[Source]()
	monthType  = reflect.TypeFor[jalali.Month]()
)

// gather walks every parameter: each has its reference and state, and the disputed ones are named.
func (p *Params) gather() error {
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Tag.Get("yaml") == "-" || f.Type == monthType {
			continue
		}
		e := Entry{Parameter: f.Tag.Get("yaml"), Name: f.Tag.Get("fa")}
		if err := e.Lane.UnmarshalText([]byte(f.Tag.Get("lane"))); err != nil {
			return err
		}
		if err := p.walk(v.Field(i), e); err != nil {
			return err
		}
	}
	return nil
}

func (p *Params) walk(v reflect.Value, e Entry) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return p.walk(v.Elem(), e)
	case reflect.Map:
		for _, key := range sortedKeys(v) {
			if err := p.walk(v.MapIndex(reflect.ValueOf(key).Convert(v.Type().Key())), e.part(key, nameOfKey(key))); err != nil {
				return err
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := p.walk(v.Index(i), e.part(fmt.Sprint(i+1), "")); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Type == sourceType {
				e.Value, e.Source = shown(v.Interface()), v.Field(i).Interface().(Source)
				if err := p.keep(e); err != nil {
					return err
				}
			} else if hasSource(f.Type) {
				part := e.part(f.Tag.Get("yaml"), f.Tag.Get("fa"))
				if err := p.walk(v.Field(i), part); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (e Entry) part(key, name string) Entry {
	e.Parameter += "." + key
	if name != "" {
		e.Name += "، " + name
	}
	return e
}

func (p *Params) keep(e Entry) error {
	if err := e.check(e.Parameter); err != nil {
		return err
	}
	if e.Verification == Disputed {
		d := Dispute{Parameter: e.Parameter, Lane: e.Lane, Value: e.Value.EN, Source: e.Source}
		if table, key, ok := strings.Cut(e.Parameter, "_treatments."); ok && table != "" {
			d.Component, d.OfPay = componentOf(key)
		}
		p.disputes = append(p.disputes, d)
	}
	if share := strings.Split(e.Parameter, "."); len(share) == 3 && share[0] == "premium" && share[2] != "unemployment" &&
		p.Premium[payroll.InsuredKind(share[1])].ByProfile {
		e.Value = fault.Text{FA: "طبق مشخصات ثبت‌شدهٔ کارگاه", EN: "by the workshop's profile"}
	}
	p.entries = append(p.entries, e)
	return nil
}

// nameOfKey is the Persian of a key that is data: a pay component or a kind of insured person.
func nameOfKey(key string) string {
	if c, ok := componentOf(key); ok {
		return c.Info().Label
	}
	for _, v := range payroll.ColInsuredKind.Info().Values {
		if v.Code == key && len(v.Words) > 0 {
			return v.Words[0]
		}
	}
	return key
}

// shown writes a value for a person.
func shown(v any) fault.Text {
	switch v := v.(type) {
	case Amount:
		return same(v.Value.Grouped())
	case Rate:
		return same(v.Value.String())
	case Number:
		return same(fmt.Sprint(v.Value))
	case Codes:
		return same(v.Value.String())
	case Choice:
		return fault.Text{FA: choicesFA[v.Value], EN: v.Value}
	case Brackets:
		return v.shown()
	case Penalty:
		return fault.Text{FA: v.FA, EN: v.EN}
	}
	return fault.Text{}
}

func same(s string) fault.Text { return fault.Text{FA: s, EN: s} }

// shown writes the slices of a year by their upper limits.
func (b *Brackets) shown() fault.Text {
	var fa, en []string
	for i := range b.Slices {
		s := &b.Slices[i]
		if s.To == 0 {
			fa, en = append(fa, s.Rate.String()+" بالاتر از آن"), append(en, s.Rate.String()+" above")
			continue
		}
		fa, en = append(fa, s.Rate.String()+" تا "+s.To.Grouped()), append(en, s.Rate.String()+" to "+s.To.Grouped())
	}
	return fault.Text{FA: strings.Join(fa, "؛ "), EN: strings.Join(en, "; ")}
}

// choicesFA are the readings that a law file may choose, in Persian.
var choicesFA = map[string]string{
	string(payroll.Taxable): "مشمول مالیات", string(payroll.ExemptTax): "معاف از مالیات",
	string(payroll.DisputedInsurable): "مشمول بیمه گرفته می‌شود", string(payroll.DisputedTotal): "غیرمشمول بیمه گرفته می‌شود",
	string(payroll.Insurable): "مشمول بیمه", string(payroll.TotalOnly): "غیرمشمول بیمه، تنها در جمع کل", string(payroll.Absent): "بیرون از لیست بیمه",
	WelfareSplit:   "معافیت میان مزد و رفاهیات تقسیم می‌شود",
	NextWorkingDay: "نخستین روز کاری بعد",
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
