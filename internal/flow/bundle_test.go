package flow_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"
	"fehrest/internal/workbook"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// zipOf makes a file of many lists.
func zipOf(t testing.TB, lists ...*document) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, d := range lists {
		w, err := z.Create(fmt.Sprintf("%d.json", i+1))
		require.NoError(t, err)
		_, err = w.Write(d.bytes())
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func keyed(key string) func(*flow.Upload) { return func(u *flow.Upload) { u.IdempotencyKey = key } }

// sendOnceFree sends under a key that a job may not have let go of yet.
func (s *stage) sendOnceFree(file []byte, key string) (told *flow.Submitted) {
	s.t.Helper()
	require.Eventually(s.t, func() (ok bool) {
		var err error
		told, err = s.send(file, keyed(key))
		return err == nil
	}, patience, 50*time.Millisecond)
	return told
}

func TestSubmit_a_file_of_many_lists_gives_each_its_own_answer(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	file := zipOf(t, listOf(shop, 0), listOf(branch, 1), listOf(stranger, 2))
	told, err := s.send(file, keyed("one"))
	require.NoError(t, err)
	b := told.Bundle
	require.Len(t, b.Lists, 3)
	receipt, err := json.Marshal(b.Upload)
	require.NoError(t, err)
	require.NoError(t, seal.Verify(receipt, s.PublicKeys()))
	require.Equal(t, shop, b.Lists[0].Submitted.Receipt.Workshop)
	require.Equal(t, branch, b.Lists[1].Submitted.Receipt.Workshop)
	require.Equal(t, "ID-12", b.Lists[2].Problem.Code)
	require.Equal(t, b.Upload.ReceivedAt, b.Lists[0].Submitted.Receipt.ReceivedAt)

	again, err := s.send(file, keyed("one"))
	require.NoError(t, err)
	require.Equal(t, told.Bundle, again.Bundle, "the same key and body give the same answer")
	kept, err := s.Bundle(context.Background(), s.sender, b.Upload.ID)
	require.NoError(t, err)
	require.Equal(t, b, kept)
	_, err = s.Bundle(context.Background(), access.Principal{ID: uuid.New()}, b.Upload.ID)
	require.ErrorContains(t, err, "not yours")

	p := s.problem(zipOf(t, listOf(shop, 0), listOf(branch, 2)), keyed("one"))
	require.Equal(t, "API-02", p.Code)

	// One list of the file changed: only that one is another's place, the other's receipt is given again.
	changed, err := s.send(zipOf(t, listOf(shop, 0), listOf(branch, 1, 2)))
	require.NoError(t, err)
	require.True(t, changed.Bundle.Lists[0].Submitted.Repeated)
	require.Equal(t, b.Lists[0].Submitted.Receipt, changed.Bundle.Lists[0].Submitted.Receipt)
	require.Equal(t, "LIST-02", changed.Bundle.Lists[1].Problem.Code)
	require.Equal(t, b.Lists[1].Submitted.Receipt.TrackingCode, changed.Bundle.Lists[1].Problem.Extra.(*flow.Kept).Receipt.TrackingCode)

	// The list sent alone is the same bytes.
	alone, err := s.send(listOf(shop, 0).bytes())
	require.NoError(t, err)
	require.True(t, alone.Repeated)
	require.Equal(t, 2, s.count("SELECT count(*) FROM shared.lists"))
}

func TestSubmit_a_sheet_of_many_workshops_is_as_many_lists(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	file := sheetOf(t, shop, branch)
	told, err := s.send(file, func(u *flow.Upload) { u.Name = "all.xlsx" })
	require.NoError(t, err)
	require.Len(t, told.Bundle.Lists, 2)
	first := told.Bundle.Lists[0].Submitted
	require.NotNil(t, first, "%+v", told.Bundle.Lists[0].Problem)
	require.NotEqual(t, told.Bundle.Upload.SHA256, first.Receipt.SHA256)

	// Its sender has the whole file and his findings in it; another of that workshop sees nothing of the others' rows.
	original, err := s.Original(context.Background(), s.sender, first.ListID)
	require.NoError(t, err)
	got, err := io.ReadAll(original)
	require.NoError(t, err)
	require.Equal(t, file, got)
	other := access.Principal{ID: uuid.New(), Name: "کارفرما", Role: access.Employer}
	require.NoError(t, s.Store.Tx(context.Background(), func(tx *store.Tx) error {
		if err := tx.AddPrincipal(context.Background(), other); err != nil {
			return err
		}
		return tx.AddMandate(context.Background(), other.ID, "", shop, time.Time{})
	}))
	_, err = s.Original(context.Background(), other, first.ListID)
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, fault.Forbidden, p.Kind)
	for _, who := range []access.Principal{s.sender, other} {
		var marked bytes.Buffer
		require.NoError(t, s.Annotated(context.Background(), who, first.ListID, func(string) io.Writer { return &marked }))
		require.Equal(t, who.ID == s.sender.ID, holds(t, marked.Bytes(), people[1].code), "the other workshop's worker")
		require.True(t, holds(t, marked.Bytes(), people[0].code))
	}
}

// sheetOf makes a workbook of one worker in each of some workshops.
func sheetOf(t testing.TB, codes ...payroll.WorkshopCode) []byte {
	t.Helper()
	return bookOf(t, rowsOf(codes...))
}

// rowsOf are the rows of such a sheet.
func rowsOf(codes ...payroll.WorkshopCode) [][]any {
	columns := []string{
		"national_code", "first_name", "last_name", "father_name", "birth_date", "id_number", "issue_place", "sex", "insurance_number",
		"job_code", "job_title", "insured_kind", "start_date", "days", "daily_wage", "housing", "grocery", "education", "employment_type", "job_family",
	}
	head := []any{"workshop_code", "period"}
	for _, c := range columns {
		head = append(head, c)
	}
	rows := [][]any{head}
	for i, code := range codes {
		row := []any{string(code), "1405-07"}
		for _, c := range columns {
			row = append(row, listOf(code, i).Lines[0][c])
		}
		rows = append(rows, row)
	}
	return rows
}

func holds(t testing.TB, file []byte, text string) (found bool) {
	t.Helper()
	book, err := workbook.Open(bytes.NewReader(file), int64(len(file)), workbook.Limits{})
	require.NoError(t, err)
	for _, sheet := range book.Sheets {
		_, err := book.Rows(sheet, func(row *workbook.Row) error {
			for _, c := range row.Cells {
				found = found || bytes.Contains(c.Text, []byte(text))
			}
			return nil
		})
		require.NoError(t, err)
	}
	return found
}

func TestSubmit_many_lists_broken_off_are_gone_on_with(t *testing.T) {
	t.Parallel()
	for name, goOn := range map[string]func(s *stage, file []byte){
		"by the sender's next try": func(s *stage, file []byte) {
			told, err := s.send(file, keyed("one"))
			require.NoError(s.t, err)
			require.Len(s.t, told.Bundle.Lists, 3)
		},
		"by a job": func(s *stage, _ []byte) {
			later := s.Now
			s.Now = func() time.Time { return later().Add(2 * time.Minute) }
			s.exec("UPDATE river.river_job SET scheduled_at = now(), state = 'available' WHERE kind = 'bundle'")
			s.work()
			require.Eventually(s.t, func() bool { return s.count("SELECT count(*) FROM shared.bundles WHERE ended_at IS NOT NULL") == 1 }, patience, 50*time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onStage(t)
			// The database fails after the first list.
			s.exec(`CREATE SEQUENCE public.tries`)
			s.exec(`GRANT ALL ON SEQUENCE public.tries TO PUBLIC`)
			s.exec(`CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN IF nextval('public.tries') = 2 THEN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END $$`)
			s.exec(`CREATE TRIGGER fail BEFORE INSERT ON shared.lists FOR EACH ROW EXECUTE FUNCTION public.fail()`)
			file := zipOf(t, listOf(shop, 0), listOf(branch, 1), listOf(branch, 2).set("list_no", "02"))
			_, err := s.send(file, keyed("one"))
			require.True(t, store.Unavailable(err), "%v", err)
			require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lists"))
			goOn(s, file)
			require.Equal(t, 3, s.count("SELECT count(*) FROM shared.lists"))
			told := s.sendOnceFree(file, "one")
			for _, l := range told.Bundle.Lists {
				require.NotNil(t, l.Submitted)
				require.False(t, l.Submitted.Repeated, "each list was filed once, under its own key")
			}
		})
	}
}

func TestSubmit_again_sends_the_other_lane_of_a_list_of_many(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	half := listOf(shop, 0)
	half.Lines[0]["sex"] = nil
	delete(half.Lines[0], "sex") // the SSO's lane needs it
	told, err := s.send(zipOf(t, half, listOf(branch, 1)))
	require.NoError(t, err)
	draft := told.Bundle.Lists[0].Submitted
	require.True(t, draft.Draft, "%+v", told.Bundle.Lists[0])
	require.Equal(t, fault.SSO, draft.HeldLane)
	sent, err := s.Submit(context.Background(), flow.Upload{
		Principal: s.sender, Again: draft.ListID, IdempotencyKey: "again", Route: "POST /v1/lists/x/submission", Lanes: fault.Tax, LanesGiven: true,
	})
	require.NoError(t, err)
	require.Nil(t, sent.Bundle)
	require.Equal(t, draft.ListID, sent.ListID)
	require.Equal(t, 1, sent.Receipt.Version)
}

func TestAnswerTitles_are_kept_a_client(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	file := func() []byte {
		rows := [][]any{}
		head := []any{"workshop_code", "period"}
		row := []any{string(shop), "1405-07"}
		for k, v := range listOf(shop, 0).Lines[0] {
			if k == "row" {
				continue
			}
			title := k
			if k == "housing" {
				title = ambiguousTitle
			}
			head, row = append(head, title), append(row, v)
		}
		return bookOf(t, append(rows, head, row))
	}
	p := s.problem(file(), func(u *flow.Upload) { u.Name = "a.xlsx" })
	require.Contains(t, codesIn(p.Faults), "MAP-01")
	require.ErrorContains(t, s.AnswerTitles(ctx, s.sender, stranger, map[string]string{ambiguousTitle: "housing"}), "not yours")
	require.Error(t, s.AnswerTitles(ctx, s.sender, shop, map[string]string{ambiguousTitle: "no_such_key"}))
	require.NoError(t, s.AnswerTitles(ctx, s.sender, branch, map[string]string{ambiguousTitle: "housing"}), "the answer is the employer's")
	_, err := s.send(file(), func(u *flow.Upload) { u.Name = "a.xlsx" })
	require.NoError(t, err)
	require.NoError(t, s.AnswerTitles(ctx, s.sender, shop, map[string]string{}))
	answers, err := s.TitleAnswers(ctx, s.sender, shop)
	require.NoError(t, err)
	require.Empty(t, answers)
}

// ambiguousTitle may be the allowance or the use of a house.
const ambiguousTitle = "مسکن"

func bookOf(t testing.TB, rows [][]any) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, workbook.Write(&b, workbook.Draft{Sheets: []workbook.DraftSheet{{Name: "لیست", Rows: func(yield func([]any) bool) {
		for _, row := range rows {
			if !yield(row) {
				return
			}
		}
	}}}}))
	return b.Bytes()
}

func codesIn(faults []fault.Fault) (codes []string) {
	for _, f := range faults {
		codes = append(codes, f.Code)
	}
	return codes
}

func (s *stage) exec(statement string) {
	s.t.Helper()
	_, err := s.Store.Jobs().Exec(context.Background(), statement)
	require.NoError(s.t, err)
}
