package sso

import (
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

// part is one pair of files: whole workers in row order.
type part struct {
	kar     Kar
	period  jalali.Month
	lines   []payroll.Filed // those of other lanes too
	workers int
	wide    bool // an insurance number of ten digits is in it
	seen    dates
}

// split puts whole workers in row order into pairs, each as full as its totals allow. One pair is the rule.
func (a Agency) split(list *payroll.FiledList) []part {
	var parts []part
	var s sums
	var k Kar
	numbers := PartNumbers(list)
	first := 0
	for i := range list.Lines {
		after := s
		after.add(&list.Lines[i])
		if s.workers > 0 && a.overflow(&k, &after) != "" {
			parts = append(parts, a.part(&list.Header, numbers(len(parts)), list.Lines[first:i], &s))
			first, after = i, sums{}
			after.add(&list.Lines[i])
		}
		s = after
	}
	if s.workers == 0 {
		return nil
	}
	return append(parts, a.part(&list.Header, numbers(len(parts)), list.Lines[first:], &s))
}

// Parts counts the pairs a list makes.
func (a Agency) Parts(list *payroll.FiledList) int { return len(a.split(list)) }

// Counter counts the pairs of files that a list's lines make as they come, without holding them.
type Counter struct {
	Agency Agency

	parts int
	s     sums
	k     Kar
}

// Add takes the next line in row order.
func (c *Counter) Add(l *payroll.Line, a *payroll.Assessed) {
	if !l.Lanes().Has(payroll.SSO) {
		return
	}
	before := c.s
	c.s.addLine(l, a)
	if before.workers == 0 || c.Agency.overflow(&c.k, &c.s) != "" {
		c.parts++
		c.s = sums{}
		c.s.addLine(l, a)
	}
}

// Parts is how many pairs there are so far.
func (c *Counter) Parts() int { return c.parts }

func (a Agency) part(h *payroll.Header, listNo string, lines []payroll.Filed, s *sums) part {
	p := part{period: h.Period, seen: dates{}, lines: lines, workers: s.workers, wide: s.wide, kar: Kar{
		ID: string(h.Workshop), Name: h.WorkshopName, Farm: h.EmployerName, Address: h.Address, Description: h.Description,
		Year: int64(h.Period.Year % 100), Month: int64(h.Period.Month), ListNo: listNo, ContractRow: h.ContractRow,
	}}
	if p.kar.ContractRow == "" {
		p.kar.ContractRow = payroll.OwnContract
	}
	p.kar.total(a.asWritten(s))
	return p
}

// sums are what a part's lines come to.
type sums struct {
	payroll.Totals
	hard    int64
	workers int
	wide    bool
}

// add takes a line, if the organisation gets it.
func (s *sums) add(f *payroll.Filed) {
	if onLane(f) {
		s.addLine(&f.Line, &f.Assessed)
	}
}

func (s *sums) addLine(l *payroll.Line, a *payroll.Assessed) {
	s.Totals.Add(l, a)
	s.hard += int64(a.HardJob)
	s.workers++
	s.wide = s.wide || len(l.InsuranceNumber.Short()) > insuranceNumber
}

// onLane tells whether the SSO gets the line.
func onLane(f *payroll.Filed) bool { return f.Line.Lanes().Has(payroll.SSO) }

// asWritten folds seniority into the daily wages where the layout has no field for it.
func (a Agency) asWritten(s *sums) *sums {
	if a.Layout != V27 {
		return s
	}
	folded := *s
	folded.DailyWage = s.DailyWage.Add(s.DailySeniority)
	return &folded
}

func (k *Kar) total(s *sums) {
	k.Workers, k.Days = int64(s.workers), int64(s.Days)
	k.DailyWage, k.MonthlyWage, k.Benefits = int64(s.DailyWage), int64(s.MonthlyWage), int64(s.Benefits)
	k.Insurable, k.Total = int64(s.Insurable), int64(s.Total)
	k.WorkerPremium, k.EmployerPremium, k.Unemployment = int64(s.WorkerPremium), int64(s.EmployerPremium), int64(s.Unemployment)
	k.HardJob, k.Seniority, k.Marriage = s.hard, int64(s.Seniority), int64(s.Marriage)
}

// overflow names the first total that does not fit its field in DSKKAR00, or nothing. k is room to work in.
func (a Agency) overflow(k *Kar, s *sums) string {
	*k = Kar{}
	k.total(a.asWritten(s))
	for i := range totals {
		t := &totals[i]
		if *t.at(k) >= t.least && (a.Layout == V65 || !t.newer) {
			return t.name
		}
	}
	return ""
}

// totals are the number fields of DSKKAR00 and the least figure that does not fit each.
var totals = limits()

type limit struct {
	name  string
	least int64
	newer bool
	at    func(*Kar) *int64
}

func limits() (all []limit) {
	for _, f := range karLayout {
		if f.form == number {
			all = append(all, limit{f.name, tenTo(f.width), f.newer, func(k *Kar) *int64 { return f.at(k).(*int64) }})
		}
	}
	return all
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
