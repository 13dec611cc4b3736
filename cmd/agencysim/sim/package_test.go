package sim

import (
	"archive/zip"
	"bytes"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unfolding is a package of one file that says it has so many bytes, and has
// them.
func unfolding(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(karName)
	require.NoError(t, err)
	for zeros := make([]byte, 1<<20); size > 0; size -= len(zeros) {
		_, err = w.Write(zeros)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestPackageOfOtherFilesThanItsPairRefused(t *testing.T) {
	t.Parallel()
	f := ssoTestFiles()
	kar, wor := entry{f.karName, f.kar}, entry{f.worName, f.wor}
	crowd := make([]entry, maxEntries+1)
	for i := range crowd {
		crowd[i].name = strconv.Itoa(i)
	}
	lies := pack(t, kar, wor)
	at := bytes.Index(lies, []byte("PK\x01\x02")) + 24 // the size it says it has
	lies[at]++
	for name, body := range map[string][]byte{
		"a file twice":                 pack(t, entry{f.karName, nil}, kar, wor),
		"a file twice in other case":   pack(t, kar, wor, entry{"dskwor00.dbf", f.wor}),
		"half a pair":                  pack(t, kar),
		"another file":                 pack(t, kar, wor, entry{"READ.ME", nil}),
		"one pair in a folder":         pack(t, entry{"1/" + kar.name, kar.data}, entry{"1/" + wor.name, wor.data}),
		"above its folder":             pack(t, entry{"../" + kar.name, kar.data}, entry{"../" + wor.name, wor.data}),
		"more entries than lists have": pack(t, crowd...),
		"a size that is not its own":   lies,
		"more than it may unfold to":   unfolding(t, maxUnpacked+1),
		"nothing":                      pack(t),
		"no ZIP":                       []byte("PK"),
	} {
		c := &collector{}
		judgeSSO(ssoParts(openPackage("x.zip", body, c), c), nil, testRates(t), c)
		require.NotEmpty(t, c.all, name)
		assert.Equal(t, "SIM-01", c.all[0].Code, name)
		assert.Less(t, len(c.all), 10, name)
	}
}
