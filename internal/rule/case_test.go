package rule_test

import (
	"testing"

	"fehrest/internal/intake/casetest"
	"fehrest/internal/rule"
)

func TestCases(t *testing.T) {
	t.Parallel()
	casetest.Run(t, rule.Examples)
}
