package intake

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

var (
	codeInName  = regexp.MustCompile(`(?:^|[^0-9])([0-9]{10})(?:[^0-9]|$)`)
	monthInName = regexp.MustCompile(`(?:^|[^0-9])(1[34][0-9]{2})[-_ /]?(0[1-9]|1[0-2])(?:[^0-9]|$)`)
	yearInName  = regexp.MustCompile(`(?:^|[^0-9])(1[34][0-9]{2})(?:[^0-9]|$)`)
)

// monthWords are the months as sheets are called, folded, from the first of the year.
var monthWords = foldAll("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")

func foldAll(words ...string) []string {
	for i, w := range words {
		words[i] = string(fold(nil, []byte(w)))
	}
	return words
}

// guess takes the workshop's code and the month from the names of the file and of the list's sheet where the file's cells do
// not tell them, and says so.
func (in *input) guess() {
	h, name := &in.result.Header, string(asciiDigits(nil, []byte(in.o.Name)))
	if m := codeInName.FindStringSubmatch(name); m != nil && !in.told(payroll.KeyWorkshopCode) {
		h.Workshop = payroll.WorkshopCode(m[1])
		in.found(payroll.KeyWorkshopCode, m[1], "file name")
	}
	month, why := in.monthOfSheet(name)
	switch {
	case h.Given.Has(payroll.KeyPeriod):
		if !month.IsZero() && !h.Period.IsZero() && month.Month != h.Period.Month {
			in.result.Guesses = append(in.result.Guesses, Guess{
				What: "sheet", Found: in.sheet, Why: "the sheet is called after another month than the list's, " + h.Period.String(),
			})
		}
		return
	case month.IsZero():
		month, why = monthIn(name), "file name"
	}
	if !month.IsZero() && !in.told(payroll.KeyPeriod) {
		h.Period = month
		in.found(payroll.KeyPeriod, month.String(), why)
	}
}

// told tells whether the file, or the sender beside it, says the key.
func (in *input) told(key payroll.HeaderID) bool {
	return in.result.Header.Given.Has(key) || in.o.Workshop != nil && in.o.Workshop.Given.Has(key)
}

func (in *input) found(key payroll.HeaderID, value, why string) {
	in.result.Header.Given.Add(key)
	in.result.Guesses = append(in.result.Guesses, Guess{What: key.Info().Key, Found: value, Why: why})
}

// monthIn finds a year and month written in digits.
func monthIn(name string) jalali.Month {
	m := monthInName.FindStringSubmatch(name)
	if m == nil {
		return jalali.Month{}
	}
	month, err := jalali.ParseMonth(m[1] + m[2])
	if err != nil {
		return jalali.Month{}
	}
	return month
}

// monthOfSheet is the month that the list's sheet is called after, the zero Month for none. Its year is that of the sheet's
// name, of the file's, or the latest in which the month had begun by today.
func (in *input) monthOfSheet(file string) (m jalali.Month, why string) {
	sheet := string(asciiDigits(nil, []byte(in.sheet)))
	if m := monthIn(sheet); !m.IsZero() {
		return m, "sheet name"
	}
	number := 0
	for word := range strings.FieldsFuncSeq(sheet, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) }) {
		if i := slices.Index(monthWords, string(fold(nil, []byte(word)))); i >= 0 && number == 0 {
			number = i + 1
		} else if i >= 0 {
			return m, "" // two months are none
		}
	}
	if number == 0 {
		return m, ""
	}
	year, why := yearIn(sheet), "sheet name"
	if year == 0 {
		year, why = yearIn(file), "sheet name; the year is that of the file name"
	}
	if year == 0 && !in.o.Today.IsZero() {
		year, why = in.o.Today.Year, "sheet name; the year is the latest in which the month has begun"
		if number > in.o.Today.Month {
			year--
		}
	}
	m, err := jalali.NewMonth(year, number)
	if err != nil {
		return jalali.Month{}, ""
	}
	return m, why
}

func yearIn(name string) int {
	m := yearInName.FindStringSubmatch(name)
	if m == nil {
		return 0
	}
	year, _ := strconv.Atoi(m[1]) // four digits
	return year
}
