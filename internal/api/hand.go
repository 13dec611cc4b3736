package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"fehrest/internal/agency/hand"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/danielgtaylor/huma/v2"
)

type uploadedAsked struct {
	ID   string `path:"id"`
	Lane string `path:"lane" doc:"sso or tax"`
	Body struct {
		At        *time.Time `json:"at,omitempty" doc:"when the files were uploaded, or the declaration made; now, if not said"`
		Reference string     `json:"reference" doc:"the portal's own number"`
	}
}

// uploaded records that the files of a lane worked by hand were taken to the organisation's portal. Saying it twice with the
// same number is saying it once.
func (s *server) uploaded(ctx context.Context, in *uploadedAsked) (*struct{}, error) {
	lane, err := laneNamed(in.Lane)
	if err != nil {
		return nil, err
	}
	l, err := s.Window.List(ctx, principal(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.markUploaded(ctx, laneOf(l, lane).Key, in.Body.At, in.Body.Reference)
}

type keyUploadedAsked struct {
	Lane string `path:"lane" doc:"sso or tax"`
	Body struct {
		Key       string     `json:"key" doc:"the delivery's key"`
		At        *time.Time `json:"at,omitempty" doc:"when the files were uploaded, or the declaration made; now, if not said"`
		Reference string     `json:"reference" doc:"the portal's own number"`
	}
}

// keyUploaded records the same of a delivery that is named by its key: an empty tax month may hold no list.
func (s *server) keyUploaded(ctx context.Context, in *keyUploadedAsked) (*struct{}, error) {
	lane, err := laneNamed(in.Lane)
	if err != nil {
		return nil, err
	}
	if key, ok := payroll.ParseDeliveryKey(in.Body.Key); !ok || key.Lane != lane {
		return nil, &fault.Problem{Kind: fault.NotFound}
	}
	return nil, s.markUploaded(ctx, in.Body.Key, in.Body.At, in.Body.Reference)
}

func (s *server) markUploaded(ctx context.Context, key string, said *time.Time, reference string) error {
	at := s.Now()
	if said != nil {
		at = *said
	}
	return s.Window.MarkUploaded(ctx, principal(ctx), key, at, reference)
}

func laneOf(l *flow.List, lane fault.Lane) *flow.LaneView {
	if lane == fault.Tax {
		return &l.Deliveries.Tax
	}
	return &l.Deliveries.SSO
}

// enterAnswer takes an organisation's answer that a user enters: its document, its slips or its figures.
func (s *server) enterAnswer(w http.ResponseWriter, r *http.Request) {
	body, err := s.readAll(w, r, answerLimit)
	if err != nil {
		s.send(w, r, err)
		return
	}
	a, err := hand.Answer(body, nameOf(r.Header.Get("Content-Disposition")), r.URL.Query().Get("key"), "", s.Now())
	if err != nil {
		s.send(w, r, err)
		return
	}
	taken, err := s.Window.AnswerByHand(r.Context(), principal(r.Context()), body, a)
	if err != nil {
		s.send(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", taken)
}

func documentEnter(s *server, op *huma.Operation) {
	op.Parameters = append(op.Parameters, query("key", "the delivery it answers, where the file does not say"))
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: s.schema(reflect.TypeFor[payroll.Answer]())},
		workbookType:       {Schema: &huma.Schema{Type: "string", Format: "binary", Description: "slips: number, amount, state; or figures: person, tax, months, several_employers"}},
	}}
	s.answers(op, "200", "stored, repeated or stale", reflect.TypeFor[flow.Reception]())
}
