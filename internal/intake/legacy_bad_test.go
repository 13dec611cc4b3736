package intake_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"fehrest/internal/agency/sso"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

// pair is the SSO's pair of the small sample, to be damaged.
type pair struct{ kar, wor []byte }

func smallPair(t testing.TB, a sso.Agency) pair {
	t.Helper()
	c := synth.Cases(lawBook(t))[0]
	require.Equal(t, "small", c.Folder)
	original := readCase(t, c.Header, c.Lines)
	files := dskOf(t, a, filed(original.result, original.lines))
	return pair{files[0].Bytes, files[1].Bytes}
}

func (p pair) zip(t testing.TB) []byte {
	t.Helper()
	return zipped(t, []payroll.File{{Name: sso.KarName, Bytes: p.kar}, {Name: sso.WorName, Bytes: p.wor}})
}

// The parts of the workers' table that ListDisk v6.5 lays out.
const (
	worHeader = 961
	worRecord = 469
)

// at overwrites bytes.
func at(b []byte, from int, with ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[from:], with)
	return b
}

// fieldAt is where a field of a record (from 0) lies in a table.
func fieldAt(t testing.TB, table []byte, record int, name string) (from, width int) {
	t.Helper()
	r, err := dbf.NewReader(bytes.NewReader(table))
	require.NoError(t, err)
	header, length := int(binary.LittleEndian.Uint16(table[8:])), int(binary.LittleEndian.Uint16(table[10:]))
	from = header + record*length + 1
	for _, f := range r.Header().Fields {
		if f.Name == name {
			return from, f.Width
		}
		from += f.Width
	}
	require.Fail(t, "no such field", name)
	return 0, 0
}

// with writes a field of a record, padded on the right.
func with(t testing.TB, table []byte, record int, name, value string) []byte {
	t.Helper()
	from, width := fieldAt(t, table, record, name)
	return at(table, from, []byte(value+strings.Repeat(" ", width-len(value)))...)
}

func le32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

// Rows 111 to 120 of the catalogue of bad input.
func TestDSK_refuses_and_tells(t *testing.T) {
	t.Parallel()
	good := smallPair(t, sso.Agency{})
	memo := bytes.Clone(good.wor)
	memo[32+11] = 'M'
	for name, c := range map[string]struct {
		kar, wor []byte
		code     string
		severity fault.Severity
		row      int
		column   string
	}{
		"count_above_size":        {wor: at(good.wor, 4, le32(4)...), code: "DBF-01", severity: fault.Refuse},
		"count_below_size":        {wor: at(good.wor, 4, le32(2)...), code: "DBF-01", severity: fault.Refuse},
		"cut_in_a_record":         {wor: good.wor[:len(good.wor)-100], code: "DBF-01", severity: fault.Refuse},
		"workshops_file_cut":      {kar: good.kar[:len(good.kar)-20], code: "DBF-01", severity: fault.Refuse},
		"record_length_zero":      {wor: at(good.wor, 10, 0, 0), code: "DBF-02", severity: fault.Refuse},
		"record_length_65535":     {wor: at(good.wor, 10, 0xFF, 0xFF), code: "DBF-02", severity: fault.Refuse},
		"record_length_other_sum": {wor: at(good.wor, 10, 0xD6), code: "DBF-02", severity: fault.Refuse},
		"ten_thousand_fields":     {wor: at(good.wor, 8, 0xFF, 0xFF), code: "DBF-02", severity: fault.Refuse},
		"no_terminator":           {wor: at(good.wor, worHeader-1, ' '), code: "DBF-02", severity: fault.Refuse},
		"unknown_version":         {wor: at(good.wor, 0, 0x30), code: "DBF-03", severity: fault.Refuse},
		"memo_file":               {wor: at(good.wor, 0, 0x83), code: "DBF-03", severity: fault.Refuse},
		"memo_field":              {wor: memo, code: "DBF-03", severity: fault.Refuse},
		"encrypted":               {wor: at(good.wor, 15, 1), code: "DBF-03", severity: fault.Refuse},
		"overflow":                {wor: with(t, good.wor, 1, "DSW_MAH", "************"), code: "CELL-03", severity: fault.Error, row: 2, column: "DSW_MAH"},
		"blank_number":            {wor: with(t, good.wor, 0, "DSW_DD", ""), code: "CELL-03", severity: fault.Error, row: 1, column: "DSW_DD"},
		"fraction":                {wor: with(t, good.wor, 0, "DSW_ROOZ", "5541850.5"), code: "CELL-04", severity: fault.Error, row: 1, column: "DSW_ROOZ"},
		"negative":                {wor: with(t, good.wor, 0, "DSW_ROOZ", "-5541850"), code: "CELL-05", severity: fault.Error, row: 1, column: "DSW_ROOZ"},
		"benefits_below_marriage": {wor: with(t, good.wor, 0, "DSW_MAZ", "0"), code: "CELL-05", severity: fault.Error, row: 1, column: "DSW_MAZ"},
		"overflow_in_the_totals":  {kar: with(t, good.kar, 0, "DSK_TMAH", "************"), code: "CELL-03", severity: fault.Error, row: 1, column: "DSK_TMAH"},
		"question_marks":          {wor: questioned(t, good.wor), code: "DBF-04", severity: fault.Refuse},
		"no_known_encoding":       {wor: unknowable(t, good.wor), code: "DBF-04", severity: fault.Refuse},
		"money_total":             {kar: with(t, good.kar, 0, "DSK_TMASH", "1"), code: "LIST-01", severity: fault.Error, row: 1, column: "DSK_TMASH"},
		"count_of_workers":        {kar: with(t, good.kar, 0, "DSK_NUM", "4"), code: "LIST-01", severity: fault.Error, row: 1, column: "DSK_NUM"},
		"days":                    {kar: with(t, good.kar, 0, "DSK_TDD", "81"), code: "LIST-01", severity: fault.Error, row: 1, column: "DSK_TDD"},
		"rate":                    {kar: with(t, good.kar, 0, "DSK_RATE", "23"), code: "LIST-01", severity: fault.Warning, row: 1, column: "DSK_RATE"},
		"employers_total":         {kar: with(t, good.kar, 0, "DSK_TKOSO", "1000"), code: "LIST-01", severity: fault.Error, row: 1, column: "DSK_TKOSO"},
		"another_workshop":        {wor: with(t, good.wor, 2, "DSW_ID", "0000000001"), code: "LIST-06", severity: fault.Error, row: 3, column: "DSW_ID"},
		"another_month":           {wor: with(t, good.wor, 0, "DSW_MM", "8"), code: "LIST-06", severity: fault.Error, row: 1, column: "DSW_MM"},
		"another_list":            {wor: with(t, good.wor, 0, "DSW_LISTNO", "02"), code: "LIST-06", severity: fault.Error, row: 1, column: "DSW_LISTNO"},
		"end_mark_in_the_middle":  {wor: at(good.wor, worHeader+worRecord+40, 0x1A), code: "DBF-01", severity: fault.Refuse},
		"byte_of_no_letter":       {wor: with(t, good.wor, 0, "DSW_OCP", "\xDC\xF5"), code: "CELL-07", severity: fault.Error, row: 1, column: "DSW_OCP"},
		"no_such_day":             {wor: with(t, good.wor, 0, "DSW_BDATE", "13700732"), code: "DATE-01", severity: fault.Error, row: 1, column: "DSW_BDATE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := good
			if c.kar != nil {
				p.kar = c.kar
			}
			if c.wor != nil {
				p.wor = c.wor
			}
			r, _ := read(t, p.zip(t), options(t))
			f := find(r, c.code)
			require.NotNil(t, f, "%+v", r.Findings.All())
			require.Equal(t, c.severity, f.Severity)
			require.NotContains(t, f.Message.FA+f.Message.EN, "{")
			if c.severity == fault.Refuse {
				require.Equal(t, payroll.Unreadable, r.Verdicts.SSO)
				require.Equal(t, payroll.NotAddressed, r.Verdicts.Tax)
				return
			}
			if c.severity == fault.Error {
				require.Equal(t, payroll.Rejected, r.Verdicts.SSO)
			}
			require.Equal(t, c.row, f.Row)
			require.Equal(t, c.column, f.Column)
		})
	}
}

// questioned makes every text of a table question marks, as an export through the wrong code page does.
func questioned(t testing.TB, table []byte) []byte {
	for record := range 3 {
		for _, name := range []string{"DSW_SEX", "DSW_NAT", "DSW_FNAME", "DSW_LNAME", "DSW_DNAME", "DSW_OCP", "DSW_IDPLC"} {
			table = with(t, table, record, name, "???")
		}
	}
	return table
}

func unknowable(t testing.TB, table []byte) []byte {
	for record := range 3 {
		table = with(t, with(t, table, record, "DSW_SEX", "\xC7"), record, "DSW_NAT", "\xC7\xC7\xC7")
	}
	return table
}

func TestDSK_tolerates(t *testing.T) {
	t.Parallel()
	good := smallPair(t, sso.Agency{})
	deleted := at(good.wor, 4, le32(4)...)
	record := bytes.Clone(good.wor[worHeader : worHeader+worRecord])
	record[0] = '*'
	deleted = append(deleted[:len(deleted)-1], record...)
	for name, c := range map[string]struct {
		p    pair
		code string
	}{
		"no_end_mark":                {p: pair{good.kar[:len(good.kar)-1], good.wor[:len(good.wor)-1]}},
		"code_page_byte":             {p: pair{at(good.kar, 29, 0), at(good.wor, 29, 0x57)}},
		"deleted_record":             {p: pair{good.kar, append(deleted, 0x1A)}, code: "DBF-05"},
		"blank_contract_row":         {p: pair{with(t, good.kar, 0, "MON_PYM", ""), good.wor}},
		"blank_marriage":             {p: pair{good.kar, with(t, good.wor, 1, "DSW_SPOUSE", "")}},
		"two_digit_year":             {p: pair{good.kar, with(t, good.wor, 0, "DSW_BDATE", "70/05/12")}, code: "CELL-11"},
		"date_of_zeros":              {p: pair{good.kar, with(t, good.wor, 0, "DSW_IDATE", "00000000")}},
		"a_rial_a_row_in_a_total":    {p: pair{with(t, good.kar, 0, "DSK_TBIME", near(t, good.kar, "DSK_TBIME", 3)), good.wor}},
		"Persian_digits_in_the_code": {p: pair{good.kar, persianDigits(t, good.wor)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, lines := read(t, c.p.zip(t), options(t))
			require.Empty(t, codesOf(r, fault.Warning), "%+v", r.Findings.All())
			require.Len(t, lines, 3)
			if c.code != "" {
				require.NotNil(t, find(r, c.code))
			}
			if name == "two_digit_year" {
				require.Equal(t, "1370/05/12", lines[0].Line.BirthDate.String())
			}
		})
	}
}

func near(t testing.TB, table []byte, field string, more int64) string {
	t.Helper()
	from, width := fieldAt(t, table, 0, field)
	n := int64(0)
	for _, c := range bytes.TrimSpace(table[from : from+width]) {
		n = n*10 + int64(c-'0')
	}
	return payroll.NextListNo("0", int(n+more))
}

func persianDigits(t testing.TB, table []byte) []byte {
	from, width := fieldAt(t, table, 0, "PER_NATCOD")
	table = bytes.Clone(table)
	for i := from; i < from+width; i++ {
		table[i] += 0x80 - '0'
	}
	return table
}

func TestDSK_half_a_pair_is_told(t *testing.T) {
	t.Parallel()
	p := smallPair(t, sso.Agency{})
	for name, c := range map[string]struct {
		files []payroll.File
		lane  payroll.Lane
	}{
		"no_workers":  {[]payroll.File{{Name: "dskkar00.dbf", Bytes: p.kar}}, payroll.SSO},
		"no_workshop": {[]payroll.File{{Name: "x/Dskwor00.Dbf", Bytes: p.wor}}, payroll.SSO},
		"two_workers": {[]payroll.File{{Name: "a.dbf", Bytes: p.kar}, {Name: "b.dbf", Bytes: p.wor}, {Name: "c.dbf", Bytes: p.wor}}, payroll.SSO},
		"no_pay":      {[]payroll.File{{Name: "WP140507.TXT", Bytes: []byte("x")}}, payroll.Tax},
		"no_persons":  {[]payroll.File{{Name: "wh140507.txt", Bytes: []byte("x")}}, payroll.Tax},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := read(t, zipped(t, c.files), options(t))
			require.NotNil(t, find(r, "LIST-06"), "%+v", r.Findings.All())
			require.Equal(t, payroll.Rejected, r.Verdicts.Of(c.lane))
			require.Equal(t, payroll.NotAddressed, r.Verdicts.Of(fault.Both&^c.lane))
		})
	}
}

func TestDSK_on_its_own_is_refused_with_advice(t *testing.T) {
	t.Parallel()
	p := smallPair(t, sso.Agency{})
	for _, b := range [][]byte{p.kar, p.wor} {
		r, _ := read(t, b, options(t))
		f := find(r, "FILE-03")
		require.NotNil(t, f)
		require.Contains(t, f.Message.EN, "in one ZIP")
	}
}

// Whatever happens to a table's bytes, it is refused, or told to be wrong, or reads as the same list; never a panic.
func TestDSK_mutated_is_refused_or_the_same(t *testing.T) {
	t.Parallel()
	good := smallPair(t, sso.Agency{})
	r, lines := read(t, good.zip(t), options(t))
	require.True(t, r.Verdicts.SSO.Passes())
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		p := pair{bytes.Clone(good.kar), bytes.Clone(good.wor)}
		to := &p.kar
		if random.IntN(4) > 0 {
			to = &p.wor
		}
		i := random.IntN(len(*to))
		switch random.IntN(3) {
		case 0:
			(*to)[i] ^= 1 << random.IntN(8)
		case 1:
			*to = append((*to)[:i:i], (*to)[i+1:]...)
		case 2:
			*to = append((*to)[:i+1:i+1], (*to)[i:]...)
		}
		got, gotLines := read(t, p.zip(t), options(t))
		if !got.Verdicts.SSO.Passes() {
			continue
		}
		// What passes has the same figures; a letter of a name may be another one, as in any text.
		require.Equal(t, r.Totals, got.Totals)
		require.Equal(t, len(lines), len(gotLines))
		for i := range lines {
			require.Equal(t, lines[i].Line.Pay, gotLines[i].Line.Pay)
			require.Equal(t, lines[i].Line.Days, gotLines[i].Line.Days)
			require.Equal(t, lines[i].Line.NationalCode, gotLines[i].Line.NationalCode)
		}
	}
}

func TestDSK_parts_of_a_split_list_are_lists_of_their_own(t *testing.T) {
	t.Parallel()
	p := smallPair(t, sso.Agency{})
	second := pair{with(t, p.kar, 0, "DSK_LISTNO", "02"), p.wor}
	for record := range 3 {
		second.wor = with(t, second.wor, record, "DSW_LISTNO", "02")
	}
	file := zipped(t, []payroll.File{
		{Name: "2/" + sso.KarName, Bytes: second.kar},
		{Name: "2/" + sso.WorName, Bytes: second.wor},
		{Name: "1/" + sso.KarName, Bytes: p.kar},
		{Name: "1/" + sso.WorName, Bytes: p.wor},
	})
	f, err := intake.Open(t.Context(), bytes.NewReader(file), int64(len(file)), options(t))
	require.NoError(t, err)
	require.Len(t, f.Lists, 2)
	for i, no := range []string{"01", "02"} {
		require.Equal(t, no, f.Lists[i].ListNo)
		require.Equal(t, 3, f.Lists[i].Rows)
		require.Equal(t, "1405-07", f.Lists[i].Period.String())
		r, err := f.Read(t.Context(), i, options(t))
		require.NoError(t, err)
		require.Equal(t, no, r.Header.ListNo)
		require.Empty(t, codesOf(r, fault.Warning))
	}
	require.NoError(t, f.Close())
}
