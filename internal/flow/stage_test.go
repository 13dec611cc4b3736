package flow_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fehrest/cmd/agencysim/sim"
	"fehrest/internal/access"
	"fehrest/internal/agency/gateway"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"
	"fehrest/internal/store/storetest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	// These tests wait for each other's clocks more than they compute.
	_ = flag.Set("test.parallel", "6")
	os.Exit(storetest.Main(m))
}

const (
	employer = payroll.EmployerID("10380284790")
	shop     = payroll.WorkshopCode("0123456789")
	branch   = payroll.WorkshopCode("0123456790")
	stranger = payroll.WorkshopCode("9876543210") // another employer's
)

// stage is a window with its database and, when opened, both organisations' simulators.
type stage struct {
	*flow.Window
	t       testing.TB
	url     string // of the window's door for answers
	sender  access.Principal
	sims    map[fault.Lane]string
	clients map[fault.Lane]*gateway.Client
	deaf    bool // answers posted to the door are lost on the way
}

// onStage makes a window that works every lane by hand; nothing works its jobs yet.
func onStage(t testing.TB) *stage {
	t.Helper()
	book, err := law.Load()
	require.NoError(t, err)
	keys, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	s := &stage{t: t, sims: map[fault.Lane]string{}, clients: map[fault.Lane]*gateway.Client{}, sender: access.Principal{ID: uuid.New(), Name: "حسابدار", Role: access.Accountant}}
	s.Window = &flow.Window{
		Store: storetest.New(t), Book: book, Keys: keys, Now: time.Now, Spool: t.TempDir(), Log: storetest.Log(t, slog.LevelDebug), TaxWait: 50 * time.Millisecond,
		SSO: flow.Organisation{Agency: sso.Agency{Book: book}}, Tax: flow.Organisation{Agency: tax.Agency{Book: book}},
		Pace: flow.Pace{Least: 20 * time.Millisecond, Most: 200 * time.Millisecond, Exchange: 2 * time.Second, Inquire: 500 * time.Millisecond},
	}
	s.register()
	door := httptest.NewServer(s.door())
	t.Cleanup(door.Close)
	s.url = door.URL
	return s
}

func (s *stage) register() {
	ctx := context.Background()
	require.NoError(s.t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		for _, w := range []store.Workshop{
			{Code: shop, Employer: employer, Name: "کارگاه یک", TaxFileNo: ""},
			{Code: branch, Employer: employer, Name: "کارگاه دو", TaxFileNo: ""},
			{Code: stranger, Employer: "10101234562", Name: "کارگاه دیگر"},
		} {
			w.EmployerName, w.Address, w.PostalCode = "شرکت نمونه", "تهران، خیابان نمونه", "1411713114"
			if err := tx.SaveWorkshop(ctx, w); err != nil {
				return err
			}
		}
		if err := tx.AddPrincipal(ctx, s.sender); err != nil {
			return err
		}
		return tx.AddMandate(ctx, s.sender.ID, employer, "", time.Time{})
	}))
}

// door is what of the window's API the organisations speak to.
func (s *stage) door() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/keys", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(s.PublicKeys()) })
	mux.HandleFunc("POST /v1/agencies/{agency}/answers", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if s.deaf {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var lane fault.Lane
		_ = lane.UnmarshalText([]byte(r.PathValue("agency")))
		got, err := s.Receive(r.Context(), lane, r, body)
		var p *fault.Problem
		switch {
		case err == nil:
			_ = json.NewEncoder(w).Encode(got)
		case errors.As(err, &p):
			w.WriteHeader(map[fault.Kind]int{fault.Unsigned: 401, fault.NotFound: 404, fault.Conflict: 409, fault.Unprocessable: 422, fault.Busy: 503}[p.Kind])
		case store.Unavailable(err):
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Context().Err() != nil: // the organisation hung up; it will say it again
		default:
			s.t.Errorf("an answer failed: %v", err)
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	return mux
}

// open starts an organisation's simulator and leads its lane there.
func (s *stage) open(lane fault.Lane, faults ...string) {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var done sync.WaitGroup
	done.Add(1)
	args := []string{"--agency", lane.String(), "--data", s.t.TempDir(), "--window", s.url}
	for _, f := range faults {
		args = append(args, "--fault", f)
	}
	go func() {
		defer done.Done()
		code := sim.Program{Stdin: strings.NewReader(""), Stdout: in, Stderr: s.t.Output(), Now: time.Now}.Run(ctx, args)
		_ = in.CloseWithError(fmt.Errorf("simulator ended with %d", code))
	}()
	s.t.Cleanup(func() { stop(); done.Wait() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	require.NoError(s.t, err)
	var started struct {
		URL string `json:"url"`
	}
	require.NoError(s.t, json.Unmarshal(line, &started))
	s.sims[lane] = started.URL
	s.clients[lane] = &gateway.Client{URL: started.URL, Keys: s.Keys, HTTP: gateway.NewHTTP(5 * time.Second)}
	if lane == fault.SSO {
		s.SSO.Gateway = s.clients[lane]
	} else {
		s.Tax.Gateway = s.clients[lane]
	}
}

// work works the jobs until the returned function is called or the test ends.
func (s *stage) work() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, true) }()
	once := sync.OnceFunc(func() {
		cancel()
		require.NoError(s.t, <-ended)
	})
	s.t.Cleanup(once)
	return once
}

// trouble asks a simulator for a fault.
func (s *stage) trouble(lane fault.Lane, document string) {
	s.t.Helper()
	resp, err := http.Post(s.sims[lane]+"/control/faults", "application/json", strings.NewReader(document))
	require.NoError(s.t, err)
	require.NoError(s.t, resp.Body.Close())
	require.Less(s.t, resp.StatusCode, 300)
}

// heal ends a simulator's faults.
func (s *stage) heal(lane fault.Lane) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodDelete, s.sims[lane]+"/control/faults", nil)
	require.NoError(s.t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	require.NoError(s.t, resp.Body.Close())
}

// effects are what the organisation's ledger holds.
func (s *stage) effects(lane fault.Lane) map[string]effect {
	resp, err := http.Get(s.sims[lane] + "/control/effects")
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	var got struct {
		Effects map[string]effect `json:"effects"`
	}
	require.NoError(s.t, json.NewDecoder(resp.Body).Decode(&got))
	return got.Effects
}

type effect struct {
	Count   int    `json:"count"`
	Digest  string `json:"digest"`
	Version int    `json:"version"`
}

// document is a list in JSON, as tests change it.
type document struct {
	Workshop map[string]any   `json:"workshop"`
	Lines    []map[string]any `json:"lines"`
}

var people = []struct{ code, first, last, insurance string }{
	{"0012345679", "علی", "محمدی", "87650001"},
	{"0084575948", "زهرا", "کریمی", "87650002"},
	{"0499370899", "رضا", "احمدی", "87650003"},
}

func listOf(code payroll.WorkshopCode, persons ...int) *document {
	d := &document{Workshop: map[string]any{"workshop_code": code, "period": "1405-07"}}
	for _, i := range persons {
		p := people[i]
		d.Lines = append(d.Lines, map[string]any{
			"row": len(d.Lines) + 1, "national_code": p.code, "first_name": p.first, "last_name": p.last, "father_name": "حسین", "birth_date": "1370/05/06",
			"id_number": p.code, "issue_place": "تهران", "sex": "مرد", "insurance_number": p.insurance, "job_code": "413110", "job_title": "کارشناس",
			"insured_kind": "عادی", "start_date": "1400/01/01", "days": 30, "daily_wage": 5_600_000, "housing": 30_000_000, "grocery": 22_000_000,
			"education": "4", "employment_type": "1", "job_family": "2",
		})
	}
	return d
}

// manyOf makes a list of so many invented workers with valid check digits.
func manyOf(code payroll.WorkshopCode, workers int) *document { return manyFrom(code, 0, workers) }

// manyFrom is manyOf with others: the workers from the first on.
func manyFrom(code payroll.WorkshopCode, from, workers int) *document {
	d := listOf(code, 0)
	first := d.Lines[0]
	d.Lines = nil
	for i := range workers {
		line := maps.Clone(first)
		line["row"], line["id_number"] = i+1, "0"
		line["national_code"], line["insurance_number"] = nationalCode(100_000_000+from+i), fmt.Sprintf("%08d", 20_000_000+from+i)
		d.Lines = append(d.Lines, line)
	}
	return d
}

func nationalCode(n int) string {
	code := fmt.Sprintf("%09d", n)
	for digit := range 10 {
		if c := code + strconv.Itoa(digit); payroll.NationalCode(c).Check() == payroll.Valid {
			return c
		}
	}
	panic("no check digit")
}

func (d *document) set(key string, v any) *document {
	d.Workshop[key] = v
	return d
}

func (d *document) bytes() []byte {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return b
}

func (s *stage) send(b []byte, change ...func(*flow.Upload)) (*flow.Submitted, error) {
	s.t.Helper()
	u := flow.Upload{
		Principal: s.sender, Body: bytes.NewReader(b), Name: "list.json", ContentType: "application/json",
		IdempotencyKey: uuid.NewString(), Route: "POST /v1/lists",
	}
	for _, c := range change {
		c(&u)
	}
	return s.Submit(context.Background(), u)
}

func (s *stage) mustSend(d *document) *flow.Submitted {
	s.t.Helper()
	got, err := s.send(d.bytes())
	require.NoError(s.t, err)
	return got
}

// patience is how long a test waits for what must come, on a machine that is busy with others too. That a connection was cut is found out by who uses it next; he asks again.
const patience = time.Minute

// list shows a list to its sender. Where it stands is asked for by itself too: the two never differ.
func (s *stage) list(id string) *flow.List {
	s.t.Helper()
	for end := time.Now().Add(patience); ; {
		before, err := s.State(context.Background(), s.sender, id)
		var l *flow.List
		if err == nil {
			l, err = s.List(context.Background(), s.sender, id)
		}
		var after *flow.ListState
		if err == nil {
			after, err = s.State(context.Background(), s.sender, id)
		}
		if time.Now().Before(end) && (store.Unavailable(err) || err == nil && *before != *after) {
			continue // a connection was cut, or the list moved in between
		}
		require.NoError(s.t, err)
		require.Equal(s.t, stateIn(l), before)
		return l
	}
}

// stateIn is where a list stands by its whole view.
func stateIn(l *flow.List) *flow.ListState {
	lane := func(v flow.LaneView) flow.LaneState {
		return flow.LaneState{State: v.State, Reference: v.Reference, Reason: v.Reason, ByHand: v.ByHand}
	}
	return &flow.ListState{
		ID: l.ID, State: l.State, Version: l.Version, ReceivedAt: l.ReceivedAt,
		Deliveries: flow.LaneStates{SSO: lane(l.Deliveries.SSO), Tax: lane(l.Deliveries.Tax)},
	}
}

// await waits until a list stands in the state.
func (s *stage) await(id string, want payroll.ListState) *flow.List {
	s.t.Helper()
	l := s.list(id)
	for end := time.Now().Add(patience); l.State != want && time.Now().Before(end); l = s.list(id) {
		time.Sleep(30 * time.Millisecond)
	}
	require.Equal(s.t, want, l.State, "%+v", l.Deliveries)
	return l
}

// awaitLane waits until a lane of a list stands in the state.
func (s *stage) awaitLane(id string, lane fault.Lane, want payroll.State) flow.LaneView {
	s.t.Helper()
	var v flow.LaneView
	require.Eventually(s.t, func() bool {
		l := s.list(id)
		if v = l.Deliveries.SSO; lane == fault.Tax {
			v = l.Deliveries.Tax
		}
		return v.State == want
	}, patience, 30*time.Millisecond, "a lane never became %s", want)
	return v
}

// count asks the database for one number.
func (s *stage) count(query string, args ...any) (n int) {
	s.t.Helper()
	err := s.Store.Jobs().QueryRow(context.Background(), query, args...).Scan(&n)
	for end := time.Now().Add(patience); store.Unavailable(err) && time.Now().Before(end); {
		err = s.Store.Jobs().QueryRow(context.Background(), query, args...).Scan(&n)
	}
	require.NoError(s.t, err)
	return n
}

// problem sends a list that is refused, and returns why.
func (s *stage) problem(b []byte, change ...func(*flow.Upload)) *fault.Problem {
	s.t.Helper()
	_, err := s.send(b, change...)
	var p *fault.Problem
	require.ErrorAs(s.t, err, &p)
	return p
}
