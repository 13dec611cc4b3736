package workbook

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// rowReader goes through one sheet.
type rowReader struct {
	*scanner
	book    *Book
	yield   func(*Row) error
	row     Row
	text    []byte // values of the row that are not shared strings
	digits  []byte // the row's number as cell references must end
	index   []byte // a shared string's index, while it is read
	info    SheetInfo
	whole   int // last row read whole
	hasRows bool
}

// Rows reads one sheet to its very end, calling yield for every row stored, blank ones included. The row and its cells
// are used again. An error of yield ends the reading and is returned as it is; a damaged sheet gives a *Refusal
// after the rows before the damage were yielded. A sheet that is no worksheet has no rows.
func (b *Book) Rows(sheet Sheet, yield func(*Row) error) (*SheetInfo, error) {
	if !sheet.Worksheet {
		return &SheetInfo{}, nil
	}
	var src io.Reader = b.archive.open(sheet.part)
	if sheet.part.size > aheadFrom {
		a := readAhead(src)
		defer a.close()
		src = a
	}
	r := &rowReader{scanner: b.archive.newScanner(sheet.part, src), book: b, yield: yield}
	r.row.Cells = make([]Cell, 0, 64)
	if err := r.read(); err != nil {
		if x := (*Refusal)(nil); errors.As(err, &x) && strings.HasPrefix(x.Code, "FILE-") {
			x.Row = r.whole
		}
		return nil, err
	}
	r.info.LastRow = r.whole
	return &r.info, nil
}

func (r *rowReader) read() error {
	if err := r.root("worksheet"); err != nil {
		return err
	}
	for {
		more, err := r.child()
		if err != nil {
			return err
		}
		if !more {
			if err := r.finish(); err != nil || r.hasRows {
				return err
			}
			return r.refuse("FILE-05", whyMissing)
		}
		switch string(r.local) {
		case "cols":
			err = r.readColumns()
		case "sheetData":
			err = r.readRows()
		case "mergeCells":
			err = r.readMerged()
		default:
			err = r.pass(besideRows)
		}
		if err != nil {
			return err
		}
	}
}

func (r *rowReader) readColumns() error {
	for {
		more, err := r.child()
		if err != nil || !more {
			return err
		}
		if string(r.local) != "col" {
			return r.refuse("FILE-05", whyUnexpected)
		}
		if err := r.known(ofColumn); err != nil {
			return err
		}
		first, ok1 := parseCount(r.value("min"))
		last, ok2 := parseCount(r.value("max"))
		if !ok1 || !ok2 || first < 1 || first > last || last > maxColumns {
			return r.refuse("FILE-05", whyAttribute)
		}
		hidden, err := r.truth("hidden")
		if err != nil {
			return err
		}
		if hidden || isZero(r.value("width")) {
			if len(r.info.HiddenColumns) == maxColumns {
				return r.refuse("FILE-06", whyRanges)
			}
			r.info.HiddenColumns = append(r.info.HiddenColumns, Span{first - 1, last - 1})
		}
		if err := r.skip(); err != nil {
			return err
		}
	}
}

// isZero reads a height or width that hides what it measures.
func isZero(v []byte) bool {
	for _, c := range v {
		if c != '0' && c != '.' {
			return false
		}
	}
	return len(v) > 0
}

func (r *rowReader) readMerged() error {
	for {
		more, err := r.child()
		if err != nil || !more {
			return err
		}
		if string(r.local) != "mergeCell" {
			return r.refuse("FILE-05", whyUnexpected)
		}
		m, ok := parseRange(r.value("ref"))
		switch {
		case !ok:
			return r.sheetFault("SHEET-06", whyReference, 0, -1)
		case len(r.info.Merged) == maxRanges:
			return r.refuse("FILE-06", whyRanges)
		}
		r.info.Merged = append(r.info.Merged, m)
		if err := r.skip(); err != nil {
			return err
		}
	}
}

func (r *rowReader) readRows() error {
	if r.hasRows {
		return r.refuse("FILE-05", whyDuplicate)
	}
	r.hasRows = true
	for {
		more, err := r.child()
		if err != nil || !more {
			return err
		}
		if string(r.local) != "row" {
			return r.refuse("FILE-05", whyUnexpected)
		}
		if err := r.readRow(); err != nil {
			return err
		}
		if err := r.yield(&r.row); err != nil {
			return err
		}
		r.whole = r.row.Number
	}
}

func (r *rowReader) readRow() error {
	number := r.whole + 1
	r.row.Hidden = false
	for i := range r.attrs {
		a := &r.attrs[i]
		switch string(a.name) {
		case "r":
			var ok bool
			if number, ok = parseRow(a.value); !ok {
				return r.sheetFault("SHEET-06", whyRowNumber, r.whole, -1)
			}
		case "hidden":
			hidden, err := r.truthOf(a.value)
			if err != nil {
				return err
			}
			r.row.Hidden = r.row.Hidden || hidden
		case "ht":
			r.row.Hidden = r.row.Hidden || isZero(a.value)
		case "spans", "s", "customFormat", "customHeight", "outlineLevel", "collapsed", "thickTop", "thickBot", "ph":
		default:
			if bytes.IndexByte(a.name, ':') < 0 && string(a.name) != "xmlns" {
				return r.refuse("FILE-05", whyAttribute)
			}
		}
	}
	switch {
	case number > maxRows:
		return r.sheetFault("SHEET-06", whyRowNumber, r.whole, -1)
	case number <= r.whole:
		return r.sheetFault("SHEET-06", whyRowOrder, number, -1)
	}
	r.row.Number = number
	r.row.Unaddressed = false
	r.row.Cells = r.row.Cells[:0]
	r.text = r.text[:0]
	r.digits = strconv.AppendInt(r.digits[:0], int64(number), 10)
	return r.readCells()
}

func (r *rowReader) readCells() error {
	last := -1
	for {
		more, err := r.child()
		if err != nil || !more {
			return err
		}
		if string(r.local) != "c" {
			if string(r.local) != "extLst" {
				return r.refuse("FILE-05", whyUnexpected)
			}
			if err := r.skip(); err != nil {
				return err
			}
			continue
		}
		if last, err = r.readCell(last); err != nil {
			return err
		}
		if len(r.text) > maxRowText {
			return r.refuse("FILE-06", whyText)
		}
	}
}

// cellType is what the cell's t attribute says of its value.
type cellType uint8

const (
	typeNumber cellType = iota
	typeShared
	typeString
	typeInline
	typeBool
	typeError
	typeDate
)

var typeKinds = [...]Kind{typeNumber: Number, typeShared: Text, typeString: Text, typeInline: Text, typeBool: Bool, typeError: Error, typeDate: Date}

func typeOf(v []byte) (cellType, bool) {
	switch string(v) {
	case "n":
		return typeNumber, true
	case "s":
		return typeShared, true
	case "str":
		return typeString, true
	case "inlineStr":
		return typeInline, true
	case "b":
		return typeBool, true
	case "e":
		return typeError, true
	case "d":
		return typeDate, true
	}
	return 0, false
}

func (r *rowReader) readCell(last int) (int, error) {
	column, addressed, kind, style := last+1, false, typeNumber, -1
	for i := range r.attrs {
		a := &r.attrs[i]
		if len(a.name) != 1 {
			if err := r.passAttr(a.name); err != nil {
				return 0, err
			}
			continue
		}
		switch a.name[0] {
		case 'r':
			c, digits, ok := splitReference(a.value)
			if !ok {
				return 0, r.sheetFault("SHEET-06", whyReference, r.row.Number, -1)
			}
			if string(digits) != string(r.digits) {
				return 0, r.otherRow(digits, c)
			}
			column, addressed = c, true
		case 't':
			var ok bool
			if kind, ok = typeOf(a.value); !ok {
				return 0, r.refuse("FILE-05", whyCellType)
			}
		case 's':
			var ok bool
			if style, ok = parseCount(a.value); !ok || r.book.dates != nil && style >= len(r.book.dates) {
				return 0, r.refuse("FILE-05", whyStyle)
			}
		default:
			return 0, r.refuse("FILE-05", whyAttribute)
		}
	}
	switch {
	case column >= maxColumns:
		return 0, r.sheetFault("SHEET-06", whyReference, r.row.Number, -1)
	case column <= last:
		return 0, r.sheetFault("SHEET-06", whyCellOrder, r.row.Number, column)
	}
	r.row.Unaddressed = r.row.Unaddressed || !addressed
	cell := Cell{Column: column}
	if err := r.readValue(&cell, kind); err != nil {
		return 0, err
	}
	if cell.Kind == Number && style >= 0 && r.book.dates != nil && r.book.dates[style] {
		cell.Kind = Date
	}
	return column, r.keep(cell)
}

// passAttr takes the attributes of a cell that say nothing of its value.
func (r *rowReader) passAttr(name []byte) error {
	switch string(name) {
	case "cm", "vm", "ph", "xmlns":
		return nil
	}
	if bytes.IndexByte(name, ':') > 0 {
		return nil
	}
	return r.refuse("FILE-05", whyAttribute)
}

func (r *rowReader) otherRow(digits []byte, column int) error {
	if _, ok := parseRow(digits); !ok {
		return r.sheetFault("SHEET-06", whyReference, r.row.Number, -1)
	}
	return r.sheetFault("SHEET-06", whyOtherRow, r.row.Number, column)
}

// keep takes the cell into the row. Beyond the columns allowed, and in the sheet's very last row, only content is a fault:
// styles reach there without anybody's doing.
func (r *rowReader) keep(cell Cell) error {
	filled := cell.Formula || len(cell.Text) > 0
	switch {
	case cell.Column >= r.book.limits.Columns && filled:
		return r.tooWide(cell.Column)
	case cell.Column >= r.book.limits.Columns:
		return nil
	case r.row.Number == maxRows && filled:
		return r.sheetFault("SHEET-07", whyLastRow, r.row.Number, cell.Column)
	}
	r.row.Cells = append(r.row.Cells, cell)
	return nil
}

// readValue reads the inside of a cell.
func (r *rowReader) readValue(cell *Cell, kind cellType) error {
	read := false
	for {
		more, err := r.child()
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
		switch string(r.local) {
		case "v":
			if read || kind == typeInline {
				return r.refuse("FILE-05", whyCell)
			}
			read = true
			err = r.readStored(cell, kind)
		case "is":
			if read || kind != typeInline {
				return r.refuse("FILE-05", whyCell)
			}
			read = true
			from := len(r.text)
			r.text, err = r.richText(r.text)
			cell.Kind, cell.HasValue, cell.Text = Text, true, r.text[from:]
		case "f":
			if cell.Formula {
				return r.refuse("FILE-05", whyCell)
			}
			cell.Formula = true
			err = r.skip()
		case "extLst":
			err = r.skip()
		default:
			err = r.refuse("FILE-05", whyUnexpected)
		}
		if err != nil {
			return err
		}
	}
}

func (r *rowReader) readStored(cell *Cell, kind cellType) error {
	if kind == typeShared {
		return r.readShared(cell)
	}
	from := len(r.text)
	var err error
	if r.text, err = r.content(r.text); err != nil {
		return err
	}
	text := r.text[from:]
	if kind == typeBool {
		switch string(text) {
		case "1", "true":
			text = trueText
		case "0", "false":
			text = falseText
		default:
			return r.refuse("FILE-05", whyCell)
		}
	}
	if len(text) == 0 && kind != typeString {
		return nil // an empty element stores no number, date or error
	}
	cell.Kind, cell.HasValue, cell.Text = typeKinds[kind], true, text
	return nil
}

var trueText, falseText = []byte("1"), []byte("0")

func (r *rowReader) readShared(cell *Cell) error {
	var err error
	if r.index, err = r.content(r.index[:0]); err != nil {
		return err
	}
	i, ok := parseCount(r.index)
	if !ok || r.book.strings == nil || i >= len(r.book.strings.starts) {
		return r.refuse("FILE-05", whyIndex)
	}
	cell.Kind, cell.HasValue, cell.Text = Text, true, r.book.strings.at(i)
	return nil
}

// tooWide refuses a value beyond the columns that may hold one.
func (r *rowReader) tooWide(column int) error {
	x := over("SHEET-07", r.part, whyColumn, int64(column)+1, int64(r.book.limits.Columns))
	x.Row, x.Column = r.row.Number, column
	return x
}

// sheetFault is a refusal that stands at a row and column of the sheet.
func (r *rowReader) sheetFault(code, reason string, row, column int) error {
	x := refusal(code, r.part, reason)
	x.Row, x.Column = row, column
	return x
}
