package sso_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

var _ agency.Agency = sso.Agency{}

func book(t testing.TB) *law.Book {
	b, err := law.Load()
	require.NoError(t, err)
	return b
}

func date(y, m, d int) jalali.Date { return jalali.Date{Year: y, Month: m, Day: d} }

// list is a workshop's Mehr 1405: a worker who joined, a foreigner without unemployment insurance, one who left on the
// month's first day; a row for the tax administration only and a held row, which the SSO's files leave out.
func list() *payroll.FiledList {
	l := &payroll.FiledList{Version: 1, Header: payroll.Header{
		Workshop: "0123456789", ContractRow: "000", Period: jalali.Month{Year: 1405, Month: 7}, ListNo: "01",
		WorkshopName: "شرکت ABC 12 (نو)", EmployerName: "علی \"رضایی\"", Address: "تهران، خیابان 12 بهمن، کوچهٔ لاله‌زاری، پلاک ۷",
		Description: "",
	}}
	l.Lines = []payroll.Filed{
		{Line: payroll.Line{
			Row: 3, NationalCode: "0084575948", FirstName: "مریم", LastName: "حسینی‌نژاد", FatherName: "حسین", IDNumber: "۱۲۳-4",
			IssuePlace: "تهران", IssueDate: date(1370, 1, 2), BirthDate: date(1365, 3, 7), Sex: "female", InsuranceNumber: "0012345678",
			JobCode: "003456", JobTitle: "حسابدار", ReportedTo: fault.Both, StartDate: date(1405, 7, 16), Days: 15,
			DailyWage: 6_000_000, DailySeniority: 166_667, Pay: payroll.Pay{payroll.Marriage: 2_500_000},
		}, Assessed: payroll.Assessed{
			MonthlyWage: 92_500_005, Seniority: 2_500_005, Benefits: 17_500_000, Insurable: 110_000_005, Total: 120_000_005,
			WorkerPremium: 7_700_000, EmployerPremium: 22_000_001, Unemployment: 3_300_000,
		}},
		{Line: payroll.Line{
			Row: 4, ForeignerCode: "101234567890", Nationality: "افغانستانی", FirstName: "گل‌محمد", LastName: "نظری", FatherName: "Jan",
			BirthDate: date(1370, 1, 1), Sex: "male", InsuranceNumber: "87654321", JobCode: "00345A", JobTitle: "کارگر ساده",
			ReportedTo: fault.SSO, StartDate: date(1404, 1, 1), Days: 30, DailyWage: 5_541_850, InsuredKind: payroll.ForeignKind,
		}, Assessed: payroll.Assessed{
			MonthlyWage: 166_255_500, Insurable: 166_255_500, Total: 166_255_500, WorkerPremium: 11_637_885, EmployerPremium: 33_251_100,
		}},
		{Line: payroll.Line{
			Row: 5, NationalCode: "1234567891", FirstName: "علی", LastName: "کریمی", FatherName: "رضا", IDNumber: "0", BirthDate: date(1360, 12, 29),
			Sex: "male", InsuranceNumber: "11112222", JobCode: "123456", JobTitle: "سرایدار", ReportedTo: fault.SSO, EndDate: date(1405, 7, 1),
		}},
		{Line: payroll.Line{Row: 6, NationalCode: "2345678909", Days: 30, DailyWage: 9_000_000, ReportedTo: fault.Tax}, Assessed: payroll.Assessed{Total: 1}},
		{Line: payroll.Line{Row: 7, NationalCode: "3456789017", Days: 30, DailyWage: 9_000_000, ReportedTo: fault.Both, Hold: true}, Assessed: payroll.Assessed{Total: 1}},
	}
	return l
}

var variants = map[string]sso.Agency{
	"v65-iran-system": {},
	"v65-cp1256":      {Encoding: dbf.CP1256},
	"v27-iran-system": {Layout: sso.V27},
	"v27-cp1256":      {Layout: sso.V27, Encoding: dbf.CP1256},
}

func encode(t testing.TB, a sso.Agency, l *payroll.FiledList) []payroll.File {
	a.Book = book(t)
	files, err := a.Encode(agency.Parcel{List: l})
	require.NoError(t, err)
	return files
}

func TestEncode_writes_the_golden_bytes(t *testing.T) {
	t.Parallel()
	for name, a := range variants {
		files := encode(t, a, list())
		require.Len(t, files, 2)
		for _, f := range files {
			want, err := os.ReadFile(filepath.Join("testdata", name, f.Name))
			require.NoError(t, err)
			require.True(t, bytes.Equal(want, f.Bytes), "%s/%s differs", name, f.Name)
		}
	}
}

func TestEncode_has_the_organisations_lengths(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][4]int{"v65-cp1256": {833, 311, 961, 469}, "v27-cp1256": {769, 287, 897, 447}} {
		files := encode(t, variants[name], list())
		require.Len(t, files[0].Bytes, want[0]+want[1]+1)
		require.Len(t, files[1].Bytes, want[2]+3*want[3]+1)
		for i, f := range files {
			require.Equal(t, []byte{byte(want[2*i]), byte(want[2*i] >> 8), byte(want[2*i+1]), byte(want[2*i+1] >> 8)}, f.Bytes[8:12])
			require.Equal(t, []byte{0x03, 126, 10, 22}, f.Bytes[:4], "the period's last day, 1405/07/30, is 2026-10-22")
			require.Equal(t, byte(0x7E), f.Bytes[29])
		}
	}
}

func TestRead_reads_back_what_Encode_wrote(t *testing.T) {
	t.Parallel()
	for name, a := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := encode(t, a, list())
			p, err := sso.Read(files[0].Bytes, files[1].Bytes)
			require.NoError(t, err)
			require.Equal(t, a.Encoding, p.Encoding)
			seniority, marriage := int64(2_500_005), int64(2_500_000)
			roz := int64(11_541_850)
			if a.Layout == sso.V27 {
				roz, seniority, marriage = roz+166_667, 0, 0
			}
			require.Equal(t, sso.Kar{
				ID: "0123456789", Name: "شرکت ABC 12 (نو)", Farm: "علی رضایی", Address: "تهران، خیابان 12 بهمن، کوچه لاله زاری،",
				ListNo: "01", ContractRow: "000", Year: 5, Month: 7, Workers: 3, Days: 45, Rate: 30, DailyWage: roz,
				MonthlyWage: 258_755_505, Benefits: 17_500_000, Insurable: 276_255_505, Total: 286_255_505, WorkerPremium: 19_337_885,
				EmployerPremium: 55_251_101, Unemployment: 3_300_000, Seniority: seniority, Marriage: marriage,
			}, p.Kar[0])
			require.Len(t, p.Wor, 3)
			joiner := p.Wor[0]
			require.Equal(t, "حسینی نژاد", joiner.LastName)
			require.Equal(t, "12345678", joiner.InsuranceNumber)
			require.Equal(t, "123-4", joiner.IDNumber)
			require.Equal(t, "زن", joiner.Sex)
			require.Equal(t, "ایرانی", joiner.Nationality)
			require.Equal(t, "14050716", joiner.StartDate)
			require.Equal(t, "13700102", joiner.IssueDate)
			require.Equal(t, marriage, joiner.Marriage)
			foreigner := p.Wor[1]
			require.Empty(t, foreigner.NationalCode)
			require.Empty(t, foreigner.StartDate, "he started before the month")
			require.Equal(t, "افغانستانی", foreigner.Nationality)
			require.Equal(t, "Jan", foreigner.FatherName)
			leaver := p.Wor[2]
			require.Equal(t, "14050701", leaver.EndDate)
			require.Zero(t, leaver.Days)
		})
	}
}

func TestEncode_names_27_percent_where_no_row_owes_unemployment(t *testing.T) {
	t.Parallel()
	l := list()
	l.Lines = l.Lines[1:2]
	files := encode(t, sso.Agency{}, l)
	p, err := sso.Read(files[0].Bytes, files[1].Bytes)
	require.NoError(t, err)
	require.Equal(t, int64(27), p.Kar[0].Rate)
}

func TestEncode_makes_no_file_of_a_list_without_a_line_for_the_SSO(t *testing.T) {
	t.Parallel()
	l := list()
	l.Lines = l.Lines[3:]
	require.Empty(t, encode(t, sso.Agency{}, l))
	l.Lines = nil
	require.Empty(t, encode(t, sso.Agency{}, l))
}

func TestEncode_refuses_what_no_file_can_hold(t *testing.T) {
	t.Parallel()
	l := list()
	l.Lines[0].Line.FirstName = "ڄان"
	_, err := sso.Agency{Book: book(t)}.Encode(agency.Parcel{List: l})
	var letter *sso.LetterError
	require.ErrorAs(t, err, &letter)
	require.Equal(t, sso.LetterError{Field: "DSW_FNAME", Record: 1}, *letter)

	l = list()
	l.Lines[1].Line.Pay[payroll.Marriage] = 10_000_000_000
	_, err = sso.Agency{Book: book(t)}.Encode(agency.Parcel{List: l})
	var wide *dbf.TooWideError
	require.ErrorAs(t, err, &wide)
	require.Equal(t, "DSW_SPOUSE", wide.Field)

	l = list()
	l.Header.Period = jalali.Month{Year: 1390, Month: 1}
	_, err = sso.Agency{Book: book(t)}.Encode(agency.Parcel{List: l})
	require.Error(t, err)
}

func TestEncode_widens_DSW_ID1_for_a_ten_digit_insurance_number(t *testing.T) {
	t.Parallel()
	l := list()
	l.Lines[1].Line.InsuranceNumber = "1234567890"
	files := encode(t, sso.Agency{}, l)
	require.Len(t, files[1].Bytes, 961+3*471+1)
	p, err := sso.Read(files[0].Bytes, files[1].Bytes)
	require.NoError(t, err)
	require.Equal(t, "12345678", p.Wor[0].InsuranceNumber)
	require.Equal(t, "1234567890", p.Wor[1].InsuranceNumber)
	require.Equal(t, "کارگر ساده", p.Wor[1].Occupation)
}

func TestEncode_keeps_identifiers_in_their_own_order(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"12-34": "12-34", "1/2'": "1/2", "۱۲۳": "123", "الف 12": "الف 12", "12 34 ": "12 34"} {
		l := list()
		l.Lines[0].Line.IDNumber = number
		for _, a := range variants {
			files := encode(t, a, l)
			p, err := sso.Read(files[0].Bytes, files[1].Bytes)
			require.NoError(t, err)
			require.Equal(t, want, p.Wor[0].IDNumber)
		}
	}
}

func TestEncode_leaves_no_space_at_an_edge_of_a_text(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"شرکت «نو»", "«نو»", "نو\u200c", "\u200cنو", "<نو>", "A & B", "علی\nرضا", "نو ء"} {
		l := list()
		l.Header.WorkshopName = name
		for _, a := range variants {
			kar := encode(t, a, l)[0].Bytes
			at := bytes.IndexByte(kar, 0x0D) + 1
			text := bytes.TrimRight(kar[at+11:at+41], " ")
			require.NotEqual(t, byte(' '), text[0], name)
			require.False(t, bytes.ContainsAny(text, "\"'<>&\r\n"), name)
		}
	}
}

// Whole workers fill each pair as far as its totals allow, in row order.
func TestEncode_splits_a_list_whose_totals_do_not_fit(t *testing.T) {
	t.Parallel()
	l := list()
	worker := l.Lines[0]
	worker.Assessed.Total = 400_000_000_000 // two and a half workers fill DSK_TTOTL
	l.Lines = nil
	for i := range 5 {
		w := worker
		w.Line.Row = 3 + i
		l.Lines = append(l.Lines, w, list().Lines[3])
	}
	l.Lines[8].Assessed.Total = 200_000_000_000
	l.PartNumbers = []string{"07"}
	require.Equal(t, 3, sso.Agency{}.Parts(l))
	require.Equal(t, 3, counted(sso.Agency{}, l))
	files := encode(t, sso.Agency{}, l)
	require.Len(t, files, 6)
	workers, total := int64(0), int64(0)
	for i, no := range []string{"01", "07", "08"} {
		folder := string(rune('1'+i)) + "/"
		require.Equal(t, folder+sso.KarName, files[2*i].Name)
		require.Equal(t, folder+sso.WorName, files[2*i+1].Name)
		p, err := sso.Read(files[2*i].Bytes, files[2*i+1].Bytes)
		require.NoError(t, err)
		require.Equal(t, no, p.Kar[0].ListNo)
		require.Len(t, p.Wor, int(p.Kar[0].Workers))
		var sum int64
		for _, w := range p.Wor {
			require.Equal(t, no, w.ListNo)
			sum += w.Total
		}
		require.Equal(t, sum, p.Kar[0].Total)
		workers, total = workers+p.Kar[0].Workers, total+sum
	}
	require.Equal(t, int64(5), workers)
	require.Equal(t, int64(1_800_000_000_000), total)

	for i := range l.Lines {
		l.Lines[i].Assessed.Total, l.Lines[i].Line.Days = 1, 31
	}
	require.Equal(t, 1, sso.Agency{}.Parts(l))
}

// In v2.7 the daily wage carries seniority, and its total may then be the one that does not fit.
func TestParts_counts_by_the_layouts_own_totals(t *testing.T) {
	t.Parallel()
	l := list()
	l.Lines = l.Lines[:2]
	for i := range l.Lines {
		l.Lines[i].Line.DailyWage, l.Lines[i].Line.DailySeniority = 499_999_999_999, 2
	}
	require.Equal(t, 1, sso.Agency{}.Parts(l))
	require.Equal(t, 2, sso.Agency{Layout: sso.V27}.Parts(l))
	require.Equal(t, 1, counted(sso.Agency{}, l))
	require.Equal(t, 2, counted(sso.Agency{Layout: sso.V27}, l))
}

// counted counts a list's pairs line by line.
func counted(a sso.Agency, l *payroll.FiledList) int {
	c := sso.Counter{Agency: a}
	for i := range l.Lines {
		c.Add(&l.Lines[i].Line, &l.Lines[i].Assessed)
	}
	return c.Parts()
}

type finding struct{ code, key, given, expected, with string }

func fit(a sso.Agency, l *payroll.Line, x *payroll.Assessed) (found []finding) {
	a.Fit(l, x, func(e *fault.Entry, col payroll.ColumnID, given, expected string, with ...string) {
		found = append(found, finding{e.Code, col.Info().Key, given, expected, strings.Join(with, "=")})
	})
	return found
}

func TestFit_finds_each_cell_once(t *testing.T) {
	t.Parallel()
	ok := list().Lines[0]
	for _, a := range variants {
		require.Empty(t, fit(a, &ok.Line, &ok.Assessed))
	}
	l := ok.Line
	l.FirstName, l.JobTitle, l.LastName = "ڄان", strings.Repeat("نگهبان ", 10), "«علی»"
	require.Equal(t, []finding{
		{"CELL-16", "first_name", "ڄان", "", "letters=ڄ"},
		{"CELL-15", "job_title", l.JobTitle, strings.TrimSpace(strings.Repeat("نگهبان ", 7)), "field=DSW_OCP"},
	}, fit(sso.Agency{}, &l, &ok.Assessed))
	l.Faulty.Add(payroll.ColFirstName)
	require.Len(t, fit(sso.Agency{}, &l, &ok.Assessed), 1, "a cell with an error is left alone")
	l.Hold = true
	require.Len(t, fit(sso.Agency{}, &l, &ok.Assessed), 1, "a held row is judged too")
	l.ReportedTo = fault.Tax
	require.Empty(t, fit(sso.Agency{}, &l, &ok.Assessed))
}

func TestFit_finds_computed_figures_that_do_not_fit(t *testing.T) {
	t.Parallel()
	ok := list().Lines[0]
	for name, c := range map[string]struct {
		change func(*payroll.Line, *payroll.Assessed)
		want   []finding
	}{
		"wage": {func(_ *payroll.Line, x *payroll.Assessed) {
			x.MonthlyWage, x.Total = 1_000_000_000_000, 1_000_000_000_001
		}, []finding{
			{"CELL-14", "daily_wage", "1,000,000,000,000", "", "field=DSW_MAH"},
		}},
		"benefits": {func(l *payroll.Line, x *payroll.Assessed) {
			x.Benefits, x.Total, l.Pay[payroll.Overtime] = 1_000_000_000_000, 1_000_000_000_001, 999_999_999_999
		}, []finding{
			{"CELL-14", "overtime", "1,000,000,000,000", "", "field=DSW_MAZ"},
		}},
		"total": {func(l *payroll.Line, x *payroll.Assessed) {
			x.Total, l.Pay[payroll.Child] = 1_000_000_000_000, 999_999_999_999
		}, []finding{
			{"CELL-14", "child", "1,000,000,000,000", "", "field=DSW_TOTL"},
		}},
		"marriage": {func(l *payroll.Line, _ *payroll.Assessed) { l.Pay[payroll.Marriage] = 10_000_000_000 }, []finding{
			{"CELL-14", "marriage", "10,000,000,000", "", "field=DSW_SPOUSE"},
		}},
		"marriage_in_the_sum": {func(l *payroll.Line, x *payroll.Assessed) {
			l.Pay[payroll.Marriage], x.Benefits = 999_999_999_999, 1_000_000_000_000
		}, []finding{{"CELL-14", "marriage", "999,999,999,999", "", "field=DSW_SPOUSE"}}},
		"last_that_fits": {func(l *payroll.Line, x *payroll.Assessed) {
			l.Pay[payroll.Marriage], x.Total = 9_999_999_999, 999_999_999_999
		}, nil},
	} {
		l, x := ok.Line, ok.Assessed
		c.change(&l, &x)
		require.Equal(t, c.want, fit(sso.Agency{}, &l, &x), name)
	}
}

func TestFitList_finds_texts_and_totals(t *testing.T) {
	t.Parallel()
	l := list()
	find := func(t payroll.Totals) (found []finding) {
		sso.Agency{}.FitList(&l.Header, &t, func(e *fault.Entry, key payroll.HeaderID, given, expected string, with ...string) {
			found = append(found, finding{e.Code, key.Info().Key, given, expected, strings.Join(with, "=")})
		})
		return found
	}
	require.Equal(t, []finding{{"CELL-15", "address", l.Header.Address, "تهران، خیابان 12 بهمن، کوچهٔ لاله\u200cزاری،", "field=DSK_ADRS"}}, find(payroll.Totals{}))
	l.Header.Address, l.Header.WorkshopName = "", "ڄان"
	require.Equal(t, []finding{
		{"CELL-16", "workshop_name", "ڄان", "", "letters=ڄ"},
		{"LIST-07", "list_no", "", "", "field=DSK_TDD"},
	}, find(payroll.Totals{Days: 1_000_000, Total: 1_000_000_000_000}))
	l.Header.Faulty.Add(payroll.KeyWorkshopName)
	require.Empty(t, find(payroll.Totals{Days: 999_999, Total: 999_999_999_999}))
}

func TestFit_does_not_allocate_for_an_ordinary_line(t *testing.T) {
	ok := list().Lines[0]
	ok.Line.IDNumber = "1234"
	require.Zero(t, testing.AllocsPerRun(100, func() { sso.Agency{}.Fit(&ok.Line, &ok.Assessed, nil) }))
}

func BenchmarkFit(b *testing.B) {
	ok := list().Lines[0]
	ok.Line.IDNumber = "1234"
	b.ReportAllocs()
	for b.Loop() {
		sso.Agency{}.Fit(&ok.Line, &ok.Assessed, nil)
	}
}
