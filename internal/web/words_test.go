package web

import (
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestFa_leaves_what_is_looked_for_as_it_stands(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"دستمزد 5,541,850 ریال":        "دستمزد ۵,۵۴۱,۸۵۰ ریال",
		"از حداقل 1405-07 کمتر است":    "از حداقل \u2066۱۴۰۵-۰۷\u2069 کمتر است",
		"«01-7» نوشته شده است":         "«\u2066۰۱-۷\u2069» نوشته شده است",
		"در «Ali1» نویسه‌ای":           "در «\u2066Ali1\u2069» نویسه‌ای",
		"رواداری (PREM-05)، خانهٔ D12": "رواداری (\u2066PREM-05\u2069)، خانهٔ \u2066D12\u2069",
		"بیمه (7%) تا 1405/08/30":      "بیمه (۷٪) تا ۱۴۰۵/۰۸/۳۰",
		"بدون رقم xlsx":                "بدون رقم xlsx",
	} {
		require.Equal(t, want, fa(given))
	}
}

func TestHeading_does_not_give_one_findings_words_to_all(t *testing.T) {
	t.Parallel()
	at := func(texts ...string) group {
		g := group{cause: fault.Cause{Field: "period"}}
		for _, x := range texts {
			g.faults = append(g.faults, fault.Fault{Message: fault.Text{FA: x}})
		}
		return g
	}
	require.Equal(t, "مهلت بیمه گذشت", heading(at("مهلت بیمه گذشت")))
	require.Equal(t, fieldLabel("period")+": مهلت گذشت", heading(at("مهلت گذشت", "مهلت گذشت")))
	require.Equal(t, fieldLabel("period")+": مهلت …", heading(at("مهلت بیمه گذشت", "مهلت مالیات گذشت")))
}

func TestState_of_a_list_that_went_to_one_organisation(t *testing.T) {
	t.Parallel()
	l := &list{State: payroll.Answered, Version: 1, Verdicts: payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Accepted}}
	l.Deliveries.SSO.State, l.Deliveries.Tax.State = payroll.NotSent, payroll.AnswerAccepted
	require.Equal(t, waiting, stateOf(l).class)
	require.NotContains(t, stateOf(l).text, "هر دو")
	require.Equal(t, []fault.Lane{fault.SSO}, l.left())
	l.Deliveries.SSO.State = payroll.LaneNotAddressed
	require.NotContains(t, stateOf(l).text, "هر دو")
	l.Deliveries.SSO.State = payroll.AnswerAccepted
	require.Contains(t, stateOf(l).text, "هر دو")
	require.Empty(t, l.left())
}

func TestState_of_a_list_that_is_only_kept(t *testing.T) {
	t.Parallel()
	l := &list{State: payroll.Answered}
	l.Deliveries.SSO = lane{State: payroll.LaneNotAddressed}
	l.Deliveries.Tax = lane{State: payroll.LaneNotAddressed, Key: "tax.10380284790.0.1402-07.1"}
	require.NotContains(t, stateOf(l).text, "پاسخ", "nobody answered")
	require.Equal(t, keptOnly, stateOfLane(&l.Deliveries.Tax))
	require.NotEqual(t, keptOnly, stateOfLane(&l.Deliveries.SSO))
	require.Contains(t, because("no tax file is made for this month; its lists are kept as history"), "سابقه")
	require.Equal(t, "another", because("another"))
	require.Contains(t, because("filed outside this window before with 12 persons; 3 of them are in none of the lists sent here"), "با ۱۲ نفر فرستاده شده است و ۳ نفر")
}
