package web

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"

	"github.com/go-chi/chi/v5"
)

// closurePage is a workshop's closures, as the API shows them.
type closurePage struct {
	Items        []closure    `json:"items"`
	Workshop     string       `json:"workshop_code"`
	WorkshopName string       `json:"workshop_name"`
	PeriodDue    jalali.Month `json:"period_due"`
	Most         int          `json:"most"`
}

type closure struct {
	ID          string     `json:"id"`
	ContractRow string     `json:"contract_row"`
	First       string     `json:"first"`
	Last        string     `json:"last"`
	OrderedAt   time.Time  `json:"ordered_at"`
	State       string     `json:"state"`
	EndedBy     string     `json:"ended_by"`
	Why         fault.Text `json:"why"`
	Months      []struct {
		Period       string     `json:"period"`
		State        string     `json:"state"`
		From         string     `json:"from"`
		List         string     `json:"list"`
		TrackingCode string     `json:"tracking_code"`
		Code         string     `json:"code"`
		Why          fault.Text `json:"why"`
	} `json:"months"`
}

var closureStates = map[string]word{
	"standing": {"در جریان", waiting}, "over": {"پایان یافت", good}, "cancelled": {"لغو شد", quiet}, "stopped": {"متوقف شد", bad},
}

var closureMonths = map[string]word{
	"waiting": {"در نوبت", waiting}, "filed": {"اعلام شد", good}, "skipped": {"لیست دارد", quiet}, "refused": {"پذیرفته نشد", bad}, "not_filed": {"اعلام نشد", quiet},
}

// choices are the months that a closure may be ordered from and to.
func (p *closurePage) choices() (months []jalali.Month) {
	for i := range 2 * p.Most {
		months = append(months, p.PeriodDue.Add(i))
	}
	return months
}

func closurePath(r *http.Request) string {
	return "/v1/workshops/" + url.PathEscape(chi.URLParam(r, "code")) + "/closures"
}

// closures shows a workshop's closures and the form that orders another.
func (p *pages) closures(w http.ResponseWriter, r *http.Request) {
	p.showClosures(w, r, http.StatusOK, nil)
}

func (p *pages) showClosures(w http.ResponseWriter, r *http.Request, status int, wrong *problem) {
	var c closurePage
	if err := p.get(w, r, closurePath(r), &c); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, status, closuresView(&c, rand.Text(), wrong))
}

// orderClosure has nil lists declared from a month to another.
func (p *pages) orderClosure(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	order := map[string]string{"first": r.PostFormValue("first"), "last": r.PostFormValue("last")}
	if row := r.PostFormValue("contract_row"); row != "" {
		order["contract_row"] = row
	}
	body, err := json.Marshal(order)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	header := http.Header{"Idempotency-Key": {"page-" + r.PostFormValue("key")}, "Content-Type": {"application/json"}}
	p.closureDone(w, r, p.call(w, r, http.MethodPost, closurePath(r), header, bytes.NewReader(body), int64(len(body)), nil))
}

// cancelClosure takes an order back.
func (p *pages) cancelClosure(w http.ResponseWriter, r *http.Request) {
	path := closurePath(r) + "/" + url.PathEscape(chi.URLParam(r, "id"))
	p.closureDone(w, r, p.call(w, r, http.MethodDelete, path, nil, nil, 0, nil))
}

func (p *pages) closureDone(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		http.Redirect(w, r, "/workshops/"+url.PathEscape(chi.URLParam(r, "code"))+"/closures", http.StatusSeeOther)
		return
	}
	said := asProblem(err)
	if said.Status == http.StatusUnauthorized || said.Status == http.StatusNotFound {
		p.fail(w, r, said)
		return
	}
	p.showClosures(w, r, said.Status, said)
}
