package workbook_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"fehrest/internal/workbook"
)

// oracle reads a workbook with archive/zip and encoding/xml, whole trees in memory and nothing shared with the reader it is
// held against. It writes what dump writes. It is lenient where the reader is strict; what both take must be the same.
type oracle struct {
	zip    *zip.Reader
	texts  []string
	dates  []bool
	styled bool
}

var errOracle = errors.New("not a workbook")

// node is one element: children in order, its own text joined.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []*node    `xml:",any"`
}

func (n *node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// each visits the children of a name in the parent's own namespace.
func (n *node) each(name string, visit func(*node) error) error {
	for _, c := range n.Nodes {
		if c.XMLName.Local == name && c.XMLName.Space == n.XMLName.Space {
			if err := visit(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func oracleDump(b []byte) (string, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return "", err
	}
	o := &oracle{zip: z}
	root, err := o.rels("")
	if err != nil {
		return "", err
	}
	main := root.byKind("officeDocument")
	rels, err := o.rels(main)
	if err != nil {
		return "", err
	}
	if err := o.readTexts(rels.byKind("sharedStrings")); err != nil {
		return "", err
	}
	if err := o.readStyles(rels.byKind("styles")); err != nil {
		return "", err
	}
	book, err := o.tree(main)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = book.each("sheets", func(sheets *node) error {
		return sheets.each("sheet", func(s *node) error { return o.sheet(&out, s, rels) })
	})
	return out.String(), err
}

func (o *oracle) bytes(name string) ([]byte, error) {
	for _, f := range o.zip.File {
		if strings.EqualFold(f.Name, name) {
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			return io.ReadAll(r)
		}
	}
	return nil, fmt.Errorf("%w: no %s", errOracle, name)
}

func (o *oracle) tree(name string) (*node, error) {
	b, err := o.bytes(name)
	if err != nil {
		return nil, err
	}
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = asUTF8
	n := &node{}
	if err := d.Decode(n); err != nil {
		return nil, err
	}
	for { // what follows the root may be no more than blanks and comments
		t, err := d.Token()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return nil, err
		}
		if c, ok := t.(xml.CharData); ok && len(bytes.TrimSpace(c)) > 0 {
			return nil, errOracle
		}
		if _, ok := t.(xml.StartElement); ok {
			return nil, errOracle
		}
	}
}

// asUTF8 takes the encodings whose bytes are UTF-8 under another name.
func asUTF8(label string, r io.Reader) (io.Reader, error) {
	if slices.Contains([]string{"utf8", "ascii", "us-ascii"}, strings.ToLower(label)) {
		return r, nil
	}
	return nil, errOracle
}

type oracleRel struct{ id, kind, target string }

type oracleRels []oracleRel

func (rs oracleRels) byKind(kind string) string {
	for _, r := range rs {
		if r.kind == kind {
			return r.target
		}
	}
	return ""
}

func (o *oracle) rels(of string) (oracleRels, error) {
	tree, err := o.tree(path.Join(path.Dir(of), "_rels", path.Base("/"+of)+".rels"))
	if of == "" {
		tree, err = o.tree("_rels/.rels")
	}
	if errors.Is(err, errOracle) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rs oracleRels
	err = tree.each("Relationship", func(n *node) error {
		target, err := url.PathUnescape(n.attr("Target"))
		if err != nil {
			return nil // of no part that is read, then
		}
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", path.Dir(of), target)
		}
		rs = append(rs, oracleRel{n.attr("Id"), path.Base(n.attr("Type")), strings.TrimPrefix(path.Clean(target), "/")})
		return nil
	})
	return rs, err
}

var oracleEscape = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescaped decodes _xHHHH_ through UTF-16, as the format means it: what is half a pair stays as written.
func unescaped(s string) string {
	places := oracleEscape.FindAllStringIndex(s, -1)
	var b strings.Builder
	done := 0
	unit := func(i int) rune {
		n, _ := strconv.ParseUint(s[places[i][0]+2:places[i][1]-1], 16, 16)
		return rune(n)
	}
	for i := 0; i < len(places); i++ {
		b.WriteString(s[done:places[i][0]])
		done = places[i][1]
		switch r := unit(i); {
		case !utf16.IsSurrogate(r):
			b.WriteRune(r)
		case i+1 < len(places) && places[i+1][0] == done && utf16.DecodeRune(r, unit(i+1)) != '\uFFFD':
			b.WriteRune(utf16.DecodeRune(r, unit(i+1)))
			i++
			done = places[i][1]
		default:
			b.WriteString(s[places[i][0]:places[i][1]])
		}
	}
	return b.String() + s[done:]
}

// rich is the text of a si or is element.
func rich(n *node) string {
	var b strings.Builder
	for _, c := range n.Nodes {
		switch c.XMLName.Local {
		case "t":
			b.WriteString(unescaped(c.Text))
		case "r":
			_ = c.each("t", func(t *node) error { b.WriteString(unescaped(t.Text)); return nil })
		}
	}
	return b.String()
}

func (o *oracle) readTexts(name string) error {
	if name == "" {
		return nil
	}
	tree, err := o.tree(name)
	if err != nil {
		return err
	}
	return tree.each("si", func(n *node) error { o.texts = append(o.texts, rich(n)); return nil })
}

var oracleLiteral = regexp.MustCompile(`(?s)"[^"]*("|$)|\[[^\]]*(\]|$)|\\.|_.|\*.`)

func (o *oracle) readStyles(name string) error {
	if name == "" {
		return nil
	}
	tree, err := o.tree(name)
	if err != nil {
		return err
	}
	own := map[string]bool{}
	for _, list := range tree.Nodes {
		for _, n := range list.Nodes {
			switch list.XMLName.Local + " " + n.XMLName.Local {
			case "numFmts numFmt":
				own[n.attr("numFmtId")] = strings.ContainsAny(oracleLiteral.ReplaceAllString(n.attr("formatCode"), ""), "yYmMdDhH")
			case "cellXfs xf":
				id, _ := strconv.Atoi(n.attr("numFmtId"))
				date, known := own[strconv.Itoa(id)]
				o.styled = true
				o.dates = append(o.dates, date || !known && (id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58))
			}
		}
	}
	return nil
}

func (o *oracle) sheet(out *strings.Builder, s *node, rels oracleRels) error {
	var rel oracleRel
	for _, r := range rels {
		for _, a := range s.Attrs {
			if a.Name.Local == "id" && a.Name.Space != "" && a.Value == r.id {
				rel = r
			}
		}
	}
	state := s.attr("state")
	fmt.Fprintf(out, "sheet %s hidden=%t worksheet=%t\n", s.attr("name"), state == "hidden" || state == "veryHidden", rel.kind == "worksheet")
	if rel.kind != "worksheet" {
		fmt.Fprintf(out, "last 0 merged [] hidden []\n")
		return nil
	}
	tree, err := o.tree(rel.target)
	if err != nil {
		return err
	}
	var merged []workbook.Range
	var hidden []workbook.Span
	last := 0
	for _, n := range tree.Nodes {
		err := error(nil)
		switch n.XMLName.Local {
		case "cols":
			err = n.each("col", func(c *node) error {
				if truth(c.attr("hidden")) || zero(c.attr("width")) {
					first, _ := strconv.Atoi(c.attr("min"))
					last, _ := strconv.Atoi(c.attr("max"))
					hidden = append(hidden, workbook.Span{First: first - 1, Last: last - 1})
				}
				return nil
			})
		case "sheetData":
			last, err = o.rows(out, n)
		case "mergeCells":
			err = n.each("mergeCell", func(c *node) error {
				r, err := span(c.attr("ref"))
				merged = append(merged, r)
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "last %d merged %v hidden %v\n", last, merged, hidden)
	return nil
}

func truth(s string) bool { return s == "1" || s == "true" }

func zero(s string) bool { return s != "" && strings.Trim(s, "0.") == "" }

func span(ref string) (workbook.Range, error) {
	from, to, two := strings.Cut(ref, ":")
	if !two {
		to = from
	}
	c1, r1, err1 := place(from)
	c2, r2, err2 := place(to)
	return workbook.Range{FirstRow: r1, LastRow: r2, FirstColumn: c1, LastColumn: c2}, errors.Join(err1, err2)
}

var oraclePlace = regexp.MustCompile(`^([A-Z]{1,3})([0-9]+)$`)

func place(ref string) (column, row int, err error) {
	m := oraclePlace.FindStringSubmatch(ref)
	if m == nil {
		return 0, 0, errOracle
	}
	for _, c := range m[1] {
		column = column*26 + int(c-'A') + 1
	}
	row, err = strconv.Atoi(m[2])
	return column - 1, row, err
}

func (o *oracle) rows(out *strings.Builder, data *node) (int, error) {
	number := 0
	err := data.each("row", func(n *node) error {
		number++
		if r := n.attr("r"); r != "" {
			var err error
			if number, err = strconv.Atoi(r); err != nil {
				return err
			}
		}
		row := &workbook.Row{Number: number, Hidden: truth(n.attr("hidden")) || zero(n.attr("ht"))}
		column := -1
		err := n.each("c", func(c *node) error {
			column++
			if r := c.attr("r"); r != "" {
				var err error
				if column, _, err = place(r); err != nil {
					return err
				}
			} else {
				row.Unaddressed = true
			}
			cell, err := o.cell(c)
			cell.Column = column
			if column < 256 {
				row.Cells = append(row.Cells, cell)
			}
			return err
		})
		writeRow(out, row)
		return err
	})
	return number, err
}

func (o *oracle) cell(n *node) (cell workbook.Cell, err error) {
	kind := n.attr("t")
	_ = n.each("f", func(*node) error { cell.Formula = true; return nil })
	err = n.each("v", func(v *node) error {
		text := unescaped(v.Text)
		switch kind {
		case "", "n":
			cell.Kind = workbook.Number
			if style, err := strconv.Atoi(n.attr("s")); err == nil && o.styled && o.dates[style] {
				cell.Kind = workbook.Date
			}
		case "s":
			i, err := strconv.Atoi(text)
			if err != nil || i < 0 || i >= len(o.texts) {
				return errOracle
			}
			cell.Kind, text = workbook.Text, o.texts[i]
		case "str", "inlineStr":
			cell.Kind = workbook.Text
		case "b":
			cell.Kind = workbook.Bool
			text = strings.NewReplacer("true", "1", "false", "0").Replace(text)
		case "e":
			cell.Kind = workbook.Error
		case "d":
			cell.Kind = workbook.Date
		default:
			return errOracle
		}
		if text == "" && cell.Kind != workbook.Text {
			cell.Kind = workbook.Blank
			return nil
		}
		cell.HasValue, cell.Text = true, []byte(text)
		return nil
	})
	if kind == "inlineStr" {
		_ = n.each("is", func(is *node) error {
			cell.Kind, cell.HasValue, cell.Text = workbook.Text, true, []byte(rich(is))
			return nil
		})
	}
	return cell, err
}
