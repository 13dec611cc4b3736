package flow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency/hand"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// Whatever the order in which answers come, a slip goes on from open to collected to void and never back.
func TestReceive_slips_never_go_back(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(sent.ListID, fault.SSO, payroll.Sent).Key
	began := time.Now().Add(-time.Hour)
	say := func(minute int, slips ...payroll.Payment) (int, store.Outcome) {
		a := o.answer(key, payroll.AnswerAccepted)
		a.DecidedAt, a.Payments = began.Add(time.Duration(minute)*time.Minute), slips
		return o.post(a)
	}
	slip := func(number, state string, amount rial.Amount) payroll.Payment {
		return payroll.Payment{ListNo: "01", Slip: number, Amount: amount, State: state}
	}
	stands := func(want ...payroll.Payment) {
		t.Helper()
		require.Equal(t, append([]payroll.Payment{}, want...), s.list(sent.ListID).Deliveries.SSO.Payments)
	}
	for _, step := range []struct {
		what    string
		minute  int
		slips   []payroll.Payment
		outcome store.Outcome
		stands  []payroll.Payment
	}{
		{"the first", 10, []payroll.Payment{slip("1", "open", 100)}, store.AnswerStored, []payroll.Payment{slip("1", "open", 100)}},
		{"void, later", 30, []payroll.Payment{slip("1", "void", 100), slip("2", "open", 90)}, store.AnswerStored, []payroll.Payment{slip("1", "void", 100), slip("2", "open", 90)}},
		{"collected, decided before it was void", 20, []payroll.Payment{slip("1", "collected", 100)}, store.AnswerStale, []payroll.Payment{slip("1", "void", 100), slip("2", "open", 90)}},
		{"nothing new at the same time", 30, []payroll.Payment{slip("2", "open", 91)}, store.AnswerStale, []payroll.Payment{slip("1", "void", 100), slip("2", "open", 90)}},
		{"a step on at the same time", 30, []payroll.Payment{slip("2", "collected", 90)}, store.AnswerStored, []payroll.Payment{slip("1", "void", 100), slip("2", "collected", 90)}},
		{"open again", 40, []payroll.Payment{slip("2", "open", 90)}, store.AnswerStale, []payroll.Payment{slip("1", "void", 100), slip("2", "collected", 90)}},
		{"another amount, later", 41, []payroll.Payment{slip("2", "collected", 95)}, store.AnswerStored, []payroll.Payment{slip("1", "void", 100), slip("2", "collected", 95)}},
		{"two slips of one list, one of nothing", 42, []payroll.Payment{slip("3", "open", 5), slip("4", "open", 6), slip("", "open", 0)}, store.AnswerStored, []payroll.Payment{slip("1", "void", 100), slip("2", "collected", 95), slip("3", "open", 5), slip("4", "open", 6)}},
	} {
		status, outcome := say(step.minute, step.slips...)
		require.Equal(t, http.StatusOK, status, step.what)
		require.Equal(t, step.outcome, outcome, step.what)
		stands(step.stands...)
	}
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.answers WHERE outcome = 'contradicts'"), "open again")

	// A clock that runs ahead makes no later answer a stale one.
	a := o.answer(key, payroll.AnswerAccepted)
	a.DecidedAt, a.Payments = time.Now().AddDate(500, 0, 0), []payroll.Payment{slip("3", "collected", 5)}
	_, outcome := o.post(a)
	require.Equal(t, store.AnswerStored, outcome)
	a = o.answer(key, payroll.AnswerAccepted)
	a.Payments = []payroll.Payment{slip("4", "collected", 6)}
	_, outcome = o.post(a)
	require.Equal(t, store.AnswerStored, outcome)
}

func TestReceive_a_later_answer_of_the_same_decision_corrects_what_was_said(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.Tax)
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(sent.ListID, fault.Tax, payroll.Sent).Key
	began := time.Now().Add(-time.Hour)
	say := func(minute int, state payroll.State, change func(*payroll.Answer)) store.Outcome {
		a := o.answer(key, state)
		a.DecidedAt = began.Add(time.Duration(minute) * time.Minute)
		change(&a)
		status, outcome := o.post(a)
		require.Equal(t, http.StatusOK, status)
		return outcome
	}
	tax := func(rials rial.Amount) []payroll.WorkerTax {
		return []payroll.WorkerTax{{Person: people[0].code, Tax: rials, Months: 1}}
	}
	stands := func(rials rial.Amount, codes ...string) {
		t.Helper()
		m, err := s.TaxMonth(context.Background(), s.sender, employer, "", mehr)
		require.NoError(t, err)
		require.Equal(t, rials, *m.Persons[0].Tax)
		var got []string
		for _, f := range m.Findings {
			got = append(got, f.Code)
		}
		require.Equal(t, codes, got)
	}
	finding := func(code string) []payroll.AnswerFinding {
		return []payroll.AnswerFinding{{Code: code, Person: people[0].code}}
	}
	require.Equal(t, store.AnswerStored, say(10, payroll.AnswerWithFindings, func(a *payroll.Answer) { a.Workers, a.Findings = tax(1), finding("A") }))
	stands(1, "A")
	require.Equal(t, store.AnswerStored, say(20, payroll.AnswerWithFindings, func(a *payroll.Answer) { a.Workers = tax(2) }))
	stands(2, "A") // of findings it said nothing
	require.Equal(t, store.AnswerStale, say(15, payroll.AnswerWithFindings, func(a *payroll.Answer) { a.Workers, a.Findings = tax(3), finding("B") }))
	stands(2, "A")
	require.Equal(t, store.AnswerStored, say(30, payroll.AnswerAccepted, func(a *payroll.Answer) { a.Findings = []payroll.AnswerFinding{} }))
	stands(2) // corrected by the other way of accepting; the decision itself stays as it was
	require.Equal(t, payroll.AnswerWithFindings, s.list(sent.ListID).Deliveries.Tax.State)
	require.Equal(t, 4, s.count("SELECT count(*) FROM shared.answers"), "all are kept as they came")
}

func TestReceive_an_answer_against_the_decision_waits_for_an_operator(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	o := s.office(fault.SSO)
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(sent.ListID, fault.SSO, payroll.Sent).Key
	a := o.answer(key, payroll.AnswerAccepted)
	require.Equal(t, store.AnswerStored, outcomeOf(o.post(a)))
	against := o.answer(key, payroll.AnswerRejected)
	require.Equal(t, store.AnswerStale, outcomeOf(o.post(against)))
	require.Equal(t, store.AnswerRepeated, outcomeOf(o.post(against)))
	strange := o.answer(key, payroll.AnswerAccepted)
	strange.Digest = strings.Repeat("0", 64)
	status, _ := o.post(strange)
	require.Equal(t, http.StatusConflict, status)
	status, _ = o.postAs(o.keys, fault.SSO, []byte("{"))
	require.Equal(t, http.StatusUnprocessableEntity, status)
	unknown := o.answer(strings.Replace(key, "1405-07", "1405-06", 1), payroll.AnswerAccepted)
	status, _ = o.post(unknown)
	require.Equal(t, http.StatusNotFound, status)

	l := s.list(sent.ListID)
	require.Equal(t, payroll.AnswerAccepted, l.Deliveries.SSO.State)
	require.NotNil(t, l.Deliveries.SSO.Contradicted)
	require.Equal(t, payroll.AnswerRejected, l.Deliveries.SSO.Contradicted.State)
	require.Nil(t, l.Deliveries.Tax.Contradicted)

	_, err := s.AnswersSetAside(ctx, s.sender, "", 0)
	requireNotFound(t, err)
	page, err := s.AnswersSetAside(ctx, operator, "", 3)
	require.NoError(t, err)
	require.Len(t, page.Items, 3)
	require.NotNil(t, page.Next)
	rest, err := s.AnswersSetAside(ctx, operator, *page.Next, 3)
	require.NoError(t, err)
	require.Len(t, rest.Items, 1)
	var outcomes []store.Outcome
	for _, x := range append(page.Items, rest.Items...) {
		require.Equal(t, flow.ByOrganisation, x.Owner)
		require.NotEmpty(t, x.Why.FA)
		require.NotEmpty(t, x.Do.EN)
		outcomes = append(outcomes, x.Outcome)
	}
	require.Equal(t, []store.Outcome{store.AnswerContrary, store.DigestNotOurs, store.AnswerUnclear, store.UnknownKey}, outcomes)
	first := page.Items[0]
	require.Equal(t, key, first.Key)
	require.Equal(t, payroll.AnswerAccepted, first.Stands)
	require.Equal(t, payroll.AnswerRejected, first.Says)
	require.Equal(t, against.ID, first.AnswerID)
	raw, _, err := s.RawAnswer(ctx, operator, first.ID)
	require.NoError(t, err)
	want, err := json.Marshal(against)
	require.NoError(t, err)
	require.Equal(t, want, raw, "as it came")
	_, _, err = s.RawAnswer(ctx, s.sender, first.ID)
	requireNotFound(t, err)
	requireNotFound(t, s.SettleAnswer(ctx, s.sender, first.ID))
	require.NoError(t, s.SettleAnswer(ctx, operator, first.ID))
	requireNotFound(t, s.SettleAnswer(ctx, operator, first.ID))
	page, err = s.AnswersSetAside(ctx, operator, "", 0)
	require.NoError(t, err)
	require.Len(t, page.Items, 3)
}

func outcomeOf(_ int, outcome store.Outcome) store.Outcome { return outcome }

// Whatever an organisation's signed body holds, the window answers by the contract and keeps the bytes; never with a failure of its own.
func TestReceive_odd_bodies(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(sent.ListID, fault.SSO, payroll.Sent).Key
	whole, err := json.Marshal(o.answer(key, payroll.AnswerAccepted))
	require.NoError(t, err)
	good := strings.TrimSuffix(string(whole), "}")
	with := func(member string) []byte { return []byte(good + "," + member + "}") }
	other, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	kept := 0
	for name, c := range map[string]struct {
		body []byte
		want int
	}{
		"nothing":                       {nil, 422},
		"no JSON":                       {[]byte("<answer/>"), 422},
		"an array":                      {[]byte("[" + string(whole) + "]"), 422},
		"null":                          {[]byte("null"), 422},
		"two documents":                 {append(append([]byte{}, whole...), whole...), 422},
		"a hundred thousand deep":       {with(`"more":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)), 422},
		"a member twice":                {with(`"state":"rejected"`), 422},
		"a member twice, in capitals":   {with(`"STATE":"rejected"`), 422},
		"a member twice, further in":    {with(`"more":[{"a":{"b":1,"c":2,"b":3}}]`), 422},
		"a state there is not":          {[]byte(strings.Replace(string(whole), `"accepted"`, `"received"`, 1)), 422},
		"an amount below zero":          {[]byte(strings.Replace(string(whole), `"payments":null`, `"payments":[{"slip":"1","amount":-1,"state":"open"}]`, 1)), 422},
		"an amount beyond 64 bits":      {[]byte(strings.Replace(string(whole), `"payments":null`, `"payments":[{"slip":"1","amount":99999999999999999999,"state":"open"}]`, 1)), 422},
		"a slip's state there is not":   {[]byte(strings.Replace(string(whole), `"payments":null`, `"payments":[{"slip":"1","amount":1,"state":"paid"}]`, 1)), 422},
		"something to pay by no number": {[]byte(strings.Replace(string(whole), `"payments":null`, `"payments":[{"amount":1,"state":"open"}]`, 1)), 422},
		"a fraction of a rial":          {[]byte(strings.Replace(string(whole), `"payments":null`, `"payments":[{"slip":"1","amount":1.5,"state":"open"}]`, 1)), 422},
		"a tax below zero":              {[]byte(strings.Replace(string(whole), `"workers":null`, `"workers":[{"person":"1","tax":-1,"months":1}]`, 1)), 422},
		"a time that is none":           {[]byte(strings.Replace(string(whole), `"decided_at":"`, `"decided_at":"9`, 1)), 422},
		"no time":                       {[]byte(`{"id":"` + uuid.NewString() + `","key":"` + key + `","digest":"00","state":"accepted"}`), 422},
		"the other organisation's key":  {[]byte(strings.Replace(string(whole), `"sso.`, `"tax.`, 1)), 404},
		"a key that is none":            {[]byte(strings.Replace(string(whole), `"sso.`, `"x.`, 1)), 404},
		"a version there is not":        {[]byte(strings.Replace(string(whole), key, strings.TrimSuffix(key, "1")+"7", 1)), 404},
	} {
		status, _ := o.postAs(o.keys, fault.SSO, c.body)
		require.Equal(t, c.want, status, name)
		kept++
		require.Equal(t, kept, s.count("SELECT count(*) FROM shared.answers"), "%s is kept", name)
		status, _ = o.postAs(other, fault.SSO, c.body)
		require.Equal(t, http.StatusUnauthorized, status, name)
	}
	require.Equal(t, kept, s.count("SELECT count(*) FROM shared.answers"), "what no organisation signed is not kept")
	require.Equal(t, payroll.Sent, s.list(sent.ListID).Deliveries.SSO.State)

	a := o.answer(key, payroll.AnswerWithFindings)
	a.Findings = []payroll.AnswerFinding{
		{Code: "UNHEARD-7", Message: "سخن سازمان", Person: "I87650001", Field: "DSW_ROOZ"}, {Code: "X", Person: "no one of ours"}, {},
	}
	a.Workers = []payroll.WorkerTax{{Person: "no one of ours", Tax: 1 << 62, Months: 12}}
	require.Equal(t, store.AnswerStored, outcomeOf(o.postAs(o.keys, fault.SSO, mustJSON(t, a, `"later member":{"x":[1,{}]}`))), "members to come are left alone")
	require.Len(t, s.list(sent.ListID).Deliveries.SSO.Findings, 3, "codes are data")
}

func mustJSON(t *testing.T, a any, more string) []byte {
	t.Helper()
	b, err := json.Marshal(a)
	require.NoError(t, err)
	return []byte(strings.TrimSuffix(string(b), "}") + "," + more + "}")
}

// An answer of a key whose files never left cannot be one: it is set aside, and the delivery goes on its way.
func TestReceive_an_answer_to_what_never_left_changes_nothing(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	sent := s.mustSend(listOf(shop, 0)) // nothing works the jobs
	a := o.answer(s.list(sent.ListID).Deliveries.SSO.Key, payroll.AnswerAccepted)
	status, _ := o.post(a)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, payroll.Queued, s.list(sent.ListID).Deliveries.SSO.State)
	s.work()
	s.awaitLane(sent.ListID, fault.SSO, payroll.Sent)
}

// The administration's figures are explained by hand as by gateway: months, several employers, a disputed parameter, unknown.
func TestTaxMonth_differences_are_explained(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"gateway", "hand"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			s := onStage(t)
			ctx := context.Background()
			var o *office
			state := payroll.ByHand
			if by == "gateway" {
				o, state = s.office(fault.Tax), payroll.Sent
			}
			s.work()
			file := func(period string) string {
				d := listOf(shop, 0, 1, 2).set("period", period)
				for _, l := range d.Lines {
					l["daily_wage"] = 20_000_000
				}
				return s.mustSend(d).ListID
			}
			answer := func(id string, said []payroll.WorkerTax) {
				key := s.awaitLane(id, fault.Tax, state).Key
				if o != nil {
					a := o.answer(key, payroll.AnswerAccepted)
					a.Workers = said
					require.Equal(t, store.AnswerStored, outcomeOf(o.post(a)))
					return
				}
				raw := taxSheet(t, said)
				a, err := hand.Answer(raw, "tax.xlsx", key, "", time.Now())
				require.NoError(t, err)
				_, err = s.AnswerByHand(ctx, s.sender, raw, a)
				require.NoError(t, err)
			}
			view := func(period jalali.Month) *flow.TaxMonth {
				m, err := s.TaxMonth(ctx, s.sender, employer, "", period)
				require.NoError(t, err)
				return m
			}
			answer(file("1405-06"), nil)
			id := file("1405-07")
			s.awaitLane(id, fault.Tax, state)
			m := view(mehr)
			require.Len(t, m.Persons, 3)
			estimate := *m.Persons[0].Estimate
			// Housing exempt in both months: taxable falls by its amount in each, and so does the tax by ten percent of it.
			answer(id, []payroll.WorkerTax{
				{Person: people[0].code, Tax: estimate - 3_000_000, Months: 2},
				{Person: people[1].code, Tax: estimate + 777, Months: 2, SeveralEmployers: true},
				{Person: people[2].code, Tax: estimate + 1, Months: 2},
				{Person: nationalCode(123_456_789), Tax: 5, Months: 1},
			})
			require.Eventually(t, func() bool {
				m = view(mehr)
				return m.Persons[0].Cause != nil && m.Persons[1].Cause != nil && m.Persons[2].Cause != nil
			}, patience, 30*time.Millisecond)
			require.Equal(t, rule.DisputedParameter, m.Persons[0].Cause.Cause)
			require.True(t, m.Persons[0].Cause.Proved)
			require.Equal(t, []string{"tax_treatments.housing"}, m.Persons[0].Cause.Readings)
			require.Contains(t, m.Persons[0].Cause.Text.FA, "محل اختلاف است")
			require.Contains(t, m.Persons[0].Cause.Text.EN, "3,000,000 rials less")
			require.EqualValues(t, -3_000_000, *m.Persons[0].Difference)
			require.Equal(t, rule.SeveralEmployers, m.Persons[1].Cause.Cause)
			require.Equal(t, rule.UnknownCause, m.Persons[2].Cause.Cause)
			require.Equal(t, []flow.CauseSum{
				{Cause: rule.SeveralEmployers, Persons: 1, Amount: 777},
				{Cause: rule.DisputedParameter, Persons: 1, Proved: 1, Amount: -3_000_000},
				{Cause: rule.UnknownCause, Persons: 1, Amount: 1},
			}, m.Differences)
			require.Equal(t, []payroll.WorkerTax{{Person: nationalCode(123_456_789), Tax: 5, Months: 1}}, m.Strangers)
			require.Zero(t, s.count("SELECT count(*) FROM shared.worker_taxes WHERE cause IS NULL"))
			if o == nil {
				return
			}
			// Corrected: the same pay spread over twelve months for one, the estimate for the others.
			corrected := o.answer(m.Versions[0].Key, payroll.AnswerAccepted)
			corrected.Workers = []payroll.WorkerTax{{Person: people[0].code, Tax: 0, Months: 12}, {Person: people[1].code, Tax: estimate, Months: 2}, {Person: people[2].code, Tax: estimate, Months: 2}}
			require.Equal(t, store.AnswerStored, outcomeOf(o.post(corrected)))
			require.Eventually(t, func() bool {
				m = view(mehr)
				return m.Persons[0].Cause != nil && m.Persons[0].Cause.Cause == rule.OtherMonths
			}, patience, 30*time.Millisecond)
			require.True(t, m.Persons[0].Cause.Proved)
			require.Contains(t, m.Persons[0].Cause.Text.EN, "counts 12 months with pay in the year, the window 2")
			require.Len(t, m.Differences, 1)
			require.Empty(t, m.Strangers)
			require.Nil(t, m.Persons[1].Cause)
		})
	}
}

// taxSheet is the administration's workbook of persons.
func taxSheet(t *testing.T, said []payroll.WorkerTax) []byte {
	t.Helper()
	if said == nil {
		said = []payroll.WorkerTax{{Person: people[0].code}}
	}
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"person", "tax", "months", "several_employers"}))
	for i, w := range said {
		require.NoError(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+2), &[]any{
			w.Person, int64(w.Tax), w.Months, map[bool]string{true: "بله", false: "خیر"}[w.SeveralEmployers],
		}))
	}
	b, err := f.WriteToBuffer()
	require.NoError(t, err)
	return b.Bytes()
}

// The SSO names a foreigner by his insurance number; what it says of him stands at his rows. A tax month's findings stand on each list
// that holds the person, and are seen by no one else; so are its slips by who sees the month whole.
func TestViews_what_an_organisation_said_stands_where_it_belongs(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	s.TaxWait = time.Hour // both lists are cut into one version
	sso, tax := s.office(fault.SSO), s.office(fault.Tax)
	s.work()
	d := listOf(shop, 0, 1)
	for key, v := range map[string]any{
		"national_code": "", "foreigner_code": "123456789012", "nationality": "خارجی", "citizenship_country": "101", "insured_kind": "اتباع خارجی", "insurance_number": "0087650002",
	} {
		d.Lines[1][key] = v
	}
	d.Lines[0]["welfare"] = 1_000_000
	first := s.mustSend(d)
	other := s.mustSend(listOf(branch, 1, 2))
	require.NoError(t, err0(s.CutNow(ctx, s.sender, employer, "", mehr)))
	a := sso.answer(s.awaitLane(first.ListID, fault.SSO, payroll.Sent).Key, payroll.AnswerWithFindings)
	a.Findings = []payroll.AnswerFinding{
		{Code: "Q1", Person: "I87650002", Field: "DSW_DD"}, {Code: "Q2", Person: people[0].code, Field: "DSW_TOTL"}, {Code: "Q3", Person: "I99999999"}, {Code: "Q4"},
	}
	require.Equal(t, store.AnswerStored, outcomeOf(sso.post(a)))
	s.awaitLane(other.ListID, fault.SSO, payroll.Sent)
	s.awaitLane(other.ListID, fault.Tax, payroll.Sent)
	a = tax.answer(s.awaitLane(first.ListID, fault.Tax, payroll.Sent).Key, payroll.AnswerWithFindings)
	a.Findings = []payroll.AnswerFinding{{Code: "T1", Person: people[0].code, Field: "WP13"}, {Code: "T2", Person: people[2].code, Field: "WH23"}, {Code: "T3"}}
	a.Payments = []payroll.Payment{{Slip: "200000001", Amount: 77, State: payroll.SlipOpen}}
	a.Workers = []payroll.WorkerTax{{Person: people[0].code, Tax: 42, Months: 1}}
	require.Equal(t, store.AnswerStored, outcomeOf(tax.post(a)))

	l := s.list(first.ListID)
	type at struct {
		code, who, column string
		rows              []int
	}
	placesOf := func(all []flow.Said) (got []at) {
		for _, f := range all {
			got = append(got, at{f.Code, f.Who, f.Column, f.Rows})
		}
		return got
	}
	require.Equal(t, []at{
		{"Q1", "F123456789012", "days", []int{2}}, {"Q2", people[0].code, "", []int{1}}, {"Q3", "", "", []int{}}, {"Q4", "", "", []int{}},
	}, placesOf(l.Deliveries.SSO.Findings))
	require.Equal(t, []at{{"T1", people[0].code, "exemption_type", []int{1}}, {"T3", "", "", []int{}}}, placesOf(l.Deliveries.Tax.Findings))
	require.Equal(t, []at{{"T2", people[2].code, "eidi", []int{2}}, {"T3", "", "", []int{}}}, placesOf(s.list(other.ListID).Deliveries.Tax.Findings))
	require.Len(t, l.Deliveries.Tax.Payments, 1)

	// Who acts for the one workshop alone sees its persons, and no slip of the whole month.
	clerk := access.Principal{ID: uuid.New(), Name: "کارمند", Role: access.Accountant}
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.AddPrincipal(ctx, clerk); err != nil {
			return err
		}
		return tx.AddMandate(ctx, clerk.ID, employer, shop, time.Time{})
	}))
	seen, err := s.List(ctx, clerk, first.ListID)
	require.NoError(t, err)
	require.Empty(t, seen.Deliveries.Tax.Payments)
	month, err := s.TaxMonth(ctx, clerk, employer, "", mehr)
	require.NoError(t, err)
	require.False(t, month.Whole)
	require.Equal(t, []at{{"T1", people[0].code, "exemption_type", []int{}}, {"T3", "", "", []int{}}}, placesOf(month.Findings))
	require.Empty(t, month.Payments)

	// Worker by organisation: received, judged, answered.
	page, err := s.Lines(ctx, s.sender, first.ListID, "", 1)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	one := page.Items[0]
	require.Equal(t, people[0].code, one.Person)
	require.NotEmpty(t, one.ReceivedAt)
	require.Equal(t, payroll.AnswerWithFindings, one.SSO.State)
	require.Equal(t, []at{{"Q2", people[0].code, "", []int{1}}}, placesOf(one.SSO.Findings))
	require.Equal(t, []at{{"T1", people[0].code, "exemption_type", []int{1}}}, placesOf(one.Tax.Findings))
	require.NotZero(t, *one.SSO.Premium)
	require.EqualValues(t, 42, *one.Tax.Figures.Tax)
	require.NotEmpty(t, one.SSO.Judged+one.Tax.Judged)
	require.NotContains(t, one.SSO.Codes, "LIST-05", "a finding of the header has rows of its own")
	require.Contains(t, one.Tax.Codes, "TAX-04")
	page, err = s.Lines(ctx, s.sender, first.ListID, *page.Next, 1)
	require.NoError(t, err)
	require.Nil(t, page.Next)
	require.Equal(t, "F123456789012", page.Items[0].Person)
	require.Equal(t, []at{{"Q1", "F123456789012", "days", []int{2}}}, placesOf(page.Items[0].SSO.Findings))
	_, err = s.Lines(ctx, clerk, other.ListID, "", 0)
	requireNotFound(t, err)
	_, err = s.Lines(ctx, clerk, first.ListID, "x", 0)
	require.Error(t, err)
}

func err0(_ any, err error) error { return err }

// The simulator reckons the tax with tables of its own: over two months nothing differs, and nothing is left to be explained.
func TestTaxMonth_of_the_simulator_differs_nowhere(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.Tax)
	s.work()
	for _, period := range []jalali.Month{mehr.Add(-1), mehr} {
		d := listOf(shop, 0, 1, 2).set("period", period.String())
		for i, l := range d.Lines {
			l["daily_wage"] = 15_000_000 + i*20_000_000
		}
		s.awaitLane(s.mustSend(d).ListID, fault.Tax, payroll.AnswerAccepted)
		m, err := s.TaxMonth(context.Background(), s.sender, employer, "", period)
		require.NoError(t, err)
		require.Len(t, m.Persons, 3)
		for _, p := range m.Persons {
			require.Equal(t, *p.Estimate, *p.Tax, p.Person)
			require.Nil(t, p.Cause)
		}
		require.Empty(t, m.Differences)
		require.Len(t, m.Payments, 1)
	}
	require.Eventually(t, func() bool { return s.count("SELECT count(*) FROM shared.worker_taxes WHERE cause IS NULL") == 0 }, patience, 30*time.Millisecond)
}
