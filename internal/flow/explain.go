package flow

import (
	"context"
	"fmt"
	"math"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// explainArgs name an answered tax month of which it is to be found why figures differ.
type explainArgs struct {
	Owner    string    `json:"owner" river:"unique"`
	Delivery uuid.UUID `json:"delivery" river:"unique"`
}

// Kind names the job that finds why the administration's figures differ from the estimates.
func (explainArgs) Kind() string { return "explain_differences" }

// explainWorker judges some persons at a time, each time in a transaction of its own, so that a large month needs no long job.
type explainWorker struct {
	river.WorkerDefaults[explainArgs]
	w *Window
}

const (
	explainMost = 500
	explainFor  = 5 * time.Second // then the job gives way and goes on later
)

// Work goes on where it was left: who is judged is not looked at again.
func (x *explainWorker) Work(ctx context.Context, job *river.Job[explainArgs]) error {
	began := x.w.now()
	var judge rule.Explainer
	for after, more := "", true; more; {
		var err error
		if after, more, err = x.w.explain(ctx, &judge, store.DeliveryID{Owner: job.Args.Owner, ID: job.Args.Delivery}, after); err != nil {
			return fmt.Errorf("flow: explain differences of %s: %w", job.Args.Delivery, err)
		}
		if more && x.w.now().Sub(began) > explainFor {
			return river.JobSnooze(0)
		}
	}
	return nil
}

// explain judges the next persons of an answered tax month behind the one named, and tells the last of them and whether there may be
// more.
func (w *Window) explain(ctx context.Context, judge *rule.Explainer, of store.DeliveryID, after string) (last string, more bool, err error) {
	err = w.Store.Tx(ctx, func(tx *store.Tx) error {
		id, err := uuid.Parse(of.Owner)
		if err != nil {
			return err
		}
		month, err := tx.TaxMonth(ctx, id)
		if err != nil {
			return err
		}
		d, err := tx.Delivery(ctx, of)
		if err != nil {
			return err
		}
		found, err := tx.Unjudged(ctx, id, d, after, explainMost)
		if err != nil || len(found) == 0 {
			return err
		}
		last, more = found[len(found)-1].Person, len(found) == explainMost
		years, err := w.yearsOf(ctx, tx, month, d, found)
		if err != nil {
			return err
		}
		for i := range found {
			p := &found[i]
			y, differs := years[p.Person]
			if !differs {
				continue
			}
			x := judge.Explain(y, *p.Estimate, p.WorkerTax)
			if x.Cause == rule.NoDifference {
				x.Cause = rule.UnknownCause // his rows are not at hand
			}
			p.Found = store.Explained{Cause: string(x.Cause), Proved: x.Proved, Readings: x.Readings, Months: x.Months}
		}
		return tx.Explain(ctx, of, found)
	})
	return last, more, err
}

// yearsOf gathers what was filed in the year of the persons whose figures differ, up to the answered version of the tax month.
func (w *Window) yearsOf(ctx context.Context, tx *store.Tx, month *store.TaxMonth, d *store.Delivery, found []store.Unjudged) (map[string]*rule.PersonYear, error) {
	var persons []string
	years := map[string]*rule.PersonYear{}
	for i := range found {
		if p := &found[i]; p.Estimate != nil && *p.Estimate != p.Tax {
			persons = append(persons, p.Person)
			years[p.Person] = &rule.PersonYear{}
		}
	}
	if len(persons) == 0 {
		return years, nil
	}
	past, err := tx.PastInYear(ctx, month.Identity, persons)
	if err != nil {
		return nil, err
	}
	for person, e := range past {
		years[person].Before = rule.Earlier{Months: e.Months, Taxable: e.Taxable, Tax: e.Tax, Eidi: e.Eidi, NonCash: e.NonCash}
	}
	lists, err := tx.ListsOfYear(ctx, month.Identity, d.Version)
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		params, ok := w.Book.On(l.Month)
		if !ok {
			continue
		}
		at := payroll.TaxMonthIdentity{Employer: month.Identity.Employer, FileNo: month.Identity.FileNo, Period: l.Month}
		err := tx.EachLineOf(ctx, l.Identity, l.ID, persons, func(f *payroll.Filed) error {
			addFiled(years[f.Line.Person()], rule.FiledMonth{Identity: at, Law: params}, l.Identity, f)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return years, nil
}

// addFiled adds a row to a person's year. Lists come by month, and all rows of one after each other.
func addFiled(y *rule.PersonYear, month rule.FiledMonth, list payroll.Identity, f *payroll.Filed) {
	if y == nil {
		return
	}
	if n := len(y.Months); n == 0 || y.Months[n-1].Identity != month.Identity {
		y.Months = append(y.Months, month)
	}
	m := &y.Months[len(y.Months)-1]
	if n := len(m.Lists); n == 0 || m.Lists[n-1].Header.Identity() != list {
		m.Lists = append(m.Lists, payroll.FiledList{Header: payroll.Header{
			Workshop: list.Workshop, ContractRow: list.ContractRow, Period: list.Period, ListNo: list.ListNo, TaxPeriod: month.Identity.Period,
		}})
	}
	l := &m.Lists[len(m.Lists)-1]
	l.Lines = append(l.Lines, *f)
}

// DifferenceCause is why the administration's figure of a person differs from the estimate.
type DifferenceCause struct {
	Cause rule.Cause `json:"cause"`
	// Proved says that by this cause the window's figure is the administration's to the rial.
	Proved bool `json:"proved"`
	// Readings are, of a disputed parameter, the parameters of the law book by whose other values the figure is met, those of one
	// reading joined by +; of several readings each gives the figure.
	Readings []string   `json:"readings"`
	Text     fault.Text `json:"text"`
}

// CauseSum is what differs for one cause in a month.
type CauseSum struct {
	Cause   rule.Cause  `json:"cause"` // empty for what is not judged yet
	Persons int         `json:"persons"`
	Proved  int         `json:"proved"` // of them
	Amount  rial.Amount `json:"amount"` // rials, the administration's less ours
}

func (w *Window) causeView(period jalali.Month, p *store.TaxMonthPerson) *DifferenceCause {
	if p.Found == nil || p.Found.Cause == "" || p.Answer == nil || p.Estimate == nil {
		return nil
	}
	d := rule.Difference{Cause: rule.Cause(p.Found.Cause), Proved: p.Found.Proved, Readings: p.Found.Readings, Months: p.Found.Months}
	v := &DifferenceCause{Cause: d.Cause, Proved: d.Proved, Readings: append([]string{}, d.Readings...)}
	if params, ok := w.Book.On(period); ok {
		v.Text = d.Text(params, *p.Estimate, *p.Answer)
	}
	return v
}

// sumCauses sums the persons' differences by cause, in the order of the causes.
func sumCauses(persons []TaxMonthPerson) []CauseSum {
	sums := []CauseSum{
		{Cause: rule.OtherMonths}, {Cause: rule.SeveralEmployers}, {Cause: rule.DisputedParameter}, {Cause: rule.UnknownCause}, {Cause: rule.NoDifference},
	}
	for i := range persons {
		p := &persons[i]
		if p.Difference == nil || *p.Difference == 0 {
			continue
		}
		at := &sums[len(sums)-1]
		for j := range sums {
			if p.Cause != nil && sums[j].Cause == p.Cause.Cause {
				at = &sums[j]
			}
		}
		at.Persons++
		at.Amount = within(at.Amount, *p.Difference)
		if p.Cause != nil && p.Cause.Proved {
			at.Proved++
		}
	}
	kept := []CauseSum{}
	for _, s := range sums {
		if s.Persons > 0 {
			kept = append(kept, s)
		}
	}
	return kept
}

// within adds a difference; a sum that would leave 64 bits stays at the last amount: no one owes that much, whatever was said.
func within(sum, d rial.Amount) rial.Amount {
	switch {
	case d > 0 && sum > math.MaxInt64-d:
		return math.MaxInt64
	case d < 0 && sum < math.MinInt64-d:
		return math.MinInt64
	}
	return sum + d
}
