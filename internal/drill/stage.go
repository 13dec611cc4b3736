package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/localpg"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"
	"fehrest/internal/synth"
)

// stage is everything a drill plays on: a database, both organisations, the window's programs, and the networks between them.
type stage struct {
	bins   *binaries
	next   *binaries // of the next version, where needed
	dir    string
	rand   *rand.Rand
	out    io.Writer
	period jalali.Month
	law    *law.Params

	pg        *localpg.Server
	pgDir     string
	toPG      *proxy
	database  string // as the programs know it, through the proxy
	agencies  map[fault.Lane]*program
	agencyURL map[fault.Lane]string
	toAgency  map[fault.Lane]*proxy
	windows   []*program // the first serves
	url       string
	keys      *seal.Keyring
	token     string
	shops     []payroll.Header // one workshop each, made known

	mu     sync.Mutex
	lies   []violation  // what the window should not have answered
	outage [2]time.Time // of one organisation

	reruns  reruns
	unwatch func() // ends watching for them
}

// note keeps a violation that shows while the drill runs.
func (s *stage) note(v violation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lies = append(s.lies, v)
}

// needs is what a drill wants of its stage beside the ordinary.
type needs struct {
	shops     int  // workshops; 96 unless told
	twoWorker bool // a second program works the deliveries too
	smallDisk bool // the database lies on a small file system of its own
	next      bool // programs of the next version are at hand
}

// newStage starts it all. What was started is closed by close, also after an error.
func newStage(ctx context.Context, bins *binaries, seed uint64, n needs, out io.Writer) (s *stage, err error) {
	s = &stage{
		bins: bins, rand: rand.New(rand.NewPCG(seed, 7)), out: out,
		agencies: map[fault.Lane]*program{}, agencyURL: map[fault.Lane]string{}, toAgency: map[fault.Lane]*proxy{},
	}
	if s.dir, err = os.MkdirTemp("", "fehrest-drill-"); err != nil {
		return s, err
	}
	if err := os.Chmod(s.dir, 0o711); err != nil { // PostgreSQL's own user must pass
		return s, err
	}
	if n.next {
		if s.next, err = buildNext(ctx); err != nil {
			return s, err
		}
	}
	today, err := jalali.FromTime(time.Now())
	if err != nil {
		return s, err
	}
	s.period = today.InMonth().Add(-1)
	book, err := law.Load()
	if err != nil {
		return s, err
	}
	var known bool
	if s.law, known = book.On(s.period); !known {
		return s, fmt.Errorf("no law is known of %s", s.period)
	}
	if err := s.startDatabase(ctx, n.smallDisk); err != nil {
		return s, err
	}
	if s.keys, err = seal.Create(filepath.Join(s.dir, "keys")); err != nil {
		return s, err
	}
	addr, err := freeAddr()
	if err != nil {
		return s, err
	}
	s.url = "http://" + addr
	for _, lane := range payroll.EachLane() {
		if err := s.startAgency(ctx, lane); err != nil {
			return s, err
		}
	}
	if err := s.fehrest("migrate"); err != nil {
		return s, err
	}
	if n.shops == 0 {
		n.shops = 96
	}
	if err := s.makeKnown(ctx, n.shops); err != nil {
		return s, err
	}
	first, err := s.window("serve", "--addr", addr)
	if err != nil {
		return s, err
	}
	first.ready = s.url + "/readyz"
	s.windows = append(s.windows, first)
	if n.twoWorker {
		second, err := s.window("work")
		if err != nil {
			return s, err
		}
		second.ready = second.metrics()
		s.windows = append(s.windows, second)
	}
	for _, w := range s.windows {
		if err := w.start(ctx); err != nil {
			return s, err
		}
	}
	return s, nil
}

// startDatabase starts PostgreSQL as safe as in production, behind a proxy whose address stays when the server's changes.
func (s *stage) startDatabase(ctx context.Context, small bool) (err error) {
	s.pgDir = filepath.Join(s.dir, "pg")
	if s.pg, err = localpg.Start(ctx, localpg.Config{Dir: s.pgDir}); err != nil {
		return err
	}
	if small {
		if err := s.moveToSmallDisk(ctx); err != nil {
			return err
		}
	}
	at, err := url.Parse(s.pg.URL)
	if err != nil {
		return err
	}
	if s.toPG, err = newProxy(at.Host); err != nil {
		return err
	}
	at.Host = s.toPG.addr()
	s.database = at.String()
	return nil
}

// killDatabase ends the postmaster at once and starts another on the same folder.
func (s *stage) killDatabase(ctx context.Context) error {
	pid, err := s.postmaster()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	s.toPG.cut()
	_ = s.pg.Stop() // its keeper ends; that the server ended badly is known
	if s.pg, err = localpg.Start(ctx, localpg.Config{Dir: s.pgDir}); err != nil {
		return err
	}
	at, err := url.Parse(s.pg.URL)
	if err == nil {
		s.toPG.target.Store(&at.Host)
	}
	return err
}

func (s *stage) postmaster() (int, error) {
	b, err := os.ReadFile(filepath.Join(s.pgDir, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(first)
}

func (s *stage) startAgency(ctx context.Context, lane fault.Lane) error {
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	s.agencyURL[lane] = "http://" + addr
	if s.toAgency[lane], err = newProxy(addr); err != nil {
		return err
	}
	p := &program{
		path: s.bins.agency, log: filepath.Join(s.dir, lane.String()+".log"), ready: s.agencyURL[lane] + "/v1/keys",
		args: []string{"--agency", lane.String(), "--addr", addr, "--data", s.agencyDir(lane), "--window", s.url},
	}
	s.agencies[lane] = p
	return p.start(ctx)
}

func (s *stage) agencyDir(lane fault.Lane) string { return filepath.Join(s.dir, lane.String()) }

// settings are those of every program of the window.
func (s *stage) settings() []string {
	return []string{
		"DATABASE_URL=" + s.database, "FEHREST_KEYS=" + filepath.Join(s.dir, "keys"), "FEHREST_DATA=" + s.dir, "FEHREST_LOG=text",
		"FEHREST_SSO_URL=http://" + s.toAgency[fault.SSO].addr(), "FEHREST_TAX_URL=http://" + s.toAgency[fault.Tax].addr(), "FEHREST_TAX_WAIT=1s",
	}
}

// window is a program of the window, not begun.
func (s *stage) window(args ...string) (*program, error) {
	metrics, err := freeAddr()
	if err != nil {
		return nil, err
	}
	return &program{
		path: s.bins.fehrest, args: args, log: filepath.Join(s.dir, fmt.Sprintf("window-%d.log", len(s.windows)+1)),
		env: append(s.settings(), "FEHREST_METRICS_ADDR="+metrics),
	}, nil
}

// metrics is where the program shows its figures.
func (p *program) metrics() string {
	_, addr, _ := strings.Cut(p.env[len(p.env)-1], "=")
	return "http://" + addr + "/metrics"
}

// fehrest runs a command of the program to its end.
func (s *stage) fehrest(args ...string) error {
	cmd := exec.Command(s.bins.fehrest, args...)
	cmd.Env = append(cleanEnv(), s.settings()...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fehrest %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// makeKnown invents employers with two workshops each, and an accountant who may act for all.
func (s *stage) makeKnown(ctx context.Context, shops int) error {
	db, err := store.Open(ctx, s.database)
	if err != nil {
		return err
	}
	defer db.Close()
	s.token = access.NewToken()
	p := access.Principal{ID: store.NewID(), Name: "حسابدار", Role: access.Accountant}
	return db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.AddPrincipal(ctx, p); err != nil {
			return err
		}
		employer := synth.Employer(s.rand)
		for i := range shops {
			if i%2 == 0 {
				employer = synth.Employer(s.rand)
			}
			h := synth.Workshop(s.rand, employer, "شرکت نمونه", s.period)
			h.Workshop = payroll.WorkshopCode(fmt.Sprintf("%010d", 1_010_000_000+uint64(i)))
			s.shops = append(s.shops, h)
			err := tx.SaveWorkshop(ctx, store.Workshop{
				Code: h.Workshop, Employer: h.Employer, EmployerName: h.EmployerName, Name: h.WorkshopName, Address: h.Address, PostalCode: h.PostalCode,
			})
			if err == nil {
				err = tx.AddMandate(ctx, p.ID, h.Employer, h.Workshop, time.Time{})
			}
			if err != nil {
				return err
			}
		}
		return tx.AddToken(ctx, access.HashToken(s.token), p.ID, time.Time{})
	})
}

// simFault is a fault as a simulator's control route takes it.
type simFault struct {
	Name  string  `json:"fault"`
	For   string  `json:"for,omitempty"`
	Count int     `json:"count,omitempty"`
	Rate  float64 `json:"rate,omitempty"`
	Delay string  `json:"delay,omitempty"`
}

// ail begins a fault of an organisation.
func (s *stage) ail(lane fault.Lane, f simFault) error {
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	resp, err := http.Post(s.agencyURL[lane]+"/control/faults", "application/json", bytes.NewReader(b))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusNoContent {
		said, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("fault %s: %s %s", f.Name, resp.Status, said)
	}
	return nil
}

// heal ends all faults of an organisation.
func (s *stage) heal(lane fault.Lane) error {
	req, err := http.NewRequest(http.MethodDelete, s.agencyURL[lane]+"/control/faults", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// pause lets some time pass, between the two.
func (s *stage) pause(from, to time.Duration) {
	time.Sleep(from + time.Duration(s.rand.Int64N(int64(to-from)+1)))
}

// close ends everything. The folder goes unless it is to be kept.
func (s *stage) close(keep bool) {
	if s.unwatch != nil {
		s.unwatch()
	}
	for _, w := range s.windows {
		w.signal(syscall.SIGCONT)
		w.stop(25 * time.Second)
	}
	for lane, a := range s.agencies {
		a.stop(5 * time.Second)
		s.toAgency[lane].close()
	}
	if s.pg != nil {
		_ = s.pg.Stop()
	}
	if s.toPG != nil {
		s.toPG.close()
	}
	s.leaveSmallDisk()
	if s.next != nil {
		s.next.remove()
	}
	if !keep && s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
