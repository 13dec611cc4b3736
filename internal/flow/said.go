package flow

import (
	"context"
	"slices"
	"strings"

	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/store"
)

// Said is one finding of an organisation in its own words, and what of the list it is about.
type Said struct {
	payroll.AnswerFinding
	// Who is the person as the list names him: the SSO, whose files carry no code of a foreigner, names him by his insurance number.
	// It is empty where no person of the list is meant, or the number is of several.
	Who  string `json:"who"`
	Rows []int  `json:"rows"` // his rows, as a person sees them
	// Column is the key of the column from which alone the organisation's field is made; empty where there is no such one.
	Column string `json:"column"`
	Label  string `json:"label"` // the column's Persian name
}

func saidOf(f payroll.AnswerFinding) Said {
	s := Said{AnswerFinding: f, Rows: []int{}}
	if id, ok := intake.ColumnOfField(f.Field); ok {
		s.Column, s.Label = id.Info().Key, id.Info().Label
	}
	return s
}

// placed finds the persons of findings in a list. own leaves out findings of persons who are not in it.
func placed(ctx context.Context, tx *store.Tx, l *store.List, found []payroll.AnswerFinding, own bool) ([]Said, error) {
	all := []Said{}
	if len(found) == 0 {
		return all, nil
	}
	var persons, numbers []string
	for _, f := range found {
		if n, ok := insuranceOf(f.Person); ok {
			short := n.Short()
			numbers = append(numbers, short, "00"+short)
		} else if f.Person != "" {
			persons = append(persons, f.Person)
		}
	}
	rows, err := tx.RowsOf(ctx, l.Header.Identity(), l.ID, persons, numbers)
	if err != nil {
		return nil, err
	}
	by := map[string][]store.RowOf{} // by what an organisation may call him
	for _, r := range rows {
		by[r.Person] = append(by[r.Person], r)
		if r.Insurance != "" {
			name := byInsurance + r.Insurance.Short()
			by[name] = append(by[name], r)
		}
	}
	for _, f := range found {
		s := saidOf(f)
		name := f.Person
		if n, ok := insuranceOf(name); ok {
			name = byInsurance + n.Short()
		}
		his := by[name]
		s.Rows = rowsOf(his)
		if len(his) > 0 && !slices.ContainsFunc(his, func(r store.RowOf) bool { return r.Person != his[0].Person }) {
			s.Who = his[0].Person
		}
		if own && f.Person != "" && len(s.Rows) == 0 {
			continue
		}
		all = append(all, s)
	}
	return all, nil
}

// byInsurance begins the name of a person that is his insurance number.
const byInsurance = "I"

func insuranceOf(person string) (payroll.InsuranceNumber, bool) {
	number, ok := strings.CutPrefix(person, byInsurance)
	n := payroll.InsuranceNumber(number)
	return n, ok && n.Check() == payroll.Valid
}

func rowsOf(all []store.RowOf) []int {
	rows := []int{}
	for _, r := range all {
		rows = append(rows, r.Row)
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}
