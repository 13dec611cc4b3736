package sso

import (
	"bytes"

	"fehrest/internal/dbf"
)

// Pair is what a pair of files says.
type Pair struct {
	Kar      []Kar
	Wor      []Wor
	Encoding dbf.Encoding
	Wrong    []Wrong
}

// Read reads a pair that lies in memory.
func Read(kar, wor []byte) (*Pair, error) {
	enc, err := EncodingOf(bytes.NewReader(wor))
	if err != nil {
		return nil, err
	}
	p := &Pair{Encoding: enc}
	kars, err := Kars(bytes.NewReader(kar), enc)
	if err != nil {
		return nil, err
	}
	if p.Kar, err = all(kars, p); err != nil {
		return nil, err
	}
	wors, err := Wors(bytes.NewReader(wor), enc)
	if err != nil {
		return nil, err
	}
	p.Wor, err = all(wors, p)
	return p, err
}

func all[R any](x *Records[R], p *Pair) (rows []R, err error) {
	var row R
	for x.Next(&row) {
		rows = append(rows, row)
		p.Wrong = append(p.Wrong, x.Wrong()...)
	}
	return rows, x.Err()
}
