package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
)

// state shows where one list and its lanes stand, and nothing else. Programs ask for it again and again, more often than for
// all else together: it is written as it is, without the way of an operation.
func (s *server) state(w http.ResponseWriter, r *http.Request) {
	l, err := s.Window.State(r.Context(), principal(r.Context()), chi.URLParam(r, "id"))
	if err != nil {
		s.send(w, r, err)
		return
	}
	b, err := json.Marshal(l)
	if err != nil {
		s.send(w, r, fmt.Errorf("api: state: %w", err))
		return
	}
	h, tag := w.Header(), tagOf(b)
	h.Set("ETag", tag)
	h.Set("Cache-Control", readAgain)
	if l.State == payroll.Submitted {
		h.Set("Retry-After", strconv.Itoa(s.lookAgain(l.ReceivedAt)))
	}
	if (Condition{r.Header.Get("If-None-Match")}).holds(tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(b) // the reader went away: there is no one left to tell
}

func documentState(s *server, op *huma.Operation) {
	op.Parameters = append(op.Parameters, header("If-None-Match", "the ETag of what the reader has", false))
	s.answers(op, "200", "where the list and its lanes stand; never other than in the list itself", reflect.TypeFor[flow.ListState]())
	op.Responses["200"].Headers = map[string]*huma.Param{
		"ETag":        {Schema: &huma.Schema{Type: "string"}},
		"Retry-After": {Description: "seconds; absent once nothing more is to come by itself", Schema: &huma.Schema{Type: "string"}},
	}
	op.Responses["304"] = &huma.Response{Description: "the reader has it"}
}
