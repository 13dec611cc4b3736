package workbook_test

import (
	"testing"

	"fehrest/internal/intake/casetest"
	"fehrest/internal/workbook"
)

func TestCases(t *testing.T) {
	t.Parallel()
	casetest.Run(t, workbook.Examples)
}
