package intake

import (
	"errors"
	"io"
	"strconv"

	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// ErrNoNext says that a list has no month, or is one of changes only, so that no next month's follows from it.
var ErrNoNext = errors.New("intake: no list of the next month follows from this one")

// Next is a month's list carried into the month after it: who is still there, and what stays from month to month.
type Next struct {
	Header  payroll.Header
	Workers int // who are carried over
	Left    int // who are left out because they left

	lines   EachLine
	partial []cellOfLine // pay of a month that was not worked whole
	days    int          // of the month before
}

// EachLine gives a list's lines in their order until the function it is given says false. It may be asked again.
type EachLine func(yield func(*payroll.Line) bool) error

// NextOf carries a list forward. Persons, what is told once a worker, wages and continuous components stay; days, the
// month's own pay, deductions of the month, opening balances and leavers do not. The list is an original one of the next
// month, with the number it had. The lines are asked for now and once more when the list is written.
func NextOf(h *payroll.Header, lines EachLine) (*Next, error) {
	if h.Period.IsZero() || h.Kind == payroll.Change {
		return nil, ErrNoNext
	}
	n := &Next{Header: *h, lines: lines, days: h.Period.Days()}
	n.Header.Period, n.Header.Kind, n.Header.Replaces, n.Header.Reason = h.Period.Add(1), payroll.Original, "", ""
	if n.Header.TaxPeriod = h.TaxPeriod.Add(1); h.TaxPeriod.IsZero() || h.TaxPeriod == h.Period {
		n.Header.TaxPeriod = n.Header.Period
	}
	err := lines(func(l *payroll.Line) bool {
		if n.left(l) {
			n.Left++
			return true
		}
		if l.Days > 0 && l.Days < n.days {
			for c := range payroll.Components() {
				if n.stays(c, l) && l.Pay[c] != 0 && len(n.partial) < mostPartial {
					n.partial = append(n.partial, cellOfLine{n.Workers, c.Info().Key})
				}
			}
		}
		n.Workers++
		return true
	})
	return n, err
}

// mostPartial is how many cells are marked for another look; a sheet with more notes is no help to anyone.
const mostPartial = 2000

// left tells whether a worker is gone before the next month: the end date is the first day not worked.
func (n *Next) left(l *payroll.Line) bool {
	return !l.EndDate.IsZero() && !n.Header.Period.First().Before(l.EndDate)
}

// stays tells whether a component goes on. The month's wage follows from the days where a daily wage is told.
func (n *Next) stays(c payroll.Component, l *payroll.Line) bool {
	return c.Continuous() && (c != payroll.MonthlyWage || l.DailyWage == 0)
}

// ofTheMonth are the columns that say what happened in one month.
var ofTheMonth = payroll.SetOf(
	payroll.ColDays, payroll.ColAction, payroll.ColDeclaredPremium, payroll.ColDeclaredTax, payroll.ColNetPaid, payroll.ColOtherDeductions,
	payroll.ColYTDMonths, payroll.ColYTDTaxable, payroll.ColYTDTax, payroll.ColYTDEidi, payroll.ColYTDNonCash,
)

// carried is a worker's line in the next month.
func (n *Next) carried(l *payroll.Line, number int) *payroll.Line {
	next := *l
	next.Number, next.Given = number, l.Given.Without(ofTheMonth)
	next.Days, next.Action = 0, ""
	next.DeclaredPremium, next.DeclaredTax, next.NetPaid, next.OtherDeductions = 0, 0, 0, 0
	next.YTDMonths, next.YTDTaxable, next.YTDTax, next.YTDEidi, next.YTDNonCash = 0, 0, 0, 0, 0
	for c := range payroll.Components() {
		if !n.stays(c, l) {
			next.Pay[c] = 0
			next.Given = next.Given.Without(payroll.SetOf(c.Column()))
		}
	}
	if l.Days == 0 && l.Pay == (payroll.Pay{}) {
		next.ReportedTo = 0 // a row without pay goes to the SSO alone by itself; what this month brings is not known
	}
	return &next
}

// Write writes the list as a workbook of the template's form, every column in it.
func (n *Next) Write(w io.Writer) error {
	var failed error
	d := &drafted{header: &n.Header, columns: payroll.Columns(), blankDays: true}
	d.lines = func(yield func(int, *payroll.Line) bool) {
		i := 0
		failed = n.lines(func(l *payroll.Line) bool {
			if n.left(l) {
				return true
			}
			i++
			return yield(i-1, n.carried(l, i))
		})
	}
	d.sheets = []workbook.DraftSheet{guideSheet(
		"نفرات، مشخصات یک‌بارهٔ آنان، دستمزد و مزایای مستمر از لیست "+n.Header.Period.Add(-1).String()+" آمده است. کارکرد، اضافه‌کاری و دیگر پرداخت‌های همین ماه را بنویسید.",
		"کسانی که ترک کار کرده‌اند نیامده‌اند ("+strconv.Itoa(n.Left)+" نفر).",
		"خانهٔ زرد: ماه پیش کارکرد کامل نبوده و مبلغ مزایا شاید کامل نباشد؛ آن را بازبینی کنید.",
	)}
	var marks []workbook.CellMark
	for _, p := range n.partial {
		id := mustColumn(p.key)
		marks = append(marks, workbook.CellMark{
			Sheet: sheetList, Row: p.line + firstWorker, Column: int(id), Tone: workbook.Loud, Note: "ماه پیش کارکرد کامل نبوده است؛ مبلغ این ماه را بازبینی کنید.",
		})
	}
	if err := d.writeGuided(w, marks...); err != nil {
		return err
	}
	return failed
}
