package flow_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/store"
	"fehrest/internal/workbook"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// colleague is another who may act for the shop alone.
func (s *stage) colleague() access.Principal {
	s.t.Helper()
	p := access.Principal{ID: uuid.New(), Name: "همکار", Role: access.Employer}
	require.NoError(s.t, s.Store.Tx(context.Background(), func(tx *store.Tx) error {
		if err := tx.AddPrincipal(context.Background(), p); err != nil {
			return err
		}
		return tx.AddMandate(context.Background(), p.ID, "", shop, time.Time{})
	}))
	return p
}

func (s *stage) annotated(who access.Principal, list string) []byte {
	s.t.Helper()
	var marked bytes.Buffer
	require.NoError(s.t, s.Annotated(context.Background(), who, list, func(string) io.Writer { return &marked }))
	return marked.Bytes()
}

// sheetsOf makes a workbook of several sheets.
func sheetsOf(t testing.TB, sheets map[string][][]any, order ...string) []byte {
	t.Helper()
	var d workbook.Draft
	for _, name := range order {
		d.Sheets = append(d.Sheets, workbook.DraftSheet{Name: name, Rows: func(yield func([]any) bool) {
			for _, row := range sheets[name] {
				if !yield(row) {
					return
				}
			}
		}})
	}
	var b bytes.Buffer
	require.NoError(t, workbook.Write(&b, d))
	return b.Bytes()
}

func TestAnnotated_of_a_chosen_sheet_shows_a_colleague_no_other(t *testing.T) {
	t.Parallel()
	named := func(u *flow.Upload) { u.Name, u.Sheet, u.Draft = "all.xlsx", "دوم", true }
	for name, sheet := range map[string][][]any{"of many lists": rowsOf(shop, branch), "of one list": rowsOf(shop)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onStage(t)
			told, err := s.send(sheetsOf(t, map[string][][]any{"اول": rowsOf(branch, branch, branch), "دوم": sheet}, "اول", "دوم"), named)
			require.NoError(t, err)
			id := told.ListID
			if told.Bundle != nil {
				require.Nil(t, told.Bundle.Lists[0].Problem)
				id = told.Bundle.Lists[0].Submitted.ListID
			}
			require.True(t, holds(t, s.annotated(s.sender, id), people[2].code), "the sender has his own workbook")
			other := s.colleague()
			got := s.annotated(other, id)
			require.False(t, holds(t, got, people[1].code))
			require.False(t, holds(t, got, people[2].code))
			require.True(t, holds(t, got, people[0].code), "his own worker")
			_, err = s.Original(context.Background(), other, id)
			var p *fault.Problem
			require.ErrorAs(t, err, &p)
			require.Equal(t, fault.Forbidden, p.Kind)
		})
	}
}

func TestAnnotated_of_a_sheet_with_blank_codes_keeps_each_row_in_its_list(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	rows := rowsOf(shop, branch, branch)
	rows[3][0] = nil // the row above says whose it is
	told, err := s.send(bookOf(t, rows), func(u *flow.Upload) { u.Name = "all.xlsx" })
	require.NoError(t, err)
	require.Len(t, told.Bundle.Lists, 2)
	got := s.annotated(s.colleague(), told.Bundle.Lists[0].Submitted.ListID)
	require.True(t, holds(t, got, people[0].code))
	require.False(t, holds(t, got, people[2].code), "the branch's worker")
}

func TestSubmit_again_takes_the_sheet_that_was_chosen(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	file := sheetsOf(t, map[string][][]any{"اول": rowsOf(branch, branch), "دوم": rowsOf(shop)}, "اول", "دوم")
	draft, err := s.send(file, func(u *flow.Upload) { u.Name, u.Sheet, u.Draft = "all.xlsx", "دوم", true })
	require.NoError(t, err)
	sent, err := s.Submit(context.Background(), flow.Upload{
		Principal: s.sender, Again: draft.ListID, IdempotencyKey: "again", Route: "POST /v1/lists/x/submission", Lanes: fault.Both, LanesGiven: true,
	})
	require.NoError(t, err)
	require.Equal(t, shop, sent.Receipt.Workshop)
	require.Equal(t, 1, sent.Receipt.Version)
}

func TestSubmit_again_takes_what_was_told_beside_the_file(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	d := listOf(shop, 0)
	delete(d.Workshop, "workshop_code")
	draft, err := s.send(d.bytes(), func(u *flow.Upload) { u.Workshop, u.Draft = shop, true })
	require.NoError(t, err)
	sent, err := s.Submit(context.Background(), flow.Upload{
		Principal: s.sender, Again: draft.ListID, IdempotencyKey: "again", Route: "POST /v1/lists/x/submission", Lanes: fault.Both, LanesGiven: true,
	})
	require.NoError(t, err)
	require.Equal(t, 1, sent.Receipt.Version)
}

func TestOriginal_of_a_member_is_the_member(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	told, err := s.send(zipOf(t, listOf(shop, 0), listOf(branch, 1)))
	require.NoError(t, err)
	for _, who := range []access.Principal{s.sender, s.colleague()} {
		id := told.Bundle.Lists[0].Submitted.ListID
		r, err := s.Original(context.Background(), who, id)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.Equal(t, listOf(shop, 0).bytes(), got)
		require.False(t, holds(t, s.annotated(who, id), people[1].code))
	}
	_, err = s.Original(context.Background(), s.colleague(), told.Bundle.Lists[1].Submitted.ListID)
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, fault.NotFound, p.Kind)
}
