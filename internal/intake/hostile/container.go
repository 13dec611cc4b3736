package hostile

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io/fs"
	"strings"

	"github.com/stretchr/testify/require"
)

// containers are the files that are wrong as a whole, and those that hold more than values.
func (m *maker) containers() {
	good := m.book().pack()
	m.add(1, "empty", "FILE-01", nil)
	m.tooLarge(good)
	m.add(4, "old", "FILE-04", compound("Workbook", ""))
	m.add(4, "old.xls", "FILE-04", compound("Workbook", ""))
	m.add(5, "password", "FILE-04", compound("EncryptedPackage", ""))
	m.add(6, "spin-count", "FILE-04", compound("EncryptedPackage", `<keyEncryptor><encryptedKey spinCount="2147483648"/></keyEncryptor>`))
	m.add(7, "web-page", "FILE-03", []byte("\uFEFF\n<html dir=\"rtl\"><table><tr><td>کد ملی</td></tr></table></html>"))
	m.add(7, "web-page.xls", "FILE-03", []byte("<!-- saved -->\n<table><tr><td>1</td></tr></table>"))
	m.add(8, "delimited", "FILE-03", []byte("کد ملی,نام,نام خانوادگی\n0012345679,علی,محمدی\n"))
	m.add(9, "opendocument.ods", "FILE-03", pack(m.t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}))
	m.add(9, "binary.xlsb", "FILE-03", m.book().in(typesPart, "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "vnd.ms-excel.sheet.binary.macroEnabled.main").pack())
	m.add(9, "numbers", "FILE-03", pack(m.t, map[string]string{"Index/Document.iwa": "x"}))
	m.add(10, "cut-at-the-end", "FILE-05", good[:len(good)-30])
	m.add(10, "cut-in-the-middle", "FILE-05", good[:len(good)/2])
	m.add(11, "picture-first", "FILE-03", append([]byte("GIF89a"), good...))
	m.add(11, "script-first", "FILE-03", append([]byte("#!/bin/sh\nexit\n"), good...))
	m.add(12, "checksum", "FILE-05", m.book().lying(listPart, func(e *entry) { e.crc++ }))
	m.add(12, "changed-digit", "FILE-05", m.changedDigit())
	m.add(13, "declared-too-small", "FILE-05", m.book().lying(listPart, func(e *entry) { e.size -= 10 }))
	m.add(13, "declared-too-large", "FILE-05", m.book().lying(listPart, func(e *entry) { e.size += 10 }))
	m.add(13, "bomb-declared-small", "FILE-05", m.book().lying(listPart, func(e *entry) {
		e.size, e.data = 900<<10, m.expanding("<worksheet "+mainSpace+"><sheetData>", "<!-- -->", 2<<30)
	}))
	m.bombs()
	m.add(16, "overlapping", "FILE-06", m.overlapping())
	m.add(17, "entries", "FILE-06", m.manyEntries(60_000))
	m.add(18, "sheet-twice", "FILE-07", m.beside(listPart, "<worksheet/>"))
	m.add(18, "sheet-twice-by-case", "FILE-07", m.beside("xl/worksheets/SHEET2.xml", "<worksheet/>"))
	for i, name := range []string{"../evil.xml", "xl/../../evil.xml", "/etc/evil.xml", `xl\evil.xml`, "C:evil.xml"} {
		m.add(19, fmt.Sprint("name-", i+1), "FILE-07", m.beside(name, "x"))
	}
	m.add(20, "link", "FILE-07", m.link())
	m.add(20, "encrypted-entry", "FILE-07", m.book().lying(listPart, func(e *entry) { e.flags |= 1 }))
	m.add(20, "lzma", "FILE-07", m.book().lying(listPart, func(e *entry) { e.method = 14 }))
	m.add(21, "archive-in-media", "", m.book().part("xl/media/image1.png", string(m.manyEntries(3))).pack())
	m.add(22, "no-workbook", "FILE-05", m.book().without(bookPart).pack())
	m.add(22, "no-content-types", "FILE-05", m.book().without(typesPart).pack())
	m.add(23, "sheet-on-the-network", "FILE-07", m.book().in(relsPart, `Target="worksheets/sheet2.xml"`, `Target="http://`+m.probe+`/sheet.xml" TargetMode="External"`).pack())
	m.add(23, "sheet-on-the-disk", "FILE-07", m.book().in(relsPart, "worksheets/sheet2.xml", "../../etc/passwd").pack())
	m.doctypes()
	m.beyondValues()
}

// tooLarge are a workbook and a JSON list, each a byte over its limit.
func (m *maker) tooLarge(good []byte) {
	for name, limit := range map[string]int64{"large.xlsx": 64 << 20, "large.json": 256 << 20} {
		m.add(2, name, "FILE-02", good)
		f := &m.files[len(m.files)-1]
		if f.size = limit + 1; strings.HasSuffix(name, ".json") {
			f.head = []byte(`{"lines":[`)
		}
	}
}

// compound is the beginning of an OLE file whose directory names one stream; the rest may say what it likes.
func compound(stream, rest string) []byte {
	b := make([]byte, 4096)
	copy(b, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	binary.LittleEndian.PutUint16(b[30:], 9)
	binary.LittleEndian.PutUint32(b[48:], 1)
	for i, c := range []byte(stream) {
		b[1024+128+2*i] = c
	}
	copy(b[2048:], rest)
	return b
}

// changedDigit stores the list unpacked and changes one digit of a wage.
func (m *maker) changedDigit() []byte {
	b := m.book()
	at := b.column("دستمزد روزانه") + fmt.Sprint(b.last())
	return b.lying(listPart, func(e *entry) {
		content := b.whole()[listPart]
		e.method, e.size = zip.Store, uint64(len(content))
		e.data = []byte(content)
		i := strings.Index(content, `<c r="`+at+`"><v>`) + len(`<c r="`+at+`"><v>`)
		e.data[i] = '1' + (e.data[i]-'0')%9
	})
}

// expanding is a beginning and then so much of one unit, deflated: one block again and again.
func (m *maker) expanding(begin, unit string, size int) []byte {
	const block = 1 << 20
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	require.NoError(m.t, err)
	flushed := func(content string) []byte {
		b.Reset()
		w.Reset(&b)
		_, err := w.Write([]byte(content))
		require.NoError(m.t, err)
		require.NoError(m.t, w.Flush())
		return bytes.Clone(b.Bytes())
	}
	all := flushed(begin)
	all = append(all, bytes.Repeat(flushed(strings.Repeat(unit, block/len(unit))), size/block)...)
	require.NoError(m.t, w.Close())
	return append(all, b.Bytes()[b.Len()-5:]...)
}

// bombs are honest about what they expand to.
func (m *maker) bombs() {
	m.add(14, "bomb-in-sheet", "FILE-06", m.book().lying(listPart, func(e *entry) { e.size, e.data = 5<<30, m.expanding("", " ", 5<<30) }))
	m.add(14, "bomb-of-sheets", "FILE-06", packed(m.t, func(w *zip.Writer) {
		for name, content := range m.book().whole() {
			addPart(m.t, w, &zip.FileHeader{Name: name, Method: zip.Deflate}, content)
		}
		for i := range 3 {
			out, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprint("xl/worksheets/sheet", 10+i, ".xml"), Method: zip.Deflate, UncompressedSize64: 500 << 20, CompressedSize64: 4 << 20})
			require.NoError(m.t, err)
			_, err = out.Write(make([]byte, 4<<20))
			require.NoError(m.t, err)
		}
	}))
	m.add(15, "bomb-in-styles", "FILE-06", m.book().lying(stylesPart, func(e *entry) { e.size, e.data = 500<<20, m.expanding("", " ", 500<<20) }))
	m.add(15, "bomb-in-media", "FILE-06", m.book().part("xl/media/image1.png", strings.Repeat("\x00", 8<<20)).pack())
}

// overlapping points two records of the directory at one entry, as a quoting bomb does.
func (m *maker) overlapping() []byte {
	b := m.book().pack()
	first := bytes.Index(b, []byte("PK\x01\x02"))
	second := first + 4 + bytes.Index(b[first+4:], []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[second+42:], binary.LittleEndian.Uint32(b[first+42:]))
	return b
}

func (m *maker) manyEntries(n int) []byte {
	return packed(m.t, func(w *zip.Writer) {
		for i := range n {
			_, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(i)})
			require.NoError(m.t, err)
		}
	})
}

// beside packs the good book with one entry more, whatever its name.
func (m *maker) beside(name, content string) []byte {
	return packed(m.t, func(w *zip.Writer) {
		for n, c := range m.book().whole() {
			addPart(m.t, w, &zip.FileHeader{Name: n, Method: zip.Deflate}, c)
		}
		addPart(m.t, w, &zip.FileHeader{Name: name, Method: zip.Deflate}, content)
	})
}

func (m *maker) link() []byte {
	return packed(m.t, func(w *zip.Writer) {
		for n, c := range m.book().whole() {
			addPart(m.t, w, &zip.FileHeader{Name: n, Method: zip.Deflate}, c)
		}
		h := &zip.FileHeader{Name: "xl/link.xml"}
		h.SetMode(fs.ModeSymlink | 0o777)
		addPart(m.t, w, h, "/etc/passwd")
	})
}

func (m *maker) doctypes() {
	laughs := `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol0 "lol">`
	for i := range 9 {
		laughs += fmt.Sprintf(`<!ENTITY lol%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&lol%d;", i), 10))
	}
	m.add(24, "billion-laughs", "FILE-08", m.book().part(listPart, laughs+`]><worksheet>&lol9;</worksheet>`).pack())
	m.add(25, "entity-of-a-file", "FILE-08", m.book().part(textsPart, `<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>`).pack())
	m.add(26, "entity-of-the-network", "FILE-08", m.book().part(bookPart, `<!DOCTYPE workbook SYSTEM "http://`+m.probe+`/x.dtd"><workbook/>`).pack())
}

// beyondValues are read; what they carry is named and left alone.
func (m *maker) beyondValues() {
	const types = "</Types>"
	m.add(27, "macros.xlsm", "FILE-09", m.book().part("xl/vbaProject.bin", "Sub Auto_Open()").
		in(typesPart, "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "vnd.ms-excel.sheet.macroEnabled.main+xml").
		in(typesPart, types, `<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>`+types).
		in(relsPart, "</Relationships>", `<Relationship Id="rId8" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/></Relationships>`).pack())
	b := m.book()
	wage := b.column("دستمزد روزانه") + fmt.Sprint(b.last())
	m.add(28, "links", "FILE-09", b.row(b.last(), `<c r="`+wage+`"><v>`, `<c r="`+wage+`"><f>[1]Sheet1!A1+cmd|'/c calc'!A0</f><v>`).
		part("xl/externalLinks/externalLink1.xml", `<externalLink `+mainSpace+` `+relSpace+`><externalBook r:id="rId1"/></externalLink>`).
		part("xl/externalLinks/_rels/externalLink1.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="`+relType+`externalLinkPath" Target="http://`+m.probe+`/other.xlsx" TargetMode="External"/></Relationships>`).
		in(relsPart, "</Relationships>", `<Relationship Id="rId8" Type="`+relType+`externalLink" Target="externalLinks/externalLink1.xml"/></Relationships>`).pack())
	m.add(29, "object", "FILE-09", m.book().part("xl/embeddings/oleObject1.bin", string(compound("Package", ""))).pack())
}
