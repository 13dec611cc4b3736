package flow

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"fehrest/internal/access"
	"fehrest/internal/agency"
	"fehrest/internal/agency/hand"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// lanesOf finds where each lane of the lists stands, with what the organisations said.
func lanesOf(ctx context.Context, tx *store.Tx, lists []*store.List) (map[uuid.UUID]Deliveries, error) {
	states, err := standings(ctx, tx, lists)
	if err != nil {
		return nil, err
	}
	var ids []store.DeliveryID
	for _, d := range states {
		ids = append(ids, d.SSO.id, d.Tax.id)
	}
	payments, err := tx.Payments(ctx, ids)
	if err != nil {
		return nil, err
	}
	said, err := tx.AnswerFindings(ctx, ids)
	if err != nil {
		return nil, err
	}
	contrary, err := tx.Contradictions(ctx, ids)
	if err != nil {
		return nil, err
	}
	emptied, err := tx.EmptiedParts(ctx, workshopsOf(lists))
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		d := states[l.ID]
		if l.SubmittedSSO != nil && l.ReplacedBy == nil {
			d.SSO.Emptied = emptied[l.Header.Identity()]
		}
		d.SSO.Contradicted, d.Tax.Contradicted = contradictionOf(contrary, d.SSO.id), contradictionOf(contrary, d.Tax.id)
		d.SSO.Payments, d.Tax.Payments = payments[d.SSO.id], payments[d.Tax.id]
		if d.SSO.Findings, err = placed(ctx, tx, l, said[d.SSO.id], false); err != nil {
			return nil, err
		}
		// A tax month holds the persons of other lists too.
		if d.Tax.Findings, err = placed(ctx, tx, l, said[d.Tax.id], true); err != nil {
			return nil, err
		}
		for _, lane := range []*LaneView{&d.SSO, &d.Tax} {
			lane.Payments = append([]payroll.Payment{}, lane.Payments...)
			lane.Files = []string{}
		}
		states[l.ID] = d
	}
	return states, nil
}

func workshopsOf(lists []*store.List) (codes []payroll.WorkshopCode) {
	for _, l := range lists {
		if !slices.Contains(codes, l.Header.Workshop) {
			codes = append(codes, l.Header.Workshop)
		}
	}
	return codes
}

// standings finds each lane's state: that of the list's own delivery, or of the tax month's versions that hold it.
func standings(ctx context.Context, tx *store.Tx, lists []*store.List) (map[uuid.UUID]Deliveries, error) {
	sso, err := tx.SSODeliveries(ctx, lists)
	if err != nil {
		return nil, err
	}
	held, err := tx.TaxDeliveries(ctx, lists)
	if err != nil {
		return nil, err
	}
	return standingsOf(lists, sso, held, func(id store.DeliveryID) (*store.Delivery, error) { return tx.Delivery(ctx, id) })
}

// standingsOf finds each lane's state from the deliveries that there are of the lists; earlier finds one that another shares its
// files with.
func standingsOf(lists []*store.List, sso []*store.Delivery, held []store.TaxHeld, earlier func(store.DeliveryID) (*store.Delivery, error)) (_ map[uuid.UUID]Deliveries, err error) {
	states := make(map[uuid.UUID]Deliveries, len(lists))
	for _, l := range lists {
		states[l.ID] = Deliveries{SSO: unsent(l, fault.SSO), Tax: unsent(l, fault.Tax)}
	}
	for _, d := range sso {
		all := states[d.List]
		if all.SSO, err = laneView(d, earlier); err != nil {
			return nil, err
		}
		states[d.List] = all
	}
	for i := range held {
		if isWithdrawn(&held[i].Delivery) {
			continue // of its other lists the month is due again
		}
		all := states[held[i].List]
		left, uploaded := all.Tax.left, all.Tax.uploaded
		// The newest version that holds the list comes first; an accepted one wins over it.
		if all.Tax.Key == "" || held[i].State.IsAccepted() && !all.Tax.State.IsAccepted() {
			if all.Tax, err = laneView(&held[i].Delivery, earlier); err != nil {
				return nil, err
			}
		}
		if at := leftAt(&held[i].Delivery); at != nil && (left == nil || at.Before(*left)) {
			left = at
		}
		if at := held[i].UploadedAt; at != nil && (uploaded == nil || at.Before(*uploaded)) {
			uploaded = at
		}
		all.Tax.left, all.Tax.uploaded = left, uploaded // a list has left with the first version that held it
		states[held[i].List] = all
	}
	return states, nil
}

func unsent(l *store.List, lane fault.Lane) LaneView {
	switch {
	case l.Submitted().Has(lane) && (l.ReplacedBy != nil || l.WithdrawnAt != nil):
		return LaneView{State: payroll.Superseded}
	case l.Submitted().Has(lane):
		return LaneView{State: payroll.Due}
	case l.Verdicts.Of(lane) == payroll.NotAddressed:
		return LaneView{State: payroll.LaneNotAddressed}
	}
	return LaneView{State: payroll.NotSent}
}

// laneView shows a delivery; one whose files equal an earlier one's stands where that one does.
func laneView(d *store.Delivery, find func(store.DeliveryID) (*store.Delivery, error)) (LaneView, error) {
	v := LaneView{State: d.State, Key: d.Key, Reference: d.Reference, Reason: d.Reason, ByHand: isByHand(d), UploadedAt: d.UploadedAt, id: d.DeliveryID, left: leftAt(d), carried: d.FirstSentAt != nil, uploaded: d.UploadedAt}
	if d.Shares == nil {
		return v, nil
	}
	earlier, err := find(store.DeliveryID{Owner: d.Owner, ID: *d.Shares})
	if err != nil {
		return v, err
	}
	v.ByHand, v.UploadedAt = isByHand(earlier), earlier.UploadedAt
	v.State, v.Reference, v.Reason, v.id = earlier.State, earlier.Reference, "", earlier.DeliveryID
	v.carried, v.uploaded = earlier.FirstSentAt != nil, earlier.UploadedAt
	return v, nil
}

// replacedEverywhere tells whether in each lane sent a later version was accepted, or overtook the list before it left.
func replacedEverywhere(ctx context.Context, tx *store.Tx, l *store.List) (bool, error) {
	if l.ReplacedBy == nil {
		return false, nil
	}
	later, err := tx.LaterVersions(ctx, l)
	if err != nil {
		return false, err
	}
	states, err := standings(ctx, tx, append(later, l))
	if err != nil {
		return false, err
	}
	for _, lane := range payroll.EachLane() {
		if l.Submitted().Has(lane) && !replacedIn(lane, l, later, states) {
			return false, nil
		}
	}
	return true, nil
}

func replacedIn(lane fault.Lane, l *store.List, later []*store.List, states map[uuid.UUID]Deliveries) bool {
	if states[l.ID].of(lane).State == payroll.Superseded {
		return true
	}
	for _, other := range later {
		if states[other.ID].of(lane).State.IsAccepted() {
			return true
		}
	}
	return false
}

func (d Deliveries) of(lane fault.Lane) LaneView {
	if lane == fault.Tax {
		return d.Tax
	}
	return d.SSO
}

// File gives one of a list's files as an organisation gets it. NotFound where the lane has no such file, or the tax month's is
// not wholly the principal's to see.
func (w *Window) File(ctx context.Context, p access.Principal, id, name string) (file *payroll.File, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		l, err := w.held(ctx, tx, p, id)
		if err != nil {
			return err
		}
		files, err := w.files(ctx, tx, p, l)
		if err != nil {
			return err
		}
		for _, f := range files {
			if f.Name == name {
				file = &f
				return nil
			}
		}
		return notFound()
	})
	return file, err
}

// nameFiles names the files that are made and that the principal may see.
func (w *Window) nameFiles(ctx context.Context, tx *store.Tx, p access.Principal, l *store.List, v *List) error {
	for _, lane := range []*LaneView{&v.Deliveries.SSO, &v.Deliveries.Tax} {
		if lane.Key == "" {
			continue
		}
		zipped := fault.SSO
		if lane == &v.Deliveries.Tax {
			zipped = fault.Tax
			if whole, err := w.holdsWhole(ctx, tx, p, l.Header.TaxMonth()); err != nil {
				return err
			} else if !whole {
				continue
			}
		}
		names, err := tx.ParcelFiles(ctx, lane.id)
		if err != nil {
			return err
		}
		if lane.State == payroll.ByHand {
			text := hand.Checklist(lane.Key, names)
			lane.Checklist = &text
		}
		if len(names) > 0 {
			lane.Files = append(names, zipped.String()+".zip")
		}
	}
	return nil
}

// files are those of both lanes that the principal may see, as they went or will go.
func (w *Window) files(ctx context.Context, tx *store.Tx, p access.Principal, l *store.List) (files []payroll.File, err error) {
	states, err := standings(ctx, tx, []*store.List{l})
	if err != nil {
		return nil, err
	}
	lanes := states[l.ID]
	if l.Verdicts.SSO.Passes() {
		parcel, err := tx.Parcel(ctx, lanes.SSO.id)
		if errors.Is(err, store.ErrNotFound) {
			parcel, err = w.encodeList(ctx, tx, l)
		}
		switch {
		case errors.Is(err, errFiles): // it has none
		case err != nil:
			return nil, err
		default:
			if files, err = unpack(files, fault.SSO, parcel.Bytes); err != nil {
				return nil, err
			}
		}
	}
	if lanes.Tax.Key == "" {
		return files, nil
	}
	whole, err := w.holdsWhole(ctx, tx, p, l.Header.TaxMonth())
	if err != nil || !whole {
		return files, err
	}
	parcel, err := tx.Parcel(ctx, lanes.Tax.id)
	if errors.Is(err, store.ErrNotFound) {
		return files, nil // they could not be made
	}
	if err != nil {
		return nil, err
	}
	return unpack(files, fault.Tax, parcel.Bytes)
}

func (w *Window) encodeList(ctx context.Context, tx *store.Tx, l *store.List) (*store.Parcel, error) {
	list, err := withNumbers(ctx, tx, l)
	if err != nil {
		return nil, err
	}
	return w.encode(fault.SSO, agency.Parcel{List: list})
}

// unpack lists what is in a parcel, and the parcel itself as sso.zip or tax.zip.
func unpack(files []payroll.File, lane fault.Lane, parcel []byte) ([]payroll.File, error) {
	r, err := zip.NewReader(bytes.NewReader(parcel), int64(len(parcel)))
	if err != nil {
		return nil, fmt.Errorf("flow: parcel: %w", err)
	}
	if len(r.File) == 0 {
		return files, nil // a nil list or an empty month is a declaration without a file
	}
	for _, entry := range r.File {
		body, err := entry.Open()
		if err != nil {
			return nil, fmt.Errorf("flow: parcel: %w", err)
		}
		b, err := io.ReadAll(body)
		if err := errors.Join(err, body.Close()); err != nil {
			return nil, fmt.Errorf("flow: parcel: %w", err)
		}
		files = append(files, payroll.File{Name: entry.Name, Bytes: b})
	}
	return append(files, payroll.File{Name: lane.String() + ".zip", Bytes: parcel}), nil
}
