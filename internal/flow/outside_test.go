package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

const shahrivarKey = "tax.10380284790.0.1405-06."

// filedBefore imports the shop's list of Shahrivar as it was filed before the window was used.
func (s *stage) filedBefore(persons ...int) {
	s.t.Helper()
	got := s.importFiles(s.importer(), nil, s.filedElsewhere(whole(shahrivar(shop, persons...)))...)
	require.True(s.t, got.Stored, "%+v", got)
	require.Equal(s.t, len(persons), got.New.TaxPersons)
}

// balances are the persons whose year before Mehr is known.
func (s *stage) balances() (n int) {
	s.t.Helper()
	require.NoError(s.t, s.Store.Read(context.Background(), func(tx *store.Tx) error {
		year, err := tx.EarlierInYear(context.Background(), payroll.TaxMonthIdentity{Employer: employer, Period: mehr})
		n = len(year)
		return err
	}))
	return n
}

func TestOutside_a_month_filed_before_is_not_replaced_by_a_file_that_drops_persons(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	s.filedBefore(0, 1, 2)
	one := s.mustSend(shahrivar(shop, 0, 1))
	held := s.awaitLane(one.ListID, fault.Tax, payroll.NeedsAttention)
	require.Equal(t, "filed outside this window before with 3 persons; 1 of them are in none of the lists sent here", held.Reason)
	s.awaitLane(one.ListID, fault.SSO, payroll.AnswerAccepted) // its lists are its own

	for _, p := range []access.Principal{operator, s.sender} {
		items := s.desk(p)
		require.Len(t, items, 1)
		require.Equal(t, shahrivarKey+"1", items[0].Key)
		require.Equal(t, flow.ByEmployer, items[0].Owner)
		require.Contains(t, items[0].Why.FA, "با 3 نفر فرستاده شده است و 1 نفر آنان در هیچ‌یک از لیست‌های")
		require.Contains(t, items[0].Why.EN, "with 3 persons, of whom 1 are in none of the lists sent here")
		require.NotEmpty(t, items[0].Do.FA)
		require.Contains(t, items[0].Do.EN, "send the month's other lists too")
	}
	require.Empty(t, s.desk(s.sender)[0].Actions)
	require.Empty(t, s.effects(fault.Tax))
	require.Equal(t, 3, s.balances(), "who is not in our lists keeps what was filed of him")

	two := s.mustSend(shahrivar(branch, 2))
	s.awaitLane(two.ListID, fault.Tax, payroll.AnswerAccepted)
	s.awaitLane(one.ListID, fault.Tax, payroll.AnswerAccepted)
	require.Empty(t, s.desk(operator))
	require.Len(t, s.effects(fault.Tax), 1)
	month, err := s.TaxMonth(context.Background(), s.sender, employer, "", mehr.Add(-1))
	require.NoError(t, err)
	require.Len(t, month.Persons, 3)
	require.Equal(t, 2, month.Version)
	require.Equal(t, 3, s.balances())

	// What left is the month: its corrections are our lists' own.
	gone := s.mustSend(replacementOf(shahrivar(shop, 1), 1))
	require.Equal(t, shahrivarKey+"3", s.awaitLane(gone.ListID, fault.Tax, payroll.AnswerAccepted).Key)
	require.Equal(t, 2, s.balances(), "the month stands as it left")
}

func TestOutside_a_file_stands_alone_at_an_operators_word(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.Tax)
	s.work()
	s.filedBefore(0, 1, 2)
	one := s.mustSend(shahrivar(shop, 0))
	s.awaitLane(one.ListID, fault.Tax, payroll.NeedsAttention)
	item := s.desk(operator)[0]
	require.Equal(t, []string{"replay"}, item.Actions)
	require.Contains(t, item.Replay.EN, "alone")
	require.Contains(t, item.Replay.FA, "به‌تنهایی")
	require.Equal(t, &flow.Replayed{Key: shahrivarKey + "1", State: payroll.Queued, Changed: true}, s.mustReplay(shahrivarKey+"1"))
	s.awaitLane(one.ListID, fault.Tax, payroll.AnswerAccepted)
	require.Len(t, s.effects(fault.Tax), 1)
	require.Equal(t, 1, s.count("SELECT count(*) FROM audit.log WHERE document::jsonb ->> 'action' = 'delivery.replayed' AND document LIKE '%filed outside%'"))
	require.Equal(t, 1, s.balances(), "who dropped out has no such month with the administration any more")
	require.False(t, s.mustReplay(shahrivarKey+"1").Changed)
}

func TestOutside_a_file_made_before_its_archive_came_is_held_while_it_has_not_left(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	one := s.mustSend(shahrivar(shop, 0, 1))
	s.awaitLane(one.ListID, fault.Tax, payroll.ByHand)
	files := s.filedElsewhere(whole(shahrivar(shop, 0, 1, 2)))
	got := s.importFiles(s.importer(), nil, files...)
	require.True(t, got.Stored)
	require.Equal(t, 3, got.New.TaxPersons)
	require.Contains(t, unknownOf(got), "it is made anew")
	_, err := s.CutNow(context.Background(), s.sender, employer, "", mehr.Add(-1))
	require.NoError(t, err)
	require.Equal(t, shahrivarKey+"2", s.awaitLane(one.ListID, fault.Tax, payroll.NeedsAttention).Key)
	require.Zero(t, s.count("SELECT count(*) FROM shared.deliveries WHERE lane = 'tax' AND state NOT IN ('needs_attention', 'superseded')"), "nor is the first one to be uploaded")

	again := s.importFiles(s.importer(), nil, files...)
	require.True(t, again.Stored)
	require.Zero(t, again.New)
	require.NotContains(t, unknownOf(again), "made anew")
	require.Zero(t, s.count("SELECT count(*) FROM shared.tax_months WHERE due_at IS NOT NULL"))

	// Withdrawn, nothing is to be sent, and the month stands as it was filed.
	s.mustWithdraw(one.ListID)
	require.Eventually(t, func() bool {
		return s.count("SELECT count(*) FROM shared.deliveries WHERE lane = 'tax' AND state = 'not_addressed'") == 1
	}, patience, patience/100)
	require.Equal(t, 3, s.balances())
	require.Empty(t, s.desk(operator))
}

func TestOutside_an_archive_that_comes_after_the_file_left_tells_who_is_not_in_it(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.Tax)
	s.work()
	one := s.mustSend(shahrivar(shop, 0, 1))
	s.awaitLane(one.ListID, fault.Tax, payroll.AnswerAccepted)
	files := s.filedElsewhere(whole(shahrivar(shop, 0, 1, 2)))
	for range 2 {
		got := s.importFiles(s.importer(), nil, files...)
		require.True(t, got.Stored)
		require.Zero(t, got.New.TaxPersons)
		require.Contains(t, unknownOf(got), "its figures stand")
		require.Contains(t, unknownOf(got), "1 persons of this archive are not in this month's file that left")
	}
	require.Equal(t, 2, s.balances())
	require.Zero(t, s.count("SELECT count(*) FROM shared.tax_months WHERE due_at IS NOT NULL"))
}

func unknownOf(i flow.Imported) string {
	var all strings.Builder
	for _, u := range i.Unknown {
		all.WriteString(u.EN + "\n")
	}
	return all.String()
}

func TestOutside_codes_agree_with_the_month_as_it_was_filed(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	filed := whole(shahrivar(shop, 0, 1)).set("contract_row", "000").line(0, map[string]any{"days": 15, "end_date": "1405/06/16", "place_status": "2", "housing_use": "2"})
	require.True(t, s.importFiles(s.importer(), nil, s.filedElsewhere(filed)...).Stored)
	part := func(code payroll.WorkshopCode, listNo, place, housing string) *document {
		return shahrivar(code, 0).set("list_no", listNo).line(0, map[string]any{
			"days": 15, "start_date": "1405/06/17", "housing": 0, "grocery": 0, "place_status": place, "housing_use": housing,
		})
	}
	require.Empty(t, s.found(part(branch, "01", "2", "2"), "TAX-07"))
	s.exec("UPDATE shared.lists SET withdrawn_at = now()")
	f := s.found(part(branch, "02", "1", "2"), "TAX-07")
	require.Len(t, f, 1)
	require.Equal(t, fault.Tax, f[0].Lane)
	require.Equal(t, []string{"1", "2"}, []string{f[0].Given, f[0].Expected})
	require.Contains(t, f[0].Message.EN, "(the month as it was filed outside this window before: workshop 0123456789, contract row 000, list 01, row 1)")
	require.Contains(t, f[0].Message.FA, "بیرون از این پنجره")

	one := access.Principal{ID: uuid.New(), Name: "حسابدار شعبه", Role: access.Accountant}
	require.NoError(t, s.Store.Tx(context.Background(), func(tx *store.Tx) error {
		require.NoError(t, tx.AddPrincipal(context.Background(), one))
		return tx.AddMandate(context.Background(), one.ID, "", branch, time.Time{})
	}))
	s.exec("UPDATE shared.lists SET withdrawn_at = now() WHERE workshop_code = '" + string(branch) + "'")
	f = s.found(part(branch, "03", "1", "2"), "TAX-07", func(u *flow.Upload) { u.Principal = one })
	require.Len(t, f, 1)
	require.NotContains(t, f[0].Message.FA+f[0].Message.EN, string(shop))

	require.Empty(t, s.found(part(shop, "01", "1", "1"), "TAX-07"), "the list itself is corrected here")
}

func TestOutside_of_tax_files_alone_only_a_supplementary_list_must_agree(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	told := toldOf(t, map[string]string{
		"workshop_code": string(shop), "employer_id": string(employer), "employer_name": "شرکت نمونه", "workshop_name": "یک",
	})
	filed := whole(shahrivar(shop, 0)).line(0, map[string]any{"place_status": "2"})
	require.True(t, s.importFiles(s.importer(), told, s.filedElsewhere(filed)[2:]...).Stored)
	require.Empty(t, s.found(shahrivar(shop, 0).line(0, map[string]any{"place_status": "1"}), "TAX-07"), "it may be the filed one")
	more := shahrivar(shop, 0).set("kind", "supplementary").set("list_no", "02").line(0, map[string]any{
		"days": 0, "daily_wage": nil, "housing": nil, "grocery": nil, "bonus": 1_000_000, "place_status": "1",
	})
	s.exec("UPDATE shared.lists SET withdrawn_at = now()")
	require.Len(t, s.found(more, "TAX-07"), 1)
}

// A person of whom the two organisations' files tell no one pay is told of, and the rest of the archive is kept.
func TestOutside_an_archive_whose_files_tell_two_pays_of_a_person_is_imported_without_his_balance(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	files := s.filedElsewhere(whole(shahrivar(shop, 0, 1, 2)))
	rows := strings.SplitAfter(string(files[3].Bytes), "\r\n")
	pay := strings.Split(rows[1], ",")
	require.NotEqual(t, "0", pay[6])
	pay[6] = "1000" // WH7 below the wage that DSK tells
	rows[1] = strings.Join(pay, ",")
	apart := files[3]
	apart.Bytes = []byte(strings.Join(rows, ""))
	got := s.importFiles(s.importer(), nil, files[0], files[1], files[2], apart)
	require.True(t, got.Stored, "%+v", got)
	require.Equal(t, flow.Counted{Persons: 3, Lists: 1, TaxPersons: 3}, got.New)
	require.Contains(t, unknownOf(got), "the figures of 1 persons in DSK and WH are not one pay (LIST-06)")
	at := -1
	for i, f := range got.Faults {
		if f.Code == "LIST-06" {
			at = i
		}
	}
	require.GreaterOrEqual(t, at, 0)
	require.Equal(t, []any{"WH140506.txt", 2}, []any{got.Faults[at].Sheet, got.Faults[at].Row}, "who he is stands there")
	require.Equal(t, 2, s.balances())
	require.Equal(t, 3, s.count("SELECT count(*) FROM shared.past_lines"))

	// He stands in the month's file all the same; the tax files alone tell his balance.
	told := toldOf(t, map[string]string{
		"workshop_code": string(shop), "employer_id": string(employer), "employer_name": "شرکت نمونه", "workshop_name": "یک",
	})
	got = s.importFiles(s.importer(), told, files[2], apart)
	require.True(t, got.Stored, "%+v", got)
	require.Equal(t, 1, got.New.TaxPersons)
	require.Equal(t, 3, s.balances())
}

func TestOutside_an_import_of_before_codes_were_kept_learns_them_and_contradicts_no_one_until_then(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	filed := s.filedElsewhere(whole(shahrivar(shop, 0)).line(0, map[string]any{"place_status": "2"}))
	require.True(t, s.importFiles(s.importer(), nil, filed...).Stored)
	s.exec("UPDATE shared.past_tax_persons SET place_status = NULL, budget_exception = NULL, housing_use = NULL, car_use = NULL")
	other := shahrivar(branch, 0).line(0, map[string]any{"days": 0, "daily_wage": nil, "housing": nil, "grocery": nil, "bonus": 1_000_000, "place_status": "1"})
	require.Empty(t, s.found(other, "TAX-07"))
	s.exec("UPDATE shared.lists SET withdrawn_at = now()")
	got := s.importFiles(s.importer(), nil, filed...)
	require.True(t, got.Stored)
	require.Empty(t, got.Differs)
	require.Equal(t, flow.Counted{TaxPersons: 1}, got.New)
	require.Zero(t, s.importFiles(s.importer(), nil, filed...).New)
	require.Len(t, s.found(other.set("list_no", "02"), "TAX-07"), 1)
}
