package law_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

// book is read once; it never changes.
var book = sync.OnceValues(law.Load)

func load(t *testing.T) *law.Book {
	t.Helper()
	b, err := book()
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
	for year := 1399; year <= 1405; year++ {
		for month := 1; month <= 12; month++ {
			p, ok := b.On(jalali.Month{Year: year, Month: month})
			require.True(t, ok)
			require.Equal(t, year, p.From.Year)
		}
	}
	for _, m := range []jalali.Month{{Year: 1398, Month: 12}, {Year: 1406, Month: 1}, {}} {
		_, ok := b.On(m)
		require.False(t, ok, m)
	}
	require.Equal(t, "1399-03", on(t, 1399, 3).To.String(), "spring's wages hold to 31 Khordad")
	require.Equal(t, "1399-04", on(t, 1399, 4).From.String(), "and others from 1 Tir")
}

func TestValues_of_the_years(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		year, month                                                 int
		minimum, most, housing, grocery, child, marriage, seniority rial.Amount // marriage 0: the year has none
	}{
		{1399, 3, 611_809, 4_282_663, 1_000_000, 4_000_000, 1_835_427, 0, 58_333},
		{1399, 4, 636_809, 4_457_663, 3_000_000, 4_000_000, 1_910_427, 0, 33_333},
		{1400, 7, 885_165, 6_196_155, 4_500_000, 6_000_000, 2_655_495, 0, 46_667},
		{1401, 7, 1_393_250, 9_752_750, 6_500_000, 8_500_000, 4_179_750, 0, 70_000},
		{1402, 7, 1_769_428, 12_385_996, 9_000_000, 11_000_000, 5_308_284, 0, 70_000},
		{1403, 7, 2_388_728, 16_721_096, 9_000_000, 14_000_000, 7_166_184, 5_000_000, 70_000},
		{1404, 7, 3_463_656, 24_245_592, 9_000_000, 22_000_000, 10_390_968, 5_000_000, 94_000},
		{1405, 7, 5_541_850, 38_792_950, 30_000_000, 22_000_000, 16_625_550, 5_000_000, 166_667},
	} {
		p := on(t, c.year, c.month)
		require.Equal(t, c.minimum, p.MinimumDailyWage.Value, c.year)
		require.Equal(t, c.most, p.MaxDailyInsurable.Value, c.year)
		require.Equal(t, c.housing, p.Housing.Value, c.year)
		require.Equal(t, c.grocery, p.Grocery.Value, c.year)
		require.Equal(t, c.child, p.Child.Value, c.year)
		require.Equal(t, c.seniority, p.Seniority.Value, c.year)
		require.Equal(t, c.marriage == 0, p.Marriage == nil, c.year)
		if p.Marriage != nil {
			require.Equal(t, c.marriage, p.Marriage.Value, c.year)
		}
		require.Equal(t, p.MaxDailyInsurable.Value, p.MinimumDailyWage.Value.TimesInt(7), c.year)
		require.Equal(t, p.Child.Value, p.MinimumDailyWage.Value.TimesInt(3), c.year)
	}
}

func TestVerification_says_what_is_disputed_and_what_one_source_says(t *testing.T) {
	t.Parallel()
	require.Equal(t, law.Disputed, on(t, 1405, 1).Housing.Verification)
	require.Equal(t, law.Disputed, on(t, 1405, 1).Grocery.Verification)
	require.Equal(t, law.Several, on(t, 1404, 1).Housing.Verification)
	require.Equal(t, law.Several, on(t, 1399, 3).MaxDailyInsurable.Verification)
	require.Equal(t, law.Disputed, on(t, 1399, 4).MaxDailyInsurable.Verification, "the cap from 1 Tir 1399")
	for year, want := range map[int]law.Verification{1399: law.Single, 1400: law.Single, 1401: law.Several, 1402: law.Single, 1403: law.Several, 1404: law.Several, 1405: law.Several} {
		require.Equal(t, want, on(t, year, 7).Brackets.Verification, year)
	}
	for year := 1399; year <= 1405; year++ {
		share, state := "2/7", law.Several
		if year >= 1404 {
			share, state = "100%", law.Disputed
		}
		require.Equal(t, share, on(t, year, 7).DeductibleShare.Value.String(), year)
		require.Equal(t, state, on(t, year, 7).DeductibleShare.Verification, year)
		edition := map[bool]int{true: 1395, false: min(year, 1404)}[year < 1403]
		require.Equal(t, edition, on(t, year, 7).WHEdition.Value, year)
	}
}

// The table of the law as it is published: upper limits a month in millions of rials, and the rate up to each.
func TestBrackets_of_the_years(t *testing.T) {
	t.Parallel()
	type upTo struct{ million, percent int64 }
	for year, want := range map[int][]upTo{
		1399: {{30, 0}, {75, 10}, {105, 15}, {150, 20}, {180, 25}, {0, 35}},
		1400: {{40, 0}, {80, 10}, {120, 15}, {180, 20}, {240, 25}, {320, 30}, {0, 35}},
		1401: {{56, 0}, {150, 10}, {250, 15}, {350, 20}, {0, 30}},
		1402: {{100, 0}, {140, 10}, {230, 15}, {340, 20}, {0, 30}},
		1403: {{120, 0}, {165, 10}, {270, 15}, {400, 20}, {0, 30}},
		1405: {{400, 0}, {800, 10}, {1_000, 15}, {1_200, 20}, {1_400, 25}, {0, 30}},
	} {
		var got []upTo
		for _, s := range on(t, year, 1).Brackets.Slices {
			require.Zero(t, s.To%12_000_000, year)
			got = append(got, upTo{int64(s.To) / 12_000_000, s.Percent()})
		}
		require.Equal(t, want, got, year)
	}
	require.Equal(t, on(t, 1399, 1).Brackets.Slices, on(t, 1399, 12).Brackets.Slices)
}

func TestBrackets_are_annual_and_exact(t *testing.T) {
	t.Parallel()
	b := on(t, 1404, 1).Brackets
	require.Equal(t, rial.Amount(8_000_000_000), b.Slices[4].To, "8,000/12 a month has no exact rial")
	require.Equal(t, int64(25), b.Slices[4].Percent())
	require.Equal(t, int64(30), b.Slices[5].Percent())
	for year, want := range map[int]rial.Amount{1399: 30_000_000, 1402: 100_000_000, 1403: 120_000_000, 1404: 240_000_000, 1405: 400_000_000} {
		p := on(t, year, 1)
		require.Equal(t, want, rial.Ratio(p.Brackets.Exemption(), 1, 12, rial.HalfUp))
		require.Equal(t, want, p.EidiExemption())
		require.Equal(t, 2*want, p.NonCashExemption())
	}
}

func TestEntries_name_every_parameter_in_both_languages(t *testing.T) {
	t.Parallel()
	for _, p := range load(t).Periods() {
		seen := map[string]bool{}
		for _, e := range p.Entries() {
			require.False(t, seen[e.Parameter], e.Parameter)
			seen[e.Parameter] = true
			require.NotEmpty(t, e.Name, e.Parameter)
			require.NotEmpty(t, e.Value.FA, e.Parameter)
			require.NotEmpty(t, e.Value.EN, e.Parameter)
			require.NotContains(t, e.Name, "_", e.Parameter)
		}
		require.Equal(t, !p.From.Before(jalali.Month{Year: 1403, Month: 1}), seen["marriage"])
		require.True(t, seen["premium.normal.unemployment"] && seen["tax_deadline.penalties.3"] && seen["brackets"])
	}
}

func TestChanges_are_what_two_periods_do_not_have_alike(t *testing.T) {
	t.Parallel()
	require.Empty(t, law.Changes(on(t, 1405, 1), on(t, 1405, 7)))
	var named []string
	for _, c := range law.Changes(on(t, 1399, 3), on(t, 1399, 4)) {
		named = append(named, c.Parameter)
		require.NotEqual(t, c.Before.Value, c.After.Value)
	}
	require.Equal(t, []string{"minimum_daily_wage", "max_daily_insurable", "housing", "child", "seniority"}, named)
	all := law.Changes(on(t, 1402, 7), on(t, 1403, 7))
	last := all[len(all)-1]
	require.Equal(t, "marriage", last.Parameter)
	require.Nil(t, last.Before)
	require.Equal(t, "5,000,000", last.After.Value.EN)
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
		"no other value":         {"  other: 2/7\n", ""},
		"other value no value":   {"  other: 2/7\n", "  other: most\n"},
		"other value the same":   {"  other: exempt\n", "  other: taxable\n"},
		"other of no dispute":    {"flat_rate:\n", "flat_rate:\n  other: 5%\n"},
		"note in one language":   {"  note_fa: مزایای غیرنقدی، سالی یک بار\n", ""},
		"unknown edition":        {"wh_edition:\n  value: 1404", "wh_edition:\n  value: 1402"},
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

func TestParams_with_the_other_value_of_what_is_disputed(t *testing.T) {
	t.Parallel()
	p := on(t, 1405, 7)
	var names []string
	for _, d := range p.TaxDisputes() {
		names = append(names, d.Parameter+" "+d.Other)
	}
	require.Equal(t, []string{
		"tax_treatments.grocery exempt", "tax_treatments.housing exempt", "tax_treatments.housing_grocery exempt", "deductible_share 2/7", "leaver_pay exempt",
	}, names)
	q := p.Otherwise("tax_treatments.housing", "deductible_share", "nothing")
	require.Equal(t, payroll.ExemptTax, q.Tax(payroll.Housing))
	require.Equal(t, payroll.Taxable, q.Tax(payroll.Grocery))
	require.Equal(t, "2/7", q.DeductibleShare.Value.String())
	require.Equal(t, "taxable", q.LeaverPay.Value)
	require.Equal(t, payroll.Taxable, p.Tax(payroll.Housing))
	require.Equal(t, "taxable", p.TaxTreatments["housing"].Value)
	require.Equal(t, "100%", p.DeductibleShare.Value.String())
	require.Empty(t, on(t, 1403, 7).Otherwise("deductible_share").DeductibleShare.Other, "not disputed then")
}
