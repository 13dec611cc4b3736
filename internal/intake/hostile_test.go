package intake_test

import (
	"context"
	"flag"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/intake/hostile"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

var hostileOut = flag.String("hostile", "", "a `folder` to write the hostile files and what each gets into")

// smallList is the good list that the hostile files are made of.
func smallList(t testing.TB) (*payroll.Header, []payroll.Line) {
	t.Helper()
	book, err := law.Load()
	require.NoError(t, err)
	c := synth.Cases(book)[0]
	return &c.Header, c.Lines
}

// nobody listens where nothing may call; the test fails when someone did.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	called := make(chan bool, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_ = c.Close()
		}
		called <- err == nil
	}()
	t.Cleanup(func() {
		_ = l.Close()
		require.False(t, <-called, "a file made the reader call out")
	})
	return l.Addr().String()
}

// worked is the processor time this program has used: nothing else in it runs beside a test that is not parallel, and what other
// programs do does not count.
func worked(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestHostile_files_get_their_code(t *testing.T) {
	h, lines := smallList(t)
	files := hostile.Files(t, h, lines, nobody(t))
	if *hostileOut != "" {
		hostile.Write(t, *hostileOut, files)
	}
	t.Setenv("TMPDIR", t.TempDir())
	rows := map[int]bool{3: true, 30: true} // of requests, not of files
	for _, f := range files {
		rows[f.Row] = true
		t.Run(f.Name, func(t *testing.T) {
			o := options(t)
			start := worked(t)
			r, err := intake.Read(context.Background(), f.Reader(), f.Size(), o)
			require.NoError(t, err)
			require.Less(t, worked(t)-start, slower*2*time.Second)
			above := codesOf(r, fault.Warning)
			if f.Code == "" {
				require.Empty(t, above)
				return
			}
			found := find(r, f.Code)
			require.NotNil(t, found, "%v", codesOf(r, fault.Info))
			switch {
			case found.Severity < fault.Warning:
				require.Empty(t, above)
			case strings.HasPrefix(f.Code, "FILE-"):
				require.Equal(t, []string{f.Code}, above)
			}
			require.NotContains(t, found.Message.FA+found.Message.EN, "{")
			if f.At > 0 {
				require.Equal(t, f.At, found.Row)
				require.Equal(t, "لیست", found.Sheet)
			}
			if found.Severity == fault.Refuse {
				require.Contains(t, []payroll.Verdict{payroll.Rejected, payroll.Unreadable}, r.Verdicts.Worst())
			} else {
				require.NotEqual(t, payroll.Unreadable, r.Verdicts.Worst())
			}
		})
	}
	for row := 1; row <= 58; row++ {
		require.True(t, rows[row], "no file for row %d", row)
	}
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}
