package hand

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// record is one row of an answer, whatever file it came from: texts by column key.
type record struct {
	values map[string]string
	place  func(key string) fault.Place
}

// The columns of the two tables, and the words of their headers.
var (
	slipColumns = []columnWords{
		{"number", []string{"شمارهقبض", "شناسهقبض"}},
		{"amount", []string{"مبلغ"}},
		{"state", []string{"وضعیت"}},
		{"list_no", []string{"شمارهلیست"}},
		{"due", []string{"مهلتپرداخت", "مهلت"}},
	}
	workerColumns = []columnWords{
		{"person", []string{"کدملی", "شخص"}},
		{"tax", []string{"مالیات"}},
		{"months", []string{"ماه", "تعدادماه"}},
		{"several_employers", []string{"چندکارفرما", "بیشازیککارفرما"}},
	}
	slipNeeds   = []string{"number", "amount", "state"}
	workerNeeds = []string{"person", "tax", "months", "several_employers"}
)

type columnWords struct {
	key   string
	words []string
}

var foldHeader = strings.NewReplacer("ي", "ی", "ى", "ی", "ك", "ک", "\u200c", "", " ", "", "-", "_")

// columnOf finds the column that a header names.
func columnOf(columns []columnWords, header string) (string, bool) {
	header = strings.ToLower(foldHeader.Replace(strings.TrimSpace(header)))
	for _, c := range columns {
		if header == c.key || header == strings.ReplaceAll(c.key, "_", "") {
			return c.key, true
		}
		for _, w := range c.words {
			if header == w {
				return c.key, true
			}
		}
	}
	return "", false
}

// slips reads the JSON form: one slip, or a list of them.
func slips(raw []byte, name, key, digest string, now time.Time) (payroll.Answer, error) {
	k, err := keyOf(key, fault.SSO)
	if err != nil {
		return payroll.Answer{}, err
	}
	var rows []map[string]json.RawMessage
	one := bytes.HasPrefix(raw, []byte("{"))
	if one {
		rows = make([]map[string]json.RawMessage, 1)
		err = whole(raw, &rows[0])
	} else {
		err = whole(raw, &rows)
	}
	if err != nil {
		return payroll.Answer{}, &fault.Problem{Kind: fault.Malformed, Code: "JSON-01", Err: err, Text: fault.Text{
			FA: "فایل JSON خراب است", EN: "the file is not whole JSON",
		}}
	}
	var records []record
	for i, row := range rows {
		r := record{values: map[string]string{}, place: func(field string) fault.Place {
			p := fault.Place{Sheet: name, Row: i + 1, Cell: fmt.Sprintf("/%d/%s", i, field), Field: field}
			if one {
				p.Cell = "/" + field
			}
			return p
		}}
		for member, v := range row {
			// A text without its quotes, a number as its digits stand; anything else is refused where it is read.
			r.values[member] = strings.Trim(string(v), `"`)
			var s string
			if json.Unmarshal(v, &s) == nil {
				r.values[member] = s
			}
		}
		records = append(records, r)
	}
	return slipAnswer(raw, k, digest, now, records)
}

func whole(raw []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(to); err != nil {
		return errors.New("hand: not JSON") // the decoder's text may quote the answer
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("hand: something follows the document")
	}
	return nil
}

// workbookAnswer reads the first visible sheet; its header says whether it holds slips or persons.
func workbookAnswer(raw []byte, key, digest string, now time.Time) (payroll.Answer, error) {
	header, rows, err := sheet(raw)
	if err != nil {
		return payroll.Answer{}, refused(err)
	}
	lane, columns, needs := fault.SSO, slipColumns, slipNeeds
	switch {
	case names(header, workerColumns, "person"):
		lane, columns, needs = fault.Tax, workerColumns, workerNeeds
	case !names(header, slipColumns, "number"):
		return payroll.Answer{}, &fault.Problem{Kind: fault.Unprocessable, Code: "SHEET-01", Text: fault.Text{
			FA: "سطر اول باید سرستون‌ها را داشته باشد: person، tax، months، several_employers یا number، amount، state",
			EN: "the first row must hold the headers person, tax, months, several_employers, or number, amount, state",
		}}
	}
	k, err := keyOf(key, lane)
	if err != nil {
		return payroll.Answer{}, err
	}
	at, err := locate(header, columns, needs)
	if err != nil {
		return payroll.Answer{}, err
	}
	if lane == fault.Tax {
		return workerAnswer(raw, k, digest, now, named(rows, at))
	}
	return slipAnswer(raw, k, digest, now, named(rows, at))
}

func names(header map[int]string, columns []columnWords, key string) bool {
	for _, h := range header {
		if k, ok := columnOf(columns, h); ok && k == key {
			return true
		}
	}
	return false
}

// locate finds the place of each column; one that is needed and missing, or given twice, is a problem.
func locate(header map[int]string, columns []columnWords, needs []string) (map[string]int, error) {
	at := map[string]int{}
	for i, h := range header {
		k, ok := columnOf(columns, h)
		if _, twice := at[k]; ok && twice {
			return nil, &fault.Problem{Kind: fault.Unprocessable, Code: "SHEET-04", Text: fault.Text{
				FA: "ستون " + k + " دو بار آمده است", EN: "the column " + k + " stands twice",
			}}
		}
		if ok {
			at[k] = i
		}
	}
	var lost []string
	for _, n := range needs {
		if _, ok := at[n]; !ok {
			lost = append(lost, n)
		}
	}
	if lost != nil {
		return nil, &fault.Problem{Kind: fault.Unprocessable, Code: "SHEET-03", Text: fault.Text{
			FA: "این ستون‌ها نیست: " + strings.Join(lost, "، "), EN: "these columns are missing: " + strings.Join(lost, ", "),
		}}
	}
	return at, nil
}

// refused tells why a workbook is not read, in its own words.
func refused(err error) error {
	var r *workbook.Refusal
	if !errors.As(err, &r) {
		return &fault.Problem{Kind: fault.Internal, Err: err, Text: fault.Text{FA: "فایل خوانده نشد", EN: "the file could not be read"}}
	}
	p := &fault.Problem{Kind: fault.Malformed, Code: r.Code, Err: err, Text: fault.Text{
		FA: "ردیف‌ها یا خانه‌های برگه به‌هم‌ریخته است", EN: "the sheet's rows or cells are out of order",
	}}
	if codes := fault.TableOf(workbook.Codes); codes[r.Code] != nil {
		f := r.Fault(codes, "")
		p.Text, p.Faults = f.Message, []fault.Fault{f}
	}
	switch r.Code {
	case "FILE-02":
		p.Kind = fault.TooLarge
	case "FILE-03", "FILE-04":
		p.Kind = fault.Unsupported
	}
	return p
}

// sheet reads the first visible sheet: its first row that is not blank is the header.
func sheet(raw []byte) (header map[int]string, rows []map[int]cell, err error) {
	book, err := workbook.Open(bytes.NewReader(raw), int64(len(raw)), workbook.Limits{})
	if err != nil {
		return nil, nil, err
	}
	for _, s := range book.Sheets {
		if s.Hidden || !s.Worksheet {
			continue
		}
		_, err = book.Rows(s, func(r *workbook.Row) error {
			row := map[int]cell{}
			for _, c := range r.Cells {
				if text := strings.TrimSpace(string(c.Text)); text != "" || c.Formula {
					row[c.Column] = cell{sheet: s.Name, row: r.Number, kind: c.Kind, text: text}
				}
			}
			switch {
			case len(row) == 0:
			case header == nil:
				header = map[int]string{}
				for i, c := range row {
					header[i] = c.text
				}
			default:
				rows = append(rows, row)
			}
			return nil
		})
		return header, rows, err
	}
	return nil, nil, nil
}

type cell struct {
	sheet string
	row   int
	kind  workbook.Kind
	text  string
}

// value is what the cell says; a date is no value of any column here.
func (c cell) value() string {
	switch c.kind {
	case workbook.Number:
		return plainNumber(c.text)
	case workbook.Date:
		return "date " + c.text
	}
	return c.text
}

// named turns rows of a sheet into records by the places of their columns.
func named(rows []map[int]cell, at map[string]int) (records []record) {
	for _, row := range rows {
		var here cell
		for _, here = range row {
			break // every cell knows the row
		}
		r := record{values: map[string]string{}, place: func(field string) fault.Place {
			p := fault.Place{Sheet: here.sheet, Row: here.row, Field: field}
			if i, ok := at[field]; ok {
				p.Column, p.Cell = workbook.ColumnName(i), workbook.CellName(i, here.row)
			}
			return p
		}}
		for k, i := range at {
			if c, ok := row[i]; ok {
				r.values[k] = c.value()
			}
		}
		records = append(records, r)
	}
	return records
}
