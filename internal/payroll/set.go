package payroll

import "math/bits"

// ColumnSet is a set of columns. The zero set is empty.
type ColumnSet [2]uint64

// Has tells whether the column is in the set.
func (s ColumnSet) Has(id ColumnID) bool { return s[id>>6]&(1<<(id&63)) != 0 }

// Add puts the column into the set.
func (s *ColumnSet) Add(id ColumnID) { s[id>>6] |= 1 << (id & 63) }

// Any tells whether one of the columns is in the set.
func (s ColumnSet) Any(ids ...ColumnID) bool {
	for _, id := range ids {
		if s.Has(id) {
			return true
		}
	}
	return false
}

// SetOf is the set of the columns.
func SetOf(ids ...ColumnID) (s ColumnSet) {
	for _, id := range ids {
		s.Add(id)
	}
	return s
}

// Meets tells whether the sets share a column.
func (s ColumnSet) Meets(t ColumnSet) bool { return s[0]&t[0]|s[1]&t[1] != 0 }

// Union is the set of the columns of either.
func (s ColumnSet) Union(t ColumnSet) ColumnSet { return ColumnSet{s[0] | t[0], s[1] | t[1]} }

// Without is the set less the columns of t.
func (s ColumnSet) Without(t ColumnSet) ColumnSet { return ColumnSet{s[0] &^ t[0], s[1] &^ t[1]} }

// Len counts the columns of the set.
func (s ColumnSet) Len() int { return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) }

// HeaderSet is a set of keys of the workshop sheet. The zero set is empty.
type HeaderSet uint32

// Has tells whether the key is in the set.
func (s HeaderSet) Has(id HeaderID) bool { return s&(1<<id) != 0 }

// Add puts the key into the set.
func (s *HeaderSet) Add(id HeaderID) { *s |= 1 << id }
