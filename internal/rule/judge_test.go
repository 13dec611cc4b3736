package rule_test

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"

	"github.com/stretchr/testify/require"
)

var (
	mehr  = jalali.Month{Year: 1405, Month: 7}
	today = jalali.Date{Year: 1405, Month: 8, Day: 15}
)

var loadBook = sync.OnceValues(law.Load)

// list is a case: a good one until a test changes it.
type list struct {
	judge  rule.Judge
	header payroll.Header
	lines  []payroll.Line
}

// goodList holds n workers, first in row 3, with nothing to find but what rests on disputed parameters.
func goodList(t testing.TB, n int) *list {
	t.Helper()
	book, err := loadBook()
	require.NoError(t, err)
	l := &list{
		judge: rule.Judge{Book: book, Today: today},
		header: payroll.Header{
			Workshop: "1234567890", ContractRow: "000", Period: mehr, TaxPeriod: mehr, ListNo: "01", Kind: payroll.Original,
			WorkshopName: "کارگاه نمونه", EmployerName: "شرکت نمونه", Employer: "10380284790", Address: "تهران", PostalCode: "1396613411",
		},
	}
	for i := range n {
		l.lines = append(l.lines, goodLine(i))
	}
	return l
}

func goodLine(i int) payroll.Line {
	l := payroll.Line{
		Row: 3 + i, NationalCode: nationalCode(i), FirstName: "علی", LastName: "رضایی", FatherName: "حسین", Nationality: payroll.Iranian,
		BirthDate: jalali.Date{Year: 1370, Month: 1, Day: 1}, Sex: "male",
		InsuranceNumber: payroll.InsuranceNumber(strconv.Itoa(10_000_000 + i)), JobCode: "013098", JobTitle: "کارگر",
		ReportedTo: fault.Both, InsuredKind: payroll.NormalKind, StartDate: jalali.Date{Year: 1400, Month: 1, Day: 1},
		Days: 30, DailyWage: 6_000_000, Education: "4", EmploymentType: "1", JobFamily: "2",
	}
	l.Pay[payroll.Housing], l.Pay[payroll.Grocery] = 30_000_000, 22_000_000
	l.Given = payroll.SetOf(payroll.ColNationalCode, payroll.ColFirstName, payroll.ColLastName, payroll.ColFatherName,
		payroll.ColBirthDate, payroll.ColSex, payroll.ColInsuranceNumber, payroll.ColJobCode, payroll.ColJobTitle, payroll.ColStartDate,
		payroll.ColDays, payroll.ColDailyWage, payroll.ColEducation, payroll.ColEmploymentType, payroll.ColJobFamily,
		payroll.Housing.Column(), payroll.Grocery.Column())
	return l
}

// nationalCode invents a code with its check digit.
func nationalCode(i int) payroll.NationalCode {
	s := strconv.Itoa(101_000_000 + i)
	sum := 0
	for k := range 9 {
		sum += int(s[k]-'0') * (10 - k)
	}
	r := sum % 11
	if r >= 2 {
		r = 11 - r
	}
	return payroll.NationalCode(s + strconv.Itoa(r))
}

func (l *list) run() rule.Outcome {
	l.judge.Begin(&l.header)
	for i := range l.lines {
		l.judge.Line(&l.lines[i])
	}
	return l.judge.End()
}

func (l *list) of(code string) (found []fault.Fault) {
	for _, f := range l.judge.Findings.All() {
		if f.Code == code {
			found = append(found, f)
		}
	}
	return found
}

func TestJudge_a_good_list_is_accepted_by_both(t *testing.T) {
	t.Parallel()
	l := goodList(t, 3)
	out := l.run()
	require.Equal(t, payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted}, out.Verdicts, l.judge.Findings.All())
	require.Equal(t, 3, out.Workers)
	require.Equal(t, fault.Both, out.Lanes)
	require.Equal(t, 90, out.Totals.Days)
	for _, f := range l.judge.Findings.All() {
		require.Contains(t, []string{"TAX-04"}, f.Code)
	}
}

func TestJudge_a_fault_of_one_lane_leaves_the_other_alone(t *testing.T) {
	t.Parallel()
	l := goodList(t, 2)
	l.lines[1].JobCode = "12"
	require.Equal(t, payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Accepted}, l.run().Verdicts)
}

func TestJudge_a_lane_not_asked_for_is_not_judged(t *testing.T) {
	t.Parallel()
	l := goodList(t, 2)
	l.judge.Lanes = fault.Tax
	l.lines[1].JobCode = "12"
	require.Equal(t, payroll.Verdicts{SSO: payroll.NotAddressed, Tax: payroll.Accepted}, l.run().Verdicts)
	require.Empty(t, l.of("ID-11"))
}

func TestJudge_a_lane_no_row_goes_to_is_not_addressed(t *testing.T) {
	t.Parallel()
	l := goodList(t, 2)
	for i := range l.lines {
		l.lines[i].ReportedTo = fault.SSO
		l.lines[i].Education = ""
	}
	require.Equal(t, payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.NotAddressed}, l.run().Verdicts)
}

func TestJudge_a_row_moves_only_the_lanes_it_goes_to(t *testing.T) {
	t.Parallel()
	l := goodList(t, 2)
	l.lines[1].ReportedTo = fault.SSO
	l.lines[1].NationalCode = "1111111111"
	out := l.run()
	require.Equal(t, payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Accepted}, out.Verdicts)
	require.Equal(t, fault.SSO, l.of("ID-03")[0].Lane)
}

func TestJudge_a_held_row_is_judged_and_moves_no_verdict(t *testing.T) {
	t.Parallel()
	l := goodList(t, 7)
	held := &l.lines[1]
	held.Hold = true
	held.InsuranceNumber, held.Days = "", 31
	held.Given = held.Given.Without(payroll.SetOf(payroll.ColInsuranceNumber))
	l.header.ExemptFive, l.header.Profile.ExemptFiveQuota = true, 5
	out := l.run()
	require.Equal(t, payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted}, out.Verdicts)
	require.Equal(t, []int{4}, out.Held)
	require.Equal(t, 7, out.Workers)
	require.Equal(t, 6*30, out.Totals.Days)
	require.Len(t, l.of("CELL-12"), 1)
	require.Equal(t, fault.Lane(0), l.of("CELL-12")[0].Lane)
	require.Len(t, l.of("DAYS-01"), 1)
	require.Equal(t, fault.Error, l.of("DAYS-01")[0].Severity)
	waived := l.of("PREM-03")
	require.Len(t, waived, 1)
	require.Equal(t, []int{5, 6, 7, 8}, waived[0].RelatedRows, "the held row is not one of the five")
}

func TestJudge_a_person_held_and_listed_again_is_one_person_twice(t *testing.T) {
	t.Parallel()
	l := goodList(t, 2)
	l.lines[0].Hold = true
	l.lines[1].NationalCode = l.lines[0].NationalCode
	l.lines[1].InsuranceNumber = l.lines[0].InsuranceNumber
	require.Equal(t, payroll.Rejected, l.run().Verdicts.Tax)
	require.Equal(t, []int{3}, l.of("ID-04")[0].RelatedRows)
	require.Empty(t, l.of("ID-05"))
}

func TestJudge_a_check_does_not_read_a_faulty_cell(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.lines[0].DailyWage, l.lines[0].DeclaredPremium = 0, 5
	l.lines[0].Given.Add(payroll.ColDeclaredPremium)
	l.lines[0].Faulty.Add(payroll.ColDailyWage)
	l.run()
	require.Empty(t, l.of("WAGE-01"))
	require.Empty(t, l.of("PREM-01"))
}

func TestJudge_one_cell_has_one_finding(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.lines[0].NationalCode, l.lines[0].Days = "12345678901", 40
	l.run()
	require.Len(t, l.of("ID-01"), 1)
	require.Empty(t, l.of("ID-02"))
	require.Len(t, l.of("DAYS-01"), 1)
	require.Empty(t, l.of("DAYS-02"))
}

func TestJudge_a_destination_that_cannot_be_read_rejects_both(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.judge.Begin(&l.header)
	line := &l.lines[0]
	line.ReportedTo = 0
	entry := fault.Entry{Code: "CELL-13", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell"}
	l.judge.Report(&entry, line, payroll.ColReportedTo, "بیمه و مالیات", "", "")
	l.judge.Line(line)
	require.Equal(t, payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Rejected}, l.judge.End().Verdicts)
}

func TestJudge_a_reader_finding_counts_for_the_lanes_of_its_column(t *testing.T) {
	t.Parallel()
	entry := fault.Entry{Code: "CELL-03", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell"}
	for col, want := range map[payroll.ColumnID]payroll.Verdicts{
		payroll.ColDailySeniority: {SSO: payroll.Rejected, Tax: payroll.Accepted},
		payroll.ColNetPaid:        {SSO: payroll.Accepted, Tax: payroll.Rejected},
		payroll.ColLastName:       {SSO: payroll.Rejected, Tax: payroll.Rejected},
	} {
		l := goodList(t, 1)
		l.judge.Begin(&l.header)
		l.judge.Report(&entry, &l.lines[0], col, "x", "", "")
		require.True(t, l.lines[0].Faulty.Has(col))
		l.judge.Line(&l.lines[0])
		require.Equal(t, want, l.judge.End().Verdicts, col.Info().Key)
	}
}

func TestJudge_a_row_without_days_and_pay_goes_to_the_SSO(t *testing.T) {
	t.Parallel()
	l := goodList(t, 2)
	line := &l.lines[1]
	line.ReportedTo, line.Days, line.DailyWage, line.Pay = 0, 0, 0, payroll.Pay{}
	line.Given = line.Given.Without(payroll.SetOf(payroll.ColDailyWage))
	line.EndDate = mehr.First()
	line.Education = ""
	out := l.run()
	require.Equal(t, payroll.Accepted, out.Verdicts.SSO, l.judge.Findings.All())
	require.Equal(t, payroll.Accepted, out.Verdicts.Tax)
	require.Equal(t, fault.SSO, line.ReportedTo)
}

func TestJudge_a_missing_column_is_not_told_again(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.judge.MissingColumns = payroll.SetOf(payroll.ColSex, payroll.ColNationalCode)
	l.lines[0].Given = l.lines[0].Given.Without(l.judge.MissingColumns)
	l.lines[0].NationalCode = ""
	l.run()
	require.Empty(t, l.of("CELL-12"))
	require.Empty(t, l.of("ID-07"))
}

func TestJudge_refusals(t *testing.T) {
	t.Parallel()
	refuse := func(code string) *fault.Entry {
		return &fault.Entry{Code: code, Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "sheet"}
	}
	for code, want := range map[string]payroll.Verdict{
		"SHEET-12": payroll.Rejected, "SHEET-13": payroll.Rejected, "FILE-05": payroll.Unreadable, "SHEET-06": payroll.Unreadable,
	} {
		l := goodList(t, 0)
		l.judge.ReportPlace(refuse(code), fault.Place{}, "", "", "") // before the header is known
		l.judge.Begin(&l.header)
		require.Equal(t, payroll.Verdicts{SSO: want, Tax: want}, l.judge.End().Verdicts, code)
	}
}

func TestJudge_a_nil_list_addresses_both(t *testing.T) {
	t.Parallel()
	l := goodList(t, 0)
	l.header.Kind = payroll.Nil
	require.Equal(t, payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted}, l.run().Verdicts)
}

func TestJudge_a_change_list_is_judged_by_its_rows(t *testing.T) {
	t.Parallel()
	l := goodList(t, 3)
	l.header.Kind, l.header.Reason = payroll.Change, "اصلاح مزد"
	l.lines[0].Action = "change"
	l.lines[1] = payroll.Line{Row: 4, NationalCode: nationalCode(1), Action: "cancel", Given: payroll.SetOf(payroll.ColNationalCode)}
	l.lines[2].Days = 40 // without a word, so ignored
	out := l.run()
	require.Equal(t, payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted}, out.Verdicts, l.judge.Findings.All())
	require.Equal(t, 30, out.Totals.Days)

	l = goodList(t, 1)
	l.header.Kind, l.header.Reason = payroll.Change, "حذف"
	l.lines[0] = payroll.Line{Row: 3, NationalCode: "1111111111", Action: "cancel", Given: payroll.SetOf(payroll.ColNationalCode)}
	require.Equal(t, payroll.Rejected, l.run().Verdicts.SSO)
	require.Len(t, l.judge.Findings.All(), 1)
}

func TestJudge_a_supplementary_row_may_add_an_amount_without_days(t *testing.T) {
	t.Parallel()
	supplementary := func(earlier func(string) rule.Earlier) *list {
		l := goodList(t, 1)
		l.header.Kind, l.header.ListNo = payroll.Supplementary, "02"
		line := &l.lines[0]
		line.Days, line.DailyWage, line.Pay = 0, 0, payroll.Pay{payroll.Overtime: 5_000_000}
		line.Given = line.Given.Without(payroll.SetOf(payroll.ColDailyWage))
		l.judge.Earlier = earlier
		l.run()
		return l
	}
	require.Empty(t, supplementary(nil).of("DAYS-03"), "offline nothing is known of the month")
	require.Empty(t, supplementary(func(string) rule.Earlier { return rule.Earlier{InsuredDays: 30} }).of("DAYS-03"))
	require.Len(t, supplementary(func(string) rule.Earlier { return rule.Earlier{} }).of("DAYS-03"), 1)
}

func TestJudge_a_finding_a_list_stands_at_its_first_row_and_counts_all(t *testing.T) {
	t.Parallel()
	l := goodList(t, 300)
	for i := range l.lines {
		if i > 0 {
			l.lines[i].Pay[payroll.Transport] = 10_000_000
		}
	}
	l.run()
	found := l.of("WAGE-06")
	require.Len(t, found, 1)
	require.Equal(t, 4, found[0].Row)
	require.Equal(t, "transport", found[0].Field)
	require.Len(t, found[0].RelatedRows, fault.Listed)
	require.Equal(t, 5, found[0].RelatedRows[0])
	for _, c := range l.judge.Findings.Causes() {
		if c.Code == "WAGE-06" {
			require.Equal(t, 299, c.Rows)
		}
	}
}

func TestJudge_tells_a_deadline_for_each_lane_by_its_own_law(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.judge.Deadlines, l.judge.Today = true, jalali.Date{Year: 1405, Month: 9, Day: 1}
	out := l.run()
	found := l.of("LIST-04")
	require.Len(t, found, 2)
	require.Equal(t, fault.SSO, found[0].Lane)
	require.Equal(t, "1405/08/30", found[0].Expected)
	require.Contains(t, found[0].Message.FA, "۱۰ درصد")
	require.Equal(t, fault.Tax, found[1].Lane)
	require.Equal(t, payroll.AcceptedWithWarnings, out.Verdicts.SSO)

	l = goodList(t, 1)
	l.judge.Deadlines, l.judge.Today = true, jalali.Date{Year: 1405, Month: 8, Day: 30}
	l.run()
	require.Empty(t, l.of("LIST-04"), "the last day is in time")
}

func TestJudge_tells_why_a_deadline_moved(t *testing.T) {
	t.Parallel()
	esfand := func(day int) *list {
		l := listOf(t, jalali.Month{Year: 1404, Month: 11}, 1)
		l.judge.Deadlines, l.judge.Today = true, jalali.Date{Year: 1405, Month: 1, Day: day}
		l.run()
		return l
	}
	found := esfand(5).of("LIST-04")
	require.Len(t, found, 1, "29 Esfand and Nowruz move the SSO's deadline and not the tax administration's")
	require.Equal(t, fault.Tax, found[0].Lane)
	found = esfand(6).of("LIST-04")
	require.Equal(t, "1405/01/05", found[0].Expected)
	require.Contains(t, found[0].Message.FA, "ملی شدن صنعت نفت")
	require.Contains(t, found[0].Message.EN, "lunar calendar are not in the table")
	require.Equal(t, "1404/12/29", found[1].Expected)
}

func TestJudge_a_disputed_value_only_informs(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.lines[0].Pay[payroll.Housing] = 1
	out := l.run()
	found := l.of("WAGE-03")
	require.Len(t, found, 1)
	require.Equal(t, fault.Info, found[0].Severity)
	require.Contains(t, found[0].Citation, "محل اختلاف")
	require.Equal(t, payroll.Accepted, out.Verdicts.SSO)

	l = goodList(t, 1)
	l.header.Period, l.header.TaxPeriod = jalali.Month{Year: 1404, Month: 7}, jalali.Month{Year: 1404, Month: 7}
	l.lines[0].Pay[payroll.Housing] = 1
	require.Equal(t, payroll.AcceptedWithWarnings, l.run().Verdicts.SSO)
	require.Equal(t, "9000000", l.of("WAGE-03")[0].Expected)
}

func TestJudge_hints_at_the_usual_mistake(t *testing.T) {
	t.Parallel()
	l := goodList(t, 3)
	l.lines[0].DailyWage = 600_000
	l.lines[1].NationalCode = "00123O5679"
	l.lines[2].EndDate, l.lines[2].Days = jalali.Date{Year: 1405, Month: 7, Day: 20}, 20
	l.run()
	require.Contains(t, l.of("WAGE-01")[0].Message.FA, "تومان")
	require.Equal(t, "6000000", l.of("WAGE-01")[0].Suggested)
	require.Contains(t, l.of("ID-01")[0].Message.FA, "حرف O")
	require.Contains(t, l.of("DAYS-02")[0].Message.FA, "آخرین روز کار")
}

func TestJudge_a_month_without_a_law_is_an_error_and_no_more(t *testing.T) {
	t.Parallel()
	l := goodList(t, 2)
	l.header.Period, l.header.TaxPeriod = jalali.Month{Year: 1390, Month: 1}, jalali.Month{Year: 1390, Month: 1}
	l.lines[1].JobCode = "1"
	require.Equal(t, payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Rejected}, l.run().Verdicts)
	require.Contains(t, l.of("DATE-06")[0].Message.FA, "ارقام قانونی")
	require.Len(t, l.of("ID-11"), 1, "what needs no figure of the law is judged all the same")
	require.Nil(t, l.judge.Law())
}

func TestJudge_the_tax_side_has_its_own_month(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.header.TaxPeriod = mehr.Add(3)
	l.run()
	found := l.of("DATE-06")
	require.Len(t, found, 1)
	require.Equal(t, "tax_period", found[0].Field)
}

func TestJudge_by_another_months_law(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.lines[0].DailyWage = 3_463_656
	l.judge.LawOf = jalali.Month{Year: 1404, Month: 1}
	l.run()
	require.Empty(t, l.of("WAGE-01"))
}

func TestJudge_a_month_that_could_not_be_read_stops_nothing(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.header.Period, l.header.TaxPeriod = jalali.Month{}, jalali.Month{}
	l.header.Faulty.Add(payroll.KeyPeriod)
	l.judge.LawOf = mehr
	l.lines[0].NationalCode = "0000000000"
	l.run()
	require.Len(t, l.judge.Findings.All(), 1)
}

func TestJudge_survives_any_figures(t *testing.T) {
	t.Parallel()
	figures := []rial.Amount{0, 1, 999_999_999_999, rial.Max}
	pick := func(r *rand.Rand) rial.Amount { return figures[r.IntN(len(figures))] }
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := goodList(t, 6)
		for i := range l.lines {
			line := &l.lines[i]
			line.Days = int(pick(r))
			line.DailyWage, line.DailySeniority = pick(r)/1000, pick(r)/1000
			line.DeclaredPremium, line.DeclaredTax, line.NetPaid, line.OtherDeductions = pick(r), pick(r), pick(r), pick(r)
			line.YTDMonths, line.YTDTaxable, line.YTDTax = int(pick(r)), pick(r), pick(r)
			for c := range line.Pay {
				line.Pay[c] = pick(r) / 1000 // the reader leaves more than twelve digits out
			}
			line.Given = payroll.ColumnSet{r.Uint64(), r.Uint64()}
		}
		require.NotPanics(t, func() { l.run() }, seed)
	}
}

func TestJudge_a_clean_line_costs_no_allocation(t *testing.T) {
	l := goodList(t, 400)
	l.judge.Begin(&l.header)
	for i := range 300 {
		l.judge.Line(&l.lines[i])
	}
	next := 300
	require.Less(t, testing.AllocsPerRun(50, func() {
		l.judge.Line(&l.lines[next])
		next++
	}), 1.0)
}

func BenchmarkJudge_Line(b *testing.B) {
	l := goodList(b, 10_000)
	b.ReportAllocs()
	l.judge.Begin(&l.header)
	for i := 0; b.Loop(); i++ {
		line := &l.lines[i%len(l.lines)]
		if i >= len(l.lines) && i%len(l.lines) == 0 {
			b.StopTimer()
			l.judge = rule.Judge{Book: l.judge.Book, Today: today}
			l.judge.Begin(&l.header)
			b.StartTimer()
		}
		l.judge.Line(line)
	}
}

// A tax month beyond the law book stops the tax side only: who asks for the SSO alone still owes it premiums.
func TestJudge_a_tax_month_without_a_law_leaves_the_premiums(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.judge.Lanes, l.judge.Today = fault.SSO, jalali.Date{Year: 1406, Month: 2, Day: 1}
	l.header.Period, l.header.TaxPeriod = jalali.Month{Year: 1405, Month: 11}, jalali.Month{Year: 1406, Month: 1}
	l.lines[0].DeclaredPremium = 1
	l.lines[0].Given.Add(payroll.ColDeclaredPremium)
	out := l.run()
	require.Len(t, l.of("PREM-01"), 1)
	require.Equal(t, rial.Amount(goodPremium), out.Totals.WorkerPremium)
	require.Zero(t, out.Totals.TaxEstimate)
}

// Days beyond any month are the SSO's error; the pay of the row is judged, and owes tax, all the same.
func TestJudge_impossible_days_do_not_hide_the_rest_of_the_row(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.lines[0].Days, l.lines[0].InsuredKind, l.lines[0].Education = 300, payroll.ForeignKind, ""
	l.run()
	require.Len(t, l.of("DAYS-01"), 1)
	require.Len(t, l.of("PREM-02"), 1)
	require.Len(t, l.of("TAX-02"), 1)

	l = goodList(t, 1)
	line := &l.lines[0]
	line.ReportedTo, line.Days = fault.Tax, 999_999_999_999
	line.Pay[payroll.MonthlyWage] = 600_000_000
	line.Given.Add(payroll.MonthlyWage.Column())
	out := l.run()
	require.Equal(t, payroll.Accepted, out.Verdicts.Tax)
	require.Equal(t, rial.Amount(652_000_000), out.Totals.Taxable)
}

// The widest list that can be read: every cell of every row at its twelve digits.
func TestJudge_survives_the_widest_list(t *testing.T) {
	t.Parallel()
	const most = 999_999_999_999
	l := goodList(t, 1)
	widest := l.lines[0]
	widest.Days, widest.DailyWage, widest.DailySeniority, widest.HousingUse, widest.CarUse = 31, most, most, "2", "2"
	widest.YTDMonths, widest.YTDTaxable, widest.NetPaid = most, most, most
	for c := range widest.Pay {
		if payroll.Component(c).Info().SSO != payroll.Deduction && payroll.Component(c) != payroll.MonthlyWage {
			widest.Pay[c] = most
		}
	}
	l.judge.Begin(&l.header)
	require.NotPanics(t, func() {
		for i := range 99_999 {
			line := widest
			line.NationalCode, line.Row = nationalCode(i), 3+i
			a := l.judge.Line(&line)
			require.Positive(t, a.TaxEstimate)
		}
		require.Equal(t, payroll.Rejected, l.judge.End().Verdicts.SSO)
	})
}

// A supplementary row of one who is at the cap already bears no premium, and is told so.
func TestJudge_pay_above_a_cap_that_is_used_up_is_told(t *testing.T) {
	t.Parallel()
	l := goodList(t, 1)
	l.header.Kind, l.header.ListNo = payroll.Supplementary, "02"
	l.judge.Earlier = func(string) rule.Earlier {
		return rule.Earlier{InsuredDays: 30, Insurable: 1_163_788_500}
	}
	line := &l.lines[0]
	line.Days, line.DailyWage, line.Pay = 0, 0, payroll.Pay{payroll.Overtime: 5_000_000}
	line.Given = line.Given.Without(payroll.SetOf(payroll.ColDailyWage))
	require.Zero(t, l.run().Totals.Insurable)
	require.Len(t, l.of("WAGE-02"), 1)
}

// Each allowance is judged without the other's cell, unless one column holds both.
func TestJudge_an_allowance_does_not_wait_for_the_other(t *testing.T) {
	t.Parallel()
	faulty := func(c payroll.Component) *list {
		l := goodList(t, 1)
		line := &l.lines[0]
		line.Pay[payroll.Housing], line.Pay[payroll.Grocery] = 1, 1
		line.Pay[c] = 0
		line.Faulty.Add(c.Column())
		return l
	}
	l := faulty(payroll.Housing)
	l.run()
	require.Empty(t, l.of("WAGE-03"))
	require.Len(t, l.of("WAGE-04"), 1)

	l = faulty(payroll.Grocery)
	l.run()
	require.Len(t, l.of("WAGE-03"), 1)
	require.Empty(t, l.of("WAGE-04"))

	l = faulty(payroll.Grocery)
	l.lines[0].Pay[payroll.HousingGrocery] = 1
	l.lines[0].Given.Add(payroll.HousingGrocery.Column())
	l.run()
	require.Empty(t, l.of("WAGE-03"), "what stands in the faulty cell may be the rest")
}

func TestJudge_words_an_employer_understands(t *testing.T) {
	t.Parallel()
	l := goodList(t, 3)
	l.lines[0].InsuredKind = payroll.ForeignKind
	l.lines[1].ExemptionType = "7"
	l.run()
	require.Contains(t, l.of("PREM-02")[0].Message.FA, "«اتباع خارجی»")
	require.Equal(t, "foreign", l.of("PREM-02")[0].Given)
	require.Contains(t, l.of("TAX-06")[0].Message.FA, "خالص پرداختی")

	l = goodList(t, 1)
	l.judge.Lanes, l.header.PostalCode = fault.Tax, "12345"
	l.run()
	require.NotContains(t, l.of("ID-10")[0].Message.FA, "خالی نوشته می‌شود", "the workshop's code stands in no tax file")
}
