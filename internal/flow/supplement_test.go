package flow_test

import (
	"context"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

// arrearsOf makes a supplementary row of a person: an amount of overtime, without days or a wage.
func arrearsOf(person int, overtime int64) map[string]any {
	line := listOf(shop, person).Lines[0]
	for _, key := range []string{"daily_wage", "housing", "grocery"} {
		delete(line, key)
	}
	line["days"], line["overtime"] = 0, overtime
	return line
}

func supplement(no string, lines ...map[string]any) *document {
	d := listOf(shop).set("kind", "supplementary").set("list_no", no)
	for i, line := range lines {
		line["row"] = i + 1
		d.Lines = append(d.Lines, line)
	}
	return d
}

func (s *stage) insurable(list string) (amounts []rial.Amount) {
	s.t.Helper()
	doc, err := s.Assessment(context.Background(), s.sender, list)
	require.NoError(s.t, err)
	for _, l := range doc.Lines {
		amounts = append(amounts, l.Insurable)
	}
	return amounts
}

func TestSupplementary_adds_amounts_and_persons_to_the_month(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	first := s.mustSend(listOf(shop, 0))
	s.await(first.ListID, payroll.Answered)
	newcomer := listOf(shop, 1).Lines[0]
	added := s.mustSend(supplement("02", arrearsOf(0, 40_000_000), newcomer))
	require.Equal(t, 1, added.Receipt.Version)
	l := s.await(added.ListID, payroll.Answered)
	require.Equal(t, "sso.0123456789.000.1405-07.02.1", l.Deliveries.SSO.Key)
	require.Equal(t, payroll.AnswerAccepted, l.Deliveries.SSO.State, "%+v", l.Deliveries.SSO.Findings)
	require.Equal(t, l.Totals.PremiumDue, l.Deliveries.SSO.Payments[0].Amount)
	require.EqualValues(t, 40_000_000, s.insurable(added.ListID)[0])
	month, err := s.TaxMonth(context.Background(), s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.Len(t, month.Persons, 2, "both lists are summed, a row a person")
	require.Equal(t, "LIST-02", s.problem(supplement("02", arrearsOf(0, 41_000_000)).bytes()).Code, "it has versions of its own")

	again := supplement("02", arrearsOf(0, 41_000_000), newcomer).set("kind", "replacement").set("replaces", "v1").set("reason", "مبلغ اصلاح شد")
	v2 := s.mustSend(again)
	require.Equal(t, 2, v2.Receipt.Version)
	require.EqualValues(t, 41_000_000, s.insurable(v2.ListID)[0], "a replaced supplementary list is one still")
	s.await(v2.ListID, payroll.Answered)
	v3 := s.mustSend(again.set("replaces", "v2").set("reason", "بار دیگر"))
	require.EqualValues(t, 41_000_000, s.insurable(v3.ListID)[0])
	s.await(v3.ListID, payroll.Answered)
}

func TestSupplementary_the_cap_counts_the_days_of_the_months_lists(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	params, _ := s.Book.On(mehr)
	first := s.mustSend(listOf(shop, 0))
	room := params.MaxDailyInsurable.Value.TimesInt(30) - s.insurable(first.ListID)[0]
	const half = 100_000_000
	second := s.mustSend(supplement("02", arrearsOf(0, int64(room)-half)))
	require.Equal(t, room-half, s.insurable(second.ListID)[0])
	third := s.mustSend(supplement("03", arrearsOf(0, 3*half)))
	require.EqualValues(t, half, s.insurable(third.ListID)[0], "cut to what the month's cap leaves")
	fourth := s.mustSend(supplement("04", arrearsOf(0, half)))
	require.Zero(t, s.insurable(fourth.ListID)[0])
	require.Contains(t, s.mayNotWithdraw(first.ListID).Text.EN, "02, 03, 04", "they rest on its days")
	s.mustWithdraw(third.ListID)
	fifth := s.mustSend(supplement("05", arrearsOf(0, half)))
	require.EqualValues(t, half, s.insurable(fifth.ListID)[0], "a withdrawn list counts for nothing")
}

func TestSupplementary_days_are_added_over_the_months_lists(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	few := listOf(shop, 0)
	few.Lines[0]["days"] = 20
	s.mustSend(few)
	more := listOf(shop, 0).Lines[0]
	more["days"] = 11
	draft := s.mustSend(supplement("02", more))
	require.Equal(t, fault.SSO, draft.HeldLane, "the tax lane counts no days")
	require.Contains(t, codesOf(s.foundIn(draft.ListID).Faults), "DAYS-05")
	more["days"] = 10
	s.mustSend(supplement("02", more))

	// Who stands in no list of the month has no days that an amount could belong to.
	draft = s.mustSend(supplement("03", arrearsOf(1, 1_000_000)))
	require.Contains(t, codesOf(s.foundIn(draft.ListID).Faults), "DAYS-03")
}

func codesOf(faults []fault.Fault) (codes []string) {
	for _, f := range faults {
		if f.Severity >= fault.Error {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

func TestSupplementary_is_judged_again_when_the_months_lists_changed_meanwhile(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	params, _ := s.Book.On(mehr)
	first := s.mustSend(listOf(shop, 0))
	limit := params.MaxDailyInsurable.Value.TimesInt(30)
	room := limit - s.insurable(first.ListID)[0]
	ids := make(chan string, 4)
	for i := range cap(ids) {
		go func() {
			sent, err := s.send(supplement([]string{"02", "03", "04", "05"}[i], arrearsOf(0, int64(room))).bytes())
			for err != nil { // too many came at once: it is to be sent again
				sent, err = s.send(supplement([]string{"02", "03", "04", "05"}[i], arrearsOf(0, int64(room))).bytes())
			}
			ids <- sent.ListID
		}()
	}
	var sum rial.Amount
	for range cap(ids) {
		sum = sum.Add(s.insurable(<-ids)[0])
	}
	require.Equal(t, room, sum, "together they insure no more than the month's cap")
}
