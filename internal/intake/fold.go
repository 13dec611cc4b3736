package intake

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold writes a header or a word of a value table as it is compared: Arabic letters and hamza as Persian ones, digits as
// ASCII, small letters, and neither spaces, ZWNJ, vowel marks, kashida nor the colon and star that forms put after labels.
func fold(dst, s []byte) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		s = s[n:]
		if r = foldRune(r); r >= 0 {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// foldRune returns the rune to compare, and -1 for what is not compared.
func foldRune(r rune) rune {
	switch r {
	case 'ي', 'ى', 'ئ', 'ې':
		return 'ی'
	case 'ك', 'ڪ':
		return 'ک'
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ؤ':
		return 'و'
	case 'ة', 'ۀ', 'ہ', 'ھ', 'ە':
		return 'ه'
	case 'ء', 'ـ', ':', '：', '*', 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0xfeff, 0xad, 0x61c:
		return -1
	case '٪':
		return '%'
	}
	switch {
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	case r < ' ' || unicode.IsSpace(r) || unicode.Is(unicode.Mn, r):
		return -1
	}
	return r
}

var (
	idleWords = [][]byte{fold(nil, []byte("مبلغ")), fold(nil, []byte("جمع"))}
	inRials   = [][]byte{fold(nil, []byte("(ریال)")), fold(nil, []byte("(به ریال)"))}
	toman     = fold(nil, []byte("تومان"))
)

// normal is a header as the alias table knows it: folded, without the words مبلغ and جمع and without (ریال). A header
// that holds nothing else keeps its words.
func normal(header string) string {
	out := make([]byte, 0, 96)
	for word := range strings.FieldsSeq(header) {
		from := len(out)
		if out = fold(out, []byte(word)); isOneOf(out[from:], idleWords) {
			out = out[:from]
		}
	}
	for _, unit := range inRials {
		if i := bytes.Index(out, unit); i >= 0 {
			out = append(out[:i], out[i+len(unit):]...)
		}
	}
	if len(out) == 0 {
		out = fold(out, []byte(header))
	}
	return string(out)
}

func isOneOf(w []byte, set [][]byte) bool {
	for _, x := range set {
		if bytes.Equal(w, x) {
			return true
		}
	}
	return false
}

// inTomans tells whether a header says that its amounts are not rials.
func inTomans(header string) bool { return bytes.Contains(fold(nil, []byte(header)), toman) }

// total tells whether a cell names a totals row: جمع or مجموع, alone or as its first whole word. A person named جمعه is none.
func total(text []byte) bool {
	for len(text) > 0 && text[0] <= ' ' {
		text = text[1:]
	}
	for _, word := range [...]string{"جمع", "مجموع"} {
		if len(text) < len(word) || string(text[:len(word)]) != word {
			continue
		}
		after, _ := utf8.DecodeRune(text[len(word):])
		if !unicode.IsLetter(after) && !unicode.Is(unicode.Mn, after) {
			return true
		}
	}
	return false
}
