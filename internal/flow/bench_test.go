package flow_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"fehrest/internal/flow"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// BenchmarkSubmit is one upload from its first byte to the committed receipt, at the server.
func BenchmarkSubmit(b *testing.B) {
	for _, workers := range []int{5, 100} {
		b.Run(fmt.Sprintf("%d_workers", workers), func(b *testing.B) {
			s := onStage(b)
			took := make([]time.Duration, 0, b.N)
			n := 0
			for b.Loop() {
				b.StopTimer()
				n++
				body := manyOf(shop, workers).set("list_no", fmt.Sprintf("%06d", n)).bytes()
				b.StartTimer()
				start := time.Now()
				_, err := s.Submit(context.Background(), flow.Upload{
					Principal: s.sender, Body: bytes.NewReader(body), Name: "list.json", IdempotencyKey: uuid.NewString(), Route: "POST /v1/lists",
				})
				took = append(took, time.Since(start))
				require.NoError(b, err)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
