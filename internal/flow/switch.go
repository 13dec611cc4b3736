package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency/hand"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// HandItem is a delivery that is worked by hand and not marked as uploaded.
type HandItem struct {
	Key          string       `json:"key"`
	Workshop     string       `json:"workshop_code"` // empty for a tax month
	WorkshopName string       `json:"workshop_name"`
	Employer     string       `json:"employer_id"`
	Period       jalali.Month `json:"period"`
	Version      int          `json:"version"`
	ListID       string       `json:"list_id"`  // of a tax month one of its lists; empty where it holds none
	Readable     bool         `json:"readable"` // the one who asks may open the list
	Files        []string     `json:"files"`    // none where there is only a declaration to make
	Do           fault.Text   `json:"do"`       // what is to be taken to the portal
	Since        time.Time    `json:"since"`
}

// HandPage is one page of what a lane has by hand.
type HandPage struct {
	Page[HandItem]
	Gateway bool `json:"gateway"` // the lane has one by now, and Switch sends by it
}

// ByHand shows what of a lane is worked by hand and not marked as uploaded, the oldest first: to an operator everything, to others
// what is of their workshops.
func (w *Window) ByHand(ctx context.Context, p access.Principal, lane fault.Lane, cursor string, most int) (*HandPage, error) {
	after, most, err := placeAfter(cursor, most)
	if err != nil {
		return nil, err
	}
	page := &HandPage{Page: Page[HandItem]{Items: []HandItem{}}, Gateway: w.organisation(lane).Gateway != nil}
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.ByHand(ctx, store.DeskPage{
			Every: p.Role == access.Operator, Principal: p.ID, At: w.now(), Lane: lane, After: after, Most: most + 1,
		})
		if err != nil {
			return err
		}
		if len(all) > most {
			all = all[:most]
			page.Next = placeOf(&all[most-1].Delivery)
		}
		for _, d := range all {
			item := HandItem{
				Key: d.Key, WorkshopName: d.WorkshopName, Employer: string(d.Employer), Period: d.Period, Version: d.Version,
				Files: append([]string{}, d.Files...), Do: hand.Checklist(d.Key, d.Files), Since: d.ChangedAt,
			}
			item.ListID, item.Readable = listToOpen(p, &d.Delivery)
			if lane == fault.SSO {
				item.Workshop = d.Owner
			}
			page.Items = append(page.Items, item)
		}
		return nil
	})
	return page, err
}

// listToOpen names the list that a delivery shown in a collection is of, and tells whether the one who asks may open it.
func listToOpen(p access.Principal, d *store.Delivery) (id string, readable bool) {
	if d.List == uuid.Nil {
		return "", false
	}
	return d.List.String(), p.May(access.ReadLists)
}

// Switched is what became of one delivery when its lane was switched to the gateway.
type Switched struct {
	Key     string        `json:"key"`
	Outcome SwitchOutcome `json:"outcome"`
	State   payroll.State `json:"state"` // empty for a key that is not the caller's
}

// SwitchOutcome says what was done with a delivery.
type SwitchOutcome string

// The outcomes.
const (
	SwitchQueued   SwitchOutcome = "queued"      // it goes by the gateway
	SwitchUploaded SwitchOutcome = "uploaded"    // it went by hand: nothing is sent
	SwitchElse     SwitchOutcome = "not_by_hand" // it stands elsewhere by now
	SwitchNoFile   SwitchOutcome = "no_file"     // there is only a declaration to make, and that is by hand
	SwitchUnknown  SwitchOutcome = "unknown"     // no such key in this lane, or not the caller's
)

// mostSwitched is how many deliveries one request may confirm.
const mostSwitched = 500

// Switch sends deliveries by the gateway that a lane worked by hand has come to have. Each is named by its key, and by that the
// caller confirms that its files were not uploaded; what is marked as uploaded is never sent. Asked again, it does nothing more.
// Conflict where the lane has no gateway.
func (w *Window) Switch(ctx context.Context, p access.Principal, lane fault.Lane, keys []string) ([]Switched, error) {
	if w.organisation(lane).Gateway == nil {
		return nil, conflictText("این سازمان درگاه ندارد؛ فایل‌ها دستی بارگذاری می‌شوند", "this organisation has no gateway; its lane is by hand")
	}
	if len(keys) == 0 || len(keys) > mostSwitched {
		return nil, &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
			FA: fmt.Sprintf("کلید تحویل‌هایی را که بارگذاری نشده‌اند نام ببرید؛ هر بار حداکثر %d", mostSwitched),
			EN: fmt.Sprintf("name the keys of deliveries that were not uploaded, %d at most at once", mostSwitched),
		}}
	}
	all := make([]Switched, 0, len(keys))
	for _, key := range keys {
		one, err := w.switchOne(ctx, p, lane, key)
		if err != nil {
			return nil, fmt.Errorf("flow: switch: %w", err)
		}
		all = append(all, one)
	}
	return all, nil
}

func (w *Window) switchOne(ctx context.Context, p access.Principal, lane fault.Lane, key string) (Switched, error) {
	one := Switched{Key: key, Outcome: SwitchUnknown}
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		d, err := w.byKey(ctx, tx, p, key)
		if err != nil {
			return err
		}
		if d.Lane != lane {
			return notFound()
		}
		if err := tx.LockSequence(ctx, d.Owner, d.Sequence); err != nil {
			return err
		}
		if d, err = tx.Delivery(ctx, d.DeliveryID); err != nil {
			return err
		}
		one.State = d.State
		switch {
		case d.State != payroll.ByHand && isByHand(d):
			one.Outcome = SwitchUploaded
			return nil
		case d.State != payroll.ByHand:
			one.Outcome = SwitchElse
			return nil
		}
		names, err := tx.ParcelFiles(ctx, d.DeliveryID)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			one.Outcome = SwitchNoFile
			return nil
		}
		one.Outcome, one.State = SwitchQueued, payroll.Queued
		if err := tx.Move(ctx, d.DeliveryID, store.Move{To: payroll.Queued, From: []payroll.State{payroll.ByHand}, Anew: true}, w.now()); err != nil {
			return err
		}
		if err := w.wakeDelivery(ctx, tx, d); err != nil {
			return err
		}
		return w.tellOf(ctx, tx, p, d, "delivery.switched", map[string]any{"confirmed": "not uploaded"})
	})
	var problem *fault.Problem
	if errors.As(err, &problem) && problem.Kind == fault.NotFound {
		return one, nil
	}
	return one, err
}
