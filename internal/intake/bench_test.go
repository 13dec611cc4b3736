package intake

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"
	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
)

const benchWorkers = 20_000

// BenchmarkRow7 is row 7 of the speed table: parse and judge a line with all checks, the organisations' fields included. The
// rows are those of a generated workbook, unpacked before.
func BenchmarkRow7(b *testing.B) {
	file, o := benchList(b)
	rows := unpacked(b, file)
	in := newInput(context.Background(), bytes.NewReader(file), int64(len(file)), o)
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		in.start()
		s := in.benchReader(b)
		for i := range rows {
			if err := s.row(&rows[i]); err != nil {
				b.Fatal(err)
			}
		}
		require.Equal(b, benchWorkers, s.workers)
		in.judge.End()
		require.True(b, in.result.Findings.Worst(fault.Both) < fault.Error, "%v", in.result.Findings.Causes())
	}
	runtime.ReadMemStats(&after)
	lines := float64(b.N * benchWorkers)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/lines, "µs/line")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/lines, "allocs/line")
	b.ReportMetric(2.5, "goal-µs/line")
	b.ReportMetric(0.1, "goal-allocs/line")
}

// BenchmarkRead reads and judges the same workbook from its bytes.
func BenchmarkRead(b *testing.B) {
	file, o := benchList(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		r, err := Read(context.Background(), bytes.NewReader(file), int64(len(file)), o)
		require.NoError(b, err)
		require.Equal(b, benchWorkers, r.Workers)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(b.N*benchWorkers), "µs/line")
}

func benchList(t testing.TB) ([]byte, Options) {
	t.Helper()
	book, err := law.Load()
	require.NoError(t, err)
	mehr := jalali.Month{Year: 1405, Month: 7}
	p, ok := book.On(mehr)
	require.True(t, ok)
	h := synth.Workshop(rand.New(rand.NewPCG(1, 1)), "10380284790", "شرکت نمونه", mehr)
	lines := synth.List(synth.Options{Seed: 7, Workers: benchWorkers, Header: h, Law: p})
	for i := range lines {
		lines[i].InsuranceNumber = payroll.InsuranceNumber(fmt.Sprintf("%08d", 10_000_000+i))
	}
	var b bytes.Buffer
	require.NoError(t, WriteList(&b, &h, lines))
	return b.Bytes(), Options{
		Lanes: fault.Both, Book: book, Today: jalali.Date{Year: 1405, Month: 8, Day: 15},
		Agencies: []agency.Agency{sso.Agency{Book: book}, tax.Agency{Book: book}},
		Line:     func(*payroll.Line, *payroll.Assessed) error { return nil },
	}
}

func unpacked(t testing.TB, file []byte) (rows []workbook.Row) {
	t.Helper()
	book, err := workbook.Open(bytes.NewReader(file), int64(len(file)), workbook.Limits{})
	require.NoError(t, err)
	_, err = book.Rows(book.Sheets[1], func(r *workbook.Row) error {
		kept := *r
		kept.Cells = slices.Clone(r.Cells)
		for i := range kept.Cells {
			kept.Cells[i].Text = bytes.Clone(kept.Cells[i].Text)
		}
		rows = append(rows, kept)
		return nil
	})
	require.NoError(t, err)
	return rows
}

func (in *input) benchReader(t testing.TB) *sheetReader {
	t.Helper()
	archive, err := workbook.OpenArchive(in.r, in.size, workbook.Limits{})
	require.NoError(t, err)
	book, err := archive.Book()
	require.NoError(t, err)
	f := &bookFile{book: book}
	require.NoError(t, f.look(&candidate{ctx: in.ctx, archive: archive, o: &in.o}))
	s, err := f.prepare(in, 0)
	require.NoError(t, err)
	return s
}
