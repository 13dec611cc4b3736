package flow

import (
	"context"
	"errors"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store"
)

// TaxMonth is an employer's tax month: whole to who holds the employer or all its workshops in it; others see the state and
// their own lists' persons.
type TaxMonth struct {
	Employer  payroll.EmployerID `json:"employer_id"`
	FileNo    string             `json:"tax_file_no"`
	Period    jalali.Month       `json:"period"`
	State     payroll.State      `json:"state"` // of the newest version; due before the first
	Version   int                `json:"version"`
	CutAt     *time.Time         `json:"cut_at"` // when a waiting change will be cut; null when nothing waits
	Due       string             `json:"due"`
	Whole     bool               `json:"whole"`
	Versions  []TaxMonthVersion  `json:"versions"`
	Persons   []TaxMonthPerson   `json:"persons"` // of the newest version
	Payments  []payroll.Payment  `json:"payments"`
	Findings  []Said             `json:"findings"`
	Reference string             `json:"reference"`
	// Differences sums by cause what the administration's figures differ by from the estimates, of the persons shown.
	Differences []CauseSum `json:"differences"`
	// Strangers are persons of whom the administration gave a figure and who are not in the version; only where the month is shown whole.
	Strangers []payroll.WorkerTax `json:"strangers"`
	// Contradicted is what the administration said after its decision and against it; null where it did not.
	Contradicted *Contradiction `json:"contradicted"`
}

// TaxMonthVersion is one version; its sums are shown to who sees the whole.
type TaxMonthVersion struct {
	Version     int           `json:"version"`
	State       payroll.State `json:"state"`
	Key         string        `json:"key"`
	Reference   string        `json:"reference"`
	Reason      string        `json:"reason"`
	CutAt       time.Time     `json:"cut_at"`
	Persons     int           `json:"persons"`
	Taxable     rial.Amount   `json:"taxable"`
	TaxEstimate rial.Amount   `json:"tax_estimate"`
}

// TaxMonthPerson is one person: our estimate beside the administration's figure.
type TaxMonthPerson struct {
	Person           string       `json:"person"`
	Taxable          rial.Amount  `json:"taxable"`
	Estimate         *rial.Amount `json:"tax_estimate"` // null where no rule is known
	Tax              *rial.Amount `json:"tax"`          // null before the answer
	Months           *int         `json:"months"`
	SeveralEmployers *bool        `json:"several_employers"`
	Difference       *rial.Amount `json:"difference"` // the administration's less ours
	// Cause is why they differ; null where they do not, and until it is judged.
	Cause *DifferenceCause `json:"cause"`
}

// holdsWhole tells whether a principal may see a tax month whole.
func (w *Window) holdsWhole(ctx context.Context, tx *store.Tx, p access.Principal, id payroll.TaxMonthIdentity) (bool, error) {
	if holds, err := tx.HoldsEmployer(ctx, p.ID, id.Employer, w.now()); err != nil || holds {
		return holds, err
	}
	all, err := tx.WorkshopsOfTaxMonth(ctx, id)
	if err != nil {
		return false, err
	}
	mine, err := w.ofMine(ctx, tx, p, all)
	return len(mine) > 0 && len(mine) == len(all), err
}

func (w *Window) ofMine(ctx context.Context, tx *store.Tx, p access.Principal, codes []payroll.WorkshopCode) (mine []payroll.WorkshopCode, err error) {
	for _, code := range codes {
		switch _, err := tx.WorkshopFor(ctx, code, p.ID, w.now()); {
		case err == nil:
			mine = append(mine, code)
		case !errors.Is(err, store.ErrNotFound):
			return nil, err
		}
	}
	return mine, nil
}

// TaxMonth shows a tax month; an empty file number means the employer's only one. NotFound for one that holds no list of the
// principal's.
func (w *Window) TaxMonth(ctx context.Context, p access.Principal, employer payroll.EmployerID, fileNo string, period jalali.Month) (view *TaxMonth, err error) {
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
		month, mine, err := w.monthOf(ctx, tx, p, employer, fileNo, period)
		if err != nil {
			return err
		}
		whole, err := w.holdsWhole(ctx, tx, p, month.Identity)
		if err != nil {
			return err
		}
		view = &TaxMonth{
			Employer: employer, FileNo: month.Identity.FileNo, Period: period, State: payroll.Due, Version: month.Version, CutAt: month.DueAt, Whole: whole,
			Versions: []TaxMonthVersion{}, Persons: []TaxMonthPerson{}, Payments: []payroll.Payment{}, Findings: []Said{},
			Differences: []CauseSum{}, Strangers: []payroll.WorkerTax{},
		}
		if due, ok := w.Book.TaxDeadline(period); ok {
			view.Due = due.Due.String()
		}
		return w.fillMonth(ctx, tx, view, month, mine)
	})
	return view, err
}

// monthOf finds a tax month in which the principal may act for a workshop, and which those are.
func (w *Window) monthOf(ctx context.Context, tx *store.Tx, p access.Principal, employer payroll.EmployerID, fileNo string, period jalali.Month) (*store.TaxMonth, []payroll.WorkshopCode, error) {
	months, err := tx.TaxMonthsOf(ctx, employer, period)
	if err != nil {
		return nil, nil, err
	}
	for _, month := range months {
		if fileNo != month.Identity.FileNo && (fileNo != "" || len(months) > 1) {
			continue
		}
		all, err := tx.WorkshopsOfTaxMonth(ctx, month.Identity)
		if err != nil {
			return nil, nil, err
		}
		if mine, err := w.ofMine(ctx, tx, p, all); err != nil || len(mine) > 0 {
			return month, mine, err
		}
	}
	return nil, nil, notFound()
}

func (w *Window) fillMonth(ctx context.Context, tx *store.Tx, view *TaxMonth, month *store.TaxMonth, mine []payroll.WorkshopCode) error {
	versions, err := tx.TaxMonthVersions(ctx, month.ID)
	if err != nil || len(versions) == 0 {
		return err
	}
	for _, v := range versions {
		d := &v.Delivery
		shown := TaxMonthVersion{Version: v.Version, State: d.State, Key: d.Key, Reference: d.Reference, Reason: d.Reason, CutAt: v.CutAt, Persons: v.Persons}
		if view.Whole {
			shown.Taxable, shown.TaxEstimate = v.Taxable, v.TaxEstimate
		} else {
			shown.Persons = 0
		}
		view.Versions = append(view.Versions, shown)
	}
	newest := versions[len(versions)-1]
	view.State, view.Reference = newest.Delivery.State, newest.Delivery.Reference
	seen, err := tx.PersonsOfWorkshops(ctx, month.ID, newest.Version, mine)
	if err != nil {
		return err
	}
	persons, err := tx.TaxMonthPersons(ctx, month.ID, newest.Version)
	if err != nil {
		return err
	}
	for i := range persons {
		if p := &persons[i]; view.Whole || seen[p.Person] {
			view.Persons = append(view.Persons, *w.figuresOf(view.Period, p))
		}
	}
	view.Differences = sumCauses(view.Persons)
	return w.fillAnswer(ctx, tx, view, newest.Delivery.DeliveryID, seen)
}

func (w *Window) fillAnswer(ctx context.Context, tx *store.Tx, view *TaxMonth, id store.DeliveryID, seen map[string]bool) error {
	said, err := tx.AnswerFindings(ctx, []store.DeliveryID{id})
	if err != nil {
		return err
	}
	inMonth := make(map[string]bool, len(view.Persons))
	for i := range view.Persons {
		inMonth[view.Persons[i].Person] = true
	}
	contrary, err := tx.Contradictions(ctx, []store.DeliveryID{id})
	if err != nil {
		return err
	}
	view.Contradicted = contradictionOf(contrary, id)
	for _, f := range said[id] {
		if view.Whole || f.Person == "" || seen[f.Person] {
			one := saidOf(f)
			if inMonth[f.Person] {
				one.Who = f.Person
			}
			view.Findings = append(view.Findings, one)
		}
	}
	if !view.Whole {
		return nil
	}
	payments, err := tx.Payments(ctx, []store.DeliveryID{id})
	if err != nil {
		return err
	}
	view.Payments = append(view.Payments, payments[id]...)
	strangers, err := tx.Strangers(ctx, id)
	view.Strangers = append(view.Strangers, strangers...)
	return err
}

func personView(p *store.TaxMonthPerson) TaxMonthPerson {
	v := TaxMonthPerson{Person: p.Person, Taxable: p.Taxable, Estimate: p.Estimate}
	if p.Answer != nil {
		v.Tax, v.Months, v.SeveralEmployers = &p.Answer.Tax, &p.Answer.Months, &p.Answer.SeveralEmployers
		if p.Estimate != nil {
			difference := p.Answer.Tax - *p.Estimate
			v.Difference = &difference
		}
	}
	return v
}

// CutNow cuts a tax month's waiting change at once and shows the month as it stands; where nothing waits it only shows it.
func (w *Window) CutNow(ctx context.Context, p access.Principal, employer payroll.EmployerID, fileNo string, period jalali.Month) (*TaxMonth, error) {
	err := w.Store.Tx(ctx, func(tx *store.Tx) error {
		month, _, err := w.monthOf(ctx, tx, p, employer, fileNo, period)
		if err != nil || month.DueAt == nil {
			return err
		}
		if err := tx.HurryTaxMonth(ctx, month.ID, w.now()); err != nil {
			return err
		}
		if err := w.insert(ctx, tx, cutArgs{TaxMonth: month.ID}, 0, time.Time{}); err != nil {
			return err
		}
		return tx.Append(ctx, store.Event{At: w.now(), Actor: store.ByPrincipal(p.ID), Action: "tax_month.cut_now", Subject: month.ID.String()})
	})
	if err != nil {
		return nil, err
	}
	return w.TaxMonth(ctx, p, employer, fileNo, period)
}
