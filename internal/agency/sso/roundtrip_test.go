package sso

import (
	"slices"
	"testing"

	"fehrest/internal/dbf"
	"fehrest/internal/jalali"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var mehr = jalali.Month{Year: 1405, Month: 7}

// drawn fills a record with values that its own table holds, in letters that every encoding keeps.
func drawn[R any](t *rapid.T, layout []field[R]) (row R) {
	for _, f := range layout {
		switch v := f.at(&row).(type) {
		case *string:
			if f.form == code {
				*v = rapid.StringMatching(`[0-9A-Z]{0,3}`).Draw(t, f.name)
				continue
			}
			*v = written(dbf.CP1256, rapid.StringMatching(`[آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی]{1,9}( [A-Z]{1,3}| [0-9]{1,4}|-[بدر]{2}| \([سش]+\)){0,2}`).Draw(t, f.name), f.width)
		case *int64:
			*v = rapid.Int64Range(0, tenTo(f.width)-1).Draw(t, f.name)
		}
	}
	return row
}

func TestRead_gives_back_every_record(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		enc := rapid.SampledFrom([]dbf.Encoding{dbf.IranSystem, dbf.CP1256}).Draw(t, "encoding")
		layout := rapid.SampledFrom([]Layout{V65, V27}).Draw(t, "layout")
		karFields, worFields := edition(karLayout, layout), edition(worLayout, layout)
		if rapid.Bool().Draw(t, "wide") {
			worFields = widened(worFields)
		}
		want := drawn(t, karFields)
		want.ContractRow = "001"
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Wor {
			w := drawn(t, worFields)
			w.Sex, w.Nationality = rapid.SampledFrom([]string{"مرد", "زن"}).Draw(t, "sex"), "ایرانی"
			return w
		}), 1, 4).Draw(t, "rows")
		kar, err := write(karFields, 1, one(&want), enc, mehr)
		require.NoError(t, err)
		wor, err := write(worFields, len(rows), pointers(rows), enc, mehr)
		require.NoError(t, err)
		p, err := Read(kar, wor)
		require.NoError(t, err)
		require.Equal(t, &Pair{Kar: []Kar{want}, Wor: rows, Encoding: enc}, p)
	})
}

func pointers[R any](rows []R) func(yield func(*R) bool) {
	return func(yield func(*R) bool) {
		for i := range rows {
			if !yield(&rows[i]) {
				return
			}
		}
	}
}

// The third layout that circulates has other widths and further columns, names of its own and identifiers in Persian
// digits: columns are found by name.
func TestRead_goes_by_names_whatever_the_layout(t *testing.T) {
	t.Parallel()
	kar := []field[Kar]{
		{"DSK_NAME", words, 100, false, func(k *Kar) any { return &k.Name }},
		{"DSK_TBIM20", number, 12, false, func(k *Kar) any { return &k.Kind }},
		{"DSK_ID", words, 20, false, func(k *Kar) any { return &k.ID }},
		{"DSK_YY", number, 4, false, func(k *Kar) any { return &k.Year }},
	}
	wor := []field[Wor]{
		{"PER_NATCOD", words, 10, false, func(w *Wor) any { return &w.NationalCode }},
		{"DSW_SEX", words, 5, false, func(w *Wor) any { return &w.Sex }},
		{"DSW_LNAME", words, 25, false, func(w *Wor) any { return &w.LastName }},
		{"DSW_SDATE", code, 10, false, func(w *Wor) any { return &w.StartDate }},
		{"DSW_SPOUSE", number, 19, false, func(w *Wor) any { return &w.Marriage }},
		{"DSW_IDNO", words, 15, false, func(w *Wor) any { return &w.IDNumber }},
	}
	k, err := write(kar, 1, one(&Kar{Name: "کارگاه", ID: "۰۱۲۳۴۵۶۷۸۹", Year: 1405}), dbf.IranSystem, mehr)
	require.NoError(t, err)
	w, err := write(wor, 1, one(&Wor{NationalCode: "۰۰۸۴۵۷۵۹۴۸", Sex: "زن", LastName: "رضایی", StartDate: "05/07/16", Marriage: 5, IDNumber: "الف۱۲"}), dbf.IranSystem, mehr)
	require.NoError(t, err)
	p, err := Read(k, w)
	require.NoError(t, err)
	require.Equal(t, Kar{Name: "کارگاه", ID: "0123456789", Year: 1405}, p.Kar[0])
	require.Equal(t, Wor{NationalCode: "0084575948", Sex: "زن", LastName: "رضایی", StartDate: "05/07/16", Marriage: 5, IDNumber: "الف۱۲"}, p.Wor[0])
}

func TestRead_names_what_it_cannot_read(t *testing.T) {
	t.Parallel()
	kar, err := write(karLayout, 1, one(&Kar{Name: "کارگاه"}), dbf.IranSystem, mehr)
	require.NoError(t, err)
	wor, err := write(worLayout, 1, one(&Wor{Sex: "زن", Total: 123_456}), dbf.IranSystem, mehr)
	require.NoError(t, err)

	damaged := slices.Clone(wor)
	copy(damaged[len(damaged)-100:], "x")
	twelve := []byte("      123456")
	at := len(wor) - 1 - 469 + indexOf(wor[len(wor)-470:], twelve)
	damaged = slices.Clone(wor)
	damaged[at+10] = 'x'
	p, err := Read(kar, damaged)
	require.NoError(t, err)
	require.Equal(t, []Wrong{{Field: "DSW_TOTL", Given: "123x56", Err: dbf.ErrNotNumber}}, p.Wrong)

	_, err = Read(kar, wor[:len(wor)-100])
	require.ErrorIs(t, err, dbf.ErrCount)

	marks, err := write(worLayout, 1, one(&Wor{Sex: "??", LastName: "????"}), dbf.IranSystem, mehr)
	require.NoError(t, err)
	_, err = Read(kar, marks)
	require.ErrorIs(t, err, dbf.ErrQuestionMarks)
}

func indexOf(b, part []byte) int {
	for i := range b {
		if len(b)-i >= len(part) && string(b[i:i+len(part)]) == string(part) {
			return i - 1
		}
	}
	return -1
}

func FuzzRead(f *testing.F) {
	for _, enc := range []dbf.Encoding{dbf.IranSystem, dbf.CP1256} {
		kar, err := write(karLayout, 1, one(&Kar{Name: "کارگاه"}), enc, mehr)
		require.NoError(f, err)
		wor, err := write(worLayout, 1, one(&Wor{Sex: "زن", LastName: "رضایی"}), enc, mehr)
		require.NoError(f, err)
		f.Add(kar, wor)
	}
	f.Fuzz(func(t *testing.T, kar, wor []byte) {
		if p, err := Read(kar, wor); err == nil {
			require.NotNil(t, p)
		}
	})
}

func TestClean_takes_out_what_the_guide_forbids(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"علی":             "علی",
		" علی ":           "علی",
		"شرکت \"نو\"":     "شرکت نو",
		"الف & ب":         "الف ب",
		"A&B":             "AB",
		"علی\r\nرضا":      "علی  رضا",
		"<>":              "",
		"\u200cنو\u200c ": "نو",
		"a '' b":          "a b",
	} {
		require.Equal(t, want, clean(s), s)
	}
}

func TestLetters_agrees_with_the_encoder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		enc := rapid.SampledFrom([]dbf.Encoding{dbf.IranSystem, dbf.CP1256}).Draw(t, "encoding")
		s := rapid.StringMatching(`[\x{600}-\x{6FF}A-Za-z0-9 '"<>&().\x{200c}«é]{0,20}`).Draw(t, "text")
		n, ok := letters(enc, s)
		if !ok {
			return
		}
		b, loss := enc.Encode(s)
		require.LessOrEqual(t, len(b), n)
		require.Empty(t, loss.Letters)
		require.Empty(t, loss.Spaced)
		require.Equal(t, s, clean(s))
	})
}

func TestRead_tells_letters_from_digits_by_the_encoding(t *testing.T) {
	t.Parallel()
	require.Equal(t, "پ12", text(dbf.CP1256, mixed, []byte("\x8112")), "the byte is a digit in Iran System only")
	require.Equal(t, "112", text(dbf.IranSystem, mixed, []byte("\x8112")))
}
