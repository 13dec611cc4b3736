package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// service is fehrest serve as a process of its own, beside a demonstration that brings database, keys and organisations.
type service struct {
	t       *testing.T
	url     string // of its API
	figures string // of its metrics
	data    string // the demonstration's folder
	token   string // of a new employer's accountant
	demo    demoJSON
	cmd     *exec.Cmd
	ended   chan error
	log     *kept
}

type demoJSON struct {
	URL      string            `json:"url"`
	Database string            `json:"database"`
	Agencies map[string]string `json:"agencies"`
	Tokens   map[string]string `json:"tokens"`
}

// kept keeps what a program prints.
type kept struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (k *kept) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.Write(b)
}

func (k *kept) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.String()
}

const (
	ownWorkshop = "2345678901"
	ownEmployer = "10380284790"
)

// startService starts both, and registers a workshop of which nothing was filed.
func startService(t *testing.T) *service {
	t.Helper()
	p := newProgram(t)
	demo, out := p.start()
	t.Cleanup(func() {
		_ = demo.Process.Signal(syscall.SIGTERM)
		_ = demo.Wait()
	})
	await(t, out, "demo.json")
	s := &service{t: t, data: p.data, log: &kept{}, ended: make(chan error, 1)}
	b, err := os.ReadFile(filepath.Join(p.data, "demo.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &s.demo))
	env := append(p.env, "DATABASE_URL="+s.demo.Database, "FEHREST_KEYS="+filepath.Join(p.data, "keys"), "FEHREST_DATA="+p.data, "FEHREST_ADDR=127.0.0.1:0",
		"FEHREST_METRICS_ADDR=127.0.0.1:0", "FEHREST_SSO_URL="+s.demo.Agencies["sso"], "FEHREST_TAX_URL="+s.demo.Agencies["tax"], "FEHREST_TAX_WAIT=1s")
	workshop := filepath.Join(t.TempDir(), "workshop.json")
	require.NoError(t, os.WriteFile(workshop, []byte(`{"workshop": {"workshop_code": "`+ownWorkshop+`", "employer_id": "`+ownEmployer+`", "employer_name": "ریسندگی آذرخش", "workshop_name": "آذرخش", "address": "تبریز، کوی بنفشه", "postal_code": "5411713114"}}`), 0o600))
	command := func(args ...string) string {
		c := exec.Command(os.Args[0], args...)
		c.Env, c.Stderr = env, t.Output()
		said, err := c.Output()
		require.NoError(t, err, args)
		return strings.TrimSpace(string(said))
	}
	command("workshop", "add", workshop)
	s.token = command("token", "add", "حسابدار بنفشه", "--role", "accountant", "--employer", ownEmployer)
	s.cmd = exec.Command(os.Args[0], "serve")
	s.cmd.Env, s.cmd.Stderr = env, s.log
	stdout, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	_, s.url, _ = strings.Cut(await(t, stdout, "http://"), "fehrest: ")
	go func() { s.ended <- s.cmd.Wait() }()
	require.Eventually(t, func() bool {
		for line := range strings.Lines(s.log.String()) {
			var said struct{ Msg, Addr string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "figures" {
				s.figures = "http://" + said.Addr
			}
		}
		return s.figures != ""
	}, time.Minute, 5*time.Millisecond)
	return s
}

// await reads lines until one holds the text, and goes on reading so that its writer is never held up.
func await(t *testing.T, from io.Reader, text string) string {
	t.Helper()
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			go func() { _, _ = io.Copy(io.Discard, from) }()
			return lines.Text()
		}
	}
	t.Fatalf("the program ended before it said %q", text)
	return ""
}

// document is a list of one worker, unlike any other of another number.
func document(number int, change ...func(workshop, line map[string]any)) []byte {
	workshop := map[string]any{"workshop_code": ownWorkshop, "period": "1405-07", "list_no": fmt.Sprintf("%02d", number)}
	line := map[string]any{
		"row": 1, "national_code": seeded.code, "first_name": seeded.first, "last_name": seeded.last, "father_name": seeded.father, "birth_date": "1370/05/06",
		"id_number": seeded.code, "issue_place": "تبریز", "sex": "مرد", "insurance_number": seeded.insurance, "job_code": "413110", "job_title": "کارشناس",
		"insured_kind": "عادی", "start_date": "1400/01/01", "days": 1, "daily_wage": seeded.wage, "education": "4", "employment_type": "1", "job_family": "2",
	}
	for _, c := range change {
		c(workshop, line)
	}
	b, err := json.Marshal(map[string]any{"workshop": workshop, "lines": []any{line}})
	if err != nil {
		panic(err)
	}
	return b
}

// seeded is a person whose data is nowhere but in his lists.
var seeded = struct {
	code, first, last, father, insurance string
	wage                                 int
}{"0084575948", "بردیا", "زرین‌کلک", "هوتن", "87654329", 6_543_217}

// post sends a list and returns the answer's status and document.
func (s *service) post(body io.Reader, header ...string) (status int, answer map[string]any, err error) {
	req, err := http.NewRequest(http.MethodPost, s.url+"/v1/lists", body)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", uuid.NewString())
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode, answer, json.NewDecoder(resp.Body).Decode(&answer)
}

// get reads a page of the API at a base address with a token.
func (s *service) get(address, token string) (status int, body string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, http.NoBody)
	require.NoError(s.t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, string(b)
}

// The whole program, as it runs: what it says of a month's work names no person, no employer and no wage.
func TestServe(t *testing.T) {
	t.Parallel()
	s := startService(t)
	s.work(t)
	figures := s.readFigures()
	require.Contains(t, figures, `fehrest_uploads_total{verdict="rejected"} 1`)
	require.Contains(t, figures, `route="/v1/lists/{id}"`)
	require.Regexp(t, `fehrest_answers_total{lane="tax",outcome="unsigned"} [1-9]`, figures)
	s.stopUnderTraffic(t)
	s.requireSilent(t, figures)
}

// work does whatever an employer, an organisation and a stranger may do with data of a person in hand.
func (s *service) work(t *testing.T) {
	t.Helper()
	control := func(document string) {
		resp, err := http.Post(s.demo.Agencies["tax"]+"/control/faults", "application/json", strings.NewReader(document))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Less(t, resp.StatusCode, 300)
	}
	send := func(want int, b []byte, header ...string) map[string]any {
		status, answer, err := s.post(bytes.NewReader(b), header...)
		require.NoError(t, err)
		require.Equal(t, want, status, answer)
		return answer
	}
	control(`{"fault": "reject", "for": "5s"}`) // its findings name the person
	good := send(http.StatusAccepted, document(1), "Idempotency-Key", seeded.code, "Content-Disposition", `attachment; filename="`+seeded.first+" "+seeded.last+`.json"`, "Prefer", "wait=20")
	bad := send(http.StatusUnprocessableEntity, document(2, func(_, line map[string]any) {
		line["national_code"], line["daily_wage"], line["first_name"] = seededWrong, seeded.wage/100, seeded.father
	}))
	send(http.StatusBadRequest, []byte(`{"workshop": {"workshop_code": "`+ownWorkshop+`"}, "lines": [{"first_name": "`+seeded.first+`", "bad`))
	send(http.StatusNotFound, document(3, func(workshop, _ map[string]any) { workshop["workshop_code"] = "9876543210" }))
	send(http.StatusUnsupportedMediaType, []byte(seeded.last), "Content-Type", "text/"+seeded.insurance)
	for _, id := range []any{good["id"], bad["id"]} {
		for _, of := range []string{"", "/faults", "/assessment", "/receipt", "/annotated.xlsx", "/files/" + url.PathEscape(seeded.last), "/files/DSKWOR00.DBF"} {
			s.get(s.url+"/v1/lists/"+id.(string)+of, s.token)
		}
	}
	for _, path := range []string{
		"/v1/lists/" + seeded.code, "/v1/lists?workshop_code=" + seeded.code + "&cursor=" + seeded.insurance, "/v1/" + url.PathEscape(seeded.last), "/v1/codes/" + seeded.code,
		"/v1/tax-months/" + ownEmployer + "/1405-07", "/v1/tax-months/" + seeded.code + "/1405-07", "/lists/" + seeded.code, "/" + url.PathEscape(seeded.first) + "?q=" + seeded.code,
	} {
		s.get(s.url+path, s.token)
		s.get(s.url+path, seeded.code)
	}
	key := "tax." + ownEmployer + ".0.1405-07.1"
	answer := `{"id": "` + uuid.NewString() + `", "key": "` + key + `", "findings": [{"person": "` + seeded.code + `", "message": "` + seeded.last + `"}]}`
	for _, to := range []string{"/v1/agencies/tax/answers", "/v1/answers", "/v1/agencies/" + seeded.code + "/answers"} {
		req, err := http.NewRequest(http.MethodPost, s.url+to, strings.NewReader(answer))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+s.token)
		req.Header.Set("Idempotency-Key", seeded.code)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.GreaterOrEqual(t, resp.StatusCode, 400)
	}
	for _, fault := range []string{"garbage", "effect_then_reset"} {
		control(`{"fault": "` + fault + `", "for": "300ms"}`)
	}
}

func (s *service) readFigures() string {
	_, figures := s.get(s.figures+"/metrics", "")
	return figures
}

// seededWrong has a wrong check digit.
const seededWrong = "0084575940"

// requireSilent looks for the seeded person wherever the programs speak of what they did.
func (s *service) requireSilent(t *testing.T, figures string) {
	t.Helper()
	ctx := t.Context()
	demo, err := os.ReadFile(filepath.Join(s.data, "fehrest.log"))
	require.NoError(t, err)
	said := map[string]string{"log": s.log.String(), "the other program's log": string(demo), "figures": figures}
	db, err := store.OpenVolatile(ctx, s.demo.Database)
	require.NoError(t, err)
	defer db.Close()
	for name, query := range map[string]string{
		"jobs":  "SELECT args::text || COALESCE(errors::text, '') || metadata::text || tags::text FROM river.river_job",
		"audit": "SELECT document FROM audit.log",
	} {
		rows, err := db.Jobs().Query(ctx, query)
		require.NoError(t, err)
		var all strings.Builder
		for rows.Next() {
			var text string
			require.NoError(t, rows.Scan(&text))
			all.WriteString(text + "\n")
		}
		require.NoError(t, rows.Err())
		said[name] = all.String()
	}
	wage := strconv.Itoa(seeded.wage)
	for name, text := range said {
		require.NotEmpty(t, text, name)
		for _, secret := range []string{
			seeded.code, seededWrong, seeded.first, seeded.last, "زرین", seeded.father, seeded.insurance, wage, wage[:len(wage)-2], "6,543,217", "۶۵۴۳۲۱۷",
			ownEmployer, "آذرخش", "بنفشه", s.token,
		} {
			for _, form := range []string{secret, url.QueryEscape(secret), strings.Trim(strconv.QuoteToASCII(secret), `"`)} {
				if at := strings.Index(text, form); at >= 0 {
					t.Errorf("%s: %q stands in %q", name, secret, text[max(at-200, 0):min(at+60, len(text))])
				}
			}
		}
	}
	require.NotContains(t, figures, ownWorkshop, "no figure names a workshop either")
}

// Uploads under way when the program is told to stop get their receipts; it ends within 20 seconds, whoever holds on; what it was
// working on another program finishes. The test waits for a sender who stands still.
func (s *service) stopUnderTraffic(t *testing.T) {
	t.Helper()
	resp, err := http.Post(s.demo.Agencies["tax"]+"/control/faults", "application/json", strings.NewReader(`{"fault": "slow", "for": "10s"}`))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())

	var mu sync.Mutex
	var receipts []string
	var wait sync.WaitGroup
	stopped := make(chan struct{})
	took := func(status int, answer map[string]any) {
		mu.Lock()
		defer mu.Unlock()
		if status == http.StatusAccepted {
			receipts = append(receipts, answer["id"].(string))
		}
	}
	for sender := range 4 { // traffic until nobody listens
		wait.Add(1)
		go func() {
			defer wait.Done()
			for n := range 1000 {
				status, answer, err := s.post(bytes.NewReader(document(100 + sender*1000 + n)))
				if err != nil {
					return // it does not listen any more
				}
				took(status, answer)
				time.Sleep(20 * time.Millisecond)
			}
		}()
	}
	upload := func(number int, arrives func(io.Writer, []byte), header ...string) (status int, err error) {
		from, to := io.Pipe()
		b := document(number)
		go func() {
			_, _ = to.Write(b[:len(b)/2])
			arrives(to, b[len(b)/2:])
			_ = to.Close()
		}()
		status, answer, err := s.post(from, header...)
		if err == nil {
			took(status, answer)
		}
		return status, err
	}
	late, held := make(chan int, 1), make(chan error, 1)
	go func() {
		status, _ := upload(10, func(to io.Writer, rest []byte) {
			<-stopped
			time.Sleep(2 * time.Second)
			_, _ = to.Write(rest)
		}, "Prefer", "wait=60")
		late <- status
	}()
	never := make(chan struct{})
	go func() {
		_, err := upload(11, func(io.Writer, []byte) { <-never })
		held <- err
	}()
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(receipts) > 20 }, time.Minute, 10*time.Millisecond)

	began := time.Now()
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	close(stopped)
	require.Equal(t, http.StatusAccepted, <-late, "an upload that was under way gets its receipt, and is not kept waiting for answers")
	require.Less(t, time.Since(began), 10*time.Second)
	wait.Wait()
	require.NoError(t, <-s.ended, "it ends as told: %s", s.log)
	require.Less(t, time.Since(began), 20*time.Second)
	close(never)
	require.Error(t, <-held, "who stands still is cut off")
	require.Contains(t, s.log.String(), "requests were cut off")
	for _, id := range receipts { // the demonstration's program goes on with them
		require.Eventually(t, func() bool {
			_, body := s.get(s.demo.URL+"/v1/lists/"+id, s.token)
			return strings.Contains(body, `"state":"answered"`) || strings.Contains(body, `"state":"settled_with_rejection"`)
		}, 40*time.Second, 50*time.Millisecond, "%s was never answered", id)
	}
}
