package sim

import "strings"

// encoding is one of the two byte encodings found in the social security
// files.
type encoding int

const (
	encodingUnknown encoding = iota
	encodingIranSystem
	encodingCP1256
)

// The words of the sex column in both encodings: the only column whose content
// tells the encodings apart without a guess.
var sexWords = map[string]encoding{
	"\xA2\xA4\xF5": encodingIranSystem, "\xF6\xA5": encodingIranSystem,
	"\xE3\xD1\xCF": encodingCP1256, "\xD2\xE4": encodingCP1256,
}

// decode returns the text in reading order, and false when a byte has no
// meaning in the encoding.
func (e encoding) decode(b []byte) (string, bool) {
	switch e {
	case encodingIranSystem:
		return decodeIranSystem(b)
	case encodingCP1256:
		return decodeCP1256(b)
	}
	return "", false
}

// iranLetters holds the upper half of Iran System: by letter, whatever its
// form; FC and FD, which ئ shares with ی, are read as the far commoner ی. A blank entry is a drawing character that no text holds.
var iranLetters = [128]string{
	0x00: "0", 0x01: "1", 0x02: "2", 0x03: "3", 0x04: "4", 0x05: "5", 0x06: "6", 0x07: "7",
	0x08: "8", 0x09: "9", 0x0A: "،", 0x0B: "ـ", 0x0C: "؟", 0x0D: "آ", 0x0E: "ئ", 0x0F: "ء",
	0x10: "ا", 0x11: "ا", 0x12: "ب", 0x13: "ب", 0x14: "پ", 0x15: "پ", 0x16: "ت", 0x17: "ت",
	0x18: "ث", 0x19: "ث", 0x1A: "ج", 0x1B: "ج", 0x1C: "چ", 0x1D: "چ", 0x1E: "ح", 0x1F: "ح",
	0x20: "خ", 0x21: "خ", 0x22: "د", 0x23: "ذ", 0x24: "ر", 0x25: "ز", 0x26: "ژ", 0x27: "س",
	0x28: "س", 0x29: "ش", 0x2A: "ش", 0x2B: "ص", 0x2C: "ص", 0x2D: "ض", 0x2E: "ض", 0x2F: "ط",
	0x60: "ظ", 0x61: "ع", 0x62: "ع", 0x63: "ع", 0x64: "ع", 0x65: "غ", 0x66: "غ", 0x67: "غ",
	0x68: "غ", 0x69: "ف", 0x6A: "ف", 0x6B: "ق", 0x6C: "ق", 0x6D: "ک", 0x6E: "ک", 0x6F: "گ",
	0x70: "گ", 0x71: "ل", 0x72: "لا", 0x73: "ل", 0x74: "م", 0x75: "م", 0x76: "ن", 0x77: "ن",
	0x78: "و", 0x79: "ه", 0x7A: "ه", 0x7B: "ه", 0x7C: "ی", 0x7D: "ی", 0x7E: "ی", 0x7F: "\u00A0",
}

// iranGlyph is one stored byte read as text, and whether it runs left to right.
type iranGlyph struct {
	text         string
	latin, digit bool
}

// decodeIranSystem undoes the visual order: glyphs are stored as seen from left
// to right, so Persian comes out reversed while Latin and number runs stay.
func decodeIranSystem(b []byte) (string, bool) {
	glyphs := make([]iranGlyph, 0, len(b))
	ok := true
	for _, c := range b {
		g := iranGlyph{text: string(rune(c))}
		switch {
		case c >= 0x80:
			g.text = iranLetters[c-0x80]
			g.digit = c <= 0x89
			ok = ok && g.text != ""
		case c >= '0' && c <= '9':
			g.digit = true
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			g.latin = true
		case c < 0x20 || c == 0x7F:
			ok = false
		}
		glyphs = append(glyphs, g)
	}
	var out []string
	for i := 0; i < len(glyphs); {
		end := leftToRightRun(glyphs, i)
		if end == i {
			out = append(out, mirrored(glyphs[i].text))
			i++
			continue
		}
		var run strings.Builder
		for _, g := range glyphs[i:end] {
			run.WriteString(g.text)
		}
		out = append(out, run.String())
		i = end
	}
	var text strings.Builder
	for i := len(out) - 1; i >= 0; i-- {
		text.WriteString(out[i])
	}
	return text.String(), ok
}

// leftToRightRun returns the end of the run that starts at i: numbers alone are
// a run each; one that holds Latin letters keeps its inner spaces and marks.
func leftToRightRun(g []iranGlyph, i int) int {
	if !g[i].latin && !g[i].digit {
		return i
	}
	number := i
	for number < len(g) && g[number].digit {
		number++
	}
	end, latin := i, false
	for j := i; j < len(g); j++ {
		if g[j].latin || g[j].digit {
			end, latin = j+1, latin || g[j].latin
		} else if !strings.Contains(" .-/:,", g[j].text) {
			break
		}
	}
	if latin {
		return end
	}
	return number
}

func mirrored(s string) string {
	switch s {
	case "(":
		return ")"
	case ")":
		return "("
	case "[":
		return "]"
	case "]":
		return "["
	}
	return s
}

// cp1256 holds the upper half of Windows-1256.
var cp1256 = []rune("€پ‚ƒ„…†‡ˆ‰ٹ‹Œچژڈگ‘’“”•–—ک™ڑ›œ\u200c\u200dں\u00a0،¢£¤¥¦§¨©ھ«¬\u00ad®¯°±²³´µ¶·¸¹؛»¼½¾؟" +
	"ہءآأؤإئابةتثجحخدذرزسشصض×طظعغـفقكàلâمنهوçèéêëىيîï\u064b\u064c\u064d\u064eô\u064f\u0650÷\u0651ù\u0652ûü\u200e\u200fے")

// decodeCP1256 reads logical order; Arabic forms of Persian letters come out as
// the Persian ones.
func decodeCP1256(b []byte) (string, bool) {
	var out strings.Builder
	ok := true
	for _, c := range b {
		r := rune(c)
		if c >= 0x80 {
			r = cp1256[c-0x80]
		}
		switch {
		case r < 0x20 || r == 0x7F:
			ok = false
		case r == 'ي' || r == 'ى':
			r = 'ی'
		case r == 'ك':
			r = 'ک'
		}
		out.WriteRune(r)
	}
	return out.String(), ok
}

func trimSpaces(b []byte) string { return strings.Trim(string(b), " ") }
