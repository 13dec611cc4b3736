package hand

import (
	"strconv"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// entries are what can be wrong with a value that was entered. The codes are those of lists; the words speak of an answer.
var entries = fault.TableOf([]fault.Entry{
	entry("CELL-12", "{field} خالی است", "{field} is blank"),
	entry("CELL-03", "«{given}» در {field} عدد درست و نامنفی نیست", "“{given}” in {field} is not a whole number of at least zero"),
	entry("CELL-06", "مبلغ {given} بیش از اندازه بزرگ است", "the amount {given} is too large"),
	entry("CELL-13", "«{given}» در {field} شناخته نیست؛ یکی از این‌ها باشد: {expected}", "“{given}” in {field} is not known; write one of {expected}"),
	entry("DATE-02", "«{given}» در {field} تاریخ نیست", "“{given}” in {field} is no date"),
	entry("ID-02", "«{given}» کد ملی درست، یا F و کد فراگیر نیست", "“{given}” is neither a national code that stands nor F and a foreigner's code"),
	entry("ID-04", "{given} دو بار آمده است", "{given} stands twice"),
})

func entry(code, fa, en string) fault.Entry {
	return fault.Entry{Code: code, Class: fault.Offline, Severity: fault.Error, Scope: "cell", Message: fault.Text{FA: fa, EN: en}}
}

// reading reads values of records and gathers what is wrong with them.
type reading struct{ found fault.Findings }

func (r *reading) fault(code string, rec *record, field, expected string) {
	f := entries[code].At(rec.place(field), rec.values[field], expected, "field", field)
	r.found.Add(f, fault.Text{}, 1)
}

// problem is every fault at once, or nil.
func (r *reading) problem() error {
	n := r.found.Counts().Error
	if n == 0 {
		return nil
	}
	count := strconv.Itoa(n)
	return &fault.Problem{Kind: fault.Unprocessable, Faults: r.found.All(), Text: fault.Text{
		FA: "پاسخ ثبت نشد؛ " + count + " خطا دارد", EN: "the answer was not entered; it has " + count + " errors",
	}}
}

func slipAnswer(raw []byte, key payroll.DeliveryKey, digest string, now time.Time, records []record) (payroll.Answer, error) {
	a, r, seen := entered(raw, key, digest, now), &reading{}, map[string]bool{}
	for i := range records {
		rec := &records[i]
		p := payroll.Payment{Slip: r.digits(rec, "number"), Amount: rial.Amount(r.number(rec, "amount")), State: r.word(rec, "state", slipStates), Due: r.date(rec, "due")}
		if p.ListNo = key.List.ListNo; rec.values["list_no"] != "" || len(records) > 1 {
			p.ListNo = r.digits(rec, "list_no") // a list in several parts has a slip a part
		}
		if p.Slip != "" && seen[p.Slip] {
			r.fault("ID-04", rec, "number", "")
		}
		seen[p.Slip] = true
		a.Payments = append(a.Payments, p)
	}
	if len(records) == 0 {
		return payroll.Answer{}, nothing()
	}
	if err := r.problem(); err != nil {
		return payroll.Answer{}, err
	}
	return a, nil
}

func workerAnswer(raw []byte, key payroll.DeliveryKey, digest string, now time.Time, records []record) (payroll.Answer, error) {
	a, r, seen := entered(raw, key, digest, now), &reading{}, map[string]bool{}
	for i := range records {
		rec := &records[i]
		w := payroll.WorkerTax{
			Person: r.person(rec), Tax: rial.Amount(r.number(rec, "tax")), Months: int(r.number(rec, "months")),
			SeveralEmployers: r.word(rec, "several_employers", yesOrNo) == "yes",
		}
		if w.Months > 12 {
			r.fault("CELL-13", rec, "months", "0 … 12")
		}
		if w.Person != "" && seen[w.Person] {
			r.fault("ID-04", rec, "person", "")
		}
		seen[w.Person] = true
		a.Workers = append(a.Workers, w)
	}
	if len(records) == 0 {
		return payroll.Answer{}, nothing()
	}
	if err := r.problem(); err != nil {
		return payroll.Answer{}, err
	}
	return a, nil
}

func nothing() error {
	return &fault.Problem{Kind: fault.Unprocessable, Code: "SHEET-12", Text: fault.Text{FA: "پاسخ هیچ ردیفی ندارد", EN: "the answer has no row"}}
}

// word is one coded value and the words for it.
type word struct {
	code  string
	words []string
}

var (
	// The numbers are the official client's own.
	slipStates = []word{
		{"open", []string{"باز", "پرداخت نشده", "3"}},
		{"collected", []string{"وصول شده", "پرداخت شده", "2"}},
		{"void", []string{"باطل", "ابطال", "1"}},
	}
	yesOrNo = []word{{"yes", []string{"بله", "بلی", "true", "1"}}, {"no", []string{"خیر", "نه", "false", "0"}}}
)

func (r *reading) word(rec *record, field string, words []word) string {
	given := foldDigits(strings.ToLower(strings.ReplaceAll(rec.values[field], "\u200c", " ")))
	if given == "" {
		r.fault("CELL-12", rec, field, "")
		return ""
	}
	var all []string
	for _, w := range words {
		if given == w.code {
			return w.code
		}
		for _, s := range w.words {
			if given == s {
				return w.code
			}
		}
		all = append(all, w.code)
	}
	r.fault("CELL-13", rec, field, strings.Join(all, ", "))
	return ""
}

func (r *reading) digits(rec *record, field string) string {
	s := foldDigits(rec.values[field])
	switch {
	case s == "":
		r.fault("CELL-12", rec, field, "")
	case strings.Trim(s, "0123456789") != "":
		r.fault("CELL-03", rec, field, "")
	}
	return s
}

func (r *reading) number(rec *record, field string) int64 {
	s := strings.NewReplacer(",", "", "٬", "", "،", "").Replace(foldDigits(rec.values[field]))
	n, err := strconv.ParseUint(s, 10, 63)
	switch {
	case s == "":
		r.fault("CELL-12", rec, field, "")
	case strings.Trim(s, "0123456789") != "":
		r.fault("CELL-03", rec, field, "")
	case err != nil || n > uint64(rial.Max):
		r.fault("CELL-06", rec, field, "")
	default:
		return int64(n)
	}
	return 0
}

// date is optional; it is kept as 1405-07-01, as the organisations' own answers write it.
func (r *reading) date(rec *record, field string) string {
	s := foldDigits(rec.values[field])
	if s == "" {
		return ""
	}
	d, err := jalali.ParseDate(s)
	if err != nil {
		r.fault("DATE-02", rec, field, "1405-07-01")
		return ""
	}
	return strings.ReplaceAll(d.String(), "/", "-")
}

// person is a national code, whose zeros a number cell has lost, or F and a foreigner's code.
func (r *reading) person(rec *record) string {
	s := strings.ToUpper(foldDigits(rec.values["person"]))
	if s == "" {
		r.fault("CELL-12", rec, "person", "")
		return ""
	}
	if code, foreign := strings.CutPrefix(s, "F"); foreign {
		if payroll.ForeignerCode(code).Check() == payroll.Valid {
			return s
		}
	} else {
		if len(s) == 8 || len(s) == 9 {
			s = strings.Repeat("0", 10-len(s)) + s
		}
		if payroll.NationalCode(s).Check() == payroll.Valid {
			return s
		}
	}
	r.fault("ID-02", rec, "person", "")
	return ""
}

func foldDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		}
		return r
	}, strings.TrimSpace(s))
}

// plainNumber writes a stored number as digits where it is whole: 5.0 and 1.5E3 are. Anything else stays as it stands.
func plainNumber(s string) string {
	mantissa, exponent, _ := strings.Cut(strings.ToUpper(s), "E")
	shift := 0
	if exponent != "" {
		n, err := strconv.Atoi(exponent)
		if err != nil || n < 0 || n > 15 {
			return s
		}
		shift = n
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	part = strings.TrimRight(part, "0")
	if len(part) > shift || strings.Trim(whole+part, "0123456789") != "" || whole == "" {
		return s
	}
	digits := strings.TrimLeft(whole+part+strings.Repeat("0", shift-len(part)), "0")
	if digits == "" {
		return "0"
	}
	return digits
}
