package api

import (
	"context"

	"fehrest/internal/flow"
	"fehrest/internal/jalali"
)

type evidenceAsked struct {
	Condition
	Period string `path:"period" doc:"a month such as 1405-07"`
}

type evidenceShown struct {
	Items []flow.Evidence `json:"items" doc:"one a deadline: each organisation's, and the SSO's of exempt workshops"`
	Next  *string         `json:"next"`
}

// evidence shows the window's own outages in the last 48 hours of a month's deadlines; 60 minutes and more in sum are signed.
func (s *server) evidence(ctx context.Context, in *evidenceAsked) (*shown[*evidenceShown], error) {
	period, err := monthNamed(in.Period)
	if err != nil {
		return nil, err
	}
	all, err := s.Window.Evidence(ctx, principal(ctx), period)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, &evidenceShown{Items: all}, 0)
}

type acceptanceGiven struct {
	Period string `path:"period" doc:"a month such as 1405-07"`
	Agency string `path:"agency" doc:"sso or tax"`
	Body   struct {
		Due    string `json:"due" doc:"the deadline the record is of, such as 1405/08/30"`
		Number string `json:"number" doc:"of the organisation's letter"`
	}
}

// acceptEvidence records that an organisation accepted the record. Saying it twice with the same number is saying it once.
func (s *server) acceptEvidence(ctx context.Context, in *acceptanceGiven) (*struct{}, error) {
	period, err := monthNamed(in.Period)
	if err != nil {
		return nil, err
	}
	lane, err := laneNamed(in.Agency)
	if err != nil {
		return nil, err
	}
	due, err := jalali.ParseDate(in.Body.Due)
	if err != nil {
		return nil, badParameter("due", "1405/08/30")
	}
	return nil, s.Window.AcceptEvidence(ctx, principal(ctx), period, lane, due, in.Body.Number)
}
