package flow

import (
	"context"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// carrier fills lines with what accepted lists of the employer told once of each worker. It asks only when a line lacks
// something, for all workers at once: most lists tell all, and one that tells nothing lacks it in every line.
type carrier struct {
	s        *submission
	ctx      context.Context //nolint:containedctx // it lives as long as one reading
	employer payroll.EmployerID
	last     jalali.Date // of the list's month
	asked    bool
	known    map[string]store.Once
}

func (c *carrier) fill(l *payroll.Line) (filled payroll.ColumnSet, err error) {
	if l.Education != "" && l.EmploymentType != "" && l.JobFamily != "" && !l.StartDate.IsZero() {
		return filled, nil
	}
	if !c.asked {
		c.asked = true
		err := c.s.w.Store.Read(c.ctx, func(tx *store.Tx) (err error) {
			c.known, err = tx.OnceAWorker(c.ctx, c.employer)
			return err
		})
		if err != nil {
			return filled, err
		}
	}
	told, ok := c.known[l.Person()]
	if !ok {
		return filled, nil
	}
	for _, x := range []struct {
		column payroll.ColumnID
		to     *string
		from   string
	}{
		{payroll.ColEducation, &l.Education, told.Education},
		{payroll.ColEmploymentType, &l.EmploymentType, told.EmploymentType},
		{payroll.ColJobFamily, &l.JobFamily, told.JobFamily},
	} {
		if *x.to == "" && x.from != "" && !l.Faulty.Has(x.column) {
			*x.to = x.from
			filled.Add(x.column)
		}
	}
	// A beginning after this month, or after he left, is that of another employment.
	if d := told.StartDate; l.StartDate.IsZero() && !d.IsZero() && !l.Faulty.Any(payroll.ColStartDate, payroll.ColEndDate) &&
		!c.last.Before(d) && (l.EndDate.IsZero() || !l.EndDate.Before(d)) {
		l.StartDate = d
		filled.Add(payroll.ColStartDate)
	}
	return filled, nil
}

// keepOnce keeps what accepted lists told once of each worker.
func (w *Window) keepOnce(ctx context.Context, tx *store.Tx, d *store.Delivery) error {
	if d.Lane == fault.SSO {
		l, err := tx.List(ctx, payroll.WorkshopCode(d.Owner), d.List)
		if err != nil {
			return err
		}
		return tx.KeepOnceAWorker(ctx, l.Header.Employer, d.Lane, []string{d.Owner}, []uuid.UUID{l.ID}, w.now())
	}
	id, err := uuid.Parse(d.Owner)
	if err != nil {
		return err
	}
	month, err := tx.TaxMonth(ctx, id)
	if err != nil {
		return err
	}
	codes, lists, err := tx.ListsHeld(ctx, id, d.Version)
	if err != nil {
		return err
	}
	return tx.KeepOnceAWorker(ctx, month.Identity.Employer, d.Lane, codes, lists, w.now())
}
