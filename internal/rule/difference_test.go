package rule_test

import (
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"

	"github.com/stretchr/testify/require"
)

// monthOf is one tax month of one person's rows, each assessed by the law of the month.
func monthOf(month int, lines ...payroll.Line) rule.FiledMonth {
	id := payroll.TaxMonthIdentity{Employer: taxMehr.Employer, Period: jalali.Month{Year: 1405, Month: month}}
	list := payroll.FiledList{Header: payroll.Header{Workshop: "0123456789", ContractRow: "000", ListNo: "01", Period: id.Period, TaxPeriod: id.Period}}
	a := assessor(1405, month)
	for i := range lines {
		list.Lines = append(list.Lines, payroll.Filed{Line: lines[i], Assessed: assess(a, &lines[i])})
	}
	return rule.FiledMonth{Identity: id, Law: paramsOf(1405, month), Lists: []payroll.FiledList{list}}
}

// housed is a worker of both organisations with housing and grocery.
func housed(daily rial.Amount) payroll.Line {
	l := worker(30, daily, 0)
	l.Pay[payroll.Housing], l.Pay[payroll.Grocery] = 30*million, 22*million
	l.Given.Add(payroll.Housing.Column())
	return l
}

// estimates are the figures of each month as they are cut one after the other, by a law.
func estimates(months []rule.FiledMonth, other ...string) (tax []rial.Amount) {
	var e rule.Earlier
	for _, m := range months {
		a := rule.Assessor{TaxLaw: m.Law.Otherwise(other...), Earlier: func(string) rule.Earlier { return e }}
		made, _ := a.Month(m.Identity, m.Lists)
		x := made.Persons[0].Assessed
		tax = append(tax, x.TaxEstimate)
		e.Months++
		e.Taxable, e.Tax = e.Taxable+x.Taxable-x.Welfare, e.Tax+x.BeforeForgiveness
		e.Eidi, e.NonCash = e.Eidi+x.EidiExempt, e.NonCash+x.NonCashExempt
	}
	return tax
}

func TestExplain(t *testing.T) {
	t.Parallel()
	one := []rule.FiledMonth{monthOf(7, housed(20*million))}
	year := []rule.FiledMonth{monthOf(1, housed(9*million)), monthOf(2, housed(22*million)), monthOf(3, housed(60*million))}
	now := func(months []rule.FiledMonth, other ...string) rial.Amount {
		all := estimates(months, other...)
		return all[len(all)-1]
	}
	stays := worker(30, 20*million, 0)
	stays.Pay[payroll.Severance] = 100 * million
	foreign := housed(20 * million)
	foreign.InsuredKind = payroll.ForeignKind
	twice := []rule.FiledMonth{monthOf(7, housed(10*million), housed(12*million))}
	for name, c := range map[string]struct {
		months []rule.FiledMonth
		before rule.Earlier
		cut    rial.Amount // what the estimate was above what it is now
		tax    rial.Amount
		counts int
		others bool
		want   rule.Difference
	}{
		"the same figure is no difference, whatever else is said": {
			months: one, tax: now(one), counts: 4, others: true, want: rule.Difference{Months: 1},
		},
		"a deductible share of two sevenths": {
			months: one, tax: now(one, "deductible_share"), counts: 1,
			want: rule.Difference{Cause: rule.DisputedParameter, Proved: true, Readings: []string{"deductible_share"}, Months: 1},
		},
		"housing exempt, over the whole year": {
			months: year, tax: now(year, "tax_treatments.housing"), counts: 3,
			want: rule.Difference{Cause: rule.DisputedParameter, Proved: true, Readings: []string{"tax_treatments.housing"}, Months: 3},
		},
		"two disputes together, of a person with two rows": {
			months: twice, tax: now(twice, "tax_treatments.housing", "tax_treatments.grocery"), counts: 1,
			want: rule.Difference{Cause: rule.DisputedParameter, Proved: true, Readings: []string{"tax_treatments.grocery+tax_treatments.housing"}, Months: 1},
		},
		"a dispute proved outweighs another employer that is told of": {
			months: one, tax: now(one, "deductible_share"), counts: 1, others: true,
			want: rule.Difference{Cause: rule.DisputedParameter, Proved: true, Readings: []string{"deductible_share"}, Months: 1},
		},
		"end of service of one who stays": {
			months: []rule.FiledMonth{monthOf(7, stays)}, tax: now([]rule.FiledMonth{monthOf(7, stays)}, "leaver_pay"), counts: 1,
			want: rule.Difference{Cause: rule.DisputedParameter, Proved: true, Readings: []string{"leaver_pay"}, Months: 1},
		},
		"only the last month": {
			months: year, tax: now(year[2:]), counts: 1, want: rule.Difference{Cause: rule.OtherMonths, Proved: true, Months: 3},
		},
		"the last two of three": {
			months: year, tax: now(year[1:]), counts: 2, want: rule.Difference{Cause: rule.OtherMonths, Proved: true, Months: 3},
		},
		"the pay spread over seven months": {
			months: one, tax: 0, counts: 7, want: rule.Difference{Cause: rule.OtherMonths, Proved: true, Months: 1},
		},
		"months whose pay is not here": {
			months: one, tax: now(one) + 1_234, counts: 3, want: rule.Difference{Cause: rule.OtherMonths, Months: 1},
		},
		"another employer": {
			months: one, tax: now(one) + 77_000, counts: 1, others: true, want: rule.Difference{Cause: rule.SeveralEmployers, Months: 1},
		},
		"another employer and his months": {
			months: one, tax: now(one) + 77_000, counts: 5, others: true, want: rule.Difference{Cause: rule.SeveralEmployers, Months: 1},
		},
		"a rial that nothing explains": {
			months: one, tax: now(one) + 1, counts: 1, want: rule.Difference{Cause: rule.UnknownCause, Months: 1},
		},
		"a month before that was corrected since": {
			months: one, cut: 5, tax: now(one), counts: 1, want: rule.Difference{Cause: rule.OtherMonths, Proved: true, Months: 1},
		},
		"a count that no year has": {
			months: one, tax: now(one) + 1, counts: 1 << 30, want: rule.Difference{Cause: rule.OtherMonths, Months: 1},
		},
		"months before whose rows are not at hand": {
			months: one, before: rule.Earlier{Months: 2, Taxable: 900 * million, Tax: 10 * million}, tax: 0, counts: 3,
			want: rule.Difference{Cause: rule.UnknownCause, Months: 3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := &rule.PersonYear{Before: c.before, Months: c.months}
			estimate := now(c.months) + c.cut
			if c.before.Months > 0 {
				a := rule.Assessor{TaxLaw: c.months[0].Law, Earlier: func(string) rule.Earlier { return c.before }}
				made, _ := a.Month(c.months[0].Identity, c.months[0].Lists)
				estimate = made.Persons[0].Assessed.TaxEstimate
			}
			said := payroll.WorkerTax{Person: "0012345679", Tax: c.tax, Months: c.counts, SeveralEmployers: c.others}
			var x rule.Explainer
			got := x.Explain(y, estimate, said)
			require.Equal(t, c.want, got)
			require.Equal(t, got, x.Explain(y, estimate, said), "asked again")
			words := got.Text(c.months[0].Law, estimate, said)
			require.Equal(t, got.Cause == rule.NoDifference, words == fault.Text{})
			if got.Cause != rule.NoDifference {
				require.Contains(t, words.EN, said.Tax.Grouped())
				require.Contains(t, words.EN, estimate.Grouped())
			}
		})
	}
}

func TestExplain_readings_that_the_figure_does_not_tell_apart_are_all_named(t *testing.T) {
	t.Parallel()
	l := worker(30, 20*million, 0)
	l.Pay[payroll.Housing], l.Pay[payroll.Grocery] = 25*million, 25*million
	months := []rule.FiledMonth{monthOf(7, l)}
	ours, theirs := estimates(months)[0], estimates(months, "tax_treatments.housing")[0]
	var x rule.Explainer
	said := payroll.WorkerTax{Person: "0012345679", Tax: theirs, Months: 1}
	got := x.Explain(&rule.PersonYear{Months: months}, ours, said)
	require.Equal(t, []string{"tax_treatments.grocery", "tax_treatments.housing"}, got.Readings)
	words := got.Text(months[0].Law, ours, said)
	require.Contains(t, words.FA, "محل اختلاف است")
	require.Contains(t, words.EN, "the window takes taxable, the other value is exempt")
	require.Contains(t, words.EN, "\nor:\n")
}

func TestExplain_an_opening_balance_is_counted_once(t *testing.T) {
	t.Parallel()
	first := housed(20 * million)
	first.YTDMonths, first.YTDTaxable, first.YTDTax = 3, 1_500*million, 30*million
	first.Given.Add(payroll.ColYTDMonths)
	months := []rule.FiledMonth{monthOf(4, first), monthOf(5, housed(22*million))}
	var x rule.Explainer
	got := x.Explain(&rule.PersonYear{Months: months}, 0, payroll.WorkerTax{Tax: 1, Months: 5})
	require.Equal(t, 5, got.Months)
	require.Equal(t, rule.UnknownCause, got.Cause)
}
