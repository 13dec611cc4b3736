package api

import (
	"context"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

type deskAsked struct {
	Condition
	Paging
	Lane string `query:"lane" doc:"sso or tax; both, if not said"`
	Age  int    `query:"min_age_seconds" minimum:"0" maximum:"31536000" doc:"what has waited so long at least"`
}

// desk shows what needs attention: an operator everything, others what is of their workshops.
func (s *server) desk(ctx context.Context, in *deskAsked) (*shown[*flow.Page[flow.DeskItem]], error) {
	most, err := in.most()
	if err != nil {
		return nil, err
	}
	lane := fault.Lane(0)
	if in.Lane != "" {
		if lane, err = laneNamed(in.Lane); err != nil {
			return nil, badParameter("lane", "sso, tax")
		}
	}
	page, err := s.Window.Desk(ctx, principal(ctx), flow.DeskQuery{Lane: lane, Age: time.Duration(in.Age) * time.Second, Cursor: in.Cursor, Most: most})
	if err != nil {
		return nil, err
	}
	return show(in.Condition, page, 0)
}

type deskActed struct {
	Owner    string `path:"owner" doc:"the first half of an item's id"`
	Delivery string `path:"delivery" doc:"the second half"`
}

type deskDone struct{ Body *flow.Replayed }

// replay sends again what needs attention. Asked again, it does nothing more.
func (s *server) replay(ctx context.Context, in *deskActed) (*deskDone, error) {
	return onDesk(ctx, in, s.Window.Replay)
}

// setAside gives a delivery up for the later version that waits behind it. Asked again, it does nothing more.
func (s *server) setAside(ctx context.Context, in *deskActed) (*deskDone, error) {
	return onDesk(ctx, in, s.Window.SetAside)
}

func onDesk(ctx context.Context, in *deskActed, do func(context.Context, access.Principal, store.DeliveryID) (*flow.Replayed, error)) (*deskDone, error) {
	id, err := uuid.Parse(in.Delivery)
	if err != nil {
		return nil, &fault.Problem{Kind: fault.NotFound}
	}
	done, err := do(ctx, principal(ctx), store.DeliveryID{Owner: in.Owner, ID: id})
	if err != nil {
		return nil, err
	}
	return &deskDone{done}, nil
}

type byHandAsked struct {
	Condition
	Paging
	Lane string `path:"lane" doc:"sso or tax"`
}

// byHand shows what of a lane is worked by hand and not marked as uploaded.
func (s *server) byHand(ctx context.Context, in *byHandAsked) (*shown[*flow.HandPage], error) {
	most, err := in.most()
	if err != nil {
		return nil, err
	}
	lane, err := laneNamed(in.Lane)
	if err != nil {
		return nil, err
	}
	page, err := s.Window.ByHand(ctx, principal(ctx), lane, in.Cursor, most)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, page, 0)
}

type switchAsked struct {
	Lane string `path:"lane" doc:"sso or tax"`
	Body struct {
		Confirmed []string `json:"confirmed" doc:"keys of deliveries whose files you did not upload to the portal"`
	}
}

type switchDone struct {
	Body struct {
		Items []flow.Switched `json:"items"`
	}
}

// switchLane sends by the gateway what its user confirms was not uploaded. Asked again, it does nothing more.
func (s *server) switchLane(ctx context.Context, in *switchAsked) (*switchDone, error) {
	lane, err := laneNamed(in.Lane)
	if err != nil {
		return nil, err
	}
	out := &switchDone{}
	out.Body.Items, err = s.Window.Switch(ctx, principal(ctx), lane, in.Body.Confirmed)
	if err != nil {
		return nil, err
	}
	return out, nil
}
