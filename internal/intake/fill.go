package intake

import (
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
)

// Defaults of list.md's column table. Only those of id_number and insured_kind are told (CELL-11).
const (
	iran           = "103" // the tax administration's code
	usual          = "1"   // no housing, no car, no exemption, an ordinary place, no exception
	taxSSOInsured  = "2"
	taxNotInsured  = "5"
	idIsCodeSince  = 1368 // those born since have the national code as the number of their birth certificate
	noIDNumber     = "0"
	defaultWhy     = "default"
	insuredNormal  = payroll.NormalKind
	insuredForeign = payroll.ForeignKind
)

// fill takes the defaults of the cells that were left blank, once the whole row is read.
func (r *lineReader) fill() {
	l := &r.line
	if l.Nationality == "" && !l.Faulty.Has(payroll.ColNationality) {
		l.Nationality = payroll.Iranian
	}
	if !l.Foreign() {
		r.usual(payroll.ColCitizenshipCountry, &l.CitizenshipCountry, iran)
		r.usual(payroll.ColResidenceCountry, &l.ResidenceCountry, iran)
	}
	r.usual(payroll.ColHousingUse, &l.HousingUse, usual)
	r.usual(payroll.ColCarUse, &l.CarUse, usual)
	r.usual(payroll.ColExemptionType, &l.ExemptionType, usual)
	r.usual(payroll.ColPlaceStatus, &l.PlaceStatus, usual)
	r.usual(payroll.ColBudgetException, &l.BudgetException, usual)
	if !l.Given.Has(payroll.ColMainPayer) {
		l.NotMainPayer = onlyFees(l)
	}
	l.ReportedTo = rule.Destination(l)
	insured := taxNotInsured
	if l.ReportedTo.Has(fault.SSO) {
		insured = taxSSOInsured
	}
	r.usual(payroll.ColInsuranceType, &l.InsuranceType, insured)
	r.fillKind()
	r.fillIDNumber()
}

// carry takes what an earlier accepted list told once of the worker. Only the tax lane asks for it.
func (r *lineReader) carry() error {
	if r.known.Carry == nil || !r.line.ReportedTo.Has(fault.Tax) || r.header.Kind == payroll.Change && (r.changes == nil || r.line.Action == actionCancel) {
		return nil
	}
	filled, err := r.known.Carry(&r.line)
	if err != nil {
		return err
	}
	for id := range payroll.ColumnCount {
		if filled.Has(id) {
			r.change(id, -1, "", carriedText(id, &r.line), "carried")
		}
	}
	return nil
}

func carriedText(id payroll.ColumnID, l *payroll.Line) string {
	switch v := id.Info().Field(l).(type) {
	case *string:
		return *v
	case *jalali.Date:
		return v.String()
	}
	return ""
}

// usual takes a silent default.
func (r *lineReader) usual(id payroll.ColumnID, to *string, value string) {
	if *to == "" && !r.line.Faulty.Has(id) {
		*to = value
	}
}

func (r *lineReader) fillKind() {
	l := &r.line
	if l.InsuredKind != "" || l.Faulty.Any(payroll.ColInsuredKind, payroll.ColNationality) {
		return
	}
	l.InsuredKind = insuredNormal
	if l.Foreign() {
		l.InsuredKind = insuredForeign
	}
	r.change(payroll.ColInsuredKind, -1, "", string(l.InsuredKind), defaultWhy)
}

func (r *lineReader) fillIDNumber() {
	l := &r.line
	if l.IDNumber != "" || l.Faulty.Any(payroll.ColIDNumber, payroll.ColBirthDate, payroll.ColNationalCode) {
		return
	}
	l.IDNumber = noIDNumber
	if l.BirthDate.Year >= idIsCodeSince && l.NationalCode != "" {
		l.IDNumber = string(l.NationalCode)
	}
	r.change(payroll.ColIDNumber, -1, "", l.IDNumber, defaultWhy)
}

// onlyFees tells whether the row holds fees, research or teaching and no other pay: then another employer is the main payer.
func onlyFees(l *payroll.Line) bool {
	if l.Pay[payroll.Fees]|l.Pay[payroll.Research]|l.Pay[payroll.Teaching] == 0 || l.Days > 0 {
		return false
	}
	for c, amount := range l.Pay {
		switch payroll.Component(c) {
		case payroll.Fees, payroll.Research, payroll.Teaching:
		default:
			if amount != 0 {
				return false
			}
		}
	}
	return true
}

// needs is whom the row needs a column for: what list.md says under "needed for".
func (r *lineReader) needs(id payroll.ColumnID) fault.Lane {
	l := &r.line
	lanes := id.Info().Needs & l.ReportedTo
	switch id {
	case payroll.ColNationalCode:
		if l.Foreign() {
			return 0
		}
	case payroll.ColForeignerCode:
		if !l.Foreign() || l.NationalCode != "" {
			return 0
		}
	case payroll.ColDailyWage:
		if l.Days == 0 {
			return 0
		}
	}
	return lanes
}
