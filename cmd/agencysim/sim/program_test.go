package sim

import (
	"bytes"
	"context"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSharesNothingWithTheWindow(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*.go", "../*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, f := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly)
			require.NoError(t, err)
			for _, i := range parsed.Imports {
				path, err := strconv.Unquote(i.Path.Value)
				require.NoError(t, err)
				assert.NotContains(t, path, "fehrest/internal", "%s", f)
			}
		}
	}
}

// check runs the program with --check and returns exit code and output.
func check(t *testing.T, agency, path string) (int, string) {
	t.Helper()
	var out, complaint bytes.Buffer
	p := Program{Stdout: &out, Stderr: &complaint, Now: time.Now}
	code := p.Run(t.Context(), []string{"--agency", agency, "--check", path})
	require.Empty(t, complaint.String())
	return code, out.String()
}

func TestCheckFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	f := ssoTestFiles()
	write("a/"+karName, f.kar)
	wor := write("a/"+worName, f.wor)
	write("b/1/"+strings.ToLower(karName), f.kar)
	write("b/1/"+strings.ToLower(worName), f.wor)
	write("a/assessment.json", []byte("{}"))
	wp, wh := taxTestLines("0012345679", 550_000_000, 15_000_000)
	tax := taxTestFiles(mehr1405, [][]string{wp}, [][]string{wh})
	write(tax.wpName, tax.wp)
	pay := write(tax.whName, tax.wh)
	for _, c := range []struct{ agency, path string }{
		{agencySSO, dir},
		{agencySSO, wor},
		{agencySSO, write("list.zip", packSSO(t, f))},
		{agencyTax, dir},
		{agencyTax, pay},
	} {
		code, out := check(t, c.agency, c.path)
		assert.Equal(t, exitFine, code, out)
		assert.Empty(t, out)
	}

	changed := bytes.Clone(f.wor)
	at := bytes.Index(changed, []byte("52000000"))
	changed[at] = '6'
	write("a/"+worName, changed)
	code, out := check(t, agencySSO, dir)
	assert.Equal(t, exitRefused, code)
	assert.Contains(t, out, filepath.Join(dir, "a", worName)+": SIM-16 field=DSW_MASH record=1")
	assert.Contains(t, out, "field=DSK_TMAZ")

	require.NoError(t, os.Remove(filepath.Join(dir, tax.wpName)))
	code, out = check(t, agencyTax, dir)
	assert.Equal(t, exitRefused, code)
	assert.Contains(t, out, "SIM-01")
	code, out = check(t, agencyTax, filepath.Join(dir, "b"))
	assert.Equal(t, exitRefused, code)
	assert.Contains(t, out, "SIM-01")
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{},
		{"--agency", "customs"},
		{"--agency", "sso"},
		{"--agency", "sso", "--window", "here", "--data", "d"},
		{"--agency", "sso", "--window", "http://127.0.0.1:1"},
		{"--agency", "sso", "--check", "x", "y"},
		{"--agency", "sso", "--fault", "meteor:5s", "--window", "http://127.0.0.1:1", "--data", "d"},
	} {
		var complaint bytes.Buffer
		p := Program{Stdout: io.Discard, Stderr: &complaint, Now: time.Now}
		assert.Equal(t, exitUsage, p.Run(t.Context(), args), "%v", args)
		assert.Equal(t, 1, strings.Count(complaint.String(), "\n"))
	}
}

func TestStdinGuardEndsTheProgram(t *testing.T) {
	t.Parallel()
	stdin, parent := io.Pipe()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	p := Program{Stdin: stdin, Stdout: io.Discard, Stderr: io.Discard, Now: time.Now}
	done := make(chan int, 1)
	go func() {
		done <- p.Run(ctx, []string{"--agency", "tax", "--data", t.TempDir(), "--window", "http://127.0.0.1:1", "--stdin-guard"})
	}()
	require.NoError(t, parent.Close())
	assert.Equal(t, exitFine, <-done)
	assert.NoError(t, ctx.Err())
}
