package intake

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

var (
	asASCII = strings.NewReplacer("۰", "0", "۱", "1", "۲", "2", "۳", "3", "۴", "4", "۵", "5", "۶", "6", "۷", "7", "۸", "8", "۹", "9",
		"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9", "٬", ",", "،", ",", "٫", ".")
	writtenNumber = regexp.MustCompile(`^([0-9]*|[0-9]{1,3}(?:,[0-9]{3})+)((?:\.[0-9]+)?)(?:[eE]([+-]?[0-9]{1,4}))?$`)
)

// numberByRat reads an amount through exact fractions.
func numberByRat(s string) (n int64, why numberFault) {
	s = strings.TrimSpace(s)
	sign := false
	for _, m := range []string{"-", "−"} {
		if rest, ok := strings.CutPrefix(s, m); ok && !sign {
			s, sign = rest, true
		}
	}
	m := writtenNumber.FindStringSubmatch(asASCII.Replace(s))
	if m == nil || m[1]+m[2] == "" || strings.ContainsAny(m[3], "۰۱۲") {
		return 0, notNumber
	}
	e, _ := strconv.Atoi(m[3])
	if e > 308 || e < -308 {
		return 0, notNumber
	}
	v, ok := new(big.Rat).SetString("0" + strings.ReplaceAll(m[1], ",", "") + m[2])
	if !ok {
		return 0, notNumber
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil))
	if e < 0 {
		scale.Inv(scale)
	}
	v.Mul(v, scale)
	switch {
	case !v.IsInt():
		return 0, notWhole
	case sign:
		return 0, negative
	case v.Cmp(new(big.Rat).SetInt64(int64(rial.Max))) > 0:
		return 0, beyondExact
	case v.Num().Int64() > maxDigits:
		return v.Num().Int64(), tooLong
	}
	return v.Num().Int64(), aNumber
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{
		"150000000", "1E+15", "1.5e8", "1,234,567", "1٬234٬567", "۱۵۰۰۰۰۰۰۰", "1.0", "-1", "−0", "0.30000000000000004", "9007199254740993", " 12 ", "1,23", "12٫",
		"1.e5", ".5e1", "99999999999999999999", "1e400", "00000000000000000000000000000000001", "1000000000000000000000000000000e-25", "0x1F", "1/234",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, _, why := parseNumber([]byte(s))
		want, wantWhy := numberByRat(s)
		require.Equal(t, wantWhy, why, "%q", s)
		if why == aNumber || why == tooLong {
			require.Equal(t, want, n, "%q", s)
		}
	})
}

// FuzzDayOfCell: a cell with a date format is a day of both calendars, or no day.
func FuzzDayOfCell(f *testing.F) {
	for _, s := range []string{"45736", "45736.5", "2025-03-20", "2025-03-20T00:00:00", "60", "1", "2958465", "-1", "1e4", "0", "", "2025-02-30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, shown, err := dayOfCell([]byte(s))
		if err != nil {
			return
		}
		y, m, day := d.Gregorian()
		require.Equal(t, shown, time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	})
}
