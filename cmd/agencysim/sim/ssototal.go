package sim

import (
	"fmt"
	"slices"
	"strconv"
)

// checkTotals judges the head of the pair against the rows.
func (p *ssoPair) checkTotals(r *rates, c *collector) {
	c.in(p.files.karName)
	k := p.kar.sums
	expect := func(code, field string, expected int64, of string) {
		if found, ok := k[field]; ok && found != expected {
			c.add(code, field, 1, "", strconv.FormatInt(found, 10), strconv.FormatInt(expected, 10)+of)
		}
	}
	sums := map[string]int64{}
	for i := range p.workers {
		w := &p.workers[i]
		sums["DSK_TDD"] += int64(w.days)
		sums["DSK_TROOZ"] += w.daily
		sums["DSK_TMAH"] += w.wage
		sums["DSK_TMAZ"] += w.benefits
		sums["DSK_TMASH"] += w.insurable
		sums["DSK_TTOTL"] += w.total
		sums["DSK_TBIME"] += w.premium
		sums["DSK_INC"] += w.seniority * int64(w.days)
		sums["DSK_SPOUSE"] += w.marriage
	}
	expect("SIM-10", "DSK_NUM", int64(len(p.workers)), "")
	expect("SIM-09", "DSK_KIND", 0, "")
	expect("SIM-09", "DSK_PRATE", 0, "")
	for _, col := range karColumns {
		if s, ok := sums[col.name]; ok {
			expect("SIM-11", col.name, s, ", the sum of "+summedFields[col.name])
		}
	}
	prem, known := r.premiums[p.kar.period.year]
	limit, capped := r.caps[p.kar.period.year]
	if !known || !capped {
		if p.kar.period.month != 0 {
			c.add("SIM-23", "DSK_YY", 1, "", strconv.Itoa(p.kar.period.year), "a year with known rates")
		}
		return
	}
	outside := p.checkUnemployment(prem, c)
	p.checkEmployer(prem, limit, outside, c)
	p.checkRate(prem, c)
}

// summedFields are the row fields behind a total: where the two differ, either may be the wrong one.
var summedFields = map[string]string{
	"DSK_TDD": "DSW_DD", "DSK_TROOZ": "DSW_ROOZ", "DSK_TMAH": "DSW_MAH", "DSK_TMAZ": "DSW_MAZ", "DSK_TMASH": "DSW_MASH",
	"DSK_TTOTL": "DSW_TOTL", "DSK_TBIME": "DSW_BIME", "DSK_INC": "DSW_INC x DSW_DD", "DSK_SPOUSE": "DSW_SPOUSE",
}

// checkUnemployment holds DSK_BIC against the rows. Managers, retired and
// apprentices owe none and carry no mark in the file, foreigners owe none and
// do: so the total must be all Iranians' shares less those of some rows. It
// returns the rows left out, nil when none or unknown.
func (p *ssoPair) checkUnemployment(prem premiums, c *collector) []int {
	var shares []int64
	var all int64
	for i := range p.workers {
		var s int64
		if p.workers[i].iranian {
			s = percent(p.workers[i].insurable, prem.unemployment)
		}
		shares = append(shares, s)
		all += s
	}
	found := p.kar.sums["DSK_BIC"]
	rows, verdict := leftOut(shares, all-found)
	if verdict == impossible {
		c.add("SIM-20", "DSK_BIC", 1, "", strconv.FormatInt(found, 10), fmt.Sprintf("%d, less the shares of whole rows", all))
	}
	return rows
}

// checkEmployer holds DSK_TKOSO against the rows: every row's share, less those
// of at most five of the first rows where the workshop is exempt for five. An
// apprentice paid above the minimum owes 27 % less 7 %, each rounded, which may
// differ from 20 % by a rial.
func (p *ssoPair) checkEmployer(prem premiums, limit caps, outside []int, c *collector) {
	var all int64
	var first []int64
	for i := range p.workers {
		w := &p.workers[i]
		s := w.employerShare(prem, limit)
		all += s
		if w.days > 0 && len(first) < 12 {
			first = append(first, s)
		}
	}
	var more, less int64
	for _, i := range outside {
		w := &p.workers[i]
		d := percent(w.insurable, prem.apprentice) - w.premium - percent(w.insurable, prem.employer)
		if !w.apprentice(limit) {
			more, less = more+max(d, 0), less+min(d, 0)
		}
	}
	found := p.kar.sums["DSK_TKOSO"]
	for d := less; d <= more; d++ {
		if exemptFive(first, all+d-found) {
			return
		}
	}
	c.add("SIM-19", "DSK_TKOSO", 1, "", strconv.FormatInt(found, 10), fmt.Sprintf("%d, or less five of the first rows", all))
}

// exemptFive tells whether the missing amount is the sum of at most five of the
// shares.
func exemptFive(shares []int64, missing int64) bool {
	var search func(from, left int, missing int64) bool
	search = func(from, left int, missing int64) bool {
		if missing == 0 {
			return true
		}
		if missing < 0 || left == 0 {
			return false
		}
		for i := from; i < len(shares); i++ {
			if shares[i] > 0 && search(i+1, left-1, missing-shares[i]) {
				return true
			}
		}
		return false
	}
	return search(0, 5, missing)
}

// checkRate judges the stated rate and the hard-job total, which is the 4 % of
// some rows or nothing.
func (p *ssoPair) checkRate(prem premiums, c *collector) {
	k := p.kar.sums
	full := prem.worker + prem.employer + prem.unemployment
	without := prem.worker + prem.employer
	if rate := k["DSK_RATE"]; rate != full && (rate != without || k["DSK_BIC"] != 0) {
		c.add("SIM-09", "DSK_RATE", 1, "", strconv.FormatInt(rate, 10), fmt.Sprintf("%d, or %d without unemployment premium", full, without))
	}
	var shares []int64
	for i := range p.workers {
		shares = append(shares, percent(p.workers[i].insurable, prem.hardJob))
	}
	if _, verdict := leftOut(shares, k["DSK_BIMH"]); verdict == impossible {
		c.add("SIM-20", "DSK_BIMH", 1, "", strconv.FormatInt(k["DSK_BIMH"], 10), "0, or the hard-job shares of whole rows")
	}
}

// explanation says whether an amount can be the sum of some rows' shares.
type explanation int

const (
	impossible explanation = iota
	explained
	undecided // too many rows to try them all, and no bound excludes it
)

// leftOut looks for the rows whose shares sum to missing: every choice of up to
// twenty rows, beyond that every choice of at most three, kept or left out.
func leftOut(shares []int64, missing int64) ([]int, explanation) {
	if missing == 0 {
		return nil, explained
	}
	var rows []int
	var all int64
	for i, s := range shares {
		all += s
		if s > 0 {
			rows = append(rows, i)
		}
	}
	if missing < 0 || missing > all {
		return nil, impossible
	}
	if missing == all {
		return rows, explained
	}
	slices.SortFunc(rows, func(a, b int) int { return int(shares[a] - shares[b]) })
	limit := len(rows)
	if limit > 20 {
		limit = 3
	}
	if found := choose(shares, rows, missing, limit); found != nil {
		return found, explained
	}
	if limit == len(rows) {
		return nil, impossible
	}
	if kept := choose(shares, rows, all-missing, limit); kept != nil {
		return slices.DeleteFunc(rows, func(r int) bool { return slices.Contains(kept, r) }), explained
	}
	var least int64
	for _, i := range rows[:limit+1] {
		least += shares[i]
	}
	if missing < least || all-missing < least {
		return nil, impossible
	}
	return nil, undecided
}

// choose finds at most limit of the rows, sorted by share, whose shares sum to
// want. Pairs are met by two pointers, so three rows of n cost n squared.
func choose(shares []int64, rows []int, want int64, limit int) []int {
	if limit <= 0 || want <= 0 {
		return nil
	}
	if i, ok := slices.BinarySearchFunc(rows, want, func(r int, w int64) int { return int(shares[r] - w) }); ok {
		return []int{rows[i]}
	}
	if limit == 1 {
		return nil
	}
	for i, j := 0, len(rows)-1; i < j; {
		switch sum := shares[rows[i]] + shares[rows[j]]; {
		case sum == want:
			return []int{rows[i], rows[j]}
		case sum < want:
			i++
		default:
			j--
		}
	}
	if limit == 2 {
		return nil
	}
	for i := len(rows) - 1; i >= 2; i-- {
		if rest := choose(shares, rows[:i], want-shares[rows[i]], limit-1); rest != nil {
			return append(rest, rows[i])
		}
	}
	return nil
}
