package rule

import (
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

// dateChecks is what the dates of a line say of each other and of the period.
func dateChecks() []Check {
	return []Check{
		{
			Entry: fault.Entry{
				Code: "DATE-05", Class: fault.Offline, Severity: fault.Warning, Lane: fault.Both, Scope: "cell", Field: "birth_date",
				Message: fault.Text{FA: "تاریخ تولد {given} محتمل نیست: {hint_fa}", EN: "birth date {given} is unlikely: {hint_en}"},
				Fix: fault.Text{
					FA: "تاریخ تولد را با شناسنامه مقایسه کنید؛ به کار گماردن کودکان ممنوع است.",
					EN: "Compare the date with the birth certificate; employing children is forbidden.",
				},
				Effect: warns,
			},
			Rows: fault.Both, Law: fault.SSO, Reads: payroll.SetOf(payroll.ColBirthDate),
			Find: likelyAge,
		},
		{
			Entry: fault.Entry{
				Code: "DATE-04", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "row", Field: "start_date",
				Message: fault.Text{
					FA: "تاریخ شروع به کار {given} بعد از ماه لیست ({expected}) است",
					EN: "start date {given} is after the list's month ({expected})",
				},
				Fix: fault.Text{
					FA: "تاریخ شروع را درست کنید، یا این شخص را در لیست ماهی که کارش شروع شده بیاورید.",
					EN: "Correct the start date, or put the person into the list of the month in which he starts.",
				},
				Effect: stopsBoth,
			},
			Rows: fault.Both, Reads: payroll.SetOf(payroll.ColStartDate),
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if m := j.header.Period; !m.IsZero() && !l.StartDate.IsZero() && m.Before(l.StartDate.InMonth()) {
					j.found(l, payroll.ColStartDate, l.StartDate.String(), m.String())
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "DATE-03", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "row", Field: "end_date",
				Message: fault.Text{
					FA: "تاریخ ترک کار {given} قبل از تاریخ شروع به کار {start} است",
					EN: "leaving date {given} is before start date {start}",
				},
				Fix: fault.Text{
					FA: "یکی از دو تاریخ اشتباه است؛ تاریخ ترک کار اولین روزی است که شخص سر کار نیامده.",
					EN: "One of the two dates is wrong; the leaving date is the first day not worked.",
				},
				Effect: stopsBoth,
			},
			Rows: fault.Both, Reads: payroll.SetOf(payroll.ColStartDate, payroll.ColEndDate),
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if !l.StartDate.IsZero() && !l.EndDate.IsZero() && l.EndDate.Before(l.StartDate) {
					j.found(l, payroll.ColEndDate, l.EndDate.String(), "", "start", l.StartDate.String())
				}
			},
		},
	}
}

func likelyAge(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	born, day := l.BirthDate, j.header.Period.Last()
	if born.IsZero() {
		return
	}
	age, bound := ageOn(born, day), j.law.YoungestWorker
	switch {
	case age > j.law.OldestWorker.Value:
		bound = j.law.OldestWorker
	case age >= bound.Value:
		return
	}
	fa, en := number(age)+" ساله در پایان ماه", "aged "+number(age)+" at the end of the month"
	if day.Before(born) || !j.Today.IsZero() && j.Today.Before(born) {
		fa, en = "در آینده است", "it is in the future"
	}
	j.put(finding{
		entry: &j.check.Entry, severity: fault.Warning, line: l, col: payroll.ColBirthDate, given: born.String(),
		citation: by(bound.Source), with: []string{"hint_fa", fa, "hint_en", en},
	})
}

// ageOn is the full years from birth to the day.
func ageOn(born, day jalali.Date) int {
	age := day.Year - born.Year
	if day.Month < born.Month || day.Month == born.Month && day.Day < born.Day {
		age--
	}
	return age
}
