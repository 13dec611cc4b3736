package main

import (
	"bytes"
	"io"
	"unicode"
)

// legible writes text to a terminal. Names and values come from files that anyone may have made: what would steer the terminal
// or turn the direction of the words shows as a mark.
type legible struct{ w io.Writer }

func (l legible) Write(b []byte) (int, error) {
	_, err := l.w.Write(bytes.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return unicode.ReplacementChar
		}
		return r
	}, b))
	return len(b), err
}

// textOrJSON is where a command prints: JSON keeps every character as it was sent, and escapes it itself.
func textOrJSON(w io.Writer, asJSON bool) io.Writer {
	if asJSON {
		return w
	}
	return legible{w}
}
