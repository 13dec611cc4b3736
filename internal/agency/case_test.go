package agency_test

import (
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/intake/casetest"
)

func TestCases(t *testing.T) {
	t.Parallel()
	casetest.Run(t, agency.Examples)
}
