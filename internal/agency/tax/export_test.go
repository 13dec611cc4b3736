package tax

import (
	"bytes"
	"errors"
)

// ErrPair says that the two files do not hold the same persons in the same order.
var ErrPair = errors.New("tax: other persons")

// Pair is what a month's two files say.
type Pair struct {
	Edition int
	Persons []Person
	Pay     []Pay
	Wrong   []Wrong
}

// Read reads a pair that lies in memory.
func Read(wp, wh []byte) (*Pair, error) {
	pays, edition, err := Pays(bytes.NewReader(wh))
	if err != nil {
		return nil, err
	}
	p := &Pair{Edition: edition}
	persons := Persons(bytes.NewReader(wp), edition)
	for {
		var person Person
		var pay Pay
		somebody := persons.Next(&person)
		p.Wrong = append(p.Wrong, persons.Wrong()...)
		if persons.Err() != nil {
			return nil, persons.Err()
		}
		paid := pays.Next(&pay)
		p.Wrong = append(p.Wrong, pays.Wrong()...)
		switch {
		case pays.Err() != nil:
			return nil, pays.Err()
		case !somebody && !paid:
			return p, nil
		case somebody != paid || person.ID != pay.ID:
			return nil, ErrPair
		}
		p.Persons, p.Pay = append(p.Persons, person), append(p.Pay, pay)
	}
}
