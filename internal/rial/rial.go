// Package rial knows amounts of money in whole rials, rates as exact fractions, and rounding that is named at the call.
package rial

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Amount is a sum of money in whole rials. Zero is no money; a negative amount is a difference, never a payment.
type Amount int64

// Max is the largest amount a spreadsheet holds exactly (2^53 − 1); nothing above it is ever read.
const Max Amount = 9_007_199_254_740_991

// Add returns a + b. It panics when the sum leaves 64 bits, which no sum of amounts of at most 12 digits can do
// below nine million rows.
func (a Amount) Add(b Amount) Amount {
	s := a + b
	if b != 0 && (s > a) != (b > 0) {
		panic("rial: sum does not fit 64 bits")
	}
	return s
}

// TimesInt returns a × n, and panics where the product does not fit, as Add does.
func (a Amount) TimesInt(n int) Amount {
	hi, lo := bits.Mul64(abs(int64(a)), abs(int64(n)))
	if hi != 0 || lo > 1<<63-1 {
		panic("rial: product does not fit 64 bits")
	}
	if (a < 0) != (n < 0) {
		return -Amount(lo)
	}
	return Amount(lo)
}

// Times returns a × r rounded as the call names.
func (a Amount) Times(r Rate, round Rounding) Amount {
	num, den := r.Fraction()
	return Ratio(a, num, den, round)
}

// Ratio returns a × num / den, computed exactly and rounded once. den is positive.
func Ratio(a Amount, num, den int64, round Rounding) Amount {
	neg := (a < 0) != (num < 0)
	hi, lo := bits.Mul64(abs(int64(a)), abs(num))
	if hi >= uint64(den) {
		panic("rial: product does not fit 64 bits")
	}
	q, rem := bits.Div64(hi, lo, uint64(den))
	q += round.up(rem, uint64(den))
	if q > 1<<63-1 {
		panic("rial: product does not fit 64 bits")
	}
	if neg {
		return -Amount(q)
	}
	return Amount(q)
}

// Grouped writes the amount with ASCII digits in groups of three: 5,541,850.
func (a Amount) Grouped() string {
	s := strconv.FormatUint(abs(int64(a)), 10)
	var b strings.Builder
	if a < 0 {
		b.WriteByte('-')
	}
	for i, d := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Rounding names what happens to the part of a rial that no one can pay.
type Rounding uint8

// The roundings in use. Magnitudes are rounded; the sign is kept.
const (
	HalfUp Rounding = iota // half a rial and more goes up (the SSO's own rule)
	Down                   // the part is dropped
)

func (r Rounding) up(rem, den uint64) uint64 {
	if r == HalfUp && rem >= den-rem {
		return 1
	}
	return 0
}

// Round rounds an exact fraction of rials once. It fails where the result does not fit 64 bits.
func Round(x *big.Rat, round Rounding) (Amount, error) {
	q, m := new(big.Int).QuoRem(new(big.Int).Abs(x.Num()), x.Denom(), new(big.Int))
	if round == HalfUp && m.Lsh(m, 1).Cmp(x.Denom()) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() {
		return 0, errors.New("rial: amount does not fit 64 bits")
	}
	return Amount(int64(x.Sign()) * q.Int64()), nil
}

// Rate is an exact fraction such as 7/100. The zero Rate is zero.
type Rate struct{ num, den int64 }

// NewRate returns num/den; den must be positive.
func NewRate(num, den int64) Rate {
	if den <= 0 {
		panic("rial: rate without a positive denominator")
	}
	return Rate{num, den}
}

// ParseRate reads "7/100", "7%", "1" or "0". Decimal points are refused: a rate is exact as it is written. So is anything
// above the whole: no share of a wage or a tax is, and an amount times a rate then always fits.
func ParseRate(s string) (Rate, error) {
	n, d, fraction := strings.Cut(s, "/")
	den := int64(1)
	if !fraction {
		if p, ok := strings.CutSuffix(s, "%"); ok {
			n, den = p, 100
		}
	} else {
		v, err := strconv.ParseInt(d, 10, 32)
		if err != nil || v <= 0 {
			return Rate{}, fmt.Errorf("rial: rate %q: the denominator is not a positive whole number", s)
		}
		den = v
	}
	num, err := strconv.ParseInt(n, 10, 32)
	if err != nil || num < 0 || n[0] == '+' {
		return Rate{}, fmt.Errorf("rial: rate %q: write it as 7/100 or 7%%", s)
	}
	if num > den {
		return Rate{}, fmt.Errorf("rial: rate %q is more than the whole", s)
	}
	return Rate{num, den}, nil
}

// Fraction returns numerator and denominator, 0/1 for the zero Rate.
func (r Rate) Fraction() (num, den int64) {
	if r.den == 0 {
		return 0, 1
	}
	return r.num, r.den
}

// IsZero tells whether the rate is nothing.
func (r Rate) IsZero() bool { return r.num == 0 }

// Rat returns the rate for exact arithmetic.
func (r Rate) Rat() *big.Rat { n, d := r.Fraction(); return big.NewRat(n, d) }

// String writes whole percents as 7%, all else as a fraction.
func (r Rate) String() string {
	n, d := r.Fraction()
	if n*100%d == 0 {
		return strconv.FormatInt(n*100/d, 10) + "%"
	}
	return fmt.Sprintf("%d/%d", n, d)
}

// UnmarshalText reads the forms of ParseRate, for the law book and profiles.
func (r *Rate) UnmarshalText(b []byte) error {
	v, err := ParseRate(string(b))
	if err == nil {
		*r = v
	}
	return err
}

// MarshalText writes the form of String.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

func abs(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}
