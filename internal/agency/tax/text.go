package tax

import (
	"strings"
	"unicode/utf8"
)

// written is a text as the files hold it: without a comma, which would end the field, without direction marks, and no
// longer than the width in letters (0: no limit), whole words where one fits.
func written(s string, width int) string {
	s = clean(s)
	if width == 0 || len(s) <= width || utf8.RuneCountInString(s) <= width {
		return s
	}
	return cut(s, width)
}

func clean(s string) string {
	for i := range len(s) {
		// The direction marks begin with 0xE2; so does the non-joiner, which the slow way keeps.
		if c := s[i]; c == ',' || c < ' ' || c == 0xE2 {
			return strings.Map(cleanLetter, s)
		}
	}
	return s
}

func cleanLetter(r rune) rune {
	switch {
	case r == '\u200E' || r == '\u200F':
		return -1
	case r == ',' || r < ' ': // a line break would end the line
		return ' '
	}
	return r
}

func cut(s string, width int) string {
	end, letters := 0, 0 // the byte behind the last letter that fits
	for i := range s {
		if letters == width {
			end = i
			break
		}
		letters++
	}
	if s[end] != ' ' {
		if word := strings.LastIndexByte(s[:end], ' '); word > 0 {
			end = word
		}
	}
	return strings.TrimRight(s[:end], " ")
}
