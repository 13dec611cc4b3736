package rule

import (
	"unicode"
	"unicode/utf8"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// History is what registers hold beside the list at hand. Its user fills it before Begin; the zero History knows of nothing.
// It holds some forty bytes a person it was told of, besides his name.
type History struct {
	NoListBefore bool // no list of the month before came (LIST-05)

	// Collected names the payment slip of the list to be replaced that was collected, where the new list's files for the SSO
	// would differ; "" where none was. It is asked once, after the last line; nil: nothing is replaced.
	Collected func() (slip string)

	// Ask tells what stands of persons in lists that are not this workshop's of this month and the month before. It is asked
	// for the list's persons after the last line, a part of them at a time, and tells of them in any order, of one as often as
	// it likes. Nil tells nothing.
	Ask func(persons []string, tell func(*Elsewhere))

	past   []Past // of the month before, in the order they were added
	pastOf payroll.PersonIndex
	names  []byte
	same   []SameMonth
	sameOf payroll.PersonIndex
}

// Past is a person as the month before has him in the workshop's list of the contract row.
type Past struct {
	Row       int
	DailyWage rial.Amount // 0: none was given
	EndDate   jalali.Date
	Expected  bool // he stands in the list that this one follows, so that his absence is told (HIST-01)

	key       payroll.PersonKey
	nameAt    int
	nameBytes int
}

// SameMonth is what the workshop's other lists of this month hold of a person: his rows, and what of them the SSO gets.
type SameMonth struct {
	Rows      int
	Days      int
	Insurable rial.Amount
}

// Elsewhere is what stands of a person in other lists; what is not known is zero.
type Elsewhere struct {
	Person   string // as Line.Person names him
	Identity *Identity
	Days     int // insured, in lists of other workshops and this month
	Codes    *OtherCodes
}

// Identity is who a person is by the newest list of the employer that an organisation accepted, or that was imported.
type Identity struct {
	FirstName, LastName, FatherName string
	BirthDate                       jalali.Date
}

// OtherCodes are the codes of a person in another list of the tax month, blank for the default.
type OtherCodes struct {
	PlaceStatus, BudgetException, HousingUse, CarUse string
	// Where the list is, in words for a sender who may see it; blank for one who may not.
	FA, EN string
}

// AddPast tells of a person of the month before. Who is told of twice stands as he was told of first.
func (h *History) AddPast(person string, p Past, name string) {
	k, ok := payroll.KeyOfPerson(person)
	if !ok {
		return
	}
	if _, added := h.pastOf.Add(k, len(h.past)); !added {
		return
	}
	p.key, p.nameAt, p.nameBytes = k, len(h.names), len(name)
	h.names = append(h.names, name...)
	h.past = append(h.past, p)
}

// AddSameMonth adds what another list of the workshop and month holds of a person.
func (h *History) AddSameMonth(person string, m SameMonth) {
	k, ok := payroll.KeyOfPerson(person)
	if !ok {
		return
	}
	at, added := h.sameOf.Add(k, len(h.same))
	if added {
		h.same = append(h.same, m)
		return
	}
	s := &h.same[at]
	s.Rows += m.Rows
	s.Days += m.Days
	s.Insurable = s.Insurable.Add(m.Insurable)
}

// SameMonth is what the workshop's other lists of this month hold of a person.
func (h *History) SameMonth(k payroll.PersonKey) (m SameMonth) {
	if at, ok := h.sameOf.Of(k); ok {
		m = h.same[at]
	}
	return m
}

func (h *History) pastOfLine(l *payroll.Line) *Past {
	if k, ok := l.PersonKey(); ok {
		if at, ok := h.pastOf.Of(k); ok {
			return &h.past[at]
		}
	}
	return nil
}

func (h *History) name(p *Past) string { return string(h.names[p.nameAt : p.nameAt+p.nameBytes]) }

// sameName compares names as a person does: spaces, half-spaces, hyphens, dots, a stretched letter and the hamza's seat make no
// difference.
func sameName(a, b string) bool {
	for {
		x, restOfA := nextLetter(a)
		y, restOfB := nextLetter(b)
		if x != y {
			return false
		}
		if x == 0 {
			return true
		}
		a, b = restOfA, restOfB
	}
}

func nextLetter(s string) (letter rune, rest string) {
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		switch r {
		case ' ', '\u200c', '-', '.', '\u00a0', 'ء', 'ـ':
			continue
		case 'أ', 'إ', 'آ':
			return 'ا', s
		case 'ؤ':
			return 'و', s
		case 'ئ', 'ي', 'ى':
			return 'ی', s
		case 'ة', 'ۀ':
			return 'ه', s
		case 'ك':
			return 'ک', s
		}
		if !unicode.Is(unicode.Mn, r) {
			return unicode.ToLower(r), s
		}
	}
	return 0, ""
}
