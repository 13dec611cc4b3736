package store

import (
	"context"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"
)

// PartNumber is a list number that a list split over several pairs of the SSO's files has taken beside its own.
type PartNumber struct {
	ListNo  string
	Of      string // the list's own number
	Part    int    // from 2
	Emptied bool   // an earlier version filed it, the newest puts no one into it
}

// PartNumbers are the numbers taken in the identity's workshop, contract row and month, a list's own in the order of its parts.
func (tx *Tx) PartNumbers(ctx context.Context, id payroll.Identity) ([]PartNumber, error) {
	rows, err := tx.q.PartNumbers(ctx, string(id.Workshop), id.ContractRow, int32(id.Period.Number()))
	if err != nil {
		return nil, wrap("part numbers", err)
	}
	numbers := make([]PartNumber, len(rows))
	for i, r := range rows {
		numbers[i] = PartNumber{r.ListNo, r.OfListNo, int(r.Part), r.Emptied}
	}
	return numbers, nil
}

// TakePartNumber takes a list number for a part of the identity's list.
func (tx *Tx) TakePartNumber(ctx context.Context, id payroll.Identity, part int, number string) error {
	return wrap("take part number", tx.q.AddPartNumber(ctx, sqlc.AddPartNumberParams{
		WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()),
		ListNo: number, OfListNo: id.ListNo, Part: int32(part),
	}))
}

// EmptyParts records that the identity's newest version fills so many parts.
func (tx *Tx) EmptyParts(ctx context.Context, id payroll.Identity, parts int) error {
	return wrap("empty parts", tx.q.EmptyParts(ctx, sqlc.EmptyPartsParams{
		Parts: int32(parts), WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()), OfListNo: id.ListNo,
	}))
}

// EmptiedParts are the emptied numbers of the workshops' lists.
func (tx *Tx) EmptiedParts(ctx context.Context, codes []payroll.WorkshopCode) (map[payroll.Identity][]string, error) {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = string(c)
	}
	rows, err := tx.q.EmptiedParts(ctx, names)
	if err != nil {
		return nil, wrap("emptied parts", err)
	}
	emptied := map[payroll.Identity][]string{}
	for _, r := range rows {
		period, err := jalali.MonthOf(int(r.Period))
		if err != nil {
			return nil, wrap("emptied parts", err)
		}
		id := payroll.Identity{Workshop: payroll.WorkshopCode(r.WorkshopCode), ContractRow: r.ContractRow, Period: period, ListNo: r.OfListNo}
		emptied[id] = append(emptied[id], r.ListNo)
	}
	return emptied, nil
}

// ListNumbers are those of the lists that are or were in force in the identity's workshop, contract row and month.
func (tx *Tx) ListNumbers(ctx context.Context, id payroll.Identity) ([]string, error) {
	numbers, err := tx.q.ListNumbers(ctx, string(id.Workshop), id.ContractRow, int32(id.Period.Number()))
	return numbers, wrap("list numbers", err)
}
