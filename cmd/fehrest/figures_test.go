package main

import (
	"encoding/csv"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

// The simulators keep figures of their own, so that a wrong one in the law book is seen when lists are filed; these tests
// hold the two against each other for every year that the simulators know.

// figures are the rows of a table of the simulators, without its header.
func figures(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "agencysim", "sim", name))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(rows), 1)
	return rows[1:]
}

// figuresBook is read once; it never changes.
var figuresBook = sync.OnceValues(law.Load)

// lawOfYear is the law of a year's every month.
func lawOfYear(t *testing.T, text string) []*law.Params {
	t.Helper()
	book, err := figuresBook()
	require.NoError(t, err)
	year, err := strconv.Atoi(text)
	require.NoError(t, err)
	var of []*law.Params
	for m := (jalali.Month{Year: year, Month: 1}); m.Year == year; m = m.Add(1) {
		p, ok := book.On(m)
		require.True(t, ok, m)
		of = append(of, p)
	}
	return of
}

func TestSimulators_brackets_are_those_of_the_law_book(t *testing.T) {
	t.Parallel()
	slices, from := map[string][]law.Slice{}, rial.Amount(0)
	for _, row := range figures(t, "brackets.csv") {
		rate, err := rial.ParseRate(row[2] + "%")
		require.NoError(t, err)
		s := law.Slice{Rate: rate}
		if len(slices[row[0]]) > 0 {
			s.From = from
		}
		if row[1] != "" {
			n, err := strconv.ParseInt(row[1], 10, 64)
			require.NoError(t, err)
			s.To = rial.Amount(n)
		}
		from = s.To
		slices[row[0]] = append(slices[row[0]], s)
	}
	require.GreaterOrEqual(t, len(slices), 3)
	for year, want := range slices {
		for _, p := range lawOfYear(t, year) {
			require.Equal(t, want, p.Brackets.Slices, year)
		}
	}
}

func TestSimulators_caps_and_premiums_are_those_of_the_law_book(t *testing.T) {
	t.Parallel()
	for _, row := range figures(t, "caps.csv") {
		for _, p := range lawOfYear(t, row[0]) {
			require.Equal(t, row[1:], []string{fmt.Sprint(int64(p.MinimumDailyWage.Value)), fmt.Sprint(int64(p.MaxDailyInsurable.Value))}, row[0])
		}
	}
	for _, row := range figures(t, "premiums.csv") {
		for _, p := range lawOfYear(t, row[0]) {
			normal, apprentice := p.Premium[payroll.NormalKind], p.Premium[payroll.ApprenticeKind]
			of := func(rates ...rial.Rate) string {
				sum := new(big.Rat)
				for _, r := range rates {
					sum.Add(sum, r.Rat())
				}
				return sum.Mul(sum, big.NewRat(100, 1)).RatString()
			}
			require.Equal(t, row[1:6], []string{
				of(normal.Worker.Value), of(normal.Employer.Value), of(normal.Unemployment.Value), of(p.HardJob.Value),
				of(apprentice.Worker.Value, apprentice.Employer.Value),
			}, row[0])
			requireSameRate(t, row[6], p.DeductibleShare.Value)
		}
	}
}

func TestSimulators_tax_rules_are_those_of_the_law_book(t *testing.T) {
	t.Parallel()
	of := map[string]func(p *law.Params) rial.Rate{
		"eidi_exempt":             func(p *law.Params) rial.Rate { return p.EidiShare.Value },
		"noncash_exempt":          func(p *law.Params) rial.Rate { return p.NonCashShare.Value },
		"housing_furnished":       func(p *law.Params) rial.Rate { return p.HousingInKind.Furnished.Value },
		"housing_unfurnished":     func(p *law.Params) rial.Rate { return p.HousingInKind.Unfurnished.Value },
		"car_with_driver":         func(p *law.Params) rial.Rate { return p.CarInKind.WithDriver.Value },
		"car_without_driver":      func(p *law.Params) rial.Rate { return p.CarInKind.WithoutDriver.Value },
		"less_developed_forgiven": func(p *law.Params) rial.Rate { return p.PlaceForgiveness.Value },
		"fees_flat":               func(p *law.Params) rial.Rate { return p.FlatRate.Value },
		"welfare_flat": func(p *law.Params) rial.Rate {
			if p.WelfareRule.Value == law.WelfareTaxable {
				return rial.Rate{}
			}
			return p.WelfareRate.Value
		},
	}
	for _, row := range figures(t, "taxrules.csv") {
		require.Contains(t, of, row[0])
		for _, p := range lawOfYear(t, row[1]) { // from that year on: the next row of the rule says otherwise
			requireSameRate(t, row[2], of[row[0]](p))
		}
	}
}

func requireSameRate(t *testing.T, want string, got rial.Rate) {
	t.Helper()
	r, ok := new(big.Rat).SetString(want)
	require.True(t, ok)
	require.Zero(t, r.Cmp(got.Rat()), "%s, %s in the law book", want, got)
}
