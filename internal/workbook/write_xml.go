package workbook

import (
	"bufio"
	"bytes"
	"html"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// markup cuts a part that was found sound into its pieces without losing a byte, so that it can be written again as it is.
type markup struct {
	from  *bufio.Reader
	raw   []byte // the piece at hand
	depth int    // of the element at hand, the root is 1
	ended bool

	quote byte // inside which the piece's bytes looked at end, 0 outside
	seen  int  // how many were looked at
}

// pieceKind says what a piece of markup is.
type pieceKind uint8

const (
	pieceText  pieceKind = iota // text, comments, instructions
	pieceOpen                   // <a>
	pieceClose                  // </a>
	pieceEmpty                  // <a/>
)

func cut(r io.Reader) *markup { return &markup{from: bufio.NewReaderSize(r, 64<<10)} }

// next gives the next piece, valid until the one after it; io.EOF at the end.
func (m *markup) next() (pieceKind, error) {
	if m.ended {
		m.depth--
		m.ended = false
	}
	m.raw = m.raw[:0]
	first, err := m.from.ReadByte()
	if err != nil {
		return 0, err
	}
	if first != '<' {
		_ = m.from.UnreadByte()
		return pieceText, m.text()
	}
	m.raw = append(m.raw, '<')
	m.quote, m.seen = 0, 0
	for {
		b, err := m.from.ReadSlice('>')
		m.raw = append(m.raw, b...)
		switch {
		case len(m.raw) > maxToken:
			return 0, ErrUnmarkable
		case err == bufio.ErrBufferFull:
			continue
		case err != nil:
			return 0, unexpected(err)
		}
		if kind, whole := m.kind(); whole {
			return kind, nil
		}
	}
}

func (m *markup) text() error {
	for {
		b, err := m.from.ReadSlice('<')
		switch {
		case err == nil:
			m.raw = append(m.raw, b[:len(b)-1]...)
			return m.from.UnreadByte()
		case err == bufio.ErrBufferFull && len(m.raw) < maxToken:
			m.raw = append(m.raw, b...)
		case err == io.EOF:
			m.raw = append(m.raw, b...)
			return nil
		case err == bufio.ErrBufferFull:
			return ErrUnmarkable
		default:
			return err
		}
	}
}

// kind tells what the piece is, and whether the > at its end is really its end.
func (m *markup) kind() (pieceKind, bool) {
	raw := m.raw
	switch {
	case bytes.HasPrefix(raw, []byte("<!--")):
		return pieceText, len(raw) >= 7 && bytes.HasSuffix(raw, []byte("-->"))
	case bytes.HasPrefix(raw, []byte("<![CDATA[")):
		return pieceText, bytes.HasSuffix(raw, []byte("]]>"))
	case bytes.HasPrefix(raw, []byte("<?")):
		return pieceText, bytes.HasSuffix(raw, []byte("?>"))
	case bytes.HasPrefix(raw, []byte("</")):
		m.ended = true
		return pieceClose, true
	}
	for _, c := range raw[m.seen:] {
		switch {
		case m.quote == 0 && (c == '"' || c == '\''):
			m.quote = c
		case c == m.quote:
			m.quote = 0
		}
	}
	if m.seen = len(raw); m.quote != 0 {
		return 0, false
	}
	m.depth++
	if raw[len(raw)-2] == '/' {
		m.ended = true
		return pieceEmpty, true
	}
	return pieceOpen, true
}

// tag is the name of the element at hand, with its prefix and without.
func (m *markup) tag() (prefix, local string) {
	b := bytes.TrimLeft(m.raw, "</")
	if end := bytes.IndexAny(b, " \t\r\n/>"); end >= 0 {
		b = b[:end]
	}
	if before, after, ok := bytes.Cut(b, []byte(":")); ok {
		return string(before) + ":", string(after)
	}
	return "", string(b)
}

// is tells whether the element at hand has the local name, without making a string of it.
func (m *markup) is(local string) bool {
	b := m.raw[1:]
	if b[0] == '/' {
		b = b[1:]
	}
	for i, c := range b {
		switch c {
		case ':':
			b = b[i+1:]
		case ' ', '\t', '\r', '\n', '/', '>':
		default:
			continue
		}
		break
	}
	return len(b) > len(local) && string(b[:len(local)]) == local && strings.IndexByte(" \t\r\n/>", b[len(local)]) >= 0
}

func unexpected(err error) error {
	if err == io.EOF {
		return ErrUnmarkable
	}
	return err
}

// attribute finds the value of an attribute in a tag, as written, and where it stands with its name.
func attribute(tag []byte, name string) (value []byte, from, to int) {
	at := bytes.IndexAny(tag, " \t\r\n")
	for at >= 0 && at < len(tag) {
		for at < len(tag) && strings.IndexByte(" \t\r\n", tag[at]) >= 0 {
			at++
		}
		equals := bytes.IndexByte(tag[at:], '=')
		if equals < 0 {
			break
		}
		open := at + equals + 1
		for open < len(tag) && tag[open] != '"' && tag[open] != '\'' {
			open++
		}
		if open >= len(tag) {
			break
		}
		end := bytes.IndexByte(tag[open+1:], tag[open])
		if end < 0 {
			break
		}
		end += open + 1
		if string(bytes.TrimRight(tag[at:at+equals], " \t\r\n")) == name {
			return tag[open+1 : end], at, end + 1
		}
		at = end + 1
	}
	return nil, -1, -1
}

func unescaped(s string) string { return html.UnescapeString(s) }

// attributeText is the value of an attribute with its entities read; empty where there is none.
func attributeText(tag []byte, name string) string {
	v, _, _ := attribute(tag, name)
	return unescaped(string(v))
}

// attributeLocal is attributeText of a name with any prefix, such as id of r:id.
func attributeLocal(tag []byte, local string) string {
	for i := 0; ; {
		at := bytes.Index(tag[i:], []byte(":"+local+"="))
		if at < 0 {
			return ""
		}
		start := i + at
		for start > 0 && strings.IndexByte(" \t\r\n", tag[start-1]) < 0 {
			start--
		}
		if name := string(tag[start : i+at+1+len(local)]); !strings.HasPrefix(name, "xmlns") {
			return attributeText(tag, name)
		}
		i += at + 1
	}
}

// setAttribute gives a tag with the attribute's value.
func setAttribute(tag []byte, name, value string) []byte {
	tag = dropAttribute(tag, name)
	end := len(tag) - 1
	if tag[end-1] == '/' {
		end--
	}
	out := append(bytes.Clone(bytes.TrimRight(tag[:end], " \t\r\n")), ' ')
	out = append(out, name...)
	out = append(append(append(out, '=', '"'), escaped(value)...), '"')
	return append(out, tag[end:]...)
}

func dropAttribute(tag []byte, name string) []byte {
	_, from, to := attribute(tag, name)
	if from < 0 {
		return tag
	}
	return append(bytes.Clone(bytes.TrimRight(tag[:from], " \t\r\n")), tag[to:]...)
}

// opened makes an opening tag of an empty one.
func opened(tag []byte) []byte {
	return append(bytes.Clone(bytes.TrimRight(tag[:len(tag)-2], " \t\r\n")), '>')
}

// escaped writes text as XML can hold it. What no XML can hold is shown by the picture of it.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\n' || r == '\t':
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		case r < ' ':
			b.WriteRune(0x2400 + r)
		case r == 0xFFFE || r == 0xFFFF:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escapedText is escaped for the text of a cell or a note, where _x0041_ would be read as a letter.
func escapedText(s string) string {
	for i := 0; ; {
		at := strings.Index(s[i:], "_x")
		if at < 0 {
			return strings.ReplaceAll(escaped(s), "&#10;", "\n")
		}
		i += at
		if len(s) >= i+7 && s[i+6] == '_' && isHex(s[i+2:i+6]) {
			s = s[:i] + "_x005F" + s[i:]
			i += 6
		}
		i += 2
	}
}

func isHex(s string) bool {
	_, err := strconv.ParseUint(s, 16, 32)
	return err == nil
}
