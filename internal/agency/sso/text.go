package sso

import (
	"strings"
	"unicode/utf8"

	"fehrest/internal/dbf"
)

// forbidden are the characters that the file guide allows nowhere.
const forbidden = "\"'<>&"

// forbids tells whether a forbidden character is among the bytes; every encoding leaves them as they are.
func forbids(b []byte) bool {
	for _, c := range b {
		if c <= '>' && (c == '"' || c == '\'' || c == '&' || c == '<' || c == '>') {
			return true
		}
	}
	return false
}

// plain tells by encoding which bytes of the letters U+0600 to U+06FF are kept as they are: one letter, one byte.
var plain = plainLetters()

func plainLetters() (t [dbf.CP1256 + 1][0x100]bool) {
	for enc := range t {
		for r := rune(0x600); r <= 0x6FF; r++ {
			b, loss := dbf.Encoding(enc).Encode(string(r))
			t[enc][r-0x600] = len(b) == 1 && loss.Letters == nil && loss.Spaced == nil
		}
	}
	return t
}

// letters counts the letters of an ordinary text: one that is written as it stands, a byte a letter at most. ok is false
// where that takes a closer look.
func letters(enc dbf.Encoding, s string) (n int, ok bool) {
	if s == "" {
		return 0, true
	}
	if int(enc) >= len(plain) || s[0] == ' ' || s[len(s)-1] == ' ' || strings.HasPrefix(s, nonJoiner) || strings.HasSuffix(s, nonJoiner) {
		return 0, false
	}
	table := &plain[enc]
	for i := 0; i < len(s); n++ {
		switch c := s[i]; {
		case c&0xFC == 0xD8 && i+1 < len(s) && table[c&3<<6|s[i+1]&0x3F]:
			i += 2
		case c >= ' ' && c < 0x7F && c != '"' && c != '\'' && c != '<' && c != '>' && c != '&':
			i++
		case c == nonJoiner[0] && strings.HasPrefix(s[i:], nonJoiner):
			i += len(nonJoiner)
		default:
			return 0, false
		}
	}
	return n, true
}

// nonJoiner is written as a space, so that it must not stand at an edge.
const nonJoiner = "\u200c"

// written is a text as the file holds it, at most width bytes.
func written(enc dbf.Encoding, s string, width int) string {
	if n, ok := letters(enc, s); ok && n <= width {
		return s
	}
	return cut(enc, clean(s), width)
}

// clean takes out what the file guide forbids: its characters, line breaks, and spaces at the edges.
func clean(s string) string {
	if strings.ContainsAny(s, forbidden+"\r\n") {
		var b strings.Builder
		gap := false // a character was taken out behind a space
		for _, r := range s {
			switch {
			case r == '\r' || r == '\n':
				r = ' '
				fallthrough
			case r == ' ':
				if gap {
					continue
				}
			case strings.ContainsRune(forbidden, r):
				gap = gap || strings.HasSuffix(b.String(), " ")
				continue
			}
			gap = false
			b.WriteRune(r)
		}
		s = b.String()
	}
	return strings.Trim(s, " "+nonJoiner)
}

// cut returns the text that fits the width in bytes, whole words where one fits. The text it was given has passed clean.
func cut(enc dbf.Encoding, s string, width int) string {
	for {
		if b, _ := enc.Encode(s); len(b) <= width {
			return s
		}
		if i := strings.LastIndexByte(s, ' '); i > 0 {
			s = strings.TrimRight(s[:i], " "+nonJoiner)
			continue
		}
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
}

// asciiDigits writes an identifier's Persian and Arabic digits as ASCII, as the files hold identifiers.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		}
		return r
	}, s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
