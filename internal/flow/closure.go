package flow

import (
	"context"
	"errors"
	"strconv"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// ClosureState is where an order stands.
type ClosureState string

// The states; all but the first are final.
const (
	ClosureStanding  ClosureState = "standing"
	ClosureOver      ClosureState = "over"      // every month is decided
	ClosureCancelled ClosureState = "cancelled" // taken back
	ClosureStopped   ClosureState = "stopped"   // a list with workers came, or who ordered it may not act any more
)

// Closure is an order to declare each month that no one worked (لیست فاقد کارگر), from the first month to the last.
type Closure struct {
	ID          string               `json:"id"`
	Workshop    payroll.WorkshopCode `json:"workshop_code"`
	ContractRow string               `json:"contract_row"`
	First       jalali.Month         `json:"first"`
	Last        jalali.Month         `json:"last"`
	OrderedAt   time.Time            `json:"ordered_at"`
	State       ClosureState         `json:"state"`
	EndedAt     *time.Time           `json:"ended_at"`
	EndedBy     string               `json:"ended_by"` // the list that stopped it; blank where none did
	Why         fault.Text           `json:"why"`
	Months      []ClosureMonth       `json:"months"`
}

// ClosureMonth is one month of a closure: waiting until the day it is declared on, filed, skipped because it holds a list,
// refused, or not_filed because the closure ended before.
type ClosureMonth struct {
	Period       jalali.Month         `json:"period"`
	State        string               `json:"state"`
	From         jalali.Date          `json:"from"` // the first day it is declared on: the day after its last one
	List         string               `json:"list"` // the declaration, or the list that stands in its way; blank where none is kept
	TrackingCode payroll.TrackingCode `json:"tracking_code"`
	Code         string               `json:"code"` // of the finding that refused it; may be blank
	Why          fault.Text           `json:"why"`
}

// Closures are the orders of one workshop.
type Closures struct {
	Items        []Closure            `json:"items"`
	Workshop     payroll.WorkshopCode `json:"workshop_code"`
	WorkshopName string               `json:"workshop_name"`
	PeriodDue    jalali.Month         `json:"period_due"` // the next month to be filed
	Most         int                  `json:"most"`       // months that an order may last
}

// ClosureOrder is what an employer, or an accountant for him, orders.
type ClosureOrder struct {
	Workshop       payroll.WorkshopCode
	ContractRow    string // blank is the workshop's own
	First, Last    jalali.Month
	IdempotencyKey string // 1 to 200 characters
}

const (
	closureMost   = 12  // months, unless set otherwise
	shownClosures = 20  // of a workshop
	closuresARun  = 500 // that one look at what is due finds
)

// OrderClosure keeps an order. Unprocessable for months that it cannot be about, Conflict while another stands for the contract
// row; the same order under the same key is the first one again.
func (w *Window) OrderClosure(ctx context.Context, p access.Principal, o ClosureOrder) (view *Closure, err error) {
	if o.ContractRow == "" {
		o.ContractRow = payroll.OwnContract
	}
	if err := w.orderable(&o); err != nil {
		return nil, err
	}
	c := &store.Closure{ID: store.NewID(), Workshop: o.Workshop, ContractRow: o.ContractRow, First: o.First, Last: o.Last, By: p.ID, OrderedAt: w.now()}
	var kept *store.Closure
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		if _, err := w.actsFor(ctx, tx, p, o.Workshop); err != nil {
			return err
		}
		if kept, err = orderedBefore(ctx, tx, p, &o); err != nil || kept != nil {
			return err
		}
		if err := tx.AddClosure(ctx, c, o.IdempotencyKey); err != nil {
			return err
		}
		err := w.appendClosure(ctx, tx, c, store.ByPrincipal(p.ID), "closure.ordered", map[string]any{"first": c.First, "last": c.Last})
		if err != nil {
			return err
		}
		return w.insertOnce(ctx, tx, closureArgs{Workshop: string(c.Workshop), Closure: c.ID}, queueOf(0))
	})
	if store.Refused(err, "closures_standing") || store.Refused(err, "closures_workshop_code_principal_id_idempotency_key_key") {
		if kept, err = w.orderedMeanwhile(ctx, p, &o); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	if kept != nil {
		c = kept
	}
	return w.Closure(ctx, p, c.Workshop, c.ID.String())
}

// orderable refuses an order without an end, with one too far away, and for months that no list can be filed for.
func (w *Window) orderable(o *ClosureOrder) error {
	most := w.closureMonths()
	wrong := func(fa, en string) error {
		return &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{FA: fa, EN: en}}
	}
	if n, err := strconv.Atoi(o.ContractRow); len(o.ContractRow) != 3 || err != nil || n < 0 {
		return wrong("ردیف پیمان سه رقم است", "the contract row has three digits")
	}
	_, known := w.Book.On(o.First)
	this := w.today().InMonth()
	switch {
	case o.First.IsZero(), o.Last.IsZero():
		return wrong("ماه آغاز و ماه پایان هر دو لازم است", "a first and a last month are both needed")
	case o.Last.Before(o.First):
		return wrong("ماه پایان پیش از ماه آغاز است", "the last month lies before the first")
	case o.First.Add(most - 1).Before(o.Last):
		return wrong("تعطیلی حداکثر "+strconv.Itoa(most)+" ماه است؛ پس از پایان می‌توانید دوباره دستور دهید",
			"a closure lasts "+strconv.Itoa(most)+" months at most; when it is over you may order another")
	case !known && o.First.Before(this):
		return wrong("برای ماه آغاز قانونی در پنجره نیست", "the window holds no law for the first month")
	case this.Add(most).Before(o.First):
		return wrong("ماه آغاز بیش از "+strconv.Itoa(most)+" ماه دیگر است", "the first month is more than "+strconv.Itoa(most)+" months away")
	}
	return nil
}

func (w *Window) closureMonths() int {
	if w.ClosureMost == 0 {
		return closureMost
	}
	return w.ClosureMost
}

// orderedBefore is what the key ordered before; nil where it ordered nothing.
func orderedBefore(ctx context.Context, tx *store.Tx, p access.Principal, o *ClosureOrder) (*store.Closure, error) {
	c, err := tx.ClosureOrdered(ctx, o.Workshop, p.ID, o.IdempotencyKey)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case c.ContractRow != o.ContractRow || c.First != o.First || c.Last != o.Last:
		return nil, &fault.Problem{Kind: fault.Unprocessable, Code: "API-02", Text: otherContent}
	}
	return c, nil
}

// orderedMeanwhile is what the same request, sent twice at once, ordered; else another order stands.
func (w *Window) orderedMeanwhile(ctx context.Context, p access.Principal, o *ClosureOrder) (c *store.Closure, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		c, err = orderedBefore(ctx, tx, p, o)
		return err
	})
	if err != nil || c != nil {
		return c, err
	}
	return nil, conflictText("برای این کارگاه و ردیف پیمان تعطیلی دیگری در جریان است؛ نخست آن را لغو کنید",
		"another closure stands for this workshop and contract row; cancel it first")
}

// CancelClosure takes an order back: no further month is declared. One that ended before is shown as it stands.
func (w *Window) CancelClosure(ctx context.Context, p access.Principal, code payroll.WorkshopCode, id string) (*Closure, error) {
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		c, err := w.closureFor(ctx, tx, p, code, id)
		if err != nil {
			return err
		}
		switch err := tx.EndClosure(ctx, code, c.ID, store.ClosureCancelled, w.now()); {
		case errors.Is(err, store.ErrMoved):
			return nil // it has ended
		case err != nil:
			return err
		}
		return w.appendClosure(ctx, tx, c, store.ByPrincipal(p.ID), "closure.cancelled", nil)
	})
	if err != nil {
		return nil, err
	}
	return w.Closure(ctx, p, code, id)
}

// Closures are a workshop's newest orders, newest first; NotFound for a workshop that is not the principal's.
func (w *Window) Closures(ctx context.Context, p access.Principal, code payroll.WorkshopCode) (*Closures, error) {
	all := &Closures{Items: []Closure{}, Workshop: code, Most: w.closureMonths()}
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		workshop, err := w.actsFor(ctx, tx, p, code)
		if err != nil {
			return err
		}
		all.WorkshopName = workshop.Name
		newest, err := tx.NewestPeriod(ctx, code)
		if err != nil {
			return err
		}
		all.PeriodDue = w.periodDue(newest)
		kept, err := tx.Closures(ctx, code, shownClosures)
		if err != nil {
			return err
		}
		views, err := w.closureViews(ctx, tx, kept...)
		all.Items = append(all.Items, views...)
		return err
	})
	return all, err
}

// Closure shows one order.
func (w *Window) Closure(ctx context.Context, p access.Principal, code payroll.WorkshopCode, id string) (view *Closure, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := w.closureFor(ctx, tx, p, code, id)
		if err != nil {
			return err
		}
		views, err := w.closureViews(ctx, tx, c)
		if err == nil {
			view = &views[0]
		}
		return err
	})
	return view, err
}

func (w *Window) closureFor(ctx context.Context, tx *store.Tx, p access.Principal, code payroll.WorkshopCode, id string) (*store.Closure, error) {
	closure, err := uuid.Parse(id)
	if err != nil {
		return nil, notFound()
	}
	if _, err := w.actsFor(ctx, tx, p, code); err != nil {
		return nil, err
	}
	c, err := tx.Closure(ctx, code, closure)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound()
	}
	return c, err
}

func (w *Window) appendClosure(ctx context.Context, tx *store.Tx, c *store.Closure, actor, action string, details map[string]any) error {
	return tx.Append(ctx, store.Event{At: w.now(), Actor: actor, Action: action, Subject: c.ID.String(), Details: details})
}

func (w *Window) closureViews(ctx context.Context, tx *store.Tx, closures ...*store.Closure) ([]Closure, error) {
	views := make([]Closure, len(closures))
	for i, c := range closures {
		decided, err := tx.ClosureMonths(ctx, c.Workshop, c.ID)
		if err != nil {
			return nil, err
		}
		v := Closure{
			ID: c.ID.String(), Workshop: c.Workshop, ContractRow: c.ContractRow, First: c.First, Last: c.Last, OrderedAt: c.OrderedAt,
			EndedAt: c.EndedAt, State: closureStates[c.Ending], Why: closureWhy[c.Ending],
		}
		if c.EndedBy != nil {
			v.EndedBy = c.EndedBy.String()
		}
		months := map[jalali.Month]store.ClosureMonth{}
		for _, m := range decided[c.ID] {
			months[m.Period] = m
		}
		if c.EndedAt == nil {
			// What is in the way of a month to come shows before its day.
			held, err := tx.MonthsHeld(ctx, c.Workshop, c.ContractRow, c.Next, c.Last)
			if err != nil {
				return nil, err
			}
			for period, h := range held {
				months[period] = store.ClosureMonth{Outcome: store.MonthSkipped, List: &h.List, TrackingCode: h.TrackingCode}
			}
		}
		for period := c.First; !c.Last.Before(period); period = period.Add(1) {
			v.Months = append(v.Months, w.closureMonth(c, period, months))
		}
		views[i] = v
	}
	return views, nil
}

func (w *Window) closureMonth(c *store.Closure, period jalali.Month, decided map[jalali.Month]store.ClosureMonth) ClosureMonth {
	v := ClosureMonth{Period: period, State: "not_filed", From: period.Last().Next()}
	m, is := decided[period]
	switch _, known := w.Book.On(period); {
	case is:
		v.State, v.TrackingCode, v.Code = string(m.Outcome), m.TrackingCode, m.Code
		if m.List != nil {
			v.List = m.List.String()
		}
	case c.EndedAt == nil && !known:
		v.State = "waiting"
		v.Why = fault.Text{FA: "پنجره هنوز قانون این ماه را ندارد؛ با آمدن آن اعلام می‌شود", EN: "the window does not hold this month's law yet; it is declared when it does"}
		return v
	case c.EndedAt == nil:
		v.State = "waiting"
	}
	v.Why = monthWhy[v.State]
	return v
}

var closureStates = map[store.Ending]ClosureState{
	"": ClosureStanding, store.ClosureOver: ClosureOver, store.ClosureCancelled: ClosureCancelled,
	store.ClosureListCame: ClosureStopped, store.ClosureMandateGone: ClosureStopped,
}

var closureWhy = map[store.Ending]fault.Text{
	"":                       {FA: "ماه به ماه اعلام می‌شود، تا پایان یا لغو آن", EN: "it is declared month by month, until its end or until it is cancelled"},
	store.ClosureOver:        {FA: "همه ماه‌هایش گذشت و دیگر چیزی اعلام نمی‌شود", EN: "all its months are over; nothing more is declared"},
	store.ClosureCancelled:   {FA: "لغو شد و دیگر چیزی اعلام نمی‌شود", EN: "it was cancelled; nothing more is declared"},
	store.ClosureListCame:    {FA: "برای یکی از ماه‌هایش لیست با کارگر رسید و متوقف شد؛ ماه‌های مانده را خودتان بفرستید", EN: "a list with workers came for one of its months and it was stopped; the months left are yours to send"},
	store.ClosureMandateGone: {FA: "نمایندگی دستوردهنده برای این کارگاه پایان یافت و متوقف شد؛ ماه‌های مانده را خودتان بفرستید یا دوباره دستور دهید", EN: "who ordered it may not act for the workshop any more and it was stopped; send the months left or order it anew"},
}

var monthWhy = map[string]fault.Text{
	"waiting":                  {FA: "پس از پایان ماه اعلام می‌شود", EN: "it is declared when the month is over"},
	"not_filed":                {FA: "اعلام نشد، چون تعطیلی پیش از آن پایان یافت", EN: "not declared: the closure ended before"},
	string(store.MonthFiled):   {FA: "لیست فاقد کارگر ثبت شد", EN: "the nil list is filed"},
	string(store.MonthSkipped): {FA: "این ماه لیست دارد و چیزی اعلام نمی‌شود", EN: "the month holds a list; nothing is declared"},
	string(store.MonthRefused): {FA: "اعلام نشد، چون لیست فاقد کارگر پذیرفته نشد؛ یافته‌هایش را ببینید و خودتان بفرستید", EN: "not declared: the nil list was refused; see what was found and send it yourself"},
}
