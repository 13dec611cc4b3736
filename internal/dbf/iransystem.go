package dbf

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// shape is the bytes of one letter: standing alone, at the end, in the middle
// and at the beginning of joined letters.
type shape struct {
	letters                          string // the first is the one a decoder returns
	isolated, final, medial, initial byte
	joins                            joining
}

type joining uint8

const (
	alone  joining = iota // joins to neither side
	toPrev                // joins to the letter before only
	toBoth
)

const (
	lamAlef     = 0xF2 // لا in one byte, in both its forms
	firstDigit  = 0x80
	noBreak     = 0xFF
	byteTatweel = 0x8B
)

// shapes is the letters of Iran System. ی stands before ئ, which shares two of
// its bytes.
var shapes = []shape{
	{"آ", 0x8D, 0x8D, 0x8D, 0x8D, toPrev},
	{"ی\u064aى", 0xFD, 0xFC, 0xFE, 0xFE, toBoth},
	{"ئ", 0xFD, 0xFC, 0x8E, 0x8E, toBoth},
	{"ء", 0x8F, 0x8F, 0x8F, 0x8F, alone},
	{"اأإ", 0x90, 0x91, 0x91, 0x90, toPrev},
	{"ب", 0x92, 0x92, 0x93, 0x93, toBoth},
	{"پ", 0x94, 0x94, 0x95, 0x95, toBoth},
	{"ت", 0x96, 0x96, 0x97, 0x97, toBoth},
	{"ث", 0x98, 0x98, 0x99, 0x99, toBoth},
	{"ج", 0x9A, 0x9A, 0x9B, 0x9B, toBoth},
	{"چ", 0x9C, 0x9C, 0x9D, 0x9D, toBoth},
	{"ح", 0x9E, 0x9E, 0x9F, 0x9F, toBoth},
	{"خ", 0xA0, 0xA0, 0xA1, 0xA1, toBoth},
	{"د", 0xA2, 0xA2, 0xA2, 0xA2, toPrev},
	{"ذ", 0xA3, 0xA3, 0xA3, 0xA3, toPrev},
	{"ر", 0xA4, 0xA4, 0xA4, 0xA4, toPrev},
	{"ز", 0xA5, 0xA5, 0xA5, 0xA5, toPrev},
	{"ژ", 0xA6, 0xA6, 0xA6, 0xA6, toPrev},
	{"س", 0xA7, 0xA7, 0xA8, 0xA8, toBoth},
	{"ش", 0xA9, 0xA9, 0xAA, 0xAA, toBoth},
	{"ص", 0xAB, 0xAB, 0xAC, 0xAC, toBoth},
	{"ض", 0xAD, 0xAD, 0xAE, 0xAE, toBoth},
	{"ط", 0xAF, 0xAF, 0xAF, 0xAF, toBoth},
	{"ظ", 0xE0, 0xE0, 0xE0, 0xE0, toBoth},
	{"ع", 0xE1, 0xE2, 0xE3, 0xE4, toBoth},
	{"غ", 0xE5, 0xE6, 0xE7, 0xE8, toBoth},
	{"ف", 0xE9, 0xE9, 0xEA, 0xEA, toBoth},
	{"ق", 0xEB, 0xEB, 0xEC, 0xEC, toBoth},
	{"ک\u0643", 0xED, 0xED, 0xEE, 0xEE, toBoth},
	{"گ", 0xEF, 0xEF, 0xF0, 0xF0, toBoth},
	{"ل", 0xF1, 0xF1, 0xF3, 0xF3, toBoth},
	{"م", 0xF4, 0xF4, 0xF5, 0xF5, toBoth},
	{"ن", 0xF6, 0xF6, 0xF7, 0xF7, toBoth},
	{"وؤ", 0xF8, 0xF8, 0xF8, 0xF8, toPrev},
	{"هةۀ", 0xF9, 0xF9, 0xFA, 0xFB, toBoth},
}

// arabicBlock holds the shape of each rune from U+0600 to U+06FF.
var arabicBlock = indexShapes()

func indexShapes() (block [0x100]*shape) {
	for i := range shapes {
		for _, r := range shapes[i].letters {
			block[r-0x600] = &shapes[i]
		}
	}
	return block
}

// textOf holds the text each byte from 0x80 on stands for.
var textOf = indexBytes()

func indexBytes() (text [0x80]string) {
	for i := range text {
		text[i] = string(utf8.RuneError)
	}
	for i := range 10 {
		text[firstDigit-0x80+i] = string('۰' + rune(i))
	}
	text[0x8A-0x80] = "،"
	text[byteTatweel-0x80] = ""
	text[0x8C-0x80] = "؟"
	text[lamAlef-0x80] = "لا"
	text[noBreak-0x80] = "\u00a0"
	for _, s := range slices.Backward(shapes) {
		first, _ := utf8.DecodeRuneInString(s.letters)
		for _, b := range []byte{s.isolated, s.final, s.medial, s.initial} {
			text[b-0x80] = string(first)
		}
	}
	return text
}

// appendIranSystem shapes the letters of s in reading order, then turns the
// whole into the order it is seen in.
func appendIranSystem(dst []byte, s string, loss *Loss) []byte {
	from := len(dst)
	var open *shape     // the last letter, when the next one may join to it
	var openJoined bool // whether that letter joins to the one before it
	for i := 0; i < len(s); {
		letter, n := letterAt(s, i)
		if letter == nil {
			r, n := utf8.DecodeRuneInString(s[i:])
			i += n
			if !dropped(r) {
				dst = append(dst, signByte(r, loss))
				open = nil
			}
			continue
		}
		i += n
		if open == nil || letter.joins == alone {
			dst = append(dst, letter.isolated)
			open, openJoined = letter, false
		} else {
			last := &dst[len(dst)-1]
			if open.isLam() && letter.isAlef() {
				*last = lamAlef
				open = nil
				continue
			}
			*last = open.initial
			if openJoined {
				*last = open.medial
			}
			dst = append(dst, letter.final)
			open, openJoined = letter, true
		}
		if letter.joins != toBoth {
			open = nil
		}
	}
	turn(dst[from:])
	return dst
}

// letterAt returns the letter at s[i:] and its length in bytes, or nil. The
// lead bytes D8 to DB of UTF-8 are those of U+0600 to U+06FF: reading them
// here halves the time of decoding runes.
func letterAt(s string, i int) (*shape, int) {
	if s[i]&0xFC != 0xD8 || i+1 == len(s) || s[i+1]&0xC0 != 0x80 {
		return nil, 0
	}
	return arabicBlock[s[i]&3<<6|s[i+1]&0x3F], 2
}

func (s *shape) isLam() bool  { return s.isolated == 0xF1 }
func (s *shape) isAlef() bool { return s.isolated == 0x90 }

// signByte returns the byte of a rune that is no Persian letter.
func signByte(r rune, loss *Loss) byte {
	if r >= 0x20 && r < 0x7F {
		return byte(r)
	}
	if d, ok := digit(r); ok {
		return firstDigit + d
	}
	switch r {
	case nonJoiner:
		return ' '
	case '،':
		return 0x8A
	case '؟':
		return 0x8C
	case '\u00a0':
		return noBreak
	}
	return loss.add(r)
}

func decodeIranSystem(b []byte) string {
	b = slices.Clone(b)
	turn(b)
	var s strings.Builder
	s.Grow(2 * len(b))
	for _, c := range b {
		if c < 0x80 {
			s.WriteByte(c)
		} else {
			s.WriteString(textOf[c-0x80])
		}
	}
	return s.String()
}

// turn changes bytes in reading order into the order they are seen in from
// left to right, and back: it is its own inverse. Everything is reversed and
// brackets mirrored, but numbers and Latin words keep their own order, the
// latter with the spaces, digits and . - / : , inside them.
func turn(b []byte) {
	slices.Reverse(b)
	for i := 0; i < len(b); {
		switch classOf[b[i]] {
		case otherByte:
			i++
			continue
		case bracket:
			b[i] = mirrored(b[i])
			i++
			continue
		}
		end, latin := i, false
		for end < len(b) && classOf[b[end]] >= latinByte {
			latin = latin || classOf[b[end]] == latinByte
			end++
		}
		if latin {
			keepLatin(b[i:end])
		} else {
			keepNumbers(b[i:end])
		}
		i = end
	}
}

// keepLatin puts a reversed Latin run back into its own order, without the
// spaces and signs at its edges.
func keepLatin(b []byte) {
	for classOf[b[0]] == innerByte {
		b = b[1:]
	}
	for classOf[b[len(b)-1]] == innerByte {
		b = b[:len(b)-1]
	}
	slices.Reverse(b)
}

// keepNumbers puts each reversed number back into its own order.
func keepNumbers(b []byte) {
	for i := 0; i < len(b); {
		end := i
		for end < len(b) && classOf[b[end]] == digitByte {
			end++
		}
		slices.Reverse(b[i:end])
		i = end + 1
	}
}

func mirrored(b byte) byte {
	switch b {
	case '(':
		return ')'
	case ')':
		return '('
	case '[':
		return ']'
	default:
		return '['
	}
}

type byteClass uint8

const (
	otherByte byteClass = iota
	bracket
	latinByte // this class and those below can be part of a Latin run
	digitByte
	innerByte // stays inside a Latin run
)

var classOf = classifyBytes()

func classifyBytes() (class [0x100]byteClass) {
	for c := range 26 {
		class['A'+c], class['a'+c] = latinByte, latinByte
	}
	for d := range 10 {
		class['0'+d], class[firstDigit+d] = digitByte, digitByte
	}
	for _, c := range []byte(" .-/:,") {
		class[c] = innerByte
	}
	for _, c := range []byte("()[]") {
		class[c] = bracket
	}
	return class
}
