package sim

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math/big"
	"strconv"
)

// The organisations' own figures, kept apart from any other program's so that a
// wrong figure there is seen here.
var (
	//go:embed premiums.csv
	premiumsCSV []byte
	//go:embed caps.csv
	capsCSV []byte
	//go:embed brackets.csv
	bracketsCSV []byte
	//go:embed taxrules.csv
	taxRulesCSV []byte
)

// premiums holds a year's shares in whole percent of the insurable sum.
type premiums struct {
	worker, employer, unemployment, hardJob, apprentice int64
	deductible                                          *big.Rat
}

// caps holds a year's limits of daily pay in rials.
type caps struct{ minimum, maximum int64 }

// slice is one step of the yearly tax scale; a nil limit is the open top.
type slice struct {
	upTo *big.Rat
	rate *big.Rat
}

// taxRule is a rule's value from a year on.
type taxRule struct {
	name  string
	from  int
	value *big.Rat
}

// rates is everything the two organisations compute with.
type rates struct {
	premiums map[int]premiums
	caps     map[int]caps
	scale    map[int][]slice
	rules    []taxRule
}

// loadRates reads the embedded tables; an error names the table.
func loadRates() (*rates, error) {
	r := &rates{premiums: map[int]premiums{}, caps: map[int]caps{}, scale: map[int][]slice{}}
	for _, t := range []struct {
		name string
		data []byte
		row  func([]string) error
	}{
		{"premiums", premiumsCSV, r.addPremiums},
		{"caps", capsCSV, r.addCaps},
		{"brackets", bracketsCSV, r.addSlice},
		{"taxrules", taxRulesCSV, r.addRule},
	} {
		rows, err := csv.NewReader(bytes.NewReader(t.data)).ReadAll()
		if err != nil {
			return nil, fmt.Errorf("sim: table %s: %w", t.name, err)
		}
		for i, row := range rows[1:] {
			if err := t.row(row); err != nil {
				return nil, fmt.Errorf("sim: table %s, row %d: %w", t.name, i+2, err)
			}
		}
	}
	return r, nil
}

func whole(fields []string) ([]int64, error) {
	out := make([]int64, len(fields))
	for i, f := range fields {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

func fraction(s string) (*big.Rat, error) {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("%q is no fraction", s)
	}
	return r, nil
}

func (r *rates) addPremiums(row []string) error {
	n, err := whole(row[:6])
	if err != nil {
		return err
	}
	d, err := fraction(row[6])
	r.premiums[int(n[0])] = premiums{n[1], n[2], n[3], n[4], n[5], d}
	return err
}

func (r *rates) addCaps(row []string) error {
	n, err := whole(row)
	if err != nil {
		return err
	}
	r.caps[int(n[0])] = caps{n[1], n[2]}
	return nil
}

func (r *rates) addSlice(row []string) error {
	year, err := strconv.Atoi(row[0])
	if err != nil {
		return err
	}
	var s slice
	if row[1] != "" {
		if s.upTo, err = fraction(row[1]); err != nil {
			return err
		}
	}
	if s.rate, err = fraction(row[2] + "/100"); err != nil {
		return err
	}
	r.scale[year] = append(r.scale[year], s)
	return nil
}

func (r *rates) addRule(row []string) error {
	from, err := strconv.Atoi(row[1])
	if err != nil {
		return err
	}
	v, err := fraction(row[2])
	r.rules = append(r.rules, taxRule{row[0], from, v})
	return err
}

// rule returns the newest value of a rule in a year, zero when there is none.
func (r *rates) rule(name string, year int) *big.Rat {
	v, from := new(big.Rat), 0
	for _, t := range r.rules {
		if t.name == name && t.from <= year && t.from >= from {
			v, from = t.value, t.from
		}
	}
	return v
}

// percent is the whole percentage of an amount, rounded half up.
func percent(amount, rate int64) int64 { return (amount*rate + 50) / 100 }
