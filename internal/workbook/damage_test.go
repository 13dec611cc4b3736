package workbook_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
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

// mutations is how many mutants a test makes: enough for every change, and what FEHREST_MUTATIONS says for a long run.
func mutations(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("FEHREST_MUTATIONS"), "2000"))
	require.NoError(t, err)
	return n
}

// mutant flips one bit, drops one byte or repeats one.
func mutant(random *rand.Rand, whole []byte) []byte {
	if len(whole) == 0 {
		return []byte{byte(random.IntN(256))}
	}
	b := bytes.Clone(whole)
	at := random.IntN(len(b))
	switch random.IntN(4) {
	case 0:
		b[at] ^= 1 << random.IntN(8)
	case 1:
		b[at] = byte(random.IntN(256))
	case 2:
		b = append(b[:at], b[at+1:]...)
	default:
		b = append(b[:at+1], b[at:]...)
	}
	return b
}

// inParallel shares n rounds out among a few tests, each with numbers of its own that are the same at every run.
func inParallel(t *testing.T, n int, round func(t *testing.T, random *rand.Rand)) {
	t.Helper()
	const shares = 8
	for share := range uint64(shares) {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(share, 14050904))
			for range (n + shares - 1) / shares {
				round(t, random)
			}
		})
	}
}

// A damaged file is refused, or its values are the same: nothing lies between.
func TestDamage_one_byte_never_changes_a_value(t *testing.T) {
	t.Parallel()
	files := goodFiles(t)
	want := make([]string, len(files))
	for i, f := range files {
		var err error
		want[i], err = dump(f.file)
		require.NoError(t, err)
	}
	var refused, rounds atomic.Int64
	inParallel(t, mutations(t), func(t *testing.T, random *rand.Rand) {
		i := random.IntN(len(files))
		got, err := dump(mutant(random, files[i].file))
		rounds.Add(1)
		if err == nil {
			require.Equal(t, want[i], got, files[i].name)
			return
		}
		refused.Add(1)
		require.ErrorAs(t, err, new(*workbook.Refusal))
	})
	t.Cleanup(func() { require.Greater(t, refused.Load(), rounds.Load()/2) })
}

// One byte of a part's own XML is changed under a right checksum, as a careless program would write it: the file is refused,
// or its values are those that a reader of whole trees finds in it.
func TestDamage_inside_a_part(t *testing.T) {
	t.Parallel()
	files := []parts{everything(), likeExcel(), likeOpenpyxl(), likeGoogle(), likeExporter(), withPrefixes(likeExcel()), withOddities()}
	for _, f := range goodFiles(t) {
		if strings.HasSuffix(f.name, ".xlsx") {
			files = append(files, unpack(t, f.file))
		}
	}
	var refused, same atomic.Int64
	inParallel(t, mutations(t), func(t *testing.T, random *rand.Rand) {
		p := files[random.IntN(len(files))]
		names := slices.DeleteFunc(p.names(), func(name string) bool { return !strings.HasPrefix(name, "xl/") || strings.Contains(name, "theme") })
		name := names[random.IntN(len(names))]
		if random.IntN(2) == 0 {
			name = "xl/worksheets/sheet1.xml"
		}
		b := p.with(name, string(mutant(random, []byte(p[name])))).store(t)
		if agrees(t, b) {
			same.Add(1)
		} else {
			refused.Add(1)
		}
	})
	t.Cleanup(func() {
		require.Positive(t, same.Load())
		require.Positive(t, refused.Load())
	})
}

func unpack(t testing.TB, file []byte) parts {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	p := parts{}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		require.NoError(t, err)
		b, err := io.ReadAll(r)
		require.NoError(t, err)
		p[f.Name] = string(b)
	}
	return p
}

// agrees tells whether a file is taken; then an independent reader must take it too and find the same rows and values.
func agrees(t testing.TB, file []byte) bool {
	t.Helper()
	ours, err := dump(file)
	if err != nil {
		require.ErrorAs(t, err, new(*workbook.Refusal))
		return false
	}
	theirs, err := oracleDump(file)
	require.NoError(t, err, ours)
	require.Equal(t, theirs, withoutWarnings(ours))
	return true
}
