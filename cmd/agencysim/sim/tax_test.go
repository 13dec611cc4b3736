package sim

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var mehr1405 = month{1405, 7}

// oneTax judges a month of one person after changing his lines; the key is nil
// as in a check of files.
func oneTax(t *testing.T, cash, tax int64, change func(wp, wh []string)) judgement {
	t.Helper()
	wp, wh := taxTestLines("0012345679", cash, tax)
	if change != nil {
		change(wp, wh)
	}
	f := taxTestFiles(mehr1405, [][]string{wp}, [][]string{wh})
	return judgeTax(f, nil, nil, testRates(t), &collector{})
}

func TestTaxPublishedCases(t *testing.T) {
	t.Parallel()
	for cash, want := range map[int64]int64{
		399_999_990: 0, 400_000_000: 0, 550_000_000: 15_000_000, 1_052_000_000: 80_400_000,
	} {
		j := oneTax(t, cash, want, nil)
		require.Empty(t, j.findings)
		require.Len(t, j.workers, 1)
		assert.Equal(t, want, j.workers[0].Tax)
		assert.Equal(t, []bill{{amount: want, due: "1405-08-30"}}, j.bills)
	}
	r := testRates(t)
	for _, c := range []struct {
		year       int
		pay, taxed int64 // millions a year
	}{{1403, 1980, 54}, {1403, 3240, 243}, {1403, 4800, 555}, {1404, 3600, 72}, {1404, 4560, 216}, {1404, 6000, 504}, {1404, 8000, 1004}} {
		got := r.taxOfMonth(big.NewRat(c.pay*1_000_000, 12), c.year)
		assert.Equal(t, 0, got.Mul(got, big.NewRat(12, 1)).Cmp(big.NewRat(c.taxed*1_000_000, 1)), "%v", c)
	}
}

func TestTaxWelfareOf1404(t *testing.T) {
	t.Parallel()
	wp, wh := taxTestLines("0012345679", 300_000_000, 0)
	wh[37] = "46390968"
	wh[34] = fmt.Sprint(300_000_000 + 46_390_968 - 12_246_216)
	j := judgeTax(taxTestFiles(month{1404, 7}, [][]string{wp}, [][]string{wh}), nil, nil, testRates(t), &collector{})
	require.Empty(t, j.findings)
	assert.EqualValues(t, 12_246_216, j.workers[0].Tax)
}

// Welfare pay is taxed in its own month and does not enter the sum that later months settle.
func TestTaxWelfareIsAFigureOfItsMonth(t *testing.T) {
	t.Parallel()
	past := earlier{}
	for i, c := range []struct{ wage, welfare, tax int64 }{{600_000_000, 0, 67_000_000}, {300_000_000, 46_390_968, 0}, {300_000_000, 0, 0}} {
		m := month{1404, i + 1}
		wp, wh := taxTestLines("0012345679", c.wage, 0)
		wh[37] = fmt.Sprint(c.welfare)
		key, ok := parseKey(agencyTax, "tax.10101234568.0."+m.String()+".1")
		require.True(t, ok)
		j := judgeTax(taxTestFiles(m, [][]string{wp}, [][]string{wh}), &key, past, testRates(t), &collector{})
		assert.Equal(t, fmt.Sprint(c.wage), j.workers[0].Taxable)
		if c.welfare > 0 {
			// 12,246,216 less the 6,000,000 that the wage alone bears: the year's wage was taxed before.
			assert.EqualValues(t, 6_246_216, j.workers[0].Tax)
			assert.Zero(t, j.workers[0].Withheld)
		} else {
			assert.Equal(t, c.tax, j.workers[0].Tax)
		}
		past.add(j.workers)
	}
}

func TestTaxCumulative(t *testing.T) {
	t.Parallel()
	past := earlier{}
	for i, c := range []struct{ cash, tax int64 }{{450_000_000, 5_000_000}, {900_000_000, 50_000_000}, {450_000_000, 5_000_000}} {
		m := month{1405, i + 1}
		wp, wh := taxTestLines("0012345679", c.cash, c.tax)
		key, ok := parseKey(agencyTax, "tax.10101234568.0."+m.String()+".1")
		require.True(t, ok)
		j := judgeTax(taxTestFiles(m, [][]string{wp}, [][]string{wh}), &key, past, testRates(t), &collector{})
		require.Empty(t, j.findings)
		assert.Equal(t, c.tax, j.workers[0].Tax)
		assert.Equal(t, i+1, j.workers[0].Months)
		past.add(j.workers)
	}
}

func TestTaxExemptParts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(wp, wh []string)
		tax    int64
	}{
		"mission and travel":           {func(_, wh []string) { wh[17], wh[18] = "10", "10" }, 15_000_000},
		"eidi up to a month's part":    {func(_, wh []string) { wh[22] = "600000000" }, 35_000_000},
		"non-cash up to two months'":   {func(_, wh []string) { wh[12] = "800000010" }, 15_000_001},
		"severance of a leaver":        {func(wp, wh []string) { wp[21], wh[26] = "14050730", "50000000" }, 15_000_000},
		"severance of one who stays":   {func(_, wh []string) { wh[26] = "50000000" }, 20_000_000},
		"premium deducted":             {func(_, wh []string) { wh[32] = "50000000" }, 10_000_000},
		"furnished house, less charge": {func(_, wh []string) { wh[8], wh[9] = "2", "37500000" }, 25_000_000},
		"car without driver":           {func(_, wh []string) { wh[10] = "3" }, 17_750_000},
		"veteran":                      {func(wp, _ []string) { wp[12] = "2" }, 0},
		"less developed place":         {func(_, wh []string) { wh[2] = "2" }, 7_500_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := oneTax(t, 550_000_000, 0, c.change)
			require.Len(t, j.workers, 1)
			assert.Equal(t, c.tax, j.workers[0].Tax)
		})
	}
}

func TestTaxDigitNamed(t *testing.T) {
	t.Parallel()
	wpAt := func(n int, v string) func(wp, wh []string) { return func(wp, _ []string) { wp[n-1] = v } }
	whAt := func(n int, v string) func(wp, wh []string) { return func(_, wh []string) { wh[n-1] = v } }
	for _, c := range []struct {
		change func(wp, wh []string)
		code   string
		field  string
	}{
		{wpAt(1, "3"), "SIM-44", "WP1"},
		{wpAt(2, "0012345678"), "SIM-45", "WP2"},
		{wpAt(3, ""), "SIM-48", "WP3"},
		{wpAt(6, "13700132"), "SIM-46", "WP6"},
		{wpAt(7, "0123"), "SIM-45", "WP7"},
		{wpAt(9, "8"), "SIM-44", "WP9"},
		{wpAt(10, "6"), "SIM-44", "WP10"},
		{wpAt(11, "12345678901"), "SIM-45", "WP11"},
		{wpAt(12, ""), "SIM-48", "WP12"},
		{wpAt(13, "12"), "SIM-44", "WP13"},
		{wpAt(14, ""), "SIM-45", "WP14"},
		{wpAt(16, "123456789"), "SIM-45", "WP16"},
		{wpAt(20, "13"), "SIM-44", "WP20"},
		{wpAt(21, "14001301"), "SIM-46", "WP21"},
		{wpAt(21, "14060101"), "SIM-46", "WP21"},
		{wpAt(22, "13990101"), "SIM-46", "WP22"},
		{whAt(1, "0498123456"), "SIM-42", "WH1"},
		{whAt(2, "2"), "SIM-44", "WH2"},
		{whAt(3, "5"), "SIM-44", "WH3"},
		{whAt(5, "85"), "SIM-44", "WH5"},
		{whAt(7, "550000x00"), "SIM-47", "WH7"},
		{whAt(7, "450000000"), "SIM-49", "WH35"},
		{whAt(7, "650000000"), "SIM-49", "WH35"},
		{whAt(9, "4"), "SIM-44", "WH9"},
		{whAt(33, "100000"), "SIM-49", "WH35"},
		{whAt(35, "635000000"), "SIM-49", "WH35"},
		{whAt(35, "535000001"), "SIM-49", "WH35"},
		{whAt(35, "535001000"), "SIM-49", "WH35"},
		{whAt(39, ""), "SIM-47", "WH39"},
	} {
		t.Run(fmt.Sprint(c.code, " ", c.field), func(t *testing.T) {
			t.Parallel()
			found := oneTax(t, 550_000_000, 15_000_000, c.change).findings
			assert.True(t, named(found, c.code, c.field), "%v", found)
		})
	}
}

func TestTaxFileForm(t *testing.T) {
	t.Parallel()
	wp, wh := taxTestLines("0012345679", 100_000_000, 0)
	good := taxTestFiles(mehr1405, [][]string{wp}, [][]string{wh})
	for name, c := range map[string]struct {
		change func(f *taxFiles)
		code   string
	}{
		"LF only":        {func(f *taxFiles) { f.wh = f.wh[:len(f.wh)-2]; f.wh = append(f.wh[:len(f.wh):len(f.wh)], '\n') }, "SIM-40"},
		"cut":            {func(f *taxFiles) { f.wh = f.wh[:len(f.wh)-2] }, "SIM-40"},
		"not UTF-8":      {func(f *taxFiles) { f.wp = append([]byte{0xC7}, f.wp...) }, "SIM-40"},
		"a field less":   {func(f *taxFiles) { f.period = month{1403, 7} }, "SIM-41"},
		"a person twice": {func(f *taxFiles) { f.wp = append(f.wp[:len(f.wp):len(f.wp)], f.wp[3:]...) }, "SIM-50"},
		"a person less":  {func(f *taxFiles) { f.wh = nil }, "SIM-42"},
		"no edition":     {func(f *taxFiles) { f.period = month{1402, 7} }, "SIM-51"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := good
			c.change(&f)
			found := judgeTax(f, nil, nil, testRates(t), &collector{}).findings
			codes := []string{}
			for _, x := range found {
				codes = append(codes, x.Code)
			}
			assert.Contains(t, codes, c.code)
		})
	}
	t.Run("without BOM", func(t *testing.T) {
		t.Parallel()
		f := good
		f.wp, f.wh = f.wp[3:], f.wh[3:]
		assert.Empty(t, judgeTax(f, nil, nil, testRates(t), &collector{}).findings)
	})
	t.Run("1403 with 35 fields", func(t *testing.T) {
		t.Parallel()
		f := taxTestFiles(month{1403, 7}, [][]string{wp}, [][]string{wh[:35]})
		assert.Empty(t, judgeTax(f, nil, nil, testRates(t), &collector{}).findings)
	})
	t.Run("period of the key", func(t *testing.T) {
		t.Parallel()
		key, _ := parseKey(agencyTax, "tax.10101234568.0.1405-08.1")
		assert.True(t, named(judgeTax(good, &key, nil, testRates(t), &collector{}).findings, "SIM-02", ""))
	})
}

func TestTaxForeigner(t *testing.T) {
	t.Parallel()
	j := oneTax(t, 100_000_000, 0, func(wp, wh []string) { wp[0], wp[1], wp[13], wh[0] = "2", "12345678901", "", "12345678901" })
	require.Empty(t, j.findings)
	assert.Equal(t, "F12345678901", j.workers[0].Person)
}
