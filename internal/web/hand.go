package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"fehrest/internal/fault"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
)

// Who is to take the next step over what needs attention, and what may be done with it.
var (
	acts        = map[string]string{"window": "پنجره", "organisation": "سازمان", "employer": "کارفرما"}
	deskActions = map[string]string{"replay": "ارسال دوباره", "supersession": "کنار گذاشتن برای نسخهٔ تازه‌تر"}
	switchWords = map[string]string{
		"queued": "با درگاه فرستاده می‌شود", "uploaded": "پیش‌تر بارگذاری شده است؛ فرستاده نشد", "not_by_hand": "دیگر در کار دستی نیست",
		"no_file": "فایلی ندارد و دستی اعلام می‌شود", "unknown": "چنین تحویلی نیست یا از آن شما نیست",
	}
)

// age tells in words how long something waits.
func age(seconds int) string {
	switch hours := seconds / 3600; {
	case hours >= 48:
		return count(hours/24) + " روز"
	case hours >= 1:
		return count(hours) + " ساعت"
	}
	return count(seconds/60) + " دقیقه"
}

func answerAddress(l *list, of fault.Lane) templ.SafeURL {
	return templ.SafeURL("/lists/" + url.PathEscape(l.ID) + "/deliveries/" + of.String() + "/answer")
}

// largestAnswer is the API's own limit, and something for the form around it.
const largestAnswer = 65 << 20

// answered enters what the organisation said of a lane worked by hand: a slip, a file, or its words.
func (p *pages) answered(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largestAnswer)
	var of fault.Lane
	if err := of.UnmarshalText([]byte(chi.URLParam(r, "lane"))); err != nil || of == 0 || of == fault.Both {
		p.notFound(w, r)
		return
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		p.fail(w, r, &problem{Status: http.StatusBadRequest, Title: "فرم کامل نرسید", Detail: "فایل کامل نرسید یا بزرگ‌تر از حد است؛ دوباره بفرستید."})
		return
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	var l list
	if err := p.get(w, r, listPath(r), &l); err != nil {
		p.fail(w, r, err)
		return
	}
	body, length, name, err := entered(r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	header := http.Header{"Content-Type": {"application/octet-stream"}}
	if name != "" {
		header.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
	}
	if err := p.call(w, r, http.MethodPost, "/v1/answers?key="+url.QueryEscape(l.lane(of).Key), header, body, length, nil); err != nil {
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

// entered makes of the form what the API takes: the file as it is, or the form's few words as JSON.
func entered(r *http.Request) (body io.Reader, length int64, name string, err error) {
	if file, head, err := r.FormFile("file"); err == nil {
		return file, head.Size, head.Filename, nil
	} else if !errors.Is(err, http.ErrMissingFile) {
		return nil, 0, "", &problem{Status: http.StatusBadRequest, Title: "فایل خوانده نشد", Detail: "فایل را دوباره برگزینید."}
	}
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	var document any
	if r.PostForm.Has("number") {
		document = map[string]string{"number": field("number"), "amount": field("amount"), "state": field("state"), "list_no": field("list_no")}
	} else {
		findings := []map[string]string{}
		if said := field("message"); said != "" {
			findings = append(findings, map[string]string{"message": said})
		}
		document = map[string]any{"state": field("state"), "findings": findings}
	}
	b, err := json.Marshal(document)
	return bytes.NewReader(b), int64(len(b)), "answer.json", err
}

// desk shows what needs attention.
func (p *pages) desk(w http.ResponseWriter, r *http.Request) { p.showDesk(w, r, http.StatusOK, nil) }

func (p *pages) showDesk(w http.ResponseWriter, r *http.Request, status int, wrong *problem) {
	var d deskPage
	if err := p.get(w, r, "/v1/desk?limit="+shown+"&cursor="+url.QueryEscape(r.URL.Query().Get("cursor")), &d); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, status, deskView(&d, wrong))
}

// workDesk does what an operator wants done with what needs attention.
func (p *pages) workDesk(w http.ResponseWriter, r *http.Request) {
	path := "/v1/desk/" + url.PathEscape(chi.URLParam(r, "owner")) + "/" + url.PathEscape(chi.URLParam(r, "delivery")) + "/" + url.PathEscape(chi.URLParam(r, "action"))
	if err := p.call(w, r, http.MethodPost, path, nil, nil, 0, nil); err != nil {
		said := asProblem(err)
		if said.Status == http.StatusUnauthorized {
			p.fail(w, r, said)
			return
		}
		p.showDesk(w, r, said.Status, said)
		return
	}
	http.Redirect(w, r, "/desk", http.StatusSeeOther)
}

type switchedItem struct {
	Key     string `json:"key"`
	Outcome string `json:"outcome"`
}

// byHand shows what of a lane is worked by hand and not uploaded.
func (p *pages) byHand(w http.ResponseWriter, r *http.Request) {
	p.showByHand(w, r, http.StatusOK, nil, nil)
}

func (p *pages) showByHand(w http.ResponseWriter, r *http.Request, status int, done []switchedItem, wrong *problem) {
	name := chi.URLParam(r, "lane")
	var of fault.Lane
	if err := of.UnmarshalText([]byte(name)); err != nil {
		p.notFound(w, r)
		return
	}
	var h handPage
	err := p.get(w, r, "/v1/lanes/"+url.PathEscape(name)+"/by-hand?cursor="+url.QueryEscape(r.URL.Query().Get("cursor")), &h)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, status, byHandView(of, &h, done, wrong))
}

// switchLane sends by the gateway what the user confirms was not uploaded.
func (p *pages) switchLane(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 256<<10)
	_ = r.ParseForm() // a form that is not whole confirms nothing
	body, err := json.Marshal(map[string][]string{"confirmed": append([]string{}, r.PostForm["confirmed"]...)})
	if err != nil {
		p.fail(w, r, err)
		return
	}
	var done struct {
		Items []switchedItem `json:"items"`
	}
	path := "/v1/lanes/" + url.PathEscape(chi.URLParam(r, "lane")) + "/switch"
	err = p.call(w, r, http.MethodPost, path, http.Header{"Content-Type": {"application/json"}}, bytes.NewReader(body), int64(len(body)), &done)
	if err != nil {
		said := asProblem(err)
		if said.Status == http.StatusUnauthorized || said.Status == http.StatusNotFound {
			p.fail(w, r, said)
			return
		}
		p.showByHand(w, r, said.Status, nil, said)
		return
	}
	p.showByHand(w, r, http.StatusOK, done.Items, nil)
}
