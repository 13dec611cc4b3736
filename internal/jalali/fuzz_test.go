package jalali_test

import (
	"testing"
	"time"

	"fehrest/internal/jalali"

	"github.com/stretchr/testify/require"
)

// FuzzParseDate: whatever is taken is a day of the calendar, written back it is the same day, and it lies beside its neighbours.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"1405/07/01", "1405-7-1", "14050701", "1403/12/30", "1404/12/30", "1399/12/30", "0001/01/01", "04/01/01", "1405/07-01", "۱۴۰۵/۰۷/۰۱", "1405/07/01/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := jalali.ParseDate(s)
		if err != nil {
			require.True(t, d.IsZero())
			return
		}
		require.GreaterOrEqual(t, d.Year, jalali.MinYear)
		require.LessOrEqual(t, d.Year, jalali.MaxYear)
		require.LessOrEqual(t, d.Day, d.InMonth().Days())
		for _, written := range []string{d.String(), d.Compact()} {
			back, err := jalali.ParseDate(written)
			require.NoError(t, err)
			require.Equal(t, d, back)
		}
		y, m, day := d.Gregorian()
		noon := time.Date(y, m, day, 12, 0, 0, 0, time.UTC)
		back, err := jalali.FromTime(noon)
		require.NoError(t, err)
		require.Equal(t, d, back)
		next := d.Next()
		require.True(t, d.Before(next))
		require.Equal(t, d, next.Previous())
		y, m, day = next.Gregorian()
		require.Equal(t, noon.AddDate(0, 0, 1), time.Date(y, m, day, 12, 0, 0, 0, time.UTC))
	})
}

// FuzzParseMonth: whatever is taken is a month, and written back it is the same one.
func FuzzParseMonth(f *testing.F) {
	for _, s := range []string{"1405-07", "1405/07", "140507", "1405-13", "1405-00", "05-07", "۱۴۰۵-۰۷"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := jalali.ParseMonth(s)
		if err != nil {
			require.True(t, m.IsZero())
			return
		}
		for _, written := range []string{m.String(), m.Compact()} {
			back, err := jalali.ParseMonth(written)
			require.NoError(t, err)
			require.Equal(t, m, back)
		}
		back, err := jalali.MonthOf(m.Number())
		require.NoError(t, err)
		require.Equal(t, m, back)
		require.Equal(t, m, m.Add(1).Add(-1))
		require.Equal(t, m.Days(), m.Last().Day)
		require.Equal(t, m.First(), m.Add(-1).Last().Next())
	})
}
