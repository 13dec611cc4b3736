package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProofs_each_have_their_drill(t *testing.T) {
	t.Parallel()
	for _, p := range proofs {
		require.True(t, slices.ContainsFunc(drills, func(d drill) bool { return d.name == p.drill }), "%s is to be seen by %s, which is no drill", p.tag, p.drill)
	}
}

func TestProof_needs_both_the_sound_build_to_hold_and_the_broken_one_to_fail(t *testing.T) {
	t.Parallel()
	p := proof{tag: "bad_key", drill: "silence", invariant: "I2"}
	require.Equal(t, "| bad_key | silence | I2 | [I2 I3] | held | proved |", p.row(true, []string{"I2", "I3"}, true))
	require.Equal(t, "| bad_key | silence | I2 | [] | failed | NOT PROVED |", p.row(false, nil, false))
}
