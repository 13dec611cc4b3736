package rule

import (
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
)

// Judge judges one list, line by line: Begin, Line for each worker in row order, End. It keeps no line. The fields above
// the blank line are set by its user before Begin; a Judge is used once and by one goroutine.
type Judge struct {
	Book     *law.Book
	LawOf    jalali.Month    // judge by another month's law; the zero Month: the list's own
	Today    jalali.Date     // the zero Date: nothing is late and no month is in the future
	Lanes    fault.Lane      // the lanes asked for; none means both
	Findings *fault.Findings // where faults go; nil makes a new collection

	// Place finds the cell of a column in a row; payroll.ColumnCount asks for the row itself (column A). HeaderPlace finds
	// the value cell of a key of the workshop sheet. Nil functions give places without a sheet.
	Place       func(row int, col payroll.ColumnID) fault.Place
	HeaderPlace func(payroll.HeaderID) fault.Place

	MissingColumns payroll.ColumnSet           // told by SHEET-03 already, or held by no field of the format: no cell of theirs is told; it may grow between lines
	Earlier        func(person string) Earlier // what is known of a person before this list; nil: ytd_ columns only
	History        *History                    // what registers hold beside the list; nil: none is asked
	ExemptUsed     int                         // rows of the five-worker exemption used by lists submitted before
	AtWindow       bool                        // registers have been asked: what is still missing was never given
	Whole          bool                        // a change list's lines are all those of the new version; it may be set before the first line
	Deadlines      bool                        // today is the day of submission, so deadlines are judged

	// Fit and FitList report what does not fit the organisations' fields, for the lanes that the row or list goes to.
	Fit     func(l *payroll.Line, a *payroll.Assessed, report func(e *fault.Entry, col payroll.ColumnID, given, expected string, with ...string))
	FitList func(h *payroll.Header, t *payroll.Totals, report func(e *fault.Entry, key payroll.HeaderID, given, expected string, with ...string))

	header   *payroll.Header
	law      *law.Params // of the period
	taxLaw   *law.Params // of the tax period
	assess   Assessor
	assessed payroll.Assessed // of the line at hand, kept here so that a line costs no allocation
	before   []*Check         // in force for this list
	after    []*Check
	check    *Check       // the one that runs now
	entry    *fault.Entry // of the header check that runs now
	line     *payroll.Line
	fit      func(*fault.Entry, payroll.ColumnID, string, string, ...string)
	needs    [fault.Both + 1]payroll.ColumnSet // required cells by the lanes a row goes to
	persons  payroll.PersonIndex               // first row of each
	insured  payroll.PersonIndex               // likewise, by insurance number
	kept     []kept                            // what registers are asked of at the end
	names    []byte                            // of those kept
	wages    []wageOfRow
	whole    []gathered
	disputed disputes
	out      Outcome
}

// Outcome is what the whole list comes to.
type Outcome struct {
	Verdicts payroll.Verdicts
	Totals   payroll.Totals
	Workers  int        // all rows, held ones included
	Held     []int      // the held rows
	Lanes    fault.Lane // the lanes asked for that some row goes to
}

// Begin takes the workshop sheet, chooses the law and judges the header.
func (j *Judge) Begin(h *payroll.Header) {
	j.ready()
	j.header = h
	j.law, j.taxLaw = j.lawOf(h.Period), j.lawOf(taxPeriod(h))
	j.assess = Assessor{Law: j.law, TaxLaw: j.taxLaw, Header: h, ExemptUsed: j.ExemptUsed, Earlier: j.Earlier}
	j.before, j.after = j.inForce(beforeChecks), j.inForce(afterChecks)
	j.fit = func(e *fault.Entry, col payroll.ColumnID, given, expected string, with ...string) {
		j.Report(e, j.line, col, given, expected, "", with...)
	}
	j.readNeeds()
	j.disputed = disputesOf(j.law, j.taxLaw)
	j.runHeader(headerChecks)
}

func (j *Judge) ready() {
	if j.Lanes&fault.Both == 0 {
		j.Lanes = fault.Both
	}
	if j.Findings == nil {
		j.Findings = &fault.Findings{}
	}
}

// Line judges one line and returns what it owes. A blank reported_to is settled by Destination. The line's Faulty columns
// are those of the reader, and grow by what is found here.
func (j *Judge) Line(l *payroll.Line) payroll.Assessed {
	a := &j.assessed
	*a = payroll.Assessed{}
	if j.Whole && l.Action == "cancel" { // it removes no one
		j.cancelled(l)
		return *a
	}
	j.out.Workers++
	if j.header.Kind == payroll.Change && !j.Whole && l.Action != "change" {
		j.cancelled(l)
		return *a
	}
	l.ReportedTo = Destination(l)
	if l.Hold {
		j.out.Held = append(j.out.Held, l.Row)
	}
	j.out.Lanes |= rowLanes(l) & j.Lanes
	j.line = l
	j.run(j.before, l, a)
	if j.History != nil {
		j.keep(l)
	}
	if j.law != nil {
		j.assess.Line(l, a)
		j.run(j.after, l, a)
		if j.Fit != nil {
			j.Fit(l, a, j.fit)
		}
		j.out.Totals.Add(l, a)
	}
	return *a
}

// End judges what only the whole list shows and gives the verdicts.
func (j *Judge) End() Outcome {
	h := j.header
	for _, checks := range [2][]*Check{j.before, j.after} {
		for _, c := range checks {
			if c.Close != nil {
				j.check = c
				c.Close(j)
			}
		}
	}
	j.tellGathered()
	j.askHistory()
	if h.Kind == payroll.Nil {
		j.out.Lanes = j.Lanes
	}
	j.runHeader(listChecks)
	if j.FitList != nil {
		j.FitList(h, &j.out.Totals, func(e *fault.Entry, key payroll.HeaderID, given, expected string, with ...string) {
			j.ReportHeader(e, key, given, expected, "", with...)
		})
	}
	j.out.Verdicts = Verdicts(j.Findings, j.Lanes, j.out.Lanes)
	return j.out
}

// Law is the law of the list's period, nil where no file governs it or before Begin.
func (j *Judge) Law() *law.Params { return j.law }

// Destination is where a row goes: as the sender says; without a word to both, and a row of no days and no pay to the SSO
// only. A word that could not be read (its cell is faulty) leaves none.
func Destination(l *payroll.Line) fault.Lane {
	if l.ReportedTo != 0 || l.Faulty.Has(payroll.ColReportedTo) {
		return l.ReportedTo
	}
	if l.Days == 0 && l.Given.Has(payroll.ColDays) && l.Pay == (payroll.Pay{}) && !l.Faulty.Meets(payCells) {
		return fault.SSO
	}
	return fault.Both
}

var payCells = taxedPayCells().Union(payroll.SetOf(payroll.ColDays))

// Verdicts of the asked lanes. addressed are those that some row goes to; a lane no one asked for or goes to is not
// addressed, unless the whole input was refused.
func Verdicts(f *fault.Findings, asked, addressed fault.Lane) (v payroll.Verdicts) {
	unreadable := fault.Lane(0)
	for _, x := range f.All() {
		if x.Severity == fault.Refuse && !refusesReadable(x.Code) {
			unreadable |= x.Lane
		}
	}
	for _, lane := range payroll.EachLane() {
		v.Set(lane, verdict(f.Worst(lane), asked&lane != 0, addressed&lane != 0, unreadable&lane != 0))
	}
	return v
}

func verdict(worst fault.Severity, asked, addressed, unreadable bool) payroll.Verdict {
	switch {
	case !asked:
		return payroll.NotAddressed
	case unreadable:
		return payroll.Unreadable
	case worst == fault.Refuse:
		return payroll.Rejected
	case !addressed:
		return payroll.NotAddressed
	case worst == fault.Error:
		return payroll.Rejected
	case worst == fault.Warning:
		return payroll.AcceptedWithWarnings
	}
	return payroll.Accepted
}

// refusesReadable tells the refusals of a file that could be read: its list is rejected, not unreadable.
func refusesReadable(code string) bool {
	switch code {
	case "SHEET-12", "SHEET-13", "LIST-02", "LIST-03", "ID-12":
		return true
	}
	return false
}

func (j *Judge) lawOf(m jalali.Month) *law.Params {
	if m.IsZero() || j.Book == nil {
		return nil
	}
	if !j.LawOf.IsZero() {
		m = j.LawOf
	}
	p, ok := j.Book.On(m)
	if !ok {
		return nil
	}
	return p
}

func (j *Judge) inForce(table []Check) (in []*Check) {
	for i := range table {
		c := &table[i]
		month := j.header.Period
		if c.Rows == fault.Tax {
			month = taxPeriod(j.header)
		}
		if !j.LawOf.IsZero() {
			month = j.LawOf
		}
		switch {
		case c.Rows&j.Lanes == 0, month.Before(c.From), c.History && j.History == nil:
		case c.Law.Has(fault.SSO) && j.law == nil, c.Law.Has(fault.Tax) && j.taxLaw == nil:
		default:
			in = append(in, c)
		}
	}
	return in
}

func (j *Judge) runHeader(table []HeaderCheck) {
	for i := range table {
		if c := &table[i]; j.header.Faulty&c.Reads == 0 && c.Entry.Lane&j.Lanes != 0 {
			j.entry = &c.Entry
			c.Find(j, j.header)
		}
	}
}

// run runs the checks of the lanes that the row goes to; where that could not be read, those of every row.
func (j *Judge) run(checks []*Check, l *payroll.Line, a *payroll.Assessed) {
	lanes := l.ReportedTo & j.Lanes
	for _, c := range checks {
		if c.Rows&lanes == 0 && (l.ReportedTo != 0 || c.Rows != fault.Both) || l.Faulty.Meets(c.Reads) {
			continue
		}
		j.check = c
		c.Find(j, l, a)
	}
}

// cancelled judges a row of a change list that asks for no change: one that removes a person names him and nothing else,
// one without a word is ignored.
func (j *Judge) cancelled(l *payroll.Line) {
	if l.Action != "cancel" {
		return
	}
	if l.ReportedTo == 0 {
		l.ReportedTo = fault.Both
	}
	j.out.Lanes |= rowLanes(l) & j.Lanes
	j.line = l
	for _, c := range j.before {
		if c.Rows == fault.Both && c.Reads == identityCells && !l.Faulty.Meets(c.Reads) {
			j.check = c
			c.Find(j, l, nil)
		}
	}
}

func taxPeriod(h *payroll.Header) jalali.Month {
	if h.TaxPeriod.IsZero() {
		return h.Period
	}
	return h.TaxPeriod
}

// month is a month written in a table.
func month(year, m int) jalali.Month { return jalali.Month{Year: year, Month: m} }
