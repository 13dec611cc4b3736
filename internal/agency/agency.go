// Package agency says what every organisation can do with a list: fit it to its fields, encode it, decode its own answer.
// It knows no network and keeps nothing.
package agency

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
)

// ErrNoFile says that the organisation's files of a month are read only: its lists are kept as history, and none is written.
var ErrNoFile = errors.New("agency: no file is written for the month")

// Parcel is what is filed with an organisation at once: a list with the Social Security Organization, a tax month with the
// tax administration. The other member is nil.
type Parcel struct {
	List  *payroll.FiledList
	Month *payroll.TaxMonth
}

// LineReport takes one finding of a line at a column.
type LineReport func(e *fault.Entry, col payroll.ColumnID, given, expected string, with ...string)

// HeaderReport takes one finding of a list at a key of the workshop sheet.
type HeaderReport func(e *fault.Entry, key payroll.HeaderID, given, expected string, with ...string)

// Agency is one organisation. Its files' layouts are dated tables, used for writing and for reading.
type Agency interface {
	Lane() payroll.Lane
	// Fit reports what of a line does not fit the organisation's fields.
	Fit(l *payroll.Line, a *payroll.Assessed, report LineReport)
	// FitList reports what of the header and the totals does not fit.
	FitList(h *payroll.Header, t *payroll.Totals, report HeaderReport)
	// Encode makes the organisation's files, byte for byte and always the same for the same parcel.
	Encode(p Parcel) ([]payroll.File, error)
}

// Zip packs files in the given order. The same files give the same bytes: a delivery is encoded once, kept, and its digest
// must not depend on the clock.
func Zip(files []payroll.File) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: zipTime})
		if err != nil {
			return nil, fmt.Errorf("agency: zip: %w", err)
		}
		if _, err := e.Write(f.Bytes); err != nil {
			return nil, fmt.Errorf("agency: zip: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("agency: zip: %w", err)
	}
	return b.Bytes(), nil
}

var zipTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Digest is the SHA-256 of bytes in lower-case hexadecimal, as both sides compare it.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
