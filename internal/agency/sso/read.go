package sso

import (
	"bytes"
	"errors"
	"fmt"

	"fehrest/internal/dbf"
	"fehrest/internal/payroll"
)

// ErrRecords says that DSKKAR00 does not hold exactly one record.
var ErrRecords = errors.New("sso: the workshop's file does not hold one record")

// Pair is what a pair of files says, whatever program wrote it.
type Pair struct {
	Kar      Kar
	Wor      []Wor
	Encoding dbf.Encoding // of DSKWOR00
	Deleted  int64        // records marked as deleted, left out
}

// CellError says that a number field holds no number.
type CellError struct {
	File   string
	Record int64
	Field  string
	Err    error // one of dbf's: ErrBlank, ErrOverflow, ErrNotNumber, ErrNotWhole, ErrTooLarge
}

func (e *CellError) Error() string {
	return fmt.Sprintf("sso: %s record %d, %s is no number", e.File, e.Record, e.Field)
}

func (e *CellError) Unwrap() error { return e.Err }

// Read reads a pair by field names, tolerating any width, order and further fields. Its errors are dbf's own, *CellError,
// or ErrRecords. Whether the two files agree is not looked at.
func Read(kar, wor []byte) (*Pair, error) {
	var p Pair
	enc, err := encodingOf(wor)
	if err != nil {
		return nil, fmt.Errorf("sso: %s: %w", WorName, err)
	}
	p.Encoding = enc
	rows, deleted, err := read(KarName, kar, karLayout, enc)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, ErrRecords
	}
	p.Kar, p.Deleted = rows[0], deleted
	if p.Kar.ContractRow == "" {
		p.Kar.ContractRow = payroll.OwnContract
	}
	if p.Wor, deleted, err = read(WorName, wor, worLayout, enc); err != nil {
		return nil, err
	}
	p.Deleted += deleted
	return &p, nil
}

func encodingOf(wor []byte) (dbf.Encoding, error) {
	r, err := dbf.NewReader(bytes.NewReader(wor))
	if err != nil {
		return 0, err
	}
	var seen dbf.Evidence
	for r.Next() {
		for _, name := range []string{"DSW_SEX", "DSW_NAT", "DSW_LNAME"} {
			if i, ok := r.Index(name); ok {
				seen.Add(r.Text(i))
			}
		}
	}
	if r.Err() != nil {
		return 0, r.Err()
	}
	return seen.Encoding()
}

func read[R any](file string, b []byte, layout []field[R], enc dbf.Encoding) (rows []R, deleted int64, err error) {
	r, err := dbf.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, 0, fmt.Errorf("sso: %s: %w", file, err)
	}
	at := make([]int, len(layout))
	for i := range layout {
		if j, ok := r.Index(layout[i].name); ok {
			at[i] = j
		} else {
			at[i] = -1
		}
	}
	for r.Next() {
		var row R
		for i := range layout {
			if at[i] < 0 {
				continue
			}
			switch v := layout[i].at(&row).(type) {
			case *string:
				*v = text(enc, layout[i].form, r.Text(at[i]))
			case *int64:
				n, err := r.Int(at[i])
				if err != nil && !errors.Is(err, dbf.ErrBlank) {
					return nil, 0, &CellError{File: file, Record: r.Record(), Field: layout[i].name, Err: err}
				}
				*v = n
			}
		}
		rows = append(rows, row)
	}
	if r.Err() != nil {
		return nil, 0, fmt.Errorf("sso: %s: %w", file, r.Err())
	}
	return rows, r.Deleted(), nil
}

// text is a text field in reading order. Some programs write the digits of identifiers in the file's encoding too.
func text(enc dbf.Encoding, f form, b []byte) string {
	if f == words || f == mixed && !digitsOnly(b) {
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

func digitsOnly(b []byte) bool {
	for _, c := range b {
		if c > persianZero+9 {
			return false
		}
	}
	return true
}
