package dbf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var people = Header{
	Fields: []Field{
		{Name: "CODE", Type: Character, Width: 4},
		{Name: "NAME", Type: Character, Width: 6},
		{Name: "DAYS", Type: Number, Width: 2},
		{Name: "WAGE", Type: Number, Width: 12},
		{Name: "EXTRA", Type: Character, Width: 5},
	},
	Date:    Date{Year: 2026, Month: 10, Day: 22},
	Records: 2,
}

const (
	peopleHeaderLen = 32 + 5*32 + 1
	peopleRecordLen = 1 + 4 + 6 + 2 + 12 + 5
)

// writePeople writes a table of two records into memory.
func writePeople(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, people)
	require.NoError(t, err)
	name, _ := IranSystem.Encode("علی")
	w.Text(0, []byte("0012"))
	w.Text(1, name)
	w.Int(2, 31)
	w.Int(3, 123456789012)
	w.Int(4, 0)
	require.NoError(t, w.Next())
	w.Text(0, []byte("9"))
	w.Int(2, 0)
	w.Int(3, -5)
	w.Int(4, 99999)
	require.NoError(t, w.Next())
	require.NoError(t, w.Close())
	return out.Bytes()
}

// The golden file was checked byte by byte against the agencies' templates'
// header form and read with another program.
func TestWriter_golden(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(filepath.Join("testdata", "people.dbf"))
	require.NoError(t, err)
	assert.Equal(t, want, writePeople(t))
}

func TestWriter_header(t *testing.T) {
	t.Parallel()
	b := writePeople(t)
	assert.Equal(t, []byte{0x03, 126, 10, 22, 2, 0, 0, 0, peopleHeaderLen, 0, peopleRecordLen, 0}, b[:12])
	assert.Equal(t, append(make([]byte, 17), 0x7E, 0, 0), b[12:32])
	assert.Equal(t, append([]byte("CODE\x00\x00\x00\x00\x00\x00\x00C\x01\x00\x00\x00\x04\x00"), make([]byte, 14)...), b[32:64])
	assert.Equal(t, []byte("N\x0D\x00\x00\x00\x0C\x00"), b[32+3*32+11:32+3*32+18])
	assert.Equal(t, byte(0x0D), b[peopleHeaderLen-1])
	assert.Equal(t, " 0012\xFC\xF3\xE4   311234567890120    "+" 9          0          -599999"+"\x1A", string(b[peopleHeaderLen:]))
}

func TestWriter_lengths_of_wide_tables(t *testing.T) {
	t.Parallel()
	widths := []int{10, 30, 30, 40, 1, 2, 2, 12, 30, 5, 6, 12, 12, 12, 12, 12, 12, 12, 12, 5, 2, 12, 3, 12, 12}
	h := Header{}
	for i, w := range widths {
		h.Fields = append(h.Fields, Field{Name: fmt.Sprintf("F%02d", i+1), Type: Character, Width: w})
	}
	var out bytes.Buffer
	w, err := NewWriter(&out, h)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	b := out.Bytes()
	assert.Len(t, b, 833+1)
	assert.Equal(t, []byte{833 & 0xFF, 833 >> 8, 311 & 0xFF, 311 >> 8}, b[8:12])
	assert.Equal(t, []byte{0, 0, 0}, b[1:4])
}

func TestWriter_refuses_a_layout(t *testing.T) {
	t.Parallel()
	c := func(name string, width int) Field { return Field{Name: name, Type: Character, Width: width} }
	many := make([]Field, 256)
	for i := range many {
		many[i] = c(fmt.Sprintf("F%d", i), 1)
	}
	tests := map[string]Header{
		"without fields":  {},
		"too many fields": {Fields: many},
		"no name":         {Fields: []Field{c("", 1)}},
		"a long name":     {Fields: []Field{c("ABCDEFGHIJK", 1)}},
		"a small letter":  {Fields: []Field{c("Abc", 1)}},
		"a name twice":    {Fields: []Field{c("A", 1), c("A", 1)}},
		"no width":        {Fields: []Field{c("A", 0)}},
		"a wide text":     {Fields: []Field{c("A", 255)}},
		"a wide number":   {Fields: []Field{{Name: "A", Type: Number, Width: 21}}},
		"a date field":    {Fields: []Field{{Name: "A", Type: 'D', Width: 8}}},
		"decimals":        {Fields: []Field{{Name: "A", Type: Number, Width: 8, Decimals: 2}}},
		"a Jalali year":   {Fields: []Field{c("A", 1)}, Date: Date{1405, 7, 30}},
	}
	for name, h := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewWriter(io.Discard, h)
			assert.Error(t, err)
		})
	}
}

func TestWriter_never_cuts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		set  func(w *Writer)
		want TooWideError
	}{
		"text":               {func(w *Writer) { w.Text(0, []byte("12345")) }, TooWideError{"CODE", 1, 4, 5}},
		"number":             {func(w *Writer) { w.Int(2, 100) }, TooWideError{"DAYS", 1, 2, 3}},
		"negative number":    {func(w *Writer) { w.Int(2, -10) }, TooWideError{"DAYS", 1, 2, 3}},
		"smallest number":    {func(w *Writer) { w.Int(3, -1<<63) }, TooWideError{"WAGE", 1, 12, 20}},
		"number as text":     {func(w *Writer) { w.Int(4, 100000) }, TooWideError{"EXTRA", 1, 5, 6}},
		"the first one told": {func(w *Writer) { w.Int(2, 100); w.Int(3, -1<<63) }, TooWideError{"DAYS", 1, 2, 3}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			w, err := NewWriter(&out, people)
			require.NoError(t, err)
			tt.set(w)
			var wide *TooWideError
			require.ErrorAs(t, w.Next(), &wide)
			assert.Equal(t, tt.want, *wide)
			assert.NotContains(t, wide.Error(), "12345")
			require.ErrorAs(t, w.Next(), &wide, "the error sticks")
			require.ErrorAs(t, w.Close(), &wide)
			assert.Equal(t, peopleHeaderLen, out.Len(), "no record was written")
		})
	}
}

func TestWriter_last_value_stands(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w, err := NewWriter(&out, people)
	require.NoError(t, err)
	w.Text(0, []byte("ABCD"))
	w.Text(0, []byte("X"))
	w.Int(3, 123456)
	w.Int(3, 7)
	w.Int(4, 12345)
	w.Int(4, 1)
	require.NoError(t, w.Next())
	require.NoError(t, w.Next())
	require.NoError(t, w.Close())
	assert.Equal(t, " X   "+"      "+"  "+"           7"+"1    ", string(out.Bytes()[peopleHeaderLen:][:peopleRecordLen]))
}

func TestWriter_refuses_text_in_a_number(t *testing.T) {
	t.Parallel()
	w, err := NewWriter(io.Discard, people)
	require.NoError(t, err)
	w.Text(2, []byte("1"))
	require.ErrorContains(t, w.Next(), "DAYS")
}

func TestWriter_refuses_another_count(t *testing.T) {
	t.Parallel()
	w, err := NewWriter(io.Discard, people)
	require.NoError(t, err)
	require.NoError(t, w.Next())
	require.ErrorIs(t, w.Close(), ErrCount)

	w, err = NewWriter(io.Discard, people)
	require.NoError(t, err)
	require.NoError(t, w.Next())
	require.NoError(t, w.Next())
	require.ErrorIs(t, w.Next(), ErrCount)
}

type brokenFile struct{ good int }

var errDisk = errors.New("disk full")

func (f *brokenFile) Write(b []byte) (int, error) {
	if f.good--; f.good < 0 {
		return 0, errDisk
	}
	return len(b), nil
}

func TestWriter_returns_the_files_error(t *testing.T) {
	t.Parallel()
	_, err := NewWriter(&brokenFile{}, people)
	require.ErrorIs(t, err, errDisk)

	many := people
	many.Records = 5000
	w, err := NewWriter(&brokenFile{good: 1}, many)
	require.NoError(t, err)
	for err == nil {
		err = w.Next()
	}
	require.ErrorIs(t, err, errDisk)
	require.ErrorIs(t, w.Close(), errDisk)
}

type row struct {
	number int64
	texts  []string
}

// readAll reads a whole table.
func readAll(r io.Reader) (Header, []row, int64, error) {
	t, err := NewReader(r)
	if err != nil {
		return Header{}, nil, 0, err
	}
	var rows []row
	for t.Next() {
		x := row{number: t.Record()}
		for i := range t.Header().Fields {
			x.texts = append(x.texts, string(t.Text(i)))
		}
		rows = append(rows, x)
	}
	return t.Header(), rows, t.Deleted(), t.Err()
}

func TestReader_reads_what_was_written(t *testing.T) {
	t.Parallel()
	h, rows, deleted, err := readAll(iotest.OneByteReader(bytes.NewReader(writePeople(t))))
	require.NoError(t, err)
	assert.Equal(t, people, h)
	assert.Zero(t, deleted)
	assert.Equal(t, []row{
		{1, []string{"0012", "\xFC\xF3\xE4", "31", "123456789012", "0"}},
		{2, []string{"9", "", "0", "-5", "99999"}},
	}, rows)
}

func TestReader_fields_by_name(t *testing.T) {
	t.Parallel()
	r, err := NewReader(bytes.NewReader(writePeople(t)))
	require.NoError(t, err)
	i, ok := r.Index("WAGE")
	assert.True(t, ok)
	assert.Equal(t, 3, i)
	_, ok = r.Index("NONE")
	assert.False(t, ok)
	require.True(t, r.Next())
	assert.Equal(t, "\xFC\xF3\xE4   ", string(r.Bytes(1)))
}

// edited returns the table with some bytes overwritten.
func edited(b []byte, at int, with ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[at:], with)
	return b
}

func TestReader_tolerates(t *testing.T) {
	t.Parallel()
	whole := writePeople(t)
	clipper := bytes.Clone(whole[:peopleHeaderLen])
	clipper[8]++
	clipper = append(append(clipper, 0), whole[peopleHeaderLen:]...)
	tests := map[string][]byte{
		"no end mark":                  whole[:len(whole)-1],
		"NUL padding after the end":    append(bytes.Clone(whole), 0, 0, 0),
		"two end marks":                append(bytes.Clone(whole), 0x1A),
		"another code-page byte":       edited(whole, 29, 0),
		"another date":                 edited(whole, 1, 255, 99, 99),
		"a name in small letters":      edited(whole, 32, 'c', 'o', 'd', 'e'),
		"rubbish behind a name":        edited(whole, 32+5, 'x', 'y'),
		"a name padded with spaces":    edited(whole, 32, []byte("CODE       ")...),
		"field offsets left at zero":   edited(whole, 32+12, 0, 0, 0, 0),
		"a NUL behind the terminator":  clipper,
		"a text field as date":         edited(whole, 32+11, 'D'),
		"blank fields filled with NUL": edited(whole, peopleHeaderLen+1+4+3, 0, 0, 0),
	}
	_, want, _, err := readAll(bytes.NewReader(whole))
	require.NoError(t, err)
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, rows, _, err := readAll(bytes.NewReader(b))
			require.NoError(t, err)
			assert.Equal(t, "CODE", h.Fields[0].Name)
			assert.Equal(t, want, rows)
		})
	}
}

func TestReader_skips_deleted_records(t *testing.T) {
	t.Parallel()
	_, rows, deleted, err := readAll(bytes.NewReader(edited(writePeople(t), peopleHeaderLen, '*')))
	require.NoError(t, err)
	assert.EqualValues(t, 1, deleted)
	require.Len(t, rows, 1)
	assert.EqualValues(t, 2, rows[0].number)
}

func TestReader_refuses(t *testing.T) {
	t.Parallel()
	whole := writePeople(t)
	second := peopleHeaderLen + peopleRecordLen
	end := len(whole) - 1
	at := func(n int, with ...byte) []byte { return edited(whole, n, with...) }
	tests := map[string]struct {
		table []byte
		want  FormatError
	}{
		"more records stated":             {at(4, 3), FormatError{Kind: ErrCount, Part: PartRecords, Given: 3, Expected: 2}},
		"more stated, no end mark":        {at(4, 3)[:end], FormatError{Kind: ErrCount, Part: PartRecords, Given: 3, Expected: 2}},
		"four milliards stated":           {at(4, 255, 255, 255, 255), FormatError{Kind: ErrCount, Part: PartRecords, Given: 1<<32 - 1, Expected: 2}},
		"fewer records stated":            {at(4, 1), FormatError{Kind: ErrCount, Part: PartRecords, Given: 1, Expected: 3}},
		"none stated":                     {at(4, 0), FormatError{Kind: ErrCount, Part: PartRecords, Given: 0, Expected: 3}},
		"cut in a record":                 {whole[:end-3], FormatError{Kind: ErrCount, Part: PartRecords, Given: 2, Expected: 1}},
		"cut after the header":            {whole[:peopleHeaderLen], FormatError{Kind: ErrCount, Part: PartRecords, Given: 2, Expected: 0}},
		"end mark before the last record": {at(second, 0x1A), FormatError{Kind: ErrCount, Part: PartRecords, Given: 2, Expected: 1}},
		"end mark in a record":            {at(second+3, 0x1A), FormatError{Kind: ErrCount, Part: PartEndMark, Record: 2, Given: 0x1A, Expected: -1}},
		"bytes behind the end mark":       {append(bytes.Clone(whole), 'x'), FormatError{Kind: ErrCount, Part: PartRecords, Given: 2, Expected: 3}},
		"a record that begins with text":  {at(second, 'A'), FormatError{Kind: ErrHeader, Part: PartRecordFlag, Record: 2, Given: 'A', Expected: 0x20}},

		"empty":                       {nil, FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: 0, Expected: 65}},
		"cut in the header's start":   {whole[:20], FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: 20, Expected: 65}},
		"cut in the descriptors":      {whole[:100], FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: peopleHeaderLen, Expected: 100}},
		"record length too long":      {at(10, peopleRecordLen+1), FormatError{Kind: ErrHeader, Part: PartRecordLength, Given: peopleRecordLen + 1, Expected: peopleRecordLen}},
		"record length 0":             {at(10, 0), FormatError{Kind: ErrHeader, Part: PartRecordLength, Given: 0, Expected: peopleRecordLen}},
		"record length 65535":         {at(10, 255, 255), FormatError{Kind: ErrHeader, Part: PartRecordLength, Given: 65535, Expected: peopleRecordLen}},
		"header length 0":             {at(8, 0, 0), FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: 0, Expected: -1}},
		"header length off by one":    {at(8, peopleHeaderLen-1), FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: peopleHeaderLen - 1, Expected: -1}},
		"header length a NUL too far": {at(8, peopleHeaderLen+1), FormatError{Kind: ErrHeader, Part: PartHeaderLength, Given: peopleHeaderLen + 1, Expected: peopleHeaderLen}},
		"a field fewer stated":        {at(8, peopleHeaderLen-32), FormatError{Kind: ErrHeader, Part: PartTerminator, Given: 'E', Expected: 0x0D}},
		"a field more stated":         {at(8, peopleHeaderLen+32), FormatError{Kind: ErrHeader, Part: PartFieldCount, Given: 6, Expected: 5}},
		"10,000 fields":               {at(8, 0xE1, 0xFF), FormatError{Kind: ErrHeader, Part: PartFieldCount, Given: 2046, Expected: -1}},
		"no terminator":               {at(peopleHeaderLen-1, 0), FormatError{Kind: ErrHeader, Part: PartTerminator, Given: 0, Expected: 0x0D}},
		"no field name":               {at(32, 0), FormatError{Kind: ErrHeader, Part: PartFieldName, Field: 1, Expected: -1}},
		"a name that is not ASCII":    {at(64, 0xF5), FormatError{Kind: ErrHeader, Part: PartFieldName, Field: 2, Given: 4, Expected: -1}},
		"a name twice":                {at(64, 'C', 'O', 'D', 'E'), FormatError{Kind: ErrHeader, Part: PartFieldName, Field: 2, Given: 4, Expected: -1}},
		"an unknown field type":       {at(64+11, 'X'), FormatError{Kind: ErrHeader, Part: PartFieldType, Field: 2, Given: 'X', Expected: -1}},
		"a field without width":       {at(64+16, 0), FormatError{Kind: ErrHeader, Part: PartFieldWidth, Field: 2, Given: 0, Expected: -1}},
		"another field width":         {at(64+16, 7), FormatError{Kind: ErrHeader, Part: PartRecordLength, Given: peopleRecordLen, Expected: peopleRecordLen + 1}},

		"dBASE III with memo": {at(0, 0x83), FormatError{Kind: ErrVersion, Part: PartVersion, Given: 0x83, Expected: 3}},
		"Visual FoxPro":       {at(0, 0x30), FormatError{Kind: ErrVersion, Part: PartVersion, Given: 0x30, Expected: 3}},
		"a zip file":          {[]byte("PK\x03\x04"), FormatError{Kind: ErrVersion, Part: PartVersion, Given: 'P', Expected: 3}},
		"encrypted":           {at(15, 1), FormatError{Kind: ErrVersion, Part: PartEncryption, Given: 1, Expected: 0}},
		"a memo field":        {at(64+11, 'M'), FormatError{Kind: ErrVersion, Part: PartFieldType, Field: 2, Given: 'M', Expected: -1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, _, err := readAll(bytes.NewReader(tt.table))
			var got *FormatError
			require.ErrorAs(t, err, &got)
			assert.Equal(t, tt.want, *got)
			require.ErrorIs(t, err, tt.want.Kind)
		})
	}
}

// A byte lost anywhere is refused; a byte changed in the header is refused or
// changes no value.
func TestReader_one_damaged_byte(t *testing.T) {
	t.Parallel()
	whole := writePeople(t)
	_, want, _, err := readAll(bytes.NewReader(whole))
	require.NoError(t, err)
	for at := range len(whole) - 1 {
		_, _, _, err := readAll(bytes.NewReader(slices.Delete(bytes.Clone(whole), at, at+1)))
		require.Error(t, err, "without byte %d", at)
	}
	for at := range peopleHeaderLen {
		for bit := range 8 {
			_, rows, _, err := readAll(bytes.NewReader(edited(whole, at, whole[at]^1<<bit)))
			if err == nil {
				require.Equal(t, want, rows, "byte %d, bit %d", at, bit)
			}
		}
	}
}

func TestFormatError_text(t *testing.T) {
	t.Parallel()
	err := &FormatError{Kind: ErrHeader, Part: PartRecordFlag, Field: 3, Record: 2, Given: 65, Expected: 32}
	assert.EqualError(t, err, "dbf: damaged header: record flag is 65, expected 32, field 3, record 2")
}

func TestReader_returns_the_files_error(t *testing.T) {
	t.Parallel()
	whole := writePeople(t)
	for _, n := range []int{0, 10, 100, peopleHeaderLen + 5, len(whole)} {
		broken := io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(errDisk))
		_, _, _, err := readAll(broken)
		require.ErrorIs(t, err, errDisk, "after %d bytes", n)
	}
}

func TestReader_numbers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want int64
		err  error
	}{
		"           7":         {want: 7},
		"7":                    {want: 7},
		"-12":                  {want: -12},
		"+12":                  {want: 12},
		"0012":                 {want: 12},
		"12.00":                {want: 12},
		"9223372036854775807":  {want: 1<<63 - 1},
		"9223372036854775808":  {err: ErrTooLarge},
		"99999999999999999999": {err: ErrTooLarge},
		"":                     {err: ErrBlank},
		"****":                 {err: ErrOverflow},
		"12.50":                {err: ErrNotWhole},
		"12.":                  {err: ErrNotNumber},
		".5":                   {err: ErrNotNumber},
		"1.2.3":                {err: ErrNotNumber},
		"-":                    {err: ErrNotNumber},
		"1 2":                  {err: ErrNotNumber},
		"1e3":                  {err: ErrNotNumber},
		"12*":                  {err: ErrNotNumber},
		"\x81":                 {err: ErrNotNumber},
		"--1":                  {err: ErrNotNumber},
		"1,000":                {err: ErrNotNumber},
		"0x1":                  {err: ErrNotNumber},
		"\x0012":               {want: 12},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			w, err := NewWriter(&out, Header{Fields: []Field{{Name: "N", Type: Character, Width: 20}}, Records: 1})
			require.NoError(t, err)
			w.Text(0, []byte(text))
			require.NoError(t, w.Next())
			require.NoError(t, w.Close())
			table := edited(out.Bytes(), 32+11, Number)
			r, err := NewReader(bytes.NewReader(table))
			require.NoError(t, err)
			require.True(t, r.Next())
			got, err := r.Int(0)
			require.ErrorIs(t, err, tt.err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestTable_survives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		widths := rapid.SliceOfN(rapid.IntRange(1, 30), 1, 8).Draw(t, "widths")
		h := Header{Records: rapid.Uint32Range(0, 6).Draw(t, "records")}
		for i, width := range widths {
			h.Fields = append(h.Fields, Field{Name: fmt.Sprintf("F%d", i), Type: Character, Width: width})
			if rapid.Bool().Draw(t, "number") {
				h.Fields[i].Type, h.Fields[i].Width = Number, min(width, 18)
			}
		}
		var out bytes.Buffer
		w, err := NewWriter(&out, h)
		require.NoError(t, err)
		var want []row
		for n := range h.Records {
			x := row{number: int64(n) + 1}
			for i, f := range h.Fields {
				digits := rapid.StringMatching(fmt.Sprintf(`[1-9][0-9]{0,%d}`, f.Width-1)).Draw(t, "value")
				x.texts = append(x.texts, digits)
				if f.Type == Number {
					var v int64
					_, err := fmt.Sscan(digits, &v)
					require.NoError(t, err)
					w.Int(i, v)
				} else {
					w.Text(i, []byte(digits))
				}
			}
			require.NoError(t, w.Next())
			want = append(want, x)
		}
		require.NoError(t, w.Close())
		got, rows, _, err := readAll(&out)
		require.NoError(t, err)
		require.Equal(t, h, got)
		require.Equal(t, want, rows)
	})
}

// Whatever the bytes are, a table that is read to its end accounts for every
// record its header states.
func FuzzReader(f *testing.F) {
	whole := writePeople(f)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(edited(whole, peopleHeaderLen, '*'))
	f.Add(edited(whole, 8, 255, 255))
	f.Add([]byte(strings.Repeat("\x03", 65)))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		var seen int64
		for r.Next() {
			seen++
			for i := range r.Header().Fields {
				_, _ = r.Int(i)
				IranSystem.Decode(r.Text(i))
			}
		}
		if r.Err() == nil && seen+r.Deleted() != int64(r.Header().Records) {
			t.Fatalf("%d read and %d deleted of %d", seen, r.Deleted(), r.Header().Records)
		}
	})
}
