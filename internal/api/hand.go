package api

import (
	"context"
	"errors"
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
		At        *time.Time `json:"at,omitempty" doc:"when the files were uploaded; now, if not said"`
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
	at := s.Now()
	if in.Body.At != nil {
		at = *in.Body.At
	}
	if at.After(s.Now().Add(clockDrift)) {
		return nil, &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
			FA: "زمان بارگذاری هنوز نرسیده است", EN: "the time of the upload is still to come",
		}}
	}
	err = s.Window.MarkUploaded(ctx, principal(ctx), laneOf(l, lane).Key, at, in.Body.Reference)
	if problem := (*fault.Problem)(nil); errors.As(err, &problem) && problem.Kind == fault.Conflict && laneOf(l, lane).Reference == in.Body.Reference {
		return nil, nil
	}
	return nil, err
}

// clockDrift is how far ahead of ours a user's clock may be.
const clockDrift = 5 * time.Minute

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
