package intake

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
)

func TestRowSpool_gives_back_every_list_from_disk_and_leaves_no_file(t *testing.T) {
	t.Parallel()
	const rows, lists = 3_000, 40
	s := &rowSpool{dir: t.TempDir()}
	text := strings.Repeat("متن", 400)
	for n := range rows {
		row := &workbook.Row{Number: n + 1, Hidden: n%7 == 0, Unaddressed: n%11 == 0, Cells: []workbook.Cell{
			{Column: 0, Kind: workbook.Number, Text: []byte(strconv.Itoa(n)), HasValue: true},
			{Column: 3, Kind: workbook.Blank},
			{Column: 200, Kind: workbook.Text, Text: []byte(text), HasValue: true, Formula: true},
			{Column: 201, Kind: workbook.Blank, Formula: true},
		}}
		require.NoError(t, s.add(n%lists, row, n%5, uint8(n%3)))
	}
	require.NotNil(t, s.file, "so much is not held in memory")
	left, err := os.ReadDir(s.dir)
	require.NoError(t, err)
	require.Empty(t, left)
	for list := range lists {
		n := list
		require.NoError(t, s.each(list, func(row *workbook.Row, empty int, inherited uint8) error {
			require.Equal(t, []int{n + 1, n % 5, n % 3, 3}, []int{row.Number, empty, int(inherited), len(row.Cells)})
			require.Equal(t, []bool{n%7 == 0, n%11 == 0}, []bool{row.Hidden, row.Unaddressed})
			require.Equal(t, strconv.Itoa(n), string(row.Cells[0].Text))
			require.Equal(t, workbook.Cell{Column: 200, Kind: workbook.Text, Text: []byte(text), HasValue: true, Formula: true}, row.Cells[1])
			require.Equal(t, []any{201, true, false}, []any{row.Cells[2].Column, row.Cells[2].Formula, row.Cells[2].HasValue})
			n += lists
			return nil
		}))
		require.Equal(t, rows+list, n)
	}
	require.NoError(t, s.close())
}
