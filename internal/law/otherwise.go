package law

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
)

// TaxDisputes are the disputed parameters that decide a tax, in the order of Params. Each has another value.
func (p *Params) TaxDisputes() []Dispute {
	return slices.DeleteFunc(slices.Clone(p.disputes), func(d Dispute) bool { return d.Lane != fault.Tax })
}

// Otherwise are the parameters with the other value of those disputed ones that are named as Dispute.Parameter names them; one that
// is not disputed in these months stays. p is not changed.
func (p *Params) Otherwise(parameters ...string) *Params {
	q := *p
	for _, d := range p.TaxDisputes() {
		if slices.Contains(parameters, d.Parameter) {
			_ = q.take(&d) // the book does not load where it fails
		}
	}
	return &q
}

// take gives one disputed parameter its other value.
func (p *Params) take(d *Dispute) error {
	switch {
	case d.Parameter == "deductible_share":
		rate, err := rateOf(d.Other)
		if err != nil {
			return err
		}
		p.DeductibleShare.Value = rate
	case d.Parameter == "leaver_pay":
		p.LeaverPay.Value = d.Other
		return p.checkChoices()
	case d.OfPay:
		if !taxTreatments[payroll.TaxTreatment(d.Other)] {
			return fmt.Errorf("unknown treatment %q", d.Other)
		}
		key := strings.TrimPrefix(d.Parameter, "tax_treatments.")
		p.TaxTreatments = maps.Clone(p.TaxTreatments)
		choice := p.TaxTreatments[key]
		choice.Value = d.Other
		p.TaxTreatments[key] = choice
		p.tax[d.Component] = payroll.TaxTreatment(d.Other)
	default:
		return errors.New("nothing takes another value of it")
	}
	return nil
}

// checkDisputes tells of a disputed parameter of the tax whose other value is missing or none.
func (p *Params) checkDisputes() error {
	for _, d := range p.TaxDisputes() {
		q := *p
		if err := q.take(&d); err != nil {
			return fmt.Errorf("%s: the other value: %w", d.Parameter, err)
		}
		if d.Other == d.Value {
			return fmt.Errorf("%s: the other value is the one taken", d.Parameter)
		}
	}
	return nil
}

// OtherValue is the value of the sources that differ, as Value shows the one taken; empty where the parameter has none.
func (e *Entry) OtherValue() fault.Text {
	if words, ok := choicesFA[e.Other]; ok {
		return fault.Text{FA: words, EN: e.Other}
	}
	return same(e.Other)
}
