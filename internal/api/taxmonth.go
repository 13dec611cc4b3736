package api

import (
	"context"

	"fehrest/internal/flow"
	"fehrest/internal/payroll"
)

type taxMonthAsked struct {
	Condition
	Employer string `path:"employer_id"`
	Period   string `path:"period" doc:"a month such as 1405-07"`
	File     string `query:"file" doc:"the taxpayer's file number, where the employer has several"`
}

// taxMonth shows an employer's tax month: its versions, persons, estimate and answer.
func (s *server) taxMonth(ctx context.Context, in *taxMonthAsked) (*shown[*flow.TaxMonth], error) {
	period, err := monthNamed(in.Period)
	if err != nil {
		return nil, err
	}
	m, err := s.Window.TaxMonth(ctx, principal(ctx), payroll.EmployerID(in.Employer), in.File, period)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, m, s.monthAgain(m))
}

// cutTaxMonth cuts a waiting tax month into its next version now.
func (s *server) cutTaxMonth(ctx context.Context, in *taxMonthAsked) (*shown[*flow.TaxMonth], error) {
	period, err := monthNamed(in.Period)
	if err != nil {
		return nil, err
	}
	m, err := s.Window.CutNow(ctx, principal(ctx), payroll.EmployerID(in.Employer), in.File, period)
	if err != nil {
		return nil, err
	}
	return show(Condition{}, m, s.monthAgain(m))
}

func (s *server) monthAgain(m *flow.TaxMonth) int {
	moving := m.CutAt != nil || m.State == payroll.Due || m.State == payroll.Queued || m.State == payroll.Sending || m.State == payroll.Sent
	if !moving {
		return 0
	}
	if n := len(m.Versions); n > 0 {
		return s.lookAgain(m.Versions[n-1].CutAt)
	}
	return s.lookAgain(s.Now())
}

type workshopsAsked struct {
	Condition
	Paging
}

// workshops shows the workshops that the sender may act for, each with the month that is due next.
func (s *server) workshops(ctx context.Context, in *workshopsAsked) (*shown[*flow.Page[flow.Workshop]], error) {
	if _, err := in.most(); err != nil {
		return nil, err
	}
	page, err := s.Window.Workshops(ctx, principal(ctx), in.Cursor)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, page, 0)
}
