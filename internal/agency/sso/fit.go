package sso

import (
	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// fitted are the texts of a line and the field that holds each.
var fitted = []struct {
	col   payroll.ColumnID
	field string
	text  func(*payroll.Line) string
}{
	{payroll.ColFirstName, "DSW_FNAME", func(l *payroll.Line) string { return l.FirstName }},
	{payroll.ColLastName, "DSW_LNAME", func(l *payroll.Line) string { return l.LastName }},
	{payroll.ColFatherName, "DSW_DNAME", func(l *payroll.Line) string { return l.FatherName }},
	{payroll.ColIDNumber, "DSW_IDNO", func(l *payroll.Line) string { return l.IDNumber }},
	{payroll.ColIssuePlace, "DSW_IDPLC", func(l *payroll.Line) string { return l.IssuePlace }},
	{payroll.ColNationality, "DSW_NAT", nationality},
	{payroll.ColJobTitle, "DSW_OCP", func(l *payroll.Line) string { return l.JobTitle }},
}

// Fit reports letters without a byte (CELL-16), texts that are cut (CELL-15) and computed figures too long for their
// fields (CELL-14).
func (a Agency) Fit(l *payroll.Line, x *payroll.Assessed, report agency.LineReport) {
	if !l.Lanes().Has(fault.SSO) && !l.Hold {
		return
	}
	for i := range fitted {
		f := &fitted[i]
		if l.Faulty.Has(f.col) {
			continue
		}
		a.fitText(f.text(l), f.field, widthOf(worLayout, f.field), func(e *fault.Entry, given, expected string, with ...string) {
			report(e, f.col, given, expected, with...)
		})
	}
	money := [...]struct {
		field string
		value rial.Amount
		col   payroll.ColumnID
	}{
		{"DSW_MAH", x.MonthlyWage, payroll.ColDailyWage},
		{"DSW_MAZ", x.Benefits, payroll.ColDailyWage},
		{"DSW_TOTL", x.Total, payroll.ColDailyWage},
		{"DSW_SPOUSE", l.Pay[payroll.Marriage], payroll.Marriage.Column()},
	}
	for _, m := range money {
		if int64(m.value) >= tenTo(widthOf(worLayout, m.field)) {
			report(agency.Entry("CELL-14"), m.col, m.value.Grouped(), "", "field", m.field)
			return // one cell, one finding
		}
	}
}

// FitList reports the header's texts and totals that do not fit (LIST-07).
func (a Agency) FitList(h *payroll.Header, t *payroll.Totals, report agency.HeaderReport) {
	for _, f := range []struct {
		key   payroll.HeaderID
		field string
		text  string
	}{
		{payroll.KeyWorkshopName, "DSK_NAME", h.WorkshopName},
		{payroll.KeyEmployerName, "DSK_FARM", h.EmployerName},
		{payroll.KeyAddress, "DSK_ADRS", h.Address},
		{payroll.KeyDescription, "DSK_DISC", h.Description},
	} {
		if h.Faulty.Has(f.key) {
			continue
		}
		a.fitText(f.text, f.field, widthOf(karLayout, f.field), func(e *fault.Entry, given, expected string, with ...string) {
			report(e, f.key, given, expected, with...)
		})
	}
	if over := Overflow(a.asWritten(*t)); over != "" {
		report(agency.Entry("LIST-07"), payroll.KeyListNo, "", "", "field", over)
	}
}

func (a Agency) fitText(s, field string, width int, report func(e *fault.Entry, given, expected string, with ...string)) {
	if s == "" {
		return
	}
	if len(s) > 0 && isASCII(s) && len(s) <= width {
		return
	}
	text := clean(s)
	var buf [256]byte
	b, loss := a.Encoding.Append(buf[:0], text)
	if len(loss.Letters) > 0 {
		report(agency.Entry("CELL-16"), s, "", "letters", string(loss.Letters))
		return
	}
	if len(b) > width {
		short := cut(a.Encoding, text, width)
		report(agency.Entry("CELL-15"), s, short, "field", field)
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
