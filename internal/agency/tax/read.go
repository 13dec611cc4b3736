package tax

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"fehrest/internal/jalali"
	"fehrest/internal/rial"
)

// What can be wrong with a pair that is read.
var (
	ErrUTF8    = errors.New("tax: the file is not UTF-8")
	ErrEdition = errors.New("tax: the number of columns is of no edition that is read")
	ErrColumns = errors.New("tax: the line has another number of columns")
	ErrPair    = errors.New("tax: the two files do not hold the same persons in the same order")
	ErrAmount  = errors.New("tax: not an amount in whole rials")
	ErrDate    = errors.New("tax: not a date yyyymmdd")
)

// LineError says where in a pair the fault is. It holds nothing of the file's content.
type LineError struct {
	File  string // WP or WH
	Line  int    // from 1; 0 for the whole file
	Field string // such as WH17; empty for the whole line
	Err   error  // one of this package's
}

func (e *LineError) Error() string {
	return fmt.Sprintf("%v: %s line %d %s", e.Err, e.File, e.Line, e.Field)
}

func (e *LineError) Unwrap() error { return e.Err }

// Pair is what a month's two files say: a person's line and his pay's stand at the same place.
type Pair struct {
	Edition int // 1403 or 1404; 0 for files without a line
	Persons []Person
	Pay     []Pay
}

// Read reads a pair of the 35- or 39-column edition, with or without a byte order mark, lines ended by CRLF or LF. A blank
// amount is zero. Its errors are *LineError.
func Read(wp, wh []byte) (*Pair, error) {
	edition, err := editionOf(wh)
	if err != nil {
		return nil, err
	}
	p := &Pair{Edition: edition}
	edition = max(edition, edition1403) // without pay the persons are read all the same, and do not match
	if p.Persons, err = readLines("WP", wp, of(wpLayout, edition)); err != nil {
		return nil, err
	}
	if p.Pay, err = readLines("WH", wh, of(whLayout, edition)); err != nil {
		return nil, err
	}
	for i := range max(len(p.Persons), len(p.Pay)) {
		if i >= len(p.Persons) || i >= len(p.Pay) || p.Persons[i].ID != p.Pay[i].ID {
			return nil, &LineError{File: "WH", Line: i + 1, Field: "WH1", Err: ErrPair}
		}
	}
	return p, nil
}

// editionOf tells the edition by the columns of the first line of pay.
func editionOf(wh []byte) (int, error) {
	line, _ := nextLine(withoutMark(wh))
	if len(line) == 0 {
		return 0, nil
	}
	columns := bytes.Count(line, []byte{','}) + 1
	for _, edition := range []int{edition1403, edition1404} {
		if len(of(whLayout, edition)) == columns {
			return edition, nil
		}
	}
	return 0, &LineError{File: "WH", Line: 1, Err: ErrEdition}
}

func readLines[R any](file string, b []byte, layout []field[R]) (rows []R, err error) {
	if !utf8.Valid(b) {
		return nil, &LineError{File: file, Err: ErrUTF8}
	}
	b = withoutMark(b)
	for n := 1; len(b) > 0; n++ {
		var line []byte
		line, b = nextLine(b)
		if bytes.Count(line, []byte{','})+1 != len(layout) {
			return nil, &LineError{File: file, Line: n, Err: ErrColumns}
		}
		var row R
		for i := range layout {
			var value []byte
			value, line, _ = bytes.Cut(line, []byte{','})
			if err := layout[i].read(&row, string(value)); err != nil {
				return nil, &LineError{File: file, Line: n, Field: layout[i].name, Err: err}
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (f *field[R]) read(row *R, s string) error {
	switch v := f.at(row).(type) {
	case *string:
		*v = s
	case *jalali.Date:
		if s == "" {
			return nil
		}
		d, err := jalali.ParseDate(s)
		if _, digits := wholeAmount(s); err != nil || !digits {
			return ErrDate
		}
		*v = d
	case *rial.Amount:
		n, ok := wholeAmount(s)
		if !ok {
			return ErrAmount
		}
		*v = n
	}
	return nil
}

func wholeAmount(s string) (n rial.Amount, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if n = n*10 + rial.Amount(s[i]-'0'); n > rial.Max {
			return 0, false
		}
	}
	return n, true
}

func withoutMark(b []byte) []byte { return bytes.TrimPrefix(b, []byte(byteOrderMark)) }

func nextLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'}), rest
}
