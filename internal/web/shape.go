package web

import (
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// lane is one organisation's side of a list, as the API shows it.
type lane struct {
	State        payroll.State     `json:"state"`
	Key          string            `json:"key"`
	Reference    string            `json:"reference"`
	Reason       string            `json:"reason"`
	Payments     []payroll.Payment `json:"payments"`
	Findings     []saidOf          `json:"findings"`
	Contradicted *contradiction    `json:"contradicted"`
	Files        []string          `json:"files"`
	ByHand       bool              `json:"by_hand"`
	UploadedAt   *time.Time        `json:"uploaded_at"`
	Checklist    *fault.Text       `json:"checklist"`
}

// others tells whether others' workshops are in the tax month, so that someone else takes its files to the portal.
func (l *lane) others() bool { return l.State == payroll.ByHand && l.Checklist == nil }

// declared tells whether there is no file to upload, only a declaration to make.
func (l *lane) declared() bool { return l.State == payroll.ByHand && l.Reason != "" }

// answerable tells whether the user may enter what the organisation said: first, of a slip that was paid since, or rightly in place
// of an answer that did not fit.
func (l *lane) answerable() bool { return l.ByHand && !l.others() }

// slipless tells whether the organisation sends no figures and no file: what a nil list declares has none.
func (l *list) slipless(of fault.Lane) bool {
	return l.lane(of).declared() || l.Kind == payroll.Nil && of == fault.SSO
}

// deskPage is what needs attention, as the API shows it.
type deskPage struct {
	Items []deskItem `json:"items"`
	Next  *string    `json:"next"`
}

type deskItem struct {
	ID           string        `json:"id"`
	Owner        string        `json:"owner"`
	Lane         fault.Lane    `json:"lane"`
	Key          string        `json:"key"`
	Workshop     string        `json:"workshop_code"`
	WorkshopName string        `json:"workshop_name"`
	Employer     string        `json:"employer_id"`
	Period       string        `json:"period"`
	Version      int           `json:"version"`
	State        payroll.State `json:"state"`
	ListID       string        `json:"list_id"`
	Readable     bool          `json:"readable"`
	Why          fault.Text    `json:"why"`
	Do           fault.Text    `json:"do"`
	Since        time.Time     `json:"since"`
	AgeSeconds   int           `json:"age_seconds"`
	Attempts     int           `json:"attempts"`
	LaterWaits   bool          `json:"later_waits"`
	Actions      []string      `json:"actions"`
	Replay       fault.Text    `json:"replay"`
}

// tried tells whether the window still tries by itself.
func (i *deskItem) tried() bool { return i.State == payroll.Sending }

// confirmation tells what an action does, before it is done.
func (i *deskItem) confirmation(action string) string {
	if action == "replay" {
		return i.Replay.FA
	}
	return "این تحویل دیگر فرستاده نمی‌شود و نسخهٔ تازه‌تر به جای آن می‌رود. اگر شاید نزد سازمان باشد نخست از آن پرسیده می‌شود."
}

// handPage is what of a lane is worked by hand and not uploaded, as the API shows it.
type handPage struct {
	Items []struct {
		Key          string     `json:"key"`
		Workshop     string     `json:"workshop_code"`
		WorkshopName string     `json:"workshop_name"`
		Employer     string     `json:"employer_id"`
		Period       string     `json:"period"`
		Version      int        `json:"version"`
		ListID       string     `json:"list_id"`
		Readable     bool       `json:"readable"`
		Files        []string   `json:"files"`
		Do           fault.Text `json:"do"`
		Since        time.Time  `json:"since"`
	} `json:"items"`
	Next    *string `json:"next"`
	Gateway bool    `json:"gateway"`
}

// list is a list as the API shows it.
type list struct {
	ID           string            `json:"id"`
	TrackingCode string            `json:"tracking_code"`
	State        payroll.ListState `json:"state"`
	Verdict      payroll.Verdict   `json:"verdict"`
	Verdicts     payroll.Verdicts  `json:"verdicts"`
	Version      int               `json:"version"`
	Workshop     string            `json:"workshop_code"`
	WorkshopName string            `json:"workshop_name"`
	ContractRow  string            `json:"contract_row"`
	Period       string            `json:"period"`
	ListNo       string            `json:"list_no"`
	Kind         payroll.Kind      `json:"kind"`
	Employer     string            `json:"employer_id"`
	TaxFileNo    string            `json:"tax_file_no"`
	TaxPeriod    string            `json:"tax_period"`
	Workers      int               `json:"workers"`
	ReceivedAt   time.Time         `json:"received_at"`
	FileName     string            `json:"file_name"`
	Withdrawal   struct {
		Possible bool       `json:"possible"`
		Why      fault.Text `json:"why"`
	} `json:"withdrawal"`
	Totals payroll.Totals `json:"totals"`
	Due    struct {
		SSO string `json:"sso"`
		Tax string `json:"tax"`

		Outages []dueOutage `json:"outages"`
	} `json:"due"`
	Lateness struct {
		SSO *law.Lateness `json:"sso"`
		Tax *law.Lateness `json:"tax"`
	} `json:"lateness"`
	Deliveries struct {
		SSO lane `json:"sso"`
		Tax lane `json:"tax"`
	} `json:"deliveries"`
}

// moving tells whether something may still come by itself: the page then keeps looking. Where a form waits to be filled in
// it does not, lest the form be emptied under the hand.
func (l *list) moving() bool {
	return l.State == payroll.Submitted && l.Deliveries.SSO.State != payroll.ByHand && l.Deliveries.Tax.State != payroll.ByHand
}

func (l *list) lane(of fault.Lane) *lane {
	if of == fault.Tax {
		return &l.Deliveries.Tax
	}
	return &l.Deliveries.SSO
}

func (l *list) due(of fault.Lane) string {
	if of == fault.Tax {
		return l.Due.Tax
	}
	return l.Due.SSO
}

// outage is the record of the window's own outages before a lane's deadline; nil where there is none.
func (l *list) outage(of fault.Lane) *dueOutage {
	for i := range l.Due.Outages {
		if l.Due.Outages[i].Organisation == of {
			return &l.Due.Outages[i]
		}
	}
	return nil
}

// outagePage is where that record is shown to print.
func (l *list) outagePage(of fault.Lane) string {
	if of == fault.Tax {
		return evidenceAddress(l.TaxPeriod, of, l.due(of))
	}
	return evidenceAddress(l.Period, of, l.due(of))
}

func (l *list) late(of fault.Lane) *law.Lateness {
	if of == fault.Tax {
		return l.Lateness.Tax
	}
	return l.Lateness.SSO
}

// standing tells whether it is worth a word that the list may be taken back, or why no more.
func (l *list) standing() bool {
	return l.State != payroll.Withdrawn && l.State != payroll.Replaced && l.State != payroll.RejectedList
}

// compared tells whether there is a difference to look at: the list changes what is filed, or is not sent yet.
func (l *list) compared() bool {
	return l.Verdicts.Passing() != 0 && l.State != payroll.RejectedList && l.State != payroll.Withdrawn &&
		(l.State == payroll.Draft || l.Version > 1 || l.Kind == payroll.Supplementary)
}

// unsent are the lanes that pass and wait for the sender's word.
func (l *list) unsent() (lanes []fault.Lane) {
	if l.State != payroll.Draft {
		return nil
	}
	for _, of := range payroll.EachLane() {
		if l.Verdicts.Of(of).Passes() {
			lanes = append(lanes, of)
		}
	}
	return lanes
}

// left are the lanes that could not go when the other one went.
func (l *list) left() (lanes []fault.Lane) {
	if l.Version == 0 || l.State == payroll.Withdrawn || l.State == payroll.Replaced {
		return nil
	}
	for _, of := range payroll.EachLane() {
		if l.lane(of).State == payroll.NotSent && l.Verdicts.Of(of) == payroll.Rejected {
			lanes = append(lanes, of)
		}
	}
	return lanes
}

type listPage struct {
	Items []list  `json:"items"`
	Next  *string `json:"next"`
}

type workshopPage struct {
	Items []struct {
		Code   string `json:"workshop_code"`
		Name   string `json:"name"`
		Period string `json:"period_due"`
	} `json:"items"`
}

// findings are what was found in a list.
type findings struct {
	Counts fault.Counts  `json:"counts"`
	Faults []fault.Fault `json:"faults"`
	Causes []fault.Cause `json:"causes"`
}

// group is one cause with the cells it was found in.
type group struct {
	cause  fault.Cause
	worst  fault.Severity
	lane   fault.Lane
	faults []fault.Fault
}

// groups gathers faults by cause, gravest first.
func (f *findings) groups() []group {
	var all []group
	for severity := int(fault.Refuse); severity >= 0; severity-- {
		for _, c := range f.Causes {
			g := group{cause: c}
			for _, x := range f.Faults {
				if x.Code == c.Code && x.Field == c.Field {
					g.faults = append(g.faults, x)
					g.worst, g.lane = x.Severity, g.lane|x.Lane
				}
			}
			if len(g.faults) > 0 && g.worst == fault.Severity(severity) {
				all = append(all, g)
			}
		}
	}
	return all
}

// heading tells a cause in the words of its findings; where they differ, in the words they begin with.
func heading(g group) string {
	words := strings.Fields(g.faults[0].Message.FA)
	same := len(words)
	for _, x := range g.faults[1:] {
		others := strings.Fields(x.Message.FA)
		same = min(same, len(others))
		for i := range same {
			if words[i] != others[i] {
				same = i
				break
			}
		}
	}
	text := strings.Join(words[:same], " ")
	if same < len(words) {
		text += " …"
	}
	if label := fieldLabel(g.cause.Field); label != "" && len(g.faults) > 1 {
		return label + ": " + text
	}
	return text
}

// faultsOf makes findings of a problem's faults, which come without causes.
func faultsOf(faults []fault.Fault) *findings {
	f := &findings{Faults: faults}
	for _, x := range faults {
		known := false
		for i := range f.Causes {
			if f.Causes[i].Code == x.Code && f.Causes[i].Field == x.Field {
				f.Causes[i].Rows++
				known = true
			}
		}
		if !known {
			f.Causes = append(f.Causes, fault.Cause{Code: x.Code, Field: x.Field, Rows: 1})
		}
	}
	return f
}

// amount is one line of the totals.
type amount struct {
	label string
	value rial.Amount
}

func amounts(t payroll.Totals) []amount {
	return []amount{
		{"دستمزد و مزایای مشمول بیمه", t.Insurable},
		{"جمع کل دستمزد و مزایا", t.Total},
		{"حق بیمهٔ سهم کارگر", t.WorkerPremium},
		{"حق بیمهٔ سهم کارفرما", t.EmployerPremium},
		{"بیمهٔ بیکاری", t.Unemployment},
		{"حق بیمهٔ قابل پرداخت", t.PremiumDue},
		{"درآمد مشمول مالیات", t.Taxable},
		{"برآورد مالیات این لیست", t.TaxEstimate},
	}
}
