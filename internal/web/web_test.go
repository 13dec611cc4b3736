package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/api"
	"fehrest/internal/flow"
	"fehrest/internal/intake"
	"fehrest/internal/law"
	"fehrest/internal/seal"
	"fehrest/internal/store"
	"fehrest/internal/store/storetest"
	"fehrest/internal/synth"
	"fehrest/internal/web"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var noon = time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)

// journal is a log that may be read while it is written.
type journal struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines.String()
}

// desk is an employer's browser without scripts, before a whole window.
type desk struct {
	t      *testing.T
	url    string
	http   *http.Client
	log    *journal
	window *flow.Window
	tokens map[access.Role]string
	good   synth.Case
	faulty synth.Case
}

func sit(t *testing.T) *desk {
	t.Helper()
	book, err := law.Load()
	require.NoError(t, err)
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	d := &desk{t: t, log: &journal{}, tokens: map[access.Role]string{}}
	log := slog.New(slog.NewMultiHandler(slog.NewTextHandler(d.log, nil), storetest.Log(t, slog.LevelDebug).Handler()))
	d.window = &flow.Window{
		Store: storetest.New(t), Book: book, Keys: keys, Spool: t.TempDir(), Now: func() time.Time { return noon }, Log: log,
		SSO: flow.Organisation{Agency: sso.Agency{Book: book}}, Tax: flow.Organisation{Agency: tax.Agency{Book: book}},
	}
	for _, c := range synth.Cases(book) {
		switch c.Folder {
		case "small":
			d.good = c
		case "faulty":
			d.faulty = c
		}
	}
	d.register()
	server := httptest.NewServer(api.Handler(api.Config{
		Window: d.window, Store: d.window.Store, Now: d.window.Now, Log: log,
		Web: func(a http.Handler) http.Handler { return web.Handler(web.Config{API: a}) },
	}))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	d.url, d.http = server.URL, &http.Client{Jar: jar}
	return d
}

// work lets the window's jobs run until the test ends.
func (d *desk) work() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.window.Run(ctx, true) }()
	d.t.Cleanup(func() {
		stop()
		<-done
	})
}

func (d *desk) register() {
	ctx := context.Background()
	require.NoError(d.t, d.window.Store.Tx(ctx, func(tx *store.Tx) error {
		for _, c := range []synth.Case{d.good, d.faulty} {
			h := c.Header
			err := tx.SaveWorkshop(ctx, store.Workshop{
				Code: h.Workshop, Employer: h.Employer, EmployerName: h.EmployerName, Name: h.WorkshopName, Address: h.Address, PostalCode: h.PostalCode,
			})
			if err != nil {
				return err
			}
		}
		for _, role := range []access.Role{access.Employer, access.SSO} {
			p := access.Principal{ID: store.NewID(), Name: string(role), Role: role}
			d.tokens[role] = access.NewToken()
			if err := tx.AddPrincipal(ctx, p); err != nil {
				return err
			}
			if err := tx.AddToken(ctx, access.HashToken(d.tokens[role]), p.ID, time.Time{}); err != nil {
				return err
			}
			for _, c := range []synth.Case{d.good, d.faulty} {
				if err := tx.AddMandate(ctx, p.ID, c.Header.Employer, "", time.Time{}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// page is what the browser shows, and where it came to rest.
type page struct {
	status int
	path   string
	html   string
	header http.Header
}

func (d *desk) do(req *http.Request) *page {
	d.t.Helper()
	resp, err := d.http.Do(req)
	require.NoError(d.t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(d.t, err)
	return &page{resp.StatusCode, resp.Request.URL.Path, string(b), resp.Header}
}

func (d *desk) open(path string) *page {
	req, err := http.NewRequest(http.MethodGet, d.url+path, nil)
	require.NoError(d.t, err)
	return d.do(req)
}

func (d *desk) post(path string, form url.Values) *page {
	req, err := http.NewRequest(http.MethodPost, d.url+path, strings.NewReader(form.Encode()))
	require.NoError(d.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", d.url)
	return d.do(req)
}

func (d *desk) signIn() *page {
	return d.post("/sign-in", url.Values{"token": {d.tokens[access.Employer]}})
}

// upload sends a file by one of the page's buttons.
func (d *desk) upload(action, name string, file []byte) *page {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	require.NoError(d.t, err)
	_, err = part.Write(file)
	require.NoError(d.t, err)
	require.NoError(d.t, form.Close())
	req, err := http.NewRequest(http.MethodPost, d.url+action, &b)
	require.NoError(d.t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return d.do(req)
}

func (d *desk) workbook(c synth.Case) []byte {
	var b bytes.Buffer
	require.NoError(d.t, intake.WriteList(&b, &c.Header, c.Lines))
	return b.Bytes()
}

var action = regexp.MustCompile(`<form method="post" enctype="multipart/form-data" action="([^"]+)"`)

// button is the address of the upload form that a page shows.
func (p *page) button(t *testing.T) string {
	t.Helper()
	found := action.FindStringSubmatch(p.html)
	require.NotNil(t, found, p.html)
	return strings.ReplaceAll(found[1], "&amp;", "&")
}

func TestPage_signs_in_by_token_and_out_again(t *testing.T) {
	t.Parallel()
	d := sit(t)
	p := d.open("/")
	require.Equal(t, http.StatusOK, p.status)
	require.Contains(t, p.html, `<html lang="fa" dir="rtl">`)
	require.Contains(t, p.html, `name="token"`)

	p = d.post("/sign-in", url.Values{"token": {access.NewToken()}})
	require.Equal(t, http.StatusUnauthorized, p.status)
	require.Contains(t, p.html, "شناخته نشد")
	p = d.post("/sign-in", url.Values{"token": {d.tokens[access.SSO]}})
	require.Equal(t, http.StatusForbidden, p.status)
	require.Contains(t, p.html, "نقش دیگری")
	require.Contains(t, d.open("/").html, `name="token"`, "neither is signed in")

	p = d.signIn()
	require.Equal(t, http.StatusOK, p.status)
	require.Contains(t, p.html, string(d.good.Header.Workshop))
	require.Contains(t, p.html, "هنوز لیستی نفرستاده‌اید")
	require.NotContains(t, p.html, d.tokens[access.Employer])

	require.Contains(t, d.post("/sign-out", nil).html, `name="token"`)
	require.Contains(t, d.open("/").html, `name="token"`)
}

func TestPage_lets_nothing_in_from_elsewhere(t *testing.T) {
	t.Parallel()
	d := sit(t)
	for _, path := range []string{"/", "/nothing"} {
		p := d.open(path)
		require.Contains(t, p.header.Get("Content-Security-Policy"), "default-src 'self'")
		require.Equal(t, "no-store", p.header.Get("Cache-Control"))
		for _, address := range regexp.MustCompile(`(?:src|href|action)="([^"]+)"`).FindAllStringSubmatch(p.html, -1) {
			require.True(t, strings.HasPrefix(address[1], "/") || strings.HasPrefix(address[1], "#"), address[1])
		}
		require.NotRegexp(t, `style="|<style|<script>|onclick`, p.html)
	}
	for _, address := range regexp.MustCompile(`/assets/[^"]+`).FindAllString(d.open("/").html, -1) {
		p := d.open(address)
		require.Equal(t, http.StatusOK, p.status, address)
		require.Contains(t, p.header.Get("Cache-Control"), "immutable")
	}
	req, err := http.NewRequest(http.MethodPost, d.url+"/sign-in", strings.NewReader("token=x"))
	require.NoError(t, err)
	req.Header.Set("Origin", "https://elsewhere.example")
	p := d.do(req)
	require.Equal(t, http.StatusForbidden, p.status)
	require.Contains(t, p.html, "سایت دیگری")
}

func TestPage_sends_a_list_once_however_often_the_button_is_pressed(t *testing.T) {
	t.Parallel()
	d := sit(t)
	button := d.signIn().button(t)
	file := d.workbook(d.good)
	p := d.upload(button, "لیست مهر.xlsx", file)
	require.Equal(t, http.StatusOK, p.status, p.html)
	require.True(t, strings.HasPrefix(p.path, "/lists/"), p.path)
	require.Contains(t, p.html, "در راه سازمان‌ها")
	require.Contains(t, p.html, `<noscript><meta http-equiv="refresh"`)
	require.Contains(t, p.html, `data-state="`+p.path+`/state"`)
	require.Contains(t, d.open(p.path+"/state").html, `"state":"submitted"`)
	again := d.upload(button, "لیست مهر.xlsx", file)
	require.Equal(t, p.path, again.path)
	require.Equal(t, 1, strings.Count(d.open("/").html, `href="/lists/`))

	other := d.upload(button, "other.xlsx", d.workbook(d.faulty))
	require.Equal(t, http.StatusUnprocessableEntity, other.status)
	require.Contains(t, other.html, "API-02")
	require.NotEqual(t, button, other.button(t), "a fresh form")

	require.Equal(t, http.StatusOK, d.open(p.path+"/assessment").status)
	require.Contains(t, d.open(p.path).html, `href="`+p.path+`/annotated.xlsx"`)
	require.Equal(t, http.StatusOK, d.open(p.path+"/annotated.xlsx").status)
	require.Equal(t, http.StatusOK, d.open("/template.xlsx").status)
}

func TestPage_of_a_lane_by_hand_offers_files_and_takes_the_portals_number(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.work()
	path := d.upload(d.signIn().button(t), "list.xlsx", d.workbook(d.good)).path
	var p *page
	require.Eventually(t, func() bool {
		p = d.open(path)
		return strings.Count(p.html, "بارگذاری کردم") == 2
	}, 20*time.Second, 100*time.Millisecond)
	require.NotContains(t, p.html, "http-equiv", "a form is not emptied under the hand")
	require.Equal(t, 2, strings.Count(p.html, "جریمه را خود سازمان حساب می‌کند"), "what lateness costs, in each lane")
	require.Contains(t, p.html, "۲٫۵ درصد")
	links := regexp.MustCompile(`href="(/lists/[^"]+/files/[^"]+)"`).FindAllStringSubmatch(p.html, -1)
	require.Len(t, links, 6)
	for _, link := range links {
		require.Equal(t, http.StatusOK, d.open(link[1]).status, link[1])
	}
	p = d.post(path+"/deliveries/sso/uploaded", url.Values{"reference": {"1405-998"}})
	require.Equal(t, http.StatusOK, p.status)
	require.Contains(t, p.html, "<bdi>1405-998</bdi>")
	p = d.post(path+"/deliveries/tax/uploaded", url.Values{"reference": {""}})
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.html, `role="alert"`)
}

func TestPage_shows_a_faulty_list_cell_by_cell(t *testing.T) {
	t.Parallel()
	d := sit(t)
	p := d.upload(d.signIn().button(t), "faulty.xlsx", d.workbook(d.faulty))
	require.Equal(t, http.StatusOK, p.status)
	require.Contains(t, p.html, "رد شد؛ فرستاده نشد")
	require.Contains(t, p.html, "خانهٔ <bdi>")
	require.Contains(t, p.html, "این لیست به هیچ سازمانی فرستاده نشد: ۱۲ خطا دارد", "what to do stands before the fold")
	for _, code := range []string{"ID-02", "ID-04", "WAGE-01", "DAYS-01"} {
		require.Contains(t, p.html, "<bdi>"+code+"</bdi>")
	}
	require.NotContains(t, p.html, "http-equiv")
}

func TestPage_sends_a_draft_at_the_senders_word(t *testing.T) {
	t.Parallel()
	d := sit(t)
	p := d.upload(d.signIn().button(t)+"&mode=draft", "list.xlsx", d.workbook(d.good))
	require.Contains(t, p.html, "پیش‌نویس")
	p = d.post(p.path+"/submission", url.Values{"key": {rand.Text()}})
	require.Contains(t, p.html, "در راه سازمان‌ها", p.html)
}

func TestPage_says_what_is_wrong_with_a_file_that_is_no_list(t *testing.T) {
	t.Parallel()
	d := sit(t)
	home := d.signIn()
	for name, c := range map[string]struct {
		file   string
		status int
		code   string
	}{
		"a web page": {"<html>x</html>", 415, "FILE-03"},
		"nothing":    {"", 400, "FILE-01"},
	} {
		p := d.upload(home.button(t), name, []byte(c.file))
		require.Equal(t, c.status, p.status, name)
		require.Contains(t, p.html, c.code)
		require.Contains(t, p.html, `role="alert"`)
	}
}

func TestPage_of_what_is_not_yours_is_not_there(t *testing.T) {
	t.Parallel()
	d := sit(t)
	path := "/lists/01990000-0000-7000-8000-000000000000"
	require.Equal(t, http.StatusUnauthorized, d.open(path).status)
	d.signIn()
	for _, path := range []string{path, path + "/receipt", path + "/receipt.json", path + "/files/sso.zip", "/lists/x", "/nothing"} {
		p := d.open(path)
		require.Equal(t, http.StatusNotFound, p.status, path)
		require.Contains(t, p.html, "پیدا نشد")
	}
}

func TestLog_names_routes_and_nothing_of_what_they_carried(t *testing.T) {
	t.Parallel()
	d := sit(t)
	p := d.upload(d.signIn().button(t), "faulty.xlsx", d.workbook(d.faulty))
	d.open(p.path)
	log := d.log.String()
	require.Contains(t, log, "route=/lists/{id}")
	for _, secret := range []string{d.tokens[access.Employer], p.path, "key=", "faulty", string(d.faulty.Header.Workshop), string(d.faulty.Lines[0].NationalCode), d.faulty.Lines[0].LastName} {
		require.NotContains(t, log, secret)
	}
}
