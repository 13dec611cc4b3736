package workbook_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

var hundredThousand = sync.OnceValue(func() []byte {
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		panic(err)
	}
	values := make([]any, 35)
	for r := 1; r <= 100_000; r++ {
		for c := range values {
			values[c] = 150_000_000 + r*35 + c
			if c < 8 {
				values[c] = "کارگر نمونه " + workbook.ColumnName(r%5000+c)
			}
		}
		cell, _ := excelize.CoordinatesToCellName(1, r)
		if err := w.SetRow(cell, values); err != nil {
			panic(err)
		}
	}
	var b bytes.Buffer
	if err := w.Flush(); err != nil {
		panic(err)
	}
	if err := f.Write(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// The three to compare: reading here, reading by excelize, inflating alone.
func BenchmarkRead(b *testing.B) {
	file := hundredThousand()
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			book, err := open(file)
			require.NoError(b, err)
			cells := 0
			_, err = book.Rows(book.Sheets[0], func(r *workbook.Row) error { cells += len(r.Cells); return nil })
			require.NoError(b, err)
			require.Equal(b, 3_500_000, cells)
		}
	})
	b.Run("inflate", func(b *testing.B) {
		for b.Loop() {
			z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
			require.NoError(b, err)
			for _, f := range z.File {
				if strings.Contains(f.Name, "sheet1") {
					r, err := f.Open()
					require.NoError(b, err)
					_, err = io.Copy(io.Discard, r)
					require.NoError(b, err)
				}
			}
		}
	})
	b.Run("excelize", func(b *testing.B) {
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(file))
			require.NoError(b, err)
			rows, err := f.Rows("Sheet1")
			require.NoError(b, err)
			for rows.Next() {
				_, err := rows.Columns(excelize.Options{RawCellValue: true})
				require.NoError(b, err)
			}
			require.NoError(b, f.Close())
		}
	})
}
