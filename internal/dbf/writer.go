package dbf

import (
	"encoding/binary"
	"fmt"
	"io"
)

// blockLen is how many bytes a Writer gathers before it writes them on.
const blockLen = 64 << 10

// A Writer writes one table, record by record, in constant memory. Set the
// fields of a record with Text and Int, then call Next; a field that is not
// set stays blank. The first error sticks: Next and Close return it, and
// nothing is written after it.
type Writer struct {
	w       io.Writer
	fields  []Field
	starts  []int  // where each field begins in a record
	blank   []byte // a record without values
	block   []byte // records not yet written on; the current one lies behind its length
	record  []byte // the current record, within block's capacity
	stated  uint32
	written uint32
	err     error
}

// NewWriter writes the header of a dBASE III table and returns a Writer for
// its records, of which there must be exactly h.Records at Close. It fails
// when a header of this form cannot hold h, and when w fails.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	if err := checkLayout(h); err != nil {
		return nil, err
	}
	length := recordLen(h.Fields)
	t := &Writer{
		w:      w,
		fields: h.Fields,
		starts: make([]int, len(h.Fields)),
		blank:  make([]byte, length),
		block:  make([]byte, 0, blockLen+length),
		stated: h.Records,
	}
	for i := range t.blank {
		t.blank[i] = ' '
	}
	at := 1
	for i, f := range h.Fields {
		t.starts[i] = at
		at += f.Width
	}
	if _, err := w.Write(header(h)); err != nil {
		return nil, fmt.Errorf("dbf: write header: %w", err)
	}
	t.begin()
	return t, nil
}

func checkLayout(h Header) error {
	if len(h.Fields) == 0 || len(h.Fields) > maxFields {
		return fmt.Errorf("dbf: a table has 1 to %d fields, not %d", maxFields, len(h.Fields))
	}
	seen := make(map[string]bool, len(h.Fields))
	for _, f := range h.Fields {
		widest := 254
		if f.Type == Number {
			widest = 20
		}
		switch {
		case !validName(f.Name) || seen[f.Name]:
			return fmt.Errorf("dbf: bad or repeated field name %q", f.Name)
		case f.Type != Character && f.Type != Number:
			return fmt.Errorf("dbf: field %s: type %q cannot be written", f.Name, f.Type)
		case f.Width < 1 || f.Width > widest:
			return fmt.Errorf("dbf: field %s: width %d", f.Name, f.Width)
		case f.Decimals != 0:
			return fmt.Errorf("dbf: field %s: only whole numbers are written", f.Name)
		}
		seen[f.Name] = true
	}
	d := h.Date
	if d != (Date{}) && (d.Year < 1900 || d.Year > 2155 || d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > 31) {
		return fmt.Errorf("dbf: date %04d-%02d-%02d does not fit the header", d.Year, d.Month, d.Day)
	}
	return nil
}

func validName(s string) bool {
	if s == "" || len(s) > nameLen {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

func header(h Header) []byte {
	n := prefixLen + len(h.Fields)*descriptorLen + 1
	b := make([]byte, n)
	b[0] = version3
	if h.Date != (Date{}) {
		b[1], b[2], b[3] = byte(h.Date.Year-1900), byte(h.Date.Month), byte(h.Date.Day)
	}
	binary.LittleEndian.PutUint32(b[4:], h.Records)
	binary.LittleEndian.PutUint16(b[8:], uint16(n))
	binary.LittleEndian.PutUint16(b[10:], uint16(recordLen(h.Fields)))
	b[29] = languageDriver
	at := uint32(1)
	for i, f := range h.Fields {
		d := b[prefixLen+i*descriptorLen:][:descriptorLen]
		copy(d, f.Name)
		d[11] = f.Type
		binary.LittleEndian.PutUint32(d[12:], at)
		d[16] = byte(f.Width)
		d[17] = byte(f.Decimals)
		at += uint32(f.Width)
	}
	b[n-1] = endOfHeader
	return b
}

// begin lays a blank record behind the records of the block.
func (t *Writer) begin() {
	n := len(t.block)
	t.record = t.block[n : n+len(t.blank)]
	copy(t.record, t.blank)
}

// Text puts bytes, already in the table's encoding, at the left of field i of
// the current record. A value wider than its field is a *TooWideError; text in
// a number field is an error.
func (t *Writer) Text(i int, value []byte) {
	f := &t.fields[i]
	if f.Type != Character {
		t.fail(fmt.Errorf("dbf: field %s holds numbers, not text", f.Name))
		return
	}
	if len(value) > f.Width {
		t.failWide(i, len(value))
		return
	}
	cell := t.record[t.starts[i]:][:f.Width]
	blankFrom := cell[copy(cell, value):]
	copy(blankFrom, t.blank[1:])
}

// Int puts a whole number into field i of the current record: at the right of
// a number field, at the left of a text field. A number wider than its field
// is a *TooWideError.
func (t *Writer) Int(i int, value int64) {
	u := uint64(value)
	if value < 0 {
		u = -u
	}
	need := digitsOf(u)
	if value < 0 {
		need++
	}
	f := &t.fields[i]
	if need > f.Width {
		t.failWide(i, need)
		return
	}
	cell := t.record[t.starts[i]:][:f.Width]
	if f.Type == Number {
		blanks := f.Width - need
		copy(cell[:blanks], t.blank[1:])
		cell = cell[blanks:]
	} else {
		copy(cell[need:], t.blank[1:])
		cell = cell[:need]
	}
	cell[0] = '-'
	at := need
	for u >= 100 {
		at -= 2
		pair := u % 100 * 2
		u /= 100
		cell[at], cell[at+1] = pairs[pair], pairs[pair+1]
	}
	if u >= 10 {
		cell[at-2], cell[at-1] = pairs[u*2], pairs[u*2+1]
	} else {
		cell[at-1] = byte('0' + u)
	}
}

// pairs are the numbers of two digits, one behind the other: dividing by a hundred halves the divisions.
const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

// digitsOf counts the decimal digits of u.
func digitsOf(u uint64) int {
	n := 1
	for ; u >= 10_000; u /= 10_000 {
		n += 4
	}
	for ; u >= 10; u /= 10 {
		n++
	}
	return n
}

// Next ends the current record and begins a blank one.
func (t *Writer) Next() error {
	if t.err != nil {
		return t.err
	}
	if t.written == t.stated {
		return t.fail(&FormatError{Kind: ErrCount, Part: PartRecords, Given: int64(t.stated), Expected: int64(t.stated) + 1})
	}
	t.written++
	t.block = t.block[:len(t.block)+len(t.blank)]
	if len(t.block) >= blockLen {
		if err := t.flush(); err != nil {
			return err
		}
	}
	t.begin()
	return nil
}

// Close ends the table. It fails when fewer records were written than the
// header states, and does not close the file below. A record begun without
// Next is not written.
func (t *Writer) Close() error {
	if t.err != nil {
		return t.err
	}
	if t.written != t.stated {
		return t.fail(&FormatError{Kind: ErrCount, Part: PartRecords, Given: int64(t.stated), Expected: int64(t.written)})
	}
	t.block = append(t.block, endOfFile)
	return t.flush()
}

func (t *Writer) flush() error {
	if _, err := t.w.Write(t.block); err != nil {
		return t.fail(fmt.Errorf("dbf: write records: %w", err))
	}
	t.block = t.block[:0]
	return nil
}

func (t *Writer) failWide(i, need int) {
	f := t.fields[i]
	t.fail(&TooWideError{Field: f.Name, Record: t.written + 1, Width: f.Width, Need: need})
}

func (t *Writer) fail(err error) error {
	if t.err == nil {
		t.err = err
	}
	return t.err
}
