package store

import (
	"context"
	"fmt"
	"time"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// TaxMonth is an employer's tax file in one month: its newest version, and when a waiting change is to be cut.
type TaxMonth struct {
	ID       uuid.UUID
	Identity payroll.TaxMonthIdentity
	DueAt    *time.Time // nil when nothing waits
	Version  int        // 0 before the first cut
	Changes  int64      // how often it was marked as changed
}

// TaxMonthDue marks a tax month as changed, to be cut at the time, and makes it where it is new.
func (tx *Tx) TaxMonthDue(ctx context.Context, id payroll.TaxMonthIdentity, at time.Time) (uuid.UUID, error) {
	month, err := tx.q.TaxMonthDue(ctx, sqlc.TaxMonthDueParams{
		TaxMonthID: NewID(), EmployerID: string(id.Employer), TaxFileNo: id.FileNo, Period: int32(id.Period.Number()), DueAt: &at,
	})
	return month, wrap("tax month", err)
}

// TaxMonth reads a tax month.
func (tx *Tx) TaxMonth(ctx context.Context, id uuid.UUID) (*TaxMonth, error) {
	row, err := tx.q.TaxMonth(ctx, id)
	if err != nil {
		return nil, wrap("tax month", err)
	}
	return taxMonthOf(row)
}

// TaxMonthOf finds a tax month by what it is; ErrNotFound where no list of it was ever sent.
func (tx *Tx) TaxMonthOf(ctx context.Context, id payroll.TaxMonthIdentity) (*TaxMonth, error) {
	row, err := tx.q.TaxMonthOf(ctx, string(id.Employer), id.FileNo, int32(id.Period.Number()))
	if err != nil {
		return nil, wrap("tax month", err)
	}
	return taxMonthOf(row)
}

// TaxMonthsOf reads an employer's tax months of a month, one a tax file.
func (tx *Tx) TaxMonthsOf(ctx context.Context, employer payroll.EmployerID, period jalali.Month) ([]*TaxMonth, error) {
	rows, err := tx.q.TaxMonthsOf(ctx, string(employer), int32(period.Number()))
	if err != nil {
		return nil, wrap("tax months", err)
	}
	months := make([]*TaxMonth, len(rows))
	for i, r := range rows {
		if months[i], err = taxMonthOf(r); err != nil {
			return nil, err
		}
	}
	return months, nil
}

// OverdueTaxMonths lists tax months whose cut should have been made before the time.
func (tx *Tx) OverdueTaxMonths(ctx context.Context, before time.Time) ([]uuid.UUID, error) {
	ids, err := tx.q.DueTaxMonths(ctx, before)
	return ids, wrap("tax months", err)
}

// HurryTaxMonth moves a waiting cut to the time; a month where nothing waits is left alone.
func (tx *Tx) HurryTaxMonth(ctx context.Context, id uuid.UUID, at time.Time) error {
	return wrap("tax month", tx.q.HurryTaxMonth(ctx, at, id))
}

// ListsOfTaxMonth reads the newest version of each identity that was sent to the tax lane and not withdrawn, in the order
// they were submitted.
func (tx *Tx) ListsOfTaxMonth(ctx context.Context, id payroll.TaxMonthIdentity) ([]*List, error) {
	rows, err := tx.q.ListsOfTaxMonth(ctx, string(id.Employer), id.FileNo, int32(id.Period.Number()))
	if err != nil {
		return nil, wrap("lists of a tax month", err)
	}
	return listsOf(rows, func(r sqlc.ListsOfTaxMonthRow) sqlc.ListByIDRow { return sqlc.ListByIDRow(r) })
}

// CutTaxMonth records that the changes seen are cut into the version, which may be the newest already; ErrMoved when another
// change came in between.
func (tx *Tx) CutTaxMonth(ctx context.Context, seen *TaxMonth, version int) error {
	n, err := tx.q.CutTaxMonth(ctx, int32(version), seen.ID, seen.Changes)
	return one("tax month", n, err)
}

// EarlierTaxMonth is the one that the newest earlier version of a list's identity was sent to; ErrNotFound where none was.
func (tx *Tx) EarlierTaxMonth(ctx context.Context, l *List) (id payroll.TaxMonthIdentity, err error) {
	h := &l.Header
	r, err := tx.q.EarlierTaxMonth(ctx, sqlc.EarlierTaxMonthParams{
		WorkshopCode: string(h.Workshop), ContractRow: h.ContractRow, Period: int32(h.Period.Number()), ListNo: h.ListNo, Version: int32(l.Version),
	})
	if err != nil {
		return id, wrap("tax month", err)
	}
	id.Employer, id.FileNo = payroll.EmployerID(r.EmployerID), r.TaxFileNo
	if id.Period, err = jalali.MonthOf(int(r.TaxPeriod)); err != nil {
		return id, fmt.Errorf("store: tax month: %w", err)
	}
	return id, nil
}

// ListsHeld are the lists that a version of a tax month holds.
func (tx *Tx) ListsHeld(ctx context.Context, id uuid.UUID, version int) (codes []string, lists []uuid.UUID, err error) {
	rows, err := tx.q.ListsHeld(ctx, id, int32(version))
	for _, r := range rows {
		codes, lists = append(codes, r.WorkshopCode), append(lists, r.ListID)
	}
	return codes, lists, wrap("lists of a tax month version", err)
}

// AddTaxMonthVersion keeps a version of a tax month with each person's figures, on which later months build.
func (tx *Tx) AddTaxMonthVersion(ctx context.Context, id uuid.UUID, m *payroll.TaxMonth, at time.Time) error {
	v := sqlc.AddTaxMonthVersionParams{TaxMonthID: id, Version: int32(m.Version), CutAt: at, Persons: int32(len(m.Persons))}
	persons := make([]sqlc.AddTaxMonthPersonsParams, len(m.Persons))
	for i := range m.Persons {
		p := &m.Persons[i]
		a := &p.Assessed
		persons[i] = sqlc.AddTaxMonthPersonsParams{
			TaxMonthID: id, Version: v.Version, Person: p.Line.Person(), Position: int32(i), Taxable: int64(a.Taxable), TaxableWelfare: int64(a.Welfare),
			Opened:            p.Line.Given.Any(payroll.ColYTDMonths, payroll.ColYTDTaxable, payroll.ColYTDTax, payroll.ColYTDEidi, payroll.ColYTDNonCash),
			BeforeForgiveness: int64(a.BeforeForgiveness), EidiExempt: int64(a.EidiExempt), NoncashExempt: int64(a.NonCashExempt),
			Paid: a.Paid, OpeningMonths: int32(p.Line.YTDMonths), OpeningTaxable: int64(p.Line.YTDTaxable), OpeningTax: int64(p.Line.YTDTax),
			OpeningEidi: int64(p.Line.YTDEidi), OpeningNoncash: int64(p.Line.YTDNonCash),
		}
		v.Taxable += int64(a.Taxable)
		if !a.NoEstimate {
			persons[i].TaxEstimate = (*int64)(&a.TaxEstimate)
			v.TaxEstimate += int64(a.TaxEstimate)
		}
	}
	if err := tx.q.AddTaxMonthVersion(ctx, v); err != nil {
		return wrap("tax month version", err)
	}
	_, err := tx.q.AddTaxMonthPersons(ctx, persons)
	return wrap("tax month persons", err)
}

// HoldInTaxMonth records that a version of a tax month holds the lists.
func (tx *Tx) HoldInTaxMonth(ctx context.Context, id uuid.UUID, version int, lists []*List) error {
	for _, l := range lists {
		err := tx.q.AddTaxMonthList(ctx, sqlc.AddTaxMonthListParams{
			TaxMonthID: id, Version: int32(version), WorkshopCode: string(l.Header.Workshop), ListID: l.ID,
		})
		if err != nil {
			return wrap("lists of a tax month version", err)
		}
	}
	return nil
}

// AddUncutVersion keeps a version of a tax month whose files could not be made: with the lists in force, and the figures of the version
// before, on which later months go on building. Nothing of the lists is read.
func (tx *Tx) AddUncutVersion(ctx context.Context, id uuid.UUID, version int, at time.Time) error {
	if err := tx.q.AddUncutVersion(ctx, int32(version), at, id); err != nil {
		return wrap("tax month version", err)
	}
	if err := tx.q.CopyTaxMonthPersons(ctx, int32(version), id); err != nil {
		return wrap("tax month persons", err)
	}
	return wrap("lists of a tax month version", tx.q.HoldListsInForce(ctx, int32(version), id))
}

// TaxMonthVersion is one version of a tax month and its delivery.
type TaxMonthVersion struct {
	Version     int
	CutAt       time.Time
	Persons     int
	Taxable     rial.Amount
	TaxEstimate rial.Amount
	Delivery    Delivery
}

// TaxMonthVersions reads all versions, oldest first.
func (tx *Tx) TaxMonthVersions(ctx context.Context, id uuid.UUID) ([]TaxMonthVersion, error) {
	rows, err := tx.q.TaxMonthVersions(ctx, id)
	if err != nil {
		return nil, wrap("tax month versions", err)
	}
	versions := make([]TaxMonthVersion, len(rows))
	for i, r := range rows {
		versions[i] = TaxMonthVersion{
			Version: int(r.Version), CutAt: r.CutAt, Persons: int(r.Persons), Taxable: rial.Amount(r.Taxable), TaxEstimate: rial.Amount(r.TaxEstimate),
			Delivery: Delivery{
				DeliveryID: DeliveryID{id.String(), r.DeliveryID}, Key: r.Key, Version: int(r.Version), State: payroll.State(r.State),
				Reference: r.Reference, Digest: r.Digest, Reason: r.Reason, DecidedAt: r.DecidedAt,
			},
		}
	}
	return versions, nil
}

// TaxMonthPerson is one person of a tax month's version: our estimate beside the administration's figure.
type TaxMonthPerson struct {
	Person   string
	Taxable  rial.Amount
	Estimate *rial.Amount // nil where no rule is known
	Answer   *payroll.WorkerTax
	// Found is why Answer differs from Estimate; nil until it is judged.
	Found *Explained
}

// TaxMonthPersons reads the persons of a version in their order.
func (tx *Tx) TaxMonthPersons(ctx context.Context, id uuid.UUID, version int) ([]TaxMonthPerson, error) {
	rows, err := tx.q.TaxMonthPersons(ctx, id, int32(version))
	if err != nil {
		return nil, wrap("tax month persons", err)
	}
	persons := make([]TaxMonthPerson, len(rows))
	for i, r := range rows {
		persons[i] = taxMonthPersonOf(r)
	}
	return persons, nil
}

// TaxMonthPersonsOf reads some persons of the version that a delivery carries.
func (tx *Tx) TaxMonthPersonsOf(ctx context.Context, of DeliveryID, names []string) (map[string]*TaxMonthPerson, error) {
	id, err := uuid.Parse(of.Owner)
	if err != nil {
		return nil, fmt.Errorf("store: tax month persons: %w", err)
	}
	rows, err := tx.q.TaxMonthPersonsOf(ctx, id, of.ID, names)
	if err != nil {
		return nil, wrap("tax month persons", err)
	}
	persons := make(map[string]*TaxMonthPerson, len(rows))
	for _, r := range rows {
		p := taxMonthPersonOf(sqlc.TaxMonthPersonsRow(r))
		persons[p.Person] = &p
	}
	return persons, nil
}

func taxMonthPersonOf(r sqlc.TaxMonthPersonsRow) TaxMonthPerson {
	p := TaxMonthPerson{Person: r.Person, Taxable: rial.Amount(r.Taxable), Estimate: (*rial.Amount)(r.TaxEstimate)}
	if r.Tax == nil || r.Months == nil || r.SeveralEmployers == nil {
		return p
	}
	p.Answer = &payroll.WorkerTax{Person: r.Person, Tax: rial.Amount(*r.Tax), Months: int(*r.Months), SeveralEmployers: *r.SeveralEmployers}
	if r.Cause != nil && r.Proved != nil && r.OurMonths != nil {
		p.Found = &Explained{Cause: *r.Cause, Proved: *r.Proved, Readings: r.Readings, Months: int(*r.OurMonths)}
	}
	return p
}

// PersonsOfWorkshops are the persons of a tax month's version who stand in lists of the workshops.
func (tx *Tx) PersonsOfWorkshops(ctx context.Context, id uuid.UUID, version int, codes []payroll.WorkshopCode) (map[string]bool, error) {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = string(c)
	}
	persons, err := tx.q.PersonsOfLists(ctx, id, int32(version), names)
	if err != nil {
		return nil, wrap("tax month persons", err)
	}
	set := make(map[string]bool, len(persons))
	for _, p := range persons {
		set[p] = true
	}
	return set, nil
}

// WorkshopsOfTaxMonth are the workshops whose lists make a tax month.
func (tx *Tx) WorkshopsOfTaxMonth(ctx context.Context, id payroll.TaxMonthIdentity) ([]payroll.WorkshopCode, error) {
	names, err := tx.q.WorkshopsOfTaxMonth(ctx, string(id.Employer), id.FileNo, int32(id.Period.Number()))
	if err != nil {
		return nil, wrap("workshops of a tax month", err)
	}
	codes := make([]payroll.WorkshopCode, len(names))
	for i, n := range names {
		codes[i] = payroll.WorkshopCode(n)
	}
	return codes, nil
}

// EarlierInYear is what a person's earlier tax months of the year hold at this employer's tax file, by their newest versions.
type EarlierInYear struct {
	Months                      int         // with pay, those of an opening balance included
	Taxable, Tax, Eidi, NonCash rial.Amount // Taxable without welfare; an opening balance's included
	Opened                      bool        // an opening balance is in the sums
}

// EarlierInYear reads the year before the month, by person.
func (tx *Tx) EarlierInYear(ctx context.Context, id payroll.TaxMonthIdentity) (map[string]EarlierInYear, error) {
	rows, err := tx.q.EarlierInYear(ctx, sqlc.EarlierInYearParams{
		EmployerID: string(id.Employer), TaxFileNo: id.FileNo, FirstOfYear: int32(id.Period.Year*100 + 1), Period: int32(id.Period.Number()),
	})
	if err != nil {
		return nil, wrap("earlier months", err)
	}
	persons := make(map[string]EarlierInYear, len(rows))
	for _, r := range rows {
		persons[r.Person] = EarlierInYear{
			Months: int(r.Months), Taxable: rial.Amount(r.Taxable), Tax: rial.Amount(r.Tax), Eidi: rial.Amount(r.Eidi), NonCash: rial.Amount(r.Noncash),
			Opened: r.Opened,
		}
	}
	return persons, nil
}

func taxMonthOf(r sqlc.SharedTaxMonth) (*TaxMonth, error) {
	period, err := jalali.MonthOf(int(r.Period))
	if err != nil {
		return nil, fmt.Errorf("store: tax month: %w", err)
	}
	return &TaxMonth{
		ID: r.TaxMonthID, Identity: payroll.TaxMonthIdentity{Employer: payroll.EmployerID(r.EmployerID), FileNo: r.TaxFileNo, Period: period},
		DueAt: r.DueAt, Version: int(r.Version), Changes: r.Changes,
	}, nil
}
