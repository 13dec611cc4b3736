package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// one is a list of a file of many: as it was announced, as it was read, and its lines.
type one struct {
	part   intake.Part
	result *intake.Result
	lines  []payroll.Filed
}

func readMany(t testing.TB, file []byte, o intake.Options) (*intake.File, []one) {
	t.Helper()
	o.Temp = t.TempDir()
	f, err := intake.Open(context.Background(), bytes.NewReader(file), int64(len(file)), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	lists := make([]one, len(f.Lists))
	for i, p := range f.Lists {
		lists[i].part = p
		o.Line = func(l *payroll.Line, a *payroll.Assessed) error {
			lists[i].lines = append(lists[i].lines, payroll.Filed{Line: *l, Assessed: *a})
			return nil
		}
		lists[i].result, err = f.Read(context.Background(), i, o)
		require.NoError(t, err)
	}
	return f, lists
}

func (d *draft) many(t testing.TB) []one {
	t.Helper()
	o := options(t)
	for _, f := range d.options {
		f(&o)
	}
	_, lists := readMany(t, d.bytes(t), o)
	return lists
}

const workshop = "کد کارگاه"

// threeWorkshops is the good list with a worker in each of two workshops and one more in the first.
func threeWorkshops() *draft {
	return good().unset(workshop).at(0, workshop, "0123456789").at(1, workshop, "0123456788").at(2, workshop, "0123456789")
}

func TestOpen_splits_a_sheet_by_its_workshop_column(t *testing.T) {
	t.Parallel()
	lists := threeWorkshops().many(t)
	require.Len(t, lists, 2)
	first, second := lists[0], lists[1]
	require.Equal(t, intake.Part{Workshop: "0123456789", Period: jalali.Month{Year: 1405, Month: 7}, Rows: 2}, first.part)
	require.Equal(t, intake.Part{Workshop: "0123456788", Period: jalali.Month{Year: 1405, Month: 7}, Rows: 1}, second.part)
	require.Equal(t, payroll.Identity{Workshop: "0123456789", ContractRow: "000", Period: jalali.Month{Year: 1405, Month: 7}, ListNo: "01"}, first.result.Header.Identity())
	require.Equal(t, "کارگاه نمونه", second.result.Header.WorkshopName, "what is common to all stands in the workshop's sheet")
	for _, l := range lists {
		require.Empty(t, codesOf(l.result, fault.Warning), "%+v", l.result.Findings.All())
		require.Nil(t, find(l.result, "SHEET-10"))
	}
	require.Equal(t, []int{2, 4}, []int{first.lines[0].Line.Row, first.lines[1].Line.Row}, "the rows are those of the sheet")
	require.Equal(t, "زهرا", second.lines[0].Line.FirstName)
}

func TestOpen_tells_lists_apart_by_every_key_of_their_identity(t *testing.T) {
	t.Parallel()
	d := good().unset("سال و ماه عملکرد").at(0, "دوره", "1405-07").at(1, "دوره", "1405/06").at(2, "دوره", "۱۴۰۵۰۷").
		at(2, "ردیف پیمان", "001").at(0, "شماره لیست", 2)
	lists := d.many(t)
	require.Len(t, lists, 3)
	require.Equal(t, intake.Part{Workshop: "0123456789", Period: jalali.Month{Year: 1405, Month: 7}, ListNo: "02", Rows: 1}, lists[0].part)
	require.Equal(t, jalali.Month{Year: 1405, Month: 6}, lists[1].part.Period)
	require.Equal(t, "001", lists[2].part.ContractRow)
	require.Equal(t, "01", lists[2].result.Header.ListNo, "a blank number is the first")
}

func TestOpen_what_the_workshops_sheet_says_is_said_of_all_rows(t *testing.T) {
	t.Parallel()
	lists := good().at(0, workshop, "0123456789").cell(workshop, "0123456788").many(t)
	require.Len(t, lists, 1)
	f := find(lists[0].result, "CELL-13")
	require.NotNil(t, f)
	require.Equal(t, []any{3, "0123456788", "0123456789"}, []any{f.Row, f.Given, f.Expected})
	require.Contains(t, lists[0].result.Guesses[0].Why, "for several workshops in one sheet leave it out there")
}

func TestRead_takes_a_sheet_of_many_lists_as_one(t *testing.T) {
	t.Parallel()
	r, _ := threeWorkshops().read(t)
	require.Equal(t, payroll.Rejected, r.Verdicts.Worst())
	require.Equal(t, "X3", find(r, "CELL-13").Cell)
}

func TestOpen_a_blank_workshop_is_that_of_the_row_above_unless_there_are_several(t *testing.T) {
	t.Parallel()
	lists := good().unset(workshop).at(0, workshop, "0123456789").many(t)
	require.Len(t, lists, 1)
	require.Empty(t, codesOf(lists[0].result, fault.Warning))
	require.Equal(t, 3, lists[0].result.Workers)

	lists = good().unset(workshop).at(0, workshop, "0123456789").at(2, workshop, "0123456788").many(t)
	require.Len(t, lists, 2)
	f := find(lists[0].result, "CELL-13")
	require.NotNil(t, f, "nobody is filed under a list that he was not written under")
	require.Equal(t, []any{"X3", "", "0123456789"}, []any{f.Cell, f.Given, f.Expected})
	require.Empty(t, codesOf(lists[1].result, fault.Warning))
}

func TestOpen_a_blank_workshop_is_not_that_of_the_form_where_rows_name_another(t *testing.T) {
	t.Parallel()
	form := func(o *intake.Options) {
		o.Workshop = &payroll.Header{Workshop: "0123456787"}
		o.Workshop.Given.Add(payroll.KeyWorkshopCode)
	}
	lists := good().unset(workshop).at(0, workshop, "0123456787").with(form).many(t)
	require.Len(t, lists, 1)
	require.Empty(t, codesOf(lists[0].result, fault.Warning), "all rows are of the workshop that the form says")

	lists = good().unset(workshop).at(1, workshop, "0123456789").with(form).many(t)
	require.Len(t, lists, 2)
	require.Equal(t, payroll.WorkshopCode("0123456787"), lists[0].result.Header.Workshop)
	require.Equal(t, []int{2, 4}, rowsOf(lists[0].result, "CELL-13"), "who stands below another workshop's worker may be his colleague")
	require.Empty(t, codesOf(lists[1].result, fault.Warning))

	named := func(o *intake.Options) { o.Name = "0123456787.xlsx" }
	lists = good().unset(workshop).at(1, workshop, "0123456789").with(named).many(t)
	require.Equal(t, []int{2}, rowsOf(lists[0].result, "CELL-13"), "nor is it that of the file's name")
}

func TestOpen_a_row_that_contradicts_its_list_is_a_fault(t *testing.T) {
	t.Parallel()
	const employer = "شناسه ملی"
	d := threeWorkshops().unset("شناسه ملی / کد ملی کارفرما").at(0, employer, "10380284790").at(1, employer, "14003778990").at(2, employer, "14003778990")
	lists := d.many(t)
	require.Len(t, lists, 2)
	f := find(lists[0].result, "CELL-13")
	require.NotNil(t, f)
	require.Equal(t, []any{4, "14003778990", "10380284790"}, []any{f.Row, f.Given, f.Expected})
	require.Nil(t, find(lists[1].result, "CELL-13"))
	require.Equal(t, payroll.EmployerID("14003778990"), lists[1].result.Header.Employer)
}

func TestOpen_a_totals_row_belongs_to_the_lists_it_sums(t *testing.T) {
	t.Parallel()
	total := func(d *draft, sum int) *draft {
		d.rows = append(d.rows, map[string]any{"نام": "جمع کل", "دستمزد روزانه": sum})
		return d
	}
	lists := total(threeWorkshops(), 3*5_600_000).many(t)
	for _, l := range lists {
		require.Empty(t, codesOf(l.result, fault.Warning))
		require.Equal(t, 5, find(l.result, "SHEET-11").Row)
	}
	require.Equal(t, 2, lists[0].result.Workers, "never a worker")
	for _, l := range total(threeWorkshops(), 2*5_600_000).many(t) {
		f := find(l.result, "LIST-10")
		require.NotNil(t, f)
		require.Equal(t, []string{"11200000", "16800000"}, []string{f.Given, f.Expected})
	}

	subtotals := good().unset(workshop).at(0, workshop, "0123456789")
	subtotals = total(subtotals.at(1, workshop, "0123456789"), 2*5_600_000)
	subtotals.rows[2], subtotals.rows[3] = subtotals.rows[3], subtotals.rows[2]
	lists = total(total(subtotals.at(3, workshop, "0123456788"), 5_600_000), 3*5_600_000).many(t)
	require.Len(t, lists, 2)
	require.Equal(t, []int{4, 7}, rowsOf(lists[0].result, "SHEET-11"))
	require.Equal(t, []int{6, 7}, rowsOf(lists[1].result, "SHEET-11"))
	require.Empty(t, append(codesOf(lists[0].result, fault.Warning), codesOf(lists[1].result, fault.Warning)...))
}

func rowsOf(r *intake.Result, code string) (rows []int) {
	for _, f := range r.Findings.All() {
		if f.Code == code {
			rows = append(rows, f.Row)
		}
	}
	return rows
}

func TestOpen_gaps_and_merged_cells_are_told_to_the_list_they_stand_in(t *testing.T) {
	t.Parallel()
	d := threeWorkshops()
	d.rows = append(d.rows, nil)
	d.worker("0013542419", "مریم", "رضایی", "12345690").at(4, workshop, "0123456788")
	lists := d.edit(func(f *excelize.File) { _ = f.MergeCell(list, "C3", "D3") }).many(t)
	require.Empty(t, codesOf(lists[0].result, fault.Warning))
	require.Equal(t, []int{3}, rowsOf(lists[1].result, "SHEET-08"))
	require.Equal(t, []int{5}, rowsOf(lists[1].result, "SHEET-10"))
}

func TestOpen_a_damaged_sheet_of_many_lists_is_one_unreadable_list(t *testing.T) {
	t.Parallel()
	d := threeWorkshops()
	d.pack = reshape(func(x string) string { return x[:len(x)-40] })
	lists := d.many(t)
	require.Len(t, lists, 1)
	require.NotNil(t, find(lists[0].result, "FILE-05"))
	require.Equal(t, payroll.Unreadable, lists[0].result.Verdicts.Worst())
}

func TestOpen_more_lists_than_a_sheet_may_hold_are_refused(t *testing.T) {
	t.Parallel()
	d := good().unset(workshop)
	d.columns = []string{workshop, "نام", "نام خانوادگی", "کد ملی", "شماره بیمه"}
	d.rows = nil
	for i := range 5_001 {
		d.rows = append(d.rows, map[string]any{workshop: fmt.Sprintf("%010d", i), "نام": "علی"})
	}
	lists := d.many(t)
	require.Len(t, lists, 1)
	require.NotNil(t, find(lists[0].result, "SHEET-07"))
}

// zipOf packs files by name, in order.
func zipOf(t testing.TB, files ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i].(string))
		require.NoError(t, err)
		_, err = f.Write(files[i+1].([]byte))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestOpen_a_ZIP_of_lists(t *testing.T) {
	t.Parallel()
	file := zipOf(t, "a/0123456789.xlsx", good().unset(workshop).bytes(t), "b.json", goodDocument().bytes(t), "c.xlsx", threeWorkshops().bytes(t),
		"readme.txt", []byte("hello"), "__MACOSX/b.json", []byte("x"), "~$c.xlsx", []byte("x"), "d.xlsx", []byte("PK\x03\x04 no workbook"))
	f, lists := readMany(t, file, options(t))
	require.Equal(t, intake.FormatZip, f.Format)
	var told []string
	for _, l := range lists {
		told = append(told, fmt.Sprint(l.part.Member, " ", l.result.Header.Workshop, " ", l.result.Workers, " ", l.result.Format, " ", l.result.Verdicts.Worst()))
	}
	require.Equal(t, []string{
		"a/0123456789.xlsx 0123456789 3 xlsx accepted", "b.json 0123456789 2 json accepted", "c.xlsx 0123456789 2 xlsx accepted", "c.xlsx 0123456788 1 xlsx accepted",
		"readme.txt  0  unreadable", "d.xlsx  0  unreadable",
	}, told)
	require.Equal(t, []intake.Guess{{What: "workshop_code", Found: "0123456789", Why: "file name"}}, lists[0].result.Guesses)

	r, _ := read(t, file, options(t))
	require.Equal(t, payroll.Unreadable, r.Verdicts.Worst(), "as one list it is none")
}

func TestOpen_a_ZIP_within_a_ZIP_is_no_list(t *testing.T) {
	t.Parallel()
	inner := zipOf(t, "a.xlsx", good().bytes(t))
	_, lists := readMany(t, zipOf(t, "inner.zip", inner, "a.json", goodDocument().bytes(t)), options(t))
	require.Len(t, lists, 2)
	require.Equal(t, payroll.Unreadable, lists[0].result.Verdicts.Worst())
	require.Equal(t, payroll.Accepted, lists[1].result.Verdicts.Worst())
}

func TestOpen_members_of_a_ZIP_together_keep_the_limits_of_one_file(t *testing.T) {
	t.Parallel()
	o := options(t)
	book := good().bytes(t)
	r, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	require.NoError(t, err)
	for _, part := range r.File {
		o.Limits.Workbook.Total += 2 * int64(part.UncompressedSize64)
	}
	_, lists := readMany(t, zipOf(t, "a.xlsx", book, "b.xlsx", book, "c.xlsx", book), o)
	require.Len(t, lists, 3)
	require.Equal(t, payroll.Accepted, lists[0].result.Verdicts.Worst())
	require.NotNil(t, find(lists[2].result, "FILE-06"))

	o = options(t)
	o.Limits.Workbook.File, o.Limits.JSON = 128<<10, 100
	_, lists = readMany(t, zipOf(t, "a.xlsx", book, "b.json", goodDocument().bytes(t)), o)
	require.Equal(t, payroll.Accepted, lists[0].result.Verdicts.Worst())
	require.NotNil(t, find(lists[1].result, "FILE-02"))
}

func TestRead_a_sheet_called_after_a_month_tells_the_month(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sheet, file, want, why string }{
		{"مهر", "حقوق.xlsx", "1405-07", "sheet name; the year is the latest in which the month has begun"},
		{"اسفند", "حقوق.xlsx", "1404-12", "sheet name; the year is the latest in which the month has begun"},
		{"حقوق آبان ماه", "حقوق ۱۴۰۴.xlsx", "1404-08", "sheet name; the year is that of the file name"},
		{"دي ۱۴۰۳", "1405-02.xlsx", "1403-10", "sheet name"},
		{"1405-06", "x.xlsx", "1405-06", "sheet name"},
		{"لیست", "140502.xlsx", "1405-02", "file name"},
		{"مهر و آبان", "140502.xlsx", "1405-02", "file name"},
	} {
		d := good().unset("سال و ماه عملکرد").with(func(o *intake.Options) { o.Name = c.file })
		d.list = c.sheet
		r, _ := d.read(t)
		require.Equal(t, c.want, r.Header.Period.String(), c.sheet)
		require.Equal(t, []intake.Guess{{What: "period", Found: c.want, Why: c.why}}, r.Guesses)
	}
	d := good()
	d.list = "آبان"
	r, _ := d.read(t)
	require.Equal(t, "1405-07", r.Header.Period.String())
	require.Equal(t, "sheet", r.Guesses[0].What, "what the workshop's sheet says stands, and the other is told")
}

func TestRead_twelve_months_in_one_workbook(t *testing.T) {
	t.Parallel()
	d := good().unset("سال و ماه عملکرد").edit(func(f *excelize.File) {
		n, _ := f.NewSheet("آبان")
		from, _ := f.GetSheetIndex(list)
		_ = f.CopySheet(from, n)
		_ = f.SetSheetName(list, "مهر")
	})
	r, _ := d.read(t)
	require.Contains(t, find(r, "SHEET-02").Message.FA, "«مهر»، «آبان»")
	r, lines := d.with(func(o *intake.Options) { o.Sheet = "آبان" }).read(t)
	require.Nil(t, find(r, "SHEET-02"))
	require.Equal(t, "1405-08", r.Header.Period.String())
	require.Len(t, lines, 3)
}

func TestRead_an_ambiguous_header_is_a_question_that_the_map_answers(t *testing.T) {
	t.Parallel()
	d := good().rename("حق مسکن", "مسکن")
	r, _ := d.read(t)
	require.Equal(t, []intake.Question{{
		Header: "مسکن", Sheet: list, Cell: "R1", Candidates: []intake.Candidate{
			{Key: "housing", Label: payroll.Housing.Column().Info().Label},
			{Key: "housing_use", Label: payroll.ColHousingUse.Info().Label},
			{Key: "ignored", Label: "ستونی که خوانده نمی‌شود"},
		},
	}}, r.Questions)
	require.Equal(t, payroll.Rejected, r.Verdicts.Worst())
	r, lines := d.with(func(o *intake.Options) { o.Map = map[string]string{"مسکن": "housing"} }).read(t)
	require.Empty(t, r.Questions)
	require.Empty(t, codesOf(r, fault.Warning))
	require.EqualValues(t, 30_000_000, lines[0].Line.Pay[payroll.Housing])
}
