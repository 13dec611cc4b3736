package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// fetchedWithin is how long each queue may take to look for jobs the first time.
const fetchedWithin = 5 * time.Second

// queues tells whether jobs are fetched from every queue. River takes a connection that is lost while a queue is begun for the end of
// its work: it begins the others and says nothing, and one organisation's lane would stand still until the program ends.
type queues struct {
	river.HookDefaults
	count   int
	mu      sync.Mutex
	waiting map[string]bool // that jobs were not fetched from yet
	all     chan struct{}   // closed when there are none
}

func watch(config *river.Config) *queues {
	q := &queues{count: len(config.Queues), waiting: map[string]bool{}, all: make(chan struct{})}
	for name := range config.Queues {
		q.waiting[name] = true
	}
	config.Hooks = append(config.Hooks, q)
	return q
}

// MetricEmit hears of every look for jobs.
func (q *queues) MetricEmit(_ context.Context, p *rivertype.HookMetricEmitParams) {
	m, ok := p.Metric.(*rivertype.JobGetAvailableCountMetric)
	if !ok {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting[m.Queue] {
		delete(q.waiting, m.Queue)
		if len(q.waiting) == 0 {
			close(q.all)
		}
	}
}

// begun waits until jobs are fetched from every queue; the error names those from which none are, while they are from others. While
// they are from none, the database is away, and River goes on by itself when it comes.
func (q *queues) begun(ctx context.Context) error {
	tick := time.NewTicker(fetchedWithin)
	defer tick.Stop()
	for {
		select {
		case <-q.all:
			return nil
		case <-ctx.Done():
			return nil // it is stopped right away
		case <-tick.C:
		}
		q.mu.Lock()
		not := slices.Sorted(maps.Keys(q.waiting))
		q.mu.Unlock()
		if len(not) > 0 && len(not) < q.count {
			return fmt.Errorf("no jobs are fetched from %v", not)
		}
	}
}
