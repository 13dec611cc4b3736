// Package hostile makes the files of bad input that may be uploaded as a list, each with the code it gets and the window's
// status. It serves tests only.
package hostile

import (
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// File is one upload.
type File struct {
	Row    int    // of the table of bad input
	Name   string // its own, without a folder
	Code   string // of the finding it gets; empty for a file with none above info
	At     int    // row of the sheet that the finding names; 0 where none is due
	Status int    // of the window's answer

	head []byte
	size int64
}

// Reader gives the file's bytes; those beyond what was made are zero.
func (f File) Reader() *io.SectionReader {
	return io.NewSectionReader(padded{bytes.NewReader(f.head)}, 0, f.size)
}

// Size is the file's length in bytes.
func (f File) Size() int64 { return f.size }

// padded continues with zeros for ever.
type padded struct{ *bytes.Reader }

func (p padded) ReadAt(b []byte, at int64) (int, error) {
	n, err := p.Reader.ReadAt(b, at)
	if err != nil && err != io.EOF {
		return n, err
	}
	clear(b[n:])
	return len(b), nil
}

// Files makes every file from a list that is good. Those that point to a network point to probe, which nothing may call.
func Files(t testing.TB, h *payroll.Header, lines []payroll.Line, probe string) []File {
	t.Helper()
	m := &maker{t: t, header: h, lines: lines, probe: probe}
	m.containers()
	m.sheets()
	return m.files
}

// maker gathers the files.
type maker struct {
	t      testing.TB
	header *payroll.Header
	lines  []payroll.Line
	probe  string
	files  []File
}

// statuses of the codes that are no 400; a SHEET or MAP code is 422 unless it lets the list through.
var statuses = map[string]int{
	"FILE-02": http.StatusRequestEntityTooLarge, "FILE-03": http.StatusUnsupportedMediaType, "FILE-04": http.StatusUnsupportedMediaType,
	"FILE-09": http.StatusAccepted, "SHEET-05": http.StatusAccepted, "SHEET-10": http.StatusAccepted, "SHEET-11": http.StatusAccepted,
	"LIST-10": http.StatusAccepted, "CELL-11": http.StatusAccepted, "": http.StatusAccepted,
}

func statusOf(code string) int {
	if s, ok := statuses[code]; ok {
		return s
	}
	if code[:4] == "FILE" {
		return http.StatusBadRequest
	}
	return http.StatusUnprocessableEntity
}

// add takes a file whose finding stands at no row.
func (m *maker) add(row int, name, code string, file []byte) { m.addAt(row, name, code, 0, file) }

func (m *maker) addAt(row int, name, code string, at int, file []byte) {
	name = strconv.Itoa(row) + "-" + name
	if filepath.Ext(name) == "" {
		name += ".xlsx"
	}
	m.files = append(m.files, File{Row: row, Name: name, Code: code, At: at, Status: statusOf(code), head: file, size: int64(len(file))})
}

// Write puts the files into a folder, with a table of what each gets.
func Write(t testing.TB, dir string, files []File) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	table, err := os.Create(filepath.Join(dir, "expected.csv"))
	require.NoError(t, err)
	w := csv.NewWriter(table)
	require.NoError(t, w.Write([]string{"file", "row", "expected_code", "http_status"}))
	for _, f := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, f.Name), f.head, 0o644))
		require.NoError(t, os.Truncate(filepath.Join(dir, f.Name), f.size)) // a tail of zeros takes no room on the disk
		require.NoError(t, w.Write([]string{f.Name, strconv.Itoa(f.Row), f.Code, strconv.Itoa(f.Status)}))
	}
	w.Flush()
	require.NoError(t, w.Error())
	require.NoError(t, table.Close())
}
