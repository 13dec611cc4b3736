package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fehrest/internal/agency/sso"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// history is what the store tells of a list's workshop and persons while it is judged. What may change before the list is
// kept, and would change a verdict, is looked at again under the lock.
type history struct {
	s      *submission
	ctx    context.Context //nolint:containedctx // it lives as long as one reading
	header *payroll.Header
	known  rule.History

	own     []uuid.UUID // lists of the identity
	others  []uuid.UUID // the workshop's other lists of the month at the SSO (DAYS-05)
	persons []string    // of the list, once it is read
	slip    string      // collected, of the identity (LIST-11)
	past    bool        // the tax month was filed outside the window before, and nothing of it took its place
	imprint *sso.Imprint
	err     error // of a question put while judging
}

// recall gathers what the registers hold before the list's lines are read.
func (s *submission) recallHistory(ctx context.Context, tx *store.Tx, h *payroll.Header) (*history, error) {
	p := &history{s: s, ctx: ctx, header: h}
	p.known.Ask = p.ask
	id := h.Identity()
	around, err := tx.ListsAround(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range around {
		if around[i].Identity == id {
			p.own = append(p.own, around[i].ID)
		}
	}
	if p.known.NoListBefore, err = noListBefore(ctx, tx, id, around); err != nil {
		return nil, err
	}
	if err := p.recallPast(tx, id, around); err != nil {
		return nil, err
	}
	if err := p.recallMonth(tx, id, around); err != nil {
		return nil, err
	}
	if h.Employer != "" && !h.TaxPeriod.IsZero() {
		month, err := tx.PastMonth(ctx, h.TaxMonth())
		if err != nil {
			return nil, err
		}
		p.past = month.Persons > 0 && month.ReplacedAt == nil
	}
	if replaces(h) {
		if p.slip, err = tx.CollectedSlip(ctx, id); err != nil {
			return nil, err
		}
		if a, ok := s.w.SSO.Agency.(sso.Agency); ok && p.slip != "" {
			p.imprint, p.known.Collected = a.NewImprint(h), p.collected
		}
	}
	return p, nil
}

// noListBefore is LIST-05: nothing came of the contract row. One that never had a list may begin in this month, beside others
// of a workshop whose lists did come.
func noListBefore(ctx context.Context, tx *store.Tx, id payroll.Identity, around []store.Around) (bool, error) {
	came := false
	for i := range around {
		if l := &around[i].Identity; l.Period != id.Period {
			if came = true; l.ContractRow == id.ContractRow {
				return false, nil
			}
		}
	}
	if !came {
		return true, nil
	}
	return tx.ListedBefore(ctx, id)
}

// recallPast takes the month before: who stood in the contract row's lists. The list that this one follows has its number;
// where none has, it follows them all.
func (p *history) recallPast(tx *store.Tx, id payroll.Identity, around []store.Around) error {
	var follows, beside []*store.Around
	for i := range around {
		l := &around[i]
		switch {
		case l.Identity.Period == id.Period, l.Identity.ContractRow != id.ContractRow, !l.InForce:
		case sameNumber(l.Identity.ListNo, id.ListNo):
			follows = append(follows, l)
		default:
			beside = append(beside, l)
		}
	}
	if len(follows) == 0 {
		follows, beside = beside, nil
	}
	add := func(lists []*store.Around, expected bool) error {
		return tx.EachPastLineOf(p.ctx, lists, func(l *store.PastLine) {
			p.known.AddPast(l.Person, rule.Past{Row: l.Row, DailyWage: l.DailyWage, EndDate: l.EndDate, Expected: expected}, l.Name)
		})
	}
	if err := add(follows, true); err != nil {
		return err
	}
	return add(beside, false)
}

// recallMonth takes the workshop's other lists of the month, each as the SSO has it.
func (p *history) recallMonth(tx *store.Tx, id payroll.Identity, around []store.Around) error {
	var insured, taxOnly []*store.Around
	for _, list := range othersOfMonth(id, around) {
		if !list.Insured {
			taxOnly = append(taxOnly, list)
			continue
		}
		insured = append(insured, list)
		if list.ID != uuid.Nil {
			p.others = append(p.others, list.ID)
		}
	}
	err := tx.EachPastLineOf(p.ctx, insured, func(l *store.PastLine) {
		p.known.AddSameMonth(l.Person, rule.SameMonth{Rows: 1, Days: l.Days, Insurable: l.Insurable})
	})
	if err != nil {
		return err
	}
	return tx.EachPastLineOf(p.ctx, taxOnly, func(l *store.PastLine) { p.known.AddSameMonth(l.Person, rule.SameMonth{Rows: 1}) })
}

// othersOfMonth picks the month's lists of other identities: the newest version that the SSO got, else the one in force.
func othersOfMonth(id payroll.Identity, around []store.Around) (lists []*store.Around) {
	for i := range around {
		l := &around[i]
		if l.Identity.Period != id.Period || l.Identity == id || !l.Insured && !l.InForce {
			continue
		}
		last := len(lists) - 1
		switch {
		case last < 0 || lists[last].Identity != l.Identity:
			lists = append(lists, l)
		case l.Insured || !lists[last].Insured:
			lists[last] = l
		}
	}
	return lists
}

// added tells, beside the year before, what the workshop's other lists of the month hold of a person: a supplementary list adds to it.
func (p *history) added(year func(string) rule.Earlier) func(string) rule.Earlier {
	return func(person string) rule.Earlier {
		e := year(person)
		if k, ok := payroll.KeyOfPerson(person); ok {
			m := p.known.SameMonth(k)
			e.InsuredDays, e.Insurable = m.Days, m.Insurable
		}
		return e
	}
}

// add takes a line for what is compared at the end.
func (p *history) add(l *payroll.Line, a *payroll.Assessed) {
	if p != nil && p.imprint != nil {
		p.imprint.Add(&payroll.Filed{Line: *l, Assessed: *a})
	}
}

// collected is the slip that was collected of the list to be replaced, if the SSO's files differ from those it has.
func (p *history) collected() string {
	differs := false
	p.read(p.s.w.Store.Read, func(tx *store.Tx) error {
		old, err := tx.StandingAtSSO(p.ctx, p.header.Identity(), p.s.place.owner(p.s.id))
		if err != nil {
			return err
		}
		there := p.s.w.SSO.Agency.(sso.Agency).NewImprint(&old.Header)
		err = tx.EachLine(p.ctx, old.Header.Identity(), old.ID, func(f *payroll.Filed) error {
			there.Add(f)
			return nil
		})
		differs = !there.Equal(p.imprint)
		return err
	})
	if !differs {
		return ""
	}
	return p.slip
}

// read asks the store while the list is judged. The first failure ends the questions, and the upload once the list is read.
func (p *history) read(with func(context.Context, func(*store.Tx) error) error, do func(*store.Tx) error) {
	if p.err == nil {
		p.err = with(p.ctx, do)
	}
}

// ask tells what stands of persons in lists beside the workshop's own. Of another list of the tax month it says where it is
// only to a sender who acts for its workshop too; of other workshops' days only how many they are.
func (p *history) ask(persons []string, tell func(*rule.Elsewhere)) {
	p.persons = append(p.persons, persons...)
	var found store.Elsewhere
	var past []store.PastCodesIn
	p.read(p.s.w.Store.Lookup, func(tx *store.Tx) (err error) {
		if found, err = tx.Elsewhere(p.ctx, p.header, p.own, persons, p.s.u.Principal.ID, p.s.at); err == nil && p.past {
			past, err = tx.PastCodes(p.ctx, p.header, persons, p.s.u.Principal.ID, p.s.at)
		}
		return err
	})
	for i := range found.Told {
		t := &found.Told[i]
		tell(&rule.Elsewhere{Person: t.Person, Identity: &rule.Identity{FirstName: t.FirstName, LastName: t.LastName, FatherName: t.FatherName, BirthDate: t.BirthDate}})
	}
	for person, days := range found.Days {
		tell(&rule.Elsewhere{Person: person, Days: days})
	}
	// Of several lists the first that contradicts is named, always the same one.
	slices.SortFunc(found.Codes, func(a, b store.CodesIn) int { return strings.Compare(a.List.Key(0), b.List.Key(0)) })
	for i := range found.Codes {
		c := &found.Codes[i]
		other := otherCodes(c)
		if l := &c.List; c.MaySee {
			other.FA = fmt.Sprintf(" (کارگاه %s، ردیف پیمان %s، شماره لیست %s، ردیف %d)", l.Workshop, l.ContractRow, l.ListNo, c.Row)
			other.EN = fmt.Sprintf(" (workshop %s, contract row %s, list %s, row %d)", l.Workshop, l.ContractRow, l.ListNo, c.Row)
		}
		tell(&rule.Elsewhere{Person: c.Person, Codes: other})
	}
	p.tellPast(past, tell)
}

func otherCodes(c *store.CodesIn) *rule.OtherCodes {
	return &rule.OtherCodes{PlaceStatus: c.PlaceStatus, BudgetException: c.BudgetException, HousingUse: c.HousingUse, CarUse: c.CarUse}
}

// tellPast tells what the month says of persons as it was filed outside the window. Where WP and WH alone were imported no one knows
// which list a person stood in: a list that may be that one corrects it and does not contradict it; a supplementary one adds to it.
func (p *history) tellPast(past []store.PastCodesIn, tell func(*rule.Elsewhere)) {
	for i := range past {
		c := &past[i].CodesIn
		l := &c.List
		if l.Workshop == "" && (past[i].Listed || !p.header.Adds()) {
			continue
		}
		other := otherCodes(c)
		other.FA, other.EN = " (ماه چنان که پیش‌تر بیرون از این پنجره فرستاده شد)", " (the month as it was filed outside this window before)"
		if l.Workshop != "" && c.MaySee {
			other.FA = fmt.Sprintf(" (ماه چنان که پیش‌تر بیرون از این پنجره فرستاده شد: کارگاه %s، ردیف پیمان %s، شماره لیست %s، ردیف %d)", l.Workshop, l.ContractRow, l.ListNo, c.Row)
			other.EN = fmt.Sprintf(" (the month as it was filed outside this window before: workshop %s, contract row %s, list %s, row %d)", l.Workshop, l.ContractRow, l.ListNo, c.Row)
		}
		tell(&rule.Elsewhere{Person: c.Person, Codes: other})
	}
}

// movedOn tells, under the month's lock, whether the list is to be judged again: another of the workshop's lists brought or
// took away days of its persons, or a slip was collected meanwhile. What two lists of one tax month say differently when
// neither could see the other is found when the month is cut. HIST-04 of another workshop's list that comes at the same moment is
// not looked at: this workshop's lock does not keep it from coming, and a lock across workshops is one that all lists would wait for.
func (p *history) movedOn(ctx context.Context, tx *store.Tx) (bool, error) {
	if p == nil || !p.s.asked().Has(fault.SSO) {
		return false, nil
	}
	id := p.header.Identity()
	if replaces(p.header) {
		if slip, err := tx.CollectedSlip(ctx, id); err != nil || slip != p.slip {
			return err == nil, err
		}
	}
	around, err := tx.ListsAround(ctx, id)
	if err != nil {
		return false, err
	}
	var now, came []uuid.UUID
	for _, l := range othersOfMonth(id, around) {
		if l.Insured && l.ID != uuid.Nil {
			now = append(now, l.ID)
			if !slices.Contains(p.others, l.ID) {
				came = append(came, l.ID)
			}
		}
	}
	if len(now)-len(came) < len(p.others) && (p.header.Adds() || p.s.result.Findings.Has("DAYS-05")) {
		return true, nil // one of those counted is gone
	}
	if len(came) == 0 {
		return false, nil
	}
	return tx.PersonsInLists(ctx, id.Period, came, p.persons)
}
