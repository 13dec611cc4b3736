package intake

import (
	"fehrest/internal/fault"
	"fehrest/internal/rial"
	"fehrest/internal/workbook"
)

// Limits bound what is read of one file. A zero field means its default.
type Limits struct {
	Workbook  workbook.Limits // of a workbook or a ZIP of other files
	JSON      int64           // bytes of a JSON document; 256 MB
	JSONDepth int             // objects and arrays within one another; 16, a list needs three
	// Rows is how many workers one list may have: 99,999. More than that is never lawful: DSK_NUM is five digits wide.
	Rows int
}

// MostWorkers is how many workers one list may ever have.
const MostWorkers = 99_999

// OrDefault fills the fields that are zero.
func (l Limits) OrDefault() Limits {
	l.Workbook = l.Workbook.OrDefault()
	if l.JSON == 0 {
		l.JSON = 256 << 20
	}
	if l.JSONDepth == 0 {
		l.JSONDepth = 16
	}
	if l.Rows == 0 || l.Rows > MostWorkers {
		l.Rows = MostWorkers
	}
	l.Workbook.Columns = min(l.Workbook.Columns, MostColumns)
	return l
}

// MostColumns is how many columns of a sheet are told apart.
const MostColumns = 256

// TooLarge is FILE-02 for an upload that is not read to its end; given 0 is not known.
func TooLarge(given, limit int64) *fault.Problem {
	x := &workbook.Refusal{Code: "FILE-02", Reason: "too-large", Column: -1, Given: given, Limit: limit}
	f := x.Fault(table, "")
	return &fault.Problem{Kind: fault.TooLarge, Code: x.Code, Text: f.Message, Faults: []fault.Fault{f}}
}

// tooManyRows are the words of SHEET-07 for a list of too many workers.
func tooManyRows(most int) []string {
	n := rial.Amount(most).Grouped()
	persian := []rune(n)
	for i, c := range persian {
		if persian[i] = '٬'; c != ',' {
			persian[i] = '۰' + c - '0'
		}
	}
	return []string{"what_fa", "بیش از " + string(persian) + " ردیف", "what_en", "more than " + n + " rows"}
}
