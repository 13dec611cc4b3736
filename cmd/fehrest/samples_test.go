package main

import (
	"bytes"
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"fehrest/cmd/agencysim/sim"
	"fehrest/internal/law"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

// on is the day that the goldens were made as on.
const on = "1405-08-15"

const samplesDir = "../../samples"

var update = flag.Bool("update", false, "write the samples' goldens anew; read them before accepting them")

func sampleFolders(t *testing.T) []string {
	t.Helper()
	lists, err := filepath.Glob(samplesDir + "/*/list.xlsx")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(lists), 8)
	folders := make([]string, len(lists))
	for i, l := range lists {
		folders[i] = filepath.Dir(l)
	}
	return folders
}

func TestSamples_become_the_golden_files(t *testing.T) {
	t.Parallel()
	for _, dir := range sampleFolders(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			list, want, out := filepath.Join(dir, "list.xlsx"), filepath.Join(dir, "want"), t.TempDir()
			code, _, complaint := fehrest(t, "convert", list, "--out", out, "--on", on)
			require.Contains(t, []int{exitAccepted, exitRejected}, code, complaint)
			checked, findings, _ := fehrest(t, "check", list, "--json", "--on", on)
			require.Equal(t, code, checked)
			if *update {
				require.NoError(t, os.RemoveAll(want))
				if len(tree(t, out)) > 0 {
					require.NoError(t, os.CopyFS(want, os.DirFS(out)))
				}
				require.NoError(t, os.WriteFile(filepath.Join(dir, "findings.json"), []byte(findings), 0o644))
			}
			require.Equal(t, tree(t, want), tree(t, out))
			golden, err := os.ReadFile(filepath.Join(dir, "findings.json"))
			require.NoError(t, err)
			require.Equal(t, string(golden), findings)
		})
	}
}

func TestSamples_pass_both_organisations_own_checks(t *testing.T) {
	t.Parallel()
	for _, dir := range sampleFolders(t) {
		want := filepath.Join(dir, "want")
		if _, err := os.Stat(want); err != nil {
			continue // a refused list gives no files
		}
		for agency, file := range map[string]string{"sso": "DSKKAR00.DBF", "tax": "WP140507.txt"} {
			found := 0
			for name := range tree(t, want) {
				if filepath.Base(name) != file {
					continue
				}
				found++
				var out bytes.Buffer
				folder := filepath.Dir(filepath.Join(want, name))
				require.Zero(t, sim.Main(context.Background(), []string{"--agency", agency, "--check", folder}, &out), "%s %s: %s", agency, folder, &out)
			}
			require.NotZero(t, found, "%s %s", agency, dir)
		}
	}
}

func TestSamples_are_those_of_the_generator(t *testing.T) {
	t.Parallel()
	book, err := law.Load()
	require.NoError(t, err)
	dir := t.TempDir()
	code, _, complaint := fehrest(t, "synth", "--samples", dir)
	require.Zero(t, code, complaint)
	for _, c := range synth.Cases(book) {
		name := filepath.Join(c.Folder, c.Name)
		made, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		committed, err := os.ReadFile(filepath.Join(samplesDir, name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(committed, made), "%s is not what fehrest synth --samples writes", name)
	}
}

// tree reads a folder: content by name. A folder that is not there is empty.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(b)
		return err
	})
	require.NoError(t, err)
	return files
}
