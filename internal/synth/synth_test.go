package synth_test

import (
	"math/rand/v2"
	"testing"

	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

func TestList_is_the_same_for_the_same_seed_and_holds_valid_codes(t *testing.T) {
	t.Parallel()
	book, err := law.Load()
	require.NoError(t, err)
	m := jalali.Month{Year: 1405, Month: 7}
	p, ok := book.On(m)
	require.True(t, ok)
	o := synth.Options{Seed: 7, Workers: 300, Header: payroll.Header{Period: m}, Law: p}
	lines := synth.List(o)
	require.Equal(t, lines, synth.List(o))
	for _, l := range lines {
		require.Equal(t, payroll.Valid, l.NationalCode.Check())
		require.Equal(t, payroll.Valid, l.InsuranceNumber.Check())
		require.Equal(t, payroll.Valid, l.JobCode.Check())
		require.GreaterOrEqual(t, l.DailyWage, p.MinimumDailyWage.Value)
	}
	require.Equal(t, payroll.Valid, synth.Employer(rand.New(rand.NewPCG(1, 2))).Check())
}

func TestClients_are_the_same_for_the_same_seed_and_come_in_every_shape(t *testing.T) {
	t.Parallel()
	book, err := law.Load()
	require.NoError(t, err)
	m := jalali.Month{Year: 1405, Month: 7}
	p, ok := book.On(m)
	require.True(t, ok)
	invent := func() (files []synth.ClientFile) {
		for f, err := range synth.Clients(synth.ClientOptions{Seed: 3, Clients: len(synth.Shapes()), Period: m, Law: p, Largest: 5}) {
			require.NoError(t, err)
			files = append(files, f)
		}
		return files
	}
	files := invent()
	require.Equal(t, files, invent())
	var shapes []synth.Shape
	for _, f := range files {
		if f.Shape != "" {
			shapes = append(shapes, f.Shape)
		}
	}
	require.Equal(t, synth.Shapes(), shapes)
	require.Len(t, files, len(shapes)+1, "one client keeps his answers beside his list")
}
