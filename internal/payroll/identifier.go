// Package payroll is the domain: the unified list, its lines and identity, the tax month, lanes and states.
// It reads no file, judges nothing and keeps nothing.
package payroll

import (
	"crypto/rand"
	"math/big"
)

// The identifiers, as typed text of ASCII digits. A value of these types may still be wrong until its Check method
// has passed it: a finding shows what was given.
type (
	NationalCode    string // کد ملی, 10 digits
	ForeignerCode   string // کد فراگیر اتباع, 8–14 digits
	InsuranceNumber string // شماره بیمه, 8 or 10 digits
	WorkshopCode    string // کد کارگاه, 10 digits: 3 branch, 3 activity, 4 file
	JobCode         string // کد شغل, [0-9A-Z]{6}
	PostalCode      string // کد پستی, 10 digits; never a key, never unique
	EmployerID      string // 11-digit legal id, 10-digit national code, 14-digit tax number, or a foreigner code
	TrackingCode    string // کد رهگیری, 11 random digits, first not 0, and a Damm digit
)

// Shape says what is wrong with an identifier.
type Shape uint8

// What can be wrong with an identifier, in the order it is looked for.
const (
	Valid Shape = iota
	WrongLength
	AllEqual
	WrongCheckDigit
)

// Check tells whether the national code stands: ten digits, not all equal, and the check digit
// Σ d(i)·(11−i) mod 11 (r when r < 2, else 11 − r).
func (c NationalCode) Check() Shape {
	if len(c) != 10 || !allDigits(string(c)) {
		return WrongLength
	}
	if allEqual(string(c)) {
		return AllEqual
	}
	sum := 0
	for i := range 9 {
		sum += int(c[i]-'0') * (10 - i)
	}
	r := sum % 11
	if r >= 2 {
		r = 11 - r
	}
	if r != int(c[9]-'0') {
		return WrongCheckDigit
	}
	return Valid
}

// Check tells whether the code has 8 to 14 digits; no check digit is known.
func (c ForeignerCode) Check() Shape { return digitsBetween(string(c), 8, 14) }

// Check tells whether the number has 8 or 10 digits; no check digit is known.
func (n InsuranceNumber) Check() Shape {
	if len(n) == 9 {
		return WrongLength
	}
	return digitsBetween(string(n), 8, 10)
}

// Short is the eight-digit form that files carry: ten digits beginning 00 are the last eight; anything else is itself.
func (n InsuranceNumber) Short() string {
	if len(n) == 10 && n[:2] == "00" {
		return string(n[2:])
	}
	return string(n)
}

// Check tells whether the code has 10 digits.
func (c WorkshopCode) Check() Shape { return digitsBetween(string(c), 10, 10) }

// Check tells whether the code has 10 digits.
func (c PostalCode) Check() Shape { return digitsBetween(string(c), 10, 10) }

// Likely tells whether the public pattern holds: no 0 or 2 in the first five digits, the fifth not 5. It only warns.
func (c PostalCode) Likely() bool {
	if c.Check() != Valid || c[4] == '5' {
		return false
	}
	for i := range 5 {
		if c[i] == '0' || c[i] == '2' {
			return false
		}
	}
	return true
}

// Check tells whether the code has six digits or capital letters. About 87,800 exist and no public list of them.
func (c JobCode) Check() Shape {
	if len(c) != 6 {
		return WrongLength
	}
	for i := range len(c) {
		if (c[i] < '0' || c[i] > '9') && (c[i] < 'A' || c[i] > 'Z') {
			return WrongLength
		}
	}
	return Valid
}

// Check tells whether the employer's identifier stands, by its length: a legal person's 11 digits and a natural person's
// 10 have check digits; a tax number of 14 and a foreigner's code have none.
func (id EmployerID) Check() Shape {
	switch len(id) {
	case 10:
		return NationalCode(id).Check()
	case 11:
		return checkLegal(string(id))
	}
	return ForeignerCode(id).Check()
}

var legalWeights = [10]int{29, 27, 23, 19, 17, 29, 27, 23, 19, 17}

func checkLegal(id string) Shape {
	if !allDigits(id) {
		return WrongLength
	}
	if id[3:9] == "000000" {
		return AllEqual
	}
	t, sum := int(id[9]-'0')+2, 0
	for i, w := range legalWeights {
		sum += (int(id[i]-'0') + t) * w
	}
	if sum%11%10 != int(id[10]-'0') {
		return WrongCheckDigit
	}
	return Valid
}

// NewTrackingCode draws a code that is easy to say by telephone and refuses a slip of the tongue.
func NewTrackingCode() (TrackingCode, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(90_000_000_000))
	if err != nil {
		return "", err
	}
	s := n.Add(n, big.NewInt(10_000_000_000)).String()
	return TrackingCode(s + string(rune('0'+damm(s)))), nil
}

// Check tells whether the code has 12 digits and its Damm digit is right.
func (c TrackingCode) Check() Shape {
	if len(c) != 12 || !allDigits(string(c)) || c[0] == '0' {
		return WrongLength
	}
	if damm(string(c)) != 0 {
		return WrongCheckDigit
	}
	return Valid
}

// The quasigroup of H. Michael Damm's thesis (2004), order 10: it finds every single wrong digit and every swap of neighbours.
var dammTable = [10]string{
	"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
	"3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
}

func damm(s string) int {
	row := 0
	for i := range len(s) {
		row = int(dammTable[row][s[i]-'0'] - '0')
	}
	return row
}

func digitsBetween(s string, low, high int) Shape {
	if len(s) < low || len(s) > high || !allDigits(s) {
		return WrongLength
	}
	return Valid
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func allEqual(s string) bool {
	for i := range len(s) {
		if s[i] != s[0] {
			return false
		}
	}
	return true
}
