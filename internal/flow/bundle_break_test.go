package flow_test

import (
	"bytes"
	"context"
	"fmt"
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

func TestSubmit_a_list_of_many_lies_in_the_file_it_came_in(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	rows := rowsOf(shop, branch)
	rows[1][2] = "0012345678" // a wrong check digit: the list is rejected, and judged anew when it comes again
	_, err := s.send(bookOf(t, rows), func(u *flow.Upload) { u.Name = "first.xlsx" })
	require.NoError(t, err)
	other := access.Principal{ID: uuid.New(), Name: "کارفرما", Role: access.Employer}
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.AddPrincipal(ctx, other); err != nil {
			return err
		}
		return tx.AddMandate(ctx, other.ID, employer, "", time.Time{})
	}))
	// The same list a row lower, in a file of another sender.
	rows[1], rows[2] = rows[2], rows[1]
	file := bookOf(t, rows)
	told, err := s.send(file, func(u *flow.Upload) { u.Name, u.Principal = "second.xlsx", other })
	require.NoError(t, err)
	p := told.Bundle.Lists[1].Problem
	require.NotNil(t, p)
	id := p.Extra.(*flow.Kept).ID
	original, err := s.Original(ctx, other, id)
	require.NoError(t, err, "it is his own file")
	got, err := io.ReadAll(original)
	require.NoError(t, err)
	require.Equal(t, file, got)
	var marked bytes.Buffer
	require.NoError(t, s.Annotated(ctx, other, id, func(string) io.Writer { return &marked }))
	for _, f := range p.Faults {
		if f.Code == "ID-02" {
			require.Equal(t, f.Row, rowOf(t, marked.Bytes(), "0012345678"), "the row that the findings name")
		}
	}
}

// rowOf is the number of the first row of a workbook that holds the text.
func rowOf(t testing.TB, file []byte, text string) (number int) {
	t.Helper()
	book, err := workbook.Open(bytes.NewReader(file), int64(len(file)), workbook.Limits{})
	require.NoError(t, err)
	for _, sheet := range book.Sheets {
		_, err := book.Rows(sheet, func(row *workbook.Row) error {
			for _, c := range row.Cells {
				if number == 0 && bytes.Contains(c.Text, []byte(text)) {
					number = row.Number
				}
			}
			return nil
		})
		require.NoError(t, err)
	}
	return number
}

// contracts makes so many lists of one workshop and month, each of another worker.
func contracts(n int) (lists []*document) {
	for i := range n {
		lists = append(lists, manyFrom(shop, i, 1).set("contract_row", fmt.Sprintf("%03d", i)))
	}
	return lists
}

func TestSubmit_the_lists_of_a_file_make_few_versions_of_their_tax_month(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.TaxWait = 4 * time.Second
	file := zipOf(t, contracts(20)...)
	s.exec(`CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$`)
	s.exec(`CREATE TRIGGER fail BEFORE INSERT ON shared.lists FOR EACH ROW EXECUTE FUNCTION public.fail()`)
	_, err := s.send(file, keyed("one"))
	require.Error(t, err)
	s.exec(`DROP TRIGGER fail ON shared.lists`)
	// It is gone on with long after it was received.
	real := s.Now
	s.Now = func() time.Time { return real().Add(time.Hour) }
	s.work()
	_, err = s.send(file, keyed("one"))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return s.count("SELECT count(DISTINCT list_id) FROM shared.tax_month_lists") == 20
	}, patience, 50*time.Millisecond)
	require.LessOrEqual(t, s.count("SELECT count(*) FROM shared.tax_month_versions"), 3)
}

func TestSubmit_a_list_that_cannot_be_judged_keeps_none_of_its_file_back(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	file := zipOf(t, contracts(3)...)
	s.exec(`CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN IF NEW.contract_row = '001' THEN RAISE EXCEPTION 'a mistake of ours'; END IF; RETURN NEW; END $$`)
	s.exec(`CREATE TRIGGER fail BEFORE INSERT ON shared.lists FOR EACH ROW EXECUTE FUNCTION public.fail()`)
	_, err := s.send(file, keyed("one"))
	require.Error(t, err)
	require.Equal(t, 2, s.count("SELECT count(*) FROM shared.lists"))
	require.Zero(t, s.count("SELECT count(*) FROM shared.bundles WHERE ended_at IS NOT NULL"))

	// Its job was given up; the sweep finds it.
	s.exec(`DROP TRIGGER fail ON shared.lists`)
	s.exec(`DELETE FROM river.river_job WHERE kind = 'bundle'`)
	real := s.Now
	s.Now = func() time.Time { return real().Add(2 * time.Hour) }
	s.work()
	require.Eventually(t, func() bool {
		return s.count("SELECT count(*) FROM shared.bundles WHERE ended_at IS NOT NULL") == 1
	}, patience, 50*time.Millisecond)
	told := s.sendOnceFree(file, "one")
	for _, l := range told.Bundle.Lists {
		require.False(t, l.Submitted.Repeated)
	}
}

func TestSubmit_a_file_of_faulty_lists_tells_the_gravest_of_each(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	var lists []*document
	for i := range 12 {
		d := manyFrom(shop, i*200, 200).set("contract_row", fmt.Sprintf("%03d", i))
		for _, l := range d.Lines {
			for _, key := range []string{"national_code", "insurance_number", "birth_date", "start_date", "sex", "education", "housing", "job_code"} {
				l[key] = "x"
			}
		}
		lists = append(lists, d)
	}
	file := zipOf(t, lists...)
	told, err := s.send(file, keyed("one"))
	require.NoError(t, err)
	all := 0
	for _, l := range told.Bundle.Lists {
		all += len(l.Problem.Faults)
	}
	require.LessOrEqual(t, all, 10_000+12*5)
	first, last := told.Bundle.Lists[0].Problem, told.Bundle.Lists[11].Problem
	require.Zero(t, first.Left)
	require.Len(t, last.Faults, 5)
	require.Equal(t, len(first.Faults)-5, last.Left)
	for i := range last.Faults {
		require.Equal(t, fault.Error, last.Faults[i].Severity)
	}
	require.Equal(t, len(first.Extra.(*flow.Kept).Causes), len(last.Extra.(*flow.Kept).Causes))
	again, err := s.send(file, keyed("one"))
	require.NoError(t, err)
	require.Equal(t, told.Bundle, again.Bundle)
}
