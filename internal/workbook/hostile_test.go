package workbook_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io/fs"
	"strings"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
)

// hostile is a file that must be refused, with the code and reason it gets.
type hostile struct {
	name, code, reason string
	file               []byte
}

func hostileFiles(t testing.TB) []hostile {
	good := row5(`<c r="A5"><v>1</v></c>`)
	whole := good.pack(t)
	sheet := func(name, code, reason, inside string) hostile {
		return hostile{name, code, reason, book(inside).pack(t)}
	}
	cell := func(name, code, reason, inside string) hostile {
		return hostile{name, code, reason, row5(inside).pack(t)}
	}
	raw := func(name, code, reason, part, content string) hostile {
		return hostile{name, code, reason, good.with(part, content).pack(t)}
	}
	const sheet1, rels = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"
	return []hostile{
		{"empty", "FILE-01", "empty", nil},
		{"too_large", "FILE-02", "too-large", make([]byte, 64<<20+1)},
		{"old_xls", "FILE-04", "ole", ole("Workbook")},
		{"password", "FILE-04", "encrypted", ole("EncryptedPackage")},
		{"html", "FILE-03", "html", []byte("\uFEFF \n<HTML><table><tr><td>1")},
		{"csv", "FILE-03", "csv", []byte("کد ملی,نام\n0012345679,علی\n")},
		{"text", "FILE-03", "text", []byte("hello there")},
		{"xml_spreadsheet", "FILE-03", "xml", []byte(`<?xml version="1.0"?><Workbook/>`)},
		{"pdf", "FILE-03", "pdf", []byte("%PDF-1.7")},
		{"gif_prefix", "FILE-03", "image", append([]byte("GIF89a;"), whole...)},
		{"script_prefix", "FILE-03", "binary", append([]byte("#!/bin/sh\nexit\n"), whole...)},
		{"zip_prefix", "FILE-05", "directory", append([]byte("PK\x03\x04"), whole...)},
		{"ods", "FILE-03", "ods", parts{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}.pack(t)},
		{"numbers", "FILE-03", "numbers", parts{"Index/Document.iwa": "x", "Metadata/Properties.plist": "x"}.pack(t)},
		{"xlsb", "FILE-03", "xlsb", good.replaced(t, "[Content_Types].xml", "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "vnd.ms-excel.sheet.binary.macroEnabled.main").pack(t)},
		{"docx", "FILE-03", "foreign", good.replaced(t, "[Content_Types].xml", "spreadsheetml.sheet", "wordprocessingml.document").pack(t)},
		{"truncated", "FILE-05", "truncated", whole[:len(whole)-40]},
		{"truncated_in_the_middle", "FILE-05", "truncated", whole[:len(whole)/2]},
		{"trailing_bytes", "FILE-05", "truncated", append(bytes.Clone(whole), "tail"...)},

		{"wrong_checksum", "FILE-05", "crc", withEntry(t, good, sheet1, func(e *entry) { e.crc++ })},
		{"changed_digit", "FILE-05", "crc", changedDigit(t, good)},
		{"declared_too_small", "FILE-05", "size", withEntry(t, good, sheet1, func(e *entry) { e.size-- })},
		{"declared_too_large", "FILE-05", "size", withEntry(t, good, sheet1, func(e *entry) { e.size++ })},
		{"packed_too_long", "FILE-05", "size", withEntry(t, good, sheet1, func(e *entry) { e.data = append(e.data, 0, 0) })},
		{"broken_deflate", "FILE-05", "deflate", withEntry(t, good, sheet1, func(e *entry) { e.data[0] = 0xFF })},
		{"bomb_declared", "FILE-06", "part", withEntry(t, good, sheet1, func(e *entry) { e.size = 5 << 30 })},
		{"bomb_ratio", "FILE-06", "ratio", good.with("xl/media/image1.png", strings.Repeat("\x00", 8<<20)).pack(t)},
		{"bomb_total", "FILE-06", "total", bombTotal(t, good)},
		{"bomb_in_styles", "FILE-06", "ratio", good.with("xl/styles.xml", declared+"<styleSheet>"+strings.Repeat(" ", 8<<20)+"</styleSheet>").pack(t)},
		{"overlapping", "FILE-06", "overlap", overlapping(t)},
		{"entries_60k", "FILE-06", "entries", manyEntries(t, 60_000)},
		{"entries_2001", "FILE-06", "entries", manyEntries(t, 2001)},

		{"duplicate_part", "FILE-07", "duplicate", twice(t, good, sheet1)},
		{"duplicate_by_case", "FILE-07", "duplicate", twice(t, good, "xl/worksheets/Sheet1.XML")},
		{"name_climbs", "FILE-07", "name", good.with("../evil.xml", "x").pack(t)},
		{"name_climbs_inside", "FILE-07", "name", good.with("xl/../../evil.xml", "x").pack(t)},
		{"name_absolute", "FILE-07", "name", good.with("/etc/passwd", "x").pack(t)},
		{"name_backslash", "FILE-07", "name", good.with(`xl\evil.xml`, "x").pack(t)},
		{"name_drive", "FILE-07", "name", good.with("C:evil.xml", "x").pack(t)},
		{"symlink", "FILE-07", "symlink", symlink(t, good)},
		{"encrypted_entry", "FILE-07", "encrypted", withEntry(t, good, sheet1, func(e *entry) { e.flags |= 1 })},
		{"lzma", "FILE-07", "method", withEntry(t, good, sheet1, func(e *entry) { e.method = 14 })},
		{"no_workbook", "FILE-05", "missing", good.without("xl/workbook.xml").pack(t)},
		{"no_root_relations", "FILE-05", "missing", good.without("_rels/.rels").pack(t)},
		{"no_content_types", "FILE-05", "content-types", good.without("[Content_Types].xml").pack(t)},
		{"sheet_at_http", "FILE-07", "external-target", good.replaced(t, rels, `Target="worksheets/sheet1.xml"`, `Target="http://127.0.0.1/sheet1.xml" TargetMode="External"`).pack(t)},
		{"sheet_at_http_undeclared", "FILE-07", "unresolved", good.replaced(t, rels, "worksheets/sheet1.xml", "http://127.0.0.1/sheet1.xml").pack(t)},
		{"sheet_climbs", "FILE-07", "unresolved", good.replaced(t, rels, "worksheets/sheet1.xml", "../../etc/passwd").pack(t)},
		{"sheet_climbs_encoded", "FILE-07", "unresolved", good.replaced(t, rels, "worksheets/sheet1.xml", "%2e%2e/%2e%2e/etc/passwd").pack(t)},
		{"sheet_missing", "FILE-07", "unresolved", good.without(sheet1).pack(t)},
		{"sheet_without_relation", "FILE-07", "unresolved", good.replaced(t, "xl/workbook.xml", `r:id="rId1"`, `r:id="rId77"`).pack(t)},
		{"two_sheets_one_part", "FILE-07", "duplicate", good.replaced(t, "xl/workbook.xml", "</sheets>", `<sheet name="b" sheetId="2" r:id="rId1"/></sheets>`).pack(t)},
		{"styles_missing", "FILE-05", "missing", good.without("xl/styles.xml").pack(t)},

		raw("billion_laughs", "FILE-08", "doctype", sheet1, `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><worksheet>&lol2;</worksheet>`),
		raw("xxe_file", "FILE-08", "doctype", "xl/sharedStrings.xml", `<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>`),
		raw("xxe_http", "FILE-08", "doctype", "xl/workbook.xml", `<!doctype w SYSTEM "http://127.0.0.1:1/x.dtd"><workbook/>`),
		raw("deep_nesting", "FILE-08", "depth", sheet1, "<worksheet>"+strings.Repeat("<a>", 200_000)),
		raw("attribute_flood", "FILE-08", "attributes", sheet1, "<worksheet "+attributes(300_000)+"/>"),
		raw("date1904", "FILE-10", "date1904", "xl/workbook.xml", `<workbook><workbookPr date1904="true"/></workbook>`),

		raw("utf16", "FILE-05", "encoding", sheet1, "\xFF\xFE<\x00w\x00"),
		raw("utf16_declared", "FILE-05", "encoding", sheet1, `<?xml version="1.0" encoding="UTF-16"?><worksheet/>`),
		raw("cp1256_declared", "FILE-05", "encoding", sheet1, `<?xml version='1.0' encoding='windows-1256'?><worksheet/>`),
		cell("invalid_utf8", "FILE-05", "utf8", "<c r=\"A5\" t=\"str\"><v>\xC3\x28</v></c>"),
		cell("control_character", "FILE-05", "utf8", "<c r=\"A5\" t=\"str\"><v>a\x07</v></c>"),
		cell("not_a_character", "FILE-05", "utf8", "<c r=\"A5\" t=\"str\"><v>a\uFFFF</v></c>"),
		cell("unknown_entity", "FILE-05", "entity", `<c r="A5" t="str"><v>&nbsp;</v></c>`),
		cell("entity_nul", "FILE-05", "entity", `<c r="A5" t="str"><v>&#0;</v></c>`),
		cell("bare_ampersand", "FILE-05", "entity", `<c r="A5" t="str"><v>a & b</v></c>`),
		raw("xml_cut", "FILE-05", "truncated", sheet1, `<worksheet><sheetData><row r="1"><c r="A1"><v>1`),
		raw("xml_second_root", "FILE-05", "malformed", sheet1, "<worksheet><sheetData/></worksheet><worksheet/>"),
		raw("xml_text_after_root", "FILE-05", "malformed", sheet1, "<worksheet/>x"),
		raw("xml_other_root", "FILE-05", "unexpected", sheet1, "<chartsheet/>"),
		raw("xml_empty", "FILE-05", "truncated", sheet1, ""),
		cell("tags_crossed", "FILE-05", "malformed", `<c r="A5"><v>1</c></v>`),
		cell("attribute_twice", "FILE-05", "malformed", `<c r="A5" r="A5"/>`),
		cell("attribute_unquoted", "FILE-05", "malformed", `<c r=A5/>`),
		cell("text_among_cells", "FILE-05", "unexpected", `9<c r="A5"/>`),
		cell("element_among_cells", "FILE-05", "unexpected", `<d/>`),
		cell("two_values", "FILE-05", "cell", `<c r="A5"><v>1</v><v>2</v></c>`),
		cell("bool_two", "FILE-05", "cell", `<c r="A5" t="b"><v>2</v></c>`),
		cell("style_unknown", "FILE-05", "style", `<c r="A5" s="99"><v>1</v></c>`),
		cell("attribute_unknown_of_a_cell", "FILE-05", "attribute", `<c r="A5" u="s"><v>0</v></c>`),
		cell("attribute_misspelt_of_a_cell", "FILE-05", "attribute", `<c r="A5" tt="s"><v>0</v></c>`),
		sheet("attribute_misspelt_of_a_row", "FILE-05", "attribute", `<sheetData><row r="5" hiden="1"/></sheetData>`),
		sheet("attribute_misspelt_of_a_column", "FILE-05", "attribute", `<cols><col min="2" max="2" hiden="1"/></cols><sheetData/>`),
		sheet("element_misspelt", "FILE-05", "unexpected", `<sheetData/><mergeCell><mergeCell ref="B5:B7"/></mergeCell>`),
		sheet("no_sheet_data", "FILE-05", "missing", `<cols/>`),
		sheet("row_of_another_vocabulary", "FILE-05", "unexpected", `<sheetData><x:row xmlns:x="urn:x" r="5"/></sheetData>`),
		raw("date1904_misspelt", "FILE-05", "attribute", "xl/workbook.xml", `<workbook><workbookPr date1905="1"/></workbook>`),
		raw("tabs_misspelt", "FILE-05", "unexpected", "xl/workbook.xml", `<workbook><shets/></workbook>`),
		raw("xml_version", "FILE-05", "malformed", sheet1, `<?xml version="1.1"?><worksheet><sheetData/></worksheet>`),
		cell("hyphens_in_a_comment", "FILE-05", "malformed", `<!-- a -- b --><c r="A5"/>`),
		cell("end_of_cdata_in_text", "FILE-05", "malformed", `<c r="A5" t="str"><v>a]]>b</v></c>`),
		cell("invalid_utf8_in_a_comment", "FILE-05", "utf8", "<!-- \xC3\x28 --><c r=\"A5\"/>"),
		cell("unknown_entity_in_a_formula", "FILE-05", "entity", `<c r="A5"><f>A1&nbsp;B1</f><v>1</v></c>`),
		cell("instruction_without_a_name", "FILE-05", "malformed", `<? x?><c r="A5"/>`),
		{"checksum_behind_the_data", "FILE-05", "crc", otherDescriptor(t, good)},
		raw("name_of_a_tab_too_long", "FILE-06", "text-length", "xl/workbook.xml", `<workbook `+relSpace+`><sheets><sheet name="`+randomText(3000)+`" r:id="rId1"/></sheets></workbook>`),
		sheet("two_sheet_data", "FILE-05", "duplicate", "<sheetData/><sheetData/>"),
		cell("text_too_long", "FILE-06", "text-length", `<c r="A5" t="str"><v>`+randomText(2<<20)+`</v></c>`),

		sheet("row_huge", "SHEET-06", "row-number", `<sheetData><row r="2147483647"/></sheetData>`),
		sheet("row_negative", "SHEET-06", "row-number", `<sheetData><row r="-1"/></sheetData>`),
		sheet("row_zero", "SHEET-06", "row-number", `<sheetData><row r="0"/></sheetData>`),
		sheet("row_beyond", "SHEET-06", "row-number", `<sheetData><row r="1048577"/></sheetData>`),
		sheet("row_after_the_last", "SHEET-06", "row-number", `<sheetData><row r="1048576"/><row/></sheetData>`),
		sheet("last_cell_filled", "SHEET-07", "stray-end", `<sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>`),
		sheet("corner_filled", "SHEET-07", "stray-column", `<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>`),
		cell("column_zz", "SHEET-07", "stray-column", `<c r="ZZ5"><v>1</v></c>`),
		cell("column_257", "SHEET-07", "stray-column", strings.Repeat("<c/>", 256)+`<c><v>1</v></c>`),
		cell("column_beyond", "SHEET-06", "reference", `<c r="XFE5"><v>1</v></c>`),
		cell("reference_marks", "SHEET-06", "reference", `<c r="!!"><v>1</v></c>`),
		cell("reference_small", "SHEET-06", "reference", `<c r="a5"><v>1</v></c>`),
		cell("reference_zero_before", "SHEET-06", "reference", `<c r="A05"><v>1</v></c>`),
		cell("cell_of_another_row", "SHEET-06", "other-row", `<c r="A6"><v>1</v></c>`),
		cell("cell_twice", "SHEET-06", "cell-order", `<c r="B5"/><c r="B5"/>`),
		cell("cells_unordered", "SHEET-06", "cell-order", `<c r="B5"/><c r="A5"/>`),
		sheet("rows_unordered", "SHEET-06", "order", `<sheetData><row r="5"/><row r="4"/></sheetData>`),
		sheet("row_twice", "SHEET-06", "order", `<sheetData><row r="5"/><row r="5"/></sheetData>`),
		sheet("merge_backwards", "SHEET-06", "reference", `<sheetData/><mergeCells><mergeCell ref="B7:B5"/></mergeCells>`),

		cell("string_minus_one", "FILE-05", "string-index", `<c r="A5" t="s"><v>-1</v></c>`),
		cell("string_99", "FILE-05", "string-index", `<c r="A5" t="s"><v>99</v></c>`),
		cell("string_abc", "FILE-05", "string-index", `<c r="A5" t="s"><v>abc</v></c>`),
		cell("string_empty", "FILE-05", "string-index", `<c r="A5" t="s"><v/></c>`),
		{"strings_part_missing", "FILE-05", "missing", good.without("xl/sharedStrings.xml").pack(t)},
		{"strings_without_relation", "FILE-05", "string-index", row5(`<c r="A5" t="s"><v>0</v></c>`).replaced(t, rels, `sharedStrings"`, `other"`).pack(t)},
		cell("cell_type_unknown", "FILE-05", "cell-type", `<c r="A5" t="zz"><v>1</v></c>`),
	}
}

func TestHostile_files_are_refused_with_their_code(t *testing.T) {
	t.Parallel()
	codes := fault.TableOf(workbook.Codes, []fault.Entry{{Code: "SHEET-06"}, {Code: "SHEET-07"}})
	for _, h := range hostileFiles(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, err := dump(h.file)
			var r *workbook.Refusal
			require.ErrorAs(t, err, &r)
			require.Equal(t, h.code+" "+h.reason, r.Code+" "+r.Reason)
			require.Less(t, time.Since(start), 20*time.Second, "what grows with the square takes minutes")
			f := r.Fault(codes, "لیست")
			require.NotContains(t, f.Message.FA+f.Message.EN, "{what")
			require.NotContains(t, f.Message.EN, "unknown kind")
		})
	}
}

func TestRefusal_names_the_last_good_row_and_no_content(t *testing.T) {
	t.Parallel()
	var s strings.Builder
	for r := 1; r <= 500; r++ {
		fmt.Fprintf(&s, `<row r="%d"><c r="A%d" t="str"><v>secret</v></c></row>`, r, r)
	}
	n := 0
	b, err := open(rows(s.String() + `<row r="501"><c r="A501" t="str"><v>secret</w></c></row>`).pack(t))
	require.NoError(t, err)
	_, err = b.Rows(b.Sheets[0], func(*workbook.Row) error { n++; return nil })
	var r *workbook.Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, 500, n)
	require.Equal(t, 500, r.Row)
	require.NotContains(t, err.Error(), "secret")
	require.Contains(t, r.Fault(fault.TableOf(workbook.Codes), "").Message.FA, "پس از ردیف 500")
}

func TestCodes_speak_both_languages(t *testing.T) {
	t.Parallel()
	require.Len(t, workbook.Codes, 10)
	for i, e := range workbook.Codes {
		require.Equal(t, fmt.Sprintf("FILE-%02d", i+1), e.Code)
		for _, text := range []fault.Text{e.Message, e.Fix, e.Effect} {
			require.NotEmpty(t, text.FA, e.Code)
			require.NotEmpty(t, text.EN, e.Code)
		}
	}
	_, err := open(make([]byte, 64<<20+1))
	var r *workbook.Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, "the file is larger than the limit of 64 MB", r.Fault(fault.TableOf(workbook.Codes), "").Message.EN)
}

func TestSniff(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		"": "empty", "PK\x03\x04": "xlsx-zip", " {\"lines\":[]}": "json", "\uFEFF[": "json", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1": "ole",
		"<!-- x --><html>": "html", "<?xml version=\"1.0\"?><!DOCTYPE html><html>": "html", "a;b\n": "csv", "سلام": "text",
		"\xFF\xFEa\x00": "text", "\x1F\x8B": "archive", "\x00\x01\x02": "binary", "\x89PNG": "image",
	} {
		require.Equal(t, want, workbook.Sniff([]byte(head)), "%q", head)
	}
}

// entry is one member of a ZIP made by hand.
type entry struct {
	flags, method uint16
	crc           uint32
	size          uint64
	data          []byte
}

// withEntry packs the parts and changes what header and bytes say of one of them, alike in both headers.
func withEntry(t testing.TB, p parts, name string, change func(*entry)) []byte {
	t.Helper()
	whole := p.pack(t)
	from, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	require.NoError(t, err)
	return packed(t, func(w *zip.Writer) {
		for _, f := range from.File {
			at, err := f.DataOffset()
			require.NoError(t, err)
			e := entry{method: f.Method, crc: f.CRC32, size: f.UncompressedSize64, data: bytes.Clone(whole[at : at+int64(f.CompressedSize64)])}
			if f.Name == name {
				change(&e)
			}
			out, err := w.CreateRaw(&zip.FileHeader{Name: f.Name, Method: e.method, Flags: e.flags, CRC32: e.crc, UncompressedSize64: e.size, CompressedSize64: uint64(len(e.data))})
			require.NoError(t, err)
			_, err = out.Write(e.data)
			require.NoError(t, err)
		}
	})
}

// changedDigit stores the sheet unpacked and changes its one digit of value.
func changedDigit(t testing.TB, p parts) []byte {
	t.Helper()
	const name = "xl/worksheets/sheet1.xml"
	return withEntry(t, p, name, func(e *entry) {
		content := p[name]
		e.method, e.size, e.crc = zip.Store, uint64(len(content)), crc32.ChecksumIEEE([]byte(content))
		e.data = []byte(strings.Replace(content, "<v>1<", "<v>9<", 1))
	})
}

// otherDescriptor changes the checksum that stands behind the first entry's bytes.
func otherDescriptor(t testing.TB, p parts) []byte {
	t.Helper()
	b := p.pack(t)
	b[bytes.Index(b, []byte("PK\x07\x08"))+4]++
	return b
}

// bombTotal declares three parts that pass each alone.
func bombTotal(t testing.TB, p parts) []byte {
	t.Helper()
	return packed(t, func(w *zip.Writer) {
		for _, n := range p.names() {
			add(t, w, &zip.FileHeader{Name: n}, p[n])
		}
		data := make([]byte, 4<<20)
		for i := range 3 {
			out, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprint("xl/media/", i), Method: zip.Deflate, UncompressedSize64: 500 << 20, CompressedSize64: uint64(len(data))})
			require.NoError(t, err)
			_, err = out.Write(data)
			require.NoError(t, err)
		}
	})
}

// overlapping points two directory records at one entry, as a quoting bomb does.
func overlapping(t testing.TB) []byte {
	t.Helper()
	b := parts{"a.xml": strings.Repeat("a", 100), "b.xml": strings.Repeat("a", 100)}.pack(t)
	first := bytes.Index(b, []byte("PK\x01\x02"))
	second := first + 4 + bytes.Index(b[first+4:], []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[second+42:], binary.LittleEndian.Uint32(b[first+42:]))
	return b
}

func manyEntries(t testing.TB, n int) []byte {
	t.Helper()
	return packed(t, func(w *zip.Writer) {
		for i := range n {
			_, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(i)})
			require.NoError(t, err)
		}
	})
}

func twice(t testing.TB, p parts, again string) []byte {
	t.Helper()
	return packed(t, func(w *zip.Writer) {
		for _, n := range p.names() {
			add(t, w, &zip.FileHeader{Name: n, Method: zip.Deflate}, p[n])
		}
		add(t, w, &zip.FileHeader{Name: again, Method: zip.Deflate}, "<worksheet/>")
	})
}

func symlink(t testing.TB, p parts) []byte {
	t.Helper()
	return packed(t, func(w *zip.Writer) {
		for _, n := range p.names() {
			add(t, w, &zip.FileHeader{Name: n, Method: zip.Deflate}, p[n])
		}
		h := &zip.FileHeader{Name: "xl/link.xml"}
		h.SetMode(fs.ModeSymlink | 0o777)
		add(t, w, h, "/etc/passwd")
	})
}

// ole makes the first sectors of a compound file whose directory names one stream; the rest may claim what it likes.
func ole(stream string) []byte {
	b := make([]byte, 2048)
	copy(b, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	binary.LittleEndian.PutUint16(b[30:], 9)
	binary.LittleEndian.PutUint32(b[48:], 1)
	for i, c := range []byte(stream) {
		b[1024+128+2*i] = c
	}
	copy(b[1536:], `<keyEncryptors spinCount="2147483648"/>`)
	return b
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `a%d="" `, i)
	}
	return b.String()
}

// randomText does not pack well, so that only its length is at fault.
func randomText(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = 'a' + byte(x>>24)%26
	}
	return string(b)
}
