package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// Explained is what was found of a person's difference between the administration's figure and the estimate.
type Explained struct {
	Cause    string // empty where nothing differs, or nothing can be compared
	Proved   bool
	Readings []string
	Months   int // that the estimate counts
}

// Unjudged is a person's figure of which it is not judged yet why it differs, or whether.
type Unjudged struct {
	payroll.WorkerTax
	Estimate *rial.Amount // nil where there is none, or the person is no one of ours
	Found    Explained    // what was judged, for Explain
}

// Unjudged reads such figures of a tax month's answer, in the order of the persons' codes behind the one given.
func (tx *Tx) Unjudged(ctx context.Context, month uuid.UUID, d *Delivery, after string, most int) ([]Unjudged, error) {
	rows, err := tx.q.Unjudged(ctx, sqlc.UnjudgedParams{
		TaxMonthID: month, Version: int32(d.Version), Owner: d.Owner, DeliveryID: d.ID, After: after, Most: int32(most),
	})
	if err != nil {
		return nil, wrap("differences", err)
	}
	all := make([]Unjudged, len(rows))
	for i, r := range rows {
		all[i] = Unjudged{
			WorkerTax: payroll.WorkerTax{Person: r.Person, Tax: rial.Amount(r.Tax), Months: int(r.Months), SeveralEmployers: r.SeveralEmployers},
			Estimate:  (*rial.Amount)(r.TaxEstimate),
		}
	}
	return all, nil
}

// Explain records what was found of figures; of those that were corrected meanwhile it records nothing.
func (tx *Tx) Explain(ctx context.Context, of DeliveryID, judged []Unjudged) error {
	rows := make([]sqlc.ExplainDifferenceParams, len(judged))
	for i := range judged {
		p := &judged[i]
		rows[i] = sqlc.ExplainDifferenceParams{
			Owner: of.Owner, DeliveryID: of.ID, Person: p.Person, Tax: int64(p.Tax), Months: int32(p.Months), SeveralEmployers: p.SeveralEmployers,
			Cause: p.Found.Cause, Proved: p.Found.Proved, Readings: append([]string{}, p.Found.Readings...), OurMonths: int32(p.Found.Months),
		}
	}
	var failed error
	tx.q.ExplainDifference(ctx, rows).Exec(func(_ int, err error) { failed = errors.Join(failed, err) })
	return wrap("explain differences", failed)
}

// UnexplainedDeliveries are tax months' deliveries that were answered before the time and of which something is not judged yet.
func (tx *Tx) UnexplainedDeliveries(ctx context.Context, before time.Time, most int) ([]DeliveryID, error) {
	rows, err := tx.q.UnexplainedDeliveries(ctx, before, int32(most))
	ids := make([]DeliveryID, len(rows))
	for i, r := range rows {
		ids[i] = DeliveryID{r.Owner, r.DeliveryID}
	}
	return ids, wrap("differences", err)
}

// HeldList is a list that a tax month was made of.
type HeldList struct {
	Month    jalali.Month // the tax month
	Identity payroll.Identity
	ID       uuid.UUID
}

// ListsOfYear are the lists that an employer's tax months of the year were made of up to the version of this one, by month and in the
// order they were submitted.
func (tx *Tx) ListsOfYear(ctx context.Context, id payroll.TaxMonthIdentity, version int) ([]HeldList, error) {
	rows, err := tx.q.ListsOfYear(ctx, sqlc.ListsOfYearParams{
		EmployerID: string(id.Employer), TaxFileNo: id.FileNo, FirstOfYear: int32(id.Period.Year*100 + 1), Period: int32(id.Period.Number()), Version: int32(version),
	})
	if err != nil {
		return nil, wrap("lists of a year", err)
	}
	lists := make([]HeldList, len(rows))
	for i, r := range rows {
		month, err := jalali.MonthOf(int(r.TaxPeriod))
		if err != nil {
			return nil, fmt.Errorf("store: lists of a year: %w", err)
		}
		period, err := jalali.MonthOf(int(r.Period))
		if err != nil {
			return nil, fmt.Errorf("store: lists of a year: %w", err)
		}
		lists[i] = HeldList{Month: month, ID: r.ListID, Identity: payroll.Identity{
			Workshop: payroll.WorkshopCode(r.WorkshopCode), ContractRow: r.ContractRow, Period: period, ListNo: r.ListNo,
		}}
	}
	return lists, nil
}

// PastInYear is what imported months of the year before this one come to for the persons.
func (tx *Tx) PastInYear(ctx context.Context, id payroll.TaxMonthIdentity, persons []string) (map[string]EarlierInYear, error) {
	rows, err := tx.q.PastInYear(ctx, sqlc.PastInYearParams{
		EmployerID: string(id.Employer), TaxFileNo: id.FileNo, FirstOfYear: int32(id.Period.Year*100 + 1), Period: int32(id.Period.Number()), Persons: persons,
	})
	if err != nil {
		return nil, wrap("imported months", err)
	}
	past := make(map[string]EarlierInYear, len(rows))
	for _, r := range rows {
		past[r.Person] = EarlierInYear{
			Months: int(r.Months), Taxable: rial.Amount(r.Taxable), Tax: rial.Amount(r.Tax), Eidi: rial.Amount(r.Eidi), NonCash: rial.Amount(r.Noncash),
		}
	}
	return past, nil
}
