package sim

import (
	"fmt"
	"iter"
	"math/big"
	"strconv"
	"strings"
)

// taxPerson is one person of a tax month: his line in WP and in WH.
type taxPerson struct {
	id     string // national code, else F and the foreigner code
	person taxLine
	pay    taxLine
	c      *collector // of WH
}

// readTaxMonth reads and judges a pair, both files at once and a line at a time,
// for a month may have a hundred thousand persons. It gives those whose two lines
// belong together; c holds the findings when they have all been gone through.
func readTaxMonth(f taxFiles, key *deliveryKey, c *collector) iter.Seq[taxPerson] {
	return func(yield func(taxPerson) bool) {
		if key != nil && f.period != key.period {
			c.in(f.wpName).add("SIM-02", "", 0, "", f.period.String(), key.period.String())
		}
		columns := whFields(f.period)
		if columns == nil {
			c.in(f.whName).add("SIM-51", "", 0, "", f.period.String(), "1403-01 or later")
			return
		}
		persons, pay := &collector{file: f.wpName}, &collector{file: f.whName}
		wp, endWP := iter.Pull(taxLines(f.wp, len(wpFields), persons))
		defer endWP()
		wh, endWH := iter.Pull(taxLines(f.wh, len(columns), pay))
		defer endWH()
		seen := map[string]int{}
		var inWP, inWH int
		for {
			p, person := wp()
			l, paid := wh()
			if !person && !paid {
				break
			}
			id := l.get(1)
			if person {
				inWP++
				id = p.checkWho(seen, f.period, persons)
			}
			if !paid {
				continue
			}
			inWH++
			same := person && l.get(1) == p.get(2)
			if person && !same {
				pay.add("SIM-42", "WH1", l.record, id, l.get(1), p.get(2)+" as WP2")
			}
			l.checkFields("WH", columns, id, pay)
			if same && !yield(taxPerson{id: id, person: p, pay: l, c: pay}) {
				return
			}
		}
		if inWP != inWH {
			pay.add("SIM-42", "", 0, "", fmt.Sprintf("%d lines", inWH), fmt.Sprintf("%d lines", inWP))
		}
		c.all = append(append(c.all, persons.all...), pay.all...)
	}
}

// checkWho judges a line of WP and returns its person; seen holds the lines of
// those before.
func (l taxLine) checkWho(seen map[string]int, m month, c *collector) string {
	id := strings.Clone(l.get(2)) // not the whole line is to be kept for it
	number, iranian := id, l.get(1) != "2"
	if !iranian {
		id = "F" + number
	}
	switch {
	case iranian && !nationalCode(number):
		c.add("SIM-45", "WP2", l.record, id, number, "ten digits with a right check digit")
	case !iranian && !foreignerCode(number):
		c.add("SIM-45", "WP2", l.record, id, number, "8 to 14 digits")
	}
	if before, ok := seen[id]; ok {
		c.add("SIM-50", "WP2", l.record, id, number, fmt.Sprintf("one line a person; also in line %d", before))
	}
	seen[id] = l.record
	l.checkFields("WP", wpFields, id, c)
	l.checkPerson(id, m, c)
	return id
}

// checkPerson judges what columns of one person say together.
func (l taxLine) checkPerson(id string, m month, c *collector) {
	if n := l.get(7); len(n) > 1 && n[0] == '0' {
		c.add("SIM-45", "WP7", l.record, id, n, "no leading zero")
	}
	insurer := ""
	if l.get(10) == "2" {
		insurer = "تامین اجتماعی"
	}
	if l.get(12) != insurer {
		c.add("SIM-48", "WP12", l.record, id, l.get(12), insurer+" for WP10 "+l.get(10))
	}
	if l.get(1) == "1" && l.get(14) == "" {
		c.add("SIM-45", "WP14", l.record, id, "", "a country for an Iranian")
	}
	birth, ok := parseDay(l.get(6))
	if ok && (birth.year > m.year-10 || birth.year < m.year-110) {
		c.add("SIM-46", "WP6", l.record, id, l.get(6), "the birth date of a working person")
	}
	start, started := parseDay(l.get(21))
	end, ended := parseDay(l.get(22))
	if started && (ok && start.ordinal() < birth.ordinal() || m.before(month{start.year, start.month})) {
		c.add("SIM-46", "WP21", l.record, id, l.get(21), "a day between birth and the month's end")
	}
	if ended && started && end.ordinal() < start.ordinal()-1 {
		c.add("SIM-46", "WP22", l.record, id, l.get(22), "not before WP21")
	}
}

// The pay columns by what net pay makes of them.
var (
	cashColumns    = columnRange("7 8 15-30 36-39")
	chargedColumns = []int{10, 12, 33, 34}
)

// columnRange reads "7 8 15-30".
func columnRange(s string) []int {
	var out []int
	for _, part := range strings.Fields(s) {
		from, to, isRange := strings.Cut(part, "-")
		a, _ := strconv.Atoi(from)
		b := a
		if isRange {
			b, _ = strconv.Atoi(to)
		}
		for ; a <= b; a++ {
			out = append(out, a)
		}
	}
	return out
}

// checkNet holds WH35 against the pay. A delivery's net pay may not exceed cash
// pay less premiums and charges. A file judged on its own must come to the rial
// where WH33 carries the whole premium: there a list's loans and advances, which
// no column shows, are findings too, because a wrong digit looks the same.
func (p taxPerson) checkNet(m month, taxes []*big.Rat) {
	before, columns := int64(0), []string{"WH35"}
	for _, n := range cashColumns {
		before += p.pay.amount(n)
		if p.pay.amount(n) > 0 {
			columns = append(columns, "WH"+strconv.Itoa(n))
		}
	}
	for _, n := range chargedColumns {
		before -= p.pay.amount(n)
		if p.pay.amount(n) > 0 {
			columns = append(columns, "WH"+strconv.Itoa(n))
		}
	}
	net := p.pay.amount(35)
	found := strconv.FormatInt(net, 10)
	if net > max(before, 0)+1000 {
		p.c.add("SIM-49", "WH35", p.pay.record, p.id, found, fmt.Sprintf("at most %d, or another %s", max(before, 0), strings.Join(columns[1:], " ")))
		return
	}
	if len(taxes) == 0 {
		return
	}
	var expected int64
	for _, t := range taxes {
		expected = max(before-roundHalfUp(t), 0)
		if net == expected {
			return
		}
	}
	p.c.add("SIM-49", "WH35", p.pay.record, p.id, found, fmt.Sprintf("%d, or another %s WH3 WH4 WH9 WH11 WP13", expected, strings.Join(columns[1:], " ")))
}
