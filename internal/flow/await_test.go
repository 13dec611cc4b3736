package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (s *stage) await(list, want string) {
	s.t.Helper()
	var got string
	defer func() { s.t.Log(got) }()
	require.Eventually(s.t, func() bool {
		rows, err := s.Store.Jobs().Query(context.Background(), "SELECT key, state, reason FROM shared.deliveries ORDER BY key")
		if err != nil {
			return false
		}
		defer rows.Close()
		got = ""
		n, done := 0, 0
		for rows.Next() {
			var k, st, re string
			_ = rows.Scan(&k, &st, &re)
			got += fmt.Sprintln(k, st, re)
			n++
			if st == "accepted" {
				done++
			}
		}
		return n == 3 && done == 3
	}, 8*time.Second, 50*time.Millisecond, "%s", "x")
}

var _ = testing.Short
