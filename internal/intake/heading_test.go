package intake_test

import (
	"fmt"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// grouped is the good list under a header of two rows: row titles as given, the good list's own columns in the second or, where
// they have no group, merged over both.
func grouped(groups map[string]string, below map[string]string) *draft {
	d := good()
	return d.edit(func(f *excelize.File) {
		_ = f.InsertRows(list, 1, 1)
		last := ""
		first := 0
		merge := func(end int) {
			if last == "" || first == end {
				return
			}
			a, _ := excelize.CoordinatesToCellName(first, 1)
			b, _ := excelize.CoordinatesToCellName(end, 1)
			_ = f.MergeCell(list, a, b)
		}
		for i, c := range d.columns {
			top, _ := excelize.CoordinatesToCellName(i+1, 1)
			low, _ := excelize.CoordinatesToCellName(i+1, 2)
			group := groups[c]
			switch {
			case group == "":
				merge(i)
				_ = f.SetCellValue(list, top, c)
				_ = f.SetCellValue(list, low, nil)
				_ = f.MergeCell(list, top, low)
			case group != last:
				merge(i)
				first = i + 1
				_ = f.SetCellValue(list, top, group)
			}
			if word, ok := below[c]; ok {
				_ = f.SetCellValue(list, low, word)
			}
			last = group
		}
		merge(len(d.columns))
	})
}

func TestRead_a_header_of_two_rows(t *testing.T) {
	t.Parallel()
	pay := map[string]string{"حق مسکن": "مزایا", "بن کارگری": "مزایا", "ساعت": "اضافه کاری", "اضافه‌کاری": "اضافه کاری"}
	d := grouped(pay, map[string]string{"اضافه‌کاری": "مبلغ"})
	for i := range 3 {
		d.at(i, "اضافه‌کاری", 1_000_000*(i+1))
	}
	r, lines := d.read(t)
	require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	require.Len(t, lines, 3)
	require.Equal(t, 3, lines[0].Line.Row)
	require.EqualValues(t, 30_000_000, lines[2].Line.Pay[payroll.Housing])
	require.EqualValues(t, 3_000_000, lines[2].Line.Pay[payroll.Overtime], "«اضافه کاری» over «مبلغ»")
}

func TestRead_a_title_over_several_columns_names_each_of_them(t *testing.T) {
	t.Parallel()
	pay := map[string]string{"اضافه‌کاری": "اضافه کاری", "ساعت": "اضافه کاری", "حق مسکن": "مزایا", "بن کارگری": "مزایا"}
	d := grouped(pay, map[string]string{"اضافه‌کاری": "مبلغ"})
	d.drop("اضافه‌کاری")
	for i := range 3 {
		d.at(i, "ساعت", 12).at(i, "اضافه‌کاری", 2_000_000) // the sum stands in the second column below the title
	}
	r, lines := d.read(t)
	require.EqualValues(t, 2_000_000, lines[0].Line.Pay[payroll.Overtime])
	require.Equal(t, []string{"SHEET-05"}, codesOf(r, fault.Warning))
	require.Equal(t, "اضافه کاری ساعت", find(r, "SHEET-05").Given)
	require.Equal(t, fmt.Sprintf("%s2", find(r, "SHEET-05").Column), find(r, "SHEET-05").Cell)
}

func TestRead_a_row_below_the_header_is_a_worker_unless_it_is_certainly_none(t *testing.T) {
	t.Parallel()
	// A worker whose every figure was forgotten is a worker still, though his job is called by a known word.
	d := good()
	for _, c := range d.columns {
		d.at(0, c, nil)
	}
	d.at(0, "نام", "علی").at(0, "نام خانوادگی", "محمدی").at(0, "نام پدر", "رضا").at(0, "عنوان شغل", "سرپرستی")
	r, lines := d.read(t)
	require.Len(t, lines, 3)
	require.Equal(t, 2, lines[0].Line.Row)
	require.NotNil(t, find(r, "CELL-12"))
}

func TestRead_a_banner_over_the_header_is_no_title_of_its_columns(t *testing.T) {
	t.Parallel()
	d := good().at(0, "امتیاز", 5)
	r, lines := d.edit(func(f *excelize.File) {
		_ = f.InsertRows(list, 1, 1)
		_ = f.SetCellValue(list, "A1", "لیست حقوق مهر ۱۴۰۵")
		_ = f.MergeCell(list, "A1", "X1")
	}).read(t)
	require.Len(t, lines, 3)
	require.Equal(t, "امتیاز", find(r, "SHEET-05").Given)
}

func TestRead_a_header_of_two_rows_below_a_banner(t *testing.T) {
	t.Parallel()
	d := grouped(map[string]string{"حق مسکن": "مزایا", "بن کارگری": "مزایا", "دستمزد روزانه": "مزایا"}, nil)
	r, lines := d.edit(func(f *excelize.File) {
		_ = f.InsertRows(list, 1, 1)
		_ = f.SetCellValue(list, "A1", "لیست حقوق مهر ۱۴۰۵")
	}).read(t)
	require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	require.Equal(t, 4, lines[0].Line.Row)
	require.EqualValues(t, 22_000_000, lines[0].Line.Pay[payroll.Grocery])
}

func TestRead_tomans_below_a_title_are_a_question(t *testing.T) {
	t.Parallel()
	d := grouped(map[string]string{"حق مسکن": "حق مسکن", "بن کارگری": "مزایا", "دستمزد روزانه": "مزایا"}, map[string]string{"حق مسکن": "(تومان)"})
	r, _ := d.read(t)
	f := find(r, "MAP-01")
	require.NotNil(t, f, "%+v", r.Findings.All())
	require.Contains(t, f.Given, "تومان")
}

func TestRead_headers_that_say_what_they_hold(t *testing.T) {
	t.Parallel()
	const left, month = "تاریخ ترک کار (اولین روزی که سر کار نیامده)", "سال و ماه عملکرد"
	d := good().unset(month).rename("دستمزد روزانه", "دستمزد روزانه (بدون پایه سنوات)").cell(left, "1405/07/21").cell("روزهای کارکرد", 20)
	for worker := range 3 {
		d.at(worker, month, "1405-07")
	}
	r, lines := d.read(t)
	require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	require.EqualValues(t, 5_600_000, lines[1].Line.DailyWage)
	require.Equal(t, "1405/07/21", lines[1].Line.EndDate.String())
	require.Equal(t, "1405-07", r.Header.Period.String())
}
