package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

// smallList is the sample of three workers, as its workbook is made.
func smallList(t *testing.T) (payroll.Header, []payroll.Line) {
	t.Helper()
	book, err := law.Load()
	require.NoError(t, err)
	for _, c := range synth.Cases(book) {
		if c.Folder == "small" {
			return c.Header, append([]payroll.Line{}, c.Lines...)
		}
	}
	require.Fail(t, "no small sample")
	return payroll.Header{}, nil
}

// twoLists writes the small list and another of the same employer and month, changed by the test.
func twoLists(t *testing.T, change func(h *payroll.Header, lines []payroll.Line)) (in, out string) {
	t.Helper()
	in = t.TempDir()
	h, lines := smallList(t)
	require.NoError(t, writeList(filepath.Join(in, "a.xlsx"), &h, lines))
	change(&h, lines)
	require.NoError(t, writeList(filepath.Join(in, "b.xlsx"), &h, lines))
	return in, filepath.Join(t.TempDir(), "out")
}

func TestConvert_one_list_in_two_files_writes_nothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(h *payroll.Header, lines []payroll.Line){
		"a copy":        func(*payroll.Header, []payroll.Line) {},
		"another month": func(h *payroll.Header, _ []payroll.Line) { h.Period = h.Period.Add(1); h.TaxPeriod = h.Period },
	} {
		in, out := twoLists(t, change)
		code, _, complaint := fehrest(t, "convert", in, "--out", out, "--on", on)
		require.Equal(t, exitRejected, code, name)
		require.Contains(t, complaint, "same workshop, contract row and list number", name)
		require.Empty(t, tree(t, out), name)
	}
}

func TestConvert_contradicting_codes_leave_the_SSO_files(t *testing.T) {
	t.Parallel()
	in, out := twoLists(t, func(h *payroll.Header, lines []payroll.Line) {
		h.ListNo = "02"
		lines[1].PlaceStatus = "2"
	})
	code, said, _ := fehrest(t, "convert", in, "--out", out, "--on", on)
	require.Equal(t, exitRejected, code)
	require.Contains(t, said, "TAX-07")
	require.Contains(t, said, filepath.Join(in, "b.xlsx")+":4, "+filepath.Join(in, "a.xlsx")+":4")
	files := tree(t, out)
	require.Len(t, files, 6, "two pairs and two assessments, no tax file")
}

func TestConvert_a_blank_tax_file_number_is_the_employers_only_one(t *testing.T) {
	t.Parallel()
	in, out := twoLists(t, func(h *payroll.Header, _ []payroll.Line) { h.ListNo, h.TaxFileNo = "02", "77" })
	code, _, complaint := fehrest(t, "convert", in, "--out", out, "--on", on)
	require.Equal(t, exitAccepted, code, complaint)
	require.Len(t, tree(t, out), 8, "one pair for the employer's month")
}

func TestConvert_names_the_list_that_is_not_in_the_tax_files(t *testing.T) {
	t.Parallel()
	in, out := twoLists(t, func(h *payroll.Header, lines []payroll.Line) { h.ListNo, lines[0].NationalCode = "02", "1" })
	code, _, complaint := fehrest(t, "convert", in, "--out", out, "--on", on)
	require.Equal(t, exitRejected, code)
	require.Contains(t, complaint, "without the persons of "+filepath.Join(in, "b.xlsx"))
}

func TestCheck_judges_the_others_when_one_file_cannot_be_opened(t *testing.T) {
	t.Parallel()
	in, _ := twoLists(t, func(h *payroll.Header, _ []payroll.Line) { h.ListNo = "02" })
	require.NoError(t, os.Symlink(filepath.Join(in, "gone"), filepath.Join(in, "aa.xlsx")))
	code, said, complaint := fehrest(t, "check", in, "--json", "--on", on)
	require.Equal(t, exitUnreadable, code)
	require.Contains(t, complaint, "aa.xlsx cannot be opened")
	var reports []map[string]any
	require.NoError(t, json.Unmarshal([]byte(said), &reports))
	require.Len(t, reports, 2)
}

func TestCheck_judges_by_another_months_law(t *testing.T) {
	t.Parallel()
	list := filepath.Join(samplesDir, "over-cap", "list.xlsx")
	_, own, _ := fehrest(t, "check", list, "--json", "--on", on)
	code, other, complaint := fehrest(t, "check", list, "--json", "--on", on, "--law", "1404-07", "--encoding", "cp1256")
	require.Equal(t, exitAccepted, code, complaint)
	require.NotEqual(t, own, other)
	for _, wrong := range []string{"1390-01", "x"} {
		code, _, _ = fehrest(t, "check", list, "--law", wrong)
		require.Equal(t, exitUsage, code)
	}
}

func TestCheck_refuses_a_mapping_to_an_unknown_key(t *testing.T) {
	t.Parallel()
	mapping := filepath.Join(t.TempDir(), "map.json")
	require.NoError(t, os.WriteFile(mapping, []byte(`{"مزد": "wages"}`), 0o600))
	code, _, complaint := fehrest(t, "check", filepath.Join(samplesDir, "small", "list.xlsx"), "--map", mapping)
	require.Equal(t, exitUsage, code)
	require.Contains(t, complaint, "names a key that no column has")
}

func TestCheck_passes_over_no_spreadsheet_of_a_folder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h, lines := smallList(t)
	require.NoError(t, writeList(filepath.Join(dir, "a.xlsx"), &h, lines))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.XLS"), []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 an old workbook"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("no list"), 0o600))
	code, said, _ := fehrest(t, "check", dir, "--on", on)
	require.Equal(t, exitUnreadable, code)
	require.Contains(t, said, "FILE-04", "the client whose list was not read is told")
	require.Contains(t, said, "2 پرونده files")
}

func TestRun_complains_in_its_own_words(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "given.json")
	for _, c := range []struct{ document, flag, want string }{
		{`{"workshop": {"workshop_name": "الف", "period": "1405-13"}}`, "--workshop", `"period" is no key of the workshop sheet, or "1405-13" no value of it`},
		{`{"مسکن": "housing", "خانه": "home"}`, "--map", `names a key that no column has: "home" for "خانه"`},
	} {
		require.NoError(t, os.WriteFile(path, []byte(c.document), 0o600))
		code, _, complaint := fehrest(t, "check", "list.xlsx", c.flag, path)
		require.Equal(t, exitUsage, code)
		require.Contains(t, complaint, c.want)
	}
	code, _, complaint := fehrest(t, "check")
	require.Equal(t, exitUsage, code)
	require.Equal(t, "fehrest: use it as: fehrest check FILE|DIR… [flags]; see fehrest check --help\n", complaint)
	code, _, complaint = fehrest(t, "chekc")
	require.Equal(t, exitUsage, code)
	require.Equal(t, "fehrest: unknown command \"chekc\" for \"fehrest\"; see fehrest --help\n", complaint)
}

func TestCheck_reads_a_file_that_is_named_twice_once(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h, lines := smallList(t)
	require.NoError(t, writeList(filepath.Join(dir, "a.xlsx"), &h, lines))
	_, said, _ := fehrest(t, "check", dir, dir+"/./a.xlsx", "--on", on)
	require.Contains(t, said, "1 پرونده files")
}

func TestCheck_shows_no_character_that_steers_the_terminal(t *testing.T) {
	t.Parallel()
	h, lines := smallList(t)
	path := filepath.Join(t.TempDir(), "a\x1b[31m.json")
	document := map[string]any{"workshop": map[string]string{"workshop_code": string(h.Workshop)}, "lines": []map[string]string{{"first_name": lines[0].FirstName, "\x1b[2J\u202e": "x"}}}
	b, err := json.Marshal(document)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, b, 0o600))
	_, said, _ := fehrest(t, "check", path, "--on", on)
	require.Contains(t, said, "\ufffd[2J\ufffd")
	require.NotContains(t, said, "\x1b")
	_, said, _ = fehrest(t, "check", path, "--on", on, "--json")
	require.Contains(t, said, "\\u001b[2J\u202e", "what was sent stands exactly in the report")
	_, _, complaint := fehrest(t, "check", path+"\x1b")
	require.NotContains(t, complaint, "\x1b")
}
