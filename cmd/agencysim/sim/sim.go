// Package sim plays the gateways of the two organisations, openly as a
// simulator: it judges delivered files with its own readers, figures and
// ledger, and shares no code with the window that makes them.
package sim

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Program is one run of the simulator.
type Program struct {
	Stdin  io.Reader // watched with --stdin-guard
	Stdout io.Writer // the address line, or the findings
	Stderr io.Writer // one line when it cannot run; never a person or amount
	Now    func() time.Time
}

// Exit codes.
const (
	exitFine    = 0
	exitRefused = 1  // findings, or it could not run
	exitUsage   = 64 // wrong usage
)

// Main runs the program on the process's own standard streams and returns its
// exit code; args are those after the command's name.
func Main(ctx context.Context, args []string, stdout io.Writer) int {
	return Program{Stdin: os.Stdin, Stdout: stdout, Stderr: os.Stderr, Now: time.Now}.Run(ctx, args)
}

// settings are the flags.
type settings struct {
	agency, addr, data, window, check string
	faults                            []string
	patience                          patience
	guard                             bool
}

// Run serves until ctx ends, or judges files with --check, and returns the exit
// code.
func (p Program) Run(ctx context.Context, args []string) int {
	o, err := p.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return exitFine
	}
	if err != nil {
		_, _ = fmt.Fprintf(p.Stderr, "agencysim: %v; agencysim --help shows the usage\n", err)
		return exitUsage
	}
	if o.check != "" {
		n, err := checkPath(o.agency, o.check, p.Stdout)
		if err != nil {
			return p.fail(err)
		}
		return min(n, exitRefused)
	}
	if err := p.serve(ctx, o); err != nil {
		return p.fail(err)
	}
	return exitFine
}

func (p Program) fail(err error) int {
	_, _ = fmt.Fprintf(p.Stderr, "agencysim: %v\n", err)
	return exitRefused
}

func (p Program) parse(args []string) (settings, error) {
	var o settings
	f := flag.NewFlagSet("agencysim", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.agency, "agency", "", "`sso|tax`, the organisation to play")
	f.StringVar(&o.addr, "addr", "127.0.0.1:0", "`HOST:PORT` to listen on; port 0 takes a free one")
	f.StringVar(&o.data, "data", "", "`DIR` of the ledger, kept deliveries and keys")
	f.StringVar(&o.window, "window", "", "base `URL` of the window")
	f.StringVar(&o.check, "check", "", "judge `FILE|DIR` without a server; exit 0 or 1")
	o.patience = patience{200 * time.Millisecond, 800 * time.Millisecond}
	f.Func("answer-after", "`FROM-TO`, how long after a delivery its answer may leave; 200ms-800ms unless told", func(s string) (err error) {
		o.patience, err = parsePatience(s)
		return err
	})
	f.BoolVar(&o.guard, "stdin-guard", false, "end when standard input closes")
	f.Func("fault", "start with a fault: `NAME[:FOR]`, may be repeated; NAME is one of "+faultNames(), func(s string) error {
		_, err := parseFaultFlag(s, time.Time{})
		o.faults = append(o.faults, s)
		return err
	})
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			f.SetOutput(p.Stdout)
			f.Usage()
		}
		return o, err
	}
	if o.agency != agencySSO && o.agency != agencyTax {
		return o, errors.New("--agency must be sso or tax")
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if o.check != "" {
		return o, nil
	}
	u, err := url.Parse(o.window)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return o, errors.New("--window must be the http address of the window")
	}
	o.window = strings.TrimRight(o.window, "/")
	if o.data == "" {
		return o, errors.New("--data must name a folder")
	}
	return o, nil
}

// parsePatience reads two durations, as in 200ms-800ms.
func parsePatience(s string) (patience, error) {
	a, b, _ := strings.Cut(s, "-")
	from, err := time.ParseDuration(a)
	to, err2 := time.ParseDuration(b)
	if err != nil || err2 != nil || from < 0 || to < from {
		return patience{}, fmt.Errorf("%q is no time from and to, as in 200ms-800ms", s)
	}
	return patience{from, to}, nil
}

func (p Program) serve(ctx context.Context, o settings) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.guard {
		go func() {
			_, _ = io.Copy(io.Discard, p.Stdin)
			cancel()
		}()
	}
	s, err := openServer(o.agency, o.data, o.window, o.patience, p.Now)
	if err != nil {
		return err
	}
	for _, text := range o.faults {
		f, err := parseFaultFlag(text, p.Now())
		if err != nil {
			return errors.Join(err, s.close())
		}
		s.faults.add(f)
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return errors.Join(err, s.close())
	}
	started := map[string]string{"agency": o.agency, "url": "http://" + listener.Addr().String()}
	if err := json.NewEncoder(p.Stdout).Encode(started); err != nil {
		return errors.Join(err, listener.Close(), s.close())
	}
	return s.serve(ctx, listener)
}
