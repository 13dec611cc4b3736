package workbook

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Tone is how loud a mark is. The zero Tone leaves a cell's look as it is.
type Tone uint8

// The tones, quietest first.
const (
	Plain Tone = iota
	Quiet
	Loud
	Louder
	Loudest
	toneCount
)

// toneColors are the fills. By these very colours the fills of an earlier run are known again.
var toneColors = [toneCount]string{Quiet: "FFDCE9F7", Loud: "FFFFEFB8", Louder: "FFFFC9CE", Loudest: "FFFF9AA2"}

// sheetStyle is a look that a listing's cells have.
type sheetStyle uint8

const (
	styleTitle sheetStyle = iota
	styleAbove
	styleHead
	styleText
	styleNumber
	styleLink
	styleTone // and the tones after it
)

// styleBook is the part of styles as it was read, and what is added to it.
type styleBook struct {
	prefix       string
	root         []byte // the opening tag of the root
	sections     []styleSection
	tail         []byte
	fonts, fills int
	xfs          [][]byte // of cellXfs, whole
	newFonts     [][]byte
	newFills     [][]byte
	newXfs       [][]byte
	marked       map[markedStyle]int
	own          map[sheetStyle]int
	colors       map[string]int // new fills by their text
	oldFills     [][]byte       // of fills, whole
}

type markedStyle struct {
	base int
	tone Tone
}

// styleSection is one child of the root: its tags and what stands between them.
type styleSection struct {
	name        string
	open, close []byte
	items       [][]byte
	body        []byte
}

// styleOrder is the order the format demands.
var styleOrder = []string{"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors", "extLst"}

const emptyStyles = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
	`<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/></cellXfs></styleSheet>`

// parseStyles reads a part of styles, whole.
func parseStyles(part []byte) (*styleBook, error) {
	b := &styleBook{marked: map[markedStyle]int{}, own: map[sheetStyle]int{}, colors: map[string]int{}}
	m := cut(bytes.NewReader(part))
	var head, item []byte
	var now *styleSection
	for {
		kind, err := m.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch {
		case b.root == nil:
			head = append(head, m.raw...)
			if kind == pieceOpen {
				b.root = head
				b.prefix, _ = m.tag()
			} else if kind == pieceEmpty {
				return nil, ErrUnmarkable
			}
		case kind == pieceClose && m.depth == 1:
			b.tail = bytes.Clone(m.raw)
		case m.depth == 2 && kind != pieceText:
			_, name := m.tag()
			switch kind {
			case pieceClose:
				now.close = bytes.Clone(m.raw)
				now = nil
			case pieceEmpty:
				b.sections = append(b.sections, styleSection{name: name, open: opened(m.raw), close: []byte("</" + b.prefix + name + ">")})
			default:
				b.sections = append(b.sections, styleSection{name: name, open: bytes.Clone(m.raw)})
				now = &b.sections[len(b.sections)-1]
			}
		case now != nil && listed(now.name):
			if m.depth < 3 {
				continue // white space between items
			}
			item = append(item, m.raw...)
			if m.depth == 3 && (kind == pieceEmpty || kind == pieceClose) {
				now.items = append(now.items, item)
				item = nil
			}
		case now != nil:
			now.body = append(now.body, m.raw...)
		}
	}
	if b.root == nil || b.tail == nil {
		return nil, ErrUnmarkable
	}
	b.pad()
	return b, nil
}

// pad sees to it that what is added is not taken for what every cell has by itself: one font, and two fills.
func (b *styleBook) pad() {
	p := b.prefix
	fonts, fills := b.section("fonts"), 0
	if len(fonts.items) == 0 {
		fonts.items = append(fonts.items, []byte("<"+p+"font><"+p+`sz val="11"/><`+p+`name val="Calibri"/></`+p+"font>"))
	}
	b.fonts = len(fonts.items)
	b.oldFills, b.xfs = b.section("fills").items, b.section("cellXfs").items
	for fills = len(b.oldFills); fills < 2; fills++ {
		b.oldFills = append(b.oldFills, []byte("<"+p+"fill><"+p+`patternFill patternType="`+[]string{"none", "gray125"}[fills]+`"/></`+p+"fill>"))
	}
	if len(b.xfs) == 0 {
		b.xfs = [][]byte{[]byte("<" + p + "xf/>")}
	}
	b.fills = fills
}

func listed(section string) bool {
	return section == "fonts" || section == "fills" || section == "cellXfs"
}

// section finds a section, or makes it where the format wants it.
func (b *styleBook) section(name string) *styleSection {
	at := 0
	for i := range b.sections {
		if b.sections[i].name == name {
			return &b.sections[i]
		}
		if orderOf(b.sections[i].name) < orderOf(name) {
			at = i + 1
		}
	}
	made := styleSection{name: name, open: []byte("<" + b.prefix + name + ">"), close: []byte("</" + b.prefix + name + ">")}
	b.sections = append(b.sections, styleSection{})
	copy(b.sections[at+1:], b.sections[at:])
	b.sections[at] = made
	return &b.sections[at]
}

func orderOf(section string) int {
	for i, name := range styleOrder {
		if name == section {
			return i
		}
	}
	return len(styleOrder)
}

// restore takes the fills of an earlier run away: the colour that was there before lies behind ours, where a solid fill
// shows it to no one. trusted tells that no other program wrote colours of its own there.
func (b *styleBook) restore(trusted bool) {
	for i, fill := range b.oldFills {
		if !b.ours(fill) {
			continue
		}
		p := b.prefix
		b.oldFills[i] = []byte("<" + p + "fill><" + p + `patternFill patternType="none"/></` + p + "fill>")
		if back := colorIn(fill, "bgColor"); trusted && back != nil {
			if v, _, _ := attribute(back, "indexed"); string(v) != "64" {
				b.oldFills[i] = []byte("<" + p + "fill><" + p + `patternFill patternType="solid">` +
					"<" + p + "fgColor" + string(colorOf(back)) + "/></" + p + "patternFill></" + p + "fill>")
			}
		}
	}
}

func (b *styleBook) ours(fill []byte) bool {
	rgb, _, _ := attribute(colorIn(fill, "fgColor"), "rgb")
	for _, c := range toneColors[Quiet:] {
		if strings.EqualFold(c, string(rgb)) {
			return true
		}
	}
	return false
}

// colorIn is the tag of a colour in a fill.
func colorIn(fill []byte, name string) []byte {
	m := cut(bytes.NewReader(fill))
	for {
		kind, err := m.next()
		if err != nil {
			return nil
		}
		if kind != pieceText && m.is(name) {
			return bytes.Clone(m.raw)
		}
	}
}

// colorOf is what a colour's tag says of it, without the name.
func colorOf(tag []byte) (attributes []byte) {
	for _, name := range []string{"auto", "indexed", "rgb", "theme", "tint"} {
		if v, from, _ := attribute(tag, name); from >= 0 {
			attributes = append(attributes, ' ')
			attributes = append(attributes, name...)
			attributes = append(append(append(attributes, `="`...), v...), '"')
		}
	}
	return attributes
}

// markedAs is the style of a cell of this style once it is marked.
func (b *styleBook) markedAs(base int, tone Tone) int {
	if tone == Plain {
		return base
	}
	key := markedStyle{base, tone}
	if id, ok := b.marked[key]; ok {
		return id
	}
	xf, before := []byte("<"+b.prefix+"xf/>"), -1
	if base < len(b.xfs) {
		xf = b.xfs[base]
		if v, _, _ := attribute(xf[:bytes.IndexByte(xf, '>')+1], "fillId"); v != nil {
			before, _ = parseCountOr(v, -1)
		}
	}
	xf = setOn(xf, "fillId", strconv.Itoa(b.fillOf(tone, before)))
	id := b.add(setOn(xf, "applyFill", "1"))
	b.marked[key] = id
	return id
}

func parseCountOr(v []byte, or int) (int, bool) {
	n, ok := parseCount(v)
	if !ok {
		return or, false
	}
	return n, true
}

// setOn sets an attribute of an element's opening tag.
func setOn(element []byte, name, value string) []byte {
	end := bytes.IndexByte(element, '>') + 1
	return append(setAttribute(element[:end], name, value), element[end:]...)
}

// fillOf is the fill of a tone that remembers the solid one before it.
func (b *styleBook) fillOf(tone Tone, before int) int {
	back := ` indexed="64"`
	if before > 0 && before < len(b.oldFills) && bytes.Contains(b.oldFills[before], []byte(`"solid"`)) {
		if c := colorOf(colorIn(b.oldFills[before], "fgColor")); c != nil {
			back = string(c)
		}
	}
	p := b.prefix
	fill := "<" + p + "fill><" + p + `patternFill patternType="solid"><` + p + `fgColor rgb="` + toneColors[tone] + `"/><` + p + "bgColor" + back + "/></" + p + "patternFill></" + p + "fill>"
	if id, ok := b.colors[fill]; ok {
		return id
	}
	b.newFills = append(b.newFills, []byte(fill))
	b.colors[fill] = b.fills + len(b.newFills) - 1
	return b.colors[fill]
}

func (b *styleBook) add(xf []byte) int {
	b.newXfs = append(b.newXfs, xf)
	return len(b.xfs) + len(b.newXfs) - 1
}

// ownStyle is the style of a listing's cells. Text stays text: what a person enters there again is no formula either.
func (b *styleBook) ownStyle(s sheetStyle) int {
	if id, ok := b.own[s]; ok {
		return id
	}
	p := b.prefix
	font := func(before, color string) int {
		text := []byte("<" + p + "font>" + before + "<" + p + `sz val="10"/>` + color + "<" + p + `name val="Tahoma"/></` + p + "font>")
		all := slices.Concat(b.section("fonts").items, b.newFonts) // a workbook may be marked many times, and Excel bounds its fonts
		if i := slices.IndexFunc(all, func(f []byte) bool { return bytes.Equal(f, text) }); i >= 0 {
			return i
		}
		b.newFonts = append(b.newFonts, text)
		return b.fonts + len(b.newFonts) - 1
	}
	xf := func(format, font, fill int, quoted bool, align string) int {
		q := ""
		if quoted {
			q = ` quotePrefix="1"`
		}
		return b.add([]byte("<" + p + `xf numFmtId="` + strconv.Itoa(format) + `" fontId="` + strconv.Itoa(font) + `" fillId="` + strconv.Itoa(fill) +
			`" borderId="0"` + q + ` applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"><` + p + "alignment" + align + "/></" + p + "xf>"))
	}
	const wrapped = ` horizontal="right" vertical="top" wrapText="1" readingOrder="2"`
	id := 0
	switch s {
	case styleTitle:
		id = xf(textFormat, font("<"+p+"b/>", ""), 0, false, ` horizontal="right" vertical="center" readingOrder="2"`)
	case styleAbove:
		id = xf(textFormat, font("", ""), 0, true, ` horizontal="right" vertical="center" readingOrder="2"`)
	case styleHead:
		id = xf(textFormat, font("<"+p+"b/>", ""), b.fillOf(Quiet, -1), false, ` horizontal="right" vertical="center" wrapText="1" readingOrder="2"`)
	case styleText:
		id = xf(textFormat, font("", ""), 0, true, wrapped)
	case styleNumber:
		id = xf(1, font("", ""), 0, false, ` horizontal="right" vertical="top"`)
	case styleLink:
		id = xf(textFormat, font("<"+p+"u/>", "<"+p+`color rgb="FF0563C1"/>`), 0, false, ` horizontal="right" vertical="top" wrapText="1"`)
	default:
		id = xf(textFormat, font("", ""), b.fillOf(Tone(s-styleTone), -1), false, wrapped)
	}
	b.own[s] = id
	return id
}

// write puts the part together again.
func (b *styleBook) write(w io.Writer) error {
	b.section("fonts").items = append(b.section("fonts").items, b.newFonts...)
	b.section("fills").items = append(b.oldFills, b.newFills...)
	b.section("cellXfs").items = append(b.xfs, b.newXfs...)
	var out bytes.Buffer
	out.Write(b.root)
	for _, s := range b.sections {
		if listed(s.name) {
			if len(s.items) == 0 {
				continue
			}
			out.Write(setAttribute(s.open, "count", strconv.Itoa(len(s.items))))
			for _, i := range s.items {
				out.Write(i)
			}
		} else {
			out.Write(s.open)
			out.Write(s.body)
		}
		out.Write(s.close)
	}
	out.Write(b.tail)
	_, err := w.Write(out.Bytes())
	return err
}
