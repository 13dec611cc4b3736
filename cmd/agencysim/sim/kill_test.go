package sim

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test's own executable be the simulator, so that it can be
// killed as a process is.
func TestMain(m *testing.M) {
	if os.Getenv("AGENCYSIM_IS_PROGRAM") != "" {
		os.Exit(Main(context.Background(), os.Args[1:], os.Stdout))
	}
	os.Exit(m.Run())
}

// startProcess runs the simulator as a process of its own; kill is SIGKILL.
func startProcess(t *testing.T, w *fakeWindow, agency, dir string, more ...string) (r *running, kill func()) {
	t.Helper()
	args := append([]string{"--agency", agency, "--addr", "127.0.0.1:0", "--data", dir, "--window", w.url}, more...)
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "AGENCYSIM_IS_PROGRAM=1")
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var once sync.Once
	kill = func() {
		once.Do(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
	t.Cleanup(kill)
	text, err := bufio.NewReader(out).ReadBytes('\n')
	require.NoError(t, err)
	var started struct{ URL string }
	require.NoError(t, json.Unmarshal(text, &started))
	r = &running{url: started.URL}
	w.agency.Store(&r.url)
	return r, kill
}

// TestKilled_loses_nothing_it_acknowledged kills the simulator amid deliveries,
// three times: what it said it has, it has, once, with its reference and answer.
func TestKilled_loses_nothing_it_acknowledged(t *testing.T) {
	t.Parallel()
	w, dir := newWindow(t), t.TempDir()
	said := map[string]string{} // key to the reply it got
	bodies := map[string][]byte{}
	next := 0
	for round := range 3 {
		r, kill := startProcess(t, w, agencySSO, dir, "--answer-after", "0s-20ms")
		for key, reply := range said {
			status, again := w.put(t, r, key, bodies[key])
			assert.Equal(t, http.StatusAccepted, status, again)
			assert.Equal(t, reply, again)
		}
		got := make(chan string)
		var senders sync.WaitGroup
		var mu sync.Mutex
		ctx, stop := context.WithCancel(t.Context())
		for range 4 {
			senders.Go(func() {
				for ctx.Err() == nil {
					mu.Lock()
					next++
					listNo := fmt.Sprintf("%02d", next)
					key := strings.Replace(ssoKey, ".01.", "."+listNo+".", 1)
					kar, wor := ssoRowsFor(testPeople, listNo)
					body := packSSO(t, ssoFilesOf(kar, wor))
					bodies[key] = body
					mu.Unlock()
					res, err := http.DefaultClient.Do(w.signed(t, http.MethodPut, r.url+"/v1/deliveries/"+key, body))
					if err != nil {
						return
					}
					text := make([]byte, 1000)
					n, _ := res.Body.Read(text)
					_ = res.Body.Close()
					if res.StatusCode != http.StatusAccepted || text[max(n, 1)-1] != '\n' {
						return
					}
					mu.Lock()
					said[key] = string(text[:n])
					mu.Unlock()
					select {
					case got <- key:
					case <-ctx.Done():
					}
				}
			})
		}
		for range 10 + 3*round {
			<-got
		}
		kill()
		stop()
		senders.Wait()
	}
	r, _ := startProcess(t, w, agencySSO, dir, "--answer-after", "0s-0s")
	held := effects(t, r)
	require.GreaterOrEqual(t, len(said), 36)
	for key, reply := range said {
		assert.Equal(t, 1, held[key].Count, key)
		status, again := w.put(t, r, key, bodies[key])
		assert.Equal(t, http.StatusAccepted, status)
		assert.Equal(t, reply, again)
	}
	// Each of what it holds, acknowledged or not, is answered.
	open := map[string]bool{}
	for key := range held {
		open[key] = true
	}
	for deadline := time.After(20 * time.Second); len(open) > 0; {
		select {
		case a := <-w.answers:
			assert.Equal(t, held[a.Key].Digest, a.Digest)
			delete(open, a.Key)
		case <-deadline:
			require.Empty(t, open, "not answered")
		}
	}
}

func TestKilled_knows_the_nonces_it_heard(t *testing.T) {
	t.Parallel()
	w, dir := newWindow(t), t.TempDir()
	r, kill := startProcess(t, w, agencySSO, dir)
	req := w.signed(t, http.MethodGet, r.url+"/v1/deliveries/"+ssoKey, nil)
	replay := req.Clone(t.Context())
	status, _ := do(t, req)
	require.Equal(t, http.StatusNotFound, status)
	kill()
	addr := strings.TrimPrefix(r.url, "http://")
	r, _ = startProcess(t, w, agencySSO, dir, "--addr", addr) // the address is signed too
	status, text := do(t, replay)
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Contains(t, text, "nonce")
	status, _ = w.get(t, r, "/v1/deliveries/"+ssoKey)
	assert.Equal(t, http.StatusNotFound, status)
}
