package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"fehrest/internal/access"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
)

type seenKey struct{}

// signInToList signs in and reads where the list of the address stands: programs ask for that again and again, more often than for
// all else together.
func signInToList(s *server, r *http.Request, hash []byte) (access.Principal, context.Context, error) {
	list, err := uuid.Parse(chi.URLParam(r, "id"))
	if err != nil {
		list = uuid.Nil // is none
	}
	p, seen, err := s.Store.SignInToList(r.Context(), hash, list, s.Now())
	return p, context.WithValue(r.Context(), seenKey{}, seen), err
}

// stands is where the list stands that a request signed in to.
func (s *server) stands(r *http.Request) (*flow.ListState, error) {
	seen, _ := r.Context().Value(seenKey{}).(*store.ListState)
	return s.Window.StateOf(r.Context(), principal(r.Context()), seen)
}

// state shows where one list and its lanes stand, and nothing else. It is written without the way of an operation.
func (s *server) state(w http.ResponseWriter, r *http.Request) {
	l, err := s.stands(r)
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
