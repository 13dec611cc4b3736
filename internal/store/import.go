package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// What lists tell of a worker that is kept: the columns that are asked once, and who he is.
const (
	ToldStartDate = iota
	ToldEducation
	ToldEmploymentType
	ToldJobFamily
	ToldNames // first, last and father's name, parted by NameSeparator
	ToldBirthDate
	ToldCount
)

// NameSeparator parts the names in one value.
const NameSeparator = "\x00"

// Told is one thing that is kept of a worker, and which list told it: its month as 140507, and behind it the list's id. The
// zero Told was never told. Dates are written 14000101.
type Told struct{ Value, By string }

// PersonTold is what is kept of a worker.
type PersonTold struct {
	Person string
	Told   [ToldCount]Told
}

// LockPersons keeps others from changing what is kept of an employer's workers until the transaction ends.
func (tx *Tx) LockPersons(ctx context.Context, employer payroll.EmployerID) error {
	return wrap("persons", tx.q.LockIdentity(ctx, "persons "+string(employer)))
}

// PersonsTold reads what is kept of those of the persons that the employer is known to have had.
func (tx *Tx) PersonsTold(ctx context.Context, employer payroll.EmployerID, persons []string) (map[string]PersonTold, error) {
	rows, err := tx.q.PersonsTold(ctx, string(employer), persons)
	if err != nil {
		return nil, wrap("persons", err)
	}
	known := make(map[string]PersonTold, len(rows))
	for _, r := range rows {
		known[r.Person] = PersonTold{Person: r.Person, Told: [ToldCount]Told{
			ToldStartDate:      {numberOrBlank(r.StartDate), orBlank(r.StartDateTold)},
			ToldEducation:      {orBlank(r.Education), orBlank(r.EducationTold)},
			ToldEmploymentType: {orBlank(r.EmploymentType), orBlank(r.EmploymentTypeTold)},
			ToldJobFamily:      {orBlank(r.JobFamily), orBlank(r.JobFamilyTold)},
			ToldNames:          {names(r.FirstName, r.LastName, r.FatherName), orBlank(r.NamesTold)},
			ToldBirthDate:      {numberOrBlank(r.BirthDate), orBlank(r.BirthDateTold)},
		}}
	}
	return known, nil
}

func names(first, last, father string) string {
	if first == "" && last == "" && father == "" {
		return ""
	}
	return first + NameSeparator + last + NameSeparator + father
}

func numberOrBlank(n *int32) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}

// SavePersons keeps what is told of workers, in place of what was kept of them.
func (tx *Tx) SavePersons(ctx context.Context, employer payroll.EmployerID, persons []PersonTold, at time.Time) error {
	rows := make([]sqlc.SavePersonParams, len(persons))
	for i := range persons {
		p := &persons[i]
		first, last, father := cutNames(p.Told[ToldNames].Value)
		rows[i] = sqlc.SavePersonParams{
			EmployerID: string(employer), Person: p.Person, UpdatedAt: at, FirstName: first, LastName: last, FatherName: father,
			StartDate: numberOrNil(p.Told[ToldStartDate].Value), StartDateTold: textOrNil(p.Told[ToldStartDate].By),
			Education: textOrNil(p.Told[ToldEducation].Value), EducationTold: textOrNil(p.Told[ToldEducation].By),
			EmploymentType: textOrNil(p.Told[ToldEmploymentType].Value), EmploymentTypeTold: textOrNil(p.Told[ToldEmploymentType].By),
			JobFamily: textOrNil(p.Told[ToldJobFamily].Value), JobFamilyTold: textOrNil(p.Told[ToldJobFamily].By),
			BirthDate: numberOrNil(p.Told[ToldBirthDate].Value), BirthDateTold: textOrNil(p.Told[ToldBirthDate].By),
			NamesTold: textOrNil(p.Told[ToldNames].By),
		}
	}
	var failed error
	tx.q.SavePerson(ctx, rows).Exec(func(_ int, err error) { failed = errors.Join(failed, err) })
	return wrap("persons", failed)
}

func cutNames(all string) (first, last, father string) {
	first, rest, _ := strings.Cut(all, NameSeparator)
	last, father, _ = strings.Cut(rest, NameSeparator)
	return first, last, father
}

func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func numberOrNil(s string) *int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return nil
	}
	v := int32(n)
	return &v
}

// EmployerName is the name that the registry holds of an employer; ErrNotFound where it holds none.
func (tx *Tx) EmployerName(ctx context.Context, employer payroll.EmployerID) (string, error) {
	name, err := tx.q.EmployerName(ctx, string(employer))
	return name, wrap("employer", err)
}

// HasContract tells whether the registry holds a workshop's contract row.
func (tx *Tx) HasContract(ctx context.Context, code payroll.WorkshopCode, row string) (bool, error) {
	_, err := tx.q.ContractName(ctx, string(code), row)
	if err = wrap("contract", err); errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// HasPastList tells whether a list of the identity was imported before.
func (tx *Tx) HasPastList(ctx context.Context, id payroll.Identity) (bool, error) {
	there, err := tx.q.PastListThere(ctx, sqlc.PastListThereParams{
		WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()), ListNo: id.ListNo,
	})
	return there, wrap("past list", err)
}

// PastTaxPerson is what a month of the tax year came to for a person before this window was used.
type PastTaxPerson struct {
	Person                                     string
	Taxable, Welfare, Tax, EidiExempt, NonCash rial.Amount
	TaxTold                                    bool      // the archive holds the tax; else it is our estimate
	NoFigures                                  bool      // he stands in the month's file, and what he was paid is not known
	Codes                                      PastCodes // that every list of the month must agree on
	Coded                                      bool      // Codes are known: an import of before they were kept has none
}

// PastCodes are a person's codes in an imported month, blank for the default.
type PastCodes struct{ PlaceStatus, BudgetException, HousingUse, CarUse string }

// LockPastTaxMonth keeps others from importing a tax month, and from cutting it, until the transaction ends.
func (tx *Tx) LockPastTaxMonth(ctx context.Context, id payroll.TaxMonthIdentity) error {
	return wrap("past tax month", tx.q.LockIdentity(ctx, "past "+string(id.Employer)+" "+id.FileNo+" "+strconv.Itoa(id.Period.Number())))
}

// PastMonth is what is known of a tax month that was filed before this window was used.
type PastMonth struct {
	Persons int // imported; 0 where nothing was
	// ReplacedAt is when the file made here took its place: it holds all its persons, or ReplacedBy said that it is to stand
	// alone. Nil while the imported one stands.
	ReplacedAt *time.Time
	ReplacedBy *uuid.UUID
}

// PastMonth reads it; the zero one where nothing was imported.
func (tx *Tx) PastMonth(ctx context.Context, id payroll.TaxMonthIdentity) (m PastMonth, err error) {
	employer, period := string(id.Employer), int32(id.Period.Number())
	n, err := tx.q.CountPastTaxPersons(ctx, employer, id.FileNo, period)
	if err != nil || n == 0 {
		return m, wrap("past tax month", err)
	}
	m.Persons = int(n)
	r, err := tx.q.PastMonthReplaced(ctx, employer, id.FileNo, period)
	if err = wrap("past tax month", err); errors.Is(err, ErrNotFound) {
		return m, nil
	}
	m.ReplacedAt, m.ReplacedBy = r.ReplacedAt, r.ReplacedBy
	return m, err
}

// ReplacePastMonth records that the file made here took an imported month's place, by whose word if by someone's; nil, that it did not.
func (tx *Tx) ReplacePastMonth(ctx context.Context, id payroll.TaxMonthIdentity, at *time.Time, by *uuid.UUID) error {
	return wrap("past tax month", tx.q.ReplacePastMonth(ctx, sqlc.ReplacePastMonthParams{
		EmployerID: string(id.Employer), TaxFileNo: id.FileNo, Period: int32(id.Period.Number()), ReplacedAt: at, ReplacedBy: by,
	}))
}

// PastTaxMonth reads what was imported of a tax month, by person.
func (tx *Tx) PastTaxMonth(ctx context.Context, id payroll.TaxMonthIdentity) (map[string]PastTaxPerson, error) {
	rows, err := tx.q.PastTaxPersons(ctx, string(id.Employer), id.FileNo, int32(id.Period.Number()))
	if err != nil {
		return nil, wrap("past tax month", err)
	}
	persons := make(map[string]PastTaxPerson, len(rows))
	for _, r := range rows {
		persons[r.Person] = PastTaxPerson{
			Person: r.Person, Taxable: rial.Amount(r.Taxable), Welfare: rial.Amount(r.TaxableWelfare), Tax: rial.Amount(r.BeforeForgiveness),
			EidiExempt: rial.Amount(r.EidiExempt), NonCash: rial.Amount(r.NoncashExempt), TaxTold: r.TaxTold, NoFigures: r.NoFigures,
			Codes: PastCodes{orBlank(r.PlaceStatus), orBlank(r.BudgetException), orBlank(r.HousingUse), orBlank(r.CarUse)},
			Coded: r.PlaceStatus != nil,
		}
	}
	return persons, nil
}

// KeepPastTaxPersons keeps persons' figures and codes of a tax month, in place of what was imported of them before.
func (tx *Tx) KeepPastTaxPersons(ctx context.Context, id payroll.TaxMonthIdentity, persons []PastTaxPerson, at time.Time) error {
	employer, period := string(id.Employer), int32(id.Period.Number())
	rows, names := make([]sqlc.AddPastTaxPersonsParams, len(persons)), make([]string, len(persons))
	for i := range persons {
		p := &persons[i]
		names[i] = p.Person
		rows[i] = sqlc.AddPastTaxPersonsParams{
			EmployerID: employer, TaxFileNo: id.FileNo, Period: period, Person: p.Person,
			Taxable: int64(p.Taxable), TaxableWelfare: int64(p.Welfare), BeforeForgiveness: int64(p.Tax), EidiExempt: int64(p.EidiExempt),
			NoncashExempt: int64(p.NonCash), TaxTold: p.TaxTold, NoFigures: p.NoFigures, ImportedAt: at,
		}
		if c := &p.Codes; p.Coded {
			rows[i].PlaceStatus, rows[i].BudgetException, rows[i].HousingUse, rows[i].CarUse = &c.PlaceStatus, &c.BudgetException, &c.HousingUse, &c.CarUse
		}
	}
	err := tx.q.DeletePastTaxPersons(ctx, sqlc.DeletePastTaxPersonsParams{EmployerID: employer, TaxFileNo: id.FileNo, Period: period, Persons: names})
	if err != nil {
		return wrap("past tax month", err)
	}
	if err := tx.q.AddPastTaxMonth(ctx, employer, id.FileNo, period); err != nil {
		return wrap("past tax month", err)
	}
	_, err = tx.q.AddPastTaxPersons(ctx, rows)
	return wrap("past tax month", err)
}

// TaxMonthsKnown are the months of the tax year before the given one of which figures are kept, submitted or imported.
func (tx *Tx) TaxMonthsKnown(ctx context.Context, id payroll.TaxMonthIdentity) (months []jalali.Month, err error) {
	rows, err := tx.q.TaxMonthsKnown(ctx, sqlc.TaxMonthsKnownParams{
		EmployerID: string(id.Employer), TaxFileNo: id.FileNo, FirstOfYear: int32(id.Period.Year*100 + 1), Before: int32(id.Period.Number()),
	})
	if err != nil {
		return nil, wrap("tax months", err)
	}
	for _, n := range rows {
		m, err := jalali.MonthOf(int(n))
		if err != nil {
			return nil, wrap("tax months", err)
		}
		months = append(months, m)
	}
	return months, nil
}
