package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// errMovedOn says that another upload of the identity came in between: the file is to be read again.
var errMovedOn = errors.New("flow: the identity moved on")

// keep writes the one transaction that a receipt stands for. A list that no lane takes is kept too; its problem is returned
// after the commit.
func (s *submission) keep(ctx context.Context) (told *Submitted, err error) {
	if s.result != nil {
		if err := s.w.ensurePartition(ctx, s.place.identity.Period); err != nil {
			return nil, err
		}
	}
	var refused *fault.Problem
	err = commit(ctx, s.w.Store, func(tx *store.Tx) error {
		if err := s.lockMonth(ctx, tx); err != nil {
			return err
		}
		// Another program may have answered this key while this one was reading.
		earlier, err := s.recall(ctx, tx)
		if err != nil || earlier != nil {
			told = earlier
			return err
		}
		told, refused, err = s.decide(ctx, tx)
		if s.leaveWay != nil {
			s.leaveWay() // before the commit: it waits for the disk, and needs no processor
		}
		return err
	})
	var problem *fault.Problem
	switch {
	case errors.As(err, &problem), errors.Is(err, errMovedOn):
		return nil, err
	case store.Refused(err, "idempotency_pkey"):
		return nil, keyInFlight // another program's, of another list: whose answer it is shows when it is asked again
	case err != nil:
		return nil, fmt.Errorf("flow: keep: %w", err)
	case refused != nil:
		return nil, refused
	}
	return told, nil
}

// lockMonth keeps other lists of the workshop's month out until the end of the transaction. A small file that has to wait for it holds
// up no one: it may wait for a large one, which would stand still for it in turn.
func (s *submission) lockMonth(ctx context.Context, tx *store.Tx) error {
	if s.leaveWay == nil {
		return tx.LockMonth(ctx, s.place.identity)
	}
	locked, err := tx.TryLockMonth(ctx, s.place.identity)
	if err != nil || locked {
		return err
	}
	s.leaveWay()
	return tx.LockMonth(ctx, s.place.identity)
}

// decide finds the list's place again, now that no one else can change it, and writes what follows.
func (s *submission) decide(ctx context.Context, tx *store.Tx) (*Submitted, *fault.Problem, error) {
	if err := s.mayDeclare(ctx, tx); err != nil {
		return nil, nil, err
	}
	if s.result == nil {
		told, err := s.repeat(ctx, tx, s.place.repeat)
		return told, nil, err
	}
	was := s.place.owner(s.id)
	now, err := s.find(ctx, tx, &s.result.Header)
	if err != nil {
		return nil, nil, err
	}
	if now.repeat != nil {
		told, err := s.repeat(ctx, tx, now.repeat)
		return told, nil, err
	}
	if now.owner(s.id) != was {
		return nil, nil, errMovedOn // the lines are written under another list's id
	}
	if s.result.Header.ExemptFive {
		used, err := tx.ExemptUsed(ctx, now.identity)
		if err != nil {
			return nil, nil, err
		}
		if used != s.exempt {
			return nil, nil, errMovedOn // another list of the month took some of the five
		}
	}
	if moved, err := s.history.movedOn(ctx, tx); err != nil {
		return nil, nil, err
	} else if moved {
		return nil, nil, errMovedOn
	}
	s.place = now
	verdicts := s.result.Verdicts
	passing, held := verdicts.Passing()&s.asked(), heldBack(verdicts, s.asked())
	if s.place.again != nil {
		told, err := s.sendMore(ctx, tx, passing, held)
		return told, nil, err
	}
	l, err := s.newList()
	if err != nil {
		return nil, nil, err
	}
	switch {
	case passing == 0 && held != 0:
		p, err := s.keepRejected(ctx, tx, l)
		return nil, p, err
	case s.u.Draft, passing == 0, held != 0 && !s.u.Passing:
		told, err := s.keepDraft(ctx, tx, l, held)
		return told, nil, err
	}
	told, err := s.keepSubmitted(ctx, tx, l, passing)
	return told, nil, err
}

func (s *submission) newList() (*store.List, error) {
	code, err := payroll.NewTrackingCode()
	if err != nil {
		return nil, fmt.Errorf("flow: tracking code: %w", err)
	}
	r := s.result
	return &store.List{
		ID: s.id, Header: r.Header, TrackingCode: code, SHA256: s.sha, FileName: s.u.Name, Format: r.Format, Principal: s.u.Principal.ID,
		ReceivedAt: s.at, LawFile: r.LawFile, Asked: s.asked(), Verdicts: r.Verdicts, Workers: r.Workers, HeldRows: r.Held, Totals: r.Totals,
		In: s.bundled,
	}, nil
}

func (s *submission) keepRejected(ctx context.Context, tx *store.Tx, l *store.List) (*fault.Problem, error) {
	receipt, err := s.keepList(ctx, tx, l, "list.rejected")
	if err != nil {
		return nil, err
	}
	return rejected(&Kept{ID: l.ID.String(), Receipt: *receipt}, s.findings), s.remember(ctx, tx, l.ID, outcomeRejected, 0)
}

func (s *submission) keepDraft(ctx context.Context, tx *store.Tx, l *store.List, held fault.Lane) (*Submitted, error) {
	receipt, err := s.keepList(ctx, tx, l, "list.draft")
	if err != nil {
		return nil, err
	}
	if err := s.copyLines(ctx, tx); err != nil {
		return nil, err
	}
	if s.u.Draft {
		held = 0 // the sender holds it, not a lane
	}
	told := &Submitted{Receipt: *receipt, ListID: l.ID.String(), Draft: true, HeldLane: held}
	return told, s.remember(ctx, tx, l.ID, outcomeDraft, held)
}

func (s *submission) keepSubmitted(ctx context.Context, tx *store.Tx, l *store.List, send fault.Lane) (*Submitted, error) {
	l.Version = s.place.version
	l.Submit(send, s.at)
	if err := s.replace(ctx, tx, l); err != nil {
		return nil, err
	}
	receipt, err := s.keepList(ctx, tx, l, "list.submitted")
	if err != nil {
		return nil, err
	}
	if err := s.copyLines(ctx, tx); err != nil {
		return nil, err
	}
	if err := s.fanOut(ctx, tx, l, send); err != nil {
		return nil, err
	}
	if err := s.closures(ctx, tx, l); err != nil {
		return nil, err
	}
	told := &Submitted{Receipt: *receipt, ListID: l.ID.String()}
	return told, s.remember(ctx, tx, l.ID, outcomeSubmitted, 0)
}

// sendMore sends lanes of a kept list that could not, or should not, go before.
func (s *submission) sendMore(ctx context.Context, tx *store.Tx, passing, held fault.Lane) (*Submitted, error) {
	l, err := tx.List(ctx, s.place.identity.Workshop, s.place.again.ID)
	if err != nil {
		return nil, err
	}
	before := l.Submitted()
	send := passing &^ before
	if send == 0 || before == 0 && held != 0 && !s.u.Passing {
		return s.repeat(ctx, tx, s.place.again)
	}
	l.Asked, l.In = s.place.again.Asked|s.asked(), s.bundled // the findings name its rows
	for _, lane := range payroll.EachLane() {
		if s.asked().Has(lane) && !before.Has(lane) {
			l.Verdicts.Set(lane, s.result.Verdicts.Of(lane))
		}
	}
	if before == 0 {
		// Nothing has left yet: it is the list of today.
		l.Version, l.Header, l.Workers, l.HeldRows = s.place.version, s.result.Header, s.result.Workers, s.result.Held
		if err := s.replace(ctx, tx, l); err != nil {
			return nil, err
		}
	}
	if before.Has(fault.SSO) {
		// Its figures are filed; only what the tax lane asks once a worker may have become known since.
		if err := tx.FillOnceAWorker(ctx, l); err != nil {
			return nil, err
		}
	} else {
		l.Totals, l.LawFile = s.result.Totals, s.result.LawFile
		if err := tx.DeleteLines(ctx, s.place.identity, l.ID); err != nil {
			return nil, err
		}
		if err := s.copyLines(ctx, tx); err != nil {
			return nil, err
		}
	}
	l.Submit(send, s.at)
	l.ReceivedAt = s.at
	receipt, err := s.sign(l)
	if err != nil {
		return nil, err
	}
	if err := tx.SendLanes(ctx, l); err != nil {
		return nil, err
	}
	if err := tx.SaveFindings(ctx, l.Header.Workshop, l.ID, s.findings.report); err != nil {
		return nil, err
	}
	if err := s.append(ctx, tx, l, "list.submitted"); err != nil {
		return nil, err
	}
	if before == 0 {
		if err := s.closures(ctx, tx, l); err != nil {
			return nil, err
		}
	}
	if err := s.fanOut(ctx, tx, l, send); err != nil {
		return nil, err
	}
	told := &Submitted{Receipt: *receipt, ListID: l.ID.String()}
	return told, s.remember(ctx, tx, l.ID, outcomeSubmitted, 0)
}

func (s *submission) fanOut(ctx context.Context, tx *store.Tx, l *store.List, send fault.Lane) error {
	if send.Has(fault.SSO) {
		if err := takeNumbers(ctx, tx, s.place.identity, s.parts.Parts()); err != nil {
			return err
		}
	}
	// A tax month waits for more lists from now on: in a file of many the first were read long ago.
	return s.w.fanOut(ctx, tx, l, send, s.w.now())
}

// repeat answers with the receipt that the same bytes were given before.
func (s *submission) repeat(ctx context.Context, tx *store.Tx, k *store.Known) (*Submitted, error) {
	told := &Submitted{Receipt: k.Receipt, ListID: k.ID.String(), Repeated: true, Draft: k.Version == 0}
	if told.Draft {
		told.HeldLane = heldBack(k.Verdicts, k.Asked)
	}
	return told, s.remember(ctx, tx, k.ID, outcomeRepeated, told.HeldLane)
}

// replace gives the version in force its successor, in the transaction that brings it.
func (s *submission) replace(ctx context.Context, tx *store.Tx, l *store.List) error {
	if s.place.replaces == nil {
		return nil
	}
	return tx.ReplaceList(ctx, s.place.identity.Workshop, s.place.replaces.ID, l.ID)
}

// keepList keeps bytes, list, findings and audit row, and returns the signed receipt.
func (s *submission) keepList(ctx context.Context, tx *store.Tx, l *store.List, action string) (*payroll.Receipt, error) {
	receipt, err := s.sign(l)
	if err != nil {
		return nil, err
	}
	if err := s.keepBytes(ctx, tx, l); err != nil {
		return nil, err
	}
	if err := tx.AddList(ctx, l); err != nil {
		return nil, err
	}
	if err := tx.SaveFindings(ctx, l.Header.Workshop, l.ID, s.findings.report); err != nil {
		return nil, err
	}
	return receipt, s.append(ctx, tx, l, action)
}

// keepBytes keeps the file, or, of a list in a file of many, where it lies in that.
func (s *submission) keepBytes(ctx context.Context, tx *store.Tx, l *store.List) error {
	if s.bundled != nil {
		return tx.KeepBundled(ctx, l.Header.Workshop, s.sha, s.bundled, s.at)
	}
	return tx.KeepUpload(ctx, l.Header.Workshop, s.sha, s.file.size, s.at, s.file.reader())
}

func (s *submission) copyLines(ctx context.Context, tx *store.Tx) error {
	if s.writer == nil {
		return nil
	}
	_, err := tx.CopyLines(ctx, s.place.identity.Period, s.writer.Parts(), givingWay{s.lines.reader(), ctx, s})
	return err
}

func (s *submission) sign(l *store.List) (*payroll.Receipt, error) {
	h := &l.Header
	r := &payroll.Receipt{
		ID: l.ID.String(), TrackingCode: l.TrackingCode, SHA256: fmt.Sprintf("%x", s.sha), ReceivedAt: l.ReceivedAt,
		Workshop: h.Workshop, ContractRow: h.ContractRow, Period: h.Period.String(), ListNo: h.ListNo, Kind: h.Kind, Version: l.Version,
		Verdict: l.Verdicts.Worst(), Verdicts: l.Verdicts, HeldRows: append([]int{}, l.HeldRows...), KeyID: s.w.Keys.ID(),
	}
	var err error
	if r.Signature, err = s.w.Keys.Sign(r); err != nil {
		return nil, fmt.Errorf("flow: receipt: %w", err)
	}
	if l.Receipt, err = json.Marshal(r); err != nil {
		return nil, fmt.Errorf("flow: receipt: %w", err)
	}
	return r, nil
}

func (s *submission) append(ctx context.Context, tx *store.Tx, l *store.List, action string) error {
	details := map[string]any{
		"sha256": fmt.Sprintf("%x", s.sha), "tracking_code": l.TrackingCode, "version": l.Version,
		"verdicts": l.Verdicts, "submitted": l.Submitted(),
	}
	if c := s.u.declares; c != nil {
		details["closure"] = c.ID // the window sent it, on its orderer's word
	}
	return tx.Append(ctx, store.Event{At: s.at, Actor: store.ByPrincipal(s.u.Principal.ID), Action: action, Subject: l.ID.String(), Details: details})
}

func (s *submission) remember(ctx context.Context, tx *store.Tx, list uuid.UUID, outcome string, held fault.Lane) error {
	return tx.RememberAnswer(ctx, s.u.Principal.ID, s.u.Route, s.u.IdempotencyKey, store.Answered{
		Body: s.body, Workshop: s.place.identity.Workshop, List: list, Outcome: outcome, HeldLane: held.String(),
	}, s.at)
}
