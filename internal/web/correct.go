package web

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/go-chi/chi/v5"
)

// effect is an amount as it stands and as it will.
type effect struct {
	Before rial.Amount `json:"before"`
	After  rial.Amount `json:"after"`
}

// moved writes what an amount changes by.
func (e effect) moved() string {
	if e.After == e.Before {
		return "بی‌تغییر"
	}
	return signed(e.After - e.Before)
}

// difference is what a list changes, as the API shows it.
type difference struct {
	Against string `json:"against"`
	Version int    `json:"against_version"`
	Code    string `json:"against_tracking_code"`
	Reason  string `json:"reason"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
	Changed int    `json:"changed"`
	Persons []struct {
		Person string `json:"person"`
		What   string `json:"what"`
		Fields []struct {
			Field  string `json:"field"`
			Before string `json:"before"`
			After  string `json:"after"`
		} `json:"fields"`
		Insurable effect `json:"insurable"`
		Premium   effect `json:"premium"`
		Taxable   effect `json:"taxable"`
		Estimate  effect `json:"tax_estimate"`
	} `json:"persons"`
	Premium  effect `json:"premium_due"`
	Estimate effect `json:"tax_estimate"`
	Month    bool   `json:"whole_month"`
	Left     *struct {
		Period   string `json:"period"`
		Estimate effect `json:"tax_estimate"`
	} `json:"left_month"`
	SSO fileDifference `json:"sso"`
	Tax fileDifference `json:"tax"`
}

type fileDifference struct {
	Addressed bool     `json:"addressed"`
	Equal     bool     `json:"equal"`
	Changed   []string `json:"changed"`
}

var whatWords = map[string]word{"added": {"افزوده", good}, "removed": {"حذف", bad}, "changed": {"تغییر", waiting}}

// shownValue writes a field's value in the trade's words, an amount as money is written.
func shownValue(key, value string) string {
	id, ok := payroll.ColumnOf(key)
	switch {
	case value == "":
		return "—"
	case value == "true":
		return "بله"
	case !ok:
		return value
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && id.Info().Form == payroll.Money {
		return fa(strings.ReplaceAll(rial.Amount(n).Grouped(), ",", "٬"))
	}
	for _, v := range id.Info().Values {
		if v.Code == value && len(v.Words) > 0 {
			return v.Words[0]
		}
	}
	return value
}

// difference shows what a list changes: person by person, and at both organisations.
func (p *pages) difference(w http.ResponseWriter, r *http.Request) {
	path := listPath(r)
	var l list
	var d difference
	err := p.get(w, r, path, &l)
	if err == nil {
		err = p.get(w, r, path+"/difference", &d)
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, http.StatusOK, differenceView(&l, &d, rand.Text()))
}

// withdrawal asks whether the list is to be taken back, and tells until when it can be.
func (p *pages) withdrawal(w http.ResponseWriter, r *http.Request) {
	var l list
	if err := p.get(w, r, listPath(r), &l); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, http.StatusOK, withdrawalView(&l))
}

// withdraw takes the list back.
func (p *pages) withdraw(w http.ResponseWriter, r *http.Request) {
	if err := p.call(w, r, http.MethodDelete, listPath(r), nil, nil, 0, nil); err != nil {
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

// owed is what came of one month of new wages, as the API shows it.
type owed struct {
	Period   string `json:"period"`
	State    string `json:"state"`
	Against  string `json:"against"`
	List     string `json:"list"`
	ListNo   string `json:"list_no"`
	Persons  int    `json:"persons"`
	Refusals []struct {
		Person string     `json:"person"`
		Row    int        `json:"row"`
		Field  string     `json:"field"`
		Filed  string     `json:"filed"`
		New    string     `json:"new"`
		Why    fault.Text `json:"why"`
	} `json:"refusals"`
	Premium *struct {
		Added    shares       `json:"added"`
		LeftOver shares       `json:"left_over"`
		Why      []fault.Text `json:"why"`
	} `json:"premium"`
	Problem *problem `json:"problem"`
}

type shares struct {
	Insurable    rial.Amount `json:"insurable"`
	Worker       rial.Amount `json:"worker_premium"`
	Employer     rial.Amount `json:"employer_premium"`
	Unemployment rial.Amount `json:"unemployment"`
}

func (s shares) due() rial.Amount { return s.Worker.Add(s.Employer).Add(s.Unemployment) }

// errorsOf leaves what stands in the way.
func errorsOf(faults []fault.Fault) (found []fault.Fault) {
	for _, x := range faults {
		if x.Severity >= fault.Error {
			found = append(found, x)
		}
	}
	return found
}

var owedWords = map[string]word{
	"drafted": {"پیش‌نویس متمم آماده است؛ فرستاده نشده", waiting}, "unchanged": {"همان است که ثبت شده", quiet}, "not_filed": {"لیستی ثبت نشده است", quiet},
	"refused": {"ساخته نشد", bad}, "sent": {"متمم آن پیش‌تر فرستاده شده", good}, "withdrawn": {"پیش‌نویس آن پس گرفته شده", quiet},
}

// arrearsForm is the page that takes new wages.
type arrearsForm struct {
	workshop string
	months   []jalali.Month
	key      string
	made     []owed
	sent     bool
	wrong    *problem
}

// monthsBack is how many filed months the page offers.
const monthsBack = 24

// arrears shows the form for new wages of months that are filed.
func (p *pages) arrears(w http.ResponseWriter, r *http.Request) {
	p.showArrears(w, r, http.StatusOK, &arrearsForm{})
}

func (p *pages) showArrears(w http.ResponseWriter, r *http.Request, status int, f *arrearsForm) {
	var shop closurePage // what is known of the workshop's months
	if err := p.get(w, r, closurePath(r), &shop); err != nil {
		p.fail(w, r, err)
		return
	}
	f.workshop, f.key = shop.Workshop, rand.Text()
	for i := 1; i <= monthsBack; i++ {
		f.months = append(f.months, shop.PeriodDue.Add(-i))
	}
	render(w, r, status, arrearsView(f))
}

// makeArrears hands the file to the API and shows what came of each month.
func (p *pages) makeArrears(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largestAnswer)
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		p.fail(w, r, &problem{Status: http.StatusBadRequest, Title: "فرم کامل نرسید", Detail: "فایل کامل نرسید یا بزرگ‌تر از حد است؛ دوباره بفرستید."})
		return
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	file, head, err := r.FormFile("file")
	if err != nil {
		p.showArrears(w, r, http.StatusBadRequest, &arrearsForm{wrong: &problem{Status: http.StatusBadRequest, Title: "فایل خوانده نشد", Detail: "فایل را دوباره برگزینید."}})
		return
	}
	query := url.Values{"workshop_code": {chi.URLParam(r, "code")}}
	for _, name := range []string{"from", "to"} {
		if m := r.PostFormValue(name); m != "" {
			query.Set(name, m)
		}
	}
	header := http.Header{
		"Content-Type": {"application/octet-stream"}, "Idempotency-Key": {"page-" + r.PostFormValue("key")},
		"Content-Disposition": {"attachment; filename*=UTF-8''" + url.PathEscape(head.Filename)},
	}
	var made struct {
		Items []owed `json:"items"`
	}
	if err := p.call(w, r, http.MethodPost, "/v1/arrears?"+query.Encode(), header, io.Reader(file), head.Size, &made); err != nil {
		said := asProblem(err)
		if said.Status == http.StatusUnauthorized {
			p.fail(w, r, said)
			return
		}
		p.showArrears(w, r, said.Status, &arrearsForm{wrong: said})
		return
	}
	p.showArrears(w, r, http.StatusOK, &arrearsForm{made: made.Items, sent: true})
}
