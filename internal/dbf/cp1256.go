package dbf

import (
	"strings"

	"golang.org/x/text/encoding/charmap"
)

func appendCP1256(dst []byte, s string, loss *Loss) []byte {
	for _, r := range s {
		if r >= 0x20 && r < 0x7F {
			dst = append(dst, byte(r))
			continue
		}
		if dropped(r) {
			continue
		}
		b, ok := charmap.Windows1256.EncodeRune(folded1256(r))
		if !ok || b < 0x20 || b == 0x7F {
			b = loss.add(r)
		}
		dst = append(dst, b)
	}
	return dst
}

// folded1256 returns the rune written for r: the code page has no Persian ی,
// no Persian digits and no ۀ.
func folded1256(r rune) rune {
	if d, ok := digit(r); ok {
		return '0' + rune(d)
	}
	switch r {
	case 'ی', 'ى':
		return '\u064a'
	case '\u0643':
		return 'ک'
	case 'ۀ':
		return 'ه'
	case nonJoiner: // it has a byte, which other programs show as a letter
		return ' '
	}
	return r
}

func decodeCP1256(b []byte) string {
	var s strings.Builder
	s.Grow(2 * len(b))
	for _, c := range b {
		r := charmap.Windows1256.DecodeByte(c)
		switch r {
		case '\u064a', 'ى':
			r = 'ی'
		case '\u0643':
			r = 'ک'
		}
		s.WriteRune(r)
	}
	return s.String()
}
