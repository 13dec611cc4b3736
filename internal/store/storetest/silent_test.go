package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// heard counts what a test was told of.
type heard struct {
	testing.TB
	errors int
}

func (h *heard) Helper() {}

func (h *heard) Errorf(string, ...any) { h.errors++ }

func TestRequireSilent(t *testing.T) {
	t.Parallel()
	for said, told := range map[string]int{
		`level=INFO msg="delivery not acknowledged" delivery=01a2121b-5cb0-7208-a230-5f32a8347364 attempt=3`: 0,
		`took=1301210643 at=2026-11-25T10:07:26.257Z`:                                                        0,
		`error="store: add line: ERROR: (SQLSTATE 23505) Key (code)=(0084575948)"`:                           1,
		`deliver {"owner": "0084575948"}`:                                                                    1,
		"name=زهرا":                                                                                          1,
		`{"first_name": "\u0632"}`:                                                                           1,
		"0012345679 5600000":                                                                                 2,
		"Put https://gateway.example/v1/deliveries/tax.10380284790.0.1405-07.1 broke":                        1,
	} {
		h := &heard{TB: t}
		requireSilent(h, "the log", said)
		require.Equal(t, told, h.errors, said)
	}
	require.NotContains(t, ownerOf.ReplaceAllString(`deliver {"owner": "0084575948", "delivery": "1"}`, ""), "0084575948", "a workshop's code is no person's")
}
