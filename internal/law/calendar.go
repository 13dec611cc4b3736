package law

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"

	"github.com/goccy/go-yaml"
)

// calendarFile is the law file that governs no month of its own.
const calendarFile = "calendar.yaml"

// Calendar is the official holidays that are known, and the circulars by which an organisation moved a deadline.
type Calendar struct {
	Lacks struct {
		FA string `yaml:"fa"`
		EN string `yaml:"en"`
	} `yaml:"lacks"` // what the table does not hold, as a user is told
	Weekly    []Weekly   `yaml:"weekly"`
	Fixed     []Fixed    `yaml:"fixed"`
	Dated     []Dated    `yaml:"dated"`
	Circulars []Circular `yaml:"circulars"`
}

// Weekly is a day of every week that is a holiday.
type Weekly struct {
	Day     string `yaml:"day"` // the English name, lower case
	Holiday `yaml:",inline"`
}

// Fixed is a holiday of the same solar day every year. 30 Esfand comes in leap years only.
type Fixed struct {
	Month   int `yaml:"month"`
	Day     int `yaml:"day"`
	Holiday `yaml:",inline"`
}

// Dated is a holiday of one year: of the lunar calendar, or proclaimed.
type Dated struct {
	Date    jalali.Date `yaml:"date"`
	Holiday `yaml:",inline"`
}

// Holiday is why a day is an official holiday, and by whose word.
type Holiday struct {
	Name   string `yaml:"name"`
	NameFA string `yaml:"name_fa"`
	Source `yaml:",inline"`
}

// Circular moved one period's deadline with one organisation. Its day stands as it is written, holiday or not.
type Circular struct {
	Number       string       `yaml:"number"`
	Date         jalali.Date  `yaml:"date"`
	Organisation fault.Lane   `yaml:"organisation"` // sso or tax
	Period       jalali.Month `yaml:"period"`
	To           jalali.Date  `yaml:"to"` // the new last day
	Source       `yaml:",inline"`
}

var weekdays = map[string]time.Weekday{
	"saturday": time.Saturday, "sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday,
	"wednesday": time.Wednesday, "thursday": time.Thursday, "friday": time.Friday,
}

// Holiday tells whether a day is an official holiday, and of what name; a holiday of a name comes before the weekly one. It
// knows the days of the table only.
func (c *Calendar) Holiday(d jalali.Date) (*Holiday, bool) {
	for i := range c.Dated {
		if c.Dated[i].Date == d {
			return &c.Dated[i].Holiday, true
		}
	}
	for i := range c.Fixed {
		if c.Fixed[i].Month == d.Month && c.Fixed[i].Day == d.Day {
			return &c.Fixed[i].Holiday, true
		}
	}
	y, m, day := d.Gregorian()
	weekday := time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Weekday()
	for i := range c.Weekly {
		if weekdays[c.Weekly[i].Day] == weekday {
			return &c.Weekly[i].Holiday, true
		}
	}
	return nil, false
}

// WorkingDay is the day itself, or the next one that is no holiday; the holidays passed over are named in order.
func (c *Calendar) WorkingDay(d jalali.Date) (jalali.Date, []*Holiday) {
	var passed []*Holiday
	for {
		h, holiday := c.Holiday(d)
		if !holiday {
			return d, passed
		}
		passed = append(passed, h)
		d = d.Next()
	}
}

// circular is the last one by date that moved the period's deadline with the organisation; nil where none did.
func (c *Calendar) circular(of fault.Lane, period jalali.Month) (last *Circular) {
	for i := range c.Circulars {
		if x := &c.Circulars[i]; x.Organisation == of && x.Period == period && (last == nil || last.Date.Before(x.Date)) {
			last = x
		}
	}
	return last
}

// readCalendar reads the folder's calendar; a folder without one knows no holiday and no circular.
func readCalendar(folder fs.FS) (c Calendar, err error) {
	raw, err := fs.ReadFile(folder, calendarFile)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&c); err != nil {
		return c, err
	}
	return c, c.check()
}

func (c *Calendar) check() error {
	if c.Lacks.FA == "" || c.Lacks.EN == "" {
		return errors.New("it does not say what it lacks")
	}
	seen := map[string]bool{}
	for i := range c.Weekly {
		if _, ok := weekdays[c.Weekly[i].Day]; !ok {
			return fmt.Errorf("weekly: no such day %q", c.Weekly[i].Day)
		}
		if err := c.Weekly[i].check(c.Weekly[i].Day, seen); err != nil {
			return err
		}
	}
	if len(c.Weekly) == len(weekdays) {
		return errors.New("weekly: no day of the week is a working day")
	}
	for i := range c.Fixed {
		x := &c.Fixed[i]
		name := fmt.Sprintf("%02d/%02d", x.Month, x.Day)
		if !yearly(x.Month, x.Day) {
			return fmt.Errorf("fixed: no such day %s", name)
		}
		if err := x.check(name, seen); err != nil {
			return err
		}
	}
	for i := range c.Dated {
		if c.Dated[i].Date.IsZero() {
			return errors.New("dated: a holiday without a date")
		}
		if err := c.Dated[i].check(c.Dated[i].Date.String(), seen); err != nil {
			return err
		}
	}
	for i := range c.Circulars {
		if err := c.Circulars[i].check(seen); err != nil {
			return err
		}
	}
	return nil
}

// yearly tells whether some year of the calendar has the day.
func yearly(month, day int) bool {
	most := 30 // Esfand's of leap years
	if month <= 6 {
		most = 31
	}
	return month >= 1 && month <= 12 && day >= 1 && day <= most
}

func (h *Holiday) check(day string, seen map[string]bool) error {
	if h.Name == "" || h.NameFA == "" {
		return fmt.Errorf("%s: no name", day)
	}
	if seen[day] {
		return fmt.Errorf("%s: given twice", day)
	}
	seen[day] = true
	return h.Source.check(day)
}

func (x *Circular) check(seen map[string]bool) error {
	name := fmt.Sprintf("circular %s", x.Number)
	if strings.TrimSpace(x.Number) == "" || x.Date.IsZero() || x.Period.IsZero() || x.To.IsZero() {
		return fmt.Errorf("%s: not whole", name)
	}
	if x.Organisation != fault.SSO && x.Organisation != fault.Tax {
		return fmt.Errorf("%s: of no one organisation", name)
	}
	if !x.Period.Last().Before(x.To) {
		return fmt.Errorf("%s: the deadline lies within the period", name)
	}
	key := fmt.Sprintf("%s %s %s", x.Organisation, x.Period, x.Date)
	if seen[key] {
		return fmt.Errorf("%s: another moves the same deadline on the same day", name)
	}
	seen[key] = true
	return x.Source.check(name)
}
