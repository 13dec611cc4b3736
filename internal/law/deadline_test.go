package law_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

func day(t *testing.T, s string) jalali.Date {
	t.Helper()
	d, err := jalali.ParseDate(s)
	require.NoError(t, err)
	return d
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	b := load(t)
	d, ok := b.SSODeadline(jalali.Month{Year: 1405, Month: 7}, false)
	require.True(t, ok)
	require.Equal(t, "1405/08/30", d.Due.String())
	require.Empty(t, d.Moved)
	require.Contains(t, d.Note.EN, "lunar", "what the table lacks is always told")
	require.Len(t, d.Penalties, 2)
	d, _ = b.SSODeadline(jalali.Month{Year: 1405, Month: 7}, true)
	require.Equal(t, "1405/09/30", d.Due.String(), "an exempt workshop has two months")
	require.Equal(t, law.Single, d.Source.Verification)
	d, ok = b.TaxDeadline(jalali.Month{Year: 1405, Month: 12})
	require.True(t, ok)
	require.Equal(t, "1406/01/31", d.Due.String())
	require.Len(t, d.Penalties, 3)
	_, ok = b.TaxDeadline(jalali.Month{Year: 1406, Month: 1})
	require.False(t, ok)
}

func TestDeadline_on_a_holiday_moves_at_the_sso_and_not_at_the_tax_administration(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		period      jalali.Month
		exempt      bool
		lawful, due string
		why         string
	}{
		{jalali.Month{Year: 1404, Month: 11}, false, "1404/12/29", "1405/01/05", "Oil Nationalisation Day"},
		{jalali.Month{Year: 1404, Month: 10}, true, "1404/12/29", "1405/01/05", "Oil Nationalisation Day"},
		{jalali.Month{Year: 1403, Month: 11}, false, "1403/12/30", "1404/01/05", "leap year"},
		{jalali.Month{Year: 1403, Month: 5}, false, "1403/06/31", "1403/06/31", ""},
		{jalali.Month{Year: 1404, Month: 2}, false, "1404/03/31", "1404/03/31", ""},
		{jalali.Month{Year: 1405, Month: 4}, false, "1405/05/31", "1405/05/31", ""},
		{jalali.Month{Year: 1404, Month: 6}, false, "1404/07/30", "1404/07/30", ""},
		{jalali.Month{Year: 1404, Month: 4}, false, "1404/05/31", "1404/06/01", "Friday"},
	} {
		d, ok := load(t).SSODeadline(c.period, c.exempt)
		require.True(t, ok)
		require.Equal(t, c.lawful, d.Lawful.String(), c.period)
		require.Equal(t, c.due, d.Due.String(), c.period)
		require.Contains(t, d.Moved.EN, c.why, c.period)
		require.Equal(t, c.why == "", d.Moved.FA == "", c.period)
		if c.why != "" {
			require.Equal(t, law.Single, d.Source.Verification, "that a holiday moves it is one source's word")
		}
		tax, _ := load(t).TaxDeadline(c.period)
		require.Equal(t, tax.Lawful, tax.Due)
		require.Empty(t, tax.Moved)
	}
}

func TestCalendar_knows_fridays_and_the_fixed_days_and_no_other(t *testing.T) {
	t.Parallel()
	c := load(t).Calendar()
	for d, name := range map[string]string{
		"1405/01/01": "Nowruz", "1405/01/04": "Nowruz", "1405/01/12": "Islamic Republic Day", "1405/01/13": "Nature Day",
		"1405/03/14": "the passing of Imam Khomeini", "1405/11/22": "Revolution Day", "1405/12/29": "Oil Nationalisation Day",
		"1405/09/06": "Friday", "1403/12/30": "the last day of a leap year",
	} {
		h, ok := c.Holiday(day(t, d))
		require.True(t, ok, d)
		require.Equal(t, name, h.Name)
		require.Equal(t, law.Several, h.Verification)
	}
	for _, d := range []string{"1405/01/05", "1405/09/07", "1405/12/27"} {
		_, ok := c.Holiday(day(t, d))
		require.False(t, ok, d)
	}
	require.Empty(t, c.Dated, "a lunar holiday comes from its year's official calendar")
	require.Empty(t, c.Circulars)
}

// calendarBook is the book of 1405 with another calendar.
func calendarBook(t *testing.T, change func(string) string) (*law.Book, error) {
	t.Helper()
	year, err := os.ReadFile("1405.yaml")
	require.NoError(t, err)
	calendar, err := os.ReadFile("calendar.yaml")
	require.NoError(t, err)
	return law.Read(fstest.MapFS{"1405.yaml": {Data: year}, "calendar.yaml": {Data: []byte(change(string(calendar)))}})
}

const (
	dated = `
  - date: 1405/08/30
    name: a proclaimed holiday
    name_fa: تعطیل اعلام‌شده
    reference: a decision
    reference_fa: تصویب‌نامه
    verification: primary
`
	circular = `
  - number: "200/1"
    date: 1405/08/28
    organisation: tax
    period: 1405-07
    to: 1405/09/10
    reference: circular 200/1
    reference_fa: بخشنامه ۲۰۰/۱
    verification: primary
`
)

func TestDeadline_moves_by_dated_holiday_and_by_circular(t *testing.T) {
	t.Parallel()
	later := strings.NewReplacer("200/1", "200/2", "1405/08/28", "1405/09/09", "1405/09/10", "1405/09/13").Replace(circular)
	own := strings.NewReplacer("organisation: tax", "organisation: sso", "200/1", "55").Replace(circular)
	b, err := calendarBook(t, func(s string) string {
		s = strings.Replace(s, "dated: []", "dated:"+dated, 1)
		return strings.Replace(s, "circulars: []", "circulars:"+later+circular+own, 1)
	})
	require.NoError(t, err)
	month := jalali.Month{Year: 1405, Month: 7}
	d, _ := b.TaxDeadline(month)
	require.Equal(t, "1405/09/13", d.Due.String(), "the last circular counts, and its Friday stands as it is written")
	require.Equal(t, "1405/08/30", d.Lawful.String())
	require.Contains(t, d.Moved.FA, "200/2")
	require.Equal(t, law.Primary, d.Source.Verification)
	d, _ = b.SSODeadline(month, false)
	require.Equal(t, "1405/09/10", d.Due.String())
	d, _ = b.SSODeadline(month, true)
	require.Equal(t, "1405/09/30", d.Due.String(), "two months are not cut short")
	other, _ := b.TaxDeadline(month.Add(1))
	require.Empty(t, other.Moved)

	b, err = calendarBook(t, func(s string) string { return strings.Replace(s, "dated: []", "dated:"+dated, 1) })
	require.NoError(t, err)
	d, _ = b.SSODeadline(month, false)
	require.Equal(t, "1405/09/01", d.Due.String())
	require.Contains(t, d.Moved.EN, "a proclaimed holiday")
}

func TestRead_refuses_a_calendar_that_is_not_whole(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"unknown key":               {"weekly:", "monthly: []\nweekly:"},
		"unknown key of a day":      {"  - day: friday\n", "  - day: friday\n    half: true\n"},
		"no such weekday":           {"day: friday", "day: jomeh"},
		"no such day of the year":   {"day: 22\n", "day: 31\n"},
		"given twice":               {"day: 13\n", "day: 12\n"},
		"no name":                   {"    name_fa: روز طبیعت\n", ""},
		"no reference":              {"    reference: the weekly day of rest, labour law art. 62\n", ""},
		"no state":                  {"    verification: several\n", ""},
		"nothing said to lack":      {"  en: holidays", "  fr: holidays"},
		"dated without a date":      {"dated: []", "dated:" + strings.Replace(dated, "date: 1405/08/30", "date: \"\"", 1)},
		"no such date":              {"dated: []", "dated:" + strings.Replace(dated, "1405/08/30", "1405/08/31", 1)},
		"circular of both":          {"circulars: []", "circulars:" + strings.Replace(circular, "organisation: tax", "organisation: both", 1)},
		"circular of nobody":        {"circulars: []", "circulars:" + strings.Replace(circular, "    organisation: tax\n", "", 1)},
		"circular without number":   {"circulars: []", "circulars:" + strings.Replace(circular, `"200/1"`, `""`, 1)},
		"circular within its month": {"circulars: []", "circulars:" + strings.Replace(circular, "to: 1405/09/10", "to: 1405/07/30", 1)},
		"circular twice":            {"circulars: []", "circulars:" + circular + circular},
		"circular without a state":  {"circulars: []", "circulars:" + strings.Replace(circular, "    verification: primary\n", "", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := calendarBook(t, func(s string) string {
				require.Contains(t, s, change[0])
				return strings.Replace(s, change[0], change[1], 1)
			})
			require.ErrorContains(t, err, "calendar.yaml")
		})
	}
}

func TestLateness_in_rials(t *testing.T) {
	t.Parallel()
	totals := &payroll.Totals{PremiumDue: 100_000_005, Salary: 400_000_000, TaxEstimate: 10_000_001, Taxable: 1}
	sso, _ := load(t).SSODeadline(jalali.Month{Year: 1405, Month: 7}, false)
	tax, _ := load(t).TaxDeadline(jalali.Month{Year: 1405, Month: 7})
	amounts := func(d law.Deadline, h law.Held, on string) (sums []rial.Amount) {
		h.Totals = totals
		l := d.Lateness(h, day(t, on))
		var sum rial.Amount
		for _, c := range l.Charges {
			require.NotEmpty(t, c.ReferenceFA)
			require.NotEmpty(t, c.Basis.FA)
			sums = append(sums, c.Amount)
			sum += c.Amount
		}
		require.Equal(t, sum, l.Total)
		require.Equal(t, sum > 0, l.Late)
		return sums
	}
	none, intime, after := law.Held{}, law.Held{Filed: day(t, "1405/08/30")}, law.Held{Filed: day(t, "1405/09/01"), Paid: true}
	require.Equal(t, []rial.Amount{0, 0}, amounts(sso, none, "1405/08/30"), "the last day is in time")
	require.Equal(t, []rial.Amount{10_000_001, 2_000_000}, amounts(sso, none, "1405/09/01"), "10,000,000.5 goes up, 2,000,000.1 down")
	require.Equal(t, []rial.Amount{10_000_001, 2_000_000}, amounts(sso, none, "1405/09/30"))
	require.Equal(t, []rial.Amount{10_000_001, 4_000_000}, amounts(sso, none, "1405/10/01"), "a begun month is a month")
	require.Equal(t, []rial.Amount{0, 4_000_000}, amounts(sso, intime, "1405/10/01"), "the list came in time, the money did not")
	require.Equal(t, []rial.Amount{10_000_001, 0}, amounts(sso, after, "1405/12/01"))
	require.Equal(t, []rial.Amount{8_000_000, 1_000_000, 250_000}, amounts(tax, none, "1405/09/01"))
	require.Equal(t, []rial.Amount{8_000_000, 1_000_000, 3_500_000}, amounts(tax, none, "1406/10/01"), "14 months")

	l := sso.Lateness(law.Held{Totals: totals}, day(t, "1405/08/01"))
	require.Equal(t, rial.Amount(10_000_001), l.Charges[0].FirstDay)
	require.False(t, l.Charges[0].Estimate)
	require.True(t, l.Charges[1].Estimate, "how the organisation counts months is not known")
	require.True(t, tax.Lateness(law.Held{Totals: totals}, day(t, "1405/08/01")).Charges[0].Estimate)

	require.Empty(t, sso.Lateness(law.Held{Totals: &payroll.Totals{PremiumDue: 1<<63 - 1}}, day(t, "1500/12/01")).Charges, "a total without end costs nothing that can be told")
	require.Len(t, tax.Lateness(law.Held{Totals: &payroll.Totals{Taxable: 1}}, day(t, "1405/09/01")).Charges, 2, "a list kept before salaries were summed")
	unknown := sso.Lateness(law.Held{}, day(t, "1405/09/01"))
	require.True(t, unknown.Late)
	require.Empty(t, unknown.Charges, "a list with errors: what it comes to is not known")
	require.Len(t, sso.Lateness(law.Held{Totals: totals, Unknown: true}, day(t, "1405/09/01")).Charges, 1)
	require.Len(t, sso.Lateness(law.Held{Totals: totals, InTime: true}, day(t, "1405/09/01")).Charges, 1)
	require.Equal(t, fault.Tax, tax.Lane)
}

func TestLateness_months_of_a_moved_deadline_begin_on_the_day_after(t *testing.T) {
	t.Parallel()
	d, _ := load(t).SSODeadline(jalali.Month{Year: 1404, Month: 11}, false)
	require.Equal(t, "1405/01/05", d.Due.String())
	for on, months := range map[string]int{"1404/12/29": 0, "1405/01/05": 0, "1405/01/06": 1, "1405/02/05": 1, "1405/02/06": 2, "1406/01/05": 12, "1406/01/06": 13} {
		l := d.Lateness(law.Held{Totals: &payroll.Totals{PremiumDue: 1000}}, day(t, on))
		require.Equal(t, months, l.Charges[1].Months, on)
	}
}
