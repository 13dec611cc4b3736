package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency/sso"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// Withdrawal tells whether a list can still be taken back, and until when.
type Withdrawal struct {
	Possible bool       `json:"possible"`
	Until    *time.Time `json:"until"`     // when it ends by itself; null where something else ends it, or it is over
	ClosedAt *time.Time `json:"closed_at"` // when the first of it left; null while none has
	Why      fault.Text `json:"why"`
}

const (
	reasonWithdrawn = "withdrawn"
	reasonOvertaken = "overtaken"
	// reasonOtherDigest is that of a delivery whose answer is not about the files we made.
	reasonOtherDigest = "an answer names another digest"
	// reasonNeverSent is why an emptied tax month goes to no one.
	reasonNeverSent = "all its lists were withdrawn before anything was sent"
	// reasonRejectedBefore is why a tax month that came to the files of a rejected version waits for a person.
	reasonRejectedBefore = "its files equal those of a rejected version"
)

// Withdraw takes a list back before any of it has left: its identity is free again, or the version that it was to replace is in
// force again, and the tax month is cut without it. Conflict once a delivery of it, or a tax month that holds it, is being
// sent or was uploaded. A list withdrawn before is shown as it stands.
func (w *Window) Withdraw(ctx context.Context, p access.Principal, id string) (*List, error) {
	var l *store.List
	err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		l, err = w.held(ctx, tx, p, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.LockMonth(ctx, l.Header.Identity()); err != nil {
			return err
		}
		if l, err = tx.List(ctx, l.Header.Workshop, l.ID); err != nil || l.WithdrawnAt != nil {
			return err
		}
		return w.withdraw(ctx, tx, p, l)
	})
	if errors.Is(err, store.ErrMoved) {
		err = &fault.Problem{Kind: fault.Busy, RetryAfter: 2, Err: err, Text: fault.Text{
			FA: "لیست همین حالا در حال تغییر است؛ دوباره ببینید", EN: "the list is just changing; look again",
		}}
	}
	if err != nil {
		return nil, err
	}
	return w.List(ctx, p, id)
}

func (w *Window) withdraw(ctx context.Context, tx *store.Tx, p access.Principal, l *store.List) error {
	switch {
	case l.ReplacedBy != nil:
		return conflictText(
			"این نسخه جایگزین شده است؛ نسخه جاری را پس بگیرید", "this version was replaced; withdraw the one in force")
	case l.Submitted() == 0 && l.Verdicts.Passing() == 0:
		return conflictText("این لیست رد شده و چیزی از آن در راه نیست", "this list was rejected; nothing of it is on its way")
	}
	now := w.now()
	if l.SubmittedSSO != nil {
		if err := restedOn(ctx, tx, l); err != nil {
			return err
		}
		if err := w.recallSSO(ctx, tx, l, now); err != nil {
			return err
		}
	}
	if err := w.recallTax(ctx, tx, l, now); err != nil {
		return err
	}
	if err := tx.WithdrawList(ctx, l.Header.Workshop, l.ID, now); err != nil {
		return err
	}
	if l.SubmittedSSO != nil {
		if err := w.bringBack(ctx, tx, l, now); err != nil {
			return err
		}
	}
	return tx.Append(ctx, store.Event{
		At: now, Actor: store.ByPrincipal(p.ID), Action: "list.withdrawn", Subject: l.ID.String(),
		Details: map[string]any{"tracking_code": l.TrackingCode, "version": l.Version, "submitted": l.Submitted()},
	})
}

// restedOn refuses to take away the days that rows of a supplementary list belong to. Where an earlier version comes back, it has them.
func restedOn(ctx context.Context, tx *store.Tx, l *store.List) error {
	if _, err := tx.ReplacedBy(ctx, l.Header.Workshop, l.ID); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	numbers, err := tx.RestingOn(ctx, l)
	if err != nil || len(numbers) == 0 {
		return err
	}
	list := strings.Join(numbers, "، ")
	return conflictText(
		"لیست متمم شماره "+list+" همین ماه به روزهای این لیست تکیه دارد؛ نخست آن را پس بگیرید",
		"supplementary list "+strings.Join(numbers, ", ")+" of the month rests on the days of this one; withdraw it first")
}

func conflictText(fa, en string) *fault.Problem {
	return &fault.Problem{Kind: fault.Conflict, Text: fault.Text{FA: fa, EN: en}}
}

// recallSSO takes the list's own delivery back. Under the sequence's lock no job can begin to send it.
func (w *Window) recallSSO(ctx context.Context, tx *store.Tx, l *store.List, now time.Time) error {
	owner, sequence, err := ssoSequence(l)
	if err != nil {
		return err
	}
	if err := tx.LockSequence(ctx, owner, sequence); err != nil {
		return err
	}
	line, err := tx.Sequence(ctx, owner, sequence)
	if err != nil {
		return err
	}
	for _, d := range line {
		if d.List != l.ID {
			continue
		}
		if err := w.recallDelivery(ctx, tx, d, now); err != nil {
			return err
		}
	}
	return nil
}

func ssoSequence(l *store.List) (owner, sequence string, err error) {
	key, ok := payroll.ParseDeliveryKey(l.Header.Identity().Key(l.Version))
	if !ok {
		return "", "", errors.New("flow: the list's identity makes no key")
	}
	return string(l.Header.Workshop), key.Sequence(), nil
}

func (w *Window) recallDelivery(ctx context.Context, tx *store.Tx, d *store.Delivery, now time.Time) error {
	if at := leftAt(d); at != nil {
		closed := closedWithdrawal(d.Lane, *at)
		return &fault.Problem{Kind: fault.Conflict, Text: closed.Why}
	}
	if d.State == payroll.Superseded {
		return nil
	}
	if err := tx.Move(ctx, d.DeliveryID, store.Move{To: payroll.Superseded, Reason: reasonWithdrawn}, now); err != nil {
		return err
	}
	return w.tell(ctx, tx, d, "delivery.withdrawn", nil)
}

// leftAt is when a delivery was begun to be sent, or was uploaded by hand; nil while nothing of it can have left.
func leftAt(d *store.Delivery) *time.Time {
	switch {
	case d.FirstSentAt != nil:
		return d.FirstSentAt
	case d.State == payroll.Queued, d.State == payroll.ByHand, d.State == payroll.Superseded, d.State == payroll.LaneNotAddressed:
		return nil
	case d.State == payroll.NeedsAttention && d.Reference == "" && d.Reason != reasonOtherDigest:
		return nil // its files were not made, or are not to be sent
	}
	return &d.ChangedAt
}

// recallTax takes back the versions of the tax month that hold the list, and has the month cut without it.
func (w *Window) recallTax(ctx context.Context, tx *store.Tx, l *store.List, now time.Time) error {
	if l.SubmittedTax == nil {
		return nil
	}
	months, err := monthsOf(ctx, tx, l)
	if err != nil {
		return err
	}
	for _, id := range months {
		if err := lockTaxMonth(ctx, tx, id); err != nil {
			return err
		}
	}
	held, err := tx.TaxDeliveries(ctx, []*store.List{l})
	if err != nil {
		return err
	}
	for i := range held {
		if err := w.recallDelivery(ctx, tx, &held[i].Delivery, now); err != nil {
			return err
		}
	}
	for _, id := range months {
		if err := w.taxMonthDue(ctx, tx, id, now); err != nil {
			return err
		}
	}
	return nil
}

func lockTaxMonth(ctx context.Context, tx *store.Tx, id payroll.TaxMonthIdentity) error {
	month, err := tx.TaxMonthOf(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	key, ok := payroll.ParseDeliveryKey(id.Key(1))
	if !ok {
		return errors.New("flow: the tax month's identity makes no key")
	}
	return tx.LockSequence(ctx, month.ID.String(), key.Sequence())
}

// monthsOf are the tax months that a list's coming or going changes: its own, and the one that the version before it was paid in,
// or by another employer.
func monthsOf(ctx context.Context, tx *store.Tx, l *store.List) ([]payroll.TaxMonthIdentity, error) {
	months := []payroll.TaxMonthIdentity{l.Header.TaxMonth()}
	switch earlier, err := tx.EarlierTaxMonth(ctx, l); {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return nil, err
	case earlier != months[0]:
		months = append(months, earlier)
		// In one order for all, lest two lists that change places wait for each other.
		slices.SortFunc(months, func(a, b payroll.TaxMonthIdentity) int { return strings.Compare(a.Key(0), b.Key(0)) })
	}
	return months, nil
}

// bringBack lets the version that was to be replaced go its way again, where it was overtaken before it left, and gives back the list
// numbers that only the withdrawn version needed.
func (w *Window) bringBack(ctx context.Context, tx *store.Tx, l *store.List, now time.Time) error {
	owner, sequence, err := ssoSequence(l)
	if err != nil {
		return err
	}
	line, err := tx.Sequence(ctx, owner, sequence)
	if err != nil {
		return err
	}
	for _, d := range slices.Backward(line) {
		if isWithdrawn(d) {
			continue
		}
		if d.State == payroll.Superseded && d.Reason == reasonOvertaken && d.Shares == nil {
			err := tx.Move(ctx, d.DeliveryID, store.Move{To: payroll.Queued, From: []payroll.State{payroll.Superseded}}, now)
			if err != nil {
				return err
			}
			d.State = payroll.Queued
			if err := w.tell(ctx, tx, d, "delivery.resumed", nil); err != nil {
				return err
			}
		}
		if d.State == payroll.Queued {
			// A job of it that runs may have seen the withdrawn one above it, and be about to end: it does not count.
			if err := w.wakeDelivery(ctx, tx, d); err != nil {
				return err
			}
		}
		break
	}
	return w.freeNumbers(ctx, tx, l)
}

// isWithdrawn tells a delivery that counts for nothing: its list was taken back before it left.
func isWithdrawn(d *store.Delivery) bool {
	return d.State == payroll.Superseded && d.Reason == reasonWithdrawn
}

func (w *Window) freeNumbers(ctx context.Context, tx *store.Tx, l *store.List) error {
	id := l.Header.Identity()
	taken, err := tx.PartNumbers(ctx, id)
	if err != nil || !slices.ContainsFunc(taken, func(n store.PartNumber) bool { return n.Of == id.ListNo }) {
		return err
	}
	versions, err := tx.VersionsAtSSO(ctx, id)
	if err != nil {
		return err
	}
	most, last := 0, 0
	for _, version := range versions {
		if last, err = w.partsOf(ctx, tx, id, version); err != nil {
			return err
		}
		most = max(most, last)
	}
	if err := tx.FreePartNumbers(ctx, id, most); err != nil || most == 0 {
		return err
	}
	return tx.EmptyParts(ctx, id, last)
}

func (w *Window) partsOf(ctx context.Context, tx *store.Tx, id payroll.Identity, list uuid.UUID) (int, error) {
	a, ok := w.SSO.Agency.(sso.Agency)
	if !ok {
		return 1, nil
	}
	count := sso.Counter{Agency: a}
	err := tx.EachLine(ctx, id, list, func(f *payroll.Filed) error {
		count.Add(&f.Line, &f.Assessed)
		return nil
	})
	return count.Parts(), err
}

// withdrawal tells of a list whether it can be taken back. due is when its tax month is cut, where it waits for that.
func (w *Window) withdrawal(l *store.List, d *Deliveries, due *time.Time) Withdrawal {
	switch {
	case l.WithdrawnAt != nil:
		return Withdrawal{Why: fault.Text{FA: "پس گرفته شده است", EN: "it was withdrawn"}}
	case l.ReplacedBy != nil:
		return Withdrawal{Why: fault.Text{FA: "جایگزین شده است؛ نسخه جاری را می‌توان پس گرفت", EN: "it was replaced; the version in force may be withdrawn"}}
	case l.Submitted() == 0 && l.Verdicts.Passing() == 0:
		return Withdrawal{Why: fault.Text{FA: "رد شده است و چیزی از آن در راه نیست", EN: "it was rejected; nothing of it is on its way"}}
	case l.Submitted() == 0:
		return Withdrawal{Possible: true, Why: fault.Text{FA: "پیش‌نویس است و تا فرستاده نشود پس گرفتنی است", EN: "it is a draft, and can be withdrawn until it is sent"}}
	}
	var first *time.Time
	lane := fault.SSO
	for _, of := range payroll.EachLane() {
		if left := d.of(of).left; left != nil && (first == nil || left.Before(*first)) {
			first, lane = left, of
		}
	}
	if first != nil {
		return closedWithdrawal(lane, *first)
	}
	open := Withdrawal{Possible: true}
	switch {
	case d.SSO.State == payroll.Queued || d.Tax.State == payroll.Queued:
		open.Why = fault.Text{
			FA: "تا پیش از آغاز ارسال به سازمان پس گرفتنی است؛ در صف است و ارسال هر لحظه ممکن است آغاز شود",
			EN: "it can be withdrawn until its sending begins; it is queued, and that may be at any moment",
		}
	case due != nil && w.Tax.Gateway != nil:
		open.Until = due
		open.Why = fault.Text{
			FA: "تا " + clock(*due) + " پس گرفتنی است؛ آنگاه فایل مالیات ماه ساخته و فرستاده می‌شود",
			EN: "it can be withdrawn until " + due.UTC().Format(time.RFC3339) + ", when the tax month's files are made and sent",
		}
	default:
		open.Why = fault.Text{
			FA: "تا وقتی ثبت نکرده‌اید که فایل‌ها در سامانه سازمان بارگذاری شده است پس گرفتنی است",
			EN: "it can be withdrawn until you record that its files were uploaded to the organisation's portal",
		}
	}
	return open
}

// cutOf is when the list's tax month is cut, where that is awaited.
func cutOf(ctx context.Context, tx *store.Tx, l *store.List, v *List) (*time.Time, error) {
	if v.Deliveries.Tax.State != payroll.Due || l.WithdrawnAt != nil {
		return nil, nil
	}
	month, err := tx.TaxMonthOf(ctx, l.Header.TaxMonth())
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return month.DueAt, nil
}

func closedWithdrawal(lane fault.Lane, at time.Time) Withdrawal {
	fa, en := "تأمین اجتماعی", "the Social Security Organization"
	if lane == fault.Tax {
		fa, en = "سازمان امور مالیاتی", "the tax administration"
	}
	return Withdrawal{ClosedAt: &at, Why: fault.Text{
		FA: "دیگر پس گرفتنی نیست: ارسال به " + fa + " در " + clock(at) + " آغاز شد؛ لیست اصلاحی بفرستید",
		EN: fmt.Sprintf("it can no longer be withdrawn: its sending to %s began at %s; send a replacement", en, at.UTC().Format(time.RFC3339)),
	}}
}

// clock is a moment as it is read in Tehran, by the Solar Hijri calendar.
func clock(at time.Time) string {
	zone, err := tehran()
	if err != nil {
		return at.UTC().Format(time.RFC3339)
	}
	at = at.In(zone)
	day, err := jalali.FromTime(at)
	if err != nil {
		return at.Format(time.RFC3339)
	}
	return day.String() + " ساعت " + at.Format("15:04:05")
}
