package payroll

import "fehrest/internal/fault"

// Lane is an organisation's side of a list; the type lives with the findings, which carry it.
type Lane = fault.Lane

// The two lanes.
const (
	SSO = fault.SSO
	Tax = fault.Tax
)

// EachLane are the lanes in the order they are shown.
func EachLane() [2]Lane { return [2]Lane{SSO, Tax} }

// Verdict is what a lane makes of a list.
type Verdict string

// The verdicts, best first.
const (
	NotAddressed         Verdict = "not_addressed" // no row goes there, or the sender did not ask
	Accepted             Verdict = "accepted"      // infos only
	AcceptedWithWarnings Verdict = "accepted_with_warnings"
	Rejected             Verdict = "rejected"
	Unreadable           Verdict = "unreadable"
)

var verdictRank = map[Verdict]int{NotAddressed: 0, Accepted: 1, AcceptedWithWarnings: 2, Rejected: 3, Unreadable: 4}

// Worse returns the worse of two verdicts.
func (v Verdict) Worse(w Verdict) Verdict {
	if verdictRank[w] > verdictRank[v] {
		return w
	}
	return v
}

// Passes tells whether a list may be sent to the lane.
func (v Verdict) Passes() bool { return v == Accepted || v == AcceptedWithWarnings }

// Verdicts is a verdict a lane.
type Verdicts struct {
	SSO Verdict `json:"sso"`
	Tax Verdict `json:"tax"`
}

// Of is the lane's verdict.
func (v Verdicts) Of(lane Lane) Verdict {
	if lane == Tax {
		return v.Tax
	}
	return v.SSO
}

// Set gives a lane its verdict.
func (v *Verdicts) Set(lane Lane, w Verdict) {
	if lane == Tax {
		v.Tax = w
	} else {
		v.SSO = w
	}
}

// Worst is the verdict of the whole list.
func (v Verdicts) Worst() Verdict { return v.SSO.Worse(v.Tax) }

// Passing is the set of lanes that may be sent.
func (v Verdicts) Passing() (lanes Lane) {
	for _, l := range EachLane() {
		if v.Of(l).Passes() {
			lanes |= l
		}
	}
	return lanes
}
