package workbook_test

import (
	"archive/zip"
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

const injected = `=HYPERLINK("http://x","y")`

// senders is a workbook as a payroll office has them: formats, a formula, a note, colours, a second sheet, a drop-down.
func senders(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	require.NoError(t, f.SetSheetName("Sheet1", "لیست 'یک' نو"))
	const s = "لیست 'یک' نو"
	green, err := f.NewStyle(&excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"00AA00"}}, NumFmt: 3})
	require.NoError(t, err)
	require.NoError(t, f.SetSheetRow(s, "A1", &[]any{"کد ملی", "نام", "مزد", "جمع"}))
	for row := 2; row <= 6; row++ {
		require.NoError(t, f.SetSheetRow(s, workbook.CellName(0, row), &[]any{"0012345679", injected, 5541850 + row}))
		require.NoError(t, f.SetCellFormula(s, workbook.CellName(3, row), "C2*30"))
	}
	require.NoError(t, f.SetCellStyle(s, "C2", "C6", green))
	require.NoError(t, f.AddComment(s, excelize.Comment{Cell: "B3", Author: "حسابدار", Text: "خودم دیدم"}))
	require.NoError(t, f.AddComment(s, excelize.Comment{Cell: "B6", Author: "حسابدار", Text: "دست نزن"}))
	v := excelize.NewDataValidation(true)
	v.Sqref = "B2:B9"
	require.NoError(t, v.SetDropList([]string{"الف", "ب"}))
	require.NoError(t, f.AddDataValidation(s, v))
	_, err = f.NewSheet("دیگر")
	require.NoError(t, err)
	require.NoError(t, f.SetCellValue("دیگر", "A1", 7))
	b, err := f.WriteToBuffer()
	require.NoError(t, err)
	return b.Bytes()
}

func markup() workbook.Markup {
	const s = "لیست 'یک' نو"
	return workbook.Markup{
		Cells: []workbook.CellMark{
			{Sheet: s, Row: 3, Column: 1, Tone: workbook.Louder, Note: "نام\n=1+1 _x0041_ <b>\x01"},
			{Sheet: s, Row: 2, Column: 2, Tone: workbook.Loud, Note: "مزد"},
			{Sheet: s, Row: 4, Column: 5, Tone: workbook.Quiet, Note: "خالی"},
			{Sheet: s, Row: 9, Column: 0, Tone: workbook.Loudest, Note: "ردیفی که نیست"},
			{Sheet: "نیست", Row: 9, Column: 0, Tone: workbook.Loudest},
		},
		Listing: &workbook.Listing{
			Name: "یافته‌ها", Title: "یافته‌ها در فایل", Above: []string{"@SUM(1)"},
			Columns: []workbook.ListingColumn{{Title: "محل", Width: 12}, {Title: "نوشته شده", Width: 30}, {Title: "تعداد", Width: 8}},
			Rows: [][]workbook.ListingCell{
				{{Text: "B3", Sheet: s, Cell: "B3"}, {Text: injected, Tone: workbook.Louder}, {Number: 12}},
				{{Text: "C2", Sheet: s, Cell: "C2"}, {Text: "+cmd|' /C calc'!A0"}, {}},
			},
		},
	}
}

func mark(t testing.TB, b []byte, m workbook.Markup) []byte {
	t.Helper()
	bk, err := open(b)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, bk.Mark(&out, m))
	return out.Bytes()
}

func contents(t testing.TB, b []byte) parts {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	p := parts{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		p[f.Name] = string(text)
	}
	return p
}

func sheetDump(t testing.TB, b []byte, sheet string) string {
	t.Helper()
	all, err := dump(b)
	require.NoError(t, err)
	for part := range strings.SplitSeq(all, "sheet ") {
		if strings.HasPrefix(part, sheet) {
			return part
		}
	}
	return ""
}

func TestMark_keeps_the_senders_workbook(t *testing.T) {
	t.Parallel()
	before := senders(t)
	after := mark(t, before, markup())
	require.Equal(t, sheetDump(t, before, "دیگر"), sheetDump(t, after, "دیگر"))
	was, is := sheetDump(t, before, "لیست"), sheetDump(t, after, "لیست")
	blank := regexp.MustCompile(`(?m)^[A-Z]+\d+ blank ""\n`)
	require.Equal(t, regexp.MustCompile(`last \d+`).ReplaceAllString(was, ""), regexp.MustCompile(`last \d+`).ReplaceAllString(blank.ReplaceAllString(is, ""), ""))
	require.Equal(t, contents(t, before)["xl/worksheets/sheet2.xml"], contents(t, after)["xl/worksheets/sheet2.xml"])

	f, err := excelize.OpenReader(bytes.NewReader(after))
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, []string{"لیست 'یک' نو", "دیگر", "یافته‌ها"}, f.GetSheetList())
	require.Equal(t, 2, f.GetActiveSheetIndex())
	const s = "لیست 'یک' نو"
	require.Equal(t, "FFC9CE", fillAt(t, f, s, "B3"))
	require.Equal(t, "FFEFB8", fillAt(t, f, s, "C2"))
	require.Equal(t, "DCE9F7", fillAt(t, f, s, "F4"))
	require.Equal(t, "FF9AA2", fillAt(t, f, s, "A9"))
	require.Equal(t, "00AA00", fillAt(t, f, s, "C3"))
	require.Empty(t, fillAt(t, f, s, "B2"))
	style, err := f.GetCellStyle(s, "C2")
	require.NoError(t, err)
	look, err := f.GetStyle(style)
	require.NoError(t, err)
	require.Equal(t, 3, look.NumFmt, "the number format stays under the mark")
	formula, err := f.GetCellFormula(s, "D3")
	require.NoError(t, err)
	require.Equal(t, "C2*30", formula)
	rules, err := f.GetDataValidations(s)
	require.NoError(t, err)
	require.Len(t, rules, 1)
	require.Equal(t, map[string]string{
		"B3": "خودم دیدم\n\n⟪فهرست⟫ نام\n=1+1 _x0041_ <b>␁", "B6": "دست نزن", "C2": "⟪فهرست⟫ مزد", "F4": "⟪فهرست⟫ خالی", "A9": "⟪فهرست⟫ ردیفی که نیست",
	}, notesOf(t, f, s))
}

func fillAt(t testing.TB, f *excelize.File, sheet, cell string) string {
	t.Helper()
	id, err := f.GetCellStyle(sheet, cell)
	require.NoError(t, err)
	style, err := f.GetStyle(id)
	require.NoError(t, err)
	if len(style.Fill.Color) == 0 {
		return ""
	}
	return style.Fill.Color[0]
}

func notesOf(t testing.TB, f *excelize.File, sheet string) map[string]string {
	t.Helper()
	comments, err := f.GetComments(sheet)
	require.NoError(t, err)
	notes := map[string]string{}
	for _, c := range comments {
		text := c.Text
		for _, p := range c.Paragraph {
			text += p.Text
		}
		notes[c.Cell] = regexp.MustCompile(`_x005F(_x[0-9A-F]{4}_)`).ReplaceAllString(strings.TrimPrefix(text, c.Author+":"), "$1")
	}
	return notes
}

func TestMark_no_text_becomes_a_formula(t *testing.T) {
	t.Parallel()
	after := mark(t, senders(t), markup())
	p := contents(t, after)
	listing := p["xl/worksheets/fehrestFindings.xml"]
	require.NotContains(t, listing, "<f>")
	require.Contains(t, listing, `t="inlineStr"><is><t xml:space="preserve">=HYPERLINK(&quot;http://x&quot;,&quot;y&quot;)</t></is></c>`)
	require.Contains(t, listing, `<t xml:space="preserve">+cmd|' /C calc'!A0</t>`)
	require.Contains(t, listing, `<hyperlink ref="A4" location="'لیست ''یک'' نو'!B3"/>`)
	require.Contains(t, p["xl/styles.xml"], `quotePrefix="1"`)
	require.Contains(t, sheetDump(t, after, "یافته‌ها"), `B4 text "=HYPERLINK(\"http://x\",\"y\")"`)
}

func TestMark_again_replaces_what_the_first_run_left(t *testing.T) {
	t.Parallel()
	first := mark(t, senders(t), markup())
	second := mark(t, first, markup())
	one, two := contents(t, first), contents(t, second)
	delete(one, "xl/styles.xml")
	delete(two, "xl/styles.xml")
	for name := range one {
		numbers := regexp.MustCompile(` s="\d+"`) // the styles of its cells have other numbers
		require.Equal(t, numbers.ReplaceAllString(one[name], ""), numbers.ReplaceAllString(two[name], ""), name)
	}

	m := markup()
	m.Cells, m.Listing.Rows = nil, nil
	f, err := excelize.OpenReader(bytes.NewReader(mark(t, second, m)))
	require.NoError(t, err)
	defer f.Close()
	const s = "لیست 'یک' نو"
	require.Equal(t, map[string]string{"B3": "خودم دیدم", "B6": "دست نزن"}, notesOf(t, f, s))
	require.Equal(t, "00AA00", fillAt(t, f, s, "C2"), "the sender's own colour comes back")
	for _, cell := range []string{"B3", "F4", "A9"} {
		require.Empty(t, fillAt(t, f, s, cell), cell)
	}
	require.Equal(t, []string{"لیست 'یک' نو", "دیگر", "یافته‌ها"}, f.GetSheetList())
}

func TestMark_lawful_oddities(t *testing.T) {
	t.Parallel()
	m := func(row, column int) workbook.Markup {
		return workbook.Markup{Cells: []workbook.CellMark{{Sheet: "لیست", Row: row, Column: column, Tone: workbook.Louder, Note: "x"}}, Listing: markup().Listing}
	}
	for name, c := range map[string]struct {
		from parts
		m    workbook.Markup
		want string
	}{
		"cells_without_references": {rows(`<row><c t="inlineStr"><is><t>a</t></is></c><c><v>2</v></c></row>`), m(1, 1), `<c s="5"><v>2</v></c>`},
		"an_empty_row":             {rows(`<row r="2" spans="1:1"/><row r="7"><c r="A7"><v>1</v></c></row>`), m(2, 3), `<row r="2"><c r="D2" s="5"/></row>`},
		"a_row_between":            {rows(`<row r="2"/><row r="7"><c r="A7"><v>1</v></c></row>`), m(5, 0), `<row r="2"/><row r="5"><c r="A5" s="5"/></row><row r="7">`},
		"before_the_first_cell":    {rows(`<row r="2" s="3" customFormat="1"><c r="C2" s='2'><v>1</v></c></row>`), m(2, 0), `<c r="A2" s="5"/><c r="C2" s='2'>`},
		"no_rows":                  {book(`<sheetData/><tableParts count="0"/>`), m(1, 0), `<sheetData><row r="1"><c r="A1" s="5"/></row></sheetData><legacyDrawing `},
		"a_greater_sign":           {rows(`<row r="2" ht="15" customHeight="1"><!-- a>b --><c r="A2" t="str"><f>A1&gt;2</f><v>a]]&gt;<![CDATA[<c r="B2"/>]]></v></c></row>`), m(2, 0), `<c r="A2" t="str" s="5"><f>A1&gt;2</f>`},
		"prefixed": {
			book("").with("xl/worksheets/sheet1.xml", declared+`<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:cols><x:col min="1" max="4" style="2"/></x:cols><x:sheetData><x:row r="3"><x:c r="A3"><x:v>4</x:v></x:c></x:row></x:sheetData></x:worksheet>`),
			m(3, 1), `<x:c r="B3" s="5"/></x:row></x:sheetData><x:legacyDrawing `,
		},
		"no_styles": {
			rows(`<row r="2"><c r="A2"><v>1</v></c></row>`).with("xl/_rels/workbook.xml.rels", relations(`<Relationship Id="rId1" Type="`+relType+`worksheet" Target="worksheets/sheet1.xml"/>`)).without("xl/styles.xml").without("xl/sharedStrings.xml"),
			m(2, 0), `<c r="A2" s="1"><v>1</v></c>`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := c.from.pack(t)
			after := mark(t, before, c.m)
			require.Contains(t, contents(t, after)["xl/worksheets/sheet1.xml"], c.want)
			was, is := sheetDump(t, before, "لیست"), sheetDump(t, after, "لیست")
			clean := regexp.MustCompile(`(?m)^[A-Z]+\d+ blank.*\n|^last.*\n|^row \d+ unaddressed\n`)
			require.Equal(t, clean.ReplaceAllString(was, ""), clean.ReplaceAllString(is, ""))
			f, err := excelize.OpenReader(bytes.NewReader(after))
			require.NoError(t, err)
			defer f.Close()
			require.Len(t, notesOf(t, f, "لیست"), 1)
		})
	}
}

func TestMark_leaves_macros_out(t *testing.T) {
	t.Parallel()
	p := rows(`<row r="2"><c r="A2"><v>1</v></c></row>`).with("xl/vbaProject.bin", "MACRO")
	p = p.replaced(t, "[Content_Types].xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml").
		replaced(t, "[Content_Types].xml", "</Types>", `<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>`).
		replaced(t, "xl/_rels/workbook.xml.rels", "</Relationships>", `<Relationship Id="rId9" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/></Relationships>`)
	after := contents(t, mark(t, p.pack(t), markup()))
	require.NotContains(t, after, "xl/vbaProject.bin")
	require.NotContains(t, after["xl/_rels/workbook.xml.rels"], "vba")
	require.NotContains(t, after["[Content_Types].xml"], "macroEnabled")
	require.NotContains(t, after["[Content_Types].xml"], "vbaProject")
}

func TestMark_refuses_what_no_copy_can_carry(t *testing.T) {
	t.Parallel()
	p := rows(`<row r="2"><c r="A2"><v>1</v></c></row>`).
		replaced(t, "[Content_Types].xml", "</Types>", `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.ms-excel.macrosheet+xml"/></Types>`)
	bk, err := open(p.pack(t))
	require.NoError(t, err)
	require.ErrorIs(t, bk.Mark(io.Discard, markup()), workbook.ErrUnmarkable)
}

func TestMark_is_quick_with_what_is_made_to_slow_it(t *testing.T) {
	t.Parallel()
	signs := strings.Repeat(">", 400<<10)
	p := book(`<sheetData><row r="2"><c r="A2"><v>1</v></c></row></sheetData><headerFooter x="` + signs + `"/>`)
	start := time.Now()
	require.Contains(t, contents(t, mark(t, p.pack(t), workbook.Markup{Cells: []workbook.CellMark{{Sheet: "لیست", Row: 2, Tone: workbook.Loud}}}))["xl/worksheets/sheet1.xml"], signs)
	require.Less(t, time.Since(start), 20*time.Second, "what grows with the square takes minutes")
}

func TestWriteListing_is_a_workbook_of_its_own(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, workbook.WriteListing(&b, *markup().Listing))
	got, err := dump(b.Bytes())
	require.NoError(t, err)
	require.Contains(t, got, "C4 number \"12\"")
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, []string{"یافته‌ها"}, f.GetSheetList())
	panes, err := f.GetPanes("یافته‌ها")
	require.NoError(t, err)
	require.Equal(t, 3, panes.YSplit)
}

func TestMark_again_beside_a_senders_sheet_of_the_listings_name(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	require.NoError(t, f.SetSheetName("Sheet1", "یافته‌ها"))
	require.NoError(t, f.SetCellValue("یافته‌ها", "A1", "یادداشت خودم"))
	b, err := f.WriteToBuffer()
	require.NoError(t, err)
	fonts := regexp.MustCompile(`<fonts count="\d+"`)
	first := mark(t, b.Bytes(), markup())
	again := mark(t, mark(t, first, markup()), markup())
	for _, marked := range [][]byte{first, again} {
		bk, err := open(marked)
		require.NoError(t, err)
		var names []string
		for _, s := range bk.Sheets {
			names = append(names, s.Name)
		}
		require.Equal(t, []string{"یافته‌ها", "یافته‌ها 2"}, names, "the sender's stays, ours is replaced")
		require.Equal(t, fonts.FindString(contents(t, first)["xl/styles.xml"]), fonts.FindString(contents(t, marked)["xl/styles.xml"]), "fonts do not pile up")
	}
}
