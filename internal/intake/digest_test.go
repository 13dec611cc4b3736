package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"testing"

	"fehrest/internal/intake"

	"github.com/stretchr/testify/require"
)

func digests(t testing.TB, file []byte) (of [][]byte) {
	t.Helper()
	f, err := intake.Open(context.Background(), bytes.NewReader(file), int64(len(file)), intake.Options{Temp: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	for i := range f.Lists {
		d, err := f.Digest(i)
		require.NoError(t, err)
		of = append(of, d)
	}
	return of
}

func TestFile_Digest_of_a_list_alone_is_that_of_the_file(t *testing.T) {
	t.Parallel()
	file := good().bytes(t)
	sum := sha256.Sum256(file)
	require.Equal(t, [][]byte{sum[:]}, digests(t, file))
}

func TestFile_Digest_of_a_list_stays_when_another_of_its_sheet_changes(t *testing.T) {
	t.Parallel()
	was := digests(t, threeWorkshops().bytes(t))
	now := digests(t, threeWorkshops().at(1, "نام", "مریم").bytes(t))
	require.Len(t, was, 2)
	require.Equal(t, was[0], now[0])
	require.NotEqual(t, was[1], now[1])
	require.NotEqual(t, was[0], was[1])
	header := digests(t, threeWorkshops().set("نام کارگاه", "کارگاه دیگر").bytes(t))
	require.NotEqual(t, was[0], header[0], "what is said of the workshop is of the list too")
}

func TestFile_Digest_of_a_member_is_that_of_the_file_sent_alone(t *testing.T) {
	t.Parallel()
	member := good().bytes(t)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string][]byte{"a.xlsx": member, "b.xlsx": threeWorkshops().bytes(t)} {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	sum := sha256.Sum256(member)
	of := digests(t, b.Bytes())
	require.Len(t, of, 3)
	require.Contains(t, of, sum[:])
}
