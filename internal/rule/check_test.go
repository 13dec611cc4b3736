package rule_test

import (
	"slices"
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"

	"github.com/stretchr/testify/require"
)

// A passing and a failing case of a code: what is changed in a good list of six workers.
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
	rejectedByBoth = payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Rejected}
	rejectedBySSO  = payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Accepted}
	warnedByBoth   = payroll.Verdicts{SSO: payroll.AcceptedWithWarnings, Tax: payroll.AcceptedWithWarnings}
	warnedBySSO    = payroll.Verdicts{SSO: payroll.AcceptedWithWarnings, Tax: payroll.Accepted}
	warnedByTax    = payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.AcceptedWithWarnings}
	accepted       = payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted}
)

// at changes the second worker, in row 4.
func at(change func(l *payroll.Line)) func(*list) {
	return func(l *list) { change(&l.lines[1]) }
}

func header(change func(h *payroll.Header)) func(*list) {
	return func(l *list) { change(&l.header) }
}

func blankCell(ids ...payroll.ColumnID) func(*list) {
	return at(func(l *payroll.Line) { l.Given = l.Given.Without(payroll.SetOf(ids...)) })
}

func pays(c payroll.Component, amount rial.Amount) func(*list) {
	return at(func(l *payroll.Line) {
		l.Pay[c] = amount
		l.Given.Add(c.Column())
	})
}

func declares(col payroll.ColumnID, field func(*payroll.Line) *rial.Amount, amount rial.Amount) func(*list) {
	return at(func(l *payroll.Line) {
		*field(l) = amount
		l.Given.Add(col)
	})
}

func premium(l *payroll.Line) *rial.Amount { return &l.DeclaredPremium }
func tax(l *payroll.Line) *rial.Amount     { return &l.DeclaredTax }
func net(l *payroll.Line) *rial.Amount     { return &l.NetPaid }

// The good worker's arithmetic: 6,000,000 × 30 + 30,000,000 + 22,000,000 = 232,000,000 insurable, 7 % = 16,240,000; below
// the exemption of 400,000,000, so no tax; net 215,760,000.
const (
	goodPremium = 16_240_000
	goodNet     = 215_760_000
)

func foreigner(l *payroll.Line) {
	l.Nationality, l.NationalCode, l.ForeignerCode, l.InsuredKind = "افغانستان", "", "123456789012", payroll.ForeignKind
	l.CitizenshipCountry = "004"
	l.Given = l.Given.Without(payroll.SetOf(payroll.ColNationalCode))
	l.Given.Add(payroll.ColForeignerCode)
}

func day(m, d int) jalali.Date { return jalali.Date{Year: 1405, Month: m, Day: d} }

var headerExamples = []example{
	{code: "ID-08", fails: header(func(h *payroll.Header) { h.Workshop = "12345" }), field: "workshop_code", given: "12345", verdicts: rejectedByBoth},
	{
		code: "ID-09", fails: header(func(h *payroll.Header) { h.Employer = "10380284792" }), field: "employer_id", given: "10380284792", verdicts: rejectedByBoth,
		passes: header(func(h *payroll.Header) { h.Employer = "0012345679" }),
	},
	{
		code: "ID-15", fails: header(func(h *payroll.Header) { h.PostalCode = "139661341" }), field: "postal_code", given: "139661341",
		verdicts: payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Accepted},
	},
	{
		code: "DATE-06", fails: header(func(h *payroll.Header) { h.Period, h.TaxPeriod = mehr.Add(2), mehr.Add(2) }), field: "period", given: "1405-09", expected: "1405-08", verdicts: rejectedByBoth,
		passes: header(func(h *payroll.Header) { h.Period, h.TaxPeriod = mehr.Add(1), mehr.Add(1) }),
	},
	{
		code: "LIST-09", fails: header(func(h *payroll.Header) { h.Kind, h.Replaces = payroll.Replacement, "v1" }), field: "reason", verdicts: rejectedByBoth,
		passes: header(func(h *payroll.Header) { h.Kind, h.Replaces, h.Reason = payroll.Replacement, "v1", "مزد" }),
	},
	{code: "LIST-08", fails: header(func(h *payroll.Header) { h.Kind = payroll.Nil }), field: "kind", given: "6", expected: "0", verdicts: rejectedByBoth},
	{
		code: "LIST-04", fails: func(l *list) { l.judge.Deadlines, l.judge.Today = true, day(9, 1) }, field: "period", given: "1405/09/01", expected: "1405/08/30", verdicts: warnedByBoth,
		passes: func(l *list) { l.judge.Deadlines = true },
	},
}

var lineExamples = []example{
	{
		code: "CELL-12", fails: blankCell(payroll.ColJobCode), field: "job_code", verdicts: rejectedBySSO,
		passes: func(l *list) { blankCell(payroll.ColJobCode)(l); l.lines[1].ReportedTo = fault.Tax },
	},
	{code: "CELL-12", fails: blankCell(payroll.ColFatherName), field: "father_name", verdicts: rejectedByBoth},
	{code: "CELL-12", fails: blankCell(payroll.ColDailyWage), field: "daily_wage", verdicts: rejectedBySSO},
	{code: "ID-01", fails: at(func(l *payroll.Line) { l.NationalCode = "1234567" }), field: "national_code", given: "1234567", verdicts: rejectedByBoth},
	{
		code: "ID-02", fails: at(func(l *payroll.Line) { l.NationalCode = "0012345678" }), field: "national_code", given: "0012345678", verdicts: rejectedByBoth,
		passes: at(func(l *payroll.Line) { l.NationalCode = "0012345679" }),
	},
	{code: "ID-03", fails: at(func(l *payroll.Line) { l.NationalCode = "1111111111" }), field: "national_code", given: "1111111111", verdicts: rejectedByBoth},
	{code: "ID-04", fails: at(func(l *payroll.Line) { l.NationalCode = nationalCode(0) }), field: "national_code", given: string(nationalCode(0)), verdicts: rejectedByBoth},
	{code: "ID-05", fails: at(func(l *payroll.Line) { l.InsuranceNumber = "0010000000" }), field: "insurance_number", given: "0010000000", verdicts: rejectedBySSO},
	{code: "ID-06", fails: at(func(l *payroll.Line) { l.InsuranceNumber = "123456789" }), field: "insurance_number", given: "123456789", verdicts: rejectedBySSO},
	{code: "ID-07", fails: func(l *list) { l.lines[1].NationalCode = ""; blankCell(payroll.ColNationalCode)(l) }, field: "national_code", verdicts: rejectedByBoth},
	{code: "ID-07", fails: at(func(l *payroll.Line) { foreigner(l); l.ForeignerCode = "1234567" }), field: "foreigner_code", given: "1234567", verdicts: rejectedByBoth, passes: at(foreigner)},
	{
		code: "ID-10", fails: at(func(l *payroll.Line) { l.WorkerPostalCode = "12345" }), field: "worker_postal_code", given: "12345", verdicts: warnedByTax,
		passes: at(func(l *payroll.Line) { l.WorkerPostalCode = "1396613411" }),
	},
	{code: "ID-10", fails: header(func(h *payroll.Header) { h.PostalCode = "1026613411" }), field: "postal_code", given: "1026613411", verdicts: warnedByTax},
	{code: "ID-11", fails: at(func(l *payroll.Line) { l.JobCode = "01309a" }), field: "job_code", given: "01309a", verdicts: rejectedBySSO},
	{
		code: "ID-16", fails: at(func(l *payroll.Line) { l.InsuranceNumber = "1234567890" }), field: "insurance_number", given: "1234567890", verdicts: warnedBySSO,
		passes: at(func(l *payroll.Line) { l.InsuranceNumber = "0034567890" }),
	},
	{code: "DATE-03", fails: at(func(l *payroll.Line) { l.EndDate = jalali.Date{Year: 1399, Month: 12, Day: 30} }), field: "end_date", given: "1399/12/30", verdicts: rejectedByBoth},
	{
		code: "DATE-04", fails: at(func(l *payroll.Line) { l.StartDate = day(8, 1) }), field: "start_date", given: "1405/08/01", expected: "1405-07", verdicts: rejectedByBoth,
		passes: at(func(l *payroll.Line) { l.StartDate, l.Days = day(7, 30), 1 }),
	},
	{
		code: "DATE-05", fails: at(func(l *payroll.Line) { l.BirthDate = jalali.Date{Year: 1390, Month: 8, Day: 1} }), field: "birth_date", given: "1390/08/01", verdicts: warnedByBoth,
		passes: at(func(l *payroll.Line) { l.BirthDate = jalali.Date{Year: 1390, Month: 7, Day: 30} }),
	},
	{
		code: "DATE-05", fails: at(func(l *payroll.Line) { l.BirthDate = jalali.Date{Year: 1314, Month: 7, Day: 30} }), field: "birth_date", given: "1314/07/30", verdicts: warnedByBoth,
		passes: at(func(l *payroll.Line) { l.BirthDate = jalali.Date{Year: 1314, Month: 8, Day: 1} }),
	},
	{code: "DAYS-01", fails: at(func(l *payroll.Line) { l.Days = 31 }), field: "days", given: "31", expected: "30", verdicts: rejectedBySSO},
	{
		code: "DAYS-02", fails: at(func(l *payroll.Line) { l.StartDate, l.Days = day(7, 11), 21 }), field: "days", given: "21", expected: "20", verdicts: rejectedBySSO,
		passes: at(func(l *payroll.Line) { l.StartDate, l.Days = day(7, 11), 20 }),
	},
	{
		code: "DAYS-02", fails: at(func(l *payroll.Line) { l.EndDate = day(6, 20) }), field: "days", given: "30", expected: "0", verdicts: rejectedBySSO,
		passes: at(func(l *payroll.Line) { l.EndDate = day(8, 1) }),
	},
	{
		code: "DAYS-03", fails: at(func(l *payroll.Line) { l.Days, l.DailyWage = 0, 0 }), field: "days", given: "0", verdicts: rejectedBySSO,
		passes: at(func(l *payroll.Line) { l.Days, l.Pay = 0, payroll.Pay{payroll.Eidi: 10, payroll.Child: 10} }),
	},
	{
		code: "DAYS-04", fails: at(func(l *payroll.Line) { l.Days = 29 }), field: "days", given: "29", expected: "30", verdicts: warnedBySSO,
		passes: at(func(l *payroll.Line) { l.Days, l.EndDate = 29, day(7, 30) }),
	},
	{
		code: "WAGE-01", fails: at(func(l *payroll.Line) { l.DailyWage = 5_541_849 }), field: "daily_wage", given: "5541849", expected: "5541850", verdicts: rejectedBySSO,
		passes: at(func(l *payroll.Line) { l.DailyWage = 5_541_850 }),
	},
	{
		code: "WAGE-01", fails: at(func(l *payroll.Line) { l.DailyWage, l.InsuredKind = 1, payroll.EmployerKind }), field: "daily_wage", given: "1", expected: "5541850", verdicts: rejectedBySSO,
		passes: at(func(l *payroll.Line) { l.DailyWage, l.InsuredKind = 1, payroll.ApprenticeKind }),
	},
	{code: "WAGE-02", fails: pays(payroll.Overtime, 2_000_000_000), expected: "38792950", verdicts: accepted},
	{code: "WAGE-03", fails: pays(payroll.Housing, 29_999_999), field: "housing", given: "29999999", expected: "30000000", verdicts: accepted},
	{
		code: "WAGE-03", fails: func(l *list) {
			pays(payroll.Housing, 0)(l)
			pays(payroll.Grocery, 0)(l)
			pays(payroll.HousingGrocery, 51_999_999)(l)
		},
		field: "housing_grocery", given: "51999999", expected: "52000000", verdicts: accepted,
		passes: func(l *list) {
			pays(payroll.Housing, 0)(l)
			pays(payroll.Grocery, 0)(l)
			pays(payroll.HousingGrocery, 52_000_000)(l)
		},
	},
	{
		code: "WAGE-04", fails: func(l *list) { pays(payroll.Grocery, 0)(l); blankCell(payroll.Grocery.Column())(l) }, field: "grocery", expected: "22000000", verdicts: accepted,
		passes: at(func(l *payroll.Line) { l.Pay[payroll.Grocery], l.InsuredKind = 0, payroll.EmployerKind }),
	},
	{
		code: "WAGE-05", fails: at(func(l *payroll.Line) { l.DailyWage = 60_000_000 }), field: "daily_wage", given: "60000000", verdicts: warnedBySSO,
		passes: at(func(l *payroll.Line) { l.DailyWage = 59_999_999 }),
	},
	{
		code: "WAGE-05", fails: at(func(l *payroll.Line) { l.DailyWage = 60_000_000 }), field: "daily_wage", given: "60000000", verdicts: warnedBySSO,
		passes: func(l *list) { l.lines = l.lines[:4]; l.lines[1].DailyWage = 60_000_000 },
	},
	{code: "WAGE-06", fails: pays(payroll.Meal, 5_000_000), field: "meal", verdicts: accepted, passes: pays(payroll.Overtime, 5_000_000)},
	{code: "ARR-01", fails: pays(payroll.ArrearsOther, 5_000_000), field: "arrears_other", given: "5000000", verdicts: warnedBySSO},
	// 1 + 7 % of 30 days, rounded up, is 4 rials.
	{
		code: "PREM-01", fails: declares(payroll.ColDeclaredPremium, premium, goodPremium+5), field: "declared_premium", given: "16240005", expected: "16240000", verdicts: rejectedBySSO,
		passes: declares(payroll.ColDeclaredPremium, premium, goodPremium+4),
	},
	{
		code: "PREM-07", fails: declares(payroll.ColDeclaredPremium, premium, goodPremium-4), field: "declared_premium", given: "16239996", expected: "16240000", verdicts: accepted,
		passes: declares(payroll.ColDeclaredPremium, premium, goodPremium),
	},
	{code: "PREM-02", fails: at(func(l *payroll.Line) { l.InsuredKind = payroll.ForeignKind }), field: "insured_kind", given: "foreign", expected: "normal", verdicts: rejectedBySSO},
	{
		code: "PREM-02", fails: at(func(l *payroll.Line) { foreigner(l); l.InsuredKind = payroll.NormalKind }), field: "insured_kind", given: "normal", expected: "foreign", verdicts: rejectedBySSO,
		passes: at(func(l *payroll.Line) { foreigner(l); l.InsuredKind = "" }),
	},
	{code: "PREM-03", fails: header(func(h *payroll.Header) { h.ExemptFive, h.Profile.ExemptFiveQuota = true, 5 }), verdicts: accepted},
	{code: "PREM-04", fails: at(func(l *payroll.Line) { l.HardJob = true }), field: "insured_kind", verdicts: accepted},
	{
		code: "PREM-05", fails: pays(payroll.MonthlyWage, 180_000_031), field: "monthly_wage", given: "180000031", expected: "180000000", verdicts: rejectedBySSO,
		passes: pays(payroll.MonthlyWage, 180_000_030),
	},
	{code: "PREM-06", fails: at(func(l *payroll.Line) { l.InsuredKind = payroll.ApprenticeKind }), field: "insured_kind", given: "apprentice", verdicts: warnedBySSO},
	{
		code: "PREM-08", fails: at(func(l *payroll.Line) { l.InsuredKind = payroll.RetiredKind }), field: "insured_kind", given: "retired", verdicts: rejectedBySSO,
		passes: func(l *list) {
			l.lines[1].InsuredKind = payroll.RetiredKind
			l.header.Profile.Retired = &struct {
				Worker   rial.Rate `json:"worker"`
				Employer rial.Rate `json:"employer"`
			}{rial.NewRate(7, 100), rial.NewRate(20, 100)}
		},
	},
	{
		code: "TAX-01", fails: declares(payroll.ColDeclaredTax, tax, 1_001), field: "declared_tax", given: "1001", expected: "0", verdicts: warnedByTax,
		passes: declares(payroll.ColDeclaredTax, tax, 1_000),
	},
	{
		code: "TAX-02", fails: at(func(l *payroll.Line) { l.Education, l.JobFamily = "", "" }), verdicts: warnedByTax,
		passes: at(func(l *payroll.Line) { l.Education, l.ReportedTo = "", fault.SSO }),
	},
	{
		code: "TAX-02", fails: func(l *list) { l.lines[1].EmploymentType = ""; l.judge.AtWindow = true },
		verdicts: payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Rejected},
	},
	{
		code: "TAX-03", fails: declares(payroll.ColNetPaid, net, goodNet-1_001), field: "net_paid", given: "215758999", expected: "215760000", verdicts: warnedByTax,
		passes: declares(payroll.ColNetPaid, net, goodNet-1_000),
	},
	{
		code: "TAX-03", fails: at(func(l *payroll.Line) { l.OtherDeductions = goodNet + 1 }), field: "net_paid", verdicts: warnedByTax,
		passes: at(func(l *payroll.Line) { l.OtherDeductions = goodNet }),
	},
	{code: "TAX-04", fails: func(*list) {}, verdicts: accepted, passes: func(l *list) {
		for i := range l.lines {
			l.lines[i].ReportedTo, l.lines[i].Pay = fault.Tax, payroll.Pay{payroll.Overtime: 1}
		}
	}},
	{code: "TAX-05", fails: at(func(l *payroll.Line) { foreigner(l); l.CitizenshipCountry = "" }), field: "citizenship_country", verdicts: warnedByTax, passes: at(foreigner)},
	{
		code: "TAX-06", fails: at(func(l *payroll.Line) { l.ExemptionType = "7" }), field: "exemption_type", given: "7", verdicts: accepted,
		passes: at(func(l *payroll.Line) { l.ExemptionType = "2" }),
	},
}

func TestChecks(t *testing.T) {
	t.Parallel()
	for _, e := range slices.Concat(headerExamples, lineExamples, historyExamples) {
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

func TestCodes_have_a_failing_case_each_or_wait_for_a_register(t *testing.T) {
	t.Parallel()
	waiting := []string{"ID-12", "ID-14", "ID-17", "LIST-02", "LIST-03"}
	for _, e := range rule.Codes() {
		tried := slices.ContainsFunc(slices.Concat(headerExamples, lineExamples, historyExamples), func(x example) bool { return x.code == e.Code })
		require.NotEqual(t, slices.Contains(waiting, e.Code), tried, e.Code)
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
func TestCodes_cite_the_law(t *testing.T) {
	t.Parallel()
	byLaw := []string{
		"WAGE-01", "WAGE-02", "WAGE-03", "WAGE-04", "WAGE-06", "PREM-01", "PREM-02", "PREM-03", "PREM-04", "PREM-06", "PREM-08",
		"TAX-01", "TAX-04", "DATE-05", "DAYS-03", "ARR-01", "LIST-04",
	}
	for _, e := range slices.Concat(headerExamples, lineExamples) {
		i := slices.Index(byLaw, e.code)
		if i < 0 {
			continue
		}
		byLaw = slices.Delete(byLaw, i, i+1)
		l := goodList(t, 6)
		e.fails(l)
		l.run()
		citation := l.of(e.code)[0].Citation
		require.True(t, strings.Contains(citation, "قانون") || strings.Contains(citation, "بخشنامه") || strings.Contains(citation, "رأی"), "%s: %q", e.code, citation)
	}
	require.Empty(t, byLaw)
}
