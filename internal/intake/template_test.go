package intake_test

import (
	"bytes"
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

func TestTemplate_has_the_rules_inside(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, intake.Template(&b))
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, []string{"کارگاه", "لیست", "راهنما"}, f.GetSheetList())
	rules, err := f.GetDataValidations("لیست")
	require.NoError(t, err)
	coded := map[string]bool{}
	for _, r := range rules {
		coded[strings.TrimRight(strings.Split(r.Sqref, ":")[0], "0123456789")] = true
		require.True(t, strings.HasSuffix(r.Sqref, "100001"), r.Sqref)
		require.LessOrEqual(t, len([]rune(strings.Trim(r.Formula1, `"`))), 255)
	}
	for id, c := range payroll.Columns() {
		column, err := excelize.ColumnNumberToName(id + 1)
		require.NoError(t, err)
		require.Equal(t, c.Values != nil, coded[column], c.Key)
		note := noteAt(t, f, "لیست", column+"1")
		require.Contains(t, note, c.Key)
		require.Contains(t, note, "شکل: ")
		require.Equal(t, c.Needs != 0, strings.Contains(note, "لازم برای: "), c.Key)
		style, err := f.GetColStyle("لیست", column)
		require.NoError(t, err)
		look, err := f.GetStyle(style)
		require.NoError(t, err)
		switch c.Form {
		case payroll.Money:
			require.Equal(t, 3, look.NumFmt, c.Key)
		case payroll.Count:
		default:
			require.Equal(t, 49, look.NumFmt, c.Key)
		}
	}
	panes, err := f.GetPanes("لیست")
	require.NoError(t, err)
	require.Equal(t, 2, panes.YSplit)
	view, err := f.GetSheetView("لیست", 0)
	require.NoError(t, err)
	require.True(t, *view.RightToLeft)
	result, _ := read(t, b.Bytes(), options(t))
	require.NotContains(t, codesOf(result, fault.Info), "SHEET-02")
	require.Contains(t, codesOf(result, fault.Info), "SHEET-12")
}

func TestNext_carries_a_list_into_the_next_month(t *testing.T) {
	t.Parallel()
	d := good().cell("اضافه‌کاری", 9_000_000).cell("روزهای کارکرد", 20).at(2, "تاریخ ترک کار", "1405/07/20").set("شماره لیست", "02").set("نوع ارسال", "اصلاحی").
		set("کد رهگیری لیست قبلی", "v1").set("علت اصلاح", "مزد")
	result, lines := d.read(t)
	next, err := intake.NextOf(&result.Header, func(yield func(*payroll.Line) bool) error {
		for i := range lines {
			if !yield(&lines[i].Line) {
				break
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 2, next.Workers)
	require.Equal(t, 1, next.Left)
	var b bytes.Buffer
	require.NoError(t, next.Write(&b))

	carried, after := read(t, b.Bytes(), options(t))
	h := &carried.Header
	require.Equal(t, "1405-08", h.Period.String())
	require.Equal(t, "1405-08", h.TaxPeriod.String())
	require.Equal(t, payroll.Original, h.Kind)
	require.Equal(t, "02", h.ListNo)
	require.Empty(t, h.Replaces+h.Reason)
	require.Len(t, after, 2)
	for i := range after {
		was, is := &lines[i].Line, &after[i].Line
		require.Equal(t, was.NationalCode, is.NationalCode)
		require.Equal(t, was.Education, is.Education)
		require.Equal(t, was.StartDate, is.StartDate)
		require.Equal(t, was.DailyWage, is.DailyWage)
		require.Equal(t, was.Pay[payroll.Housing], is.Pay[payroll.Housing])
		require.Zero(t, is.Pay[payroll.Overtime])
		require.False(t, is.Given.Has(payroll.ColDays), "the days are to be written")
		require.Equal(t, i+1, is.Number)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	defer f.Close()
	column, err := excelize.ColumnNumberToName(int(payroll.Housing.Column()) + 1)
	require.NoError(t, err)
	require.Contains(t, noteAt(t, f, list, column+"4"), "بازبینی", "twenty days of thirty: the benefit may be a part")
	require.Empty(t, noteAt(t, f, list, column+"3"))
}

func TestNext_refuses_what_is_no_whole_list(t *testing.T) {
	t.Parallel()
	none := func(func(*payroll.Line) bool) error { return nil }
	_, err := intake.NextOf(&payroll.Header{}, none)
	require.ErrorIs(t, err, intake.ErrNoNext)
	result, _ := good().read(t)
	h := result.Header
	h.Kind = payroll.Change
	_, err = intake.NextOf(&h, none)
	require.ErrorIs(t, err, intake.ErrNoNext)
}
