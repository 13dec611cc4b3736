package store_test

import (
	"bytes"
	"context"
	"io"
	"sort"
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store"
	"fehrest/internal/store/storetest"

	"github.com/stretchr/testify/require"
)

func stringReader(s string) io.Reader { return strings.NewReader(s) }
func contains(s, part string) bool    { return strings.Contains(s, part) }

func writeLines(t *testing.T, l *store.List, lines []payroll.Filed) ([]store.LinePart, io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w, err := store.NewLineWriter(&b, l.ID, l.Header.Workshop, l.Header.Period)
	require.NoError(t, err)
	for i := range lines {
		require.NoError(t, w.Write(&lines[i].Line, &lines[i].Assessed))
	}
	require.NoError(t, w.Close())
	return w.Parts(), &b
}

// line is a line with a value in every column.
func line(row int) payroll.Filed {
	f := payroll.Filed{Line: payroll.Line{Row: row}}
	for id, c := range payroll.Columns() {
		f.Line.Given.Add(payroll.ColumnID(id))
		switch v := c.Field(&f.Line).(type) {
		case *string:
			*v = "مقدار " + c.Key
		case *rial.Amount:
			*v = rial.Max - rial.Amount(id)
		case *int:
			*v = id + 1
		case *jalali.Date:
			*v = jalali.Date{Year: 1370, Month: 12, Day: 29}
		case *bool:
			*v = true
		case *fault.Lane:
			*v = fault.Both
		}
	}
	f.Line.Hold = false
	f.Line.Nationality = payroll.Iranian
	f.Line.NationalCode = "0012345679"
	f.Assessed = payroll.Assessed{MonthlyWage: 1, Seniority: 2, Insurable: 3, Waived: true, TaxEstimate: 4, Months: 5, NetPaid: 6}
	return f
}

func TestLines_come_back_as_they_were_written(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	blank := payroll.Filed{Line: payroll.Line{Row: 7, ReportedTo: fault.SSO}, Assessed: payroll.Assessed{NoEstimate: true}}
	blank.Line.Given.Add(payroll.ColReportedTo)
	zero := payroll.Filed{Line: payroll.Line{Row: 8, ReportedTo: fault.Tax}}
	for _, id := range []payroll.ColumnID{payroll.ColReportedTo, payroll.ColDays, payroll.ColDailyWage, payroll.ColMainPayer, payroll.ColHold} {
		zero.Line.Given.Add(id)
	}
	want := []payroll.Filed{line(2), blank, zero}
	l := kept(t, s, want...)
	var got []payroll.Filed
	require.NoError(t, s.Read(context.Background(), func(tx *store.Tx) (err error) {
		got, err = tx.Lines(context.Background(), l.Header.Identity(), l.ID, l.Workers)
		return err
	}))
	require.Equal(t, want, got)
}

func TestLines_a_column_filled_late_comes_back_as_one_filled_early(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	var want []payroll.Filed
	for row := 2; row < 400; row++ {
		f := payroll.Filed{Line: payroll.Line{Row: row, ReportedTo: fault.Both, Days: row}}
		f.Line.Given.Add(payroll.ColReportedTo)
		f.Line.Given.Add(payroll.ColDays)
		switch row {
		case 300:
			f.Line.Pay[payroll.Overtime] = 7
			f.Line.Given.Add(payroll.Overtime.Column())
		case 301, 350:
			f = line(row)
		case 380, 390:
			f.Assessed = payroll.Assessed{HardJob: 8, Capped: true, NoEstimate: row == 390}
		}
		want = append(want, f)
	}
	l := kept(t, s, want...)
	var got []payroll.Filed
	require.NoError(t, s.Read(context.Background(), func(tx *store.Tx) (err error) {
		got, err = tx.Lines(context.Background(), l.Header.Identity(), l.ID, l.Workers)
		return err
	}))
	require.Equal(t, want, got)
}

func TestLines_columns_are_those_of_the_column_table(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	var there []string
	rows, err := s.Jobs().Query(context.Background(), `SELECT attname FROM pg_attribute
		WHERE attrelid = 'shared.lines'::regclass AND attnum > 0 AND NOT attisdropped`)
	require.NoError(t, err)
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		there = append(there, name)
	}
	require.NoError(t, rows.Err())
	want := store.LineColumns()
	sort.Strings(want)
	sort.Strings(there)
	require.Equal(t, want, there)
}

func TestLines_no_key_of_list_data_leaves_the_workshop_out_and_none_holds_the_postal_code(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	rows, err := s.Jobs().Query(context.Background(), `SELECT indrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i
		JOIN pg_class c ON c.oid = i.indrelid WHERE indisunique AND c.relnamespace IN ('shared'::regnamespace, 'registry'::regnamespace)`)
	require.NoError(t, err)
	defer rows.Close()
	// Tables that are global by design: tracking codes, tax months and their versions, answers before they are read, nonces, and
	// keys of principals, past tax months, the two lanes, the minutes that the window was up and the records of when it was not, and files of many lists, which are no workshop's; an owner is the workshop of a list's delivery.
	global := []string{
		"shared.tracking", "shared.tax_months", "shared.tax_month_versions", "shared.tax_month_persons", "shared.answers", "shared.idempotency", "shared.nonces",
		"shared.past_tax_persons", "shared.past_tax_months", "shared.bundles", "shared.bundle_bytes", "shared.bundle_lists", "shared.lanes", "shared.heartbeats", "shared.outage_records",
	}
	for rows.Next() {
		var table, definition string
		require.NoError(t, rows.Scan(&table, &definition))
		require.NotContains(t, definition, "postal_code")
		if strings.HasPrefix(table, "shared.") && !containsAny(global, table) {
			require.True(t, strings.Contains(definition, "workshop_code") || strings.Contains(definition, "(owner"), definition)
		}
	}
	require.NoError(t, rows.Err())
}

func containsAny(all []string, s string) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
}
