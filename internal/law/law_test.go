package law_test

import (
	"encoding/json"
	"io/fs"
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

func load(t *testing.T) *law.Book {
	t.Helper()
	b, err := law.Load()
	require.NoError(t, err)
	return b
}

func on(t *testing.T, year, month int) *law.Params {
	t.Helper()
	p, ok := load(t).On(jalali.Month{Year: year, Month: month})
	require.True(t, ok)
	return p
}

func TestOn_governs_whole_years_and_nothing_else(t *testing.T) {
	t.Parallel()
	b := load(t)
	for year := 1403; year <= 1405; year++ {
		for month := 1; month <= 12; month++ {
			p, ok := b.On(jalali.Month{Year: year, Month: month})
			require.True(t, ok)
			require.Equal(t, year, p.From.Year)
		}
	}
	for _, m := range []jalali.Month{{Year: 1402, Month: 12}, {Year: 1406, Month: 1}, {}} {
		_, ok := b.On(m)
		require.False(t, ok, m)
	}
}

func TestValues_of_the_years(t *testing.T) {
	t.Parallel()
	for year, want := range map[int][7]rial.Amount{
		1403: {2_388_728, 16_721_096, 9_000_000, 14_000_000, 7_166_184, 5_000_000, 70_000},
		1404: {3_463_656, 24_245_592, 9_000_000, 22_000_000, 10_390_968, 5_000_000, 94_000},
		1405: {5_541_850, 38_792_950, 30_000_000, 22_000_000, 16_625_550, 5_000_000, 166_667},
	} {
		p := on(t, year, 7)
		got := [7]rial.Amount{
			p.MinimumDailyWage.Value, p.MaxDailyInsurable.Value, p.Housing.Value, p.Grocery.Value, p.Child.Value,
			p.Marriage.Value, p.Seniority.Value,
		}
		require.Equal(t, want, got, year)
		require.Equal(t, p.MaxDailyInsurable.Value, p.MinimumDailyWage.Value.TimesInt(7), year)
		require.Equal(t, p.Child.Value, p.MinimumDailyWage.Value.TimesInt(3), year)
	}
	require.Equal(t, law.Disputed, on(t, 1405, 1).Housing.Verification)
	require.Equal(t, law.Several, on(t, 1404, 1).Housing.Verification)
}

func TestBrackets_are_annual_and_exact(t *testing.T) {
	t.Parallel()
	b := on(t, 1404, 1).Brackets
	require.Equal(t, rial.Amount(8_000_000_000), b.Slices[4].To, "8,000/12 a month has no exact rial")
	require.Equal(t, int64(25), b.Slices[4].Percent())
	require.Equal(t, int64(30), b.Slices[5].Percent())
	for year, want := range map[int]rial.Amount{1403: 120_000_000, 1404: 240_000_000, 1405: 400_000_000} {
		p := on(t, year, 1)
		require.Equal(t, want, rial.Ratio(p.Brackets.Exemption(), 1, 12, rial.HalfUp))
		require.Equal(t, want, p.EidiExemption())
		require.Equal(t, 2*want, p.NonCashExemption())
	}
}

func TestTreatments(t *testing.T) {
	t.Parallel()
	p := on(t, 1405, 7)
	require.Equal(t, payroll.DisputedInsurable, p.SSO(payroll.Transport))
	require.Equal(t, payroll.Wage, p.SSO(payroll.MonthlyWage))
	require.Equal(t, payroll.Taxable, p.Tax(payroll.Housing))
	require.Equal(t, payroll.Taxable, p.Tax(payroll.Welfare), "no welfare rule in 1405")
	require.Equal(t, payroll.WelfareTax, on(t, 1404, 7).Tax(payroll.Welfare))

	named := map[string]fault.Lane{}
	for _, d := range p.Disputes() {
		require.NotEmpty(t, d.Reference, d.Parameter)
		require.NotEmpty(t, d.Note, d.Parameter)
		named[d.Parameter] = d.Lane
	}
	for _, key := range []string{"deductible_share", "leaver_pay", "tax_treatments.housing", "tax_treatments.grocery", "tax_treatments.housing_grocery"} {
		require.Equal(t, fault.Tax, named[key], key)
	}
	for _, key := range []string{"housing", "grocery", "sso_treatments.transport", "sso_treatments.meal", "sso_treatments.welfare", "sso_treatments.noncash_continuous"} {
		require.Equal(t, fault.SSO, named[key], key)
	}
	for _, d := range on(t, 1403, 7).Disputes() {
		require.NotEqual(t, "deductible_share", d.Parameter, "two sevenths stands in circulars")
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	p := on(t, 1405, 7)
	for _, code := range []string{"7", "8", "9", "10", "11", "07"} {
		require.True(t, p.UnknownTypes.Value.Has(code), code)
	}
	for _, code := range []string{"", "1", "3", "12", "x", "99999999999999999999", "-7"} {
		require.False(t, p.UnknownTypes.Value.Has(code), code)
	}
	require.True(t, p.MartyrTypes.Value.Has("3"))
	require.Equal(t, "2, 4, 5, 6", p.ExemptTypes.Value.String())
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	b := load(t)
	d, ok := b.SSODeadline(jalali.Month{Year: 1405, Month: 7})
	require.True(t, ok)
	require.Equal(t, "1405/08/30", d.Due.String())
	require.Equal(t, "1405/09/30", d.DueExempt.String())
	require.Len(t, d.Penalties, 2)
	d, ok = b.TaxDeadline(jalali.Month{Year: 1405, Month: 12})
	require.True(t, ok)
	require.Equal(t, "1406/01/31", d.Due.String())
	require.Equal(t, d.Due, d.DueExempt)
	require.Len(t, d.Penalties, 3)
	_, ok = b.TaxDeadline(jalali.Month{Year: 1406, Month: 1})
	require.False(t, ok)
}

func TestPremiumTolerance_is_rounded_up(t *testing.T) {
	t.Parallel()
	p := on(t, 1405, 7)
	require.Equal(t, rial.Amount(1), p.PremiumTolerance(0))
	require.Equal(t, rial.Amount(2), p.PremiumTolerance(1))
	require.Equal(t, rial.Amount(4), p.PremiumTolerance(30), "1 + 2.1")
}

func TestParams_marshal_with_their_sources(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(on(t, 1404, 7))
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(raw, &doc))
	require.Equal(t, "1404-01", doc["from"])
	require.Equal(t, "several", doc["minimum_daily_wage"].(map[string]any)["verification"])
	require.Equal(t, "1/12", doc["eidi_share"].(map[string]any)["value"])
}

// Each row spoils the file of 1405 in one place; the book must not load.
func TestRead_refuses_a_file_that_is_not_whole(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("1405.yaml")
	require.NoError(t, err)
	for name, change := range map[string][2]string{
		"unknown key":            {"hard_job:\n", "hard_work: {value: 4%}\nhard_job:\n"},
		"unknown key of a value": {"minimum_daily_wage:\n", "minimum_daily_wage:\n  unit: rial\n"},
		"missing value":          {"  value: 5_541_850\n", ""},
		"missing parameter":      {"exempt_five:\n  value: 5\n", "exempt_five:\n"},
		"fraction":               {"value: 5_541_850", "value: 5541850.5"},
		"exponent":               {"value: 5_541_850", "value: 5e6"},
		"negative":               {"value: 5_541_850", "value: -5541850"},
		"decimal rate":           {"flat_rate:\n  value: 10%", "flat_rate:\n  value: 0.1"},
		"no reference":           {"  reference: direct taxes law art. 91(13)\n", ""},
		"no Persian reference":   {"  reference_fa: بند ۱۳ ماده ۹۱ قانون مالیات‌های مستقیم\n", ""},
		"unknown state":          {"verification: disputed", "verification: secondary"},
		"dispute without a note": {"  note: sources conflict between two sevenths and the whole of the worker's premium; the whole is taken\n", ""},
		"brackets with a hole":   {"from: 4_800_000_000", "from: 4_800_000_001"},
		"brackets not from zero": {"from: 0,", "from: 1,"},
		"last bracket closed":    {"{from: 16_800_000_000, rate", "{from: 16_800_000_000, to: 17_000_000_000, rate"},
		"unknown component":      {"  transport:\n", "  transprt:\n"},
		"unknown treatment":      {"value: disputed_insurable", "value: insured"},
		"undecided dispute":      {"value: taxable", "value: disputed"},
		"months out of order":    {"to: 1405-12", "to: 1404-12"},
		"missing kind":           {"  foreign:\n", "  foreigner:\n"},
		"unknown welfare rule":   {"welfare_rule:\n  value: taxable", "welfare_rule:\n  value: none"},
		"key given twice":        {"hard_job:\n", "to: 1405-11\nhard_job:\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, string(good), change[0])
			bad := strings.Replace(string(good), change[0], change[1], 1)
			_, err := law.Read(fstest.MapFS{"1405.yaml": {Data: []byte(bad)}})
			require.Error(t, err)
		})
	}
}

func TestRead_takes_several_periods_of_a_year_and_refuses_holes_between_them(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("1405.yaml")
	require.NoError(t, err)
	spring := strings.Replace(string(raw), "to: 1405-12", "to: 1405-03", 1)
	rest := strings.Replace(string(raw), "from: 1405-01", "from: 1405-04", 1)
	b, err := law.Read(fstest.MapFS{"1405.yaml": {Data: []byte(spring + "---\n" + rest)}})
	require.NoError(t, err)
	p, ok := b.On(jalali.Month{Year: 1405, Month: 3})
	require.True(t, ok)
	require.Equal(t, "1405-03", p.To.String())
	p, _ = b.On(jalali.Month{Year: 1405, Month: 4})
	require.Equal(t, "1405-04", p.From.String())

	for _, from := range []string{"from: 1405-05", "from: 1405-03"} {
		late := strings.Replace(string(raw), "from: 1405-01", from, 1)
		_, err = law.Read(fstest.MapFS{"1405.yaml": {Data: []byte(spring + "---\n" + late)}})
		require.Error(t, err, from)
	}
	_, err = law.Read(fstest.MapFS{})
	require.Error(t, err)
	_, err = law.Read(fs.FS(fstest.MapFS{"1405.yaml": {Data: []byte(":")}}))
	require.Error(t, err)
}
