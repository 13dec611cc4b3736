package sso

import (
	"math/big"

	"fehrest/internal/payroll"
)

var hundred = big.NewRat(100, 1)

type part struct {
	kar Kar
	wor []Wor
}

// split puts whole workers in row order into pairs, each as full as its totals allow. One pair is the rule.
func (a Agency) split(list *payroll.FiledList) []part {
	h := &list.Header
	var parts []part
	var sum payroll.Totals
	var hard int64
	numbers := PartNumbers(list)
	begin := func() {
		head := *h
		head.ListNo = numbers(len(parts))
		parts = append(parts, part{kar: a.head(&head)})
		sum, hard = payroll.Totals{}, 0
	}
	begin()
	for i := range list.Lines {
		f := &list.Lines[i]
		if !onLane(f) {
			continue
		}
		after := sum
		after.Add(&f.Line, &f.Assessed)
		if Overflow(a.asWritten(after)) != "" && len(parts[len(parts)-1].wor) > 0 {
			begin()
			after = payroll.Totals{}
			after.Add(&f.Line, &f.Assessed)
		}
		sum = after
		hard += int64(f.Assessed.HardJob)
		p := &parts[len(parts)-1]
		row := a.record(h, f)
		row.ListNo = p.kar.ListNo
		p.wor = append(p.wor, row)
		p.kar.total(a.asWritten(sum), len(p.wor), hard)
	}
	return parts
}

// asWritten folds seniority into the daily wages where the layout has no field for it.
func (a Agency) asWritten(t payroll.Totals) payroll.Totals {
	if a.Layout == V27 {
		t.DailyWage = t.DailyWage.Add(t.DailySeniority)
	}
	return t
}

func (a Agency) head(h *payroll.Header) Kar {
	return Kar{
		ID: string(h.Workshop), Name: a.headText(h.WorkshopName, "DSK_NAME"), Farm: a.headText(h.EmployerName, "DSK_FARM"),
		Address: a.headText(h.Address, "DSK_ADRS"), Description: a.headText(h.Description, "DSK_DISC"),
		Year: int64(h.Period.Year % 100), Month: int64(h.Period.Month), ListNo: h.ListNo, ContractRow: h.ContractRow,
	}
}

func (a Agency) headText(s, name string) string {
	return cut(a.Encoding, clean(s), widthOf(karLayout, name))
}

func (k *Kar) total(t payroll.Totals, workers int, hard int64) {
	k.Workers, k.Days = int64(workers), int64(t.Days)
	k.DailyWage, k.MonthlyWage, k.Benefits = int64(t.DailyWage), int64(t.MonthlyWage), int64(t.Benefits)
	k.Insurable, k.Total = int64(t.Insurable), int64(t.Total)
	k.WorkerPremium, k.EmployerPremium, k.Unemployment = int64(t.WorkerPremium), int64(t.EmployerPremium), int64(t.Unemployment)
	k.HardJob, k.Seniority, k.Marriage = hard, int64(t.Seniority), int64(t.Marriage)
}

// Overflow names the first total that does not fit its field in DSKKAR00, or nothing.
func Overflow(t payroll.Totals) string {
	var k Kar
	k.total(t, 0, 0)
	for _, f := range karLayout {
		if n, ok := f.at(&k).(*int64); ok && *n >= tenTo(f.width) {
			return f.name
		}
	}
	return ""
}

func tenTo(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// PartNumbers gives the list number of each part: the first keeps the list's own, the others the numbers the list was
// given when it was first split, else the next ones above it.
func PartNumbers(list *payroll.FiledList) func(part int) string {
	return func(part int) string {
		if part == 0 {
			return list.Header.ListNo
		}
		if part <= len(list.PartNumbers) {
			return list.PartNumbers[part-1]
		}
		last := list.Header.ListNo
		if len(list.PartNumbers) > 0 {
			last = list.PartNumbers[len(list.PartNumbers)-1]
			part -= len(list.PartNumbers)
		}
		return payroll.NextListNo(last, part)
	}
}

// Parts counts the pairs a list of these lines makes.
func (a Agency) Parts(list *payroll.FiledList) int { return len(a.split(list)) }
