package flow_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/intake/casetest"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// found sends a list and returns its findings of a code.
func (s *stage) found(d *document, code string, change ...func(*flow.Upload)) []fault.Fault {
	s.t.Helper()
	sent, err := s.send(d.bytes(), change...)
	if err != nil {
		var p *fault.Problem
		require.ErrorAs(s.t, err, &p)
		return casetest.Of(p.Faults, code)
	}
	return casetest.Of(s.foundIn(sent.ListID).Faults, code)
}

func (d *document) line(i int, with map[string]any) *document {
	for k, v := range with {
		if v == nil {
			delete(d.Lines[i], k)
			continue
		}
		d.Lines[i][k] = v
	}
	return d
}

// shahrivar is the month before, of 31 days.
func shahrivar(code payroll.WorkshopCode, persons ...int) *document {
	d := listOf(code, persons...).set("period", "1405-06")
	for i := range d.Lines {
		d.line(i, map[string]any{"days": 31})
	}
	return d
}

func TestHistory_days_of_the_months_lists_are_added(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	part := func(days int) map[string]any {
		return map[string]any{"days": days, "housing": 0, "grocery": 0}
	}
	s.mustSend(listOf(shop, 0, 1).line(0, part(20)))
	require.Empty(t, s.found(listOf(shop, 0).set("list_no", "02").line(0, part(10)), "DAYS-05"))
	f := s.found(listOf(shop, 0, 2).set("contract_row", "001").line(0, part(11)), "DAYS-05")
	require.Len(t, f, 1, "20, 10 and 11 days of 30")
	require.Equal(t, []string{"41", "30", ""}, []string{f[0].Given, f[0].Expected, f[0].Suggested})
	require.Equal(t, fault.SSO, f[0].Lane)
	require.Contains(t, f[0].Message.EN, "30 of them in other lists")
	f = s.found(listOf(shop, 1).set("list_no", "03").line(0, part(1)), "DAYS-05")
	require.Len(t, f, 1)
	require.Empty(t, s.found(listOf(branch, 1).set("list_no", "03").line(0, part(1)), "DAYS-05"), "another workshop's days are HIST-04's")

	// A list's own version before, one withdrawn and the rows of tax only are not counted.
	require.Empty(t, s.found(replacementOf(listOf(shop, 0, 1).line(0, part(20)), 1), "DAYS-05"))
	taxOnly := listOf(shop, 2).set("list_no", "05").line(0, map[string]any{"reported_to": "tax"})
	s.mustSend(taxOnly)
	require.Empty(t, s.found(listOf(shop, 2).set("list_no", "06"), "DAYS-05"))
}

func TestHistory_a_withdrawn_list_has_no_days(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	first := s.mustSend(listOf(shop, 0))
	require.Len(t, s.found(listOf(shop, 0).set("list_no", "02"), "DAYS-05"), 1)
	_, err := s.Store.Jobs().Exec(ctx, "UPDATE shared.lists SET withdrawn_at = now() WHERE list_id = $1", uuid.MustParse(first.ListID))
	require.NoError(t, err)
	require.Empty(t, s.found(listOf(shop, 0).set("list_no", "03"), "DAYS-05"))
}

// Two lists of one workshop and month at once: whoever is kept second has seen the first.
func TestHistory_two_lists_at_once_never_exceed_the_month(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	for _, period := range []string{"1405-04", "1405-05", "1405-06"} {
		var wait sync.WaitGroup
		for i := range 4 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				d := listOf(shop, 0).set("period", period).set("list_no", fmt.Sprintf("0%d", i+1)).set("contract_row", fmt.Sprintf("00%d", i%2))
				_, err := s.send(d.line(0, map[string]any{"days": 31}).bytes(), func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.SSO, true })
				var p *fault.Problem
				if err != nil && (!isProblem(err, &p) || len(casetest.Of(p.Faults, "DAYS-05")) != 1) {
					t.Error(err)
				}
			}()
		}
		wait.Wait()
	}
	require.Equal(t, 3, s.count("SELECT count(*) FROM shared.lists WHERE submitted_sso_at IS NOT NULL"), "one of four in each month")
}

// Lists of one workshop and month that have no one in common do not wait for each other's judgement.
func TestHistory_many_lists_of_a_month_at_once_are_all_taken(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if _, err := s.send(manyFrom(shop, 3*i, 3).set("contract_row", fmt.Sprintf("%03d", i)).bytes()); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	require.Equal(t, 12, s.count("SELECT count(*) FROM shared.lists WHERE version = 1"))
}

func TestHistory_another_workshop_is_told_without_its_name(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	other := access.Principal{ID: uuid.New(), Name: "کارفرمای دیگر", Role: access.Employer}
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		w := store.Workshop{Code: stranger, Employer: "0499370899", EmployerName: "فروشگاه دیگر", Name: "رستوران نمونه", Address: "شیراز", PostalCode: "1411713114"}
		require.NoError(t, tx.SaveWorkshop(ctx, w))
		require.NoError(t, tx.AddPrincipal(ctx, other))
		return tx.AddMandate(ctx, other.ID, "", stranger, time.Time{})
	}))
	_, err := s.send(listOf(stranger, 0).bytes(), func(u *flow.Upload) { u.Principal = other })
	require.NoError(t, err)
	f := s.found(listOf(shop, 0, 1), "HIST-04")
	require.Len(t, f, 1)
	require.Equal(t, []string{"60", "30", "days"}, []string{f[0].Given, f[0].Expected, f[0].Field})
	require.Equal(t, fault.Warning, f[0].Severity)
	report := fmt.Sprintf("%+v", f)
	for _, secret := range []string{string(stranger), "0499370899", "رستوران نمونه", "فروشگاه دیگر"} {
		require.NotContains(t, report, secret)
	}
	// Who is not asked of the SSO's lane, or has no days there, learns nothing.
	require.Empty(t, s.found(listOf(branch, 0), "HIST-04", func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.Tax, true }))
	// A sender without a mandate learns nothing at all, whoever works there.
	p := s.problem(listOf(stranger, 0).bytes())
	require.Equal(t, "ID-12", p.Code)
	require.Len(t, p.Faults, 1)
}

func TestHistory_who_is_missing_who_is_new_and_whose_wage_fell(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(shahrivar(shop, 0, 1).line(0, map[string]any{"daily_wage": 5_700_000}))
	s.mustSend(manyFrom(shop, 0, 3).set("period", "1405-06").set("list_no", "02").
		line(0, map[string]any{"days": 31}).line(1, map[string]any{"days": 31, "end_date": "1405/07/01"}).line(2, map[string]any{"days": 9, "end_date": "1405/06/10"}))
	report := func(sent *flow.Submitted) []fault.Fault { return s.foundIn(sent.ListID).Faults }

	// List 01 follows list 01; who stood in list 02 is neither missing here nor new.
	got := report(s.mustSend(manyFrom(shop, 0, 1).set("list_no", "01").add(listOf(shop, 0).Lines[0])))
	require.Len(t, casetest.Of(got, "HIST-01"), 1)
	require.Contains(t, casetest.Of(got, "HIST-01")[0].Message.FA, "زهرا کریمی (کد "+people[1].code+"، ردیف 2 لیست ماه قبل)")
	require.Empty(t, casetest.Of(got, "HIST-03"))
	require.Equal(t, "5700000", casetest.Of(got, "HIST-02")[0].Expected)
	require.Empty(t, casetest.Of(got, "LIST-05"))

	// List 02: one moved to list 01, two left; a new one.
	got = report(s.mustSend(listOf(shop, 2).set("list_no", "02")))
	require.Empty(t, casetest.Of(got, "HIST-01"))
	require.Len(t, casetest.Of(got, "HIST-03"), 1)

	// A number no list had follows all of them.
	got = report(s.mustSend(manyFrom(shop, 40, 1).set("list_no", "07")))
	require.Len(t, casetest.Of(got, "HIST-01"), 1, "the second; the first two lists of this month have the others")
	// Another contract row follows none of them, and may begin in this month.
	got = report(s.mustSend(manyFrom(shop, 50, 1).set("contract_row", "001")))
	for _, code := range []string{"HIST-01", "HIST-02", "HIST-03", "LIST-05"} {
		require.Empty(t, casetest.Of(got, code), code)
	}
	// Once it had one, a month without is told.
	got = report(s.mustSend(manyFrom(shop, 50, 1).set("contract_row", "001").set("period", "1405-09")))
	require.Len(t, casetest.Of(got, "LIST-05"), 1)
	s.mustSend(manyFrom(shop, 60, 1).set("period", "1405-08"))
	got = report(s.mustSend(manyFrom(shop, 50, 1).set("contract_row", "001").set("list_no", "02").set("period", "1405-09").line(0, map[string]any{"days": 0, "daily_wage": nil, "housing": nil, "grocery": nil})))
	require.Len(t, casetest.Of(got, "LIST-05"), 1, "the row itself had none, though the workshop did")
}

func (d *document) add(line map[string]any) *document {
	line["row"] = len(d.Lines) + 1
	d.Lines = append(d.Lines, line)
	return d
}

func TestHistory_imported_lists_count(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	past := func(code payroll.WorkshopCode, period jalali.Month, listNo string, lines ...store.PastLine) {
		id := payroll.Identity{Workshop: code, ContractRow: "000", Period: period, ListNo: listNo}
		require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error { return tx.KeepPastList(ctx, id, lines, time.Now()) }))
	}
	whole := store.PastLine{Row: 1, Person: people[0].code, Name: "علی محمدی", Days: 31, DailyWage: 5_700_000}
	absent := store.PastLine{Row: 2, Person: people[1].code, Name: "زهرا کریمی", Days: 31}
	past(shop, mehr.Add(-1), "01", whole)
	past(shop, mehr.Add(-1), "01", whole, absent) // imported again
	half := whole
	half.Days = 15
	past(shop, mehr, "02", half)
	past(branch, mehr, "01", half)

	d := listOf(shop, 0, 2)
	sent, err := s.send(d.bytes())
	require.NoError(t, err)
	got := s.foundIn(sent.ListID).Faults
	require.Empty(t, casetest.Of(got, "LIST-05"))
	require.Len(t, casetest.Of(got, "HIST-01"), 1)
	require.Len(t, casetest.Of(got, "HIST-02"), 1)
	require.Len(t, casetest.Of(got, "HIST-03"), 1)
	require.Equal(t, "45", casetest.Of(got, "DAYS-05")[0].Given)
	require.Equal(t, "15", casetest.Of(got, "DAYS-05")[0].Suggested)
	d.line(0, map[string]any{"days": 15, "housing": 0, "grocery": 0})
	got = s.foundIn(s.mustSend(d).ListID).Faults
	require.Empty(t, casetest.Of(got, "DAYS-05"))
	require.Equal(t, "45", casetest.Of(got, "HIST-04")[0].Given)

	// Once the list itself is submitted here, the import stands no more.
	s.mustSend(listOf(branch, 1))
	require.Empty(t, s.found(replacementOf(d, 1), "HIST-04"))
}

func TestHistory_an_earlier_accepted_list_is_asked_who_a_person_is(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	first := s.mustSend(shahrivar(shop, 0, 1))
	other := listOf(branch, 0).line(0, map[string]any{"last_name": "محمدزاده", "birth_date": "1370/05/07"})
	require.Empty(t, s.found(other, "ID-13"), "nothing is accepted yet")
	s.accept(first.ListID, fault.SSO)
	f := s.found(other.set("list_no", "02").line(0, map[string]any{"days": 0, "daily_wage": nil, "housing": nil, "grocery": nil}), "ID-13")
	require.Len(t, f, 1)
	require.Equal(t, []string{"محمدزاده، 1370/05/07", "محمدی، 1370/05/06", "", "national_code"}, []string{f[0].Given, f[0].Expected, f[0].Suggested, f[0].Field})
	require.Empty(t, s.found(listOf(shop, 0, 1).line(0, map[string]any{"first_name": "علي", "last_name": "محم‌دی"}), "ID-13"), "spelling alone is no other name")
}

func TestHistory_codes_of_a_tax_month_agree(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	part := map[string]any{"days": 15, "housing": 0, "grocery": 0, "start_date": "1405/07/16"}
	s.mustSend(listOf(shop, 0, 1).line(0, map[string]any{"days": 15, "end_date": "1405/07/16"}))
	agrees := listOf(branch, 0).line(0, part).line(0, map[string]any{"place_status": "1"})
	require.Empty(t, s.found(agrees, "TAX-07"))
	differs := listOf(branch, 0).set("list_no", "02").line(0, part).line(0, map[string]any{"place_status": "2", "car_use": "3"})
	f := s.found(differs, "TAX-07")
	require.Len(t, f, 1)
	require.Equal(t, fault.Tax, f[0].Lane)
	require.Equal(t, []string{"2، 3", "1، 1"}, []string{f[0].Given, f[0].Expected})
	require.Contains(t, f[0].Message.EN, "(workshop 0123456789, contract row 000, list 01, row 1)")

	// Who acts for one workshop only is not told of another.
	one := access.Principal{ID: uuid.New(), Name: "حسابدار شعبه", Role: access.Accountant}
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		require.NoError(t, tx.AddPrincipal(ctx, one))
		return tx.AddMandate(ctx, one.ID, "", branch, time.Time{})
	}))
	_, err := s.Store.Jobs().Exec(ctx, "UPDATE shared.lists SET withdrawn_at = now() WHERE workshop_code = $1", string(branch))
	require.NoError(t, err)
	f = s.found(differs.set("list_no", "03"), "TAX-07", func(u *flow.Upload) { u.Principal = one })
	require.Len(t, f, 1)
	require.NotContains(t, f[0].Message.FA+f[0].Message.EN, string(shop))
	// In another tax month, or with the row gone to the SSO only, nothing contradicts.
	require.Empty(t, s.found(differs.set("list_no", "04").set("tax_period", "1405-08"), "TAX-07"))
	require.Empty(t, s.found(differs.set("list_no", "05").set("tax_period", "1405-07").line(0, map[string]any{"reported_to": "sso", "end_date": "1405/07/16", "start_date": "1400/01/01"}), "TAX-07"))
}

// Two workshops' lists at once see nothing of each other: the month's cut finds it and waits for a person.
func TestHistory_two_lists_of_a_tax_month_that_met_at_once_need_attention(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.TaxWait = 300 * time.Millisecond
	var wait sync.WaitGroup
	for i, code := range []payroll.WorkshopCode{shop, branch} {
		wait.Add(1)
		go func() {
			defer wait.Done()
			d := listOf(code, 0).line(0, map[string]any{"place_status": fmt.Sprint(i + 1), "days": 15, "housing": 0, "grocery": 0})
			if _, err := s.send(d.bytes(), func(u *flow.Upload) { u.Passing = true }); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	s.work()
	// Met or not, no version with a contradiction leaves by itself.
	require.Eventually(t, func() bool { return s.count("SELECT count(*) FROM shared.tax_month_versions") == 1 }, patience, 20*time.Millisecond)
	both := s.count("SELECT count(*) FROM shared.lists WHERE submitted_tax_at IS NOT NULL")
	attention := s.count("SELECT count(*) FROM shared.deliveries WHERE lane = 'tax' AND state = 'needs_attention' AND reason = 'TAX-07'")
	require.Equal(t, both-1, attention)
}

func TestHistory_a_collected_list_is_not_replaced_unless_its_SSO_file_stays(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	first := s.mustSend(listOf(shop, 0, 1))
	key := s.awaitLane(first.ListID, fault.SSO, payroll.ByHand).Key
	answer := func(state string) {
		_, err := s.AnswerByHand(context.Background(), s.sender, []byte("paper"), payroll.Answer{
			Key: key, State: payroll.AnswerAccepted, Payments: []payroll.Payment{{ListNo: "01", Slip: "123456789012345", Amount: 5, State: state}},
		})
		require.NoError(t, err)
	}
	changed := func(v int) *document {
		return replacementOf(listOf(shop, 0, 1).line(0, map[string]any{"daily_wage": 5_700_000}), v)
	}
	answer("collected")
	f := s.found(changed(1), "LIST-11")
	require.Len(t, f, 1)
	require.Equal(t, []string{"replacement", "123456789012345", "kind"}, []string{f[0].Given, f[0].Expected, f[0].Field})
	require.Equal(t, fault.SSO, f[0].Lane)
	// Only the tax side changes: the SSO's file is the one it has, and its lane shares the earlier delivery's state.
	taxSide := replacementOf(listOf(shop, 0, 1).line(0, map[string]any{"education": "5"}), 1)
	sent := s.mustSend(taxSide)
	require.Empty(t, casetest.Of(s.foundIn(sent.ListID).Faults, "LIST-11"))
	s.awaitLane(sent.ListID, fault.SSO, payroll.AnswerAccepted)
	// The version after it is still that collected one for the SSO.
	require.Len(t, s.found(changed(2), "LIST-11"), 1)
	require.Empty(t, s.found(changed(2), "LIST-11", func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.Tax, true }))
}

func isProblem(err error, p **fault.Problem) bool {
	x, ok := err.(*fault.Problem) //nolint:errorlint // Submit returns it as it is
	*p = x
	return ok
}
