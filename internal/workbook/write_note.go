package workbook

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
)

// noteMark begins every note of ours; by it the notes of an earlier run are known again, whichever program kept them.
const noteMark = "⟪فهرست⟫"

// noteSheet is the notes of one sheet: those of the sender, which stay, and ours.
type noteSheet struct {
	prefix  string
	before  []byte          // up to the first comment, the authors among it
	kept    []note          // the sender's
	after   []byte          // behind the last comment
	dropped map[[2]int]bool // places of notes of an earlier run, by row and column from 0
	shapes  [][]byte        // of the drawing
	head    []byte          // of the drawing, before its shapes
	tail    []byte          // and behind them
	has     map[[2]int]note // the kept ones by place
	authors []string
}

const noteAuthor = "فهرست"

// note is one comment as it was read.
type note struct {
	row, column int
	author      string // its number
	raw         []byte
	text        string
}

const emptyNotes = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
	`<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors></authors><commentList></commentList></comments>`

const emptyDrawing = `<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">` +
	`<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>` +
	`<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>`

// readNotes reads a sheet's comments and their drawing, whole, and leaves out those of an earlier run.
func readNotes(comments, drawing []byte) (*noteSheet, error) {
	n := &noteSheet{dropped: map[[2]int]bool{}, has: map[[2]int]note{}}
	if err := n.readComments(comments); err != nil {
		return nil, err
	}
	n.readDrawing(drawing)
	return n, nil
}

func (n *noteSheet) readComments(part []byte) error {
	m := cut(bytes.NewReader(part))
	to := &n.before
	var now note
	var text strings.Builder
	inText := false
	for {
		kind, err := m.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		_, local := "", ""
		if kind != pieceText {
			_, local = m.tag()
		}
		switch {
		case m.depth == 1 && kind == pieceOpen:
			n.prefix, _ = m.tag()
		case m.depth == 2 && local == "authors" && kind == pieceEmpty:
			n.before = append(n.before, opened(m.raw)...)
			n.before = append(n.before, n.author()+"</"+n.prefix+"authors>"...)
			continue
		case m.depth == 2 && local == "authors" && kind == pieceClose:
			n.before = append(n.before, n.author()...)
		case m.depth == 3 && local == "author" && kind != pieceClose:
			n.authors = append(n.authors, "")
		case m.depth == 3 && kind == pieceText && len(n.authors) > 0 && to == &n.before:
			n.authors[len(n.authors)-1] += plainText(m.raw)
		case m.depth == 2 && local == "commentList":
			if kind == pieceEmpty {
				n.before = append(n.before, opened(m.raw)...)
				n.after = append(n.after, "</"+n.prefix+"commentList>"...)
				to = &n.after
				continue
			}
			if kind == pieceClose {
				to = &n.after
			}
		case m.depth == 3 && local == "comment":
			if kind != pieceClose {
				now = note{author: attributeText(m.raw, "authorId")}
				text.Reset()
				ref, _, _ := attribute(m.raw, "ref")
				if r, ok := parseRange(ref); ok {
					now.row, now.column = r.FirstRow-1, r.FirstColumn
				}
			}
			now.raw = append(now.raw, m.raw...)
			if kind != pieceOpen {
				now.text = text.String()
				n.keep(now)
				now = note{}
			}
			continue
		case len(now.raw) > 0:
			if kind == pieceText && inText {
				text.WriteString(plainText(m.raw))
			}
			inText = local == "t" && kind == pieceOpen
			now.raw = append(now.raw, m.raw...)
			continue
		}
		*to = append(*to, m.raw...)
	}
	if n.after == nil {
		return ErrUnmarkable
	}
	return nil
}

func plainText(raw []byte) string {
	if inner, ok := bytes.CutPrefix(raw, []byte("<![CDATA[")); ok {
		return string(bytes.TrimSuffix(inner, []byte("]]>")))
	}
	return unescaped(string(raw))
}

// keep takes the sender's notes, and what he wrote in one that we wrote more into.
func (n *noteSheet) keep(x note) {
	at := [2]int{x.row, x.column}
	own, _, mixed := strings.Cut(x.text, noteMark)
	own = strings.TrimRight(own, "\n ")
	if mixed && strings.TrimSpace(own) == "" {
		n.dropped[at] = true
		return
	}
	if mixed {
		x.text = own
		x.raw = n.comment(at, x.author, own)
	}
	n.kept = append(n.kept, x)
	n.has[at] = x
}

// author makes us one of the authors, where we are none yet.
func (n *noteSheet) author() string {
	if slices.Contains(n.authors, noteAuthor) {
		return ""
	}
	n.authors = append(n.authors, noteAuthor)
	return "<" + n.prefix + "author>" + noteAuthor + "</" + n.prefix + "author>"
}

func (n *noteSheet) comment(at [2]int, author, text string) []byte {
	p := n.prefix
	return []byte("<" + p + `comment ref="` + CellName(at[1], at[0]+1) + `" authorId="` + author + `"><` + p + "text><" + p + `t xml:space="preserve">` +
		escapedText(text) + "</" + p + "t></" + p + "text></" + p + "comment>")
}

// readDrawing cuts a drawing into its shapes. A drawing is no strict XML, so its own marks are all that is relied on.
func (n *noteSheet) readDrawing(part []byte) {
	const open, shut = "<v:shape ", "</v:shape>"
	rest := part
	for {
		from := bytes.Index(rest, []byte(open))
		if from < 0 {
			break
		}
		to := bytes.Index(rest[from:], []byte(shut))
		if to < 0 {
			break
		}
		to += from + len(shut)
		between, shape := rest[:from], rest[from:to]
		rest = rest[to:]
		if n.head == nil {
			n.head = between
		} else if len(bytes.TrimSpace(between)) > 0 {
			n.shapes = append(n.shapes, between)
		}
		if !n.dropped[shapePlace(shape)] {
			n.shapes = append(n.shapes, shape)
		}
	}
	n.tail = rest
	if n.head == nil {
		end := bytes.LastIndex(rest, []byte("</xml>"))
		n.head, n.tail = rest[:max(end, 0)], rest[max(end, 0):]
	}
}

func shapePlace(shape []byte) [2]int {
	if !bytes.Contains(shape, []byte(`ObjectType="Note"`)) {
		return [2]int{-1, -1}
	}
	number := func(name string) int {
		_, after, _ := bytes.Cut(shape, []byte("<x:"+name+">"))
		digits, _, _ := bytes.Cut(after, []byte("<"))
		v, ok := parseCount(bytes.TrimSpace(digits))
		if !ok {
			return -1
		}
		return v
	}
	return [2]int{number("Row"), number("Column")}
}

// threaded tells a note that only stands in for a conversation of the sender's.
func threaded(text string) bool { return strings.HasPrefix(text, "[Threaded comment]") }

// write puts both parts together again with our notes.
func (n *noteSheet) write(comments, drawing io.Writer, marks []CellMark) error {
	var ours, shapes bytes.Buffer
	merged := map[[2]int]bool{}
	id, us := n.freeShape(), strconv.Itoa(slices.Index(n.authors, noteAuthor))
	for _, m := range marks {
		if m.Note == "" {
			continue
		}
		at, said := [2]int{m.Row - 1, m.Column}, noteMark+" "+m.Note
		if m.Lasting {
			said = m.Note
		}
		if had, taken := n.has[at]; taken {
			if !threaded(had.text) {
				merged[at] = true
				ours.Write(n.comment(at, had.author, had.text+"\n\n"+said))
			}
			continue
		}
		ours.Write(n.comment(at, us, said))
		shapes.WriteString(shapeOf(id, at, m))
		id++
	}
	var out bytes.Buffer
	out.Write(n.before)
	for _, k := range n.kept {
		if !merged[[2]int{k.row, k.column}] {
			out.Write(k.raw)
		}
	}
	out.Write(ours.Bytes())
	out.Write(n.after)
	if _, err := comments.Write(out.Bytes()); err != nil {
		return err
	}
	out.Reset()
	out.Write(n.head)
	for _, s := range n.shapes {
		out.Write(s)
	}
	out.Write(shapes.Bytes())
	out.Write(n.tail)
	_, err := drawing.Write(out.Bytes())
	return err
}

// freeShape is a number above all shapes' own.
func (n *noteSheet) freeShape() int {
	most := 1024
	for _, s := range n.shapes {
		_, after, _ := bytes.Cut(s, []byte(`"_x0000_s`))
		digits, _, _ := bytes.Cut(after, []byte(`"`))
		if v, ok := parseCount(digits); ok {
			most = max(most, v)
		}
	}
	return most + 1
}

// shapeOf is the box a note is shown in: beside its cell, as high as its text, written from the right.
func shapeOf(id int, at [2]int, m CellMark) string {
	lines := 1
	for line := range strings.SplitSeq(m.Note, "\n") {
		lines += 1 + len([]rune(line))/45
	}
	row, column := strconv.Itoa(at[0]), strconv.Itoa(at[1])
	anchor := strconv.Itoa(at[1]+1) + ", 15, " + strconv.Itoa(max(at[0]-1, 0)) + ", 10, " + strconv.Itoa(at[1]+4) + ", 15, " + strconv.Itoa(max(at[0]-1, 0)+lines+1) + ", 4"
	return `<v:shape id="_x0000_s` + strconv.Itoa(id) + `" type="#_x0000_t202" style="position:absolute;width:260pt;height:` + strconv.Itoa(15*(lines+1)) +
		`pt;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>` +
		`<v:path o:connecttype="none"/><v:textbox style="direction:RTL;mso-direction-alt:auto"><div dir="rtl" style="text-align:right"></div></v:textbox>` +
		`<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>` + anchor + `</x:Anchor><x:AutoFill>False</x:AutoFill>` +
		`<x:TextHAlign>Right</x:TextHAlign><x:Row>` + row + `</x:Row><x:Column>` + column + `</x:Column></x:ClientData></v:shape>`
}
