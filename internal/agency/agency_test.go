package agency_test

import (
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestZip_gives_the_same_bytes_for_the_same_files(t *testing.T) {
	t.Parallel()
	files := []payroll.File{{Name: "DSKKAR00.DBF", Bytes: []byte("a")}, {Name: "DSKWOR00.DBF", Bytes: []byte("b")}}
	a, err := agency.Zip(files)
	require.NoError(t, err)
	b, err := agency.Zip(files)
	require.NoError(t, err)
	require.Equal(t, agency.Digest(a), agency.Digest(b))
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const good = `{"id":"01900000-0000-7000-8000-000000000001","key":"k","digest":"d","reference":"r","state":"accepted","decided_at":"2026-11-06T10:00:00Z",
		"findings":[],"payments":[{"list_no":"01","slip":"1","amount":5,"due":"","state":"open"}],"workers":null,"later":1}`
	a, err := agency.Decode([]byte(good))
	require.NoError(t, err)
	require.Equal(t, payroll.AnswerAccepted, a.State)
	require.Nil(t, a.Workers)
	for _, bad := range []string{
		"", "{}", good + "{}", `[1]`, `{"id":"x"}`,
		`{"id":"01900000-0000-7000-8000-000000000001","key":"k","digest":"d","state":"received","decided_at":"2026-11-06T10:00:00Z"}`,
	} {
		_, err := agency.Decode([]byte(bad))
		require.ErrorIs(t, err, agency.ErrAnswer, bad)
	}
}
