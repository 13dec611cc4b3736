package intake_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"fehrest/internal/agency/sso"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawnPayroll is an invented list with every kind of pay that a person may have.
func drawnPayroll(t *rapid.T, tb testing.TB) (payroll.Header, []payroll.Line) {
	month := jalali.Month{Year: 1405, Month: rapid.IntRange(1, 7).Draw(t, "month")}
	p, ok := lawBook(tb).On(month)
	require.True(t, ok)
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	h := synth.Workshop(random, synth.Employer(random), "شرکت نمونه", month)
	lines := synth.List(synth.Options{Seed: random.Uint64(), Workers: rapid.IntRange(1, 6).Draw(t, "workers"), Header: h, Law: p})
	for i := range lines {
		l := &lines[i]
		l.Days = rapid.IntRange(1, month.Days()).Draw(t, "days")
		for _, c := range []payroll.Component{
			payroll.Responsibility, payroll.Transport, payroll.Overtime, payroll.Shift, payroll.Bonus, payroll.Productivity, payroll.ProductionBonus,
			payroll.Welfare, payroll.Milk, payroll.Mission, payroll.OtherNoncontinuous, payroll.OnCall, payroll.HaqqAlSaay, payroll.Eidi,
			payroll.UnusedLeave, payroll.NonCashOther, payroll.ArrearsContinuous, payroll.HealthPremium, payroll.LifePremium,
		} {
			if rapid.IntRange(0, 3).Draw(t, "has") == 0 {
				l.Pay[c] = rial.Amount(rapid.Int64Range(1, 40_000_000).Draw(t, c.Info().Key))
			}
		}
	}
	return h, lines
}

// jsonOf is the list as a JSON document.
func jsonOf(t require.TestingT, h *payroll.Header, lines []payroll.Line) []byte {
	value := func(field any) any {
		switch v := field.(type) {
		case *string:
			if *v != "" {
				return *v
			}
		case *rial.Amount:
			if *v != 0 {
				return int64(*v)
			}
		case *int:
			if *v != 0 {
				return *v
			}
		case *jalali.Date:
			if !v.IsZero() {
				return v.String()
			}
		case *jalali.Month:
			if !v.IsZero() {
				return v.String()
			}
		case *fault.Lane:
			return v.String()
		case *bool:
			return nil
		}
		return nil
	}
	doc := struct {
		Workshop map[string]any   `json:"workshop"`
		Lines    []map[string]any `json:"lines"`
	}{Workshop: map[string]any{}}
	for _, k := range payroll.HeaderKeys() {
		if v := value(k.Field(h)); v != nil {
			doc.Workshop[k.Key] = v
		}
	}
	for i := range lines {
		line := map[string]any{}
		for _, c := range payroll.Columns() {
			if v := value(c.Field(&lines[i])); v != nil {
				line[c.Key] = v
			}
		}
		doc.Lines = append(doc.Lines, line)
	}
	b, err := json.Marshal(doc)
	require.NoError(t, err)
	return b
}

// A payroll is the same list whichever of the formats tells it: XLSX and JSON to the last figure, the SSO's files in what
// they carry, the tax files in every column, both joined in both.
func TestFormats_of_one_payroll_agree(t *testing.T) {
	t.Parallel()
	drawn := rapid.Custom(func(r *rapid.T) (d drawnList) {
		d.header, d.lines = drawnPayroll(r, t)
		d.agency.Layout = rapid.SampledFrom([]sso.Layout{sso.V65, sso.V27}).Draw(r, "layout")
		d.agency.Encoding = rapid.SampledFrom([]dbf.Encoding{dbf.IranSystem, dbf.CP1256}).Draw(r, "encoding")
		return d
	})
	for seed := range 20 { // each is seven lists read and judged
		d := drawn.Example(seed)
		h, drawn, a := d.header, d.lines, d.agency
		original := readCase(t, h, drawn)
		require.True(t, original.result.Verdicts.SSO.Passes() && original.result.Verdicts.Tax.Passes(), "%+v", original.result.Findings.All())
		list := filed(original.result, original.lines)

		asJSON, jsonLines := read(t, jsonOf(t, &h, drawn), options(t))
		require.Equal(t, original.result.Totals, asJSON.Totals, "%+v", asJSON.Findings.All())
		for i := range jsonLines {
			require.Equal(t, original.lines[i].Assessed, jsonLines[i].Assessed)
		}

		dsk := dskOf(t, a, list)
		fromDSK, dskLines := read(t, zipped(t, dsk), options(t))
		require.Equal(t, ssoTotals(original.result.Totals, a.Layout), ssoTotals(fromDSK.Totals, sso.V65), "%+v", fromDSK.Findings.All())
		require.Equal(t, dsk, dskOf(t, a, filed(fromDSK, dskLines)))

		wh := taxFilesOf(t, list)
		o := options(t)
		o.Workshop = knownWorkshop(&original.result.Header)
		fromTax, taxLines := read(t, zipped(t, wh), o)
		require.Equal(t, text(wh), text(taxFilesOf(t, filed(fromTax, taxLines))), "%+v", fromTax.Findings.All())

		both := append(dskOf(t, sso.Agency{}, list), wh...)
		joined, joinedLines := read(t, zipped(t, both), o)
		require.Empty(t, codesOf(joined, fault.Error), "%+v", joined.Findings.All())
		require.Equal(t, ssoTotals(original.result.Totals, sso.V65), ssoTotals(joined.Totals, sso.V65))
		require.Equal(t, text(wh), text(taxFilesOf(t, filed(joined, joinedLines))))
	}
}

// drawnList is a payroll, and how the SSO's files of it are written.
type drawnList struct {
	header payroll.Header
	lines  []payroll.Line
	agency sso.Agency
}

// table writes a dBASE table of texts.
func table(t testing.TB, enc dbf.Encoding, fields []dbf.Field, rows ...map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := dbf.NewWriter(&b, dbf.Header{Fields: fields, Records: uint32(len(rows))})
	require.NoError(t, err)
	for _, row := range rows {
		for i, f := range fields {
			text, loss := []byte(row[f.Name]), dbf.Loss{}
			if strings.Trim(row[f.Name], "0123456789/") != "" { // identifiers and dates are ASCII in every encoding
				text, loss = enc.Encode(row[f.Name])
			}
			require.Empty(t, loss.Letters)
			w.Text(i, text)
		}
		require.NoError(t, w.Next())
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// The layout of 26 and 31 fields that circulates: other widths and order, further fields, seniority and marriage as numbers,
// dates of two-digit years; here in UTF-8 too.
func TestDSK_third_layout(t *testing.T) {
	t.Parallel()
	character := func(names ...string) (fields []dbf.Field) {
		for _, n := range names {
			fields = append(fields, dbf.Field{Name: n, Type: dbf.Character, Width: 100})
		}
		return fields
	}
	kar := character(strings.Fields(`DSK_ID DSK_NAME DSK_FARM DSK_ADRS DSK_KIND DSK_YY DSK_MM DSK_LISTNO DSK_DISC DSK_NUM DSK_TDD DSK_TROOZ DSK_TMAH
		DSK_TMAZ DSK_TMASH DSK_TTOTL DSK_TBIME DSK_TKOSO DSK_BIC DSK_RATE DSK_PRATE DSK_BIMH MON_PYM DSK_INC DSK_SPOUSE DSK_TBIM20`)...)
	wor := character(strings.Fields(`DSW_ID DSW_YY DSW_MM DSW_LISTNO DSW_ID1 DSW_FNAME DSW_LNAME DSW_DNAME DSW_IDNO DSW_IDPLC DSW_IDATE DSW_BDATE
		DSW_SEX DSW_NAT DSW_OCP DSW_SDATE DSW_EDATE DSW_DD DSW_ROOZ DSW_MAH DSW_MAZ DSW_MASH DSW_TOTL DSW_BIME DSW_PRATE PER_NATCOD DSW_JOB
		DSW_KOSO DSW_BIME20 DSW_INC DSW_SPOUSE`)...)
	require.Len(t, kar, 26)
	require.Len(t, wor, 31)
	workshop := map[string]string{
		"DSK_ID": "0123456789", "DSK_NAME": "کارگاه نمونه", "DSK_FARM": "شرکت نمونه", "DSK_ADRS": "تهران", "DSK_KIND": "0", "DSK_YY": "1405",
		"DSK_MM": "7", "DSK_LISTNO": "1", "DSK_NUM": "1", "DSK_TDD": "30", "DSK_TROOZ": "6000000", "DSK_TMAH": "180000000", "DSK_TMAZ": "57000000",
		"DSK_TMASH": "237000000", "DSK_TTOTL": "240000000", "DSK_TBIME": "16590000", "DSK_TKOSO": "47400000", "DSK_BIC": "7110000",
		"DSK_RATE": "30", "DSK_PRATE": "0", "DSK_BIMH": "0", "DSK_INC": "0", "DSK_SPOUSE": "5000000",
	}
	worker := map[string]string{
		"DSW_ID": "0123456789", "DSW_YY": "5", "DSW_MM": "7", "DSW_LISTNO": "01", "DSW_ID1": "00123456", "DSW_FNAME": "علی", "DSW_LNAME": "رضایی",
		"DSW_DNAME": "حسن", "DSW_IDNO": "12", "DSW_IDPLC": "تهران", "DSW_BDATE": "70/05/12", "DSW_SEX": "مرد", "DSW_NAT": "ایرانی",
		"DSW_OCP": "حسابدار", "DSW_DD": "30", "DSW_ROOZ": "6000000", "DSW_MAH": "180000000", "DSW_MAZ": "57000000", "DSW_MASH": "237000000",
		"DSW_TOTL": "240000000", "DSW_BIME": "16590000", "DSW_PRATE": "0", "PER_NATCOD": "0084575948", "DSW_JOB": "017021",
		"DSW_KOSO": "47400000", "DSW_INC": "0", "DSW_SPOUSE": "5000000",
	}
	for _, enc := range []dbf.Encoding{dbf.IranSystem, dbf.CP1256, dbf.UTF8} {
		t.Run(enc.String(), func(t *testing.T) {
			t.Parallel()
			r, lines := read(t, zipped(t, []payroll.File{
				{Name: "dskkar00.dbf", Bytes: table(t, enc, kar, workshop)}, {Name: "dskwor00.dbf", Bytes: table(t, enc, wor, worker)},
			}), options(t))
			require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
			require.Equal(t, enc.String(), guessOf(r, "encoding"))
			require.Equal(t, "26+31, not read: DSW_KOSO DSW_BIME20", guessOf(r, "layout"))
			require.Equal(t, "1405-07", r.Header.Period.String())
			require.Equal(t, "01", r.Header.ListNo)
			l := &lines[0].Line
			require.Equal(t, "علی رضایی", l.FirstName+" "+l.LastName)
			require.Equal(t, "1370/05/12", l.BirthDate.String())
			require.Equal(t, rial.Amount(52_000_000), l.Pay[payroll.OtherContinuous])
			require.Equal(t, rial.Amount(3_000_000), l.Pay[payroll.OtherNoncontinuous])
			require.Equal(t, rial.Amount(237_000_000), r.Totals.Insurable)
		})
	}
}

// taxPair is the tax files of the small sample.
func taxPair(t testing.TB) (wp, wh string, o intake.Options) {
	t.Helper()
	c := synth.Cases(lawBook(t))[0]
	original := readCase(t, c.Header, c.Lines)
	files := taxFilesOf(t, filed(original.result, original.lines))
	o = options(t)
	o.Workshop = knownWorkshop(&original.result.Header)
	return string(files[0].Bytes), string(files[1].Bytes), o
}

func TestTax_files_refused_and_told(t *testing.T) {
	t.Parallel()
	wp, wh, o := taxPair(t)
	lines := strings.SplitAfter(wh, "\r\n")
	column := func(file string, n int, value string) string {
		head, rest, _ := strings.Cut(file, "\r\n")
		fields := strings.Split(head, ",")
		fields[n-1] = value
		return strings.Join(fields, ",") + "\r\n" + rest
	}
	for name, c := range map[string]struct {
		wp, wh string
		code   string
		sheet  string
		row    int
		column string
	}{
		"other_edition":   {wp, "1,2,3\r\n", "SHEET-06", "WH140507.txt", 1, ""},
		"broken_line":     {wp, lines[0] + "1,2\r\n", "SHEET-06", "WH140507.txt", 2, ""},
		"not_utf8":        {wp + "\xFF", wh, "FILE-05", "", 4, ""},
		"other_person":    {wp, column(wh, 1, "0012345679"), "LIST-06", "WH140507.txt", 1, "WH1"},
		"missing_person":  {wp, lines[0] + lines[1], "LIST-06", "WH140507.txt", 3, "WH1"},
		"amount":          {wp, column(wh, 17, "12x"), "CELL-03", "WH140507.txt", 1, "WH17"},
		"fraction":        {wp, column(wh, 17, "12.5"), "CELL-04", "WH140507.txt", 1, "WH17"},
		"foreign_currecy": {wp, column(wh, 5, "21"), "CELL-13", "WH140507.txt", 1, "WH5"},
		"no_such_day":     {column(wp, 6, "13700732"), wh, "DATE-01", "WP140507.txt", 1, "WP6"},
		"short_code":      {column(wp, 2, "123"), column(wh, 1, "123"), "ID-01", "WP140507.txt", 1, "WP2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := read(t, zipped(t, []payroll.File{{Name: "WP140507.txt", Bytes: []byte(c.wp)}, {Name: "WH140507.txt", Bytes: []byte(c.wh)}}), o)
			f := find(r, c.code)
			require.NotNil(t, f, "%+v", r.Findings.All())
			require.Equal(t, c.sheet, f.Sheet)
			require.Equal(t, c.row, f.Row)
			require.Equal(t, c.column, f.Column)
			require.False(t, r.Verdicts.Tax.Passes())
		})
	}
}

func TestTax_edition_before_1403_is_read_and_checked(t *testing.T) {
	t.Parallel()
	_, _, o := taxPair(t)
	wp := "1,2,0084575948,علی,رضایی,103,77,4,حسابدار,1,تامین اجتماعی,12345678,,تهران,14000101,1,مرکز,1,1,,1,,\r\n"
	wh := "0084575948,1,5,0,85,1,14000101,,1,1,200000000,0,1,0,1,0,0,1000000,500000,7000000,0,12000000,0,0,0,0,0,0,0,0,0,0,9000000,8500000\r\n"
	r, lines := read(t, zipped(t, []payroll.File{{Name: "WP140205.txt", Bytes: []byte(wp)}, {Name: "WH140205.txt", Bytes: []byte(wh)}}), o)
	require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
	require.Equal(t, "23+34", guessOf(r, "edition"))
	require.Len(t, lines, 1)
	l := &lines[0].Line
	require.Equal(t, "رضایی", l.LastName)
	require.Equal(t, rial.Amount(200_000_000), l.Pay[payroll.MonthlyWage])
	require.Equal(t, rial.Amount(12_000_000), l.Pay[payroll.Overtime])
	require.Equal(t, rial.Amount(1_500_000), l.Pay[payroll.HealthPremium])
	require.Equal(t, rial.Amount(8_500_000), l.DeclaredTax)
	f := find(r, "SHEET-05")
	require.NotNil(t, f, "bank housing loans have no column any more")
	require.Equal(t, "WH20", f.Column)
}

func TestJoined_figures_that_are_not_one_pay_stop_the_tax_lane_only(t *testing.T) {
	t.Parallel()
	p := smallPair(t, sso.Agency{})
	wp, wh, o := taxPair(t)
	first, rest, _ := strings.Cut(wh, "\r\n")
	fields := strings.Split(first, ",")
	fields[16] = "987654321" // overtime that the SSO's file does not have
	wh = strings.Join(fields, ",") + "\r\n" + rest
	r, _ := read(t, zipped(t, []payroll.File{
		{Name: sso.KarName, Bytes: p.kar}, {Name: sso.WorName, Bytes: p.wor}, {Name: "WP140507.txt", Bytes: []byte(wp)}, {Name: "WH140507.txt", Bytes: []byte(wh)},
	}), o)
	f := find(r, "LIST-06")
	require.NotNil(t, f, "%+v", r.Findings.All())
	require.Equal(t, fault.Tax, f.Lane)
	require.Equal(t, 1, f.Row)
	require.True(t, r.Verdicts.SSO.Passes())
	require.Equal(t, payroll.Rejected, r.Verdicts.Tax)
}

func TestJoined_persons_of_one_file_go_where_they_are_told(t *testing.T) {
	t.Parallel()
	p := smallPair(t, sso.Agency{})
	wp, wh, o := taxPair(t)
	drop := func(file string) string {
		_, rest, _ := strings.Cut(file, "\r\n")
		return "\uFEFF" + rest
	}
	fields := strings.Split(strings.SplitAfter(wp, "\r\n")[1], ",")
	fields[1], fields[10] = "0012345679", ""
	pay := strings.Split(strings.SplitAfter(wh, "\r\n")[1], ",")
	for i := 6; i < len(pay); i++ {
		if i != 8 && i != 10 {
			pay[i] = "0"
		}
	}
	pay[0], pay[14], pay[34] = "0012345679", "90000000", "81000000"
	r, lines := read(t, zipped(t, []payroll.File{
		{Name: sso.KarName, Bytes: p.kar},
		{Name: sso.WorName, Bytes: p.wor},
		{Name: "WP140507.txt", Bytes: []byte(drop(wp) + strings.Join(fields, ","))},
		{Name: "WH140507.txt", Bytes: []byte(drop(wh) + strings.Join(pay, ",") + "\r\n")},
	}), o)
	require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
	require.Len(t, lines, 4)
	require.Equal(t, fault.SSO, lines[0].Line.ReportedTo, "he is in no line of WH")
	require.Equal(t, fault.Both, lines[1].Line.ReportedTo)
	require.Equal(t, fault.Tax, lines[3].Line.ReportedTo, "he has no pay in the SSO's file")
	require.Equal(t, rial.Amount(90_000_000), lines[3].Line.Pay[payroll.Fees])
	told := map[string]string{}
	for _, f := range r.Findings.All() {
		if f.Code == "CELL-11" && f.Field == "reported_to" {
			told[f.Sheet] += f.Expected
		}
	}
	require.Equal(t, "sso", told[sso.WorName])
	require.Equal(t, "tax", told["WP140507.txt"], "%v", told)
}
