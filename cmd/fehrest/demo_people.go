package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/store"
)

type demoPrincipal struct {
	access.Principal
	filer bool // has a mandate for the employer
}

// demoPrincipals are one of each role.
func demoPrincipals() []demoPrincipal {
	names := map[access.Role]string{
		access.Employer: "کارفرمای نمونه", access.Accountant: "حسابدار نمونه", access.SSO: "کارشناس تأمین اجتماعی",
		access.Tax: "کارشناس امور مالیاتی", access.Supervisor: "دبیرخانه شورا", access.Operator: "راهبر پنجره",
	}
	var all []demoPrincipal
	for _, role := range access.Roles() {
		all = append(all, demoPrincipal{
			Principal: access.Principal{ID: store.NewID(), Name: names[role], Role: role},
			filer:     role == access.Employer || role == access.Accountant,
		})
	}
	return all
}

// earlierTokens are those of an earlier run on this data that still sign in.
func (d *demo) earlierTokens(ctx context.Context, db *store.Store) map[string]string {
	kept := map[string]string{}
	var file struct {
		Tokens map[string]string `json:"tokens"`
	}
	b, err := os.ReadFile(d.path())
	if err != nil || json.Unmarshal(b, &file) != nil {
		return kept
	}
	for role, token := range file.Tokens {
		if p, err := db.SignIn(ctx, access.HashToken(token), time.Now()); err == nil && string(p.Role) == role {
			kept[role] = token
		}
	}
	return kept
}

// simulator is one organisation's gateway, a process of its own.
type simulator struct {
	url   string
	cmd   *exec.Cmd
	stdin io.Closer // closing it ends the process, so that it never outlives this one
}

func (d *demo) startSimulators(ctx context.Context) error {
	d.sims = map[string]*simulator{}
	for _, agency := range []string{"sso", "tax"} {
		s, err := startSimulator(agency, filepath.Join(d.data, "agencysim", agency), d.url, d.log)
		if err != nil {
			d.stopSimulators()
			return err
		}
		d.sims[agency] = s
		d.say("شبیه‌ساز %s — simulator of %s: %s", agency, agency, s.url)
	}
	return ctx.Err()
}

func (d *demo) stopSimulators() {
	for _, s := range d.sims {
		_ = s.stdin.Close()
		_ = s.cmd.Wait()
	}
}

func startSimulator(agency, data, window string, log io.Writer) (*simulator, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("demo: own executable: %w", err)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, usage("the folder %s cannot be made", data)
	}
	cmd := exec.Command(self, "agencysim", "--agency", agency, "--addr", "127.0.0.1:0", "--data", data, "--window", window, "--stdin-guard")
	cmd.Stderr = log
	// A Ctrl-C is for this process: it ends the simulators after its last exchange with them.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("demo: simulator: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("demo: simulator: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("demo: simulator: %w", err)
	}
	s := &simulator{cmd: cmd, stdin: stdin}
	var hello struct {
		URL string `json:"url"`
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &hello) != nil || hello.URL == "" {
		_ = stdin.Close()
		_ = cmd.Wait()
		return nil, &exit{exitRejected, "the simulator of " + agency + " did not start; another one may use the same data folder"}
	}
	s.url = hello.URL
	return s, nil
}
