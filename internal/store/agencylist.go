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

// AgencyList is a list as one organisation sees it.
type AgencyList struct {
	ID           uuid.UUID
	Identity     payroll.Identity
	Version      int
	Kind         payroll.Kind
	TrackingCode payroll.TrackingCode
	ReceivedAt   time.Time
	Workers      int
	Verdict      payroll.Verdict
	Key          string
	State        payroll.State
	Reference    string
}

// AgencyLists reads the lists sent to an organisation through its own views, newest first. Call it under the organisation's
// role (ReadAs).
func (tx *Tx) AgencyLists(ctx context.Context, lane fault.Lane, period jalali.Month, before uuid.UUID, most int) ([]AgencyList, error) {
	rows, err := tx.agencyRows(ctx, lane, int32(period.Number()), beforeOrLast(before), int32(most))
	if err != nil {
		return nil, wrap("lists of an organisation", err)
	}
	lists := make([]AgencyList, len(rows))
	for i, r := range rows {
		month, err := jalali.MonthOf(int(r.Period))
		if err != nil {
			return nil, fmt.Errorf("store: lists of an organisation: %w", err)
		}
		lists[i] = AgencyList{
			ID:       r.ListID,
			Identity: payroll.Identity{Workshop: payroll.WorkshopCode(r.WorkshopCode), ContractRow: r.ContractRow, Period: month, ListNo: r.ListNo},
			Version:  version(r.Version), Kind: payroll.Kind(r.Kind), TrackingCode: payroll.TrackingCode(r.TrackingCode), ReceivedAt: r.ReceivedAt,
			Workers: int(r.Workers), Verdict: payroll.Verdict(r.Verdict), Key: r.Key, State: payroll.State(r.State), Reference: r.Reference,
		}
	}
	return lists, nil
}

func (tx *Tx) agencyRows(ctx context.Context, lane fault.Lane, period int32, before uuid.UUID, most int32) ([]sqlc.AgencyListsRow, error) {
	if lane == fault.SSO {
		return tx.q.AgencyLists(ctx, period, before, most)
	}
	rows, err := tx.q.TaxAgencyLists(ctx, period, before, most)
	all := make([]sqlc.AgencyListsRow, len(rows))
	for i, r := range rows {
		all[i] = sqlc.AgencyListsRow(r)
	}
	return all, err
}
