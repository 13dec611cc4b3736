package web_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPage_shows_what_became_of_each_list_of_a_file(t *testing.T) {
	t.Parallel()
	d := sit(t)
	home := d.signIn()
	zipped := func(members ...[]byte) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i, m := range members {
			w, err := z.Create(string(rune('a'+i)) + ".xlsx")
			require.NoError(t, err)
			_, err = w.Write(m)
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		return b.Bytes()
	}
	p := d.upload(home.button(t), "all.zip", zipped(d.workbook(d.good), d.workbook(d.faulty), []byte("no list")))
	require.Equal(t, http.StatusOK, p.status, p.html)
	require.Contains(t, p.path, "/uploads/")
	require.Contains(t, p.html, "این فایل ۳ لیست دارد")
	require.Contains(t, p.html, "۲ لیست رد شد")
	require.Contains(t, p.html, string(d.good.Header.Workshop))
	require.Contains(t, p.html, "FILE-03", "of what could not be read nothing is kept: it is told here")

	// Where every list was refused the answer is theirs, and the page still shows each.
	all := d.upload(d.open("/").button(t), "all.zip", zipped(d.workbook(d.faulty), []byte("no list")))
	require.Equal(t, http.StatusOK, all.status)
	require.Contains(t, all.html, "۲ لیست رد شد")
	require.Equal(t, http.StatusNotFound, d.open("/uploads/none").status)
}
