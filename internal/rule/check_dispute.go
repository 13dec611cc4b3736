package rule

import (
	"fehrest/internal/fault"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
)

// disputes are the law's disputed readings that findings name, prepared once a list.
type disputes struct {
	sso    []disputedPay // insurability (WAGE-06)
	tax    []disputedPay // taxability (TAX-04)
	leaver []disputedPay // taxability for one who stays
	share  bool          // the deductible share of the worker's premium
}

// disputedPay is a component whose treatment is disputed, and what was taken.
type disputedPay struct {
	component payroll.Component
	name      fault.Text
	source    law.Source
	taken     fault.Text
}

func disputesOf(sso, tax *law.Params) (d disputes) {
	for c := range payroll.Components() {
		if sso == nil {
			break
		}
		taken := fault.Text{FA: "مشمول گرفته شد", EN: "is taken as insurable"}
		switch sso.SSO(c) {
		case payroll.DisputedTotal:
			taken = fault.Text{FA: "غیرمشمول گرفته شد", EN: "is taken as not insurable"}
		case payroll.DisputedInsurable:
		default:
			continue
		}
		d.sso = append(d.sso, disputedPay{c, nameOf(c.Column()), sso.SSOTreatments[c.Info().Key].Source, taken})
	}
	if tax == nil {
		return d
	}
	for _, x := range tax.Disputes() {
		if x.OfPay && x.Lane == fault.Tax {
			d.tax = append(d.tax, disputedPay{x.Component, nameOf(x.Component.Column()), x.Source, taxed(tax.Tax(x.Component))})
		}
	}
	if tax.LeaverPay.Verification == law.Disputed {
		for c := range payroll.Components() {
			if tax.Tax(c) == payroll.LeaverTax {
				d.leaver = append(d.leaver, disputedPay{c, nameOf(c.Column()), tax.LeaverPay.Source, taxed(payroll.TaxTreatment(tax.LeaverPay.Value))})
			}
		}
	}
	d.share = tax.DeductibleShare.Verification == law.Disputed
	return d
}

func taxed(t payroll.TaxTreatment) fault.Text {
	if t == payroll.ExemptTax {
		return fault.Text{FA: "معاف گرفته شد", EN: "is taken as exempt"}
	}
	return fault.Text{FA: "مشمول مالیات گرفته شد", EN: "is taken as taxable"}
}

// gatherPay adds a row to the finding of a disputed component that it was paid.
func (j *Judge) gatherPay(l *payroll.Line, d *disputedPay) {
	if l.Pay[d.component] == 0 || l.Faulty.Has(d.component.Column()) {
		return
	}
	if g := j.gather(l, d.component.Column()); g != nil {
		g.name, g.source, g.hint = d.name, d.source, d.taken
	}
}
