// The race detector's own memory is not the program's.
//go:build !race

package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"fehrest/internal/intake/hostile"
	"fehrest/internal/law"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

// One program checks every hostile file, one after another: what it takes at most is at least what any of them takes alone.
func TestCheck_hostile_files_take_less_than_300_MB(t *testing.T) {
	t.Parallel()
	book, err := law.Load()
	require.NoError(t, err)
	c := synth.Cases(book)[0]
	dir := t.TempDir()
	files := hostile.Files(t, &c.Header, c.Lines, "127.0.0.1:9")
	hostile.Write(t, dir, files)
	args := []string{"check"}
	for _, f := range files {
		if f.Status != http.StatusRequestEntityTooLarge { // 256 MB are hashed before the list is judged
			args = append(args, filepath.Join(dir, f.Name))
		}
	}
	temporary := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	program := exec.CommandContext(t.Context(), self, args...)
	program.Env = append(os.Environ(), asProgram+"=1", "TMPDIR="+temporary)
	start := time.Now()
	_ = program.Run() // files of this kind end with the code of the worst
	require.Equal(t, exitUnreadable, program.ProcessState.ExitCode())
	require.Less(t, time.Since(start), 2*time.Second*time.Duration(len(files)))
	usage, ok := program.ProcessState.SysUsage().(*syscall.Rusage)
	require.True(t, ok)
	require.Less(t, usage.Maxrss, int64(300<<10), "kilobytes")
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, left)
}
