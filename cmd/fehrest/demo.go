package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fehrest/internal/flow"
	"fehrest/internal/localpg"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"
	"fehrest/samples"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

func demoCommand() *cobra.Command {
	d := &demo{}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Everything on this machine: PostgreSQL, both organisations' simulators, the window, a demo employer's month",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d.out = c.OutOrStdout()
			d.addrGiven = c.Flags().Changed("addr")
			return d.run(c.Context())
		},
	}
	s, _ := settings() // what cannot be read is said when the command runs
	c.Flags().BoolVar(&d.once, "once", false, "end when both organisations have answered")
	c.Flags().StringVar(&d.addr, "addr", s.Addr, "`host:port` to listen on")
	c.Flags().StringVar(&d.data, "data", s.Data, "the `folder` of database, keys and ledgers")
	c.Flags().StringArrayVar(&d.faults, "fault", nil, "let an organisation misbehave: `AGENCY=FAULT:FOR`, such as tax=unavailable:5s")
	return c
}

// demo runs a whole window on one machine and files an invented employer's month through it.
type demo struct {
	addr, data string
	addrGiven  bool
	once       bool
	faults     []string
	out        io.Writer
	log        io.Writer // fehrest.log in the data folder

	url    string
	sims   map[string]*simulator
	tokens map[string]string
}

const demoTaxWait = 2 * time.Second

func (d *demo) run(ctx context.Context) error {
	faults, err := parseFaults(d.faults)
	if err != nil {
		return err
	}
	if d.data, err = filepath.Abs(d.data); err != nil {
		return usage("--data is no folder")
	}
	if err := os.MkdirAll(d.data, 0o755); err != nil {
		return usage("the folder %s cannot be made; give another with --data", d.data)
	}
	log, err := os.OpenFile(filepath.Join(d.data, "fehrest.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return usage("%s cannot be written to; give another folder with --data", d.data)
	}
	defer func() { _ = log.Close() }()
	d.log = log
	s, err := settings()
	if err != nil {
		return err
	}
	s.Data, s.TaxWait = d.data, demoTaxWait
	if s.Database == "" {
		d.say("PostgreSQL: در حال آماده‌شدن — starting a private server in %s", d.data)
		server, err := localpg.Start(ctx, localpg.Config{Dir: filepath.Join(d.data, "postgres")})
		if err != nil {
			return &exit{exitRejected, fmt.Sprintf("the private PostgreSQL did not start: %v", err)}
		}
		defer func() { _ = server.Stop() }()
		s.Database = server.URL
	}
	db, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := migrate(ctx, db); err != nil {
		return err
	}
	keys, err := seal.Create(s.keys())
	if err != nil {
		return &exit{exitRejected, err.Error()}
	}
	l, err := d.listen()
	if err != nil {
		return err
	}
	d.url = "http://" + l.Addr().String()
	if err := d.startSimulators(ctx); err != nil {
		return err
	}
	defer d.stopSimulators()
	s.SSO, s.Tax = d.sims["sso"].url, d.sims["tax"].url
	w, err := newWindow(s, db, keys, newLog(s.Log, d.log))
	if err != nil {
		return err
	}
	shut, err := openMeter(s, w)
	if err != nil {
		return err
	}
	defer shut()
	lists, err := demoLists(ctx)
	if err != nil {
		return err
	}
	if err := d.admit(ctx, db, lists); err != nil {
		return err
	}
	if err := d.writeFile(s.Database); err != nil {
		return err
	}
	for _, f := range faults {
		if err := d.sims[f.agency].misbehave(ctx, f); err != nil {
			return err
		}
		d.say("%s: %s for %s", f.agency, f.name, f.length)
	}
	return d.serveAndFile(ctx, w, l, lists)
}

// serveAndFile files the month through the window's own door, as an employer's software would.
func (d *demo) serveAndFile(ctx context.Context, w *flow.Window, l net.Listener, lists []demoList) error {
	serving, stop := context.WithCancel(ctx)
	defer stop()
	group, serving := errgroup.WithContext(serving)
	group.Go(func() error { return serve(serving, w, l, true) })
	group.Go(func() error {
		err := d.file(serving, lists)
		if err != nil || d.once {
			stop()
			return err
		}
		d.say("\nپنجره باز است — the window is open: %s (sign in with the token \"employer\" of %s); Ctrl-C ends it", d.url, filepath.Join(d.data, "demo.json"))
		return nil
	})
	err := group.Wait()
	if errors.Is(err, context.Canceled) || ctx.Err() != nil {
		return nil
	}
	return err
}

// listen takes the asked address; when none was asked for and the usual port is taken, any free one.
func (d *demo) listen() (net.Listener, error) {
	l, err := net.Listen("tcp", d.addr)
	if err != nil && !d.addrGiven {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, usage("cannot listen on %s; another program may hold it: give another --addr", d.addr)
	}
	return l, nil
}

type demoList struct {
	name   string
	bytes  []byte
	header payroll.Header
}

func demoLists(ctx context.Context) ([]demoList, error) {
	r, err := (&readFlags{lanes: "both"}).reader()
	if err != nil {
		return nil, err
	}
	entries, err := samples.Demo.ReadDir("demo")
	if err != nil {
		return nil, err
	}
	lists := make([]demoList, 0, len(entries))
	for _, e := range entries {
		b, err := samples.Demo.ReadFile("demo/" + e.Name())
		if err != nil {
			return nil, err
		}
		result, err := r.readBytes(ctx, e.Name(), b)
		if err != nil {
			return nil, err
		}
		lists = append(lists, demoList{e.Name(), b, result.Header})
	}
	return lists, nil
}

// file sends every list, then follows them until both organisations have answered.
func (d *demo) file(ctx context.Context, lists []demoList) error {
	s := &sender{server: d.url, token: d.tokens["employer"], http: &http.Client{Timeout: time.Minute}}
	type sent struct{ name, id string }
	var waiting []sent
	for _, l := range lists {
		a, err := s.send(ctx, l.name, l.bytes, "")
		if err != nil {
			return err
		}
		if a.Status >= 400 {
			d.say("%-28s رد شد — refused, %d findings; nothing was sent:", l.name, len(a.Problem.Faults))
			for _, f := range worstFirst(a.Problem.Faults) {
				d.say("    %-7s %-8s %-5s %s", f.Severity, f.Code, f.Cell, f.Message.FA)
			}
			continue
		}
		r := a.Receipt
		d.say("%-28s رسید — receipt %s v%d, %s", l.name, r.TrackingCode, r.Version, r.Verdict)
		waiting = append(waiting, sent{l.name, r.ID})
	}
	for _, l := range waiting {
		v, err := s.settle(ctx, l.id)
		if err != nil {
			return err
		}
		d.say("%-28s %s", l.name, v.State)
		printLane(d.out, "sso", v.Deliveries.SSO)
		printLane(d.out, "tax", v.Deliveries.Tax)
	}
	return nil
}

func (d *demo) say(format string, args ...any) { _, _ = fmt.Fprintf(d.out, format+"\n", args...) }

// writeFile tells other programs on this machine where everything is.
func (d *demo) writeFile(database string) error {
	b, err := json.MarshalIndent(map[string]any{
		"url": d.url, "database": database, "tokens": d.tokens,
		"agencies": map[string]string{"sso": d.sims["sso"].url, "tax": d.sims["tax"].url},
	}, "", "  ")
	if err != nil {
		return err
	}
	path := d.path()
	if err := errors.Join(os.WriteFile(path+".part", append(b, '\n'), 0o600), os.Rename(path+".part", path)); err != nil {
		return usage("%s cannot be written; check the folder's permissions", path)
	}
	return nil
}

func (d *demo) path() string { return filepath.Join(d.data, "demo.json") }

type demoFault struct{ agency, name, length string }

func parseFaults(args []string) (faults []demoFault, err error) {
	for _, arg := range args {
		agency, rest, ok := strings.Cut(arg, "=")
		name, length, timed := strings.Cut(rest, ":")
		if _, err := time.ParseDuration(length); !ok || !timed || err != nil || agency != "sso" && agency != "tax" {
			return nil, usage("--fault takes AGENCY=FAULT:FOR, such as tax=unavailable:5s")
		}
		faults = append(faults, demoFault{agency, name, length})
	}
	return faults, nil
}

// misbehave tells a simulator to fail for a while.
func (s *simulator) misbehave(ctx context.Context, f demoFault) error {
	body, err := json.Marshal(map[string]string{"fault": f.name, "for": f.length})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/control/faults", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return &exit{exitTransport, "the simulator does not answer"}
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= 400 {
		return usage("the simulator knows no fault %q", f.name)
	}
	return nil
}

// admit registers the demo employer with its workshops and gives everyone a token; tokens of an earlier run are kept.
func (d *demo) admit(ctx context.Context, db *store.Store, lists []demoList) error {
	d.tokens = d.earlierTokens(ctx, db)
	return db.Tx(ctx, func(tx *store.Tx) error {
		for i := range lists {
			h := &lists[i].header
			if err := register(ctx, tx, workshopOf(h), h.ContractRow); err != nil {
				return err
			}
		}
		for _, p := range demoPrincipals() {
			if d.tokens[string(p.Role)] != "" {
				continue
			}
			var employer payroll.EmployerID
			if p.filer {
				employer = lists[0].header.Employer
			}
			token, err := admit(ctx, tx, p.Principal, employer, "", time.Time{})
			if err != nil {
				return err
			}
			d.tokens[string(p.Role)] = token
		}
		return nil
	})
}
