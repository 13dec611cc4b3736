package sso

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"fehrest/internal/payroll"
)

// Imprint tells whether two lists of one identity come to the same files, line by line and without making them: their sums
// are equal only then.
type Imprint struct {
	agency Agency
	part   part
	hash   hash.Hash
	layout []field[Wor]
	odd    bool // a value that no file can hold: it equals nothing
}

// NewImprint begins with what the files take from the workshop sheet.
func (a Agency) NewImprint(h *payroll.Header) *Imprint {
	m := &Imprint{agency: a, part: a.part(h, h.ListNo, nil, &sums{}), hash: sha256.New(), layout: widened(edition(worLayout, a.Layout))}
	kar, err := write(edition(karLayout, a.Layout), 1, one(&m.part.kar), a.Encoding, h.Period)
	m.add(kar, err)
	return m
}

// Add takes the next line in row order; one that the organisation does not get changes nothing.
func (m *Imprint) Add(f *payroll.Filed) {
	if !onLane(f) {
		return
	}
	var w Wor
	m.agency.record(&w, &m.part, f)
	m.add(write(m.layout, 1, one(&w), m.agency.Encoding, m.part.period))
	// The employer's shares stand in the totals only.
	x := &f.Assessed
	_ = binary.Write(m.hash, binary.BigEndian, [...]int64{int64(x.EmployerPremium), int64(x.Unemployment), int64(x.HardJob)})
}

func (m *Imprint) add(record []byte, err error) {
	m.odd = m.odd || err != nil
	_, _ = m.hash.Write(record)
}

// Equal tells whether both come to the same files.
func (m *Imprint) Equal(n *Imprint) bool {
	return !m.odd && !n.odd && string(m.hash.Sum(nil)) == string(n.hash.Sum(nil))
}
