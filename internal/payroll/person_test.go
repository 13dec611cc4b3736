package payroll_test

import (
	"fmt"
	"testing"

	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestPersonKey_is_the_person_and_back(t *testing.T) {
	t.Parallel()
	seen := map[payroll.PersonKey]string{}
	for _, person := range []string{"0012345679", "12345679", "012345679", "F12345678", "F012345678", "F99999999999999", "F00000000", "00000000", "9999999999"} {
		k, ok := payroll.KeyOfPerson(person)
		require.True(t, ok, person)
		require.Equal(t, person, k.String())
		require.Empty(t, seen[k], person)
		seen[k] = person
	}
	for _, none := range []string{"", "F", "123456789012345", "12345678a", "1:", "۱۲۳"} {
		_, ok := payroll.KeyOfPerson(none)
		require.False(t, ok, none)
	}
	l := payroll.Line{NationalCode: "0012345679"}
	k, ok := l.PersonKey()
	require.True(t, ok)
	require.Equal(t, l.Person(), k.String())
	l = payroll.Line{Nationality: "افغانستان", ForeignerCode: "123456789012", NationalCode: "0012345679"}
	k, ok = l.PersonKey()
	require.True(t, ok)
	require.Equal(t, l.Person(), k.String())
	require.Equal(t, "123456789012", k.Code())
	short, _ := payroll.InsuranceNumber("0012345678").Key()
	long, _ := payroll.InsuranceNumber("12345678").Key()
	require.Equal(t, long, short)
}

func TestPersonIndex_keeps_the_first_number_of_each(t *testing.T) {
	t.Parallel()
	var x payroll.PersonIndex
	_, ok := x.Of(1)
	require.False(t, ok)
	const many = 20_000
	key := func(i int) payroll.PersonKey {
		k, ok := payroll.KeyOfPerson(fmt.Sprintf("%010d", i*1_000))
		require.True(t, ok)
		return k
	}
	for i := range many {
		first, added := x.Add(key(i), i+1)
		require.True(t, added)
		require.Equal(t, i+1, first)
	}
	require.Equal(t, many, x.Len())
	for i := range many {
		first, added := x.Add(key(i), -1)
		require.False(t, added)
		require.Equal(t, i+1, first)
		n, ok := x.Of(key(i))
		require.True(t, ok)
		require.Equal(t, i+1, n)
	}
	_, ok = x.Of(key(many))
	require.False(t, ok)
	_, added := x.Add(0, 1)
	require.False(t, added)
}
