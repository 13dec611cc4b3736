package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/api"
	"fehrest/internal/flow"
	"fehrest/internal/intake"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"
	"fehrest/internal/store/storetest"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// noon is the tests' day: 15 Aban 1405 in Tehran.
var noon = time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)

// rig is a window on a database of its own, served over real HTTP. Both lanes are worked by hand.
type rig struct {
	t      testing.TB
	url    string
	store  *store.Store
	window *flow.Window
	book   *law.Book
	tokens map[string]string // by role, and stranger for an employer of another workshop
	good   synth.Case
	faulty synth.Case
}

func newRig(t testing.TB) *rig {
	t.Helper()
	book, err := law.Load()
	require.NoError(t, err)
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	k := &rig{t: t, store: storetest.New(t), book: book, tokens: map[string]string{}}
	k.window = &flow.Window{
		Store: k.store, Book: book, Keys: keys, Spool: t.TempDir(), Now: func() time.Time { return noon }, Log: storetest.Log(t, slog.LevelDebug),
		SSO: flow.Organisation{Agency: sso.Agency{Book: book}}, Tax: flow.Organisation{Agency: tax.Agency{Book: book}},
	}
	for _, c := range synth.Cases(book) {
		switch c.Folder {
		case "small":
			k.good = c
		case "faulty":
			k.faulty = c
		}
	}
	k.register(k.good.Header)
	k.register(k.faulty.Header)
	for _, role := range access.Roles() {
		k.tokens[string(role)] = k.signUp(role, k.good.Header.Employer, k.faulty.Header.Employer)
	}
	k.tokens["stranger"] = k.signUp(access.Employer)
	server := httptest.NewUnstartedServer(nil)
	server.Config = api.Server(api.Handler(api.Config{Window: k.window, Store: k.store, Now: k.window.Now, Log: k.window.Log}), nil)
	server.Start()
	t.Cleanup(server.Close)
	k.url = server.URL
	return k
}

func (k *rig) register(h payroll.Header) {
	require.NoError(k.t, k.store.Tx(k.t.Context(), func(tx *store.Tx) error {
		return tx.SaveWorkshop(k.t.Context(), store.Workshop{
			Code: h.Workshop, Employer: h.Employer, EmployerName: h.EmployerName, Name: h.WorkshopName, Address: h.Address, PostalCode: h.PostalCode,
		})
	}))
}

// signUp makes a principal who may act for the employers and returns his token.
func (k *rig) signUp(role access.Role, employers ...payroll.EmployerID) string {
	token := access.NewToken()
	p := access.Principal{ID: store.NewID(), Name: string(role), Role: role}
	require.NoError(k.t, k.store.Tx(k.t.Context(), func(tx *store.Tx) error {
		if err := tx.AddPrincipal(k.t.Context(), p); err != nil {
			return err
		}
		for _, e := range employers {
			if err := tx.AddMandate(k.t.Context(), p.ID, e, "", time.Time{}); err != nil {
				return err
			}
		}
		return tx.AddToken(k.t.Context(), access.HashToken(token), p.ID, time.Time{})
	}))
	return token
}

// workbook writes a case as an employer would send it.
func (k *rig) workbook(c synth.Case) []byte {
	var b bytes.Buffer
	require.NoError(k.t, intake.WriteList(&b, &c.Header, c.Lines))
	return b.Bytes()
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) into(t testing.TB, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, v), string(a.body))
}

// problem is the answer as the problem document it must be.
func (a *answer) problem(t testing.TB) *api.Problem {
	t.Helper()
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"), string(a.body))
	p := &api.Problem{}
	a.into(t, p)
	require.Equal(t, a.status, p.Status)
	require.NotEmpty(t, p.Title)
	require.NotEmpty(t, p.Detail)
	require.NotEmpty(t, p.Instance)
	require.NotNil(t, p.Faults)
	return p
}

// ask sends a request; who is a key of tokens, or empty for no one. header holds pairs. Whoever asks for a list asks where it stands too.
func (k *rig) ask(who, method, path string, body io.Reader, header ...string) *answer {
	k.t.Helper()
	if method != http.MethodGet || !oneList.MatchString(path) {
		return k.exchange(who, method, path, body, header...)
	}
	before := k.exchange(who, method, path+"/state", nil)
	a := k.exchange(who, method, path, body, header...)
	after := k.exchange(who, method, path+"/state", nil)
	if a.status != http.StatusNotModified && before.header.Get("ETag") == after.header.Get("ETag") { // it did not move in between
		k.sameState(a, after)
	}
	return a
}

func (k *rig) exchange(who, method, path string, body io.Reader, header ...string) *answer {
	k.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, k.url+path, body)
	require.NoError(k.t, err)
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+k.tokens[who])
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(k.t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(k.t, err)
	return &answer{resp.StatusCode, resp.Header, b}
}

var oneList = regexp.MustCompile(`^/v1/lists/[^/?]+$`)

// sameState holds that who asks where a list stands is told what he is shown of the whole list, or refused alike.
func (k *rig) sameState(list, state *answer) {
	k.t.Helper()
	require.Equal(k.t, list.status, state.status, string(state.body))
	if list.status != http.StatusOK {
		p, q := list.problem(k.t), state.problem(k.t)
		p.Instance, q.Instance = "", ""
		require.Equal(k.t, p, q)
		return
	}
	var of, told flow.ListState
	list.into(k.t, &of) // the members have the same names
	state.into(k.t, &told)
	require.Equal(k.t, of, told)
	require.NotEmpty(k.t, told.State)
	require.Equal(k.t, list.header.Get("Retry-After"), state.header.Get("Retry-After"))
}

func (k *rig) get(who, path string) *answer { return k.ask(who, http.MethodGet, path, nil) }

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// send posts a workbook as the employer.
func (k *rig) send(body []byte, key, query string) *answer {
	return k.ask("employer", http.MethodPost, "/v1/lists"+query, bytes.NewReader(body), "Content-Type", workbookType, "Idempotency-Key", key,
		"Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape("لیست مهر.xlsx"))
}
