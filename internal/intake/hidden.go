package intake

import (
	"fmt"
	"strings"
)

// hiddenMarks names the control characters and direction marks of a text, which a person cannot see.
func hiddenMarks(text []byte) string {
	var names []string
	for _, r := range string(text) {
		if name := fmt.Sprintf("U+%04X", r); traitOf(r)&forbidden != 0 && len(names) < 5 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}
