package main

import (
	"fmt"
	"io"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
)

// lateLanes is what lateness costs with each organisation that the list goes to, of a list not sent by the day of --on.
type lateLanes struct {
	SSO *law.Lateness `json:"sso"`
	Tax *law.Lateness `json:"tax"`
}

// lateness reckons by the day of --on; without the flag nothing is told of deadlines.
func (r *reader) lateness(l *intake.Result) *lateLanes {
	if !r.options.TodayGiven {
		return nil
	}
	var late lateLanes
	if d, ok := r.book.SSODeadline(l.Header.Period, l.Header.ExemptFive); ok && addressed(l.Verdicts.SSO) {
		late.SSO = d.Lateness(heldOf(l, l.Verdicts.SSO), r.options.Today)
	}
	if d, ok := r.book.TaxDeadline(l.Header.TaxPeriod); ok && addressed(l.Verdicts.Tax) {
		late.Tax = d.Lateness(heldOf(l, l.Verdicts.Tax), r.options.Today)
	}
	return &late
}

// addressed tells whether a list goes to the organisation, or would once its faults are gone.
func addressed(v payroll.Verdict) bool { return v != payroll.NotAddressed && v != payroll.Unreadable }

// heldOf is a list that was not sent; its totals say nothing where it has errors.
func heldOf(l *intake.Result, v payroll.Verdict) (of law.Held) {
	if v.Passes() {
		of.Totals = &l.Totals
	}
	return of
}

// printLateness prints a lane's deadline, and a line for each penalty in rials.
func printLateness(w io.Writer, late *lateLanes) {
	out := printer{w}
	for _, of := range []struct {
		lane fault.Lane
		name string
		late *law.Lateness
	}{{fault.SSO, "تأمین اجتماعی", late.SSO}, {fault.Tax, "مالیات", late.Tax}} {
		l := of.late
		if l == nil {
			continue
		}
		out.line("  مهلت %s %s — %s deadline %s", of.name, l.Due, of.lane, l.Due)
		if l.Moved.FA != "" {
			out.line("          %s — %s", l.Moved.FA, l.Moved.EN)
		}
		if !l.Late {
			continue
		}
		for _, c := range l.Charges {
			months, estimate := "", ""
			if c.Monthly {
				months = fmt.Sprintf(" × %d ماه months", c.Months)
			}
			if c.Estimate {
				estimate = " · برآورد estimate"
			}
			out.line("          %s ریال rials: %s%s × %s (%s — %s)%s · %s", c.Amount.Grouped(), c.Rate, months, c.Of.Grouped(), c.Basis.FA, c.Basis.EN, estimate, c.ReferenceFA)
		}
		out.line("          %s — %s", l.Note.FA, l.Note.EN)
	}
}
