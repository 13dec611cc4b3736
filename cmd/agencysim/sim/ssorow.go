package sim

import (
	"fmt"
	"strconv"
)

// checkWorker judges one row on its own and against its pair's head.
func (p *ssoPair) checkWorker(w *worker, r *rates) {
	w.checkIdentity(p.kar.period)
	if p.kar.period.month == 0 {
		return
	}
	w.checkDays(p.kar.period)
	prem, known := r.premiums[p.kar.period.year]
	limit, capped := r.caps[p.kar.period.year]
	if known && capped {
		w.checkMoney(p.kar, prem, limit)
	}
}

// checkAgreement holds the rows' workshop, month and list number against the head's. Where every row says the same
// and only the head another, the head is named.
func (p *ssoPair) checkAgreement(c *collector) {
	for _, f := range []struct {
		head, row string
		found     string
		of        func(w *worker) string
	}{
		{"DSK_ID", "DSW_ID", p.kar.workshop, func(w *worker) string { return w.workshop }},
		{"DSK_LISTNO", "DSW_LISTNO", p.kar.listNo, func(w *worker) string { return w.listNo }},
		{"DSK_YY", "DSW_YY", strconv.FormatInt(p.kar.sums["DSK_YY"], 10), func(w *worker) string { return strconv.Itoa(w.year) }},
		{"DSK_MM", "DSW_MM", strconv.FormatInt(p.kar.sums["DSK_MM"], 10), func(w *worker) string { return strconv.Itoa(w.monthOf) }},
	} {
		said := map[string]bool{}
		for i := range p.workers {
			said[f.of(&p.workers[i])] = true
		}
		if len(said) == 1 && !said[f.found] {
			c.in(p.files.karName).add("SIM-08", f.head, 1, "", f.found, f.of(&p.workers[0])+" as "+f.row)
			c.in(p.files.worName)
			continue
		}
		for i := range p.workers {
			if w := &p.workers[i]; f.of(w) != f.found {
				w.row.fault("SIM-08", f.row, f.of(w), f.found)
			}
		}
	}
}

func (w *worker) checkIdentity(m month) {
	if w.iranian && !nationalCode(w.code) {
		w.row.fault("SIM-12", "PER_NATCOD", w.code, "ten digits with a right check digit")
	}
	if !w.iranian && w.code != "" {
		w.row.fault("SIM-12", "PER_NATCOD", w.code, "blank for a foreigner")
	}
	if !insuranceNumber(w.insurance) {
		w.row.fault("SIM-12", "DSW_ID1", w.insurance, "eight digits, or ten not beginning with 00")
	}
	if !jobCode(w.jobCode) {
		w.row.fault("SIM-12", "DSW_JOB", w.jobCode, "six digits or capital letters")
	}
	if e, ok := sexWords[w.sex]; !ok || e != w.row.enc {
		w.row.fault("SIM-09", "DSW_SEX", fmt.Sprintf("% X", w.sex), "مرد or زن in the file's encoding")
	}
	if len(w.row.raw("DSW_NAT")) == 0 {
		w.row.fault("SIM-22", "DSW_NAT", "", "a nationality")
	}
	if w.name == "" {
		w.row.fault("SIM-22", "DSW_FNAME", "", "a first name")
	}
	if w.surname == "" {
		w.row.fault("SIM-22", "DSW_LNAME", "", "a last name")
	}
	w.checkBirth(m)
}

// checkBirth judges the two dates that lie before the month.
func (w *worker) checkBirth(m month) {
	birth, issued := w.row.date("DSW_BDATE"), w.row.date("DSW_IDATE")
	if m.month == 0 {
		return
	}
	last := day{m.year, m.month, m.days()}.ordinal()
	if birth != (day{}) && (birth.year > m.year-10 || birth.year < m.year-110) {
		w.row.fault("SIM-13", "DSW_BDATE", w.birth, "the birth date of a working person")
	}
	if issued != (day{}) && (issued.ordinal() > last || issued.ordinal() < birth.ordinal() && birth != (day{})) {
		w.row.fault("SIM-13", "DSW_IDATE", w.issued, "a day between birth and the month's end")
	}
}

// checkDays holds the days against the month and the employment inside it. The
// leaving date is the first day not worked.
func (w *worker) checkDays(m month) {
	first, past := 1, m.days()+1
	if w.start != (day{}) {
		if !w.start.in(m) {
			w.row.fault("SIM-13", "DSW_SDATE", w.row.plain("DSW_SDATE"), "a day of the month, or blank")
		} else {
			first = w.start.day
		}
	}
	if w.end != (day{}) {
		if !w.end.in(m) {
			w.row.fault("SIM-13", "DSW_EDATE", w.row.plain("DSW_EDATE"), "a day of the month, or blank")
		} else {
			past = w.end.day
		}
	}
	if past < first {
		w.row.fault("SIM-13", "DSW_EDATE", w.row.plain("DSW_EDATE"), "not before DSW_SDATE")
		return
	}
	if w.days > past-first {
		w.row.fault("SIM-14", "DSW_DD", strconv.Itoa(w.days), fmt.Sprintf("at most %d, from DSW_SDATE to DSW_EDATE", past-first))
	}
}

func (w *worker) checkMoney(k workshopMonth, prem premiums, limit caps) {
	days := int64(w.days)
	expect := func(code, field string, found, expected int64) {
		if found != expected {
			w.row.fault(code, field, strconv.FormatInt(found, 10), strconv.FormatInt(expected, 10))
		}
	}
	expect("SIM-09", "DSW_PRATE", w.commission, 0)
	wage := (w.daily + w.seniority) * days
	// A payslip's own figure may be off by the rounding of each day.
	if d := w.wage - wage; d > days || -d > days {
		w.row.fault("SIM-15", "DSW_MAH", strconv.FormatInt(w.wage, 10), fmt.Sprintf("%d give or take %d", wage, days))
	}
	if w.marriage > w.benefits {
		w.row.fault("SIM-17", "DSW_SPOUSE", strconv.FormatInt(w.marriage, 10), "a part of DSW_MAZ")
	}
	paid := w.wage + w.benefits
	if insurable := min(paid, limit.maximum*days); k.listNo == "01" || !w.addition(k.period, paid, limit) {
		expect("SIM-16", "DSW_MASH", w.insurable, insurable)
	}
	if w.total < paid || w.total < w.insurable {
		w.row.fault("SIM-17", "DSW_TOTL", strconv.FormatInt(w.total, 10), fmt.Sprintf("at least DSW_MAH + DSW_MAZ = %d", paid))
	}
	expect("SIM-18", "DSW_BIME", w.premium, percent(w.insurable, prem.worker))
}

// addition tells whether the row can be a supplement to another list of the
// month, whose days carry its cap.
func (w *worker) addition(m month, paid int64, limit caps) bool {
	return w.insurable <= paid && w.insurable <= limit.maximum*int64(m.days())
}

// employerShare is what the employer owes on the row, were he not exempt. Only
// an apprentice may be paid below the minimum wage; his premium is that of the
// minimum and the gap is the employer's (social security law art. 33).
func (w *worker) employerShare(prem premiums, limit caps) int64 {
	if w.apprentice(limit) {
		return percent(max(w.insurable, limit.minimum*int64(w.days)), prem.apprentice) - w.premium
	}
	return percent(w.insurable, prem.employer)
}

func (w *worker) apprentice(limit caps) bool { return w.days > 0 && w.daily < limit.minimum }
