package intake_test

import (
	"slices"
	"strings"
	"testing"

	"fehrest/internal/agency/sso"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

func TestDSK_files_of_a_pair_may_differ_in_encoding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kar, wor dbf.Encoding }{{dbf.CP1256, dbf.IranSystem}, {dbf.IranSystem, dbf.CP1256}} {
		p := pair{kar: smallPair(t, sso.Agency{Encoding: c.kar}).kar, wor: smallPair(t, sso.Agency{Encoding: c.wor}).wor}
		want, _ := read(t, smallPair(t, sso.Agency{}).zip(t), options(t))
		r, _ := read(t, p.zip(t), options(t))
		require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
		require.Equal(t, want.Header.WorkshopName, r.Header.WorkshopName)
		require.Equal(t, want.Header.Address, r.Header.Address)
		var found []string
		for _, g := range r.Guesses {
			if g.What == "encoding" {
				found = append(found, g.Found)
			}
		}
		require.Equal(t, []string{c.wor.String(), c.kar.String()}, found, "both are told")
	}
}

func TestDSK_sums_that_do_not_hold_their_parts_are_told_as_such_and_once(t *testing.T) {
	t.Parallel()
	p := smallPair(t, sso.Agency{})
	p.wor = with(t, p.wor, 0, "DSW_SPOUSE", "57000001")
	r, _ := read(t, p.zip(t), options(t))
	f := find(r, "CELL-05")
	require.NotNil(t, f, "%+v", r.Findings.All())
	require.Equal(t, "DSW_MAZ − DSW_SPOUSE = -1", f.Given, "no number that the file does not hold")
	require.Equal(t, "DSW_MAZ", f.Column)
	for _, other := range r.Findings.All() {
		if other.Code == "LIST-01" {
			require.Equal(t, "DSK_SPOUSE", other.Column, "the files' own figures are still compared, and nothing else")
		}
	}
	require.Equal(t, payroll.Rejected, r.Verdicts.SSO)
}

func TestTax_files_are_read_as_other_programs_leave_them(t *testing.T) {
	t.Parallel()
	wp, wh, o := taxPair(t)
	pair := func(wp, wh string) (*intake.Result, []payroll.Filed) {
		return read(t, zipped(t, []payroll.File{{Name: "WP140507.txt", Bytes: []byte(wp)}, {Name: "WH140507.txt", Bytes: []byte(wh)}}), o)
	}
	want, _ := pair(wp, wh)
	for _, end := range []string{"\r\n", "\n\n", "\r\n\r\n\r\n"} {
		r, _ := pair(wp+end, wh+end)
		require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
		require.Equal(t, want.Totals, r.Totals, "blank lines behind the last one hold nothing")
	}
	lines := strings.SplitAfter(wh, "\r\n")
	r, _ := pair(wp, lines[0]+"\r\n"+strings.Join(lines[1:], ""))
	f := find(r, "SHEET-06")
	require.NotNil(t, f, "a blank line between persons is damage")
	require.Equal(t, 2, f.Row)

	fields := func(line string) []string { return strings.Split(line, ",") }
	person, pay := fields(strings.SplitAfter(wp, "\r\n")[1]), fields(lines[1])
	person[21], person[22] = "00000000", "0\r\n"
	pay[16] = "  12000000 "
	r, all := pair(strings.Join(person, ","), strings.Join(pay, ","))
	require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
	require.True(t, all[0].Line.EndDate.IsZero())
	require.Equal(t, rial.Amount(12_000_000), all[0].Line.Pay[payroll.Overtime])

	person[5] = "1370/05/12"
	r, _ = pair(strings.Join(person, ","), strings.Join(pay, ","))
	f = find(r, "DATE-02")
	require.NotNil(t, f)
	require.Equal(t, "14040101", f.Expected, "as these files write dates")
}

func TestJoined_what_the_other_file_says_otherwise_is_told(t *testing.T) {
	t.Parallel()
	p := smallPair(t, sso.Agency{})
	wp, wh, o := taxPair(t)
	lines := strings.SplitAfter(wp, "\r\n")
	person := strings.Split(lines[1], ",")
	person[3], person[5], person[18] = "دیگری", "13600101", person[18][:len("کار")]
	lines[1] = strings.Join(person, ",")
	r, all := read(t, zipped(t, []payroll.File{
		{Name: sso.KarName, Bytes: p.kar},
		{Name: sso.WorName, Bytes: p.wor},
		{Name: "WP140507.txt", Bytes: []byte(strings.Join(lines, ""))},
		{Name: "WH140507.txt", Bytes: []byte(wh)},
	}), o)
	require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
	var told []string
	for _, f := range r.Findings.All() {
		if f.Code == "CELL-11" && f.Sheet == "WP140507.txt" {
			told = append(told, f.Column+" "+f.Given)
		}
	}
	slices.Sort(told)
	require.Equal(t, []string{"WP4 دیگری", "WP6 1360/01/01"}, told, "a text that was only cut is the same")
	require.NotEqual(t, "دیگری", all[1].Line.LastName)
}

func TestDSK_of_a_month_that_no_law_governs_is_not_held_against_the_law(t *testing.T) {
	t.Parallel()
	p := smallPair(t, sso.Agency{})
	p.kar = with(t, p.kar, 0, "DSK_YY", "98")
	for record := range 3 {
		p.wor = with(t, p.wor, record, "DSW_YY", "98")
	}
	r, _ := read(t, p.zip(t), options(t))
	require.NotNil(t, find(r, "DATE-06"))
	require.Nil(t, find(r, "LIST-01"), "its own totals agree, and nothing is computed: %+v", r.Findings.All())
}

func TestJoined_edition_before_1403_is_told_once_and_stops_the_tax_lane_only(t *testing.T) {
	t.Parallel()
	p := smallPair(t, sso.Agency{})
	wp, _, o := taxPair(t)
	var person, pay strings.Builder
	for line := range strings.Lines(strings.TrimPrefix(wp, "\uFEFF")) {
		id := strings.Split(line, ",")[1]
		person.WriteString("1,2," + id + ",علی,رضایی,103,77,4,حسابدار,1,تامین اجتماعی,12345678,,تهران,14000101,1,مرکز,1,1,,1,,\r\n")
		pay.WriteString(id + ",1,5,0,85,1,14000101,,1,1,200000000,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\r\n")
	}
	r, _ := read(t, zipped(t, []payroll.File{
		{Name: sso.KarName, Bytes: p.kar},
		{Name: sso.WorName, Bytes: p.wor},
		{Name: "WP140507.txt", Bytes: []byte(person.String())},
		{Name: "WH140507.txt", Bytes: []byte(pay.String())},
	}), o)
	told := 0
	for _, f := range r.Findings.All() {
		if f.Code == "LIST-06" {
			told++
			require.Equal(t, "WH140507.txt", f.Sheet)
			require.Contains(t, f.Message.EN, "before 1403")
		}
	}
	require.Equal(t, 1, told)
	require.True(t, r.Verdicts.SSO.Passes(), "%+v", r.Findings.All())
	require.Equal(t, payroll.Rejected, r.Verdicts.Tax)
}
