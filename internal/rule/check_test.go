package rule_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/intake/casetest"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"

	"github.com/stretchr/testify/require"
)

// A passing and a failing case of a code that rests on registers: what is changed in a good list of six workers. The cases
// of all others are lists in testdata.
type example struct {
	code  string
	fails func(l *list)
	// passes is the nearest list without the finding; nil: the good list.
	passes   func(l *list)
	field    string
	given    string
	expected string
	verdicts payroll.Verdicts // of the failing case
}

var (
	rejectedBySSO = payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Accepted}
	warnedByBoth  = payroll.Verdicts{SSO: payroll.AcceptedWithWarnings, Tax: payroll.AcceptedWithWarnings}
	accepted      = payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted}
)

// The good worker's arithmetic: 6,000,000 × 30 + 30,000,000 + 22,000,000 = 232,000,000 insurable, 7 % = 16,240,000.
const goodPremium = 16_240_000

func foreigner(l *payroll.Line) {
	l.Nationality, l.NationalCode, l.ForeignerCode, l.InsuredKind = "افغانستان", "", "123456789012", payroll.ForeignKind
	l.CitizenshipCountry = "004"
	l.Given = l.Given.Without(payroll.SetOf(payroll.ColNationalCode))
	l.Given.Add(payroll.ColForeignerCode)
}

func day(m, d int) jalali.Date { return jalali.Date{Year: 1405, Month: m, Day: d} }

func TestChecks(t *testing.T) {
	t.Parallel()
	for _, e := range historyExamples {
		t.Run(e.code+"/found", func(t *testing.T) {
			t.Parallel()
			l := goodList(t, 6)
			e.fails(l)
			out := l.run()
			found := l.of(e.code)
			require.NotEmpty(t, found, l.judge.Findings.All())
			f := found[0]
			if e.field != "" {
				require.Equal(t, e.field, f.Field)
				require.Equal(t, e.given, f.Given)
				require.Equal(t, e.expected, f.Expected)
			}
			require.NotContains(t, f.Message.FA+f.Message.EN, "{", "a name of the message was left open")
			require.Equal(t, e.verdicts, out.Verdicts, l.judge.Findings.All())
			requireOnly(t, l, e.code)
		})
		t.Run(e.code+"/silent", func(t *testing.T) {
			t.Parallel()
			l := goodList(t, 6)
			if e.passes != nil {
				e.passes(l)
			}
			l.run()
			require.Empty(t, l.of(e.code))
		})
	}
}

// requireOnly holds that a single change brings a single error: one mistake is told once.
func requireOnly(t *testing.T, l *list, code string) {
	t.Helper()
	for _, f := range l.judge.Findings.All() {
		if f.Severity >= fault.Error {
			require.Equal(t, code, f.Code, f.Message.EN)
		}
	}
}

func TestCodes_are_whole(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range rule.Codes() {
		require.False(t, seen[e.Code], e.Code)
		seen[e.Code] = true
		for _, text := range []string{e.Message.FA, e.Message.EN, e.Fix.FA, e.Fix.EN, e.Effect.FA, e.Effect.EN, e.Scope} {
			require.NotEmpty(t, text, e.Code)
		}
		require.Equal(t, e.Code, rule.Entry(e.Code).Code)
		require.NotEmpty(t, e.Class, e.Code)
		if e.Field != "" {
			_, column := payroll.ColumnOf(e.Field)
			_, key := payroll.HeaderOf(e.Field)
			require.True(t, column || key, e.Code)
		}
		if e.Severity > fault.Info {
			require.NotEqual(t, "", e.Fix.FA)
		}
	}
	require.Nil(t, rule.Entry("FILE-01"))
}

// A finding that a law decides names it, in its entry or by the value it was judged with.
func TestCases_cite_the_law(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"WAGE-01", "WAGE-02", "WAGE-03", "WAGE-04", "WAGE-06", "PREM-01", "PREM-02", "PREM-03", "PREM-04", "PREM-06", "PREM-08",
		"TAX-01", "TAX-04", "DATE-05", "DAYS-03", "ARR-01", "LIST-04",
	} {
		b, err := rule.Examples.ReadFile("testdata/" + code + "/want.json")
		require.NoError(t, err)
		var want casetest.Want
		require.NoError(t, json.Unmarshal(b, &want))
		citation := want.Findings[0].Citation
		require.True(t, strings.Contains(citation, "قانون") || strings.Contains(citation, "بخشنامه") || strings.Contains(citation, "رأی"), "%s: %q", code, citation)
	}
}
