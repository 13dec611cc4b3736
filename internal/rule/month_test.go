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

var taxMehr = payroll.TaxMonthIdentity{Employer: "10380284790", Period: jalali.Month{Year: 1405, Month: 7}}

// filed is a list of the workshop with its lines assessed alone.
func filed(workshop payroll.WorkshopCode, listNo string, lines ...payroll.Line) payroll.FiledList {
	list := payroll.FiledList{Header: payroll.Header{
		Workshop: workshop, ContractRow: payroll.OwnContract, ListNo: listNo, Employer: taxMehr.Employer, Period: taxMehr.Period, TaxPeriod: taxMehr.Period,
	}, Version: 1}
	a := assessor(1405, 7)
	for i := range lines {
		lines[i].Row = i + 3
		list.Lines = append(list.Lines, payroll.Filed{Line: lines[i], Assessed: assess(a, &lines[i])})
	}
	return list
}

func named(code payroll.NationalCode, l payroll.Line) payroll.Line {
	l.NationalCode = code
	return l
}

func TestMonth_one_person_a_code_in_the_order_of_first_appearance(t *testing.T) {
	t.Parallel()
	later := filed("0000000002", "01", named("0012345679", wage(300_000_000)), named("0084575948", wage(1)))
	tenth := filed("0000000001", "10", named("0499370899", wage(1)))
	second := filed("0000000001", "02", named("0084575948", wage(2)), named("0012345679", wage(250_000_000)))
	a := assessor(1405, 7)
	month, contradictions := a.Month(taxMehr, []payroll.FiledList{later, tenth, second})
	require.Empty(t, contradictions)
	require.Equal(t, taxMehr, month.Identity)
	var order []string
	for _, p := range month.Persons {
		order = append(order, p.Line.Person())
	}
	require.Equal(t, []string{"0084575948", "0012345679", "0499370899"}, order)
	p := month.Persons[1]
	require.Equal(t, rial.Amount(550_000_000), p.Line.Pay[payroll.MonthlyWage])
	require.Equal(t, rial.Amount(550_000_000), p.Assessed.Taxable)
	require.Equal(t, rial.Amount(15_000_000), p.Assessed.TaxEstimate, "of the sum, once a person")
	require.Equal(t, rial.Amount(535_000_000), p.Assessed.NetPaid)
}

func TestMonth_takes_identity_from_the_last_submitted_list(t *testing.T) {
	t.Parallel()
	old, fresh := wage(1), wage(2)
	old.JobTitle, fresh.JobTitle = "کارگر", "سرکارگر"
	old.YTDMonths, old.YTDTaxable = 3, 900
	for _, lists := range [][]payroll.FiledList{
		{filed("0000000001", "01", old), filed("0000000002", "01", fresh)},
		{filed("0000000002", "01", old), filed("0000000001", "01", fresh)},
	} {
		month, _ := assessor(1405, 7).Month(taxMehr, lists)
		require.Len(t, month.Persons, 1)
		require.Equal(t, "سرکارگر", month.Persons[0].Line.JobTitle)
		require.Equal(t, rial.Amount(3), month.Persons[0].Line.Pay[payroll.MonthlyWage])
		require.Equal(t, 4, month.Persons[0].Assessed.Months, "the opening balance of the list that gives one")
		require.Equal(t, rial.Amount(3), month.Persons[0].Assessed.Taxable)
	}
}

func TestMonth_names_contradicting_codes(t *testing.T) {
	t.Parallel()
	one, two := wage(1), wage(1)
	one.HousingUse, one.CarUse = "2", ""
	two.HousingUse, two.CarUse = "3", "1"
	_, contradictions := assessor(1405, 7).Month(taxMehr, []payroll.FiledList{filed("0000000001", "01", one), filed("0000000002", "01", two)})
	require.Equal(t, []rule.Contradiction{{
		Person: "0012345679", Column: payroll.ColHousingUse,
		First:  rule.Standing{List: payroll.Identity{Workshop: "0000000001", ContractRow: "000", Period: taxMehr.Period, ListNo: "01"}, Row: 3, Value: "2"},
		Second: rule.Standing{List: payroll.Identity{Workshop: "0000000002", ContractRow: "000", Period: taxMehr.Period, ListNo: "01"}, Row: 3, Value: "3"},
	}}, contradictions, "blank and 1 agree")
}

func TestMonth_counts_the_premium_of_all_rows_and_leaves_out_who_goes_elsewhere(t *testing.T) {
	t.Parallel()
	insured := worker(30, 0, 0)
	insured.ReportedTo = fault.SSO
	insured.Pay[payroll.OtherContinuous] = 100_000_000
	held := named("0499370899", wage(5))
	held.Hold = true
	list := filed("0000000001", "01", insured, named("0084575948", insured), held)
	paid := filed("0000000002", "01", wage(500_000_000))
	month, _ := assessor(1405, 7).Month(taxMehr, []payroll.FiledList{list, paid})
	require.Len(t, month.Persons, 1)
	require.Equal(t, rial.Amount(7_000_000), month.Persons[0].Assessed.PremiumShare)
	require.Equal(t, rial.Amount(493_000_000), month.Persons[0].Assessed.Taxable)
	require.Equal(t, rial.Amount(500_000_000-9_300_000), month.Persons[0].Assessed.NetPaid)
}

func TestMonth_net_paid(t *testing.T) {
	t.Parallel()
	given, plain, declared := wage(300_000_000), wage(300_000_000), wage(300_000_000)
	given.NetPaid = 290_000_000
	declared.DeclaredTax = 7_000_000
	for want, lists := range map[rial.Amount][]payroll.FiledList{
		580_000_000: {filed("0000000001", "01", given), filed("0000000002", "01", given)},
		570_000_000: {filed("0000000001", "01", given), filed("0000000002", "01", plain)}, // 290 + 300 − the month's 20
		583_000_000: {filed("0000000001", "01", given), filed("0000000002", "01", declared)},
	} {
		month, _ := assessor(1405, 7).Month(taxMehr, lists)
		require.Equal(t, want, month.Persons[0].Assessed.NetPaid)
	}
}

func TestMonth_of_one_list_equals_the_list(t *testing.T) {
	t.Parallel()
	l := worker(30, 5_541_850, 166_667)
	l.Pay[payroll.Overtime], l.Pay[payroll.Eidi], l.Pay[payroll.Fees], l.HousingUse = 700_000_001, 500_000_000, 7, "3"
	list := filed("0000000001", "01", l)
	month, _ := assessor(1405, 7).Month(taxMehr, []payroll.FiledList{list})
	require.Equal(t, list.Lines[0].Assessed, month.Persons[0].Assessed)
}

func TestMonth_by_the_book(t *testing.T) {
	t.Parallel()
	lists := []payroll.FiledList{filed("0000000001", "01", wage(550_000_000))}
	month, contradictions, err := rule.Month(lawBook, taxMehr, lists, nil)
	require.NoError(t, err)
	require.Empty(t, contradictions)
	require.Equal(t, rial.Amount(15_000_000), month.Persons[0].Assessed.TaxEstimate)
	_, _, err = rule.Month(lawBook, payroll.TaxMonthIdentity{Period: jalali.Month{Year: 1406, Month: 1}}, lists, nil)
	require.Error(t, err)
}
