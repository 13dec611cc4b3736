package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// annotated reads a file, annotates it, and opens what came of it.
func annotated(t testing.TB, file []byte, o intake.Options) (*intake.Result, []byte, *excelize.File) {
	t.Helper()
	result, _ := read(t, file, o)
	var b bytes.Buffer
	err := intake.Annotate(context.Background(), &b, bytes.NewReader(file), int64(len(file)), o, result.Report("list", "", int64(len(file))))
	require.NoError(t, err)
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return result, b.Bytes(), f
}

func noteAt(t testing.TB, f *excelize.File, sheet, cell string) string {
	t.Helper()
	notes, err := f.GetComments(sheet)
	require.NoError(t, err)
	for _, n := range notes {
		if n.Cell == cell {
			text := n.Text
			for _, p := range n.Paragraph {
				text += p.Text
			}
			return text
		}
	}
	return ""
}

// under is the cell of a row under a header of the list.
func under(t testing.TB, f *excelize.File, header string, row int) string {
	t.Helper()
	rows, err := f.GetRows(list)
	require.NoError(t, err)
	at := slices.Index(rows[0], header)
	require.GreaterOrEqual(t, at, 0, header)
	name, err := excelize.CoordinatesToCellName(at+1, row)
	require.NoError(t, err)
	return name
}

func colorAt(t testing.TB, f *excelize.File, sheet, cell string) string {
	t.Helper()
	id, err := f.GetCellStyle(sheet, cell)
	require.NoError(t, err)
	style, err := f.GetStyle(id)
	require.NoError(t, err)
	return strings.Join(style.Fill.Color, "")
}

// findingRows are the findings' sheet from its header on.
func findingRows(t testing.TB, f *excelize.File) [][]string {
	t.Helper()
	rows, err := f.GetRows("یافته‌ها")
	require.NoError(t, err)
	for i, r := range rows {
		if len(r) > 2 && r[2] == "کد" {
			return rows[i:]
		}
	}
	t.Fatal("the sheet of findings has no header")
	return nil
}

func TestAnnotate_marks_every_fault_in_its_cell(t *testing.T) {
	t.Parallel()
	d := good().cell("نام", "Ali1").cell("روزهای کارکرد", 31).at(0, "نام پدر", nil)
	result, file, f := annotated(t, d.bytes(t), options(t))
	require.NotEmpty(t, codesOf(result, fault.Error))
	for _, x := range result.Findings.All() {
		if x.Cell == "" {
			continue
		}
		note := noteAt(t, f, x.Sheet, x.Cell)
		require.Contains(t, note, x.Code, x.Cell)
		require.Contains(t, note, x.Message.FA)
		if x.Given != "" {
			require.Contains(t, note, "نوشته شده: "+x.Given)
		}
		require.NotEmpty(t, colorAt(t, f, x.Sheet, x.Cell), x.Cell)
	}
	require.Equal(t, "FFC9CE", colorAt(t, f, list, d.name("نام", 3)))
	require.Contains(t, noteAt(t, f, list, d.name("روزهای کارکرد", 3)), "چه باید کرد: ")

	rows := findingRows(t, f)
	causes := result.Findings.Causes()
	require.Len(t, rows, 1+len(causes)+len(result.Findings.All()))
	require.Equal(t, "سبب", rows[1][0])
	require.Equal(t, "خطا", rows[1][1])
	require.Equal(t, "یافته", rows[1+len(causes)][0])
	found := false
	for i, r := range rows {
		if r[0] == "یافته" && r[2] == "CELL-09" {
			found = true
			require.Equal(t, []string{"هر دو سازمان", list, d.name("نام", 3), "نام", "1", "Ali1"}, r[3:9])
			leads, to, err := f.GetCellHyperLink("یافته‌ها", "F"+strings.TrimPrefix(cellBelowHeader(t, f, i), "A"))
			require.NoError(t, err)
			require.True(t, leads)
			require.Equal(t, "'"+list+"'!"+d.name("نام", 3), to)
		}
	}
	require.True(t, found)

	again, _ := read(t, file, options(t))
	require.Equal(t, result.Findings.All(), again.Findings.All(), "the marks change nothing of what is read")
	require.Equal(t, result.Totals, again.Totals)
}

// cellBelowHeader is the first cell of the row that stands so many rows below the header of the findings.
func cellBelowHeader(t testing.TB, f *excelize.File, below int) string {
	t.Helper()
	panes, err := f.GetPanes("یافته‌ها")
	require.NoError(t, err)
	name, err := excelize.CoordinatesToCellName(1, panes.YSplit+below)
	require.NoError(t, err)
	return name
}

func TestAnnotate_corrected_and_annotated_again_has_no_marks_left(t *testing.T) {
	t.Parallel()
	d := good().cell("نام", "Ali1")
	_, file, f := annotated(t, d.bytes(t), options(t))
	require.NotEmpty(t, noteAt(t, f, list, d.name("نام", 3)))
	corrected, err := excelize.OpenReader(bytes.NewReader(file))
	require.NoError(t, err)
	require.NoError(t, corrected.SetCellStr(list, d.name("نام", 3), "رضا"))
	b, err := corrected.WriteToBuffer()
	require.NoError(t, err)
	result, _ := read(t, b.Bytes(), options(t))
	require.True(t, result.Verdicts.SSO.Passes() && result.Verdicts.Tax.Passes(), "%v", codesOf(result, fault.Warning))
	require.NotContains(t, codesOf(result, fault.Info), "SHEET-02")

	_, _, f = annotated(t, b.Bytes(), options(t))
	require.Empty(t, noteAt(t, f, list, d.name("نام", 3)))
	require.Empty(t, colorAt(t, f, list, d.name("نام", 3)))
	require.Equal(t, []string{list, "کارگاه", "یافته‌ها"}, f.GetSheetList())
}

func TestAnnotate_missing_column_stands_at_the_header_row(t *testing.T) {
	t.Parallel()
	result, _, f := annotated(t, good().drop("کد شغل").unset("کد پستی کارگاه").bytes(t), options(t))
	require.NotNil(t, find(result, "SHEET-03"))
	require.Contains(t, noteAt(t, f, list, "A1"), "SHEET-03")
	codes := []string{}
	for _, r := range findingRows(t, f)[1:] {
		codes = append(codes, r[2])
	}
	require.Contains(t, codes, "SHEET-13", "what has no cell is listed")
}

func TestAnnotate_no_text_becomes_a_formula(t *testing.T) {
	t.Parallel()
	for _, name := range []string{`=HYPERLINK("http://x","y")`, "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\t=1"} {
		for format, file := range map[string][]byte{"xlsx": good().cell("نام", name).bytes(t), "json": goodDocument().line("first_name", name).bytes(t)} {
			_, b, f := annotated(t, file, options(t))
			z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
			require.NoError(t, err)
			for _, part := range z.File {
				r, err := part.Open()
				require.NoError(t, err)
				text, err := io.ReadAll(r)
				require.NoError(t, err)
				if strings.HasPrefix(part.Name, "xl/worksheets/") {
					require.NotContains(t, string(text), "<f>", format+" "+name)
					require.NotContains(t, string(text), "<f ", format+" "+name)
				}
			}
			require.Contains(t, noteAt(t, f, list, map[string]string{"xlsx": good().name("نام", 3), "json": under(t, f, "نام", 4)}[format]), "CELL-09")
		}
	}
}

func TestAnnotate_json_becomes_a_workbook(t *testing.T) {
	t.Parallel()
	file := goodDocument().line("national_code", "0084575949").line("first_name", "Ali1").bytes(t)
	result, b, f := annotated(t, file, options(t))
	require.Equal(t, intake.FormatJSON, result.Format)
	require.Equal(t, []string{"کارگاه", list, "یافته‌ها"}, f.GetSheetList())
	code, name := under(t, f, "کد ملی", 4), under(t, f, "نام", 4)
	require.Contains(t, noteAt(t, f, list, code), "ID-02")
	require.Contains(t, noteAt(t, f, list, name), "CELL-09")
	for cell, want := range map[string]string{code: "0084575949", name: "Ali1", under(t, f, "کد ملی", 3): "0012345679"} {
		value, err := f.GetCellValue(list, cell)
		require.NoError(t, err)
		require.Equal(t, want, value)
	}
	again, _ := read(t, b, options(t))
	require.ElementsMatch(t, codesOf(result, fault.Error), codesOf(again, fault.Error))
}

func TestAnnotate_own_files_become_a_workbook(t *testing.T) {
	t.Parallel()
	result, lines := good().read(t)
	files := taxFilesOf(t, filed(result, lines))
	o := options(t)
	o.Workshop = knownWorkshop(&result.Header)
	read, _, f := annotated(t, zipped(t, files), o)
	require.Equal(t, 3, read.Workers)
	require.Equal(t, []string{"کارگاه", list, "یافته‌ها"}, f.GetSheetList())
	rows, err := f.GetRows(list)
	require.NoError(t, err)
	require.Len(t, rows, 2+3)
}

func TestAnnotate_refused_file_gives_the_findings_alone(t *testing.T) {
	t.Parallel()
	whole := good().bytes(t)
	for name, file := range map[string][]byte{"empty": {}, "truncated": whole[:len(whole)/2], "html": []byte("<html><table></table></html>"), "broken json": []byte(`{"lines":[`)} {
		result, _, f := annotated(t, file, options(t))
		require.Equal(t, payroll.Unreadable, result.Verdicts.Worst(), name)
		require.Contains(t, f.GetSheetList(), "یافته‌ها", name)
		require.Greater(t, len(findingRows(t, f)), 1, name)
	}
}

func TestAnnotate_a_kept_report_marks_as_the_fresh_one(t *testing.T) {
	t.Parallel()
	file := good().cell("نام", "Ali1").bytes(t)
	result, _ := read(t, file, options(t))
	fresh := result.Report("list.xlsx", "", int64(len(file)))
	doc, err := json.Marshal(fresh)
	require.NoError(t, err)
	var kept intake.Report
	require.NoError(t, json.Unmarshal(doc, &kept))
	var one, two bytes.Buffer
	require.NoError(t, intake.Annotate(context.Background(), &one, bytes.NewReader(file), int64(len(file)), intake.Options{}, fresh))
	require.NoError(t, intake.Annotate(context.Background(), &two, bytes.NewReader(file), int64(len(file)), intake.Options{}, kept))
	require.Equal(t, one.Bytes(), two.Bytes())
}

func TestAnnotate_a_workbook_of_many_lists_has_the_faults_of_all(t *testing.T) {
	t.Parallel()
	d := threeWorkshops().cell("نام", "Ali1").at(2, "روزهای کارکرد", 31)
	file := d.bytes(t)
	o := options(t)
	_, lists := readMany(t, file, o)
	require.Len(t, lists, 2)
	var reports []intake.Report
	for _, l := range lists {
		reports = append(reports, l.result.Report("list.xlsx", "", int64(len(file))))
	}
	var b bytes.Buffer
	require.NoError(t, intake.Annotate(context.Background(), &b, bytes.NewReader(file), int64(len(file)), o, reports...))
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	defer f.Close()
	require.Contains(t, noteAt(t, f, list, d.name("نام", 3)), "CELL-09")
	require.Contains(t, noteAt(t, f, list, d.name("روزهای کارکرد", 4)), "DAYS-01")
	_, again := readMany(t, b.Bytes(), o)
	require.Len(t, again, 2, "the sheet of findings is no list")
}

func TestAnnotate_the_listing_says_what_it_leaves_out(t *testing.T) {
	t.Parallel()
	d := good()
	d.rows = nil
	for i := range fault.Listed + 5 {
		d.worker(fmt.Sprintf("%010d", i), "Ali1", "رضایی", fmt.Sprintf("%08d", 12345690+i))
	}
	result, _, f := annotated(t, d.bytes(t), options(t))
	require.Greater(t, result.Findings.Counts().Error, fault.Listed)
	rows, err := f.GetRows("یافته‌ها")
	require.NoError(t, err)
	above := fmt.Sprint(rows[:6])
	require.Contains(t, above, "از هر کد تنها 200 یافتهٔ نخست")
	require.Contains(t, above, "ماه \u200e1405-07", "beside Persian words 1405-07 is shown as 07-1405")
	_, _, f = annotated(t, good().cell("نام", "Ali1").bytes(t), options(t))
	rows, err = f.GetRows("یافته‌ها")
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprint(rows), "یافتهٔ نخست")
	require.NotContains(t, fmt.Sprint(rows), "و مانند آن", "a cause of one finding is like no other")
}

func TestAnnotate_the_lists_of_a_zip_are_told_apart(t *testing.T) {
	t.Parallel()
	file := zipped(t, []payroll.File{{Name: "a.xlsx", Bytes: good().cell("نام", "Ali1").bytes(t)}, {Name: "b.xlsx", Bytes: good().cell("نام", "Ali2").bytes(t)}})
	o := options(t)
	_, lists := readMany(t, file, o)
	var reports []intake.Report
	for _, l := range lists {
		r := l.result.Report("all.zip", "", int64(len(file)))
		r.File.Member = l.part.Member
		reports = append(reports, r)
	}
	var b bytes.Buffer
	require.NoError(t, intake.Annotate(context.Background(), &b, bytes.NewReader(file), int64(len(file)), o, reports...))
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	defer f.Close()
	for _, r := range findingRows(t, f)[1:] {
		if r[8] != "" {
			require.Contains(t, r[11], map[string]string{"Ali1": "a.xlsx، ", "Ali2": "b.xlsx، "}[r[8]])
		}
	}
}

func TestAnnotate_a_code_is_shown_in_the_sheets_own_words(t *testing.T) {
	t.Parallel()
	d := good().cell("نوع بیمه‌شده", nil).cell("کد شغل", "01-7")
	result, _, f := annotated(t, d.bytes(t), options(t))
	require.Equal(t, "normal", find(result, "CELL-11").Expected)
	require.Contains(t, noteAt(t, f, list, d.name("نوع بیمه‌شده", 3)), "باید: عادی")
	require.Contains(t, noteAt(t, f, list, d.name("کد شغل", 3)), "«\u200e01-7»", "between Persian words it would be shown as 7-01")
}

func TestAnnotate_a_list_of_a_sheet_of_many_is_marked_in_a_workbook_of_its_own(t *testing.T) {
	t.Parallel()
	d := threeWorkshops().at(2, "روزهای کارکرد", 31)
	file := d.bytes(t)
	many, lists := readMany(t, file, options(t))
	sha, err := many.Digest(0)
	require.NoError(t, err)
	o := options(t)
	var b bytes.Buffer
	report := lists[0].result.Report("list.xlsx", "", int64(len(file)))
	require.NoError(t, many.Annotate(context.Background(), &b, 0, sha, false, o, report))
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	defer f.Close()
	rows, err := f.GetRows(list)
	require.NoError(t, err)
	require.Len(t, rows, 2+2)
	require.NotContains(t, fmt.Sprint(rows), "زهرا", "the other workshop's worker")
	require.Contains(t, noteAt(t, f, list, under(t, f, "روزهای کارکرد", 4)), "DAYS-01", "in the row it has here")
	require.Contains(t, noteAt(t, f, list, "A3"), "TAX-04", "what is said of a row as a whole")

	b.Reset()
	require.NoError(t, many.Annotate(context.Background(), &b, 0, []byte("another"), false, o, report))
	other, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	defer other.Close()
	require.Equal(t, []string{"یافته‌ها"}, other.GetSheetList(), "where the file is divided otherwise now")
}
