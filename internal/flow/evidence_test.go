package flow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// serves records every minute between two moments as served.
func (s *stage) serves(from, to time.Time) {
	s.t.Helper()
	s.exec(fmt.Sprintf("INSERT INTO shared.heartbeats SELECT generate_series('%s'::timestamptz, '%s', '1 minute')", from.Format(time.RFC3339), to.Add(-time.Minute).Format(time.RFC3339)))
}

func (s *stage) evidence(p access.Principal) map[string]flow.Evidence {
	s.t.Helper()
	all, err := s.Evidence(context.Background(), p, mehr)
	require.NoError(s.t, err)
	require.Len(s.t, all, 3)
	by := map[string]flow.Evidence{}
	for _, e := range all {
		name := e.Organisation.String()
		if e.ExemptFive {
			name += " exempt"
		}
		by[name] = e
	}
	return by
}

func TestEvidence_of_our_own_outages_before_a_deadline(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	end := time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC) // 24:00 of 1405/08/30 in Tehran
	now := end.Add(-72 * time.Hour)
	s.Now = func() time.Time { return now }
	require.Zero(t, s.evidence(s.sender)["sso"].Minutes, "what was never watched is no outage")

	// An outage before the last 48 hours, one of 40 minutes across their beginning, one of 45 within.
	s.serves(now, end.Add(-60*time.Hour))
	s.serves(end.Add(-58*time.Hour), end.Add(-48*time.Hour-20*time.Minute))
	s.serves(end.Add(-48*time.Hour+20*time.Minute), end.Add(-10*time.Hour))
	s.serves(end.Add(-10*time.Hour+45*time.Minute), end.Add(-2*time.Hour))
	now = end.Add(-2 * time.Hour).Add(30 * time.Second)
	e := s.evidence(s.sender)["sso"]
	require.Equal(t, "1405/08/30", e.Due.String())
	require.Equal(t, end, e.Ends)
	require.Equal(t, 65, e.Minutes)
	require.Len(t, e.Outages, 2)
	require.Equal(t, flow.Outage{From: end.Add(-48 * time.Hour), To: end.Add(-48*time.Hour + 20*time.Minute), Minutes: 20}, e.Outages[0])
	require.Empty(t, e.Record, "the deadline is not over")

	s.serves(end.Add(-2*time.Hour), end.Add(5*time.Minute))
	now = end.Add(time.Minute)
	all := s.evidence(s.sender)
	e = all["sso"]
	require.NoError(t, seal.Verify(e.Record, s.PublicKeys()))
	var record flow.OutageRecord
	require.NoError(t, json.Unmarshal(e.Record, &record))
	require.Equal(t, 65, record.Minutes)
	require.Contains(t, record.Statement.FA, "گواهی اختلال")
	require.NotEmpty(t, all["tax"].Record, "each organisation has a record of its own")
	require.Empty(t, all["sso exempt"].Record, "a deadline a month later")
	require.Zero(t, all["sso exempt"].Minutes)
	now = now.Add(time.Hour)
	require.Equal(t, string(e.Record), string(s.evidence(s.sender)["sso"].Record), "it is signed once")

	stranger := access.Principal{ID: uuid.New(), Name: "دیگری", Role: access.Accountant}
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error { return tx.AddPrincipal(ctx, stranger) }))
	_, err := s.Evidence(ctx, stranger, mehr)
	require.ErrorAs(t, err, new(*fault.Problem), "he acts for nobody")
	_, err = s.Evidence(ctx, s.sender, jalali.Month{Year: 1410, Month: 1})
	require.ErrorAs(t, err, new(*fault.Problem))

	operator := access.Principal{ID: uuid.New(), Name: "متصدی", Role: access.Operator}
	due := e.Due
	require.NoError(t, s.AcceptEvidence(ctx, operator, mehr, fault.SSO, due, " 5020/1405/77 "))
	require.NoError(t, s.AcceptEvidence(ctx, operator, mehr, fault.SSO, due, "5020/1405/77"), "twice is once")
	require.ErrorAs(t, s.AcceptEvidence(ctx, operator, mehr, fault.SSO, due, "78"), new(*fault.Problem))
	require.ErrorAs(t, s.AcceptEvidence(ctx, operator, mehr, fault.SSO, due.Next(), "77"), new(*fault.Problem), "there is no such record")
	require.ErrorAs(t, s.AcceptEvidence(ctx, operator, mehr, fault.Tax, due, " "), new(*fault.Problem))
	all = s.evidence(operator)
	require.Equal(t, "5020/1405/77", all["sso"].AcceptedBy)
	require.Equal(t, now.UTC().Truncate(time.Microsecond), all["sso"].AcceptedAt.UTC())
	require.Nil(t, all["tax"].AcceptedAt)
	require.Equal(t, 3, s.count("SELECT count(*) FROM audit.log WHERE document::jsonb ->> 'action' LIKE 'outage.%'"))
}

func TestEvidence_of_less_than_an_hour_is_no_record(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	end := time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC)
	s.serves(end.Add(-49*time.Hour), end.Add(-59*time.Minute))
	s.Now = func() time.Time { return end.Add(time.Hour) }
	require.NoError(t, s.BeatOnce(context.Background()))
	e := s.evidence(s.sender)["sso"]
	p, err := s.Picture(context.Background())
	require.NoError(t, err)
	require.Equal(t, end.Add(time.Hour), p.Served.UTC())
	require.Equal(t, 59, e.Minutes)
	require.Empty(t, e.Record)
}

func TestEvidence_is_recorded_without_anyone_asking(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	end := time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC)
	s.serves(end.Add(-49*time.Hour), end.Add(-60*time.Minute))
	s.serves(end, end.Add(time.Minute))
	records := func() int { return s.count("SELECT count(*) FROM shared.outage_records") }
	now := end.Add(-time.Second)
	s.Now = func() time.Time { return now }
	require.NoError(t, s.RecordOutages(context.Background()))
	require.Zero(t, records(), "the deadline is not over")
	now = end.Add(time.Hour)
	stop := s.work()
	require.Eventually(t, func() bool { return records() == 3 }, patience, 20*time.Millisecond,
		"each organisation's, and that of the month before where the SSO gives two months")
	stop()
	require.NoError(t, s.RecordOutages(context.Background()))
	require.Equal(t, 3, records(), "once")
	require.Equal(t, 3, s.count("SELECT count(*) FROM audit.log WHERE document::jsonb ->> 'action' = 'outage.recorded'"))
	e := s.evidence(s.sender)["sso"]
	require.NoError(t, seal.Verify(e.Record, s.PublicKeys()))
	require.Equal(t, 60, e.Minutes)
}
