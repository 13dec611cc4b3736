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
	"github.com/jackc/pgx/v5"
)

// Around is a list of a workshop in a month or the one before: one submitted here and not withdrawn, or one that was filed
// elsewhere and imported, while none of its identity was submitted here.
type Around struct {
	Identity payroll.Identity
	ID       uuid.UUID // none of an imported one
	Version  int       // 0 of an imported one
	InForce  bool      // no later version was submitted
	Insured  bool      // it was submitted to the SSO
}

// ListsAround are the lists of the identity's workshop in its month and the one before, versions of a list in order.
func (tx *Tx) ListsAround(ctx context.Context, id payroll.Identity) ([]Around, error) {
	rows, err := tx.q.ListsAround(ctx, string(id.Workshop), int32(id.Period.Add(-1).Number()), int32(id.Period.Number()))
	if err != nil {
		return nil, wrap("lists around", err)
	}
	lists := make([]Around, len(rows))
	for i, r := range rows {
		period, err := jalali.MonthOf(int(r.Period))
		if err != nil {
			return nil, fmt.Errorf("store: lists around: %w", err)
		}
		lists[i] = Around{
			Identity: payroll.Identity{Workshop: id.Workshop, ContractRow: r.ContractRow, Period: period, ListNo: r.ListNo},
			ID:       r.ListID, Version: int(r.Version), InForce: r.InForce, Insured: r.Insured,
		}
	}
	return lists, nil
}

// ListedBefore tells whether the identity's contract row ever had a list before its month.
func (tx *Tx) ListedBefore(ctx context.Context, id payroll.Identity) (bool, error) {
	listed, err := tx.q.ListedBefore(ctx, string(id.Workshop), id.ContractRow, int32(id.Period.Number()))
	return listed, wrap("lists before", err)
}

// PastLine is what is kept of a worker in an earlier or other list for later ones to be compared with.
type PastLine struct {
	Row       int
	Person    string
	Name      string
	Days      int // insured; 0 where the SSO does not get the row
	DailyWage rial.Amount
	Insurable rial.Amount // 0 where the SSO does not get the row
	EndDate   jalali.Date // the zero Date: none is told
}

// EachPastLine gives the workers of a list in row order, held ones left out. The line is used again.
func (tx *Tx) EachPastLine(ctx context.Context, list *Around, each func(*PastLine)) error {
	id := &list.Identity
	if list.ID != uuid.Nil {
		return tx.EachPastLineOf(ctx, []*Around{list}, each)
	}
	rows, err := tx.tx.Query(ctx, `SELECT line_row, person, name, days, daily_wage, dsw_mash, COALESCE(end_date, 0) FROM shared.past_lines
		WHERE workshop_code = $1 AND contract_row = $2 AND period = $3 AND list_no = $4 ORDER BY line_row`,
		string(id.Workshop), id.ContractRow, id.Period.Number(), id.ListNo)
	if err != nil {
		return wrap("past lines", err)
	}
	return eachPastLine(rows, each)
}

// EachPastLineOf gives the workers of lists of one workshop and month, those of a list in row order, held ones left out.
func (tx *Tx) EachPastLineOf(ctx context.Context, lists []*Around, each func(*PastLine)) error {
	var here []uuid.UUID
	for _, l := range lists {
		if l.ID != uuid.Nil {
			here = append(here, l.ID)
		} else if err := tx.EachPastLine(ctx, l, each); err != nil {
			return err
		}
	}
	if len(here) == 0 {
		return nil
	}
	id := &lists[0].Identity
	rows, err := tx.tx.Query(ctx, `SELECT line_row, person, COALESCE(first_name, '') || ' ' || COALESCE(last_name, ''),
			CASE WHEN reported_to IN ('both', 'sso') THEN COALESCE(days, 0) ELSE 0 END, COALESCE(daily_wage, 0),
			CASE WHEN reported_to IN ('both', 'sso') THEN dsw_mash ELSE 0 END, COALESCE(end_date, 0)
		FROM shared.lines WHERE workshop_code = $1 AND list_id = ANY($2) AND period = $3 AND hold IS NOT TRUE ORDER BY list_id, line_row`,
		string(id.Workshop), here, id.Period.Number())
	if err != nil {
		return wrap("past lines", err)
	}
	return eachPastLine(rows, each)
}

func eachPastLine(rows pgx.Rows, each func(*PastLine)) error {
	var l PastLine
	end := 0
	_, err := pgx.ForEachRow(rows, []any{&l.Row, &l.Person, &l.Name, &l.Days, (*int64)(&l.DailyWage), (*int64)(&l.Insurable), &end}, func() (err error) {
		l.EndDate = jalali.Date{}
		if end != 0 {
			l.EndDate, err = jalali.NewDate(end/10000, end/100%100, end%100)
		}
		each(&l)
		return err
	})
	return wrap("past lines", err)
}

// KeepPastList keeps an imported list, in place of an earlier import of it.
func (tx *Tx) KeepPastList(ctx context.Context, id payroll.Identity, lines []PastLine, at time.Time) error {
	code, period := string(id.Workshop), int32(id.Period.Number())
	if err := tx.q.SavePastList(ctx, sqlc.SavePastListParams{
		WorkshopCode: code, ContractRow: id.ContractRow, Period: period, ListNo: id.ListNo, ImportedAt: at,
	}); err != nil {
		return wrap("past list", err)
	}
	if err := tx.q.DeletePastLines(ctx, sqlc.DeletePastLinesParams{WorkshopCode: code, ContractRow: id.ContractRow, Period: period, ListNo: id.ListNo}); err != nil {
		return wrap("past list", err)
	}
	rows := make([]sqlc.AddPastLinesParams, len(lines))
	for i := range lines {
		l := &lines[i]
		rows[i] = sqlc.AddPastLinesParams{
			WorkshopCode: code, ContractRow: id.ContractRow, Period: period, ListNo: id.ListNo, LineRow: int32(l.Row), Person: l.Person,
			Name: l.Name, Days: int32(l.Days), DailyWage: int64(l.DailyWage), DswMash: int64(l.Insurable),
		}
		if !l.EndDate.IsZero() {
			end := int32(l.EndDate.Number())
			rows[i].EndDate = &end
		}
	}
	_, err := tx.q.AddPastLines(ctx, rows)
	return wrap("past list", err)
}

// Elsewhere is what stands of persons beside the lists of their workshop.
type Elsewhere struct {
	Told  []ToldOf
	Days  map[string]int // insured, of the month in other workshops of whatever employer
	Codes []CodesIn
}

// ToldOf is who a person is by the newest list of his employer that an organisation accepted, or that was imported.
type ToldOf struct {
	Person                          string
	FirstName, LastName, FatherName string
	BirthDate                       jalali.Date
}

// CodesIn is what another list of the tax month says of a person that all its lists must agree on.
type CodesIn struct {
	Person                                           string
	List                                             payroll.Identity
	Row                                              int
	MaySee                                           bool // the principal acts for its workshop too
	PlaceStatus, BudgetException, HousingUse, CarUse string
}

// Elsewhere reads what stands of those of the persons of a list, its header given, of whom something does. own are the ids of
// lists of its identity.
func (tx *Tx) Elsewhere(ctx context.Context, h *payroll.Header, own []uuid.UUID, persons []string, principal uuid.UUID, at time.Time) (e Elsewhere, err error) {
	month := h.TaxMonth()
	e.Days = map[string]int{}
	if own == nil {
		own = []uuid.UUID{}
	}
	periods := []int32{int32(h.Period.Number())}
	for i := 0; i < len(periods); i++ {
		rows, err := tx.q.Elsewhere(ctx, sqlc.ElsewhereParams{
			EmployerID: string(h.Employer), Persons: persons, Period: periods[i], OwnIds: own, WorkshopCode: string(h.Workshop),
			TaxFileNo: month.FileNo, TaxPeriod: int32(month.Period.Number()), OwnPeriod: periods[0],
		})
		if err != nil {
			return e, wrap("elsewhere", err)
		}
		lists, err := tx.standing(ctx, h, rows, principal, at)
		if err != nil {
			return e, err
		}
		if err := e.addCodes(rows, lists, periods[i]); err != nil {
			return e, err
		}
		if i > 0 {
			continue // of another month only what the tax month holds counts
		}
		for j := range rows {
			if rows[j].What == "month" {
				periods = append(periods, rows[j].Number)
			}
		}
		if err := e.addPersons(h, rows, lists); err != nil {
			return e, err
		}
	}
	return e, nil
}

// standing are the lists that rows were found in and that stand with an organisation.
func (tx *Tx) standing(ctx context.Context, h *payroll.Header, rows []sqlc.ElsewhereRow, principal uuid.UUID, at time.Time) (map[uuid.UUID]sqlc.StandingListsRow, error) {
	month := h.TaxMonth()
	asked := sqlc.StandingListsParams{
		EmployerID: string(h.Employer), TaxFileNo: month.FileNo, TaxPeriod: int32(month.Period.Number()), PrincipalID: principal, At: at,
		WorkshopCode: string(h.Workshop), ContractRow: h.ContractRow, OwnPeriod: int32(h.Period.Number()), ListNo: h.ListNo,
	}
	seen := map[uuid.UUID]bool{}
	for i := range rows {
		if r := &rows[i]; r.What == "line" && !seen[r.ListID] {
			seen[r.ListID] = true
			asked.WorkshopCodes, asked.ListIds = append(asked.WorkshopCodes, r.WorkshopCode), append(asked.ListIds, r.ListID)
		}
	}
	if len(seen) == 0 {
		return nil, nil
	}
	found, err := tx.q.StandingLists(ctx, asked)
	if err != nil {
		return nil, wrap("elsewhere", err)
	}
	lists := make(map[uuid.UUID]sqlc.StandingListsRow, len(found))
	for _, l := range found {
		lists[l.ListID] = l
	}
	return lists, nil
}

func (e *Elsewhere) addPersons(h *payroll.Header, rows []sqlc.ElsewhereRow, lists map[uuid.UUID]sqlc.StandingListsRow) (err error) {
	for i := range rows {
		switch r := &rows[i]; r.What {
		case "told":
			told := ToldOf{Person: r.Person, FirstName: r.First, LastName: r.Second, FatherName: r.Third}
			if n := int(r.Number); n != 0 {
				if told.BirthDate, err = jalali.NewDate(n/10000, n/100%100, n%100); err != nil {
					return fmt.Errorf("store: persons: %w", err)
				}
			}
			e.Told = append(e.Told, told)
		case "line":
			if r.WorkshopCode != string(h.Workshop) && (r.ReportedTo == "both" || r.ReportedTo == "sso") && lists[r.ListID].Insured && r.Days > 0 {
				e.Days[r.Person] += int(r.Days)
			}
		case "past":
			if !r.Submitted {
				e.Days[r.Person] += int(r.Days)
			}
		}
	}
	return nil
}

func (e *Elsewhere) addCodes(rows []sqlc.ElsewhereRow, lists map[uuid.UUID]sqlc.StandingListsRow, period int32) error {
	month, err := jalali.MonthOf(int(period))
	if err != nil {
		return fmt.Errorf("store: elsewhere: %w", err)
	}
	for i := range rows {
		r := &rows[i]
		l := lists[r.ListID]
		if r.What != "line" || !l.Taxed || r.ReportedTo != "both" && r.ReportedTo != "tax" {
			continue
		}
		e.Codes = append(e.Codes, CodesIn{
			Person: r.Person, Row: int(r.Number), MaySee: l.MaySee, PlaceStatus: r.First, BudgetException: r.Second, HousingUse: r.Third, CarUse: r.Fourth,
			List: payroll.Identity{Workshop: payroll.WorkshopCode(r.WorkshopCode), ContractRow: l.ContractRow, Period: month, ListNo: l.ListNo},
		})
	}
	return nil
}

// PastCodesIn is what an imported month says of a person that all lists of the month must agree on.
type PastCodesIn struct {
	CodesIn      // without List and Row where no imported list that still stands holds him
	Listed  bool // some imported list holds him, though a list of this window may have taken its place
}

// PastCodes reads what an imported tax month says of those of the persons of a list, its header given, whom it holds. What the list
// takes the place of, and what others of this window did, says nothing any more.
func (tx *Tx) PastCodes(ctx context.Context, h *payroll.Header, persons []string, principal uuid.UUID, at time.Time) (all []PastCodesIn, err error) {
	month := h.TaxMonth()
	rows, err := tx.q.PastCodes(ctx, sqlc.PastCodesParams{
		WorkshopCode: string(h.Workshop), ContractRow: h.ContractRow, OwnPeriod: int32(h.Period.Number()), ListNo: h.ListNo,
		PrincipalID: principal, At: at, EmployerID: string(month.Employer), TaxFileNo: month.FileNo, TaxPeriod: int32(month.Period.Number()),
		Persons: persons,
	})
	if err != nil {
		return nil, wrap("past codes", err)
	}
	for i := range rows {
		r := &rows[i]
		last := len(all) - 1
		if last < 0 || all[last].Person != r.Person {
			last++
			all = append(all, PastCodesIn{CodesIn: CodesIn{
				Person: r.Person, PlaceStatus: r.PlaceStatus, BudgetException: r.BudgetException, HousingUse: r.HousingUse, CarUse: r.CarUse,
			}})
		}
		p := &all[last]
		p.Listed = p.Listed || r.WorkshopCode != ""
		if r.WorkshopCode != "" && !r.Gone && p.List.Workshop == "" {
			p.Row, p.MaySee = int(r.LineRow), r.MaySee
			p.List = payroll.Identity{
				Workshop: payroll.WorkshopCode(r.WorkshopCode), ContractRow: r.ContractRow, Period: month.Period, ListNo: r.ListNo,
			}
		}
	}
	return all, nil
}

// PersonsInLists tells whether one of the persons stands in one of the month's lists, in a row that the SSO gets.
func (tx *Tx) PersonsInLists(ctx context.Context, month jalali.Month, lists []uuid.UUID, persons []string) (bool, error) {
	found, err := tx.q.PersonsInLists(ctx, persons, int32(month.Number()), lists)
	return found, wrap("persons in lists", err)
}

// CollectedSlip is a payment slip of the identity's lists that the SSO collected; blank where none was.
func (tx *Tx) CollectedSlip(ctx context.Context, id payroll.Identity) (string, error) {
	key, ok := payroll.ParseDeliveryKey(id.Key(1))
	if !ok {
		return "", nil
	}
	slip, err := tx.q.CollectedSlip(ctx, string(id.Workshop), key.Sequence())
	if err = wrap("collected slip", err); errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return slip, err
}

// StandingAtSSO is the identity's newest version that was submitted to the SSO and is not this one; ErrNotFound where there
// is none.
func (tx *Tx) StandingAtSSO(ctx context.Context, id payroll.Identity, except uuid.UUID) (*List, error) {
	list, err := tx.q.StandingAtSSO(ctx, sqlc.StandingAtSSOParams{
		WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()), ListNo: id.ListNo, ExceptID: except,
	})
	if err != nil {
		return nil, wrap("list at the SSO", err)
	}
	return tx.List(ctx, id.Workshop, list)
}
