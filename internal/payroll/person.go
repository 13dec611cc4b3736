package payroll

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// PersonKey is a person's code in eight bytes: its digits, their number, and whose code it is. Two persons have one key only
// when they are one. The zero PersonKey is no one.
type PersonKey uint64

const (
	ofForeigner PersonKey = 1 << 63
	digitCount            = 56 // the bit where the number of digits begins
	mostDigits            = 14
)

// PersonKey is the key of the worker; ok is false where his code is missing or is no code.
func (l *Line) PersonKey() (k PersonKey, ok bool) {
	if l.Foreign() {
		k, ok = digitsKey(string(l.ForeignerCode))
		return k | ofForeigner, ok
	}
	return digitsKey(string(l.NationalCode))
}

// KeyOfPerson is the key of what Line.Person names.
func KeyOfPerson(person string) (k PersonKey, ok bool) {
	if code, foreign := strings.CutPrefix(person, "F"); foreign {
		k, ok = digitsKey(code)
		return k | ofForeigner, ok
	}
	return digitsKey(person)
}

// Key is an insurance number's key, made as a person's is: ten digits beginning 00 and the last eight have one.
func (n InsuranceNumber) Key() (PersonKey, bool) { return digitsKey(n.Short()) }

// String is what Line.Person names.
func (k PersonKey) String() string {
	b := make([]byte, 0, mostDigits+1)
	if k&ofForeigner != 0 {
		b = append(b, 'F')
	}
	return string(append(b, k.Code()...))
}

// Code is the national code or the foreigner code itself.
func (k PersonKey) Code() string {
	n := int(k &^ ofForeigner >> digitCount)
	code := strconv.FormatUint(uint64(k&(1<<digitCount-1)), 10)
	if len(code) < n {
		code = strings.Repeat("0", n-len(code)) + code
	}
	return code
}

func digitsKey(s string) (PersonKey, bool) {
	if s == "" || len(s) > mostDigits {
		return 0, false
	}
	n := PersonKey(0)
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + PersonKey(d)
	}
	return n | PersonKey(len(s))<<digitCount, true
}

// PersonIndex finds the number that stands for a person, such as his row: twelve bytes a place and no pointer, so that a
// list of any size costs the collector nothing. The zero PersonIndex is ready and empty.
type PersonIndex struct {
	keys  []PersonKey // open addressing; 0 is free
	nums  []int32
	count int
	mix   uint64 // odd, and no one outside can foresee it: no list can be written to be slow
}

// Add gives the person a number, unless he has one: then first is that, and added is false. The zero PersonKey is never added.
func (x *PersonIndex) Add(k PersonKey, number int) (first int, added bool) {
	if k == 0 {
		return 0, false
	}
	if x.count >= len(x.keys)-len(x.keys)/8 {
		x.grow()
	}
	i := x.find(k)
	if x.keys[i] != 0 {
		return int(x.nums[i]), false
	}
	x.keys[i], x.nums[i] = k, int32(number)
	x.count++
	return number, true
}

// Of is the person's number; ok is false where he has none.
func (x *PersonIndex) Of(k PersonKey) (number int, ok bool) {
	if x.count == 0 || k == 0 {
		return 0, false
	}
	i := x.find(k)
	return int(x.nums[i]), x.keys[i] != 0
}

// Len counts the persons.
func (x *PersonIndex) Len() int { return x.count }

// find is the person's place, or the free one he would take.
func (x *PersonIndex) find(k PersonKey) int {
	h := uint64(k) * x.mix
	for i := int((h ^ h>>32) & uint64(len(x.keys)-1)); ; i = (i + 1) & (len(x.keys) - 1) {
		if x.keys[i] == k || x.keys[i] == 0 {
			return i
		}
	}
}

func (x *PersonIndex) grow() {
	const least = 16
	old := *x
	size := max(2*len(old.keys), least)
	x.keys, x.nums, x.mix = make([]PersonKey, size), make([]int32, size), rand.Uint64()|1
	for i, k := range old.keys {
		if k != 0 {
			at := x.find(k)
			x.keys[at], x.nums[at] = k, old.nums[i]
		}
	}
}
