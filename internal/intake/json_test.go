package intake_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

// badText is one JSON document and the finding it gets.
type badText struct {
	row                                           int // as of bad
	name, text, code, field, cell, given, verdict string
}

func badJSON(t testing.TB) []badText {
	whole := string(goodDocument().bytes(t))
	swap := func(old, text string) string {
		require.Contains(t, whole, old)
		return strings.Replace(whole, old, text, 1)
	}
	lines := func(text string) string { return whole[:strings.Index(whole, `"lines":`)] + `"lines":` + text + `}` }
	return []badText{
		{100, "truncated", whole[:len(whole)-5], "JSON-01", "", "", "", "unreadable"},
		{100, "second document", whole + `{}`, "JSON-01", "", "", "", "unreadable"},
		{0, "trailing comma", swap(`"days":30,`, `"days":30,,`), "JSON-01", "", "", "", "unreadable"},
		{0, "comment", "{/* */" + whole[1:], "JSON-01", "", "", "", "unreadable"},
		{0, "leading zero", swap(`"days":30`, `"days":030`), "JSON-01", "", "", "", "unreadable"},
		{0, "raw control character", swap("علی", "ع\x01لی"), "JSON-01", "", "", "", "unreadable"},
		{101, "deep", `{"lines":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, "JSON-02", "", "", "", "unreadable"},
		{102, "key twice", swap(`"days":30`, `"days":30,"days":1`), "JSON-03", "days", "/lines/0/days", "days", "unreadable"},
		{0, "member twice", whole[:len(whole)-1] + `,"lines":[]}`, "JSON-03", "lines", "/lines", "lines", "unreadable"},
		{0, "workshop key twice", swap(`"period":"1405-07"`, `"period":"1405-07","period":"1405-08"`), "JSON-03", "period", "/workshop/period", "period", "unreadable"},
		{106, "unknown key", swap(`"days":30`, `"days":30,"wage/x":1`), "JSON-04", "wage/x", "/lines/0/wage~1x", "wage/x", "unreadable"},
		{0, "unknown member", whole[:len(whole)-1] + `,"extra":[1]}`, "JSON-04", "extra", "/extra", "extra", "unreadable"},
		{0, "unknown workshop key", swap(`"period":"1405-07"`, `"period":"1405-07","x":1`), "JSON-04", "x", "/workshop/x", "x", "unreadable"},
		{103, "exponent", swap(`"daily_wage":5600000`, `"daily_wage":5.6e6`), "JSON-05", "lines[0].daily_wage", "/lines/0/daily_wage", "5.6e6", "rejected"},
		{103, "exponent of two digits", swap(`"daily_wage":5600000`, `"daily_wage":1e2`), "JSON-05", "lines[0].daily_wage", "/lines/0/daily_wage", "1e2", "rejected"},
		{103, "point", swap(`"daily_wage":5600000`, `"daily_wage":5600000.0`), "JSON-05", "lines[0].daily_wage", "/lines/0/daily_wage", "5600000.0", "rejected"},
		{0, "negative", swap(`"daily_wage":5600000`, `"daily_wage":-5`), "JSON-05", "lines[0].daily_wage", "", "-5", "rejected"},
		{105, "amount as text", swap(`"daily_wage":5600000`, `"daily_wage":"5600000"`), "JSON-05", "lines[0].daily_wage", "", `"5600000"`, "rejected"},
		{0, "code as number", swap(`"national_code":"0012345679"`, `"national_code":12345679`), "JSON-05", "lines[0].national_code", "", "12345679", "rejected"},
		{0, "object for a text", swap(`"national_code":"0012345679"`, `"national_code":{"a":1}`), "JSON-05", "lines[0].national_code", "", `{"a":1}`, "rejected"},
		{0, "line is no object", lines(`[7]`), "JSON-05", "lines[0]", "/lines/0", "7", "rejected"},
		{0, "lines is no array", lines(`{}`), "JSON-05", "lines", "/lines", "lines", ""},
		{0, "not an object", `[]`, "JSON-05", "", "", "", ""},
		{0, "period of the wrong type", swap(`"period":"1405-07"`, `"period":140507`), "JSON-05", "period", "/workshop/period", "140507", "rejected"},
		{104, "13 digits", swap(`"daily_wage":5600000`, `"daily_wage":9007199254740991`), "CELL-14", "daily_wage", "/lines/0/daily_wage", "9007199254740991", "rejected"},
		{104, "beyond", swap(`"daily_wage":5600000`, `"daily_wage":9007199254740993`), "CELL-06", "daily_wage", "/lines/0/daily_wage", "9007199254740993", "rejected"},
		{106, "null for a needed value", swap(`"daily_wage":5600000`, `"daily_wage":null`), "CELL-12", "daily_wage", "/lines/0/daily_wage", "", "rejected"},
		{106, "no lines", lines(`[]`), "SHEET-12", "", "/lines", "", "rejected"},
		{0, "no workshop", `{"lines":[]}`, "SHEET-13", "workshop_code", "", "", "rejected"},
		{107, "lone surrogate", swap("علی", `\ud800`), "JSON-06", "", "", "", "unreadable"},
		{0, "swapped surrogates", swap("علی", `\udc00\ud800`), "JSON-06", "", "", "", "unreadable"},
		{107, "invalid UTF-8", swap("علی", "\xff\xfe"), "JSON-06", "", "", "", "unreadable"},
		{0, "overlong UTF-8", swap("علی", "\xc0\xaf"), "JSON-06", "", "", "", "unreadable"},
		{0, "surrogate in UTF-8", swap("علی", "\xed\xa0\x80"), "JSON-06", "", "", "", "unreadable"},
		{0, "empty file", ``, "FILE-01", "", "", "", "unreadable"},
		{0, "a page", `<html>`, "FILE-03", "", "", "", "unreadable"},
	}
}

func TestRead_bad_json(t *testing.T) {
	t.Parallel()
	for _, x := range badJSON(t) {
		t.Run(rowName(x.row, x.code, x.name), func(t *testing.T) {
			t.Parallel()
			r, _ := read(t, []byte(x.text), options(t))
			f := find(r, x.code)
			require.NotNil(t, f, "%+v", r.Findings.All())
			require.Equal(t, x.field, f.Field)
			if x.cell != "" {
				require.Equal(t, x.cell, f.Cell)
			}
			require.Equal(t, x.given, f.Given)
			require.NotContains(t, strings.ReplaceAll(f.Message.FA+f.Message.EN, "{}", ""), "{what")
			require.NotContains(t, f.Message.FA, "{offset}")
			require.Equal(t, x.code == "JSON-02", strings.Contains(f.Message.EN, "deeper than 16"))
			if x.verdict != "" {
				require.Equal(t, x.verdict, string(r.Verdicts.Worst()))
			}
		})
	}
	whole := string(goodDocument().bytes(t))
	for _, ok := range []string{"\ufeff" + whole, " \n" + whole + "\r\n", strings.Replace(whole, "علی", `\u0639\u0644\u06cc`, 1), strings.Replace(whole, `"lines"`, `"lin\u0065s"`, 1)} {
		r, l := read(t, []byte(ok), options(t))
		require.Empty(t, codesOf(r, fault.Warning))
		require.Equal(t, "علی", l[0].Line.FirstName)
	}
}

func TestRead_json_takes_codes_as_digits_and_truths(t *testing.T) {
	t.Parallel()
	d := goodDocument().line("education", 4).line("hard_job", true).line("hold", "خیر").line("national_code", "84575948")
	r, lines := read(t, d.bytes(t), options(t))
	require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
	require.Equal(t, "4", lines[1].Line.Education)
	require.True(t, lines[1].Line.HardJob)
	require.Equal(t, payroll.NationalCode("0084575948"), lines[1].Line.NationalCode)
	require.Equal(t, "/lines/1/national_code", find(r, "CELL-11").Cell)
}

func TestRead_json_counts_one_cause_for_many_lines(t *testing.T) {
	t.Parallel()
	d := goodDocument()
	for range 300 {
		d.Lines = append(d.Lines, map[string]any{"daily_wage": "1"})
	}
	r, _ := read(t, d.bytes(t), options(t))
	for _, c := range r.Findings.Causes() {
		if c.Code == "JSON-05" {
			require.Equal(t, fault.Cause{Code: "JSON-05", Field: "daily_wage", Rows: 300, Fix: c.Fix, Given: `"1"`, Suggested: "1"}, c)
		}
	}
	require.Equal(t, "lines[2].daily_wage", find(r, "JSON-05").Field)
}

// Names that a sender makes up cost no more than those that are known.
func TestRead_json_counts_a_flood_of_unknown_keys(t *testing.T) {
	t.Parallel()
	const many = 300_000
	keys := make([]byte, 0, many*14)
	for i := range many {
		keys = append(strconv.AppendInt(append(keys, `"k`...), int64(i), 10), `":1,`...)
	}
	keys = keys[:len(keys)-1]
	for _, text := range []string{`{"lines":[{` + string(keys) + `}]}`, `{"workshop":{` + string(keys) + `}}`} {
		began := time.Now()
		r, _ := read(t, []byte(text), options(t))
		require.Less(t, time.Since(began), 20*time.Second, "what grows with the square takes minutes")
		rows := 0
		for _, c := range r.Findings.Causes() {
			if c.Code == "JSON-04" {
				rows += c.Rows
			}
		}
		require.Equal(t, many, rows)
		require.LessOrEqual(t, len(r.Findings.Causes()), 2*fault.Listed)
	}
}

func TestRead_same_payroll_in_both_formats_is_assessed_alike(t *testing.T) {
	t.Parallel()
	book := lawBook(t)
	d := goodDocument().line("overtime", 4_000_000).line("hold", "yes")
	fromJSON, lines := read(t, d.bytes(t), options(t))
	var bare []payroll.Line
	for _, l := range lines {
		bare = append(bare, l.Line)
	}
	fromSheet, again := read(t, workbookOf(t, &fromJSON.Header, bare), options(t))
	assessment := func(r *intake.Result, lines []payroll.Filed) (doc intake.Assessment) {
		var written, whole bytes.Buffer
		require.NoError(t, intake.WriteAssessment(&written, book, &r.Header, r.Totals, lines))
		require.NoError(t, json.Unmarshal(written.Bytes(), &doc))
		e := json.NewEncoder(&whole)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		require.NoError(t, e.Encode(doc))
		require.Equal(t, whole.String(), written.String(), "written line by line it is the same document")
		return doc
	}
	one, other := assessment(fromJSON, lines), assessment(fromSheet, again)
	for i := range other.Lines {
		other.Lines[i].Row = one.Lines[i].Row // the sheet has two header rows
	}
	require.Equal(t, one, other)
	require.True(t, one.Lines[1].Held)
	require.NotZero(t, one.Totals.PremiumDue)
	require.Equal(t, rial.Amount(5_600_000), fromSheet.Totals.DailyWage)

	b, err := json.Marshal(one.Lines[0])
	require.NoError(t, err)
	var keys map[string]any
	require.NoError(t, json.Unmarshal(b, &keys))
	for _, k := range []string{
		"row", "person", "national_code", "monthly_wage", "benefits", "insurable", "total", "worker_premium", "employer_premium", "unemployment", "taxable",
		"tax_estimate", "net_paid", "why",
	} {
		require.Contains(t, keys, k)
	}
}
