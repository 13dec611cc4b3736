package sim

import (
	"fmt"
	"iter"
	"strconv"
)

// bill is what one part of a delivery owes, before a slip is numbered.
type bill struct {
	listNo string
	amount int64
	due    string // last day of the month after the period, Jalali yyyy-mm-dd
}

// judgement is what an organisation concludes from a delivery's bytes.
type judgement struct {
	findings []Finding
	bills    []bill
	persons  int           // rows an accepted delivery adds to the ledger
	workers  []taxedWorker // tax only
}

// judgeSSO judges the pairs of one delivery; the key is nil when a file is
// judged on its own.
func judgeSSO(parts []ssoFiles, key *deliveryKey, r *rates, c *collector) judgement {
	var j judgement
	persons := map[string]string{}
	lists := map[string]bool{}
	var first *ssoPair
	for i, f := range parts {
		p := readPair(f, c)
		if p == nil {
			continue
		}
		p.checkAgreement(c)
		for w := range p.workers {
			p.checkWorker(&p.workers[w], r)
			checkTwice(&p.workers[w], persons)
		}
		j.persons += len(p.workers)
		p.checkTotals(r, c)
		if first == nil {
			first = p
		}
		p.checkPart(first, lists, c)
		if key != nil {
			p.checkKey(*key, i == 0, c)
		}
		k := p.kar.sums
		j.bills = append(j.bills, bill{
			listNo: p.kar.listNo,
			amount: k["DSK_TBIME"] + k["DSK_TKOSO"] + k["DSK_BIC"],
			due:    p.kar.period.next().lastDay(),
		})
	}
	j.findings = c.all
	return j
}

func checkTwice(w *worker, persons map[string]string) {
	field, place := "PER_NATCOD", fmt.Sprintf("%s, record %d", w.row.c.file, w.row.record)
	if w.code == "" {
		field = "DSW_ID1"
	}
	if before, ok := persons[w.row.person]; ok {
		w.row.fault("SIM-21", field, w.row.person, "one record a person; also in "+before)
		return
	}
	persons[w.row.person] = place
}

// checkPart holds the parts of a split list together: one workshop and month,
// each its own list number.
func (p *ssoPair) checkPart(first *ssoPair, lists map[string]bool, c *collector) {
	c.in(p.files.karName)
	if lists[p.kar.listNo] {
		c.add("SIM-08", "DSK_LISTNO", 1, "", p.kar.listNo, "a list number of its own")
	}
	lists[p.kar.listNo] = true
	same := func(field, found, expected string) {
		if found != expected {
			c.add("SIM-08", field, 1, "", found, expected)
		}
	}
	same("DSK_ID", p.kar.workshop, first.kar.workshop)
	same("DSK_MM", p.kar.period.String(), first.kar.period.String())
	same("MON_PYM", p.kar.contract, first.kar.contract)
}

// checkKey holds a part against the key it was delivered under; only the first
// part carries the key's list number, the others a higher one.
func (p *ssoPair) checkKey(key deliveryKey, first bool, c *collector) {
	c.in(p.files.karName)
	same := func(field, found, expected string) {
		if found != expected {
			c.add("SIM-02", field, 1, "", found, expected)
		}
	}
	same("DSK_ID", p.kar.workshop, key.owner)
	same("MON_PYM", p.kar.contract, key.file)
	same("DSK_MM", p.kar.period.String(), key.period.String())
	if first {
		same("DSK_LISTNO", p.kar.listNo, key.listNo)
		return
	}
	own, _ := strconv.Atoi(p.kar.listNo)
	base, _ := strconv.Atoi(key.listNo)
	if own <= base {
		c.add("SIM-02", "DSK_LISTNO", 1, "", p.kar.listNo, "above "+key.listNo)
	}
}

// ssoRows gives each worker's fields as the organisation's ledger shows them.
func ssoRows(parts []ssoFiles) iter.Seq[ledgerRow] {
	return func(yield func(ledgerRow) bool) {
		for _, f := range parts {
			c := &collector{}
			wor := readDBF(f.wor, worColumns, c)
			if wor == nil {
				continue
			}
			enc := findEncoding(wor)
			for i, data := range wor.records {
				r := &row{table: wor, record: i + 1, data: data, enc: enc, c: c}
				fields := make(map[string]string, len(wor.columns))
				for _, col := range wor.columns {
					fields[col.name] = r.shown(col.name)
				}
				if !yield(ledgerRow{Person: r.who(), Fields: fields}) {
					return
				}
			}
		}
	}
}

// who is the person of a worker's record, as every answer and ledger names him.
func (r *row) who() string {
	if code := r.plain("PER_NATCOD"); code != "" {
		return code
	}
	return "I" + r.plain("DSW_ID1")
}

// shown is a field as text: decoded where it holds words.
func (r *row) shown(field string) string {
	switch field {
	case "DSW_FNAME", "DSW_LNAME", "DSW_DNAME", "DSW_IDNO", "DSW_IDPLC", "DSW_SEX", "DSW_NAT", "DSW_OCP":
		s, _ := r.enc.decode(r.raw(field))
		return s
	}
	at := r.table.spans[field]
	return trimSpaces(r.data[at.from:at.to])
}
