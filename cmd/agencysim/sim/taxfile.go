package sim

import (
	"bytes"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// taxField is how one column of WP or WH is judged.
type taxField struct {
	form     fieldForm
	from, to int    // enumeration bounds, or the greatest length of text in letters
	blank    bool   // may be empty
	only     string // the one value release one of the live edition carries
}

type fieldForm int

const (
	formText fieldForm = iota
	formCode
	formDate
	formAmount
	formDigits // digits of exactly from to to characters
	formID     // judged with the nationality
)

// wpFields is the persons' file, the same in the 1403 and the live edition.
var wpFields = []taxField{
	{form: formCode, from: 1, to: 2},
	{form: formID},
	{to: 15},
	{to: 50},
	{to: 15, blank: true},
	{form: formDate, blank: true},
	{to: 15, blank: true},
	{to: 100, blank: true},
	{form: formCode, from: 1, to: 7, blank: true},
	{form: formCode, from: 1, to: 5},
	{form: formDigits, from: 1, to: 10, blank: true},
	{to: 15, blank: true},
	{form: formCode, from: 1, to: 11},
	{form: formDigits, from: 3, to: 3, blank: true},
	{form: formDigits, from: 3, to: 3, blank: true},
	{form: formDigits, from: 10, to: 10, blank: true},
	{to: 200, blank: true},
	{form: formCode, from: 1, to: 20, blank: true},
	{to: 30, blank: true},
	{form: formCode, from: 1, to: 12, blank: true},
	{form: formDate, blank: true},
	{form: formDate, blank: true},
	{form: formDate, blank: true},
}

// whFields returns the pay file's columns of an edition: 39 from 1404, 35 in
// 1403, nil where no file is accepted.
func whFields(m month) []taxField {
	amount := taxField{form: formAmount}
	f := []taxField{
		{form: formID},
		{form: formCode, from: 1, to: 3, only: "1"},
		{form: formCode, from: 1, to: 4},
		{form: formCode, from: 1, to: 5},
		{form: formCode, from: 84, to: 84},
		{form: formCode, from: 1, to: 1},
		amount, amount,
		{form: formCode, from: 1, to: 3},
		amount,
		{form: formCode, from: 1, to: 3},
	}
	n := 39
	switch {
	case m.year < 1403:
		return nil
	case m.year == 1403:
		n = 35
	}
	for len(f) < n {
		f = append(f, amount)
	}
	return f
}

// taxLine is one line of WP or WH: its values, the first at index 1 so that
// they go by the administration's numbers.
type taxLine struct {
	record int
	values []string
}

func (l taxLine) get(n int) string {
	if n < len(l.values) {
		return l.values[n]
	}
	return ""
}

// amount is 0 where the value is no amount; that was reported when read.
func (l taxLine) amount(n int) int64 {
	v, err := strconv.ParseInt(l.get(n), 10, 64)
	if err != nil {
		return 0
	}
	return v
}

// taxLines goes through a file's lines that have the wanted number of fields,
// and reports the others as it meets them.
func taxLines(data []byte, fields int, c *collector) iter.Seq[taxLine] {
	return func(yield func(taxLine) bool) {
		rest := bytes.TrimPrefix(data, []byte("\uFEFF"))
		if !utf8.Valid(rest) {
			c.add("SIM-40", "", 0, "", "bytes that are not UTF-8", "UTF-8")
			return
		}
		end := []byte("\r\n")
		if len(rest) > 0 && !bytes.HasSuffix(rest, end) {
			c.add("SIM-40", "", bytes.Count(rest, end[1:])+1, "", "a cut last line", "CRLF at the end")
		}
		for record := 1; len(rest) > 0; record++ {
			var text []byte
			text, rest, _ = bytes.Cut(rest, end)
			if bytes.ContainsAny(text, "\r\n") {
				c.add("SIM-40", "", record, "", "a line ended otherwise", "CRLF")
				continue
			}
			if n := bytes.Count(text, []byte(",")) + 1; n != fields {
				c.add("SIM-41", "", record, "", strconv.Itoa(n), strconv.Itoa(fields))
				continue
			}
			if !yield(taxLine{record: record, values: strings.Split(","+string(text), ",")}) {
				return
			}
		}
	}
}

// checkFields judges each value of a line by its column's form.
func (l taxLine) checkFields(prefix string, fields []taxField, person string, c *collector) {
	for i, f := range fields {
		value, name := l.get(i+1), prefix+strconv.Itoa(i+1)
		if value == "" {
			if !f.blank && f.form != formID {
				code := map[fieldForm]string{formText: "SIM-48", formCode: "SIM-44", formAmount: "SIM-47"}[f.form]
				c.add(code, name, l.record, person, "", "a value")
			}
			continue
		}
		if code, expected := f.judge(value); code != "" {
			c.add(code, name, l.record, person, value, expected)
		}
	}
}

// judge returns the code and the expected form when the value is not of it.
func (f taxField) judge(v string) (code, expected string) {
	switch f.form {
	case formText:
		if utf8.RuneCountInString(v) > f.to {
			return "SIM-48", fmt.Sprintf("at most %d letters", f.to)
		}
		for _, r := range v {
			if unicode.IsControl(r) || r == '\u200E' || r == '\u200F' || r == '\uFEFF' {
				return "SIM-48", "no control or direction marks"
			}
		}
	case formCode:
		n, err := strconv.Atoi(v)
		if err != nil || n < f.from || n > f.to || strconv.Itoa(n) != v || f.only != "" && v != f.only {
			if f.only != "" {
				return "SIM-44", f.only
			}
			return "SIM-44", fmt.Sprintf("%d to %d", f.from, f.to)
		}
	case formDate:
		if _, ok := parseDay(v); !ok {
			return "SIM-46", "a Jalali date yyyymmdd"
		}
	case formAmount:
		if !digits(v) || len(v) > 18 || len(v) > 1 && v[0] == '0' {
			return "SIM-47", "whole rials, digits only"
		}
	case formDigits:
		if !digits(v) || len(v) < f.from || len(v) > f.to {
			return "SIM-45", fmt.Sprintf("%d to %d digits", f.from, f.to)
		}
	}
	return "", ""
}
