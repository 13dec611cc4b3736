package intake_test

import (
	"slices"
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

const (
	wage = "دستمزد روزانه"
	days = "روزهای کارکرد"
	name = "نام"
	born = "تاریخ تولد"
)

func badAmounts() []bad {
	formula := func(d *draft) *draft {
		return d.edit(func(f *excelize.File) { _ = f.SetCellFormula(list, d.name(wage, 3), "1+1") })
	}
	failed := func(d *draft, what string) *draft {
		d.pack = reshape(func(x string) string {
			at := `<c r="` + d.name(wage, 3) + `"`
			i := strings.Index(x, at)
			end := i + strings.Index(x[i:], "</c>")
			return x[:i] + at + ` t="e"><v>` + what + `</v>` + x[end:]
		})
		return d
	}
	stored := func(v string) *draft {
		d := good()
		d.pack = reshape(func(x string) string {
			i := strings.Index(x, `<c r="`+d.name(wage, 3)+`"`)
			from := i + strings.Index(x[i:], "<v>")
			end := i + strings.Index(x[i:], "</v>")
			return x[:from] + "<v>" + v + x[end:]
		})
		return d
	}
	at := good().name(wage, 3)
	return []bad{
		{row: 59, name: "formula without a value", draft: formula(good().cell(wage, nil)), code: "CELL-01", cell: at, field: "daily_wage", alone: true},
		{row: 60, name: "error value", draft: failed(good(), "#REF!"), code: "CELL-02", cell: at, given: "#REF!", fa: "خطای #REF! در " + at, alone: true},
		{row: 60, name: "value missing in a lookup", draft: failed(good(), "#N/A"), code: "CELL-02", given: "#N/A", alone: true},
		{row: 60, name: "value of a wrong kind", draft: failed(good(), "#VALUE!"), code: "CELL-02", given: "#VALUE!", alone: true},
		{row: 77, name: "slash", draft: good().cell(wage, "۵/۶۰۰"), code: "CELL-03", given: "۵/۶۰۰", fa: "/ در عدد مجاز نیست", alone: true},
		{name: "a point that may mean thousands", draft: good().cell(wage, "560.000"), code: "CELL-03", given: "560.000", fa: "هزارگان", alone: true},
		{name: "points that mean thousands", draft: good().cell(wage, "5٫600٫000"), code: "CELL-03", fa: "هزارگان", alone: true},
		{row: 78, name: "rial", draft: good().cell(wage, "5600000 ریال"), code: "CELL-03", fa: "واحد را ننویسید", alone: true},
		{row: 78, name: "toman", draft: good().cell(wage, "560000 تومان"), code: "CELL-03", fa: "ده برابر", alone: true},
		{row: 67, name: "full width", draft: good().cell(wage, "５６"), code: "CELL-03", fa: "نامتعارف", alone: true},
		{row: 67, name: "mathematical digits", draft: good().cell(wage, "𝟙𝟚"), code: "CELL-03", fa: "نامتعارف", alone: true},
		{row: 67, name: "Devanagari digits", draft: good().cell(wage, "१२"), code: "CELL-03", fa: "نامتعارف", alone: true},
		{row: 68, name: "amount with a letter O", draft: good().cell(wage, "56OOOOO"), code: "CELL-03", alone: true},
		{row: 80, name: "NaN", draft: good().cell(wage, "NaN"), code: "CELL-03", alone: true},
		{row: 80, name: "infinity", draft: good().cell(wage, "Infinity"), code: "CELL-03", alone: true},
		{row: 80, name: "hexadecimal", draft: good().cell(wage, "0x1F"), code: "CELL-03", alone: true},
		{row: 80, name: "a truth", draft: good().cell(wage, true), code: "CELL-03", given: "TRUE", alone: true},
		{row: 80, name: "1e400", draft: good().cell(wage, "1e400"), code: "CELL-03", alone: true},
		{row: 74, name: "fraction", draft: good().cell(wage, 1234567.5), code: "CELL-04", given: "1234567.5", alone: true},
		{row: 75, name: "days", draft: good().cell(days, "0.30000000000000004"), code: "CELL-04", field: "days", alone: true},
		{row: 76, name: "negative", draft: good().cell(wage, -1), code: "CELL-05", alone: true},
		{row: 76, name: "negative days", draft: good().cell(days, -1), code: "CELL-05", field: "days", alone: true},
		{row: 76, name: "minus zero", draft: good().cell(days, "−0"), code: "CELL-05", alone: true},
		{row: 72, name: "beyond a spreadsheet", draft: stored("9007199254740993"), code: "CELL-06", given: "9007199254740993", alone: true},
		{row: 73, name: "beyond everything", draft: good().cell(wage, "99999999999999999999"), code: "CELL-06", alone: true},
		{row: 71, name: "13 digits", draft: stored("1E+15"), code: "CELL-14", given: "1E+15", field: "daily_wage", alone: true},
		{name: "13 digits, exactly", draft: stored("9007199254740991"), code: "CELL-14", given: "9007199254740991", alone: true},
		{name: "two columns of one component", draft: good().cell("اضافه کار", 1000).cell("اضافه‌کاری", 2000), code: "CELL-11", field: "overtime", cell: "T3", given: "2000 + 1000"},
		{name: "two columns that come to 13 digits", draft: good().cell("اضافه کار", 999_999_999_999).cell("اضافه‌کاری", 999_999_999_999), code: "CELL-14", field: "overtime", given: "1999999999998"},
		{name: "the month's wage twice", draft: good().cell("حقوق پایه", 1).cell("دستمزد ماهانه", 2), code: "SHEET-04"},
		{row: 79, name: "tomans by the look of it", draft: good().cell(wage, 560_000), code: "WAGE-01", given: "560000", fa: "تومان", alone: true},
		{row: 95, name: "premium beyond the tolerance", draft: good().cell("بیمه سهم کارگر", 15_400_005), code: "PREM-01", given: "15400005", fa: "باید 15,400,000 ریال", alone: true},
		{row: 95, name: "premium within the tolerance", draft: good().cell("بیمه سهم کارگر", 15_400_004), code: "PREM-07", given: "15400004"},
		{name: "blank and needed", draft: good().cell(wage, "  "), code: "CELL-12", cell: at, alone: true},
	}
}

func TestRead_bad_amounts(t *testing.T) {
	t.Parallel()
	runBad(t, badAmounts())
}

func TestRead_suggests_only_the_number_that_a_text_says_beyond_doubt(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"5600000 ریال": "5600000", "560000 تومان": "5600000", "5.600.000": "5600000", "5/600/000 ریال": "5600000", "560.000": "", "560.000 ریال": "", "5/600": "",
	} {
		r, _ := good().cell(wage, given).read(t)
		require.Equal(t, want, find(r, "CELL-03").Suggested, given)
	}
}

func badCodes() []bad {
	const code = "کد ملی"
	return []bad{
		{row: 62, name: "7 digits", draft: good().cell(code, "1234567"), code: "ID-01", given: "1234567", alone: true},
		{row: 62, name: "11 digits", draft: good().cell(code, "01234567890"), code: "ID-01", alone: true},
		{row: 63, name: "check digit", draft: good().cell(code, "0012345678"), code: "ID-02", alone: true},
		{row: 64, name: "all equal", draft: good().cell(code, "1111111111"), code: "ID-03", alone: true},
		{row: 64, name: "all zero", draft: good().cell(code, "0000000000"), code: "ID-03", alone: true},
		{row: 67, name: "full-width code", draft: good().cell(code, "００１２３４５６７９"), code: "ID-01", alone: true},
		{row: 67, name: "mathematical code", draft: good().cell(code, "𝟘𝟘84575948"), code: "ID-01", alone: true},
		{row: 67, name: "Devanagari code", draft: good().cell(code, "००84575948"), code: "ID-01", alone: true},
		{row: 68, name: "letter l", draft: good().cell(code, "l084575948"), code: "ID-01", fa: "l", alone: true},
		{row: 68, name: "Cyrillic in a code", draft: good().cell(code, "а084575948"), code: "ID-01", fa: "а", alone: true},
		{row: 68, name: "letter O", draft: good().cell(code, "OO84575948"), code: "ID-01", fa: "O", alone: true},
		{row: 69, name: "twice", draft: good().cell(code, "0012345679"), code: "ID-04", cell: "B3", alone: true},
		{row: 70, name: "a foreigner's in its place", draft: good().cell(code, "123456789012"), code: "ID-01", fa: "کد فراگیر", alone: true},
		{row: 70, name: "a foreigner's, and foreign", draft: good().cell(code, "123456789012").cell("ملیت", "افغانی").cell("نوع بیمه‌شده", nil), code: "ID-07", fa: "ستون خود"},
		{name: "insurance number", draft: good().cell("شماره بیمه", "123456"), code: "ID-06", alone: true},
		{name: "insurance number from a number cell of 4", draft: good().cell("شماره بیمه", 1234), code: "ID-06", alone: true},
		{name: "job code", draft: good().cell("کد شغل", "41311"), code: "ID-11", alone: true},
		{name: "sex", draft: good().cell("جنسیت", "نامعلوم"), code: "CELL-13", fa: "مرد (male)", field: "sex", alone: true},
		{name: "education", draft: good().cell("مدرک تحصیلی", "8"), code: "CELL-13", field: "education", alone: true},
		{name: "a truth is no code", draft: good().cell("مدرک تحصیلی", true), code: "CELL-13", given: "TRUE"},
		{name: "country", draft: good().cell("کد کشور تابعیت", "12"), code: "CELL-13", field: "citizenship_country"},
	}
}

func TestRead_bad_codes(t *testing.T) {
	t.Parallel()
	runBad(t, badCodes())
}

func badDates() []bad {
	return []bad{
		{row: 83, name: "30 Esfand", draft: good().cell(born, "1404/12/30"), code: "DATE-01", given: "1404/12/30", alone: true},
		{row: 83, name: "month 13", draft: good().cell(born, "1370/13/01"), code: "DATE-01", alone: true},
		{row: 83, name: "31 Mehr", draft: good().cell(born, "۱۳۷۰/۰۷/۳۱"), code: "DATE-01", alone: true},
		{row: 84, name: "Gregorian", draft: good().cell(born, "1991-03-20"), code: "DATE-02", given: "1991-03-20", alone: true},
		{row: 84, name: "serial", draft: good().cell(born, 33000), code: "DATE-02", alone: true},
		{row: 85, name: "two digits", draft: good().cell(born, "70/01/01"), code: "DATE-02", alone: true},
		{row: 86, name: "end before start", draft: good().cell("تاریخ ترک کار", "1399/01/01"), code: "DATE-03"},
		{row: 86, name: "start after the month", draft: good().cell("تاریخ شروع به کار", "1405/08/01").cell(days, 1), code: "DATE-04", field: "start_date"},
		{row: 82, name: "32 days", draft: good().cell(days, 32), code: "DAYS-01", alone: true},
		{row: 82, name: "30 days in Esfand", draft: good().set("سال و ماه عملکرد", "1404-12").at(0, days, 29).cell(days, 30).at(2, days, 29), code: "DAYS-01", field: "days", given: "30", fa: "29 روز"},
		{row: 98, name: "the month has not come", draft: good().set("سال و ماه عملکرد", "1405-09"), code: "DATE-06", cell: "B2", field: "period"},
		{row: 82, name: "days over the month", draft: good().cell(days, 31), code: "DAYS-01", alone: true},
	}
}

func TestRead_bad_dates(t *testing.T) {
	t.Parallel()
	runBad(t, badDates())
	r, _ := good().cell(born, "1991-03-20").read(t)
	require.Equal(t, "1369/12/29", find(r, "DATE-02").Suggested)
	dated := good().edit(func(f *excelize.File) {
		style, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
		at := good().name(born, 3)
		_ = f.SetCellValue(list, at, 33317)
		_ = f.SetCellStyle(list, at, at, style)
	})
	r, lines := dated.read(t)
	require.Empty(t, codesOf(r, fault.Warning))
	require.Equal(t, jalali.Date{Year: 1369, Month: 12, Day: 29}, lines[1].Line.BirthDate)
	require.Equal(t, "1991-03-20", find(r, "CELL-11").Given)
	for _, ok := range []any{"1370/5/6", "1370-05-06", "13700506", 13700506, "۱۳۷۰/۰۵/۰۶"} {
		r, lines := good().cell(born, ok).read(t)
		require.Empty(t, codesOf(r, fault.Warning), ok)
		require.Equal(t, jalali.Date{Year: 1370, Month: 5, Day: 6}, lines[1].Line.BirthDate, ok)
	}
}

func badTexts() []bad {
	return []bad{
		{row: 87, name: "direction", draft: good().cell(name, "ali\u202eعلی"), code: "CELL-07", fa: "U+202E", alone: true},
		{row: 89, name: "NUL", draft: good().cell("عنوان شغل", "کارشناس_x0000_"), code: "CELL-07", fa: "U+0000", alone: true},
		{row: 89, name: "bell", draft: good().cell("عنوان شغل", "کارشناس_x0007_"), code: "CELL-07", alone: true},
		{row: 91, name: "Cyrillic", draft: good().cell(name, "محمدӏ"), code: "CELL-09", alone: true},
		{row: 91, name: "digits", draft: good().cell(name, "علی2"), code: "CELL-09", alone: true},
		{row: 91, name: "emoji", draft: good().cell(name, "علی😀"), code: "CELL-09", alone: true},
		{name: "Latin for an Iranian", draft: good().cell(name, "Ali"), code: "CELL-09", alone: true},
		{row: 92, name: "long", draft: good().cell(name, strings.Repeat("ع", 5000)), code: "CELL-10", fa: "60", alone: true},
		{row: 92, name: "marks", draft: good().cell(name, "ع"+strings.Repeat("\u064e", 500)), code: "CELL-10", alone: true},
		{row: 93, name: "formula as text", draft: good().cell(name, `=HYPERLINK("x")`), code: "CELL-09", alone: true},
		{row: 93, name: "sum as text", draft: good().cell(name, "@SUM(A1)"), code: "CELL-09", alone: true},
		{row: 93, name: "command as text", draft: good().cell(name, "+cmd|' /C calc'!A0"), code: "CELL-09", alone: true},
		{row: 94, name: "script", draft: good().cell(name, "<script>"), code: "CELL-09", alone: true},
		{row: 94, name: "drop", draft: good().cell(name, "'; DROP"), code: "CELL-09", alone: true},
		{row: 94, name: "template", draft: good().cell(name, "{{7*7}}"), code: "CELL-09", alone: true},
		{row: 94, name: "lookup", draft: good().cell(name, "${jndi:x}"), code: "CELL-09", alone: true},
		{row: 94, name: "quote", draft: good().cell(name, "علی'"), code: "CELL-08", alone: true},
		{name: "quotes elsewhere are left out", draft: good().cell("عنوان شغل", `کارشناس "ارشد"`), code: "CELL-11", given: `کارشناس "ارشد"`},
		{name: "nothing but a ZWNJ", draft: good().cell(name, "\u200c"), code: "CELL-12", alone: true},
		{name: "nothing but a vowel mark", draft: good().cell(name, "\u064e"), code: "CELL-09", alone: true},
		{name: "nothing but a bracket", draft: good().cell(name, "("), code: "CELL-09", alone: true},
		{name: "long title", draft: good().cell("عنوان شغل", strings.Repeat("ع", 51)), code: "CELL-10", fa: "50", alone: true},
	}
}

func TestRead_bad_texts(t *testing.T) {
	t.Parallel()
	runBad(t, badTexts())
}

// The tax file drops leading zeros of the number, and neither organisation's file has Persian digits in a code.
func TestRead_digits_of_codes_become_ASCII(t *testing.T) {
	t.Parallel()
	r, lines := good().cell("شماره شناسنامه", "۰۱۲۳").cell("کد شغل", "٤١٣١١٠").cell("کد پستی محل سکونت", "۱۴۱۱۷۱۳۱۱۴").read(t)
	require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	l := &lines[1].Line
	require.Equal(t, []string{"0123", "413110", "1411713114"}, []string{l.IDNumber, string(l.JobCode), string(l.WorkerPostalCode)})
	require.Equal(t, "۰۱۲۳", find(r, "CELL-11").Given)
}

func TestRead_a_word_is_no_foreign_digit(t *testing.T) {
	t.Parallel()
	r, _ := good().cell(days, "۳۰ روز").read(t)
	require.NotContains(t, find(r, "CELL-03").Message.FA, "نامتعارف")
}

func TestRead_held_and_lanes(t *testing.T) {
	t.Parallel()
	r, lines := good().cell("شماره بیمه", nil).cell("نگه‌داشتن ردیف", "بله").cell(name, "x").read(t)
	require.Equal(t, payroll.Accepted, r.Verdicts.SSO)
	require.Equal(t, []int{3}, r.Held)
	require.Equal(t, fault.Lane(0), find(r, "CELL-09").Lane)
	require.Equal(t, 3, r.Workers)
	require.True(t, lines[1].Line.Hold)

	r, _ = good().cell("شماره بیمه", nil).cell("ارسال به", "فقط مالیات").read(t)
	require.Empty(t, codesOf(r, fault.Warning))
	r, _ = good().cell("شماره بیمه", nil).read(t)
	require.Equal(t, payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Accepted}, r.Verdicts)

	_, lines = good().cell(days, 0).cell(wage, nil).cell("حق مسکن", nil).cell("بن کارگری", nil).read(t)
	require.Equal(t, fault.SSO, lines[1].Line.ReportedTo)
	require.Equal(t, "2", lines[1].Line.InsuranceType)
}

func TestRead_defaults(t *testing.T) {
	t.Parallel()
	r, lines := good().cell("شماره شناسنامه", nil).cell("نوع بیمه‌شده", nil).at(0, "شماره شناسنامه", nil).at(0, born, "1367/12/29").read(t)
	require.Equal(t, "0084575948", lines[1].Line.IDNumber)
	require.Equal(t, "0", lines[0].Line.IDNumber)
	require.Equal(t, payroll.NormalKind, lines[1].Line.InsuredKind)
	require.Empty(t, codesOf(r, fault.Warning))
	told := map[string]int{}
	for _, f := range r.Findings.All() {
		if f.Code == "CELL-11" {
			told[f.Field]++
		}
	}
	require.Equal(t, map[string]int{"id_number": 2, "insured_kind": 1}, told)
	kind := r.Findings.All()[slices.IndexFunc(r.Findings.All(), func(f fault.Fault) bool { return f.Field == "insured_kind" })]
	require.Equal(t, "normal", kind.Expected)
	require.Contains(t, kind.Message.FA, "«عادی»", "a person is told the word, not the code")
	l := lines[1].Line
	require.Equal(t, []string{"ایرانی", "103", "103", "1", "1", "1", "1", "1", "2"},
		[]string{l.Nationality, l.CitizenshipCountry, l.ResidenceCountry, l.HousingUse, l.CarUse, l.ExemptionType, l.PlaceStatus, l.BudgetException, l.InsuranceType})
	require.False(t, l.NotMainPayer)
	_, lines = good().cell("حق‌الزحمه و حق مشاوره", 5_000_000).cell(days, nil).cell(wage, nil).cell("حق مسکن", nil).cell("بن کارگری", nil).cell("ارسال به", "فقط مالیات").read(t)
	require.True(t, lines[1].Line.NotMainPayer)
}
