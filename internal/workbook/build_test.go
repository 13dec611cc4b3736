package workbook_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
)

const (
	mainSpace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relSpace  = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relType   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	declared  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

// parts of a workbook by name, as a test changes them before packing.
type parts map[string]string

// book makes the smallest whole workbook around the inside of its only sheet.
func book(sheet string) parts {
	return parts{
		"[Content_Types].xml": declared + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels": relations(`<Relationship Id="rId1" Type="` + relType + `officeDocument" Target="xl/workbook.xml"/>`),
		"xl/workbook.xml": declared + `<workbook ` + mainSpace + ` ` + relSpace + `><workbookPr/><sheets><sheet name="لیست" sheetId="1" r:id="rId1"/></sheets>` +
			`<definedNames><definedName name="fehrest_template">"3"</definedName></definedNames></workbook>`,
		"xl/_rels/workbook.xml.rels": relations(`<Relationship Id="rId1" Type="` + relType + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + relType + `styles" Target="/xl/styles.xml"/><Relationship Id="rId3" Type="` + relType + `sharedStrings" Target="sharedStrings.xml"/>`),
		"xl/styles.xml": declared + `<styleSheet ` + mainSpace + `><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/>` +
			`<numFmt numFmtId="165" formatCode="#,##0\ &quot;day&quot;"/><numFmt numFmtId="166" formatCode="[$-3000401]0;[Red]\d"/></numFmts>` +
			`<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164" applyNumberFormat="1"><alignment/></xf><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":     declared + `<sst ` + mainSpace + ` uniqueCount="3"><si><t>کد ملی</t></si><si><r><rPr><b/></rPr><t>علی</t></r><r><t xml:space="preserve"> رضا</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si><si><t/></si></sst>`,
		"xl/worksheets/sheet1.xml": declared + `<worksheet ` + mainSpace + `>` + sheet + `</worksheet>`,
	}
}

func relations(inside string) string {
	return declared + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + inside + `</Relationships>`
}

func rows(inside string) parts { return book("<sheetData>" + inside + "</sheetData>") }

func row5(inside string) parts { return rows(`<row r="5">` + inside + `</row>`) }

// with gives the parts with one more or another.
func (p parts) with(name, content string) parts {
	q := maps.Clone(p)
	q[name] = content
	return q
}

func (p parts) without(name string) parts {
	q := maps.Clone(p)
	delete(q, name)
	return q
}

// replaced changes text inside one part, and fails the test when it is not there.
func (p parts) replaced(t testing.TB, name, old, text string) parts {
	t.Helper()
	require.Contains(t, p[name], old)
	return p.with(name, strings.ReplaceAll(p[name], old, text))
}

// names gives the parts in a fixed order, content types first.
func (p parts) names() []string { return slices.Sorted(maps.Keys(p)) }

func (p parts) pack(t testing.TB) []byte {
	t.Helper()
	return p.packBy(t, zip.Deflate)
}

// store packs without deflating, which takes most of the time of a small file.
func (p parts) store(t testing.TB) []byte {
	t.Helper()
	return p.packBy(t, zip.Store)
}

func (p parts) packBy(t testing.TB, method uint16) []byte {
	t.Helper()
	return packed(t, func(w *zip.Writer) {
		for _, n := range p.names() {
			add(t, w, &zip.FileHeader{Name: n, Method: method}, p[n])
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

func add(t testing.TB, w *zip.Writer, h *zip.FileHeader, content string) {
	t.Helper()
	f, err := w.CreateHeader(h)
	require.NoError(t, err)
	_, err = f.Write([]byte(content))
	require.NoError(t, err)
}

func open(b []byte) (*workbook.Book, error) {
	return workbook.Open(bytes.NewReader(b), int64(len(b)), workbook.Limits{})
}

// dump reads every sheet of a file to its end and writes what it holds, a cell a line.
func dump(b []byte) (string, error) {
	var out strings.Builder
	bk, err := open(b)
	if err != nil {
		return "", err
	}
	for _, w := range bk.Warnings {
		fmt.Fprintf(&out, "warning %s\n", w.Reason)
	}
	for _, s := range bk.Sheets {
		fmt.Fprintf(&out, "sheet %s hidden=%t worksheet=%t\n", s.Name, s.Hidden, s.Worksheet)
		info, err := bk.Rows(s, func(r *workbook.Row) error {
			writeRow(&out, r)
			return nil
		})
		if err != nil {
			return out.String(), err
		}
		fmt.Fprintf(&out, "last %d merged %v hidden %v\n", info.LastRow, info.Merged, info.HiddenColumns)
	}
	return out.String(), nil
}

var kindNames = [...]string{"blank", "number", "text", "bool", "error", "date"}

func writeRow(out *strings.Builder, r *workbook.Row) {
	if r.Hidden {
		fmt.Fprintf(out, "row %d hidden\n", r.Number)
	}
	if r.Unaddressed {
		fmt.Fprintf(out, "row %d unaddressed\n", r.Number)
	}
	for _, c := range r.Cells {
		fmt.Fprintf(out, "%s %s %q", workbook.CellName(c.Column, r.Number), kindNames[c.Kind], c.Text)
		if c.Formula {
			fmt.Fprintf(out, " formula")
		}
		if c.Kind != workbook.Blank != c.HasValue {
			fmt.Fprintf(out, " value=%t", c.HasValue)
		}
		out.WriteByte('\n')
	}
}
