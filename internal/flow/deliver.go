package flow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/agency/gateway"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// deliverWorker brings one delivery to its organisation. It reads where the delivery stands, takes the next step, and records
// it; run twice, or after a crash anywhere, it does no more than once.
type deliverWorker struct {
	river.WorkerDefaults[deliverArgs]
	w *Window
}

// Timeout leaves a large list's files the time to be made.
func (x *deliverWorker) Timeout(job *river.Job[deliverArgs]) time.Duration {
	if job.Args.Large {
		return cutTimeout
	}
	return 0 // that of every job
}

// Work takes the delivery as far as it will go now.
func (x *deliverWorker) Work(ctx context.Context, job *river.Job[deliverArgs]) error {
	d, lane, err := x.look(ctx, store.DeliveryID{Owner: job.Args.Owner, ID: job.Args.Delivery})
	if err != nil {
		return fmt.Errorf("flow: deliver %s: %w", job.Args.Delivery, err)
	}
	if d.State != payroll.Queued && d.State != payroll.Sending {
		return nil // it is past this job; an answer found final is success
	}
	if wait := x.w.toWait(lane, x.w.now()); wait > 0 && x.w.organisation(d.Lane).Gateway != nil {
		return x.w.keepWaiting(ctx, d, wait) // before it is sending: until then it can be withdrawn and overtaken
	}
	// An earlier run may have sent it: its outcome is unknown until the organisation is asked.
	ask := d.State == payroll.Sending || d.FirstSentAt != nil
	if d.State == payroll.Queued {
		step, err := x.prepare(ctx, job, d)
		switch {
		case err != nil:
			return fmt.Errorf("flow: deliver %s: %w", d.ID, err)
		case step == stepBusy:
			return river.JobSnooze(x.w.backoff(1))
		case step != stepSend:
			return nil // whoever settles the earlier version queues this one again
		}
	}
	return x.send(ctx, job, d, ask)
}

// look reads a delivery and how its lane fares.
func (x *deliverWorker) look(ctx context.Context, id store.DeliveryID) (d *store.Delivery, lane store.Lane, err error) {
	err = x.w.Store.Read(ctx, func(tx *store.Tx) error {
		if d, err = tx.Delivery(ctx, id); err != nil {
			return err
		}
		lane, err = tx.Lane(ctx, d.Lane)
		return err
	})
	return d, lane, err
}

func (x *deliverWorker) prepare(ctx context.Context, job *river.Job[deliverArgs], d *store.Delivery) (step, error) {
	if job.Args.Large {
		if !x.w.large.TryLock() {
			return stepBusy, nil
		}
		defer x.w.large.Unlock()
	}
	return x.w.prepare(ctx, d)
}

func (w *Window) delivery(ctx context.Context, id store.DeliveryID) (d *store.Delivery, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		d, err = tx.Delivery(ctx, id)
		return err
	})
	return d, err
}

type step uint8

const (
	stepSend step = iota // its bytes are on record and it is its turn
	stepWait             // an earlier version is not settled yet
	stepDone             // nothing is to be sent
	stepBusy             // another large list's files are being made
)

// prepare makes the files of a queued delivery and commits bytes, digest and the state sending, before a byte leaves.
func (w *Window) prepare(ctx context.Context, d *store.Delivery) (next step, err error) {
	if waits, err := w.waits(ctx, d); err != nil || waits {
		return stepWait, err
	}
	parcel, err := w.parcel(ctx, d)
	if errors.Is(err, errFiles) {
		w.log().ErrorContext(ctx, "files not made", "delivery", d.ID, "error", err)
		return stepDone, w.desk(ctx, d, reasonFiles)
	}
	if err != nil {
		return stepDone, err
	}
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		next, err = w.takeTurn(ctx, tx, d, parcel)
		return err
	})
	switch {
	case errors.Is(err, store.ErrMoved):
		return stepDone, nil // another worker took it
	case store.Refused(err, "deliveries_one_at_a_time"):
		return stepWait, nil
	}
	return next, err
}

// takeTurn moves a queued delivery to what its turn is, in the transaction that keeps its bytes.
func (w *Window) takeTurn(ctx context.Context, tx *store.Tx, d *store.Delivery, parcel *store.Parcel) (step, error) {
	// Without the lock a version could begin to wait for one that is just being settled, and miss being woken.
	if err := tx.LockSequence(ctx, d.Owner, d.Sequence); err != nil {
		return stepDone, err
	}
	line, err := tx.Sequence(ctx, d.Owner, d.Sequence)
	if err != nil {
		return stepDone, err
	}
	next, move, action := stepSend, store.Move{To: payroll.Sending, Digest: parcel.Digest}, "delivery.sending"
	t := turnOf(d, line, parcel.Digest)
	switch {
	case t.wait:
		return stepWait, nil
	case t.overtaken:
		next, move, action = stepDone, store.Move{To: payroll.Superseded, Reason: reasonOvertaken}, "delivery.superseded"
	case t.same != nil:
		next, move, action = stepDone, store.Move{To: payroll.Superseded, Digest: parcel.Digest, Shares: t.same, Reason: "equal"}, "delivery.shared"
	case w.organisation(d.Lane).Gateway == nil, len(parcel.Files) == 0:
		next, move.To, move.Reason, action = stepDone, payroll.ByHand, reasonByHand(d.Lane, parcel), "delivery.by_hand"
	}
	now := w.now()
	if !t.overtaken {
		waits := func(old *store.Delivery) bool {
			return old.Version < d.Version && (old.State == payroll.Queued || old.State == payroll.ByHand || neverWent(old))
		}
		if err := overtake(ctx, tx, line, waits, now); err != nil {
			return stepDone, err
		}
	}
	if err := tx.KeepParcel(ctx, d.DeliveryID, *parcel, now); err != nil {
		return stepDone, err
	}
	if err := tx.Move(ctx, d.DeliveryID, move, now); err != nil {
		return stepDone, err
	}
	d.State, d.Digest = move.To, parcel.Digest
	return next, w.tell(ctx, tx, d, action, nil)
}

// overtake gives up versions that never left, now that a later one stands in their place.
func overtake(ctx context.Context, tx *store.Tx, line []*store.Delivery, given func(*store.Delivery) bool, now time.Time) error {
	for _, old := range line {
		if !given(old) {
			continue
		}
		if err := tx.Move(ctx, old.DeliveryID, store.Move{To: payroll.Superseded, Reason: reasonOvertaken}, now); err != nil {
			return err
		}
	}
	return nil
}

// neverWent tells whether a delivery lies on the desk and nothing of it left.
func neverWent(d *store.Delivery) bool { return d.State == payroll.NeedsAttention && leftAt(d) == nil }

// waits tells whether an earlier version is still under way, before the files are made for nothing. It is asked again under
// the sequence's lock: whoever settles the earlier version may have looked for later ones before this one was there, and
// would not queue it again.
func (w *Window) waits(ctx context.Context, d *store.Delivery) (waits bool, err error) {
	look := func(tx *store.Tx) error {
		line, err := tx.Sequence(ctx, d.Owner, d.Sequence)
		waits = turnOf(d, line, nil).wait
		return err
	}
	if err = w.Store.Read(ctx, look); err != nil || !waits {
		return waits, err
	}
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.LockSequence(ctx, d.Owner, d.Sequence); err != nil {
			return err
		}
		return look(tx)
	})
	return waits, err
}

// turn is what the other versions mean for a queued one.
type turn struct {
	wait, overtaken bool
	same            *uuid.UUID // the earlier delivery in force whose bytes are the same
}

func turnOf(d *store.Delivery, line []*store.Delivery, digest []byte) (t turn) {
	for _, other := range line {
		switch {
		case other.Version > d.Version:
			// What has no files yet takes nothing's place: files that are right go while it waits for a person.
			t.overtaken = t.overtaken || !isWithdrawn(other) && !isUncut(other)
		case other.Version == d.Version:
		case other.State == payroll.Sending, other.State == payroll.Sent, other.State == payroll.NeedsAttention && leftAt(other) != nil:
			t.wait = true
		case other.State.IsAccepted() && bytes.Equal(other.Digest, digest):
			t.same = &other.ID
		case other.State.IsAccepted():
			t.same = nil // one that was rejected took nothing's place
		}
	}
	if t.overtaken {
		t.wait = false
	}
	return t
}

// parcel makes the organisation's files, or reads those made before: a delivery is encoded once.
func (w *Window) parcel(ctx context.Context, d *store.Delivery) (parcel *store.Parcel, err error) {
	var list *payroll.FiledList
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		if parcel, err = tx.Parcel(ctx, d.DeliveryID); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if d.Lane == fault.Tax {
			return fmt.Errorf("the tax month's files are made when it is cut: %w", err)
		}
		list, err = filedList(ctx, tx, payroll.WorkshopCode(d.Owner), d.List)
		return err
	})
	if err != nil || list == nil {
		return parcel, err
	}
	return w.encode(d.Lane, agency.Parcel{List: list})
}

// errFiles says that a list or month cannot be written into its organisation's files. It can never be, so a person is told.
var errFiles = errors.New("flow: files cannot be made")

// Why a delivery needs attention. The last two tell why one is still being sent.
const (
	reasonFiles    = "its files cannot be made"
	reasonConflict = "the organisation holds another digest or a later version under this key"
	reasonRefused  = "the organisation refuses the request"
	reasonNoWord   = "no acknowledgement within the time set"
	reasonBroken   = "the window failed to send it time and again"
	reasonUncut    = "the month's files failed to be made time and again"
	// reasonForgotten is that of a delivery which was sent, and of which every inquiry hears that its key is unknown.
	reasonForgotten = "the organisation confirmed the receipt, and no longer knows it"
	reasonUnasked   = "the organisation refuses to be asked whether it has it"
	reasonSilent    = "no acknowledgement yet; it is asked and tried again"
)

func (w *Window) encode(lane fault.Lane, p agency.Parcel) (*store.Parcel, error) {
	files, err := w.organisation(lane).Agency.Encode(p)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFiles, err)
	}
	if declared(p) {
		files = nil
	}
	parcel := &store.Parcel{Files: []string{}}
	if parcel.Bytes, err = agency.Zip(files); err != nil {
		return nil, err
	}
	for _, f := range files {
		parcel.Files = append(parcel.Files, f.Name)
	}
	digest := sha256.Sum256(parcel.Bytes)
	parcel.Digest = digest[:]
	return parcel, nil
}

func filedList(ctx context.Context, tx *store.Tx, code payroll.WorkshopCode, id uuid.UUID) (*payroll.FiledList, error) {
	l, err := tx.List(ctx, code, id)
	if err != nil {
		return nil, err
	}
	return withNumbers(ctx, tx, l)
}

// withNumbers reads a list with the numbers of its parts, as the SSO gets it.
func withNumbers(ctx context.Context, tx *store.Tx, l *store.List) (*payroll.FiledList, error) {
	list, err := filed(ctx, tx, l)
	if err != nil {
		return nil, err
	}
	taken, err := tx.PartNumbers(ctx, l.Header.Identity())
	for _, t := range taken {
		if t.Of == l.Header.ListNo {
			list.PartNumbers = append(list.PartNumbers, t.ListNo)
		}
	}
	return list, err
}

func filed(ctx context.Context, tx *store.Tx, l *store.List) (*payroll.FiledList, error) {
	lines, err := tx.Lines(ctx, l.Header.Identity(), l.ID, l.Workers)
	if err != nil {
		return nil, err
	}
	return &payroll.FiledList{Header: l.Header, Version: l.Version, Totals: l.Totals, Lines: lines}, nil
}

// acknowledged is a gateway's word that it has a delivery, whether or not it has decided.
type acknowledged struct {
	Digest    string        `json:"digest"`
	Reference string        `json:"reference"`
	State     payroll.State `json:"state"`
	raw       []byte
}

const stateReceived payroll.State = "received"

func (a *acknowledged) decided() bool {
	return a.State.IsAccepted() || a.State == payroll.AnswerRejected
}

func readAcknowledgement(raw []byte) (*acknowledged, error) {
	a := &acknowledged{raw: raw}
	if err := json.Unmarshal(raw, a); err != nil || a.Reference == "" || (a.State != stateReceived && !a.decided()) {
		return nil, fmt.Errorf("%w: the answer is not understood", gateway.ErrUnknown)
	}
	return a, nil
}

// send gives the parcel to the organisation, if the lane lets it through. After an unknown outcome its key is asked for first, so
// that nothing has its effect twice.
func (x *deliverWorker) send(ctx context.Context, job *river.Job[deliverArgs], d *store.Delivery, ask bool) error {
	w := x.w
	client := w.organisation(d.Lane).Gateway
	if client == nil {
		// It was being sent when the gateway was taken away; it waits until there is one again.
		return river.JobSnooze(w.Pace.most())
	}
	pass, wait, err := w.enter(ctx, d.Lane)
	switch {
	case err != nil:
		return fmt.Errorf("flow: deliver %s: %w", d.ID, err)
	case wait > 0:
		return w.keepWaiting(ctx, d, wait)
	}
	got, err := w.exchange(ctx, client, d, ask)
	w.Meter.Attempted(d.Lane.String(), attemptOf(err))
	if left := w.leave(ctx, pass, d.ID, err); left != nil {
		w.log().WarnContext(ctx, "how a lane fares was not recorded", "lane", d.Lane.String(), "error", left)
	}
	if err != nil {
		return w.failed(ctx, d, ask, err)
	}
	return x.acknowledge(ctx, job, d, ask, got)
}

// acknowledge records that the organisation has the delivery, and takes its answer where it has decided already.
func (x *deliverWorker) acknowledge(ctx context.Context, job *river.Job[deliverArgs], d *store.Delivery, asked bool, got *acknowledged) error {
	w := x.w
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		inquire := w.now().Add(w.Pace.inquire())
		err := tx.Move(ctx, d.DeliveryID, store.Move{
			To: payroll.Sent, From: []payroll.State{payroll.Sending}, Reference: got.Reference, InquireAt: &inquire,
		}, w.now())
		if err == nil {
			err = w.tell(ctx, tx, d, "delivery.sent", map[string]any{"reference": got.Reference, "asked_first": asked})
		}
		if err == nil || errors.Is(err, store.ErrMoved) { // the answer was here before our own record of sending
			return complete(ctx, tx, job)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("flow: deliver %s: %w", d.ID, err)
	}
	if got.decided() {
		if _, err := w.take(ctx, d.Lane, store.SourceInquired, got.raw); err != nil {
			w.log().WarnContext(ctx, "an inquired answer was not stored", "delivery", d.ID, "error", err)
		}
	}
	return nil
}

// errAsking says that an inquiry failed, not a delivery: it changes no state, whatever it was answered.
var errAsking = errors.New("flow: the key was asked for")

// exchange asks for the delivery's key first where it may have left, and sends it where the organisation does not know it.
func (w *Window) exchange(ctx context.Context, client *gateway.Client, d *store.Delivery, ask bool) (got *acknowledged, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.Pace.exchange())
	defer cancel()
	if ask {
		raw, err := client.Inquire(ctx, keySent(d))
		if err == nil {
			return acknowledgementOf(d, raw)
		}
		if !errors.Is(err, gateway.ErrUnknownKey) {
			return nil, fmt.Errorf("%w: %w", errAsking, err)
		}
	}
	parcel, err := w.parcel(ctx, d)
	if err != nil {
		return nil, err
	}
	raw, err := client.Deliver(ctx, keySent(d), parcel.Bytes)
	if err != nil {
		return nil, err
	}
	return acknowledgementOf(d, raw)
}

// acknowledgementOf reads an acknowledgement of a delivery's own bytes.
func acknowledgementOf(d *store.Delivery, raw []byte) (*acknowledged, error) {
	got, err := readAcknowledgement(raw)
	if err == nil && got.Digest != "" && got.Digest != fmt.Sprintf("%x", d.Digest) {
		return nil, gateway.ErrConflict
	}
	return got, err
}

// refusedMost is how long an organisation may refuse to be asked for a delivery before that is a person's matter: it is no outage that
// passes, as one that does not answer.
const refusedMost = time.Hour

// whySending tells why a delivery is still being sent; empty where the mistake was ours.
func whySending(cause error) string {
	var busy *gateway.BusyError
	switch {
	case errors.Is(cause, gateway.ErrRefused) && errors.Is(cause, errAsking):
		return reasonUnasked
	case errors.As(cause, &busy), errors.Is(cause, gateway.ErrUnknown):
		return reasonSilent
	}
	return ""
}

// failed decides what an exchange that brought no acknowledgement means: another try later, or the desk.
func (w *Window) failed(ctx context.Context, d *store.Delivery, asked bool, cause error) error {
	var attempts int
	var since time.Time
	var unasked *time.Time
	why := whySending(cause)
	err := w.Store.Tx(ctx, func(tx *store.Tx) (err error) {
		if attempts, since, err = tx.CountTry(ctx, d.DeliveryID, 1, w.now()); err != nil {
			return err
		}
		if unasked, err = tx.TellWhySending(ctx, d.DeliveryID, why, why == reasonUnasked, w.now()); err != nil {
			return err
		}
		return w.tell(ctx, tx, d, "delivery.not_acknowledged", map[string]any{"attempt": attempts, "outcome": attemptOf(cause), "asked_first": asked})
	})
	if err != nil {
		return fmt.Errorf("flow: deliver %s: %w", d.ID, err)
	}
	w.log().InfoContext(ctx, "delivery not acknowledged", "delivery", d.ID, "lane", d.Lane.String(), "attempt", attempts, "error", cause)
	reason := ""
	switch {
	case errors.Is(cause, gateway.ErrConflict):
		reason = reasonConflict
	case errors.Is(cause, gateway.ErrRefused) && !errors.Is(cause, errAsking):
		reason = reasonRefused
	case unasked != nil && w.now().Sub(*unasked) > refusedMost:
		reason = reasonUnasked
	case w.now().Sub(since) > w.Pace.giveUp():
		reason = reasonNoWord
	}
	if reason != "" {
		return w.desk(ctx, d, reason)
	}
	var busy *gateway.BusyError
	if errors.As(cause, &busy) && busy.RetryAfter > 0 {
		return river.JobSnooze(min(busy.RetryAfter, obeyMost) + upTo(min(w.Pace.most(), spreadMost))) // with the rest of the lane
	}
	return river.JobSnooze(w.backoff(attempts))
}

// desk hands a delivery that is still to be sent to a person, with the reason.
func (w *Window) desk(ctx context.Context, d *store.Delivery, reason string) error {
	from := []payroll.State{payroll.Queued, payroll.Sending}
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.Move(ctx, d.DeliveryID, store.Move{To: payroll.NeedsAttention, From: from, Reason: reason}, w.now()); err != nil {
			return err
		}
		return w.tell(ctx, tx, d, "delivery.needs_attention", map[string]any{"reason": reason})
	})
	if errors.Is(err, store.ErrMoved) {
		return nil // it was acknowledged or answered meanwhile
	}
	return err
}

// backoff draws a wait with full jitter below a ceiling that doubles with every attempt.
func (w *Window) backoff(attempts int) time.Duration {
	ceiling := w.Pace.most()
	if attempts < 30 {
		ceiling = min(ceiling, w.Pace.least()<<max(attempts-1, 0))
	}
	return upTo(ceiling)
}

// tell writes what happened to a delivery into the audit log.
func (w *Window) tell(ctx context.Context, tx *store.Tx, d *store.Delivery, action string, details map[string]any) error {
	all := map[string]any{"lane": d.Lane, "version": d.Version, "digest": fmt.Sprintf("%x", d.Digest)}
	for k, v := range details {
		all[k] = v
	}
	return tx.Append(ctx, store.Event{At: w.now(), Actor: store.ByWindow, Action: action, Subject: d.ID.String(), Details: all})
}
