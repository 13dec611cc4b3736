package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"fehrest/cmd/agencysim/sim"
	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

// clientFolders writes the files of invented clients and tells their shapes by path.
func clientFolders(t *testing.T, clients int) (dir string, shapes map[string]synth.Shape) {
	t.Helper()
	book, err := law.Load()
	require.NoError(t, err)
	month := jalali.Month{Year: 1405, Month: 7}
	p, ok := book.On(month)
	require.True(t, ok)
	dir, shapes = t.TempDir(), map[string]synth.Shape{}
	for f, err := range synth.Clients(synth.ClientOptions{Seed: 11, Clients: clients, Period: month, Law: p, Largest: 20}) {
		require.NoError(t, err)
		path := filepath.Join(dir, f.Folder, f.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, f.Bytes, 0o600))
		if f.Shape != "" {
			shapes[path] = f.Shape
		}
	}
	return dir, shapes
}

// wantedOf is what comes of each list of a shape, and a code that its report must hold.
var wantedOf = map[synth.Shape]struct {
	verdicts []payroll.Verdict
	code     string
}{
	synth.Plain:     {[]payroll.Verdict{payroll.Accepted}, ""},
	synth.Aliases:   {[]payroll.Verdict{payroll.AcceptedWithWarnings}, "SHEET-05"},
	synth.TwoRows:   {[]payroll.Verdict{payroll.Accepted}, ""},
	synth.Totals:    {[]payroll.Verdict{payroll.Accepted}, "SHEET-11"},
	synth.Ambiguous: {[]payroll.Verdict{payroll.Rejected}, "MAP-01"},
	synth.Answered:  {[]payroll.Verdict{payroll.Accepted}, ""},
	synth.Macros:    {[]payroll.Verdict{payroll.AcceptedWithWarnings}, "FILE-09"},
	synth.Document:  {[]payroll.Verdict{payroll.Accepted}, ""},
	synth.Workshops: {[]payroll.Verdict{payroll.Accepted, payroll.Accepted, payroll.Accepted}, ""},
	synth.Texts:     {[]payroll.Verdict{payroll.Accepted}, "CELL-11"},
	synth.Inline:    {[]payroll.Verdict{payroll.Accepted}, ""},
	synth.MonthName: {[]payroll.Verdict{payroll.Accepted}, ""},
	synth.Packed:    {[]payroll.Verdict{payroll.Accepted, payroll.Accepted}, ""},
	synth.Faulty:    {[]payroll.Verdict{payroll.Rejected}, "ID-02"},
	synth.Broken:    {[]payroll.Verdict{payroll.Unreadable}, "FILE-05"},
}

func TestClients_of_every_shape_in_one_report(t *testing.T) {
	t.Parallel()
	dir, shapes := clientFolders(t, 30)
	code, said, complaint := fehrest(t, "check", dir, "--json", "--on", on)
	require.Equal(t, exitUnreadable, code, complaint)
	var reports []intake.Report
	require.NoError(t, json.Unmarshal([]byte(said), &reports))
	byHash := map[string][]intake.Report{}
	for _, r := range reports {
		byHash[r.File.SHA256] = append(byHash[r.File.SHA256], r)
	}
	require.Len(t, byHash, 30)
	for path, shape := range shapes {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		want, found := wantedOf[shape], byHash[agency.Digest(b)]
		require.Len(t, found, len(want.verdicts), shape)
		for i, v := range want.verdicts {
			require.Equal(t, v, found[i].Verdict, "%s %+v", shape, worstFirst(found[i].Faults)[0])
			require.True(t, want.code == "" || hasCode(found[i].Faults, want.code), "%s lacks %s", shape, want.code)
		}
		if shape == synth.MonthName {
			require.Equal(t, []intake.Guess{{What: "period", Found: "1405-07", Why: "sheet name; the year is that of the file name"}}, found[0].File.Guesses)
		}
	}
	code, said, _ = fehrest(t, "check", dir, "--on", on)
	require.Equal(t, exitUnreadable, code)
	require.Contains(t, said, "30 پرونده files · 36 لیست lists: 26 پذیرفته (accepted) · 4 پذیرفته با هشدار (accepted_with_warnings) · 4 رد (rejected) · 2 ناخوانا (unreadable) · 2 پرسش (questions)")
	require.Contains(t, said, `fehrest.map.json بنویسید — write the answer in it: {"مسکن": "KEY"}`)
}

func hasCode(faults []fault.Fault, code string) bool {
	for _, f := range faults {
		if f.Code == code {
			return true
		}
	}
	return false
}

func TestClients_are_converted_a_folder_each_and_pass_both_organisations_own_checks(t *testing.T) {
	t.Parallel()
	dir, _ := clientFolders(t, 30)
	out := filepath.Join(dir, "files")
	for range 2 { // a second run finds the same: what it writes is no list
		code, said, complaint := fehrest(t, "convert", dir, "--out", out, "--on", on, "--json")
		require.Equal(t, exitUnreadable, code, complaint)
		var reports []convertedList
		require.NoError(t, json.Unmarshal([]byte(said), &reports))
		require.Len(t, reports, 36)
		written := 0
		for _, r := range reports {
			for _, f := range r.Files {
				require.FileExists(t, filepath.Join(out, f))
			}
			if r.Verdict == payroll.Accepted || r.Verdict == payroll.AcceptedWithWarnings {
				written++
				require.NotEmpty(t, r.Files)
			} else {
				require.Empty(t, r.Files)
			}
		}
		require.Equal(t, 30, written)
	}
	employers, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Len(t, employers, 24, "of thirty clients two have a question, two a wrong code and two a broken file")
	for _, e := range employers {
		var said bytes.Buffer
		folder := filepath.Join(out, e.Name())
		require.Zero(t, sim.Main(context.Background(), []string{"--agency", "tax", "--check", folder}, &said), &said)
		pairs, err := filepath.Glob(filepath.Join(folder, "*", "DSKKAR00.DBF"))
		require.NoError(t, err)
		require.NotEmpty(t, pairs)
		for _, pair := range pairs {
			require.Zero(t, sim.Main(context.Background(), []string{"--agency", "sso", "--check", filepath.Dir(pair)}, &said), &said)
		}
	}
}

func TestConvert_leaves_out_lists_that_clash_and_makes_all_others(t *testing.T) {
	t.Parallel()
	in, out := twoLists(t, func(*payroll.Header, []payroll.Line) {})
	h, lines := smallList(t)
	h.Workshop = "9876543210"
	require.NoError(t, writeList(filepath.Join(in, "c.xlsx"), &h, lines[:1]))
	other := h
	other.Employer, other.Workshop = "10380284790", "9876543211"
	require.NoError(t, writeList(filepath.Join(in, "d.xlsx"), &other, lines))
	code, _, complaint := fehrest(t, "convert", in, "--out", out, "--on", on)
	require.Equal(t, exitRejected, code)
	require.Contains(t, complaint, "a.xlsx and "+filepath.Join(in, "b.xlsx")+" have the same workshop")
	require.Contains(t, complaint, "the employer's tax files of 1405-07 are not made")
	var names []string
	for name := range tree(t, out) {
		names = append(names, name)
	}
	require.ElementsMatch(t, []string{
		string(h.Employer) + "/9876543210-000-01/DSKKAR00.DBF", string(h.Employer) + "/9876543210-000-01/DSKWOR00.DBF", string(h.Employer) + "/9876543210-000-01/assessment.json",
		"10380284790/9876543211-000-01/DSKKAR00.DBF", "10380284790/9876543211-000-01/DSKWOR00.DBF", "10380284790/9876543211-000-01/assessment.json",
		"10380284790/WP140507.txt", "10380284790/WH140507.txt",
	}, names)
}

func TestCheck_takes_a_clients_answers_from_his_folder_or_one_above_and_a_map_before_them(t *testing.T) {
	t.Parallel()
	dir, shapes := clientFolders(t, 5)
	var list string
	for path, shape := range shapes {
		if shape == synth.Ambiguous {
			list = path
		}
	}
	check := func(args ...string) (int, string) {
		code, _, complaint := fehrest(t, append([]string{"check", "--on", on}, args...)...)
		return code, complaint
	}
	code, _ := check(list)
	require.Equal(t, exitRejected, code)
	require.NoError(t, os.WriteFile(filepath.Join(dir, mapFile), []byte(`{"مسکن": "housing"}`), 0o600))
	code, complaint := check(filepath.Dir(filepath.Dir(list)))
	require.Equal(t, exitAccepted, code, complaint)
	code, _ = check(list)
	require.Equal(t, exitRejected, code, "what lies above the named file is no client's folder")
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(list), mapFile), []byte(`{"مسکن": "housing"}`), 0o600))
	code, complaint = check(list)
	require.Equal(t, exitAccepted, code, complaint)
	given := filepath.Join(t.TempDir(), "map.json")
	require.NoError(t, os.WriteFile(given, []byte(`{}`), 0o600))
	code, _ = check(list, "--map", given)
	require.Equal(t, exitRejected, code)

	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(list), mapFile), []byte(`{"مسکن": "home"}`), 0o600))
	code, complaint = check(list)
	require.Equal(t, exitUnreadable, code)
	require.Contains(t, complaint, mapFile+" names a key that no column has")
}

func TestConvert_lists_of_one_file_by_name_of_their_file(t *testing.T) {
	t.Parallel()
	h, lines := smallList(t)
	in := t.TempDir()
	require.NoError(t, writeList(filepath.Join(in, "a.xlsx"), &h, lines))
	h.ListNo = "02"
	require.NoError(t, writeList(filepath.Join(in, "b.xlsx"), &h, lines[:1]))
	packed := filepath.Join(in, "both.zip")
	require.NoError(t, os.WriteFile(packed, zipFiles(t, filepath.Join(in, "a.xlsx"), filepath.Join(in, "b.xlsx")), 0o600))
	out := filepath.Join(t.TempDir(), "out")
	code, said, complaint := fehrest(t, "convert", packed, "--out", out, "--on", on)
	require.Equal(t, exitAccepted, code, complaint)
	require.Contains(t, said, packed+" [b.xlsx "+string(h.Workshop)+"-000 1405-07 02]")
	require.Contains(t, said, "1 پرونده files · 2 لیست lists")
	require.Len(t, tree(t, out), 8, "two pairs, two assessments, one pair of the employer's month")
	_, said, _ = fehrest(t, "check", packed, "--json", "--on", on)
	require.True(t, strings.HasPrefix(said, "[\n  {"), "a file of many lists answers with an array")
}

func zipFiles(t *testing.T, paths ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, path := range paths {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		w, err := z.Create(filepath.Base(path))
		require.NoError(t, err)
		_, err = w.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestConvert_leaves_nothing_half_written(t *testing.T) {
	t.Parallel()
	h, lines := smallList(t)
	path, out := filepath.Join(t.TempDir(), "a.xlsx"), t.TempDir()
	require.NoError(t, writeList(path, &h, lines))
	require.NoError(t, os.Mkdir(filepath.Join(out, "WH140507.txt"), 0o755)) // the last of its files cannot take its name
	code, _, complaint := fehrest(t, "convert", path, "--out", out, "--on", on)
	require.Equal(t, exitRejected, code)
	require.Contains(t, complaint, "cannot be written to "+out)
	for name := range tree(t, out) {
		require.NotContains(t, name, partSuffix)
	}
}

func TestConvert_a_change_list_writes_nothing(t *testing.T) {
	t.Parallel()
	h, lines := smallList(t)
	h.Kind, h.Replaces, h.Reason = payroll.Change, "v1", "اصلاح مزد"
	lines[0].Action = "change"
	path, out := filepath.Join(t.TempDir(), "change.xlsx"), filepath.Join(t.TempDir(), "out")
	require.NoError(t, writeList(path, &h, lines[:1]))
	code, _, complaint := fehrest(t, "convert", path, "--out", out, "--on", on)
	require.Equal(t, exitAccepted, code, complaint)
	require.Contains(t, complaint, "no file is made of a change list")
	require.Empty(t, tree(t, out))
}

func TestInOrder_takes_in_order_two_at_a_time_and_ends_with_the_first_error(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int64
	items := make([]int, 50)
	for i := range items {
		items[i] = i
	}
	work := func(_ context.Context, item int, emit func(int) error) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		for n := range item % 40 {
			if emit(item*100+n) != nil {
				return
			}
		}
	}
	var taken []int
	done := 0
	require.NoError(t, inOrder(context.Background(), items, work, func(n int) error { taken = append(taken, n); return nil }, func() { done++ }))
	require.IsIncreasing(t, taken)
	require.Equal(t, 50, done)
	require.LessOrEqual(t, most.Load(), int64(atOnce))

	enough := errors.New("enough")
	require.ErrorIs(t, inOrder(context.Background(), items, work, func(n int) error {
		if n > 2000 {
			return enough
		}
		return nil
	}, func() {}), enough)
	require.Zero(t, running.Load(), "no one works on when it is over")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, inOrder(ctx, items, work, func(int) error { return nil }, func() {}), context.Canceled)
}

// BenchmarkClients is what the show of the product asks for: the files of 300 clients in mixed shapes converted in one run.
func BenchmarkClients(b *testing.B) {
	const goal = 20.0
	dir := b.TempDir()
	require.NoError(b, run(context.Background(), []string{"synth", "--clients", "300", "--out", dir}, io.Discard, io.Discard))
	for b.Loop() {
		err := run(context.Background(), []string{"convert", dir, "--out", b.TempDir(), "--on", on}, io.Discard, io.Discard)
		require.Equal(b, exitUnreadable, exitCode(err, io.Discard), "some clients' files are broken")
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/300-files")
	b.ReportMetric(goal, "goal-s")
}
