package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// List is one kept list. Version is zero for a draft and for a rejected list; a nil time has not happened.
type List struct {
	ID           uuid.UUID
	Version      int
	Header       payroll.Header
	TrackingCode payroll.TrackingCode
	SHA256       []byte
	FileName     string
	Format       string
	Principal    uuid.UUID // who sent it; not read back
	ReceivedAt   time.Time
	LawFile      string
	Asked        fault.Lane // lanes the sender asked for; not read back
	Verdicts     payroll.Verdicts
	SubmittedSSO *time.Time
	SubmittedTax *time.Time
	WithdrawnAt  *time.Time
	ReplacedBy   *uuid.UUID
	Workers      int
	HeldRows     []int
	Totals       payroll.Totals
	Receipt      json.RawMessage // as it was signed
	In           *BundlePlace    // where its bytes lie in a file of many; nil for a file of its own; not read back
}

// BundlePlace is a list's place in a file of many.
type BundlePlace struct {
	Bundle   uuid.UUID
	Position int
}

func (p *BundlePlace) columns() (bundle *uuid.UUID, position *int32) {
	if p == nil {
		return nil, nil
	}
	n := int32(p.Position)
	return &p.Bundle, &n
}

// Submitted are the lanes the list was sent to.
func (l *List) Submitted() (lanes fault.Lane) {
	if l.SubmittedSSO != nil {
		lanes |= fault.SSO
	}
	if l.SubmittedTax != nil {
		lanes |= fault.Tax
	}
	return lanes
}

// Submit marks lanes as sent at the time, those already sent left alone.
func (l *List) Submit(lanes fault.Lane, at time.Time) {
	if lanes.Has(fault.SSO) && l.SubmittedSSO == nil {
		l.SubmittedSSO = &at
	}
	if lanes.Has(fault.Tax) && l.SubmittedTax == nil {
		l.SubmittedTax = &at
	}
}

// AddList keeps a list and its tracking code.
func (tx *Tx) AddList(ctx context.Context, l *List) error {
	header, totals, held, err := l.encode()
	if err != nil {
		return err
	}
	h := &l.Header
	bundle, position := l.In.columns()
	err = tx.q.AddList(ctx, sqlc.AddListParams{
		WorkshopCode: string(h.Workshop), ListID: l.ID, ContractRow: h.ContractRow, Period: int32(h.Period.Number()), ListNo: h.ListNo,
		Version: versionOrNil(l.Version), Kind: string(h.Kind), EmployerID: string(h.Employer), TaxFileNo: h.TaxFileNo,
		TaxPeriod: int32(h.TaxPeriod.Number()), Header: header, TrackingCode: string(l.TrackingCode), Sha256: l.SHA256,
		FileName: l.FileName, Format: l.Format, PrincipalID: l.Principal, ReceivedAt: l.ReceivedAt, LawFile: l.LawFile,
		LanesAsked: l.Asked.String(), VerdictSso: string(l.Verdicts.SSO), VerdictTax: string(l.Verdicts.Tax),
		SubmittedSsoAt: l.SubmittedSSO, SubmittedTaxAt: l.SubmittedTax, Workers: int32(l.Workers), HeldRows: held, Totals: totals,
		Receipt: l.Receipt, BundleID: bundle, BundlePosition: position,
	})
	if err != nil {
		return wrap("add list", err)
	}
	return wrap("add tracking code", tx.q.AddTracking(ctx, string(l.TrackingCode), l.ID, string(h.Workshop)))
}

// SendLanes records that lanes of a kept list were sent after all, and what was judged of it by then; ErrMoved where it is no
// longer in force.
func (tx *Tx) SendLanes(ctx context.Context, l *List) error {
	header, totals, held, err := l.encode()
	if err != nil {
		return err
	}
	h := &l.Header
	bundle, position := l.In.columns()
	n, err := tx.q.SendLanes(ctx, sqlc.SendLanesParams{
		Version: int32(l.Version), LanesAsked: l.Asked.String(), VerdictSso: string(l.Verdicts.SSO), VerdictTax: string(l.Verdicts.Tax),
		SubmittedSsoAt: l.SubmittedSSO, SubmittedTaxAt: l.SubmittedTax, LawFile: l.LawFile, Totals: totals, Receipt: l.Receipt,
		Header: header, EmployerID: string(h.Employer), TaxFileNo: h.TaxFileNo, TaxPeriod: int32(h.TaxPeriod.Number()),
		Workers: int32(l.Workers), HeldRows: held, WorkshopCode: string(h.Workshop), ListID: l.ID,
		BundleID: bundle, BundlePosition: position,
	})
	return one("list", n, err)
}

func (l *List) encode() (header, totals []byte, held []int32, err error) {
	if header, err = encodeHeader(&l.Header); err != nil {
		return nil, nil, nil, err
	}
	if totals, err = json.Marshal(l.Totals); err != nil {
		return nil, nil, nil, fmt.Errorf("store: totals: %w", err)
	}
	held = make([]int32, len(l.HeldRows))
	for i, row := range l.HeldRows {
		held[i] = int32(row)
	}
	return header, totals, held, nil
}

// ReplaceList records that a later version took a list's place; ErrMoved where another did so before.
func (tx *Tx) ReplaceList(ctx context.Context, code payroll.WorkshopCode, list, by uuid.UUID) error {
	n, err := tx.q.ReplaceList(ctx, by, string(code), list)
	return one("list", n, err)
}

// LockMonth makes everyone else wait who would submit a list of the identity's workshop and month, until this transaction
// ends: its lists share their numbers and the five exempted workers.
func (tx *Tx) LockMonth(ctx context.Context, id payroll.Identity) error {
	return wrap("lock month", tx.q.LockIdentity(ctx, lockOf(id)))
}

// TryLockMonth is LockMonth where no one else holds it; it tells whether it does now.
func (tx *Tx) TryLockMonth(ctx context.Context, id payroll.Identity) (bool, error) {
	locked, err := tx.q.TryLockIdentity(ctx, lockOf(id))
	return locked, wrap("lock month", err)
}

func lockOf(id payroll.Identity) string {
	return "lists " + string(id.Workshop) + " " + id.Period.String()
}

// Known is what is known of a list that the same bytes, or the same identity, brought here before.
type Known struct {
	ID           uuid.UUID
	Version      int
	TrackingCode payroll.TrackingCode // only of the list in force
	Asked        fault.Lane           // not of the list in force
	Verdicts     payroll.Verdicts     // not of the list in force
	Submitted    fault.Lane           // not of the list in force
	Withdrawn    bool
	Replaced     bool
	Receipt      payroll.Receipt
}

// SameBytes lists what the same bytes brought under the identity, oldest first.
func (tx *Tx) SameBytes(ctx context.Context, id payroll.Identity, sha256 []byte) ([]Known, error) {
	rows, err := tx.q.SameBytes(ctx, sqlc.SameBytesParams{
		WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()), ListNo: id.ListNo, Sha256: sha256,
	})
	if err != nil {
		return nil, wrap("same bytes", err)
	}
	known := make([]Known, len(rows))
	for i, r := range rows {
		k := Known{
			ID: r.ListID, Version: version(r.Version), Withdrawn: r.WithdrawnAt != nil, Replaced: r.ReplacedBy != nil,
			Verdicts: payroll.Verdicts{SSO: payroll.Verdict(r.VerdictSso), Tax: payroll.Verdict(r.VerdictTax)},
		}
		if r.SubmittedSsoAt != nil {
			k.Submitted |= fault.SSO
		}
		if r.SubmittedTaxAt != nil {
			k.Submitted |= fault.Tax
		}
		if err := errors.Join(k.Asked.UnmarshalText([]byte(r.LanesAsked)), json.Unmarshal(r.Receipt, &k.Receipt)); err != nil {
			return nil, fmt.Errorf("store: same bytes: %w", err)
		}
		known[i] = k
	}
	return known, nil
}

// InForce is the identity's newest version that was neither withdrawn nor replaced; ErrNotFound where there is none.
func (tx *Tx) InForce(ctx context.Context, id payroll.Identity) (Known, error) {
	r, err := tx.q.InForce(ctx, sqlc.InForceParams{
		WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()), ListNo: id.ListNo,
	})
	if err != nil {
		return Known{}, wrap("list in force", err)
	}
	k := Known{ID: r.ListID, Version: version(r.Version), TrackingCode: payroll.TrackingCode(r.TrackingCode)}
	return k, wrap("list in force", json.Unmarshal(r.Receipt, &k.Receipt))
}

// StandsInMonth tells whether a list of the identity's contract row and month, of whatever number, is in force under a tracking code.
func (tx *Tx) StandsInMonth(ctx context.Context, id payroll.Identity, code payroll.TrackingCode) (bool, error) {
	stands, err := tx.q.StandsInMonth(ctx, sqlc.StandsInMonthParams{
		WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()), TrackingCode: string(code),
	})
	return stands, wrap("list of the month", err)
}

// HighestVersion is the identity's highest version ever given, withdrawn ones included; 0 where there is none.
func (tx *Tx) HighestVersion(ctx context.Context, id payroll.Identity) (int, error) {
	n, err := tx.q.HighestVersion(ctx, sqlc.HighestVersionParams{
		WorkshopCode: string(id.Workshop), ContractRow: id.ContractRow, Period: int32(id.Period.Number()), ListNo: id.ListNo,
	})
	return int(n), wrap("highest version", err)
}

// ExemptUsed counts the rows of the workshop's other lists of the month whose employer's share was waived.
func (tx *Tx) ExemptUsed(ctx context.Context, id payroll.Identity) (int, error) {
	n, err := tx.q.ExemptUsed(ctx, sqlc.ExemptUsedParams{
		WorkshopCode: string(id.Workshop), Period: int32(id.Period.Number()), ContractRow: id.ContractRow, ListNo: id.ListNo,
	})
	return int(n), wrap("exempt rows", err)
}

// WorkshopOfList tells which workshop a list belongs to; ErrNotFound where there is no such list.
func (tx *Tx) WorkshopOfList(ctx context.Context, list uuid.UUID) (payroll.WorkshopCode, error) {
	code, err := tx.q.WhereIsList(ctx, list)
	return payroll.WorkshopCode(code), wrap("list", err)
}

// SenderOfList tells who sent a list.
func (tx *Tx) SenderOfList(ctx context.Context, code payroll.WorkshopCode, list uuid.UUID) (uuid.UUID, error) {
	sender, err := tx.q.SenderOfList(ctx, string(code), list)
	return sender, wrap("sender of list", err)
}

// List reads a list.
func (tx *Tx) List(ctx context.Context, code payroll.WorkshopCode, list uuid.UUID) (*List, error) {
	row, err := tx.q.ListByID(ctx, string(code), list)
	if err != nil {
		return nil, wrap("list", err)
	}
	return listOf(row)
}

// Page says which lists of those a principal may see: newest first, before a list, of a workshop and month when named.
type Page struct {
	Workshop payroll.WorkshopCode
	Period   jalali.Month
	Before   uuid.UUID // the zero id begins at the newest
	Most     int
}

// Lists reads one page of the lists a principal may see.
func (tx *Tx) Lists(ctx context.Context, principal uuid.UUID, at time.Time, p Page) ([]*List, error) {
	rows, err := tx.q.ListsPage(ctx, sqlc.ListsPageParams{
		PrincipalID: principal, At: at, WorkshopCode: string(p.Workshop), Period: int32(p.Period.Number()), Before: beforeOrLast(p.Before), Most: int32(p.Most),
	})
	if err != nil {
		return nil, wrap("lists", err)
	}
	return listsOf(rows, func(r sqlc.ListsPageRow) sqlc.ListByIDRow { return sqlc.ListByIDRow(r) })
}

// LaterVersions are the versions of a list's identity above its own, in order.
func (tx *Tx) LaterVersions(ctx context.Context, l *List) ([]*List, error) {
	h := &l.Header
	rows, err := tx.q.LaterVersions(ctx, sqlc.LaterVersionsParams{
		WorkshopCode: string(h.Workshop), ContractRow: h.ContractRow, Period: int32(h.Period.Number()), ListNo: h.ListNo, Version: int32(l.Version),
	})
	if err != nil {
		return nil, wrap("later versions", err)
	}
	return listsOf(rows, func(r sqlc.LaterVersionsRow) sqlc.ListByIDRow { return sqlc.ListByIDRow(r) })
}

func listsOf[R any](rows []R, as func(R) sqlc.ListByIDRow) ([]*List, error) {
	lists := make([]*List, len(rows))
	for i, r := range rows {
		l, err := listOf(as(r))
		if err != nil {
			return nil, err
		}
		lists[i] = l
	}
	return lists, nil
}

func listOf(r sqlc.ListByIDRow) (*List, error) {
	h, err := decodeHeader(r.Header)
	if err != nil {
		return nil, err
	}
	l := &List{
		ID: r.ListID, Version: version(r.Version), Header: h, TrackingCode: payroll.TrackingCode(r.TrackingCode), SHA256: r.Sha256,
		FileName: r.FileName, Format: r.Format, ReceivedAt: r.ReceivedAt, LawFile: r.LawFile,
		Verdicts:     payroll.Verdicts{SSO: payroll.Verdict(r.VerdictSso), Tax: payroll.Verdict(r.VerdictTax)},
		SubmittedSSO: r.SubmittedSsoAt, SubmittedTax: r.SubmittedTaxAt, WithdrawnAt: r.WithdrawnAt, ReplacedBy: r.ReplacedBy,
		Workers: int(r.Workers), HeldRows: make([]int, len(r.HeldRows)), Receipt: r.Receipt,
	}
	for i, row := range r.HeldRows {
		l.HeldRows[i] = int(row)
	}
	if err := json.Unmarshal(r.Totals, &l.Totals); err != nil {
		return nil, fmt.Errorf("store: totals: %w", err)
	}
	return l, nil
}

// SaveFindings keeps what was found in a list, as the report that is shown of it.
func (tx *Tx) SaveFindings(ctx context.Context, code payroll.WorkshopCode, list uuid.UUID, report []byte) error {
	return wrap("save findings", tx.q.SaveFindings(ctx, string(code), list, report))
}

// Findings is the kept report of a list.
func (tx *Tx) Findings(ctx context.Context, code payroll.WorkshopCode, list uuid.UUID) (json.RawMessage, error) {
	b, err := tx.q.Findings(ctx, string(code), list)
	return b, wrap("findings", err)
}

// beforeOrLast turns the zero id into the one after which none sorts.
func beforeOrLast(id uuid.UUID) uuid.UUID {
	if id == uuid.Nil {
		return uuid.Max
	}
	return id
}

func version(v *int32) int {
	if v == nil {
		return 0
	}
	return int(*v)
}

func versionOrNil(v int) *int32 {
	if v == 0 {
		return nil
	}
	n := int32(v)
	return &n
}
