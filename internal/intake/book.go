package intake

import (
	"errors"
	"maps"
	"slices"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// bookFile is an opened workbook: its sheets are told apart, and so are the lists in its list sheet.
type bookFile struct {
	book    *workbook.Book
	chosen  chosen
	refused error  // of a sheet, while the sheets were told apart
	split   *split // nil for a sheet of one list
	lists   []Part
	headers []*payroll.Header // of a split, what is said of each list's workshop
}

func openBook(from *candidate) (content, error) {
	book, err := from.archive.Book()
	if err != nil {
		return content{}, err
	}
	f := &bookFile{book: book}
	if err := f.look(from); err != nil {
		return content{}, err
	}
	c := content{lists: f.lists, read: f.read, digest: f.digest, others: f.refused != nil || f.chosen.sheets > 1, close: f.close}
	if f.chosen.list != nil {
		c.sheet = f.chosen.list.sheet.Name
	}
	return c, nil
}

// look tells sheets and lists apart. A refusal is kept for whoever reads the file's one list.
func (f *bookFile) look(c *candidate) error {
	var refused *workbook.Refusal
	var err error
	if f.chosen, err = choose(c.ctx, f.book, c.o); errors.As(err, &refused) {
		f.refused = err
		return nil
	}
	if err != nil || f.chosen.list == nil {
		return err
	}
	h := headerReader{header: &payroll.Header{}}
	if err := f.readWorkshop(&h); err != nil {
		if errors.As(err, &refused) {
			return nil
		}
		return err
	}
	if err := f.answer(c, h.header); err != nil {
		return err
	}
	if !c.one {
		if err := f.divide(c, h.header); err != nil {
			return err
		}
	}
	if f.split == nil {
		f.repeat(&h, f.chosen.list.repeated, f.chosen.list.plan.row)
		f.lists = []Part{partOf(h.header, 0)}
		return nil
	}
	for i := range f.split.lists {
		l := &f.split.lists[i]
		own := *h.header
		f.repeat(&headerReader{header: &own}, l.first, l.firstRow)
		f.lists = append(f.lists, partOf(&own, l.rows))
		f.headers = append(f.headers, &own)
	}
	return nil
}

// answer reads the titles again by what the client answered to those that are ambiguous.
func (f *bookFile) answer(c *candidate, said *payroll.Header) error {
	if c.o.Answers == nil || !slices.ContainsFunc(f.chosen.list.plan.bindings, func(b binding) bool { return b.role == ambiguous }) {
		return nil
	}
	h := *said
	f.repeat(&headerReader{header: &h}, f.chosen.list.repeated, f.chosen.list.plan.row)
	answers, err := c.o.Answers(&h)
	if err != nil || len(answers) == 0 {
		return err
	}
	mapped := maps.Clone(answers)
	maps.Copy(mapped, c.o.Map)
	f.chosen.list, err = look(f.book, f.chosen.list.sheet, mapped)
	return err
}

// divide looks through a sheet whose columns may tell lists apart.
func (f *bookFile) divide(c *candidate, h *payroll.Header) error {
	keys := keyColumns(f.chosen.list.plan, h)
	if len(keys) == 0 {
		return nil
	}
	var err error
	f.split, err = newSplitter(c, f.chosen.list.plan.fresh(), keys).run(f.book, f.chosen.list.sheet)
	if errors.Is(err, errManyLists) {
		f.chosen.fault(codeSheet07, f.chosen.list.sheet.Name, tooManyLists...)
		f.refused = errStop
		return nil
	}
	return err
}

func partOf(h *payroll.Header, rows int) Part {
	return Part{Workshop: h.Workshop, ContractRow: h.ContractRow, ListNo: h.ListNo, Period: h.Period, Rows: rows}
}

func (f *bookFile) close() error {
	if f.split == nil {
		return nil
	}
	return f.split.spool.close()
}

// read reads one of the lists.
func (f *bookFile) read(in *input, part int) error {
	for _, w := range f.book.Warnings {
		x := w.Fault(table)
		x.Lane &= in.o.Lanes
		in.result.Findings.Add(x, table[w.Code].Fix, 1)
	}
	in.oldTemplate(f.book)
	s, err := f.prepare(in, part)
	if err != nil || s == nil {
		return err
	}
	var info *workbook.SheetInfo
	if f.split != nil {
		info, err = f.split.info, f.split.replay(part, s)
	} else {
		info, err = f.book.Rows(s.sheet, s.row)
	}
	var x *workbook.Refusal
	switch {
	case errors.Is(err, errStop):
		s.stopped = true
	case errors.As(err, &x):
		s.stopped = true
		in.refuse(x, s.sheet.Name)
	case err != nil:
		return err
	}
	if !s.stopped {
		if err := s.expand(in.known.Standing); err != nil {
			return err
		}
	}
	s.close(info)
	if s.others && f.split == nil {
		in.result.Guesses = append(in.result.Guesses, Guess{
			What: payroll.KeyWorkshopCode.Info().Key, Found: string(in.result.Header.Workshop),
			Why: "the workshop sheet says it of all rows; for several workshops in one sheet leave it out there",
		})
	}
	return nil
}

// prepare reads all that stands before the first worker; without a list to read there is no reader.
func (f *bookFile) prepare(in *input, part int) (*sheetReader, error) {
	for _, x := range f.chosen.faults {
		in.judge.ReportPlace(x.entry, fault.Place{Sheet: x.sheet}, "", "", "", x.with...)
	}
	if f.refused != nil {
		return nil, f.refused
	}
	if err := f.readWorkshop(&in.headers); err != nil {
		return nil, err
	}
	list := f.chosen.list
	if list == nil {
		return nil, in.withoutList()
	}
	in.sheet = list.sheet.Name
	cells, row := list.repeated, list.plan.row
	if f.split != nil {
		cells, row = f.split.lists[part].first, f.split.lists[part].firstRow
	}
	ofRows := f.repeat(&in.headers, cells, row)
	lines := newLineReader(in)
	lines.ofRows = ofRows
	lines.follow(list.plan.fresh())
	s := &sheetReader{lineReader: lines, sorter: rowSorter{plan: lines.plan}, ctx: in.ctx, sheet: list.sheet, most: in.o.Limits.Rows, apart: f.split != nil}
	in.judge.Place = s.place
	if err := in.begin(); err != nil {
		return nil, err
	}
	s.headers()
	in.result.Questions = s.questions
	return s, nil
}

// readWorkshop reads the workshop's sheet.
func (f *bookFile) readWorkshop(to *headerReader) error {
	if f.chosen.workshop == nil {
		return nil
	}
	to.sheet = f.chosen.workshop.sheet.Name
	_, err := f.book.Rows(f.chosen.workshop.sheet, func(row *workbook.Row) error {
		to.row(row)
		return nil
	})
	if err != nil {
		return inSheet(err, to.sheet)
	}
	return nil
}

// repeat takes what a list's rows say of their workshop and its sheet does not, and names it.
func (f *bookFile) repeat(to *headerReader, cells map[payroll.HeaderID]cellValue, row int) (taken payroll.HeaderSet) {
	for key := range payroll.HeaderCount {
		cell, ok := cells[key]
		if !ok || to.header.Given.Has(key) {
			continue
		}
		taken.Add(key)
		to.set(key, &cell, fault.Place{
			Sheet: f.chosen.list.sheet.Name, Row: row, Column: workbook.ColumnName(cell.Column), Cell: workbook.CellName(cell.Column, row),
		})
	}
	return taken
}
