package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/store/storetest"

	"github.com/jackc/pgx/v5"
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

func TestImport_reads_no_file_that_is_none_of_the_organisations(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "client"), os.DirFS(convertedSample(t, "small"))))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "huge"), 0o700))
	huge := filepath.Join(dir, "huge", "DSKWOR00.DBF")
	require.NoError(t, os.WriteFile(huge, nil, 0o600))
	require.NoError(t, os.Truncate(huge, largestLoose+1)) // holes: it takes no place
	require.NoError(t, os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "WP140507.txt")))
	archives, err := archivesBelow(dir)
	require.NoError(t, err, "they stop no other")
	var names []string
	for _, a := range archives {
		names = append(names, a.name)
		require.Equal(t, a.name == "client", a.path == "", a.name)
	}
	require.ElementsMatch(t, []string{"client", "huge/DSKWOR00.DBF", "WP140507.txt"}, names)
	_, err = archivesBelow(filepath.Join(dir, "no such folder"))
	require.Error(t, err)
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
		Unknown: []fault.Text{{FA: "WH مالیات ندارد", EN: "WH carries no tax"}},
	})
	require.Contains(t, b.String(), "x.zip!1: ثبت شد (imported)")
	require.Contains(t, b.String(), "differs address: اینجا here «الف»، بایگانی archive «ب»: همان ماند (kept as it is)")
	require.Contains(t, b.String(), "differs education: 3 نفر persons: از بایگانی گرفته شد (taken from the archive)")
	require.Contains(t, b.String(), "نامعلوم unknown: WH مالیات ندارد\n          WH carries no tax\n")
}

// filedMonth converts a list of two workers, so that its files lie in the folder as the organisations got them.
func filedMonth(t *testing.T, folder, workshop, month string, wage int) {
	t.Helper()
	header := map[string]any{
		"workshop_code": workshop, "period": month, "workshop_name": "کارگاه " + workshop[:2], "employer_name": "شرکت نمونه",
		"employer_id": "10380284790", "address": "تهران", "postal_code": "1411713114",
	}
	var lines []map[string]any
	for i, code := range []string{"0073420001", "0073429910"} {
		lines = append(lines, map[string]any{
			"row": i + 1, "national_code": code, "first_name": "علی", "last_name": "احمدی", "father_name": "رضا", "birth_date": "1370/05/06",
			"id_number": code, "issue_place": "تهران", "sex": "مرد", "insurance_number": strconv.Itoa(10_000_019 + i), "job_code": "413110",
			"job_title": "کارشناس", "insured_kind": "عادی", "start_date": "1400/01/01", "days": 31, "daily_wage": wage, "housing": 30_000_000,
			"grocery": 22_000_000, "education": "4", "employment_type": "1", "job_family": "2",
		})
	}
	b, err := json.Marshal(map[string]any{"workshop": header, "lines": lines})
	require.NoError(t, err)
	list := filepath.Join(t.TempDir(), "list.json")
	require.NoError(t, os.WriteFile(list, b, 0o600))
	var stdout, stderr bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"convert", list, "--out", folder}, &stdout, &stderr), stdout.String())
}

// archivesOfThree are two months of a client with both organisations' files, two of one with the SSO's alone, one of whom
// nobody says whose he is, and a broken archive.
func archivesOfThree(t *testing.T, wage int) string {
	dir := t.TempDir()
	for _, month := range []string{"1405-05", "1405-06"} {
		filedMonth(t, filepath.Join(dir, "a", month), "0123456789", month, wage)
		filedMonth(t, filepath.Join(dir, "b", month), "2222222222", month, wage)
	}
	filedMonth(t, filepath.Join(dir, "c"), "3333333333", "1405-06", wage)
	for _, sso := range []string{filepath.Join("b", "1405-05"), filepath.Join("b", "1405-06"), "c"} {
		for _, name := range []string{"WP*", "WH*"} {
			files, err := filepath.Glob(filepath.Join(dir, sso, name))
			require.NoError(t, err)
			require.Len(t, files, 1)
			require.NoError(t, os.Remove(files[0]))
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "broken.zip"), []byte("PK\x03\x04 cut"), 0o600))
	told := "workshop_code,employer_id,employer_name,workshop_name\n0123456789,10380284790,شرکت نمونه,کارگاه 01\n2222222222,0084575948,علی رضایی,\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "workshops.csv"), []byte(told), 0o600))
	return dir
}

func TestImport_of_many_clients_is_kept_once(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	count := func(what string) (n int) {
		rows, err := db.Jobs().Query(context.Background(), "SELECT count(*) FROM "+what)
		require.NoError(t, err)
		n, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		require.NoError(t, err)
		return n
	}
	limits, err := fileLimits()
	require.NoError(t, err)
	imported := func(dir string, asJSON, replace bool) (string, error) {
		var out bytes.Buffer
		into, err := newImporter(db, limits, replace)
		require.NoError(t, err)
		x := importing{out: &out, dir: dir, asJSON: asJSON, into: into}
		err = x.run(context.Background())
		return out.String(), err
	}
	dir := archivesOfThree(t, 20_000_000)
	first, err := imported(dir, false, false)
	var ended *exit
	require.ErrorAs(t, err, &ended)
	require.Equal(t, exitUnreadable, ended.code, "one archive is broken")
	require.Contains(t, first, "4 of 6 lists imported")
	require.Contains(t, first, "workshops 2، ردیف پیمان contract rows 0، کارکنان workers 4، لیست دستمزد lists of wages 4، مانده مالیاتی opening balances 4")
	require.Contains(t, first, "broken.zip: ثبت نشد")
	require.Contains(t, first, "c: ثبت نشد (not imported): شناسه ملی یا کد ملی کارفرما (employer_id) معلوم نیست")
	require.Contains(t, first, "حدس guess other_continuous", "what was guessed is listed")
	kept := []string{"registry.workshops", "registry.persons", "shared.past_lists", "shared.past_lines", "shared.past_tax_persons", "audit.log"}
	want := map[string]int{}
	for _, what := range kept {
		want[what] = count(what)
	}
	require.Equal(t, map[string]int{
		"registry.workshops": 2, "registry.persons": 4, "shared.past_lists": 4, "shared.past_lines": 8, "shared.past_tax_persons": 4, "audit.log": 4,
	}, want)

	second, _ := imported(dir, false, false)
	require.Contains(t, second, "workshops 0، ردیف پیمان contract rows 0، کارکنان workers 0، لیست دستمزد lists of wages 0، مانده مالیاتی opening balances 0")
	require.NotContains(t, second, "differs")

	other := archivesOfThree(t, 21_000_000)
	third, _ := imported(other, false, false)
	require.Contains(t, third, "differs lines: 2 نفر persons: همان ماند (kept as it is)")
	require.Contains(t, third, "differs opening tax balance: 2 نفر persons: همان ماند (kept as it is)")
	for _, what := range kept {
		require.Equal(t, want[what], count(what), what)
	}
	require.Zero(t, count("shared.past_lines WHERE daily_wage <> 20000000"))

	report, _ := imported(other, true, true)
	var all []map[string]any
	require.NoError(t, json.Unmarshal([]byte(report), &all))
	require.Len(t, all, 6)
	for _, list := range all {
		for _, key := range []string{"guesses", "differs", "unknown", "faults", "causes"} {
			require.NotNil(t, list[key], key)
		}
	}
	require.Zero(t, count("shared.past_lines WHERE daily_wage <> 21000000"), "replacing was asked for")
}
