package intake

import (
	"strconv"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// controlColumn is a column of sums that payroll programs write beside the pay: compared, never taken.
type controlColumn uint8

const (
	controlBenefits controlColumn = iota
	controlInsurable
	controlTotal
	controlCount
)

var controlKeys = [controlCount]struct {
	key string
	of  func(*payroll.Assessed) rial.Amount
}{
	controlBenefits:  {"control_benefits", func(a *payroll.Assessed) rial.Amount { return a.Benefits }},
	controlInsurable: {"control_insurable", func(a *payroll.Assessed) rial.Amount { return a.Insurable }},
	controlTotal:     {"control_total", func(a *payroll.Assessed) rial.Amount { return a.Total }},
}

func controlOf(key string) (controlColumn, bool) {
	for c, k := range controlKeys {
		if k.key == key {
			return controlColumn(c), true
		}
	}
	return 0, false
}

// sum is the running sum of one sheet column, beside what a totals row may say of it.
type sum struct {
	all     rial.Amount // of every worker's cell
	since   rial.Amount // since the totals row before
	unsound bool        // a cell could not be read: nothing is compared
}

func (s *sum) add(n int64) {
	s.all = s.all.Add(rial.Amount(n))
	s.since = s.since.Add(rial.Amount(n))
}

// controlSums compares control columns with what was computed.
type controlSums [controlCount]struct {
	given, computed rial.Amount
	rows            int
	unsound         bool
}

// wrongTotal is a cell of a totals row that says otherwise than the rows.
type wrongTotal struct {
	column       int // of the sheet
	info         *payroll.Column
	given, right rial.Amount
}

// totals compares a totals row with the rows above, all of them or those since the totals row before, and begins the next
// such stretch. partial tells that some sum is right for the stretch only.
func (p *plan) totals(cells []cellValue) (wrong []wrongTotal, partial bool) {
	for i := range cells {
		c := &cells[i]
		b := p.at(c.Column)
		if b.role != column || !b.summed() || b.sum.unsound {
			continue
		}
		n, _, why := parseNumber(c.Text)
		if why != aNumber && why != tooLong && why != beyondExact {
			continue
		}
		switch got := rial.Amount(n); got {
		case b.sum.all:
		case b.sum.since:
			partial = true
		default:
			wrong = append(wrong, wrongTotal{c.Column, b.info, got, b.sum.all})
		}
	}
	for i := range p.bindings {
		p.bindings[i].sum.since = 0
	}
	return wrong, partial
}

// tellTotals tells a totals row, and LIST-10 for its sums that are not those of the rows.
func (r *sheetReader) tellTotals(row int, wrong []wrongTotal) {
	r.tell(codeSheet11, r.cellPlace(row, 0, ""), "", "")
	for _, w := range wrong {
		r.judge.ReportPlace(codeList10, r.cellPlace(row, w.column, w.info.Key), amountText(w.given), amountText(w.right), amountText(w.right),
			"header_fa", w.info.Label, "header_en", w.info.Key)
	}
}

// compareControls is LIST-10 for the columns of sums.
func (r *sheetReader) compareControls() {
	for i := range r.plan.bindings {
		b := &r.plan.bindings[i]
		if b.role != control {
			continue
		}
		s := &r.controls[b.control]
		if s.rows == 0 || s.unsound || s.given == s.computed {
			continue
		}
		s.rows = 0 // a second column of the same sums is not told again
		r.tell(codeList10, r.cellPlace(b.titleRow, b.sheetColumn, ""), strconv.FormatInt(int64(s.given), 10), strconv.FormatInt(int64(s.computed), 10),
			"header_fa", b.title, "header_en", b.title)
	}
}

// tell reports a finding of the sheet itself.
func (r *sheetReader) tell(e *fault.Entry, p fault.Place, given, expected string, with ...string) {
	r.judge.ReportPlace(e, p, given, expected, "", with...)
}
