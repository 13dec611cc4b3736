package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency/gateway"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// Acts says who is to take the next step over what needs attention.
type Acts string

// Who they are.
const (
	ByWindow       Acts = "window"
	ByOrganisation Acts = "organisation"
	ByEmployer     Acts = "employer"
)

// cause is what is known of a reason for which a delivery needs attention.
type cause struct {
	acts Acts
	why  fault.Text
	do   fault.Text
}

var causes = map[string]cause{
	reasonFiles: {ByWindow, fault.Text{FA: "فایل‌های آن ساخته نشد", EN: "its files could not be made"}, fault.Text{
		FA: "سبب را در گزارش پنجره با شناسهٔ تحویل بیابید؛ پس از رفع آن دوباره بفرستید", EN: "find the cause in the window's log by the delivery's id; once it is mended, replay",
	}},
	reasonBroken: {ByWindow, fault.Text{FA: "پنجره بارها نتوانست آن را بفرستد", EN: "the window failed to send it time and again"}, fault.Text{
		FA: "سبب را در گزارش پنجره با شناسهٔ تحویل بیابید؛ پس از رفع آن دوباره بفرستید", EN: "find the cause in the window's log by the delivery's id; once it is mended, replay",
	}},
	reasonUncut: {ByWindow, fault.Text{FA: "ساخت فایل این ماه مالیاتی بارها ناتمام ماند", EN: "the files of this tax month failed to be made time and again"}, fault.Text{
		FA: "سبب را در گزارش پنجره با شناسهٔ ماه مالیاتی بیابید؛ پس از رفع آن دوباره بفرستید. لیست تازه‌ای از همین کارفرما نیز ماه را از نو می‌سازد",
		EN: "find the cause in the window's log by the tax month's id; once it is mended, replay. A further list of the employer makes the month anew too",
	}},
	reasonConflict: {ByOrganisation, fault.Text{
		FA: "نزد سازمان زیر همین کلید فایل دیگر یا نسخهٔ تازه‌تری هست", EN: "the organisation holds another digest or a later version under this key",
	}, fault.Text{
		FA: "از سازمان بپرسید چه دارد؛ اگر نسخهٔ بعدی در صف است این یکی را کنار بگذارید", EN: "ask the organisation what it holds; if a later version waits, set this one aside",
	}},
	reasonRefused: {ByWindow, fault.Text{FA: "سازمان درخواست را نپذیرفت (پاسخ ۴۰۰ تا ۴۹۹)", EN: "the organisation refuses the request (an answer of 400 to 499)"}, fault.Text{
		FA: "امضا، کلید و قرارداد درگاه را با سازمان بررسی کنید و دوباره بفرستید؛ اگر نسخهٔ بعدی در صف است می‌توان این یکی را کنار گذاشت",
		EN: "check signature, key and the gateway's contract with the organisation and replay; if a later version waits, this one may be set aside",
	}},
	reasonNoWord: {ByOrganisation, fault.Text{FA: "سازمان در زمان تعیین‌شده دریافت فایل را تأیید نکرد", EN: "the organisation acknowledged nothing within the time set"}, fault.Text{
		FA: "وقتی درگاه سازمان برقرار شد دوباره بفرستید؛ نخست کلید پرسیده می‌شود و چیزی دو بار ثبت نمی‌شود", EN: "replay once the gateway answers; the key is asked for first, nothing takes effect twice",
	}},
	reasonForgotten: {ByOrganisation, fault.Text{
		FA: "سازمان دریافت فایل را تأیید کرده بود و اکنون دیگر آن را نمی‌شناسد", EN: "the organisation confirmed the receipt, and no longer knows it",
	}, fault.Text{
		FA: "شمارهٔ ثبت را به سازمان بگویید و بپرسید چه شده است؛ با ارسال دوباره نخست کلید پرسیده می‌شود و اگر هنوز ناشناخته باشد همان فایل‌ها با همان کلید می‌رود",
		EN: "tell the organisation its reference and ask what became of it; a replay asks for the key first and, if it is still unknown, sends the same files under the same key",
	}},
	reasonUnasked: {ByOrganisation, fault.Text{
		FA: "سازمان پرسش از سرنوشت این تحویل را نمی‌پذیرد و بی آن چیزی دوباره فرستاده نمی‌شود",
		EN: "the organisation refuses to be asked whether it has this delivery, and without its word nothing is sent again",
	}, fault.Text{
		FA: "از سازمان بخواهید پرسش با کلید (GET /v1/deliveries) را باز کند و سپس دوباره بفرستید؛ اگر پاسخ آن را از راه دیگری دارید، همان را به عنوان متصدی وارد کنید (fehrest answer). پنجره تا یک ساعت خودش دوباره می‌پرسد",
		EN: "have the organisation open inquiries by key (GET /v1/deliveries), then replay; if its answer came another way, enter it as an operator (fehrest answer). The window asks again by itself for an hour",
	}},
	reasonOtherDigest: {ByOrganisation, fault.Text{FA: "پاسخی رسید که از فایل دیگری سخن می‌گوید", EN: "an answer names another digest than that of our files"}, fault.Text{
		FA: "از سازمان بپرسید پاسخ به کدام فایل است؛ با ارسال دوباره، کلید نزد سازمان پرسیده می‌شود", EN: "ask the organisation which files it answered; a replay asks it by the key",
	}},
	reasonRejectedBefore: {ByEmployer, fault.Text{FA: "فایل ماه همان فایلی است که سازمان رد کرده بود", EN: "the month's files equal those of a rejected version"}, fault.Text{
		FA: "لیست را اصلاح کنید؛ همان فایل تنها به خواست متصدی دوباره فرستاده می‌شود", EN: "correct the list; the same files go again only at an operator's word",
	}},
	"TAX-07": {ByEmployer, fault.Text{FA: "کدهای یک نفر در دو لیست این ماه با هم نمی‌خواند", EN: "a person's codes differ between two lists of the month"}, fault.Text{
		FA: "یکی از دو لیست را اصلاح کنید؛ ماه خودبه‌خود دوباره ساخته می‌شود", EN: "correct one of the two lists; the month is then made anew by itself",
	}},
}

// causeOf knows every reason; one that it does not name is the window's to look into.
func causeOf(reason string) cause {
	if c, ok := causes[reason]; ok {
		return c
	}
	if o, ok := outsideOfReason(reason); ok {
		return o.cause()
	}
	return cause{ByWindow, fault.Text{FA: reason, EN: reason}, fault.Text{FA: "گزارش پنجره را با شناسهٔ تحویل ببینید", EN: "see the window's log by the delivery's id"}}
}

// DeskItem is a delivery that needs a person's attention, or that is still tried with an organisation that refuses to be asked for it.
type DeskItem struct {
	ID           string        `json:"id"` // as /v1/desk/{id}/replay takes it
	Owner        Acts          `json:"owner"`
	Lane         fault.Lane    `json:"lane"`
	Key          string        `json:"key"`
	Workshop     string        `json:"workshop_code"` // empty for a tax month
	WorkshopName string        `json:"workshop_name"`
	Employer     string        `json:"employer_id"`
	Period       jalali.Month  `json:"period"`
	Version      int           `json:"version"`
	State        payroll.State `json:"state"`    // sending: the window still tries, and a person is told why it does not succeed
	ListID       string        `json:"list_id"`  // of a tax month one of its lists; empty where it holds none
	Readable     bool          `json:"readable"` // the one who asks may open the list
	Reason       string        `json:"reason"`
	Why          fault.Text    `json:"why"`
	Do           fault.Text    `json:"do"`
	Since        time.Time     `json:"since"`
	AgeSeconds   int           `json:"age_seconds"`
	Attempts     int           `json:"attempts"`
	LaterWaits   bool          `json:"later_waits"` // a later version cannot go before this one is settled
	Actions      []string      `json:"actions"`     // what the one who asks may do: replay, supersession
	Replay       *fault.Text   `json:"replay"`      // what a replay would do; null where there is none
}

// DeskQuery narrows the desk.
type DeskQuery struct {
	Lane   fault.Lane    // none: both
	Age    time.Duration // what has waited so long at least
	Cursor string
	Most   int // items at most; zero is 50
}

// Desk shows what needs attention, the oldest first: to an operator everything, to others what is of their workshops.
func (w *Window) Desk(ctx context.Context, p access.Principal, q DeskQuery) (*Page[DeskItem], error) {
	after, most, err := placeAfter(q.Cursor, q.Most)
	if err != nil {
		return nil, err
	}
	page := &Page[DeskItem]{Items: []DeskItem{}}
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		now := w.now()
		all, err := tx.Desk(ctx, store.DeskPage{
			Every: p.Role == access.Operator, Principal: p.ID, At: now, Since: now.Add(-q.Age), Lane: q.Lane, After: after, Most: most + 1,
		})
		if err != nil {
			return err
		}
		if len(all) > most {
			all = all[:most]
			page.Next = placeOf(&all[most-1].Delivery)
		}
		for i := range all {
			page.Items = append(page.Items, w.deskItem(p, &all[i], now))
		}
		return nil
	})
	return page, err
}

func (w *Window) deskItem(p access.Principal, d *store.OnDesk, now time.Time) DeskItem {
	c := causeOf(d.Reason)
	item := DeskItem{
		ID: d.Owner + "/" + d.ID.String(), Owner: c.acts, Lane: d.Lane, Key: d.Key, WorkshopName: d.WorkshopName, Employer: string(d.Employer),
		Period: d.Period, Version: d.Version, State: d.State, Reason: d.Reason, Why: c.why, Do: c.do, Since: d.ChangedAt,
		AgeSeconds: int(max(now.Sub(d.ChangedAt), 0) / time.Second), Attempts: d.Attempts, LaterWaits: d.LaterWaits, Actions: []string{},
	}
	item.ListID, item.Readable = listToOpen(p, &d.Delivery)
	if d.Lane == fault.SSO {
		item.Workshop = d.Owner
	}
	if !p.May(access.WorkDesk) || d.State != payroll.NeedsAttention {
		return item
	}
	if how, err := w.replayOf(&d.Delivery); err == nil {
		does := replays[how]
		item.Actions, item.Replay = append(item.Actions, "replay"), &does
	}
	if d.LaterWaits {
		item.Actions = append(item.Actions, "supersession")
	}
	return item
}

// placeAfter reads the cursor of a collection in the order of waiting.
func placeAfter(cursor string, most int) (store.Place, int, error) {
	_, most, _ = Query{Most: most}.page()
	if cursor == "" {
		return store.Place{}, most, nil
	}
	at, id, _ := strings.Cut(cursor, ".")
	micros, err := strconv.ParseInt(at, 10, 64)
	place := store.Place{At: time.UnixMicro(micros)}
	if err == nil {
		place.ID, err = uuid.Parse(id)
	}
	if err != nil || micros < 0 || micros > 1<<52 {
		return store.Place{}, 0, &fault.Problem{Kind: fault.Malformed, Text: fault.Text{FA: "نشانگر صفحه درست نیست", EN: "the cursor is not one of ours"}}
	}
	return place, most, nil
}

func placeOf(d *store.Delivery) *string {
	cursor := strconv.FormatInt(d.ChangedAt.UnixMicro(), 10) + "." + d.ID.String()
	return &cursor
}

// Replayed is what became of a delivery at an operator's word.
type Replayed struct {
	Key     string        `json:"key"`
	State   payroll.State `json:"state"`
	Changed bool          `json:"changed"` // false: it was moved before, and nothing was to be done
}

// again is how a delivery is sent again.
type again uint8

const (
	againAsk   again = iota // it may have left: its key is asked for, then the same bytes go under the same key
	againQueue              // it never left: it takes its turn
	againCut                // its month has no files yet, or was rejected with them: the month's next version is made
	againAlone              // it never left: it goes in place of the month as it was filed outside, without persons of that
)

// replays say what each does.
var replays = map[again]fault.Text{
	againAsk: {
		FA: "شاید پیش‌تر به سازمان رسیده باشد: نخست کلید از سازمان پرسیده می‌شود و تنها اگر آن را نشناسد همان فایل‌ها با همان کلید فرستاده می‌شود. چیزی دو بار ثبت نمی‌شود.",
		EN: "it may have reached the organisation: its key is asked for first, and only if it is not known do the same files go under the same key; nothing takes effect twice",
	},
	againQueue: {
		FA: "هنوز چیزی از آن به سازمان نرفته است: فایل‌ها ساخته و در نوبت خود فرستاده می‌شود.",
		EN: "nothing of it has left yet: its files are made and it takes its turn",
	},
	againCut: {
		FA: "فایل ماه از همهٔ لیست‌های در جریان آن دوباره ساخته و به عنوان نسخهٔ بعدی فرستاده می‌شود، هرچند همان فایل پیشین باشد.",
		EN: "the month's files are made anew from all its lists in force and go as its next version, even if they come out the same",
	},
	againAlone: {
		FA: "فایل تازه به‌تنهایی جای ماهی را می‌گیرد که پیش‌تر بیرون از این پنجره فرستاده شده است؛ کسانی که در لیست‌های اینجا نیستند از آن می‌افتند.",
		EN: "the new file takes the place of the month as it was filed outside this window, alone; who is in none of the lists sent here drops out of it",
	},
}

// replayOf says how a delivery that needs attention, or was rejected, can be sent again. The error is a *fault.Problem where it
// cannot.
func (w *Window) replayOf(d *store.Delivery) (again, error) {
	switch {
	case d.State == payroll.AnswerRejected && d.Lane == fault.SSO:
		return 0, conflictText(
			"تأمین اجتماعی این فایل را رد کرده است؛ لیست اصلاحی بفرستید", "the SSO rejected these files; send a replacement")
	case d.State == payroll.AnswerRejected:
		return againCut, nil
	case d.Reason == "TAX-07":
		return 0, conflictText(
			"تا یکی از دو لیست اصلاح نشود، فایل درستی برای فرستادن نیست", "there are no right files to send until one of the two lists is corrected")
	case isOutside(d.Reason):
		return againAlone, nil
	case d.FirstSentAt != nil && w.organisation(d.Lane).Gateway == nil:
		return 0, conflictText(
			"این سازمان اکنون درگاه ندارد؛ پاسخش را دستی وارد کنید", "this organisation has no gateway now; enter its answer by hand")
	case d.FirstSentAt != nil:
		return againAsk, nil
	case d.Reference != "":
		return 0, conflictText(
			"این فایل‌ها دستی بارگذاری شده‌اند؛ پاسخ درست را دستی وارد کنید", "these files were uploaded by hand; enter the right answer by hand")
	case d.Digest == nil && d.Lane == fault.Tax:
		return againCut, nil
	}
	return againQueue, nil
}

// Replay sends a delivery again that needs attention, at an operator's word, so that nothing takes effect twice: what may have left is
// asked for by its key, and only if the organisation does not know it do the same bytes go again under the same key. A rejected
// version of a tax month goes again as the next version. Asked again, it does nothing more. Conflict where it cannot be replayed.
func (w *Window) Replay(ctx context.Context, p access.Principal, id store.DeliveryID) (*Replayed, error) {
	return w.onDesk(ctx, id, func(tx *store.Tx, d *store.Delivery, line []*store.Delivery) (bool, error) {
		if d.State != payroll.NeedsAttention && d.State != payroll.AnswerRejected {
			return false, nil
		}
		if newest := newestOf(line); d.State == payroll.AnswerRejected && newest != d {
			return false, nil // what was to go again went, or a correction did
		}
		how, err := w.replayOf(d)
		if err != nil {
			return false, err
		}
		was := d.State
		switch how {
		case againCut:
			err = w.cutAgain(ctx, tx, d)
		case againAsk:
			d.State = payroll.Sending
		case againQueue:
			d.State = payroll.Queued
		case againAlone:
			d.State = payroll.Queued
			err = w.standsAlone(ctx, tx, d, p.ID)
		}
		if err == nil && d.State != was {
			if err = tx.Move(ctx, d.DeliveryID, store.Move{To: d.State, From: []payroll.State{was}, Anew: true}, w.now()); err == nil {
				err = w.wakeDelivery(ctx, tx, d)
			}
		}
		if err != nil {
			return false, err
		}
		return true, w.tellOf(ctx, tx, p, d, "delivery.replayed", map[string]any{"stood": was, "reason": d.Reason})
	})
}

// newestOf is the newest version that counts; nil when none does.
func newestOf(line []*store.Delivery) *store.Delivery {
	for _, d := range slices.Backward(line) {
		if !isWithdrawn(d) {
			return d
		}
	}
	return nil
}

// cutAgain has a tax month's next version made now, even if its files come out as those that were rejected.
func (w *Window) cutAgain(ctx context.Context, tx *store.Tx, d *store.Delivery) error {
	id, err := uuid.Parse(d.Owner)
	if err != nil {
		return fmt.Errorf("flow: replay: %w", err)
	}
	month, err := tx.TaxMonth(ctx, id)
	if err != nil {
		return err
	}
	if _, err := tx.TaxMonthDue(ctx, month.Identity, w.now()); err != nil {
		return err
	}
	return w.insert(ctx, tx, cutArgs{TaxMonth: id, Again: true}, 0, time.Time{})
}

// SetAside gives up a delivery that needs attention so that the later version which waits for it may go, at an operator's word. What
// may have left is asked for first: an organisation that holds these bytes is to answer them. Asked again, it does nothing more.
// Conflict where no later version waits.
func (w *Window) SetAside(ctx context.Context, p access.Principal, id store.DeliveryID) (*Replayed, error) {
	d, err := w.delivery(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("flow: set aside: %w", err)
	}
	if d.State == payroll.NeedsAttention && d.FirstSentAt != nil {
		if err := w.notHeldThere(ctx, d); err != nil {
			return nil, err
		}
	}
	return w.onDesk(ctx, id, func(tx *store.Tx, d *store.Delivery, line []*store.Delivery) (bool, error) {
		if d.State == payroll.Superseded {
			return false, nil
		}
		waits := slices.ContainsFunc(line, func(o *store.Delivery) bool { return o.Version > d.Version && o.State == payroll.Queued })
		if d.State != payroll.NeedsAttention || !waits {
			return false, conflictText("هیچ نسخهٔ تازه‌تری پشت این تحویل در صف نیست", "no later version waits behind this delivery")
		}
		reason := d.Reason
		d.State = payroll.Superseded
		err := tx.Move(ctx, d.DeliveryID, store.Move{To: d.State, From: []payroll.State{payroll.NeedsAttention}, Reason: reasonSetAside}, w.now())
		if err == nil {
			err = w.tellOf(ctx, tx, p, d, "delivery.set_aside", map[string]any{"reason": reason})
		}
		if err == nil {
			err = w.wakeNext(ctx, tx, d)
		}
		return true, err
	})
}

// reasonSetAside is why a delivery that may have left was superseded.
const reasonSetAside = "set aside by an operator for a later version"

// notHeldThere asks the organisation for the key of a delivery that is to be given up.
func (w *Window) notHeldThere(ctx context.Context, d *store.Delivery) error {
	client := w.organisation(d.Lane).Gateway
	if client == nil {
		return nil // there is no one to ask
	}
	ctx, cancel := context.WithTimeout(ctx, w.Pace.exchange())
	defer cancel()
	raw, err := client.Inquire(ctx, d.Key)
	switch {
	case errors.Is(err, gateway.ErrUnknownKey):
		return nil
	case errors.Is(err, gateway.ErrRefused) && d.Reason == reasonRefused:
		return nil // it refuses every request of this kind, so it took none
	case err != nil:
		return &fault.Problem{Kind: fault.Busy, RetryAfter: 30, Err: err, Text: fault.Text{
			FA: "سازمان نمی‌گوید آیا این تحویل را دارد؛ وقتی پاسخ داد دوباره بخواهید", EN: "the organisation does not say whether it has this delivery; ask again once it answers",
		}}
	}
	if got, err := readAcknowledgement(raw); err == nil && got.Digest != "" && got.Digest != fmt.Sprintf("%x", d.Digest) {
		return nil // what it holds is not ours; the later version takes its place
	}
	return conflictText(
		"سازمان همین فایل را دارد؛ با «ارسال دوباره» پاسخش گرفته می‌شود", "the organisation has these files; a replay takes its answer")
}

// onDesk does something to a delivery at a person's word, in one transaction and with no one else at its sequence.
func (w *Window) onDesk(ctx context.Context, id store.DeliveryID, do func(*store.Tx, *store.Delivery, []*store.Delivery) (bool, error)) (*Replayed, error) {
	var told *Replayed
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		d, err := tx.Delivery(ctx, id)
		if err != nil {
			return err
		}
		if err := tx.LockSequence(ctx, d.Owner, d.Sequence); err != nil {
			return err
		}
		line, err := tx.Sequence(ctx, d.Owner, d.Sequence)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(line, func(o *store.Delivery) bool { return o.ID == d.ID })
		if at < 0 {
			return store.ErrNotFound
		}
		d = line[at] // as it stands under the lock
		changed, err := do(tx, d, line)
		told = &Replayed{Key: d.Key, State: d.State, Changed: changed}
		return err
	})
	var p *fault.Problem
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, notFound()
	case errors.As(err, &p):
		return nil, p
	case store.Refused(err, "deliveries_one_at_a_time"), errors.Is(err, store.ErrMoved):
		return nil, conflictText("نسخهٔ دیگری از همین لیست در راه است؛ پس از پاسخ آن دوباره بخواهید", "another version is under way; ask again once it is answered")
	case err != nil:
		return nil, fmt.Errorf("flow: desk: %w", err)
	}
	return told, nil
}

// tellOf writes into the audit log what a person did to a delivery.
func (w *Window) tellOf(ctx context.Context, tx *store.Tx, p access.Principal, d *store.Delivery, action string, details map[string]any) error {
	details["lane"], details["version"], details["digest"] = d.Lane, d.Version, fmt.Sprintf("%x", d.Digest)
	return tx.Append(ctx, store.Event{At: w.now(), Actor: store.ByPrincipal(p.ID), Action: action, Subject: d.ID.String(), Details: details})
}
