package meter

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Picture is where the window stands at a moment.
type Picture struct {
	Lanes    []Standing
	Breakers map[string]string // open, half_open or closed, by lane; a lane by hand has none

	SlotsInUse, Slots     int // places where large files are read
	LargeWaiting, Waiting int // large files arriving or waiting for a place, and how many may
	SmallUnderWay         int

	Served time.Time // the last minute in which a program that takes lists was recorded; zero when none ever was

	Unsealed int           // rows of the audit log without a seal
	SealLag  time.Duration // since the oldest of these
	Pools    []Pool
}

// Standing is how many deliveries of a lane are in a state that waits for something, and since when the oldest is. Tax months
// marked to be cut stand in the state due.
type Standing struct {
	Lane, State string
	Depth       int
	Oldest      time.Duration // zero when there is none
}

// Pool is a set of connections to the database.
type Pool struct {
	Name              string
	InUse, Idle, Most int
}

// waiting are the states that Standing counts.
var waiting = map[string][]string{
	"sso": {"queued", "sending", "sent", "by_hand", "needs_attention"},
	"tax": {"due", "queued", "sending", "sent", "by_hand", "needs_attention"},
}

// Watch adds to the figures where the window stands, read anew at each reading of them. What read could not find out is left
// out, and the figure fehrest_database_up tells so.
func (m *Meter) Watch(read func(context.Context) (Picture, error)) {
	m.registry.MustRegister(&watcher{read})
}

const readWithin = 5 * time.Second

type watcher struct {
	read func(context.Context) (Picture, error)
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("fehrest_"+name, help, labels, nil)
}

var (
	databaseUp   = describe("database_up", "1 while the database answers.")
	laneDepth    = describe("lane_deliveries", "Deliveries of a lane in a state that waits for something; due: tax months to be cut.", "lane", "state")
	laneOldest   = describe("lane_oldest_seconds", "How long the oldest of these has been standing in its state; 0 when there is none.", "lane", "state")
	breakerState = describe("breaker_state", "1 for the state that a lane's breaker is in.", "lane", "state")
	slotsInUse   = describe("parse_slots_in_use", "Large files being read and judged.")
	slots        = describe("parse_slots", "Large files that may be read and judged at once.")
	largeWaiting = describe("parse_waiting", "Large files arriving or waiting for a place.")
	mostWaiting  = describe("parse_waiting_most", "How many may.")
	smallUnder   = describe("uploads_small_under_way", "Small files under way.")
	served       = describe("served_timestamp_seconds", "The last minute in which a program that takes lists was recorded; 0 when none ever was.")
	unsealed     = describe("audit_unsealed_rows", "Rows of the audit log that wait for their seal.")
	sealLag      = describe("seal_lag_seconds", "Age of the oldest row of the audit log that waits for its seal; 0 when there is none.")
	connections  = describe("database_connections", "Connections to the database by pool.", "pool", "state")
	mostOfPool   = describe("database_connections_most", "Connections that a pool may hold.", "pool")
)

// Describe names the figures of a picture.
func (w *watcher) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		databaseUp, laneDepth, laneOldest, breakerState, slotsInUse, slots, largeWaiting, mostWaiting, smallUnder, served, unsealed, sealLag, connections, mostOfPool,
	} {
		to <- d
	}
}

var breakerStates = []string{"closed", "half_open", "open"}

// Collect takes a picture.
func (w *watcher) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readWithin)
	defer cancel()
	p, err := w.read(ctx)
	tell := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	tell(slotsInUse, float64(p.SlotsInUse))
	tell(slots, float64(p.Slots))
	tell(largeWaiting, float64(p.LargeWaiting))
	tell(mostWaiting, float64(p.Waiting))
	tell(smallUnder, float64(p.SmallUnderWay))
	for _, pool := range p.Pools {
		tell(connections, float64(pool.InUse), pool.Name, "in_use")
		tell(connections, float64(pool.Idle), pool.Name, "idle")
		tell(mostOfPool, float64(pool.Most), pool.Name)
	}
	for _, lane := range lanes {
		now, has := p.Breakers[lane]
		for _, state := range breakerStates {
			if has {
				tell(breakerState, oneIf(state == now), lane, state)
			}
		}
	}
	tell(databaseUp, oneIf(err == nil))
	if err != nil {
		return
	}
	tell(served, float64(max(p.Served.Unix(), 0)))
	tell(unsealed, float64(p.Unsealed))
	tell(sealLag, p.SealLag.Seconds())
	for _, lane := range lanes {
		for _, state := range waiting[lane] {
			s := standing(p.Lanes, lane, state)
			tell(laneDepth, float64(s.Depth), lane, state)
			tell(laneOldest, s.Oldest.Seconds(), lane, state)
		}
	}
}

// standing finds a lane's state among those read; what was not read is empty.
func standing(all []Standing, lane, state string) Standing {
	for _, s := range all {
		if s.Lane == lane && s.State == state {
			return s
		}
	}
	return Standing{}
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
