package sso

import (
	"strings"
	"unicode/utf8"

	"fehrest/internal/dbf"
)

// forbidden are the characters that the file guide allows nowhere.
const forbidden = "\"'<>&\r\n"

// clean writes a text without the characters the file guide forbids and without spaces at its edges.
func clean(s string) string {
	if !strings.ContainsAny(s, forbidden) {
		return strings.TrimSpace(s)
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || strings.ContainsRune(forbidden, r) }), " ")
}

// cut returns the text that fits the width in bytes, whole words where one fits. The text it was given has passed clean.
func cut(enc dbf.Encoding, s string, width int) string {
	if utf8.RuneCountInString(s) <= width { // no encoding here takes more than a byte a letter
		return s
	}
	for {
		if b, _ := enc.Encode(s); len(b) <= width {
			return s
		}
		if i := strings.LastIndexByte(s, ' '); i > 0 {
			s = strings.TrimRight(s[:i], " ")
			continue
		}
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
}
