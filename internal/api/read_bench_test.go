package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

const (
	readers       = 8
	readsPerRound = 4_000
)

// BenchmarkRow9 is row 9 of the speed table: the state of a list alone, asked for by its sender, against a bare chi route; and how
// long it takes while nothing else happens and while a large list is uploaded.
func BenchmarkRow9(b *testing.B) {
	s := newSpeed(b)
	book := s.book(s.good.Header, manyWorkers, false)
	bare := chi.NewRouter()
	bare.Get("/v1/lists/{id}", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, chi.URLParam(r, "id")) })
	plain := httptest.NewServer(bare)
	b.Cleanup(plain.Close)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readers}}
	read := func(url, tag string) {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		require.NoError(b, err)
		req.Header.Set("Authorization", "Bearer "+s.tokens["employer"])
		if tag != "" {
			req.Header.Set("If-None-Match", tag)
		}
		resp, err := client.Do(req)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(b, err)
		require.NoError(b, resp.Body.Close())
		require.Less(b, resp.StatusCode, 400)
	}
	rate := func(url, tag string) float64 {
		start := time.Now()
		var all sync.WaitGroup
		for range readers {
			all.Go(func() {
				for range readsPerRound / readers {
					read(url, tag)
				}
			})
		}
		all.Wait()
		return readsPerRound / time.Since(start).Seconds()
	}
	p99 := func(url string, until func(int) bool) float64 {
		var took []time.Duration
		for i := 0; until(i); i++ {
			start := time.Now()
			read(url, "")
			took = append(took, time.Since(start))
			time.Sleep(5 * time.Millisecond)
		}
		slices.Sort(took)
		return float64(took[len(took)*99/100].Microseconds()) / 1000
	}
	for b.Loop() {
		s.empty()
		got := s.send(s.small(1)[0], uuid.NewString(), "")
		require.Equal(b, http.StatusAccepted, got.status, "%s", got.body)
		url := s.url + got.header.Get("Location") + "/state"
		idle := p99(url, func(i int) bool { return i < 300 })
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.upload(book)
		}()
		beside := p99(url, func(int) bool { return running(ended) })
		<-ended
		var bareRate, statusRate []float64
		for range rounds {
			bareRate = append(bareRate, rate(plain.URL+"/v1/lists/x", ""))
			statusRate = append(statusRate, rate(url, ""))
		}
		slices.Sort(bareRate)
		slices.Sort(statusRate)
		b.ReportMetric(bareRate[rounds/2], "bare/s")
		b.ReportMetric(statusRate[rounds/2], "status/s")
		b.ReportMetric(idle, "idle-p99-ms")
		b.ReportMetric(beside, "beside-p99-ms")
		b.ReportMetric(10, "goal-idle-p99-ms")
		b.ReportMetric(20, "goal-beside-p99-ms")
		s.report(statusRate[rounds/2]/bareRate[rounds/2], 0.25)
	}
}
