package workbook

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// ErrUnmarkable says that a workbook holds something that no copy of it can carry safely: sheets of macros, or markup
// larger than any program writes. It was read all the same.
var ErrUnmarkable = errors.New("workbook: cannot be marked in place")

// CellMark is a fill and a note at one cell. A cell has one: of several the first counts.
type CellMark struct {
	Sheet  string
	Row    int // from 1
	Column int // from 0
	Tone   Tone
	Note   string // empty for none
	// Lasting tells that the note belongs to the workbook: no later Mark takes it away.
	Lasting bool
}

// Markup is what is put onto a workbook: marks in its cells, and a sheet that lists them.
type Markup struct {
	Cells   []CellMark
	Listing *Listing // nil adds none
}

// mostMarkup is the size of all parts that are kept whole in memory while they are changed: styles, notes, the list of tabs.
const mostMarkup = 32 << 20

// Mark writes the workbook again with marks in it. All else stays as it was: every part that need not change is copied byte
// for byte, the rows of a marked sheet keep their bytes but for the style of the marked cells, and formulas, formats, other
// sheets and notes stay. Macros are left out. Marks, notes and a listing of an earlier Mark are taken away first. A damaged
// part gives a *Refusal; ErrUnmarkable is what its name says. Memory is bounded by the marks, styles and notes, not the rows.
func (b *Book) Mark(w io.Writer, m Markup) error {
	x := &marker{book: b, archive: b.archive, replaced: map[*part]func(io.Writer) error{}, dropped: map[*part]bool{}}
	if err := x.prepare(m); err != nil {
		return err
	}
	if err := x.write(w); err != nil {
		return fmt.Errorf("workbook: mark: %w", err)
	}
	return nil
}

// WriteListing writes a workbook that holds nothing but the listing.
func WriteListing(w io.Writer, l Listing) error {
	var empty bytes.Buffer
	z := zip.NewWriter(&empty)
	for _, p := range [][2]string{
		{contentTypesPart, `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + typeWorkbook + `"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="` + packageRelations + `"><Relationship Id="rId1" Type="` + relationsNamespace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets></sheets></workbook>`},
	} {
		part, err := z.Create(p[0])
		if err == nil {
			_, err = io.WriteString(part, p[1])
		}
		if err != nil {
			return fmt.Errorf("workbook: listing: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("workbook: listing: %w", err)
	}
	book, err := Open(bytes.NewReader(empty.Bytes()), int64(empty.Len()), Limits{})
	if err != nil {
		return fmt.Errorf("workbook: listing: %w", err)
	}
	return book.Mark(w, Markup{Listing: &l})
}

const (
	typeWorkbook     = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
	typeWorksheet    = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
	typeStyles       = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
	typeComments     = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
	typeDrawing      = "application/vnd.openxmlformats-officedocument.vmlDrawing"
	packageRelations = "http://schemas.openxmlformats.org/package/2006/relationships"
)

// marker is one workbook on its way out again.
type marker struct {
	book    *Book
	archive *Archive
	main    *part
	types   contentTypes
	rels    []relation
	strict  bool
	text    []byte // of the workbook's part
	held    int64  // bytes of the parts kept whole
	styles  *styleBook

	replaced map[*part]func(io.Writer) error
	dropped  map[*part]bool
	added    []addedPart
	lastPart *part      // the styles, written when all sheets are; nil for a new part
	lastName string     // its name
	overs    []override // content types of the added parts
	mainRels []string   // relations of the workbook added
	macros   bool
}

type addedPart struct {
	name  string
	write func(io.Writer) error
}

type override struct{ name, kind string }

func (x *marker) prepare(m Markup) (err error) {
	a := x.archive
	if x.main, x.types, err = a.findWorkbook(); err != nil {
		return err
	}
	if x.rels, err = a.relations(x.main); err != nil {
		return err
	}
	if x.text, err = x.whole(x.main); err != nil {
		return err
	}
	x.strict = bytes.Contains(x.text[:min(len(x.text), 2048)], []byte("purl.oclc.org/ooxml"))
	if err := x.leaveOut(); err != nil {
		return err
	}
	if err := x.openStyles(); err != nil {
		return err
	}
	earlier, at, err := x.earlier(m.Listing)
	if err != nil {
		return err
	}
	if err := x.trust(earlier); err != nil {
		return err
	}
	bySheet := map[string][]CellMark{}
	for _, c := range m.Cells {
		if c.Row >= 1 && c.Row <= maxRows && c.Column >= 0 && c.Column < maxColumns {
			bySheet[c.Sheet] = append(bySheet[c.Sheet], c)
		}
	}
	for i := range x.book.Sheets {
		s := &x.book.Sheets[i]
		if s.part == earlier {
			continue
		}
		marks := bySheet[s.Name]
		if !s.Worksheet {
			marks = nil
		}
		delete(bySheet, s.Name)
		slices.SortStableFunc(marks, byPlace)
		marks = slices.CompactFunc(marks, func(a, b CellMark) bool { return byPlace(a, b) == 0 })
		if err := x.sheet(s.part, marks, m.Listing != nil); err != nil {
			return err
		}
	}
	if m.Listing != nil {
		x.list(m.Listing, earlier, at)
	}
	x.replaced[x.main] = bytesOf(x.text)
	return x.directory()
}

// leaveOut drops macros and signatures, which a changed copy would only break.
func (x *marker) leaveOut() error {
	for _, s := range x.book.Sheets {
		if strings.Contains(strings.ToLower(x.types.of(s.part)), "macrosheet") {
			return ErrUnmarkable
		}
	}
	for _, p := range x.archive.parts {
		name := strings.ToLower(p.name)
		macro := strings.Contains(strings.ToLower(x.types.of(p)), "vbaproject") || strings.Contains(path.Base(name), "vbaproject") || path.Base(name) == "vbadata.xml"
		x.macros = x.macros || macro
		if macro || strings.HasPrefix(name, "_xmlsignatures/") {
			x.dropped[p] = true
		}
	}
	return nil
}

// openStyles reads the looks of the workbook's cells, or makes the first.
func (x *marker) openStyles() error {
	p, err := x.archive.only(x.rels, "styles")
	if err != nil {
		return err
	}
	text := []byte(emptyStyles)
	if p != nil {
		if text, err = x.whole(p); err != nil {
			return err
		}
	} else {
		x.lastName = path.Join(path.Dir(x.main.name), "styles.xml")
		if x.archive.find(x.lastName) != nil {
			x.lastName = x.unused(path.Dir(x.main.name), "fehrestStyles", ".xml")
		}
		x.add(x.lastName, typeStyles, "styles", nil)
	}
	if x.styles, err = parseStyles(text); err != nil {
		return err
	}
	if x.lastPart = p; p != nil {
		x.lastName = p.name
	}
	return nil
}

// trust takes the fills of an earlier run away. LibreOffice writes colours of its own behind solid fills; what it wrote says
// nothing of what was there before, unless it wrote before us.
func (x *marker) trust(earlier *part) error {
	trusted := true
	if app := x.archive.find("docProps/app.xml"); app != nil && (earlier == nil || path.Base(earlier.name) != listingPart) {
		text, err := x.whole(app)
		if err != nil {
			return err
		}
		trusted = !bytes.Contains(text, []byte("LibreOffice"))
	}
	x.styles.restore(trusted)
	return nil
}

func (x *marker) whole(p *part) ([]byte, error) {
	if x.held += p.size; x.held > mostMarkup {
		return nil, ErrUnmarkable
	}
	return io.ReadAll(x.archive.open(p))
}

// add makes room for a new part, related to the workbook where kind says how.
func (x *marker) add(name, contentType, kind string, write func(io.Writer) error) {
	if kind != "" {
		x.mainRels = append(x.mainRels, relationTag(x.free(x.rels, len(x.mainRels)), x.kind(kind), "/"+name))
	}
	if contentType != "" {
		x.overs = append(x.overs, override{name, contentType})
	}
	if write != nil {
		x.added = append(x.added, addedPart{name, write})
	}
}

func (x *marker) kind(word string) string {
	if x.strict {
		return relationsNamespaceStrict + "/" + word
	}
	return relationsNamespace + "/" + word
}

func relationTag(id, kind, target string) string {
	return `<Relationship xmlns="` + packageRelations + `" Id="` + id + `" Type="` + kind + `" Target="` + escaped(target) + `"/>`
}

// free is the id of a new relation; skip counts those added before.
func (x *marker) free(rels []relation, skip int) string {
	for n := 1; ; n++ {
		id := "rIdFehrest" + strconv.Itoa(n)
		if slices.ContainsFunc(rels, func(r relation) bool { return r.id == id }) {
			continue
		}
		if skip == 0 {
			return id
		}
		skip--
	}
}

// unused is a name that no part has.
func (x *marker) unused(dir, name, ext string) string {
	for n := 1; ; n++ {
		full := path.Join(dir, name+strconv.Itoa(n)+ext)
		taken := x.archive.find(full) != nil || slices.ContainsFunc(x.added, func(p addedPart) bool { return strings.EqualFold(p.name, full) })
		if !taken {
			return full
		}
	}
}

// sheet decides how a sheet is written: as it lies in the file where nothing of it changes.
func (x *marker) sheet(p *part, marks []CellMark, unselect bool) error {
	rels, err := x.archive.relations(p)
	if err != nil {
		return err
	}
	drawing, err := x.notes(p, rels, marks)
	if err != nil {
		return err
	}
	if len(marks) == 0 && drawing == "" {
		selected, err := x.selected(p)
		if err != nil || !selected || !unselect {
			return err
		}
	}
	x.replaced[p] = func(w io.Writer) error {
		from := readAhead(x.archive.open(p))
		defer from.close()
		c := sheetCopy{marks: marks, styles: x.styles, drawing: drawing}
		return c.copy(w, from)
	}
	return nil
}

// selected tells whether a sheet is one of those a person saw last.
func (x *marker) selected(p *part) (bool, error) {
	m := cut(x.archive.open(p))
	for {
		kind, err := m.next()
		switch {
		case err == io.EOF:
			return false, nil
		case err != nil:
			return false, err
		case kind == pieceText:
		case m.is("sheetView"):
			if v := attributeText(m.raw, "tabSelected"); v != "" && v != "0" {
				return true, nil
			}
		case m.is("sheetData"):
			return false, nil
		}
	}
}

// notes puts a sheet's notes in order, and gives the relation of their drawing where the sheet must name it.
func (x *marker) notes(p *part, rels []relation, marks []CellMark) (string, error) {
	comments, err := x.archive.only(rels, "comments")
	if err != nil {
		return "", err
	}
	some := slices.ContainsFunc(marks, func(m CellMark) bool { return m.Note != "" })
	if comments == nil && !some {
		return "", nil
	}
	commentText, drawingText := []byte(emptyNotes), []byte(emptyDrawing)
	var drawing *part
	if comments != nil {
		if commentText, err = x.whole(comments); err != nil {
			return "", err
		}
		if !some && !bytes.Contains(commentText, []byte(noteMark)) {
			return "", nil
		}
	}
	if slices.ContainsFunc(rels, func(r relation) bool { return r.is("vmlDrawing") }) {
		if drawing, err = x.drawingOf(p, rels); err != nil {
			return "", err
		}
	}
	if drawing != nil {
		if drawingText, err = x.whole(drawing); err != nil {
			return "", err
		}
	}
	n, err := readNotes(commentText, drawingText)
	if err != nil {
		return "", err
	}
	var written, drawn bytes.Buffer
	if err := n.write(&written, &drawn, marks); err != nil {
		return "", err
	}
	return x.relate(p, rels, comments, drawing, written.Bytes(), drawn.Bytes())
}

// relate writes both parts of a sheet's notes in the place of the old ones, or as new parts that the sheet points to.
func (x *marker) relate(p *part, rels []relation, comments, drawing *part, written, drawn []byte) (string, error) {
	base, up := path.Dir(path.Dir(p.name)), "../"
	if path.Dir(p.name) == "." {
		up = ""
	}
	var tags []string
	id := ""
	if comments != nil {
		x.replaced[comments] = bytesOf(written)
	} else {
		name := x.unused(base, "comments", ".xml")
		x.add(name, typeComments, "", bytesOf(written))
		tags = append(tags, relationTag(x.free(rels, 0), x.kind("comments"), up+path.Base(name)))
	}
	if drawing != nil {
		x.replaced[drawing] = bytesOf(drawn)
	} else {
		name := x.unused(path.Join(base, "drawings"), "vmlDrawing", ".vml")
		x.add(name, typeDrawing, "", bytesOf(drawn))
		id = x.free(rels, len(tags))
		tags = append(tags, relationTag(id, x.kind("vmlDrawing"), up+"drawings/"+path.Base(name)))
	}
	if len(tags) == 0 {
		return "", nil
	}
	return id, x.addRelations(p, tags, nil)
}

// addRelations writes what a part points to with more relations, and without those that gone names.
func (x *marker) addRelations(from *part, tags []string, gone func(kind string) bool) error {
	name := "_rels/.rels"
	if from != nil {
		name = path.Join(path.Dir(from.name), "_rels", path.Base(from.name)+".rels")
	}
	p := x.archive.find(name)
	text := []byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + `<Relationships xmlns="` + packageRelations + `"></Relationships>`)
	if p != nil {
		var err error
		if text, err = x.whole(p); err != nil {
			return err
		}
	}
	text, err := rewrite(text, func(m *markup, kind pieceKind, out *bytes.Buffer) bool {
		if m.depth == 2 && kind != pieceClose && gone != nil {
			kind := attributeText(m.raw, "Type")
			return gone(kind[strings.LastIndexByte(kind, '/')+1:])
		}
		return false
	}, strings.Join(tags, ""))
	if err != nil {
		return err
	}
	if p != nil {
		x.replaced[p] = bytesOf(text)
	} else {
		x.add(name, "", "", bytesOf(text))
	}
	return nil
}

// rewrite copies a small part without the elements that drop names, and with more text at the end of its root.
func rewrite(text []byte, drop func(m *markup, kind pieceKind, out *bytes.Buffer) bool, more string) ([]byte, error) {
	m := cut(bytes.NewReader(text))
	var out bytes.Buffer
	skip := 0
	for {
		kind, err := m.next()
		if err == io.EOF {
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		switch {
		case skip > 0:
			if kind == pieceClose && m.depth == skip {
				skip = 0
			}
			continue
		case kind == pieceText:
		case m.depth == 1 && kind == pieceEmpty:
			_, name := m.tag()
			prefix, _ := m.tag()
			out.Write(opened(m.raw))
			out.WriteString(more + "</" + prefix + name + ">")
			continue
		case m.depth == 1 && kind == pieceClose:
			out.WriteString(more)
		case drop(m, kind, &out):
			if kind == pieceOpen {
				skip = m.depth
			}
			continue
		}
		out.Write(m.raw)
	}
}

// drawingOf finds the drawing that a sheet's notes are shown by.
func (x *marker) drawingOf(p *part, rels []relation) (*part, error) {
	m := cut(x.archive.open(p))
	for {
		kind, err := m.next()
		switch {
		case err == io.EOF:
			return nil, nil
		case err != nil:
			return nil, err
		case kind != pieceText && m.depth == 2 && m.is("legacyDrawing"):
			id := attributeLocal(m.raw, "id")
			for _, r := range rels {
				if r.id == id && r.is("vmlDrawing") {
					return x.archive.resolve(r)
				}
			}
			return nil, ErrUnmarkable
		}
	}
}

// directory writes the workbook's relations and the types of all parts.
func (x *marker) directory() error {
	if err := x.addRelations(x.main, x.mainRels, func(kind string) bool { return strings.Contains(strings.ToLower(kind), "vba") }); err != nil {
		return err
	}
	if x.macros || x.archive.find("_xmlsignatures/origin.sigs") != nil {
		if err := x.addRelations(nil, nil, func(kind string) bool { return kind == "origin" || x.macros && kind == "extensibility" }); err != nil {
			return err
		}
	}
	p := x.archive.find(contentTypesPart)
	text, err := x.whole(p)
	if err != nil {
		return err
	}
	var more strings.Builder
	for _, o := range x.overs {
		more.WriteString(`<Override xmlns="http://schemas.openxmlformats.org/package/2006/content-types" PartName="/` + escaped(o.name) + `" ContentType="` + o.kind + `"/>`)
	}
	text, err = rewrite(text, func(m *markup, kind pieceKind, out *bytes.Buffer) bool {
		if m.depth != 2 || kind == pieceClose || !m.is("Override") {
			return false
		}
		named := x.archive.find(strings.TrimPrefix(attributeText(m.raw, "PartName"), "/"))
		if named == x.main && named != nil {
			tag := setAttribute(m.raw, "ContentType", typeWorkbook)
			if kind == pieceOpen {
				tag = append(tag[:len(tag)-1], "/>"...)
			}
			out.Write(tag)
			return true
		}
		return x.dropped[named]
	}, more.String())
	x.replaced[p] = bytesOf(text)
	return err
}

func bytesOf(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}

// write packs all parts in the order they lay in, then the new ones.
func (x *marker) write(w io.Writer) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	pack := func(name string, write func(io.Writer) error) error {
		to, err := z.Create(name)
		if err != nil {
			return err
		}
		return write(to)
	}
	for _, p := range x.archive.parts {
		switch change := x.replaced[p]; {
		case x.dropped[p], p == x.lastPart, strings.HasSuffix(p.name, "/"):
		case change != nil:
			if err := pack(p.name, change); err != nil {
				return err
			}
		default:
			if err := x.copyPacked(z, p); err != nil {
				return err
			}
		}
	}
	for _, p := range x.added {
		if err := pack(p.name, p.write); err != nil {
			return err
		}
	}
	if err := pack(x.lastName, x.styles.write); err != nil {
		return err
	}
	return z.Close()
}

// copyPacked takes a part over as it is packed.
func (x *marker) copyPacked(z *zip.Writer, p *part) error {
	to, err := z.CreateRaw(&zip.FileHeader{
		Name: p.name, Method: p.method, CRC32: p.crc, CompressedSize64: uint64(p.packed), UncompressedSize64: uint64(p.size), Flags: p.flags & (1 << 11),
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(to, io.NewSectionReader(x.archive.r, p.data, p.packed))
	return err
}
