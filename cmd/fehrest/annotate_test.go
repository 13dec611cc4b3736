package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

const faultyList = "../../samples/faulty/list.xlsx"

func TestAnnotate_writes_the_workbook_and_exits_as_check_does(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "marked.xlsx")
	code, stdout, stderr := fehrest(t, "annotate", faultyList, "--out", out)
	require.Equal(t, exitRejected, code, stderr)
	require.True(t, strings.HasSuffix(stdout, out+"\n"), stdout)
	f, err := excelize.OpenFile(out)
	require.NoError(t, err)
	require.Equal(t, []string{"کارگاه", "لیست", "یافته‌ها"}, f.GetSheetList())
	require.NoError(t, f.Close())

	// It may take the place of the file it was made of.
	code, _, stderr = fehrest(t, "annotate", out, "--out", out)
	require.Equal(t, exitRejected, code, stderr)
	left, err := os.ReadDir(filepath.Dir(out))
	require.NoError(t, err)
	require.Len(t, left, 1, "no other file is left")
}

func TestAnnotate_says_what_is_wrong_with_its_use(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"annotate", faultyList},
		{"annotate", faultyList, "--out", filepath.Join(dir, "x.xlsm")},
		{"annotate", dir, "--out", filepath.Join(dir, "x.xlsx")},
		{"annotate", filepath.Join(dir, "none.xlsx"), "--out", filepath.Join(dir, "x.xlsx")},
		{"annotate", faultyList, "--out", filepath.Join(dir, "none", "x.xlsx")},
		{"template", "--from", filepath.Join(dir, "none.xlsx")},
		{"template", "--from", dir},
	} {
		code, stdout, stderr := fehrest(t, args...)
		require.NotEqual(t, exitAccepted, code, args)
		require.Empty(t, stdout)
		require.Len(t, strings.Split(strings.TrimSpace(stderr), "\n"), 1, stderr)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestTemplate_from_last_month(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "next.xlsx")
	code, _, stderr := fehrest(t, "template", "--from", "../../samples/joiners-leavers/list.xlsx", "--out", out)
	require.Equal(t, exitAccepted, code, stderr)
	require.Contains(t, stderr, "1405-08: 2 workers of 1405-07, 3 who left are not in it")
	_, stdout, _ := fehrest(t, "check", out)
	require.Contains(t, stdout, "2 workers")
	require.Contains(t, stdout, "CELL-12 لیست!Z3", "the days are to be written")
}

func TestTemplate_from_a_list_with_errors_says_what_is_blank(t *testing.T) {
	t.Parallel()
	code, _, stderr := fehrest(t, "template", "--from", faultyList, "--out", filepath.Join(t.TempDir(), "next.xlsx"))
	require.Equal(t, exitAccepted, code, stderr)
	require.Contains(t, stderr, "has 12 errors; cells that could not be read are blank in it")
}
