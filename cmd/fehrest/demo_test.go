package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"fehrest/internal/store/storetest"

	"github.com/stretchr/testify/require"
)

// program is the whole demonstration as a process of its own.
type program struct {
	t    *testing.T
	data string
	env  []string
}

func newProgram(t *testing.T) *program {
	t.Helper()
	// Not t.TempDir: PostgreSQL's own user must be able to pass through.
	data, err := os.MkdirTemp("", "fehrest-demo-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(data, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(data) })
	p := &program{t: t, data: data, env: append(os.Environ(), asProgram+"=1")}
	if os.Getenv("DATABASE_URL") != "" {
		p.env = append(p.env, "DATABASE_URL="+storetest.URL(t))
	}
	return p
}

func (p *program) start(args ...string) (*exec.Cmd, io.Reader) {
	p.t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"demo", "--data", p.data, "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Env, cmd.Stderr = p.env, p.t.Output()
	out, err := cmd.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, cmd.Start())
	return cmd, out
}

// once runs the demonstration to its end.
func (p *program) once(args ...string) string {
	p.t.Helper()
	cmd, out := p.start(append([]string{"--once"}, args...)...)
	var b bytes.Buffer
	_, err := b.ReadFrom(out)
	require.NoError(p.t, err)
	require.NoError(p.t, cmd.Wait(), b.String())
	return b.String()
}

// killAfter kills the program with SIGKILL once it has printed the text.
func (p *program) killAfter(text string) {
	p.t.Helper()
	cmd, out := p.start("--once")
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), text) {
		continue
	}
	require.NoError(p.t, cmd.Process.Signal(syscall.SIGKILL))
	_ = cmd.Wait()
}

// effects counts what the organisation's own ledger holds, by key.
func (p *program) effects(agency string) map[string]int {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.data, "agencysim", agency, "ledger.ndjson"))
	require.NoError(p.t, err)
	counts := map[string]int{}
	for line := range strings.Lines(string(b)) {
		var e struct{ Kind, Key string }
		require.NoError(p.t, json.Unmarshal([]byte(line), &e))
		if e.Kind == "effect" {
			counts[e.Key]++
		}
	}
	return counts
}

var receipt = regexp.MustCompile(`receipt (\d{12}) v(\d)`)

func TestDemo_files_a_month_and_repeats_its_receipts(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	first := p.once()
	require.Len(t, receipt.FindAllString(first, -1), 5)
	require.Contains(t, first, "6-faulty.xlsx")
	for _, finding := range []string{"WAGE-01  Q6", "ID-02    B4", "DATE-03  O8", "PREM-05  R13"} {
		require.Contains(t, first, finding)
	}
	require.GreaterOrEqual(t, strings.Count(first, "sso accepted reference sso-"), 4)
	require.GreaterOrEqual(t, strings.Count(first, "tax accepted reference tax-"), 4)
	require.GreaterOrEqual(t, strings.Count(first, " slip 2000"), 4)
	second := p.once()
	require.Equal(t, receipt.FindAllString(first, -1), receipt.FindAllString(second, -1))
}

func TestDemo_survives_being_killed(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, at := range []string{"2-contract.xlsx", "5-factory-replacement.xlsx", "3-shop.xlsx                  answered"} {
		p.killAfter(at)
	}
	out := p.once()
	require.Len(t, receipt.FindAllString(out, -1), 5)
	require.GreaterOrEqual(t, strings.Count(out, "answered"), 4)
	for _, agency := range []string{"sso", "tax"} {
		for key, n := range p.effects(agency) {
			require.Equal(t, 1, n, "%s had %d effects", key, n)
		}
	}
}

func TestDemo_an_organisation_that_is_down_delays_only_its_own_lane(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	began := time.Now()
	out := p.once("--fault", "tax=unavailable:3s")
	require.Greater(t, time.Since(began), 3*time.Second)
	require.GreaterOrEqual(t, strings.Count(out, "answered"), 4)
	require.GreaterOrEqual(t, strings.Count(out, "tax accepted reference"), 4)
}
