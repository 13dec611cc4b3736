package intake

import "fehrest/internal/payroll"

// valueRule says how the cell of a column or of a key of the workshop sheet is read.
type valueRule struct {
	form     payroll.Form
	limit    int        // letters at most (CELL-10); 0 where the identifier's own check tells
	codes    *codeWords // of a coded value
	low      int        // a code of low to high digits, all else is CELL-13; 0 where the identifier's own check tells
	high     int
	padFrom  int // zeros that a number cell lost: padFrom digits and more are filled up to padTo
	padTo    int
	padText  bool   // from text too
	digits   bool   // a text whose digits identify: Persian and Arabic ones become ASCII
	expected string // what CELL-13 says of a code of digits
}

var (
	columnRules = columnRuleTable()
	headerRules = headerRuleTable()
)

func columnRuleTable() (t [payroll.ColumnCount]valueRule) {
	for id, c := range payroll.Columns() {
		t[id] = valueRule{form: c.Form, codes: columnCodes[id]}
		if c.Form == payroll.Text || c.Form == payroll.Name {
			t[id].limit = c.Limit
		}
	}
	// Shapes with a check and a code of their own.
	t[payroll.ColJobCode].limit, t[payroll.ColWorkerPostalCode].limit = 0, 0
	for _, id := range []payroll.ColumnID{payroll.ColIDNumber, payroll.ColJobCode, payroll.ColWorkerPostalCode} {
		t[id].digits = true
	}
	pad := func(id payroll.ColumnID, from, to int, text bool) {
		t[id].padFrom, t[id].padTo, t[id].padText = from, to, text
	}
	pad(payroll.ColNationalCode, 8, 10, true)
	pad(payroll.ColInsuranceNumber, 5, 8, false)
	pad(payroll.ColJobCode, 4, 6, false)
	for _, id := range []payroll.ColumnID{payroll.ColCitizenshipCountry, payroll.ColResidenceCountry} {
		t[id].low, t[id].high, t[id].expected = 3, 3, "کد سه‌رقمی کشور"
	}
	return t
}

func headerRuleTable() (t [payroll.HeaderCount]valueRule) {
	for id, k := range payroll.HeaderKeys() {
		t[id] = valueRule{form: k.Form, codes: headerCodes[id]}
		if k.Form == payroll.Text {
			t[id].limit = k.Limit
		}
	}
	pad := func(id payroll.HeaderID, from, to int, text bool) {
		t[id].padFrom, t[id].padTo, t[id].padText = from, to, text
	}
	digits := func(id payroll.HeaderID, low, high int, expected string) {
		t[id].low, t[id].high, t[id].expected = low, high, expected
	}
	pad(payroll.KeyWorkshopCode, 8, 10, false)
	pad(payroll.KeyContractRow, 1, 3, false)
	pad(payroll.KeyListNo, 1, 2, true)
	digits(payroll.KeyContractRow, 3, 3, "سه رقم، مانند 001")
	digits(payroll.KeyListNo, 1, 12, "یک تا دوازده رقم")
	digits(payroll.KeyTaxOfficeCode, 1, 20, "فقط رقم")
	digits(payroll.KeyTaxFileNo, 1, 20, "فقط رقم")
	return t
}
