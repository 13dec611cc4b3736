package web

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"fehrest/internal/fault"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
)

// shown is how many of the last lists the first page shows.
const shown = "20"

// home shows the sign-in form, or to one who signed in the upload form and the last lists.
func (p *pages) home(w http.ResponseWriter, r *http.Request) {
	if tokenOf(r) == "" {
		render(w, r, http.StatusOK, signInPage(nil))
		return
	}
	p.showHome(w, r, http.StatusOK, nil)
}

func (p *pages) showHome(w http.ResponseWriter, r *http.Request, status int, said *problem) {
	var shops workshopPage
	var lists listPage
	err := errors.Join(p.get(w, r, "/v1/workshops?limit=100", &shops), p.get(w, r, "/v1/lists?limit="+shown, &lists))
	if err != nil && asProblem(err).Status == http.StatusForbidden {
		http.Redirect(w, r, "/desk", http.StatusSeeOther) // who files no lists may see to what needs attention
		return
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, status, homePage(home{key: rand.Text(), shops: shops, lists: lists, said: said}))
}

// home is what the first page shows. Its key makes a form that is sent twice file once.
type home struct {
	key   string
	shops workshopPage
	lists listPage
	said  *problem
}

// upload hands the form to the API as it arrives and shows what came of it.
func (p *pages) upload(w http.ResponseWriter, r *http.Request) {
	path := "/v1/lists"
	if r.URL.Query().Get("mode") == "draft" {
		path += "?mode=draft"
	}
	header := http.Header{"Content-Type": r.Header["Content-Type"]}
	header.Set("Idempotency-Key", "page-"+r.URL.Query().Get("key"))
	var done manyLists
	err := p.call(w, r, http.MethodPost, path, header, r.Body, r.ContentLength, &done)
	if err == nil && done.Upload.ID != "" {
		http.Redirect(w, r, "/uploads/"+done.Upload.ID, http.StatusSeeOther)
		return
	}
	if err == nil {
		http.Redirect(w, r, "/lists/"+done.ID, http.StatusSeeOther)
		return
	}
	said := asProblem(err)
	switch {
	case said.Status == http.StatusUnauthorized:
		p.fail(w, r, said)
	case said.kept():
		http.Redirect(w, r, "/lists/"+said.ID, http.StatusSeeOther)
	default:
		p.showHome(w, r, said.Status, said)
	}
}

func (p *pages) list(w http.ResponseWriter, r *http.Request) {
	p.showList(w, r, http.StatusOK, nil)
}

// state tells the list's page whether it is worth showing anew.
func (p *pages) state(w http.ResponseWriter, r *http.Request) {
	var said textOf
	if err := p.get(w, r, listPath(r)+"/state", &said); err != nil {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(said)) // the reader went away: there is no one left to tell
}

func (p *pages) showList(w http.ResponseWriter, r *http.Request, status int, said *problem) {
	path := listPath(r)
	var l list
	var f findings
	if err := errors.Join(p.get(w, r, path, &l), p.get(w, r, path+"/faults", &f)); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, status, listView(&l, &f, rand.Text(), said))
}

// submit sends a draft, or one lane of it.
func (p *pages) submit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	path := listPath(r) + "/submission"
	if lanes := r.PostFormValue("lanes"); lanes != "" {
		path += "?lanes=" + url.QueryEscape(lanes)
	}
	p.post(w, r, path, nil, "page-"+r.PostFormValue("key"))
}

// uploaded records that the employer took a lane's files to the organisation's own portal.
func (p *pages) uploaded(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	said, err := portalSaid(r)
	if err != nil {
		p.showList(w, r, http.StatusUnprocessableEntity, asProblem(err))
		return
	}
	body, err := json.Marshal(said)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.post(w, r, listPath(r)+"/deliveries/"+url.PathEscape(chi.URLParam(r, "lane"))+"/uploaded", body, "page-"+r.PostFormValue("key"))
}

func (p *pages) post(w http.ResponseWriter, r *http.Request, path string, body []byte, key string) {
	header := http.Header{"Idempotency-Key": {key}}
	if body != nil {
		header.Set("Content-Type", "application/json")
	}
	if err := p.call(w, r, http.MethodPost, path, header, bytes.NewReader(body), int64(len(body)), nil); err != nil {
		said := asProblem(err)
		if said.Status == http.StatusUnauthorized || said.Status == http.StatusNotFound {
			p.fail(w, r, said)
			return
		}
		p.showList(w, r, said.Status, said)
		return
	}
	http.Redirect(w, r, "/lists/"+url.PathEscape(chi.URLParam(r, "id")), http.StatusSeeOther)
}

func listPath(r *http.Request) string { return "/v1/lists/" + url.PathEscape(chi.URLParam(r, "id")) }

func (p *pages) download(what, name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { p.pass(w, r, listPath(r)+"/"+what, name) }
}

func (p *pages) file(w http.ResponseWriter, r *http.Request) {
	name := chi.URLParam(r, "name")
	if plain, err := url.PathUnescape(name); err == nil && r.URL.RawPath != "" { // names in a folder arrive with their slash escaped
		name = plain
	}
	p.pass(w, r, listPath(r)+"/files/"+url.PathEscape(name), strings.ReplaceAll(name, "/", "-"))
}

func (p *pages) template(w http.ResponseWriter, r *http.Request) {
	p.pass(w, r, "/v1/template.xlsx", "fehrest.xlsx")
}

func (p *pages) notFound(w http.ResponseWriter, r *http.Request) {
	p.fail(w, r, &problem{Status: http.StatusNotFound})
}

// foreign refuses a form that another site sent in the employer's name.
func (p *pages) foreign(w http.ResponseWriter, r *http.Request) {
	render(w, r, http.StatusForbidden, failurePage(&problem{
		Status: http.StatusForbidden, Title: "اجازه ندارید", Detail: "این فرم از سایت دیگری فرستاده شده است و پذیرفته نشد.",
	}))
}

// fail shows why a page cannot be shown; whoever is no longer signed in gets the sign-in form.
func (p *pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	said := asProblem(err)
	if said.Status == http.StatusUnauthorized {
		setToken(w, r, "")
		render(w, r, said.Status, signInPage(said))
		return
	}
	render(w, r, said.Status, failurePage(said))
}

func asProblem(err error) *problem {
	var said *problem
	if !errors.As(err, &said) {
		said = &problem{Status: http.StatusInternalServerError}
	}
	if said.Title == "" {
		said.Title = "خطای پنجره"
		said.Detail = "در پنجره خطایی رخ داد. چیزی از دست نرفته است؛ کمی بعد دوباره تلاش کنید."
		if said.Status == http.StatusNotFound {
			said.Title, said.Detail = "پیدا نشد", "چنین صفحه‌ای نیست یا از آن شما نیست."
		}
	}
	return said
}

func render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = c.Render(r.Context(), w) // the reader went away: there is no one left to tell
}

func lanesText(l fault.Lane) string {
	switch l {
	case fault.SSO:
		return "تأمین اجتماعی"
	case fault.Tax:
		return "مالیات"
	case fault.Both:
		return "هر دو سازمان"
	}
	return "کنار گذاشته‌شده"
}
