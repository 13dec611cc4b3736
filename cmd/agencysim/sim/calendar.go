package sim

import (
	"fmt"
	"strconv"
	"time"
)

// month is a month of the Solar Hijri calendar.
type month struct{ year, month int }

func (m month) String() string  { return fmt.Sprintf("%04d-%02d", m.year, m.month) }
func (m month) compact() string { return fmt.Sprintf("%04d%02d", m.year, m.month) }
func (m month) before(o month) bool {
	return m.year < o.year || m.year == o.year && m.month < o.month
}

func (m month) next() month {
	if m.month == 12 {
		return month{m.year + 1, 1}
	}
	return month{m.year, m.month + 1}
}

// parseMonth reads yyyy-mm.
func parseMonth(s string) (month, bool) {
	if len(s) != 7 || s[4] != '-' || !digits(s[:4]) || !digits(s[5:]) {
		return month{}, false
	}
	y, _ := strconv.Atoi(s[:4])
	mm, _ := strconv.Atoi(s[5:])
	if y < 1300 || y > 1500 || mm < 1 || mm > 12 {
		return month{}, false
	}
	return month{y, mm}, true
}

// leap follows the 33-year cycle, which agrees with the official calendar from
// 1244 to 1501.
func leap(year int) bool { return (year*8+29)%33 < 8 }

func (m month) days() int {
	switch {
	case m.month <= 6:
		return 31
	case m.month <= 11 || leap(m.year):
		return 30
	}
	return 29
}

// lastDay is the month's last day as yyyy-mm-dd.
func (m month) lastDay() string { return fmt.Sprintf("%s-%02d", m, m.days()) }

// day is a date of the Solar Hijri calendar; its zero value means no date.
type day struct{ year, month, day int }

// parseDay reads eight digits yyyymmdd that name a day of the calendar.
func parseDay(s string) (day, bool) {
	if len(s) != 8 || !digits(s) {
		return day{}, false
	}
	n, _ := strconv.Atoi(s)
	d := day{n / 10000, n / 100 % 100, n % 100}
	if d.year < 1300 || d.year > 1500 || d.month < 1 || d.month > 12 || d.day < 1 {
		return day{}, false
	}
	return d, d.day <= month{d.year, d.month}.days()
}

func (d day) in(m month) bool { return d.year == m.year && d.month == m.month }

// ordinal counts days on one line, so that dates compare and subtract.
func (d day) ordinal() int {
	n := d.day
	for m := 1; m < d.month; m++ {
		n += month{d.year, m}.days()
	}
	for y := 1300; y < d.year; y++ {
		n += 365
		if leap(y) {
			n++
		}
	}
	return n
}

// gregorian converts by distance from a fixed day: 1 Farvardin 1399 was 20
// March 2020.
func (d day) gregorian() time.Time {
	anchor := day{1399, 1, 1}
	return time.Date(2020, time.March, 20, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.ordinal()-anchor.ordinal())
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
