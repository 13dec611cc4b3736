package intake_test

import (
	"testing"

	"fehrest/internal/intake/casetest"
	"fehrest/internal/intake"
)

func TestCases(t *testing.T) {
	t.Parallel()
	casetest.Run(t, intake.Examples)
}
