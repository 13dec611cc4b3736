package sim

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSlip_is_followed_from_open_to_collected_to_void(t *testing.T) {
	t.Parallel()
	w, dir := newWindow(t), t.TempDir()
	r := start(t, w, agencySSO, dir)
	turn := func(slip, state string) int {
		status, _ := control(t, http.MethodPost, r.url+"/control/slips", fmt.Sprintf(`{"slip":%q,"state":%q}`, slip, state))
		return status
	}
	status, _ := w.put(t, r, ssoKey, packSSO(t, ssoTestFiles()))
	require.Equal(t, http.StatusAccepted, status)
	first := w.answer(t)
	slip := first.Payments[0].Slip
	require.Equal(t, slipOpen, first.Payments[0].State)

	assert.Equal(t, http.StatusNoContent, turn(slip, slipOpen), "as it stands")
	assert.Equal(t, http.StatusNotFound, turn("100000000000000", slipCollected))
	assert.Equal(t, http.StatusBadRequest, turn(slip, "paid"))
	require.Equal(t, http.StatusNoContent, turn(slip, slipCollected))
	collected := w.answer(t)
	want := first
	want.ID, want.DecidedAt, want.Payments = collected.ID, collected.DecidedAt, []Payment{first.Payments[0]}
	want.Payments[0].State = slipCollected
	assert.Equal(t, want, collected)
	assert.NotEqual(t, first.ID, collected.ID)
	assert.True(t, collected.DecidedAt.After(first.DecidedAt))
	assert.Equal(t, http.StatusConflict, turn(slip, slipOpen))

	// The window hears of a slip that turned just before the simulator ended.
	w.status <- http.StatusServiceUnavailable
	require.Equal(t, http.StatusNoContent, turn(slip, slipVoid))
	r.stop()
	r = start(t, w, agencySSO, dir)
	void := w.answer(t)
	assert.Equal(t, slipVoid, void.Payments[0].State)
	assert.Equal(t, http.StatusConflict, turn(slip, slipCollected))
	status, text := w.get(t, r, "/v1/deliveries/"+ssoKey)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, text, void.ID)
}
