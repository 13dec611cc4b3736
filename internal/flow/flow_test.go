package flow_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

func TestWindow_two_lists_of_one_employer_become_two_deliveries_and_one_tax_month(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.TaxWait = 300 * time.Millisecond
	first, second := s.mustSend(listOf(shop, 0, 1)), s.mustSend(listOf(branch, 1, 2))
	s.work()
	for _, l := range []string{first.ListID, second.ListID} {
		s.await(l, "answered")
	}
	require.Len(t, s.effects(fault.SSO), 2)
	require.Len(t, s.effects(fault.Tax), 1)
	b, err := json.Marshal(first.Receipt)
	require.NoError(t, err)
	require.NoError(t, seal.Verify(b, s.PublicKeys()))
	_ = store.ErrMoved
	_ = context.Background
}
