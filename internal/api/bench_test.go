package api_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// BenchmarkRow6 is row 6 of the speed table: one workbook over real HTTP, from its first byte to the receipt of its commit,
// while River's jobs wait. make bench runs it on a database that keeps what it confirms.
func BenchmarkRow6(b *testing.B) {
	for _, goal := range []struct {
		workers  int
		p50, p99 float64 // ms; 0: no goal
	}{{5, 12, 30}, {100, 20, 0}} {
		b.Run(fmt.Sprintf("%d_workers", goal.workers), func(b *testing.B) {
			k := newRig(b)
			law, ok := k.book.On(k.good.Header.Period)
			require.True(b, ok)
			r := rand.New(rand.NewPCG(6, uint64(goal.workers)))
			var took []time.Duration
			for b.Loop() {
				b.StopTimer()
				// A workshop of its own, whose list of the month before is here.
				h := synth.Workshop(r, k.good.Header.Employer, k.good.Header.EmployerName, k.good.Header.Period)
				k.register(h)
				lines := synth.List(synth.Options{Seed: r.Uint64(), Workers: goal.workers, Header: h, Law: law})
				before := h
				before.Period = h.Period.Add(-1)
				k.upload(k.written(&before, lines))
				body := k.written(&h, lines)
				b.StartTimer()
				start := time.Now()
				k.upload(body)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
			b.ReportMetric(goal.p50, "p50-goal-ms")
			if goal.p99 > 0 {
				b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
				b.ReportMetric(goal.p99, "p99-goal-ms")
			}
		})
	}
}

func (k *rig) written(h *payroll.Header, lines []payroll.Line) []byte {
	var b bytes.Buffer
	require.NoError(k.t, intake.WriteList(&b, h, lines))
	return b.Bytes()
}

func (k *rig) upload(body []byte) {
	req, err := http.NewRequest(http.MethodPost, k.url+"/v1/lists", bytes.NewReader(body))
	require.NoError(k.t, err)
	req.Header.Set("Authorization", "Bearer "+k.tokens["employer"])
	req.Header.Set("Idempotency-Key", uuid.NewString())
	req.Header.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(k.t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(k.t, err)
	require.NoError(k.t, resp.Body.Close())
	require.Equal(k.t, http.StatusAccepted, resp.StatusCode)
}
