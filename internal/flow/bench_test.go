package flow_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

// BenchmarkDelivery takes the largest list there is, 99,999 workers, from its upload to both organisations' answers: at the SSO
// as many pairs of files as its totals need (LIST-07), at the tax administration one month.
func BenchmarkDelivery(b *testing.B) {
	for b.Loop() {
		s := onStage(b)
		s.Pace = flow.Pace{}
		s.open(fault.SSO)
		s.open(fault.Tax)
		p, ok := s.Book.On(mehr)
		require.True(b, ok)
		h := synth.Workshop(rand.New(rand.NewPCG(7, 7)), employer, "شرکت نمونه", mehr)
		h.Workshop = shop
		var file bytes.Buffer
		require.NoError(b, intake.WriteList(&file, &h, synth.List(synth.Options{Seed: 7, Workers: 99_999, Header: h, Law: p})))
		s.work()
		start := time.Now()
		sent, err := s.send(file.Bytes(), func(u *flow.Upload) { u.Name = "list.xlsx" })
		require.NoError(b, err)
		b.ReportMetric(time.Since(start).Seconds(), "receipt-s")
		for end := start.Add(5 * time.Minute); s.list(sent.ListID).State != payroll.Answered && time.Now().Before(end); {
			time.Sleep(100 * time.Millisecond)
		}
		l := s.list(sent.ListID)
		require.Equal(b, payroll.AnswerAccepted, l.Deliveries.SSO.State)
		require.Equal(b, payroll.AnswerAccepted, l.Deliveries.Tax.State)
		b.ReportMetric(time.Since(start).Seconds(), "answered-s")
		b.ReportMetric(float64(len(l.Deliveries.SSO.Payments)), "pairs")
	}
}
