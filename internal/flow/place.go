package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// place is where an uploaded list belongs among those of its identity. It is found before judging, to spare the work, and
// found again under the identity's lock, where it decides.
type place struct {
	identity payroll.Identity
	repeat   *store.Known // the same bytes are here and need nothing: its receipt is the answer
	again    *store.Known // the same bytes are here, and a lane of theirs is judged anew
	replaces *store.Known // the version whose place it takes
	version  int          // the next version of the identity
}

// owner is the list that the file's lines belong to.
func (p *place) owner(fresh uuid.UUID) uuid.UUID {
	if p.again != nil {
		return p.again.ID
	}
	return fresh
}

func (s *submission) find(ctx context.Context, tx *store.Tx, h *payroll.Header) (place, error) {
	p := place{identity: h.Identity()}
	same, err := tx.SameBytes(ctx, p.identity, s.sha)
	if err != nil {
		return p, err
	}
	highest, err := tx.HighestVersion(ctx, p.identity)
	if err != nil {
		return p, err
	}
	p.version = highest + 1
	var inForce *store.Known
	switch k, err := tx.InForce(ctx, p.identity); {
	case err == nil:
		inForce = &k
	case !errors.Is(err, store.ErrNotFound):
		return p, err
	}

	replaced := 0 // the version that the same bytes were
	for i := range same {
		k := &same[i]
		switch {
		case k.Withdrawn, k.Version == 0 && k.Verdicts.Passing() == 0:
			// It occupies nothing: it is judged anew.
		case k.Replaced:
			replaced = k.Version
		default:
			p.repeat = k
		}
	}
	if p.repeat != nil && s.wantsMore(p.repeat) {
		p.again, p.repeat = p.repeat, nil
	}
	if p.repeat != nil || p.again != nil && p.again.Version > 0 {
		return p, nil
	}
	if err := addsTo(ctx, tx, h); err != nil {
		return p, err
	}
	holder, err := takenBy(ctx, tx, p.identity)
	if err != nil {
		return p, err
	}
	switch {
	case holder != nil:
		return p, conflict("LIST-02", payroll.KeyListNo, h.ListNo, holder)
	case replaced > 0:
		return p, conflict("LIST-03", payroll.KeyReplaces, "v"+strconv.Itoa(replaced), inForce)
	case replaces(h) && (inForce == nil || !names(h.Replaces, inForce)):
		return p, conflict("LIST-03", payroll.KeyReplaces, h.Replaces, inForce)
	case replaces(h):
		p.replaces = inForce
	case inForce != nil:
		return p, conflict("LIST-02", payroll.KeyListNo, h.ListNo, inForce)
	}
	return p, nil
}

// replaces tells whether a list takes the place of one before it. A nil list may: no one worked after all.
func replaces(h *payroll.Header) bool {
	return h.Kind == payroll.Replacement || h.Kind == payroll.Change || h.Kind == payroll.Nil && h.Replaces != ""
}

// addsTo refuses a supplementary list that names, by its tracking code, the list whose amounts it was made from, once that one is
// not in force any more: the amounts are to be made anew.
func addsTo(ctx context.Context, tx *store.Tx, h *payroll.Header) error {
	code := payroll.TrackingCode(h.Replaces)
	if h.Kind != payroll.Supplementary || code.Check() != payroll.Valid {
		return nil
	}
	stands, err := tx.StandsInMonth(ctx, h.Identity(), code)
	if err != nil || stands {
		return err
	}
	return refusal(fault.Conflict, "LIST-03", headerPlace(payroll.KeyReplaces), h.Replaces, "–",
		"hint_fa", "؛ متمم از روی آن لیست حساب شده و آن لیست دیگر جاری نیست؛ متمم را دوباره بسازید",
		"hint_en", "; the supplementary list was made from that one, which is in force no more; make it anew")
}

// takenBy finds the list in force of which a part is filed under the identity's number (LIST-07); nil where none is.
func takenBy(ctx context.Context, tx *store.Tx, id payroll.Identity) (*store.Known, error) {
	taken, err := tx.PartNumbers(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, t := range taken {
		if !sameNumber(t.ListNo, id.ListNo) {
			continue
		}
		id.ListNo = t.Of
		holder, err := tx.InForce(ctx, id)
		return &holder, err
	}
	return nil, nil
}

// sameNumber compares list numbers as the numbers they are: the SSO's clerk does not count the zeros.
func sameNumber(a, b string) bool { return strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0") }

// takeNumbers takes list numbers for the second and later pairs of the SSO's files: those of earlier versions, then the next
// free ones above.
func takeNumbers(ctx context.Context, tx *store.Tx, id payroll.Identity, parts int) error {
	taken, err := tx.PartNumbers(ctx, id)
	if err != nil || parts < 2 && len(taken) == 0 {
		return err
	}
	used, err := tx.ListNumbers(ctx, id)
	if err != nil {
		return err
	}
	last, own := id.ListNo, 1
	for _, t := range taken {
		used = append(used, t.ListNo)
		if t.Of == id.ListNo {
			last, own = t.ListNo, t.Part
		}
	}
	for part := own + 1; part <= parts; part++ {
		for free := false; !free; {
			last = payroll.NextListNo(last, 1)
			free = !slices.ContainsFunc(used, func(n string) bool { return sameNumber(n, last) })
		}
		if len(last) > maxListNo {
			return &fault.Problem{Kind: fault.Unprocessable, Code: "LIST-07", Text: fault.Text{
				FA: "لیست در یک جفت فایل بیمه جا نمی‌شود و بالاتر از شماره آن شماره آزادی نیست؛ شماره کوچک‌تری بنویسید",
				EN: "the list does not fit one pair of the SSO's files and no number above its own is free; give it a smaller one",
			}}
		}
		if err := tx.TakePartNumber(ctx, id, part, last); err != nil {
			return err
		}
	}
	return tx.EmptyParts(ctx, id, parts)
}

const maxListNo = 12 // digits

// wantsMore tells whether the same bytes come to have a lane sent that was not sent with them before (P4 is per lane).
func (s *submission) wantsMore(k *store.Known) bool {
	if s.u.Draft {
		return false
	}
	open := s.asked() &^ k.Submitted
	for _, lane := range payroll.EachLane() {
		if !open.Has(lane) {
			continue
		}
		switch v := k.Verdicts.Of(lane); {
		case !k.Asked.Has(lane), v == payroll.Rejected:
			return true
		case v.Passes() && (s.u.LanesGiven || s.u.Passing):
			return true // a draft, and now the sender says which lane goes
		}
	}
	return false
}

// names tells whether a replacement names the version in force, by its tracking code or as v1, v2 ….
func names(replaces string, inForce *store.Known) bool {
	return replaces == string(inForce.TrackingCode) || replaces == "v"+strconv.Itoa(inForce.Version)
}

func conflict(code string, key payroll.HeaderID, given string, inForce *store.Known) *fault.Problem {
	if inForce == nil {
		return refusal(fault.Conflict, code, headerPlace(key), given, "–",
			"hint_fa", "؛ از این لیست نسخه‌ای ثبت نشده است", "hint_en", "; no version of this list is filed")
	}
	now := fmt.Sprintf("%s (v%d)", inForce.TrackingCode, inForce.Version)
	p := refusal(fault.Conflict, code, headerPlace(key), given, now, "hint_fa", "؛ نسخه جاری "+now+" است", "hint_en", "; it is "+now)
	if key == payroll.KeyReplaces {
		p.Faults[0].Suggested = string(inForce.TrackingCode)
	}
	p.Extra = &Kept{ID: inForce.ID.String(), Receipt: inForce.Receipt}
	return p
}
