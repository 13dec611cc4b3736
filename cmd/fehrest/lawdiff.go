package main

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// checked is what `check --json` prints of one list: the report, with --on what lateness costs by that day, and with --law
// what that law changes.
type checked struct {
	intake.Report
	Lateness *lateLanes `json:"lateness,omitempty"`
	Law      *lawChange `json:"law,omitempty"`
}

// lawChange is what judging a list by another month's law changes. Before is by the list's own law, after by the other.
type lawChange struct {
	Period       jalali.Month      `json:"period"`         // whose law was asked for
	InsteadOf    jalali.Month      `json:"instead_of"`     // the list's own period
	TaxInsteadOf jalali.Month      `json:"tax_instead_of"` // and tax period
	Verdicts     verdictChanges    `json:"verdicts"`
	Findings     []findingChange   `json:"findings"`   // causes that not the same rows have
	Totals       []totalChange     `json:"totals"`     // those that differ
	Parameters   []parameterChange `json:"parameters"` // of the law, those that differ
}

type verdictChanges struct {
	SSO verdictChange `json:"sso"`
	Tax verdictChange `json:"tax"`
}

type verdictChange struct {
	Before payroll.Verdict `json:"before"`
	After  payroll.Verdict `json:"after"`
}

// findingChange is one cause: a code at a field, at one severity. Rows are named up to the number of findings that are
// listed; the counts are exact.
type findingChange struct {
	Code       string         `json:"code"`
	Field      string         `json:"field"`
	Severity   fault.Severity `json:"severity"`
	Before     int            `json:"before"` // rows
	After      int            `json:"after"`
	Appears    []int          `json:"appears"`    // rows that have it by the other law only; 0 is the workshop sheet
	Disappears []int          `json:"disappears"` // rows that have it by the list's own law only
	Message    fault.Text     `json:"message"`    // of the first of them
}

type totalChange struct {
	Name   string      `json:"name"`
	Before rial.Amount `json:"before"`
	After  rial.Amount `json:"after"`
}

type parameterChange struct {
	Parameter string     `json:"parameter"`
	NameFA    string     `json:"name_fa"`
	Before    *parameter `json:"before"` // null where that month has none
	After     *parameter `json:"after"`
}

type parameter struct {
	Value   string `json:"value"`
	ValueFA string `json:"value_fa"`
	law.Source
}

// ownLaw is the reader with every list's own law.
func (r *reader) ownLaw() *reader {
	own := *r
	own.options.LawOf = jalali.Month{}
	return &own
}

// lawChangeOf compares a list as it was judged by its own law with the same list judged by the law of the month.
func lawChangeOf(book *law.Book, by jalali.Month, own, other *intake.Result) *lawChange {
	h := &own.Header
	c := &lawChange{
		Period: by, InsteadOf: h.Period, TaxInsteadOf: h.TaxPeriod,
		Verdicts: verdictChanges{
			SSO: verdictChange{own.Verdicts.SSO, other.Verdicts.SSO},
			Tax: verdictChange{own.Verdicts.Tax, other.Verdicts.Tax},
		},
		Findings: findingChanges(own.Findings, other.Findings),
		Totals:   totalChanges(&own.Totals, &other.Totals),
	}
	c.Parameters = parameterChanges(book, h, by)
	return c
}

// causeRows are the rows of one cause by one law.
type causeRows struct {
	rows    map[int]bool
	count   int // exact, where not every row is listed too
	message fault.Text
}

type causeKey struct {
	code, field string
	severity    fault.Severity
}

func findingChanges(own, other *fault.Findings) []findingChange {
	before, after := rowsByCause(own), rowsByCause(other)
	changes := []findingChange{}
	for key, b := range before {
		if a := after[key]; a == nil || b.count != a.count || !sameRows(b.rows, a.rows) {
			changes = append(changes, changeOf(key, b, a))
		}
	}
	for key, a := range after {
		if before[key] == nil {
			changes = append(changes, changeOf(key, nil, a))
		}
	}
	slices.SortFunc(changes, func(a, b findingChange) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Field, b.Field))
	})
	return changes
}

func changeOf(key causeKey, before, after *causeRows) findingChange {
	nothing := &causeRows{}
	message := before
	if after != nil && (before == nil || after.count > before.count) {
		message = after
	}
	before, after = cmp.Or(before, nothing), cmp.Or(after, nothing)
	return findingChange{
		Code: key.code, Field: key.field, Severity: key.severity, Before: before.count, After: after.count,
		Appears: onlyIn(after.rows, before.rows), Disappears: onlyIn(before.rows, after.rows), Message: message.message,
	}
}

func rowsByCause(f *fault.Findings) map[causeKey]*causeRows {
	causes := map[causeKey]*causeRows{}
	for _, x := range f.All() {
		key := causeKey{x.Code, x.Field, x.Severity}
		c := causes[key]
		if c == nil {
			c = &causeRows{rows: map[int]bool{}, message: x.Message}
			causes[key] = c
		}
		c.rows[x.Row] = true
		for _, row := range x.RelatedRows { // a finding a list stands for all its rows
			c.rows[row] = true
		}
		c.count = len(c.rows)
	}
	for _, whole := range f.Causes() {
		for severity := fault.Info; severity <= fault.Refuse; severity++ {
			if c := causes[causeKey{whole.Code, whole.Field, severity}]; c != nil && len(c.rows) >= fault.Listed {
				c.count = whole.Rows
			}
		}
	}
	return causes
}

func sameRows(a, b map[int]bool) bool { return len(onlyIn(a, b)) == 0 && len(onlyIn(b, a)) == 0 }

func onlyIn(a, b map[int]bool) []int {
	rows := []int{}
	for row := range a {
		if !b[row] {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return rows
}

func totalChanges(own, other *payroll.Totals) []totalChange {
	changes := []totalChange{}
	before, after := reflect.ValueOf(own).Elem(), reflect.ValueOf(other).Elem()
	for i := range before.NumField() {
		name := before.Type().Field(i).Tag.Get("json")
		if b, a := before.Field(i).Int(), after.Field(i).Int(); name != "-" && a != b {
			changes = append(changes, totalChange{name, rial.Amount(b), rial.Amount(a)})
		}
	}
	return changes
}

// parameterChanges compares the law of the list's two months, each for its own lane, with the other month's.
func parameterChanges(book *law.Book, h *payroll.Header, by jalali.Month) []parameterChange {
	changes := []parameterChange{}
	other, ok := book.On(by)
	if !ok {
		return changes
	}
	add := func(month jalali.Month, of func(fault.Lane) bool) {
		own, ok := book.On(month)
		if !ok { // DATE-06, or a list that could not be read: there is nothing to compare with
			return
		}
		for _, c := range law.Changes(own, other) {
			if of(c.Lane) {
				changes = append(changes, parameterChange{c.Parameter, c.Name, parameterOf(c.Before), parameterOf(c.After)})
			}
		}
	}
	add(h.Period, func(l fault.Lane) bool { return l.Has(fault.SSO) })
	add(h.TaxPeriod, func(l fault.Lane) bool { return l == fault.Tax })
	return changes
}

func parameterOf(e *law.Entry) *parameter {
	if e == nil {
		return nil
	}
	return &parameter{e.Value.EN, e.Value.FA, e.Source}
}

var totalsFA = map[string]string{
	"days": "روزها", "daily_wage": "جمع دستمزد روزانه", "monthly_wage": "دستمزد ماهانه", "benefits": "مزایای مشمول", "insurable": "مشمول کسر حق بیمه",
	"total": "جمع کل", "seniority": "پایه سنوات", "marriage": "حق تأهل", "worker_premium": "سهم بیمه‌شده", "employer_premium": "سهم کارفرما",
	"unemployment": "بیمه بیکاری", "premium_due": "حق بیمه ماه", "taxable": "مشمول مالیات", "tax_estimate": "برآورد مالیات",
}

// printLawChange prints what the other law changes, for a person: verdicts, causes, totals, then the figures of the law.
func printLawChange(w io.Writer, c *lawChange) {
	p := printer{w}
	if c.InsteadOf.IsZero() {
		p.line("  لیست خوانده نشد و با قانون دیگری سنجیدنی نیست — the list could not be read, so another law changes nothing")
		return
	}
	p.line("  با قانون %[1]s به جای %[2]s — by the law of %[1]s instead of %[2]s:", c.Period, c.InsteadOf)
	verdicts := []struct {
		fa, en string
		verdictChange
	}{{"تأمین اجتماعی", "sso", c.Verdicts.SSO}, {"مالیات", "tax", c.Verdicts.Tax}}
	changed := len(c.Findings)+len(c.Totals) > 0
	for _, v := range verdicts {
		if v.Before != v.After {
			changed = true
			p.line("    %s: %s ← %s (%s %s → %s)", v.fa, verdictWords[v.After], verdictWords[v.Before], v.en, v.Before, v.After)
		}
	}
	if !changed {
		p.line("    حکم، یافته‌ها و جمع‌ها همان است — verdicts, findings and totals stay as they are")
	}
	for _, f := range c.Findings {
		p.line("    %-7s %s %s: %d ← %d ردیف (rows %d → %d)%s%s", f.Severity, f.Code, f.Field, f.After, f.Before, f.Before, f.After,
			rowsOf(" +", f.Appears), rowsOf(" −", f.Disappears))
		p.line("            %s\n            %s", f.Message.FA, f.Message.EN)
	}
	for _, t := range c.Totals {
		sign := ""
		if t.After > t.Before {
			sign = "+"
		}
		p.line("    %-16s %s → %s (%s%s) %s", t.Name, t.Before.Grouped(), t.After.Grouped(), sign, (t.After - t.Before).Grouped(), totalsFA[t.Name])
	}
	for _, x := range c.Parameters {
		p.line("    %s %s: %s → %s", x.Parameter, x.NameFA, valueOf(x.Before), valueOf(x.After))
	}
}

type printer struct{ w io.Writer }

func (p printer) line(format string, args ...any) { _, _ = fmt.Fprintf(p.w, format+"\n", args...) }

// rowsOf names a handful of rows.
func rowsOf(sign string, rows []int) string {
	const handful = 10
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, row := range rows {
		if i == handful {
			b.WriteString(" …")
			break
		}
		_, _ = fmt.Fprintf(&b, " %d", row)
	}
	return b.String()
}

func valueOf(p *parameter) string {
	if p == nil {
		return "–"
	}
	disputed := ""
	if p.Verification == law.Disputed {
		disputed = "؛ محل اختلاف"
	}
	return fmt.Sprintf("%s (%s%s)", p.ValueFA, p.ReferenceFA, disputed)
}
