package rule

import (
	"unicode"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
)

// requiredChecks is the one check of blank cells.
func requiredChecks() []Check {
	return []Check{{
		Entry: fault.Entry{
			Code: "CELL-12", Class: fault.Gate, Severity: fault.Error, Scope: "cell",
			Message: fault.Text{
				FA: "خانه «{name_fa}» خالی است و {whom_fa} آن را لازم دارد",
				EN: "{name_en} is blank and {whom_en} needs it",
			},
			Fix: fault.Text{
				FA: "خانه را پر کنید. اگر این شخص فقط به یکی از دو سازمان مربوط است، در «ارسال به» بنویسید «فقط بیمه» یا «فقط مالیات».",
				EN: "Fill the cell. If the person concerns one organisation only, write «فقط بیمه» or «فقط مالیات» under «ارسال به».",
			},
			Effect: fault.Text{
				FA: "تا پر نشود لیست به سازمانی که این مقدار را لازم دارد فرستاده نمی‌شود.",
				EN: "Until it is filled the list does not go to the organisation that needs it.",
			},
		},
		Rows: fault.Both,
		Find: required,
	}}
}

// readNeeds prepares the required cells by the lanes a row goes to. Blank identifiers are ID-07's, and the daily wage is
// needed only for days worked.
func (j *Judge) readNeeds() {
	columns := payroll.Columns()
	for id := range payroll.ColumnCount {
		needs := columns[id].Needs & j.Lanes
		if needs == 0 || id == payroll.ColNationalCode || id == payroll.ColForeignerCode {
			continue
		}
		for lanes := range j.needs {
			if needs&fault.Lane(lanes) != 0 || lanes == 0 && columns[id].Needs == fault.Both {
				j.needs[lanes].Add(id)
			}
		}
	}
}

func required(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	missing := j.needs[l.ReportedTo&fault.Both].Without(l.Given).Without(l.Faulty).Without(j.MissingColumns)
	if missing == (payroll.ColumnSet{}) {
		return
	}
	for id := range payroll.ColumnCount {
		if !missing.Has(id) || id == payroll.ColDailyWage && (l.Days == 0 || l.Faulty.Has(payroll.ColDays)) {
			continue
		}
		name, whom := nameOf(id), nameOfLane(id.Info().Needs&l.ReportedTo&j.Lanes)
		j.found(l, id, "", "", "name_fa", name.FA, "name_en", name.EN, "whom_fa", whom.FA, "whom_en", whom.EN)
	}
}

func nameOfLane(lane fault.Lane) fault.Text {
	switch lane {
	case fault.SSO:
		return fault.Text{FA: "تأمین اجتماعی", EN: "the Social Security Organization"}
	case fault.Tax:
		return fault.Text{FA: "سازمان امور مالیاتی", EN: "the tax administration"}
	}
	return fault.Text{FA: "هر دو سازمان", EN: "each organisation"}
}

// identityChecks is who the worker is. The first four look at one cell in the order of the catalogue's rule: one finding.
func identityChecks() []Check {
	return []Check{
		{
			Entry: fault.Entry{
				Code: "ID-01", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "cell", Field: "national_code",
				Message: fault.Text{FA: "کد ملی باید ۱۰ رقم باشد؛ «{given}» نوشته شده است{hint_fa}", EN: "a national code has 10 digits; given: {given}{hint_en}"},
				Fix: fault.Text{
					FA: "کد ملی ده‌رقمی را از روی کارت ملی بنویسید، با صفرهای ابتدا.",
					EN: "Write the ten digits from the national card, leading zeros included.",
				},
				Effect: stopsBoth,
			},
			Rows: fault.Both, Reads: identityCells,
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if code := l.NationalCode; code != "" && !l.Foreign() && code.Check() == payroll.WrongLength {
					hint := hintOfDigits(string(code))
					j.found(l, payroll.ColNationalCode, string(code), "", "hint_fa", hint.FA, "hint_en", hint.EN)
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "ID-03", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "cell", Field: "national_code",
				Message: fault.Text{FA: "کد ملی نامعتبر است (همه ارقام یکسان)", EN: "not a national code: all its digits are equal"},
				Fix:     fault.Text{FA: "کد ملی واقعی شخص را از روی کارت ملی بنویسید.", EN: "Write the person's own code from the national card."},
				Effect:  stopsBoth,
			},
			Rows: fault.Both, Reads: identityCells,
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if !l.Foreign() && l.NationalCode.Check() == payroll.AllEqual {
					j.found(l, payroll.ColNationalCode, string(l.NationalCode), "")
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "ID-02", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "cell", Field: "national_code",
				Message: fault.Text{
					FA: "رقم کنترل کد ملی نادرست است: یکی از ارقام «{given}» اشتباه یا جابه‌جاست",
					EN: "the national code's check digit is wrong: a digit of {given} is mistyped or swapped",
				},
				Fix: fault.Text{
					FA: "کد ملی را رقم به رقم با کارت ملی مقایسه کنید.",
					EN: "Compare the code with the national card, digit by digit.",
				},
				Effect: stopsBoth,
			},
			Rows: fault.Both, Reads: identityCells,
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if !l.Foreign() && l.NationalCode.Check() == payroll.WrongCheckDigit {
					j.found(l, payroll.ColNationalCode, string(l.NationalCode), "")
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "ID-07", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "cell", Field: "foreigner_code",
				Message: fault.Text{FA: "{hint_fa}", EN: "{hint_en}"},
				Fix: fault.Text{
					FA: "برای ایرانی کد ملی و برای تبعه خارجی ملیت و کد فراگیر (۸ تا ۱۴ رقم) را در ستون خودش بنویسید.",
					EN: "Write an Iranian's national code, or a foreigner's nationality and comprehensive code (8 to 14 digits), each in its own column.",
				},
				Effect: stopsBoth,
			},
			Rows: fault.Both, Reads: identityCells,
			Find: identified,
		},
		{
			Entry: fault.Entry{
				Code: "ID-04", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "row", Field: "national_code",
				Message: fault.Text{
					FA: "ردیف‌های {first} و {row} یک نفر است",
					EN: "rows {first} and {row} are the same person",
				},
				Fix: fault.Text{
					FA: "یکی از دو ردیف را حذف کنید یا کد اشتباه را درست کنید؛ هر نفر در یک لیست یک ردیف دارد.",
					EN: "Remove one of the rows or correct the wrong code; a person has one row in a list.",
				},
				Effect: stopsBoth,
			},
			Rows: fault.Both, Reads: identityCells,
			Find: samePerson,
		},
		{
			Entry: fault.Entry{
				Code: "ID-06", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "cell", Field: "insurance_number",
				Message: fault.Text{
					FA: "شماره بیمه باید ۸ یا ۱۰ رقم باشد؛ «{given}» نوشته شده است{hint_fa}",
					EN: "an insurance number has 8 or 10 digits; given: {given}{hint_en}",
				},
				Fix: fault.Text{
					FA: "شماره بیمه را از دفترچه یا سابقه بیمه شخص بنویسید. اگر هنوز شماره ندارد، ستون «نگه‌داشتن ردیف» را «بله» کنید.",
					EN: "Write the number from the person's insurance record. If there is none yet, set «نگه‌داشتن ردیف» to «بله».",
				},
				Effect: stopsSSO,
			},
			Rows: fault.SSO, Reads: payroll.SetOf(payroll.ColInsuranceNumber),
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if n := l.InsuranceNumber; n != "" && n.Check() != payroll.Valid {
					hint := hintOfDigits(string(n))
					j.found(l, payroll.ColInsuranceNumber, string(n), "", "hint_fa", hint.FA, "hint_en", hint.EN)
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "ID-05", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "row", Field: "insurance_number",
				Message: fault.Text{
					FA: "شماره بیمه {given} در ردیف‌های {first} و {row} تکراری است",
					EN: "insurance number {given} stands in rows {first} and {row}",
				},
				Fix: fault.Text{
					FA: "شماره بیمه هر دو نفر را با سابقه بیمه‌شان مقایسه کنید؛ هر شماره از آن یک نفر است.",
					EN: "Compare both persons' numbers with their insurance records; a number belongs to one person.",
				},
				Effect: stopsSSO,
			},
			Rows: fault.SSO, Reads: payroll.SetOf(payroll.ColInsuranceNumber),
			Find: sameInsuranceNumber,
		},
		{
			Entry: fault.Entry{
				Code: "ID-16", Class: fault.Offline, Severity: fault.Warning, Lane: fault.SSO, Scope: "cell", Field: "insurance_number",
				Message: fault.Text{
					FA: "شماره بیمه {given} ده رقم دارد و با 00 شروع نمی‌شود؛ ستون شماره بیمه در همه فایل ده‌رقمی نوشته می‌شود",
					EN: "insurance number {given} has ten digits and does not begin with 00: the field is ten wide in the whole file",
				},
				Fix: fault.Text{
					FA: "شماره را بررسی کنید؛ شماره بیمه معمولاً ۸ رقم است.",
					EN: "Check the number; most have 8 digits.",
				},
				Effect: fault.Text{
					FA: "لیست فرستاده می‌شود؛ پذیرش فایل با ستون ده‌رقمی در درگاه تأیید نشده است.",
					EN: "The list is sent; that the portal takes the wider field is not confirmed.",
				},
			},
			Rows: fault.SSO, Reads: payroll.SetOf(payroll.ColInsuranceNumber),
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if n := l.InsuranceNumber; len(n) == 10 && n[:2] != "00" {
					j.found(l, payroll.ColInsuranceNumber, string(n), "")
				}
			},
		},
		{
			Entry: fault.Entry{
				Code: "ID-11", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "cell", Field: "job_code",
				Message: fault.Text{
					FA: "کد شغل باید ۶ نویسه از رقم و حرف بزرگ لاتین باشد؛ «{given}» نوشته شده است",
					EN: "a job code has 6 digits or capital letters; given: {given}",
				},
				Fix: fault.Text{
					FA: "کد شغل شش‌رقمی را از جدول مشاغل تأمین اجتماعی بردارید.",
					EN: "Take the six-digit code from the Social Security Organization's table of jobs.",
				},
				Effect: stopsSSO,
			},
			Rows: fault.SSO, Reads: payroll.SetOf(payroll.ColJobCode),
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if l.JobCode != "" && l.JobCode.Check() != payroll.Valid {
					j.found(l, payroll.ColJobCode, string(l.JobCode), "")
				}
			},
		},
		{
			Entry: unlikelyPostalCode,
			Rows:  fault.Tax, Reads: payroll.SetOf(payroll.ColWorkerPostalCode),
			Find: func(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
				if l.WorkerPostalCode != "" && !l.WorkerPostalCode.Likely() {
					hint := hintOfPostalCode(l.WorkerPostalCode)
					j.found(l, payroll.ColWorkerPostalCode, string(l.WorkerPostalCode), "", "hint_fa", hint.FA, "hint_en", hint.EN)
				}
			},
		},
	}
}

// unlikelyPostalCode is told of the worker's cell and of the workshop's key.
var unlikelyPostalCode = fault.Entry{
	Code: "ID-10", Class: fault.Offline, Severity: fault.Warning, Lane: fault.Tax, Scope: "cell", Field: "worker_postal_code",
	Message: fault.Text{FA: "کد پستی «{given}» {hint_fa}", EN: "postal code {given} {hint_en}"},
	Fix: fault.Text{
		FA: "کد پستی را بررسی کنید؛ اگر درست است کاری لازم نیست.",
		EN: "Check the postal code; if it is right, nothing is to be done.",
	},
	Effect: warns,
}

var unusualPostalCode = fault.Text{FA: "با الگوی معمول کد پستی نمی‌خواند", EN: "does not look like the usual pattern"}

func hintOfPostalCode(c payroll.PostalCode) fault.Text {
	if c.Check() != payroll.Valid {
		return fault.Text{FA: "ده رقم نیست و در فایل خالی نوشته می‌شود", EN: "does not have 10 digits and is written empty"}
	}
	return unusualPostalCode
}

// hintOfDigits tells what usually stands behind a number that is none.
func hintOfDigits(s string) fault.Text {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
		case unicode.IsLetter(r):
			return fault.Text{FA: "؛ در آن حرف " + string(r) + " آمده است", EN: "; it holds the letter " + string(r)}
		case unicode.IsNumber(r):
			return fault.Text{FA: "؛ عدد با کیبورد نامتعارف تایپ شده است", EN: "; a digit was typed with an unusual keyboard"}
		default:
			return fault.Text{FA: "؛ فقط رقم بنویسید", EN: "; write digits only"}
		}
	}
	if len(s) == 12 {
		return fault.Text{
			FA: "؛ اگر کد فراگیر اتباع است، آن را در ستون خود و ملیت را هم بنویسید",
			EN: "; if it is a foreigner's code, write it in its own column, and the nationality too",
		}
	}
	return fault.Text{}
}

// identified holds for an Iranian with a national code and a foreigner with a code of 8 to 14 digits.
func identified(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	if !l.Foreign() {
		if l.NationalCode == "" && !j.MissingColumns.Has(payroll.ColNationalCode) {
			j.found(l, payroll.ColNationalCode, "", "", "hint_fa", "کد ملی نوشته نشده است", "hint_en", "the national code is missing")
		}
		return
	}
	switch code := l.ForeignerCode; {
	case code == "" && j.MissingColumns.Has(payroll.ColForeignerCode):
	case code == "" && l.NationalCode != "":
		j.found(l, payroll.ColForeignerCode, "", "",
			"hint_fa", "کد فراگیر اتباع نوشته نشده است؛ کد فراگیر اتباع را در ستون خود بنویسید، نه در ستون کد ملی",
			"hint_en", "the foreigner's code is missing; write it in its own column, not under the national code")
	case code == "":
		j.found(l, payroll.ColForeignerCode, "", "", "hint_fa", "کد فراگیر اتباع نوشته نشده است", "hint_en", "the foreigner's code is missing")
	case code.Check() != payroll.Valid:
		hint := hintOfDigits(string(code))
		j.found(l, payroll.ColForeignerCode, string(code), "",
			"hint_fa", "کد فراگیر اتباع ۸ تا ۱۴ رقم دارد؛ «"+string(code)+"» نوشته شده است"+hint.FA,
			"hint_en", "a foreigner's code has 8 to 14 digits; given: "+string(code)+hint.EN)
	}
}

// samePerson runs for held rows too: a person has one row, held or not.
func samePerson(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	key, ok := l.PersonKey()
	if !ok {
		return
	}
	first, added := j.persons.Add(key, l.Row)
	if added {
		return
	}
	col, given := payroll.ColNationalCode, string(l.NationalCode)
	if l.Foreign() {
		col, given = payroll.ColForeignerCode, string(l.ForeignerCode)
	}
	j.again(l, col, given, first)
}

func sameInsuranceNumber(j *Judge, l *payroll.Line, _ *payroll.Assessed) {
	key, ok := l.InsuranceNumber.Key()
	if !ok || l.Hold {
		return
	}
	first, added := j.insured.Add(key, l.Row)
	if added {
		return
	}
	j.again(l, payroll.ColInsuranceNumber, string(l.InsuranceNumber), first)
}

// again reports a later row with the first one beside it.
func (j *Judge) again(l *payroll.Line, col payroll.ColumnID, given string, first int) {
	j.put(finding{
		entry: &j.check.Entry, severity: j.check.Entry.Severity, line: l, col: col, given: given, related: []int{first},
		with: []string{"first", number(first), "row", number(l.Row)},
	})
}
