package sso

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"fehrest/internal/dbf"
)

// Records reads one of the two files, whatever program wrote it: by field names, tolerating any width, order and further
// fields. Which of the files agree with which is not looked at.
type Records[R any] struct {
	r        *dbf.Reader
	encoding dbf.Encoding
	layout   []field[R]
	at       []int // the place of each field of the layout in the file, -1 for none
	wrong    []Wrong
}

// Wrong is a number field that holds no number.
type Wrong struct {
	Field string
	Given string // what stands there
	Err   error  // one of dbf's: ErrBlank, ErrOverflow, ErrNotNumber, ErrNotWhole, ErrTooLarge
}

// Kars reads DSKKAR00, which lawfully holds one record. Its errors are dbf's.
func Kars(r io.Reader, enc dbf.Encoding) (*Records[Kar], error) { return newRecords(r, karLayout, enc) }

// Wors reads DSKWOR00, a record a worker. Its errors are dbf's.
func Wors(r io.Reader, enc dbf.Encoding) (*Records[Wor], error) { return newRecords(r, worLayout, enc) }

func newRecords[R any](r io.Reader, layout []field[R], enc dbf.Encoding) (*Records[R], error) {
	table, err := dbf.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("sso: %w", err)
	}
	x := &Records[R]{r: table, encoding: enc, layout: layout, at: make([]int, len(layout))}
	for i := range layout {
		x.at[i] = -1
		if j, ok := table.Index(layout[i].name); ok {
			x.at[i] = j
		}
	}
	return x, nil
}

// Has tells whether the file has the field of that name.
func (x *Records[R]) Has(name string) bool {
	_, ok := x.r.Index(name)
	return ok
}

// Fields are how many fields the file has, and the names of those that stand in no edition and are not read.
func (x *Records[R]) Fields() (count int, unread []string) {
	fields := x.r.Header().Fields
	for i := range fields {
		if !hasField(x.layout, fields[i].Name) {
			unread = append(unread, fields[i].Name)
		}
	}
	return len(fields), unread
}

// Numeric tells whether the field is a number in the file, as some programs write identifiers, which lose their zeros.
func (x *Records[R]) Numeric(name string) bool {
	i, ok := x.r.Index(name)
	return ok && x.r.Header().Fields[i].Type == dbf.Number
}

// Next reads the next record that is not deleted into row; false at the end of the file, and where Err tells why not.
func (x *Records[R]) Next(row *R) bool {
	if !x.r.Next() {
		return false
	}
	var zero R
	*row, x.wrong = zero, x.wrong[:0]
	for i := range x.layout {
		f := &x.layout[i]
		if x.at[i] < 0 {
			continue
		}
		switch v := f.at(row).(type) {
		case *string:
			*v = text(x.encoding, f.form, x.r.Text(x.at[i]))
		case *int64:
			n, err := x.r.Int(x.at[i])
			if err != nil && (f.form != digits || !errors.Is(err, dbf.ErrBlank)) {
				x.wrong = append(x.wrong, Wrong{Field: f.name, Given: text(x.encoding, words, x.r.Text(x.at[i])), Err: err})
			}
			*v = n
		}
	}
	return true
}

// Wrong are the numbers of the record at hand that are none; each is zero in it. A blank text field that may hold digits is
// no fault. It is valid until Next.
func (x *Records[R]) Wrong() []Wrong { return x.wrong }

// Record is the number of the record at hand, from 1, as it lies in the file: deleted records count.
func (x *Records[R]) Record() int { return int(x.r.Record()) }

// Deleted is how many deleted records were left out so far.
func (x *Records[R]) Deleted() int { return int(x.r.Deleted()) }

// Err tells why Next stopped before the end.
func (x *Records[R]) Err() error {
	if x.r.Err() == nil {
		return nil
	}
	return fmt.Errorf("sso: %w", x.r.Err())
}

// Kind tells which of the two files a table is, by the names of its fields: KarName, WorName, or nothing.
func Kind(r io.Reader) (string, error) {
	t, err := dbf.NewReader(r)
	if err != nil {
		return "", fmt.Errorf("sso: %w", err)
	}
	if _, ok := t.Index("DSW_ID"); ok {
		return WorName, nil
	}
	if _, ok := t.Index("DSK_ID"); ok {
		return KarName, nil
	}
	return "", nil
}

// EncodingOf reads a workers' file to its end and tells the encoding of its texts by the words of sex and nationality; a
// file that holds nothing beyond ASCII is the same in all, and told as the organisation's own. It fails with
// dbf.ErrNoEvidence, dbf.ErrQuestionMarks, or why the table cannot be read.
func EncodingOf(wor io.Reader) (dbf.Encoding, error) {
	r, err := dbf.NewReader(wor)
	if err != nil {
		return 0, fmt.Errorf("sso: %w", err)
	}
	var at []int
	for _, name := range []string{"DSW_SEX", "DSW_NAT", "DSW_LNAME"} {
		if i, ok := r.Index(name); ok {
			at = append(at, i)
		}
	}
	var seen dbf.Evidence
	for r.Next() {
		for _, i := range at {
			seen.Add(r.Text(i))
		}
	}
	if r.Err() != nil {
		return 0, fmt.Errorf("sso: %w", r.Err())
	}
	if seen.Plain() {
		return dbf.IranSystem, nil
	}
	return seen.Encoding()
}

// EncodingOfKar tells the encoding of the workshop's file. It has no column of known words: it is its twin's, unless its
// texts are no Persian in that one and are in one other. What is wrong with the table reading it tells.
func EncodingOfKar(kar io.Reader, twin dbf.Encoding) dbf.Encoding {
	r, err := dbf.NewReader(kar)
	if err != nil || !r.Next() {
		return twin
	}
	persian := func(enc dbf.Encoding) bool {
		for _, name := range []string{"DSK_NAME", "DSK_FARM", "DSK_ADRS", "DSK_DISC"} {
			if i, ok := r.Index(name); ok && !enc.Persian(r.Text(i)) {
				return false
			}
		}
		return true
	}
	if persian(twin) {
		return twin
	}
	found, only := 0, twin
	for _, enc := range []dbf.Encoding{dbf.IranSystem, dbf.CP1256, dbf.UTF8} {
		if enc != twin && persian(enc) {
			only = enc
			found++
		}
	}
	if found != 1 {
		return twin
	}
	return only
}

// text is a text field in reading order. Some programs write the digits of identifiers in the file's encoding too.
func text(enc dbf.Encoding, f form, b []byte) string {
	if f == words || f == mixed && !digitsOnly(enc, b) {
		return enc.Decode(b)
	}
	out := make([]byte, len(b))
	for i, c := range b {
		if out[i] = c; c >= persianZero && c <= persianZero+9 && enc == dbf.IranSystem {
			out[i] = c - persianZero + '0'
		}
	}
	return string(bytes.ToValidUTF8(out, []byte("�")))
}

// persianZero is the byte of the first Persian digit in Iran System.
const persianZero = 0x80

// digitsOnly tells whether b is ASCII and digits in the encoding; in others than Iran System the bytes from persianZero on
// are letters.
func digitsOnly(enc dbf.Encoding, b []byte) bool {
	for _, c := range b {
		if c >= persianZero && (enc != dbf.IranSystem || c > persianZero+9) {
			return false
		}
	}
	return true
}
