//go:build unix

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whoever tells the program to end lets it end by itself.
func TestProgram_ends_by_itself_when_told_to(t *testing.T) {
	t.Parallel()
	for _, told := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(told) {
			continue // what was begun by nohup, these tests or the program, goes on when the terminal closes
		}
		t.Run(told.String(), func(t *testing.T) {
			t.Parallel()
			asked, ended := make(chan struct{}, 8), make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				asked <- struct{}{}
				<-ended
			}))
			defer server.Close()
			defer close(ended)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c := exec.CommandContext(ctx, os.Args[0], "submit", samplesDir+"/small/list.xlsx", "--server", server.URL)
			c.Env = append(os.Environ(), "FEHREST_TOKEN=x", asProgram+"=1")
			require.NoError(t, c.Start())
			<-asked
			require.NoError(t, c.Process.Signal(told))
			_ = c.Wait()
			require.True(t, c.ProcessState.Exited(), "%s", c.ProcessState)
		})
	}
}
