package flow

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// List is a list as those see it who may act for its workshop.
type List struct {
	ID           string               `json:"id"`
	TrackingCode payroll.TrackingCode `json:"tracking_code"`
	State        payroll.ListState    `json:"state"`
	Verdict      payroll.Verdict      `json:"verdict"`
	Verdicts     payroll.Verdicts     `json:"verdicts"`
	Version      int                  `json:"version"` // 0 for a draft or a rejected list
	Workshop     payroll.WorkshopCode `json:"workshop_code"`
	WorkshopName string               `json:"workshop_name"`
	ContractRow  string               `json:"contract_row"`
	Period       jalali.Month         `json:"period"`
	TaxPeriod    jalali.Month         `json:"tax_period"`
	ListNo       string               `json:"list_no"`
	Kind         payroll.Kind         `json:"kind"`
	Employer     payroll.EmployerID   `json:"employer_id"`
	TaxFileNo    string               `json:"tax_file_no"`
	ReceivedAt   time.Time            `json:"received_at"`
	FileName     string               `json:"file_name"`
	ReplacedBy   string               `json:"replaced_by"`
	WithdrawnAt  *time.Time           `json:"withdrawn_at"`
	Withdrawal   Withdrawal           `json:"withdrawal"`
	HeldLane     fault.Lane           `json:"held_lane"`
	Workers      int                  `json:"workers"`
	HeldRows     []int                `json:"held_rows"`
	Totals       payroll.Totals       `json:"totals"`
	Due          Due                  `json:"due"`
	Lateness     LateLanes            `json:"lateness"`
	Deliveries   Deliveries           `json:"deliveries"`
}

// Due is the last lawful day of each lane; empty where no law file governs the month.
type Due struct {
	SSO string `json:"sso"`
	Tax string `json:"tax"`
	// Outages are signed records of the window's own outages before these days; left out where there is none.
	Outages []DueOutage `json:"outages,omitempty"`
}

// Deliveries is where each lane of a list stands.
type Deliveries struct {
	SSO LaneView `json:"sso"`
	Tax LaneView `json:"tax"`
}

// LaneView is one lane of a list: the organisation's own words and slips in it. Of a tax month that holds other workshops'
// lists too, only the findings of this list's persons are shown.
type LaneView struct {
	State     payroll.State     `json:"state"`
	Key       string            `json:"key"`
	Reference string            `json:"reference"`
	Reason    string            `json:"reason"`
	Payments  []payroll.Payment `json:"payments"`
	Findings  []Said            `json:"findings"`
	// Contradicted is what the organisation said after its decision and against it; null where it did not.
	Contradicted *Contradiction `json:"contradicted"`
	Files        []string       `json:"files"` // names for File; only of a list shown alone
	// ByHand says that the user uploads the files to the organisation's portal and enters its answer.
	ByHand bool `json:"by_hand"`
	// UploadedAt is when the user says that he took it to the portal; null for what a gateway carried or no one yet.
	UploadedAt *time.Time `json:"uploaded_at"`
	// Checklist is what there is to do by hand; only while it is to be done, and of a list shown alone.
	Checklist *fault.Text `json:"checklist,omitempty"`
	// Emptied are list numbers that an earlier version filed with the SSO and that this one, split into fewer files, leaves
	// empty: what the SSO holds under them is to be corrected by hand.
	Emptied []string `json:"emptied,omitempty"`

	id   store.DeliveryID
	left *time.Time // when the first of the list went to the organisation; nil while nothing has

	carried  bool       // by the gateway, not by hand
	uploaded *time.Time // when the first of the list was, as the user says
}

// Page is one page of a collection.
type Page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"` // the cursor of the next page; null at the end
}

const pageMost = 50

// notFound is the one answer for what does not exist and for what is another's.
func notFound() *fault.Problem {
	return &fault.Problem{Kind: fault.NotFound, Text: fault.Text{FA: "چنین چیزی نیست یا از آن شما نیست", EN: "there is no such thing, or it is not yours"}}
}

// held reads a list that the principal may see.
func (w *Window) held(ctx context.Context, tx *store.Tx, p access.Principal, id string) (*store.List, error) {
	list, err := uuid.Parse(id)
	if err != nil {
		return nil, notFound()
	}
	code, err := tx.WorkshopOfList(ctx, list)
	if err == nil {
		_, err = tx.WorkshopFor(ctx, code, p.ID, w.now())
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound()
	}
	if err != nil {
		return nil, err
	}
	return tx.List(ctx, code, list)
}

// List shows one list; NotFound for one that is not the principal's.
func (w *Window) List(ctx context.Context, p access.Principal, id string) (view *List, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		l, err := w.held(ctx, tx, p, id)
		if err != nil {
			return err
		}
		views, err := w.views(ctx, tx, p, []*store.List{l})
		if err != nil {
			return err
		}
		view = &views[0]
		return w.nameFiles(ctx, tx, p, l, view)
	})
	return view, err
}

// Query narrows a collection of lists.
type Query struct {
	Workshop payroll.WorkshopCode
	Period   jalali.Month
	Cursor   string
	Most     int // items at most; zero is 50
}

// Lists shows the principal's lists, newest first.
func (w *Window) Lists(ctx context.Context, p access.Principal, q Query) (*Page[List], error) {
	before, most, err := q.page()
	if err != nil {
		return nil, err
	}
	page := &Page[List]{Items: []List{}}
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		lists, err := tx.Lists(ctx, p.ID, w.now(), store.Page{Workshop: q.Workshop, Period: q.Period, Before: before, Most: most + 1})
		if err != nil {
			return err
		}
		if len(lists) > most {
			lists = lists[:most]
			next := lists[most-1].ID.String()
			page.Next = &next
		}
		views, err := w.views(ctx, tx, p, lists)
		page.Items = append(page.Items, views...)
		return err
	})
	return page, err
}

func (q Query) page() (before uuid.UUID, most int, err error) {
	most = q.Most
	if most <= 0 || most > 2*pageMost {
		most = pageMost
	}
	if q.Cursor != "" {
		if before, err = uuid.Parse(q.Cursor); err != nil {
			return before, most, &fault.Problem{Kind: fault.Malformed, Text: fault.Text{FA: "نشانگر صفحه درست نیست", EN: "the cursor is not one of ours"}}
		}
	}
	return before, most, nil
}

func (w *Window) views(ctx context.Context, tx *store.Tx, p access.Principal, lists []*store.List) ([]List, error) {
	lanes, err := lanesOf(ctx, tx, lists)
	if err != nil {
		return nil, err
	}
	views := make([]List, len(lists))
	for i, l := range lists {
		replaced, err := replacedEverywhere(ctx, tx, l)
		if err != nil {
			return nil, err
		}
		before, err := versionsBefore(ctx, tx, l)
		if err != nil {
			return nil, err
		}
		views[i] = w.view(l, lanes[l.ID], replaced)
		w.reckon(l, &views[i], before)
		due, err := cutOf(ctx, tx, l, &views[i])
		if err != nil {
			return nil, err
		}
		views[i].Withdrawal = w.withdrawal(l, &views[i].Deliveries, due)
	}
	if err := w.tellOutages(ctx, tx, views); err != nil {
		return nil, err
	}
	return views, w.hideSlips(ctx, tx, p, lists, views)
}

// hideSlips takes a tax month's slips from who may not see the month whole: they are of all its persons.
func (w *Window) hideSlips(ctx context.Context, tx *store.Tx, p access.Principal, lists []*store.List, views []List) error {
	whole := map[payroll.TaxMonthIdentity]bool{}
	for i, l := range lists {
		if len(views[i].Deliveries.Tax.Payments) == 0 {
			continue
		}
		month := l.Header.TaxMonth()
		sees, asked := whole[month]
		if !asked {
			var err error
			if sees, err = w.holdsWhole(ctx, tx, p, month); err != nil {
				return err
			}
			whole[month] = sees
		}
		if !sees {
			views[i].Deliveries.Tax.Payments = []payroll.Payment{}
		}
	}
	return nil
}

func (w *Window) view(l *store.List, d Deliveries, replaced bool) List {
	h := &l.Header
	v := List{
		ID: l.ID.String(), TrackingCode: l.TrackingCode, Verdict: l.Verdicts.Worst(), Verdicts: l.Verdicts, Version: l.Version,
		Workshop: h.Workshop, WorkshopName: h.WorkshopName, ContractRow: h.ContractRow, Period: h.Period, TaxPeriod: h.TaxPeriod, ListNo: h.ListNo,
		Kind: h.Kind, Employer: h.Employer, TaxFileNo: h.TaxFileNo, ReceivedAt: l.ReceivedAt, FileName: l.FileName, Workers: l.Workers,
		HeldRows: l.HeldRows, Totals: l.Totals, Deliveries: d, WithdrawnAt: l.WithdrawnAt,
	}
	v.State = stateOf(l, &d, replaced)
	if l.ReplacedBy != nil {
		v.ReplacedBy = l.ReplacedBy.String()
	}
	if v.State == payroll.Draft {
		v.HeldLane = heldBack(l.Verdicts, fault.Both)
	}
	return v
}

// Faults is the kept report of a list, the document that `check --json` prints.
func (w *Window) Faults(ctx context.Context, p access.Principal, id string) (report json.RawMessage, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		l, err := w.held(ctx, tx, p, id)
		if err != nil {
			return err
		}
		report, err = tx.Findings(ctx, l.Header.Workshop, l.ID)
		return err
	})
	return report, err
}

// Receipt is a list's receipt as it was signed.
func (w *Window) Receipt(ctx context.Context, p access.Principal, id string) (receipt json.RawMessage, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		l, err := w.held(ctx, tx, p, id)
		if err == nil {
			receipt = l.Receipt
		}
		return err
	})
	return receipt, err
}

// Assessment is what every line of a list owes, each figure with its reason. A rejected list has no lines.
func (w *Window) Assessment(ctx context.Context, p access.Principal, id string) (doc *intake.Assessment, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		l, err := w.held(ctx, tx, p, id)
		if err != nil {
			return err
		}
		h := &l.Header
		lines, err := tx.Lines(ctx, h.Identity(), l.ID, l.Workers)
		if err != nil {
			return err
		}
		a := rule.Assessor{Header: h}
		a.Law, _ = w.Book.On(h.Period)
		a.TaxLaw, _ = w.Book.On(h.TaxPeriod)
		if a.Earlier, err = earlierMonths(ctx, tx, h.TaxMonth()); err != nil {
			return err
		}
		doc = intake.NewAssessment(h.Period, l.LawFile, l.Totals)
		for i := range lines {
			f := &lines[i]
			doc.Add(&f.Line, &f.Assessed, a.Why(&f.Line, &f.Assessed))
		}
		return nil
	})
	return doc, err
}

// Workshop is a workshop that a principal may act for.
type Workshop struct {
	Code         payroll.WorkshopCode `json:"workshop_code"`
	Name         string               `json:"name"`
	Employer     payroll.EmployerID   `json:"employer_id"`
	EmployerName string               `json:"employer_name"`
	PeriodDue    jalali.Month         `json:"period_due"` // the month after its newest list, else the last whole month
}

// Workshops are those that the principal may act for, by code.
func (w *Window) Workshops(ctx context.Context, p access.Principal, cursor string) (*Page[Workshop], error) {
	page := &Page[Workshop]{Items: []Workshop{}}
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		seen, err := tx.WorkshopsOf(ctx, p.ID, w.now(), payroll.WorkshopCode(cursor), pageMost+1)
		if err != nil {
			return err
		}
		if len(seen) > pageMost {
			seen = seen[:pageMost]
			next := string(seen[pageMost-1].Code)
			page.Next = &next
		}
		for _, s := range seen {
			page.Items = append(page.Items, Workshop{
				Code: s.Code, Name: s.Name, Employer: s.Employer, EmployerName: s.EmployerName, PeriodDue: w.periodDue(s.Newest),
			})
		}
		return nil
	})
	return page, err
}

func (w *Window) periodDue(newest jalali.Month) jalali.Month {
	if newest.IsZero() {
		return w.today().InMonth().Add(-1)
	}
	return newest.Add(1)
}

// AgencyList is a list as an organisation sees it: the common core and its own lane.
type AgencyList struct {
	ID           string               `json:"id"`
	TrackingCode payroll.TrackingCode `json:"tracking_code"`
	Workshop     payroll.WorkshopCode `json:"workshop_code"`
	ContractRow  string               `json:"contract_row"`
	Period       jalali.Month         `json:"period"`
	ListNo       string               `json:"list_no"`
	Kind         payroll.Kind         `json:"kind"`
	Version      int                  `json:"version"`
	Workers      int                  `json:"workers"`
	ReceivedAt   time.Time            `json:"received_at"`
	Verdict      payroll.Verdict      `json:"verdict"`
	Key          string               `json:"key"`
	State        payroll.State        `json:"state"`
	Reference    string               `json:"reference"`
}

var roles = map[fault.Lane]store.Role{fault.SSO: store.RoleSSO, fault.Tax: store.RoleTax}

// AgencyLists shows an organisation's officer the lists sent to it, read with the rights of its own database role.
func (w *Window) AgencyLists(ctx context.Context, p access.Principal, lane fault.Lane, q Query) (*Page[AgencyList], error) {
	role, ok := roles[lane]
	if !ok || p.Role.Lane() != lane {
		return nil, notFound()
	}
	before, most, err := q.page()
	if err != nil {
		return nil, err
	}
	page := &Page[AgencyList]{Items: []AgencyList{}}
	err = w.Store.ReadAs(ctx, role, func(tx *store.Tx) error {
		lists, err := tx.AgencyLists(ctx, lane, q.Period, before, most+1)
		if err != nil {
			return err
		}
		if len(lists) > most {
			lists = lists[:most]
			next := lists[most-1].ID.String()
			page.Next = &next
		}
		for _, l := range lists {
			state := l.State
			if state == "" {
				state = payroll.Due
			}
			page.Items = append(page.Items, AgencyList{
				ID: l.ID.String(), TrackingCode: l.TrackingCode, Workshop: l.Identity.Workshop, ContractRow: l.Identity.ContractRow,
				Period: l.Identity.Period, ListNo: l.Identity.ListNo, Kind: l.Kind, Version: l.Version, Workers: l.Workers,
				ReceivedAt: l.ReceivedAt, Verdict: l.Verdict, Key: l.Key, State: state, Reference: l.Reference,
			})
		}
		return nil
	})
	return page, err
}
