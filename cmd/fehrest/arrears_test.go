package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// owedWindow answers as a window does that made one draft and refused one month.
func owedWindow(t *testing.T, sent *[]string) *httptest.Server {
	t.Helper()
	window := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /v1/arrears":
			require.Equal(t, "1405-06", r.URL.Query().Get("from"))
			_, _ = w.Write([]byte(`{"items": [
				{"period": "1405-06", "workshop_code": "0123456789", "contract_row": "000", "state": "refused", "refusals":
					[{"person": "0012345679", "row": 3, "field": "housing", "filed": "2", "new": "1", "why": {"fa": "کمتر", "en": "below the filed one"}}], "problem": null},
				{"period": "1405-07", "workshop_code": "0123456789", "contract_row": "000", "state": "drafted", "list": "L", "tracking_code": "100000000000", "list_no": "02",
					"persons": 1, "refusals": [], "problem": null, "premium": {"left_over": {"worker_premium": -1}, "why": [{"fa": "گرد", "en": "rounded a row"}]}}]}`))
		case "GET /v1/lists/L/difference":
			_, _ = w.Write([]byte(`{"premium_due": {"before": 0, "after": 5040009}, "tax_estimate": {"before": 10, "after": 1700}}`))
		case "POST /v1/lists/L/submission":
			*sent = append(*sent, r.Header.Get("Idempotency-Key"))
			w.WriteHeader(http.StatusAccepted)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(window.Close)
	t.Setenv("FEHREST_TOKEN", "fehrest_x")
	return window
}

func TestArrears_shows_the_effect_and_sends_on_a_word(t *testing.T) {
	var sent []string
	window := owedWindow(t, &sent)
	file := write(t, "wages.json", []byte("{}"))
	code, out, complaint := fehrest(t, "arrears", file, "--server", window.URL, "--from", "1405-06", "--to", "1405-07")
	require.Equal(t, exitRejected, code, complaint)
	require.Contains(t, out, "row 3 0012345679 housing: 2 → 1")
	require.Contains(t, out, "premium +5,040,009 rials; برآورد مالیات — tax estimate 10 → 1,700 rials")
	require.Contains(t, out, "worker -1, employer +0, unemployment +0: گرد — rounded a row")
	require.Contains(t, out, "not sent")
	require.Empty(t, sent)
	_, out, _ = fehrest(t, "arrears", file, "--server", window.URL, "--from", "1405-06", "--to", "1405-07", "--send")
	require.Contains(t, out, "— sent")
	require.Len(t, sent, 1)
}
