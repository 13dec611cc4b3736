package intake

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// reading is what one cell says.
type reading struct {
	blank  bool
	text   []byte // of a text, name or code of digits; valid until the next cell
	code   string // of a coded value
	number int64  // of money and counts
	date   jalali.Date
	month  jalali.Month
	runes  int
	traits trait

	entry     *fault.Entry // the one finding of the cell, nil for none
	expected  string
	suggested string
	with      []string

	changed bool   // the value is not what the cell holds: CELL-11
	before  string // what the cell holds, where that is not its stored text
}

// valueReader reads cells by their rules.
type valueReader struct {
	scanner
	x       reading // the last cell's
	digits  []byte
	scratch []byte
}

// read reads a cell. latin tells whether a name may be in Latin letters; it is asked only when one is.
func (v *valueReader) read(rule *valueRule, c *workbook.Cell, latin func() bool) *reading {
	v.x = reading{}
	x := &v.x
	switch {
	case c.Kind == workbook.Error:
		x.entry = codeCell02
		return x
	case c.Formula && !c.HasValue:
		x.entry = codeCell01
		return x
	case c.Kind == workbook.Blank || len(c.Text) == 0:
		x.blank = true
		return x
	}
	switch rule.form {
	case payroll.Money, payroll.Count:
		v.readNumber(c)
	case payroll.Date:
		v.readDate(c)
	case payroll.Month:
		v.readMonth(c)
	case payroll.Coded, payroll.YesNo, payroll.NoYes, payroll.Lanes:
		v.readCode(rule, c)
	case payroll.Digits:
		v.readDigits(rule, c)
	default:
		v.readText(rule, c, latin)
	}
	return x
}

// clean scans the cell's text; ok is false where nothing is left to read.
func (v *valueReader) clean(c *workbook.Cell) (text []byte, ok bool) {
	x := &v.x
	if c.Kind != workbook.Text {
		return c.Text, true
	}
	if plain(c.Text) {
		x.runes, x.traits = len(c.Text), other
		return c.Text, true
	}
	s := v.scan(c.Text)
	x.runes, x.traits = s.runes, s.traits
	switch {
	case s.traits&forbidden != 0:
		x.entry = codeCell07
		return nil, false
	case len(s.text) == 0:
		x.blank = true
		return nil, false
	}
	x.changed = !bytes.Equal(s.text, c.Text)
	return s.text, true
}

// plain tells whether a text is digits, slashes and hyphens only, as codes and dates are.
func plain(b []byte) bool {
	for _, c := range b {
		if c < '-' || c > '9' {
			return false
		}
	}
	return true
}

func (v *valueReader) readNumber(c *workbook.Cell) {
	x := &v.x
	if c.Kind == workbook.Bool {
		x.entry, x.before, x.with = codeCell03, boolWord(c.Text), []string{"hint_fa", "", "hint_en", ""}
		return
	}
	if len(c.Text) <= 12 && allDigits(c.Text) {
		for _, d := range c.Text {
			x.number = x.number*10 + int64(d-'0')
		}
		return
	}
	text, ok := v.clean(c)
	if !ok {
		return
	}
	n, changed, why := parseNumber(text)
	if why == aNumber && c.Kind == workbook.Text && pointed.Match(text) {
		why = notNumber // of 560.000 nobody knows whether it is 560 or, as many write it, a thousand times as much
	}
	x.number, x.changed = n, x.changed || changed && c.Kind == workbook.Text
	if why != aNumber {
		x.entry, x.changed = numberEntries[why], false
	}
	if why == notNumber {
		hint := numberHint(text)
		x.with, x.suggested = []string{"hint_fa", hint.FA, "hint_en", hint.EN}, suggestNumber(text)
	}
}

func boolWord(text []byte) string {
	if string(text) == "1" {
		return "TRUE"
	}
	return "FALSE"
}

// plainNumber writes a number cell as digits, so that 12345679.0 and 1.2345679E7 are the same code.
func (v *valueReader) plainNumber(c *workbook.Cell, text []byte) []byte {
	if c.Kind != workbook.Number && c.Kind != workbook.Date {
		return text
	}
	n, _, why := parseNumber(text)
	if why != aNumber && why != tooLong {
		return text
	}
	v.digits = strconv.AppendInt(v.digits[:0], n, 10)
	return v.digits
}

func (v *valueReader) readDate(c *workbook.Cell) {
	x := &v.x
	if c.Kind == workbook.Date {
		d, shown, err := dayOfCell(c.Text)
		if err != nil {
			x.entry, x.expected = codeDate02, dateForm
			return
		}
		x.date, x.before, x.changed = d, shown, true
		return
	}
	text, ok := v.clean(c)
	if !ok {
		return
	}
	text = v.plainNumber(c, text)
	v.scratch = asciiDigits(v.scratch[:0], text)
	x.changed = x.changed || !bytes.Equal(v.scratch, text)
	d, err := parseJalali(v.scratch)
	switch {
	case err == nil:
		x.date = d
		return
	case errors.Is(err, jalali.ErrNoSuchDay):
		x.entry, x.expected = codeDate01, lastDay(v.scratch)
		x.with = monthEnds(x.expected)
	default:
		x.entry, x.expected, x.suggested = codeDate02, dateForm, suggestDay(c, v.scratch)
	}
	x.changed = false
}

// monthEnds are the words of DATE-01 for a month that ends before the day.
func monthEnds(last string) []string {
	if last == "" {
		return []string{"hint_fa", "", "hint_en", ""}
	}
	return []string{"hint_fa", "؛ آخرین روز آن ماه " + last + " است", "hint_en", "; that month ends on " + last}
}

const (
	dateForm  = "1404/01/01"
	monthForm = "1405-07"
)

// suggestDate converts a Gregorian date that stands in a Jalali column. It is shown, never taken.
func suggestDate(text []byte) string {
	t, err := time.Parse(time.DateOnly, string(bytes.ReplaceAll(text, []byte("/"), []byte("-"))))
	if err != nil {
		return ""
	}
	d, err := jalali.FromTime(t)
	if err != nil {
		return ""
	}
	return d.String()
}

func (v *valueReader) readMonth(c *workbook.Cell) {
	x := &v.x
	text, ok := v.clean(c)
	if !ok {
		return
	}
	text = v.plainNumber(c, text)
	v.scratch = asciiDigits(v.scratch[:0], text)
	m, err := jalali.ParseMonth(string(v.scratch))
	if err != nil {
		x.entry, x.expected, x.changed = codeDate02, monthForm, false
		return
	}
	x.changed = x.changed || !bytes.Equal(v.scratch, text)
	x.month = m
}

func (v *valueReader) readCode(rule *valueRule, c *workbook.Cell) {
	x := &v.x
	text, ok := v.clean(c)
	if !ok {
		return
	}
	x.changed = false // the code is what counts, not how its word was typed
	switch {
	case c.Kind == workbook.Bool && rule.form != payroll.YesNo && rule.form != payroll.NoYes:
		ok = false
		x.before = boolWord(c.Text)
	default:
		text = v.plainNumber(c, text)
		x.code, ok, v.scratch = rule.codes.code(text, v.scratch)
	}
	if !ok {
		x.entry, x.expected = codeCell13, rule.codes.shown
	}
}

func (v *valueReader) readDigits(rule *valueRule, c *workbook.Cell) {
	x := &v.x
	text, ok := v.clean(c)
	if !ok {
		return
	}
	if c.Kind == workbook.Bool {
		text = []byte(boolWord(c.Text))
	}
	text = v.plainNumber(c, text)
	if allDigits(text) {
		v.scratch = append(v.scratch[:0], text...)
	} else {
		v.scratch = asciiDigits(v.scratch[:0], text)
		x.changed = x.changed || !bytes.Equal(v.scratch, text)
	}
	x.text = v.pad(rule, c, v.scratch)
	if rule.low > 0 && (len(x.text) < rule.low || len(x.text) > rule.high || !allDigits(x.text)) {
		x.entry, x.expected, x.changed = codeCell13, rule.expected, false
	}
}

// pad puts back the zeros that a number cell lost.
func (v *valueReader) pad(rule *valueRule, c *workbook.Cell, text []byte) []byte {
	if rule.padTo == 0 || len(text) < rule.padFrom || len(text) >= rule.padTo || c.Kind == workbook.Text && !rule.padText || !allDigits(text) {
		return text
	}
	v.x.changed = true
	if c.Kind != workbook.Text {
		v.x.before = string(text)
	}
	zeros := rule.padTo - len(text)
	for range zeros {
		text = append(text, '0')
	}
	copy(text[zeros:], text)
	for i := range zeros {
		text[i] = '0'
	}
	return text
}

func (v *valueReader) readText(rule *valueRule, c *workbook.Cell, latinAllowed func() bool) {
	x := &v.x
	text, ok := v.clean(c)
	if !ok {
		return
	}
	switch c.Kind {
	case workbook.Bool:
		text = []byte(boolWord(c.Text))
		x.traits, x.runes = latin, len(text)
	case workbook.Text:
		if rule.digits && x.traits&other != 0 {
			v.scratch = asciiDigits(v.scratch[:0], text)
			x.changed = x.changed || !bytes.Equal(v.scratch, text)
			text = v.scratch
		}
	default:
		v.scratch = append(v.scratch[:0], v.plainNumber(c, text)...)
		text = v.pad(rule, c, v.scratch)
		x.traits, x.runes = other, len(text)
	}
	switch {
	case rule.form == payroll.Name && (x.traits&other != 0 || x.traits&latin != 0 && !latinAllowed() || x.traits&^space != 0 && !lettered(text)):
		x.entry = codeCell09
	case x.traits&five != 0 && rule.form == payroll.Name:
		x.entry = codeCell08
	case x.traits&five != 0:
		text = withoutFive(text)
		x.runes = len(bytes.Runes(text))
		x.changed = true
	}
	if x.entry == nil && rule.limit > 0 && x.runes > rule.limit {
		x.entry, x.expected = codeCell10, strconv.Itoa(rule.limit)
	}
	x.text, x.blank = text, len(text) == 0
}

// given is the cell as its sender knows it.
func (x *reading) given(c *workbook.Cell) string {
	if x.before != "" {
		return x.before
	}
	return string(c.Text)
}

// after is the value as it is taken, for CELL-11.
func (x *reading) after(form payroll.Form) string {
	switch form {
	case payroll.Money, payroll.Count:
		return strconv.FormatInt(x.number, 10)
	case payroll.Date:
		return x.date.String()
	case payroll.Month:
		return x.month.String()
	}
	return string(x.text)
}

// iranian are the folded words for the nationality that is also taken where none is given.
var iranian = []string{"ایرانی", "ایران", "iranian", "iran", "ir"}

func (v *valueReader) isIranian(word []byte) bool {
	if string(word) == payroll.Iranian {
		return true
	}
	v.scratch = fold(v.scratch[:0], word)
	return slices.Contains(iranian, string(v.scratch))
}
