package api

import (
	"net/http"
	"reflect"

	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
)

// bundle answers a file of many lists: its own receipt, and for each list its receipt or its problem.
type bundle struct {
	Upload payroll.UploadReceipt `json:"upload"`
	Lists  []any                 `json:"lists" doc:"in the order of the file; a receipt, or a problem with its faults"`
}

// answerBundle answers with each list's own answer.
func (s *server) answerBundle(w http.ResponseWriter, r *http.Request, b *flow.Bundle) {
	out := bundle{Upload: b.Upload, Lists: []any{}}
	for _, l := range b.Lists {
		if l.Problem != nil {
			out.Lists = append(out.Lists, s.problem(r, l.Problem))
			continue
		}
		out.Lists = append(out.Lists, submittedOf(l.Submitted))
	}
	w.Header().Set("Location", "/v1/uploads/"+b.Upload.ID)
	writeJSON(w, statusOfBundle(b), "application/json", out)
}

// statusOfBundle is 202 where some list was sent on, 200 where some is kept, else that of the first list.
func statusOfBundle(b *flow.Bundle) (status int) {
	for _, l := range b.Lists {
		switch {
		case l.Problem != nil:
			of := StatusOf(l.Problem)
			if status == 0 || status >= http.StatusBadRequest && of == http.StatusUnprocessableEntity {
				status = of
			}
		case !l.Submitted.Repeated && !l.Submitted.Draft:
			status = http.StatusAccepted
		case status != http.StatusAccepted:
			status = http.StatusOK
		}
	}
	return status
}

// upload shows again what became of a file of many lists.
func (s *server) upload(w http.ResponseWriter, r *http.Request) {
	b, err := s.Window.Bundle(r.Context(), principal(r.Context()), chi.URLParam(r, "id"))
	if err != nil {
		s.send(w, r, err)
		return
	}
	s.answerBundle(w, r, b)
}

func documentUpload(s *server, op *huma.Operation) {
	op.Description = "The same answer that the upload was given: 202 where a list of it was sent on, 200 where one is kept, else as its lists were refused."
	s.answers(op, "200", "the file's receipt and each list's receipt or problem", reflect.TypeFor[bundle]())
	s.answers(op, "202", "the same, where a list was sent on", reflect.TypeFor[bundle]())
}
