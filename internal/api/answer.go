package api

import (
	"context"
	"net/http"

	"fehrest/internal/flow"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
)

type linesAsked struct {
	Condition
	Paging
	ID string `path:"id"`
}

// lines shows a list's workers and how far each organisation is with them.
func (s *server) lines(ctx context.Context, in *linesAsked) (*shown[*flow.Page[flow.Line]], error) {
	most, err := in.most()
	if err != nil {
		return nil, err
	}
	page, err := s.Window.Lines(ctx, principal(ctx), in.ID, in.Cursor, most)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, page, 0)
}

type setAsideAsked struct {
	Condition
	Paging
}

// answersSetAside shows an operator the answers that changed nothing and that no one has looked at.
func (s *server) answersSetAside(ctx context.Context, in *setAsideAsked) (*shown[*flow.Page[flow.SetAsideAnswer]], error) {
	most, err := in.most()
	if err != nil {
		return nil, err
	}
	page, err := s.Window.AnswersSetAside(ctx, principal(ctx), in.Cursor, most)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, page, 0)
}

// rawAnswer gives an answer set aside as it came. Nothing tells what it holds, so it is given as bytes to be kept.
func (s *server) rawAnswer(w http.ResponseWriter, r *http.Request) {
	raw, name, err := s.Window.RawAnswer(r.Context(), principal(r.Context()), chi.URLParam(r, "id"))
	if err != nil {
		s.send(w, r, err)
		return
	}
	sendFile(w, name, "application/octet-stream", raw)
}

func documentRawAnswer(_ *server, op *huma.Operation) {
	bytesOf(op, "the answer's bytes", "application/octet-stream")
}

type settleAsked struct {
	ID string `path:"id"`
}

type settled struct{ Body settledAnswer }

type settledAnswer struct {
	ID string `json:"id"`
}

// settleAnswer records that an operator looked at an answer set aside.
func (s *server) settleAnswer(ctx context.Context, in *settleAsked) (*settled, error) {
	if err := s.Window.SettleAnswer(ctx, principal(ctx), in.ID); err != nil {
		return nil, err
	}
	return &settled{settledAnswer{in.ID}}, nil
}
