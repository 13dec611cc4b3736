package workbook_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
)

// small keeps what a fuzzer makes within a test's memory and time.
var small = workbook.Limits{Total: 32 << 20, Part: 16 << 20}

// addSmall gives a fuzzer the good and the hostile files that are small.
func addSmall(f *testing.F, add func(file []byte)) {
	f.Helper()
	for _, g := range goodFiles(f) {
		if len(g.file) < 16<<10 {
			add(g.file)
		}
	}
	for _, h := range hostileFiles(f) {
		if len(h.file) < 8<<10 {
			add(h.file)
		}
	}
}

// FuzzOpen holds what must be true of any bytes at all.
func FuzzOpen(f *testing.F) {
	addSmall(f, func(file []byte) { f.Add(file) })
	f.Fuzz(func(t *testing.T, b []byte) {
		bk, err := workbook.Open(bytes.NewReader(b), int64(len(b)), small)
		for err == nil && len(bk.Sheets) > 0 {
			row := 0
			_, err = bk.Rows(bk.Sheets[0], func(r *workbook.Row) error {
				column := -1
				if r.Number <= row {
					return errors.New("rows go back")
				}
				row = r.Number
				for _, c := range r.Cells {
					if c.Column <= column || c.Column > 255 || c.HasValue == (c.Kind == workbook.Blank) {
						return errors.New("cells go back")
					}
					column = c.Column
				}
				return nil
			})
			bk.Sheets = bk.Sheets[1:]
		}
		requireRefusal(t, err)
	})
}

func requireRefusal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		require.ErrorAs(t, err, new(*workbook.Refusal))
	}
}

// FuzzDirectory fuzzes the ZIP alone: what is taken has the names and the bytes that archive/zip finds.
func FuzzDirectory(f *testing.F) {
	addSmall(f, func(file []byte) { f.Add(file) })
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := workbook.OpenArchive(bytes.NewReader(b), int64(len(b)), small)
		if err != nil {
			requireRefusal(t, err)
			return
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		require.NoError(t, err)
		names := []string{}
		for _, e := range z.File {
			if strings.HasSuffix(e.Name, "/") {
				continue
			}
			names = append(names, e.Name)
			r, err := a.Open(e.Name)
			require.NoError(t, err)
			ours, err := io.ReadAll(r)
			if err != nil {
				requireRefusal(t, err)
				continue
			}
			r, err = e.Open()
			require.NoError(t, err)
			theirs, err := io.ReadAll(r)
			require.NoError(t, err)
			require.Equal(t, theirs, ours)
		}
		require.Equal(t, names, a.Names())
	})
}

const (
	sheetPart  = "xl/worksheets/sheet1.xml"
	textsPart  = "xl/sharedStrings.xml"
	stylesPart = "xl/styles.xml"
	bookPart   = "xl/workbook.xml"
	relsPart   = "xl/_rels/workbook.xml.rels"
)

// FuzzSheet fuzzes the rows and cells of a sheet: whatever is taken, an independent reader finds the same rows in it.
func FuzzSheet(f *testing.F) {
	for _, p := range []parts{everything(), likeExcel(), likeExporter(), likeGoogle(), withOddities(), withPrefixes(likeExcel())} {
		f.Add(p[sheetPart])
	}
	p := everything()
	f.Fuzz(func(t *testing.T, sheet string) { agrees(t, p.with(sheetPart, sheet).store(t)) })
}

// FuzzSharedStrings fuzzes the shared texts, and how many of them a sheet finds.
func FuzzSharedStrings(f *testing.F) {
	for _, p := range []parts{everything(), likeExcel(), withPrefixes(likeExcel())} {
		f.Add(p[textsPart], uint8(2))
	}
	f.Fuzz(func(t *testing.T, texts string, n uint8) {
		var cells strings.Builder
		for i := range min(int(n), 99) {
			cells.WriteString(`<c t="s"><v>` + string(rune('0'+i/10)) + string(rune('0'+i%10)) + `</v></c>`)
		}
		row := strings.ReplaceAll(cells.String(), "<v>0", "<v>")
		agrees(t, row5(strings.ReplaceAll(row, "<v></v>", "<v>0</v>")).with(textsPart, texts).store(t))
	})
}

// FuzzWorkbook fuzzes what leads to the sheets: the list of tabs, the relations, the styles.
func FuzzWorkbook(f *testing.F) {
	for _, p := range []parts{everything(), likeExcel(), likeOpenpyxl(), strict(likeExcel())} {
		f.Add(p[bookPart], p[relsPart], p[stylesPart])
	}
	p := everything()
	f.Fuzz(func(t *testing.T, book, rels, styles string) {
		agrees(t, p.with(bookPart, book).with(relsPart, rels).with(stylesPart, styles).store(t))
	})
}
