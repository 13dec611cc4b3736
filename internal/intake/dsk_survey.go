package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fehrest/internal/agency/sso"
	"fehrest/internal/fault"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// dskSurvey is what a first look through the SSO's files shows: their own sums, and what of the rows can only be found out
// from the totals of the workshop's file.
type dskSurvey struct {
	kar, wor  int      // how many fields the files have
	karFields []string // of the totals that are compared
	fields    []string // of those that columns are made of
	sums      [karTotals]int64
	rows      int
	kinds     map[int]payroll.InsuredKind // guessed, by record
	persons   []dskPerson                 // while it is looked through
}

// dskPerson is what the shares of one row depend on.
type dskPerson struct {
	record    int
	insurable rial.Amount
	days      int64
	foreign   bool
	manager   bool // by the title of his job
}

func (s *dskSurvey) has(field string) bool { return slices.Contains(s.fields, field) }

// karHas tells whether the workshop's file has the field.
func (r *ownReader) karHas(field string) bool { return slices.Contains(r.survey.karFields, field) }

func (s *dskSurvey) kindOf(record int) payroll.InsuredKind { return s.kinds[record] }

// The totals of DSKKAR00 that its rows add up to.
const (
	sumWorkers = iota
	sumDays
	sumDailyWage
	sumMonthlyWage
	sumBenefits
	sumInsurable
	sumTotal
	sumWorkerPremium
	sumSeniority
	sumMarriage
	karTotals
)

// totalFields name the totals, what they say, and what the same comes to in the list as it is read.
var totalFields = [karTotals]struct {
	field string
	count bool // of workers or days: equal or not
	kar   func(*sso.Kar) int64
	wor   func(*sso.Wor) int64
	list  func(*payroll.Totals) int64
}{
	sumWorkers:       {"DSK_NUM", true, func(k *sso.Kar) int64 { return k.Workers }, func(*sso.Wor) int64 { return 1 }, nil},
	sumDays:          {"DSK_TDD", true, func(k *sso.Kar) int64 { return k.Days }, func(w *sso.Wor) int64 { return w.Days }, func(t *payroll.Totals) int64 { return int64(t.Days) }},
	sumDailyWage:     {"DSK_TROOZ", false, func(k *sso.Kar) int64 { return k.DailyWage }, func(w *sso.Wor) int64 { return w.DailyWage }, nil},
	sumMonthlyWage:   {"DSK_TMAH", false, func(k *sso.Kar) int64 { return k.MonthlyWage }, func(w *sso.Wor) int64 { return w.MonthlyWage }, func(t *payroll.Totals) int64 { return int64(t.MonthlyWage) }},
	sumBenefits:      {"DSK_TMAZ", false, func(k *sso.Kar) int64 { return k.Benefits }, func(w *sso.Wor) int64 { return w.Benefits }, func(t *payroll.Totals) int64 { return int64(t.Benefits) }},
	sumInsurable:     {"DSK_TMASH", false, func(k *sso.Kar) int64 { return k.Insurable }, func(w *sso.Wor) int64 { return w.Insurable }, func(t *payroll.Totals) int64 { return int64(t.Insurable) }},
	sumTotal:         {"DSK_TTOTL", false, func(k *sso.Kar) int64 { return k.Total }, func(w *sso.Wor) int64 { return w.Total }, func(t *payroll.Totals) int64 { return int64(t.Total) }},
	sumWorkerPremium: {"DSK_TBIME", false, func(k *sso.Kar) int64 { return k.WorkerPremium }, func(w *sso.Wor) int64 { return w.WorkerPremium }, func(t *payroll.Totals) int64 { return int64(t.WorkerPremium) }},
	sumSeniority:     {"DSK_INC", false, func(k *sso.Kar) int64 { return k.Seniority }, func(w *sso.Wor) int64 { return w.Seniority * w.Days }, func(t *payroll.Totals) int64 { return int64(t.Seniority) }},
	sumMarriage:      {"DSK_SPOUSE", false, func(k *sso.Kar) int64 { return k.Marriage }, func(w *sso.Wor) int64 { return w.Marriage }, func(t *payroll.Totals) int64 { return int64(t.Marriage) }},
}

// lookThrough reads the workers' file to its end: its sums, whether its rows name the same workshop, month and list, and
// what only the totals tell of them.
func (r *ownReader) lookThrough(name string) error {
	from, err := r.list.files.open(name)
	if err != nil {
		return err
	}
	records, err := sso.Wors(from, r.encoding)
	if err != nil {
		return r.badTable(name, err)
	}
	s := &r.survey
	var unread []string
	s.wor, unread = records.Fields()
	for _, c := range dskColumns {
		if records.Has(c.field) {
			s.fields = append(s.fields, c.field)
		}
	}
	var w sso.Wor
	var differ pairDiffers
	for records.Next(&w) {
		s.rows++
		for i := range totalFields {
			s.sums[i] += totalFields[i].wor(&w)
		}
		differ.look(records.Record(), &r.kar, &w)
		if s.rows <= MostWorkers { // more is refused; nothing of them is kept
			s.persons = append(s.persons, personOf(records.Record(), &w))
		}
	}
	if records.Err() != nil {
		return r.badTable(name, records.Err())
	}
	r.deleted(name, records.Deleted())
	differ.tell(r, name)
	found := fmt.Sprintf("%d+%d", s.kar, s.wor)
	if len(unread) > 0 {
		found += ", not read: " + strings.Join(unread, " ")
	}
	for _, field := range unread {
		if !slices.Contains(otherLayout, field) {
			r.in.judge.ReportPlace(codeSheet05, fault.Place{Sheet: name, Column: field}, field, "", "")
		}
	}
	r.in.guessed("layout", found, "fields by name")
	if p := r.lawOf(); p != nil {
		r.guessKinds(p)
		r.guessExemption(p)
	}
	s.persons = nil
	return nil
}

// otherLayout are the fields that one layout in circulation has beside the organisation's own: sums of what is read anyway.
var otherLayout = []string{"DSW_KOSO", "DSW_BIME20"}

// lawOf is the law that will judge the list, nil where none governs it.
func (r *ownReader) lawOf() *law.Params {
	m := r.in.result.Header.Period
	if r.in.o.Book == nil || m.IsZero() {
		return nil
	}
	if !r.in.o.LawOf.IsZero() {
		m = r.in.o.LawOf
	}
	p, _ := r.in.o.Book.On(m)
	return p
}

// pairDiffers counts rows that name another workshop, month or list than the workshop's file.
type pairDiffers [4]struct {
	rows, first     int
	given, expected string
}

var pairFields = [4]string{"DSW_ID", "DSW_YY", "DSW_MM", "DSW_LISTNO"}

func (d *pairDiffers) look(record int, k *sso.Kar, w *sso.Wor) {
	for i, x := range [4]struct{ given, expected string }{
		{w.ID, k.ID},
		{strconv.FormatInt(fullYear(w.Year), 10), strconv.FormatInt(fullYear(k.Year), 10)},
		{strconv.FormatInt(w.Month, 10), strconv.FormatInt(k.Month, 10)},
		{strings.TrimLeft(w.ListNo, "0"), strings.TrimLeft(k.ListNo, "0")},
	} {
		if x.given == x.expected {
			continue
		}
		if d[i].rows++; d[i].rows == 1 {
			d[i].first, d[i].given, d[i].expected = record, x.given, x.expected
		}
	}
}

func (d *pairDiffers) tell(r *ownReader, name string) {
	for i, x := range d {
		if x.rows == 0 {
			continue
		}
		at := fault.Place{Sheet: name, Row: x.first, Column: pairFields[i]}
		n := strconv.Itoa(x.rows)
		r.in.judge.ReportPlace(codeList06, at, x.given, x.expected, "",
			"what_fa", pairFields[i]+" در "+n+" رکورد «"+x.given+"» است و در "+sso.KarName+" «"+x.expected+"»",
			"what_en", pairFields[i]+" is "+x.given+" in "+n+" records and "+x.expected+" in "+sso.KarName)
	}
}

// managers are the words of jobs whose holders owe no unemployment premium where they are the employer himself.
var managers = []string{"مدیرعامل", "مدیر عامل", "کارفرما", "هیئت مدیره", "هیات مدیره"}

func personOf(record int, w *sso.Wor) dskPerson {
	p := dskPerson{record: record, insurable: rial.Amount(min(max(w.Insurable, 0), maxDigits)), days: w.Days}
	p.foreign = w.Nationality != "" && !slices.Contains(iranian, string(fold(nil, []byte(w.Nationality))))
	for _, word := range managers {
		p.manager = p.manager || strings.Contains(w.Occupation, word)
	}
	return p
}

// guessKinds finds those who owe no unemployment premium: the file tells it in a total only. What the total lacks must be
// theirs to the rial a row, of all whose job is an employer's, or of one row alone; else nothing is guessed.
func (r *ownReader) guessKinds(p *law.Params) {
	s := &r.survey
	rate := p.Premium[payroll.NormalKind].Unemployment.Value
	var all, ofManagers rial.Amount
	for i := range s.persons {
		x := &s.persons[i]
		if x.foreign {
			continue
		}
		share := x.insurable.Times(rate, rial.HalfUp)
		if all = all.Add(share); x.manager {
			ofManagers = ofManagers.Add(share)
		}
	}
	lacks := all - rial.Amount(r.kar.Unemployment)
	tolerance := rial.Amount(s.rows)
	if lacks <= tolerance {
		return
	}
	one := func(*dskPerson) bool { return false }
	switch only := s.only(lacks, rate); {
	case ofManagers > 0 && distance(lacks, ofManagers) <= tolerance:
		one = func(x *dskPerson) bool { return x.manager }
	case only > 0:
		one = func(x *dskPerson) bool { return x.record == only }
	}
	s.kinds = map[int]payroll.InsuredKind{}
	for i := range s.persons {
		if x := &s.persons[i]; !x.foreign && one(x) {
			s.kinds[x.record] = payroll.EmployerKind
			r.in.guessed("insured_kind", fmt.Sprintf("employer: record %d", x.record), "DSK_BIC is lower than the rows owe, by this row's share")
		}
	}
}

// only is the one record whose share is what the total lacks, 0 where there is none or more than one.
func (s *dskSurvey) only(lacks rial.Amount, rate rial.Rate) (record int) {
	for i := range s.persons {
		x := &s.persons[i]
		if x.foreign || distance(x.insurable.Times(rate, rial.HalfUp), lacks) > 1 {
			continue
		}
		if record > 0 {
			return 0
		}
		record = x.record
	}
	return record
}

// guessExemption finds a workshop of the five-worker exemption where the sender did not say: its employer's total lacks the
// shares of the first five, and nothing else.
func (r *ownReader) guessExemption(p *law.Params) {
	h, lent := &r.in.result.Header, r.in.o.Workshop
	if h.Given.Has(payroll.KeyExemptFive) || lent != nil && lent.Given.Has(payroll.KeyExemptFive) {
		return
	}
	s := &r.survey
	rate := p.Premium[payroll.NormalKind].Employer.Value
	var all, waived rial.Amount
	quota := p.ExemptFive.Value
	if profile := r.in.o.Profile; profile != nil && profile.ExemptFiveQuota > 0 {
		quota = profile.ExemptFiveQuota
	}
	for i := range s.persons {
		x := &s.persons[i]
		share := x.insurable.Times(rate, rial.HalfUp)
		all = all.Add(share)
		if x.days > 0 && s.kinds[x.record] == "" && quota > 0 {
			waived = waived.Add(share)
			quota--
		}
	}
	lacks := all - rial.Amount(r.kar.EmployerPremium)
	if lacks <= rial.Amount(s.rows) || distance(lacks, waived) > rial.Amount(s.rows) {
		return
	}
	h.ExemptFive = true
	h.Given.Add(payroll.KeyExemptFive)
	r.in.headers.places[payroll.KeyExemptFive] = fault.Place{Sheet: r.list.dsk.kar[0], Row: 1, Column: "DSK_TKOSO"}
	r.in.guessed(payroll.KeyExemptFive.Info().Key, "yes", "DSK_TKOSO lacks the employer's shares of the first workers")
}

func distance(a, b rial.Amount) rial.Amount { return max(a-b, b-a) }

// compare is LIST-01: each total of the workshop's file beside its rows, and beside what the list comes to.
func (r *ownReader) compare() {
	s := &r.survey
	computed := !r.unsound && !r.torn && r.judge.Law() != nil
	for i := range totalFields {
		t := &totalFields[i]
		if !r.karHas(t.field) {
			continue
		}
		given, rows := t.kar(&r.kar), s.sums[i]
		switch {
		case r.unsound && !t.count:
		case s.apart(given, rows, t.count):
			r.tellTotal(t.field, given, rows, fault.Text{FA: "جمع ردیف‌های " + sso.WorName, EN: "the rows of " + sso.WorName + " come to"})
		case t.list != nil && computed && s.apart(given, t.list(&r.totals), t.count):
			r.tellTotal(t.field, given, t.list(&r.totals), computedFromRows)
		}
	}
	if !computed {
		return
	}
	for _, x := range []struct {
		field           string
		given, computed int64
	}{
		{"DSK_TKOSO", r.kar.EmployerPremium, int64(r.totals.EmployerPremium)},
		{"DSK_BIC", r.kar.Unemployment, int64(r.totals.Unemployment)},
	} {
		if r.karHas(x.field) && s.apart(x.given, x.computed, false) {
			r.tellTotal(x.field, x.given, x.computed, computedFromRows)
		}
	}
	r.compareRate()
}

var computedFromRows = fault.Text{FA: "رقم محاسبه‌شده از ردیف‌ها به حکم قانون", EN: "by law the rows come to"}

// apart tells figures that differ: counts at all, amounts by more than a rial a row.
func (s *dskSurvey) apart(a, b int64, count bool) bool {
	d := int64(distance(rial.Amount(a), rial.Amount(b)))
	return d > 0 && (count || d > int64(s.rows))
}

func (r *ownReader) tellTotal(field string, given, expected int64, what fault.Text) {
	at := fault.Place{Sheet: r.list.dsk.kar[0], Row: 1, Column: field}
	r.judge.ReportPlace(codeList01, at, strconv.FormatInt(given, 10), strconv.FormatInt(expected, 10), "",
		"name", field, "what_fa", what.FA, "what_en", what.EN)
}

// compareRate only warns: real files disagree about DSK_RATE.
func (r *ownReader) compareRate() {
	want := sso.WholePercent(r.judge.Law(), r.totals.Unemployment > 0)
	if !r.karHas("DSK_RATE") || r.kar.Rate == want || r.totals.Insurable == 0 {
		return
	}
	e := *codeList01
	e.Severity = fault.Warning
	at := fault.Place{Sheet: r.list.dsk.kar[0], Row: 1, Column: "DSK_RATE"}
	r.judge.ReportPlace(&e, at, strconv.FormatInt(r.kar.Rate, 10), strconv.FormatInt(want, 10), "",
		"name", "DSK_RATE", "what_fa", computedFromRows.FA, "what_en", computedFromRows.EN)
}

// tellSources says which sums stand for pay that the files do not tell apart.
func (r *ownReader) tellSources() {
	switch {
	case r.list.dsk != nil && r.list.tax != nil:
		r.in.guessed("components", "by WH column; insurable or not by DSW_MAZ and DSW_TOTL", "no file tells the pay of a column apart")
	case r.list.dsk != nil:
		r.in.guessed("other_continuous", "DSW_MAZ − DSW_SPOUSE", "the file does not tell its benefits apart")
		r.in.guessed("other_noncontinuous", "DSW_TOTL − DSW_MAH − DSW_MAZ", "the file does not tell apart what is in the total and not insurable")
	}
	r.tellTaxSources()
}
