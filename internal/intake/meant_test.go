package intake_test

import (
	"testing"

	"fehrest/internal/intake"

	"github.com/stretchr/testify/require"
)

func TestColumnOfField(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"DSW_DD": "days", "dsw_rooz": "daily_wage", "PER_NATCOD": "national_code", "DSW_ID1": "insurance_number", "DSW_SPOUSE": "marriage",
		"WP13": "exemption_type", "WP9": "education", "WH3": "place_status", "WH23": "eidi", "WH35": "net_paid", " WH19 ": "mission",
		// Sums, figures of the window, either of two columns, and what no file has.
		"DSW_MAZ": "", "DSW_MASH": "", "DSW_BIME": "", "WH7": "", "WH33": "", "WP2": "", "WH2": "", "WH0": "", "WH-1": "", "WH999": "", "": "", "x\x00": "",
	} {
		got, ok := intake.ColumnOfField(field)
		require.Equal(t, want != "", ok, field)
		if ok {
			require.Equal(t, want, got.Info().Key, field)
		}
	}
}
