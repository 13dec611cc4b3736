package flow_test

import (
	"context"
	"testing"

	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func (s *stage) difference(list string) *flow.Difference {
	s.t.Helper()
	d, err := s.Difference(context.Background(), s.sender, list)
	require.NoError(s.t, err)
	return d
}

func TestDifference_is_shown_before_a_correction_is_sent(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	other := s.mustSend(listOf(branch, 2))
	v1 := s.mustSend(listOf(shop, 0, 1))
	b := changeOf("v1", changed(0, map[string]any{"overtime": 500_000_000}), cancelled(1), changed(2, nil)).bytes()
	draft, err := s.send(b, func(u *flow.Upload) { u.Draft = true })
	require.NoError(t, err)
	d := s.difference(draft.ListID)
	require.Equal(t, v1.ListID, d.Against)
	require.Equal(t, 1, d.Version)
	require.Equal(t, []int{1, 1, 1}, []int{d.Added, d.Removed, d.Changed})
	require.Equal(t, "changed", d.Persons[0].What)
	require.Equal(t, []flow.FieldDifference{{Field: "overtime", Before: "", After: "500000000"}}, d.Persons[0].Fields)
	require.EqualValues(t, 500_000_000, d.Persons[0].Insurable.After-d.Persons[0].Insurable.Before)
	require.EqualValues(t, 150_000_000, d.Persons[0].Premium.After-d.Persons[0].Premium.Before, "30 % of what was added")
	require.Positive(t, d.Persons[0].Estimate.After)
	require.Equal(t, flow.Effect{Before: s.list(v1.ListID).Totals.PremiumDue, After: s.list(draft.ListID).Totals.PremiumDue}, d.Premium)
	require.True(t, d.Month)
	require.Equal(t, []string{"DSKKAR00.DBF", "DSKWOR00.DBF"}, d.SSO.Changed)
	require.Equal(t, []string{"WH140507.txt", "WP140507.txt"}, d.Tax.Changed)
	require.Equal(t, payroll.Submitted, s.list(v1.ListID).State, "nothing has happened")

	sent, err := s.send(b, func(u *flow.Upload) { u.LanesGiven = true })
	require.NoError(t, err)
	after := s.difference(sent.ListID)
	require.Equal(t, d.Premium, after.Premium)
	require.Equal(t, d.Estimate, after.Estimate)
	require.Equal(t, d.Persons, after.Persons)
	month, err := s.TaxMonth(context.Background(), s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.NotNil(t, month)

	someone := s.sender
	someone.ID = uuid.New()
	_, err = s.Difference(context.Background(), someone, sent.ListID)
	requireNotFound(t, err)
	first := s.difference(other.ListID)
	require.Empty(t, first.Against)
	require.Equal(t, 1, first.Added)
}

func TestDifference_tells_which_organisation_gets_nothing_new(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(listOf(shop, 0, 1))
	draft, err := s.send(changeOf("v1", changed(0, map[string]any{"education": "5"})).bytes(), func(u *flow.Upload) { u.Draft = true })
	require.NoError(t, err)
	d := s.difference(draft.ListID)
	require.True(t, d.SSO.Equal)
	require.Empty(t, d.SSO.Changed)
	require.Equal(t, []string{"WP140507.txt"}, d.Tax.Changed)
	require.Equal(t, d.Premium.Before, d.Premium.After)
	require.Equal(t, d.Estimate.Before, d.Estimate.After)
	require.Equal(t, []flow.FieldDifference{{Field: "education", Before: "4", After: "5"}}, d.Persons[0].Fields)
}
