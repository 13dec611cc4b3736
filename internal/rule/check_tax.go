package rule

import (
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
)

// taxChecks is what the tax side of a line must satisfy, once the line is assessed.
func taxChecks() []Check {
	return []Check{
		{
			Entry: fault.Entry{
				Code: "TAX-02", Class: fault.Register, Severity: fault.Error, Lane: fault.Tax, Scope: "row",
				Message: fault.Text{
					FA: "مشخصات مالیاتی ناقص است: {names_fa}",
					EN: "the tax identity is incomplete: {names_en}",
				},
				Fix: fault.Text{
					FA: "این مقدارها را برای هر نفر یک بار بنویسید؛ در ماه‌های بعد از لیست پذیرفته‌شده پیشین برداشته می‌شود.",
					EN: "Give these once a worker; later months take them from the accepted list before.",
				},
				Effect: fault.Text{
					FA: "در پنجره تا کامل نشود لیست به سازمان امور مالیاتی فرستاده نمی‌شود؛ در بررسی بیرون از پنجره هشدار است و این مشخصات در فایل مالیاتی خالی می‌ماند.",
					EN: "At the window the list does not go to the tax administration until complete; offline it is a warning and the fields stay empty.",
				},
				Citation: "راهنمای فایل سازمان امور مالیاتی (WP)، به نقل از نرم‌افزارهای حقوق و دستمزد",
			},
			From: month(1403, 1), // earlier months are given no tax file
			Rows: fault.Tax,
			Find: incompleteIdentity,
		},
		{
			Entry: fault.Entry{
				Code: "TAX-05", Class: fault.Offline, Severity: fault.Warning, Lane: fault.Tax, Scope: "cell", Field: "citizenship_country",
				Message: fault.Text{
					FA: "کد کشور تابعیت تبعه خارجی نوشته نشده و فیلد ۱۴ فایل اشخاص مالیاتی خالی می‌ماند",
					EN: "the foreigner's country of citizenship is missing: field 14 of the tax file of persons stays empty",
				},
				Fix: fault.Text{
					FA: "کد سه‌رقمی کشور تابعیت را بنویسید.",
					EN: "Write the three-digit code of the country of citizenship.",
				},
				Effect:   warns,
				Citation: "راهنمای فایل سازمان امور مالیاتی (WP)، به نقل از نرم‌افزارهای حقوق و دستمزد",
			},
			From: month(1403, 1),
			Rows: fault.Tax, Reads: payroll.SetOf(payroll.ColNationality, payroll.ColCitizenshipCountry),
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if l.Foreign() && l.CitizenshipCountry == "" {
					j.found(l, payroll.ColCitizenshipCountry, "", "")
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "TAX-06", Class: fault.Offline, Severity: fault.Info, Lane: fault.Tax, Scope: "row",
				Message: fault.Text{
					FA: "مالیات این ردیف برآورد نمی‌شود: برای «{name_fa}» {given} قاعده‌ای نمی‌شناسیم؛ در خالص پرداختی، جز مالیاتی که خودتان نوشته باشید، چیزی بابت مالیات کم نمی‌شود",
					EN: "no tax estimate for this row: no rule is known for {name_en} {given}; net pay counts no tax but what you declared",
				},
				Fix: fault.Text{
					FA: "کد را بررسی کنید؛ اگر درست است کاری لازم نیست، مالیات را سازمان حساب می‌کند.",
					EN: "Check the code; if it is right nothing is to be done, the administration computes the tax.",
				},
				Effect: informs,
			},
			Rows: fault.Tax, Law: fault.Tax,
			Reads: payroll.SetOf(payroll.ColExemptionType, payroll.ColPlaceStatus, payroll.ColBudgetException),
			Find:  withoutEstimate,
		},
		{
			Entry: fault.Entry{
				Code: "TAX-01", Class: fault.Offline, Severity: fault.Warning, Lane: fault.Tax, Scope: "cell", Field: "declared_tax",
				Message: fault.Text{
					FA: "مالیات حقوق {declared} ریال نوشته شده و برآورد ما {amount} ریال است{hint_fa}",
					EN: "tax is given as {declared} rials, our estimate is {amount}{hint_en}",
				},
				Fix: fault.Text{
					FA: "معافیت‌ها، ماه‌های پیشین و ستون‌های مزایا را بررسی کنید؛ رقم قطعی را سازمان امور مالیاتی حساب می‌کند.",
					EN: "Check exemptions, earlier months and the pay columns; the tax administration computes the final figure.",
				},
				Effect: fault.Text{
					FA: "هشدار است؛ در فایل مالیاتی رقم مالیات نوشته نمی‌شود.",
					EN: "A warning; the tax files carry no tax amount.",
				},
				Citation: "قانون مالیات‌های مستقیم، مواد ۸۴ تا ۸۶",
			},
			Rows: fault.Tax, Law: fault.Tax, Reads: taxCells.Union(payroll.SetOf(payroll.ColDeclaredTax)),
			Find: otherTax,
		},
		{
			Entry: fault.Entry{
				Code: "TAX-03", Class: fault.Offline, Severity: fault.Warning, Lane: fault.Tax, Scope: "row", Field: "net_paid",
				Message: fault.Text{FA: "{hint_fa}", EN: "{hint_en}"},
				Fix: fault.Text{
					FA: "وام، مساعده و کسرهای دیگر را در «سایر کسور» بنویسید و خالص پرداختی را با فیش مقایسه کنید.",
					EN: "Enter loans, advances and other deductions under «سایر کسور», and compare the net pay with the payslip.",
				},
				Effect: warns,
			},
			Rows: fault.Tax, Law: fault.Tax,
			Reads: taxCells.Union(payroll.SetOf(payroll.ColDeclaredTax, payroll.ColNetPaid, payroll.ColOtherDeductions)),
			Find:  otherNet,
		},
		{
			Entry: fault.Entry{
				Code: "TAX-04", Class: fault.Offline, Severity: fault.Info, Lane: fault.Tax, Scope: "row",
				Message: fault.Text{
					FA: "رقم‌های مالیاتی {count} ردیف بر «{name_fa}» تکیه دارد که محل اختلاف است؛ {hint_fa}",
					EN: "the tax figures of {count} rows rest on {name_en}, which is disputed; it {hint_en}",
				},
				Fix: fault.Text{
					FA: "کاری لازم نیست؛ رقم قطعی را سازمان امور مالیاتی حساب می‌کند.",
					EN: "Nothing to do; the tax administration computes the final figure.",
				},
				Effect: informs,
			},
			Rows: fault.Tax, Law: fault.Tax,
			Find: disputedTax,
		},
	}
}

var identityColumns = [...]payroll.ColumnID{
	payroll.ColEducation, payroll.ColEmploymentType, payroll.ColJobFamily, payroll.ColStartDate,
}

// incompleteIdentity lists all that is missing in one finding a row. Only the window knows whether a value was given before.
func incompleteIdentity(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	if l.Education != "" && l.EmploymentType != "" && l.JobFamily != "" && !l.StartDate.IsZero() {
		return
	}
	var fa, en []string
	for _, col := range identityColumns {
		if blank(l, col) && !l.Faulty.Has(col) {
			fa, en = append(fa, col.Info().Label), append(en, col.Info().Key)
		}
	}
	if len(fa) == 0 {
		return
	}
	severity := fault.Warning
	if j.AtWindow {
		severity = j.check.Entry.Severity
	}
	j.put(finding{
		entry: &j.check.Entry, severity: severity, line: l, col: payroll.ColumnCount,
		with: []string{"names_fa", strings.Join(fa, "، "), "names_en", strings.Join(en, ", ")},
	})
}

func blank(l *payroll.Line, col payroll.ColumnID) bool {
	switch col {
	case payroll.ColEducation:
		return l.Education == ""
	case payroll.ColEmploymentType:
		return l.EmploymentType == ""
	case payroll.ColJobFamily:
		return l.JobFamily == ""
	}
	return l.StartDate.IsZero()
}

func withoutEstimate(j *Judge, l *payroll.Line, a *payroll.Assessed) {
	if !a.NoEstimate {
		return
	}
	col, given := payroll.ColExemptionType, l.ExemptionType
	source := j.taxLaw.UnknownTypes.Source
	switch {
	case j.taxLaw.UnknownTypes.Value.Has(l.ExemptionType):
	case j.taxLaw.UnknownPlaces.Value.Has(l.PlaceStatus):
		col, given, source = payroll.ColPlaceStatus, l.PlaceStatus, j.taxLaw.UnknownPlaces.Source
	default:
		col, given, source = payroll.ColBudgetException, l.BudgetException, j.taxLaw.UnknownBudgets.Source
	}
	name := nameOf(col)
	j.put(finding{
		entry: &j.check.Entry, severity: fault.Info, line: l, col: col, given: given, citation: by(source),
		with: []string{"name_fa", name.FA, "name_en", name.EN},
	})
}

func otherTax(j *Judge, l *payroll.Line, a *payroll.Assessed) {
	if !taxDeclared(l) || a.NoEstimate || distance(l.DeclaredTax, a.TaxEstimate) <= j.taxLaw.EstimateTolerance.Value {
		return
	}
	fa, en := "", ""
	if a.Months <= 1 && taxPeriod(j.header).Month != 1 {
		fa, en = "؛ این نخستین ماه این شخص در اینجاست و ماه‌های پیشین سال دیده نشده", "; first month seen here, earlier months of the year are not known"
	}
	j.foundBy(l, payroll.ColDeclaredTax, decided{
		severity: fault.Warning, given: digits(l.DeclaredTax), expected: a.TaxEstimate, source: j.taxLaw.Brackets.Source,
	}, "declared", l.DeclaredTax.Grouped(), "hint_fa", fa, "hint_en", en)
}

// otherNet compares the net pay that was given; one that is not given and comes out below zero is told too.
func otherNet(j *Judge, l *payroll.Line, a *payroll.Assessed) {
	net, given := NetOf(l, a), netGiven(l)
	switch {
	case !given && net < 0:
		j.found(l, payroll.ColNetPaid, "", "",
			"hint_fa", "کسور از پرداخت‌های نقدی "+(-net).Grouped()+" ریال بیشتر است و خالص پرداختی صفر نوشته می‌شود",
			"hint_en", "deductions exceed cash pay by "+(-net).Grouped()+" rials; net pay is written as 0")
	case given && distance(l.NetPaid, net) > j.taxLaw.NetTolerance.Value:
		suggested := ""
		if net >= 0 {
			suggested = digits(net)
		}
		j.Report(&j.check.Entry, l, payroll.ColNetPaid, digits(l.NetPaid), digits(net), suggested,
			"hint_fa", "خالص پرداختی "+l.NetPaid.Grouped()+" ریال نوشته شده؛ پرداخت نقدی منهای بیمه، مالیات و کسور "+net.Grouped()+" ریال است",
			"hint_en", "net pay is given as "+l.NetPaid.Grouped()+" rials; cash pay less premium, tax and deductions is "+net.Grouped())
	}
}

func disputedTax(j *Judge, l *payroll.Line, a *payroll.Assessed) {
	for i := range j.disputed.tax {
		j.gatherPay(l, &j.disputed.tax[i])
	}
	if len(j.disputed.leaver) > 0 && !leaver(l, taxPeriod(j.header)) {
		for i := range j.disputed.leaver {
			j.gatherPay(l, &j.disputed.leaver[i])
		}
	}
	if j.disputed.share && a.PremiumShare > 0 {
		if g := j.gather(l, payroll.ColumnCount); g != nil {
			share := j.taxLaw.DeductibleShare
			g.name = fault.Text{FA: "سهم قابل کسر حق بیمه سهم کارگر", EN: "the deductible share of the worker's premium"}
			g.hint = fault.Text{FA: share.Value.String() + " گرفته شد", EN: "is taken as " + share.Value.String()}
			g.source = share.Source
		}
	}
}
