package rule

import (
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

// dayChecks is what the insured days must satisfy; they are the SSO's only.
func dayChecks() []Check {
	days := payroll.SetOf(payroll.ColDays)
	between := payroll.SetOf(payroll.ColDays, payroll.ColStartDate, payroll.ColEndDate)
	return []Check{
		{
			Entry: fault.Entry{
				Code: "DAYS-01", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "cell", Field: "days",
				Message: fault.Text{
					FA: "این ماه {expected} روز دارد؛ روزهای کارکرد {given} نوشته شده است",
					EN: "this month has {expected} days; {given} days are given",
				},
				Fix: fault.Text{
					FA: "روزهای کارکرد را حداکثر به اندازه روزهای ماه بنویسید؛ اضافه‌کاری در ستون خودش می‌آید.",
					EN: "Write at most the days of the month; overtime has its own column.",
				},
				Effect: stopsSSO,
			},
			Rows: fault.SSO, Reads: days,
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if m := j.header.Period; !m.IsZero() && l.Days > m.Days() {
					j.foundDays(l, m.Days(), workedDays(m, l))
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "DAYS-02", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "row", Field: "days",
				Message: fault.Text{
					FA: "بین شروع به کار و ترک کار در این ماه {expected} روز است؛ روزهای کارکرد {given} نوشته شده است{hint_fa}",
					EN: "between start and leaving this month has {expected} days; {given} are given{hint_en}",
				},
				Fix: fault.Text{
					FA: "روزها یا تاریخ‌ها را درست کنید. تاریخ ترک کار اولین روزی است که شخص سر کار نیامده؛ " +
						"کسی که همه ماه کار کرده و رفته، در لیست ماه بعد با صفر روز و تاریخ ترک روز اول همان ماه می‌آید.",
					EN: "Correct days or dates. The leaving date is the first day not worked; who worked the whole month and left " +
						"stands in the next month's list with 0 days and that month's first day.",
				},
				Effect: stopsSSO,
			},
			Rows: fault.SSO, Reads: between,
			Find: daysBetween,
		},
		{
			Entry: fault.Entry{
				Code: "DAYS-03", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "row", Field: "days",
				Message: fault.Text{
					FA: "روزهای کارکرد صفر است ولی مزد یا مزایای مشمول بیمه دارد ({name_fa}: {amount} ریال)",
					EN: "0 days, but pay that is insurable ({name_en}: {amount} rials)",
				},
				Fix: fault.Text{
					FA: "روزهای کارکرد را بنویسید، یا اگر در این ماه کار نکرده مبلغ را در ستون معوق یا تسویه خودش بیاورید.",
					EN: "Write the days, or move the amount to its own column of arrears or settlement.",
				},
				Effect:   stopsSSO,
				Citation: "قانون تأمین اجتماعی، ماده ۳۹",
			},
			Rows: fault.SSO, Law: fault.SSO, Reads: days.Union(insuredPay),
			Find: paidWithoutDays,
		},
		{
			Entry: fault.Entry{
				Code: "DAYS-05", Class: fault.Register, Severity: fault.Error, Lane: fault.SSO, Scope: "row", Field: "days",
				Message: fault.Text{
					FA: "روزهای این شخص در همه لیست‌های این ماه کارگاه {given} روز می‌شود ({other} روز در لیست‌های دیگر)؛ ماه {expected} روز دارد",
					EN: "this person's days in all of the workshop's lists of the month come to {given} ({other} of them in other lists); the month has {expected}",
				},
				Fix: fault.Text{
					FA: "روزها را در یکی از لیست‌ها کم کنید؛ لیست متمم برای مبلغ اضافه می‌تواند صفر روز داشته باشد.",
					EN: "Reduce the days in one list; a supplementary row for an amount alone may have 0 days.",
				},
				Effect:   stopsSSO,
				Citation: "قانون تأمین اجتماعی، ماده ۳۹",
			},
			Rows: fault.SSO, History: true, Reads: identityCells.Union(days),
			Find: daysOfTheMonth,
		},
		{
			Entry: fault.Entry{
				Code: "DAYS-04", Class: fault.Offline, Severity: fault.Warning, Lane: fault.SSO, Scope: "row", Field: "days",
				Message: fault.Text{
					FA: "{given} روز از {expected} روز ماه، بدون شروع یا ترک کار در این ماه",
					EN: "{given} of the month's {expected} days, without a start or leaving in it",
				},
				Fix: fault.Text{
					FA: "اگر شخص در این ماه آمده یا رفته، تاریخ شروع یا ترک کار را بنویسید؛ برای غیبت یا مرخصی بدون حقوق کاری لازم نیست.",
					EN: "If the person came or left this month, write the date; for absence or unpaid leave nothing is to be done.",
				},
				Effect: warns,
			},
			Rows: fault.SSO, Reads: between,
			Find: fewerDays,
		},
	}
}

func (j *Judge) foundDays(l *payroll.Line, expected int, suggested string, with ...string) {
	j.Report(&j.check.Entry, l, payroll.ColDays, number(l.Days), number(expected), suggested, with...)
}

// span counts the days d of the month with max(start, first) <= d < min(end, first of next month).
func span(m jalali.Month, start, end jalali.Date) int {
	from, to := 1, m.Days()+1
	if !start.IsZero() && start.InMonth() == m {
		from = start.Day
	}
	switch {
	case end.IsZero() || m.Before(end.InMonth()):
	case end.InMonth() == m:
		to = end.Day
	default:
		to = 1
	}
	return max(to-from, 0)
}

func daysBetween(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	m := j.header.Period
	if m.IsZero() {
		return
	}
	worked := span(m, l.StartDate, l.EndDate)
	if l.Days <= worked {
		return
	}
	fa, en, suggested := "", "", workedDays(m, l)
	if l.Days == worked+1 && l.EndDate.InMonth() == m {
		fa = "؛ شاید آخرین روز کار را به جای اولین روز نیامدن نوشته‌اید"
		en = "; perhaps the last day worked was written instead of the first day not worked"
		suggested = ""
	}
	j.foundDays(l, worked, suggested, "hint_fa", fa, "hint_en", en)
}

// workedDays are the days between start and leaving in the month, to be suggested; blank where a date could not be read, or
// there are none.
func workedDays(m jalali.Month, l *payroll.Line) string {
	if n := span(m, l.StartDate, l.EndDate); n > 0 && !l.Faulty.Any(payroll.ColStartDate, payroll.ColEndDate) {
		return number(n)
	}
	return ""
}

// paidDays are the days that the payslip's monthly wage is paid for, where it is a whole number of daily wages.
func (j *Judge) paidDays(l *payroll.Line) string {
	daily, monthly := l.DailyWage.Add(l.DailySeniority), l.Pay[payroll.MonthlyWage]
	if daily <= 0 || l.Faulty.Any(payroll.ColDailyWage, payroll.ColDailySeniority, payroll.MonthlyWage.Column()) {
		return ""
	}
	for n := 1; n <= span(j.header.Period, l.StartDate, l.EndDate); n++ {
		if daily.TimesInt(n) == monthly {
			return number(n)
		}
	}
	return ""
}

// paidWithoutDays leaves alone a supplementary row of a person who may already be in the month; only a register knows.
func paidWithoutDays(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	if l.Days != 0 || !l.Given.Has(payroll.ColDays) || j.addsToMonth(l) {
		return
	}
	for c, amount := range l.Pay {
		if amount == 0 {
			continue
		}
		switch c := payroll.Component(c); j.law.SSO(c) {
		case payroll.Wage, payroll.Insurable, payroll.DisputedInsurable:
			name := nameOf(c.Column())
			j.Report(&j.check.Entry, l, payroll.ColDays, "0", "", j.paidDays(l), "name_fa", name.FA, "name_en", name.EN, "amount", amount.Grouped())
			return
		}
	}
}

// daysOfTheMonth counts what the workshop's other lists hold too. What is left of the month is suggested, where any is.
func daysOfTheMonth(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	k, ok := l.PersonKey()
	if m := j.header.Period; !ok || m.IsZero() || l.Hold || l.Days == 0 {
		return
	}
	other, month := j.History.SameMonth(k).Days, j.header.Period.Days()
	if other == 0 || l.Days+other <= month {
		return
	}
	suggested := ""
	if other < month {
		suggested = number(month - other)
	}
	j.Report(&j.check.Entry, l, payroll.ColDays, number(l.Days+other), number(month), suggested, "other", number(other))
}

// addsToMonth tells a row that may add to what an earlier list of the month already holds of the person: its days and wage
// stand there.
func (j *Judge) addsToMonth(l *payroll.Line) bool {
	return j.header.Adds() && (j.Earlier == nil || j.Earlier(l.Person()).InsuredDays > 0)
}

func fewerDays(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	m := j.header.Period
	if m.IsZero() || l.Days == 0 || l.Days >= m.Days() || l.StartDate.InMonth() == m || l.EndDate.InMonth() == m || j.addsToMonth(l) {
		return
	}
	j.foundDays(l, m.Days(), "")
}
