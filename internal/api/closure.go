package api

import (
	"context"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

type closureGiven struct {
	Workshop string `path:"workshop_code"`
	Key      string `header:"Idempotency-Key" doc:"one an order, at most 200 characters"`
	Body     struct {
		ContractRow string `json:"contract_row,omitempty" doc:"three digits; 000, the workshop's own, if not said"`
		First       string `json:"first" doc:"the first month, such as 1405-10"`
		Last        string `json:"last" doc:"the last one; there is no order without an end"`
	}
}

type closuresAsked struct {
	Condition
	Workshop string `path:"workshop_code"`
}

type closureAsked struct {
	Condition
	Workshop string `path:"workshop_code"`
	ID       string `path:"id"`
}

// orderClosure has the window declare of each month that no one worked in the workshop.
func (s *server) orderClosure(ctx context.Context, in *closureGiven) (*shown[*flow.Closure], error) {
	if in.Key == "" || len(in.Key) > keyLength {
		return nil, &fault.Problem{Kind: fault.Malformed, Code: "API-01"}
	}
	o := flow.ClosureOrder{Workshop: payroll.WorkshopCode(in.Workshop), ContractRow: in.Body.ContractRow, IdempotencyKey: in.Key}
	for _, m := range []struct {
		name, text string
		to         *jalali.Month
	}{{"first", in.Body.First, &o.First}, {"last", in.Body.Last, &o.Last}} {
		if m.text == "" {
			continue // the order says that it needs it
		}
		var err error
		if *m.to, err = jalali.ParseMonth(m.text); err != nil {
			return nil, badParameter(m.name, "1405-10")
		}
	}
	c, err := s.Window.OrderClosure(ctx, principal(ctx), o)
	if err != nil {
		return nil, err
	}
	return show(Condition{}, c, 0)
}

// closures shows a workshop's closures, newest first.
func (s *server) closures(ctx context.Context, in *closuresAsked) (*shown[*flow.Closures], error) {
	all, err := s.Window.Closures(ctx, principal(ctx), payroll.WorkshopCode(in.Workshop))
	if err != nil {
		return nil, err
	}
	return show(in.Condition, all, 0)
}

// closure shows one closure and what became of each month.
func (s *server) closure(ctx context.Context, in *closureAsked) (*shown[*flow.Closure], error) {
	c, err := s.Window.Closure(ctx, principal(ctx), payroll.WorkshopCode(in.Workshop), in.ID)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, c, 0)
}

// cancelClosure takes an order back. Asked again it answers the same.
func (s *server) cancelClosure(ctx context.Context, in *closureAsked) (*shown[*flow.Closure], error) {
	c, err := s.Window.CancelClosure(ctx, principal(ctx), payroll.WorkshopCode(in.Workshop), in.ID)
	if err != nil {
		return nil, err
	}
	return show(Condition{}, c, 0)
}
