package flow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store"
)

// Difference is what a list changes against the version whose place it takes, or a draft would take if it were sent now.
type Difference struct {
	List     string               `json:"list"`
	Against  string               `json:"against"`         // the version before; blank where there is none
	Version  int                  `json:"against_version"` // its version
	Code     payroll.TrackingCode `json:"against_tracking_code"`
	Reason   string               `json:"reason"`
	Added    int                  `json:"added"` // persons
	Removed  int                  `json:"removed"`
	Changed  int                  `json:"changed"`
	Persons  []PersonDifference   `json:"persons"` // of the three, the first thousand
	Premium  Effect               `json:"premium_due"`
	Estimate Effect               `json:"tax_estimate"` // of the whole tax month where the reader may see it whole, else of the list
	Month    bool                 `json:"whole_month"`  // that it is the month's
	Left     *LeftMonth           `json:"left_month"`   // the tax month that the version before was paid in, where the list moves to another; null elsewhere
	SSO      FileDifference       `json:"sso"`
	Tax      FileDifference       `json:"tax"`
}

// LeftMonth is a tax month that loses the list.
type LeftMonth struct {
	Period   jalali.Month `json:"period"`
	Estimate Effect       `json:"tax_estimate"`
}

// Effect is an amount as it stands and as it will.
type Effect struct {
	Before rial.Amount `json:"before"`
	After  rial.Amount `json:"after"`
}

// PersonDifference is one person who came, went, or stands otherwise.
type PersonDifference struct {
	Person    string            `json:"person"`
	What      string            `json:"what"` // added, removed, changed
	Fields    []FieldDifference `json:"fields"`
	Insurable Effect            `json:"insurable"`
	Premium   Effect            `json:"premium"` // all shares
	Taxable   Effect            `json:"taxable"`
	Estimate  Effect            `json:"tax_estimate"` // in this list alone; 0 where there is none
}

// FieldDifference is a value that stands otherwise, by the list's key.
type FieldDifference struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// FileDifference is what an organisation's files come to. Equal files are not sent again.
type FileDifference struct {
	Addressed bool     `json:"addressed"`
	Equal     bool     `json:"equal"`
	Changed   []string `json:"changed"` // files that are new, gone or otherwise
}

// shownPersons bounds the persons of a difference.
const shownPersons = 1000

// Difference shows what a list changes, before it is sent or after.
func (w *Window) Difference(ctx context.Context, p access.Principal, id string) (*Difference, error) {
	var c comparison
	err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if c.after, err = w.held(ctx, tx, p, id); err != nil {
			return err
		}
		c.before, err = versionBefore(ctx, tx, c.after)
		return err
	})
	if err != nil {
		return nil, err
	}
	if c.workers() > largeList {
		if !w.large.TryLock() {
			return nil, &fault.Problem{Kind: fault.Busy, RetryAfter: 10}
		}
		defer w.large.Unlock()
	}
	err = w.Store.Read(ctx, func(tx *store.Tx) error { return w.compare(ctx, tx, p, &c) })
	return &c.told, err
}

// versionBefore is the version that a list took the place of, or, of a list that was not sent, the one in force; nil where there is none.
func versionBefore(ctx context.Context, tx *store.Tx, l *store.List) (*store.List, error) {
	if l.Version > 0 {
		before, err := tx.ReplacedBy(ctx, l.Header.Workshop, l.ID)
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		return before, err
	}
	inForce, err := tx.InForce(ctx, l.Header.Identity())
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return tx.List(ctx, l.Header.Workshop, inForce.ID)
}

// comparison is two versions side by side; before may be nil.
type comparison struct {
	before, after *store.List
	told          Difference
}

func (c *comparison) workers() int {
	if c.before == nil {
		return c.after.Workers
	}
	return c.before.Workers + c.after.Workers
}

func (w *Window) compare(ctx context.Context, tx *store.Tx, p access.Principal, c *comparison) error {
	d := &c.told
	d.List, d.Reason, d.Persons = c.after.ID.String(), c.after.Header.Reason, []PersonDifference{}
	d.Premium.After, d.Estimate.After = c.after.Totals.PremiumDue, c.after.Totals.TaxEstimate
	if c.before != nil {
		d.Against, d.Version, d.Code = c.before.ID.String(), c.before.Version, c.before.TrackingCode
		d.Premium.Before, d.Estimate.Before = c.before.Totals.PremiumDue, c.before.Totals.TaxEstimate
	}
	if err := c.persons(ctx, tx); err != nil {
		return err
	}
	if err := w.compareSSO(ctx, tx, c); err != nil {
		return err
	}
	return w.compareTax(ctx, tx, p, c)
}

// persons compares the lines person by person. Of a line only a digest is held until it is known which differ.
func (c *comparison) persons(ctx context.Context, tx *store.Tx) error {
	each := func(l *store.List, do func(*payroll.Filed)) error {
		if l == nil {
			return nil
		}
		return tx.EachLine(ctx, l.Header.Identity(), l.ID, func(f *payroll.Filed) error {
			do(f)
			return nil
		})
	}
	d := &c.told
	was := map[string][sha256.Size]byte{}
	if err := each(c.before, func(f *payroll.Filed) { was[f.Line.Person()] = lineDigest(f) }); err != nil {
		return err
	}
	at := map[string]int{} // of a person among those shown
	show := func(person, what string, count *int) *PersonDifference {
		if *count++; len(d.Persons) == shownPersons {
			return nil
		}
		at[person] = len(d.Persons)
		d.Persons = append(d.Persons, PersonDifference{Person: person, What: what, Fields: []FieldDifference{}})
		return &d.Persons[at[person]]
	}
	lines := map[string]*payroll.Line{} // as they will stand, of persons shown as changed
	err := each(c.after, func(f *payroll.Filed) {
		person := f.Line.Person()
		old, there := was[person]
		delete(was, person)
		var x *PersonDifference
		switch {
		case !there:
			x = show(person, "added", &d.Added)
		case old == lineDigest(f):
			return
		default:
			if x = show(person, "changed", &d.Changed); x != nil {
				line := f.Line
				lines[person] = &line
			}
		}
		if x != nil {
			x.Insurable.After, x.Premium.After = f.Assessed.Insurable, premiumOf(&f.Assessed)
			x.Taxable.After, x.Estimate.After = f.Assessed.Taxable, estimateOf(&f.Assessed)
		}
	})
	if err != nil || d.Changed == 0 && len(was) == 0 {
		return err
	}
	return each(c.before, func(f *payroll.Filed) {
		person := f.Line.Person()
		if _, gone := was[person]; gone {
			show(person, "removed", &d.Removed)
		}
		i, shown := at[person]
		if !shown {
			return
		}
		x := &d.Persons[i]
		x.Insurable.Before, x.Premium.Before = f.Assessed.Insurable, premiumOf(&f.Assessed)
		x.Taxable.Before, x.Estimate.Before = f.Assessed.Taxable, estimateOf(&f.Assessed)
		if now := lines[person]; now != nil {
			x.Fields = append(x.Fields, fieldsOf(&f.Line, now)...)
		}
	})
}

func premiumOf(a *payroll.Assessed) rial.Amount {
	return a.WorkerPremium.Add(a.EmployerPremium).Add(a.Unemployment)
}

func estimateOf(a *payroll.Assessed) rial.Amount {
	if a.NoEstimate {
		return 0
	}
	return a.TaxEstimate
}

func lineDigest(f *payroll.Filed) [sha256.Size]byte {
	var b []byte
	for id := range payroll.ColumnCount {
		if compared(id) {
			b = append(append(b, textOf(id, &f.Line)...), 0)
		}
	}
	for _, n := range []rial.Amount{f.Assessed.Insurable, premiumOf(&f.Assessed), f.Assessed.Taxable, estimateOf(&f.Assessed)} {
		b = append(strconv.AppendInt(b, int64(n), 10), 0)
	}
	return sha256.Sum256(b)
}

// compared leaves out what says nothing of the person: his place in the sheet, and the word that changed him.
func compared(id payroll.ColumnID) bool { return id != payroll.ColRow && id != payroll.ColAction }

func fieldsOf(before, after *payroll.Line) (fields []FieldDifference) {
	for id := range payroll.ColumnCount {
		if was, now := textOf(id, before), textOf(id, after); compared(id) && was != now {
			fields = append(fields, FieldDifference{Field: id.Info().Key, Before: was, After: now})
		}
	}
	return fields
}

// textOf is a cell as the list's own codes and digits write it; nothing and zero are one.
func textOf(id payroll.ColumnID, l *payroll.Line) string {
	switch v := id.Info().Field(l).(type) {
	case *string:
		return *v
	case *rial.Amount:
		if *v != 0 {
			return strconv.FormatInt(int64(*v), 10)
		}
	case *int:
		if *v != 0 {
			return strconv.Itoa(*v)
		}
	case *jalali.Date:
		if !v.IsZero() {
			return v.String()
		}
	case *bool:
		if *v {
			return "true"
		}
	case *fault.Lane:
		return v.String()
	}
	return ""
}

func (w *Window) compareSSO(ctx context.Context, tx *store.Tx, c *comparison) error {
	d := &c.told.SSO
	d.Changed, d.Addressed = []string{}, c.after.Verdicts.SSO.Passes()
	if !d.Addressed {
		return nil
	}
	after, err := w.ssoParcel(ctx, tx, c.after)
	if err != nil {
		return err
	}
	before := &store.Parcel{}
	if c.before != nil && c.before.SubmittedSSO != nil {
		if before, err = w.ssoParcel(ctx, tx, c.before); err != nil {
			return err
		}
	}
	return d.of(before, after)
}

// ssoParcel is what of a list went to the SSO, or would go.
func (w *Window) ssoParcel(ctx context.Context, tx *store.Tx, l *store.List) (*store.Parcel, error) {
	if l.SubmittedSSO != nil {
		all, err := tx.SSODeliveries(ctx, []*store.List{l})
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			if p, err := tx.Parcel(ctx, d.DeliveryID); !errors.Is(err, store.ErrNotFound) {
				return p, err
			}
		}
	}
	p, err := w.encodeList(ctx, tx, l)
	if errors.Is(err, errFiles) {
		return &store.Parcel{}, nil
	}
	return p, err
}

// compareTax sums the tax month with either version. Who does not see the month whole is told of his list's own estimate.
func (w *Window) compareTax(ctx context.Context, tx *store.Tx, p access.Principal, c *comparison) error {
	d := &c.told.Tax
	d.Changed, d.Addressed = []string{}, c.after.Verdicts.Tax.Passes()
	id := c.after.Header.TaxMonth()
	whole, err := w.holdsWhole(ctx, tx, p, id)
	if err != nil || !whole || !d.Addressed {
		return err
	}
	lists, err := tx.ListsOfTaxMonth(ctx, id)
	if err != nil {
		return err
	}
	lists = slices.DeleteFunc(lists, func(l *store.List) bool { return l.Header.Identity() == c.after.Header.Identity() })
	before, wasDue, err := w.monthWith(ctx, tx, id, lists, c.before)
	if err != nil {
		return err
	}
	after, due, err := w.monthWith(ctx, tx, id, lists, c.after)
	if err != nil {
		return err
	}
	c.told.Month, c.told.Estimate = true, Effect{Before: wasDue, After: due}
	if err := d.of(before, after); err != nil {
		return err
	}
	return w.compareLeft(ctx, tx, p, c)
}

// compareLeft sums the tax month that the list leaves, with the version before and without it.
func (w *Window) compareLeft(ctx context.Context, tx *store.Tx, p access.Principal, c *comparison) error {
	if c.before == nil || c.before.SubmittedTax == nil || c.before.Header.TaxMonth() == c.after.Header.TaxMonth() {
		return nil
	}
	id := c.before.Header.TaxMonth()
	whole, err := w.holdsWhole(ctx, tx, p, id)
	if err != nil || !whole {
		return err
	}
	others, err := tx.ListsOfTaxMonth(ctx, id)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(l *store.List) bool { return l.Header.Identity() == c.before.Header.Identity() })
	left := &LeftMonth{Period: id.Period}
	if _, left.Estimate.Before, err = w.monthWith(ctx, tx, id, others, c.before); err != nil {
		return err
	}
	if _, left.Estimate.After, err = w.monthWith(ctx, tx, id, others, nil); err != nil {
		return err
	}
	c.told.Left = left
	return nil
}

func (w *Window) monthWith(ctx context.Context, tx *store.Tx, id payroll.TaxMonthIdentity, others []*store.List, l *store.List) (*store.Parcel, rial.Amount, error) {
	cut := monthCut{month: &store.TaxMonth{Identity: id}, lists: slices.Clone(others)}
	if l != nil && l.Header.TaxMonth() == id && l.Verdicts.Tax.Passes() {
		cut.lists = append(cut.lists, l)
	}
	if len(cut.lists) == 0 {
		return &store.Parcel{}, 0, nil
	}
	// As the lists were submitted; a draft would be the last.
	slices.SortStableFunc(cut.lists, func(a, b *store.List) int { return submittedAt(a).Compare(submittedAt(b)) })
	year, err := earlierMonths(ctx, tx, id)
	if err != nil {
		return nil, 0, err
	}
	if err := w.sum(ctx, tx, &cut, year); err != nil {
		return nil, 0, err
	}
	var due rial.Amount
	for i := range cut.made.Persons {
		due = due.Add(estimateOf(&cut.made.Persons[i].Assessed))
	}
	parcel, err := w.encode(fault.Tax, agency.Parcel{Month: &cut.made})
	if errors.Is(err, errFiles) || errors.Is(err, agency.ErrNoFile) {
		return &store.Parcel{}, due, nil
	}
	return parcel, due, err
}

func submittedAt(l *store.List) time.Time {
	if l.SubmittedTax != nil {
		return *l.SubmittedTax
	}
	return l.ReceivedAt
}

func (d *FileDifference) of(before, after *store.Parcel) error {
	if d.Equal = before.Digest != nil && bytes.Equal(before.Digest, after.Digest); d.Equal {
		return nil
	}
	was, err := contents(before)
	if err != nil {
		return err
	}
	now, err := contents(after)
	if err != nil {
		return err
	}
	for name, b := range now {
		if !bytes.Equal(was[name], b) {
			d.Changed = append(d.Changed, name)
		}
		delete(was, name)
	}
	for name := range was {
		d.Changed = append(d.Changed, name)
	}
	slices.Sort(d.Changed)
	return nil
}

func contents(p *store.Parcel) (map[string][]byte, error) {
	files := map[string][]byte{}
	if len(p.Bytes) == 0 {
		return files, nil
	}
	all, err := unpack(nil, 0, p.Bytes)
	if err != nil {
		return nil, fmt.Errorf("flow: difference: %w", err)
	}
	for _, f := range all {
		if !strings.HasSuffix(f.Name, ".zip") {
			files[f.Name] = f.Bytes
		}
	}
	return files, nil
}
