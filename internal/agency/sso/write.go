package sso

import (
	"bytes"
	"fmt"
	"iter"

	"fehrest/internal/dbf"
	"fehrest/internal/jalali"
)

// LetterError says that a text holds a letter without a byte in the encoding; Fit reports it as CELL-16.
type LetterError struct {
	Field  string
	Record int // from 1
}

func (e *LetterError) Error() string {
	return fmt.Sprintf("sso: %s of record %d holds a letter that the encoding does not", e.Field, e.Record)
}

// write makes one table. The header carries the period's last day, so that the same list always gives the same bytes.
func write[R any](layout []field[R], records int, rows iter.Seq[*R], enc dbf.Encoding, period jalali.Month) ([]byte, error) {
	fields := headerOf(layout)
	var b bytes.Buffer
	b.Grow(sizeOf(fields, records))
	year, month, day := period.Last().Gregorian()
	w, err := dbf.NewWriter(&b, dbf.Header{
		Fields: fields, Date: dbf.Date{Year: year, Month: int(month), Day: day}, Records: uint32(records),
	})
	if err != nil {
		return nil, err
	}
	texts, n := make([]column, len(layout)), 0
	for row := range rows {
		n++
		for i := range layout {
			f := &layout[i]
			switch v := f.at(row).(type) {
			case *string:
				t := &texts[i]
				if *v != t.text && !t.set(enc, f.form, f.width, *v) {
					return nil, &LetterError{Field: f.name, Record: n}
				}
				w.Text(i, t.bytes)
			case *int64:
				w.Int(i, *v)
			}
		}
		if err := w.Next(); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// sizeOf is a table's length in bytes.
func sizeOf(fields []dbf.Field, records int) int {
	record := 1
	for _, f := range fields {
		record += f.Width
	}
	return 32*(len(fields)+1) + 1 + records*record + 1
}

// column makes the bytes of a column's texts. It keeps some of them, because names, places and jobs come again and again.
type column struct {
	text  string // the last
	bytes []byte
	known map[string][]byte
}

// mostKnown bounds what a column keeps.
const mostKnown = 1 << 12

// set takes a text; false says that one of its letters has no byte.
func (c *column) set(enc dbf.Encoding, f form, width int, s string) bool {
	c.text = s
	plain := s
	if f == mixed {
		plain = written(enc, s, width)
	}
	if f == code || f == mixed && isASCII(plain) {
		c.bytes = append(c.bytes[:0], plain...)
		return true
	}
	if b, ok := c.known[s]; ok {
		c.bytes = b
		return true
	}
	b, ok := encode(enc, f, width, s)
	if !ok {
		return false
	}
	c.bytes = b
	if c.known == nil {
		c.known = map[string][]byte{}
	}
	if len(c.known) < mostKnown {
		c.known[s] = b
	}
	return true
}

func encode(enc dbf.Encoding, f form, width int, s string) ([]byte, bool) {
	b, loss := enc.Encode(s)
	if len(b) > width || forbids(b) {
		b, loss = enc.Encode(written(enc, s, width))
	}
	// A sign without a byte is written as a space, which must not stand at an edge.
	return bytes.Trim(b, " "), len(loss.Letters) == 0
}
