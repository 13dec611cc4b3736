package api

import (
	"net/http"
	"reflect"

	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"

	"github.com/danielgtaylor/huma/v2"
)

// arrearsMonth is what new wages come to in one month, with the problem of the file or of the list made of it, where there is one.
type arrearsMonth struct {
	flow.ArrearsMonth
	Problem *Problem `json:"problem"`
}

type arrearsMade struct {
	Items []arrearsMonth `json:"items" doc:"a month each, in the order of the file"`
}

// arrears takes new wages of months that are filed and drafts what is owed.
func (s *server) arrears(w http.ResponseWriter, r *http.Request) {
	u := flow.Upload{Principal: principal(r.Context())}
	from, to, err := s.arrearsAsked(r, &u)
	if err != nil {
		s.send(w, r, err)
		return
	}
	made, err := s.takeArrears(w, r, u, from, to)
	if err != nil {
		s.send(w, r, err)
		return
	}
	out := arrearsMade{Items: make([]arrearsMonth, len(made))}
	for i := range made {
		out.Items[i].ArrearsMonth = made[i]
		if p := made[i].Problem; p != nil {
			out.Items[i].Problem = s.problem(r, p)
		}
	}
	writeJSON(w, http.StatusOK, "application/json", out)
}

func (s *server) arrearsAsked(r *http.Request, u *flow.Upload) (from, to jalali.Month, err error) {
	if u.IdempotencyKey, err = idempotencyKey(r); err != nil {
		return from, to, err
	}
	q := r.URL.Query()
	if err := onlyKnown(q, "workshop_code", "from", "to", "sheet"); err != nil {
		return from, to, err
	}
	u.Sheet, u.Workshop = q.Get("sheet"), payroll.WorkshopCode(q.Get("workshop_code"))
	if u.Workshop != "" && u.Workshop.Check() != payroll.Valid {
		return from, to, badParameter("workshop_code", "10 digits")
	}
	for _, m := range []struct {
		name string
		to   *jalali.Month
	}{{"from", &from}, {"to", &to}} {
		if text := q.Get(m.name); text != "" {
			if *m.to, err = jalali.ParseMonth(text); err != nil {
				return from, to, badParameter(m.name, "1405-01")
			}
		}
	}
	return from, to, nil
}

func (s *server) takeArrears(w http.ResponseWriter, r *http.Request, u flow.Upload, from, to jalali.Month) ([]flow.ArrearsMonth, error) {
	leave, err := s.Window.Enter(u.Principal, r.ContentLength)
	if err != nil {
		return nil, err
	}
	defer leave()
	in, err := receive(w, r, s.limitsOfFile())
	if err != nil {
		return nil, err
	}
	u.Body, u.Name, u.ContentType, u.Limit = in.body, in.name, in.kind, in.limit
	return s.Window.Arrears(r.Context(), u, from, to)
}

func documentArrears(s *server, op *huma.Operation) {
	op.Description = "The file is a month's list with its new wages, or a few columns of a few persons (national_code, daily_wage …): " +
		"what it leaves blank stays as it is filed. Of each month the positive differences become a supplementary list of rows of no days, " +
		"kept as a draft; a difference of wages stands under other_continuous, for the SSO's file has no wage of no days. " +
		"Its effect is at /v1/lists/{id}/difference, and /v1/lists/{id}/submission sends it. A lower amount, other days or a person " +
		"who is not filed are refused with the reason: those need a replacement."
	op.Parameters = append(op.Parameters,
		query("workshop_code", "whose list it is, where the file does not say"),
		query("from", "the first month, such as 1405-01, where the file names none"),
		query("to", "the last month"),
		query("sheet", "the sheet that holds the wages, where there are several"),
		header("Idempotency-Key", "one a file of new wages, at most 200 characters", true),
		header("Content-Disposition", "the file's name, for a body that is the file itself", false),
	)
	file := &huma.Schema{Type: "string", Format: "binary"}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {Schema: file},
		"application/json": {Schema: &huma.Schema{Type: "object", Description: "the list as JSON: workshop and lines"}},
		"application/zip":  {Schema: file},
		"multipart/form-data": {Schema: &huma.Schema{
			Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": file},
		}},
	}}
	s.answers(op, "200", "what came of each month", reflect.TypeFor[arrearsMade]())
}
