package rial_test

import (
	"math/big"
	"testing"

	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTimes_rounds_half_up_exactly_as_fractions_do(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rial.Amount(rapid.Int64Range(-int64(rial.Max), int64(rial.Max)).Draw(t, "amount"))
		num := rapid.Int64Range(0, 1000).Draw(t, "num")
		den := rapid.Int64Range(1, 1200).Draw(t, "den")
		want, err := rial.Round(new(big.Rat).Mul(big.NewRat(int64(a), 1), big.NewRat(num, den)), rial.HalfUp)
		if num/den < 1000 {
			require.NoError(t, err)
			require.Equal(t, want, a.Times(rial.NewRate(num, den), rial.HalfUp))
		}
	})
}

func TestTimes_known_values(t *testing.T) {
	t.Parallel()
	seven := rial.NewRate(7, 100)
	require.Equal(t, rial.Amount(1), rial.Amount(8).Times(seven, rial.HalfUp), "0.56")
	require.Equal(t, rial.Amount(0), rial.Amount(7).Times(seven, rial.HalfUp), "0.49")
	require.Equal(t, rial.Amount(4), rial.Amount(50).Times(seven, rial.HalfUp), "3.5")
	require.Equal(t, rial.Amount(3), rial.Amount(50).Times(seven, rial.Down), "3.5")
	require.Equal(t, rial.Amount(0), rial.Amount(50).Times(rial.Rate{}, rial.HalfUp), "zero rate")
}

func TestAdd_and_TimesInt_panic_instead_of_wrapping(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() { rial.Amount(1 << 62).Add(1 << 62) })
	require.Panics(t, func() { rial.Amount(1 << 62).TimesInt(4) })
	require.Equal(t, rial.Amount(-6), rial.Amount(-2).TimesInt(3))
	require.Equal(t, rial.Amount(5), rial.Amount(5).Add(0))
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"7/100": "7%", "7%": "7%", "2/7": "2/7", "1": "100%", "0": "0%"} {
		r, err := rial.ParseRate(s)
		require.NoError(t, err, s)
		require.Equal(t, want, r.String())
	}
	for _, s := range []string{"", "0.07", "7/0", "-1/2", "7 %", "1/2/3", "8/7", "700", "101%", "+7%"} {
		_, err := rial.ParseRate(s)
		require.Error(t, err, s)
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	require.Equal(t, "5,541,850", rial.Amount(5541850).Grouped())
	require.Equal(t, "-100", rial.Amount(-100).Grouped())
	require.Equal(t, "0", rial.Amount(0).Grouped())
}
