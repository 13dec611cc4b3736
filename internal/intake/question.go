package intake

import (
	"fehrest/internal/payroll"
)

// Question is an ambiguous header (MAP-01): what it means is asked, never guessed. The answer, header to key, is a line of the
// map that Options take.
type Question struct {
	Header     string      `json:"header"`
	Sheet      string      `json:"sheet"`
	Cell       string      `json:"cell"`
	Candidates []Candidate `json:"candidates"`
}

// Candidate is what a header may mean.
type Candidate struct {
	Key   string `json:"key"` // what is written in the map
	Label string `json:"label"`
}

// question makes the question of an ambiguous header. Amounts in tomans are none: no map turns them into rials.
func (b *binding) question(sheet, cell string) (q Question, ok bool) {
	if inTomans(b.title) {
		return q, false
	}
	q = Question{Header: b.title, Sheet: sheet, Cell: cell}
	for _, c := range b.candidates {
		if id, ok := payroll.ColumnOf(c); ok {
			q.Candidates = append(q.Candidates, Candidate{c, id.Info().Label})
		} else if c == wholeName {
			q.Candidates = append(q.Candidates, Candidate{c, candidateWords[c]})
		}
	}
	q.Candidates = append(q.Candidates, Candidate{ignoredKey, candidateWords[ignoredKey]})
	return q, true
}
