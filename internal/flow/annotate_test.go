package flow

import (
	"context"
	"testing"

	"fehrest/internal/access"
	"fehrest/internal/fault"

	"github.com/stretchr/testify/require"
)

func TestAnnotated_one_at_a_time(t *testing.T) {
	t.Parallel()
	var w Window
	w.marking.Lock()
	var busy *fault.Problem
	require.ErrorAs(t, w.Annotated(context.Background(), access.Principal{}, "", nil), &busy)
	require.Equal(t, fault.Busy, busy.Kind)
	require.Positive(t, busy.RetryAfter)
}
