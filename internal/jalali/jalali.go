// Package jalali knows months and days of the Solar Hijri calendar. It reads no clock.
package jalali

import (
	"errors"
	"fmt"
	"time"

	jalaali "github.com/jalaali/go-jalaali"
)

// The years this calendar is trusted for; anything outside is refused, because converters disagree there.
const (
	MinYear = 1300
	MaxYear = 1500
)

// Month is a month of a year, written 1405-07. The zero Month is none.
type Month struct {
	Year  int // MinYear…MaxYear
	Month int // 1…12
}

// Date is a day, written 1405/07/01. The zero Date is none.
type Date struct {
	Year, Month, Day int
}

// ErrForm says that a text is no date or month of a form this package knows; ErrNoSuchDay that its day does not exist.
var (
	ErrForm      = errors.New("jalali: form not understood")
	ErrNoSuchDay = errors.New("jalali: no such day")
)

// NewMonth returns the month, or ErrForm outside the calendar.
func NewMonth(year, month int) (Month, error) {
	if year < MinYear || year > MaxYear || month < 1 || month > 12 {
		return Month{}, ErrForm
	}
	return Month{year, month}, nil
}

// NewDate returns the day: ErrForm when the year is out of range, ErrNoSuchDay when month or day does not exist.
func NewDate(year, month, day int) (Date, error) {
	if year < MinYear || year > MaxYear {
		return Date{}, ErrForm
	}
	if month < 1 || month > 12 || day < 1 || day > (Month{year, month}).Days() {
		return Date{}, ErrNoSuchDay
	}
	return Date{year, month, day}, nil
}

// ParseMonth reads 1405-07, 1405/7, 1405/07 or 140507, ASCII digits.
func ParseMonth(s string) (Month, error) {
	if len(s) == 6 && digits(s) {
		return NewMonth(number(s[:4]), number(s[4:]))
	}
	if len(s) < 6 || len(s) > 7 || (s[4] != '-' && s[4] != '/') || !digits(s[:4]) || !digits(s[5:]) {
		return Month{}, ErrForm
	}
	return NewMonth(number(s[:4]), number(s[5:]))
}

// ParseDate reads 1405/07/01, 1405/7/1, 1405-07-01 or 14050701, ASCII digits. A two-digit year is ErrForm.
func ParseDate(s string) (Date, error) {
	if len(s) == 8 && digits(s) {
		return NewDate(number(s[:4]), number(s[4:6]), number(s[6:]))
	}
	if len(s) < 8 || len(s) > 10 || (s[4] != '/' && s[4] != '-') || !digits(s[:4]) {
		return Date{}, ErrForm
	}
	sep, rest := s[4], s[5:]
	for i := 1; i <= 2 && i < len(rest); i++ {
		if rest[i] == sep {
			m, d := rest[:i], rest[i+1:]
			if len(d) < 1 || len(d) > 2 || !digits(m) || !digits(d) {
				return Date{}, ErrForm
			}
			return NewDate(number(s[:4]), number(m), number(d))
		}
	}
	return Date{}, ErrForm
}

// Leap tells whether Esfand of the year has 30 days.
func Leap(year int) bool {
	leap, err := jalaali.IsLeapYear(year)
	return err == nil && leap
}

// Days is the length of the month, 29 to 31.
func (m Month) Days() int {
	switch {
	case m.Month <= 6:
		return 31
	case m.Month <= 11:
		return 30
	case Leap(m.Year):
		return 30
	}
	return 29
}

// First and Last are the month's first and last day.
func (m Month) First() Date { return Date{m.Year, m.Month, 1} }

// Last is the month's last day.
func (m Month) Last() Date { return Date{m.Year, m.Month, m.Days()} }

// Add returns the month n months later; n may be negative.
func (m Month) Add(n int) Month {
	k := m.Year*12 + m.Month - 1 + n
	return Month{k / 12, k%12 + 1}
}

// Before tells whether m comes before n.
func (m Month) Before(n Month) bool { return m.index() < n.index() }

// IsZero tells whether the month is none.
func (m Month) IsZero() bool { return m == Month{} }

// String writes 1405-07, and nothing for the zero Month.
func (m Month) String() string {
	if m.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", m.Year, m.Month)
}

// Compact writes 140507, as the organisations' file names do.
func (m Month) Compact() string { return fmt.Sprintf("%04d%02d", m.Year, m.Month) }

// Number is 140507 as a whole number, the order and the partition key of months.
func (m Month) Number() int { return m.Year*100 + m.Month }

// MonthOf is the inverse of Number.
func MonthOf(number int) (Month, error) { return NewMonth(number/100, number%100) }

// MarshalText writes String.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the forms of ParseMonth; an empty text is the zero Month.
func (m *Month) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*m = Month{}
		return nil
	}
	*m, err = ParseMonth(string(b))
	return err
}

func (m Month) index() int { return m.Year*12 + m.Month }

// InMonth is the month of the day.
func (d Date) InMonth() Month { return Month{d.Year, d.Month} }

// IsZero tells whether the date is none.
func (d Date) IsZero() bool { return d == Date{} }

// Before tells whether d comes before e.
func (d Date) Before(e Date) bool { return d.Number() < e.Number() }

// Number is 14050701 as a whole number, and 0 for none.
func (d Date) Number() int { return d.Year*10000 + d.Month*100 + d.Day }

// Compact writes 14050701, as the organisations' files do, and nothing for none.
func (d Date) Compact() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d%02d%02d", d.Year, d.Month, d.Day)
}

// String writes 1405/07/01, and nothing for none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d/%02d/%02d", d.Year, d.Month, d.Day)
}

// MarshalText writes String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the forms of ParseDate; an empty text is the zero Date.
func (d *Date) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(b))
	return err
}

// Next and Previous are the neighbouring days.
func (d Date) Next() Date { return fromJDN(d.jdn() + 1) }

// Previous is the day before.
func (d Date) Previous() Date { return fromJDN(d.jdn() - 1) }

// Gregorian returns the same day in the Gregorian calendar.
func (d Date) Gregorian() (year int, month time.Month, day int) {
	t := epoch.AddDate(0, 0, d.jdn())
	return t.Date()
}

// FromTime is the day in the time's own location; outside the trusted years it is ErrForm.
func FromTime(t time.Time) (Date, error) {
	y, m, d, err := jalaali.ToJalaali(t.Year(), t.Month(), t.Day())
	if err != nil || y < MinYear || y > MaxYear {
		return Date{}, ErrForm
	}
	return Date{y, int(m), d}, nil
}

var epoch = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

func (d Date) jdn() int {
	y, m, day, err := jalaali.ToGregorian(d.Year, jalaali.Month(d.Month), d.Day)
	if err != nil {
		panic("jalali: a date was made without NewDate")
	}
	return int(time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Sub(epoch).Hours() / 24)
}

func fromJDN(n int) Date {
	t := epoch.AddDate(0, 0, n)
	y, m, d, err := jalaali.ToJalaali(t.Year(), t.Month(), t.Day())
	if err != nil {
		panic("jalali: day outside the calendar")
	}
	return Date{y, int(m), d}
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
