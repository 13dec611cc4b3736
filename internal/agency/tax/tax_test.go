package tax_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/agency/tax"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var _ agency.Agency = tax.Agency{}

func book(t testing.TB) *law.Book {
	b, err := law.Load()
	require.NoError(t, err)
	return b
}

func date(y, m, d int) jalali.Date { return jalali.Date{Year: y, Month: m, Day: d} }

func month(y, m int) jalali.Month { return jalali.Month{Year: y, Month: m} }

// persons are three people: all fields known; a foreigner of whom little is known; one who left, and has every component.
func persons() []payroll.TaxPerson {
	known := payroll.TaxPerson{Line: payroll.Line{
		NationalCode: "0084575948", FirstName: "مریم", LastName: "رضایی", FatherName: "حسین", BirthDate: date(1365, 3, 7),
		BirthPlace: "تهران", IDNumber: "00412", InsuranceNumber: "12345678", JobTitle: "حسابدار", ReportedTo: fault.Both,
		Education: "4", JobFamily: "2", EmploymentType: "1", StartDate: date(1398, 7, 1), WorkerPostalCode: "1593746831",
		WorkerAddress: "تهران, خیابان 12 بهمن\u200f", HousingUse: "2",
		Pay: payroll.Pay{payroll.Housing: 30_000_000, payroll.Overtime: 4_000_000, payroll.HousingDeducted: 1_000_000, payroll.HealthPremium: 500_000},
	}, Assessed: payroll.Assessed{MonthlyWage: 171_797_350, PremiumShare: 14_125_815, NetPaid: 180_000_000}}
	foreigner := payroll.TaxPerson{Line: payroll.Line{
		ForeignerCode: "101234567890", Nationality: "افغانستانی", FirstName: "Ahmad", LastName: "نظری", FatherName: "گل محمد",
		BirthDate: date(1370, 1, 1), IDNumber: "0", JobTitle: "کارگر", ReportedTo: fault.Tax, WorkerPostalCode: "123",
		Pay: payroll.Pay{},
	}, Assessed: payroll.Assessed{NetPaid: -5}}
	leaver := payroll.TaxPerson{Line: payroll.Line{
		NationalCode: "84575948", FirstName: "علی", LastName: "کریمی", FatherName: "رضا", BirthDate: date(1360, 12, 29),
		JobTitle: "سرپرست شیفت شب کارگاه برش و مونتاژ", ReportedTo: fault.Both, EndDate: date(1405, 7, 1), InsuranceType: "3",
	}, Assessed: payroll.Assessed{MonthlyWage: 1_000, PremiumShare: 1_000_000}}
	for c := range payroll.ComponentCount {
		leaver.Line.Pay[c] = rial.Amount(c) + 1
	}
	return []payroll.TaxPerson{known, foreigner, leaver}
}

func parcel(m jalali.Month, p []payroll.TaxPerson) agency.Parcel {
	return agency.Parcel{Month: &payroll.TaxMonth{
		Identity: payroll.TaxMonthIdentity{Employer: "14003778990", Period: m}, Version: 1, Persons: p,
	}}
}

func TestEncode_writes_the_golden_bytes(t *testing.T) {
	t.Parallel()
	for _, m := range []jalali.Month{month(1403, 7), month(1404, 7), month(1405, 7)} {
		files, err := tax.Agency{Book: book(t)}.Encode(parcel(m, persons()))
		require.NoError(t, err)
		require.Len(t, files, 2)
		for _, f := range files {
			want, err := os.ReadFile(filepath.Join("testdata", f.Name))
			require.NoError(t, err)
			require.Equal(t, string(want), string(f.Bytes), f.Name)
		}
	}
}

func TestEncode_writes_no_file_before_1403(t *testing.T) {
	t.Parallel()
	for _, m := range []jalali.Month{month(1402, 12), month(1399, 1), month(1450, 1)} {
		files, err := tax.Agency{Book: book(t)}.Encode(parcel(m, persons()))
		require.ErrorIs(t, err, agency.ErrNoFile)
		require.Empty(t, files)
	}
}

func TestEncode_of_an_empty_month_is_two_empty_files(t *testing.T) {
	t.Parallel()
	files, err := tax.Agency{Book: book(t)}.Encode(parcel(month(1405, 7), nil))
	require.NoError(t, err)
	for _, f := range files {
		require.Equal(t, "\uFEFF", string(f.Bytes))
	}
	p, err := tax.Read(files[0].Bytes, files[1].Bytes)
	require.NoError(t, err)
	require.Empty(t, p.Persons)
}

// Every component lands in exactly one money column of each edition; beside them only WH35 and the premium share in WH33.
func TestEncode_keeps_the_sum_of_all_components(t *testing.T) {
	t.Parallel()
	b := book(t)
	for _, m := range []jalali.Month{month(1403, 1), month(1404, 1), month(1405, 1)} {
		rapid.Check(t, func(t *rapid.T) {
			x := persons()[0]
			var sum rial.Amount
			for c := range payroll.ComponentCount {
				x.Line.Pay[c] = rial.Amount(rapid.Int64Range(0, 999_999_999_999).Draw(t, c.Info().Key))
				sum += x.Line.Pay[c]
			}
			x.Assessed.MonthlyWage = x.Line.Pay[payroll.MonthlyWage]
			files, err := tax.Agency{Book: b}.Encode(parcel(m, []payroll.TaxPerson{x}))
			require.NoError(t, err)
			p, err := tax.Read(files[0].Bytes, files[1].Bytes)
			require.NoError(t, err)
			require.Equal(t, sum+x.Assessed.PremiumShare+x.Assessed.NetPaid, total(p.Pay[0]))
		})
		for c := range payroll.ComponentCount {
			x := payroll.TaxPerson{Line: payroll.Line{NationalCode: "0084575948"}}
			x.Line.Pay[c] = 7
			if c == payroll.MonthlyWage {
				x.Assessed.MonthlyWage = 7
			}
			files, err := tax.Agency{Book: b}.Encode(parcel(m, []payroll.TaxPerson{x}))
			require.NoError(t, err)
			p, err := tax.Read(files[0].Bytes, files[1].Bytes)
			require.NoError(t, err)
			filled := 0
			for _, a := range p.Pay[0].Amounts {
				if a != 0 {
					require.Equal(t, rial.Amount(7), a)
					filled++
				}
			}
			require.Equal(t, 1, filled, c.Info().Key)
		}
	}
}

func total(p tax.Pay) (sum rial.Amount) {
	for _, a := range p.Amounts {
		sum += a
	}
	return sum
}

func TestRead_reads_back_what_Encode_wrote(t *testing.T) {
	t.Parallel()
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		m := month(rapid.IntRange(1403, 1405).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"))
		people := rapid.SliceOfN(rapid.Custom(drawPerson), 0, 4).Draw(t, "people")
		files, err := tax.Agency{Book: b}.Encode(parcel(m, people))
		require.NoError(t, err)
		p, err := tax.Read(files[0].Bytes, files[1].Bytes)
		require.NoError(t, err)
		require.Len(t, p.Persons, len(people))
		for i := range people {
			l, got, pay := &people[i].Line, &p.Persons[i], &p.Pay[i]
			require.Equal(t, string(l.NationalCode), got.ID)
			require.Equal(t, got.ID, pay.ID)
			require.Equal(t, strings.ReplaceAll(l.LastName, ",", " "), got.LastName)
			require.Equal(t, l.BirthDate, got.BirthDate)
			require.Equal(t, l.StartDate, got.StartDate)
			require.Equal(t, l.WorkerAddress, got.Address)
			require.Equal(t, people[i].Assessed.NetPaid, pay.Amounts[35])
			require.Equal(t, l.Pay[payroll.Overtime]+l.Pay[payroll.HolidayWork], pay.Amounts[17])
		}
	})
}

func drawPerson(t *rapid.T) payroll.TaxPerson {
	words := rapid.StringMatching(`[ا-ی]{1,7}( |\x{200c}|,)[ا-ی]{1,7}`)
	money := rapid.Int64Range(0, 999_999_999_999)
	return payroll.TaxPerson{Line: payroll.Line{
		NationalCode: payroll.NationalCode(rapid.StringMatching(`[0-9]{10}`).Draw(t, "code")), LastName: words.Draw(t, "last"),
		BirthDate: date(rapid.IntRange(1320, 1390).Draw(t, "y"), 6, rapid.IntRange(1, 31).Draw(t, "d")), StartDate: date(1400, 1, 1),
		WorkerAddress: rapid.StringMatching(`[ا-ی۰-۹ ()]{0,80}`).Draw(t, "address"),
		Pay: payroll.Pay{
			payroll.Overtime:    rial.Amount(money.Draw(t, "overtime")),
			payroll.HolidayWork: rial.Amount(money.Draw(t, "holiday")),
		},
	}, Assessed: payroll.Assessed{NetPaid: rial.Amount(money.Draw(t, "net"))}}
}

func TestLines_name_the_place_of_each_fault(t *testing.T) {
	t.Parallel()
	files, err := tax.Agency{Book: book(t)}.Encode(parcel(month(1405, 7), persons()))
	require.NoError(t, err)
	wp, wh := files[0].Bytes, files[1].Bytes
	lines := bytes.SplitAfter(wh, []byte("\n"))
	for name, c := range map[string]struct {
		wp, wh []byte
		want   tax.LineError
	}{
		"not_utf8":       {append(bytes.Clone(wp), 0xFF), wh, tax.LineError{File: "WP", Line: 4, Err: tax.ErrUTF8}},
		"no_edition":     {wp, []byte("1,2,3\r\n"), tax.LineError{File: "WH", Line: 1, Given: 3, Err: tax.ErrEdition}},
		"missing_column": {wp, bytes.Replace(wh, []byte(",180000000,"), []byte(","), 1), tax.LineError{File: "WH", Line: 1, Given: 38, Err: tax.ErrEdition}},
		"other_line":     {wp, append(bytes.Clone(lines[0]), "1,2\r\n"...), tax.LineError{File: "WH", Line: 2, Given: 2, Expected: 39, Err: tax.ErrColumns}},
		"endless_line":   {wp, append(bytes.Clone(lines[0]), bytes.Repeat([]byte("1"), 100_000)...), tax.LineError{File: "WH", Line: 2, Given: 1, Expected: 39, Err: tax.ErrColumns}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tax.Read(c.wp, c.wh)
			var found *tax.LineError
			require.ErrorAs(t, err, &found)
			require.Equal(t, c.want, *found)
		})
	}
	for name, c := range map[string]struct {
		wp, wh []byte
		want   tax.Wrong
	}{
		"amount":    {wp, bytes.Replace(wh, []byte(",4000000,"), []byte(",4000000.5,"), 1), tax.Wrong{Field: "WH17", Given: "4000000.5", Err: tax.ErrAmount}},
		"too_large": {wp, bytes.Replace(wh, []byte(",4000000,"), []byte(",9007199254740992,"), 1), tax.Wrong{Field: "WH17", Given: "9007199254740992", Err: tax.ErrAmount}},
		"date":      {bytes.Replace(wp, []byte(",13650307,"), []byte(",13651307,"), 1), wh, tax.Wrong{Field: "WP6", Given: "13651307", Err: tax.ErrDate}},
		"date_form": {bytes.Replace(wp, []byte(",13650307,"), []byte(",1365/3/7,"), 1), wh, tax.Wrong{Field: "WP6", Given: "1365/3/7", Err: tax.ErrDate}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := tax.Read(c.wp, c.wh)
			require.NoError(t, err)
			require.Equal(t, []tax.Wrong{c.want}, p.Wrong)
		})
	}
	p, err := tax.Read(bytes.ReplaceAll(wp, []byte("\r"), nil), bytes.TrimSuffix(wh, []byte("\r\n")))
	require.NoError(t, err, "other programs end lines otherwise")
	require.Len(t, p.Pay, 3)
}

func FuzzRead(f *testing.F) {
	files, err := tax.Agency{Book: book(f)}.Encode(parcel(month(1405, 7), persons()))
	require.NoError(f, err)
	f.Add(files[0].Bytes, files[1].Bytes)
	f.Add([]byte(nil), []byte("\r\n"))
	f.Fuzz(func(t *testing.T, wp, wh []byte) {
		p, err := tax.Read(wp, wh)
		if err == nil {
			require.Len(t, p.Pay, len(p.Persons))
		} else if found := (*tax.LineError)(nil); !errors.Is(err, tax.ErrPair) {
			require.ErrorAs(t, err, &found)
		}
	})
}

func TestFit_tells_of_each_text_that_is_cut(t *testing.T) {
	t.Parallel()
	l := payroll.Line{
		ReportedTo: fault.Tax, FirstName: "سید محمد ابراهیم علی", LastName: strings.Repeat("ا", 51), FatherName: strings.Repeat("ب", 15),
		JobTitle: "سرپرست شیفت شب کارگاه برش و مونتاژ", WorkerAddress: strings.Repeat("ج", 200),
	}
	type cut struct{ key, given, expected string }
	find := func(l payroll.Line) (found []cut) {
		tax.Agency{}.Fit(&l, nil, func(e *fault.Entry, col payroll.ColumnID, given, expected string, _ ...string) {
			require.Equal(t, "CELL-15", e.Code)
			found = append(found, cut{col.Info().Key, given, expected})
		})
		return found
	}
	require.Equal(t, []cut{
		{"first_name", l.FirstName, "سید محمد"},
		{"last_name", l.LastName, strings.Repeat("ا", 50)},
		{"job_title", l.JobTitle, "سرپرست شیفت شب کارگاه برش و"},
	}, find(l))
	l.ReportedTo = fault.SSO
	require.Empty(t, find(l))
	l.ReportedTo, l.Hold = fault.Tax, true
	require.Len(t, find(l), 3, "a held row is judged too")
	l.Faulty.Add(payroll.ColLastName)
	require.Len(t, find(l), 2, "a cell with an error is left alone")
}

func BenchmarkFit(b *testing.B) {
	l := persons()[0].Line
	b.ReportAllocs()
	for b.Loop() {
		tax.Agency{}.Fit(&l, nil, nil)
	}
}
