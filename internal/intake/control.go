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

// compareTotals reads a totals row: a sum that equals neither all rows above nor those since the totals row before is LIST-10.
func (r *sheetReader) compareTotals(row int, cells []cellValue) {
	r.tell(codeSheet11, r.cellPlace(row, 0, ""), "", "")
	for i := range cells {
		c := &cells[i]
		b := r.plan.at(c.Column)
		if b.role != column || !b.summed() || b.sum.unsound {
			continue
		}
		n, _, why := parseNumber(c.Text)
		if why != aNumber && why != tooLong && why != beyondExact {
			continue
		}
		if got := rial.Amount(n); got != b.sum.all && got != b.sum.since {
			r.tell(codeList10, r.cellPlace(row, c.Column, b.info.Key), strconv.FormatInt(n, 10), strconv.FormatInt(int64(b.sum.all), 10),
				"header_fa", b.info.Label, "header_en", b.info.Key)
		}
	}
	for i := range r.plan.bindings {
		r.plan.bindings[i].sum.since = 0
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
		r.tell(codeList10, r.cellPlace(r.plan.row, b.sheetColumn, ""), strconv.FormatInt(int64(s.given), 10), strconv.FormatInt(int64(s.computed), 10),
			"header_fa", b.title, "header_en", b.title)
	}
}

// tell reports a finding of the sheet itself.
func (r *sheetReader) tell(e *fault.Entry, p fault.Place, given, expected string, with ...string) {
	r.judge.ReportPlace(e, p, given, expected, "", with...)
}
