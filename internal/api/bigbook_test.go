package api_test

import (
	"archive/zip"
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

// bigColumns are the 35 columns of a large payroll.
var bigColumns = []string{
	"row", "national_code", "first_name", "last_name", "father_name", "birth_date", "id_number", "issue_place", "sex", "insurance_number",
	"job_code", "job_title", "insured_kind", "start_date", "days", "daily_wage", "daily_seniority", "housing", "grocery", "marriage", "child",
	"responsibility", "attraction", "transport", "meal", "overtime", "shift", "performance", "bonus", "mission", "education", "employment_type",
	"job_family", "health_premium", "main_payer",
}

// bigList invents the lines of a large payroll, with a value in every one of its columns.
func bigList(h *payroll.Header, p *law.Params, workers int) []payroll.Line {
	lines := synth.List(synth.Options{Seed: 9, Workers: workers, Header: *h, Law: p})
	for i := range lines {
		l, n := &lines[i], rial.Amount(1+i%7)
		for _, c := range []payroll.Component{payroll.Responsibility, payroll.Attraction, payroll.Transport, payroll.Meal, payroll.Shift, payroll.Performance, payroll.Bonus} {
			l.Pay[c] = n * 1_000_000
		}
		for _, c := range []payroll.Component{payroll.Marriage, payroll.Child, payroll.Overtime} {
			l.Pay[c] = cmp.Or(l.Pay[c], 1_250_000)
		}
		l.DailySeniority = p.Seniority.Value
		l.Pay[payroll.Mission], l.Pay[payroll.HealthPremium] = 500_000, 2_000_000
	}
	return lines
}

// bigBook writes the workbook as Excel does, with shared or inline strings, and returns its path.
func bigBook(t testing.TB, h payroll.Header, lines []payroll.Line, inline bool) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "big.xlsx"))
	require.NoError(t, err)
	out := bufio.NewWriterSize(file, 1<<16)
	require.NoError(t, writeBook(out, h, lines, inline))
	require.NoError(t, out.Flush())
	require.NoError(t, file.Close())
	return file.Name()
}

func writeBook(out io.Writer, h payroll.Header, lines []payroll.Line, inline bool) error {
	x := &excel{zip: zip.NewWriter(out), inline: inline, known: map[string]int{}}
	x.part("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`)
	x.part("_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="`+relations+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	x.part("xl/workbook.xml", `<workbook xmlns="`+mainSpace+`" xmlns:r="`+relations+`"><sheets><sheet name="کارگاه" sheetId="1" r:id="rId1"/><sheet name="لیست" sheetId="2" r:id="rId2"/></sheets></workbook>`)
	strings := `<Relationship Id="rId3" Type="` + relations + `/sharedStrings" Target="sharedStrings.xml"/>`
	if inline {
		strings = ""
	}
	x.part("xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="`+relations+`/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="`+relations+`/worksheet" Target="worksheets/sheet2.xml"/>`+strings+`</Relationships>`)
	x.headerSheet(&h)
	x.listSheet(lines)
	if !inline {
		x.strings()
	}
	return cmpErr(x.err, x.zip.Close())
}

const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relations   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)

// excel writes the parts of one workbook.
type excel struct {
	zip    *zip.Writer
	out    *bufio.Writer
	inline bool
	known  map[string]int
	shared []string
	cells  int
	err    error
}

func (x *excel) open(name string) {
	w, err := x.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if x.err = cmpErr(x.err, err); x.err != nil {
		w = io.Discard
	}
	x.out = bufio.NewWriterSize(w, 1<<16)
	x.say(declaration)
}

func cmpErr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

func (x *excel) say(parts ...string) {
	for _, p := range parts {
		_, err := x.out.WriteString(p)
		x.err = cmpErr(x.err, err)
	}
}

func (x *excel) close() { x.err = cmpErr(x.err, x.out.Flush()) }

func (x *excel) part(name, content string) {
	x.open(name)
	x.say(content)
	x.close()
}

func (x *excel) headerSheet(h *payroll.Header) {
	x.open("xl/worksheets/sheet1.xml")
	x.say(`<worksheet xmlns="`+mainSpace, `"><sheetData>`)
	for i, k := range payroll.HeaderKeys() {
		value := ""
		switch v := k.Field(h).(type) {
		case *string:
			value = *v
		case *jalali.Month:
			value = v.String()
		}
		if value == "" || k.Values != nil {
			continue
		}
		row := strconv.Itoa(i + 1)
		x.say(`<row r="`, row, `"><c r="A`, row, `" t="inlineStr"><is><t>`, k.Label, `</t></is></c><c r="B`, row, `" t="inlineStr"><is><t>`, value, `</t></is></c></row>`)
	}
	x.say(`</sheetData></worksheet>`)
	x.close()
}

func (x *excel) listSheet(lines []payroll.Line) {
	x.open("xl/worksheets/sheet2.xml")
	x.say(`<worksheet xmlns="`+mainSpace, `"><dimension ref="A1:AI`, strconv.Itoa(len(lines)+1), `"/><sheetData><row r="1" spans="1:35">`)
	columns := make([]*payroll.Column, len(bigColumns))
	for i, key := range bigColumns {
		id, ok := payroll.ColumnOf(key)
		if !ok {
			x.err = cmpErr(x.err, fmt.Errorf("no column %s", key))
			return
		}
		columns[i] = id.Info()
		x.text(i, 1, columns[i].Label)
	}
	x.say(`</row>`)
	for i := range lines {
		row := i + 2
		x.say(`<row r="`, strconv.Itoa(row), `" spans="1:35">`)
		for c := range columns {
			x.cell(c, row, columns[c], &lines[i])
		}
		x.say(`</row>`)
	}
	x.say(`</sheetData></worksheet>`)
	x.close()
}

func (x *excel) cell(column, row int, c *payroll.Column, l *payroll.Line) {
	switch v := c.Field(l).(type) {
	case *int:
		x.number(column, row, int64(*v))
	case *rial.Amount:
		x.number(column, row, int64(*v))
	case *jalali.Date:
		x.text(column, row, v.String())
	case *bool:
		x.text(column, row, "بله")
	case *fault.Lane:
	case *string:
		for i := range c.Values {
			if c.Values[i].Code == *v && len(c.Values[i].Words) > 0 {
				x.text(column, row, c.Values[i].Words[0])
				return
			}
		}
		x.text(column, row, *v)
	}
}

func (x *excel) number(column, row int, n int64) {
	x.say(`<c r="`, cellName(column, row), `" s="1"><v>`, strconv.FormatInt(n, 10), `</v></c>`)
}

func (x *excel) text(column, row int, s string) {
	x.cells++
	if x.inline {
		x.say(`<c r="`, cellName(column, row), `" t="inlineStr"><is><t>`, s, `</t></is></c>`)
		return
	}
	i, ok := x.known[s]
	if !ok {
		i = len(x.shared)
		x.known[s] = i
		x.shared = append(x.shared, s)
	}
	x.say(`<c r="`, cellName(column, row), `" t="s"><v>`, strconv.Itoa(i), `</v></c>`)
}

func cellName(column, row int) string {
	name := string(rune('A' + column%26))
	if column >= 26 {
		name = string(rune('A'+column/26-1)) + name
	}
	return name + strconv.Itoa(row)
}

func (x *excel) strings() {
	x.open("xl/sharedStrings.xml")
	x.say(`<sst xmlns="`+mainSpace, `" count="`, strconv.Itoa(x.cells), `" uniqueCount="`, strconv.Itoa(len(x.shared)), `">`)
	for _, s := range x.shared {
		x.say(`<si><t>`, s, `</t></si>`)
	}
	x.say(`</sst>`)
	x.close()
}
