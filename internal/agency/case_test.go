package agency_test

import (
	"testing"

	"fehrest/internal/intake/casetest"
	"fehrest/internal/agency"
)

func TestCases(t *testing.T) {
	t.Parallel()
	casetest.Run(t, agency.Examples)
}
