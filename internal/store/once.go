package store

import (
	"context"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// Once is what a worker's employer told once of him; blank members were never told.
type Once struct {
	StartDate                            jalali.Date
	Education, EmploymentType, JobFamily string
}

// OnceAWorker reads what is known of an employer's workers, by person.
func (tx *Tx) OnceAWorker(ctx context.Context, employer payroll.EmployerID) (map[string]Once, error) {
	rows, err := tx.q.OnceAWorker(ctx, string(employer))
	if err != nil {
		return nil, wrap("persons", err)
	}
	known := make(map[string]Once, len(rows))
	for _, r := range rows {
		o := Once{Education: orBlank(r.Education), EmploymentType: orBlank(r.EmploymentType), JobFamily: orBlank(r.JobFamily)}
		if r.StartDate != nil {
			n := int(*r.StartDate)
			if o.StartDate, err = jalali.NewDate(n/10000, n/100%100, n%100); err != nil {
				return nil, fmt.Errorf("store: persons: %w", err)
			}
		}
		known[r.Person] = o
	}
	return known, nil
}

func orBlank(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// KeepOnceAWorker keeps what accepted lists told once of each worker in the rows of the lane. Of each field the newest
// list's word stands, in whatever order the answers come.
func (tx *Tx) KeepOnceAWorker(ctx context.Context, employer payroll.EmployerID, lane fault.Lane, codes []string, lists []uuid.UUID, at time.Time) error {
	// One at a time: two organisations that accept the same workers would wait for each other's rows in turn.
	if err := tx.q.LockIdentity(ctx, "persons "+string(employer)); err != nil {
		return wrap("persons", err)
	}
	return wrap("persons", tx.q.CarryOnceAWorker(ctx, sqlc.CarryOnceAWorkerParams{
		EmployerID: string(employer), At: at, WorkshopCodes: codes, ListIds: lists, Lane: lane.String(),
	}))
}

// FillOnceAWorker fills what a kept list's lines lack of what is known by now, as their tax lane is sent.
func (tx *Tx) FillOnceAWorker(ctx context.Context, l *List) error {
	h := &l.Header
	return wrap("persons", tx.q.FillOnceAWorker(ctx, sqlc.FillOnceAWorkerParams{
		LastDay: int32(h.Period.Last().Number()), WorkshopCode: string(h.Workshop), ListID: l.ID, Period: int32(h.Period.Number()), EmployerID: string(h.Employer),
	}))
}
