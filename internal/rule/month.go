package rule

import (
	"cmp"
	"fmt"
	"slices"

	"fehrest/internal/fault"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Month sums an employer's tax month by the law in force in it; see Assessor.Month. earlier may be nil: the ytd_ columns only.
// It fails where no law file governs the month.
func Month(book *law.Book, id payroll.TaxMonthIdentity, lists []payroll.FiledList, earlier func(person string) Earlier) (payroll.TaxMonth, []Contradiction, error) {
	p, ok := book.On(id.Period)
	if !ok {
		return payroll.TaxMonth{}, nil, fmt.Errorf("rule: tax month: no law file governs %s", id.Period)
	}
	a := Assessor{TaxLaw: p, Earlier: earlier}
	month, contradictions := a.Month(id, lists)
	return month, contradictions, nil
}

// Contradiction is a code of one person that two rows of a tax month give differently (TAX-07). The later row's is taken.
type Contradiction struct {
	Person        string
	Column        payroll.ColumnID
	First, Second Standing
}

// Standing is where a code stands and what it says; a blank code is the default, 1.
type Standing struct {
	List  payroll.Identity
	Row   int
	Value string
}

// Month sums the lists of an employer's tax month: one person a national or foreigner code, in the order of first
// appearance over lists ordered by workshop, contract row and list number. lists stand in the order they were submitted
// (offline by file name), and a person's identity and codes are those of the last one that names him. A person whose rows
// all go elsewhere is not in it, but rows that go to the SSO only count in the premium of one who is. Identity.Period
// chooses leavers; Law and Header are not read.
func (a *Assessor) Month(id payroll.TaxMonthIdentity, lists []payroll.FiledList) (payroll.TaxMonth, []Contradiction) {
	ids, workers := make([]payroll.Identity, len(lists)), 0
	for i := range lists {
		ids[i] = lists[i].Header.Identity()
		workers += len(lists[i].Lines)
	}
	// Lines at hand cannot fail.
	month, contradictions, _ := a.MonthOf(id, ids, workers, func(i int, each func(*payroll.Filed) error) error {
		for j := range lists[i].Lines {
			_ = each(&lists[i].Lines[j])
		}
		return nil
	})
	return month, contradictions
}

// MonthOf is Month of lists that are not held: lines gives each of those of the list at an index, and is asked for every list once. Of
// a line only the strings are kept; each never fails. workers is about how many there are in all. The error
// is that of lines.
func (a *Assessor) MonthOf(
	id payroll.TaxMonthIdentity, lists []payroll.Identity, workers int, lines func(list int, each func(*payroll.Filed) error) error,
) (payroll.TaxMonth, []Contradiction, error) {
	m := tally{
		assessor: a, plan: a.prepare(), id: id, at: make(map[string]int, workers),
		persons: make([]payroll.TaxPerson, 0, workers), people: make([]payee, 0, workers),
	}
	order := make([]int, len(lists))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		h, g := &lists[x], &lists[y]
		return cmp.Or(cmp.Compare(h.Workshop, g.Workshop), cmp.Compare(h.ContractRow, g.ContractRow), compareListNo(h.ListNo, g.ListNo))
	})
	for _, i := range order {
		err := lines(i, func(f *payroll.Filed) error {
			switch lanes := f.Line.Lanes(); {
			case lanes.Has(fault.Tax):
				m.add(lists[i], i, f)
			case lanes == fault.SSO:
				m.elsewhere = append(m.elsewhere, premium{f.Line.Person(), f.Assessed.WorkerPremium})
			}
			return nil
		})
		if err != nil {
			return payroll.TaxMonth{}, nil, err
		}
	}
	m.insured()
	m.finish()
	return payroll.TaxMonth{Identity: id, Persons: m.persons}, m.contradictions, nil
}

// compareListNo orders list numbers as numbers: they are digits, padded to two only.
func compareListNo(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

type tally struct {
	assessor       *Assessor
	plan           *plan
	id             payroll.TaxMonthIdentity
	at             map[string]int
	persons        []payroll.TaxPerson
	people         []payee   // beside them
	elsewhere      []premium // of rows that go to the SSO only
	contradictions []Contradiction
}

type premium struct {
	person string
	amount rial.Amount
}

// payee is what is known of one person of the month beside his sums, while his rows are summed.
type payee struct {
	base     taxBase
	latest   int // the submission whose identity and codes are taken
	opened   int // the submission whose opening balance is taken, -1 for none
	codes    [len(agreed)]Standing
	given    rial.Amount // net paid, of the rows that give it
	before   rial.Amount // net before tax, of the others
	open     bool        // some row does not give its net
	declared bool        // some row declares its tax
	tax      rial.Amount // declared by the rows that do not give their net
}

// agreed are the codes on which a person's rows must agree (WH 3, 4, 9, 11; 2, 5 and 6 are rials for all).
var agreed = [...]payroll.ColumnID{payroll.ColPlaceStatus, payroll.ColBudgetException, payroll.ColHousingUse, payroll.ColCarUse}

func codesOf(l *payroll.Line) [len(agreed)]string {
	return [len(agreed)]string{l.PlaceStatus, l.BudgetException, l.HousingUse, l.CarUse}
}

func (g *tally) add(list payroll.Identity, submission int, f *payroll.Filed) {
	person := f.Line.Person()
	i, known := g.at[person]
	if !known {
		i = len(g.people)
		g.at[person] = i
		g.people = append(g.people, payee{latest: -1, opened: -1})
		g.persons = append(g.persons, payroll.TaxPerson{})
	}
	p, sum := &g.people[i], &g.persons[i]
	g.agree(p, person, list, &f.Line, known)
	p.base.add(g.plan, g.assessor.TaxLaw, &f.Line, &f.Assessed, g.id.Period)
	addFigures(&sum.Assessed, &f.Assessed)
	p.addNet(&f.Line, &f.Assessed)
	p.addLine(&sum.Line, &f.Line, &f.Assessed, submission)
}

func (g *tally) agree(p *payee, person string, list payroll.Identity, l *payroll.Line, known bool) {
	for i, code := range codesOf(l) {
		if code == "" {
			code = "1"
		}
		here := Standing{List: list, Row: l.Row, Value: code}
		if !known {
			p.codes[i] = here
		} else if p.codes[i].Value != code {
			g.contradictions = append(g.contradictions, Contradiction{Person: person, Column: agreed[i], First: p.codes[i], Second: here})
		}
	}
}

// insured adds the premium of a row that goes to the SSO only to a person who is in the month.
func (g *tally) insured() {
	for _, e := range g.elsewhere {
		if i, ok := g.at[e.person]; ok {
			g.people[i].base.insured = g.people[i].base.insured.Add(e.amount)
		}
	}
}

// finish gives each person his estimate and his net pay.
func (g *tally) finish() {
	for i := range g.people {
		p, sum := &g.people[i], &g.persons[i]
		g.assessor.estimate(g.plan, &p.base, &sum.Line, g.assessor.earlier(&sum.Line), &sum.Assessed)
		sum.Assessed.NetPaid = p.given
		if p.open {
			tax := sum.Assessed.TaxEstimate // once a person
			if p.declared {
				tax = p.tax
			}
			sum.Assessed.NetPaid = p.given.Add(max(p.before-tax, 0))
		}
	}
}

func addFigures(s, a *payroll.Assessed) {
	s.MonthlyWage = s.MonthlyWage.Add(a.MonthlyWage)
	s.Seniority = s.Seniority.Add(a.Seniority)
	s.Benefits = s.Benefits.Add(a.Benefits)
	s.Insurable = s.Insurable.Add(a.Insurable)
	s.Total = s.Total.Add(a.Total)
	s.WorkerPremium = s.WorkerPremium.Add(a.WorkerPremium)
	s.EmployerPremium = s.EmployerPremium.Add(a.EmployerPremium)
	s.Unemployment = s.Unemployment.Add(a.Unemployment)
	s.HardJob = s.HardJob.Add(a.HardJob)
}

func (p *payee) addNet(l *payroll.Line, a *payroll.Assessed) {
	p.declared = p.declared || taxDeclared(l)
	if netGiven(l) {
		p.given = p.given.Add(l.NetPaid)
		return
	}
	p.open = true
	p.before = p.before.Add(cashLess(l, a))
	p.tax = p.tax.Add(l.DeclaredTax)
}

// addLine sums the money of the row into the person's line and takes the rest from the last submitted row.
func (p *payee) addLine(sum, l *payroll.Line, a *payroll.Assessed, submission int) {
	s := *sum
	for c, amount := range &l.Pay {
		if payroll.Component(c) != payroll.MonthlyWage {
			s.Pay[c] = s.Pay[c].Add(amount)
		}
	}
	s.Pay[payroll.MonthlyWage] = s.Pay[payroll.MonthlyWage].Add(a.MonthlyWage)
	s.DeclaredTax = s.DeclaredTax.Add(l.DeclaredTax)
	s.DeclaredPremium = s.DeclaredPremium.Add(l.DeclaredPremium)
	s.NetPaid = s.NetPaid.Add(l.NetPaid)
	s.OtherDeductions = s.OtherDeductions.Add(l.OtherDeductions)
	s.Days += l.Days
	s.ReportedTo |= l.ReportedTo
	s.Given = s.Given.Union(l.Given)
	if opening := l.YTDMonths != 0 || l.YTDTaxable != 0 || l.YTDTax != 0 || l.YTDEidi != 0 || l.YTDNonCash != 0; opening && submission >= p.opened {
		p.opened = submission
		s.YTDMonths, s.YTDTaxable, s.YTDTax, s.YTDEidi, s.YTDNonCash = l.YTDMonths, l.YTDTaxable, l.YTDTax, l.YTDEidi, l.YTDNonCash
	}
	if submission < p.latest {
		*sum = s
		return
	}
	p.latest = submission
	identity := *l
	identity.Pay, identity.DeclaredTax, identity.DeclaredPremium, identity.NetPaid = s.Pay, s.DeclaredTax, s.DeclaredPremium, s.NetPaid
	identity.OtherDeductions, identity.Days, identity.ReportedTo, identity.Given = s.OtherDeductions, s.Days, s.ReportedTo, s.Given
	identity.YTDMonths, identity.YTDTaxable, identity.YTDTax = s.YTDMonths, s.YTDTaxable, s.YTDTax
	identity.YTDEidi, identity.YTDNonCash = s.YTDEidi, s.YTDNonCash
	*sum = identity
}
