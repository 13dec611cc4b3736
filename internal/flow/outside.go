package flow

import (
	"context"
	"fmt"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// outside is what of a tax month was filed outside the window before it was used, and imported. The administration keeps a month's
// newest file only: one of ours takes that one's place with all its persons.
type outside struct {
	persons int // in the month as it was filed
	missing int // of them in none of the lists that make it here
}

func outsideOf(ctx context.Context, tx *store.Tx, made *payroll.TaxMonth) (o outside, err error) {
	filed, err := tx.PastTaxMonth(ctx, made.Identity)
	if err != nil || len(filed) == 0 {
		return o, err
	}
	o.persons = len(filed)
	for i := range made.Persons {
		delete(filed, made.Persons[i].Line.Person())
	}
	o.missing = len(filed)
	return o, nil
}

// besides tells, under the sequence's lock, whether a version that may leave is held because persons of the month as it was filed outside
// would be dropped by it: until our lists hold them all, or someone says that the file is to stand alone. What left once stands for the
// month; its corrections are ours.
func (w *Window) besides(ctx context.Context, tx *store.Tx, c *monthCut, before []*store.Delivery, state payroll.State) (held bool, err error) {
	id := c.month.Identity
	if err := tx.LockPastTaxMonth(ctx, id); err != nil {
		return false, err
	}
	past, err := tx.PastMonth(ctx, id)
	if err != nil {
		return false, err
	}
	if past.Persons != c.outside.persons {
		return false, store.ErrMoved // an import came while it was made
	}
	if past.Persons == 0 {
		return false, nil
	}
	switch now := w.now(); {
	case !neverLeft(before):
		if past.ReplacedAt != nil {
			return false, nil
		}
		return false, tx.ReplacePastMonth(ctx, id, &now, nil)
	case len(c.lists) == 0: // all were withdrawn, and the month stands as it was filed
		return false, tx.ReplacePastMonth(ctx, id, nil, nil)
	case past.ReplacedBy != nil, state != payroll.Queued:
		return false, nil
	case c.outside.missing > 0:
		return true, tx.ReplacePastMonth(ctx, id, nil, nil)
	case past.ReplacedAt == nil:
		return false, tx.ReplacePastMonth(ctx, id, &now, nil)
	}
	return false, nil
}

// standsAlone records that the file made here takes the place of the one filed outside, at a person's word.
func (w *Window) standsAlone(ctx context.Context, tx *store.Tx, d *store.Delivery, by uuid.UUID) error {
	id, err := uuid.Parse(d.Owner)
	if err != nil {
		return fmt.Errorf("flow: replay: %w", err)
	}
	month, err := tx.TaxMonth(ctx, id)
	if err != nil {
		return err
	}
	if err := tx.LockPastTaxMonth(ctx, month.Identity); err != nil {
		return err
	}
	now := w.now()
	return tx.ReplacePastMonth(ctx, month.Identity, &now, &by)
}

// reasonOutside is why a tax month waits that was filed outside the window before; the numbers are of persons.
const reasonOutside = "filed outside this window before with %d persons; %d of them are in none of the lists sent here"

func (o outside) reason() string { return fmt.Sprintf(reasonOutside, o.persons, o.missing) }

// outsideOfReason reads the numbers again.
func outsideOfReason(reason string) (o outside, ok bool) {
	n, err := fmt.Sscanf(reason, reasonOutside, &o.persons, &o.missing)
	return o, err == nil && n == 2 && o.reason() == reason
}

func isOutside(reason string) bool {
	_, ok := outsideOfReason(reason)
	return ok
}

func (o outside) cause() cause {
	return cause{ByEmployer, fault.Text{
		FA: fmt.Sprintf("این ماه پیش‌تر بیرون از این پنجره با %d نفر فرستاده شده است و %d نفر آنان در هیچ‌یک از لیست‌های فرستاده‌شده در اینجا نیستند؛ فایل تازه جای فایل پیشین را می‌گرفت و آنان از آن می‌افتادند. چیزی فرستاده نشد",
			o.persons, o.missing),
		EN: fmt.Sprintf("this month was filed outside this window before with %d persons, of whom %d are in none of the lists sent here; the new file would take that one's place without them. Nothing was sent",
			o.persons, o.missing),
	}, fault.Text{
		FA: "لیست‌های دیگر این ماه را هم بفرستید: همین که همهٔ آن افراد در لیست‌ها باشند ماه خودبه‌خود فرستاده می‌شود. اگر فایل تازه باید به‌تنهایی جای ماه را بگیرد، متصدی «ارسال دوباره» را بزند",
		EN: "send the month's other lists too: once they hold all those persons the month goes by itself. If the new file is to stand alone, have an operator replay it",
	}}
}
