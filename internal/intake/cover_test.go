package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// Every code that reading raises has a file that raises it in the tables of bad input; the good list raises none of them.
func TestCodes_each_has_a_failing_file(t *testing.T) {
	t.Parallel()
	raised := map[string]bool{"FILE-05": true}
	for _, b := range slices.Concat(badSheets(), badTotals(), badRows(), badAmounts(), badCodes(), badDates(), badTexts()) {
		raised[b.code] = true
	}
	for _, x := range badJSON(t) {
		raised[x.code] = true
	}
	for _, e := range intake.Codes() {
		family, _, _ := strings.Cut(e.Code, "-")
		fit := e.Code == "CELL-15" || e.Code == "CELL-16" // of the organisations' fields
		if slices.Contains([]string{"SHEET", "MAP", "CELL", "JSON"}, family) && !fit || slices.Contains([]string{"DATE-01", "DATE-02", "LIST-10"}, e.Code) {
			require.True(t, raised[e.Code], "no bad file raises %s", e.Code)
		}
	}
}

func TestTemplate_is_read_as_an_empty_list(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, intake.Template(&b))
	r, lines := read(t, b.Bytes(), options(t))
	require.Empty(t, lines)
	for _, f := range r.Findings.All() {
		require.Contains(t, []string{"SHEET-12", "SHEET-13"}, f.Code, "%+v", f)
	}
	require.Equal(t, "کارگاه", find(r, "SHEET-13").Sheet)
	require.Equal(t, "B1", find(r, "SHEET-13").Cell)
}

func TestWriteList_is_read_back_as_it_was(t *testing.T) {
	t.Parallel()
	d := goodDocument().line("hard_job", true).line("main_payer", "خیر").line("reported_to", "tax").line("exemption_type", "2").line("end_date", "1405/07/20").
		line("first_name", "علی\u200cرضا").line("worker_address", "تهران، خیابان ۱۲").line("ytd_months", 3).line("net_paid", 5)
	d.Workshop["kind"], d.Workshop["exempt_five"], d.Workshop["tax_period"] = "nil", "بله", "1405-08"
	first, lines := read(t, d.bytes(t), options(t))
	bare := make([]payroll.Line, len(lines))
	for i := range lines {
		bare[i] = lines[i].Line
	}
	again, second := read(t, workbookOf(t, &first.Header, bare), options(t))
	for i := range second {
		want, got := lines[i].Line, second[i].Line
		got.Row, got.Given, got.Faulty = want.Row, want.Given, want.Faulty
		require.Equal(t, want, got)
	}
	first.Header.Given, again.Header.Given = 0, 0
	require.Equal(t, first.Header, again.Header)
}

func TestRead_header_from_elsewhere(t *testing.T) {
	t.Parallel()
	h, err := intake.ParseHeader(map[string]string{"workshop_name": "دیگر", "address": "تهران", "exempt_five": "بله"})
	require.NoError(t, err)
	d := good().unset("کد کارگاه").unset("سال و ماه عملکرد").unset("آدرس کارگاه").with(func(o *intake.Options) {
		o.Name, o.Workshop, o.Profile = "حقوق ۰۱۲۳۴۵۶۷۸۹ مهر 1405-07.xlsx", h, &payroll.Profile{ExemptFiveQuota: 5}
	})
	r, _ := d.read(t)
	require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
	require.Equal(t, payroll.WorkshopCode("0123456789"), r.Header.Workshop)
	require.Equal(t, jalali.Month{Year: 1405, Month: 7}, r.Header.TaxPeriod)
	require.Equal(t, "کارگاه نمونه", r.Header.WorkshopName, "the file's own value stands")
	require.Equal(t, "تهران", r.Header.Address)
	require.True(t, r.Header.ExemptFive)
	require.Equal(t, 5, r.Header.Profile.ExemptFiveQuota)
	require.Len(t, r.Guesses, 2)
	for _, bad := range []map[string]string{{"x": "1"}, {"period": "7"}} {
		_, err := intake.ParseHeader(bad)
		require.ErrorIs(t, err, intake.ErrHeader)
	}
}

func TestRead_begin_fills_or_ends_it(t *testing.T) {
	t.Parallel()
	r, _ := good().unset("آدرس کارگاه").with(func(o *intake.Options) {
		o.Begin = func(h *payroll.Header) (intake.Register, error) {
			require.Equal(t, "01", h.ListNo)
			h.Address = "تهران"
			return intake.Register{}, nil
		}
	}).read(t)
	require.Empty(t, codesOf(r, fault.Warning))
	stop := errors.New("stop")
	file := good().bytes(t)
	o := options(t)
	o.Begin = func(*payroll.Header) (intake.Register, error) { return intake.Register{}, stop }
	_, err := intake.Read(context.Background(), bytes.NewReader(file), int64(len(file)), o)
	require.ErrorIs(t, err, stop)
	o.Begin = nil
	o.Line = func(*payroll.Line, *payroll.Assessed) error { return stop }
	_, err = intake.Read(context.Background(), bytes.NewReader(file), int64(len(file)), o)
	require.ErrorIs(t, err, stop)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = intake.Read(gone, bytes.NewReader(file), int64(len(file)), o)
	require.ErrorIs(t, err, context.Canceled)
}

func TestRead_one_lane(t *testing.T) {
	t.Parallel()
	r, _ := good().drop("شماره بیمه").with(func(o *intake.Options) { o.Lanes = fault.Tax }).read(t)
	require.Empty(t, codesOf(r, fault.Warning))
	require.Equal(t, payroll.Verdicts{SSO: payroll.NotAddressed, Tax: payroll.Accepted}, r.Verdicts)
}

func TestReport_is_the_published_document(t *testing.T) {
	t.Parallel()
	r, _ := good().cell("کد ملی", "0012345678").read(t)
	b, err := json.Marshal(r.Report("list.xlsx", "ab", 12))
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(b, &doc))
	for _, k := range []string{
		"file", "workshop", "period", "contract_row", "list_no", "kind", "workers", "verdict", "verdicts", "counts", "faults", "causes", "totals",
	} {
		require.Contains(t, doc, k)
	}
	require.Equal(t, map[string]any{"name": "list.xlsx", "sha256": "ab", "bytes": 12., "format": "xlsx", "guesses": []any{}}, doc["file"])
	require.Equal(t, map[string]any{"workshop_code": "0123456789"}, doc["workshop"])
	require.Equal(t, "1405-07", doc["period"])
	require.Equal(t, "rejected", doc["verdict"])
}

func TestRead_files_that_are_no_list(t *testing.T) {
	t.Parallel()
	file := good().bytes(t)
	for want, b := range map[string][]byte{
		"FILE-01": {}, "FILE-03": []byte("a,b,c\n1,2,3\n"), "FILE-04": []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("x", 600)),
		"FILE-05": file[:len(file)-300], "FILE-02": []byte("{" + strings.Repeat(" ", 2000) + "}"),
	} {
		o := options(t)
		o.Limits.JSON = 1000
		r, _ := read(t, b, o)
		require.Equal(t, []string{want}, codesOf(r, fault.Info))
		require.Equal(t, payroll.Verdicts{SSO: payroll.Unreadable, Tax: payroll.Unreadable}, r.Verdicts)
		require.NotContains(t, find(r, want).Message.FA, "{")
		require.Equal(t, want == "FILE-02", strings.Contains(find(r, want).Message.EN, "limit of 1000"))
	}
	r, _ := good().edit(func(f *excelize.File) { f.Pkg.Store("xl/vbaProject.bin", []byte("x")) }).read(t)
	require.Equal(t, []string{"FILE-09"}, codesOf(r, fault.Warning))
}

func TestRead_nil_list_may_have_the_workshop_alone(t *testing.T) {
	t.Parallel()
	d := good().set("نوع ارسال", "فاقد کارگر")
	d.columns, d.rows = nil, nil
	r, _ := d.read(t)
	require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	require.Equal(t, payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted}, r.Verdicts)
}

func TestRead_name_in_one_cell_is_split_where_the_mapping_says_so(t *testing.T) {
	t.Parallel()
	d := good().rename("نام", "نام و نام خانوادگی").drop("نام خانوادگی").cell("نام و نام خانوادگی", "علی  رضایی نیا").at(2, "نام و نام خانوادگی", "تنها")
	d.with(func(o *intake.Options) {
		o.Map = map[string]string{"نام و نام خانوادگی": "first_name+last_name"}
	})
	r, lines := d.read(t)
	require.Equal(t, "علی", lines[1].Line.FirstName)
	require.Equal(t, "رضایی نیا", lines[1].Line.LastName)
	require.Equal(t, []string{"CELL-12", "CELL-12"}, codesOf(r, fault.Warning), "neither the first worker nor the last has a last name")
	require.Equal(t, "last_name", find(r, "CELL-12").Field)
}

// FuzzJSON holds the scanner against the standard library: what it takes is JSON, and what is JSON it takes or names why not.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"lines":[{"days":30}]}`, `[1,2`, `{"a":1}{}`, `{"workshop":{"period":"1405-07"},"lines":[]}`, `{"a":"\ud83d\ude00"}`, `{"a":"\ud800"}`, "{\"a\":\"\xff\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 || b[0] != '{' {
			return
		}
		r, err := intake.Read(context.Background(), bytes.NewReader(b), int64(len(b)), intake.Options{})
		if err != nil {
			t.Fatal(err)
		}
		refused := r.Findings.Has("JSON-01") || r.Findings.Has("JSON-06")
		if valid := json.Valid(b) && utf8.Valid(b); !valid && !refused && !r.Findings.Has("JSON-02") || r.Findings.Has("JSON-01") && json.Valid(b) {
			t.Fatalf("%q: valid %t, findings %+v", b, valid, r.Findings.All())
		}
	})
}
