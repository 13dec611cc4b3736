package access

import "slices"

// Action is something a principal may be allowed to do. Every route names exactly one.
type Action string

// The actions.
const (
	Anyone          Action = "anyone" // no sign-in: keys, health, catalogue
	SubmitLists     Action = "submit_lists"
	ReadLists       Action = "read_lists"
	ReadWorkshops   Action = "read_workshops"
	ReadTaxMonths   Action = "read_tax_months"
	CutTaxMonths    Action = "cut_tax_months"
	EnterAnswers    Action = "enter_answers"     // a lane worked by hand
	ReadDesk        Action = "read_desk"         // what needs attention
	WorkDesk        Action = "work_desk"         // to send it again, or set it aside
	ReadAgencyLists Action = "read_agency_lists" // an organisation's own view
	PostAnswers     Action = "post_answers"      // by signature, not by token
	ReadEvidence    Action = "read_evidence"     // of the window's own outages
	Administer      Action = "administer"
)

var policies = map[Action][]Role{
	SubmitLists:     {Employer, Accountant},
	ReadLists:       {Employer, Accountant},
	ReadWorkshops:   {Employer, Accountant},
	ReadTaxMonths:   {Employer, Accountant},
	CutTaxMonths:    {Employer, Accountant},
	EnterAnswers:    {Employer, Accountant, Operator},
	ReadDesk:        {Employer, Accountant, Operator},
	WorkDesk:        {Operator},
	ReadAgencyLists: {SSO, Tax},
	ReadEvidence:    {Employer, Accountant, Operator},
	Administer:      {Operator},
}

// May tells whether the role is allowed the action at all; for lists the mandate decides which.
func (p Principal) May(a Action) bool { return a == Anyone || slices.Contains(policies[a], p.Role) }

// Known tells whether the action stands in the policy table, or needs no sign-in by nature.
func (a Action) Known() bool {
	return a == Anyone || a == PostAnswers || policies[a] != nil
}
