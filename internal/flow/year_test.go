package flow_test

import (
	"context"
	"testing"
	"time"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

// year is what the earlier months of the year come to, as a month's estimate takes them.
func (s *stage) year(month int) (year map[string]store.EarlierInYear) {
	s.t.Helper()
	require.NoError(s.t, s.Store.Read(context.Background(), func(tx *store.Tx) (err error) {
		year, err = tx.EarlierInYear(context.Background(), payroll.TaxMonthIdentity{Employer: employer, Period: jalali.Month{Year: 1405, Month: month}})
		return err
	}))
	return year
}

func TestEarlierInYear_keeps_an_opening_balance_once_and_counts_months_with_pay(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	months := []string{"1405-06", "1405-07"}
	for i, month := range months {
		list := whole(listOf(shop, 0, 1)).set("period", month)
		for _, line := range list.Lines {
			line["days"] = 30
		}
		list.Lines[0]["ytd_months"], list.Lines[0]["ytd_taxable"], list.Lines[0]["ytd_tax"] = 5, 2_500_000_000, 50_000_000
		list.Lines[0]["ytd_eidi"], list.Lines[0]["ytd_noncash"] = 1_000_000, 2_000_000
		list.Lines[1]["reported_to"], list.Lines[1]["days"], list.Lines[1]["daily_wage"] = "tax", 0, 0
		for _, pay := range []string{"housing", "grocery"} {
			delete(list.Lines[1], pay)
		}
		s.mustSend(list)
		require.Eventually(t, func() bool {
			return s.count("SELECT count(*) FROM shared.tax_months WHERE version > 0") == i+1
		}, patience, 30*time.Millisecond)
	}
	e := s.year(8)[people[0].code]
	require.Equal(t, 5+2, e.Months)
	require.True(t, e.Opened)
	var own [2]rial.Amount
	for i, c := range []string{"taxable - taxable_welfare", "before_forgiveness"} {
		own[i] = rial.Amount(s.count("SELECT sum(" + c + ")::bigint FROM shared.tax_month_persons WHERE person = '" + people[0].code + "'"))
	}
	require.Equal(t, own[0].Add(2_500_000_000), e.Taxable)
	require.Equal(t, own[1].Add(50_000_000), e.Tax)
	require.Equal(t, rial.Amount(1_000_000), e.Eidi)
	require.Equal(t, rial.Amount(2_000_000), e.NonCash)
	require.Zero(t, s.year(8)[people[1].code].Months, "a month without pay is no month of the year's exemption")
}
