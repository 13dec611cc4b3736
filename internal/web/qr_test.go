package web

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQRCode_of_what_is_too_long_is_none(t *testing.T) {
	t.Parallel()
	require.NotEmpty(t, qrCode(`{"held_rows": [`+strings.Repeat("1, ", 1200)+`1]}`).path, "white space is left out")
	require.Empty(t, qrCode(`{"held_rows": [`+strings.Repeat("12345, ", 1200)+`1]}`).path)
	require.Empty(t, qrCode("no document").path)
}
