package tax

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"fehrest/internal/jalali"
	"fehrest/internal/rial"
)

// What can be wrong with a file that is read.
var (
	ErrUTF8    = errors.New("tax: the file is not UTF-8")
	ErrEdition = errors.New("tax: the number of columns is of no edition that is read")
	ErrColumns = errors.New("tax: the line has another number of columns")
	ErrAmount  = errors.New("tax: not an amount in whole rials")
	ErrDate    = errors.New("tax: not a date yyyymmdd")
)

// LineError says where in a file the fault is that ends its reading. It holds nothing of the file's content.
type LineError struct {
	File            string // WP or WH
	Line            int    // from 1
	Given, Expected int    // of ErrColumns and ErrEdition: how many columns there are, and how many there should be (0: several numbers are lawful)
	Err             error  // ErrUTF8, ErrEdition or ErrColumns
}

func (e *LineError) Error() string { return fmt.Sprintf("%v: %s line %d", e.Err, e.File, e.Line) }

func (e *LineError) Unwrap() error { return e.Err }

// Wrong is an amount or a date that is none.
type Wrong struct {
	Field string // such as WH17
	Given string // what stands there
	Err   error  // ErrAmount or ErrDate
}

// Lines reads one of the two files line by line, with or without a byte order mark, ended by CRLF or LF. A blank amount is
// zero. Whether the two files hold the same persons is not looked at.
type Lines[R any] struct {
	r      *bufio.Reader
	file   string
	layout []field[R]
	number int
	line   []byte
	wrong  []Wrong
	err    error
}

// longest is a bound on one line, far beyond what the columns hold.
const longest = 64 << 10

// Pays reads WH, and tells its edition by the columns of its first line: 1395, 1403 or 1404, 0 for a file without a line.
func Pays(r io.Reader) (lines *Lines[Pay], edition int, err error) {
	lines = newLines[Pay]("WH", r)
	line, err := lines.peek()
	if err != nil || len(line) == 0 {
		return lines, 0, err
	}
	columns := columnsOf(line)
	for _, edition := range []int{edition1395, edition1403, edition1404} {
		if layout := whOf(edition); len(layout) == columns {
			lines.layout = layout
			return lines, edition, nil
		}
	}
	return nil, 0, &LineError{File: "WH", Line: 1, Given: columns, Err: ErrEdition}
}

// Persons reads WP of the edition that its WH tells.
func Persons(r io.Reader, edition int) *Lines[Person] {
	lines := newLines[Person]("WP", r)
	if lines.layout = wpLayout; edition == edition1395 {
		lines.layout = wp1395Layout
	}
	return lines
}

func whOf(edition int) []field[Pay] {
	if edition == edition1395 {
		return wh1395Layout
	}
	return of(whLayout, edition)
}

func newLines[R any](file string, r io.Reader) *Lines[R] {
	b := bufio.NewReaderSize(r, longest)
	if head, _ := b.Peek(len(byteOrderMark)); string(head) == byteOrderMark {
		_, _ = b.Discard(len(byteOrderMark))
	}
	return &Lines[R]{r: b, file: file}
}

// peek is the first line, still to be read; a file may end without one.
func (x *Lines[R]) peek() ([]byte, error) {
	head, err := x.r.Peek(longest)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("tax: read %s: %w", x.file, err)
	case !utf8.Valid(whole(head)):
		return nil, &LineError{File: x.file, Line: 1, Err: ErrUTF8}
	}
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'}), nil
}

// whole leaves out a letter that a buffer cut.
func whole(b []byte) []byte {
	for n := 1; n <= utf8.UTFMax && n <= len(b); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return b[:len(b)-n]
			}
			break
		}
	}
	return b
}

// Next reads the next line into row; false at the end of the file, and where Err tells why not.
func (x *Lines[R]) Next(row *R) bool {
	line, err := x.r.ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF) && len(line) == 0:
		return false
	case errors.Is(err, bufio.ErrBufferFull):
		x.number++
		return x.fail(ErrColumns, columnsOf(line))
	case err != nil && !errors.Is(err, io.EOF):
		x.err = fmt.Errorf("tax: read %s: %w", x.file, err)
		return false
	}
	x.number++
	x.line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'})
	switch n := columnsOf(x.line); {
	case len(x.line) == 0 && x.endsBlank():
		return false
	case !utf8.Valid(x.line):
		return x.fail(ErrUTF8, 0)
	case n != len(x.layout):
		return x.fail(ErrColumns, n)
	}
	x.Parse(x.line, row)
	return true
}

// endsBlank tells whether nothing but line ends is left, as some programs leave behind the last line.
func (x *Lines[R]) endsBlank() bool {
	for {
		c, err := x.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			x.err = fmt.Errorf("tax: read %s: %w", x.file, err)
			return true
		case c != '\r' && c != '\n':
			return false
		}
	}
}

func (x *Lines[R]) fail(why error, columns int) bool {
	e := &LineError{File: x.file, Line: x.number, Err: why}
	if why == ErrColumns {
		e.Given, e.Expected = columns, len(x.layout)
	}
	x.err = e
	return false
}

func columnsOf(line []byte) int { return bytes.Count(line, []byte{','}) + 1 }

// Line is the line at hand as it stands, valid until Next, and its number from 1.
func (x *Lines[R]) Line() (line []byte, number int) { return x.line, x.number }

// Wrong are the amounts and dates of the line read last that are none; each is zero in its row. It is valid until Next.
func (x *Lines[R]) Wrong() []Wrong { return x.wrong }

// Err tells why Next stopped before the end: a *LineError, or the reader's own.
func (x *Lines[R]) Err() error { return x.err }

// Parse reads a line that Next has passed before.
func (x *Lines[R]) Parse(line []byte, row *R) {
	var zero R
	*row, x.wrong = zero, x.wrong[:0]
	for i := range x.layout {
		var value []byte
		value, line, _ = bytes.Cut(line, []byte{','})
		if err := x.layout[i].read(row, string(value)); err != nil {
			x.wrong = append(x.wrong, Wrong{Field: x.layout[i].name, Given: string(value), Err: err})
		}
	}
}

func (f *field[R]) read(row *R, s string) error {
	switch v := f.at(row).(type) {
	case *string:
		*v = s
	case *jalali.Date:
		if s = strings.Trim(s, " "); strings.Trim(s, "0") == "" { // zeros are how some programs write that there is none
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
	case *int64:
		n, ok := wholeAmount(s)
		if !ok {
			return ErrAmount
		}
		*v = int64(n)
	}
	return nil
}

func wholeAmount(s string) (n rial.Amount, ok bool) {
	s = strings.Trim(s, " ")
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
