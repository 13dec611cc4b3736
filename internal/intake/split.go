package intake

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// mostLists is how many lists one sheet may hold.
const mostLists = 5_000

// tooManyLists are the words of SHEET-07 for a sheet of more.
var tooManyLists = []string{"what_fa", "بیش از ۵٬۰۰۰ لیست در یک برگه", "what_en", "more than 5,000 lists in one sheet"}

var errManyLists = errors.New("intake: too many lists in one sheet")

// split is a list sheet whose columns tell several lists apart: its rows are read once and kept a list.
type split struct {
	lists  []splitList // in the order of their first rows
	totals []splitTotal
	spool  *rowSpool
	info   *workbook.SheetInfo
	keys   []keyColumn
}

// splitList is one of the lists.
type splitList struct {
	identity [len(listKeys)]string
	first    map[payroll.HeaderID]cellValue // what its first row says of the workshop
	firstRow int
	rows     int
	stretch  int // between totals rows, the last in which it has a row
}

// splitTotal is a totals row: a control of the lists above it, or of those since the totals row before.
type splitTotal struct {
	row   int
	wrong []wrongTotal
	upTo  int   // of lists[:upTo], where only is nil
	only  []int // lists since the totals row before
}

func (t *splitTotal) of(list int) bool {
	if t.only != nil {
		return slices.Contains(t.only, list)
	}
	return list < t.upTo
}

// listKeys are the keys of the workshop that tell lists apart.
var listKeys = [...]payroll.HeaderID{payroll.KeyWorkshopCode, payroll.KeyContractRow, payroll.KeyPeriod, payroll.KeyListNo}

// inherits tells whether a blank cell of the key means the row above: a list without one has no default.
func inherits(key payroll.HeaderID) bool {
	return key == payroll.KeyWorkshopCode || key == payroll.KeyPeriod
}

// keyColumn is a column that tells lists apart.
type keyColumn struct {
	id          payroll.HeaderID
	sheetColumn int
	usual       string // what a blank cell means, where it is not the row above
	last        []byte // the text read last, and what it says
	value       string
	known       bool // some row had a value
	open        bool // some row above the first value had none
	several     bool // values differ
}

// keyColumns are the columns of a sheet that tell its lists apart: those of keys that the workshop's sheet leaves open. What
// it says is said of all rows; one that says otherwise is a fault.
func keyColumns(p *plan, h *payroll.Header) (keys []keyColumn) {
	for _, id := range listKeys {
		i := slices.IndexFunc(p.bindings, func(b binding) bool { return b.role == header && b.header == id })
		if i >= 0 && !h.Given.Has(id) {
			keys = append(keys, keyColumn{id: id, sheetColumn: p.bindings[i].sheetColumn})
		}
	}
	return keys
}

// splitter reads a sheet and keeps its rows a list.
type splitter struct {
	rowSorter
	valueReader
	ctx   context.Context //nolint:containedctx // it lives as long as one Open
	keys  []keyColumn
	out   *split
	index map[[len(listKeys)]string]int
	last  int // list of the row before, -1 for none
	rows  int

	stretch int   // how many totals rows were met, and one
	since   []int // lists since the last of them
}

func newSplitter(c *candidate, p *plan, keys []keyColumn) *splitter {
	lent := c.o.Workshop
	for i := range keys {
		k := &keys[i]
		if lent != nil && lent.Given.Has(k.id) {
			k.usual = headerText(k.id, lent)
			continue
		}
		switch k.id {
		case payroll.KeyContractRow:
			k.usual = payroll.OwnContract
		case payroll.KeyListNo:
			k.usual = firstList
		}
	}
	x := &splitter{rowSorter: rowSorter{plan: p}, ctx: c.ctx, keys: keys, index: map[[len(listKeys)]string]int{}, last: -1, stretch: 1}
	x.out = &split{spool: &rowSpool{dir: c.o.Temp}}
	return x
}

// run reads the sheet. A sheet that is damaged, or has no worker, is not split: reading it as one list tells why.
func (x *splitter) run(book *workbook.Book, sheet workbook.Sheet) (*split, error) {
	info, err := book.Rows(sheet, x.row)
	var refused *workbook.Refusal
	switch {
	case errors.As(err, &refused), errors.Is(err, errStop), err == nil && len(x.out.lists) == 0:
		return nil, x.out.spool.close()
	case err != nil:
		return nil, errors.Join(err, x.out.spool.close())
	}
	x.out.info, x.out.keys = info, x.keys
	return x.out, nil
}

func (x *splitter) row(row *workbook.Row) error {
	kind, empty := x.sort(row)
	switch kind {
	case blankRow:
		return nil
	case misshapenRow:
		return errStop
	case totalsRow:
		x.total(row)
		return nil
	case workerRow:
	}
	if x.rows++; x.rows&1023 == 0 {
		if err := x.ctx.Err(); err != nil {
			return err
		}
	}
	list, inherited, err := x.listOf(row)
	if err != nil {
		return err
	}
	x.sum(row)
	x.out.lists[list].rows++
	return x.out.spool.add(list, row, empty, inherited)
}

// listOf finds the list of a row, or begins it. inherited has a bit for every key that has no default and whose cell was blank:
// the sender beside the file answered it, or the row above.
func (x *splitter) listOf(row *workbook.Row) (list int, inherited uint8, err error) {
	var identity [len(listKeys)]string
	for i := range x.keys {
		k := &x.keys[i]
		value, blank := x.keyOf(k, row)
		if blank {
			value = k.usual
			k.open = k.open || !k.known
		}
		if blank && inherits(k.id) {
			inherited |= 1 << i
			if k.usual == "" && x.last >= 0 {
				value = x.out.lists[x.last].identity[i]
			}
		}
		identity[i] = value
	}
	list, known := x.last, x.last >= 0 && x.out.lists[x.last].identity == identity
	if !known {
		list, known = x.index[identity]
	}
	if !known {
		if list = len(x.out.lists); list == mostLists {
			return 0, 0, errManyLists
		}
		x.index[identity] = list
		x.out.lists = append(x.out.lists, splitList{identity: identity, first: firstOf(x.plan, row), firstRow: row.Number})
	}
	if l := &x.out.lists[list]; l.stretch != x.stretch {
		l.stretch = x.stretch
		x.since = append(x.since, list)
	}
	x.last = list
	return list, inherited, nil
}

// keyOf reads a key of a row. A cell that cannot be read is a list of its own, which tells why.
func (x *splitter) keyOf(k *keyColumn, row *workbook.Row) (value string, blank bool) {
	i := slices.IndexFunc(row.Cells, func(c cellValue) bool { return c.Column == k.sheetColumn })
	if i < 0 {
		return "", true
	}
	c := &row.Cells[i]
	if k.known && c.Kind != workbook.Error && bytes.Equal(c.Text, k.last) {
		return k.value, false
	}
	v := x.read(&headerRules[k.id], c, nil)
	switch {
	case v.entry != nil:
		return "!" + string(c.Text), false
	case v.blank:
		return "", true
	}
	value = v.after(headerRules[k.id].form)
	k.several = k.several || k.known && value != k.value || !k.known && k.open || k.usual != "" && value != k.usual
	k.known, k.last, k.value = true, append(k.last[:0], c.Text...), value
	return value, false
}

// firstOf keeps what a row says of its workshop.
func firstOf(p *plan, row *workbook.Row) map[payroll.HeaderID]cellValue {
	g := glimpse{plan: p, repeated: map[payroll.HeaderID]cellValue{}}
	g.repeat(row)
	return g.repeated
}

// sum adds a worker's cells to the sums that a totals row is compared with.
func (x *splitter) sum(row *workbook.Row) {
	for i := range row.Cells {
		c := &row.Cells[i]
		b := x.plan.at(c.Column)
		if !b.summed() {
			continue
		}
		switch v := x.read(&columnRules[b.column], c, nil); {
		case v.entry != nil:
			b.sum.unsound = true
		case !v.blank:
			b.sum.add(v.number)
		}
	}
}

// total takes a totals row. Beyond those that any report lists it concerns the list above it only.
func (x *splitter) total(row *workbook.Row) {
	wrong, partial := x.plan.totals(row.Cells)
	t := splitTotal{row: row.Number, wrong: wrong, upTo: len(x.out.lists)}
	switch {
	case len(x.out.lists) == 0:
		return // above the first worker it sums nothing
	case len(x.out.totals) >= fault.Listed:
		t.only = []int{x.last}
	case partial:
		t.only = slices.Clone(x.since)
	}
	x.out.totals = append(x.out.totals, t)
	x.since = x.since[:0]
	x.stretch++
}

// replay hands a list's rows to its reader, as they stand in the sheet.
func (s *split) replay(list int, to *sheetReader) error {
	for i := range s.totals {
		if t := &s.totals[i]; t.of(list) {
			to.tellTotals(t.row, t.wrong)
		}
	}
	return s.spool.each(list, func(row *workbook.Row, empty int, inherited uint8) error {
		to.unkeyed = to.unkeyed[:0]
		for i := range s.keys {
			if k := &s.keys[i]; inherited&(1<<i) != 0 && k.several && headerText(k.id, to.header) != "" {
				to.unkeyed = append(to.unkeyed, *k)
			}
		}
		return to.worker(row, empty)
	})
}
