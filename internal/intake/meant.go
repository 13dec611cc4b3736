package intake

import (
	"strconv"
	"strings"

	"fehrest/internal/payroll"
)

// ColumnOfField is the column of a list from which alone an organisation's field of a worker is made, in the files that are written:
// DSW_DD, WP13, WH17. It is false for sums of several columns, for what the window computes, and for names it does not know.
func ColumnOfField(field string) (payroll.ColumnID, bool) {
	field = strings.ToUpper(strings.TrimSpace(field))
	switch field {
	case "DSW_MAZ", "DSW_TOTL", "DSW_BIME", "DSW_MASH", "WP2": // sums, figures of the window, and a code that is of either kind
		return 0, false
	case "WH35":
		return payroll.ColNetPaid, true
	}
	for i := range dskColumns {
		if dskColumns[i].field == field && dskColumns[i].column != payroll.ColumnCount {
			return dskColumns[i].column, true
		}
	}
	for i := range taxFields {
		if taxFields[i].live == field && taxFields[i].column != payroll.ColumnCount {
			return taxFields[i].column, true
		}
	}
	number, isPay := strings.CutPrefix(field, "WH")
	if n, err := strconv.Atoi(number); isPay && err == nil {
		return payColumn(n)
	}
	return 0, false
}

// payColumn is the component that stands alone in a column of pay, in every edition that has the column.
func payColumn(n int) (id payroll.ColumnID, ok bool) {
	if n == healthColumn { // the deductible share of the premium is in it too
		return 0, false
	}
	for c := range payroll.Components() {
		info := c.Info()
		if info.WH1404 != n && info.WH1403 != n {
			continue
		}
		if ok || (info.WH1404 != info.WH1403 && n <= lastColumn1403) {
			return 0, false
		}
		id, ok = c.Column(), true
	}
	return id, ok
}

// lastColumn1403 is the last column of pay in the edition of 1403.
const lastColumn1403 = 35
