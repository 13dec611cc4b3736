package intake_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

var today = jalali.Date{Year: 1405, Month: 8, Day: 15}

var loadLaw = sync.OnceValues(law.Load)

func lawBook(t testing.TB) *law.Book {
	t.Helper()
	b, err := loadLaw()
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

func workbookOf(t testing.TB, h *payroll.Header, lines []payroll.Line) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, intake.WriteList(&b, h, lines))
	return b.Bytes()
}

func TestRead_every_sample_as_it_was_written(t *testing.T) {
	t.Parallel()
	for _, c := range synth.Cases(lawBook(t)) {
		t.Run(c.Folder+" "+c.Header.ListNo, func(t *testing.T) {
			t.Parallel()
			r, lines := read(t, workbookOf(t, &c.Header, c.Lines), options(t))
			require.Len(t, lines, len(c.Lines))
			require.Equal(t, c.Header.Identity(), r.Header.Identity())
			if r.Verdicts.SSO.Passes() {
				for _, code := range codesOf(r, fault.Info) {
					require.False(t, strings.HasPrefix(code, "SHEET-") || strings.HasPrefix(code, "CELL-") && code != "CELL-11" && code != "CELL-12", code)
				}
			}
			for i := range lines {
				got, want := lines[i].Line, c.Lines[i]
				require.Equal(t, want.Pay, got.Pay)
				require.Equal(t, want.Days, got.Days)
				if !lines[i].Line.Faulty.Any(payroll.ColNationalCode, payroll.ColEndDate) {
					require.Equal(t, want.Person(), got.Person())
					require.Equal(t, want.LastName, got.LastName)
					require.Equal(t, want.EndDate, got.EndDate)
				}
			}
		})
	}
}
