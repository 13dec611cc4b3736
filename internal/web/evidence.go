package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fehrest/internal/fault"

	"github.com/go-chi/chi/v5"
)

// dueOutage tells of a signed record of the window's own outages before a deadline of a list.
type dueOutage struct {
	Organisation fault.Lane `json:"organisation"`
	Minutes      int        `json:"minutes"`
	AcceptedAt   *time.Time `json:"accepted_at"`
	Number       string     `json:"accepted_number"`
}

// evidencePage is what the window's own outages before a month's deadlines came to, as the API shows it.
type evidencePage struct {
	Items []evidence `json:"items"`
}

type evidence struct {
	Organisation fault.Lane      `json:"organisation"`
	ExemptFive   bool            `json:"exempt_five"`
	Due          string          `json:"due"`
	Begins       time.Time       `json:"begins"`
	Ends         time.Time       `json:"ends"`
	Minutes      int             `json:"minutes"`
	Record       json.RawMessage `json:"record"`
	AcceptedAt   *time.Time      `json:"accepted_at"`
	Number       string          `json:"accepted_number"`

	signed outageRecord
}

// outageRecord is what a record says and signs.
type outageRecord struct {
	Period  string    `json:"period"`
	Begins  time.Time `json:"begins"`
	Ends    time.Time `json:"ends"`
	Minutes int       `json:"minutes"`
	Outages []struct {
		From    time.Time `json:"from"`
		To      time.Time `json:"to"`
		Minutes int       `json:"minutes"`
	} `json:"outages"`
	Statement fault.Text `json:"statement"`
	IssuedAt  time.Time  `json:"issued_at"`
	KeyID     string     `json:"key_id"`
	Signature string     `json:"signature"`
}

// anchor names the deadline within its page.
func (e *evidence) anchor() string { return evidenceAnchor(e.Organisation, e.Due) }

// whose tells whose deadline it is.
func (e *evidence) whose() string {
	if e.ExemptFive {
		return laneName(e.Organisation) + "، کارگاه‌های مشمول معافیت پنج نفر"
	}
	return laneName(e.Organisation)
}

func (e *evidence) file(period string) string {
	return "/evidence/" + url.PathEscape(period) + "/" + e.Organisation.String() + "/" + dashed(e.Due) + ".json"
}

func dashed(due string) string { return strings.ReplaceAll(due, "/", "-") }

// evidenceAnchor holds the day: some workshops have longer than others.
func evidenceAnchor(of fault.Lane, due string) string { return of.String() + "-" + dashed(due) }

func evidenceAddress(period string, of fault.Lane, due string) string {
	return "/evidence/" + url.PathEscape(period) + "#" + evidenceAnchor(of, due)
}

// accepted tells what the organisation made of a record, as far as it was told here.
func accepted(at *time.Time, number string) string {
	if at == nil {
		return "سازمان هنوز آن را نپذیرفته است."
	}
	return "سازمان آن را با نامهٔ " + isolate + number + closing + " پذیرفت (" + dayOf(*at) + ")."
}

// evidence shows the window's own outages before a month's deadlines, and the signed records to print.
func (p *pages) evidence(w http.ResponseWriter, r *http.Request) {
	period := chi.URLParam(r, "period")
	var page evidencePage
	if err := p.get(w, r, "/v1/evidence/"+url.PathEscape(period), &page); err != nil {
		p.fail(w, r, err)
		return
	}
	for i := range page.Items {
		e := &page.Items[i]
		if e.recorded() {
			if err := json.Unmarshal(e.Record, &e.signed); err != nil {
				p.fail(w, r, err)
				return
			}
		}
	}
	render(w, r, http.StatusOK, evidenceView(period, &page))
}

func (e *evidence) recorded() bool { return len(e.Record) > 0 && string(e.Record) != "null" }

// evidenceRecord hands one signed record to the browser as a download.
func (p *pages) evidenceRecord(w http.ResponseWriter, r *http.Request) {
	period := chi.URLParam(r, "period")
	var page evidencePage
	if err := p.get(w, r, "/v1/evidence/"+url.PathEscape(period), &page); err != nil {
		p.fail(w, r, err)
		return
	}
	for i := range page.Items {
		e := &page.Items[i]
		if e.recorded() && e.Organisation.String() == chi.URLParam(r, "agency") && dashed(e.Due) == chi.URLParam(r, "due") {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Disposition", `attachment; filename="outage-`+e.Organisation.String()+"-"+dashed(e.Due)+`.json"`)
			_, _ = w.Write(e.Record) // the reader went away: there is no one left to tell
			return
		}
	}
	p.notFound(w, r)
}
