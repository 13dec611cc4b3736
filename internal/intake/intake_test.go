package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

var (
	today = jalali.Date{Year: 1405, Month: 8, Day: 15}
	mehr  = jalali.Month{Year: 1405, Month: 7}
)

func lawBook(t testing.TB) *law.Book {
	t.Helper()
	b, err := law.Load()
	require.NoError(t, err)
	return b
}

func options(t testing.TB) intake.Options {
	b := lawBook(t)
	return intake.Options{Book: b, Today: today, TodayGiven: true, Agencies: []agency.Agency{sso.Agency{Book: b}, tax.Agency{Book: b}}}
}

// read reads a file and keeps its lines.
func read(t testing.TB, file []byte, o intake.Options) (*intake.Result, []payroll.Filed) {
	t.Helper()
	var lines []payroll.Filed
	o.Line = func(l *payroll.Line, a *payroll.Assessed) error {
		lines = append(lines, payroll.Filed{Line: *l, Assessed: *a})
		return nil
	}
	r, err := intake.Read(context.Background(), bytes.NewReader(file), int64(len(file)), o)
	require.NoError(t, err)
	return r, lines
}

func sheetOf(t testing.TB, c synth.Case) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, intake.WriteList(&b, &c.Header, c.Lines))
	return b.Bytes()
}

func TestRead_every_sample_as_it_was_written(t *testing.T) {
	t.Parallel()
	for _, c := range synth.Cases(lawBook(t)) {
		t.Run(c.Folder, func(t *testing.T) {
			t.Parallel()
			r, lines := read(t, sheetOf(t, c), options(t))
			b, err := json.MarshalIndent(r.Report("list.xlsx", "", 0), "", " ")
			require.NoError(t, err)
			t.Logf("%s", b[:min(len(b), 6000)])
			require.Len(t, lines, len(c.Lines))
		})
	}
}
