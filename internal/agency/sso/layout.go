// Package sso makes and reads the files of the Social Security Organization (سازمان تأمین اجتماعی): the pair DSKKAR00.DBF and
// DSKWOR00.DBF of a list. Source: the templates of ListDisk v2.7 and v6.5 and the organisation's file guide of 1392/08/15.
package sso

import (
	"slices"

	"fehrest/internal/dbf"
)

// Names of the two files.
const (
	KarName = "DSKKAR00.DBF"
	WorName = "DSKWOR00.DBF"
)

// Layout is an edition of the pair. The zero Layout is the newest.
type Layout uint8

// The editions that are written: v6.5 adds the two fields of seniority and marriage to v2.7, nothing else differs.
const (
	V65 Layout = iota // 25 and 29 fields
	V27               // 23 and 27 fields
)

// Kar is the one record of DSKKAR00: the workshop's month.
type Kar struct {
	ID, Name, Farm, Address, ListNo, Description, ContractRow string

	Kind, Year, Month, Workers, Days, Rate, PremiumRate              int64
	DailyWage, MonthlyWage, Benefits, Insurable, Total               int64
	WorkerPremium, EmployerPremium, Unemployment, HardJob, Seniority int64
	Marriage                                                         int64
}

// Wor is one record of DSKWOR00: a worker.
type Wor struct {
	ID, ListNo, InsuranceNumber, FirstName, LastName, FatherName, IDNumber, IssuePlace, IssueDate, BirthDate string
	Sex, Nationality, Occupation, StartDate, EndDate, Job, NationalCode                                      string

	Year, Month, Days, DailyWage, MonthlyWage, Benefits, Insurable, Total int64
	WorkerPremium, PremiumRate, Seniority, Marriage                       int64
}

// form says how a column's value lies in the file.
type form uint8

const (
	number form = iota // N, a whole number at the right
	digits             // C, a whole number as text at the left
	code               // C, ASCII as it is: identifiers, dates
	words              // C, in the file's encoding
	mixed              // C, an identifier that may hold letters: as code without them, as words with them
)

// field is one column of a file: how it is written in each edition and where its value lies, for writing and for reading.
// at points to *string or *int64.
type field[R any] struct {
	name  string
	form  form
	width int
	newer bool // not in v2.7
	at    func(*R) any
}

var karLayout = []field[Kar]{
	{"DSK_ID", code, 10, false, func(k *Kar) any { return &k.ID }},
	{"DSK_NAME", words, 30, false, func(k *Kar) any { return &k.Name }},
	{"DSK_FARM", words, 30, false, func(k *Kar) any { return &k.Farm }},
	{"DSK_ADRS", words, 40, false, func(k *Kar) any { return &k.Address }},
	{"DSK_KIND", number, 1, false, func(k *Kar) any { return &k.Kind }},
	{"DSK_YY", number, 2, false, func(k *Kar) any { return &k.Year }},
	{"DSK_MM", number, 2, false, func(k *Kar) any { return &k.Month }},
	{"DSK_LISTNO", code, 12, false, func(k *Kar) any { return &k.ListNo }},
	{"DSK_DISC", words, 30, false, func(k *Kar) any { return &k.Description }},
	{"DSK_NUM", number, 5, false, func(k *Kar) any { return &k.Workers }},
	{"DSK_TDD", number, 6, false, func(k *Kar) any { return &k.Days }},
	{"DSK_TROOZ", number, 12, false, func(k *Kar) any { return &k.DailyWage }},
	{"DSK_TMAH", number, 12, false, func(k *Kar) any { return &k.MonthlyWage }},
	{"DSK_TMAZ", number, 12, false, func(k *Kar) any { return &k.Benefits }},
	{"DSK_TMASH", number, 12, false, func(k *Kar) any { return &k.Insurable }},
	{"DSK_TTOTL", number, 12, false, func(k *Kar) any { return &k.Total }},
	{"DSK_TBIME", number, 12, false, func(k *Kar) any { return &k.WorkerPremium }},
	{"DSK_TKOSO", number, 12, false, func(k *Kar) any { return &k.EmployerPremium }},
	{"DSK_BIC", number, 12, false, func(k *Kar) any { return &k.Unemployment }},
	{"DSK_RATE", number, 5, false, func(k *Kar) any { return &k.Rate }},
	{"DSK_PRATE", number, 2, false, func(k *Kar) any { return &k.PremiumRate }},
	{"DSK_BIMH", number, 12, false, func(k *Kar) any { return &k.HardJob }},
	{"MON_PYM", code, 3, false, func(k *Kar) any { return &k.ContractRow }},
	{"DSK_INC", number, 12, true, func(k *Kar) any { return &k.Seniority }},
	{"DSK_SPOUSE", number, 12, true, func(k *Kar) any { return &k.Marriage }},
}

var worLayout = []field[Wor]{
	{"DSW_ID", code, 10, false, func(w *Wor) any { return &w.ID }},
	{"DSW_YY", number, 2, false, func(w *Wor) any { return &w.Year }},
	{"DSW_MM", number, 2, false, func(w *Wor) any { return &w.Month }},
	{"DSW_LISTNO", code, 12, false, func(w *Wor) any { return &w.ListNo }},
	{"DSW_ID1", code, insuranceNumber, false, func(w *Wor) any { return &w.InsuranceNumber }},
	{"DSW_FNAME", words, 60, false, func(w *Wor) any { return &w.FirstName }},
	{"DSW_LNAME", words, 60, false, func(w *Wor) any { return &w.LastName }},
	{"DSW_DNAME", words, 60, false, func(w *Wor) any { return &w.FatherName }},
	{"DSW_IDNO", mixed, 15, false, func(w *Wor) any { return &w.IDNumber }},
	{"DSW_IDPLC", words, 30, false, func(w *Wor) any { return &w.IssuePlace }},
	{"DSW_IDATE", code, 8, false, func(w *Wor) any { return &w.IssueDate }},
	{"DSW_BDATE", code, 8, false, func(w *Wor) any { return &w.BirthDate }},
	{"DSW_SEX", words, 3, false, func(w *Wor) any { return &w.Sex }},
	{"DSW_NAT", words, 10, false, func(w *Wor) any { return &w.Nationality }},
	{"DSW_OCP", words, 50, false, func(w *Wor) any { return &w.Occupation }},
	{"DSW_SDATE", code, 8, false, func(w *Wor) any { return &w.StartDate }},
	{"DSW_EDATE", code, 8, false, func(w *Wor) any { return &w.EndDate }},
	{"DSW_DD", number, 2, false, func(w *Wor) any { return &w.Days }},
	{"DSW_ROOZ", number, 12, false, func(w *Wor) any { return &w.DailyWage }},
	{"DSW_MAH", number, 12, false, func(w *Wor) any { return &w.MonthlyWage }},
	{"DSW_MAZ", number, 12, false, func(w *Wor) any { return &w.Benefits }},
	{"DSW_MASH", number, 12, false, func(w *Wor) any { return &w.Insurable }},
	{"DSW_TOTL", number, 12, false, func(w *Wor) any { return &w.Total }},
	{"DSW_BIME", number, 12, false, func(w *Wor) any { return &w.WorkerPremium }},
	{"DSW_PRATE", number, 2, false, func(w *Wor) any { return &w.PremiumRate }},
	{"DSW_JOB", code, 6, false, func(w *Wor) any { return &w.Job }},
	{"PER_NATCOD", code, 10, false, func(w *Wor) any { return &w.NationalCode }},
	{"DSW_INC", number, 12, true, func(w *Wor) any { return &w.Seniority }},
	{"DSW_SPOUSE", digits, 10, true, func(w *Wor) any { return &w.Marriage }},
}

// DSW_ID1 holds eight digits; it takes ten in the whole file when one number has ten that do not begin 00.
const (
	insuranceNumber     = 8
	wideInsuranceNumber = 10
)

// edition is the table of a layout.
func edition[R any](layout []field[R], l Layout) []field[R] {
	if l == V65 {
		return layout
	}
	return slices.DeleteFunc(slices.Clone(layout), func(f field[R]) bool { return f.newer })
}

// widened is the workers' table with room for insurance numbers of ten digits.
func widened(layout []field[Wor]) []field[Wor] {
	layout = slices.Clone(layout)
	layout[slices.IndexFunc(layout, func(f field[Wor]) bool { return f.name == "DSW_ID1" })].width = wideInsuranceNumber
	return layout
}

func hasField[R any](layout []field[R], name string) bool {
	return slices.ContainsFunc(layout, func(f field[R]) bool { return f.name == name })
}

// widthOf finds a field's width in the newest edition.
func widthOf[R any](layout []field[R], name string) int {
	i := slices.IndexFunc(layout, func(f field[R]) bool { return f.name == name })
	return layout[i].width
}

func headerOf[R any](layout []field[R]) []dbf.Field {
	fields := make([]dbf.Field, len(layout))
	for i, f := range layout {
		fields[i] = dbf.Field{Name: f.name, Type: dbf.Character, Width: f.width}
		if f.form == number {
			fields[i].Type = dbf.Number
		}
	}
	return fields
}
