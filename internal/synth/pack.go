package synth

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"time"
)

// grid is a sheet as a program writes it: nil for no cell, an int64 for a number, a string for text.
type grid struct {
	name   string
	rows   [][]any
	merged []string
}

// style is how a program packs a workbook.
type style struct {
	inline bool // texts in the cells themselves, as Python's libraries write them; else shared, as Excel does
	macros bool // an .xlsm
}

// pack writes a workbook. It shares nothing with the writer of the template, so that what is read is not only our own.
func pack(s style, sheets ...grid) ([]byte, error) {
	var b bytes.Buffer
	p := &packer{style: s, zip: zip.NewWriter(&b), shared: map[string]int{}}
	main := "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
	if s.macros {
		main = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
	}
	var types, list, rels strings.Builder
	for i, g := range sheets {
		n := i + 1
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escape(g.name), n, n)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, relations, n)
		p.part(fmt.Sprintf("xl/worksheets/sheet%d.xml", n), p.sheet(&g))
	}
	if s.macros {
		types.WriteString(`<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>`)
		rels.WriteString(`<Relationship Id="rIdV" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/>`)
		p.part("xl/vbaProject.bin", "invented: no macro is in it")
	}
	if !s.inline {
		types.WriteString(`<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>`)
		fmt.Fprintf(&rels, `<Relationship Id="rIdS" Type="%s/sharedStrings" Target="sharedStrings.xml"/>`, relations)
		p.part("xl/sharedStrings.xml", `<sst xmlns="`+spreadsheet+`">`+p.strings.String()+`</sst>`)
	}
	p.part("xl/workbook.xml", `<workbook xmlns="`+spreadsheet+`" xmlns:r="`+relations+`"><sheets>`+list.String()+`</sheets></workbook>`)
	p.part("xl/_rels/workbook.xml.rels", `<Relationships xmlns="`+packages+`">`+rels.String()+`</Relationships>`)
	p.part("_rels/.rels", `<Relationships xmlns="`+packages+`"><Relationship Id="rId1" Type="`+relations+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	p.part("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">`+
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`+
		`<Override PartName="/xl/workbook.xml" ContentType="`+main+`"/>`+types.String()+`</Types>`)
	if p.err == nil {
		p.err = p.zip.Close()
	}
	return b.Bytes(), p.err
}

const (
	spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relations   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packages    = "http://schemas.openxmlformats.org/package/2006/relationships"
)

type packer struct {
	style
	zip     *zip.Writer
	shared  map[string]int
	strings strings.Builder
	err     error
}

// packed is the time of every part, so that the same payroll gives the same bytes.
var packed = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func (p *packer) part(name, content string) {
	if p.err != nil {
		return
	}
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: packed})
	if err == nil {
		_, err = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + content))
	}
	p.err = err
}

func (p *packer) sheet(g *grid) string {
	var x strings.Builder
	x.WriteString(`<worksheet xmlns="` + spreadsheet + `"><sheetData>`)
	for i, row := range g.rows {
		if len(row) == 0 {
			continue
		}
		fmt.Fprintf(&x, `<row r="%d">`, i+1)
		for column, v := range row {
			if v != nil {
				p.cell(&x, column, i+1, v)
			}
		}
		x.WriteString("</row>")
	}
	x.WriteString("</sheetData>")
	if len(g.merged) > 0 {
		x.WriteString("<mergeCells>")
		for _, m := range g.merged {
			x.WriteString(`<mergeCell ref="` + m + `"/>`)
		}
		x.WriteString("</mergeCells>")
	}
	x.WriteString("</worksheet>")
	return x.String()
}

func (p *packer) cell(x *strings.Builder, column, row int, v any) {
	x.WriteString(`<c r="` + cellName(column, row) + `"`)
	switch v := v.(type) {
	case string:
		if p.inline {
			x.WriteString(` t="inlineStr"><is><t xml:space="preserve">` + escape(v) + `</t></is></c>`)
			return
		}
		n, known := p.shared[v]
		if !known {
			n = len(p.shared)
			p.shared[v] = n
			p.strings.WriteString(`<si><t xml:space="preserve">` + escape(v) + `</t></si>`)
		}
		fmt.Fprintf(x, ` t="s"><v>%d</v></c>`, n)
	case int64:
		fmt.Fprintf(x, `><v>%d</v></c>`, v)
	}
}

// cellName is the name of a cell by its column from 0 and its row from 1.
func cellName(column, row int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return fmt.Sprint(name, row)
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
