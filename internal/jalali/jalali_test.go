package jalali_test

import (
	"testing"
	"time"

	"fehrest/internal/jalali"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"1405/07/01": "14050701", "1405/7/1": "14050701", "1405-07-01": "14050701", "14050701": "14050701", "1405-7-21": "14050721",
	} {
		d, err := jalali.ParseDate(s)
		require.NoError(t, err, s)
		require.Equal(t, want, d.Compact(), s)
	}
	for s, want := range map[string]error{
		"1404/12/30": jalali.ErrNoSuchDay, "1403/13/01": jalali.ErrNoSuchDay, "1404/07/31": jalali.ErrNoSuchDay, "1405/00/01": jalali.ErrNoSuchDay,
		"04/01/01": jalali.ErrForm, "2025-03-20": jalali.ErrForm, "45736": jalali.ErrForm, "": jalali.ErrForm, "1405/07": jalali.ErrForm,
		"1405/07-01": jalali.ErrForm, "1405/007/1": jalali.ErrForm, "1405/07/011": jalali.ErrForm, "1405/07/": jalali.ErrForm,
	} {
		_, err := jalali.ParseDate(s)
		require.ErrorIs(t, err, want, s)
	}
	d, err := jalali.ParseDate("1403/12/30")
	require.NoError(t, err, "1403 is a leap year")
	require.Equal(t, jalali.Month{Year: 1404, Month: 1}, d.Next().InMonth())
}

func TestParseMonth(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1405-07", "1405/07", "140507", "1405/7"} {
		m, err := jalali.ParseMonth(s)
		require.NoError(t, err, s)
		require.Equal(t, "1405-07", m.String())
	}
	for _, s := range []string{"1405-13", "1405-00", "0507", "05-07", "1299-01", "1405-7-1"} {
		_, err := jalali.ParseMonth(s)
		require.Error(t, err, s)
	}
}

func TestMonth_lengths_and_steps(t *testing.T) {
	t.Parallel()
	for year, esfand := range map[int]int{1399: 30, 1400: 29, 1403: 30, 1404: 29, 1405: 29, 1408: 30} {
		require.Equal(t, esfand, jalali.Month{Year: year, Month: 12}.Days(), year)
	}
	require.Equal(t, "1406-01", jalali.Month{Year: 1405, Month: 12}.Add(1).String())
	require.Equal(t, "1404-12", jalali.Month{Year: 1405, Month: 1}.Add(-1).String())
}

func TestDate_round_trips_through_the_Gregorian_calendar(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := jalali.Month{Year: rapid.IntRange(1300, 1499).Draw(t, "y"), Month: rapid.IntRange(1, 12).Draw(t, "m")}
		d := jalali.Date{Year: m.Year, Month: m.Month, Day: rapid.IntRange(1, m.Days()).Draw(t, "d")}
		y, mo, day := d.Gregorian()
		back, err := jalali.FromTime(time.Date(y, mo, day, 12, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		require.Equal(t, d, back)
		require.Equal(t, d, d.Next().Previous())
	})
	y, m, d := jalali.Date{Year: 1405, Month: 7, Day: 30}.Gregorian()
	require.Equal(t, "2026-10-22", time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
}
