package dbf

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Encoding is how a table's texts are stored in bytes; the zero value is Iran
// System.
type Encoding uint8

// The encodings found in agencies' tables.
const (
	IranSystem Encoding = iota // shaped letters in the order they are seen, from left to right
	CP1256                     // Windows Arabic, in reading order
	UTF8                       // seen in files; agencies' programs do not read it
)

func (e Encoding) String() string {
	switch e {
	case CP1256:
		return "cp1256"
	case UTF8:
		return "utf-8"
	default:
		return "iran-system"
	}
}

// Loss is what a text lost on its way into bytes; the zero value is nothing.
type Loss struct {
	Letters []rune // letters and numerals without a byte: the bytes hold '?' there and must not be used
	Spaced  []rune // punctuation and signs without a byte, written as a space
}

// Encode returns s in bytes; see Append.
func (e Encoding) Encode(s string) ([]byte, Loss) {
	return e.Append(make([]byte, 0, len(s)), s)
}

// Append appends s in bytes to dst and says what was lost. The text is
// normalised to NFC; marks, tatweel and invisible signs are dropped; a
// zero-width non-joiner becomes a space. Letters that agencies' programs do
// not tell apart are folded and are no loss. UTF8 drops and folds nothing.
func (e Encoding) Append(dst []byte, s string) ([]byte, Loss) {
	if !composed(s) {
		s = norm.NFC.String(s)
	}
	var loss Loss
	switch e {
	case CP1256:
		dst = appendCP1256(dst, s, &loss)
	case UTF8:
		dst = append(dst, s...)
	default:
		dst = appendIranSystem(dst, s, &loss)
	}
	return dst, loss
}

// Decode returns the text of b in reading order, with Persian ی and ک; a byte
// that stands for nothing is U+FFFD. It trims nothing.
func (e Encoding) Decode(b []byte) string {
	switch e {
	case CP1256:
		return decodeCP1256(b)
	case UTF8:
		return strings.ToValidUTF8(string(b), string(utf8.RuneError))
	default:
		return decodeIranSystem(b)
	}
}

// composed tells whether s holds only ASCII, Persian letters and digits and
// non-joiners: such text is NFC as it stands, and asking the norm package is
// dearer than encoding.
func composed(s string) bool {
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		if letter, n := letterAt(s, i); letter != nil {
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r != nonJoiner && (r < '۰' || r > '۹') {
			return false
		}
		i += n
	}
	return true
}

const (
	tatweel   = 'ـ'
	nonJoiner = '\u200c'
)

// dropped tells the runes that have no place in a field: vowel marks, tatweel,
// and signs that are not seen.
func dropped(r rune) bool {
	return r == tatweel || r >= 0x80 && r != nonJoiner && unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)
}

// add notes a rune without a byte and returns the byte written for it.
func (l *Loss) add(r rune) byte {
	if unicode.IsLetter(r) || unicode.IsNumber(r) {
		l.Letters = append(l.Letters, r)
		return '?'
	}
	l.Spaced = append(l.Spaced, r)
	return ' '
}

// digit returns the value of a Persian or Arabic digit.
func digit(r rune) (byte, bool) {
	switch {
	case r >= '۰' && r <= '۹':
		return byte(r - '۰'), true
	case r >= '٠' && r <= '٩':
		return byte(r - '٠'), true
	}
	return 0, false
}
