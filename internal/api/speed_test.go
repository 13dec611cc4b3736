package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fehrest/internal/payroll"
	"fehrest/internal/store"
	"fehrest/internal/synth"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// The benchmarks of the speed table's rows of large uploads. Each upload goes over real HTTP, from its first byte to the
// receipt of its commit; what it is compared with runs in turn with it in the same run, and medians are compared.

const (
	manyWorkers = 99_999
	rounds      = 5 // of which the median counts
	fewRounds   = 3 // where one takes long
)

// speed is a window with a large payroll to upload.
type speed struct {
	*rig
	b *testing.B
}

func newSpeed(b *testing.B) *speed { return &speed{rig: newRig(b), b: b} }

// book writes the workbook of a workshop.
func (s *speed) book(h payroll.Header, workers int, inline bool) string {
	p, ok := s.rig.book.On(h.Period)
	require.True(s.b, ok)
	return bigBook(s.b, h, bigList(&h, p, workers), inline)
}

// empty takes all lists out of the database, so that every measurement begins on the same one.
func (s *speed) empty() {
	ctx := s.b.Context()
	var tables []string
	rows, err := s.store.Jobs().Query(ctx, `SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'shared'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`)
	require.NoError(s.b, err)
	tables, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(s.b, err)
	_, err = s.store.Jobs().Exec(ctx, "TRUNCATE shared."+strings.Join(tables, ", shared.")+" CASCADE")
	require.NoError(s.b, err)
	_, err = s.store.Jobs().Exec(ctx, "CHECKPOINT")
	require.NoError(s.b, err)
	runtime.GC()
}

// upload sends a file from the disk and returns how long it took to its receipt.
func (s *speed) upload(path string) time.Duration {
	file, err := os.Open(path)
	require.NoError(s.b, err)
	defer func() { _ = file.Close() }()
	start := time.Now()
	s.post(file)
	return time.Since(start)
}

func (s *speed) post(body io.Reader) {
	req, err := http.NewRequest(http.MethodPost, s.url+"/v1/lists", body)
	require.NoError(s.b, err)
	req.Header.Set("Authorization", "Bearer "+s.tokens["employer"])
	req.Header.Set("Idempotency-Key", uuid.NewString())
	req.Header.Set("Content-Type", workbookType)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.b, err)
	said, err := io.ReadAll(resp.Body)
	require.NoError(s.b, err)
	require.NoError(s.b, resp.Body.Close())
	require.Equal(s.b, http.StatusAccepted, resp.StatusCode, "%s", said)
}

func (s *speed) lines() (n int) {
	require.NoError(s.b, s.store.Jobs().QueryRow(s.b.Context(), "SELECT count(*) FROM shared.lines").Scan(&n))
	return n
}

// inTurn measures things in turn, each on an empty database, and returns the median of each.
func (s *speed) inTurn(rounds int, things ...func() time.Duration) (medians []time.Duration) {
	took := make([][]time.Duration, len(things))
	for range rounds {
		for i, thing := range things {
			s.empty()
			took[i] = append(took[i], thing())
		}
	}
	for i := range took {
		medians = append(medians, median(took[i]))
	}
	return medians
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func (s *speed) report(ratio, goal float64) {
	s.b.ReportMetric(ratio, "x")
	s.b.ReportMetric(goal, "goal-x")
}

func (s *speed) ms(name string, d time.Duration) {
	s.b.ReportMetric(float64(d.Milliseconds()), name+"-ms")
}

// BenchmarkRow1 is row 1 of the speed table: the whole upload of 99,999 workers in 35 columns against excelize only reading
// the workbook.
func BenchmarkRow1(b *testing.B) {
	s := newSpeed(b)
	book := s.book(s.good.Header, manyWorkers, false)
	for b.Loop() {
		took := s.inTurn(fewRounds, func() time.Duration { return s.upload(book) }, func() time.Duration {
			start := time.Now()
			require.Equal(b, manyWorkers+1, excelizeRows(b, book))
			return time.Since(start)
		})
		s.ms("upload", took[0])
		s.ms("excelize", took[1])
		s.report(float64(took[0])/float64(took[1]), 0.30)
	}
}

func excelizeRows(b *testing.B, path string) (n int) {
	f, err := excelize.OpenFile(path)
	require.NoError(b, err)
	defer func() { _ = f.Close() }()
	rows, err := f.Rows("لیست")
	require.NoError(b, err)
	for rows.Next() {
		_, err := rows.Columns(excelize.Options{RawCellValue: true})
		require.NoError(b, err)
		n++
	}
	require.NoError(b, rows.Error())
	require.NoError(b, rows.Close())
	return n
}

// BenchmarkRow2 is row 2: the same upload against psql's \copy of the ready rows into the same table.
func BenchmarkRow2(b *testing.B) {
	s := newSpeed(b)
	book := s.book(s.good.Header, manyWorkers, false)
	s.upload(book)
	require.Equal(b, manyWorkers, s.lines())
	dir := b.TempDir()
	require.NoError(b, os.Chmod(dir, 0o755))
	ready := filepath.Join(dir, "lines.txt")
	table := fmt.Sprintf("shared.lines_%d", s.good.Header.Period.Number())
	s.psql(fmt.Sprintf(`\copy %s TO '%s'`, table, ready))
	for b.Loop() {
		took := s.inTurn(rounds, func() time.Duration { return s.upload(book) }, func() time.Duration {
			start := time.Now()
			s.psql(fmt.Sprintf(`\copy %s FROM '%s'`, table, ready))
			took := time.Since(start)
			require.Equal(b, manyWorkers, s.lines())
			return took
		})
		s.ms("upload", took[0])
		s.ms("psql-copy", took[1])
		s.report(float64(took[0])/float64(took[1]), 2.5)
	}
}

// psql runs a command of PostgreSQL's own client, from the folder of the server's programs.
func (s *speed) psql(command string) {
	var folder string
	require.NoError(s.b, s.store.Jobs().QueryRow(s.b.Context(), "SELECT setting FROM pg_config WHERE name = 'BINDIR'").Scan(&folder))
	out, err := exec.Command(filepath.Join(folder, "psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-d", s.store.Jobs().Config().ConnString(), "-c", command).CombinedOutput()
	require.NoError(s.b, err, "%s", out)
}

// BenchmarkRow4 is row 4: the most memory that the program holds during the upload, over what it holds idle: all that the
// runtime has taken from the system and not given back (heap, stacks and its own), looked at every millisecond. The sender is
// in the same program and counted too.
func BenchmarkRow4(b *testing.B) {
	for _, kind := range []struct {
		name   string
		inline bool
		goal   float64
	}{{"shared_strings", false, 100}, {"inline_strings", true, 64}} {
		b.Run(kind.name, func(b *testing.B) {
			s := newSpeed(b)
			book := s.book(s.good.Header, manyWorkers, kind.inline)
			for b.Loop() {
				var most []float64
				for range 3 {
					s.empty()
					most = append(most, float64(peakOver(func() { s.upload(book) }))/(1<<20))
				}
				slices.Sort(most)
				b.ReportMetric(most[len(most)/2], "MB")
				b.ReportMetric(kind.goal, "goal-MB")
			}
		})
	}
}

// peakOver is the most memory held while do runs, over what is held before it.
func peakOver(do func()) uint64 {
	debug.FreeOSMemory()
	before := held()
	var peak atomic.Uint64
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			peak.Store(max(peak.Load(), held()))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	do()
	close(stop)
	watching.Wait()
	return max(peak.Load(), before) - before
}

func held() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() - sample[1].Value.Uint64()
}

// BenchmarkRow5 is row 5: how the time of an upload grows from 10,000 workers to 99,999.
func BenchmarkRow5(b *testing.B) {
	s := newSpeed(b)
	small, large := s.book(s.good.Header, 10_000, false), s.book(s.good.Header, manyWorkers, false)
	for b.Loop() {
		took := s.inTurn(rounds, func() time.Duration { return s.upload(small) }, func() time.Duration { return s.upload(large) })
		s.ms("10k", took[0])
		s.ms("100k", took[1])
		s.report(float64(took[1])/float64(took[0]), 12)
	}
}

// BenchmarkRow14 is row 14: two such uploads of two employers at once against one.
func BenchmarkRow14(b *testing.B) {
	s := newSpeed(b)
	books := []string{s.book(s.good.Header, manyWorkers, false), s.book(s.faulty.Header, manyWorkers, false)}
	for b.Loop() {
		took := s.inTurn(rounds, func() time.Duration { return s.upload(books[0]) }, func() time.Duration {
			start := time.Now()
			var both sync.WaitGroup
			for _, book := range books {
				both.Go(func() { s.upload(book) })
			}
			both.Wait()
			return time.Since(start)
		})
		s.ms("one", took[0])
		s.ms("two", took[1])
		s.report(float64(took[1])/float64(took[0]), 2.2)
	}
}

// BenchmarkRow15 is row 15: lists of 10 workers, one after the other, alone and while large ones are uploaded.
func BenchmarkRow15(b *testing.B) {
	s := newSpeed(b)
	book := s.book(s.good.Header, manyWorkers, false)
	for b.Loop() {
		var alone, beside, large []time.Duration
		for range fewRounds {
			s.empty()
			small := s.small(100)
			for _, body := range small {
				alone = append(alone, s.time(body))
			}
			small = s.small(1_500)
			ended := make(chan struct{})
			start := time.Now()
			go func() {
				defer close(ended)
				s.upload(book)
				large = append(large, time.Since(start))
			}()
			for i := 0; i < len(small) && running(ended); i++ {
				beside = append(beside, s.time(small[i]))
			}
			<-ended
		}
		slices.Sort(alone)
		slices.Sort(beside)
		p95 := func(d []time.Duration) time.Duration { return d[len(d)*95/100] }
		b.ReportMetric(float64(p95(alone).Microseconds())/1000, "alone-p95-ms")
		b.ReportMetric(float64(p95(beside).Microseconds())/1000, "beside-p95-ms")
		b.ReportMetric(float64(len(beside)), "beside-lists")
		b.ReportMetric(slices.Max(large).Seconds(), "large-beside-s")
		s.report(float64(p95(beside))/float64(p95(alone)), 1.5)
	}
}

func running(ended chan struct{}) bool {
	select {
	case <-ended:
		return false
	default:
		return true
	}
}

func (s *speed) time(body []byte) time.Duration {
	start := time.Now()
	s.post(bytes.NewReader(body))
	return time.Since(start)
}

// small are so many lists of 10 workers, each of a workshop and of persons of its own.
func (s *speed) small(n int) (bodies [][]byte) {
	r := rand.New(rand.NewPCG(15, rand.Uint64()))
	p, ok := s.rig.book.On(s.good.Header.Period)
	require.True(s.b, ok)
	require.NoError(s.b, s.store.Tx(s.b.Context(), func(tx *store.Tx) error {
		for range n {
			h := synth.Workshop(r, s.good.Header.Employer, s.good.Header.EmployerName, s.good.Header.Period)
			if err := tx.SaveWorkshop(context.Background(), store.Workshop{
				Code: h.Workshop, Employer: h.Employer, EmployerName: h.EmployerName, Name: h.WorkshopName, Address: h.Address, PostalCode: h.PostalCode,
			}); err != nil {
				return err
			}
			var b bytes.Buffer
			require.NoError(s.b, writeBook(&b, h, synth.List(synth.Options{Seed: r.Uint64(), Workers: 10, Header: h, Law: p}), false))
			bodies = append(bodies, b.Bytes())
		}
		return nil
	}))
	return bodies
}
