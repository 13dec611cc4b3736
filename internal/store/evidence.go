package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/store/sqlc"
)

// Beat records that a program that takes lists was there in the minute. Twice is once.
func (tx *Tx) Beat(ctx context.Context, at time.Time) error {
	return wrap("beat", tx.q.Beat(ctx, at.UTC().Truncate(time.Minute)))
}

// FirstBeat is the first minute that was recorded; ErrNotFound where none was.
func (tx *Tx) FirstBeat(ctx context.Context) (time.Time, error) {
	at, err := tx.q.FirstBeat(ctx)
	return at, wrap("first beat", err)
}

// LastBeat is the last minute that was recorded; ErrNotFound where none was.
func (tx *Tx) LastBeat(ctx context.Context) (time.Time, error) {
	at, err := tx.q.LastBeat(ctx)
	return at, wrap("last beat", err)
}

// SilentMinutes are the minutes from one to another, the last one included, in which no program was recorded, in order.
func (tx *Tx) SilentMinutes(ctx context.Context, first, last time.Time) ([]time.Time, error) {
	minutes, err := tx.q.SilentMinutes(ctx, first.UTC().Truncate(time.Minute), last.UTC().Truncate(time.Minute))
	return minutes, wrap("silent minutes", err)
}

// OutageRecord is a signed record of the window's outages before a deadline. A nil AcceptedAt: the organisation has not
// accepted it, as far as it was told here.
type OutageRecord struct {
	Document   json.RawMessage
	AcceptedAt *time.Time
	Number     string // of the organisation's letter
}

// OutageRecord reads a record that was kept; ErrNotFound where none was.
func (tx *Tx) OutageRecord(ctx context.Context, lane fault.Lane, period jalali.Month, due jalali.Date) (r OutageRecord, err error) {
	row, err := tx.q.OutageRecord(ctx, lane.String(), int32(period.Number()), due.String())
	if err != nil {
		return r, wrap("outage record", err)
	}
	r.Document, r.AcceptedAt = row.Document, row.AcceptedAt
	if row.AcceptedNumber != nil {
		r.Number = *row.AcceptedNumber
	}
	return r, nil
}

// OutageOf is a record without its document: of which deadline it is, and what came of it.
type OutageOf struct {
	Lane       fault.Lane
	Period     jalali.Month
	Due        string // yyyy/mm/dd
	Minutes    int
	AcceptedAt *time.Time
	Number     string // of the organisation's letter
}

// OutageRecords lists the records of months.
func (tx *Tx) OutageRecords(ctx context.Context, periods []jalali.Month) ([]OutageOf, error) {
	numbers := make([]int32, len(periods))
	for i, p := range periods {
		numbers[i] = int32(p.Number())
	}
	rows, err := tx.q.OutageRecordsOf(ctx, numbers)
	if err != nil {
		return nil, wrap("outage records", err)
	}
	all := make([]OutageOf, len(rows))
	for i, r := range rows {
		all[i] = OutageOf{Due: r.Due, Minutes: int(r.Minutes), AcceptedAt: r.AcceptedAt}
		if r.AcceptedNumber != nil {
			all[i].Number = *r.AcceptedNumber
		}
		all[i].Period, err = jalali.MonthOf(int(r.Period))
		if err := errors.Join(err, all[i].Lane.UnmarshalText([]byte(r.Lane))); err != nil {
			return nil, fmt.Errorf("store: outage records: %w", err)
		}
	}
	return all, nil
}

// KeepOutageRecord keeps a signed record; where another program kept one meanwhile, that one stands, and it tells false.
func (tx *Tx) KeepOutageRecord(ctx context.Context, lane fault.Lane, period jalali.Month, due jalali.Date, document json.RawMessage, at time.Time) (bool, error) {
	n, err := tx.q.KeepOutageRecord(ctx, sqlc.KeepOutageRecordParams{
		Lane: lane.String(), Period: int32(period.Number()), Due: due.String(), Document: document, IssuedAt: at,
	})
	return n > 0, wrap("outage record", err)
}

// AcceptOutageRecord records that the organisation accepted a record; ErrMoved where there is none or it was accepted before.
func (tx *Tx) AcceptOutageRecord(ctx context.Context, lane fault.Lane, period jalali.Month, due jalali.Date, number string, at time.Time) error {
	n, err := tx.q.AcceptOutageRecord(ctx, sqlc.AcceptOutageRecordParams{
		Lane: lane.String(), Period: int32(period.Number()), Due: due.String(), AcceptedNumber: number, AcceptedAt: at,
	})
	return one("outage record", n, err)
}
