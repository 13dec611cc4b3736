package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// binaries are the programs under drill.
type binaries struct {
	dir             string
	fehrest, agency string
}

// build makes both programs, fehrest with a tag where one is named.
func build(ctx context.Context, tag string, more ...string) (*binaries, error) {
	dir, err := os.MkdirTemp("", "fehrest-drill-bin-")
	if err != nil {
		return nil, err
	}
	b := &binaries{dir: dir, fehrest: filepath.Join(dir, "fehrest"), agency: filepath.Join(dir, "agencysim")}
	for path, pkg := range map[string]string{b.fehrest: "fehrest/cmd/fehrest", b.agency: "fehrest/cmd/agencysim"} {
		args := append([]string{"build", "-o", path, "-tags", tag}, more...)
		if out, err := exec.CommandContext(ctx, "go", append(args, pkg)...).CombinedOutput(); err != nil {
			b.remove()
			return nil, fmt.Errorf("build %s: %w: %s", pkg, err, out)
		}
	}
	return b, nil
}

func (b *binaries) remove() { _ = os.RemoveAll(b.dir) }

// program is one process that can be killed, held and begun again.
type program struct {
	path  string
	args  []string
	env   []string
	log   string // its output, of all its lives
	ready string // an address that answers 200 when it is there; empty: nothing to wait for

	cmd  *exec.Cmd
	gone chan struct{} // closed when this life ended
}

const readyWithin = 60 * time.Second

// start begins a life and waits until it is ready.
func (p *program) start(ctx context.Context) error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(p.path, p.args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(cleanEnv(), p.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	p.cmd, p.gone = cmd, gone
	return p.wait(ctx)
}

// cleanEnv is this process's environment without what would lead the programs elsewhere.
func cleanEnv() (env []string) {
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "FEHREST_") && !strings.HasPrefix(e, "DATABASE_URL=") && !strings.HasPrefix(e, "PG") {
			env = append(env, e)
		}
	}
	return env
}

// wait returns when the program is ready.
func (p *program) wait(ctx context.Context) error {
	for end := time.Now().Add(readyWithin); p.ready != ""; {
		if resp, err := http.Get(p.ready); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.gone:
			return fmt.Errorf("%s ended at its start; see %s", filepath.Base(p.path), p.log)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(30 * time.Millisecond):
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s is not ready after %s; see %s", filepath.Base(p.path), readyWithin, p.log)
		}
	}
	return nil
}

func (p *program) signal(s syscall.Signal) {
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(s)
	}
}

// kill ends the process at once, as a power cut would.
func (p *program) kill() {
	if p.cmd == nil {
		return
	}
	p.signal(syscall.SIGKILL)
	<-p.gone
}

// stop asks it to end, and kills it when it does not.
func (p *program) stop(within time.Duration) bool {
	if p.cmd == nil {
		return true
	}
	p.signal(syscall.SIGTERM)
	select {
	case <-p.gone:
		return true
	case <-time.After(within):
		p.kill()
		return false
	}
}

// freeAddr is an address of this machine that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}
