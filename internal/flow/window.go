// Package flow is the window itself: a list is taken in and receipted, delivered to both organisations, and their answers
// are taken back. It reads no file format and knows no law of its own.
package flow

import (
	"log/slog"
	"os"
	"sync"
	"time"
	_ "time/tzdata" // Tehran's day must not depend on the machine's files

	"fehrest/internal/agency"
	"fehrest/internal/agency/gateway"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/meter"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// Window takes lists in and sends them on. Store, Book, Keys, SSO.Agency, Tax.Agency and Now are required. Its methods may be
// called from many goroutines; it must not be copied once used.
type Window struct {
	Store *store.Store
	Book  *law.Book
	Keys  *seal.Keyring
	SSO   Organisation
	Tax   Organisation
	Now   func() time.Time
	Log   *slog.Logger // nil: nothing is logged
	Meter *meter.Meter // nil: nothing is counted

	// Spool is the folder of files on their way in; empty is the system's folder for temporary files.
	Spool string
	// Limits bound an uploaded file; the zero Limits are the published ones.
	Limits intake.Limits
	// Slots is how many large files are read and judged at once; zero is two. Waiting is how many more may be arriving or waiting
	// for a slot before senders are asked to come again; zero is 14.
	Slots, Waiting int
	// TaxWait is how long after the last list a tax month is cut; zero cuts at once.
	TaxWait time.Duration
	// ClosureMost is how many months a workshop may be ordered closed for at most; zero is 12.
	ClosureMost int
	// Pace is how deliveries are tried again.
	Pace Pace

	jobs       lazyJobs
	large      sync.Mutex // held while a large list's or month's files are made: one at a time fits into memory
	marking    sync.Mutex // held while a workbook is marked: one at a time fits beside the rest
	inFlight   sync.Map   // idempotency keys being worked on by this program
	room       room
	way        way
	partitions sync.Map // months whose partition is known to exist
}

// Organisation is one side that lists go to.
type Organisation struct {
	Agency  agency.Agency
	Gateway *gateway.Client // nil: the lane is worked by hand
}

// Pace says how deliveries are tried again. The zero Pace is the one of the published promises.
type Pace struct {
	Least    time.Duration // first ceiling of the random wait between attempts; zero is 2 s
	Most     time.Duration // last ceiling; zero is 5 min
	GiveUp   time.Duration // after so long the delivery needs attention; zero is 72 h
	Exchange time.Duration // one exchange with a gateway; zero is 10 s
	Inquire  time.Duration // first inquiry after a delivery was sent without an answer; zero is 10 s
}

func (p Pace) least() time.Duration    { return orElse(p.Least, 2*time.Second) }
func (p Pace) most() time.Duration     { return orElse(p.Most, 5*time.Minute) }
func (p Pace) giveUp() time.Duration   { return orElse(p.GiveUp, 72*time.Hour) }
func (p Pace) exchange() time.Duration { return orElse(p.Exchange, 10*time.Second) }
func (p Pace) inquire() time.Duration  { return orElse(p.Inquire, 10*time.Second) }

func orElse(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

func (w *Window) organisation(lane fault.Lane) *Organisation {
	if lane == fault.Tax {
		return &w.Tax
	}
	return &w.SSO
}

func (w *Window) agencies() []agency.Agency { return []agency.Agency{w.SSO.Agency, w.Tax.Agency} }

// now is the time as it is kept: in UTC, to the microsecond that the database holds.
func (w *Window) now() time.Time { return w.Now().UTC().Truncate(time.Microsecond) }

var tehran = sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation("Asia/Tehran") })

// today is the day in Tehran.
func (w *Window) today() jalali.Date { return w.day(w.Now()) }

// day is a moment's day in Tehran.
func (w *Window) day(t time.Time) jalali.Date {
	zone, err := tehran()
	if err != nil {
		return jalali.Date{}
	}
	d, err := jalali.FromTime(t.In(zone))
	if err != nil {
		return jalali.Date{} // a clock far outside the calendar judges no deadline
	}
	return d
}

func (w *Window) log() *slog.Logger {
	if w.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return w.Log
}

func (w *Window) spoolFolder() string {
	if w.Spool == "" {
		return os.TempDir()
	}
	return w.Spool
}

// lazyJobs inserts jobs; it works none.
type lazyJobs struct {
	once   sync.Once
	client *river.Client[pgx.Tx]
	err    error
}

// PublicKeys is the set of keys that receipts and messages of this window verify with.
func (w *Window) PublicKeys() seal.KeySet { return w.Keys.Public() }

// lanes of a verdict set that the sender asked for and that hold the list back.
func heldBack(v payroll.Verdicts, asked fault.Lane) (lanes fault.Lane) {
	for _, lane := range payroll.EachLane() {
		if asked.Has(lane) && v.Of(lane) != payroll.NotAddressed && !v.Of(lane).Passes() {
			lanes |= lane
		}
	}
	return lanes
}
