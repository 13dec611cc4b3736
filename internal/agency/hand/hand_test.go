package hand_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/agency/hand"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

const (
	ssoKey = "sso.0123456789.000.1405-07.01.2"
	taxKey = "tax.14003778990.0.1405-07.1"
	digest = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
)

var now = time.Date(2026, 11, 6, 10, 0, 0, 0, time.UTC)

// book is a workbook of one sheet.
func book(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		require.NoError(t, err)
		require.NoError(t, f.SetSheetRow("Sheet1", cell, &row))
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return b.Bytes()
}

// enter reads an answer that must stand, and holds it against the strict reader of answers.
func enter(t *testing.T, raw []byte, key string) payroll.Answer {
	t.Helper()
	a, err := hand.Answer(raw, "answer", key, digest, now)
	require.NoError(t, err)
	doc, err := json.Marshal(a)
	require.NoError(t, err)
	again, err := agency.Decode(doc)
	require.NoError(t, err)
	require.Equal(t, a, again)
	return a
}

func TestAnswer_reads_slips(t *testing.T) {
	t.Parallel()
	slip := payroll.Payment{ListNo: "01", Slip: "123456789012345", Amount: 78_888_986, State: "open"}
	due := slip
	due.Due = "1405-08-30"
	for name, c := range map[string]struct {
		raw  []byte
		want []payroll.Payment
	}{
		"json":            {[]byte(`{"number": "123456789012345", "amount": 78888986, "state": "open"}`), []payroll.Payment{slip}},
		"json_words":      {[]byte("\uFEFF" + `{"number": "۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵", "amount": "78,888,986", "state": "باز", "due": "1405/08/30"}`), []payroll.Payment{due}},
		"json_of_parts":   {[]byte(`[{"number": 123456789012345, "amount": 1, "state": "collected", "list_no": "01"}, {"number": "2", "amount": 2, "state": "void", "list_no": "02"}]`), []payroll.Payment{{ListNo: "01", Slip: "123456789012345", Amount: 1, State: "collected"}, {ListNo: "02", Slip: "2", Amount: 2, State: "void"}}},
		"xlsx":            {book(t, []any{"number", "amount", "state"}, []any{"123456789012345", 78888986, "open"}), []payroll.Payment{slip}},
		"xlsx_in_persian": {book(t, []any{"ردیف", "شماره قبض", "مبلغ", "وضعیت"}, []any{1, 123456789012345, "۷۸٬۸۸۸٬۹۸۶", "3"}), []payroll.Payment{slip}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := enter(t, c.raw, ssoKey)
			require.Equal(t, c.want, a.Payments)
			require.Equal(t, ssoKey, a.Key)
			require.Equal(t, digest, a.Digest)
			require.Equal(t, payroll.AnswerAccepted, a.State)
			require.Equal(t, now, a.DecidedAt)
			require.Equal(t, a.ID, enter(t, c.raw, ssoKey).ID, "the same file twice is the same answer")
		})
	}
}

func TestAnswer_reads_the_tax_of_persons(t *testing.T) {
	t.Parallel()
	raw := book(
		t, []any{"person", "tax", "months", "several_employers"},
		[]any{84575948, 15000000, 7, "خیر"}, []any{"F101234567890", "۰", 1, true},
	)
	a := enter(t, raw, taxKey)
	require.Empty(t, a.Payments)
	require.Equal(t, []payroll.WorkerTax{
		{Person: "0084575948", Tax: 15_000_000, Months: 7},
		{Person: "F101234567890", Months: 1, SeveralEmployers: true},
	}, a.Workers)
}

func TestAnswer_reads_the_gateways_own_document(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"id":"01900000-0000-7000-8000-000000000001","key":"` + ssoKey + `","digest":"d","reference":"r","state":"rejected",
		"decided_at":"2026-11-06T10:00:00Z","findings":[],"payments":[],"workers":null}`)
	for _, key := range []string{"", ssoKey} {
		a, err := hand.Answer(raw, "answer.json", key, digest, now)
		require.NoError(t, err)
		require.Equal(t, payroll.AnswerRejected, a.State)
		require.Equal(t, "d", a.Digest, "whether it is ours is for the window to say")
	}
	requireProblem(t, raw, taxKey, fault.Conflict, "")
	requireProblem(t, bytes.Replace(raw, []byte("rejected"), []byte("thinking"), 1), "", fault.Unprocessable, "")
}

func requireProblem(t *testing.T, raw []byte, key string, kind fault.Kind, code string) *fault.Problem {
	t.Helper()
	a, err := hand.Answer(raw, "answer", key, digest, now)
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, kind, p.Kind, p.Text.EN)
	require.Equal(t, code, p.Code)
	require.NotEmpty(t, p.Text.FA)
	require.NotEmpty(t, p.Text.EN)
	require.Zero(t, a)
	return p
}

func TestAnswer_reads_what_a_user_was_told_at_the_portal(t *testing.T) {
	t.Parallel()
	a := enter(t, []byte(`{"state": "rejected", "reference": "r-9", "findings": [{"code": "", "message": "جمع فهرست نمی‌خواند"}]}`), ssoKey)
	require.Equal(t, payroll.AnswerRejected, a.State)
	require.Equal(t, "r-9", a.Reference)
	require.Equal(t, now, a.DecidedAt)
	require.Equal(t, []payroll.AnswerFinding{{Message: "جمع فهرست نمی‌خواند"}}, a.Findings)
	require.Equal(t, payroll.AnswerAccepted, enter(t, []byte(`{"state": "accepted"}`), taxKey).State)
	for _, bad := range []string{`{"state": "sent"}`, `{"state": 1}`, `{"state": "rejected", "findings": 3}`} {
		requireProblem(t, []byte(bad), ssoKey, fault.Unprocessable, "")
	}
	requireProblem(t, []byte(`{"state": "rejected"}`), "", fault.Malformed, "")
}

func TestAnswer_refuses_what_it_cannot_tell(t *testing.T) {
	t.Parallel()
	slip := `{"number": "1", "amount": 1, "state": "open"}`
	persons := book(t, []any{"person", "tax", "months", "several_employers"}, []any{"0084575948", 1, 1, "no"})
	for name, c := range map[string]struct {
		raw  []byte
		key  string
		kind fault.Kind
		code string
	}{
		"nothing":            {nil, ssoKey, fault.Unsupported, ""},
		"text":               {[]byte("number,amount\n1,2"), ssoKey, fault.Unsupported, ""},
		"no_key":             {[]byte(slip), "", fault.Malformed, ""},
		"no_such_key":        {persons, "tax.1", fault.Malformed, ""},
		"slip_of_tax":        {[]byte(slip), taxKey, fault.Conflict, ""},
		"persons_of_sso":     {persons, ssoKey, fault.Conflict, ""},
		"half_json":          {[]byte(`[{"number": "1"`), ssoKey, fault.Malformed, "JSON-01"},
		"two_documents":      {[]byte("[" + slip + "][]"), ssoKey, fault.Malformed, "JSON-01"},
		"wrong_shape":        {[]byte(`[[1]]`), ssoKey, fault.Malformed, "JSON-01"},
		"no_slip":            {[]byte(`[]`), ssoKey, fault.Unprocessable, "SHEET-12"},
		"no_row":             {book(t, []any{"number", "amount", "state"}), ssoKey, fault.Unprocessable, "SHEET-12"},
		"no_header":          {book(t, []any{"1", "2", "3"}), ssoKey, fault.Unprocessable, "SHEET-01"},
		"empty_sheet":        {book(t), ssoKey, fault.Unprocessable, "SHEET-01"},
		"missing_column":     {book(t, []any{"number", "state"}, []any{"1", "open"}), ssoKey, fault.Unprocessable, "SHEET-03"},
		"column_twice":       {book(t, []any{"number", "amount", "مبلغ", "state"}, []any{"1", 1, 2, "open"}), ssoKey, fault.Unprocessable, "SHEET-04"},
		"damaged_workbook":   {persons[:len(persons)/2], taxKey, fault.Malformed, "FILE-05"},
		"not_a_workbook":     {[]byte("PK and nothing else"), taxKey, fault.Unsupported, "FILE-03"},
		"archive_of_nothing": {[]byte("PK\x05\x06" + strings.Repeat("\x00", 18)), taxKey, fault.Malformed, "FILE-05"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireProblem(t, c.raw, c.key, c.kind, c.code)
		})
	}
}

func TestAnswer_names_every_fault_at_its_cell(t *testing.T) {
	t.Parallel()
	type at struct{ code, cell, given string }
	places := func(p *fault.Problem) (all []at) {
		for _, f := range p.Faults {
			require.NotEmpty(t, f.Message.FA)
			require.NotContains(t, f.Message.FA, "{")
			all = append(all, at{f.Code, f.Cell, f.Given})
		}
		return all
	}
	raw := book(
		t, []any{"person", "tax", "months", "several_employers"},
		[]any{"0084575948", 1.5, "", "maybe"}, []any{}, []any{"0084575948", -1, 13, "no"}, []any{"0084575949", "9007199254740992", 1, "no"},
		[]any{"", now.Truncate(24 * time.Hour), 1, "بله"},
	)
	require.ElementsMatch(t, []at{
		{"CELL-03", "B2", "1.5"},
		{"CELL-12", "C2", ""},
		{"CELL-13", "D2", "maybe"},
		{"ID-04", "A4", "0084575948"},
		{"CELL-03", "B4", "-1"},
		{"CELL-13", "C4", "13"},
		{"ID-02", "A5", "0084575949"},
		{"CELL-06", "B5", "9007199254740992"},
		{"CELL-12", "A6", ""},
		{"CELL-03", "B6", "date 46332"},
	}, places(requireProblem(t, raw, taxKey, fault.Unprocessable, "")))

	slips := `[{"number": "1-2", "amount": [], "state": "ready", "due": "soon", "list_no": "01"}, {"number": "7", "amount": null, "state": "open"}, {"number": "7", "amount": 1, "state": "open", "list_no": "02"}]`
	require.ElementsMatch(t, []at{
		{"CELL-03", "/0/number", "1-2"},
		{"CELL-03", "/0/amount", "[]"},
		{"CELL-13", "/0/state", "ready"},
		{"DATE-02", "/0/due", "soon"},
		{"CELL-12", "/1/amount", ""},
		{"CELL-12", "/1/list_no", ""},
		{"ID-04", "/2/number", "7"},
	}, places(requireProblem(t, []byte(slips), ssoKey, fault.Unprocessable, "")))
	one := places(requireProblem(t, []byte(`{"number": "1", "amount": 1e3, "state": "open"}`), ssoKey, fault.Unprocessable, ""))
	require.Equal(t, []at{{"CELL-03", "/amount", "1e3"}}, one)
}

func TestChecklist_says_what_goes_where_and_what_comes_back(t *testing.T) {
	t.Parallel()
	c := hand.Checklist(ssoKey, []string{"DSKKAR00.DBF", "DSKWOR00.DBF"})
	for _, s := range []string{"تأمین اجتماعی", "DSKKAR00.DBF", "DSKWOR00.DBF", "list_no", ssoKey} {
		require.Contains(t, c.FA, s)
	}
	require.Contains(t, c.EN, "Social Security Organization")
	c = hand.Checklist(taxKey, []string{"WP140507.txt", "WH140507.txt"})
	for _, s := range []string{"امور مالیاتی", "WP140507.txt", "WH140507.txt", "several_employers", taxKey} {
		require.Contains(t, c.FA, s)
	}
	require.Zero(t, hand.Checklist("other", nil))
	require.Contains(t, hand.Checklist(ssoKey, nil).FA, "فاقد کارگر", "a nil list has no file")
	nothing := hand.Checklist(ssoKey, nil)
	for _, s := range []string{"0123456789", "ردیف پیمان 000", "1405-07", "شماره و روز"} {
		require.Contains(t, nothing.FA, s, "what to declare, of whom")
	}
	nothing = hand.Checklist(taxKey, nil)
	require.Contains(t, nothing.FA, "کارفرما 14003778990، ماه 1405-07")
	for _, s := range []string{"Upload", "workbook", "%!"} {
		require.NotContains(t, nothing.EN, s)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`[{"number": "1", "amount": 1, "state": "open"}]`), ssoKey)
	f.Add([]byte(`{"id":1}`), "")
	f.Fuzz(func(t *testing.T, raw []byte, key string) {
		_, err := hand.Answer(raw, "answer", key, digest, now)
		if err != nil {
			var p *fault.Problem
			require.ErrorAs(t, err, &p)
			require.NotEqual(t, fault.Internal, p.Kind)
		}
	})
}
