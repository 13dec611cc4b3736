package workbook_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"fehrest/internal/workbook"

	"github.com/stretchr/testify/require"
)

// everything is a small workbook with every kind of cell.
func everything() parts {
	return book(`<cols><col min="2" max="2" hidden="1"/></cols><sheetData><row r="1" hidden="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>` +
		`<row r="2"><c r="A2"><v>150000000</v></c><c r="B2" s="1"><v>45736</v></c><c r="C2" t="inlineStr"><is><t>a_x000D_&amp;</t></is></c><c r="D2" t="b"><v>1</v></c></row>` +
		`<row r="3"><c><v>7</v></c><c t="str"><f>A1</f><v>علی</v></c><c t="e"><v>#N/A</v></c></row></sheetData><mergeCells><mergeCell ref="A5:B6"/></mergeCells>`)
}

// A damaged file is refused, or its values are the same: nothing lies between.
func TestDamage_one_byte_never_changes_a_value(t *testing.T) {
	t.Parallel()
	whole := everything().pack(t)
	want, err := dump(whole)
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 3000 {
		b := bytes.Clone(whole)
		at := random.IntN(len(b))
		switch random.IntN(3) {
		case 0:
			b[at] ^= 1 << random.IntN(8)
		case 1:
			b = append(b[:at], b[at+1:]...)
		default:
			b = append(b[:at+1], b[at:]...)
		}
		got, err := dump(b)
		if err == nil {
			require.Equal(t, want, got, "byte %d", at)
			continue
		}
		refused++
		require.ErrorAs(t, err, new(*workbook.Refusal))
	}
	require.Greater(t, refused, 2000)
}

// The sheet's own XML damaged under a right checksum, as a careless program would write it: any answer but a panic,
// a library's error or a cell in another row.
func TestDamage_inside_the_sheet(t *testing.T) {
	t.Parallel()
	const name = "xl/worksheets/sheet1.xml"
	p := everything()
	random := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		b := []byte(p[name])
		at := random.IntN(len(b))
		b[at] = byte(random.IntN(256))
		if _, err := dump(p.with(name, string(b)).pack(t)); err != nil {
			require.ErrorAs(t, err, new(*workbook.Refusal))
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(everything().pack(f))
	for _, h := range hostileFiles(f) {
		if len(h.file) < 8<<10 {
			f.Add(h.file)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) { readAny(t, b) })
}

// FuzzSheet fuzzes the tokeniser and the cells behind a directory that is whole.
func FuzzSheet(f *testing.F) {
	const name = "xl/worksheets/sheet1.xml"
	p := everything()
	f.Add(p[name], p["xl/sharedStrings.xml"])
	f.Fuzz(func(t *testing.T, sheet, texts string) {
		readAny(t, p.with(name, sheet).with("xl/sharedStrings.xml", texts).pack(t))
	})
}

// readAny holds what must be true of any bytes at all.
func readAny(t *testing.T, b []byte) {
	bk, err := workbook.Open(bytes.NewReader(b), int64(len(b)), workbook.Limits{Total: 32 << 20, Part: 16 << 20})
	for err == nil && len(bk.Sheets) > 0 {
		row := 0
		_, err = bk.Rows(bk.Sheets[0], func(r *workbook.Row) error {
			column := -1
			if r.Number <= row {
				return errors.New("rows go back")
			}
			row = r.Number
			for _, c := range r.Cells {
				if c.Column <= column || c.Column > 255 || c.HasValue == (c.Kind == workbook.Blank) {
					return errors.New("cells go back")
				}
				column = c.Column
			}
			return nil
		})
		bk.Sheets = bk.Sheets[1:]
	}
	var r *workbook.Refusal
	if err != nil && !errors.As(err, &r) {
		t.Fatal(err)
	}
}
