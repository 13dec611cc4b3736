package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
)

// DeliveryID names a delivery. Owner is the workshop's code for the SSO, the tax month's id for the tax administration, so
// that no job argument carries an employer's national code.
type DeliveryID struct {
	Owner string    `json:"owner"`
	ID    uuid.UUID `json:"delivery"`
}

// Delivery is what one organisation gets once.
type Delivery struct {
	DeliveryID
	Lane      fault.Lane
	Key       string // stable for ever
	Sequence  string // the key without its version
	Version   int
	List      uuid.UUID // the list of an SSO delivery
	Period    jalali.Month
	State     payroll.State
	Digest    []byte // of the parcel; nil before it is made
	Reference string // the organisation's own number
	Shares    *uuid.UUID
	Reason    string // why it needs attention
	Attempts  int
	Inquiries int
	// UnknownThere is how often in a row the organisation did not know its key, though it had confirmed the receipt.
	UnknownThere int
	CreatedAt    time.Time
	FirstSentAt  *time.Time
	ChangedAt    time.Time
	DecidedAt    *time.Time
	TriedSince   *time.Time // nil before the first attempt, or before its lane first made it wait
	UploadedAt   *time.Time // when its user says that he took it to the portal; nil for what a gateway carried
}

// AddDelivery queues a delivery, or puts it straight to the desk when its state says so.
func (tx *Tx) AddDelivery(ctx context.Context, d *Delivery) error {
	p := sqlc.AddDeliveryParams{
		Owner: d.Owner, DeliveryID: d.ID, Lane: d.Lane.String(), Key: d.Key, Sequence: d.Sequence, Version: int32(d.Version),
		Period: int32(d.Period.Number()), State: string(d.State), Digest: d.Digest, Reason: d.Reason, At: d.CreatedAt,
	}
	if d.List != uuid.Nil {
		p.ListID = &d.List
	}
	return wrap("add delivery", tx.q.AddDelivery(ctx, p))
}

// Delivery reads a delivery.
func (tx *Tx) Delivery(ctx context.Context, id DeliveryID) (*Delivery, error) {
	row, err := tx.q.Delivery(ctx, id.Owner, id.ID)
	if err != nil {
		return nil, wrap("delivery", err)
	}
	return deliveryOf(row)
}

// DeliveryByKey finds a delivery by its stable key; ErrNotFound for a key that is not ours.
func (tx *Tx) DeliveryByKey(ctx context.Context, key payroll.DeliveryKey) (*Delivery, error) {
	owner := string(key.List.Workshop)
	if key.Lane == fault.Tax {
		month, err := tx.q.TaxMonthOf(ctx, string(key.Month.Employer), key.Month.FileNo, int32(key.Month.Period.Number()))
		if err != nil {
			return nil, wrap("delivery", err)
		}
		owner = month.TaxMonthID.String()
	}
	row, err := tx.q.DeliveryByKey(ctx, owner, key.Key)
	if err != nil {
		return nil, wrap("delivery", err)
	}
	return deliveryOf(row)
}

// LockSequence makes everyone else wait who would settle or begin a version of the same thing, until this transaction ends.
func (tx *Tx) LockSequence(ctx context.Context, owner, sequence string) error {
	return wrap("lock sequence", tx.q.LockIdentity(ctx, owner+" "+sequence))
}

// Sequence reads every version of what a delivery belongs to, in order.
func (tx *Tx) Sequence(ctx context.Context, owner, sequence string) ([]*Delivery, error) {
	rows, err := tx.q.DeliveriesOfSequence(ctx, owner, sequence)
	if err != nil {
		return nil, wrap("deliveries", err)
	}
	return deliveriesOf(rows)
}

// Move is a step of a delivery. Nil and empty members leave what is kept.
type Move struct {
	To        payroll.State
	From      []payroll.State // where it may stand; the state table's own when nil
	Digest    []byte
	Reference string
	Reason    string
	Shares    *uuid.UUID
	InquireAt *time.Time
	DecidedAt *time.Time
	// UploadedAt is when the user took it to the portal.
	UploadedAt *time.Time
	Anew       bool // it has its whole time of being tried again
}

// Move moves a delivery by the state table; ErrMoved where it stands elsewhere by now.
func (tx *Tx) Move(ctx context.Context, id DeliveryID, m Move, at time.Time) error {
	from := m.From
	if from == nil {
		from = m.To.From()
	}
	names := make([]string, len(from))
	for i, s := range from {
		if !s.May(m.To) {
			return fmt.Errorf("store: the state table has no step from %s to %s", s, m.To)
		}
		names[i] = string(s)
	}
	n, err := tx.q.MoveDelivery(ctx, sqlc.MoveDeliveryParams{
		State: string(m.To), At: at, Reason: m.Reason, Digest: m.Digest, Reference: m.Reference, Shares: m.Shares,
		InquireAt: m.InquireAt, DecidedAt: m.DecidedAt, UploadedAt: m.UploadedAt, Anew: m.Anew, Owner: id.Owner, DeliveryID: id.ID, FromStates: names,
	})
	return one("delivery", n, err)
}

// KeepParcel keeps the bytes that will be sent; bytes already kept stay.
func (tx *Tx) KeepParcel(ctx context.Context, id DeliveryID, p Parcel, at time.Time) error {
	return wrap("keep parcel", tx.q.AddParcel(ctx, sqlc.AddParcelParams{
		Owner: id.Owner, DeliveryID: id.ID, Digest: p.Digest, Bytes: p.Bytes, Files: p.Files, MadeAt: at,
	}))
}

// Parcel is the ZIP of one delivery: made once, kept, and sent as it is.
type Parcel struct {
	Bytes  []byte
	Digest []byte // SHA-256
	Files  []string
}

// ParcelFiles names what is in a delivery's parcel; none before it is made.
func (tx *Tx) ParcelFiles(ctx context.Context, id DeliveryID) ([]string, error) {
	names, err := tx.q.ParcelFiles(ctx, id.Owner, id.ID)
	if err = wrap("files of a parcel", err); errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return names, err
}

// Parcel reads the bytes kept for a delivery; ErrNotFound before they are made.
func (tx *Tx) Parcel(ctx context.Context, id DeliveryID) (*Parcel, error) {
	p, err := tx.q.Parcel(ctx, id.Owner, id.ID)
	return &Parcel{Bytes: p.Bytes, Digest: p.Digest, Files: p.Files}, wrap("parcel", err)
}

// DueInquiries lists sent deliveries of a lane whose answer is to be asked for.
func (tx *Tx) DueInquiries(ctx context.Context, lane fault.Lane, at time.Time, most int) ([]*Delivery, error) {
	rows, err := tx.q.DueInquiries(ctx, lane.String(), at, int32(most))
	if err != nil {
		return nil, wrap("inquiries", err)
	}
	return deliveriesOf(rows)
}

// CountInquiry puts off the next inquiry; ErrMoved where the delivery was asked for since it was read, or stands elsewhere by now.
func (tx *Tx) CountInquiry(ctx context.Context, d *Delivery, next time.Time) error {
	n, err := tx.q.CountInquiry(ctx, sqlc.CountInquiryParams{InquireAt: next, Owner: d.Owner, DeliveryID: d.ID, Inquiries: int32(d.Inquiries)})
	return one("delivery", n, err)
}

// CountUnknown counts that the organisation did not know the key of a sent delivery, and returns how often in a row; ErrNotFound where
// it stands elsewhere by now.
func (tx *Tx) CountUnknown(ctx context.Context, id DeliveryID) (int, error) {
	n, err := tx.q.CountUnknown(ctx, id.Owner, id.ID)
	return int(n), wrap("count unknown", err)
}

// ForgetUnknown records that the organisation knows a delivery's key.
func (tx *Tx) ForgetUnknown(ctx context.Context, id DeliveryID) error {
	return wrap("forget unknown", tx.q.ForgetUnknown(ctx, id.Owner, id.ID))
}

// Unfinished is a delivery that has been queued or sending for long.
type Unfinished struct {
	DeliveryID
	Lane    fault.Lane
	State   payroll.State
	Workers int // in its list, or persons in its tax month
}

// Unfinished lists deliveries that have been queued or sending since before, oldest first.
func (tx *Tx) Unfinished(ctx context.Context, before time.Time, most int) ([]Unfinished, error) {
	rows, err := tx.q.UnfinishedDeliveries(ctx, before, int32(most))
	if err != nil {
		return nil, wrap("unfinished deliveries", err)
	}
	all := make([]Unfinished, len(rows))
	for i, r := range rows {
		all[i] = Unfinished{DeliveryID: DeliveryID{r.Owner, r.DeliveryID}, State: payroll.State(r.State), Workers: int(r.Workers)}
		if err := all[i].Lane.UnmarshalText([]byte(r.Lane)); err != nil {
			return nil, fmt.Errorf("store: unfinished deliveries: %w", err)
		}
	}
	return all, nil
}

// SSODeliveries reads the SSO deliveries of lists.
func (tx *Tx) SSODeliveries(ctx context.Context, lists []*List) ([]*Delivery, error) {
	codes, ids := namesOf(lists)
	rows, err := tx.q.SSODeliveriesOf(ctx, codes, ids)
	if err != nil {
		return nil, wrap("deliveries", err)
	}
	return deliveriesOf(rows)
}

// TaxHeld is a tax delivery that holds a list.
type TaxHeld struct {
	List uuid.UUID
	Delivery
}

// TaxDeliveries reads the deliveries of tax months that hold the lists, a list's newest version first.
func (tx *Tx) TaxDeliveries(ctx context.Context, lists []*List) ([]TaxHeld, error) {
	codes, ids := namesOf(lists)
	rows, err := tx.q.TaxDeliveriesOf(ctx, codes, ids)
	if err != nil {
		return nil, wrap("deliveries", err)
	}
	held := make([]TaxHeld, len(rows))
	for i, r := range rows {
		held[i] = TaxHeld{List: r.HeldList, Delivery: Delivery{
			DeliveryID: DeliveryID{r.Owner, r.DeliveryID}, Lane: fault.Tax, Key: r.Key, Version: int(r.Version),
			State: payroll.State(r.State), Reference: r.Reference, Shares: r.Shares, Reason: r.Reason, FirstSentAt: r.FirstSentAt, ChangedAt: r.ChangedAt,
			UploadedAt: r.UploadedAt,
		}}
	}
	return held, nil
}

func namesOf(lists []*List) (codes []string, ids []uuid.UUID) {
	for _, l := range lists {
		codes, ids = append(codes, string(l.Header.Workshop)), append(ids, l.ID)
	}
	return codes, ids
}

func deliveriesOf(rows []sqlc.SharedDelivery) ([]*Delivery, error) {
	all := make([]*Delivery, len(rows))
	for i, r := range rows {
		d, err := deliveryOf(r)
		if err != nil {
			return nil, err
		}
		all[i] = d
	}
	return all, nil
}

func deliveryOf(r sqlc.SharedDelivery) (*Delivery, error) {
	d := &Delivery{
		DeliveryID: DeliveryID{r.Owner, r.DeliveryID}, Key: r.Key, Sequence: r.Sequence, Version: int(r.Version),
		State: payroll.State(r.State), Digest: r.Digest, Reference: r.Reference, Shares: r.Shares, Reason: r.Reason,
		Attempts: int(r.Attempts), Inquiries: int(r.Inquiries), CreatedAt: r.CreatedAt, FirstSentAt: r.FirstSentAt, ChangedAt: r.ChangedAt, DecidedAt: r.DecidedAt,
		TriedSince: r.TriedSince, UploadedAt: r.UploadedAt, UnknownThere: int(r.UnknownThere),
	}
	if r.ListID != nil {
		d.List = *r.ListID
	}
	var err error
	d.Period, err = jalali.MonthOf(int(r.Period))
	if err := errors.Join(err, d.Lane.UnmarshalText([]byte(r.Lane))); err != nil {
		return nil, fmt.Errorf("store: delivery: %w", err)
	}
	return d, nil
}
