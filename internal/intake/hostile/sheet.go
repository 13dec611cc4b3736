package hostile

import (
	"fmt"
	"regexp"
	"strings"

	"fehrest/internal/workbook"
)

// sheets are the files whose sheets are wrong.
func (m *maker) sheets() {
	m.broken()
	m.places()
	m.stored()
	m.chosen()
	m.headers()
	m.rows()
	m.add(57, "older-template", "CELL-11", m.book().in(bookPart, "</workbook>", `<definedNames><definedName name="fehrest_template">0</definedName></definedNames></workbook>`).pack())
	m.add(58, "date-1904", "FILE-10", m.book().in(bookPart, "<workbookPr/>", `<workbookPr date1904="1"/>`).pack())
}

// broken are sheets that are no XML of ours.
func (m *maker) broken() {
	b := m.book()
	b.list[b.last()-1] = strings.Replace(b.list[b.last()-1], "</c>", "</d>", 1)
	m.addAt(31, "broken-mid-sheet", "FILE-05", b.last()-1, b.pack())
	b = m.book()
	m.addAt(31, "cut-mid-sheet", "FILE-05", b.last()-1, b.part(listPart, cut(b.whole()[listPart])).pack())
	m.add(32, "utf16", "FILE-05", m.book().part(listPart, "\xFF\xFE<\x00w\x00o\x00r\x00k\x00s\x00").pack())
	b = m.book()
	m.addAt(32, "not-utf8", "FILE-05", b.last()-1, b.inside(b.last(), "<c t=\"str\"><v>\xC3\x28</v></c>").pack())
	var nested, attrs strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&nested, "<a%d>", i)
	}
	m.add(33, "nested", "FILE-08", m.book().part(listPart, "<worksheet "+mainSpace+">"+nested.String()).pack())
	for i := range 300_000 {
		fmt.Fprintf(&attrs, ` a%d=""`, i)
	}
	m.add(33, "attributes", "FILE-08", m.book().part(listPart, "<worksheet"+attrs.String()+"/>").pack())
}

// cut ends a sheet in its last row.
func cut(sheet string) string { return sheet[:strings.LastIndex(sheet, "<v>")] }

// places are rows and cells where none can be.
func (m *maker) places() {
	for _, n := range []string{"2147483647", "-1", "1048577"} {
		b := m.book()
		last := b.last()
		m.addAt(34, "row"+strings.TrimPrefix(n, "-"), "SHEET-06", last-1, b.row(last, fmt.Sprintf(`<row r="%d"`, last), `<row r="`+n+`"`).pack())
	}
	m.addAt(35, "last-cell-of-the-sheet", "SHEET-07", 1048576, m.book().more(`<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`).pack())
	for row, cell := range map[int]string{36: "ZZ%d", 37: "XFE%d"} {
		b := m.book()
		code := map[int]string{36: "SHEET-07", 37: "SHEET-06"}[row]
		m.addAt(row, "stray-cell", code, b.last(), b.inside(b.last(), `<c r="`+fmt.Sprintf(cell, b.last())+`"><v>1</v></c>`).pack())
	}
	b := m.book()
	m.addAt(37, "reference-of-marks", "SHEET-06", b.last(), b.inside(b.last(), `<c r="!!"><v>1</v></c>`).pack())
	b = m.book()
	last := b.last()
	b.list[last-1], b.list[last-2] = b.list[last-2], b.list[last-1]
	m.addAt(38, "rows-unordered", "SHEET-06", last-1, b.pack())
	b = m.book()
	m.addAt(38, "row-twice", "SHEET-06", last, b.more(b.list[last-1]).pack())
	b = m.book()
	m.addAt(39, "cell-twice", "SHEET-06", last, b.inside(last, b.lastCell(last)).pack())
	b = m.book()
	first := regexp.MustCompile(`<c r=".*?</c>`).FindString(b.list[last-1])
	m.addAt(39, "cells-unordered", "SHEET-06", last, b.row(last, first, "").inside(last, first).pack())
	b = m.book()
	column := b.column("دستمزد روزانه")
	m.addAt(40, "cell-of-another-row", "SHEET-06", last, b.row(last, fmt.Sprintf(`r="%s%d"`, column, last), fmt.Sprintf(`r="%s%d"`, column, last-1)).pack())
}

// lastCell is the last cell of a row.
func (b *book) lastCell(row int) string {
	all := regexp.MustCompile(`<c r=".*?</c>`).FindAllString(b.list[row-1], -1)
	return all[len(all)-1]
}

// stored are cells whose value is nowhere, or of no kind.
func (m *maker) stored() {
	for name, cell := range map[string]string{
		"text-minus-one": `<c t="s"><v>-1</v></c>`, "text-99": `<c t="s"><v>99</v></c>`, "text-abc": `<c t="s"><v>abc</v></c>`,
	} {
		b := m.book()
		m.addAt(41, name, "FILE-05", b.last()-1, b.inside(b.last(), cell).pack())
	}
	b := m.book()
	m.add(41, "texts-missing", "FILE-05", b.inside(b.last(), `<c t="s"><v>0</v></c>`).without(textsPart).pack())
	b = m.book()
	m.addAt(42, "cell-of-no-type", "FILE-05", b.last()-1, b.inside(b.last(), `<c t="zz"><v>1</v></c>`).pack())
}

// chosen are books in which no list is found, or more than one.
func (m *maker) chosen() {
	b := m.book()
	b.parts[bookPart] = regexp.MustCompile(`<sheet name=[^>]*/>`).ReplaceAllString(b.parts[bookPart], "")
	m.add(43, "no-sheet", "SHEET-01", b.pack())
	b = m.book()
	b.parts[bookPart] = strings.Replace(b.parts[bookPart], `sheetId="2"`, `sheetId="2" state="hidden"`, 1)
	m.add(43, "only-hidden", "SHEET-01", b.pack())
	b = m.book().part(listPart, `<chartsheet `+mainSpace+`/>`)
	m.add(43, "only-a-chart", "SHEET-01", b.in(relsPart, `worksheet" Target="worksheets/sheet2.xml"`, `chartsheet" Target="worksheets/sheet2.xml"`).pack())
	for row, state := range map[int]string{44: "visible", 45: "hidden"} {
		b = m.book()
		m.add(row, state+"-second-list", "SHEET-02", b.tab("آبان", state, "<sheetData>"+strings.Join(b.list, "")+"</sheetData>").pack())
	}
}

// headers are lists whose first row is missing or unclear.
func (m *maker) headers() {
	b := m.book()
	b.list = shifted(b.list[1:], 0)
	m.add(46, "no-header", "SHEET-01", b.pack())
	b = m.book()
	b.list = append([]string{rowOf(1, "لیست حقوق"), rowOf(2, "مهر ۱۴۰۵"), rowOf(3, "محرمانه")}, shifted(b.list, 3)...)
	m.add(46, "header-too-low", "SHEET-01", b.pack())
	b = m.book()
	m.add(47, "header-in-other-letters", "", b.row(1, ">کد ملی<", ">\u00A0كد  ملي \u200c<").row(1, ">نام خانوادگی<", ">نام\u200cخانوادگي\u00A0<").pack())
	b = m.book()
	m.add(48, "column-twice", "SHEET-04", b.inside(1, `<c t="str"><v>کد ملی</v></c>`).pack())
	b = m.book()
	m.add(49, "column-missing", "SHEET-03", b.row(1, ">کد ملی<", "><").pack())
	b = m.book()
	end := len(regexp.MustCompile(`<c r=`).FindAllString(b.list[0], -1))
	m.add(50, "column-unknown", "SHEET-05", b.inside(1, `<c t="str"><v>رنگ</v></c>`).inside(2, fmt.Sprintf(`<c r="%s2" t="str"><v>آبی</v></c>`, workbook.ColumnName(end))).pack())
}

func rowOf(number int, text string) string {
	return fmt.Sprintf(`<row r="%d"><c r="A%d" t="str"><v>%s</v></c></row>`, number, number, text)
}

var addressed = regexp.MustCompile(`r="([A-Z]*)([0-9]+)"`)

// shifted moves rows down.
func shifted(rows []string, by int) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = addressed.ReplaceAllString(r, fmt.Sprintf(`r="${1}%d"`, i+1+by))
	}
	return out
}

// rows are lists whose rows are more, fewer or other than workers.
func (m *maker) rows() {
	b := m.book()
	last := b.last()
	b.after = fmt.Sprintf(`<mergeCells count="1"><mergeCell ref="B%d:B%d"/></mergeCells>`, last-1, last)
	m.addAt(51, "merged", "SHEET-08", last-1, b.pack())
	b = m.book()
	m.addAt(52, "hidden-row", "SHEET-09", last, b.row(last, "<row ", `<row hidden="1" `).pack())
	b = m.book()
	b.before = `<cols><col min="2" max="2" hidden="1" width="9"/></cols>`
	m.addAt(52, "hidden-column", "SHEET-09", 1, b.pack())
	b = m.book()
	b.list = b.list[:1]
	m.add(53, "no-worker", "SHEET-12", b.pack())
	b = m.book()
	b.list = append(b.list[:last-1:last-1], shifted(b.list[last-1:], last+1)...)
	m.addAt(54, "blank-rows-between", "SHEET-10", last, b.pack())
	b = m.book()
	for i := range 50_000 {
		b.more(fmt.Sprintf(`<row r="%d" s="1" customFormat="1"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>`, last+1+i, last+1+i, last+1+i))
	}
	m.add(54, "styled-blank-rows", "", b.pack())
	b = m.book()
	name := b.column("نام")
	m.addAt(55, "totals-row", "SHEET-11", last+1, b.more(fmt.Sprintf(`<row r="%d"><c r="%s%d" t="str"><v>جمع</v></c></row>`, last+1, name, last+1)).pack())
	b = m.book()
	wage := b.column("دستمزد روزانه")
	m.addAt(55, "totals-row-differs", "LIST-10", last+1, b.more(fmt.Sprintf(`<row r="%d"><c r="%s%d" t="str"><v>جمع کل</v></c><c r="%s%d"><v>1</v></c></row>`, last+1, name, last+1, wage, last+1)).pack())
	b = m.book()
	code := b.column("کد ملی")
	for i := last + 1; i <= 100_001; i++ {
		b.more(fmt.Sprintf(`<row r="%d"><c r="%s%d"><v>1</v></c></row>`, i, code, i))
	}
	m.addAt(56, "workers-100000", "SHEET-07", 100_001, b.pack())
}
