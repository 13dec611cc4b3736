package intake

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// trait is what one rune is to the rules of text.
type trait uint16

const (
	letter    trait = 0         // a Persian or Arabic letter
	space     trait = 1 << iota // allowed in names, trimmed at the edges
	mark                        // a vowel mark, allowed in names, composed by NFC
	sign                        // hyphen, dot, bracket: allowed in names
	latin                       // allowed in foreigners' names
	five                        // one of " ' < > &
	other                       // not allowed in names
	forbidden                   // control characters and directions of text: CELL-07
	rewrite                     // folded, stripped or composed while reading
)

// traits of U+0600 to U+06FF, where almost every letter of a list lies.
var arabic = func() (t [256]trait) {
	for i := range t {
		t[i] = slowTrait(rune(0x600 + i))
	}
	return t
}()

var ascii = func() (t [128]trait) {
	for i := range t {
		t[i] = slowTrait(rune(i))
	}
	return t
}()

func slowTrait(r rune) trait {
	switch r {
	case ' ':
		return space
	case 0x200c:
		return sign
	case '-', '.', '(', ')', '[', ']':
		return sign
	case '"', '\'', '<', '>', '&':
		return five
	case 'ي', 'ى', 'ك', '\t', '\n', '\r', 'ـ', 0x200e, 0x200f, 0xfeff, 0xad, 0x61c:
		return rewrite
	}
	switch {
	case r < ' ' || r >= 0x7f && r <= 0x9f || r == unicode.ReplacementChar /* of a byte that is no letter */ || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		return forbidden
	case unicode.IsSpace(r), r >= 0xfb50 && r <= 0xfdff, r >= 0xfe70 && r <= 0xfefc:
		return rewrite
	case unicode.Is(unicode.Mn, r):
		return mark | rewrite
	case unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r):
		return letter
	case unicode.Is(unicode.Latin, r) && unicode.IsLetter(r):
		return latin
	}
	return other
}

func traitOf(r rune) trait {
	switch {
	case r < 128:
		return ascii[r]
	case r >= 0x600 && r <= 0x6ff:
		return arabic[r-0x600]
	}
	return slowTrait(r)
}

// scanned is a text as it goes into the list.
type scanned struct {
	text   []byte // the cell's own bytes, or rewritten ones that live until the next scan
	runes  int
	traits trait // of the text as it goes into the list; forbidden of the cell as it came
}

// scanner rewrites texts: NFC, Persian letters, invisible marks and kashidas stripped, edges trimmed. ZWNJ is kept for display.
type scanner struct{ rewritten, composed []byte }

func (s *scanner) scan(b []byte) scanned {
	x := survey(b)
	edges := len(b) > 0 && (b[0] == ' ' || b[len(b)-1] == ' ' || b[0] == zwnj[0] && bytes.HasPrefix(b, zwnj) || bytes.HasSuffix(b, zwnj))
	if x.traits&rewrite == 0 && !edges {
		x.text = b
		return x
	}
	s.rewritten = s.rewritten[:0]
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		s.rewritten = appendRewritten(s.rewritten, r, b[i:i+n])
		i += n
	}
	text := s.rewritten
	if !norm.NFC.IsNormal(text) {
		s.composed = norm.NFC.Append(s.composed[:0], text...)
		text = s.composed
	}
	text = bytes.TrimFunc(text, isEdge)
	y := survey(text)
	y.text, y.traits = text, y.traits|x.traits&forbidden
	return y
}

var zwnj = []byte("\u200c")

// isEdge tells what no text begins or ends with: a space, and a ZWNJ, which joins nothing there.
func isEdge(r rune) bool { return r == 0x200c || unicode.IsSpace(r) }

func survey(b []byte) (x scanned) {
	for i := 0; i < len(b); {
		c := b[i]
		x.runes++
		switch {
		case c < utf8.RuneSelf:
			x.traits |= ascii[c]
			i++
		case c >= 0xd8 && c <= 0xdb && i+1 < len(b): // U+0600 to U+06FF, the workbook has seen to it that it is UTF-8
			x.traits |= arabic[int(c&3)<<6|int(b[i+1]&0x3f)]
			i += 2
		default:
			r, n := utf8.DecodeRune(b[i:])
			x.traits |= traitOf(r)
			i += n
		}
	}
	return x
}

func appendRewritten(dst []byte, r rune, own []byte) []byte {
	switch r {
	case 'ي', 'ى':
		return append(dst, "ی"...)
	case 'ك':
		return append(dst, "ک"...)
	case 'ـ', 0x200e, 0x200f, 0xfeff, 0xad, 0x61c:
		return dst
	}
	switch {
	case unicode.IsSpace(r):
		return append(dst, ' ')
	case r >= 0xfb50 && r <= 0xfdff || r >= 0xfe70 && r <= 0xfefc:
		// A presentation form is the letter as a font draws it; only there does compatibility fold.
		if plain := norm.NFKC.Bytes(own); !bytes.Equal(plain, own) {
			for _, q := range string(plain) {
				dst = appendRewritten(dst, q, []byte(string(q)))
			}
			return dst
		}
	}
	return append(dst, own...)
}

// withoutFive drops the characters that no organisation's file may hold.
func withoutFive(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, c := range text {
		if c >= utf8.RuneSelf || ascii[c] != five {
			out = append(out, c)
		}
	}
	return bytes.TrimSpace(out)
}

// asciiDigits writes Persian and Arabic digits as ASCII ones and leaves all else.
func asciiDigits(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		v, n := digitAt(text[i:])
		if v >= 0 {
			dst = append(dst, byte('0'+v))
		} else {
			dst = append(dst, text[i:i+n]...)
		}
		i += n
	}
	return dst
}

// lettered tells whether a text holds a letter at all: marks and signs alone name no one.
func lettered(text []byte) bool { return bytes.IndexFunc(text, unicode.IsLetter) >= 0 }

// allDigits tells whether the text is ASCII digits only.
func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}
