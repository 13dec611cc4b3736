package flow_test

import (
	"bytes"
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

// noonOf is noon of a day in Tehran.
func noonOf(year, month, day int) func() time.Time {
	y, m, d := jalali.Date{Year: year, Month: month, Day: day}.Gregorian()
	return func() time.Time { return time.Date(y, m, d, 8, 30, 0, 0, time.UTC) }
}

func TestLateness_of_a_list_by_today(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Now = noonOf(1405, 8, 15)
	sent := s.mustSend(listOf(shop, 0, 1))
	stop := s.work()
	s.await(sent.ListID, payroll.Submitted)
	l := s.list(sent.ListID)
	require.Equal(t, "1405/08/30", l.Lateness.SSO.Due.String())
	require.False(t, l.Lateness.SSO.Late)
	require.Zero(t, l.Lateness.SSO.Total)
	require.Equal(t, rial.Ratio(l.Totals.PremiumDue, 1, 10, rial.HalfUp), l.Lateness.SSO.Charges[0].FirstDay)
	require.NotZero(t, l.Totals.Salary)

	require.Eventually(t, func() bool { return s.list(sent.ListID).Deliveries.SSO.State == payroll.ByHand }, patience, 20*time.Millisecond)
	stop()
	s.Now = noonOf(1405, 9, 30)
	l = s.list(sent.ListID)
	require.True(t, l.Lateness.SSO.Late, "files that nobody has uploaded are not there")
	require.Equal(t, l.Lateness.SSO.Charges[0].FirstDay, l.Lateness.SSO.Charges[0].Amount)
	require.Equal(t, 1, l.Lateness.SSO.Charges[1].Months)
	require.Equal(t, rial.Ratio(l.Totals.Salary, 2, 100, rial.HalfUp), l.Lateness.Tax.Charges[0].Amount)

	require.NoError(t, s.MarkUploaded(context.Background(), s.sender, l.Deliveries.SSO.Key, s.Now(), "12345"))
	l = s.list(sent.ListID)
	require.Equal(t, payroll.Sent, l.Deliveries.SSO.State)
	require.NotZero(t, l.Lateness.SSO.Charges[0].Amount, "they were uploaded late")
	s.Now = noonOf(1406, 9, 30)
	again := s.list(sent.ListID)
	require.Equal(t, l.Lateness.SSO.Charges[0].Amount, again.Lateness.SSO.Charges[0].Amount, "a late list costs once")
	require.Equal(t, 13, again.Lateness.SSO.Charges[1].Months, "the money costs month by month")
}

// endsBefore is a body whose end is a moment before another.
type endsBefore struct {
	*bytes.Reader
	ended *atomic.Bool
}

func (b endsBefore) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		b.ended.Store(true)
	}
	return n, err
}

func TestSubmit_that_arrived_before_midnight_is_in_time_whenever_it_is_read(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	midnight := time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC) // 24:00 of 1405/08/30 in Tehran, the last day for Mehr
	for _, c := range []struct {
		list string
		ends time.Duration
		late bool
	}{{"01", -time.Microsecond, false}, {"02", 0, true}} {
		var ended atomic.Bool
		var asked atomic.Int32
		s.Now = func() time.Time {
			if !ended.Load() {
				return midnight.Add(-time.Minute)
			}
			if asked.Add(1) == 1 {
				return midnight.Add(c.ends) // the end of the upload
			}
			return midnight.Add(time.Minute) // it waited for a place to be read
		}
		got, err := s.send(listOf(shop, 0).set("list_no", c.list).bytes(), func(u *flow.Upload) {
			u.Body = endsBefore{bytes.NewReader(listOf(shop, 0).set("list_no", c.list).bytes()), &ended}
		})
		require.NoError(t, err)
		require.Equal(t, midnight.Add(c.ends), got.Receipt.ReceivedAt)
		report, err := s.Faults(context.Background(), s.sender, got.ListID)
		require.NoError(t, err)
		require.Equal(t, c.late, bytes.Contains(report, []byte("LIST-04")), c.list)
	}
}

func TestLateness_of_a_correction_is_that_of_the_first_version(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := onStage(t)
	var now atomic.Pointer[time.Time]
	on := func(day int) { // of Azar 1405; the last one for Mehr is the day before the first
		at := noonOf(1405, 9, 1)().AddDate(0, 0, day-1)
		now.Store(&at)
	}
	on(0)
	s.Now = func() time.Time { return *now.Load() }
	s.work()
	uploaded := func(sent *flow.Submitted, told int) *flow.List {
		at := s.Now()
		lane := s.awaitLane(sent.ListID, fault.SSO, payroll.ByHand)
		on(told)
		require.NoError(t, s.MarkUploaded(ctx, s.sender, lane.Key, at, "12345"))
		_, err := s.AnswerByHand(ctx, s.sender, []byte("paper"), payroll.Answer{Key: lane.Key, State: payroll.AnswerAccepted})
		require.NoError(t, err)
		return s.list(sent.ListID)
	}
	late := uploaded(s.mustSend(listOf(branch, 0)), 2).Lateness.SSO
	require.Len(t, late.Charges, 2)
	require.Equal(t, rial.Amount(0), late.Charges[0].Amount, "it was uploaded on the last day, and told the day after the first late one")
	inTime := uploaded(s.mustSend(replacementOf(listOf(branch, 0, 1), 1)), 10).Lateness.SSO
	require.Len(t, inTime.Charges, 1, "what the correction costs is not known")
	require.Equal(t, law.PenaltyPayment, inTime.Charges[0].For)
	require.Contains(t, inTime.Note.EN, "an earlier version")

	first := uploaded(s.mustSend(listOf(shop, 0)), 11)
	require.NotZero(t, first.Lateness.SSO.Charges[0].Amount)
	second := uploaded(s.mustSend(replacementOf(listOf(shop, 0, 1), 1)), 12)
	require.Equal(t, rial.Ratio(second.Totals.PremiumDue, 1, 10, rial.HalfUp), second.Lateness.SSO.Charges[0].Amount)
}
