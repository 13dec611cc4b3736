package fault

import (
	"cmp"
	"slices"
)

// Listed is how many faults of one code are listed; counts stay exact beyond it.
const Listed = 200

// Counts of findings by severity.
type Counts struct {
	Refuse  int `json:"refuse"`
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
}

// Cause is one reason for findings in many rows: one code at one field. Where all of them hold the same value, it is named,
// and so is the one that is suggested in its place: a single replacement mends them all.
type Cause struct {
	Code      string `json:"code"`
	Field     string `json:"field"`
	Rows      int    `json:"rows"`
	Fix       Text   `json:"fix"`
	Given     string `json:"given,omitempty"`     // of more than one row
	Suggested string `json:"suggested,omitempty"` // likewise, and the same for all
}

// Findings gathers every fault of one list. The zero Findings is ready.
type Findings struct {
	faults []Fault
	counts [Refuse + 1]int
	worst  map[Lane]Severity
	causes []Cause
	cause  map[reason]int // index into causes
	listed map[string]int
	fields map[string]int // causes of a code
}

// reason is what a cause is counted by.
type reason struct{ code, field string }

// Room tells whether another fault of the code would still be listed, so that a caller may skip writing its message.
func (f *Findings) Room(code string) bool { return f.listed[code] < Listed }

// Add takes one fault. rows is how many rows it stands for in its cause, 1 for most, more for a finding a list.
func (f *Findings) Add(x Fault, fix Text, rows int) {
	if f.listed == nil {
		f.listed, f.worst = map[string]int{}, map[Lane]Severity{}
		f.cause, f.fields = map[reason]int{}, map[string]int{}
	}
	f.counts[x.Severity]++
	if x.Severity > f.worst[x.Lane] {
		f.worst[x.Lane] = x.Severity
	}
	f.causes[f.causeOf(reason{x.Code, x.Field}, fix)].take(&x, rows)
	if f.listed[x.Code] < Listed {
		f.listed[x.Code]++
		if x.RelatedRows == nil {
			x.RelatedRows = []int{}
		}
		f.faults = append(f.faults, x)
	}
}

func (c *Cause) take(x *Fault, rows int) {
	if c.Rows == 0 {
		c.Given, c.Suggested = x.Given, x.Suggested
	}
	if x.Given != c.Given {
		c.Given, c.Suggested = "", ""
	}
	if x.Suggested != c.Suggested {
		c.Suggested = ""
	}
	c.Rows += rows
}

// causeOf finds the cause, or begins it. A field may be a name that the sender made up, so a code has Listed causes at
// most; all others are counted in one without a field.
func (f *Findings) causeOf(r reason, fix Text) int {
	i, known := f.cause[r]
	if !known && f.fields[r.code] >= Listed {
		r.field = ""
		i, known = f.cause[r]
	}
	if !known {
		i = len(f.causes)
		f.causes = append(f.causes, Cause{Code: r.code, Field: r.field, Fix: fix})
		f.cause[r] = i
		f.fields[r.code]++
	}
	return i
}

// Worst is the gravest severity among findings that count for the lane.
func (f *Findings) Worst(lane Lane) Severity {
	w := Info
	for l, s := range f.worst {
		if l&lane != 0 && s > w {
			w = s
		}
	}
	return w
}

// Counts are exact.
func (f *Findings) Counts() Counts {
	return Counts{Refuse: f.counts[Refuse], Error: f.counts[Error], Warning: f.counts[Warning], Info: f.counts[Info]}
}

// All lists the faults in the order a person reads the sheet: file and header findings first, then by row and column.
func (f *Findings) All() []Fault {
	slices.SortStableFunc(f.faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(len(a.Column), len(b.Column)), cmp.Compare(a.Column, b.Column))
	})
	if f.faults == nil {
		return []Fault{}
	}
	return f.faults
}

// Causes lists one reason a line, most rows first.
func (f *Findings) Causes() []Cause {
	causes := append([]Cause{}, f.causes...)
	for i := range causes {
		if causes[i].Rows == 1 {
			causes[i].Given, causes[i].Suggested = "", "" // the finding itself says it
		}
	}
	slices.SortStableFunc(causes, func(a, b Cause) int { return cmp.Compare(b.Rows, a.Rows) })
	return causes
}

// Has tells whether any fault of the code was found.
func (f *Findings) Has(code string) bool { return f.listed[code] > 0 }
