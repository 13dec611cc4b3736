package sso_test

import (
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestImprint_is_equal_when_the_files_are(t *testing.T) {
	t.Parallel()
	a := sso.Agency{Book: book(t)}
	imprint := func(l *payroll.FiledList) *sso.Imprint {
		m := a.NewImprint(&l.Header)
		for i := range l.Lines {
			m.Add(&l.Lines[i])
		}
		return m
	}
	for name, change := range map[string]func(*payroll.FiledList){
		"nothing":          func(*payroll.FiledList) {},
		"a reason":         func(l *payroll.FiledList) { l.Header.Reason = "اصلاح مالیات" },
		"tax figures":      func(l *payroll.FiledList) { l.Lines[0].Line.Education, l.Lines[0].Assessed.Taxable = "5", 7 },
		"a start long ago": func(l *payroll.FiledList) { l.Lines[1].Line.StartDate = l.Header.Period.Add(-20).First() },
		"a row for tax only": func(l *payroll.FiledList) {
			l.Lines = append(l.Lines, payroll.Filed{Line: payroll.Line{ReportedTo: fault.Tax}})
		},
		"a name":               func(l *payroll.FiledList) { l.Lines[0].Line.LastName = "کریمی" },
		"days":                 func(l *payroll.FiledList) { l.Lines[0].Line.Days-- },
		"the employer's share": func(l *payroll.FiledList) { l.Lines[0].Assessed.EmployerPremium++ },
		"the workshop's name":  func(l *payroll.FiledList) { l.Header.WorkshopName = "کارگاه دیگر" },
		"an order":             func(l *payroll.FiledList) { l.Lines[0], l.Lines[1] = l.Lines[1], l.Lines[0] },
		"a start in the month": func(l *payroll.FiledList) { l.Lines[1].Line.StartDate = l.Header.Period.First() },
		"a person less":        func(l *payroll.FiledList) { l.Lines = l.Lines[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := list(), list()
			change(after)
			was, err := a.Encode(agency.Parcel{List: before})
			require.NoError(t, err)
			now, err := a.Encode(agency.Parcel{List: after})
			require.NoError(t, err)
			same := len(was) == len(now)
			for i := range was {
				same = same && string(was[i].Bytes) == string(now[i].Bytes)
			}
			require.Equal(t, same, imprint(before).Equal(imprint(after)))
		})
	}
}
