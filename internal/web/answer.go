package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
)

// saidOf is one finding of an organisation, at its place in the list.
type saidOf struct {
	payroll.AnswerFinding
	Who   string `json:"who"`
	Rows  []int  `json:"rows"`
	Label string `json:"label"`
}

// contradiction is what an organisation said against its own decision.
type contradiction struct {
	State payroll.State `json:"state"`
	At    time.Time     `json:"at"`
}

// taxMonth is a tax month as the API shows it.
type taxMonth struct {
	Employer string        `json:"employer_id"`
	FileNo   string        `json:"tax_file_no"`
	Period   jalali.Month  `json:"period"`
	State    payroll.State `json:"state"`
	Version  int           `json:"version"`
	CutAt    *time.Time    `json:"cut_at"`
	Due      string        `json:"due"`
	Whole    bool          `json:"whole"`
	Versions []struct {
		Version     int           `json:"version"`
		State       payroll.State `json:"state"`
		Reference   string        `json:"reference"`
		Reason      string        `json:"reason"`
		CutAt       time.Time     `json:"cut_at"`
		Persons     int           `json:"persons"`
		Taxable     rial.Amount   `json:"taxable"`
		TaxEstimate rial.Amount   `json:"tax_estimate"`
	} `json:"versions"`
	Persons      []taxPerson       `json:"persons"`
	Payments     []payroll.Payment `json:"payments"`
	Findings     []saidOf          `json:"findings"`
	Reference    string            `json:"reference"`
	Contradicted *contradiction    `json:"contradicted"`
	Differences  []struct {
		Cause   string      `json:"cause"`
		Persons int         `json:"persons"`
		Proved  int         `json:"proved"`
		Amount  rial.Amount `json:"amount"`
	} `json:"differences"`
	Strangers []payroll.WorkerTax `json:"strangers"`
}

type taxPerson struct {
	Person     string       `json:"person"`
	Taxable    rial.Amount  `json:"taxable"`
	Estimate   *rial.Amount `json:"tax_estimate"`
	Tax        *rial.Amount `json:"tax"`
	Difference *rial.Amount `json:"difference"`
	Cause      *struct {
		Cause string     `json:"cause"`
		Text  fault.Text `json:"text"`
	} `json:"cause"`
}

// mostPersons is how many persons the page shows; the rest stand in the API's answer.
const mostPersons = 200

// shown are the persons of the page: those whose figures differ come first.
func (m *taxMonth) shown() []taxPerson {
	all := slices.Clone(m.Persons)
	slices.SortStableFunc(all, func(a, b taxPerson) int {
		switch differs := a.differs(); {
		case differs == b.differs():
			return 0
		case differs:
			return -1
		}
		return 1
	})
	return all[:min(len(all), mostPersons)]
}

func (p *taxPerson) differs() bool { return p.Difference != nil && *p.Difference != 0 }

// moving tells whether something may still come by itself.
func (m *taxMonth) moving() bool {
	return m.CutAt != nil || m.State == payroll.Queued || m.State == payroll.Sending || m.State == payroll.Sent
}

var causeWords = map[string]string{
	"months": "سازمان ماه‌های دیگری شمرده است", "several_employers": "سازمان کارفرمای دیگری می‌شناسد",
	"disputed_parameter": "مقدار دیگر آنچه محل اختلاف است", "unknown": "سبب دانسته نیست", "": "هنوز بررسی نشده است",
}

// optional writes an amount that may be missing.
func optional(a *rial.Amount) string {
	if a == nil {
		return "—"
	}
	return money(*a)
}

// signed writes a difference in words: a sign would stand on the wrong side of a figure in running Persian.
func signed(a rial.Amount) string {
	if a < 0 {
		return money(-a) + " کمتر"
	}
	return money(a) + " بیشتر"
}

func monthAddress(employer, period, file string) templ.SafeURL {
	return templ.SafeURL("/tax-months/" + url.PathEscape(employer) + "/" + url.PathEscape(period) + "?file=" + url.QueryEscape(file))
}

// taxMonth shows a tax month: estimate beside the administration's figure, and why they differ.
func (p *pages) taxMonth(w http.ResponseWriter, r *http.Request) {
	var m taxMonth
	path := "/v1/tax-months/" + url.PathEscape(chi.URLParam(r, "employer")) + "/" + url.PathEscape(chi.URLParam(r, "period"))
	if err := p.get(w, r, path+"?file="+url.QueryEscape(r.URL.Query().Get("file")), &m); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, http.StatusOK, taxMonthView(&m))
}

// linesPage is a list's workers as the API shows them.
type linesPage struct {
	Items []struct {
		Row       int      `json:"row"`
		Person    string   `json:"person"`
		FirstName string   `json:"first_name"`
		LastName  string   `json:"last_name"`
		Held      bool     `json:"held"`
		SSO       lineLane `json:"sso"`
		Tax       lineLane `json:"tax"`
	} `json:"items"`
	Next *string `json:"next"`
}

type lineLane struct {
	Addressed bool          `json:"addressed"`
	Judged    string        `json:"judged"`
	Codes     []string      `json:"codes"`
	State     payroll.State `json:"state"`
	Findings  []saidOf      `json:"findings"`
	Figures   *taxPerson    `json:"figures"`
}

var judgedWords = map[string]word{
	"": {"بی‌ایراد", good}, "info": {"اطلاع", quiet}, "warning": {"هشدار", waiting}, "error": {"خطا", bad}, "refuse": {"رد کامل", bad},
}

// lines shows worker by organisation: what was judged and what each organisation said.
func (p *pages) lines(w http.ResponseWriter, r *http.Request) {
	var l list
	var page linesPage
	if err := p.get(w, r, listPath(r), &l); err != nil {
		p.fail(w, r, err)
		return
	}
	if err := p.get(w, r, listPath(r)+"/lines?limit=100&cursor="+url.QueryEscape(r.URL.Query().Get("cursor")), &page); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, http.StatusOK, linesView(&l, &page))
}

// asidePage is what organisations said and nothing came of.
type asidePage struct {
	Items []struct {
		ID         string        `json:"id"`
		Owner      string        `json:"owner"`
		Lane       fault.Lane    `json:"lane"`
		AgeSeconds int           `json:"age_seconds"`
		Outcome    string        `json:"outcome"`
		Why        fault.Text    `json:"why"`
		Do         fault.Text    `json:"do"`
		Key        string        `json:"key"`
		Stands     payroll.State `json:"stands"`
		Says       payroll.State `json:"says"`
	} `json:"items"`
	Next *string `json:"next"`
}

// setAside shows an operator the answers that changed nothing.
func (p *pages) setAside(w http.ResponseWriter, r *http.Request) {
	var page asidePage
	if err := p.get(w, r, "/v1/desk/answers?limit="+shown+"&cursor="+url.QueryEscape(r.URL.Query().Get("cursor")), &page); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, http.StatusOK, setAsideView(&page))
}

// settle says of an answer set aside that it was looked at.
func (p *pages) settle(w http.ResponseWriter, r *http.Request) {
	path := "/v1/desk/answers/" + url.PathEscape(chi.URLParam(r, "id")) + "/settlement"
	if err := p.call(w, r, http.MethodPost, path, nil, nil, 0, nil); err != nil && asProblem(err).Status != http.StatusNotFound {
		p.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/desk/answers", http.StatusSeeOther)
}

// rawAnswer hands an answer set aside to the operator as it came.
func (p *pages) rawAnswer(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "id")
	p.pass(w, r, "/v1/desk/answers/"+url.PathEscape(id), "answer-"+strings.Map(onlyName, id)+".bin")
}

func onlyName(c rune) rune {
	if c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' {
		return c
	}
	return -1
}

func textLines(s string) []string { return strings.Split(s, "\n") }

func rowNumbers(rows []int) string {
	names := make([]string, len(rows))
	for i, n := range rows {
		names[i] = count(n)
	}
	return strings.Join(names, "، ")
}
