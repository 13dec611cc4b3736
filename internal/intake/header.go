package intake

import (
	"errors"
	"fmt"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
	"fehrest/internal/workbook"
)

// headerReader reads the values of the workshop sheet, whatever the format they came in.
type headerReader struct {
	valueReader
	header  *payroll.Header
	sheet   string // where values belong: the sheet's name
	json    bool
	places  [payroll.HeaderCount]fault.Place
	pending []headerFinding
	noted   map[*fault.Entry]int
}

// headerFinding waits until the judge knows the header.
type headerFinding struct {
	entry                      *fault.Entry
	key                        payroll.HeaderID
	place                      fault.Place // where the key is none of the sheet's
	placed                     bool
	given, expected, suggested string
	with                       []string
}

// set reads one value.
func (r *headerReader) set(key payroll.HeaderID, c *cellValue, at fault.Place) {
	x := r.read(&headerRules[key], c, nil)
	r.places[key] = at
	if x.blank && x.entry == nil {
		return
	}
	r.header.Given.Add(key)
	if x.entry != nil {
		r.header.Faulty.Add(key)
		f := headerFinding{entry: x.entry, key: key, given: x.given(c), expected: x.expected, suggested: x.suggested, with: x.with}
		switch x.entry {
		case codeCell02:
			f.with = []string{"cell", at.Cell}
		case codeCell07:
			f.with = []string{"hidden", hiddenMarks(c.Text)}
		}
		r.pending = append(r.pending, f)
		return
	}
	if x.changed {
		r.pending = append(r.pending, headerFinding{
			entry: codeCell11, key: key, given: x.given(c), expected: x.after(headerRules[key].form), with: changeWords[""],
		})
	}
	switch p := key.Info().Field(r.header).(type) {
	case *string:
		if *p = x.code; x.code == "" {
			*p = string(x.text)
		}
	case *jalali.Month:
		*p = x.month
	case *bool:
		*p = x.code == "yes"
	}
}

// note keeps a finding that stands at no key. Those that no report would list are only counted: a file may hold a million.
func (r *headerReader) note(e *fault.Entry, p fault.Place, given, expected string, with ...string) {
	if r.noted == nil {
		r.noted = map[*fault.Entry]int{}
	}
	if r.noted[e]++; r.noted[e] > fault.Listed {
		return
	}
	r.pending = append(r.pending, headerFinding{entry: e, place: p, placed: true, given: given, expected: expected, with: with})
}

// report hands the findings to the judge. The key's value is left out of the header already.
func (r *headerReader) report(j *rule.Judge) {
	for _, f := range r.pending {
		e := f.entry
		if !f.placed {
			f.place = r.place(f.key)
			if f.key == payroll.KeyExemptFive {
				e = ofLane(e, fault.SSO) // the exemption is the Social Security Organization's alone
			}
		}
		j.ReportPlace(e, f.place, f.given, f.expected, f.suggested, f.with...)
	}
	for e, n := range r.noted {
		for range n - fault.Listed {
			j.ReportPlace(e, fault.Place{}, "", "", "")
		}
	}
}

// ofLane is the entry for one organisation's verdict only.
func ofLane(e *fault.Entry, lane fault.Lane) *fault.Entry {
	x := *e
	x.Lane = lane
	return &x
}

// place is where a key's value stands or belongs.
func (r *headerReader) place(key payroll.HeaderID) fault.Place {
	p := r.places[key]
	if p.Sheet == "" {
		p.Sheet = r.sheet
	}
	p.Field = key.Info().Key
	if p.Cell == "" && r.json {
		p.Cell = "/" + memberWorkshop + "/" + p.Field
	}
	return p
}

// lend takes from another header what this one was not given.
func lend(h, from *payroll.Header) {
	if from == nil {
		return
	}
	for key := range payroll.HeaderCount {
		if h.Given.Has(key) || !from.Given.Has(key) || from.Faulty.Has(key) {
			continue
		}
		switch to := key.Info().Field(h).(type) {
		case *string:
			*to = *key.Info().Field(from).(*string)
		case *jalali.Month:
			*to = *key.Info().Field(from).(*jalali.Month)
		case *bool:
			*to = *key.Info().Field(from).(*bool)
		}
	}
}

// headerText is a value of the header as the workshop sheet writes it.
func headerText(key payroll.HeaderID, h *payroll.Header) string {
	switch p := key.Info().Field(h).(type) {
	case *string:
		return *p
	case *jalali.Month:
		return p.String()
	}
	return ""
}

// firstList is the number of the list of a workshop that sends one a month.
const firstList = "01"

// complete takes the silent defaults of the header.
func complete(h *payroll.Header) {
	if h.ContractRow == "" && !h.Faulty.Has(payroll.KeyContractRow) {
		h.ContractRow = payroll.OwnContract
	}
	if h.ListNo == "" && !h.Faulty.Has(payroll.KeyListNo) {
		h.ListNo = firstList
	}
	if h.Kind == "" && !h.Faulty.Has(payroll.KeyKind) {
		h.Kind = payroll.Original
	}
	if h.TaxPeriod.IsZero() && !h.Faulty.Has(payroll.KeyTaxPeriod) {
		h.TaxPeriod = h.Period
	}
}

// missing yields the keys that a list of this kind cannot be without.
func missing(h *payroll.Header) (keys []payroll.HeaderID) {
	for key := range payroll.HeaderCount {
		required := key.Info().Required || key == payroll.KeyReplaces && (h.Kind == payroll.Replacement || h.Kind == payroll.Change)
		if required && !h.Faulty.Has(key) && isZero(key.Info().Field(h)) {
			keys = append(keys, key)
		}
	}
	return keys
}

func isZero(field any) bool {
	switch p := field.(type) {
	case *string:
		return *p == ""
	case *jalali.Month:
		return p.IsZero()
	}
	return false
}

// workshopSheet reads label and value of one row of the sheet «کارگاه».
func (r *headerReader) row(row *workbook.Row) {
	var label, value *cellValue
	for i := range row.Cells {
		switch c := &row.Cells[i]; c.Column {
		case 0:
			label = c
		case 1:
			value = c
		}
	}
	if label == nil || label.Kind != workbook.Text || !filled(label) {
		return
	}
	m, known := workshopWords[normal(string(label.Text))]
	at := fault.Place{Sheet: r.sheet, Row: row.Number, Column: workbook.ColumnName(1), Cell: workbook.CellName(1, row.Number)}
	switch {
	case !known && value != nil && filled(value):
		at.Column, at.Cell = workbook.ColumnName(0), workbook.CellName(0, row.Number)
		r.note(codeSheet05, at, string(label.Text), "")
	case !known:
	case r.header.Given.Has(m.header) && value != nil && filled(value):
		first := r.places[m.header]
		r.note(codeSheet04, at, "", "", "header_fa", m.header.Info().Label, "header_en", m.header.Info().Key, "first", first.Cell, "second", at.Cell)
	case value == nil:
		r.places[m.header] = at
	default:
		r.set(m.header, value, at)
	}
}

// ErrHeader says that a header given beside the file has a key or a value that is none.
var ErrHeader = errors.New("intake: unknown key or value of the workshop")

// ParseHeader reads a header given beside the file, public keys to values in the forms of the workshop sheet.
func ParseHeader(values map[string]string) (*payroll.Header, error) {
	h := &payroll.Header{}
	r := headerReader{header: h}
	for name, value := range values {
		key, ok := payroll.HeaderOf(name)
		if !ok {
			return nil, fmt.Errorf("%w: %s", ErrHeader, name)
		}
		r.set(key, &cellValue{Kind: workbook.Text, Text: []byte(value), HasValue: true}, fault.Place{})
		if h.Faulty.Has(key) {
			return nil, fmt.Errorf("%w: %s", ErrHeader, name)
		}
	}
	return h, nil
}
