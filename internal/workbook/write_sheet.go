package workbook

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"slices"
	"strconv"
)

// The two families of names in which the format is written.
const (
	relationsNamespace       = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	relationsNamespaceStrict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
)

// sheetCopy writes a sheet's part again with the looks of the marked cells changed, byte for byte as it was elsewhere.
type sheetCopy struct {
	marks   []CellMark // by row and column, one a cell
	styles  *styleBook
	drawing string // the relation of the notes' drawing, where the sheet has none yet; empty adds none

	in      *markup
	out     *bufio.Writer
	prefix  string
	strict  bool
	columns []columnStyle
	rows    bool // inside sheetData
	drawn   bool
	row     int // number of the row at hand
	column  int // after the cell before, from 0
	base    int // style of the row at hand, -1 for none
	todo    []CellMark
}

type columnStyle struct{ first, last, style int }

// afterNotes are the elements that stand behind the drawing of the notes.
var afterNotes = []string{"legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"}

func byPlace(a, b CellMark) int {
	return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column))
}

// copy reads a sheet to its end.
func (c *sheetCopy) copy(w io.Writer, from io.Reader) error {
	c.in, c.out = cut(from), bufio.NewWriterSize(w, 64<<10)
	for {
		kind, err := c.in.next()
		if err == io.EOF {
			return c.out.Flush()
		}
		if err != nil {
			return err
		}
		if kind == pieceText || c.in.depth > 4 {
			_, _ = c.out.Write(c.in.raw) // the buffer remembers its failure until Flush
			continue
		}
		switch {
		case c.rows && c.in.depth >= 3:
			c.inRows(kind)
		default:
			c.around(kind)
		}
	}
}

// around takes what stands outside the rows.
func (c *sheetCopy) around(kind pieceKind) {
	raw := c.in.raw
	switch {
	case c.in.depth == 1 && kind == pieceOpen:
		c.prefix, _ = c.in.tag()
		c.strict = bytes.Contains(raw, []byte("purl.oclc.org/ooxml"))
	case c.in.is("sheetView") && kind != pieceClose:
		raw = dropAttribute(raw, "tabSelected")
	case c.in.is("col") && kind != pieceClose:
		c.learnColumn(raw)
	case c.in.depth == 2 && c.in.is("sheetData"):
		c.sheetData(kind)
		return
	case c.in.depth == 2 && c.in.is("legacyDrawing"):
		c.drawn = true
	case c.in.depth == 1 && kind == pieceClose, c.in.depth == 2 && kind != pieceClose && c.behindNotes():
		c.draw()
	}
	_, _ = c.out.Write(raw)
}

func (c *sheetCopy) learnColumn(raw []byte) {
	style, ok := countAttribute(raw, "style")
	first, ok1 := countAttribute(raw, "min")
	last, ok2 := countAttribute(raw, "max")
	if ok && ok1 && ok2 && len(c.columns) < maxRelations {
		c.columns = append(c.columns, columnStyle{first - 1, last - 1, style})
	}
}

func countAttribute(tag []byte, name string) (int, bool) {
	v, _, _ := attribute(tag, name)
	return parseCount(v)
}

func (c *sheetCopy) behindNotes() bool {
	return slices.ContainsFunc(afterNotes, c.in.is)
}

// draw points to the drawing of the notes, once.
func (c *sheetCopy) draw() {
	if c.drawn || c.drawing == "" {
		return
	}
	c.drawn = true
	namespace := relationsNamespace
	if c.strict {
		namespace = relationsNamespaceStrict
	}
	c.put("<" + c.prefix + `legacyDrawing xmlns:r="` + namespace + `" r:id="` + c.drawing + `"/>`)
}

func (c *sheetCopy) put(s string) { _, _ = c.out.WriteString(s) }

func (c *sheetCopy) sheetData(kind pieceKind) {
	switch {
	case kind == pieceEmpty && len(c.marks) == 0, kind == pieceOpen:
		c.rows = kind == pieceOpen
		_, _ = c.out.Write(c.in.raw)
	case kind == pieceEmpty:
		_, _ = c.out.Write(opened(c.in.raw))
		c.rowsBefore(maxRows + 1)
		c.put("</" + c.prefix + "sheetData>")
	default:
		c.rowsBefore(maxRows + 1)
		c.rows = false
		_, _ = c.out.Write(c.in.raw)
	}
}

// rowsBefore writes the marked rows above this one that the sheet does not have.
func (c *sheetCopy) rowsBefore(row int) {
	for len(c.marks) > 0 && c.marks[0].Row < row {
		c.take(c.marks[0].Row)
		c.base = -1
		c.put("<" + c.prefix + `row r="` + strconv.Itoa(c.row) + `">`)
		c.cellsBefore(maxColumns)
		c.put("</" + c.prefix + "row>")
	}
}

// take makes a row the one at hand, with the marks it has.
func (c *sheetCopy) take(row int) {
	n := 0
	for n < len(c.marks) && c.marks[n].Row == row {
		n++
	}
	c.row, c.column, c.todo, c.marks = row, 0, c.marks[:n], c.marks[n:]
}

// inRows takes a row's or a cell's tags.
func (c *sheetCopy) inRows(kind pieceKind) {
	switch {
	case c.in.depth == 3 && kind == pieceClose:
		c.cellsBefore(maxColumns)
	case c.in.depth == 3:
		if c.openRow(kind) {
			return
		}
	case c.in.depth == 4 && kind != pieceClose && len(c.todo) > 0:
		c.cell()
		return
	}
	_, _ = c.out.Write(c.in.raw)
}

// openRow tells whether it wrote the row's tag.
func (c *sheetCopy) openRow(kind pieceKind) bool {
	number := c.row + 1
	if n, ok := countAttribute(c.in.raw, "r"); ok {
		number = n
	}
	c.rowsBefore(number)
	c.take(number)
	if len(c.todo) == 0 {
		return false
	}
	c.base = -1
	if style, ok := countAttribute(c.in.raw, "s"); ok {
		c.base = style
	}
	tag := dropAttribute(c.in.raw, "spans") // which cells it has is no longer what it says
	if kind == pieceEmpty {
		_, _ = c.out.Write(opened(tag))
		c.cellsBefore(maxColumns)
		c.put("</" + c.prefix + "row>")
		return true
	}
	_, _ = c.out.Write(tag)
	return true
}

// cell writes a cell's tag, in its new look where it is marked, after the marked ones before it that the row does not have.
func (c *sheetCopy) cell() {
	raw := c.in.raw
	at := c.column
	if ref, _, _ := attribute(raw, "r"); ref != nil {
		if column, _, ok := splitReference(ref); ok {
			at = column
		}
	}
	c.cellsBefore(at)
	c.column = at + 1
	if len(c.todo) > 0 && c.todo[0].Column == at {
		base, _ := countAttribute(raw, "s")
		raw = setAttribute(raw, "s", strconv.Itoa(c.styles.markedAs(base, c.todo[0].Tone)))
		c.todo = c.todo[1:]
	}
	_, _ = c.out.Write(raw)
}

// cellsBefore writes the marked cells left of this column that the row does not have.
func (c *sheetCopy) cellsBefore(column int) {
	for len(c.todo) > 0 && c.todo[0].Column < column {
		m := c.todo[0]
		c.todo = c.todo[1:]
		base := max(c.base, 0)
		if c.base < 0 {
			for _, s := range c.columns {
				if s.first <= m.Column && m.Column <= s.last {
					base = s.style
				}
			}
		}
		c.put("<" + c.prefix + `c r="` + CellName(m.Column, m.Row) + `" s="` + strconv.Itoa(c.styles.markedAs(base, m.Tone)) + `"/>`)
	}
}
