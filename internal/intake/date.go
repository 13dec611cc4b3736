package intake

import (
	"bytes"
	"errors"
	"time"

	"fehrest/internal/jalali"
)

// errNotSerial says that a cell with a date format holds no day.
var errNotSerial = errors.New("intake: no day in a date cell")

// parseJalali reads a Jalali date written with ASCII digits; the error is one of package jalali's.
func parseJalali(text []byte) (jalali.Date, error) { return jalali.ParseDate(string(text)) }

// dayOfCell converts a cell with a date format: a serial number of the 1900 system, or ISO text. The Gregorian day is
// returned too, to be shown.
func dayOfCell(text []byte) (jalali.Date, string, error) {
	day, err := time.Parse(time.DateOnly, string(text[:min(len(text), len(time.DateOnly))]))
	if err != nil {
		whole, _, _ := bytes.Cut(text, []byte(".")) // the hour of the day is not read
		n, _, why := parseNumber(whole)
		// Serials up to 60 lie before the format's own invented 29 February 1900.
		if why != aNumber || n <= 60 || n > 2_958_465 {
			return jalali.Date{}, "", errNotSerial
		}
		day = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n))
	}
	d, err := jalali.FromTime(day)
	return d, day.Format(time.DateOnly), err
}
