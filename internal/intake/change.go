package intake

import (
	"slices"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
)

// Standing is the version that a change list changes, as it stands.
type Standing struct {
	Name string // of its place, in findings about lines that the change does not touch
	// Lines gives its lines in row order. The line is used again, its strings are not. An error ends the reading and is returned as
	// it is.
	Lines func(each func(*payroll.Line) error) error
	// Amend, where set, makes every row one that completes or corrects the line of its person, whatever the list's kind and the row's
	// word: it gets that line (nil: no one like him, or a second row of his) and makes the row what is judged in its place. False
	// leaves the row out; what was found in its cells is told all the same.
	Amend func(stands, row *payroll.Line) bool
}

// changes tells whether the rows are held until all are read.
func (s *Standing) changes(h *payroll.Header) bool {
	return s != nil && (h.Kind == payroll.Change || s.Amend != nil)
}

// The two words of the column action.
const (
	actionChange = "change"
	actionCancel = "cancel"
)

// changes holds the rows of a change list until all are read: a version stands in the order of the one before it, so that an
// organisation whose file does not change gets no other.
type changes struct {
	rows []changedRow
	of   map[string]int // by person, his first row
}

type changedRow struct {
	line    payroll.Line
	pending []pending
	used    bool
}

// hold keeps the row at hand. One without a word asks for nothing.
func (r *lineReader) hold() error {
	if r.changes == nil {
		r.changes = &changes{of: map[string]int{}}
	}
	if r.known.Standing.Amend == nil {
		if r.line.Action == "" && !r.line.Faulty.Has(payroll.ColAction) {
			return nil
		}
		if err := r.carry(); err != nil {
			return err
		}
	}
	c := r.changes
	if person := r.line.Person(); named(&r.line) {
		if _, twice := c.of[person]; !twice {
			c.of[person] = len(c.rows)
		}
	}
	c.rows = append(c.rows, changedRow{line: r.line, pending: slices.Clone(r.pending)})
	return nil
}

// named tells whether it can be read who stands in the row.
func named(l *payroll.Line) bool {
	_, ok := l.PersonKey()
	return ok
}

// expand makes the whole new version of the one that stands and the rows of the change list, and has it judged: who is changed
// keeps his place, who is new comes last. Findings stand at the sender's rows; a line that he does not touch has its place in the
// version that stands.
func (r *lineReader) expand(s *Standing) error {
	c := r.changes
	if c == nil {
		return nil
	}
	r.changes, r.judge.Whole, r.workers = nil, true, 0
	origin := map[int]int{} // the sender's row of a line's
	place := r.judge.Place
	r.judge.Place = func(row int, col payroll.ColumnID) fault.Place {
		if from, ok := origin[row]; ok {
			return place(from, col)
		}
		return fault.Place{Sheet: s.Name, Row: row}
	}
	last := 0
	put := func(x *changedRow, stands *payroll.Line, row int) error {
		x.used, origin[row] = true, x.line.Row
		r.line, r.pending = x.line, x.pending
		r.line.Row = row
		if s.Amend != nil {
			return r.amend(s, stands, x.line.Row)
		}
		if r.line.Action == actionCancel {
			return r.cancelNoOne(s, named(&x.line) && &c.rows[c.of[x.line.Person()]] != x)
		}
		r.settle()
		r.report()
		r.need()
		if err := r.judged(); err != nil {
			return err
		}
		r.compute(&r.owed)
		return nil
	}
	err := s.Lines(func(l *payroll.Line) error {
		last = l.Row
		i, ok := c.of[l.Person()]
		switch {
		case !ok:
			r.line = *l
			r.settle()
			return r.judged()
		case c.rows[i].line.Action == actionCancel && s.Amend == nil:
			c.rows[i].used = true
			return nil
		}
		return put(&c.rows[i], l, l.Row)
	})
	if err != nil {
		return err
	}
	for i := range c.rows {
		if x := &c.rows[i]; !x.used {
			last++
			if err := put(x, nil, last); err != nil {
				return err
			}
		}
	}
	return nil
}

// amend has the row at hand completed from the line that stands, and judged.
func (r *lineReader) amend(s *Standing, stands *payroll.Line, sent int) error {
	r.report()
	if stands == nil {
		who := r.line
		who.Action = actionCancel // no one like him: is it his code that is wrong? Nothing else of the row is judged
		if r.judge.Line(&who); !named(&r.line) {
			return nil
		}
	}
	row := r.line.Row
	r.line.Row = sent
	if !s.Amend(stands, &r.line) {
		return nil
	}
	r.line.Row = row
	r.settle()
	if err := r.judged(); err != nil {
		return err
	}
	r.compute(&r.owed)
	return nil
}

// settle forgets the word that made the line what it is: it is a line of the new version like the others.
func (r *lineReader) settle() {
	r.line.Action = ""
	r.line.Given = r.line.Given.Without(payroll.SetOf(payroll.ColAction))
}

func (r *lineReader) judged() error {
	r.workers++
	r.owed = r.judge.Line(&r.line)
	if r.take == nil {
		return nil
	}
	return r.take(&r.line, &r.owed)
}

// cancelNoOne tells a row that removes who is not there, or whom another row has dealt with.
func (r *lineReader) cancelNoOne(s *Standing, twice bool) error {
	r.report()
	if !named(&r.line) {
		r.judge.Line(&r.line) // who is meant cannot be read
		return nil
	}
	e := *codeCell13
	e.Message = fault.Text{FA: "این شخص در نسخه " + s.Name + " نیست و حذف او معنایی ندارد", EN: "this person is not in version " + s.Name + " and cannot be removed"}
	if twice {
		e.Message = fault.Text{FA: "این شخص در همین فایل دو بار آمده است", EN: "this person stands twice in this file"}
	}
	r.judge.Report(&e, &r.line, payroll.ColAction, actionCancel, actionChange, "")
	return nil
}
