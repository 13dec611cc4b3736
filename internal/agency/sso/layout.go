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

// field is one column of a file: how it is written in each edition and where its value lies, for writing and for reading.
// at points to *string or *int64.
type field[R any] struct {
	name  string
	kind  byte
	width int
	newer bool // not in v2.7
	at    func(*R) any
}

var karLayout = []field[Kar]{
	{"DSK_ID", dbf.Character, 10, false, func(k *Kar) any { return &k.ID }},
	{"DSK_NAME", dbf.Character, 30, false, func(k *Kar) any { return &k.Name }},
	{"DSK_FARM", dbf.Character, 30, false, func(k *Kar) any { return &k.Farm }},
	{"DSK_ADRS", dbf.Character, 40, false, func(k *Kar) any { return &k.Address }},
	{"DSK_KIND", dbf.Number, 1, false, func(k *Kar) any { return &k.Kind }},
	{"DSK_YY", dbf.Number, 2, false, func(k *Kar) any { return &k.Year }},
	{"DSK_MM", dbf.Number, 2, false, func(k *Kar) any { return &k.Month }},
	{"DSK_LISTNO", dbf.Character, 12, false, func(k *Kar) any { return &k.ListNo }},
	{"DSK_DISC", dbf.Character, 30, false, func(k *Kar) any { return &k.Description }},
	{"DSK_NUM", dbf.Number, 5, false, func(k *Kar) any { return &k.Workers }},
	{"DSK_TDD", dbf.Number, 6, false, func(k *Kar) any { return &k.Days }},
	{"DSK_TROOZ", dbf.Number, 12, false, func(k *Kar) any { return &k.DailyWage }},
	{"DSK_TMAH", dbf.Number, 12, false, func(k *Kar) any { return &k.MonthlyWage }},
	{"DSK_TMAZ", dbf.Number, 12, false, func(k *Kar) any { return &k.Benefits }},
	{"DSK_TMASH", dbf.Number, 12, false, func(k *Kar) any { return &k.Insurable }},
	{"DSK_TTOTL", dbf.Number, 12, false, func(k *Kar) any { return &k.Total }},
	{"DSK_TBIME", dbf.Number, 12, false, func(k *Kar) any { return &k.WorkerPremium }},
	{"DSK_TKOSO", dbf.Number, 12, false, func(k *Kar) any { return &k.EmployerPremium }},
	{"DSK_BIC", dbf.Number, 12, false, func(k *Kar) any { return &k.Unemployment }},
	{"DSK_RATE", dbf.Number, 5, false, func(k *Kar) any { return &k.Rate }},
	{"DSK_PRATE", dbf.Number, 2, false, func(k *Kar) any { return &k.PremiumRate }},
	{"DSK_BIMH", dbf.Number, 12, false, func(k *Kar) any { return &k.HardJob }},
	{"MON_PYM", dbf.Character, 3, false, func(k *Kar) any { return &k.ContractRow }},
	{"DSK_INC", dbf.Number, 12, true, func(k *Kar) any { return &k.Seniority }},
	{"DSK_SPOUSE", dbf.Number, 12, true, func(k *Kar) any { return &k.Marriage }},
}

var worLayout = []field[Wor]{
	{"DSW_ID", dbf.Character, 10, false, func(w *Wor) any { return &w.ID }},
	{"DSW_YY", dbf.Number, 2, false, func(w *Wor) any { return &w.Year }},
	{"DSW_MM", dbf.Number, 2, false, func(w *Wor) any { return &w.Month }},
	{"DSW_LISTNO", dbf.Character, 12, false, func(w *Wor) any { return &w.ListNo }},
	{"DSW_ID1", dbf.Character, 8, false, func(w *Wor) any { return &w.InsuranceNumber }},
	{"DSW_FNAME", dbf.Character, 60, false, func(w *Wor) any { return &w.FirstName }},
	{"DSW_LNAME", dbf.Character, 60, false, func(w *Wor) any { return &w.LastName }},
	{"DSW_DNAME", dbf.Character, 60, false, func(w *Wor) any { return &w.FatherName }},
	{"DSW_IDNO", dbf.Character, 15, false, func(w *Wor) any { return &w.IDNumber }},
	{"DSW_IDPLC", dbf.Character, 30, false, func(w *Wor) any { return &w.IssuePlace }},
	{"DSW_IDATE", dbf.Character, 8, false, func(w *Wor) any { return &w.IssueDate }},
	{"DSW_BDATE", dbf.Character, 8, false, func(w *Wor) any { return &w.BirthDate }},
	{"DSW_SEX", dbf.Character, 3, false, func(w *Wor) any { return &w.Sex }},
	{"DSW_NAT", dbf.Character, 10, false, func(w *Wor) any { return &w.Nationality }},
	{"DSW_OCP", dbf.Character, 50, false, func(w *Wor) any { return &w.Occupation }},
	{"DSW_SDATE", dbf.Character, 8, false, func(w *Wor) any { return &w.StartDate }},
	{"DSW_EDATE", dbf.Character, 8, false, func(w *Wor) any { return &w.EndDate }},
	{"DSW_DD", dbf.Number, 2, false, func(w *Wor) any { return &w.Days }},
	{"DSW_ROOZ", dbf.Number, 12, false, func(w *Wor) any { return &w.DailyWage }},
	{"DSW_MAH", dbf.Number, 12, false, func(w *Wor) any { return &w.MonthlyWage }},
	{"DSW_MAZ", dbf.Number, 12, false, func(w *Wor) any { return &w.Benefits }},
	{"DSW_MASH", dbf.Number, 12, false, func(w *Wor) any { return &w.Insurable }},
	{"DSW_TOTL", dbf.Number, 12, false, func(w *Wor) any { return &w.Total }},
	{"DSW_BIME", dbf.Number, 12, false, func(w *Wor) any { return &w.WorkerPremium }},
	{"DSW_PRATE", dbf.Number, 2, false, func(w *Wor) any { return &w.PremiumRate }},
	{"DSW_JOB", dbf.Character, 6, false, func(w *Wor) any { return &w.Job }},
	{"PER_NATCOD", dbf.Character, 10, false, func(w *Wor) any { return &w.NationalCode }},
	{"DSW_INC", dbf.Number, 12, true, func(w *Wor) any { return &w.Seniority }},
	{"DSW_SPOUSE", dbf.Character, 10, true, func(w *Wor) any { return &w.Marriage }},
}

// wideInsuranceNumber is the width that DSW_ID1 takes in the whole file when one number has ten digits that do not begin 00.
const wideInsuranceNumber = 10

// widthOf finds a field's width in the newest edition.
func widthOf[R any](layout []field[R], name string) int {
	i := slices.IndexFunc(layout, func(f field[R]) bool { return f.name == name })
	return layout[i].width
}

// edition is the table of a layout.
func edition[R any](layout []field[R], l Layout) []field[R] {
	if l == V65 {
		return layout
	}
	return slices.DeleteFunc(slices.Clone(layout), func(f field[R]) bool { return f.newer })
}

func headerOf[R any](layout []field[R]) []dbf.Field {
	fields := make([]dbf.Field, len(layout))
	for i, f := range layout {
		fields[i] = dbf.Field{Name: f.name, Type: f.kind, Width: f.width}
	}
	return fields
}
