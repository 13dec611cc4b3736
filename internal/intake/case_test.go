package intake_test

import (
	"testing"

	"fehrest/internal/intake"
	"fehrest/internal/intake/casetest"
)

func TestCases(t *testing.T) {
	t.Parallel()
	casetest.Run(t, intake.Examples)
}
