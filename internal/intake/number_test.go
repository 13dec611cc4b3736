package intake

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		n       int64
		changed bool
		why     numberFault
	}{
		"5541850": {n: 5541850}, "5541850.0": {n: 5541850, changed: true}, "1.5E+7": {n: 15_000_000, changed: true}, "15e-1": {why: notWhole}, "10e-1": {n: 1, changed: true}, "0": {},
		"1E+15": {n: 1e15, why: tooLong}, "9007199254740991": {n: 9007199254740991, why: tooLong}, "9007199254740993": {n: 9007199254740993, why: beyondExact},
		"99999999999999999999": {why: beyondExact}, "999999999999": {n: 999999999999}, "1e400": {why: notNumber}, "1e30": {why: beyondExact},
		"1234567.5": {why: notWhole}, "0.30000000000000004": {why: notWhole}, "0.000": {changed: true}, "-1": {n: -1, why: negative}, "−1": {n: -1, why: negative}, "-0": {why: negative},
		"-1.5": {why: notWhole}, "1,234,567": {n: 1234567, changed: true}, "1٬234٬567": {n: 1234567, changed: true}, "۱،۲۳۴": {n: 1234, changed: true},
		"۱/۲۳۴": {why: notNumber, changed: true}, "12,34": {why: notNumber, changed: true}, "1,2345": {why: notNumber, changed: true}, ",123": {why: notNumber},
		"150000000 ریال": {why: notNumber}, "NaN": {why: notNumber}, "Infinity": {why: notNumber}, "0x1F": {why: notNumber}, "TRUE": {why: notNumber}, "": {why: notNumber},
		"۰0١": {n: 1, changed: true}, " 12 ": {n: 12, changed: true}, "１２": {why: notNumber}, "१": {why: notNumber}, "1O": {why: notNumber}, "+5": {why: notNumber}, "5.": {why: notNumber},
		"00000000000000000000000000000012": {n: 12}, "12.00000000000000000000000000000000001": {why: notWhole},
	} {
		n, changed, why := parseNumber([]byte(text))
		require.Equal(t, want.why, why, text)
		require.Equal(t, want.n, n, text)
		if why == aNumber {
			require.Equal(t, want.changed, changed, text)
		}
	}
}

func TestParseNumber_reads_every_amount_as_it_is(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Int64Range(0, maxDigits).Draw(t, "amount")
		zeros := rapid.SampledFrom([]string{"", ".0", ".000"}).Draw(t, "zeros")
		n, _, why := parseNumber([]byte(strconv.FormatInt(want, 10) + zeros))
		require.Equal(t, aNumber, why)
		require.Equal(t, want, n)
		s := strconv.FormatInt(want, 10)
		n, _, why = parseNumber([]byte(s[:1] + "." + s[1:] + "E" + strconv.Itoa(len(s)-1)))
		if len(s) > 1 {
			require.Equal(t, aNumber, why)
			require.Equal(t, want, n)
		}
	})
}
