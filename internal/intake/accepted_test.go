package intake_test

import (
	"fmt"
	"slices"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// taken is a cell that looks odd and is read all the same.
type taken struct {
	row    int // as of bad
	header string
	value  any
	want   string // as it is read
	quiet  bool   // nothing is told of it; else CELL-11 shows what was made of it
}

func takenCells() []taken {
	const code = "کد ملی"
	return []taken{
		{row: 61, header: code, value: 84575948, want: "0084575948"},
		{row: 61, header: code, value: "84575948", want: "0084575948"},
		{row: 65, header: code, value: "۰۰۸۴۵۷۵۹۴۸", want: "0084575948"},
		{row: 65, header: code, value: "٠٠٨٤٥٧٥٩٤٨", want: "0084575948"},
		{row: 66, header: code, value: "٠٠8۴۵۷۵۹۴۸", want: "0084575948"},
		{row: 77, header: wage, value: "5,600,000", want: "5600000"},
		{row: 77, header: wage, value: "5٬600٬000", want: "5600000"},
		{row: 81, header: code, value: "\u00a00084575948\u00a0", want: "0084575948"},
		{row: 81, header: wage, value: " 5600000 ", want: "5600000"},
		{row: 81, header: wage, value: "\u00a05600000", want: "5600000"},
		{row: 81, header: wage, value: "'5600000"[1:], want: "5600000", quiet: true}, // a text cell: the quote is the program's
		{row: 88, header: name, value: "\u200eعلی\u200f", want: "علی"},
		{row: 88, header: name, value: "\ufeffعلی\u00ad\u061c", want: "علی"},
		{row: 90, header: name, value: "علي", want: "علی"},
		{row: 90, header: name, value: "كاظم", want: "کاظم"},

		{header: code, value: "\u200e0084575948", want: "0084575948"},
		{header: "شماره بیمه", value: 12345, want: "00012345"},
		{header: "کد شغل", value: 13110, want: "013110"},
		{header: wage, value: "۵۶۰۰۰۰۰", want: "5600000"},
		{header: wage, value: "5600000.0", want: "5600000"},
		{header: wage, value: "5.6E6", want: "5600000"},
		{header: name, value: "  علی ", want: "علی"},
		{header: name, value: "عـلی", want: "علی"},
		{header: name, value: "آ\u200cرا", want: "آ\u200cرا", quiet: true},
		{header: name, value: "\u200cعلی\u200c", want: "علی"},
		{header: name, value: "\ufedf\ufecb", want: "لع"},
		{header: name, value: "ا\u0653", want: "آ"},
	}
}

func TestRead_takes_what_is_only_odd(t *testing.T) {
	t.Parallel()
	for _, x := range takenCells() {
		t.Run(rowName(x.row, "", fmt.Sprintf("%q", x.value)), func(t *testing.T) {
			t.Parallel()
			r, lines := good().cell(x.header, x.value).read(t)
			require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
			l := &lines[1].Line
			read := map[string]string{
				"کد ملی": string(l.NationalCode), "شماره بیمه": string(l.InsuranceNumber), "کد شغل": string(l.JobCode), name: l.FirstName, wage: fmt.Sprint(int64(l.DailyWage)),
			}
			require.Equal(t, x.want, read[x.header])
			told := find(r, "CELL-11")
			require.Equal(t, x.quiet, told == nil)
			if told != nil {
				require.Equal(t, x.want, told.Expected)
			}
		})
	}
}

func TestRead_the_same_name_in_Arabic_letters_is_the_same_person(t *testing.T) {
	t.Parallel()
	r, _ := good().cell(name, "علي").cell("کد ملی", "0012345679").read(t)
	require.NotNil(t, find(r, "ID-04"), "row 90: by his code, however his name is typed")
}

func TestRead_names_of_foreigners_may_be_Latin(t *testing.T) {
	t.Parallel()
	latin := good().cell(name, "Ali").cell("ملیت", "افغانی").cell("کد ملی", nil).cell("کد فراگیر اتباع", "12345678").cell("نوع بیمه‌شده", nil).cell("کد کشور تابعیت", "004").cell("کد کشور محل زندگی", "103")
	r, lines := latin.read(t)
	require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	require.Equal(t, "Ali", lines[1].Line.FirstName)
	require.Equal(t, payroll.ForeignKind, lines[1].Line.InsuredKind)
	_, lines = latin.cell("شماره شناسنامه", nil).read(t)
	require.Equal(t, "0", lines[1].Line.IDNumber)
}

// Rows 59 to 107 of the list of bad input stand in these tables; 97 and 99 are the window's own, as is how 107 is answered.
func TestBadInput_every_row_has_its_case(t *testing.T) {
	t.Parallel()
	tried := []int{97, 99}
	for _, b := range slices.Concat(badSheets(), badTotals(), badRows(), badAmounts(), badCodes(), badDates(), badTexts()) {
		tried = append(tried, b.row)
	}
	for _, b := range badJSON(t) {
		tried = append(tried, b.row)
	}
	for _, x := range takenCells() {
		tried = append(tried, x.row)
	}
	for row := 59; row <= 107; row++ {
		require.Contains(t, tried, row)
	}
}
