package intake

import (
	"bytes"
	"errors"
	"strconv"
	"unsafe"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// The members of a list written as JSON, and what stands for a sheet in its findings.
const (
	memberWorkshop = "workshop"
	memberLines    = "lines"
)

// jsonReader reads a list written as JSON.
type jsonReader struct {
	in       *input
	lines    *lineReader
	scan     *jsonScanner
	workshop int64 // where the value of the member begins, -1 for none
	list     int64

	number int    // of the line that is read, from 1
	row    []byte // its strings
	cells  []cellValue
	seen   payroll.ColumnSet
}

// readJSON checks the whole document first, so that no line of a broken one is handed on, then reads it.
func (in *input) readJSON() error {
	if limit := in.o.Limits.JSON; in.size > limit {
		in.refuse(&workbook.Refusal{Code: "FILE-02", Reason: "too-large", Column: -1, Given: in.size, Limit: limit}, "")
		return errStop
	}
	in.headers.sheet, in.headers.json = memberWorkshop, true
	r := &jsonReader{in: in, workshop: -1, list: -1}
	err := r.read()
	var broken *jsonError
	if errors.As(err, &broken) {
		in.judge.ReportPlace(broken.entry, fault.Place{}, "", "", "", broken.with...)
		return errStop
	}
	if err == nil {
		nameJSONFields(in.result.Findings)
	}
	return err
}

func (r *jsonReader) read() error {
	if err := r.survey(); err != nil {
		return err
	}
	if r.workshop >= 0 {
		if err := r.readWorkshop(); err != nil {
			return err
		}
	}
	r.lines = newLineReader(r.in)
	r.lines.json = true
	r.lines.plan = jsonPlan()
	r.in.judge.Place = r.place
	if err := r.in.begin(); err != nil {
		return err
	}
	if r.list >= 0 {
		if err := r.readLines(); err != nil {
			return err
		}
	}
	if err := r.lines.expand(r.in.known.Standing); err != nil {
		return err
	}
	if r.lines.workers == 0 && r.in.result.Header.Kind != payroll.Nil {
		r.in.judge.ReportPlace(codeSheet12, fault.Place{Sheet: memberLines, Cell: "/" + memberLines}, "", "", "")
	}
	return nil
}

// survey reads the document to its end, and finds the two members.
func (r *jsonReader) survey() error {
	s := r.in.scanJSON(0)
	for _, b := range []byte("\xEF\xBB\xBF") {
		if c, ok := s.peek(); ok && c == b {
			s.pos++
		}
	}
	k, err := s.kind()
	if err != nil {
		return err
	}
	if k != jsonObject {
		r.wrongType(fault.Place{}, "", wantObject)
		err = s.skip()
	} else {
		err = s.object(func(key []byte) error { return r.member(s, string(key)) })
	}
	if err != nil {
		return err
	}
	if _, more := s.space(); more || s.failed != nil {
		return s.fail()
	}
	return nil
}

func (r *jsonReader) member(s *jsonScanner, key string) error {
	at := fault.Place{Cell: "/" + pointer(key), Field: key}
	k, err := s.kind()
	if err != nil {
		return err
	}
	to, want, text := &r.workshop, jsonObject, wantObject
	switch key {
	case memberWorkshop:
	case memberLines:
		to, want, text = &r.list, jsonArray, wantArray
	default:
		r.tell(codeJSON04, at, key)
		return s.skip()
	}
	switch {
	case *to >= 0:
		r.tell(codeJSON03, at, key)
	case k == want:
		*to = s.offset()
	case k != jsonNull:
		r.wrongType(at, key, text)
	}
	return s.skip()
}

func (r *jsonReader) tell(e *fault.Entry, p fault.Place, given string, with ...string) {
	r.in.judge.ReportPlace(e, p, given, "", "", with...)
}

// pointer writes one step of a JSON pointer (RFC 6901).
func pointer(key string) string {
	return string(bytes.ReplaceAll(bytes.ReplaceAll([]byte(key), []byte("~"), []byte("~0")), []byte("/"), []byte("~1")))
}

// What JSON-05 says is needed.
var (
	wantObject = fault.Text{FA: "یک شیء {}", EN: "an object {}"}
	wantArray  = fault.Text{FA: "یک آرایه []", EN: "an array []"}
	wantText   = fault.Text{FA: "متن در گیومه", EN: "a string"}
	wantDigits = fault.Text{FA: "عدد صحیح و فقط رقم", EN: "a whole number, digits only"}
	wantCode   = fault.Text{FA: "متن یا رقم یکی از مقدارهای مجاز", EN: "one of the allowed values"}
)

func (r *jsonReader) wrongType(p fault.Place, given string, want fault.Text) {
	r.tell(codeJSON05, p, given, "what_fa", want.FA, "what_en", want.EN)
}

// readWorkshop reads the values of the workshop.
func (r *jsonReader) readWorkshop() error {
	s := r.in.scanJSON(r.workshop)
	var seen payroll.HeaderSet
	return s.object(func(name []byte) error {
		key, ok := payroll.HeaderOf(string(name))
		at := fault.Place{Sheet: memberWorkshop, Cell: "/" + memberWorkshop + "/" + pointer(string(name)), Field: string(name)}
		if !ok {
			r.in.headers.note(codeJSON04, at, string(name), "")
			return s.skip()
		}
		if seen.Has(key) {
			r.in.headers.note(codeJSON03, at, string(name), "")
			return s.skip()
		}
		seen.Add(key)
		k, err := s.kind()
		if err != nil {
			return err
		}
		from := s.offset()
		cell, want, ok := jsonCell(k, headerRules[key].form)
		if !ok {
			if err := s.skip(); err != nil {
				return err
			}
			r.in.result.Header.Given.Add(key)
			r.in.result.Header.Faulty.Add(key)
			r.in.headers.places[key] = at
			r.in.headers.note(codeJSON05, at, r.raw(from, s.offset()), "", "what_fa", want.FA, "what_en", want.EN)
			return nil
		}
		if err := s.scalar(k); err != nil {
			return err
		}
		if k != jsonNull {
			cell.Text = s.text
			r.in.headers.set(key, jsonWord(&cell), at)
		}
		return nil
	})
}

// jsonCell tells how a value of this kind becomes a cell of this form; ok is false where it is of the wrong type.
func jsonCell(k jsonKind, form payroll.Form) (cell cellValue, want fault.Text, ok bool) {
	cell = cellValue{HasValue: true, Kind: workbook.Text}
	want, ok = wantText, k == jsonString || k == jsonNull
	switch form {
	case payroll.Money, payroll.Count:
		cell.Kind, want = workbook.Number, wantDigits
		ok = k == jsonNumber || k == jsonNull
	case payroll.Coded, payroll.Lanes:
		want = wantCode
		if k == jsonNumber {
			cell.Kind, ok = workbook.Number, true
		}
	case payroll.YesNo, payroll.NoYes:
		want = wantCode
		ok = ok || k == jsonNumber || k == jsonBool
	}
	return cell, want, ok
}

// jsonWord writes true and false as the words of the value table.
func jsonWord(c *cellValue) *cellValue {
	switch string(c.Text) {
	case "true":
		c.Text = yes
	case "false":
		c.Text = no
	}
	return c
}

var yes, no = []byte("yes"), []byte("no")

// raw is a value as it stands in the document, for JSON-05.
func (r *jsonReader) raw(from, to int64) string {
	const shown = 64
	b := make([]byte, min(to-from, shown))
	if _, err := r.in.r.ReadAt(b, from); err != nil {
		return ""
	}
	if to-from > shown {
		return string(bytes.ToValidUTF8(b, nil)) + "…"
	}
	return string(b)
}

func (r *jsonReader) readLines() error {
	r.scan = r.in.scanJSON(r.list)
	member := r.cellOfLine // bound once, not once a line
	return r.scan.array(func(i int) error {
		r.number = i + 1
		if most := r.in.o.Limits.Rows; i == most {
			r.tell(codeSheet07, r.place(r.number, payroll.ColumnCount), "", tooManyRows(most)...)
			return errStop
		}
		if i&1023 == 0 {
			if err := r.in.ctx.Err(); err != nil {
				return err
			}
		}
		k, err := r.scan.kind()
		if err != nil {
			return err
		}
		if k != jsonObject {
			return r.noLine(i)
		}
		r.cells, r.row, r.seen = r.cells[:0], r.row[:0], payroll.ColumnSet{}
		if err := r.scan.object(member); err != nil {
			return err
		}
		return r.lines.row(r.number, false, r.cells)
	})
}

// noLine tells an element of lines that is no object.
func (r *jsonReader) noLine(i int) error {
	at := r.place(i+1, payroll.ColumnCount)
	at.Field = memberLines + "[" + strconv.Itoa(i) + "]"
	from := r.scan.offset()
	if err := r.scan.skip(); err != nil {
		return err
	}
	r.wrongType(at, r.raw(from, r.scan.offset()), wantObject)
	return nil
}

// cellOfLine reads one member of a line as a cell; its text lives until the next line.
func (r *jsonReader) cellOfLine(name []byte) error {
	s := r.scan
	id, ok := payroll.ColumnOf(unsafe.String(unsafe.SliceData(name), len(name)))
	if !ok || r.seen.Has(id) {
		at := fault.Place{Sheet: memberLines, Row: r.number, Cell: r.cell(r.number, string(name)), Field: string(name)}
		if ok {
			r.tell(codeJSON03, at, string(name))
		} else {
			r.tell(codeJSON04, at, string(name))
		}
		return s.skip()
	}
	r.seen.Add(id)
	k, err := s.kind()
	if err != nil {
		return err
	}
	from, form := s.offset(), columnRules[id].form
	cell, want, ok := jsonCell(k, form)
	if !ok {
		if err := s.skip(); err != nil {
			return err
		}
		r.lines.mistyped(id, r.raw(from, s.offset()), want)
		return nil
	}
	if err := s.scalar(k); err != nil {
		return err
	}
	switch {
	case k == jsonNull:
		return nil
	case cell.Kind == workbook.Number && !allDigits(s.text):
		r.lines.mistyped(id, string(s.text), want)
		return nil
	}
	at := len(r.row)
	r.row = append(r.row, s.text...)
	cell.Column, cell.Text = int(id), r.row[at:len(r.row):len(r.row)]
	if k == jsonBool {
		jsonWord(&cell)
	}
	r.cells = append(r.cells, cell)
	return nil
}

// place is where a reader of the document looks: the index of the line and a JSON pointer.
func (r *jsonReader) place(row int, id payroll.ColumnID) fault.Place {
	p := fault.Place{Sheet: memberLines, Row: row, Cell: "/" + memberLines + "/" + strconv.Itoa(row-1)}
	if id < payroll.ColumnCount {
		p.Field = id.Info().Key
		p.Cell += "/" + p.Field
	}
	return p
}

func (r *jsonReader) cell(row int, name string) string {
	return "/" + memberLines + "/" + strconv.Itoa(row-1) + "/" + pointer(name)
}

// nameJSONFields writes the field of a value of the wrong type as a program finds it, lines[3].daily_wage. Causes keep the
// bare key: one reason, many lines.
func nameJSONFields(f *fault.Findings) {
	all := f.All()
	for i := range all {
		x := &all[i]
		if x.Code == codeJSON05.Code && x.Sheet == memberLines && x.Row > 0 && x.Field != "" && x.Field[len(x.Field)-1] != ']' {
			x.Field = memberLines + "[" + strconv.Itoa(x.Row-1) + "]." + x.Field
		}
	}
}
