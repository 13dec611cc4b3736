package flow_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

func TestWithdraw_of_a_split_list_gives_its_other_numbers_back(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	one := s.mustSend(hugeOf(shop, 2)) // files 01 and 02
	require.Equal(t, []string{"01", "02"}, s.filedNumbers(one.ListID, 2))
	require.Equal(t, "LIST-02", s.problem(listOf(shop, 0).set("list_no", "02").bytes()).Code)
	s.mustWithdraw(one.ListID)
	taken := s.mustSend(listOf(shop, 0).set("list_no", "02"))
	s.mustWithdraw(taken.ListID)

	two := s.mustSend(hugeOf(shop, 2))
	three := s.mustSend(replacementOf(hugeOf(shop, 4), two.Receipt.Version))
	require.Equal(t, []string{"01", "02", "03", "04"}, s.filedNumbers(three.ListID, 4))
	s.mustWithdraw(three.ListID)
	s.mustSend(listOf(shop, 1).set("list_no", "03")) // it was the withdrawn version's
	require.Equal(t, "LIST-02", s.problem(listOf(shop, 2).set("list_no", "02").bytes()).Code, "it is the standing version's")
	require.Equal(t, []string{"01", "02"}, s.filedNumbers(two.ListID, 2))
	require.Empty(t, s.list(two.ListID).Deliveries.SSO.Emptied)

	// A version of fewer pairs empties a number; withdrawn, it does so no more.
	fewer := s.mustSend(replacementOf(hugeOf(shop, 1), two.Receipt.Version))
	require.Equal(t, []string{"02"}, s.list(fewer.ListID).Deliveries.SSO.Emptied)
	s.mustWithdraw(fewer.ListID)
	require.Empty(t, s.list(two.ListID).Deliveries.SSO.Emptied)
}

func TestDifference_of_a_list_that_moves_to_another_tax_month_tells_of_both(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	rich := func(d *document) *document {
		for _, line := range d.Lines {
			line["overtime"] = 900_000_000
		}
		return d
	}
	s.mustSend(rich(listOf(branch, 2)))
	v1 := s.mustSend(rich(listOf(shop, 0)))
	alone := s.difference(v1.ListID).Estimate
	require.Greater(t, alone.After, alone.Before)
	draft, err := s.send(replacementOf(rich(listOf(shop, 0)), 1).set("tax_period", "1405-08").bytes(), func(u *flow.Upload) { u.Draft = true })
	require.NoError(t, err)
	d := s.difference(draft.ListID)
	require.True(t, d.Month)
	require.Equal(t, rial.Amount(0), d.Estimate.Before, "Aban had no one")
	require.Equal(t, alone.After-alone.Before, d.Estimate.After, "the same person's first month of the year")
	require.Equal(t, &flow.LeftMonth{Period: mehr, Estimate: flow.Effect{Before: alone.After, After: alone.Before}}, d.Left)
	require.True(t, d.SSO.Equal, "the SSO's month is the same")
	require.Equal(t, []string{"WH140508.txt", "WP140508.txt"}, d.Tax.Changed)
	require.Nil(t, s.difference(v1.ListID).Left)

	s.work()
	sent := s.mustWord(draft.ListID)
	require.Equal(t, d.Left, s.difference(sent.ListID).Left, "and afterwards")
	s.awaitLane(sent.ListID, fault.Tax, payroll.ByHand)
	month, err := s.TaxMonth(context.Background(), s.sender, employer, "", jalali.Month{Year: 1405, Month: 8})
	require.NoError(t, err)
	require.Len(t, month.Persons, 1)
	require.Eventually(t, func() bool {
		month, err := s.TaxMonth(context.Background(), s.sender, employer, "", mehr)
		return err == nil && len(month.Persons) == 1
	}, patience, 20*time.Millisecond)
}

// The marks of a change list stand in the file that was sent, not in the version that came of it.
func TestAnnotated_of_a_change_list_marks_the_senders_rows(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(listOf(shop, 0, 1, 2))
	row := func(i, person int, wage any) []any {
		p := people[person]
		return []any{i, p.code, p.first, p.last, "حسین", "1370/05/06", "مرد", p.insurance, "413110", "کارشناس", 30, wage, "تغییر"}
	}
	b := sheetsOf(t, map[string][][]any{
		"کارگاه": {
			{"کد کارگاه", string(shop)}, {"سال و ماه عملکرد", "1405-07"}, {"نوع ارسال", "اصلاح چند نفر"}, {"کد رهگیری لیست قبلی", "v1"}, {"علت اصلاح", "مزد"},
		},
		"لیست": {
			{"ردیف", "کد ملی", "نام", "نام خانوادگی", "نام پدر", "تاریخ تولد", "جنسیت", "شماره بیمه", "کد شغل", "عنوان شغل", "روزهای کارکرد", "دستمزد روزانه", "اقدام"},
			row(1, 2, 5_600_000), row(2, 1, 560_000),
		},
	}, "کارگاه", "لیست")
	_, err := s.send(b, func(u *flow.Upload) { u.Name, u.ContentType = "change.xlsx", "" })
	var p *fault.Problem
	if !errors.As(err, &p) {
		require.NoError(t, err) // half of it may pass
	}
	id := s.newest()
	var marked bytes.Buffer
	require.NoError(t, s.Annotated(context.Background(), s.sender, id, func(string) io.Writer { return &marked }))
	f, err := excelize.OpenReader(&marked)
	require.NoError(t, err)
	notes, err := f.GetComments("لیست")
	require.NoError(t, err)
	var at []string
	for _, n := range notes {
		text := n.Text
		for _, run := range n.Paragraph {
			text += run.Text
		}
		if bytes.Contains([]byte(text), []byte("WAGE-01")) {
			at = append(at, n.Cell)
		}
	}
	require.Equal(t, []string{"L3"}, at, "the second row of the file is the list's second person, in his file's third line")
}

// newest is the id of the list that came last.
func (s *stage) newest() string {
	s.t.Helper()
	page, err := s.Lists(context.Background(), s.sender, flow.Query{})
	require.NoError(s.t, err)
	return page.Items[0].ID
}

func TestSupplementary_is_what_is_left_after_the_slip_was_collected(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	first := s.mustSend(listOf(shop, 0))
	s.answered(first.ListID, &registered{Accepted: fault.SSO, Collected: true})
	draft, err := s.send(replacementOf(listOf(shop, 0, 1), 1).bytes())
	require.NoError(t, err)
	require.Equal(t, fault.SSO, draft.HeldLane)
	require.Contains(t, codesOf(s.foundIn(draft.ListID).Faults), "LIST-11")
	same, err := s.send(replacementOf(listOf(shop, 0), 1).bytes(), func(u *flow.Upload) { u.Draft = true })
	require.NoError(t, err)
	require.NotContains(t, codesOf(s.foundIn(same.ListID).Faults), "LIST-11", "the SSO's file would be the same")

	added := s.mustSend(supplement("02", arrearsOf(0, 5_000_000)))
	require.Equal(t, payroll.Supplementary, added.Receipt.Kind)
	s.awaitLane(added.ListID, fault.SSO, payroll.ByHand)
	made := s.mustArrears(newWages(wageOf(0, "daily_wage", 5_700_000)), mehr, mehr)[0]
	require.Equal(t, flow.ArrearsDrafted, made.State, "%+v", made)
	s.mustWord(made.List)
}

// While its sending is under way a list is not withdrawn, and its sender is told since when, to the second.
func TestWithdraw_while_it_is_being_sent_is_told_since_when(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	begun, go1 := make(chan struct{}), make(chan struct{})
	var once sync.Once
	o.reply = func(http.ResponseWriter) bool {
		once.Do(func() { close(begun) })
		<-go1
		return false
	}
	t.Cleanup(sync.OnceFunc(func() { close(go1) }))
	s.TaxWait = time.Hour
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	<-begun
	p := s.mayNotWithdraw(sent.ListID)
	l := s.list(sent.ListID)
	require.Equal(t, payroll.Sending, l.Deliveries.SSO.State)
	require.NotNil(t, l.Withdrawal.ClosedAt)
	require.False(t, l.Withdrawal.Possible)
	require.Equal(t, l.Withdrawal.Why, p.Text)
	var first time.Time
	require.NoError(t, s.Store.Jobs().QueryRow(context.Background(), "SELECT first_sent_at FROM shared.deliveries WHERE key = $1", l.Deliveries.SSO.Key).Scan(&first))
	require.True(t, first.Equal(*l.Withdrawal.ClosedAt))
	require.Contains(t, p.Text.EN, first.UTC().Format(time.RFC3339))
	require.Equal(t, payroll.Submitted, l.State)
}

// Of many lists each is withdrawn or sent, never both, and who came too late is told so by its own delivery.
func TestWithdraw_of_many_lists_while_they_are_sent(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.TaxWait = time.Hour
	var ids []string
	for i := range 16 {
		ids = append(ids, s.mustSend(listOf(shop, 0).set("list_no", payroll.NextListNo("10", i)).set("contract_row", payroll.NextListNo("100", i))).ListID)
	}
	s.work()
	errs := make([]error, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			time.Sleep(time.Duration(i) * 3 * time.Millisecond)
			_, errs[i] = s.Withdraw(context.Background(), s.sender, id)
		})
	}
	all.Wait()
	for i, id := range ids {
		l := s.list(id)
		if errs[i] == nil {
			require.Equal(t, payroll.Withdrawn, l.State)
			continue
		}
		var p *fault.Problem
		require.ErrorAs(t, errs[i], &p)
		if p.Kind == fault.Conflict {
			s.awaitLane(id, fault.SSO, payroll.AnswerAccepted)
			require.Contains(t, p.Text.EN, s.list(id).Withdrawal.ClosedAt.UTC().Format(time.RFC3339))
		}
	}
	effects := s.effects(fault.SSO)
	for i, id := range ids {
		key := s.list(id).Deliveries.SSO.Key
		if errs[i] == nil {
			require.Zero(t, effects[key].Count, key)
		}
	}
}

// Other bytes that come to the same files: neither organisation hears of them.
func TestReplacement_that_changes_nothing_is_sent_to_no_one(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	v1 := s.mustSend(listOf(shop, 0, 1))
	s.await(v1.ListID, payroll.Answered)
	v2 := s.mustSend(replacementOf(listOf(shop, 0, 1), 1))
	d := s.difference(v2.ListID)
	require.True(t, d.SSO.Equal)
	require.True(t, d.Tax.Equal)
	require.Zero(t, d.Added+d.Removed+d.Changed)
	l := s.await(v2.ListID, payroll.Answered)
	require.Equal(t, s.list(v1.ListID).Deliveries.SSO.Reference, l.Deliveries.SSO.Reference)
	require.Equal(t, s.list(v1.ListID).Deliveries.Tax.Reference, l.Deliveries.Tax.Reference)
	for _, lane := range payroll.EachLane() {
		require.Len(t, s.effects(lane), 1)
		for key, e := range s.effects(lane) {
			require.Equal(t, 1, e.Count, key)
		}
	}
	require.Equal(t, payroll.Replaced, s.await(v1.ListID, payroll.Replaced).State)
}

// The job of the version that comes back may be running at that moment, having seen the withdrawn version above its own: one that
// waits behind it makes sure that the delivery is looked at again.
func TestWithdraw_wakes_the_version_before_though_a_job_of_it_runs(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.office(fault.SSO)
	v1 := s.mustSend(listOf(shop, 0))
	v2 := s.mustSend(replacementOf(listOf(shop, 0, 1), 1))
	const ofFirst = "FROM river.river_job j JOIN shared.deliveries d ON d.delivery_id::text = j.args->>'delivery' WHERE j.kind = 'deliver' AND d.version = 1"
	require.Equal(t, 1, s.count("SELECT count(*) "+ofFirst))
	s.exec("UPDATE river.river_job SET state = 'running', attempt = 1, attempted_at = now() WHERE id IN (SELECT j.id " + ofFirst + ")")
	s.mustWithdraw(v2.ListID)
	require.Equal(t, payroll.Queued, s.list(v1.ListID).Deliveries.SSO.State)
	require.Equal(t, 1, s.count("SELECT count(*) "+ofFirst+" AND j.state = 'available'"))
	s.exec("DELETE FROM river.river_job WHERE state = 'running'") // it ended
	s.work()
	s.awaitLane(v1.ListID, fault.SSO, payroll.Sent)
}
