package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// Workshop is what the registry knows of a workshop.
type Workshop struct {
	Code          payroll.WorkshopCode
	Employer      payroll.EmployerID
	EmployerName  string
	Name          string
	Address       string
	PostalCode    payroll.PostalCode
	TaxOfficeCode string
	TaxFileNo     string
	ExemptFive    bool
	Profile       payroll.Profile
}

// SaveWorkshop puts a workshop and its employer into the registry, or brings them up to date.
func (tx *Tx) SaveWorkshop(ctx context.Context, w Workshop) error {
	profile, err := json.Marshal(w.Profile)
	if err != nil {
		return fmt.Errorf("store: workshop: %w", err)
	}
	if err := tx.q.SaveEmployer(ctx, string(w.Employer), w.EmployerName); err != nil {
		return wrap("save employer", err)
	}
	return wrap("save workshop", tx.q.SaveWorkshop(ctx, sqlc.SaveWorkshopParams{
		WorkshopCode: string(w.Code), EmployerID: string(w.Employer), Name: w.Name, Address: w.Address, PostalCode: string(w.PostalCode),
		TaxOfficeCode: w.TaxOfficeCode, TaxFileNo: w.TaxFileNo, ExemptFive: w.ExemptFive, Profile: profile,
	}))
}

// SaveContract puts a contract row (ردیف پیمان) of a workshop into the registry.
func (tx *Tx) SaveContract(ctx context.Context, code payroll.WorkshopCode, row, name string) error {
	return wrap("save contract", tx.q.SaveContract(ctx, string(code), row, name))
}

// Workshop finds a workshop of the registry; ErrNotFound where there is none.
func (tx *Tx) Workshop(ctx context.Context, code payroll.WorkshopCode) (Workshop, error) {
	row, err := tx.q.Workshop(ctx, string(code))
	if err != nil {
		return Workshop{}, wrap("workshop", err)
	}
	return workshopOf(row)
}

// WorkshopFor finds a workshop that the principal may act for at the moment; ErrNotFound where it is unknown or not his, so
// that no one learns which.
func (tx *Tx) WorkshopFor(ctx context.Context, code payroll.WorkshopCode, principal uuid.UUID, at time.Time) (Workshop, error) {
	row, err := tx.q.WorkshopFor(ctx, string(code), principal, at)
	if err != nil {
		return Workshop{}, wrap("workshop", err)
	}
	return workshopOf(sqlc.WorkshopRow(row))
}

func workshopOf(row sqlc.WorkshopRow) (Workshop, error) {
	w := Workshop{
		Code: payroll.WorkshopCode(row.WorkshopCode), Employer: payroll.EmployerID(row.EmployerID), EmployerName: row.EmployerName,
		Name: row.Name, Address: row.Address, PostalCode: payroll.PostalCode(row.PostalCode), TaxOfficeCode: row.TaxOfficeCode,
		TaxFileNo: row.TaxFileNo, ExemptFive: row.ExemptFive,
	}
	if err := json.Unmarshal(row.Profile, &w.Profile); err != nil {
		return Workshop{}, fmt.Errorf("store: profile of a workshop: %w", err)
	}
	return w, nil
}

// WorkshopSeen is one workshop of those a principal may act for.
type WorkshopSeen struct {
	Code         payroll.WorkshopCode
	Name         string
	Employer     payroll.EmployerID
	EmployerName string
	TaxFileNo    string
	Newest       jalali.Month // month of its newest submitted list; zero when there is none
}

// WorkshopsOf lists the workshops a principal may act for, by code, after the given one.
func (tx *Tx) WorkshopsOf(ctx context.Context, principal uuid.UUID, at time.Time, after payroll.WorkshopCode, most int) ([]WorkshopSeen, error) {
	rows, err := tx.q.WorkshopsOf(ctx, sqlc.WorkshopsOfParams{After: string(after), PrincipalID: principal, At: at, Most: int32(most)})
	if err != nil {
		return nil, wrap("workshops", err)
	}
	seen := make([]WorkshopSeen, len(rows))
	codes := make([]string, len(rows))
	for i, r := range rows {
		codes[i] = r.WorkshopCode
		seen[i] = WorkshopSeen{
			Code: payroll.WorkshopCode(r.WorkshopCode), Name: r.Name, Employer: payroll.EmployerID(r.EmployerID),
			EmployerName: r.EmployerName, TaxFileNo: r.TaxFileNo,
		}
	}
	periods, err := tx.q.NewestPeriods(ctx, codes)
	if err != nil {
		return nil, wrap("workshops", err)
	}
	newest := map[string]int32{}
	for _, p := range periods {
		newest[p.WorkshopCode] = p.Period
	}
	for i := range seen {
		if n := newest[codes[i]]; n != 0 {
			if seen[i].Newest, err = jalali.MonthOf(int(n)); err != nil {
				return nil, fmt.Errorf("store: workshops: %w", err)
			}
		}
	}
	return seen, nil
}

// NewestPeriod is the month of a workshop's newest submitted list; zero when there is none.
func (tx *Tx) NewestPeriod(ctx context.Context, code payroll.WorkshopCode) (newest jalali.Month, err error) {
	periods, err := tx.q.NewestPeriods(ctx, []string{string(code)})
	if err != nil || len(periods) == 0 {
		return newest, wrap("newest period", err)
	}
	newest, err = jalali.MonthOf(int(periods[0].Period))
	return newest, wrap("newest period", err)
}

// HoldsEmployer tells whether a principal's mandate is over the employer, and so over every workshop of his.
func (tx *Tx) HoldsEmployer(ctx context.Context, principal uuid.UUID, employer payroll.EmployerID, at time.Time) (bool, error) {
	holds, err := tx.q.HoldsEmployer(ctx, principal, string(employer), at)
	return holds, wrap("mandate", err)
}

// AddPrincipal registers someone who may sign in.
func (tx *Tx) AddPrincipal(ctx context.Context, p access.Principal) error {
	return wrap("add principal", tx.q.AddPrincipal(ctx, p.ID, p.Name, string(p.Role)))
}

// Principals lists those who may sign in, oldest first.
func (tx *Tx) Principals(ctx context.Context) ([]access.Principal, error) {
	rows, err := tx.q.Principals(ctx)
	if err != nil {
		return nil, wrap("principals", err)
	}
	all := make([]access.Principal, len(rows))
	for i, r := range rows {
		all[i] = access.Principal{ID: r.PrincipalID, Name: r.Name, Role: access.Role(r.Role)}
	}
	return all, nil
}

// AddToken lets a principal sign in with the token of this hash, until expires; the zero time is never.
func (tx *Tx) AddToken(ctx context.Context, hash []byte, principal uuid.UUID, expires time.Time) error {
	return wrap("add token", tx.q.AddToken(ctx, hash, principal, timeOrNil(expires)))
}

// RevokeToken ends a token at once; ErrMoved where it is unknown or already ended.
func (tx *Tx) RevokeToken(ctx context.Context, hash []byte, at time.Time) error {
	n, err := tx.q.RevokeToken(ctx, at, hash)
	return one("token", n, err)
}

// SignIn finds who signs in with the token of this hash; ErrNotFound where it is unknown, expired or revoked. It is one statement
// by itself, because every request begins with it.
func (s *Store) SignIn(ctx context.Context, hash []byte, at time.Time) (access.Principal, error) {
	row, err := sqlc.New(s.on(ctx)).PrincipalOfToken(ctx, hash, at)
	return access.Principal{ID: row.PrincipalID, Name: row.Name, Role: access.Role(row.Role)}, wrap("sign in", err)
}

// AddMandate lets a principal act for one workshop, or, when code is empty, for every workshop of the employer.
func (tx *Tx) AddMandate(ctx context.Context, principal uuid.UUID, employer payroll.EmployerID, code payroll.WorkshopCode, expires time.Time) error {
	p := sqlc.AddMandateParams{MandateID: NewID(), PrincipalID: principal, ExpiresAt: timeOrNil(expires)}
	if code != "" {
		p.WorkshopCode = (*string)(&code)
	} else {
		p.EmployerID = (*string)(&employer)
	}
	return wrap("add mandate", tx.q.AddMandate(ctx, p))
}

// RevokeMandates ends a principal's mandates over a workshop at once.
func (tx *Tx) RevokeMandates(ctx context.Context, principal uuid.UUID, code payroll.WorkshopCode, at time.Time) error {
	_, err := tx.q.RevokeMandates(ctx, at, principal, string(code))
	return wrap("revoke mandates", err)
}

// PinKeys keeps an organisation's key set at first sight; later ones need an operator.
func (tx *Tx) PinKeys(ctx context.Context, lane fault.Lane, keys []byte, at time.Time) error {
	return wrap("pin keys", tx.q.PinKeys(ctx, lane.String(), keys, at))
}

// PinnedKeys is an organisation's pinned key set; ErrNotFound before the first.
func (tx *Tx) PinnedKeys(ctx context.Context, lane fault.Lane) ([]byte, error) {
	keys, err := tx.q.PinnedKeys(ctx, lane.String())
	return keys, wrap("pinned keys", err)
}

// HearNonce tells whether a signed message is new, and remembers it.
func (tx *Tx) HearNonce(ctx context.Context, keyID, nonce string, at time.Time) (fresh bool, err error) {
	n, err := tx.q.HearNonce(ctx, keyID, nonce, at)
	return n == 1, wrap("nonce", err)
}

// ForgetNonces drops those heard before.
func (tx *Tx) ForgetNonces(ctx context.Context, before time.Time) error {
	return wrap("nonces", tx.q.ForgetNonces(ctx, before))
}

// NewID draws an identifier that sorts by the time it was drawn (UUIDv7).
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
