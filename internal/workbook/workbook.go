// Package workbook reads XLSX workbooks strictly, row by row, in constant memory. It knows nothing of payroll.
//
// Nothing is guessed: a file that leaves any doubt about a value is refused with one of the codes FILE-01 to FILE-10,
// SHEET-06 or SHEET-07. Macros, links and embedded objects are named, never run, followed or opened.
package workbook

import (
	"io"
)

// Book is an opened workbook: its sheets, strings and date styles are known, its rows not yet read.
// It may be read by several goroutines at once, and only as long as the reader given to Open.
type Book struct {
	Sheets []Sheet // in the order of the tabs
	// Warnings are FILE-09: macros, links to other files and embedded objects, one a kind.
	Warnings []Warning
	// DefinedNames holds the workbook's names and what they stand for, as stored; at most 10,000 are kept.
	DefinedNames map[string]string

	archive *Archive
	limits  Limits
	strings *sharedStrings
	dates   []bool // by style index; nil when the workbook has no styles
}

// Sheet is one tab.
type Sheet struct {
	Name   string
	Hidden bool // hidden, or hidden from the menu too
	// Worksheet is false for chart, dialog and macro sheets, which have no rows.
	Worksheet bool

	part *part
}

// Row is one row as stored. It and its cells are used again for the next row.
type Row struct {
	Number int  // as the user sees it, from 1
	Hidden bool // by hand, by a filter, or by a height of zero
	// Unaddressed tells that some cell had no reference of its own and was placed by counting.
	Unaddressed bool
	Cells       []Cell // in column order, only those present; blank ones beyond the column limit are left out
}

// Cell is one stored cell.
type Cell struct {
	Column int // from 0
	Kind   Kind
	// Text is the stored value exactly: digits of a number as written in the file, text with its escapes decoded,
	// 1 or 0 for a Bool, the error's name, the serial number or ISO text of a Date. Valid until the next row.
	Text []byte
	// Formula tells that the cell is calculated; without HasValue its result was never stored.
	Formula bool
	// HasValue tells that a value is stored, which may be the empty text.
	HasValue bool
}

// Kind says what a cell holds.
type Kind uint8

// The kinds. Date is a number shown by a date format, or an ISO date.
const (
	Blank Kind = iota
	Number
	Text
	Bool
	Error
	Date
)

// SheetInfo is what stands around the rows of a sheet.
type SheetInfo struct {
	Merged        []Range
	HiddenColumns []Span
	LastRow       int // number of the last row stored, blank or not; 0 for none
}

// Span is a run of columns from 0, both ends included.
type Span struct{ First, Last int }

// Range is a rectangle: rows from 1, columns from 0, both ends included.
type Range struct{ FirstRow, LastRow, FirstColumn, LastColumn int }

// String writes the range as the user sees it, such as B5:B7.
func (r Range) String() string {
	return CellName(r.FirstColumn, r.FirstRow) + ":" + CellName(r.LastColumn, r.LastRow)
}

// The bounds of a worksheet in the format itself.
const (
	maxRows    = 1048576
	maxColumns = 16384
)

// Open checks the file's ZIP directory against the limits, finds the workbook from the package root, and reads
// its list of sheets, shared strings and date styles. A refused file gives a *Refusal; any other error is r's own.
func Open(r io.ReaderAt, size int64, l Limits) (*Book, error) {
	l = l.OrDefault()
	a, err := OpenArchive(r, size, l)
	if err != nil {
		return nil, err
	}
	return a.Book()
}

// Book reads the archive as a workbook, see Open.
func (a *Archive) Book() (*Book, error) {
	b := &Book{archive: a, limits: a.limits, DefinedNames: map[string]string{}}
	main, types, err := a.findWorkbook()
	if err != nil {
		return nil, err
	}
	rels, err := a.relations(main)
	if err != nil {
		return nil, err
	}
	if err := b.readWorkbook(main, rels); err != nil {
		return nil, err
	}
	if err := b.readStyles(rels); err != nil {
		return nil, err
	}
	if err := b.readStrings(rels); err != nil {
		return nil, err
	}
	b.warn(types, rels)
	return b, nil
}

// Has tells whether the workbook defines the name.
func (b *Book) Has(name string) bool {
	_, ok := b.DefinedNames[name]
	return ok
}
