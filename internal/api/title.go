package api

import (
	"context"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
)

type titlesAsked struct {
	Workshop string `path:"workshop_code"`
}

// titlesGiven answers the questions of MAP-01 for a client.
type titlesGiven struct {
	Workshop string            `path:"workshop_code"`
	Body     map[string]string `doc:"column title to the key it means, of all titles; what is not named is forgotten"`
}

type titlesAnswer struct{ Body map[string]string }

// titles shows what a client's ambiguous column titles were said to mean.
func (s *server) titles(ctx context.Context, in *titlesAsked) (*titlesAnswer, error) {
	answers, err := s.Window.TitleAnswers(ctx, principal(ctx), payroll.WorkshopCode(in.Workshop))
	if err != nil {
		return nil, err
	}
	return &titlesAnswer{answers}, nil
}

// mostTitles bounds what is kept of one client.
const mostTitles = 256

// answerTitles keeps what a client's column titles mean.
func (s *server) answerTitles(ctx context.Context, in *titlesGiven) (*titlesAnswer, error) {
	if len(in.Body) > mostTitles {
		return nil, &fault.Problem{Kind: fault.Malformed}
	}
	for title := range in.Body {
		if title == "" || len([]rune(title)) > 200 || strings.ContainsRune(title, 0) {
			return nil, &fault.Problem{Kind: fault.Malformed}
		}
	}
	if err := s.Window.AnswerTitles(ctx, principal(ctx), payroll.WorkshopCode(in.Workshop), in.Body); err != nil {
		return nil, err
	}
	return &titlesAnswer{in.Body}, nil
}
