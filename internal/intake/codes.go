package intake

import (
	"slices"

	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/rule"
	"fehrest/internal/workbook"
)

// own are the entries of reading; those of whole files stand in package workbook, those of an organisation's fields in
// package agency, those of rules in package rule.
var own = slices.Concat(sheetCodes, cellCodes, jsonCodes, legacyCodes)

var table = fault.TableOf(workbook.Codes, own, agency.Codes(), rule.Codes())

// Codes is the whole published catalogue of what can be wrong with a list, in the order of its codes.
func Codes() []fault.Entry {
	all := slices.Concat(workbook.Codes, own, agency.Codes(), rule.Codes())
	slices.SortFunc(all, func(a, b fault.Entry) int { return compareCodes(a.Code, b.Code) })
	return all
}

// families is the order of the catalogue.
var families = []string{"FILE", "SHEET", "MAP", "CELL", "ID", "DATE", "DAYS", "WAGE", "PREM", "TAX", "ARR", "LIST", "HIST", "JSON", "DBF", "API"}

func compareCodes(a, b string) int {
	fa, fb := familyOf(a), familyOf(b)
	if fa != fb {
		return fa - fb
	}
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

func familyOf(code string) int {
	return slices.IndexFunc(families, func(f string) bool { return len(code) > len(f) && code[:len(f)] == f && code[len(f)] == '-' })
}

// The entries that the reader raises.
var (
	codeSheet01, codeSheet02, codeSheet03, codeSheet04 = table["SHEET-01"], table["SHEET-02"], table["SHEET-03"], table["SHEET-04"]
	codeSheet05, codeSheet06, codeSheet07, codeSheet08 = table["SHEET-05"], table["SHEET-06"], table["SHEET-07"], table["SHEET-08"]
	codeSheet09, codeSheet10, codeSheet11, codeSheet12 = table["SHEET-09"], table["SHEET-10"], table["SHEET-11"], table["SHEET-12"]
	codeSheet13, codeMap01, codeList10                 = table["SHEET-13"], table["MAP-01"], table["LIST-10"]

	codeCell01, codeCell02, codeCell03, codeCell04, codeCell05 = table["CELL-01"], table["CELL-02"], table["CELL-03"], table["CELL-04"], table["CELL-05"]
	codeCell06, codeCell07, codeCell08, codeCell09, codeCell10 = table["CELL-06"], table["CELL-07"], table["CELL-08"], table["CELL-09"], table["CELL-10"]
	codeCell11, codeCell13, codeCell14                         = table["CELL-11"], table["CELL-13"], table["CELL-14"]
	codeDate01, codeDate02                                     = table["DATE-01"], table["DATE-02"]

	codeJSON01, codeJSON02, codeJSON03, codeJSON04, codeJSON05, codeJSON06 = table["JSON-01"], table["JSON-02"], table["JSON-03"], table["JSON-04"], table["JSON-05"], table["JSON-06"]
)

var numberEntries = [...]*fault.Entry{
	notNumber: codeCell03, notWhole: codeCell04, negative: codeCell05, beyondExact: codeCell06, tooLong: codeCell14,
}

// What a finding means for the list, said once.
var (
	notRead = fault.Text{
		FA: "فایل به‌عنوان لیست ثبت نمی‌شود و به هیچ سازمانی فرستاده نمی‌شود.",
		EN: "The file is not stored as a list and is sent to no organisation.",
	}
	stops = fault.Text{
		FA: "تا اصلاح نشود لیست به سازمان‌هایی که این خانه را لازم دارند فرستاده نمی‌شود.",
		EN: "Until it is corrected the list does not go to the organisations that need this cell.",
	}
	stopsColumn = fault.Text{
		FA: "تا اصلاح نشود لیست به سازمان‌هایی که این ستون را لازم دارند فرستاده نمی‌شود.",
		EN: "Until it is corrected the list does not go to the organisations that need this column.",
	}
	stopsBoth = fault.Text{
		FA: "تا اصلاح نشود لیست به هیچ‌یک از دو سازمان فرستاده نمی‌شود.",
		EN: "Until it is corrected the list goes to neither organisation.",
	}
	warns    = fault.Text{FA: "هشدار است و جلوی ارسال را نمی‌گیرد.", EN: "A warning: it does not stop the list."}
	informs  = fault.Text{FA: "تنها اطلاع است و در پذیرش لیست اثری ندارد.", EN: "Information only: it does not change the verdict."}
	noAction = fault.Text{FA: "کاری لازم نیست.", EN: "Nothing to do."}
)
