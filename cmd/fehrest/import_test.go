package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"fehrest/internal/flow"

	"github.com/stretchr/testify/require"
)

// convertedSample makes the organisations' files of a sample, as a user would have them from last month.
func convertedSample(t *testing.T, name string) string {
	t.Helper()
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"convert", filepath.Join("..", "..", "samples", name, "list.xlsx"), "--out", out}, &stdout, &stderr), stdout.String())
	return out
}

func TestImport_finds_loose_pairs_and_archives_in_the_order_of_their_months(t *testing.T) {
	t.Parallel()
	dir, files := t.TempDir(), convertedSample(t, "small")
	client := filepath.Join(dir, "client")
	require.NoError(t, os.CopyFS(client, os.DirFS(files)))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "broken.ZIP"), []byte("x"), 0o600))
	archives, err := archivesBelow(dir)
	require.NoError(t, err)
	require.Len(t, archives, 2)
	require.Equal(t, "broken.ZIP", archives[0].name, "its month cannot be told")
	require.Equal(t, "client", archives[1].name)
	require.Equal(t, "1405-07", archives[1].month)
	require.NotEmpty(t, archives[1].bytes)
}

func TestImport_reads_what_is_told_of_workshops_in_the_folder_and_above(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	client := filepath.Join(dir, "a", "b")
	require.NoError(t, os.MkdirAll(client, 0o700))
	write := func(path, text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write(filepath.Join(dir, "workshops.csv"), "\uFEFFworkshop_code,employer_id,employer_name\n0123456789,10380284790,شرکت نمونه\n0123456790,10380284790,\n")
	write(filepath.Join(client, "workshops.json"), `[{"workshop": {"workshop_code": "9876543210"}, "profile": {"exempt_five_quota": 5}}]`)
	told, err := toldOf(dir, client)
	require.NoError(t, err)
	require.Len(t, told, 3)
	require.Equal(t, "9876543210", string(told[0].Header.Workshop), "the nearest folder goes first")
	require.Equal(t, 5, told[0].Profile.ExemptFiveQuota)
	require.Equal(t, "شرکت نمونه", told[1].Header.EmployerName)

	write(filepath.Join(client, "workshops.csv"), "employer\n1\n")
	_, err = toldOf(dir, client)
	require.Error(t, err)
}

func TestImport_prints_what_stands_and_what_is_not_known(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	printImported(&b, &flow.Imported{
		File: "x.zip", Member: "1", Stored: true, Differs: []flow.Differs{{What: "address", Kept: "الف", Archive: "ب"}, {What: "education", Count: 3, Taken: true}},
		Unknown: []string{"WH carries no tax"},
	})
	require.Contains(t, b.String(), "x.zip!1")
	require.Contains(t, b.String(), "differs address: here الف, archive ب: kept as it is")
	require.Contains(t, b.String(), "education of 3 persons: taken from the archive")
	require.Contains(t, b.String(), "unknown: WH carries no tax")
}
