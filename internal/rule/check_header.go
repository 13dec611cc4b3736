package rule

import (
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
)

// headerTable is what the workshop sheet alone must satisfy.
func headerTable() []HeaderCheck {
	return []HeaderCheck{
		{
			Entry: fault.Entry{
				Code: "ID-08", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "header", Field: "workshop_code",
				Message: fault.Text{
					FA: "کد کارگاه باید ۱۰ رقم باشد؛ «{given}» نوشته شده است",
					EN: "the workshop code must have 10 digits; given: {given}",
				},
				Fix: fault.Text{
					FA: "کد ده‌رقمی کارگاه را از برگ پرداخت حق بیمه یا حساب کارگاه در تأمین اجتماعی بردارید؛ صفرهای ابتدا را نگه دارید.",
					EN: "Copy the ten-digit code from a premium slip, leading zeros included.",
				},
				Effect: stopsBoth,
			},
			Reads: keys(payroll.KeyWorkshopCode),
			Find: func(j *Judge, h *payroll.Header) {
				if h.Workshop != "" && h.Workshop.Check() != payroll.Valid {
					j.foundHeader(payroll.KeyWorkshopCode, string(h.Workshop), "")
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "ID-09", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "header", Field: "employer_id",
				Message: fault.Text{
					FA: "شناسه کارفرما «{given}» درست نیست: {hint_fa}",
					EN: "the employer's id {given} is wrong: {hint_en}",
				},
				Fix: fault.Text{
					FA: "برای شرکت شناسه ملی ۱۱ رقمی و برای شخص کد ملی ۱۰ رقمی کارفرما را از روی سند بنویسید.",
					EN: "Write a company's 11-digit legal id, or a person's 10-digit national code, from the document itself.",
				},
				Effect: stopsBoth,
			},
			Reads: keys(payroll.KeyEmployerID),
			Find:  employerID,
		},
		{
			Entry: fault.Entry{
				Code: "ID-15", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "header", Field: "postal_code",
				Message: fault.Text{
					FA: "کد پستی کارگاه باید ۱۰ رقم باشد؛ «{given}» نوشته شده است",
					EN: "the workshop's postal code must have 10 digits; given: {given}",
				},
				Fix:    fault.Text{FA: "کد پستی ده‌رقمی کارگاه را بدون خط تیره بنویسید.", EN: "Write the ten digits without a dash."},
				Effect: stopsSSO,
			},
			Reads: keys(payroll.KeyPostalCode),
			Find: func(j *Judge, h *payroll.Header) {
				if h.PostalCode != "" && h.PostalCode.Check() != payroll.Valid {
					j.foundHeader(payroll.KeyPostalCode, string(h.PostalCode), "")
				}
			},
		},
		{
			Entry: unlikelyPostalCode,
			Reads: keys(payroll.KeyPostalCode),
			Find: func(j *Judge, h *payroll.Header) {
				if h.PostalCode != "" && !h.PostalCode.Likely() {
					hint := unusualPostalCode // the workshop's code stands in no tax file
					j.foundHeader(payroll.KeyPostalCode, string(h.PostalCode), "", "hint_fa", hint.FA, "hint_en", hint.EN)
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "DATE-06", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "header", Field: "period",
				Message: fault.Text{FA: "{hint_fa} ({given})", EN: "{hint_en} ({given})"},
				Fix: fault.Text{
					FA: "سال و ماه عملکرد را بررسی کنید؛ لیست هر ماه پس از رسیدن همان ماه فرستاده می‌شود.",
					EN: "Check year and month; a month's list is sent once that month has come.",
				},
				Effect: stopsBoth,
			},
			Find: period,
		},
		{
			Entry: fault.Entry{
				Code: "LIST-09", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "header", Field: "reason",
				Message: fault.Text{FA: "علت اصلاح نوشته نشده است", EN: "the reason of the correction is missing"},
				Fix: fault.Text{
					FA: "در برگه «کارگاه» جلوی «علت اصلاح» بنویسید چه چیزی و چرا تغییر کرده است.",
					EN: "In the sheet «کارگاه», beside «علت اصلاح», say what changed and why.",
				},
				Effect: stopsBoth,
			},
			Reads: keys(payroll.KeyReason, payroll.KeyKind),
			Find: func(j *Judge, h *payroll.Header) {
				if (h.Kind == payroll.Replacement || h.Kind == payroll.Change) && h.Reason == "" {
					j.foundHeader(payroll.KeyReason, "", "")
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "LIST-05", Class: fault.Register, Severity: fault.Warning, Lane: fault.Both, Scope: "header", Field: "period",
				Message: fault.Text{
					FA: "برای ماه قبل ({expected}) لیستی از این کارگاه به این پنجره نرسیده است",
					EN: "no list of this workshop came to this window for the month before ({expected})",
				},
				Fix: fault.Text{
					FA: "اگر کارگاه آن ماه کارگر داشته و لیستش فرستاده نشده، آن را بفرستید، وگرنه لیست «فاقد کارگر». اگر از راه دیگری فرستاده‌اید کاری لازم نیست.",
					EN: "If someone worked that month and no list was sent, send it, else a nil list. If it went another way, nothing is to be done.",
				},
				Effect:   warns,
				Citation: "قانون تأمین اجتماعی، مواد ۳۹ و ۴۰",
			},
			Reads: keys(payroll.KeyPeriod),
			Find: func(j *Judge, h *payroll.Header) {
				if j.History != nil && j.History.NoListBefore && !h.Period.IsZero() {
					j.foundHeader(payroll.KeyPeriod, h.Period.String(), h.Period.Add(-1).String())
				}
			},
		},
	}
}

// listTable is what the workshop sheet must satisfy beside the lines; it runs at the end.
func listTable() []HeaderCheck {
	return []HeaderCheck{
		{
			Entry: fault.Entry{
				Code: "LIST-08", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "header", Field: "kind",
				Message: fault.Text{
					FA: "نوع ارسال «فاقد کارگر» است ولی لیست {given} ردیف دارد",
					EN: "the list is said to have no worker, but it has {given} rows",
				},
				Fix: fault.Text{
					FA: "اگر کارگاه این ماه کارگر داشته، نوع ارسال را «اصلی» بنویسید؛ وگرنه ردیف‌ها را حذف کنید.",
					EN: "If someone worked this month, write «اصلی» as kind; else remove the rows.",
				},
				Effect: stopsBoth,
			},
			Reads: keys(payroll.KeyKind),
			Find: func(j *Judge, h *payroll.Header) {
				if h.Kind == payroll.Nil && j.out.Workers > 0 {
					j.foundHeader(payroll.KeyKind, number(j.out.Workers), "0")
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "LIST-04", Class: fault.Register, Severity: fault.Warning, Lane: fault.Both, Scope: "header", Field: "period",
				Message: fault.Text{
					FA: "مهلت قانونی {whom_fa} برای این ماه {expected} بود و گذشته است: {penalty_fa}",
					EN: "the legal deadline of {whom_en} for this month was {expected}: {penalty_en}",
				},
				Fix: fault.Text{
					FA: "لیست را هر چه زودتر بفرستید؛ جریمه را سازمان حساب می‌کند، نه این پنجره.",
					EN: "Send the list as soon as you can; the organisation computes the penalty, not this window.",
				},
				Effect:   fault.Text{FA: "لیست فرستاده می‌شود؛ جریمه قانونی تأخیر برقرار است.", EN: "The list is sent; the statutory penalty for lateness stands."},
				Citation: "قانون تأمین اجتماعی، ماده ۳۹؛ قانون مالیات‌های مستقیم، مواد ۸۶، ۱۹۷ و ۱۹۹",
			},
			Reads: keys(payroll.KeyPeriod, payroll.KeyTaxPeriod),
			Find:  late,
		},
		{
			Entry: fault.Entry{
				Code: "LIST-11", Class: fault.Register, Severity: fault.Error, Lane: fault.SSO, Scope: "header", Field: "kind",
				Message: fault.Text{
					FA: "برگ پرداخت لیست قبلی ({expected}) وصول شده است و فایل بیمه این لیست با آن فرق دارد؛ لیست وصول‌شده جایگزین نمی‌شود",
					EN: "the earlier list's slip ({expected}) has been collected and this list's file for the SSO differs: a collected list is not replaced",
				},
				Fix: fault.Text{
					FA: "افراد یا مبلغ‌های تازه را با لیست متمم (شماره لیست دیگر) بفرستید، یا از سازمان درخواست اصلاح کنید. اصلاح بخش مالیات را می‌توانید جداگانه بفرستید.",
					EN: "Send more persons or amounts in a supplementary list (another list number), or ask the organisation for a correction. The tax side may be corrected apart.",
				},
				Effect: stopsSSO,
			},
			Reads: keys(payroll.KeyKind),
			Find: func(j *Judge, h *payroll.Header) {
				if j.History == nil || j.History.Collected == nil || !j.out.Lanes.Has(fault.SSO) {
					return
				}
				if slip := j.History.Collected(); slip != "" {
					j.foundHeader(payroll.KeyKind, string(h.Kind), slip)
				}
			},
		},
	}
}

func (j *Judge) foundHeader(key payroll.HeaderID, given, expected string, with ...string) {
	j.ReportHeader(j.entry, key, given, expected, "", with...)
}

func employerID(j *Judge, h *payroll.Header) {
	if h.Employer == "" {
		return
	}
	fa, en := "", ""
	switch h.Employer.Check() {
	case payroll.Valid:
		return
	case payroll.WrongLength:
		fa, en = "شناسه ملی ۱۱ رقم، کد ملی ۱۰ رقم و شماره مالیاتی ۱۴ رقم دارد", "a legal id has 11 digits, a national code 10, a tax number 14"
	case payroll.AllEqual:
		fa, en = "چنین شناسه‌ای داده نمی‌شود", "no such id is given out"
	case payroll.WrongCheckDigit:
		fa, en = "رقم کنترل آن نادرست است", "its check digit is wrong"
	}
	j.foundHeader(payroll.KeyEmployerID, string(h.Employer), "", "hint_fa", fa, "hint_en", en)
}

// period judges both months of a list; the tax side uses its own.
func period(j *Judge, h *payroll.Header) {
	judgeMonth(j, payroll.KeyPeriod, h.Period, h.Faulty, j.law != nil)
	if !h.TaxPeriod.IsZero() && h.TaxPeriod != h.Period && j.Lanes.Has(fault.Tax) {
		judgeMonth(j, payroll.KeyTaxPeriod, h.TaxPeriod, h.Faulty, j.taxLaw != nil)
	}
}

func judgeMonth(j *Judge, key payroll.HeaderID, m jalali.Month, faulty payroll.HeaderSet, governed bool) {
	switch {
	case m.IsZero() || faulty.Has(key):
	case !j.Today.IsZero() && j.Today.InMonth().Before(m):
		j.foundHeader(key, m.String(), j.Today.InMonth().String(),
			"hint_fa", "دوره هنوز نرسیده است", "hint_en", "this month has not come yet")
	case !governed:
		j.foundHeader(key, m.String(), "",
			"hint_fa", "ارقام قانونی این ماه در این پنجره نیست", "hint_en", "no law file governs this month")
	}
}

// late judges the deadlines of the lanes that some row goes to, on the day of submission.
func late(j *Judge, h *payroll.Header) {
	if !j.Deadlines || j.Today.IsZero() || j.Book == nil {
		return
	}
	if j.out.Lanes.Has(fault.SSO) {
		if d, ok := j.Book.SSODeadline(h.Period, h.ExemptFive); ok {
			j.lateBy(payroll.KeyPeriod, &d)
		}
	}
	if j.out.Lanes.Has(fault.Tax) {
		key := payroll.KeyPeriod
		if taxPeriod(h) != h.Period {
			key = payroll.KeyTaxPeriod
		}
		if d, ok := j.Book.TaxDeadline(taxPeriod(h)); ok {
			j.lateBy(key, &d)
		}
	}
}

func (j *Judge) lateBy(key payroll.HeaderID, d *law.Deadline) {
	if !d.Due.Before(j.Today) {
		return
	}
	var fa, en, citation []string
	for _, p := range d.Penalties {
		fa, en = append(fa, p.FA), append(en, p.EN)
		if cited := by(p.Source); !slices.Contains(citation, cited) {
			citation = append(citation, cited)
		}
	}
	if d.Moved.FA != "" {
		fa, en = append(fa, d.Moved.FA+"؛ "+d.Note.FA+"."), append(en, d.Moved.EN+"; "+d.Note.EN+".")
	}
	whom := nameOfLane(d.Lane)
	j.add(j.entry, j.headerPlace(key), d.Lane, finding{
		severity: j.entry.Severity, given: j.Today.String(), expected: d.Due.String(), citation: strings.Join(citation, "؛ "),
		with: []string{"whom_fa", whom.FA, "whom_en", whom.EN, "penalty_fa", strings.Join(fa, " "), "penalty_en", strings.Join(en, " ")},
	})
}
