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

// Differing is a person whose figures differ, and of whom it is not judged yet why.
type Differing struct {
	payroll.WorkerTax
	Estimate rial.Amount
}

// SettleAlike records of a tax month's answer that there is nothing to explain of whose figures are alike, who has no estimate, and
// who is no one of ours.
func (tx *Tx) SettleAlike(ctx context.Context, of DeliveryID) error {
	return wrap("alike figures", tx.q.SettleAlike(ctx, of.Owner, of.ID))
}

// Unexplained reads persons whose figures differ for reasons not judged yet, in the order of their codes.
func (tx *Tx) Unexplained(ctx context.Context, of DeliveryID, most int) ([]Differing, error) {
	rows, err := tx.q.Unexplained(ctx, of.Owner, of.ID, int32(most))
	if err != nil {
		return nil, wrap("differences", err)
	}
	all := make([]Differing, len(rows))
	for i, r := range rows {
		all[i] = Differing{
			payroll.WorkerTax{Person: r.Person, Tax: rial.Amount(r.Tax), Months: int(r.Months), SeveralEmployers: r.SeveralEmployers}, rial.Amount(r.TaxEstimate),
		}
	}
	return all, nil
}

// Explain records what was found of persons, by person; what was judged meanwhile stays.
func (tx *Tx) Explain(ctx context.Context, of DeliveryID, found map[string]Explained) error {
	rows := make([]sqlc.ExplainDifferenceParams, 0, len(found))
	for person, x := range found {
		rows = append(rows, sqlc.ExplainDifferenceParams{
			Owner: of.Owner, DeliveryID: of.ID, Person: person, Cause: x.Cause, Proved: x.Proved, Readings: append([]string{}, x.Readings...), OurMonths: int32(x.Months),
		})
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
