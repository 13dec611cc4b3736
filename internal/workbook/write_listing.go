package workbook

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Listing is a sheet of a marked workbook that lists what was marked: lines of text, then one table with a frozen header
// and a filter. Its texts are never formulas.
type Listing struct {
	Name    string // of the tab
	Title   string // in A1; a sheet of this name and title is an earlier listing, and is replaced
	Above   []string
	Columns []ListingColumn
	Rows    [][]ListingCell
}

// ListingColumn is a column of the table.
type ListingColumn struct {
	Title string
	Width float64 // in characters
}

// ListingCell is a text, or a number where the text is empty; the zero cell is blank.
type ListingCell struct {
	Text   string
	Number int
	Tone   Tone
	Sheet  string // of the cell it leads to; empty leads nowhere
	Cell   string
}

// listingPart is the name of the part as it is first written; other programs give it another.
const listingPart = "fehrestFindings.xml"

// longestText is what a cell holds.
const longestText = 32767

// earlier finds the listing of an earlier run, and its place among the tabs.
func (x *marker) earlier(l *Listing) (*part, int, error) {
	if l == nil {
		return nil, 0, nil
	}
	for i, s := range x.book.Sheets {
		if !s.Worksheet || !numbered(s.Name, l.Name) {
			continue
		}
		is := false
		_, err := x.book.Rows(s, func(row *Row) error {
			is = row.Number == 1 && len(row.Cells) > 0 && row.Cells[0].Column == 0 && string(row.Cells[0].Text) == l.Title
			return errSeen
		})
		if err != nil && !errors.Is(err, errSeen) {
			return nil, 0, err
		}
		if is {
			return s.part, i, nil
		}
	}
	return nil, 0, nil
}

// numbered tells the name itself from others, and so what tabName makes of it.
func numbered(tab, name string) bool {
	number, begins := strings.CutPrefix(tab, name)
	if !begins || number == "" {
		return begins
	}
	_, err := strconv.Atoi(strings.TrimPrefix(number, " "))
	return err == nil
}

var errSeen = errors.New("workbook: seen enough")

// list puts the listing in the place of an earlier one or behind all sheets, and shows it first.
func (x *marker) list(l *Listing, earlier *part, at int) {
	write := func(w io.Writer) error { return x.writeListing(w, l) }
	sheet := ""
	if earlier != nil {
		x.replaced[earlier] = write
		if rels := x.archive.find(path.Join(path.Dir(earlier.name), "_rels", path.Base(earlier.name)+".rels")); rels != nil {
			x.dropped[rels] = true // it pointed to what the listing no longer has
		}
	} else {
		at = len(x.book.Sheets)
		dir := path.Join(path.Dir(x.main.name), "worksheets")
		name := path.Join(dir, listingPart)
		if x.archive.find(name) != nil {
			name = x.unused(dir, "fehrestFindings", ".xml")
		}
		id := x.free(x.rels, len(x.mainRels))
		x.add(name, typeWorksheet, "worksheet", write)
		namespace := relationsNamespace
		if x.strict {
			namespace = relationsNamespaceStrict
		}
		sheet = `sheet xmlns:r="` + namespace + `" name="` + escaped(x.tabName(l.Name)) + `" sheetId="` + strconv.Itoa(x.freeSheet()) + `" r:id="` + id + `"/>`
	}
	x.text = tabs(x.text, sheet, at)
}

// tabName is the name with a number where the sender has a sheet of that name.
func (x *marker) tabName(name string) string {
	taken := func(n string) bool {
		for _, s := range x.book.Sheets {
			if strings.EqualFold(s.Name, n) {
				return true
			}
		}
		return false
	}
	for n, free := 2, name; ; n++ {
		if !taken(free) {
			return free
		}
		free = name + " " + strconv.Itoa(n)
	}
}

func (x *marker) freeSheet() int {
	most := 0
	m := cut(bytes.NewReader(x.text))
	for {
		kind, err := m.next()
		if err != nil {
			return most + 1
		}
		if kind != pieceText && m.depth == 3 && m.is("sheet") {
			if n, ok := countAttribute(m.raw, "sheetId"); ok {
				most = max(most, n)
			}
		}
	}
}

// tabs adds a sheet to the workbook's list, where it is new, and shows the one of that number. What was remembered of a
// filter of the old listing is forgotten.
func tabs(text []byte, sheet string, active int) []byte {
	m := cut(bytes.NewReader(text))
	var out bytes.Buffer
	viewed, skip := false, 0
	number := strconv.Itoa(active)
	for {
		kind, err := m.next()
		if err != nil {
			return out.Bytes()
		}
		prefix, local := "", ""
		if kind != pieceText {
			prefix, local = m.tag()
		}
		raw := m.raw
		switch {
		case skip > 0:
			if kind == pieceClose && m.depth == skip {
				skip = 0
			}
			continue
		case m.depth == 3 && local == "workbookView" && kind != pieceClose:
			raw = setAttribute(dropAttribute(raw, "firstSheet"), "activeTab", number)
			viewed = true
		case m.depth == 2 && local == "sheets" && kind != pieceClose:
			if !viewed {
				out.WriteString("<" + prefix + "bookViews><" + prefix + `workbookView activeTab="` + number + `"/></` + prefix + "bookViews>")
			}
			if kind == pieceEmpty {
				out.Write(opened(raw))
				if sheet != "" {
					out.WriteString("<" + prefix + sheet)
				}
				out.WriteString("</" + prefix + "sheets>")
				continue
			}
		case m.depth == 2 && local == "sheets" && sheet != "":
			out.WriteString("<" + prefix + sheet)
		case m.depth == 3 && local == "definedName" && kind == pieceOpen &&
			attributeText(raw, "name") == "_xlnm._FilterDatabase" && attributeText(raw, "localSheetId") == number:
			skip = m.depth
			continue
		}
		out.Write(raw)
	}
}

// The height of a line of text and of the tallest row, in points.
const (
	lineHeight = 14
	tallest    = 400
)

// height is how many lines a row's fullest cell takes.
func (l *Listing) height(cells []ListingCell) int {
	most := 1
	for i, c := range cells {
		lines := 0
		for line := range strings.SplitSeq(c.Text, "\n") {
			lines += 1 + utf8.RuneCountInString(line)/max(int(l.Columns[i].Width), 1)
		}
		most = max(most, lines)
	}
	return most
}

// writeListing writes the sheet's part.
func (x *marker) writeListing(w io.Writer, l *Listing) error {
	out := bufio.NewWriterSize(w, 64<<10)
	put := func(parts ...string) {
		for _, s := range parts {
			_, _ = out.WriteString(s) // the buffer remembers its failure until Flush
		}
	}
	namespace := "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	if x.strict {
		namespace = "http://purl.oclc.org/ooxml/spreadsheetml/main"
	}
	head := len(l.Above) + 2
	put(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`, "\n", `<worksheet xmlns="`, namespace, `"><sheetPr><tabColor rgb="`, toneColors[Loudest],
		`"/><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView rightToLeft="1" tabSelected="1" workbookViewId="0"><pane ySplit="`, strconv.Itoa(head), `" topLeftCell="A`, strconv.Itoa(head+1),
		`" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A`, strconv.Itoa(head+1), `" sqref="A`, strconv.Itoa(head+1), `"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>`)
	for i, c := range l.Columns {
		n := strconv.Itoa(i + 1)
		put(`<col min="`, n, `" max="`, n, `" width="`, strconv.FormatFloat(c.Width, 'f', -1, 64), `" customWidth="1"/>`)
	}
	put("</cols><sheetData>")
	text := func(column, row int, style sheetStyle, s string) {
		if r := []rune(s); len(r) > longestText {
			s = string(r[:longestText])
		}
		put(`<c r="`, CellName(column, row), `" s="`, strconv.Itoa(x.styles.ownStyle(style)), `" t="inlineStr"><is><t xml:space="preserve">`, escapedText(s), "</t></is></c>")
	}
	row := 0
	line := func(lines int, cells func()) {
		row++
		put(`<row r="`, strconv.Itoa(row), `" ht="`, strconv.Itoa(min(lineHeight*lines+2, tallest)), `" customHeight="1">`)
		cells()
		put("</row>")
	}
	for i, s := range append([]string{l.Title}, l.Above...) {
		style := styleTitle
		if i > 0 {
			style = styleAbove
		}
		line(1, func() { text(0, row, style, s) })
	}
	line(1, func() {
		for i, c := range l.Columns {
			text(i, row, styleHead, c.Title)
		}
	})
	var links bytes.Buffer
	for _, cells := range l.Rows {
		line(l.height(cells), func() {
			for i, c := range cells {
				switch {
				case c.Text != "" && c.Sheet != "":
					text(i, row, styleLink, c.Text)
					links.WriteString(`<hyperlink ref="` + CellName(i, row) + `" location="` + escaped("'"+strings.ReplaceAll(c.Sheet, "'", "''")+"'!"+c.Cell) + `"/>`)
				case c.Text != "" && c.Tone != Plain:
					text(i, row, styleTone+sheetStyle(c.Tone), c.Text)
				case c.Text != "":
					text(i, row, styleText, c.Text)
				case c.Number != 0:
					put(`<c r="`, CellName(i, row), `" s="`, strconv.Itoa(x.styles.ownStyle(styleNumber)), `"><v>`, strconv.Itoa(c.Number), "</v></c>")
				}
			}
		})
	}
	put("</sheetData>")
	if len(l.Columns) > 0 {
		put(`<autoFilter ref="A`, strconv.Itoa(head), ":", CellName(len(l.Columns)-1, max(row, head)), `"/>`)
	}
	if links.Len() > 0 {
		put("<hyperlinks>", links.String(), "</hyperlinks>")
	}
	put(`<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/><pageSetup orientation="landscape" fitToHeight="0"/></worksheet>`)
	return out.Flush()
}
