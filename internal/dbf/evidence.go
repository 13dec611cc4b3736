package dbf

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Evidence gathers what a table's texts tell of their encoding. The zero value
// has seen nothing. Give it the fields whose words are known, sex and
// nationality; names help to tell UTF-8 and broken exports.
type Evidence struct {
	found     [3]bool // by Encoding
	high      bool    // a byte beyond ASCII was seen
	questions bool    // a text of question marks only was seen
}

// knownWords are the words a column of sexes or nationalities holds.
var knownWords = []string{"مرد", "زن", "ایرانی"}

// Add looks at one text, padded or not.
func (e *Evidence) Add(text []byte) {
	text = bytes.Trim(text, " \x00")
	if len(text) == 0 {
		return
	}
	if len(bytes.Trim(text, "? ")) == 0 {
		e.questions = true
	}
	if !slices.ContainsFunc(text, func(c byte) bool { return c >= 0x80 }) {
		return
	}
	e.high = true
	// Writers differ in the forms they choose, so words are compared, not bytes.
	for _, enc := range []Encoding{IranSystem, CP1256} {
		if len(text) <= len("ایرانی") && slices.Contains(knownWords, enc.Decode(text)) {
			e.found[enc] = true
		}
	}
	if persianUTF8(text) {
		e.found[UTF8] = true
	}
}

// persianUTF8 tells whether b is UTF-8 with at least two letters of the Arabic
// script; the last letter may be cut off by the field's end.
func persianUTF8(b []byte) bool {
	letters := 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			if utf8.FullRune(b) {
				return false
			}
			break
		}
		if r >= 0x600 && r <= 0x6FF {
			letters++
		}
		b = b[n:]
	}
	return letters >= 2
}

// Plain tells whether nothing was seen that encodings write differently, and no
// question marks either.
func (e *Evidence) Plain() bool { return !e.high && !e.questions }

// Encoding returns the one encoding the texts speak for. It fails with
// ErrQuestionMarks when texts are question marks and none holds a letter
// beyond ASCII, and with ErrNoEvidence when no known word was seen or words
// of two encodings were.
func (e *Evidence) Encoding() (Encoding, error) {
	var only Encoding
	n := 0
	for enc, found := range e.found {
		if found {
			only = Encoding(enc)
			n++
		}
	}
	switch {
	case n == 1:
		return only, nil
	case e.questions && !e.high:
		return 0, ErrQuestionMarks
	}
	return 0, ErrNoEvidence
}

// Persian tells whether b reads in the encoding as nothing but Persian letters, digits and ASCII, as names and addresses do.
func (e Encoding) Persian(b []byte) bool {
	for _, r := range e.Decode(b) {
		letter := unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r)
		if _, number := digit(r); !letter && !number && (r < ' ' || r > '~') && !strings.ContainsRune("،؟\u00a0\u200c", r) {
			return false
		}
	}
	return true
}

// Guess returns the encoding the samples speak for; see Evidence.
func Guess(samples [][]byte) (Encoding, error) {
	var e Evidence
	for _, s := range samples {
		e.Add(s)
	}
	return e.Encoding()
}
