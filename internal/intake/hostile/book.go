package hostile

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
)

// book is the good list as two sheets of XML, whose rows and parts a file changes.
type book struct {
	t        testing.TB
	workshop []string // rows
	list     []string // rows: labels, then workers
	before   string   // of the list's sheet, before its rows
	after    string   // behind them
	parts    map[string]string
}

const (
	mainSpace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relSpace  = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relType   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	declared  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

	typesPart  = "[Content_Types].xml"
	bookPart   = "xl/workbook.xml"
	relsPart   = "xl/_rels/workbook.xml.rels"
	stylesPart = "xl/styles.xml"
	textsPart  = "xl/sharedStrings.xml"
	firstPart  = "xl/worksheets/sheet1.xml" // the workshop's
	listPart   = "xl/worksheets/sheet2.xml"
)

// book writes the list plainly: no keys below the labels, every text in its cell. Every file is another list number.
func (m *maker) book() *book {
	h := *m.header
	h.ListNo = fmt.Sprintf("%02d", len(m.files)%100)
	return newBook(m.t, &h, m.lines)
}

func newBook(t testing.TB, h *payroll.Header, lines []payroll.Line) *book {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, intake.WriteList(&file, h, lines))
	from, err := workbook.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), workbook.Limits{})
	require.NoError(t, err)
	rows := func(i int) (rows []string) {
		_, err := from.Rows(from.Sheets[i], func(r *workbook.Row) error {
			if i == 1 && r.Number == 2 {
				return nil // the keys
			}
			rows = append(rows, rowXML(len(rows)+1, r.Cells))
			return nil
		})
		require.NoError(t, err)
		return rows
	}
	b := &book{t: t, workshop: rows(0), list: rows(1)}
	b.parts = map[string]string{
		typesPart: declared + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels": declared + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relType + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		bookPart:      declared + `<workbook ` + mainSpace + ` ` + relSpace + `><workbookPr/><sheets><sheet name="` + from.Sheets[0].Name + `" sheetId="1" r:id="rId1"/><sheet name="` + from.Sheets[1].Name + `" sheetId="2" r:id="rId2"/></sheets></workbook>`,
		relsPart: declared + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relType + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + relType + `worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" Type="` + relType + `styles" Target="styles.xml"/><Relationship Id="rId4" Type="` + relType + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		stylesPart: declared + `<styleSheet ` + mainSpace + `><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="49"/></cellXfs></styleSheet>`,
		textsPart:  declared + `<sst ` + mainSpace + ` count="1" uniqueCount="1"><si><t>متن</t></si></sst>`,
	}
	return b
}

func rowXML(number int, cells []workbook.Cell) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d">`, number)
	for _, c := range cells {
		at := workbook.CellName(c.Column, number)
		switch {
		case !c.HasValue:
		case c.Kind == workbook.Text:
			fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, at, escaped(string(c.Text)))
		default:
			fmt.Fprintf(&b, `<c r="%s"><v>%s</v></c>`, at, c.Text)
		}
	}
	b.WriteString("</row>")
	return b.String()
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// whole gives the parts as they would be packed.
func (b *book) whole() map[string]string {
	p := maps.Clone(b.parts)
	for part, sheet := range map[string]string{
		firstPart: "<sheetData>" + strings.Join(b.workshop, "") + "</sheetData>",
		listPart:  b.before + "<sheetData>" + strings.Join(b.list, "") + "</sheetData>" + b.after,
	} {
		if _, other := p[part]; !other {
			p[part] = declared + `<worksheet ` + mainSpace + `>` + sheet + `</worksheet>`
		}
	}
	return p
}

func (b *book) pack() []byte { return pack(b.t, b.whole()) }

func pack(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	return packed(t, func(w *zip.Writer) {
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			addPart(t, w, &zip.FileHeader{Name: name, Method: zip.Deflate}, parts[name])
		}
	})
}

func packed(t testing.TB, write func(*zip.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	write(w)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func addPart(t testing.TB, w *zip.Writer, h *zip.FileHeader, content string) {
	t.Helper()
	f, err := w.CreateHeader(h)
	require.NoError(t, err)
	_, err = f.Write([]byte(content))
	require.NoError(t, err)
}

// part gives the book another content of a part, or one part more.
func (b *book) part(name, content string) *book {
	b.parts[name] = content
	return b
}

func (b *book) without(name string) *book {
	delete(b.parts, name)
	return b
}

// in replaces text inside a part, which must be there.
func (b *book) in(name, old, text string) *book {
	require.Contains(b.t, b.parts[name], old)
	b.parts[name] = strings.ReplaceAll(b.parts[name], old, text)
	return b
}

// row replaces text inside a row of the list, which must be there; rows count from 1.
func (b *book) row(number int, old, text string) *book {
	require.Contains(b.t, b.list[number-1], old)
	b.list[number-1] = strings.Replace(b.list[number-1], old, text, 1)
	return b
}

// more puts XML behind a row of the list, and rows behind the last.
func (b *book) more(rows ...string) *book {
	b.list = append(b.list, rows...)
	return b
}

// inside puts cells at the end of a row.
func (b *book) inside(number int, cells string) *book { return b.row(number, "</row>", cells+"</row>") }

// last is the number of the last row of the list.
func (b *book) last() int { return len(b.list) }

// column is the letters of the column with a label.
func (b *book) column(label string) string {
	m := regexp.MustCompile(`<c r="([A-Z]+)1"[^>]*><is><t[^>]*>` + regexp.QuoteMeta(label) + `<`).FindStringSubmatch(b.list[0])
	require.NotNil(b.t, m, label)
	return m[1]
}

// tab adds a sheet to the book.
func (b *book) tab(name, state, sheet string) *book {
	b.part("xl/worksheets/sheet3.xml", declared+`<worksheet `+mainSpace+`>`+sheet+`</worksheet>`)
	b.in(bookPart, "</sheets>", `<sheet name="`+name+`" sheetId="3" state="`+state+`" r:id="rId9"/></sheets>`)
	return b.in(relsPart, "</Relationships>", `<Relationship Id="rId9" Type="`+relType+`worksheet" Target="worksheets/sheet3.xml"/></Relationships>`)
}

// entry is one member of a ZIP as its headers describe it.
type entry struct {
	method, flags uint16
	crc           uint32
	size          uint64
	data          []byte
}

// lying packs the book and changes what both headers and the bytes of one part say.
func (b *book) lying(name string, change func(*entry)) []byte {
	whole := b.pack()
	from, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	require.NoError(b.t, err)
	return packed(b.t, func(w *zip.Writer) {
		for _, f := range from.File {
			at, err := f.DataOffset()
			require.NoError(b.t, err)
			e := entry{method: f.Method, crc: f.CRC32, size: f.UncompressedSize64, data: bytes.Clone(whole[at : at+int64(f.CompressedSize64)])}
			if f.Name == name {
				change(&e)
			}
			out, err := w.CreateRaw(&zip.FileHeader{Name: f.Name, Method: e.method, Flags: e.flags, CRC32: e.crc, UncompressedSize64: e.size, CompressedSize64: uint64(len(e.data))})
			require.NoError(b.t, err)
			_, err = out.Write(e.data)
			require.NoError(b.t, err)
		}
	})
}
