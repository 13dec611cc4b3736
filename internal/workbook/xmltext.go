package workbook

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// prolog refuses other encodings and passes over a byte order mark and the XML declaration.
func (s *scanner) prolog() error {
	if err := s.more(); err != nil {
		return err
	}
	b := s.window[:s.w]
	for _, other := range []string{"\xFE\xFF", "\xFF\xFE", "\x00<", "<\x00", "\x00\x00", "\x4C\x6F\xA7\x94"} {
		if bytes.HasPrefix(b, []byte(other)) {
			return s.refuse("FILE-05", whyEncoding)
		}
	}
	if bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")) {
		s.r = 3
		b = b[3:]
	}
	if !bytes.HasPrefix(b, []byte("<?xml")) || len(b) > 5 && class[b[5]]&isName != 0 {
		return nil
	}
	end := bytes.Index(b, []byte("?>"))
	if end < 0 {
		return s.malformed()
	}
	s.r += end + 2
	return s.checkDeclaration(b[len("<?xml"):end])
}

// checkDeclaration takes version 1.0, and an encoding whose bytes are UTF-8.
func (s *scanner) checkDeclaration(b []byte) error {
	for i, name := range []string{"version", "encoding", "standalone"} {
		rest := bytes.TrimLeft(b, blanks)
		if len(rest) == len(b) || !bytes.HasPrefix(rest, []byte(name)) {
			if i == 0 {
				return s.malformed()
			}
			continue
		}
		rest, ok := bytes.CutPrefix(bytes.TrimLeft(rest[len(name):], blanks), []byte("="))
		rest = bytes.TrimLeft(rest, blanks)
		if !ok || len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return s.malformed()
		}
		value, after, ok := bytes.Cut(rest[1:], rest[:1])
		if !ok {
			return s.malformed()
		}
		b = after
		switch v := string(bytes.ToLower(value)); {
		case i == 1 && !slices.Contains([]string{"utf-8", "utf8", "us-ascii", "ascii"}, v):
			return s.refuse("FILE-05", whyEncoding)
		case i == 0 && v != "1.0":
			return s.malformed()
		}
	}
	if len(bytes.TrimLeft(b, blanks)) > 0 {
		return s.malformed()
	}
	return nil
}

const blanks = " \t\r\n"

// readDeclaration passes over a comment, gives CDATA as text, and refuses everything else that begins with <!.
func (s *scanner) readDeclaration(b []byte) (token, error) {
	const cdata, longest = "<![CDATA[", 9
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		return tokenPassed, s.passComment()
	case bytes.HasPrefix(b, []byte(cdata)):
		end := bytes.Index(b, []byte("]]>"))
		if end < 0 {
			return tokenMore, nil
		}
		if len(s.marks) == 0 {
			return 0, s.malformed()
		}
		text := b[longest:end]
		flags := isInk
		for _, c := range text {
			flags |= class[c]
		}
		s.r += end + 3
		return tokenText, s.setText(text, flags, true)
	case len(b) < longest && !s.eof:
		return tokenMore, nil
	case bytes.HasPrefix(bytes.ToUpper(b[:min(len(b), longest)]), []byte("<!DOCTYPE")):
		return 0, s.refuse("FILE-08", whyDoctype)
	}
	return 0, s.malformed()
}

// readInstruction passes over <?…?>; an XML declaration is one only at the very beginning.
func (s *scanner) readInstruction(b []byte) (token, error) {
	if len(b) < 6 && !s.eof {
		return tokenMore, nil
	}
	if bytes.HasPrefix(b, []byte("<?xml")) && (len(b) == 5 || class[b[5]]&isName == 0) {
		return 0, s.malformed()
	}
	i := 2
	for i < len(b) && class[b[i]]&isName != 0 {
		i++
	}
	switch {
	case i == len(b):
		return tokenMore, nil
	case !lawfulAttr(b[2:i]) || !isBlank(b[i]) && b[i] != '?':
		return 0, s.malformed()
	}
	return tokenPassed, s.passOver(i, "?>")
}

// passComment moves behind a comment, in which no two hyphens stand but its end's.
func (s *scanner) passComment() error {
	if err := s.passOver(len("<!--"), "--"); err != nil {
		return err
	}
	if s.r == s.w {
		if err := s.more(); err != nil {
			return err
		}
	}
	if s.r == s.w || s.window[s.r] != '>' {
		return s.malformed()
	}
	s.r++
	return nil
}

// passOver moves behind the next mark, keeping none of what it passes.
func (s *scanner) passOver(skip int, mark string) error {
	s.r += skip
	for {
		b := s.window[s.r:s.w]
		if end := bytes.Index(b, []byte(mark)); end >= 0 {
			s.r += end + len(mark)
			return s.lawful(b[:end])
		}
		whole := max(0, len(b)-len(mark)+1)
		for whole > 0 && !utf8.RuneStart(b[whole]) {
			whole--
		}
		if err := s.lawful(b[:whole]); err != nil {
			return err
		}
		s.r += whole
		if err := s.more(); err != nil {
			return err
		}
	}
}

// lawful refuses characters that XML has nowhere.
func (s *scanner) lawful(b []byte) error {
	var flags byte
	for _, c := range b {
		flags |= class[c]
	}
	if flags&isControl != 0 || flags&isHigh != 0 && !validText(b) {
		return s.refuse("FILE-05", whyUTF8)
	}
	return nil
}

// validText tells whether text that is not all ASCII is valid UTF-8 of characters XML allows.
func validText(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for {
		i := bytes.IndexByte(b, 0xEF)
		if i < 0 {
			return true
		}
		if b[i+1] == 0xBF && b[i+2] >= 0xBE {
			return false // U+FFFE, U+FFFF
		}
		b = b[i+3:]
	}
}

// decode appends text with its entities resolved and its line ends folded to \n.
func (s *scanner) decode(to, b []byte, literal bool) ([]byte, error) {
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\r':
			to = append(to, '\n')
			if i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
		case b[i] == '&' && !literal:
			end := bytes.IndexByte(b[i:min(len(b), i+12)], ';')
			r, ok := rune(0), false
			if end > 1 {
				r, ok = entity(b[i+1 : i+end])
			}
			if !ok {
				return to, s.refuse("FILE-05", whyEntity)
			}
			to = utf8.AppendRune(to, r)
			i += end
		default:
			to = append(to, b[i])
		}
	}
	return to, nil
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	base, digits := rune(10), name[1:]
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	if len(digits) == 0 || len(digits) > 8 {
		return 0, false
	}
	r := rune(0)
	for _, c := range digits {
		d, ok := hexDigit(c)
		if !ok || d >= base {
			return 0, false
		}
		if r = r*base + d; r > utf8.MaxRune {
			return 0, false
		}
	}
	return r, r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0xD800 || r >= 0xE000 && r != 0xFFFE && r != 0xFFFF
}

func hexDigit(c byte) (rune, bool) {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0'), true
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10, true
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10, true
	}
	return 0, false
}

// unescape decodes _xHHHH_ in b[from:], in place: an escape is never shorter than what it stands for.
// Half of a surrogate pair stays as it is written.
func unescape(b []byte, from int) []byte {
	i := bytes.IndexByte(b[from:], '_')
	if i < 0 {
		return b
	}
	out := b[:from+i]
	for i += from; i < len(b); {
		r, n := readEscape(b[i:])
		if n == 0 {
			out = append(out, b[i])
			i++
			continue
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return out
}

// readEscape reads one escape, or two that make a surrogate pair, and returns its length, 0 for none.
func readEscape(b []byte) (rune, int) {
	const length = 7
	high, ok := escape(b)
	switch {
	case !ok || high >= 0xDC00 && high < 0xE000:
		return 0, 0
	case high < 0xD800 || high >= 0xE000:
		return high, length
	}
	low, ok := escape(b[length:])
	if !ok || low < 0xDC00 || low >= 0xE000 {
		return 0, 0
	}
	return 0x10000 + (high-0xD800)<<10 + (low - 0xDC00), 2 * length
}

func escape(b []byte) (rune, bool) {
	if len(b) < 7 || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, false
	}
	r := rune(0)
	for _, c := range b[2:6] {
		d, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		r = r<<4 | d
	}
	return r, true
}
