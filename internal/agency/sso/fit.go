package sso

import (
	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// fitted are the words of a line and the field that holds each.
var fitted = withWidths(worLayout, []fittedText[payroll.Line]{
	{col: payroll.ColFirstName, field: "DSW_FNAME", text: func(l *payroll.Line) string { return l.FirstName }},
	{col: payroll.ColLastName, field: "DSW_LNAME", text: func(l *payroll.Line) string { return l.LastName }},
	{col: payroll.ColFatherName, field: "DSW_DNAME", text: func(l *payroll.Line) string { return l.FatherName }},
	{col: payroll.ColIDNumber, field: "DSW_IDNO", text: func(l *payroll.Line) string { return l.IDNumber }},
	{col: payroll.ColIssuePlace, field: "DSW_IDPLC", text: func(l *payroll.Line) string { return l.IssuePlace }},
	{col: payroll.ColNationality, field: "DSW_NAT", text: nationality},
	{col: payroll.ColJobTitle, field: "DSW_OCP", text: func(l *payroll.Line) string { return l.JobTitle }},
})

// fittedHeader are the words of the workshop sheet.
var fittedHeader = withWidths(karLayout, []fittedText[payroll.Header]{
	{key: payroll.KeyWorkshopName, field: "DSK_NAME", text: func(h *payroll.Header) string { return h.WorkshopName }},
	{key: payroll.KeyEmployerName, field: "DSK_FARM", text: func(h *payroll.Header) string { return h.EmployerName }},
	{key: payroll.KeyAddress, field: "DSK_ADRS", text: func(h *payroll.Header) string { return h.Address }},
	{key: payroll.KeyDescription, field: "DSK_DISC", text: func(h *payroll.Header) string { return h.Description }},
})

// fittedText is one text of a line (at col) or of the workshop sheet (at key).
type fittedText[T any] struct {
	col   payroll.ColumnID
	key   payroll.HeaderID
	field string
	width int
	text  func(*T) string
}

func withWidths[R, T any](layout []field[R], texts []fittedText[T]) []fittedText[T] {
	for i := range texts {
		texts[i].width = widthOf(layout, texts[i].field)
	}
	return texts
}

// The least figures of a line that do not fit.
var (
	beyondMoney    = rial.Amount(tenTo(widthOf(worLayout, "DSW_TOTL")))
	beyondMarriage = rial.Amount(tenTo(widthOf(worLayout, "DSW_SPOUSE")))
)

// Fit reports letters without a byte (CELL-16), texts that are cut (CELL-15) and computed figures too long for their
// fields (CELL-14), one finding a cell.
func (a Agency) Fit(l *payroll.Line, x *payroll.Assessed, report agency.LineReport) {
	if !l.ReportedTo.Has(payroll.SSO) {
		return
	}
	for i := range fitted {
		f := &fitted[i]
		s := f.text(l)
		if n, ok := letters(a.Encoding, s); ok && n <= f.width || l.Faulty.Has(f.col) {
			continue
		}
		if e, expected, with := a.unfit(s, f.field, f.width); e != nil {
			report(e, f.col, s, expected, with...)
		}
	}
	daily := l.DailyWage
	if a.Layout == V27 {
		daily = daily.Add(l.DailySeniority)
	}
	if max(daily, x.MonthlyWage, x.Benefits, x.Total) < beyondMoney && l.Pay[payroll.Marriage] < beyondMarriage {
		return
	}
	a.fitMoney(l, x, daily, report)
}

// fitMoney reports at the cell that makes a figure too long: the largest that is added up in it.
func (a Agency) fitMoney(l *payroll.Line, x *payroll.Assessed, daily rial.Amount, report agency.LineReport) {
	var told payroll.ColumnSet
	for _, m := range [...]struct {
		field string
		value rial.Amount
		least rial.Amount
		col   payroll.ColumnID
	}{
		{"DSW_SPOUSE", l.Pay[payroll.Marriage], beyondMarriage, payroll.Marriage.Column()},
		{"DSW_ROOZ", daily, beyondMoney, payroll.ColDailyWage},
		{"DSW_MAH", x.MonthlyWage, beyondMoney, payroll.ColDailyWage},
		{"DSW_MAZ", x.Benefits, beyondMoney, largest(l)},
		{"DSW_TOTL", x.Total, beyondMoney, largest(l)},
	} {
		if m.value < m.least || told.Has(m.col) || l.Faulty.Has(m.col) {
			continue
		}
		told.Add(m.col)
		report(agency.Entry("CELL-14"), m.col, m.value.Grouped(), "", "field", m.field)
		if m.least == beyondMoney {
			return // the longer sums follow from this one
		}
	}
}

// largest is the column of the line's largest pay that the SSO's sums take in.
func largest(l *payroll.Line) payroll.ColumnID {
	most := payroll.MonthlyWage
	for c := range payroll.ComponentCount {
		if t := c.Info().SSO; t != payroll.Absent && t != payroll.Deduction && l.Pay[c] > l.Pay[most] {
			most = c
		}
	}
	if l.Pay[most] == 0 {
		return payroll.ColDailyWage
	}
	return most.Column()
}

// FitList reports the header's texts and totals that do not fit (LIST-07).
func (a Agency) FitList(h *payroll.Header, t *payroll.Totals, report agency.HeaderReport) {
	for i := range fittedHeader {
		f := &fittedHeader[i]
		if h.Faulty.Has(f.key) {
			continue
		}
		s := f.text(h)
		if e, expected, with := a.unfit(s, f.field, f.width); e != nil {
			report(e, f.key, s, expected, with...)
		}
	}
	if over := a.overflow(&Kar{}, &sums{Totals: *t}); over != "" {
		report(agency.Entry("LIST-07"), payroll.KeyListNo, "", "", "field", over)
	}
}

// unfit tells what is wrong with a text: the entry and its words, or nil.
func (a Agency) unfit(s, field string, width int) (e *fault.Entry, expected string, with []string) {
	text := clean(s)
	b, loss := a.Encoding.Encode(text)
	switch {
	case len(loss.Letters) > 0:
		return agency.Entry("CELL-16"), "", []string{"letters", string(loss.Letters)}
	case len(b) > width:
		return agency.Entry("CELL-15"), cut(a.Encoding, text, width), []string{"field", field}
	}
	return nil, "", nil
}
