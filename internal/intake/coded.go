package intake

import (
	"strings"

	"fehrest/internal/payroll"
)

// codes of one column or header key by the words for them.
type codeWords struct {
	byWord map[string]string // folded words, the codes themselves included
	shown  string            // the allowed values, for CELL-13
}

var (
	columnCodes = columnCodeWords()
	headerCodes = headerCodeWords()
)

func columnCodeWords() (t [payroll.ColumnCount]*codeWords) {
	for id, c := range payroll.Columns() {
		if c.Values != nil {
			t[id] = newCodeWords(c.Values)
		}
	}
	return t
}

func headerCodeWords() (t [payroll.HeaderCount]*codeWords) {
	for id, k := range payroll.HeaderKeys() {
		if k.Values != nil {
			t[id] = newCodeWords(k.Values)
		}
	}
	return t
}

func newCodeWords(values []payroll.Value) *codeWords {
	c := &codeWords{byWord: map[string]string{}}
	var shown []string
	for _, v := range values {
		c.byWord[string(fold(nil, []byte(v.Code)))] = v.Code
		for _, w := range v.Words {
			c.byWord[string(fold(nil, []byte(w)))] = v.Code
		}
		switch {
		case len(v.Words) == 0:
			shown = append(shown, v.Code)
		case v.Words[0] == v.Code:
			shown = append(shown, v.Code)
		default:
			shown = append(shown, v.Words[0]+" ("+v.Code+")")
		}
	}
	c.shown = strings.Join(shown, "، ")
	return c
}

// code finds the code of a word. The scratch is used for folding and given back.
func (c *codeWords) code(word, scratch []byte) (code string, ok bool, _ []byte) {
	if code, ok = c.byWord[string(word)]; ok {
		return code, true, scratch
	}
	scratch = fold(scratch[:0], word)
	code, ok = c.byWord[string(scratch)]
	return code, ok, scratch
}
