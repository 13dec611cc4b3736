package flow_test

import (
	"bytes"
	"context"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// newWages are a few columns of a few persons, without a month.
func newWages(lines ...map[string]any) *document {
	return &document{Workshop: map[string]any{"workshop_code": shop}, Lines: lines}
}

func wageOf(person int, with ...any) map[string]any {
	line := map[string]any{"national_code": people[person].code}
	for i := 0; i < len(with); i += 2 {
		line[with[i].(string)] = with[i+1]
	}
	return line
}

func (s *stage) arrears(key string, d *document, from, to jalali.Month) ([]flow.ArrearsMonth, error) {
	return s.Arrears(context.Background(), flow.Upload{
		Principal: s.sender, Body: bytes.NewReader(d.bytes()), Name: "wages.json", ContentType: "application/json", IdempotencyKey: key,
	}, from, to)
}

func (s *stage) mustArrears(d *document, from, to jalali.Month) []flow.ArrearsMonth {
	s.t.Helper()
	all, err := s.arrears(uuid.NewString(), d, from, to)
	require.NoError(s.t, err)
	return all
}

// word sends a draft at its sender's word.
func (s *stage) word(draft string) (*flow.Submitted, error) {
	return s.Submit(context.Background(), flow.Upload{
		Principal: s.sender, Again: draft, LanesGiven: true, IdempotencyKey: uuid.NewString(), Route: "POST /v1/lists/" + draft + "/submission",
	})
}

func (s *stage) mustWord(draft string) *flow.Submitted {
	s.t.Helper()
	sent, err := s.word(draft)
	require.NoError(s.t, err)
	require.False(s.t, sent.Draft)
	return sent
}

// Two months are filed at 5,600,000 a day and the wage turns out to be 6,160,001 from the first of them on. Shahrivar has 31 days, Mehr
// 30: 560,001 × 31 = 17,360,031 and 560,001 × 30 = 16,800,030 are owed beside what is filed.
func TestArrears_of_filed_months_are_drafted_shown_and_sent_at_the_senders_word(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	first := shahrivar(shop, 0, 1)
	one, two := s.mustSend(first), s.mustSend(listOf(shop, 0, 1))
	s.await(one.ListID, payroll.Answered)
	s.await(two.ListID, payroll.Answered)
	before, err := s.TaxMonth(ctx, s.sender, employer, "", mehr)
	require.NoError(t, err)

	made := s.mustArrears(newWages(wageOf(0, "daily_wage", 6_160_001)), monthOf(1405, 6), monthOf(1405, 8))
	require.Len(t, made, 3)
	require.Equal(t, flow.ArrearsNotFiled, made[2].State)
	for i, owed := range []rial.Amount{17_360_031, 16_800_030} {
		m := &made[i]
		require.Equal(t, flow.ArrearsDrafted, m.State, "%+v", m.Problem)
		require.Equal(t, 1, m.Persons)
		require.Equal(t, "02", m.ListNo)
		require.Equal(t, owed, m.Premium.Added.Insurable)
		require.Equal(t, rial.Amount(0), m.Premium.LeftOver.Insurable)
		require.Equal(t, payroll.Draft, s.list(m.List).State)
		require.Equal(t, payroll.Supplementary, s.list(m.List).Kind)
	}
	require.Len(t, s.effects(fault.SSO), 2, "nothing is sent without a word")
	// 16,800,030 × 7, 20 and 3 %: 1,176,002.1, 3,360,006 and 504,000.9; beside 220,000,000 the same of 236,800,030.
	require.Equal(t, flow.Shares{Insurable: 16_800_030, Worker: 1_176_002, Employer: 3_360_006, Unemployment: 504_001}, made[1].Premium.Added)
	require.Equal(t, flow.Shares{Insurable: 236_800_030, Worker: 16_576_002, Employer: 47_360_006, Unemployment: 7_104_001}, made[1].Premium.Anew)
	require.Equal(t, flow.Shares{}, made[1].Premium.LeftOver)

	shown, err := s.Difference(ctx, s.sender, made[1].List)
	require.NoError(t, err)
	require.EqualValues(t, 5_040_009, shown.Premium.After)
	require.True(t, shown.Month)
	require.Equal(t, []string{"DSKKAR00.DBF", "DSKWOR00.DBF"}, shown.SSO.Changed)

	sent := s.mustWord(made[1].List)
	l := s.await(sent.ListID, payroll.Answered)
	require.Equal(t, payroll.AnswerAccepted, l.Deliveries.SSO.State, "%+v", l.Deliveries.SSO.Findings)
	require.EqualValues(t, 5_040_009, l.Deliveries.SSO.Payments[0].Amount)
	require.Equal(t, 1, s.effects(fault.SSO)["sso.0123456789.000.1405-07.02.1"].Count)
	require.Equal(t, payroll.Draft, s.list(made[0].List).State, "each month has its own word")

	// The tax month is that of one list with the new wage, to the rial.
	after, err := s.TaxMonth(ctx, s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.Equal(t, shown.Estimate, flow.Effect{Before: estimateOf(before), After: estimateOf(after)})
	anew := onStage(t)
	anew.work()
	anew.mustSend(first) // the year is the same
	whole := listOf(shop, 0, 1)
	whole.Lines[0]["daily_wage"] = 6_160_001
	filed := anew.mustSend(whole)
	anew.awaitLane(filed.ListID, fault.Tax, payroll.ByHand)
	want, err := anew.TaxMonth(ctx, anew.sender, employer, "", mehr)
	require.NoError(t, err)
	require.Len(t, after.Persons, 2)
	for i := range want.Persons {
		require.Equal(t, want.Persons[i].Person, after.Persons[i].Person)
		require.Equal(t, want.Persons[i].Taxable, after.Persons[i].Taxable)
		require.Equal(t, want.Persons[i].Estimate, after.Persons[i].Estimate)
	}
}

func estimateOf(m *flow.TaxMonth) (sum rial.Amount) {
	for _, p := range m.Persons {
		sum = sum.Add(*p.Estimate)
	}
	return sum
}

func TestArrears_by_a_whole_list_with_the_new_wages(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(listOf(shop, 0, 1, 2))
	d := listOf(shop, 0, 1, 2)
	d.Lines[0]["daily_wage"], d.Lines[1]["housing"], d.Lines[1]["child"] = 6_000_000, 31_000_000, 5_000_000
	made := s.mustArrears(d, jalali.Month{}, jalali.Month{})
	require.Len(t, made, 1)
	require.Equal(t, flow.ArrearsDrafted, made[0].State, "%+v", made[0].Problem)
	require.Equal(t, 2, made[0].Persons)
	require.Equal(t, 1, made[0].Unchanged)
	doc, err := s.Assessment(context.Background(), s.sender, made[0].List)
	require.NoError(t, err)
	require.EqualValues(t, 0, doc.Lines[0].MonthlyWage, "no days, no month's wage: it stands with the benefits")
	require.EqualValues(t, 400_000*30, doc.Lines[0].Insurable)
	require.EqualValues(t, 1_000_000, doc.Lines[1].Insurable)
	require.EqualValues(t, 6_000_000, doc.Lines[1].Total, "child allowance is not insurable")
	require.Equal(t, flow.ArrearsUnchanged, s.mustArrears(listOf(shop, 0, 1, 2), jalali.Month{}, jalali.Month{})[0].State)
}

func TestArrears_by_a_workbook_of_a_few_columns(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(listOf(shop, 0, 1))
	b := sheetsOf(t, map[string][][]any{"لیست": {
		{"ردیف", "کد ملی", "نام", "نام خانوادگی", "دستمزد روزانه", "حق مسکن"},
		{1, people[1].code, people[1].first, people[1].last, 5_650_000, nil},
		{2, people[0].code, people[0].first, people[0].last, 5_600_000, 30_500_000},
	}}, "لیست")
	made, err := s.Arrears(context.Background(), flow.Upload{Principal: s.sender, Body: bytes.NewReader(b), Name: "wages.xlsx", IdempotencyKey: "k", Workshop: shop}, mehr, mehr)
	require.NoError(t, err)
	require.Equal(t, flow.ArrearsDrafted, made[0].State, "%+v %+v", made[0].Problem, made[0].Refusals)
	require.Equal(t, []string{people[0].code, people[1].code}, s.persons(made[0].List), "as they stand in the filed list")
	require.Equal(t, []rial.Amount{500_000, 1_500_000}, s.insurable(made[0].List))
}

// The registry gives the workshop five workers without the employer's share: it was waived of their filed rows, and is owed of what a
// supplementary list adds.
func TestArrears_tell_what_the_five_worker_exemption_leaves(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := onStage(t)
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		w, err := tx.Workshop(ctx, shop)
		require.NoError(t, err)
		w.ExemptFive = true
		return tx.SaveWorkshop(ctx, w)
	}))
	s.mustSend(listOf(shop, 0))
	p := s.mustArrears(newWages(wageOf(0, "daily_wage", 5_700_000)), mehr, mehr)[0].Premium
	require.EqualValues(t, 0, p.Filed.Employer+p.Anew.Employer)
	require.EqualValues(t, 600_000, p.Added.Employer, "20 % of 3,000,000")
	require.Equal(t, flow.Shares{Employer: 600_000}, p.LeftOver)
	require.Contains(t, p.Why[0].EN, "five-worker exemption")
}

// Of two decrees for one month the second adds to what the first one's supplementary list added.
func TestArrears_come_again_for_the_same_month(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	params, _ := s.Book.On(mehr)
	s.mustSend(listOf(shop, 0))
	first := s.mustArrears(newWages(wageOf(0, "daily_wage", 5_700_000)), mehr, mehr)[0]
	s.mustWord(first.List)
	second := s.mustArrears(newWages(wageOf(0, "daily_wage", 5_900_000, "other_continuous", 0, "housing", 32_000_000)), mehr, mehr)[0]
	require.Equal(t, flow.ArrearsDrafted, second.State, "%+v", second)
	require.Equal(t, "03", second.ListNo)
	require.EqualValues(t, 200_000*30+2_000_000, second.Premium.Added.Insurable)
	require.Equal(t, rial.Amount(0), second.Premium.LeftOver.Insurable)
	s.mustWord(second.List)
	require.Equal(t, flow.ArrearsUnchanged, s.mustArrears(newWages(wageOf(0, "daily_wage", 5_900_000, "other_continuous", 0)), mehr, mehr)[0].State)
	require.Equal(t, flow.ArrearsUnchanged, s.mustArrears(newWages(wageOf(0, "housing", 32_000_000)), mehr, mehr)[0].State)
	require.Equal(t, "other_continuous", s.mustArrears(newWages(wageOf(0, "daily_wage", 5_950_000)), mehr, mehr)[0].Refusals[0].Field)
	grocery := s.mustArrears(newWages(wageOf(0, "grocery", 23_000_000)), mehr, mehr)[0]
	require.EqualValues(t, 1_000_000, grocery.Premium.Added.Insurable)

	// The cap is the month's: a wage above it adds what the cap leaves.
	most := s.mustArrears(newWages(wageOf(0, "daily_wage", 60_000_000, "other_continuous", 0)), mehr, mehr)[0]
	require.Equal(t, params.MaxDailyInsurable.Value.TimesInt(30), most.Premium.Filed.Insurable+most.Premium.Added.Insurable)
	require.Equal(t, most.Premium.Anew.Insurable, most.Premium.Filed.Insurable+most.Premium.Added.Insurable)
}

func TestArrears_refuse_what_a_supplementary_list_cannot_say(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(listOf(shop, 0, 1))
	for name, c := range map[string]struct {
		row   map[string]any
		field string
		says  string
	}{
		"less":     {wageOf(0, "daily_wage", 5_590_000), "monthly_wage", "below the filed"},
		"benefit":  {wageOf(0, "daily_wage", 5_700_000, "grocery", 21_000_000), "grocery", "replacement"},
		"days":     {wageOf(0, "daily_wage", 5_700_000, "days", 29), "days", "no days"},
		"stranger": {wageOf(2, "daily_wage", 5_700_000), "", "not in the filed list"},
	} {
		m := s.mustArrears(newWages(wageOf(1, "daily_wage", 5_800_000), c.row), mehr, mehr)[0]
		require.Equal(t, flow.ArrearsRefused, m.State, name)
		require.Len(t, m.Refusals, 1, name)
		require.Equal(t, c.field, m.Refusals[0].Field, name)
		require.Equal(t, 2, m.Refusals[0].Row, name)
		require.Contains(t, m.Refusals[0].Why.EN, c.says, name)
		require.Empty(t, m.List, name)
	}
	twice := s.mustArrears(newWages(wageOf(0, "daily_wage", 5_700_000), wageOf(0, "daily_wage", 5_800_000)), mehr, mehr)[0]
	require.Contains(t, twice.Refusals[0].Why.EN, "twice")
	bad := s.mustArrears(newWages(map[string]any{"national_code": "1234567890", "daily_wage": 5_700_000}), mehr, mehr)[0]
	require.Equal(t, flow.ArrearsRefused, bad.State)
	require.Contains(t, codesOf(bad.Problem.Faults), "ID-02")
	for _, f := range bad.Problem.Faults {
		if f.Severity >= fault.Error {
			require.Equal(t, "/lines/0/national_code", f.Cell, f.Code)
		}
	}
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lists"), "nothing is kept of them")

	_, err := s.arrears("k", newWages(wageOf(0)), mehr, monthOf(1405, 6))
	require.ErrorContains(t, err, "a range has")
	_, err = s.arrears("k", newWages(wageOf(0)).set("period", "1405-06"), mehr, mehr)
	require.ErrorContains(t, err, "names its month")
	_, err = s.arrears("k", newWages(wageOf(0)).set("workshop_code", stranger), mehr, mehr)
	require.ErrorContains(t, err, "workshop")
}

// Each share is rounded half up a row: 220,000,090 × 7 % ends in .3, 90 × 7 % too, and both together in .6.
func TestArrears_explain_a_rial_that_rounding_leaves(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	d := listOf(shop, 0)
	d.Lines[0]["daily_wage"] = 5_600_003
	s.mustSend(d)
	p := s.mustArrears(newWages(wageOf(0, "daily_wage", 5_600_006)), mehr, mehr)[0].Premium
	require.Equal(t, flow.Shares{Insurable: 220_000_090, Worker: 15_400_006, Employer: 44_000_018, Unemployment: 6_600_003}, p.Filed)
	require.Equal(t, flow.Shares{Insurable: 90, Worker: 6, Employer: 18, Unemployment: 3}, p.Added)
	require.Equal(t, flow.Shares{Insurable: 220_000_180, Worker: 15_400_013, Employer: 44_000_036, Unemployment: 6_600_005}, p.Anew)
	require.Equal(t, flow.Shares{Worker: -1, Unemployment: 1}, p.LeftOver)
	require.Len(t, p.Why, 1)
	require.Contains(t, p.Why[0].EN, "rounded a row")
}

func TestArrears_of_a_list_that_was_replaced_meanwhile_are_not_sent(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(listOf(shop, 0, 1))
	made := s.mustArrears(newWages(wageOf(0, "daily_wage", 5_700_000)), mehr, mehr)[0]
	s.mustSend(changeOf("v1", changed(0, map[string]any{"daily_wage": 5_650_000})))
	_, err := s.word(made.List)
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, "LIST-03", p.Code)
	require.Contains(t, p.Text.EN, "make it anew")
	again := s.mustArrears(newWages(wageOf(0, "daily_wage", 5_700_000)), mehr, mehr)[0]
	require.EqualValues(t, 50_000*30, again.Premium.Added.Insurable)
	s.mustWord(again.List)
}

func TestArrears_of_one_key_are_made_once(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(listOf(shop, 0))
	wages := newWages(wageOf(0, "daily_wage", 5_700_000))
	first, err := s.arrears("decree", wages, mehr, mehr)
	require.NoError(t, err)
	s.mustWord(first[0].List)
	again, err := s.arrears("decree", wages, mehr, mehr)
	require.NoError(t, err)
	require.Equal(t, first[0].List, again[0].List)
	require.Equal(t, flow.ArrearsSent, again[0].State)
	require.Equal(t, 2, s.count("SELECT count(*) FROM shared.lists"))
	_, err = s.arrears("decree", newWages(wageOf(0, "daily_wage", 5_800_000)), mehr, mehr)
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, "API-02", p.Code)
}

// A list that one organisation only got has its supplement there alone.
func TestArrears_go_where_the_list_went(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	_, err := s.send(listOf(shop, 0).bytes(), func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.SSO, true })
	require.NoError(t, err)
	made := s.mustArrears(newWages(wageOf(0, "daily_wage", 5_700_000)), mehr, mehr)[0]
	sent, err := s.Submit(context.Background(), flow.Upload{
		Principal: s.sender, Again: made.List, Lanes: fault.SSO, LanesGiven: true, IdempotencyKey: "word", Route: "x",
	})
	require.NoError(t, err)
	require.Equal(t, payroll.NotAddressed, sent.Receipt.Verdicts.Tax)
	l := s.list(sent.ListID)
	require.Equal(t, payroll.Queued, l.Deliveries.SSO.State)
	require.Equal(t, payroll.LaneNotAddressed, l.Deliveries.Tax.State)
}
