package intake

import (
	"errors"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"fehrest/internal/fault"
)

// jsonText is how much of one string is kept; whatever is longer is too long for any column.
const jsonText = 64 << 10

// jsonError is why a document is no JSON that is read.
type jsonError struct {
	entry  *fault.Entry
	offset int64
	with   []string
}

func (e *jsonError) Error() string {
	return "intake: " + e.entry.Code + " at byte " + strconv.FormatInt(e.offset, 10)
}

// jsonScanner reads JSON (RFC 8259) strictly, token by token, through a window of the file: nothing is guessed or repaired.
type jsonScanner struct {
	r      io.ReaderAt
	size   int64
	buf    []byte
	off    int64 // of buf[0]
	pos    int   // in buf
	depth  int
	most   int    // depth allowed
	text   []byte // of the last string, decoded
	failed error  // of the reader itself
}

func (in *input) scanJSON(from int64) *jsonScanner {
	return &jsonScanner{r: in.r, size: in.size, most: in.o.Limits.JSONDepth, off: from, buf: make([]byte, 0, 64<<10)}
}

// offset is the place of the next byte.
func (s *jsonScanner) offset() int64 { return s.off + int64(s.pos) }

// peek shows the next byte; ok is false at the end of the file.
func (s *jsonScanner) peek() (b byte, ok bool) {
	if s.pos < len(s.buf) {
		return s.buf[s.pos], true
	}
	s.off += int64(len(s.buf))
	s.pos = 0
	n, err := s.r.ReadAt(s.buf[:min(int64(cap(s.buf)), max(s.size-s.off, 0))], s.off)
	s.buf = s.buf[:n]
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
		return 0, false
	}
	if n == 0 {
		return 0, false
	}
	return s.buf[0], true
}

func (s *jsonScanner) space() (b byte, ok bool) {
	for {
		b, ok = s.peek()
		if !ok || b != ' ' && b != '\n' && b != '\t' && b != '\r' {
			return b, ok
		}
		s.pos++
	}
}

// fail is JSON-01 at the next byte, or the reader's own error.
func (s *jsonScanner) fail() error { return s.failAs(codeJSON01) }

func (s *jsonScanner) failAs(e *fault.Entry, with ...string) error {
	if s.failed != nil {
		return s.failed
	}
	at := s.offset()
	return &jsonError{entry: e, offset: at, with: append(with, "offset", strconv.FormatInt(at, 10))}
}

// expect takes one byte after spaces.
func (s *jsonScanner) expect(want byte) error {
	if b, ok := s.space(); !ok || b != want {
		return s.fail()
	}
	s.pos++
	return nil
}

// object reads the members of an object, calling member after each key; member reads the value. The key is valid until
// the value is read.
func (s *jsonScanner) object(member func(key []byte) error) error {
	if err := s.open('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		b, ok := s.space()
		if !ok {
			return s.fail()
		}
		if b == '}' && first {
			break
		}
		if !first {
			if b == '}' {
				break
			}
			if err := s.expect(','); err != nil {
				return err
			}
			s.space()
		}
		if err := s.string(); err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		s.space()
		if err := member(s.text); err != nil {
			return err
		}
	}
	s.pos++
	s.depth--
	return nil
}

// array reads the elements of an array.
func (s *jsonScanner) array(element func(i int) error) error {
	if err := s.open('['); err != nil {
		return err
	}
	for i := 0; ; i++ {
		b, ok := s.space()
		if !ok {
			return s.fail()
		}
		if b == ']' {
			break
		}
		if i > 0 {
			if err := s.expect(','); err != nil {
				return err
			}
			if b, _ = s.space(); b == ']' {
				return s.fail()
			}
		}
		if err := element(i); err != nil {
			return err
		}
	}
	s.pos++
	s.depth--
	return nil
}

func (s *jsonScanner) open(b byte) error {
	if err := s.expect(b); err != nil {
		return err
	}
	if s.depth++; s.depth > s.most {
		s.pos--
		return s.failAs(codeJSON02, "most", strconv.Itoa(s.most))
	}
	return nil
}

// jsonKind is what a value is.
type jsonKind uint8

const (
	jsonString jsonKind = iota
	jsonNumber
	jsonBool
	jsonNull
	jsonObject
	jsonArray
)

// kind tells what the next value is by its first byte.
func (s *jsonScanner) kind() (jsonKind, error) {
	b, ok := s.space()
	switch {
	case !ok:
		return 0, s.fail()
	case b == '"':
		return jsonString, nil
	case b == '{':
		return jsonObject, nil
	case b == '[':
		return jsonArray, nil
	case b == '-' || b >= '0' && b <= '9':
		return jsonNumber, nil
	case b == 't' || b == 'f':
		return jsonBool, nil
	case b == 'n':
		return jsonNull, nil
	}
	return 0, s.fail()
}

// skip reads any value and keeps nothing of it.
func (s *jsonScanner) skip() error {
	k, err := s.kind()
	if err != nil {
		return err
	}
	switch k {
	case jsonObject:
		return s.object(func([]byte) error { return s.skip() })
	case jsonArray:
		return s.array(func(int) error { return s.skip() })
	}
	return s.scalar(k)
}

// scalar reads a string, number, literal or null; its text is in s.text.
func (s *jsonScanner) scalar(k jsonKind) error {
	switch k {
	case jsonString:
		return s.string()
	case jsonNumber:
		return s.numeral()
	case jsonNull:
		return s.literal("null")
	}
	if b, _ := s.peek(); b == 't' {
		return s.literal("true")
	}
	return s.literal("false")
}

func (s *jsonScanner) literal(word string) error {
	s.text = append(s.text[:0], word...)
	for i := range len(word) {
		if b, ok := s.peek(); !ok || b != word[i] {
			return s.fail()
		}
		s.pos++
	}
	return nil
}

// numeral reads a number by the grammar and keeps it as written: it is never a float.
func (s *jsonScanner) numeral() error {
	s.text = s.text[:0]
	if b, _ := s.peek(); b == '-' {
		s.push(b)
	}
	switch b, ok := s.peek(); {
	case !ok || b < '0' || b > '9':
		return s.fail()
	case b == '0':
		s.push(b)
	default:
		s.numerals()
	}
	if b, ok := s.peek(); ok && b == '.' {
		s.push(b)
		if s.numerals() == 0 {
			return s.fail()
		}
	}
	if b, ok := s.peek(); ok && (b == 'e' || b == 'E') {
		s.push(b)
		if b, ok := s.peek(); ok && (b == '+' || b == '-') {
			s.push(b)
		}
		if s.numerals() == 0 {
			return s.fail()
		}
	}
	return nil
}

func (s *jsonScanner) numerals() (n int) {
	for {
		b, ok := s.peek()
		if !ok || b < '0' || b > '9' {
			return n
		}
		s.push(b)
		n++
	}
}

func (s *jsonScanner) push(b byte) {
	s.pos++
	if len(s.text) < jsonText {
		s.text = append(s.text, b)
	}
}

// string reads a string and checks its characters: no control characters as they are, no invalid UTF-8, no half of a
// surrogate pair.
func (s *jsonScanner) string() error {
	if err := s.expect('"'); err != nil {
		return err
	}
	s.text = s.text[:0]
	for {
		b, ok := s.peek()
		switch {
		case !ok:
			return s.fail()
		case b == '"':
			s.pos++
			return nil
		case b == '\\':
			if err := s.escape(); err != nil {
				return err
			}
		case b < ' ':
			return s.fail()
		case b < utf8.RuneSelf:
			s.push(b)
		default:
			if err := s.letter(b); err != nil {
				return err
			}
		}
	}
}

// letter reads one character of several bytes.
func (s *jsonScanner) letter(first byte) error {
	var c [utf8.UTFMax]byte
	n := 2
	switch {
	case first >= 0xf0:
		n = 4
	case first >= 0xe0:
		n = 3
	}
	for i := range n {
		b, ok := s.peek()
		if !ok {
			return s.fail()
		}
		c[i] = b
		if i > 0 && b&0xc0 != 0x80 {
			return s.failAs(codeJSON06)
		}
		s.pos++
	}
	if r, size := utf8.DecodeRune(c[:n]); r == utf8.RuneError || size != n {
		if r != utf8.RuneError || size != n {
			return s.failAs(codeJSON06)
		}
	}
	if len(s.text) < jsonText {
		s.text = append(s.text, c[:n]...)
	}
	return nil
}

func (s *jsonScanner) escape() error {
	s.pos++
	b, ok := s.peek()
	if !ok {
		return s.fail()
	}
	switch b {
	case '"', '\\', '/':
		s.push(b)
		return nil
	case 'b', 'f', 'n', 'r', 't':
		s.push(map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}[b])
		return nil
	case 'u':
		s.pos++
		return s.unicode()
	}
	return s.fail()
}

func (s *jsonScanner) unicode() error {
	r, err := s.hex()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) {
		for _, want := range []byte{'\\', 'u'} {
			if b, ok := s.peek(); !ok || b != want {
				return s.failAs(codeJSON06)
			}
			s.pos++
		}
		low, err := s.hex()
		if err != nil {
			return err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return s.failAs(codeJSON06)
		}
	}
	if len(s.text) < jsonText {
		s.text = utf8.AppendRune(s.text, r)
	}
	return nil
}

func (s *jsonScanner) hex() (r rune, err error) {
	for range 4 {
		b, ok := s.peek()
		if !ok {
			return 0, s.fail()
		}
		v, err := strconv.ParseUint(string(b), 16, 8)
		if err != nil {
			return 0, s.fail()
		}
		r = r<<4 | rune(v)
		s.pos++
	}
	return r, nil
}
