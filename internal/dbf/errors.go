package dbf

import (
	"errors"
	"fmt"
)

// Why a table cannot be read. Errors of a Reader are of type *FormatError and
// answer errors.Is for one of the first three; everything else a Reader
// returns comes from the file below it.
var (
	ErrCount   = errors.New("record count and file size disagree")
	ErrHeader  = errors.New("damaged header")
	ErrVersion = errors.New("unsupported version or memo file")
)

// Why a text's encoding cannot be told.
var (
	ErrNoEvidence    = errors.New("dbf: text encoding cannot be told")
	ErrQuestionMarks = errors.New("dbf: every text is question marks")
)

// Why a field holds no whole number.
var (
	ErrBlank     = errors.New("dbf: number is blank")
	ErrOverflow  = errors.New("dbf: number did not fit its field (asterisks)")
	ErrNotNumber = errors.New("dbf: not a number")
	ErrNotWhole  = errors.New("dbf: not a whole number")
	ErrTooLarge  = errors.New("dbf: number beyond 64 bits")
)

// Part names the place in a table a FormatError is about.
type Part string

// The parts of a table that are checked.
const (
	PartVersion      Part = "version"
	PartEncryption   Part = "encryption"
	PartFieldType    Part = "field type"
	PartHeaderLength Part = "header length"
	PartFieldCount   Part = "field count"
	PartFieldName    Part = "field name"
	PartFieldWidth   Part = "field width"
	PartTerminator   Part = "terminator"
	PartRecordLength Part = "record length"
	PartRecordFlag   Part = "record flag"
	PartRecords      Part = "records"
	PartEndMark      Part = "end mark"
)

// FormatError says what in a table is damaged or not supported. It holds no
// text of the table.
type FormatError struct {
	Kind     error // ErrCount, ErrHeader or ErrVersion
	Part     Part
	Field    int   // the field's number from 1; 0 where the error is not about a field
	Record   int64 // the record's number from 1; 0 where the error is not about a record
	Given    int64 // what the table states: a length, a count or a byte
	Expected int64 // what it should have stated; -1 where there is no single right value
}

func (e *FormatError) Error() string {
	s := fmt.Sprintf("dbf: %v: %s is %d", e.Kind, e.Part, e.Given)
	if e.Expected >= 0 {
		s += fmt.Sprintf(", expected %d", e.Expected)
	}
	if e.Field > 0 {
		s += fmt.Sprintf(", field %d", e.Field)
	}
	if e.Record > 0 {
		s += fmt.Sprintf(", record %d", e.Record)
	}
	return s
}

// Unwrap returns the kind, so that errors.Is finds it.
func (e *FormatError) Unwrap() error { return e.Kind }

// TooWideError says that a value does not fit its field. Nothing is ever cut.
type TooWideError struct {
	Field  string // the field's name
	Record uint32 // the record's number from 1
	Width  int    // bytes the field has
	Need   int    // bytes the value takes
}

func (e *TooWideError) Error() string {
	return fmt.Sprintf("dbf: field %s of record %d holds %d bytes, the value needs %d", e.Field, e.Record, e.Width, e.Need)
}
