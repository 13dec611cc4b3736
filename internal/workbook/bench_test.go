package workbook_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"sync"
	"testing"
	"time"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

const benchColumns, benchTexts = 35, 8

// byStream is 100,000 rows of 35 columns as excelize's stream writer makes them.
var byStream = sync.OnceValue(func() []byte {
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		panic(err)
	}
	values := make([]any, benchColumns)
	for r := 1; r <= 100_000; r++ {
		for c := range values {
			values[c] = 150_000_000 + r*benchColumns + c
			if c < benchTexts {
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

// BenchmarkRow3 is row 3 of the speed table: reading here, reading by excelize, inflating alone, one after another in every
// round; the best round of each counts.
func BenchmarkRow3(b *testing.B) {
	file := byStream()
	ours, theirs, inflated := time.Hour, time.Hour, time.Hour
	inRounds(b, func() {
		inflated = min(inflated, timed(func() { inflate(b, bytes.NewReader(file), int64(len(file))) }))
		ours = min(ours, timed(func() {
			require.Equal(b, 100_000*benchColumns, readCells(b, bytes.NewReader(file), int64(len(file)), workbook.Limits{}))
		}))
		theirs = min(theirs, timed(func() { readByExcelize(b, file) }))
	})
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "x-excelize")
	b.ReportMetric(0.12, "goal-x-excelize")
	b.ReportMetric(ours.Seconds()/inflated.Seconds(), "x-inflate")
	b.ReportMetric(4, "goal-x-inflate")
}

// inRounds works as often as the benchmark asks, three times at least.
func inRounds(b *testing.B, do func()) {
	rounds := 0
	for b.Loop() {
		do()
		rounds++
	}
	for ; rounds < 3; rounds++ {
		do()
	}
}

func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

func inflate(b *testing.B, r io.ReaderAt, size int64) {
	z, err := zip.NewReader(r, size)
	require.NoError(b, err)
	for _, f := range z.File {
		if filepath.Base(f.Name) == "sheet1.xml" {
			r, err := f.Open()
			require.NoError(b, err)
			_, err = io.Copy(io.Discard, r)
			require.NoError(b, err)
		}
	}
}

func readCells(b *testing.B, r io.ReaderAt, size int64, l workbook.Limits) (cells int) {
	book, err := workbook.Open(r, size, l)
	require.NoError(b, err)
	_, err = book.Rows(book.Sheets[0], func(r *workbook.Row) error { cells += len(r.Cells); return nil })
	require.NoError(b, err)
	return cells
}

func readByExcelize(b *testing.B, file []byte) {
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

// millionRaised lets a workbook of a million rows through.
var millionRaised = workbook.Limits{File: 2 << 30, Total: 16 << 30, Part: 16 << 30, SharedStrings: 16_000_000, SharedBytes: 1 << 30}

// million tells whether the benchmarks of 1,000,000 rows were asked for.
func million() bool { return os.Getenv("FEHREST_BENCH_MILLION") != "" }

// BenchmarkRow4_reader is what row 4 of the speed table says of the reader alone: peak memory over idle, the file on disk.
func BenchmarkRow4_reader(b *testing.B) {
	for _, c := range []struct {
		name   string
		rows   int
		shared bool
		goal   float64
	}{{"100k_shared_texts", 100_000, true, 100}, {"100k_texts_in_cells", 100_000, false, 64}, {"1M_shared_texts", 1_000_000, true, 350}} {
		b.Run(c.name, func(b *testing.B) {
			if c.rows > 100_000 && !million() {
				b.Skip("set FEHREST_BENCH_MILLION=1")
			}
			f, size := madeFile(b, c.rows, c.shared)
			peak := 0.0
			for b.Loop() {
				peak = max(peak, peakMB(func() { require.Equal(b, c.rows*benchColumns, readCells(b, f, size, millionRaised)) }))
			}
			b.ReportMetric(peak, "peak-MB")
			b.ReportMetric(c.goal, "goal-peak-MB")
		})
	}
}

// peakMB samples the memory that the runtime holds while do works, over what it held before.
func peakMB(do func()) float64 {
	held := func() float64 {
		s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		metrics.Read(s)
		return float64(s[0].Value.Uint64()-s[1].Value.Uint64()) / (1 << 20)
	}
	debug.FreeOSMemory()
	idle := held()
	stop, peak := make(chan bool), make(chan float64)
	go func() {
		most := 0.0
		for {
			most = max(most, held())
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	do()
	close(stop)
	return <-peak - idle
}

// BenchmarkRow5_reader is what row 5 of the speed table says of the reader alone: how time grows with rows.
func BenchmarkRow5_reader(b *testing.B) {
	for _, c := range []struct {
		name        string
		small, rows int
		goal        float64
	}{{"100k_against_10k", 10_000, 100_000, 12}, {"1M_against_100k", 100_000, 1_000_000, 13}} {
		b.Run(c.name, func(b *testing.B) {
			if c.rows > 100_000 && !million() {
				b.Skip("set FEHREST_BENCH_MILLION=1")
			}
			few, fewSize := madeFile(b, c.small, true)
			many, manySize := madeFile(b, c.rows, true)
			short, long := time.Hour, time.Hour
			inRounds(b, func() {
				for range 3 {
					short = min(short, timed(func() { readCells(b, few, fewSize, millionRaised) }))
				}
				long = min(long, timed(func() { readCells(b, many, manySize, millionRaised) }))
			})
			b.ReportMetric(long.Seconds()/short.Seconds(), "x-growth")
			b.ReportMetric(c.goal, "goal-x-growth")
			b.ReportMetric(long.Seconds()*1e6/float64(c.rows), "µs/row")
		})
	}
}

// madeFile writes rows of 35 columns to disk: a code of its own and texts that repeat in every row, shared or in their cells.
func madeFile(b *testing.B, count int, shared bool) (*os.File, int64) {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "list.xlsx"))
	require.NoError(b, err)
	b.Cleanup(func() { _ = f.Close() })
	z := zip.NewWriter(f)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	part := func(name string, write func(*bufio.Writer)) {
		w, err := z.Create(name)
		require.NoError(b, err)
		buffered := bufio.NewWriterSize(w, 1<<20)
		write(buffered)
		require.NoError(b, buffered.Flush())
	}
	for name, content := range rows("").without(sheetPart).without(textsPart) {
		part(name, func(w *bufio.Writer) { _, _ = w.WriteString(content) })
	}
	part(sheetPart, func(w *bufio.Writer) { writeRows(w, count, shared) })
	part(textsPart, func(w *bufio.Writer) {
		_, _ = w.WriteString(declared + "<sst " + mainSpace + ">")
		if shared {
			for r := range count {
				_, _ = w.WriteString("<si><t>" + code(r) + "</t></si>")
			}
			for i := range names {
				_, _ = w.WriteString("<si><t>" + nameOf(i) + "</t></si>")
			}
		}
		_, _ = w.WriteString("</sst>")
	})
	require.NoError(b, z.Close())
	info, err := f.Stat()
	require.NoError(b, err)
	return f, info.Size()
}

const names = 5000

func code(row int) string { return fmt.Sprintf("%010d", 1_000_000+row*97) }

func nameOf(i int) string { return "کارگر نمونه " + strconv.Itoa(i) }

func writeRows(w *bufio.Writer, rows int, shared bool) {
	_, _ = w.WriteString(declared + "<worksheet " + mainSpace + "><sheetData>")
	for r := range rows {
		number := strconv.Itoa(r + 1)
		_, _ = w.WriteString(`<row r="` + number + `">`)
		for c := range benchColumns {
			at := `<c r="` + workbook.ColumnName(c) + number
			switch text := (r*7 + c) % names; {
			case c >= benchTexts:
				_, _ = w.WriteString(at + `"><v>` + strconv.Itoa(150_000_000+r*benchColumns+c) + `</v></c>`)
			case shared && c == 0:
				_, _ = w.WriteString(at + `" t="s"><v>` + strconv.Itoa(r) + `</v></c>`)
			case shared:
				_, _ = w.WriteString(at + `" t="s"><v>` + strconv.Itoa(rows+text) + `</v></c>`)
			case c == 0:
				_, _ = w.WriteString(at + `" t="inlineStr"><is><t>` + code(r) + `</t></is></c>`)
			default:
				_, _ = w.WriteString(at + `" t="inlineStr"><is><t>` + nameOf(text) + `</t></is></c>`)
			}
		}
		_, _ = w.WriteString("</row>")
	}
	_, _ = w.WriteString("</sheetData></worksheet>")
}
