package intake

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
)

//go:embed aliases.csv
var aliasFile string

// role says what a column of the list sheet is to the reader.
type role uint8

const (
	unknown   role = iota // not in any table: its values are read by no one (SHEET-05)
	column                // a column of the list
	header                // a key of the workshop sheet that payrolls repeat in every row
	control               // compared, never taken (LIST-10)
	ignored               // known and not read
	ambiguous             // a question (MAP-01)
	whole                 // first and last name in one cell, split because the sender's mapping says so
)

// meaning is what a header stands for.
type meaning struct {
	role       role
	column     payroll.ColumnID
	header     payroll.HeaderID
	control    controlColumn
	candidates []string // of an ambiguous header, as the alias table writes them
}

// wholeName is the key of a saved mapping for first and last name in one cell.
const wholeName = "first_name+last_name"

// ignoredKey is the key of a saved mapping for a column that is not to be read.
const ignoredKey = "ignored"

// The alias tables: on the two sheets the same word may name different keys.
var (
	listWords     = aliasTable(listMeaning, listLabels)
	workshopWords = aliasTable(workshopMeaning, workshopLabels)
)

// listMeaning is what a key of the alias table or of a saved mapping is on the list sheet.
func listMeaning(key string) (meaning, bool) {
	if id, ok := payroll.ColumnOf(key); ok {
		return meaning{role: column, column: id}, true
	}
	if c, ok := controlOf(key); ok {
		return meaning{role: control, control: c}, true
	}
	switch key {
	case ignoredKey:
		return meaning{role: ignored}, true
	case wholeName:
		return meaning{role: whole}, true
	}
	if id, ok := payroll.HeaderOf(key); ok {
		return meaning{role: header, header: id}, true
	}
	return meaning{}, false
}

func workshopMeaning(key string) (meaning, bool) {
	id, ok := payroll.HeaderOf(key)
	return meaning{role: header, header: id}, ok
}

func listLabels(add func(key, label string)) {
	for _, c := range payroll.Columns() {
		add(c.Key, c.Label)
	}
}

func workshopLabels(add func(key, label string)) {
	for _, k := range payroll.HeaderKeys() {
		add(k.Key, k.Label)
	}
}

// aliasTable indexes keys, labels and the alias file by their normal form. Where a word names a column and a key of the
// workshop sheet, the sheet's own comes first.
func aliasTable(mean func(string) (meaning, bool), labels func(add func(key, label string))) map[string]meaning {
	table := map[string]meaning{}
	labels(func(key, label string) {
		m, _ := mean(key)
		table[normal(key)], table[normal(label)] = m, m
	})
	for _, row := range aliasRows() {
		m, ok := mean(row[0])
		if !ok {
			continue
		}
		if row[2] != "" {
			m = meaning{role: ambiguous, candidates: candidates(row[0], row[2])}
		}
		word := normal(row[1])
		if had, taken := table[word]; !taken || had.role == header && m.role != header {
			table[word] = m
		}
		if _, taken := table[normal(row[0])]; !taken && row[2] == "" {
			table[normal(row[0])] = m
		}
	}
	return table
}

// candidates are the possible readings of an ambiguous word. The file leaves out the key itself where it tells what else
// it may be.
func candidates(key, others string) []string {
	c := strings.Split(others, ";")
	if key == wholeName {
		return slices.Insert(c, 0, wholeName)
	}
	return c
}

// aliasRows is the alias file without its first line: key, alias, candidates.
func aliasRows() [][]string {
	r := csv.NewReader(strings.NewReader(aliasFile))
	r.FieldsPerRecord = 3
	rows, err := r.ReadAll()
	if err != nil {
		panic("intake: aliases.csv: " + err.Error())
	}
	return rows[1:]
}

// ErrMapKey says that a saved mapping names a key that no sheet has.
var ErrMapKey = fmt.Errorf("intake: unknown key in the mapping")

// CheckMap tells whether every value of a mapping of headers is a key of the list sheet, "ignored", or
// "first_name+last_name" for a cell that holds both.
func CheckMap(m map[string]string) error {
	for _, key := range m {
		if _, ok := listMeaning(key); !ok {
			return fmt.Errorf("%w: %q", ErrMapKey, key)
		}
	}
	return nil
}

// candidateColumns are the columns that an ambiguous header may be: none of them is called missing.
func (m meaning) candidateColumns() (s payroll.ColumnSet) {
	for _, c := range m.candidates {
		for key := range strings.SplitSeq(c, "+") {
			if id, ok := payroll.ColumnOf(key); ok {
				s.Add(id)
			}
		}
	}
	return s
}

// say names the candidates in both languages.
func (m meaning) say() fault.Text {
	var fa, en []string
	for _, c := range m.candidates {
		if id, ok := payroll.ColumnOf(c); ok {
			fa = append(fa, id.Info().Label+" ("+c+")")
		} else if words, ok := candidateWords[c]; ok {
			fa = append(fa, words)
		} else {
			fa = append(fa, c)
		}
		en = append(en, c)
	}
	return fault.Text{FA: strings.Join(fa, " یا "), EN: strings.Join(en, " or ")}
}

// candidateWords are the candidates that are no key.
var candidateWords = map[string]string{
	"last day worked":                    "آخرین روز کار",
	"monthly seniority":                  "پایه سنوات ماهانه",
	"monthly seniority: divided by days": "پایه سنوات ماهانه (تقسیم بر روزهای کارکرد)",
	"child and marriage":                 "حق اولاد و حق تأهل با هم",
	"total premium":                      "حق بیمه کل",
	"split by a saved mapping":           "نگاشت ذخیره‌شده‌ای که نام را جدا کند",
	ignoredKey:                           "ستونی که خوانده نمی‌شود",
	wholeName:                            "نام و نام خانوادگی در یک خانه",
}
