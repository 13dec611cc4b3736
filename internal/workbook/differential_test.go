package workbook_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// goodFile is a workbook that every reader takes.
type goodFile struct {
	name string
	file []byte
}

// goodFiles are workbooks as the programs make them that employers use, and every lawful oddity. Those of testdata/programs
// were saved by the program and version of their name.
func goodFiles(t testing.TB) []goodFile {
	t.Helper()
	all := []goodFile{
		{name: "by excelize, cell by cell", file: byExcelize(t)},
		{name: "by excelize, as a stream", file: first(sample(t, 40, 9))},
		{name: "like Excel", file: likeExcel().pack(t)},
		{name: "like Excel, strict", file: strict(likeExcel()).pack(t)},
		{name: "like openpyxl", file: likeOpenpyxl().pack(t)},
		{name: "like Google Sheets", file: likeGoogle().pack(t)},
		{name: "like a careless exporter", file: likeExporter().pack(t)},
		{name: "with prefixes", file: withPrefixes(likeExcel()).pack(t)},
		{name: "with oddities", file: withOddities().pack(t)},
		{name: "everything", file: everything().pack(t)},
	}
	made, err := filepath.Glob("testdata/programs/*.xlsx")
	require.NoError(t, err)
	require.NotEmpty(t, made)
	for _, path := range made {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		all = append(all, goodFile{name: filepath.Base(path), file: b})
	}
	return all
}

func first(b []byte, _ [][]string) []byte { return b }

func TestDifferential_good_files(t *testing.T) {
	t.Parallel()
	for _, g := range goodFiles(t) {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			ours, err := dump(g.file)
			require.NoError(t, err)
			require.Greater(t, strings.Count(ours, "\n"), 5)
			theirs, err := oracleDump(g.file)
			require.NoError(t, err)
			require.Equal(t, theirs, withoutWarnings(ours))
			sameAsExcelize(t, g.file)
		})
	}
}

// withoutWarnings leaves out what the oracle does not look for.
func withoutWarnings(dump string) string {
	for strings.HasPrefix(dump, "warning ") {
		_, dump, _ = strings.Cut(dump, "\n")
	}
	return dump
}

// sameAsExcelize compares every stored value with excelize's raw one, and what is merged and hidden.
func sameAsExcelize(t *testing.T, file []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	b, err := open(file)
	require.NoError(t, err)
	names := []string{}
	for _, s := range b.Sheets {
		names = append(names, s.Name)
		rows, err := f.GetRows(s.Name, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		seen := 0
		info, err := b.Rows(s, func(r *workbook.Row) error {
			visible, err := f.GetRowVisible(s.Name, r.Number)
			require.NoError(t, err)
			require.Equal(t, !visible, r.Hidden, "row %d", r.Number)
			for _, c := range r.Cells {
				theirs := ""
				if r.Number <= len(rows) && c.Column < len(rows[r.Number-1]) {
					theirs = rows[r.Number-1][c.Column]
				}
				at := s.Name + "!" + workbook.CellName(c.Column, r.Number)
				if string(c.Text) != theirs {
					theirs = unescaped(theirs) // excelize leaves the escapes of t="str" as they are written
				}
				require.Equal(t, string(c.Text), theirs, at)
				if len(c.Text) > 0 {
					seen++
				}
			}
			return nil
		})
		require.NoError(t, err)
		stored := 0
		for _, row := range rows {
			for _, v := range row {
				if v != "" {
					stored++
				}
			}
		}
		require.Equal(t, stored, seen, "cells with a value in %s", s.Name)
		merged, err := f.GetMergeCells(s.Name)
		require.NoError(t, err)
		require.Len(t, info.Merged, len(merged))
		for i, m := range merged {
			require.Equal(t, m.GetStartAxis()+":"+m.GetEndAxis(), info.Merged[i].String())
		}
		for c := range 12 {
			visible, err := f.GetColVisible(s.Name, workbook.ColumnName(c))
			require.NoError(t, err)
			hidden := slices.ContainsFunc(info.HiddenColumns, func(s workbook.Span) bool { return s.First <= c && c <= s.Last })
			require.Equal(t, !visible, hidden, "column %s", workbook.ColumnName(c))
		}
	}
	require.Equal(t, f.GetSheetList(), names)
}

func byExcelize(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetName("Sheet1", "لیست"))
	for cell, v := range map[string]any{
		"A1": "کد ملی", "B1": " a<b>&\"'\n ", "A2": 1404.5, "B2": true, "C2": int64(150_000_000), "D2": time.Date(2025, 3, 20, 0, 0, 0, 0, time.UTC),
		"A3": "0012345679", "B3": "_x0041_", "C3": -0.1, "D3": 1e15,
	} {
		require.NoError(t, f.SetCellValue("لیست", cell, v))
	}
	require.NoError(t, f.SetCellFormula("لیست", "E2", "A2*2"))
	require.NoError(t, f.SetCellRichText("لیست", "A4", []excelize.RichTextRun{{Text: "علی"}, {Text: " رضا", Font: &excelize.Font{Bold: true}}}))
	require.NoError(t, f.MergeCell("لیست", "B5", "B7"))
	require.NoError(t, f.SetRowVisible("لیست", 4, false))
	require.NoError(t, f.SetColVisible("لیست", "F:G", false))
	_, err := f.NewSheet("پنهان")
	require.NoError(t, err)
	require.NoError(t, f.SetSheetVisible("پنهان", false))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return b.Bytes()
}

// likeExcel writes what Excel of Microsoft 365 writes: shared strings, spans, heights, extension vocabularies, revision marks.
func likeExcel() parts {
	const spaces = `xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr xr2 xr3" ` +
		`xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision" ` +
		`xmlns:xr2="http://schemas.microsoft.com/office/spreadsheetml/2015/revision2" xmlns:xr3="http://schemas.microsoft.com/office/spreadsheetml/2016/revision3"`
	p := book("")
	p["xl/worksheets/sheet1.xml"] = declared + `<worksheet ` + mainSpace + ` ` + relSpace + ` ` + spaces + ` xr:uid="{00000000-0001-0000-0000-000000000000}">` +
		`<sheetPr><tabColor rgb="FFFF0000"/></sheetPr><dimension ref="A1:E4"/><sheetViews><sheetView rightToLeft="1" tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>` +
		`<sheetFormatPr defaultRowHeight="15" x14ac:dyDescent="0.25"/><cols><col min="1" max="1" width="12.7109375" style="2" bestFit="1" customWidth="1"/><col min="3" max="4" width="0" hidden="1" customWidth="1"/></cols>` +
		`<sheetData><row r="1" spans="1:5" x14ac:dyDescent="0.25"><c r="A1" s="3" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>` +
		`<row r="2" spans="1:5" ht="18.75" customHeight="1" thickBot="1" x14ac:dyDescent="0.3"><c r="A2" s="3" t="s"><v>2</v></c><c r="B2" s="1"><v>45736</v></c><c r="C2"><v>0.30000000000000004</v></c><c r="D2" t="str"><f>A1&amp;"x"</f><v>کد ملیx</v></c><c r="E2" s="2"/></row>` +
		`<row r="3" spans="1:5" s="2" customFormat="1" hidden="1" outlineLevel="1" collapsed="1" x14ac:dyDescent="0.25"><c r="A3"><f t="shared" ref="A3:A4" si="0">C2*2</f><v>0.60000000000000009</v></c><c r="C3" t="b"><v>1</v></c><c r="D3" t="e" vm="1"><v>#VALUE!</v></c></row>` +
		`<row r="4" spans="1:5" x14ac:dyDescent="0.25"><c r="A4"><f t="shared" si="0"/><v>1E+15</v></c><c r="B4" s="3" t="s" ph="1"><v>3</v></c></row></sheetData>` +
		`<sheetProtection algorithmName="SHA-512" hashValue="AA==" saltValue="AA==" spinCount="100000" sheet="1" objects="1" scenarios="1"/><autoFilter ref="A1:E4" xr:uid="{00000000-0009-0000-0000-000000000000}"/>` +
		`<mergeCells count="1"><mergeCell ref="A6:B7"/></mergeCells><phoneticPr fontId="1" type="noConversion"/><conditionalFormatting sqref="A2:A4"><cfRule type="duplicateValues" dxfId="0" priority="1"/></conditionalFormatting>` +
		`<dataValidations count="1"><dataValidation type="list" allowBlank="1" sqref="B2:B4" xr:uid="{00000000-0002-0000-0000-000000000000}"><formula1>"a&lt;b,c"</formula1></dataValidation></dataValidations>` +
		`<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/><pageSetup orientation="portrait" r:id="rId1"/><headerFooter><oddHeader>&amp;C&amp;P</oddHeader></headerFooter>` +
		`<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x14"><controls><row r="9"/></controls></mc:Choice></mc:AlternateContent>` +
		`<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><xm:sqref>A2</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>`
	p["xl/sharedStrings.xml"] = declared + `<sst ` + mainSpace + ` count="5" uniqueCount="4"><si><t>کد ملی</t></si><si><t xml:space="preserve"> نام </t><phoneticPr fontId="1"/></si><si><t>0012345679</t></si>` +
		`<si><r><rPr><b/><sz val="11"/><rFont val="B Nazanin"/></rPr><t>علی</t></r><r><t xml:space="preserve"> رضا_x000D_</t></r></si></sst>`
	p["xl/styles.xml"] = declared + `<styleSheet ` + mainSpace + ` ` + spaces + `><numFmts count="1"><numFmt numFmtId="164" formatCode="[$-3000401]0"/></numFmts><fonts count="1" x14ac:knownFonts="1"><font><sz val="11"/></font></fonts>` +
		`<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment horizontal="center"/></xf><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles><dxfs count="1"><dxf/></dxfs><tableStyles count="0" defaultTableStyle="TableStyleMedium2"/><extLst><ext uri="{EB79DEF2-80B8-43e5-95BD-54CBDDF9020C}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:slicerStyles defaultSlicerStyle="SlicerStyleLight1"/></ext></extLst></styleSheet>`
	p["xl/workbook.xml"] = declared + `<workbook ` + mainSpace + ` ` + relSpace + ` ` + spaces + `><fileVersion appName="xl" lastEdited="7" lowestEdited="7" rupBuild="24326"/><workbookPr defaultThemeVersion="166925"/>` +
		`<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x15"><x15ac:absPath url="C:\Users\x\" xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/></mc:Choice></mc:AlternateContent>` +
		`<xr:revisionPtr revIDLastSave="0" documentId="13_ncr:1_{0}" xr6:coauthVersionLast="47" xmlns:xr6="http://schemas.microsoft.com/office/spreadsheetml/2016/revision6"/><bookViews><workbookView xWindow="0" yWindow="0" windowWidth="28800" windowHeight="12300"/></bookViews>` +
		`<sheets><sheet name="لیست" sheetId="1" r:id="rId1"/></sheets><definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">لیست!$A$1:$E$4</definedName></definedNames><calcPr calcId="191029"/></workbook>`
	return p
}

// strict gives the namespaces of ISO 29500 strict, as Excel's "Strict Open XML Spreadsheet" has them.
func strict(p parts) parts {
	q := parts{}
	for name, content := range p {
		q[name] = strings.NewReplacer(
			"http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main",
			"http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships",
			"<workbookPr ", `<workbookPr dateCompatibility="0" `,
		).Replace(content)
	}
	return q
}

// likeOpenpyxl has absolute targets, no XML declaration, inline types said for numbers, and no extension.
func likeOpenpyxl() parts {
	p := book("")
	p["xl/worksheets/sheet1.xml"] = `<worksheet ` + mainSpace + `><sheetPr><outlinePr summaryBelow="1" summaryRight="1"/><pageSetUpPr/></sheetPr><dimension ref="A1:C3"/><sheetViews><sheetView workbookViewId="0"><selection activeCell="A1" sqref="A1"/></sheetView></sheetViews><sheetFormatPr baseColWidth="8" defaultRowHeight="15"/>` +
		`<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="n"/></row><row r="2"><c r="A2" t="n"><v>150000000</v></c><c r="B2" s="1" t="n"><v>45736</v></c><c r="C2" t="b"><v>0</v></c></row><row r="3"><c r="A3"><f>A2*2</f><v/></c><c r="B3" t="n"><v>1.5</v></c></row></sheetData><pageMargins left="0.75" right="0.75" top="1" bottom="1" header="0.5" footer="0.5"/></worksheet>`
	p["xl/sharedStrings.xml"] = `<sst ` + mainSpace + ` uniqueCount="2"><si><t>کد ملی</t></si><si><t>نام</t></si></sst>`
	p["xl/_rels/workbook.xml.rels"] = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Type="` + relType + `worksheet" Target="/xl/worksheets/sheet1.xml" Id="rId1"/>` +
		`<Relationship Type="` + relType + `sharedStrings" Target="sharedStrings.xml" Id="rId2"/><Relationship Type="` + relType + `styles" Target="styles.xml" Id="rId3"/></Relationships>`
	return p
}

// likeGoogle has rows of its own height, styles on every cell and a drawing for every sheet.
func likeGoogle() parts {
	p := book("")
	p["xl/worksheets/sheet1.xml"] = declared + `<worksheet ` + mainSpace + ` ` + relSpace + ` xmlns:mx="http://schemas.microsoft.com/office/mac/excel/2008/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:mv="urn:schemas-microsoft-com:mac:vml">` +
		`<sheetPr><outlinePr summaryBelow="0" summaryRight="0"/></sheetPr><sheetViews><sheetView rightToLeft="1" workbookViewId="0"/></sheetViews><sheetFormatPr customHeight="1" defaultColWidth="12.63" defaultRowHeight="15.75"/>` +
		`<sheetData><row r="1"><c r="A1" s="0" t="s"><v>0</v></c><c r="B1" s="0" t="s"><v>1</v></c></row><row r="2" ht="15.75" customHeight="1"><c r="A2" s="0"><v>1.5E8</v></c><c r="B2" s="1"><v>45736.0</v></c><c r="C2" s="0" t="str"><f t="shared" ref="C2:C3" si="1">B1&amp;""</f><v>نام</v></c><c r="D2" s="0" t="b"><v>0</v></c></row><row r="3" ht="15.75" customHeight="1"/></sheetData><drawing r:id="rId1"/></worksheet>`
	p["xl/sharedStrings.xml"] = declared + `<sst ` + mainSpace + ` count="2" uniqueCount="2"><si><t>کد ملی</t></si><si><t>نام</t></si></sst>`
	return p
}

// likeExporter is a payroll program's own writing: no styles, no references, inline strings, ISO dates, absolute targets.
func likeExporter() parts {
	p := book(`<sheetData><row><c t="inlineStr"><is><t>کد ملی</t></is></c><c t="str"><v>نام</v></c><c t="d"><v>2025-03-20</v></c></row><row><c t="inlineStr"><is><t xml:space="preserve"> 0012345679</t></is></c><c t="n"><v>7</v></c></row><row/><row><c><v>1</v></c><c/><c><v>2</v></c></row></sheetData>`).
		without("xl/styles.xml").without("xl/sharedStrings.xml")
	p["xl/_rels/workbook.xml.rels"] = relations(`<Relationship Id="rId1" Type="` + relType + `worksheet" Target="/xl/worksheets/sheet1.xml"/>`)
	return p
}

// withPrefixes gives every element of the sheet, the workbook and the texts a prefix, as the Open XML SDK does.
func withPrefixes(p parts) parts {
	q := parts{}
	for name, content := range p {
		if strings.HasPrefix(name, "xl/") && strings.HasSuffix(name, ".xml") {
			content = prefixed(content)
		}
		q[name] = content
	}
	return q
}

func prefixed(content string) string {
	var b strings.Builder
	for i, piece := range strings.Split(content, "<") {
		name := strings.TrimPrefix(piece, "/")
		end := strings.IndexAny(name, " />")
		switch {
		case i == 0:
		case name == "" || name[0] == '?' || end < 0 || strings.Contains(name[:end], ":"):
			b.WriteByte('<')
		case piece[0] == '/':
			b.WriteString("</x:")
			piece = name
		default:
			b.WriteString("<x:")
		}
		b.WriteString(piece)
	}
	return strings.Replace(b.String(), `xmlns="http://schemas.openxmlformats.org/spreadsheetml`, `xmlns:x="http://schemas.openxmlformats.org/spreadsheetml`, 1)
}

// withOddities has all that XML allows and no program does without need.
func withOddities() parts {
	return book("\r\n<!-- - --><sheetData\t>\n<row\nr = '1' ><c r=\"A1\" t=\"str\" ><v>&#1593;&#x644;&#x6CC; &lt;&gt;&amp;&quot;&apos;</v ></c >\n<?pi <v>9</v> ?></row><row r='2'></row ><row r=\"3\"><!--<c r=\"A3\"/>--><c r=\"A3\"></c>" +
		"<c r=\"B3\" t=\"str\"><v><![CDATA[<&amp;>]]>a<!-- x -->b</v></c><c r=\"C3\" t=\"inlineStr\"><is/></c><c r=\"D3\" t=\"n\"><f/><v>&#49;2</v></c></row></sheetData>" + "\n<?end?>")
}
