package intake

import (
	"slices"
	"unicode"

	"fehrest/internal/workbook"
)

// heading finds the header of a list sheet among its first rows: one row, or a row of titles over groups of columns and the
// row of their headers below it.
type heading struct {
	rows   [deepestHeader + 2]*workbook.Row // by number, from 1; nil where the sheet has none
	mapped map[string]string
	merged func() ([]workbook.Range, error) // of the sheet; asked only where a title may stand over several columns
}

// find is the plan of the header, nil where there is none.
func (h *heading) find() (*plan, error) {
	for n := 1; n <= deepestHeader; n++ {
		if h.rows[n] == nil {
			continue
		}
		p := planOf(h.rows[n], h.mapped)
		two, err := h.two(p, n)
		if two != nil || err != nil {
			return two, err
		}
		if p.known >= fewestHeaders {
			return p, nil
		}
	}
	return nil, nil
}

// two is the plan of the header in rows n and n+1, nil where it is not one of two rows. Only what is certainly no worker is
// taken for a second row of headers: words without any figure, some of them known. Below row 2 the upper row must be a
// header itself.
func (h *heading) two(p *plan, n int) (*plan, error) {
	upper, lower := h.rows[n], h.rows[n+1]
	if lower == nil || keysOnly(lower) || !wordsOnly(lower) || n > 1 && p.known < fewestHeaders {
		return nil, nil
	}
	g := grouping{mapped: h.mapped}
	g.read(upper, lower)
	if g.open && len(g.above) > 1 {
		merged, err := h.merged()
		if err != nil {
			return nil, err
		}
		g.merged = merged
		g.read(upper, lower)
	}
	const few = 3
	sure := g.fromLower > 1 || g.fromLower == 1 && len(titlesOf(lower)) <= few
	if !sure || g.fromUpper == 0 || g.plan.known < fewestHeaders {
		return nil, nil
	}
	return g.plan, nil
}

// wordsOnly tells whether every cell of a row that holds anything holds words.
func wordsOnly(row *workbook.Row) bool {
	some := false
	for i := range row.Cells {
		c := &row.Cells[i]
		if !filled(c) {
			continue
		}
		text := string(c.Text)
		if c.Kind != workbook.Text || !slices.ContainsFunc([]rune(text), unicode.IsLetter) && listWords[normal(text)].role == unknown {
			return false
		}
		some = true
	}
	return some
}

// grouping reads two rows as one header: what the lower row says where it is known, else both together, and the upper row
// where the lower is blank.
type grouping struct {
	mapped map[string]string
	merged []workbook.Range

	plan                 *plan
	above                map[int]title
	fromUpper, fromLower int  // known headers that the rows had a part in
	open                 bool // a header of the lower row is not known, and nothing stands right above it
}

func (g *grouping) read(upper, lower *workbook.Row) {
	g.plan = &plan{row: lower.Number, width: max(len(upper.Cells), len(lower.Cells))}
	g.above, g.fromUpper, g.fromLower, g.open = map[int]title{}, 0, 0, false
	below := map[int]title{}
	var columns []int
	for _, t := range titlesOf(upper) {
		g.above[t.column] = t
		columns = append(columns, t.column)
	}
	for _, t := range titlesOf(lower) {
		below[t.column] = t
		columns = append(columns, t.column)
	}
	slices.Sort(columns)
	for _, c := range slices.Compact(columns) {
		if t, ok := below[c]; ok {
			g.lower(t, upper.Number)
			continue
		}
		m := headerMeaning(g.above[c].text, g.mapped)
		if m.role != unknown {
			g.fromUpper++
		}
		g.plan.entitle(g.above[c], m)
	}
}

// lower takes a header of the lower row.
func (g *grouping) lower(t title, upperRow int) {
	m := headerMeaning(t.text, g.mapped)
	if m.role == unknown {
		over, ok := g.over(t.column, upperRow)
		g.open = g.open || !ok
		if both := over.text + " " + t.text; ok {
			if m = headerMeaning(both, g.mapped); m.role != unknown {
				g.fromUpper++
			}
			if m.role != unknown || len(g.above) > 1 { // one title alone is the sheet's
				t.text = both
			}
		}
	}
	if m.role != unknown {
		g.fromLower++
	}
	g.plan.entitle(t, m)
}

// over is the title above a column: in its own cell, or merged over it.
func (g *grouping) over(column, row int) (title, bool) {
	if t, ok := g.above[column]; ok {
		return t, true
	}
	for _, m := range g.merged {
		if m.FirstRow <= row && row <= m.LastRow && m.FirstColumn <= column && column <= m.LastColumn {
			t, ok := g.above[m.FirstColumn]
			return t, ok
		}
	}
	return title{}, false
}
