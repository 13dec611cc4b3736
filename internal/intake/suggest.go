package intake

import (
	"bytes"
	"slices"
	"strconv"

	"fehrest/internal/jalali"
	"fehrest/internal/workbook"
)

// units are the folded words that stand beside an amount or a count without changing it.
var units = []string{"", "ریال", "روز", "rial", "rials", "irr"}

// suggestNumber is the number that a refused text says beyond doubt; empty for none. It is shown, never taken: an amount
// said to be in tomans comes out in rials, / between groups of three as a mark of thousands, a unit is left out.
func suggestNumber(text []byte) string {
	figure := bytes.TrimFunc(text, func(r rune) bool {
		v, _ := digitAt([]byte(string(r)))
		return v < 0
	})
	before, after, _ := bytes.Cut(text, figure)
	unit := string(fold(fold(nil, before), after))
	times := int64(1)
	switch {
	case len(figure) == 0:
		return ""
	case unit == string(toman):
		times = 10
	case !slices.Contains(units, unit):
		return ""
	}
	if bytes.Count(figure, []byte("/")) > 1 { // a single one may be a decimal mark
		figure = bytes.ReplaceAll(figure, []byte("/"), []byte(","))
	}
	if pointed.Match(figure) {
		groups := bytes.FieldsFunc(figure, func(r rune) bool { return r == '.' || r == '٫' })
		if len(groups) == 2 {
			return "" // it may be a fraction
		}
		figure = bytes.Join(groups, []byte(","))
	}
	n, _, why := parseNumber(figure)
	if why != aNumber || n > maxDigits/times {
		return ""
	}
	return strconv.FormatInt(n*times, 10)
}

// suggestJSON is the number that a value of the wrong type says.
func suggestJSON(value string) string {
	return suggestNumber(bytes.Trim([]byte(value), `"`))
}

// suggestDay converts a Gregorian date, or the bare number by which a spreadsheet keeps one, that stands in a Jalali column.
func suggestDay(c *workbook.Cell, text []byte) string {
	if c.Kind != workbook.Number {
		return suggestDate(text)
	}
	const earliest, latest = 7_000, 60_000 // a day of 1919, a day of 2064: what people write of themselves
	n, _, why := parseNumber(text)
	if why != aNumber || n < earliest || n > latest {
		return ""
	}
	d, _, err := dayOfCell(text)
	if err != nil {
		return ""
	}
	return d.String()
}

// lastDay is the last day of the month that a date without such a day names; empty where there is no such month.
func lastDay(date []byte) string {
	month := date[:min(len(date), 6)]
	if i := bytes.LastIndexAny(date, "/-"); i > 0 {
		month = date[:i]
	}
	m, err := jalali.ParseMonth(string(month))
	if err != nil {
		return ""
	}
	return m.Last().String()
}
