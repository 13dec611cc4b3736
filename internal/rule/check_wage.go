package rule

import (
	"slices"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// wageChecks is what the daily wage and the lawful allowances must satisfy.
func wageChecks() []Check {
	daily := payroll.SetOf(payroll.ColDays, payroll.ColDailyWage, payroll.ColInsuredKind)
	fullMonth := payroll.SetOf(payroll.ColDays, payroll.ColInsuredKind, payroll.ColNationality, payroll.HousingGrocery.Column())
	payByOthers := fault.Text{
		FA: "مبلغ را با فیش حقوق مقایسه کنید؛ اگر در ستون دیگری آمده، آن را در ستون خودش بنویسید.",
		EN: "Compare with the payslip; if the amount stands in another column, move it to its own.",
	}
	return []Check{
		{
			Entry: fault.Entry{
				Code: "WAGE-01", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "cell", Field: "daily_wage",
				Message: fault.Text{
					FA: "دستمزد روزانه {wage} ریال از حداقل دستمزد روزانه {month} ({amount} ریال) کمتر است{hint_fa}",
					EN: "daily wage {wage} rials is below the minimum for {month} ({amount} rials){hint_en}",
				},
				Fix: fault.Text{
					FA: "دستمزد روزانه را دست‌کم به حداقل برسانید و به ریال بنویسید. برای کار نیمه‌وقت روزهای کارکرد را کم کنید، نه دستمزد روزانه را.",
					EN: "Raise the daily wage to the minimum at least, in rials. For part-time work reduce the days, not the daily wage.",
				},
				Effect:   stopsSSO,
				Citation: "قانون کار، ماده ۴۱",
			},
			Rows: fault.SSO, Law: fault.SSO, Reads: daily,
			Find: belowMinimum,
		},
		{
			Entry: fault.Entry{
				Code: "WAGE-05", Class: fault.Offline, Severity: fault.Warning, Lane: fault.SSO, Scope: "cell", Field: "daily_wage",
				Message: fault.Text{
					FA: "دستمزد روزانه {wage} ریال ده برابر میانه لیست ({amount} ریال) یا بیشتر است؛ آیا مبلغ ماهانه نوشته شده؟",
					EN: "daily wage {wage} rials is ten or more times the list's median ({amount} rials); is it a monthly amount?",
				},
				Fix: fault.Text{
					FA: "واحد مبلغ را بررسی کنید: دستمزد یک روز، به ریال. اگر درست است کاری لازم نیست.",
					EN: "Check the unit: one day's wage, in rials. If it is right, nothing is to be done.",
				},
				Effect: warns,
			},
			Rows: fault.SSO, Reads: payroll.SetOf(payroll.ColDays, payroll.ColDailyWage),
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if l.Days > 0 && !l.Hold && l.Given.Has(payroll.ColDailyWage) {
					j.wages = append(j.wages, wageOfRow{l.DailyWage, l.Row})
				}
			},
			Close: farAboveMedian,
		},
		{
			Entry: fault.Entry{
				Code: "WAGE-03", Class: fault.Offline, Severity: fault.Warning, Lane: fault.SSO, Scope: "cell", Field: "housing",
				Message: fault.Text{
					FA: "{name_fa} {given_fa} است و از رقم مصوب {month} ({amount} ریال) کمتر است{hint_fa}",
					EN: "{name_en} is {given_en}, below the allowance of {month} ({amount} rials){hint_en}",
				},
				Fix:    payByOthers,
				Effect: warns,
			},
			Rows: fault.SSO, Law: fault.SSO, Reads: fullMonth.Union(payroll.SetOf(payroll.Housing.Column())),
			Find: belowHousing,
		},
		{
			Entry: fault.Entry{
				Code: "WAGE-04", Class: fault.Offline, Severity: fault.Warning, Lane: fault.SSO, Scope: "cell", Field: "grocery",
				Message: fault.Text{
					FA: "{name_fa} {given_fa} است و از رقم مصوب {month} ({amount} ریال) کمتر است{hint_fa}",
					EN: "{name_en} is {given_en}, below the allowance of {month} ({amount} rials){hint_en}",
				},
				Fix:    payByOthers,
				Effect: warns,
			},
			Rows: fault.SSO, Law: fault.SSO, Reads: fullMonth.Union(payroll.SetOf(payroll.Grocery.Column())),
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if allowancesDue(j, l) && !l.Given.Has(payroll.HousingGrocery.Column()) {
					j.belowAllowance(l, payroll.Grocery, l.Pay[payroll.Grocery], j.law.Grocery)
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "ARR-01", Class: fault.Offline, Severity: fault.Warning, Lane: fault.SSO, Scope: "row", Field: "arrears_continuous",
				Message: fault.Text{
					FA: "«{name_fa}» ({amount} ریال) در ماه خودش مشمول بیمه است و در این لیست بیمه نمی‌شود",
					EN: "{name_en} ({amount} rials) is insurable in its own month, and bears no premium in this list",
				},
				Fix: fault.Text{
					FA: "برای ماهی که معوقه به آن مربوط است لیست متمم بفرستید.",
					EN: "Send a supplementary list for the month that the arrears belong to.",
				},
				Effect: fault.Text{
					FA: "هشدار است؛ تا لیست متمم نرسد حق بیمه معوقه پرداخت‌نشده می‌ماند.",
					EN: "A warning; until the supplementary list comes, the premium on the arrears stays unpaid.",
				},
				Citation: "قانون تأمین اجتماعی، مواد ۲۸ و ۳۹",
			},
			Rows: fault.SSO,
			Find: arrears,
		},
	}
}

// belowMinimum binds days worked, of all but apprentices.
func belowMinimum(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	least := j.law.MinimumDailyWage
	if l.Days == 0 || l.DailyWage >= least.Value || !l.Given.Has(payroll.ColDailyWage) || insuredKind(l) == payroll.ApprenticeKind {
		return
	}
	v := decided{severity: fault.Error, given: digits(l.DailyWage), expected: least.Value, source: least.Source}
	hint := fault.Text{}
	if inRials := l.DailyWage.TimesInt(10); inRials >= least.Value {
		hint = fault.Text{FA: "؛ شاید به تومان نوشته‌اید", EN: "; perhaps it was written in tomans"}
		switch before, ok := j.Book.On(j.law.From.Add(-1)); {
		case ok && l.DailyWage >= before.MinimumDailyWage.Value:
			from := j.law.From.String()
			hint = fault.Text{
				FA: "؛ شاید مزد پیش از " + from + " است که افزایش نیافته، یا به تومان نوشته‌اید",
				EN: "; perhaps it is the wage from before " + from + ", not raised, or was written in tomans",
			}
		case inTomans(l.DailyWage, least.Value):
			v.suggested = digits(inRials)
		}
	}
	j.foundBy(l, payroll.ColDailyWage, v, "wage", l.DailyWage.Grouped(), "month", j.lawMonth().String(), "hint_fa", hint.FA, "hint_en", hint.EN)
}

// inTomans tells whether ten times a wage below the least lies nearer to the least than the wage does, as ratios: half a
// wage is rather part-time work than five times the wage in tomans.
func inTomans(wage, least rial.Amount) bool { return 10*wage*wage < least*least }

// lawMonth is the month whose law judges the list.
func (j *Judge) lawMonth() jalali.Month {
	if !j.LawOf.IsZero() {
		return j.LawOf
	}
	return j.header.Period
}

// insuredKind is the stated kind, or what a blank one means.
func insuredKind(l *payroll.Line) payroll.InsuredKind {
	switch {
	case l.InsuredKind != "":
		return l.InsuredKind
	case l.Foreign():
		return payroll.ForeignKind
	}
	return payroll.NormalKind
}

// allowancesDue tells whether the allowances are due whole.
func allowancesDue(j *Judge, l *payroll.Line) bool {
	return l.Days == j.header.Period.Days() && insuredKind(l) == payroll.NormalKind
}

// belowHousing judges the housing allowance, or both allowances where one column holds them.
func belowHousing(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	if !allowancesDue(j, l) {
		return
	}
	if !l.Given.Has(payroll.HousingGrocery.Column()) {
		j.belowAllowance(l, payroll.Housing, l.Pay[payroll.Housing], j.law.Housing)
		return
	}
	if l.Faulty.Has(payroll.Grocery.Column()) {
		return // the rest may stand there
	}
	both := law.Amount{Value: j.law.Housing.Value + j.law.Grocery.Value, Source: j.law.Housing.Source}
	if j.law.Grocery.Verification == law.Disputed {
		both.Source = j.law.Grocery.Source
	}
	j.belowAllowance(l, payroll.HousingGrocery, l.Pay[payroll.HousingGrocery]+l.Pay[payroll.Housing]+l.Pay[payroll.Grocery], both)
}

func (j *Judge) belowAllowance(l *payroll.Line, c payroll.Component, paid rial.Amount, least law.Amount) {
	if paid >= least.Value || j.MissingColumns.Has(c.Column()) {
		return
	}
	v := decided{severity: fault.Warning, expected: least.Value, source: least.Source}
	givenFA, givenEN, fa, en := "خالی", "blank", "", ""
	if l.Given.Has(c.Column()) {
		v.given = digits(paid)
		givenFA, givenEN = paid.Grouped()+" ریال", paid.Grouped()+" rials"
	}
	if least.Verification == law.Disputed {
		v.severity = fault.Info
		fa, en = "؛ منابع درباره این رقم اختلاف دارند", "; sources dispute this value"
	}
	j.foundBy(l, c.Column(), v, "name_fa", c.Info().Label, "name_en", c.Info().Key, "given_fa", givenFA, "given_en", givenEN,
		"month", j.lawMonth().String(), "hint_fa", fa, "hint_en", en)
}

// wageOfRow is all that the median needs of a line.
type wageOfRow struct {
	wage rial.Amount
	row  int
}

// enoughWages is how many rows make a median worth comparing with, and farAbove how many times it is suspicious.
const (
	enoughWages = 5
	farAbove    = 10
)

func farAboveMedian(j *Judge) {
	if len(j.wages) < enoughWages {
		return
	}
	sorted := make([]rial.Amount, len(j.wages))
	for i, w := range j.wages {
		sorted[i] = w.wage
	}
	slices.Sort(sorted)
	n := len(sorted)
	double := sorted[(n-1)/2] + sorted[n/2] // twice the median, so that half a rial is not lost
	for _, w := range j.wages {
		if double == 0 || 2*w.wage < double.TimesInt(farAbove) {
			continue
		}
		j.add(&j.check.Entry, j.place(w.row, payroll.ColDailyWage), fault.SSO, finding{
			severity: fault.Warning, given: digits(w.wage),
			with: []string{"wage", w.wage.Grouped(), "amount", rial.Ratio(double, 1, 2, rial.HalfUp).Grouped()},
		})
	}
}

var arrearsComponents = [...]payroll.Component{
	payroll.ArrearsContinuous, payroll.ArrearsContinuousNonCash, payroll.ArrearsOther, payroll.ArrearsOtherNonCash,
}

func arrears(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	for _, c := range arrearsComponents {
		if amount := l.Pay[c]; amount > 0 {
			name := nameOf(c.Column())
			j.found(l, c.Column(), digits(amount), "", "name_fa", name.FA, "name_en", name.EN, "amount", amount.Grouped())
		}
	}
}
