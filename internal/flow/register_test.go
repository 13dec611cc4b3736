package flow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"fehrest/internal/agency/sso"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

// hugeOf makes a list of so many workers of whom no two fit one pair of the SSO's files.
func hugeOf(code payroll.WorkshopCode, workers int) *document { return huge(manyOf(code, workers)) }

func huge(d *document) *document {
	for _, line := range d.Lines {
		line["daily_wage"] = 30_000_000_000
	}
	return d
}

func replacementOf(d *document, version int) *document {
	return d.set("kind", "replacement").set("replaces", fmt.Sprintf("v%d", version)).set("reason", "اصلاح")
}

// filedNumbers are the list numbers in the SSO's files of a list, a pair each.
func (s *stage) filedNumbers(list string, parts int) (numbers []string) {
	s.t.Helper()
	for i := range parts {
		folder := ""
		if parts > 1 {
			folder = fmt.Sprintf("%d/", i+1)
		}
		kar, err := s.File(context.Background(), s.sender, list, folder+sso.KarName)
		require.NoError(s.t, err)
		records, err := sso.Kars(bytes.NewReader(kar.Bytes), dbf.IranSystem)
		require.NoError(s.t, err)
		var k sso.Kar
		require.True(s.t, records.Next(&k))
		numbers = append(numbers, k.ListNo)
	}
	return numbers
}

func TestSubmit_a_split_list_takes_the_next_free_numbers_and_keeps_them(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(listOf(shop, 0).set("list_no", "02"))
	s.mustSend(listOf(branch, 0).set("list_no", "03")) // another workshop's numbers are its own
	v1 := s.mustSend(hugeOf(shop, 2))
	require.Equal(t, []string{"01", "03"}, s.filedNumbers(v1.ListID, 2))
	for _, taken := range []string{"03", "003"} {
		p := s.problem(listOf(shop, 1).set("list_no", taken).bytes())
		require.Equal(t, "LIST-02", p.Code)
		require.Equal(t, v1.Receipt, p.Extra.(*flow.Kept).Receipt)
	}
	s.mustSend(listOf(shop, 1).set("list_no", "03").set("contract_row", "001"))
	s.mustSend(listOf(shop, 2).set("list_no", "04"))
	v2 := s.mustSend(replacementOf(hugeOf(shop, 3), 1))
	require.Equal(t, []string{"01", "03", "05"}, s.filedNumbers(v2.ListID, 3))
	require.Empty(t, s.list(v2.ListID).Deliveries.SSO.Emptied)
	v3 := s.mustSend(replacementOf(hugeOf(shop, 1), 2))
	require.Equal(t, []string{"01"}, s.filedNumbers(v3.ListID, 1))
	require.Equal(t, []string{"03", "05"}, s.list(v3.ListID).Deliveries.SSO.Emptied)
	require.Empty(t, s.list(v2.ListID).Deliveries.SSO.Emptied)
	require.Equal(t, "LIST-02", s.problem(listOf(shop, 2).set("list_no", "05").bytes()).Code, "the SSO still holds it")
	v4 := s.mustSend(replacementOf(hugeOf(shop, 2), 3))
	require.Equal(t, []string{"01", "03"}, s.filedNumbers(v4.ListID, 2))
	require.Equal(t, []string{"05"}, s.list(v4.ListID).Deliveries.SSO.Emptied)
}

func TestSubmit_a_list_and_a_part_never_share_a_number(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	for n := 10; n < 30; n += 5 { // far enough apart for a part to find a number in its own round
		var wait sync.WaitGroup
		for _, d := range []*document{
			huge(manyFrom(shop, 10*n, 2)).set("list_no", fmt.Sprint(n)), manyFrom(shop, 10*n+2, 1).set("list_no", fmt.Sprint(n+1)),
			manyFrom(shop, 10*n+3, 1).set("list_no", fmt.Sprint(n+2)),
		} {
			wait.Add(1)
			go func() {
				defer wait.Done()
				_, err := s.send(d.bytes())
				var p *fault.Problem
				if errors.As(err, &p) && p.Code == "LIST-02" {
					return
				}
				if err != nil {
					t.Error(err)
				}
			}()
		}
		wait.Wait()
	}
	require.Equal(t, 4, s.count("SELECT count(*) FROM shared.part_numbers"))
	require.Zero(t, s.count("SELECT count(*) FROM shared.part_numbers JOIN shared.lists USING (workshop_code, contract_row, period, list_no)"))
}

func without(d *document, keys ...string) *document {
	for _, line := range d.Lines {
		for _, k := range keys {
			delete(line, k)
		}
	}
	return d
}

var onceKeys = []string{"start_date", "education", "employment_type", "job_family"}

// accept enters an organisation's acceptance of a lane by hand.
func (s *stage) accept(list string, lane fault.Lane) {
	s.t.Helper()
	key := s.awaitLane(list, lane, payroll.ByHand).Key
	_, err := s.AnswerByHand(context.Background(), s.sender, []byte("paper"), payroll.Answer{Key: key, State: payroll.AnswerAccepted})
	require.NoError(s.t, err)
}

func (s *stage) faults(list string) string {
	s.t.Helper()
	report, err := s.Faults(context.Background(), s.sender, list)
	require.NoError(s.t, err)
	return string(report)
}

func TestSubmit_what_an_accepted_list_told_of_a_worker_is_carried_forward(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	first := s.mustSend(listOf(shop, 0, 1))
	bare := without(listOf(branch, 0).set("period", "1405-08"), onceKeys...)
	early, err := s.send(bare.bytes())
	require.NoError(t, err)
	require.Equal(t, fault.Tax, early.HeldLane, "nothing is accepted yet: TAX-02")
	require.Contains(t, s.faults(early.ListID), "TAX-02")

	s.accept(first.ListID, fault.Tax)
	// The same bytes, judged anew: the lane can pass now.
	sent, err := s.send(bare.bytes())
	require.NoError(t, err)
	require.False(t, sent.Draft)
	require.Equal(t, early.ListID, sent.ListID)
	report := s.faults(sent.ListID)
	require.NotContains(t, report, "TAX-02")
	require.Equal(t, 4, strings.Count(report, `accepted list)`), "each is told: %s", report)
	require.Contains(t, report, `"expected":"1400/01/01"`)
	s.awaitLane(sent.ListID, fault.Tax, payroll.ByHand)
	wp, err := s.File(context.Background(), s.sender, sent.ListID, "WP140508.txt")
	require.NoError(t, err)
	fields := strings.Split(strings.TrimSpace(string(wp.Bytes)), ",")
	require.Equal(t, []string{"4", "2", "1", "14000101"}, []string{fields[8], fields[17], fields[19], fields[20]})

	// One who was never in an accepted list is asked for, and only for what he lacks.
	unknown := without(listOf(shop, 0, 2).set("period", "1405-08"), "education")
	p, err := s.send(unknown.bytes())
	require.NoError(t, err)
	require.Equal(t, fault.Tax, p.HeldLane)
	report = s.faults(p.ListID)
	require.Equal(t, 1, strings.Count(report, "identity is incomplete"))
	require.Contains(t, report, "incomplete: education\"")
}

func TestReceive_the_newest_lists_word_of_a_worker_stands(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	older, newer := listOf(shop, 0).set("period", "1405-06"), without(listOf(branch, 0), "job_family", "start_date")
	older.Lines[0]["education"], older.Lines[0]["days"], older.Lines[0]["job_family"] = "2", 31, "15"
	// Neither the order they came in nor that of their answers decides, but the month.
	second := s.mustSend(older)
	first, err := s.send(newer.bytes(), func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.SSO, true })
	require.NoError(t, err)
	s.accept(first.ListID, fault.SSO)
	s.accept(second.ListID, fault.Tax)
	s.accept(second.ListID, fault.SSO)
	var got map[string]store.Once
	require.NoError(t, s.Store.Read(context.Background(), func(tx *store.Tx) (err error) {
		got, err = tx.OnceAWorker(context.Background(), employer)
		return err
	}))
	one := got[people[0].code]
	require.Equal(t, store.Once{StartDate: one.StartDate, Education: "4", EmploymentType: "1", JobFamily: "15"}, one)
	require.Equal(t, "1400/01/01", one.StartDate.String())

	// The tax lane that follows by the same bytes is filed with what is known by then.
	both, err := s.send(newer.bytes())
	require.NoError(t, err)
	require.Equal(t, first.ListID, both.ListID)
	require.True(t, both.Receipt.Verdicts.Tax.Passes())
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lines WHERE list_id = $1 AND job_family = '15' AND start_date = 14000101 AND education = '4'", first.ListID))
}

func TestSubmit_the_registry_decides_who_is_exempt(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	sent := s.mustSend(listOf(shop, 0).set("exempt_five", "بله"))
	require.Contains(t, s.faults(sent.ListID), `"code":"ID-14"`)
	require.Equal(t, payroll.AcceptedWithWarnings, sent.Receipt.Verdicts.SSO)
	require.NotContains(t, s.faults(s.mustSend(listOf(branch, 0).set("exempt_five", "خیر")).ListID), "ID-14")
}

func TestSubmit_two_lists_at_once_share_the_five_exempted(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		w, err := tx.Workshop(ctx, shop)
		require.NoError(t, err)
		w.ExemptFive, w.Profile.ExemptFiveQuota = true, 5
		return tx.SaveWorkshop(ctx, w)
	}))
	for round := range 3 {
		period := fmt.Sprintf("1405-0%d", 4+round)
		var wait sync.WaitGroup
		for i := range 3 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				_, err := s.send(manyFrom(shop, 4*i, 4).set("period", period).set("list_no", fmt.Sprintf("0%d", i+1)).bytes())
				if err != nil {
					t.Error(err)
				}
			}()
		}
		wait.Wait()
		require.Equal(t, 5, s.count("SELECT count(*) FROM shared.lines WHERE employer_waived AND period = $1", 140504+round))
	}
}

func TestSubmit_a_draft_is_sent_as_the_registry_stands_then(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	draft, err := s.send(listOf(shop, 0).bytes(), func(u *flow.Upload) { u.Draft = true })
	require.NoError(t, err)
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		w, err := tx.Workshop(ctx, shop)
		require.NoError(t, err)
		w.TaxFileNo = "4455"
		return tx.SaveWorkshop(ctx, w)
	}))
	sent, err := s.send(listOf(shop, 0).bytes(), func(u *flow.Upload) { u.Passing = true })
	require.NoError(t, err)
	require.Equal(t, draft.ListID, sent.ListID)
	s.work()
	require.Equal(t, "tax.10380284790.4455.1405-07.1", s.awaitLane(sent.ListID, fault.Tax, payroll.ByHand).Key)
}
