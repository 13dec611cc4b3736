package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store"
)

// Line is one worker of a list and how far each organisation is with him: received, judged, answered.
type Line struct {
	Row        int      `json:"row"`
	Person     string   `json:"person"`
	FirstName  string   `json:"first_name"`
	LastName   string   `json:"last_name"`
	Held       bool     `json:"held"`
	ReceivedAt string   `json:"received_at"` // of the list, by the window
	SSO        LineLane `json:"sso"`
	Tax        LineLane `json:"tax"`
}

// LineLane is one organisation's side of a worker.
type LineLane struct {
	Addressed bool `json:"addressed"` // the row goes there
	// Judged is the worst of what the window found in the row for this organisation, and the codes; empty where it found nothing. Of a
	// code that many rows share only the first two hundred are told apart.
	Judged string   `json:"judged"`
	Codes  []string `json:"codes"`
	// State is the organisation's word on the whole list, or tax month; Findings is its word on him.
	State    payroll.State `json:"state"`
	Findings []Said        `json:"findings"`
	// Premium is of the SSO what he, his employer and the unemployment insurance come to.
	Premium *rial.Amount `json:"premium,omitempty"`
	// Figures are of the tax month, where it was cut.
	Figures *TaxMonthPerson `json:"figures,omitempty"`
}

// Lines shows a list's workers, row by row: a list without lines, such as a rejected one, has none.
func (w *Window) Lines(ctx context.Context, p access.Principal, id string, cursor string, most int) (*Page[Line], error) {
	after := 0
	if cursor != "" {
		n, err := strconv.ParseInt(cursor, 10, 32)
		if err != nil || n < 0 {
			return nil, &fault.Problem{Kind: fault.Malformed, Text: fault.Text{FA: "نشانگر صفحه درست نیست", EN: "the cursor is not one of ours"}}
		}
		after = int(n)
	}
	_, most, _ = Query{Most: most}.page()
	page := &Page[Line]{Items: []Line{}}
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		l, err := w.held(ctx, tx, p, id)
		if err != nil {
			return err
		}
		lines, err := tx.LinesAfter(ctx, l.Header.Identity(), l.ID, after, most+1)
		if err != nil {
			return err
		}
		if len(lines) > most {
			lines = lines[:most]
			next := strconv.Itoa(lines[most-1].Line.Row)
			page.Next = &next
		}
		if len(lines) == 0 {
			return nil
		}
		page.Items, err = w.linesOf(ctx, tx, l, lines)
		return err
	})
	return page, err
}

func (w *Window) linesOf(ctx context.Context, tx *store.Tx, l *store.List, lines []payroll.Filed) ([]Line, error) {
	lanes, err := lanesOf(ctx, tx, []*store.List{l})
	if err != nil {
		return nil, err
	}
	d := lanes[l.ID]
	report, err := tx.Findings(ctx, l.Header.Workshop, l.ID)
	if err != nil {
		return nil, err
	}
	var judged struct {
		Faults []fault.Fault `json:"faults"`
	}
	if err := json.Unmarshal(report, &judged); err != nil {
		return nil, fmt.Errorf("flow: the kept findings of a list: %w", err)
	}
	names := make([]string, len(lines))
	for i := range lines {
		names[i] = lines[i].Line.Person()
	}
	figures := map[string]*store.TaxMonthPerson{}
	if d.Tax.id.Owner != "" {
		if figures, err = tx.TaxMonthPersonsOf(ctx, d.Tax.id, names); err != nil {
			return nil, err
		}
	}
	all := make([]Line, len(lines))
	for i := range lines {
		f := &lines[i]
		v := &all[i]
		*v = Line{
			Row: f.Line.Row, Person: names[i], FirstName: f.Line.FirstName, LastName: f.Line.LastName, Held: f.Line.Hold,
			ReceivedAt: l.ReceivedAt.UTC().Format(time.RFC3339Nano),
			SSO:        lineLane(&d.SSO, f, fault.SSO, judged.Faults), Tax: lineLane(&d.Tax, f, fault.Tax, judged.Faults),
		}
		if v.SSO.Addressed {
			premium := f.Assessed.WorkerPremium.Add(f.Assessed.EmployerPremium).Add(f.Assessed.Unemployment)
			v.SSO.Premium = &premium
		}
		if x := figures[names[i]]; x != nil && v.Tax.Addressed {
			v.Tax.Figures = w.figuresOf(l.Header.TaxPeriod, x)
		}
	}
	return all, nil
}

func lineLane(d *LaneView, f *payroll.Filed, of fault.Lane, judged []fault.Fault) LineLane {
	v := LineLane{Addressed: f.Line.Lanes().Has(of), Codes: []string{}, Findings: []Said{}, State: d.State}
	if !v.Addressed {
		v.State = payroll.LaneNotAddressed
		return v
	}
	worst := fault.Severity(0)
	for i := range judged {
		x := &judged[i]
		if !x.Lane.Has(of) || !ofLine(x) || (x.Row != f.Line.Row && !slices.Contains(x.RelatedRows, f.Line.Row)) {
			continue
		}
		worst = max(worst, x.Severity)
		if !slices.Contains(v.Codes, x.Code) {
			v.Codes = append(v.Codes, x.Code)
		}
	}
	if len(v.Codes) > 0 {
		v.Judged = worst.String()
	}
	for _, s := range d.Findings {
		if slices.Contains(s.Rows, f.Line.Row) {
			v.Findings = append(v.Findings, s)
		}
	}
	return v
}

func (w *Window) figuresOf(period jalali.Month, p *store.TaxMonthPerson) *TaxMonthPerson {
	v := personView(p)
	v.Cause = w.causeView(period, p)
	return &v
}

// ofLine tells a finding of a row from one of the list's header, which has rows of its own.
func ofLine(x *fault.Fault) bool {
	if x.Field == "" {
		return x.Row > 0 && !slices.Contains(headerSheets[:], x.Sheet)
	}
	_, ok := payroll.ColumnOf(x.Field)
	return ok && x.Row > 0
}

// headerSheets are what the header's sheet is called, in a workbook and in JSON.
var headerSheets = [...]string{"کارگاه", "workshop"}
