package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReruns_count_from_the_kill_that_a_job_lies_since(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return time.Unix(1_700_000_000+int64(s), 0) }
	var r reruns
	_, found := r.judge(at(0))
	require.Len(t, found, 1, "nothing was in hand: nothing is proved")

	r.note([]int64{1, 2}, at(0))
	require.Equal(t, []int64{1, 2}, r.seen(map[int64]time.Time{1: at(-3)}), "begun before the kill")
	r.note([]int64{2, 3}, at(10))
	require.Equal(t, []int64{3}, r.seen(map[int64]time.Time{1: at(20), 2: at(61), 3: at(5)}))
	require.Empty(t, r.seen(map[int64]time.Time{3: at(70), 1: at(100)}))
	longest, found := r.judge(at(200))
	require.Equal(t, 61*time.Second, longest)
	require.Len(t, found, 1)
	require.Contains(t, found[0].String(), "job 2")

	r.note([]int64{4}, at(200))
	longest, found = r.judge(at(265))
	require.Equal(t, 65*time.Second, longest)
	require.Len(t, found, 2, "one that never ran again is one too")
	r.forget([]int64{2, 4})
	_, found = r.judge(at(265))
	require.Len(t, found, 1, "it had ended with its program")
}
