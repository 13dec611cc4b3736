package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

// Job arguments are ids and lanes, nothing else.
type (
	deliverArgs struct {
		Owner    string    `json:"owner" river:"unique"`
		Delivery uuid.UUID `json:"delivery" river:"unique"`
		Large    bool      `json:"large,omitempty"` // its files take longer to make than most jobs may
	}
	cutArgs struct {
		TaxMonth uuid.UUID `json:"tax_month" river:"unique"`
		Large    bool      `json:"large,omitempty"` // its lists were found to be large
		Again    bool      `json:"again,omitempty"` // an operator wants it sent though its files were rejected
	}
	inquireArgs struct {
		Lane fault.Lane `json:"lane"`
	}
	closureArgs struct {
		Workshop string    `json:"workshop" river:"unique"`
		Closure  uuid.UUID `json:"closure" river:"unique"`
	}
	closuresArgs  struct{}
	partitionArgs struct{}
	sweepArgs     struct{}
)

// jobOf is the job of a delivery whose files are still to be made of so many workers; zero where they are made already.
func jobOf(id store.DeliveryID, workers int) deliverArgs {
	return deliverArgs{Owner: id.Owner, Delivery: id.ID, Large: workers > largeList}
}

// Kind names the job of one delivery.
func (deliverArgs) Kind() string { return "deliver" }

// Kind names the job that cuts a tax month into its next version.
func (cutArgs) Kind() string { return "cut_tax_month" }

// Kind names the job that asks a lane for answers that did not come.
func (inquireArgs) Kind() string { return "inquire" }

// Kind names the job that declares the months of a closure.
func (closureArgs) Kind() string { return "declare_closure" }

// Kind names the job that finds closures with something to do.
func (closuresArgs) Kind() string { return "find_closures" }

// Kind names the job that makes the months' partitions ahead.
func (partitionArgs) Kind() string { return "make_partitions" }

// Kind names the job that finds what a crash or a discarded job left lying.
func (sweepArgs) Kind() string { return "sweep" }

// Each lane has a queue of its own, so that a slow organisation holds no worker of the other's.
func queueOf(lane fault.Lane) string {
	if lane == 0 {
		return river.QueueDefault
	}
	return lane.String()
}

// laneQueue is the queue of a delivery of so many workers or persons: what is not small has workers of its own in each lane, so that
// no small list waits behind it.
func laneQueue(lane fault.Lane, workers int) string {
	if workers > smallList {
		return queueOf(lane) + "_large"
	}
	return queueOf(lane)
}

// The times of P9: a killed worker's jobs run again within a minute.
const (
	jobTimeout = 15 * time.Second
	cutTimeout = 5 * time.Minute // a tax month may have a hundred thousand persons
	largeList  = 20_000          // workers above which reading and making the files has that time

	smallList = 200 // workers; larger lists have their own queue in a lane

	// What a program has in flight with one organisation at most.
	laneWorkers  = 8
	largeWorkers = 2

	defaultWorkers = 4

	inquireEvery = 2 * time.Second
	sweepEvery   = time.Minute
	sealEvery    = 200 * time.Millisecond
	sealMost     = 1000

	// A program that is told to stop has 20 seconds in all.
	stopWithin   = 13 * time.Second // for jobs to end by themselves
	giveUpWithin = 3 * time.Second  // then for being told to; what does not hear it is run again by another program
)

// insert queues a job in the transaction that makes it necessary.
func (w *Window) insert(ctx context.Context, tx *store.Tx, args river.JobArgs, lane fault.Lane, at time.Time) error {
	return w.insertIn(ctx, tx, args, queueOf(lane), at)
}

func (w *Window) insertIn(ctx context.Context, tx *store.Tx, args river.JobArgs, queue string, at time.Time) error {
	client, err := w.inserter()
	if err != nil {
		return err
	}
	if _, err := client.InsertTx(ctx, tx.Conn(), args, &river.InsertOpts{Queue: queue, ScheduledAt: at}); err != nil {
		return fmt.Errorf("flow: queue %s: %w", args.Kind(), err)
	}
	return nil
}

// queueDelivery queues the job of a delivery of so many workers or persons, unless one waits or runs.
func (w *Window) queueDelivery(ctx context.Context, tx *store.Tx, id store.DeliveryID, lane fault.Lane, workers int) error {
	return w.insertOnce(ctx, tx, jobOf(id, toMake(lane, workers)), laneQueue(lane, workers))
}

// wakeDelivery queues the job of a delivery whether or not one runs.
func (w *Window) wakeDelivery(ctx context.Context, tx *store.Tx, d *store.Delivery) error {
	workers, err := tx.DeliverySize(ctx, d.DeliveryID)
	if err != nil {
		return err
	}
	return w.insertIn(ctx, tx, jobOf(d.DeliveryID, toMake(d.Lane, workers)), laneQueue(d.Lane, workers), time.Time{})
}

// toMake is of how many workers a delivery's files are still to be made: a tax month's were when it was cut.
func toMake(lane fault.Lane, workers int) int {
	if lane == fault.Tax {
		return 0
	}
	return workers
}

// insertOnce queues a job unless one like it waits or runs.
func (w *Window) insertOnce(ctx context.Context, tx *store.Tx, args river.JobArgs, queue string) error {
	client, err := w.inserter()
	if err != nil {
		return err
	}
	_, err = client.InsertTx(ctx, tx.Conn(), args, &river.InsertOpts{Queue: queue, UniqueOpts: river.UniqueOpts{
		// One like it that has ended stands in no one's way.
		ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
		},
	}})
	if err != nil {
		return fmt.Errorf("flow: queue %s: %w", args.Kind(), err)
	}
	return nil
}

func (w *Window) inserter() (*river.Client[pgx.Tx], error) {
	w.jobs.once.Do(func() {
		w.jobs.client, w.jobs.err = river.NewClient(riverpgxv5.New(w.Store.Jobs()), &river.Config{Schema: store.JobSchema, Logger: w.log()})
	})
	return w.jobs.client, w.jobs.err
}

// complete ends the job in the transaction of what it did.
func complete[T river.JobArgs](ctx context.Context, tx *store.Tx, job *river.Job[T]) error {
	if _, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx.Conn(), job); err != nil {
		return fmt.Errorf("flow: complete job %d: %w", job.ID, err)
	}
	return nil
}

// Run seals the audit log, and, when work is set, works the jobs, until ctx ends. Then jobs in flight may end for a while; those
// that do not are given back, and run again. Any number of programs may run on one database.
func (w *Window) Run(ctx context.Context, work bool) error {
	if !work {
		w.sealUntil(ctx)
		return nil
	}
	client, err := w.startJobs(ctx)
	if err != nil {
		return err
	}
	w.sealUntil(ctx)
	return w.stopJobs(ctx, client)
}

// stopJobs lets jobs in flight end for a while, and gives back those that do not.
func (w *Window) stopJobs(ctx context.Context, client *river.Client[pgx.Tx]) error {
	soft, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err := client.Stop(soft)
	if errors.Is(err, context.DeadlineExceeded) {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUpWithin)
		defer cancel()
		err = client.StopAndCancel(hard)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		w.log().WarnContext(ctx, "jobs were left running; they run again elsewhere")
		return nil
	}
	if err != nil {
		return fmt.Errorf("flow: jobs: %w", err)
	}
	return nil
}

// jobGivesWayFor is how long a job stands still at most while small lists are judged and stored: a person waits for a receipt, and no
// one for the moment in which it goes on to an organisation.
const jobGivesWayFor = 2 * time.Second

// modest keeps jobs out of uploads' way: they stand still for small ones, and take their connections from a pool of their own, so
// that a wave of work takes none from an upload or from River.
type modest struct {
	river.WorkerMiddlewareDefaults
	w *Window
}

// Work works a job when its turn has come, with the pool in its context.
func (m *modest) Work(ctx context.Context, _ *rivertype.JobRow, work func(context.Context) error) error {
	m.w.way.wait(ctx, jobGivesWayFor)
	return work(store.On(ctx, store.ForWork))
}

// startTries is how often working the jobs is begun anew when the database cuts the connection meanwhile.
const startTries = 10

func (w *Window) startJobs(ctx context.Context) (*river.Client[pgx.Tx], error) {
	for try := 1; ; try++ {
		config := w.jobConfig()
		queues := watch(config)
		client, err := river.NewClient(riverpgxv5.New(w.Store.Jobs()), config)
		if err != nil {
			return nil, fmt.Errorf("flow: jobs: %w", err)
		}
		// Its own context: jobs in flight end by Stop, not by the first signal.
		if err = client.Start(context.WithoutCancel(ctx)); err == nil {
			if err = queues.begun(ctx); err == nil {
				return client, nil
			}
			if err := w.stopJobs(ctx, client); err != nil {
				return nil, err
			}
		}
		if try == startTries || ctx.Err() != nil {
			return nil, fmt.Errorf("flow: jobs: %w", err)
		}
		w.log().WarnContext(ctx, "jobs did not start", "try", try, "error", err)
		time.Sleep(time.Duration(try) * 100 * time.Millisecond)
	}
}

func (w *Window) jobConfig() *river.Config {
	workers := river.NewWorkers()
	river.AddWorker(workers, &deliverWorker{w: w})
	river.AddWorker(workers, &cutWorker{w: w})
	river.AddWorker(workers, &inquireWorker{w: w})
	river.AddWorker(workers, &explainWorker{w: w})
	river.AddWorker(workers, &bundleWorker{w: w})
	river.AddWorker(workers, &partitionWorker{w: w})
	river.AddWorker(workers, &sweepWorker{w: w})
	river.AddWorker(workers, &closureWorker{w: w})
	river.AddWorker(workers, &closuresWorker{w: w})
	river.AddWorker(workers, &recordWorker{w: w})
	every := func(d time.Duration, args river.JobArgs, lane fault.Lane) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) {
			// One at a time, however many programs run.
			return args, &river.InsertOpts{Queue: queueOf(lane), MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: d}}
		}, &river.PeriodicJobOpts{RunOnStart: true})
	}
	return &river.Config{
		Schema: store.JobSchema, Logger: w.log(), Workers: workers, ErrorHandler: failedJobs{w}, RetryPolicy: retryPolicy{w},
		Middleware: []rivertype.Middleware{&modest{w: w}, &lastTry{jobs: failedJobs{w}}},
		Queues: map[string]river.QueueConfig{
			river.QueueDefault:      {MaxWorkers: defaultWorkers},
			laneQueue(fault.SSO, 0): {MaxWorkers: laneWorkers}, laneQueue(fault.SSO, largeList): {MaxWorkers: largeWorkers},
			laneQueue(fault.Tax, 0): {MaxWorkers: laneWorkers}, laneQueue(fault.Tax, largeList): {MaxWorkers: largeWorkers},
		},
		JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter, FetchCooldown: 5 * time.Millisecond, FetchPollInterval: 100 * time.Millisecond,
		CompletedJobRetentionPeriod: 24 * time.Hour, CancelledJobRetentionPeriod: 24 * time.Hour, DiscardedJobRetentionPeriod: 24 * time.Hour,
		PeriodicJobs: []*river.PeriodicJob{
			every(inquireEvery, inquireArgs{fault.SSO}, fault.SSO), every(inquireEvery, inquireArgs{fault.Tax}, fault.Tax),
			every(24*time.Hour, partitionArgs{}, 0), every(sweepEvery, sweepArgs{}, 0),
			every(sweepEvery, closuresArgs{}, 0), every(recordEvery, recordArgs{}, 0),
		},
	}
}

// sealUntil gives audit rows their seals until ctx ends.
func (w *Window) sealUntil(ctx context.Context) {
	ctx = store.On(ctx, store.ForWork) // no crowd of readers keeps the chain from going on
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := w.Seal(ctx); err != nil && ctx.Err() == nil {
				w.log().ErrorContext(ctx, "sealing failed", "error", err)
			}
		}
	}
}

// Seal gives every row of the audit log its seal that waits for one now. Run does so by itself until it ends.
func (w *Window) Seal(ctx context.Context) error {
	for {
		sealed, err := w.Store.Seal(ctx, store.Sealing{At: w.now(), Day: w.today().String(), Keys: w.Keys, Most: sealMost})
		if err != nil || sealed < sealMost {
			return err
		}
	}
}

type partitionWorker struct {
	river.WorkerDefaults[partitionArgs]
	w *Window
}

// Work makes the partitions around the current month.
func (p *partitionWorker) Work(ctx context.Context, _ *river.Job[partitionArgs]) error {
	return p.w.Store.MakePartitions(ctx, p.w.today().InMonth())
}

// retryPolicy is when a failed job runs again. The fourth power that River waits by itself leaves a lane idle for minutes after the
// database was away for a moment.
type retryPolicy struct{ w *Window }

// NextRetry is the time of a failed job's next attempt.
func (r retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	return r.w.now().Add(leastRetry + r.w.backoff(len(job.Errors)+1))
}

// leastRetry keeps the next attempt from lying in the past by the time it is recorded.
const leastRetry = 200 * time.Millisecond
