package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"

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

// listNamed names the list of a delivery's key, before its version; nothing for a tax month.
func listNamed(key string) string {
	k, ok := payroll.ParseDeliveryKey(key)
	if !ok || k.Lane != fault.SSO {
		return ""
	}
	name := "لیست " + fa(k.List.ListNo) + "، "
	if k.List.ContractRow != payroll.OwnContract {
		name = "ردیف پیمان " + fa(k.List.ContractRow) + "، " + name
	}
	return name
}

// portalButton says what the user did at the portal.
func portalButton(declared bool) string {
	if declared {
		return "اعلام کردم"
	}
	return "بارگذاری کردم"
}

// portalSaid reads the portal's number and the day it is of; the day's first moment stands for it, and none for now.
func portalSaid(r *http.Request) (map[string]any, error) {
	said := map[string]any{"reference": strings.TrimSpace(r.PostFormValue("reference"))}
	on := ascii(strings.TrimSpace(r.PostFormValue("on")))
	if on == "" {
		return said, nil
	}
	d, err := jalali.ParseDate(on)
	if err != nil {
		return nil, &problem{
			Status: http.StatusUnprocessableEntity, Title: "روز خوانده نشد", Detail: "روز بارگذاری یا اعلام را مانند ۱۴۰۵/۰۸/۳۰ بنویسید، یا برای امروز خالی بگذارید.",
		}
	}
	year, month, day := d.Gregorian()
	said["at"] = time.Date(year, month, day, 0, 0, 0, 0, tehran)
	return said, nil
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

// narrowed is what of the desk is chosen: a lane, and for how long things wait at least.
type narrowed struct{ lane, hours string }

// choice is one link by which the desk is narrowed.
type choice struct {
	text, address string
	chosen        bool
}

func narrowedBy(r *http.Request) narrowed {
	n := narrowed{lane: r.URL.Query().Get("lane"), hours: r.URL.Query().Get("hours")}
	if of := fault.Lane(0); of.UnmarshalText([]byte(n.lane)) != nil || of == fault.Both {
		n.lane = ""
	}
	if h, err := strconv.Atoi(n.hours); err != nil || h < 1 || h > 24*365 {
		n.hours = ""
	}
	return n
}

// address is the desk's with one thing chosen otherwise.
func (n narrowed) address(name, value string) string {
	q := url.Values{"lane": {n.lane}, "hours": {n.hours}}
	q.Set(name, value)
	for name, v := range q {
		if v[0] == "" {
			q.Del(name)
		}
	}
	return "/desk?" + q.Encode()
}

func (n narrowed) lanes() (all []choice) {
	for _, one := range [][2]string{{"", "هر دو سازمان"}, {fault.SSO.String(), laneName(fault.SSO)}, {fault.Tax.String(), laneName(fault.Tax)}} {
		all = append(all, choice{one[1], n.address("lane", one[0]), n.lane == one[0]})
	}
	return all
}

func (n narrowed) ages() (all []choice) {
	for _, one := range [][2]string{{"", "همه"}, {"24", "بیش از یک روز"}, {"72", "بیش از سه روز"}} {
		all = append(all, choice{one[1], n.address("hours", one[0]), n.hours == one[0]})
	}
	return all
}

// desk shows what needs attention.
func (p *pages) desk(w http.ResponseWriter, r *http.Request) { p.showDesk(w, r, http.StatusOK, nil) }

func (p *pages) showDesk(w http.ResponseWriter, r *http.Request, status int, wrong *problem) {
	chosen := narrowedBy(r)
	q := url.Values{"limit": {shown}, "cursor": {r.URL.Query().Get("cursor")}}
	if chosen.lane != "" {
		q.Set("lane", chosen.lane)
	}
	if hours, err := strconv.Atoi(chosen.hours); err == nil {
		q.Set("min_age_seconds", strconv.Itoa(hours*3600))
	}
	var d deskPage
	if err := p.get(w, r, "/v1/desk?"+q.Encode(), &d); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, status, deskView(&d, chosen, wrong))
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

// uploadedByKey records that a delivery of the lane was taken to the organisation's own portal.
func (p *pages) uploadedByKey(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	said, err := portalSaid(r)
	if err != nil {
		p.showByHand(w, r, http.StatusUnprocessableEntity, nil, asProblem(err))
		return
	}
	said["key"] = r.PostFormValue("delivery")
	if p.tellLane(w, r, "uploaded", said, nil) {
		http.Redirect(w, r, "/lanes/"+url.PathEscape(chi.URLParam(r, "lane"))+"/by-hand", http.StatusSeeOther)
	}
}

// switchLane sends by the gateway what the user confirms was not uploaded.
func (p *pages) switchLane(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 256<<10)
	_ = r.ParseForm() // a form that is not whole confirms nothing
	var done struct {
		Items []switchedItem `json:"items"`
	}
	if p.tellLane(w, r, "switch", map[string]any{"confirmed": append([]string{}, r.PostForm["confirmed"]...)}, &done) {
		p.showByHand(w, r, http.StatusOK, done.Items, nil)
	}
}

// tellLane tells the API something about the page's lane. Where it does not take it, the page that says why is shown.
func (p *pages) tellLane(w http.ResponseWriter, r *http.Request, what string, said map[string]any, done any) bool {
	body, err := json.Marshal(said)
	if err != nil {
		p.fail(w, r, err)
		return false
	}
	path := "/v1/lanes/" + url.PathEscape(chi.URLParam(r, "lane")) + "/" + what
	err = p.call(w, r, http.MethodPost, path, http.Header{"Content-Type": {"application/json"}}, bytes.NewReader(body), int64(len(body)), done)
	if err == nil {
		return true
	}
	refused := asProblem(err)
	if refused.Status == http.StatusUnauthorized || refused.Status == http.StatusNotFound {
		p.fail(w, r, refused)
	} else {
		p.showByHand(w, r, refused.Status, nil, refused)
	}
	return false
}
