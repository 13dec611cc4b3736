// Package intake turns a workbook or a JSON document into one workshop's list, line by line, with every fault at its cell,
// and makes the reports of it. It keeps nothing, sends nothing, and knows no law itself.
package intake

import (
	"context"
	"errors"
	"io"

	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
	"fehrest/internal/workbook"
)

// Options say how a file is read. The zero Options read any list for both lanes, without law or day.
type Options struct {
	Name     string            // the file's own name; a workshop code and a month are looked for in it
	Lanes    fault.Lane        // asked for; none means both
	Sheet    string            // the list's sheet, where the sender chose
	Map      map[string]string // header to key, the sender's own names; see CheckMap
	Workshop *payroll.Header   // what a registry would hold; taken where the file has nothing
	Profile  *payroll.Profile

	Book       *law.Book
	LawOf      jalali.Month // judge by another month's law; the zero Month: the list's own
	Today      jalali.Date
	TodayGiven bool // the sender named the day: deadlines are judged offline too
	AtWindow   bool // registers are asked, see rule.Judge
	Agencies   []agency.Agency

	Limits Limits // of the file; the zero Limits are the published ones
	// Answers tells what the client's ambiguous titles mean, as MAP-01 was answered before; asked only where there are some, with
	// what the file says of the workshop. Map goes before. An error ends the opening and is returned as it is.
	Answers func(h *payroll.Header) (map[string]string, error)

	Temp string // folder of temporary files, which have no name; empty is the system's

	// Begin gets the header before anything is missed in it and before the first line; a registry fills it. An error ends the
	// reading and is returned as it is.
	Begin func(h *payroll.Header) (Register, error)
	// Line gets each line with what it owes, in row order. The line is used again; a copy may be kept, its strings are stable.
	// An error ends the reading and is returned as it is.
	Line func(l *payroll.Line, a *payroll.Assessed) error
}

// Register is what a registry knows beside the header.
type Register struct {
	Earlier    func(person string) rule.Earlier
	ExemptUsed int
	History    *rule.History // nil: no register is asked
	Differs    []Difference
	// Standing is the version that a list of kind change changes; the file is judged as the whole new version. Nil: by its rows only.
	Standing *Standing
	// Carry fills what a line of the tax lane lacks of the columns told once a worker, and says which it filled; each is told
	// (CELL-11). Nil knows nothing; an error ends the reading and is returned as it is.
	Carry func(*payroll.Line) (payroll.ColumnSet, error)
}

// Difference is a key of the workshop sheet that a registry decides otherwise than the file.
type Difference struct {
	Entry           *fault.Entry
	Key             payroll.HeaderID
	Given, Expected string
}

// Guess is something about a file that was found out rather than told.
type Guess struct {
	What  string `json:"what"`
	Found string `json:"found"`
	Why   string `json:"why"`
}

// Result is one list as read and judged.
type Result struct {
	Format    string // see File
	Guesses   []Guess
	Questions []Question // of headers that are not clear
	Header    payroll.Header
	Workers   int   // all rows, held ones included
	Held      []int // rows
	Apart     []int // rows of joined files whose figures in the two are not one pay (LIST-06): they hold the SSO's
	Verdicts  payroll.Verdicts
	Findings  *fault.Findings
	Totals    payroll.Totals
	LawFile   string     // of the period's law; empty where none governs it
	Lanes     fault.Lane // the lanes asked for that some row goes to
}

// errStop ends a sheet's rows early; what stopped it is told already.
var errStop = errors.New("intake: stopped")

// input is one list on its way into the house.
type input struct {
	ctx     context.Context //nolint:containedctx // it lives as long as one list is read
	r       io.ReaderAt
	size    int64
	o       Options
	judge   *rule.Judge
	headers headerReader
	known   Register
	begun   bool
	sheet   string // the list's, where there is one
	result  *Result

	unheld    payroll.HeaderSet // required keys that the format has no field for
	addressed fault.Lane        // whom the file is for, where no row could be read
}

// start makes the judge and the collection of findings.
func (in *input) start() {
	o := &in.o
	in.result = &Result{Findings: &fault.Findings{}}
	in.judge = &rule.Judge{
		Book: o.Book, LawOf: o.LawOf, Today: o.Today, Lanes: o.Lanes, Findings: in.result.Findings, AtWindow: o.AtWindow,
		Deadlines: o.AtWindow || o.TodayGiven, Fit: in.fit, FitList: in.fitList,
	}
	in.headers = headerReader{header: &in.result.Header, sheet: sheetWorkshop}
	in.judge.HeaderPlace = in.headers.place
}

// begin closes the header: the registry, the defaults, what is missing, the header's own checks.
func (in *input) begin() error {
	h := &in.result.Header
	in.guess()
	lend(h, in.o.Workshop)
	if in.o.Profile != nil {
		h.Profile = *in.o.Profile
	}
	complete(h)
	if in.o.Begin != nil {
		var err error
		if in.known, err = in.o.Begin(h); err != nil {
			return err
		}
		in.judge.Earlier, in.judge.ExemptUsed, in.judge.History = in.known.Earlier, in.known.ExemptUsed, in.known.History
	}
	in.judge.Begin(h)
	in.begun = true
	in.headers.report(in.judge)
	for _, d := range in.known.Differs {
		in.judge.ReportHeader(d.Entry, d.Key, d.Given, d.Expected, "")
	}
	for _, key := range missing(h) {
		if in.unheld.Has(key) {
			continue
		}
		in.judge.ReportHeader(codeSheet13, key, "", "", "", "header_fa", key.Info().Label, "header_en", key.Info().Key)
	}
	if p := in.judge.Law(); p != nil {
		in.result.LawFile = p.File
	}
	return in.ctx.Err()
}

func (in *input) finish() *Result {
	x := in.result
	if !in.begun {
		in.headers.report(in.judge)
		x.Verdicts = rule.Verdicts(x.Findings, in.o.Lanes, in.addressed)
		return x
	}
	out := in.judge.End()
	x.Verdicts, x.Totals, x.Workers, x.Held, x.Lanes = out.Verdicts, out.Totals, out.Workers, out.Held, out.Lanes
	return x
}

// refuse takes a whole file's or sheet's refusal.
func (in *input) refuse(x *workbook.Refusal, sheet string) {
	f := x.Fault(table, sheet)
	f.Lane &= in.o.Lanes
	in.result.Findings.Add(f, table[x.Code].Fix, 1)
}

func (in *input) fit(l *payroll.Line, a *payroll.Assessed, report func(e *fault.Entry, col payroll.ColumnID, given, expected string, with ...string)) {
	lanes := l.ReportedTo & in.o.Lanes
	for _, g := range in.o.Agencies {
		if lanes.Has(g.Lane()) {
			g.Fit(l, a, report)
		}
	}
}

func (in *input) fitList(h *payroll.Header, t *payroll.Totals, report func(e *fault.Entry, key payroll.HeaderID, given, expected string, with ...string)) {
	for _, g := range in.o.Agencies {
		if in.o.Lanes.Has(g.Lane()) {
			g.FitList(h, t, report)
		}
	}
}
