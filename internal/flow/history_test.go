package flow_test

import (
	"context"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// A month before 1403 is filed with the SSO and kept as history: no tax file is made, and the lane says so.
func TestWindow_a_month_whose_tax_files_are_read_only(t *testing.T) {
	t.Parallel()
	for _, month := range []jalali.Month{{Year: 1399, Month: 5}, {Year: 1402, Month: 12}} {
		t.Run(month.String(), func(t *testing.T) {
			t.Parallel()
			s := onStage(t)
			s.work()
			d := listOf(shop, 0, 1).set("period", month.String())
			for _, l := range d.Lines {
				l["start_date"], l["days"] = "1390/01/01", month.Days()
			}
			sent := s.mustSend(d)
			s.awaitLane(sent.ListID, fault.SSO, payroll.ByHand)
			lane := s.awaitLane(sent.ListID, fault.Tax, payroll.NeedsAttention)
			require.Equal(t, "no tax file is made for this month; its lists are kept as history", lane.Reason)
			require.Empty(t, lane.Files)
			require.Equal(t, []string{"DSKKAR00.DBF", "DSKWOR00.DBF", "sso.zip"}, s.list(sent.ListID).Deliveries.SSO.Files)
			m, err := s.TaxMonth(context.Background(), s.sender, employer, "", month)
			require.NoError(t, err)
			require.Len(t, m.Persons, 2)
			require.Positive(t, m.Versions[0].Taxable, "its figures stand for the months after it")
		})
	}
}
