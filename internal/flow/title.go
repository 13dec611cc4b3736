package flow

import (
	"context"
	"errors"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/store"
)

// answersFor tells what a client's ambiguous titles mean, where the file says whose list it is and the sender may act for it.
func (w *Window) answersFor(ctx context.Context, p access.Principal, h *payroll.Header) (answers map[string]string, err error) {
	if h.Workshop.Check() != payroll.Valid {
		return nil, nil
	}
	answers, err = w.TitleAnswers(ctx, p, h.Workshop)
	var problem *fault.Problem
	if errors.As(err, &problem) {
		return nil, nil // another's workshop is told when the list is read
	}
	return answers, err
}

// TitleAnswers are what the ambiguous column titles of a workshop's employer were said to mean (MAP-01): title to key. NotFound
// for a workshop that is not the principal's.
func (w *Window) TitleAnswers(ctx context.Context, p access.Principal, code payroll.WorkshopCode) (answers map[string]string, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		workshop, err := w.actsFor(ctx, tx, p, code)
		if err != nil {
			return err
		}
		answers, err = tx.TitleAnswers(ctx, workshop.Employer)
		return err
	})
	return answers, err
}

// AnswerTitles keeps what the titles mean in all lists of the workshop's employer, in place of what was kept before.
func (w *Window) AnswerTitles(ctx context.Context, p access.Principal, code payroll.WorkshopCode, answers map[string]string) error {
	if err := intake.CheckMap(answers); err != nil {
		return &fault.Problem{Kind: fault.Malformed, Err: err, Text: fault.Text{
			FA: "پاسخ‌ها به شکل {\"عنوان ستون\": \"کلید\"} است و هر کلید یکی از ستون‌های لیست", EN: "answers are {\"column title\": \"key\"}, each key a column of the list",
		}}
	}
	return w.Store.Tx(ctx, func(tx *store.Tx) error {
		workshop, err := w.actsFor(ctx, tx, p, code)
		if err != nil {
			return err
		}
		if err := tx.AnswerTitles(ctx, workshop.Employer, answers, p.ID, w.now()); err != nil {
			return err
		}
		return tx.Append(ctx, store.Event{At: w.now(), Actor: store.ByPrincipal(p.ID), Action: "titles.answered", Subject: string(code), Details: map[string]any{"titles": len(answers)}})
	})
}

func (w *Window) actsFor(ctx context.Context, tx *store.Tx, p access.Principal, code payroll.WorkshopCode) (*store.Workshop, error) {
	workshop, err := tx.WorkshopFor(ctx, code, p.ID, w.now())
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound()
	}
	return &workshop, err
}
