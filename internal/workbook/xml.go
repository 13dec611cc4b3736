package workbook

import (
	"bytes"
	"io"
	"slices"
)

// scanner reads XML strictly over bytes: tags match, attributes are unique, entities known, text valid UTF-8,
// no DOCTYPE, depth and attributes bounded. What it gives points into its window and holds until the next call.
type scanner struct {
	part   string
	depth  int // elements allowed within one another
	src    io.Reader
	window []byte
	r, w   int
	eof    bool

	local   []byte // element's name without its prefix; nil for one of another vocabulary than the root's
	prefix  []byte // of the root element: what has another one is of another vocabulary
	attrs   []attr
	text    []byte // as written, or decoded when raw is false
	flags   byte
	literal bool // text came from CDATA: & means itself

	open    []byte // names of the open elements, one after the other
	marks   []int  // where each begins in open
	closing bool   // the element just started was <empty/>: its end comes next
	rooted  bool   // the root element was seen
	scratch []byte // decoded attribute values
}

type attr struct{ name, value []byte }

type token uint8

const (
	tokenEOF token = iota
	tokenStart
	tokenEnd
	tokenText

	tokenMore   = tokenEOF    // inside next: not whole in the window yet
	tokenPassed = token(0xFF) // inside next: nothing to tell
)

// What a byte may be, so that one pass over text finds both its end and what needs a second look.
const (
	isName    byte = 1 << iota
	isInk          // anything but blanks
	isMark         // & of a reference, or ] that may end a CDATA section which never began
	isHigh         // not ASCII
	isControl      // never allowed
	isReturn       // carriage return, to be folded
	isUnder        // _ that may begin an escape
	isLess         // <
)

var class = classes()

func classes() (c [256]byte) {
	for i := range c {
		b := byte(i)
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '.', b == ':': // no vocabulary of the format has names beyond ASCII
			c[i] = isName | isInk
		case b == '_':
			c[i] = isName | isInk | isUnder
		case b >= 0x80:
			c[i] = isInk | isHigh
		case b == '\t', b == '\n', b == ' ':
		case b == '\r':
			c[i] = isReturn
		case b < ' ':
			c[i] = isControl | isInk
		case b == '&', b == ']':
			c[i] = isMark | isInk
		case b == '<':
			c[i] = isLess | isInk
		default:
			c[i] = isInk
		}
	}
	return c
}

// newScanner reads a whole part; size is a hint for the window.
func (a *Archive) newScanner(p *part, src io.Reader) *scanner {
	return &scanner{part: p.name, depth: a.limits.Depth, src: src, window: make([]byte, min(max(p.size+1, 512), 128<<10))}
}

func (s *scanner) refuse(code, reason string) error { return refusal(code, s.part, reason) }
func (s *scanner) malformed() error                 { return s.refuse("FILE-05", whyMalformed) }

// root reads up to the root element and holds it to its name.
func (s *scanner) root(name string) error {
	if err := s.prolog(); err != nil {
		return err
	}
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return err
		case t == tokenEOF:
			return s.refuse("FILE-05", whyTruncated)
		case t == tokenStart && string(s.local) != name:
			return s.refuse("FILE-05", whyUnexpected)
		case t == tokenStart:
			return nil
		}
	}
}

// finish reads what follows the root to the very end, so that the part's checksum counts.
func (s *scanner) finish() error {
	for {
		if t, err := s.next(); err != nil || t == tokenEOF {
			return err
		}
	}
}

// child moves to the next element directly inside the open one; false is the end of the open one.
// The element before must have been read or skipped to its end.
func (s *scanner) child() (bool, error) {
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return false, err
		case t == tokenStart:
			return true, nil
		case t == tokenEnd:
			return false, nil
		case s.flags&isInk != 0:
			return false, s.refuse("FILE-05", whyUnexpected)
		}
	}
}

// skip passes over the open element whatever it holds.
func (s *scanner) skip() error {
	for depth := len(s.marks); len(s.marks) >= depth; {
		t, err := s.next()
		if err == nil && t == tokenText && s.flags&isMark != 0 {
			s.scratch, err = s.decode(s.scratch[:0], s.text, s.literal)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// content appends the decoded text of the open element up to its end. _xHHHH_ escapes are decoded.
func (s *scanner) content(to []byte) ([]byte, error) {
	from := len(to)
	var flags byte
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return to, err
		case t == tokenStart:
			return to, s.refuse("FILE-05", whyUnexpected)
		case t == tokenEnd:
			if flags&isUnder != 0 {
				to = unescape(to, from)
			}
			return to, nil
		}
		flags |= s.flags
		if s.flags&(isMark|isReturn) == 0 {
			to = append(to, s.text...)
		} else if to, err = s.decode(to, s.text, s.literal); err != nil {
			return to, err
		}
		if flags&isMark != 0 {
			flags |= isUnder // &#95; is an underscore too
		}
		if len(to)-from > maxToken {
			return to, s.refuse("FILE-06", whyText)
		}
	}
}

// value gives an attribute by its unprefixed name, nil when absent.
func (s *scanner) value(name string) []byte {
	for i := range s.attrs {
		if string(s.attrs[i].name) == name {
			return s.attrs[i].value
		}
	}
	return nil
}

// short gives an attribute that is kept, and refuses one longer than any program writes.
func (s *scanner) short(name string) (string, error) {
	v := s.value(name)
	if len(v) > maxKept {
		return "", s.refuse("FILE-06", whyText)
	}
	return string(v), nil
}

// known refuses an attribute of this vocabulary that is not among the names: misspelt, its meaning would be lost silently.
func (s *scanner) known(names []string) error {
	for i := range s.attrs {
		if name := s.attrs[i].name; bytes.IndexByte(name, ':') < 0 && !slices.Contains(names, string(name)) && string(name) != "xmlns" {
			return s.refuse("FILE-05", whyAttribute)
		}
	}
	return nil
}

// pass skips an element that says nothing of values: one of another vocabulary, or one of the names.
func (s *scanner) pass(names []string) error {
	known := s.local == nil || slices.Contains(names, string(s.local))
	if err := s.skip(); err != nil || known {
		return err
	}
	return s.refuse("FILE-05", whyUnexpected)
}

// truth reads an attribute that is 1, 0, true or false; absent is false.
func (s *scanner) truth(name string) (bool, error) { return s.truthOf(s.value(name)) }

func (s *scanner) truthOf(v []byte) (bool, error) {
	switch string(v) {
	case "1", "true":
		return true, nil
	case "", "0", "false":
		return false, nil
	}
	return false, s.refuse("FILE-05", whyAttribute)
}

// next gives the next token. After tokenStart local and attrs are set, after tokenText text and flags.
func (s *scanner) next() (token, error) {
	if s.closing {
		s.closing = false
		s.pop()
		return tokenEnd, nil
	}
	for {
		b := s.window[s.r:s.w]
		var t token
		var err error
		switch {
		case len(b) == 0 && s.eof:
			return s.end()
		case len(b) == 0:
		case b[0] != '<':
			t, err = s.readText(b)
		case len(b) == 1:
		case b[1] == '/':
			t, err = s.readEnd(b)
		case b[1] == '!':
			t, err = s.readDeclaration(b)
		case b[1] == '?':
			t, err = s.readInstruction(b)
		default:
			t, err = s.readStart(b)
		}
		switch {
		case t == tokenPassed && err == nil:
			continue
		case err != nil || t != tokenMore:
			return t, err
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

func (s *scanner) end() (token, error) {
	if len(s.marks) > 0 || !s.rooted {
		return 0, s.refuse("FILE-05", whyTruncated)
	}
	return tokenEOF, nil
}

// more reads on, keeping what lies unread in the window; a token longer than any lawful one is refused.
func (s *scanner) more() error {
	if s.eof {
		return s.refuse("FILE-05", whyTruncated)
	}
	if s.r > 0 {
		copy(s.window, s.window[s.r:s.w])
		s.w -= s.r
		s.r = 0
	}
	if s.w == len(s.window) {
		if len(s.window) >= maxToken {
			return s.refuse("FILE-06", whyText)
		}
		s.window = append(s.window, make([]byte, len(s.window))...)
	}
	for s.w < len(s.window) {
		n, err := s.src.Read(s.window[s.w:])
		s.w += n
		if err == io.EOF {
			s.eof = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) readText(b []byte) (token, error) {
	var flags byte
	i := 0
	for i < len(b) && b[i] != '<' {
		flags |= class[b[i]]
		i++
	}
	if i == len(b) && !s.eof {
		return tokenMore, nil
	}
	if len(s.marks) == 0 && flags&isInk != 0 {
		return 0, s.malformed()
	}
	s.r += i
	return tokenText, s.setText(b[:i], flags, false)
}

func (s *scanner) setText(b []byte, flags byte, literal bool) error {
	s.text, s.flags, s.literal = b, flags, literal
	switch {
	case flags&isControl != 0 || flags&isHigh != 0 && !validText(b):
		return s.refuse("FILE-05", whyUTF8)
	case flags&isMark != 0 && !literal && bytes.Contains(b, []byte("]]>")):
		return s.malformed()
	}
	return nil
}

func (s *scanner) readEnd(b []byte) (token, error) {
	if len(s.marks) == 0 {
		return 0, s.malformed()
	}
	name := s.open[s.marks[len(s.marks)-1]:]
	i := 2 + len(name)
	if len(b) <= i {
		if !bytes.HasPrefix(name, b[2:min(len(b), i)]) {
			return 0, s.malformed()
		}
		return tokenMore, nil
	}
	if !bytes.Equal(b[2:i], name) {
		return 0, s.malformed()
	}
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	if i == len(b) {
		return tokenMore, nil
	}
	if b[i] != '>' {
		return 0, s.malformed()
	}
	s.pop()
	s.r += i + 1
	return tokenEnd, nil
}

func (s *scanner) pop() {
	last := len(s.marks) - 1
	s.open = s.open[:s.marks[last]]
	s.marks = s.marks[:last]
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func (s *scanner) readStart(b []byte) (token, error) {
	i, prefix := 1, 0
	for i < len(b) && class[b[i]]&isName != 0 {
		if b[i] == ':' {
			if prefix > 0 {
				return 0, s.malformed()
			}
			prefix = i
		}
		i++
	}
	if i == len(b) {
		return tokenMore, nil
	}
	if i == 1 || !beginsName(b[1]) || prefix > 0 && (prefix == i-1 || !beginsName(b[prefix+1])) {
		return 0, s.malformed()
	}
	name := b[1:i]
	s.local = b[max(1, prefix+1):i]
	if p := b[1:max(1, prefix)]; !s.rooted {
		s.prefix = bytes.Clone(p)
	} else if !bytes.Equal(p, s.prefix) {
		s.local = nil
	}
	s.attrs = s.attrs[:0]
	s.scratch = s.scratch[:0]
	for {
		blank := i
		for i < len(b) && isBlank(b[i]) {
			i++
		}
		if i == len(b) {
			return tokenMore, nil
		}
		switch {
		case b[i] == '>':
			s.r += i + 1
			return s.push(name)
		case b[i] == '/':
			if i+1 == len(b) {
				return tokenMore, nil
			}
			if b[i+1] != '>' {
				return 0, s.malformed()
			}
			s.r += i + 2
			s.closing = true
			return s.push(name)
		case i == blank:
			return 0, s.malformed()
		}
		n, err := s.readAttr(b[i:])
		if err != nil || n == 0 {
			return tokenMore, err
		}
		i += n
	}
}

func (s *scanner) push(name []byte) (token, error) {
	switch {
	case len(s.marks) == 0 && s.rooted:
		return 0, s.malformed() // a second root
	case len(s.marks) == s.depth:
		return 0, over("FILE-08", s.part, whyDepth, int64(len(s.marks)+1), int64(s.depth))
	}
	s.rooted = true
	s.marks = append(s.marks, len(s.open))
	s.open = append(s.open, name...)
	return tokenStart, nil
}

// beginsName tells whether a name may begin with the character.
func beginsName(c byte) bool { return class[c]&isName != 0 && c > ':' }

// lawfulAttr tells whether a name is one, or two with a colon between them.
func lawfulAttr(name []byte) bool {
	prefix, local, two := bytes.Cut(name, []byte(":"))
	return len(prefix) > 0 && beginsName(prefix[0]) && (!two || len(local) > 0 && beginsName(local[0]) && bytes.IndexByte(local, ':') < 0)
}

// readAttr reads name="value" and returns its length, 0 when it is not whole in the window.
func (s *scanner) readAttr(b []byte) (int, error) {
	i := 0
	for i < len(b) && class[b[i]]&isName != 0 {
		i++
	}
	name := b[:i]
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	if b[i] != '=' || !lawfulAttr(name) {
		return 0, s.malformed()
	}
	i++
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	quote := b[i]
	if quote != '"' && quote != '\'' {
		return 0, s.malformed()
	}
	i++
	from := i
	var flags byte
	for i < len(b) && b[i] != quote {
		flags |= class[b[i]]
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	value := b[from:i]
	if flags&(isLess|isControl|isHigh|isMark|isReturn) != 0 {
		var err error
		if value, err = s.attrValue(value, flags); err != nil {
			return 0, err
		}
	}
	for k := range s.attrs {
		if string(s.attrs[k].name) == string(name) {
			return 0, s.malformed()
		}
	}
	if len(s.attrs) == maxAttrs {
		return 0, s.refuse("FILE-08", whyAttrs)
	}
	s.attrs = append(s.attrs, attr{name, value})
	return i + 1, nil
}

func (s *scanner) attrValue(v []byte, flags byte) ([]byte, error) {
	switch {
	case flags&isLess != 0:
		return nil, s.malformed()
	case flags&isControl != 0 || flags&isHigh != 0 && !validText(v):
		return nil, s.refuse("FILE-05", whyUTF8)
	case flags&(isMark|isReturn) == 0:
		return v, nil
	}
	from := len(s.scratch)
	var err error
	s.scratch, err = s.decode(s.scratch, v, false)
	return s.scratch[from:], err
}
