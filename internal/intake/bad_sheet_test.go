package intake_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/intake"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// bad is one file and the finding it gets.
type bad struct {
	row    int // of the list of bad input that every window must withstand; 0 for what was met beside it
	name   string
	draft  *draft
	code   string // "" for none above info
	cell   string
	field  string
	given  string
	fa     string // a part of the Persian message
	alone  bool   // no other finding above info
	unread bool   // the verdict is unreadable
	count  int    // how many of the code; 0 is one
}

func (b *bad) check(t *testing.T) {
	t.Helper()
	r, _ := b.draft.read(t)
	if b.code == "" {
		require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
		return
	}
	f := find(r, b.code)
	require.NotNil(t, f, "%v", codesOf(r, fault.Info))
	if b.cell != "" {
		require.Equal(t, b.cell, f.Cell)
	}
	if b.field != "" {
		require.Equal(t, b.field, f.Field)
	}
	if b.given != "" {
		require.Equal(t, b.given, f.Given)
	}
	require.Contains(t, f.Message.FA, b.fa)
	require.NotRegexp(t, `\{[a-z_]+\}`, f.Message.FA+f.Message.EN, "every name of the message is filled")
	if b.alone {
		require.Equal(t, []string{b.code}, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	}
	if b.unread {
		require.Equal(t, "unreadable", string(r.Verdicts.Worst()))
	}
	if b.count > 0 {
		n := 0
		for _, c := range codesOf(r, fault.Info) {
			if c == b.code {
				n++
			}
		}
		require.Equal(t, b.count, n)
	}
}

func runBad(t *testing.T, all []bad) {
	t.Helper()
	for _, b := range all {
		t.Run(rowName(b.row, b.code, b.name), func(t *testing.T) {
			t.Parallel()
			b.check(t)
		})
	}
}

// rowName names a test by its row of the list of bad input, its code and what is wrong.
func rowName(row int, code, name string) string {
	if row > 0 {
		code = strings.TrimSpace(fmt.Sprintf("row %d %s", row, code))
	}
	return strings.TrimSpace(code + " " + name)
}

func second(f *excelize.File, name string, hidden bool) {
	_, err := f.NewSheet(name)
	if err == nil {
		rows, _ := f.GetRows(list)
		for i, c := range rows[0] {
			at, _ := excelize.CoordinatesToCellName(i+1, 1)
			_ = f.SetCellValue(name, at, c)
		}
		_ = f.SetSheetVisible(name, !hidden)
	}
}

func TestRead_bad_sheets(t *testing.T) {
	t.Parallel()
	runBad(t, badSheets())
}

func badSheets() []bad {
	titled := good()
	titled.edit(func(f *excelize.File) {
		_ = f.InsertRows(list, 1, 1)
		_ = f.SetCellValue(list, "A1", "لیست حقوق مهر ۱۴۰۵")
	})
	deep := good().edit(func(f *excelize.File) { _ = f.InsertRows(list, 1, 2) })
	keys := good().edit(func(f *excelize.File) {
		_ = f.InsertRows(list, 2, 1)
		for i, k := range []string{"row", "national_code", "nationality", "first_name"} {
			at, _ := excelize.CoordinatesToCellName(i+1, 2)
			_ = f.SetCellValue(list, at, k)
		}
		_ = f.SetRowVisible(list, 2, false)
	})
	one := good()
	one.list = "Sheet7"
	empty := good()
	empty.rows = nil
	nilList := good().set("نوع ارسال", "فاقد کارگر")
	nilList.rows = nil
	return []bad{
		{name: "no header", draft: deep, code: "SHEET-01", unread: true, alone: true},
		{name: "header below a title", draft: titled},
		{name: "a row of keys, hidden", draft: keys},
		{name: "any sheet name", draft: one},
		{name: "two lists", draft: good().edit(func(f *excelize.File) { second(f, "مهر", false) }), code: "SHEET-02", fa: "«مهر»", unread: true},
		{name: "a hidden list", draft: good().edit(func(f *excelize.File) { second(f, "مهر", true) }), code: "SHEET-02", fa: "مخفی"},
		{name: "two lists, chosen", draft: good().edit(func(f *excelize.File) { second(f, "مهر", false) }).with(func(o *intake.Options) { o.Sheet = list })},
		{name: "chosen sheet not there", draft: good().with(func(o *intake.Options) { o.Sheet = "آبان" }), code: "SHEET-01", fa: "آبان"},
		{name: "column of both lanes", draft: good().drop("کد ملی"), code: "SHEET-03", field: "national_code", fa: "کد ملی", unread: true, alone: true},
		{name: "names every missing column", draft: good().drop("کد ملی").drop("نام").drop("شماره بیمه"), code: "SHEET-03", count: 3},
		{name: "column no row needs", draft: good().drop("ملیت").drop("شماره شناسنامه")},
		{name: "twice", draft: good().cell("کدملی", "1"), code: "SHEET-04", cell: "X1", fa: "(B1 و X1)", unread: true},
		{name: "unknown column with values", draft: good().cell("رنگ", "آبی"), code: "SHEET-05", given: "رنگ", cell: "X1", alone: true},
		{name: "unknown column without values", draft: good().cell("رنگ", nil)},
		{name: "values below no header", draft: good().edit(func(f *excelize.File) { _ = f.SetCellValue(list, "Z3", "۱۲") }), code: "SHEET-05", given: "Z", cell: "Z1"},
		{name: "merged cells", draft: good().edit(func(f *excelize.File) { _ = f.MergeCell(list, "I3", "I4") }), code: "SHEET-08", given: "I3:I4"},
		{name: "hidden row", draft: good().edit(func(f *excelize.File) { _ = f.SetRowVisible(list, 3, false) }), code: "SHEET-09", cell: "A3", fa: "ردیف 3", alone: true},
		{name: "hidden column", draft: good().edit(func(f *excelize.File) { _ = f.SetColVisible(list, "D", false) }), code: "SHEET-09", cell: "D1", field: "first_name", fa: "ستون D"},
		{name: "hidden column without data", draft: good().edit(func(f *excelize.File) { _ = f.SetColVisible(list, "C", false) })},
		{name: "empty row between workers", draft: good().edit(func(f *excelize.File) { _ = f.InsertRows(list, 3, 2) }), code: "SHEET-10", cell: "A3", given: "3–4", alone: true},
		{name: "rows of numbers at the end", draft: good().edit(func(f *excelize.File) { _ = f.SetCellValue(list, "A5", 4); _ = f.SetCellValue(list, "A6", 5) })},
		{name: "no worker", draft: empty, code: "SHEET-12"},
		{name: "no worker in a nil list", draft: nilList},
		{name: "values no one gave", draft: good().unset("کد کارگاه").unset("آدرس کارگاه"), code: "SHEET-13", count: 2, fa: "کد کارگاه"},
		{name: "replaces missing", draft: good().set("نوع ارسال", "اصلاحی (جایگزین لیست قبلی)").set("علت اصلاح", "اشتباه"), code: "SHEET-13", field: "replaces"},
		{name: "ambiguous", draft: good().cell("سنوات", 1), code: "MAP-01", cell: "X1", fa: "daily_seniority", alone: true},
		{name: "candidates are not missing too", draft: good().rename("نام", "نام و نام خانوادگی").drop("نام خانوادگی"), code: "MAP-01", alone: true},
		{name: "toman", draft: good().rename("دستمزد روزانه", "دستمزد روزانه (تومان)"), code: "MAP-01", fa: "تومان", alone: true},
		{name: "mapped", draft: good().cell("سنوات", 1).with(func(o *intake.Options) { o.Map = map[string]string{"سنوات": "daily_seniority"} })},
		{name: "mapped away", draft: good().cell("رنگ", "آبی").with(func(o *intake.Options) { o.Map = map[string]string{"رنگ": "ignored"} })},
		{name: "unknown label on the workshop sheet", draft: good().set("تلفن", "021"), code: "SHEET-05", cell: "A8", given: "تلفن"},
		{name: "another workshop in a row", draft: good().at(0, "کد کارگاه", "0123456789").cell("کد کارگاه", "0123456788"), code: "CELL-13", cell: "X3", given: "0123456788", alone: true},
		{name: "the workshop in every row", draft: good().unset("کد کارگاه").at(0, "کد کارگاه", "0123456789").cell("کد کارگاه", "0123456789")},
		{name: "only held rows need the column", draft: good().drop("شماره بیمه").at(0, "نگه‌داشتن ردیف", "بله").cell("نگه‌داشتن ردیف", "بله").at(2, "نگه‌داشتن ردیف", "بله")},
		{name: "column of one lane", draft: good().drop("شماره بیمه"), code: "SHEET-03", field: "insurance_number", alone: true},
		{name: "older template", draft: good().edit(func(f *excelize.File) {
			_ = f.SetDefinedName(&excelize.DefinedName{Name: "fehrest_template", RefersTo: "0"})
		}), code: "CELL-11", fa: "قالب قدیمی"},
		{name: "label twice", draft: good().set("کد کارگاهی", "0123456789"), code: "SHEET-04", cell: "B8"},
		{name: "period not understood", draft: good().set("سال و ماه عملکرد", "05/7"), code: "DATE-02", cell: "B2", field: "period", alone: true},
		{name: "list number too long", draft: good().set("شماره لیست", "1234567890123"), code: "CELL-13", field: "list_no"},
		{name: "contract row as text", draft: good().set("ردیف پیمان", "7"), code: "CELL-13", field: "contract_row"},
		{name: "contract row as number", draft: good().set("ردیف پیمان", 7)},
	}
}

func TestRead_total_rows(t *testing.T) {
	t.Parallel()
	runBad(t, badTotals())
}

func badTotals() []bad {
	total := func(label string, wage int) *draft {
		d := good()
		d.rows = append(d.rows, map[string]any{"نام": label, "روزهای کارکرد": 90, "دستمزد روزانه": wage, "حق مسکن": 90_000_000})
		return d
	}
	return []bad{
		{name: "used as control", draft: total("جمع کل:", 16_800_000), code: "SHEET-11", cell: "A5"},
		{name: "equal", draft: total("مجموع", 16_800_000)},
		{row: 96, name: "differs", draft: total("جمع", 16_800_001), code: "LIST-10", cell: "Q5", field: "daily_wage", given: "16800001", alone: true},
		{name: "a person named جمعه", draft: good().cell("نام", "جمعه")},
		{name: "control column", draft: good().cell("جمع کل", 1).at(0, "جمع کل", 1).at(2, "جمع کل", 1), code: "LIST-10", cell: "X1", given: "3"},
	}
}

// reshape changes the XML of the list's sheet.
func reshape(change func(xml string) string) func(t testing.TB, file []byte) []byte {
	return func(t testing.TB, file []byte) []byte {
		t.Helper()
		r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		require.NoError(t, err)
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, f := range r.File {
			in, err := f.Open()
			require.NoError(t, err)
			content, err := io.ReadAll(in)
			require.NoError(t, err)
			if f.Name == "xl/worksheets/sheet1.xml" {
				content = []byte(change(string(content)))
			}
			out, err := w.Create(f.Name)
			require.NoError(t, err)
			_, err = out.Write(content)
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return b.Bytes()
	}
}

func TestRead_rows_out_of_order(t *testing.T) {
	t.Parallel()
	runBad(t, badRows())
}

func badRows() []bad {
	shaped := func(d *draft, change func(xml string) string) *draft {
		d.pack = reshape(change)
		return d
	}
	cells := regexp.MustCompile(` r="[A-Z]+[0-9]+"`)
	full := good().cell("ملیت", "ایرانی").at(0, "ملیت", "ایرانی").at(2, "ملیت", "ایرانی").drop("اضافه‌کاری")
	short := good().cell("ملیت", "ایرانی").at(0, "ملیت", "ایرانی").drop("اضافه‌کاری")
	return []bad{
		{name: "repeated row", draft: shaped(good(), func(x string) string { return strings.Replace(x, `<row r="3"`, `<row r="2"`, 1) }), code: "SHEET-06", unread: true},
		{name: "cell of another row", draft: shaped(good(), func(x string) string { return strings.Replace(x, `r="D3"`, `r="D4"`, 1) }), code: "SHEET-06"},
		{name: "without references, whole rows", draft: shaped(full, func(x string) string { return cells.ReplaceAllString(x, "") })},
		{name: "without references, a row too short", draft: shaped(short, func(x string) string {
			return cells.ReplaceAllString(regexp.MustCompile(`<c r="C4"[^>]*></c>|<c r="C4"[^>]*/>`).ReplaceAllString(x, ""), "")
		}), code: "SHEET-06", unread: true},
		{name: "stray cell", draft: good().edit(func(f *excelize.File) { _ = f.SetCellValue(list, "ZZ3", 1) }), code: "SHEET-07", unread: true},
		{name: "broken", draft: shaped(good(), func(x string) string { return strings.Replace(x, "</row><row r=\"4\"", "</rot><row r=\"4\"", 1) }), code: "FILE-05", alone: true, fa: "پس از ردیف"},
	}
}

func TestRead_more_workers_than_a_list_has(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 100_001 {
		fmt.Fprintf(&b, `<row r="%d"><c r="A%d"><v>1</v></c><c r="B%d"><v>1</v></c></row>`, i+2, i+2, i+2)
	}
	d := good()
	d.rows = d.rows[:0]
	d.pack = reshape(func(x string) string { return strings.Replace(x, "</sheetData>", b.String()+"</sheetData>", 1) })
	r, _ := d.read(t)
	require.NotNil(t, find(r, "SHEET-07"))
	require.Equal(t, "unreadable", string(r.Verdicts.SSO))
}

// A column of sums is compared, never taken: figures of sixteen digits in it are a difference, not an overflow.
func TestRead_sums_beyond_any_list(t *testing.T) {
	t.Parallel()
	d := good()
	for i := range 1_100 {
		d.worker("0012345679", "علی", "محمدی", strconv.Itoa(20_000_000+i))
	}
	for i := range d.rows {
		d.at(i, "DSW_MASH", "9007199254740000")
	}
	require.NotPanics(t, func() {
		r, _ := d.read(t)
		require.NotNil(t, find(r, "LIST-10"))
	})
}

// A mapping names a column; it does not turn tomans into rials.
func TestRead_toman_stays_a_question_when_mapped(t *testing.T) {
	t.Parallel()
	const header = "دستمزد روزانه (تومان)"
	mapped := func(key string) *draft {
		return good().rename("دستمزد روزانه", header).with(func(o *intake.Options) { o.Map = map[string]string{header: key} })
	}
	r, _ := mapped("daily_wage").read(t)
	require.Equal(t, []string{"MAP-01"}, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	r, _ = mapped("ignored").read(t)
	require.Nil(t, find(r, "MAP-01"))
}

func TestRead_what_an_unclear_header_holds_is_not_called_blank(t *testing.T) {
	t.Parallel()
	r, _ := good().rename("حق مسکن", "مسکن").read(t)
	require.NotNil(t, find(r, "MAP-01"))
	require.Nil(t, find(r, "WAGE-03"), "%+v", r.Findings.All())
}

// A forgotten code does not make a sum of a person whose job begins with that word.
func TestRead_a_worker_who_collects_is_no_totals_row(t *testing.T) {
	t.Parallel()
	r, lines := good().cell("عنوان شغل", "جمع آوری پسماند").cell("کد ملی", nil).cell("شماره بیمه", nil).read(t)
	require.Len(t, lines, 3)
	require.Nil(t, find(r, "SHEET-11"))
	require.NotNil(t, find(r, "ID-07"))

	d := good().cell("عنوان شغل", "جمع آوری پسماند")
	for _, forgotten := range []string{"کد ملی", "شماره بیمه", "جنسیت", "تاریخ تولد", "کد شغل"} {
		d.cell(forgotten, nil)
	}
	r, lines = d.read(t)
	require.Len(t, lines, 3, "both his names are there")
	require.Nil(t, find(r, "SHEET-11"))
	r, _ = d.cell("نام", "کارگاه مرکزی").cell("نام خانوادگی", nil).read(t)
	require.Equal(t, []int{3}, rowsOf(r, "SHEET-11"))
}
