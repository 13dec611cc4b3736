package workbook_test

import (
	"archive/zip"
	"bytes"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
)

func TestWrite_is_read_back_as_it_was_written(t *testing.T) {
	t.Parallel()
	long := slices.Repeat([]string{"گزینه بلند که به تنهایی کوتاه است"}, 12)
	var b bytes.Buffer
	require.NoError(t, workbook.Write(&b, workbook.Draft{
		Names: map[string]string{"mark": "3"},
		Sheets: []workbook.DraftSheet{
			{
				Name: "لیست", RightToLeft: true, Frozen: 2, Bold: 2, HiddenRow: 2, Columns: []workbook.DraftColumn{{Width: 14, Text: true}, {}},
				Choices: []workbook.Choice{{Column: 1, First: 3, Last: 50, Values: []string{"بله", "خیر"}}, {Column: 2, First: 3, Last: 50, Values: long}},
				Rows:    slices.Values([][]any{{"کد ملی", "روز"}, {"national_code", "days"}, {"0012345679", 30}, {nil, int64(5541850)}, {"=1+1"}}),
			},
			{Name: "پنهان", Hidden: true, Rows: slices.Values([][]any{{"x"}})},
		},
	}))
	got, err := dump(b.Bytes())
	require.NoError(t, err)
	require.Contains(t, got, "sheet لیست hidden=false worksheet=true\nA1 text \"کد ملی\"\nB1 text \"روز\"\nrow 2 hidden\n")
	require.Contains(t, got, "A3 text \"0012345679\"\nB3 number \"30\"\nB4 number \"5541850\"\nA5 text \"=1+1\"\n")
	require.Contains(t, got, "sheet پنهان hidden=true")
	require.Contains(t, got, "sheet گزینه‌ها hidden=true")
	require.Equal(t, 12, strings.Count(got, long[0]))
	book, err := open(b.Bytes())
	require.NoError(t, err)
	require.Equal(t, "3", book.DefinedNames["mark"])
}

// Excel calls a sheet damaged whose columns do not ascend.
func TestWrite_columns_ascend(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, workbook.Write(&b, workbook.Draft{Sheets: []workbook.DraftSheet{{
		Name: "لیست", Columns: []workbook.DraftColumn{{Width: 14, Text: true}, {Width: 9}, {Text: true}, {Width: 20, Text: true}},
		Rows: slices.Values([][]any{{"x"}}),
	}}}))
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	part, err := z.Open("xl/worksheets/sheet1.xml")
	require.NoError(t, err)
	sheet, err := io.ReadAll(part)
	require.NoError(t, err)
	var columns []int
	for _, m := range regexp.MustCompile(`<col min="(\d+)"`).FindAllSubmatch(sheet, -1) {
		n, err := strconv.Atoi(string(m[1]))
		require.NoError(t, err)
		columns = append(columns, n)
	}
	require.Equal(t, []int{1, 2, 3, 4}, columns)
}
