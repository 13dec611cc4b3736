package api_test

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"fehrest/internal/intake/hostile"

	"github.com/stretchr/testify/require"
)

// Every file of the table of bad input over real HTTP: its status, its code, in time, and nothing left behind.
func TestSubmit_hostile_files_get_their_status(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	for _, f := range hostile.Files(t, &k.good.Header, k.good.Lines, "127.0.0.1:9") {
		// A draft is judged as a list that is sent, and does not stand in the next one's way.
		start := time.Now()
		a := k.ask("employer", http.MethodPost, "/v1/lists?mode=draft", f.Reader(), "Content-Type", "application/octet-stream", "Idempotency-Key", f.Name)
		// Package intake holds each to 2 s alone; here databases and other tests take their share.
		require.Less(t, time.Since(start), 3*time.Minute, f.Name)
		if f.Status == http.StatusAccepted {
			require.Equal(t, http.StatusOK, a.status, "%s: %s", f.Name, a.body)
			found := k.get("employer", a.header.Get("Location")+"/faults")
			require.Contains(t, string(found.body), f.Code, f.Name)
			continue
		}
		require.Equal(t, f.Status, a.status, "%s: %s", f.Name, a.body)
		codes := []string{a.problem(t).Code}
		for _, x := range a.problem(t).Faults {
			codes = append(codes, x.Code)
		}
		require.Contains(t, codes, f.Code, f.Name)
	}
	require.Empty(t, k.left())
}

// left lists what lies in the folder of files on their way in.
func (k *rig) left() []os.DirEntry {
	left, err := os.ReadDir(k.window.Spool)
	require.NoError(k.t, err)
	return left
}

func TestSubmit_reading_stops_at_the_limit(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	k.window.Limits.Workbook.File, k.window.Limits.JSON = 1<<20, 2<<20
	for name, c := range map[string]struct {
		head   string
		most   int64
		stated string
	}{
		"a workbook without end": {"PK\x03\x04", 1 << 20, "1 MB"},
		"JSON without end":       {`{"lines":[`, 2 << 20, "2 MB"},
	} {
		body := &endless{head: strings.NewReader(c.head)}
		a := k.ask("employer", http.MethodPost, "/v1/lists", body, "Content-Type", "application/octet-stream", "Idempotency-Key", name)
		require.Equal(t, http.StatusRequestEntityTooLarge, a.status, name)
		p := a.problem(t)
		require.Equal(t, "FILE-02", p.Code)
		require.Contains(t, p.Message.EN, c.stated)
		require.Equal(t, c.stated, p.Faults[0].Expected)
		// What the sockets between hold was sent too.
		require.Less(t, body.read.Load(), c.most+16<<20, name)
	}
	// A length that is stated is answered before anything is read.
	a := k.ask("employer", http.MethodPost, "/v1/lists", bytes.NewReader(make([]byte, 3<<20)), "Content-Type", "application/octet-stream", "Idempotency-Key", "stated")
	require.Equal(t, http.StatusRequestEntityTooLarge, a.status)
	require.Equal(t, "3 MB", a.problem(t).Faults[0].Given)
	require.Empty(t, k.left())
}

func TestSubmit_names_of_files_are_escaped_or_replaced(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	body := k.workbook(k.good)
	for i, name := range []string{"../../etc/passwd.xlsx", `..\..\boot.xlsx`, "a\r\nSet-Cookie: x=1.xlsx", "\u202excod.xlsx", strings.Repeat("ن", 4096) + ".xlsx", "<script>.xlsx", "\x00.xlsx"} {
		a := k.ask("employer", http.MethodPost, "/v1/lists?mode=draft", bytes.NewReader(body), "Content-Type", workbookType,
			"Idempotency-Key", strings.Repeat("k", i+1), "Content-Disposition", "attachment; filename*=UTF-8''"+percent(name))
		require.Contains(t, []int{http.StatusOK, http.StatusAccepted}, a.status, "%q: %s", name, a.body)
		for _, bad := range []string{"../", `..\\`, "\u202e", "Set-Cookie: x=1\r", strings.Repeat("ن", 121)} {
			require.NotContains(t, string(a.body), bad, "%q", name)
		}
		require.Empty(t, a.header.Get("Set-Cookie"))
	}
}

// percent writes every byte of a name as a header may carry it.
func percent(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

func TestLimits_are_the_settings(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	k.window.Limits.Rows, k.window.Limits.Workbook.Depth = 2, 32
	var published map[string]int64
	k.get("", "/v1/limits").into(t, &published)
	for member, want := range map[string]int64{
		"workbook_bytes": 64 << 20, "json_bytes": 256 << 20, "expanded_bytes": 1 << 30, "part_bytes": 600 << 20, "expansion_ratio": 200, "zip_entries": 2000,
		"list_rows": 2, "sheet_columns": 256, "xml_depth": 32, "json_depth": 16,
	} {
		require.Equal(t, want, published[member], member)
	}
	a := k.send(k.workbook(k.good), "rows", "")
	require.Equal(t, http.StatusUnprocessableEntity, a.status, string(a.body))
	require.Contains(t, string(a.body), "more than 2 rows")
}
