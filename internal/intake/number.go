package intake

import (
	"bytes"
	"regexp"
	"unicode"
	"unicode/utf8"

	"fehrest/internal/rial"
)

// numberFault says why a text is no amount, in the order it is looked for.
type numberFault uint8

const (
	aNumber     numberFault = iota
	notNumber               // CELL-03
	notWhole                // CELL-04
	negative                // CELL-05
	beyondExact             // CELL-06
	tooLong                 // CELL-14: more than 12 digits
)

// maxDigits is how many digits an organisation's money fields hold.
const maxDigits = 999_999_999_999

// parseNumber reads an amount or a count exactly as it is stored: ASCII, Persian or Arabic digits, groups of three with
// , ٬ or ،, a decimal point and an exponent where the value is whole all the same. changed tells that it was not digits alone.
// The value is returned with beyondExact and tooLong as well, as far as it fits.
func parseNumber(s []byte) (n int64, changed bool, why numberFault) {
	t := bytes.TrimFunc(s, unicode.IsSpace)
	changed = len(t) != len(s)
	sign := false
	if m := minus(t); m > 0 {
		sign, t = true, t[m:]
	}
	var d decimal
	if !d.read(t, &changed) {
		return 0, changed, notNumber
	}
	n, why = d.whole()
	if why == aNumber && sign {
		return -n, changed, negative
	}
	switch {
	case why == notWhole || why == notNumber:
		return 0, changed, why
	case sign:
		return 0, changed, negative
	case why == aNumber && n > int64(rial.Max):
		return n, changed, beyondExact
	case why == aNumber && n > maxDigits:
		return n, changed, tooLong
	}
	return n, changed, why
}

func minus(t []byte) int {
	if bytes.HasPrefix(t, []byte("-")) {
		return 1
	}
	if bytes.HasPrefix(t, []byte("−")) {
		return len("−")
	}
	return 0
}

// decimal is a number as written: digits without leading zeros, how many of them stand after the point, an exponent.
type decimal struct {
	digits   [24]byte
	count    int // of all digits after leading zeros; those beyond the array are counted only
	fraction int
	exponent int
	ink      int // which digit, from 1, is the last that is not zero
}

func (d *decimal) read(t []byte, changed *bool) bool {
	seen, point, group, groups := 0, false, 0, 0
	for i := 0; i < len(t); {
		c, n := digitAt(t[i:])
		switch {
		case c >= 0:
			*changed = *changed || n > 1
			seen++
			group++
			d.push(byte(c))
			if point {
				d.fraction++
			}
		case !point && separator(t[i:]) > 0:
			n = separator(t[i:])
			if groups == 0 && (group < 1 || group > 3) || groups > 0 && group != 3 {
				return false
			}
			*changed = true
			groups++
			group = 0
		case !point && decimalPoint(t[i:]) > 0:
			n = decimalPoint(t[i:])
			if groups > 0 && group != 3 {
				return false
			}
			point, groups, *changed = true, 0, true
		case (t[i] == 'e' || t[i] == 'E') && seen > 0:
			*changed = true
			return (groups == 0 || group == 3) && (!point || d.fraction > 0) && d.readExponent(t[i+1:])
		default:
			return false
		}
		i += n
	}
	return seen > 0 && (groups == 0 || group == 3) && (!point || d.fraction > 0)
}

func (d *decimal) push(c byte) {
	if d.count == 0 && c == 0 {
		return
	}
	if d.count < len(d.digits) {
		d.digits[d.count] = c
	}
	d.count++
	if c != 0 {
		d.ink = d.count
	}
}

func (d *decimal) readExponent(t []byte) bool {
	neg := false
	if len(t) > 0 && (t[0] == '+' || t[0] == '-') {
		neg, t = t[0] == '-', t[1:]
	}
	if len(t) == 0 || len(t) > 4 {
		return false
	}
	for _, c := range t {
		if c < '0' || c > '9' {
			return false
		}
		d.exponent = d.exponent*10 + int(c-'0')
	}
	if d.exponent > 308 {
		return false // no spreadsheet holds such a number: 1e400 is an overflow written out
	}
	if neg {
		d.exponent = -d.exponent
	}
	return true
}

// whole gives the value where it is a whole number.
func (d *decimal) whole() (int64, numberFault) {
	if d.count == 0 {
		return 0, aNumber
	}
	keep := d.count - d.fraction + d.exponent // digits of the whole part
	switch {
	case d.ink > keep:
		return 0, notWhole
	case keep > 18:
		return 0, beyondExact
	}
	var n int64
	for i := range keep {
		n *= 10
		if i < d.count {
			n += int64(d.digits[i])
		}
	}
	return n, aNumber
}

// digitAt reads an ASCII, Persian or Arabic digit; -1 for anything else. No other script's digits are taken.
func digitAt(t []byte) (value, n int) {
	if c := t[0]; c < utf8.RuneSelf {
		if c >= '0' && c <= '9' {
			return int(c - '0'), 1
		}
		return -1, 1
	}
	r, n := utf8.DecodeRune(t)
	switch {
	case r >= '۰' && r <= '۹':
		return int(r - '۰'), n
	case r >= '٠' && r <= '٩':
		return int(r - '٠'), n
	}
	return -1, n
}

// pointed is a figure whose points may be marks of thousands: one to three digits, then groups of three.
var pointed = regexp.MustCompile(`^[1-9۱-۹١-٩][0-9۰-۹٠-٩]{0,2}(?:[.٫][0-9۰-۹٠-٩]{3})+$`)

func separator(t []byte) int {
	for _, s := range [...]string{",", "٬", "،"} {
		if len(t) >= len(s) && string(t[:len(s)]) == s {
			return len(s)
		}
	}
	return 0
}

func decimalPoint(t []byte) int {
	for _, s := range [...]string{".", "٫"} {
		if len(t) >= len(s) && string(t[:len(s)]) == s {
			return len(s)
		}
	}
	return 0
}
