package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// smallListOf is the small list moved to the month of another year, with people who were there before.
func smallListOf(t *testing.T, year int) (payroll.Header, []payroll.Line) {
	t.Helper()
	h, lines := smallList(t)
	h.Period.Year, h.TaxPeriod.Year = year, year
	for i := range lines {
		lines[i].StartDate.Year = 1390
	}
	return h, lines
}

func TestCheck_says_what_another_months_law_changes(t *testing.T) {
	t.Parallel()
	list := filepath.Join(samplesDir, "over-cap", "list.xlsx")
	code, said, complaint := fehrest(t, "check", list, "--json", "--on", on, "--law", "1404-07")
	require.Equal(t, exitAccepted, code, complaint)
	var by checked
	require.NoError(t, json.Unmarshal([]byte(said), &by))
	require.NotNil(t, by.Law)
	require.Equal(t, "1404-07", by.Law.Period.String())
	require.Equal(t, "1405-07", by.Law.InsteadOf.String())
	require.Equal(t, verdictChange{payroll.Accepted, payroll.AcceptedWithWarnings}, by.Law.Verdicts.SSO)
	require.Equal(t, verdictChange{payroll.Accepted, payroll.Accepted}, by.Law.Verdicts.Tax)

	byCode := map[string]findingChange{}
	for _, f := range by.Law.Findings {
		byCode[f.Code+" "+f.Severity.String()] = f
	}
	require.Equal(t, []int{4}, byCode["WAGE-02 info"].Appears, "a lower cap cuts one more")
	require.Equal(t, 2, byCode["WAGE-02 info"].Before)
	require.Equal(t, 3, byCode["WAGE-02 info"].After)
	require.Equal(t, []int{4}, byCode["WAGE-03 warning"].Appears, "the allowance of 1404 is not disputed")
	require.Equal(t, []int{4}, byCode["WAGE-03 info"].Disappears)
	require.NotContains(t, byCode, "TAX-04 info", "as before")

	// The totals are those of the two reports.
	_, said, _ = fehrest(t, "check", list, "--json", "--on", on)
	var own checked
	require.NoError(t, json.Unmarshal([]byte(said), &own))
	require.Nil(t, own.Law)
	totals := map[string]totalChange{}
	for _, x := range by.Law.Totals {
		totals[x.Name] = x
	}
	require.Equal(t, totalChange{"premium_due", own.Totals.PremiumDue, by.Totals.PremiumDue}, totals["premium_due"])
	require.Equal(t, totalChange{"tax_estimate", own.Totals.TaxEstimate, by.Totals.TaxEstimate}, totals["tax_estimate"])
	require.NotContains(t, totals, "monthly_wage")

	parameters := map[string]parameterChange{}
	for _, x := range by.Law.Parameters {
		parameters[x.Parameter] = x
	}
	require.Equal(t, "38,792,950", parameters["max_daily_insurable"].Before.Value)
	require.Equal(t, "24,245,592", parameters["max_daily_insurable"].After.Value)
	require.Contains(t, parameters["max_daily_insurable"].After.ReferenceFA, "۱۴۰۴")
	require.Contains(t, parameters, "brackets")
	require.NotContains(t, parameters, "flat_rate")
}

func TestCheck_prints_what_another_months_law_changes(t *testing.T) {
	t.Parallel()
	list := filepath.Join(samplesDir, "over-cap", "list.xlsx")
	_, said, _ := fehrest(t, "check", list, "--on", on, "--law", "1399-05")
	for _, part := range []string{
		"by the law of 1399-05 instead of 1405-07", "WAGE-02", "rows 2 → 4) + 3 4", "premium_due", "حق بیمه ماه", "max_daily_insurable",
		"سقف مشمول بیمه در روز، ریال: 38,792,950 (بخشنامه دستمزد سال ۱۴۰۵ سازمان تأمین اجتماعی) → 4,457,663 (بخشنامه دستمزد سال ۱۳۹۹ سازمان تأمین اجتماعی؛ محل اختلاف)",
		"marriage حق تأهل ماهانه، ریال: 5,000,000", "→ –",
	} {
		require.Contains(t, said, part)
	}
	_, said, _ = fehrest(t, "check", list, "--on", on, "--law", "1405-01")
	require.Contains(t, said, "verdicts, findings and totals stay as they are")
	require.NotContains(t, said, "brackets")
}

func TestCheck_by_the_law_of_a_month_for_a_list_that_no_law_governs(t *testing.T) {
	t.Parallel()
	h, lines := smallListOf(t, 1398)
	path := filepath.Join(t.TempDir(), "old.xlsx")
	require.NoError(t, writeList(path, &h, lines))
	code, said, _ := fehrest(t, "check", path, "--json", "--on", on, "--law", "1399-01")
	require.Equal(t, exitAccepted, code)
	var by checked
	require.NoError(t, json.Unmarshal([]byte(said), &by))
	require.Equal(t, payroll.Rejected, by.Law.Verdicts.SSO.Before)
	require.True(t, by.Law.Verdicts.SSO.After.Passes())
	require.Empty(t, by.Law.Parameters, "there is nothing to compare them with")
}

func TestCheck_by_another_months_law_of_a_file_that_cannot_be_read(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "notes.xlsx")
	require.NoError(t, os.WriteFile(path, []byte("not a workbook"), 0o600))
	code, said, _ := fehrest(t, "check", path, "--on", on, "--law", "1404-07")
	require.Equal(t, exitUnreadable, code)
	require.Contains(t, said, "the list could not be read, so another law changes nothing")
	_, said, _ = fehrest(t, "check", path, "--json", "--on", on, "--law", "1404-07")
	var by checked
	require.NoError(t, json.Unmarshal([]byte(said), &by))
	require.Empty(t, by.Law.Findings)
	require.Empty(t, by.Law.Parameters)
}

func TestConvert_of_a_month_whose_tax_files_are_read_only_says_so(t *testing.T) {
	t.Parallel()
	h, lines := smallListOf(t, 1402)
	path, out := filepath.Join(t.TempDir(), "old.xlsx"), filepath.Join(t.TempDir(), "out")
	require.NoError(t, writeList(path, &h, lines))
	code, _, complaint := fehrest(t, "convert", path, "--on", on, "--out", out)
	require.Equal(t, exitAccepted, code)
	require.Contains(t, complaint, "no tax file is made for 1402-07: lists of that time are checked, estimated and kept as history")
	require.Len(t, tree(t, out), 3, "the SSO's pair and the assessment")
}

func TestConvert_for_the_SSO_alone_needs_no_law_of_the_tax_month(t *testing.T) {
	t.Parallel()
	h, lines := smallList(t)
	h.TaxPeriod.Year = 1398
	path, out := filepath.Join(t.TempDir(), "list.xlsx"), filepath.Join(t.TempDir(), "out")
	require.NoError(t, writeList(path, &h, lines))
	code, _, complaint := fehrest(t, "convert", path, "--on", on, "--out", out, "--lanes", "sso")
	require.Equal(t, exitAccepted, code, complaint)
	require.Contains(t, tree(t, out)["assessment.json"], `"tax_estimate": null`)
}
