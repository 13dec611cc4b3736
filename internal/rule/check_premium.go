package rule

import (
	"fehrest/internal/fault"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// premiumChecks is what insurable pay and premiums must satisfy, once the line is assessed.
func premiumChecks() []Check {
	kind := payroll.SetOf(payroll.ColInsuredKind, payroll.ColNationality)
	declared := premiumCells.Union(payroll.SetOf(payroll.ColDeclaredPremium))
	return []Check{
		{
			Entry: fault.Entry{
				Code: "PREM-02", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "row", Field: "insured_kind",
				Message: fault.Text{
					FA: "نوع بیمه‌شده «{kind_fa}» با ملیت «{nationality}» نمی‌خواند",
					EN: "insured kind {given} contradicts the nationality «{nationality}»",
				},
				Fix: fault.Text{
					FA: "نوع بیمه‌شده را خالی بگذارید تا از ملیت گرفته شود، یا ملیت را درست کنید.",
					EN: "Leave the kind blank so that it follows the nationality, or correct the nationality.",
				},
				Effect:   stopsSSO,
				Citation: "قانون بیمه بیکاری (۱۳۶۹)، تبصره ماده ۱",
			},
			Rows: fault.SSO, Reads: kind,
			Find: contradictedKind,
		},
		{
			Entry: fault.Entry{
				Code: "PREM-08", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "row", Field: "insured_kind",
				Message: fault.Text{
					FA: "برای بازنشسته، سهم‌های حق بیمه در مشخصات ثبت‌شدهٔ کارگاه نیست",
					EN: "retired: the workshop's profile holds no premium shares for retired workers",
				},
				Fix: fault.Text{
					FA: "سهم‌هایی را که تأمین اجتماعی با نامه به کارگاه اعلام کرده در مشخصات کارگاه ثبت کنید؛ این پنجره آن را حدس نمی‌زند.",
					EN: "Enter the shares that the Social Security Organization told the workshop by letter; this window does not guess them.",
				},
				Effect:   stopsSSO,
				Citation: "قانون تأمین اجتماعی، ماده ۲۸",
			},
			Rows: fault.SSO, Reads: kind,
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if l.InsuredKind == payroll.RetiredKind && j.header.Profile.Retired == nil {
					j.found(l, payroll.ColInsuredKind, string(l.InsuredKind), "")
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "PREM-06", Class: fault.Offline, Severity: fault.Warning, Lane: fault.SSO, Scope: "row", Field: "insured_kind",
				Message: fault.Text{FA: "{hint_fa}", EN: "{hint_en}"},
				Fix: fault.Text{
					FA: "سهم‌ها را با نامه یا حسابرسی تأمین اجتماعی مقایسه کنید.",
					EN: "Compare the shares with the Social Security Organization's letter or audit.",
				},
				Effect:   warns,
				Citation: "قانون تأمین اجتماعی، مواد ۲۸ و ۳۳",
			},
			Rows: fault.SSO, Reads: kind,
			Find: uncertainShares,
		},
		{
			Entry: fault.Entry{
				Code: "PREM-04", Class: fault.Offline, Severity: fault.Info, Lane: fault.SSO, Scope: "row", Field: "insured_kind",
				Message: fault.Text{FA: "شغل سخت و زیان‌آور: {hint_fa}", EN: "hard job: {hint_en}"},
				Fix:     nothingToDo,
				Effect:  informs,
			},
			Rows: fault.SSO, Law: fault.SSO, Reads: premiumCells,
			Find: hardJob,
		},
		{
			Entry: fault.Entry{
				Code: "PREM-05", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "cell", Field: "monthly_wage",
				Message: fault.Text{
					FA: "دستمزد ماهانه {monthly} ریال است، ولی ({wage} + {seniority}) × {days} = {amount} ریال می‌شود",
					EN: "monthly wage is {monthly} rials, but ({wage} + {seniority}) × {days} = {amount} rials",
				},
				Fix: fault.Text{
					FA: "دستمزد روزانه، پایه سنوات روزانه یا روزهای کارکرد را درست کنید، یا ستون دستمزد ماهانه را خالی بگذارید تا حساب شود.",
					EN: "Correct daily wage, daily seniority or days, or leave the monthly wage blank so that it is computed.",
				},
				Effect: stopsSSO,
			},
			Rows: fault.SSO, Law: fault.SSO,
			Reads: payroll.SetOf(payroll.ColDays, payroll.ColDailyWage, payroll.ColDailySeniority, payroll.MonthlyWage.Column()),
			Find:  otherMonthlyWage,
		},
		{
			Entry: fault.Entry{
				Code: "PREM-01", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "cell", Field: "declared_premium",
				Message: fault.Text{
					FA: "بیمه سهم کارگر ({rate}) باید {amount} ریال باشد، {declared} نوشته شده: {rate} از {insurable} ریال مزد و مزایای مشمول ({days} روز)",
					EN: "the worker's premium ({rate}) should be {amount} rials, {declared} is given: {rate} of {insurable} rials insurable pay ({days} days)",
				},
				Fix: fault.Text{
					FA: "ستون‌های مزد و مزایا را با فیش مقایسه کنید: مزیتی جا افتاده یا در ستون غیرمشمول آمده است. رقم بیمه را این پنجره خودش حساب می‌کند.",
					EN: "Compare the pay columns with the payslip: a benefit is missing, or stands in a column that is not insurable. This window computes the premium itself.",
				},
				Effect: fault.Text{
					FA: "تا اختلاف برطرف نشود لیست به تأمین اجتماعی فرستاده نمی‌شود؛ فایل‌ها همیشه رقم محاسبه‌شده را دارند.",
					EN: "Until the difference is settled the list does not go to the SSO; the files always carry the computed figure.",
				},
				Citation: "قانون تأمین اجتماعی، ماده ۲۸ و تبصره ۱ آن",
			},
			Rows: fault.SSO, Law: fault.SSO, Reads: declared,
			Find: otherPremium,
		},
		{
			Entry: fault.Entry{
				Code: "PREM-07", Class: fault.Offline, Severity: fault.Info, Lane: fault.SSO, Scope: "cell", Field: "declared_premium",
				Message: fault.Text{
					FA: "بیمه سهم کارگر {declared} ریال نوشته شده و {amount} ریال حساب شد؛ اختلاف در حد گرد کردن فیش است",
					EN: "the worker's premium is given as {declared} rials and computed as {amount}; within the payslip's rounding",
				},
				Fix:    nothingToDo,
				Effect: informs,
			},
			Rows: fault.SSO, Law: fault.SSO, Reads: declared,
			Find: premiumWithinTolerance,
		},
		{
			Entry: fault.Entry{
				Code: "PREM-03", Class: fault.Offline, Severity: fault.Info, Lane: fault.SSO, Scope: "row",
				Message: fault.Text{
					FA: "سهم کارفرما برای ردیف‌های {rows_fa} به دلیل معافیت پنج نفر بخشیده شد ({count} نفر)",
					EN: "the employer's share of rows {rows_en} is waived by the five-worker exemption ({count} persons)",
				},
				Fix: fault.Text{
					FA: "کاری لازم نیست؛ این که سازمان کدام پنج نفر را برمی‌گزیند اعلام نشده و این نام‌ها انتخاب ماست: نخستین ردیف‌ها.",
					EN: "Nothing to do; which five the organisation picks is not published, these are ours: the first rows.",
				},
				Effect:   informs,
				Citation: "قانون معافیت از پرداخت سهم بیمه کارفرمایانی که حداکثر پنج نفر کارگر دارند (۱۳۶۱/۱۲/۱۶)",
			},
			Rows: fault.SSO, Law: fault.SSO,
			Find: func(j *Judge, l *payroll.Line, a *payroll.Assessed) {
				if a.Waived {
					if g := j.gather(l, payroll.ColumnCount); g != nil {
						g.source = j.law.ExemptFive.Source
					}
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "WAGE-02", Class: fault.Offline, Severity: fault.Info, Lane: fault.SSO, Scope: "row",
				Message: fault.Text{
					FA: "مزد و مزایای مشمول {count} نفر از سقف بیمه ({amount} ریال در روز) بیشتر است و حق بیمه تا سقف حساب شد{hint_fa}",
					EN: "insurable pay of {count} persons is above the cap ({amount} rials a day); the premium is computed up to the cap{hint_en}",
				},
				Fix:      nothingToDo,
				Effect:   informs,
				Citation: "بخشنامه سالانه دستمزد سازمان تأمین اجتماعی",
			},
			Rows: fault.SSO, Law: fault.SSO, Reads: premiumCells,
			Find: func(j *Judge, l *payroll.Line, a *payroll.Assessed) {
				if a.Capped {
					if g := j.gather(l, payroll.ColumnCount); g != nil {
						g.expected, g.source = j.law.MaxDailyInsurable.Value, j.law.MaxDailyInsurable.Source
						if g.source.Verification == law.Disputed {
							g.hint = fault.Text{FA: "؛ منابع درباره این سقف اختلاف دارند", EN: "; sources dispute this cap"}
						}
					}
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "WAGE-06", Class: fault.Offline, Severity: fault.Info, Lane: fault.SSO, Scope: "row",
				Message: fault.Text{
					FA: "مشمول بیمه بودن «{name_fa}» محل اختلاف است ({count} ردیف)؛ در این لیست {hint_fa}",
					EN: "whether {name_en} is insurable is disputed ({count} rows); in this list it {hint_en}",
				},
				Fix: fault.Text{
					FA: "کاری لازم نیست؛ اگر سازمان به کارگاه نظر دیگری نوشته، مبلغ را در ستون متناسب بیاورید.",
					EN: "Nothing to do; if the organisation wrote otherwise to the workshop, enter the amount in the fitting column.",
				},
				Effect: informs,
			},
			Rows: fault.SSO, Law: fault.SSO,
			Find: disputedInsurability,
		},
	}
}

func contradictedKind(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	if l.InsuredKind == payroll.NormalKind && l.Foreign() || l.InsuredKind == payroll.ForeignKind && !l.Foreign() {
		nationality, expected := l.Nationality, payroll.ForeignKind
		if !l.Foreign() {
			nationality, expected = payroll.Iranian, payroll.NormalKind
		}
		j.Report(&j.check.Entry, l, payroll.ColInsuredKind, string(l.InsuredKind), string(expected), string(expected),
			"kind_fa", wordOf(payroll.ColInsuredKind, string(l.InsuredKind)), "nationality", nationality)
	}
}

func uncertainShares(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	switch l.InsuredKind {
	case payroll.RetiredKind:
		j.found(l, payroll.ColInsuredKind, string(l.InsuredKind), "",
			"hint_fa", "بازنشسته: سهم‌ها از مشخصات ثبت‌شدهٔ کارگاه گرفته شد و قاعده عمومی آن محل اختلاف است",
			"hint_en", "retired: the shares come from the workshop's profile; the general rule is disputed")
	case payroll.ApprenticeKind:
		j.found(l, payroll.ColInsuredKind, string(l.InsuredKind), "",
			"hint_fa", "کارآموز: حق بیمه از حق بیمه حداقل دستمزد کمتر نمی‌شود و مابه‌التفاوت با کارفرماست؛ درباره بیمه بیکاری او حکمی نیافتیم",
			"hint_en", "apprentice: the premium is never below that of the minimum wage and the gap is the employer's; "+
				"nothing is known of unemployment insurance")
	}
}

func hardJob(j *Judge, l *payroll.Line, a *payroll.Assessed) {
	if !l.HardJob {
		return
	}
	rate := j.law.HardJob.Value.String()
	fa := "سازمان " + rate + " را هنگام بازنشستگی بر پایه آخرین مزد می‌گیرد و ماهانه چیزی افزوده نشد"
	en := "the organisation claims " + rate + " at retirement on the last pay; nothing is added monthly"
	if j.header.Profile.HardMonthly {
		fa = rate + " ماهانه طبق نامه کارگاه: " + a.HardJob.Grouped() + " ریال، جدا از حق بیمه ماه"
		en = rate + " a month by the workshop's letter: " + a.HardJob.Grouped() + " rials, apart from the month's premium"
	}
	j.put(finding{
		entry: &j.check.Entry, severity: fault.Info, line: l, col: payroll.ColInsuredKind, citation: by(j.law.HardJob.Source),
		with: []string{"hint_fa", fa, "hint_en", en},
	})
}

func otherMonthlyWage(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	given := l.Pay[payroll.MonthlyWage]
	if !l.Given.Has(payroll.MonthlyWage.Column()) {
		return
	}
	computed := (l.DailyWage + l.DailySeniority).TimesInt(l.Days)
	if distance(given, computed) <= j.law.PayslipTolerance.Value.TimesInt(l.Days) {
		return
	}
	j.foundBy(l, payroll.MonthlyWage.Column(), decided{
		severity: fault.Error, given: digits(given), suggested: digits(computed), expected: computed, source: j.law.PayslipTolerance.Source,
	}, "monthly", given.Grouped(), "wage", l.DailyWage.Grouped(), "seniority", l.DailySeniority.Grouped(), "days", number(l.Days))
}

func otherPremium(j *Judge, l *payroll.Line, a *payroll.Assessed) {
	if !l.Given.Has(payroll.ColDeclaredPremium) || distance(l.DeclaredPremium, a.WorkerPremium) <= j.law.PremiumTolerance(l.Days) {
		return
	}
	share := j.law.Premium[insuredKind(l)].Worker
	rate := share.Value
	if retired := j.header.Profile.Retired; retired != nil && l.InsuredKind == payroll.RetiredKind {
		rate = retired.Worker
	}
	j.foundBy(l, payroll.ColDeclaredPremium, decided{
		severity: fault.Error, given: digits(l.DeclaredPremium), suggested: digits(a.WorkerPremium), expected: a.WorkerPremium, source: share.Source,
	}, "rate", rate.String(), "declared", l.DeclaredPremium.Grouped(), "insurable", a.Insurable.Grouped(), "days", number(l.Days))
}

// premiumWithinTolerance runs after otherPremium, which has made the cell faulty where the difference is larger.
func premiumWithinTolerance(j *Judge, l *payroll.Line, a *payroll.Assessed) {
	if l.Given.Has(payroll.ColDeclaredPremium) && l.DeclaredPremium != a.WorkerPremium {
		j.Report(&j.check.Entry, l, payroll.ColDeclaredPremium, digits(l.DeclaredPremium), digits(a.WorkerPremium), digits(a.WorkerPremium),
			"declared", l.DeclaredPremium.Grouped(), "amount", a.WorkerPremium.Grouped())
	}
}

func disputedInsurability(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	for i := range j.disputed.sso {
		j.gatherPay(l, &j.disputed.sso[i])
	}
}

func distance(a, b rial.Amount) rial.Amount {
	if a < b {
		return b - a
	}
	return a - b
}
