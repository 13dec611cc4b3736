package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/store"

	"github.com/riverqueue/river"
)

const (
	beatEvery = 20 * time.Second // several a minute: one that comes late leaves no minute out

	// The promise: so much outage in sum, in so long a time before a deadline, is recorded and signed.
	outageWindow = 48 * time.Hour
	outageLeast  = 60 // minutes
)

// Outage is a time in which no program took lists, in whole minutes.
type Outage struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"` // the first minute that was served again
	Minutes int       `json:"minutes"`
}

// KindOutageRecord tells a record of outages from the other documents that the window signs.
const KindOutageRecord = "outage_record"

// OutageRecord is the signed record (گواهی اختلال). It moves no deadline: the organisation accepts it or not.
type OutageRecord struct {
	Kind         string       `json:"kind"` // KindOutageRecord
	Organisation fault.Lane   `json:"organisation"`
	Period       jalali.Month `json:"period"`
	Due          jalali.Date  `json:"due"`
	Begins       time.Time    `json:"begins"` // of the time looked at
	Ends         time.Time    `json:"ends"`   // the end of the last day
	Minutes      int          `json:"minutes"`
	Outages      []Outage     `json:"outages"`
	Statement    fault.Text   `json:"statement"`
	IssuedAt     time.Time    `json:"issued_at"`
	KeyID        string       `json:"key_id"`
	Signature    string       `json:"signature"`
}

// Evidence is what the window's own outages before one deadline came to.
type Evidence struct {
	Organisation fault.Lane      `json:"organisation"`
	ExemptFive   bool            `json:"exempt_five"` // the deadline of workshops with the five-worker exemption
	Due          jalali.Date     `json:"due"`
	Begins       time.Time       `json:"begins"`
	Ends         time.Time       `json:"ends"`
	Minutes      int             `json:"minutes"` // of outage by now
	Outages      []Outage        `json:"outages"`
	Record       json.RawMessage `json:"record"` // signed; null before the deadline is over, and below 60 minutes
	AcceptedAt   *time.Time      `json:"accepted_at"`
	AcceptedBy   string          `json:"accepted_number"` // the organisation's letter
}

// DueOutage tells that the window's own outages before a deadline of a list are on a signed record, and what came of it.
type DueOutage struct {
	Organisation fault.Lane `json:"organisation"`
	Minutes      int        `json:"minutes"`
	Record       string     `json:"record"` // where it is to be had
	AcceptedAt   *time.Time `json:"accepted_at"`
	AcceptedBy   string     `json:"accepted_number"` // the organisation's letter
}

// tellOutages puts into the views of lists the records of their own deadlines: those of the lanes in which lateness is reckoned for them.
func (w *Window) tellOutages(ctx context.Context, tx *store.Tx, views []List) error {
	var periods []jalali.Month
	for i := range views {
		for _, of := range w.overdue(&views[i]) {
			if !slices.Contains(periods, of.period) {
				periods = append(periods, of.period)
			}
		}
	}
	if len(periods) == 0 {
		return nil
	}
	records, err := tx.OutageRecords(ctx, periods)
	if err != nil {
		return err
	}
	for i := range views {
		for _, of := range w.overdue(&views[i]) {
			for _, r := range records {
				if r.Lane == of.lane && r.Period == of.period && r.Due == of.due {
					views[i].Due.Outages = append(views[i].Due.Outages, DueOutage{
						Organisation: r.Lane, Minutes: r.Minutes, Record: "/v1/evidence/" + r.Period.String(), AcceptedAt: r.AcceptedAt, AcceptedBy: r.Number,
					})
				}
			}
		}
	}
	return nil
}

type overdue struct {
	lane   fault.Lane
	period jalali.Month
	due    string
}

// overdue are the deadlines of a list that are over: before, nothing is on record.
func (w *Window) overdue(v *List) (all []overdue) {
	today := w.today()
	for _, of := range []struct {
		overdue
		late *law.Lateness
	}{
		{overdue{fault.SSO, v.Period, v.Due.SSO}, v.Lateness.SSO}, {overdue{fault.Tax, v.TaxPeriod, v.Due.Tax}, v.Lateness.Tax},
	} {
		due, err := jalali.ParseDate(of.due)
		if of.late != nil && err == nil && due.Before(today) {
			all = append(all, of.overdue)
		}
	}
	return all
}

// Beat records minute by minute that this program takes lists, until ctx ends. While the database is away nothing is recorded:
// nothing can be taken in.
func (w *Window) Beat(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		if err := w.BeatOnce(ctx); err != nil && ctx.Err() == nil {
			w.log().WarnContext(ctx, "the minute is not recorded as served", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// BeatOnce records the present minute.
func (w *Window) BeatOnce(ctx context.Context) error {
	return w.Store.Tx(ctx, func(tx *store.Tx) error { return tx.Beat(ctx, w.now()) })
}

// Evidence shows the outages of the last 48 hours of each deadline of a month, to who may act for some workshop and to
// operators; a record is signed and kept once its deadline is over.
func (w *Window) Evidence(ctx context.Context, p access.Principal, period jalali.Month) (all []Evidence, err error) {
	all = []Evidence{}
	dues := w.deadlinesOf(period)
	if len(dues) == 0 {
		return nil, notFound()
	}
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		if p.Role != access.Operator {
			acts, err := tx.WorkshopsOf(ctx, p.ID, w.now(), "", 1)
			if err != nil {
				return err
			}
			if len(acts) == 0 {
				return notFound()
			}
		}
		for i := range dues {
			e, err := w.evidence(ctx, tx, period, &dues[i])
			if err != nil {
				return err
			}
			all = append(all, *e)
		}
		return nil
	})
	return all, err
}

// Outages that nobody has asked about are recorded by a job.
const (
	recordEvery = time.Hour
	recordFor   = 31 * 24 * time.Hour // after a deadline, for a window that was long away
)

type recordArgs struct{}

// Kind names the job that signs records of outages.
func (recordArgs) Kind() string { return "record_outages" }

type recordWorker struct {
	river.WorkerDefaults[recordArgs]
	w *Window
}

// Work signs and keeps a record for each deadline that is over, where the window was away too long before it.
func (x *recordWorker) Work(ctx context.Context, _ *river.Job[recordArgs]) error {
	w := x.w
	now, this := w.now(), w.today().InMonth()
	for back := range monthsDue + 1 {
		period := this.Add(-back)
		for _, d := range w.deadlinesOf(period) {
			ends, err := endOf(d.Due)
			if err != nil {
				return err
			}
			if now.Before(ends) || now.Sub(ends) > recordFor {
				continue
			}
			err = w.Store.Tx(ctx, func(tx *store.Tx) error {
				_, err := w.evidence(ctx, tx, period, &d)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// monthsDue is how far behind today a month may lie whose deadline was just over: two months' term, what a holiday or a circular adds, and
// recordFor.
const monthsDue = 6

type deadlineOf struct {
	law.Deadline
	exempt bool
}

func (w *Window) deadlinesOf(period jalali.Month) (all []deadlineOf) {
	for _, exempt := range []bool{false, true} {
		if d, ok := w.Book.SSODeadline(period, exempt); ok {
			all = append(all, deadlineOf{d, exempt})
		}
	}
	if d, ok := w.Book.TaxDeadline(period); ok {
		all = append(all, deadlineOf{d, false})
	}
	return all
}

func (w *Window) evidence(ctx context.Context, tx *store.Tx, period jalali.Month, d *deadlineOf) (*Evidence, error) {
	ends, err := endOf(d.Due)
	if err != nil {
		return nil, err
	}
	e := &Evidence{Organisation: d.Lane, ExemptFive: d.exempt, Due: d.Due, Begins: ends.Add(-outageWindow), Ends: ends}
	if e.Outages, err = w.outages(ctx, tx, e.Begins, e.Ends); err != nil {
		return nil, err
	}
	for _, o := range e.Outages {
		e.Minutes += o.Minutes
	}
	kept, err := tx.OutageRecord(ctx, d.Lane, period, d.Due)
	if errors.Is(err, store.ErrNotFound) && e.Minutes >= outageLeast && !w.now().Before(ends) {
		if err = w.keepRecord(ctx, tx, period, e); err == nil {
			kept, err = tx.OutageRecord(ctx, d.Lane, period, d.Due)
		}
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	e.Record, e.AcceptedAt, e.AcceptedBy = kept.Document, kept.AcceptedAt, kept.Number
	return e, nil
}

// outages are the times without a program between two moments. What lies before the first minute ever recorded is not known,
// and the minute under way is not over.
func (w *Window) outages(ctx context.Context, tx *store.Tx, begins, ends time.Time) ([]Outage, error) {
	all := []Outage{}
	first, err := tx.FirstBeat(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	if begins.Before(first) {
		begins = first
	}
	if now := w.now().Truncate(time.Minute); now.Before(ends) {
		ends = now
	}
	if !begins.Before(ends) {
		return all, nil
	}
	silent, err := tx.SilentMinutes(ctx, begins, ends.Add(-time.Minute))
	if err != nil {
		return nil, err
	}
	for _, at := range silent {
		at = at.UTC()
		if n := len(all); n > 0 && all[n-1].To.Equal(at) {
			all[n-1].To, all[n-1].Minutes = at.Add(time.Minute), all[n-1].Minutes+1
			continue
		}
		all = append(all, Outage{From: at, To: at.Add(time.Minute), Minutes: 1})
	}
	return all, nil
}

func (w *Window) keepRecord(ctx context.Context, tx *store.Tx, period jalali.Month, e *Evidence) (err error) {
	r := OutageRecord{
		Kind: KindOutageRecord, Organisation: e.Organisation, Period: period, Due: e.Due, Begins: e.Begins, Ends: e.Ends, Minutes: e.Minutes,
		Outages: e.Outages, IssuedAt: w.now(), KeyID: w.Keys.ID(), Statement: fault.Text{
			FA: fmt.Sprintf("گواهی اختلال: این پنجره در ۴۸ ساعت پایانی مهلت %s روی هم %d دقیقه لیستی نمی‌پذیرفت. این گواهی مهلت قانونی را جابه‌جا نمی‌کند؛ پذیرش آن با سازمان است.", e.Due, e.Minutes),
			EN: fmt.Sprintf("Record of outage: in the last 48 hours of the deadline %s this window took no lists for %d minutes in sum. It moves no statutory deadline; the organisation accepts it or not.", e.Due, e.Minutes),
		},
	}
	if r.Signature, err = w.Keys.Sign(&r); err != nil {
		return err
	}
	document, err := json.Marshal(&r)
	if err != nil {
		return fmt.Errorf("flow: outage record: %w", err)
	}
	if kept, err := tx.KeepOutageRecord(ctx, e.Organisation, period, e.Due, document, r.IssuedAt); err != nil || !kept {
		return err
	}
	return tx.Append(ctx, store.Event{
		At: r.IssuedAt, Actor: store.ByWindow, Action: "outage.recorded", Subject: e.Organisation.String() + "." + period.String(),
		Details: map[string]any{"due": e.Due, "minutes": e.Minutes},
	})
}

// AcceptEvidence records, once, that an organisation accepted the record of a deadline, by the number of its letter. NotFound
// where no record was signed, Conflict where another number stands already.
func (w *Window) AcceptEvidence(ctx context.Context, p access.Principal, period jalali.Month, of fault.Lane, due jalali.Date, number string) error {
	if number = strings.TrimSpace(number); number == "" || !isNumber(number) {
		return badNumber
	}
	return w.Store.Tx(ctx, func(tx *store.Tx) error {
		kept, err := tx.OutageRecord(ctx, of, period, due)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return notFound()
		case err != nil:
			return err
		case kept.AcceptedAt != nil && kept.Number == number:
			return nil
		case kept.AcceptedAt != nil:
			return &fault.Problem{Kind: fault.Conflict, Text: fault.Text{
				FA: "پذیرش این گواهی پیش‌تر با شمارهٔ دیگری ثبت شده است", EN: "this record's acceptance was recorded before, under another number",
			}}
		}
		if err := tx.AcceptOutageRecord(ctx, of, period, due, number, w.now()); err != nil {
			return err
		}
		return tx.Append(ctx, store.Event{
			At: w.now(), Actor: store.ByPrincipal(p.ID), Action: "outage.accepted", Subject: of.String() + "." + period.String(),
			Details: map[string]any{"due": due, "number": number},
		})
	})
}

// endOf is the end of a day in Tehran.
func endOf(d jalali.Date) (time.Time, error) {
	zone, err := tehran()
	if err != nil {
		return time.Time{}, err
	}
	y, m, day := d.Next().Gregorian()
	return time.Date(y, m, day, 0, 0, 0, 0, zone).UTC(), nil
}
