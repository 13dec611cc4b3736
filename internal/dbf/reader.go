package dbf

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Reader reads one table, record by record, in constant memory. Records
// marked as deleted are left out and counted.
type Reader struct {
	r       *bufio.Reader
	header  Header
	starts  []int
	record  []byte
	number  int64 // of the record at hand, from 1, deleted ones included
	deleted int64
	done    bool
	err     error
}

// NewReader reads and checks the header of a dBASE III table without memo
// file. Its errors are a *FormatError (ErrHeader or ErrVersion) or the
// file's own.
func NewReader(r io.Reader) (*Reader, error) {
	t := &Reader{r: bufio.NewReaderSize(r, 64<<10)}
	var prefix [prefixLen]byte
	n, err := io.ReadFull(t.r, prefix[:])
	switch {
	case n > 0 && prefix[0] != version3:
		return nil, &FormatError{Kind: ErrVersion, Part: PartVersion, Given: int64(prefix[0]), Expected: version3}
	case ended(err):
		return nil, &FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: int64(n), Expected: prefixLen + descriptorLen + 1}
	case err != nil:
		return nil, fmt.Errorf("dbf: read header: %w", err)
	case prefix[15] != 0:
		return nil, &FormatError{Kind: ErrVersion, Part: PartEncryption, Given: int64(prefix[15]), Expected: 0}
	}
	if prefix[1] != 0 || prefix[2] != 0 || prefix[3] != 0 {
		t.header.Date = Date{Year: 1900 + int(prefix[1]), Month: int(prefix[2]), Day: int(prefix[3])}
	}
	t.header.Records = binary.LittleEndian.Uint32(prefix[4:])
	if err := t.readFields(int(binary.LittleEndian.Uint16(prefix[8:]))); err != nil {
		return nil, err
	}
	stated, sum := int(binary.LittleEndian.Uint16(prefix[10:])), recordLen(t.header.Fields)
	if stated != sum {
		return nil, &FormatError{Kind: ErrHeader, Part: PartRecordLength, Given: int64(stated), Expected: int64(sum)}
	}
	t.record = make([]byte, sum)
	return t, nil
}

// readFields reads the descriptors of a header of the stated length, up to and
// with its terminator.
func (t *Reader) readFields(headerLen int) error {
	rest := headerLen - prefixLen
	// Clipper leaves one NUL after the terminator.
	count, extra := rest/descriptorLen, rest%descriptorLen-1
	switch {
	case count < 1 || extra < 0 || extra > 1:
		return &FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: int64(headerLen), Expected: -1}
	case count > maxFields:
		return &FormatError{Kind: ErrHeader, Part: PartFieldCount, Given: int64(count), Expected: -1}
	}
	b := make([]byte, rest)
	if n, err := io.ReadFull(t.r, b); ended(err) {
		return &FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: int64(headerLen), Expected: int64(prefixLen + n)}
	} else if err != nil {
		return fmt.Errorf("dbf: read header: %w", err)
	}
	at := 1
	for i := range count {
		d := b[i*descriptorLen:][:descriptorLen]
		if d[0] == endOfHeader {
			return &FormatError{Kind: ErrHeader, Part: PartFieldCount, Given: int64(count), Expected: int64(i)}
		}
		f, err := t.field(d)
		if err != nil {
			err.Field = i + 1
			return err
		}
		t.header.Fields = append(t.header.Fields, f)
		t.starts = append(t.starts, at)
		at += f.Width
	}
	tail := b[count*descriptorLen:]
	if tail[0] != endOfHeader {
		return &FormatError{Kind: ErrHeader, Part: PartTerminator, Given: int64(tail[0]), Expected: endOfHeader}
	}
	if extra == 1 && tail[1] != 0 {
		return &FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: int64(headerLen), Expected: int64(headerLen - 1)}
	}
	return nil
}

func (t *Reader) field(d []byte) (Field, *FormatError) {
	// Some writers leave rubbish behind the NUL.
	raw, _, _ := bytes.Cut(d[:nameLen+1], []byte{0})
	f := Field{
		Name:     strings.ToUpper(string(bytes.TrimRight(raw, " "))),
		Type:     d[11],
		Width:    int(d[16]),
		Decimals: int(d[17]),
	}
	if _, taken := t.Index(f.Name); taken || !validName(f.Name) {
		return f, &FormatError{Kind: ErrHeader, Part: PartFieldName, Given: int64(len(raw)), Expected: -1}
	}
	switch f.Type {
	case Character, Number, 'F', 'D', 'L':
	case 'M', 'G', 'P', 'B': // their values lie in a memo file
		return f, &FormatError{Kind: ErrVersion, Part: PartFieldType, Given: int64(f.Type), Expected: -1}
	default:
		return f, &FormatError{Kind: ErrHeader, Part: PartFieldType, Given: int64(f.Type), Expected: -1}
	}
	if f.Width == 0 {
		return f, &FormatError{Kind: ErrHeader, Part: PartFieldWidth, Given: 0, Expected: -1}
	}
	return f, nil
}

// Header returns what the table says about itself. Names are in capitals.
func (t *Reader) Header() Header { return t.header }

// Index returns the place of the field of that name, in capitals.
func (t *Reader) Index(name string) (int, bool) {
	for i := range t.header.Fields {
		if t.header.Fields[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

// Next goes to the next record that is not deleted and says whether there is
// one. After it said false, Err tells whether the table was whole.
func (t *Reader) Next() bool {
	for !t.done {
		if t.number == int64(t.header.Records) {
			t.err = t.checkEnd()
			t.done = true
			break
		}
		deleted, err := t.read()
		if err != nil {
			t.err = err
			t.done = true
			break
		}
		if !deleted {
			return true
		}
		t.deleted++
	}
	return false
}

func (t *Reader) read() (deleted bool, err error) {
	n, err := io.ReadFull(t.r, t.record)
	if err != nil && !ended(err) {
		return false, fmt.Errorf("dbf: read record: %w", err)
	}
	if n == 0 || t.record[0] == endOfFile || err != nil {
		return false, &FormatError{Kind: ErrCount, Part: PartRecords, Given: int64(t.header.Records), Expected: t.number}
	}
	t.number++
	// Programs that stop at the end mark would see a shorter table than we do.
	if bytes.IndexByte(t.record, endOfFile) >= 0 {
		return false, &FormatError{Kind: ErrCount, Part: PartEndMark, Record: t.number, Given: endOfFile, Expected: -1}
	}
	switch t.record[0] {
	case recordPresent:
		return false, nil
	case recordDeleted:
		return true, nil
	}
	return false, &FormatError{Kind: ErrHeader, Part: PartRecordFlag, Record: t.number, Given: int64(t.record[0]), Expected: recordPresent}
}

// checkEnd reads on behind the last record: nothing but end marks and NUL
// padding may follow.
func (t *Reader) checkEnd() error {
	var more int64
	for {
		b, err := t.r.ReadSlice(endOfFile)
		for _, c := range b {
			if more > 0 || c != endOfFile && c != 0 {
				more++
			}
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			if more > 0 {
				found := t.number + (more+int64(len(t.record))-1)/int64(len(t.record))
				return &FormatError{Kind: ErrCount, Part: PartRecords, Given: t.number, Expected: found}
			}
			return nil
		case err != nil:
			return fmt.Errorf("dbf: read to the end: %w", err)
		}
	}
}

func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Err returns why Next stopped: nil at the end of a whole table, a
// *FormatError (ErrCount, or ErrHeader where records do not begin where the
// header says), or the file's own error.
func (t *Reader) Err() error { return t.err }

// Record returns the number of the record at hand, from 1, as it lies in the
// file: deleted records count.
func (t *Reader) Record() int64 { return t.number }

// Deleted returns how many deleted records were left out so far.
func (t *Reader) Deleted() int64 { return t.deleted }

// Bytes returns field i of the record at hand with its padding; it is valid
// until Next.
func (t *Reader) Bytes(i int) []byte {
	return t.record[t.starts[i]:][:t.header.Fields[i].Width]
}

// Text returns field i of the record at hand without the spaces and NULs at
// its edges, still in the table's encoding; it is valid until Next.
func (t *Reader) Text(i int) []byte {
	b := t.Bytes(i)
	for len(b) > 0 && (b[0] == ' ' || b[0] == 0) {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == 0) {
		b = b[:len(b)-1]
	}
	return b
}

// Int returns the whole number in field i of the record at hand, whatever the
// field's type; decimals may be there when they are zeros. It fails with
// ErrBlank, ErrOverflow, ErrNotNumber, ErrNotWhole or ErrTooLarge.
func (t *Reader) Int(i int) (int64, error) {
	b := t.Text(i)
	if len(b) == 0 {
		return 0, ErrBlank
	}
	if len(bytes.Trim(b, "*")) == 0 {
		return 0, ErrOverflow
	}
	negative := b[0] == '-'
	if negative || b[0] == '+' {
		b = b[1:]
	}
	whole, fraction, point := bytes.Cut(b, []byte{'.'})
	if len(whole) == 0 || point && len(fraction) == 0 || !allDigits(whole) || !allDigits(fraction) {
		return 0, ErrNotNumber
	}
	if len(bytes.Trim(fraction, "0")) > 0 {
		return 0, ErrNotWhole
	}
	var n int64
	for _, c := range whole {
		d := int64(c - '0')
		if n > (maxInt64-d)/10 {
			return 0, ErrTooLarge
		}
		n = n*10 + d
	}
	if negative {
		n = -n
	}
	return n, nil
}

const maxInt64 = 1<<63 - 1

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
