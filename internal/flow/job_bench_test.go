package flow_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"fehrest/internal/store"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"
)

// emptyArgs is a job that does nothing but say that it was begun.
type emptyArgs struct {
	At time.Time `json:"at"`
}

func (emptyArgs) Kind() string { return "empty" }

type emptyWorker struct {
	river.WorkerDefaults[emptyArgs]
	begun chan time.Duration
	left  *atomic.Int64
	ended chan struct{}
}

func (e *emptyWorker) Work(_ context.Context, job *river.Job[emptyArgs]) error {
	if e.begun != nil {
		e.begun <- time.Since(job.Args.At)
	}
	if e.left.Add(-1) == 0 {
		close(e.ended)
	}
	return nil
}

const (
	manyJobs  = 40_000
	pickUps   = 200
	freeQueue = "bench" // the lanes' own queues are narrow on purpose
)

// BenchmarkRow10 is row 10 of the speed table: jobs as the window sets them up, in a queue as wide as its fetching can fill.
func BenchmarkRow10(b *testing.B) {
	for b.Loop() {
		s := onStage(b)
		ctx := context.Background()
		work := func(e *emptyWorker) (*river.Client[pgx.Tx], func()) {
			config := s.JobConfig()
			config.Queues = map[string]river.QueueConfig{freeQueue: {MaxWorkers: 2_000}}
			config.PeriodicJobs = nil
			river.AddWorker(config.Workers, e)
			client, err := river.NewClient(riverpgxv5.New(s.Store.Jobs()), config)
			require.NoError(b, err)
			return client, func() { require.NoError(b, client.Start(ctx)) }
		}
		batch := make([]river.InsertManyParams, manyJobs)
		for i := range batch {
			batch[i] = river.InsertManyParams{Args: emptyArgs{}, InsertOpts: &river.InsertOpts{Queue: freeQueue}}
		}
		e := &emptyWorker{left: &atomic.Int64{}, ended: make(chan struct{})}
		e.left.Store(manyJobs)
		client, start := work(e)
		began := time.Now()
		require.NoError(b, s.Store.Tx(ctx, func(tx *store.Tx) error {
			_, err := client.InsertManyFastTx(ctx, tx.Conn(), batch)
			return err
		}))
		b.ReportMetric(manyJobs/time.Since(began).Seconds(), "enqueued/s")
		began = time.Now()
		start()
		<-e.ended
		b.ReportMetric(manyJobs/time.Since(began).Seconds(), "worked/s")
		require.NoError(b, client.Stop(ctx))

		e = &emptyWorker{begun: make(chan time.Duration, 1), left: &atomic.Int64{}, ended: make(chan struct{})}
		e.left.Store(pickUps + 1)
		client, start = work(e)
		start()
		var waited []time.Duration
		for range pickUps {
			_, err := client.Insert(ctx, emptyArgs{At: time.Now()}, &river.InsertOpts{Queue: freeQueue})
			require.NoError(b, err)
			waited = append(waited, <-e.begun)
			time.Sleep(10 * time.Millisecond)
		}
		require.NoError(b, client.Stop(ctx))
		slices.Sort(waited)
		b.ReportMetric(float64(waited[len(waited)*99/100].Microseconds())/1000, "picked-up-p99-ms")
		b.ReportMetric(40_000, "goal-enqueued/s")
		b.ReportMetric(12_000, "goal-worked/s")
		b.ReportMetric(100, "goal-picked-up-p99-ms")
	}
}
