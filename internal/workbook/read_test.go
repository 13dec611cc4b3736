package workbook_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

func TestRows_good_files(t *testing.T) {
	t.Parallel()
	const head, tail = "sheet لیست hidden=false worksheet=true\n", "last 5 merged [] hidden []\n"
	for _, c := range []struct {
		name string
		file parts
		want string
	}{
		{"shared_rich_and_empty_strings", row5(`<c r="A5" t="s"><v>0</v></c><c r="B5" t="s"><v>1</v></c><c r="C5" t="s"><v>2</v></c>`), "A5 text \"کد ملی\"\nB5 text \"علی رضا\"\nC5 text \"\"\n"},
		{"inline_strings", row5(`<c r="A5" t="inlineStr"><is><t>a</t></is></c><c r="C5" t="inlineStr"><is><r><t>b</t></r><r><t>c</t></r></is></c>`), "A5 text \"a\"\nC5 text \"bc\"\n"},
		{"numbers_as_stored", row5(`<c r="A5"><v>1E+15</v></c><c r="B5" t="n"><v>0.30000000000000004</v></c><c r="C5"><v>9007199254740993</v></c>`), "A5 number \"1E+15\"\nB5 number \"0.30000000000000004\"\nC5 number \"9007199254740993\"\n"},
		{"booleans_and_errors", row5(`<c r="A5" t="b"><v>1</v></c><c r="B5" t="e"><v>#REF!</v></c>`), "A5 bool \"1\"\nB5 error \"#REF!\"\n"},
		{"dates_by_style_and_iso", row5(`<c r="A5" s="1"><v>45736</v></c><c r="B5" s="2"><v>45736</v></c><c r="C5" s="3"><v>7</v></c><c r="D5" s="4"><v>7</v></c><c r="E5" t="d"><v>2025-03-20</v></c>`), "A5 date \"45736\"\nB5 date \"45736\"\nC5 number \"7\"\nD5 number \"7\"\nE5 date \"2025-03-20\"\n"},
		{"formulas_with_and_without_result", row5(`<c r="A5"><f>1+1</f><v>2</v></c><c r="B5"><f>A5&amp;"x"</f></c><c r="C5" t="str"><f>""</f><v></v></c>`), "A5 number \"2\" formula\nB5 blank \"\" formula\nC5 text \"\" formula\n"},
		{"escapes_decoded_once", row5(`<c r="A5" t="str"><v>a_x000D_b_x005F_x0041__x0000__xD83D__xDE00__xD83D_&amp;&#65;&#x6A9;_</v></c>`), "A5 text \"a\\rb_x0041_\\x00😀_xD83D_&Aک_\"\n"},
		{"cdata_comments_and_line_ends", row5("<!-- x --><c r=\"A5\" t=\"str\"><v>a<!-- y --><![CDATA[<&amp;>]]>\r\nb</v></c><?pi x?>"), "A5 text \"a<&amp;>\\nb\"\n"},
		{"no_references", rows(`<row/><row/><row/><row/><row><c><v>1</v></c><c/><c t="str"><v>x</v></c></row>`), "row 5 unaddressed\nA5 number \"1\"\nB5 blank \"\"\nC5 text \"x\"\n"},
		{"styled_blanks_far_right", row5(`<c r="A5" s="1"/><c r="XFD5" s="1"/>`), "A5 blank \"\"\n"},
		{"hidden_rows", rows(`<row r="4" hidden="1"><c r="A4"><v>1</v></c></row><row r="5" ht="0" customHeight="true"/>`), "row 4 hidden\nA4 number \"1\"\nrow 5 hidden\n"},
		{"unknown_parts_of_the_sheet", book(`<sheetPr><tabColor/></sheetPr><mc:AlternateContent xmlns:mc="m"><mc:Choice><row r="9"/></mc:Choice></mc:AlternateContent><sheetData><row r="5"><c r="A5"><v>1</v></c></row></sheetData><extLst><ext><row/></ext></extLst>`), "A5 number \"1\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := dump(c.file.pack(t))
			require.NoError(t, err)
			require.Equal(t, head+c.want+tail, got)
		})
	}
}

func TestRows_prefixed_and_strict_namespaces(t *testing.T) {
	t.Parallel()
	p := book("").with("xl/worksheets/sheet1.xml", "\uFEFF"+`<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>`)
	for name := range p {
		p[name] = strings.ReplaceAll(p[name], relType, "http://purl.oclc.org/ooxml/officeDocument/relationships/")
	}
	got, err := dump(p.pack(t))
	require.NoError(t, err)
	require.Contains(t, got, "A1 text \"a\"\n")
}

func TestRows_merged_and_hidden_columns(t *testing.T) {
	t.Parallel()
	got, err := dump(book(`<cols><col min="2" max="3" hidden="1"/><col min="5" max="5" width="0"/><col min="6" max="6" width="9.5"/></cols><sheetData/><mergeCells count="1"><mergeCell ref="B5:B7"/></mergeCells>`).pack(t))
	require.NoError(t, err)
	require.Contains(t, got, "last 0 merged [B5:B7] hidden [{1 2} {4 4}]")
}

func TestOpen_sheets_names_and_warnings(t *testing.T) {
	t.Parallel()
	p := rows("").replaced(t, "xl/workbook.xml", "</sheets>", `<sheet name="a&amp;b" sheetId="2" state="veryHidden" r:id="rId9"/></sheets>`).
		replaced(t, "xl/_rels/workbook.xml.rels", "</Relationships>", `<Relationship Id="rId9" Type="`+relType+`chartsheet" Target="chartsheets/sheet1.xml"/></Relationships>`).
		with("xl/chartsheets/sheet1.xml", "<chartsheet/>").with("xl/vbaProject.bin", "x").with("xl/embeddings/oleObject1.bin", "PK\x03\x04nested").
		with("xl/externalLinks/externalLink1.xml", "<externalLink/>").with("xl/media/image1.zip", "PK\x03\x04")
	b, err := open(p.pack(t))
	require.NoError(t, err)
	require.Len(t, b.Sheets, 2)
	require.Equal(t, "a&b", b.Sheets[1].Name)
	require.True(t, b.Sheets[1].Hidden)
	require.False(t, b.Sheets[1].Worksheet)
	require.True(t, b.Has("fehrest_template"))
	require.Equal(t, `"3"`, b.DefinedNames["fehrest_template"])
	reasons := []string{}
	for _, w := range b.Warnings {
		reasons = append(reasons, w.Code+" "+w.Reason)
	}
	require.ElementsMatch(t, []string{"FILE-09 macros", "FILE-09 external", "FILE-09 embedded"}, reasons)
	info, err := b.Rows(b.Sheets[1], func(*workbook.Row) error { return errors.New("a chart has no rows") })
	require.NoError(t, err)
	require.Zero(t, info.LastRow)
}

func TestRows_same_as_excelize(t *testing.T) {
	t.Parallel()
	file, want := sample(t, 3000, 12)
	b, err := open(file)
	require.NoError(t, err)
	n := 0
	_, err = b.Rows(b.Sheets[0], func(r *workbook.Row) error {
		got := make([]string, 0, len(r.Cells))
		for _, c := range r.Cells {
			got = append(got, string(c.Text))
		}
		require.Equal(t, want[n], got)
		n++
		require.Equal(t, n, r.Number)
		return nil
	})
	require.NoError(t, err)
	require.Len(t, want, n)
}

// sample writes a workbook with excelize's stream writer and gives it with what excelize itself reads back.
func sample(t testing.TB, rows, columns int) ([]byte, [][]string) {
	t.Helper()
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	require.NoError(t, err)
	values := make([]any, columns)
	for r := range rows {
		for c := range columns {
			switch c % 3 {
			case 0:
				values[c] = 150_000_000 + r*columns + c
			case 1:
				values[c] = "نام " + strconv.Itoa(r%977) + " <&>"
			default:
				values[c] = fmt.Sprintf("%010d", r*7+c)
			}
		}
		require.NoError(t, w.SetRow("A"+strconv.Itoa(r+1), values))
	}
	require.NoError(t, w.Flush())
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	back, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	defer func() { require.NoError(t, back.Close()) }()
	want, err := back.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	return b.Bytes(), want
}

// Written cell by cell excelize stores shared strings, styles, merged cells and what is hidden.
func TestRows_of_a_workbook_by_excelize(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	require.NoError(t, f.SetCellValue("Sheet1", "A1", "کد ملی"))
	require.NoError(t, f.SetCellValue("Sheet1", "B1", " a<b> "))
	require.NoError(t, f.SetCellValue("Sheet1", "A2", 1404.5))
	require.NoError(t, f.SetCellValue("Sheet1", "B2", true))
	require.NoError(t, f.SetCellFormula("Sheet1", "C2", "A2*2"))
	require.NoError(t, f.SetCellValue("Sheet1", "D2", time.Date(2025, 3, 20, 0, 0, 0, 0, time.UTC)))
	require.NoError(t, f.SetCellRichText("Sheet1", "A4", []excelize.RichTextRun{{Text: "علی"}, {Text: " رضا", Font: &excelize.Font{Bold: true}}}))
	require.NoError(t, f.MergeCell("Sheet1", "B5", "B7"))
	require.NoError(t, f.SetRowVisible("Sheet1", 4, false))
	require.NoError(t, f.SetColVisible("Sheet1", "F:G", false))
	_, err := f.NewSheet("پنهان")
	require.NoError(t, err)
	require.NoError(t, f.SetSheetVisible("پنهان", false))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	got, err := dump(b.Bytes())
	require.NoError(t, err)
	require.Equal(t, "sheet Sheet1 hidden=false worksheet=true\nA1 text \"کد ملی\"\nB1 text \" a<b> \"\n"+
		"A2 number \"1404.5\"\nB2 bool \"1\"\nC2 blank \"\" formula\nD2 date \"45736\"\nrow 4 hidden\nA4 text \"علی رضا\"\n"+
		"last 4 merged [B5:B7] hidden [{5 6}]\nsheet پنهان hidden=true worksheet=true\nlast 0 merged [] hidden []\n", got)
}

func TestOpenArchive_names_and_reads_a_zip_of_other_files(t *testing.T) {
	t.Parallel()
	b := parts{"dsk/DSKKAR00.DBF": "x", "dsk/dskwor00.dbf": "y", "dsk/": ""}.pack(t)
	a, err := workbook.OpenArchive(bytes.NewReader(b), int64(len(b)), workbook.Limits{})
	require.NoError(t, err)
	require.Equal(t, []string{"dsk/DSKKAR00.DBF", "dsk/dskwor00.dbf"}, a.Names())
	r, err := a.Open("DSK/DSKWOR00.DBF")
	require.NoError(t, err)
	y, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "y", string(y))
}

func TestOpen_directory_with_64_bit_fields(t *testing.T) {
	t.Parallel()
	b := row5(`<c r="A5"><v>1</v></c>`).pack(t)
	end := len(b) - 22
	record := make([]byte, 56+20)
	copy(record, "PK\x06\x06")
	binary.LittleEndian.PutUint64(record[32:], uint64(binary.LittleEndian.Uint16(b[end+10:])))
	binary.LittleEndian.PutUint64(record[40:], uint64(binary.LittleEndian.Uint32(b[end+12:])))
	binary.LittleEndian.PutUint64(record[48:], uint64(binary.LittleEndian.Uint32(b[end+16:])))
	copy(record[56:], "PK\x06\x07")
	binary.LittleEndian.PutUint64(record[64:], uint64(end))
	copy(b[end+8:], "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")
	got, err := dump(slices.Insert(b, end, record...))
	require.NoError(t, err)
	require.Contains(t, got, "A5 number \"1\"")
}

func TestRows_stops_when_told(t *testing.T) {
	t.Parallel()
	file, _ := sample(t, 6000, 12)
	b, err := open(file)
	require.NoError(t, err)
	enough := errors.New("enough")
	_, err = b.Rows(b.Sheets[0], func(r *workbook.Row) error {
		if r.Number == 2 {
			return enough
		}
		return nil
	})
	require.Equal(t, enough, err)
}

// Counting allocations, it runs alone.
func TestRows_blank_tail_costs_no_memory(t *testing.T) {
	var s strings.Builder
	for r := 1; r <= 50_000; r++ {
		fmt.Fprintf(&s, `<row r="%d"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>`, r, r, r)
	}
	file := rows(s.String()).pack(t)
	b, err := open(file)
	require.NoError(t, err)
	n := testing.AllocsPerRun(1, func() {
		info, err := b.Rows(b.Sheets[0], func(*workbook.Row) error { return nil })
		require.NoError(t, err)
		require.Equal(t, 50_000, info.LastRow)
	})
	require.Less(t, n, 200.0)
}

func TestOpen_failing_disk_is_not_the_senders_fault(t *testing.T) {
	t.Parallel()
	file := rows("").pack(t)
	for after := range 12 {
		r := &failing{b: file, after: after}
		_, err := workbook.Open(r, int64(len(file)), workbook.Limits{})
		var refused *workbook.Refusal
		require.Error(t, err)
		require.NotErrorAs(t, err, &refused)
		require.ErrorIs(t, err, errDisk)
	}
}

var errDisk = errors.New("disk")

// failing reads a few times and then no more.
type failing struct {
	b     []byte
	after int
}

func (f *failing) ReadAt(to []byte, at int64) (int, error) {
	if f.after--; f.after < 0 {
		return 0, errDisk
	}
	return bytes.NewReader(f.b).ReadAt(to, at)
}

func TestColumnName(t *testing.T) {
	t.Parallel()
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 255: "IV", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		require.Equal(t, want, workbook.ColumnName(i))
	}
}
