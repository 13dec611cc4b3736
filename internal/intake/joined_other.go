package intake

import (
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

// tellOther is CELL-11 of what WP tells of a person otherwise than the SSO's file, whose word is taken: nothing that a file
// says is dropped unseen. Codes are not compared, for the two files write them differently.
func (r *ownReader) tellOther(id payroll.ColumnID, at int, other string) {
	taken := ""
	for _, c := range r.row.cells {
		if b := r.plan.at(c.Column); b.role == column && b.column == id {
			taken = string(c.Text)
		}
	}
	if other == "" || taken == "" || sameOf(id, taken, other) {
		return
	}
	r.wrong = append(r.wrong, pending{
		entry: codeCell11, column: id, sheetColumn: at, given: other, expected: taken,
		with: []string{"why_fa", "(فایل بیمه چنین می‌گوید و همان گرفته شد)", "why_en", "(the SSO's file says so and was taken)"},
	})
}

// tellUnjoinable is LIST-06 of tax files before 1403: their columns hold sums that the SSO's file does not take apart.
func (r *ownReader) tellUnjoinable() {
	e := *codeList06
	e.Lane = fault.Tax
	r.in.judge.ReportPlace(&e, fault.Place{Sheet: r.list.tax.wh[0]}, "", "", "",
		"what_fa", "ستون‌های WH پیش از ۱۴۰۳ را نمی‌توان با رقم‌های DSK یکی کرد؛ دو جفت فایل را جدا بفرستید",
		"what_en", "columns of WH before 1403 cannot be made one with the figures of DSK; send the two pairs apart")
}

// sameOf compares what the two organisations' files say in a column. Each cuts texts at its fields' widths.
func sameOf(id payroll.ColumnID, a, b string) bool {
	switch id {
	case payroll.ColFirstName, payroll.ColLastName, payroll.ColFatherName, payroll.ColJobTitle:
		a, b = string(fold(nil, []byte(a))), string(fold(nil, []byte(b)))
		return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
	case payroll.ColBirthDate, payroll.ColStartDate, payroll.ColEndDate:
		x, err := jalali.ParseDate(a)
		y, otherErr := jalali.ParseDate(b)
		return err != nil || otherErr != nil || x == y // what is no date is a finding of its own
	case payroll.ColIDNumber:
		return strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0")
	case payroll.ColInsuranceNumber:
		return payroll.InsuranceNumber(a).Short() == payroll.InsuranceNumber(b).Short()
	}
	return true
}
