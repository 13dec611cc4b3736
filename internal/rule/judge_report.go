package rule

import (
	"strconv"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Report takes one finding of a line at a column; payroll.ColumnCount stands for the whole row (column A). The lane is the
// entry's, or the column's where the entry leaves it to the key, of those that the row goes to and the sender asked for. A
// held row's finding has no lane. What was asked by no one is not reported; what a row's own lanes do not read is
// reported without a lane when the reader found it, and not at all when a rule did. An error makes the column faulty.
// with holds pairs of name and value for the message.
func (j *Judge) Report(e *fault.Entry, l *payroll.Line, col payroll.ColumnID, given, expected, suggested string, with ...string) {
	j.put(finding{entry: e, severity: e.Severity, line: l, col: col, given: given, expected: expected, suggested: suggested, with: with})
}

// ReportHeader takes one finding at a key of the workshop sheet; an error makes the key faulty. Like ReportPlace it may be
// called before Begin, for a header that could not be read to its end.
func (j *Judge) ReportHeader(e *fault.Entry, key payroll.HeaderID, given, expected, suggested string, with ...string) {
	if e.Severity >= fault.Error && j.header != nil {
		j.header.Faulty.Add(key)
	}
	j.ReportPlace(e, j.headerPlace(key), given, expected, suggested, with...)
}

func (j *Judge) headerPlace(key payroll.HeaderID) (p fault.Place) {
	if j.HeaderPlace != nil {
		p = j.HeaderPlace(key)
	}
	p.Field = key.Info().Key
	return p
}

// ReportPlace takes one finding at a place that is neither a line's cell nor a key of the workshop sheet, such as a missing
// column or a merged cell. An entry without a lane counts for both.
func (j *Judge) ReportPlace(e *fault.Entry, p fault.Place, given, expected, suggested string, with ...string) {
	lane := e.Lane
	if lane == 0 {
		lane = fault.Both
	}
	j.ready()
	if lane&j.Lanes == 0 {
		return
	}
	j.add(e, p, lane&j.Lanes, finding{severity: e.Severity, given: given, expected: expected, suggested: suggested, with: with, rows: 1})
}

// finding is a fault before it has its place and its words.
type finding struct {
	entry                      *fault.Entry
	severity                   fault.Severity
	line                       *payroll.Line
	col                        payroll.ColumnID
	given, expected, suggested string
	citation                   string // of the value that decides it, in place of the entry's
	related                    []int
	rows                       int // in its cause; 0 is one
	with                       []string
}

func (j *Judge) put(f finding) {
	if f.severity >= fault.Error && f.col < payroll.ColumnCount {
		f.line.Faulty.Add(f.col)
	}
	lane, ok := j.laneOf(f.entry, f.line, f.col)
	if !ok {
		return
	}
	j.add(f.entry, j.place(f.line.Row, f.col), lane, f)
}

func (j *Judge) add(e *fault.Entry, p fault.Place, lane fault.Lane, f finding) {
	if p.Field == "" {
		p.Field = e.Field
	}
	x := fault.Fault{Code: e.Code, Place: p, Given: f.given, Suggested: f.suggested}
	if j.Findings.Room(e.Code) {
		x = e.At(p, f.given, f.expected, f.with...)
		x.Suggested, x.RelatedRows = f.suggested, f.related
		if f.citation != "" {
			x.Citation = f.citation
		}
	}
	x.Severity, x.Lane = f.severity, lane
	j.Findings.Add(x, e.Fix, max(f.rows, 1))
}

// laneOf is whom a finding counts for; ok is false where it concerns no one.
func (j *Judge) laneOf(e *fault.Entry, l *payroll.Line, col payroll.ColumnID) (lane fault.Lane, ok bool) {
	lane = e.Lane
	if col < payroll.ColumnCount && (lane == 0 || e.Scope == "cell" && e.Class == fault.Gate) {
		lane = col.Info().Lanes
		if e.Code == "CELL-12" {
			lane = col.Info().Needs // a blank cell fails only those who need it; a wrong one all who build on it
		}
	}
	if lane == 0 {
		lane = fault.Both
	}
	if lane&j.Lanes == 0 {
		return 0, false
	}
	if l.Hold {
		return 0, true
	}
	lane &= j.Lanes & rowLanes(l)
	return lane, lane != 0 || e.Class == fault.Gate
}

// rowLanes is whose verdict a row moves: no one's when it is held, both where its destination could not be read.
func rowLanes(l *payroll.Line) fault.Lane {
	if l.Hold {
		return 0
	}
	if l.ReportedTo == 0 {
		return fault.Both
	}
	return l.ReportedTo
}

func (j *Judge) place(row int, col payroll.ColumnID) (p fault.Place) {
	if j.Place != nil {
		p = j.Place(row, col)
	}
	if p.Row == 0 {
		p.Row = row // a line made of several files has its own number in each
	}
	if col < payroll.ColumnCount {
		p.Field = col.Info().Key
	}
	return p
}

// found reports the running check's finding at a column of the line.
func (j *Judge) found(l *payroll.Line, col payroll.ColumnID, given, expected string, with ...string) {
	j.Report(&j.check.Entry, l, col, given, expected, "", with...)
}

// foundBy is found for a money cell that a value of the law decides: its reference stands in the citation, and where
// sources dispute the value the finding is told as severity says.
func (j *Judge) foundBy(l *payroll.Line, col payroll.ColumnID, v decided, with ...string) {
	j.put(finding{
		entry: &j.check.Entry, severity: v.severity, line: l, col: col, given: v.given, expected: digits(v.expected),
		suggested: v.suggested, citation: by(v.source), with: append(with, "amount", v.expected.Grouped()),
	})
}

type decided struct {
	severity         fault.Severity
	given, suggested string
	expected         rial.Amount
	source           law.Source
}

// by is the citation of a value of the law book, with its dispute where there is one.
func by(s law.Source) string {
	if s.Verification == law.Disputed {
		return s.ReferenceFA + " (محل اختلاف)"
	}
	return s.ReferenceFA
}

// digits writes an amount as a cell does.
func digits(a rial.Amount) string { return strconv.FormatInt(int64(a), 10) }

func number(n int) string { return strconv.Itoa(n) }

// gathered is a finding a list: it stands at its first row and names the others.
type gathered struct {
	check    *Check
	col      payroll.ColumnID // payroll.ColumnCount for none
	name     fault.Text       // of what it is about
	hint     fault.Text       // what was taken
	source   law.Source
	expected rial.Amount // of the law, 0 for none
	rows     []int       // the first, and as many after it as are listed
	count    int
}

// gather adds a row to the running check's finding a list. It returns the finding when this row is the first, so that it
// gets its words once. Held rows are left out.
func (j *Judge) gather(l *payroll.Line, col payroll.ColumnID) (first *gathered) {
	if l.Hold {
		return nil
	}
	for i := range j.whole {
		g := &j.whole[i]
		if g.check != j.check || g.col != col {
			continue
		}
		g.count++
		if len(g.rows) <= fault.Listed {
			g.rows = append(g.rows, l.Row)
		}
		return nil
	}
	j.whole = append(j.whole, gathered{check: j.check, col: col, rows: []int{l.Row}, count: 1})
	return &j.whole[len(j.whole)-1]
}

func (j *Judge) tellGathered() {
	for i := range j.whole {
		g := &j.whole[i]
		e := &g.check.Entry
		expected := ""
		if g.expected != 0 {
			expected = digits(g.expected)
		}
		j.add(e, j.place(g.rows[0], g.col), e.Lane&j.Lanes, finding{
			severity: e.Severity, expected: expected, citation: by(g.source), related: g.rows[1:], rows: g.count,
			with: []string{
				"name_fa", g.name.FA, "name_en", g.name.EN, "hint_fa", g.hint.FA, "hint_en", g.hint.EN, "count", number(g.count), "rows_fa", rowList(g.rows, "، "),
				"rows_en", rowList(g.rows, ", "), "amount", g.expected.Grouped(),
			},
		})
	}
}

// rowList names rows for a sentence: a handful, then dots.
func rowList(rows []int, comma string) string {
	const handful = 10
	var b strings.Builder
	for i, r := range rows {
		if i > 0 {
			b.WriteString(comma)
		}
		if i == handful {
			b.WriteString("…")
			break
		}
		b.WriteString(number(r))
	}
	return b.String()
}

// wordOf is the word that payrolls write for a column's code; the code itself where it has none.
func wordOf(col payroll.ColumnID, code string) string {
	for _, v := range col.Info().Values {
		if v.Code == code && len(v.Words) > 0 {
			return v.Words[0]
		}
	}
	return code
}

// nameOf is what a column is called in both languages.
func nameOf(col payroll.ColumnID) fault.Text {
	info := col.Info()
	return fault.Text{FA: info.Label, EN: info.Key}
}
