package sso

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"fehrest/internal/dbf"
)

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
// or an encoding that cannot be told.
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
		return nil, fmt.Errorf("sso: %s holds %d records, not one", KarName, len(rows))
	}
	p.Kar, p.Deleted = rows[0], deleted
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
				*v = strings.TrimSpace(enc.Decode(r.Text(at[i])))
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
