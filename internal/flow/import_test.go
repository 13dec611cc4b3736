package flow_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/flow"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

// filedElsewhere makes the files that another program filed of a list.
func (s *stage) filedElsewhere(d *document) []payroll.File {
	s.t.Helper()
	b := d.bytes()
	var lines []payroll.Filed
	r, err := intake.Read(context.Background(), bytes.NewReader(b), int64(len(b)), intake.Options{
		Book: s.Book, Line: func(l *payroll.Line, a *payroll.Assessed) error {
			lines = append(lines, payroll.Filed{Line: *l, Assessed: *a})
			return nil
		},
	})
	require.NoError(s.t, err)
	require.NotZero(s.t, r.Verdicts.Passing(), r.Findings.All())
	list := payroll.FiledList{Header: r.Header, Version: 1, Totals: r.Totals, Lines: lines}
	files, err := sso.Agency{Book: s.Book}.Encode(agency.Parcel{List: &list})
	require.NoError(s.t, err)
	p, ok := s.Book.On(r.Header.TaxPeriod)
	require.True(s.t, ok)
	assessor := rule.Assessor{Law: p, TaxLaw: p}
	month, _ := assessor.Month(r.Header.TaxMonth(), []payroll.FiledList{list})
	more, err := tax.Agency{Book: s.Book}.Encode(agency.Parcel{Month: &month})
	require.NoError(s.t, err)
	return append(files, more...)
}

// whole gives a list the keys that a registry would hold.
func whole(d *document) *document {
	return d.set("workshop_name", "کارگاه یک").set("employer_name", "شرکت نمونه").set("employer_id", string(employer)).
		set("address", "تهران، خیابان نمونه").set("postal_code", "1411713114")
}

func (s *stage) importer() *flow.Importer {
	return &flow.Importer{
		Store: s.Store, Book: s.Book, Now: s.Now, Today: jalali.Date{Year: 1405, Month: 8, Day: 15},
		Agencies: []agency.Agency{s.SSO.Agency, s.Tax.Agency},
	}
}

func (s *stage) importFiles(i *flow.Importer, told []flow.ToldWorkshop, files ...payroll.File) flow.Imported {
	s.t.Helper()
	b, err := agency.Zip(files)
	require.NoError(s.t, err)
	all, err := i.Import(context.Background(), flow.Archive{Name: "archive.zip", Workshops: told}, bytes.NewReader(b), int64(len(b)))
	require.NoError(s.t, err)
	require.Len(s.t, all, 1)
	return all[0]
}

func toldOf(t testing.TB, values map[string]string) []flow.ToldWorkshop {
	h, err := intake.ParseHeader(values)
	require.NoError(t, err)
	return []flow.ToldWorkshop{{Header: h}}
}

func TestImport_is_what_the_next_month_builds_on(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	before := whole(listOf(shop, 0, 1, 2)).set("period", "1405-06")
	for _, line := range before.Lines {
		line["days"], line["daily_wage"] = 31, 20_000_000
	}
	got := s.importFiles(s.importer(), nil, s.filedElsewhere(before)...)
	require.True(t, got.Stored, "%+v", got)
	require.Equal(t, flow.Counted{Persons: 3, Lists: 1, TaxPersons: 3}, got.New)
	require.Equal(t, employer, got.Employer, "the registry knows the workshop's")
	require.Len(t, got.Unknown, 2, "WH carries no tax, and five months are missing: %v", got.Unknown)

	now := listOf(shop, 0, 1)
	for _, line := range now.Lines {
		for _, once := range []string{"education", "employment_type", "job_family", "start_date"} {
			delete(line, once)
		}
	}
	sent := s.mustSend(now)
	found := s.list(sent.ListID)
	require.NotNil(t, found)
	report := s.codesOf(sent.ListID)
	require.Contains(t, report, "HIST-01", "the third is absent without a leaving date")
	require.Contains(t, report, "HIST-02", "the wage was higher")
	require.NotContains(t, report, "HIST-03", "no one is new")
	require.NotContains(t, report, "TAX-02", "what is asked once came from the archive")
	require.NotContains(t, report, "LIST-05", "last month's list is known")

	require.NoError(t, s.Store.Read(context.Background(), func(tx *store.Tx) error {
		year, err := tx.EarlierInYear(context.Background(), payroll.TaxMonthIdentity{Employer: employer, Period: jalali.Month{Year: 1405, Month: 7}})
		require.NoError(t, err)
		require.Len(t, year, 3)
		e := year[people[0].code]
		require.Equal(t, 1, e.Months)
		require.Positive(t, e.Taxable)
		require.Positive(t, e.Tax)
		return nil
	}))
}

func TestImport_opens_the_years_balance_of_the_next_months_estimate(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	var before [2]rial.Amount // taxable and tax so far
	for _, month := range []string{"1405-05", "1405-06"} {
		list := whole(listOf(shop, 0)).set("period", month)
		list.Lines[0]["days"], list.Lines[0]["daily_wage"] = 31, 20_000_000
		require.True(t, s.importFiles(s.importer(), nil, s.filedElsewhere(list)...).Stored)
	}
	require.NoError(t, s.Store.Read(context.Background(), func(tx *store.Tx) error {
		year, err := tx.EarlierInYear(context.Background(), payroll.TaxMonthIdentity{Employer: employer, Period: jalali.Month{Year: 1405, Month: 7}})
		require.NoError(t, err)
		require.Equal(t, 2, year[people[0].code].Months)
		before = [2]rial.Amount{year[people[0].code].Taxable, year[people[0].code].Tax}
		return nil
	}))

	now := listOf(shop, 0, 1)
	now.Lines[0]["daily_wage"] = 14_000_000
	sent := s.mustSend(now)
	doc, err := s.Assessment(context.Background(), s.sender, sent.ListID)
	require.NoError(t, err)
	l := doc.Lines[0]
	require.NotNil(t, l.TaxEstimate)
	// Art. 84 and 85 of 1405: 10 % above 400 million a month, over three months together, less what was withheld of two.
	sum := before[0].Add(l.Taxable)
	require.Less(t, sum, rial.Amount(3*800_000_000), "in the first slice")
	require.Equal(t, (sum-3*400_000_000)/10-before[1], *l.TaxEstimate)
	require.Contains(t, s.codesOf(sent.ListID), "HIST-03", "the second is new")
}

func (s *stage) codesOf(list string) (codes []string) {
	s.t.Helper()
	rows, err := s.Store.Jobs().Query(context.Background(), "SELECT f ->> 'code' FROM shared.findings, json_array_elements(report -> 'faults') f WHERE list_id = $1", list)
	require.NoError(s.t, err)
	defer rows.Close()
	for rows.Next() {
		var code string
		require.NoError(s.t, rows.Scan(&code))
		codes = append(codes, code)
	}
	require.NoError(s.t, rows.Err())
	return codes
}

func TestImport_twice_changes_nothing_and_tells_what_differs(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	list := whole(listOf(shop, 0, 1)).set("period", "1405-06").set("contract_row", "007")
	for _, line := range list.Lines {
		line["days"] = 31
	}
	files := s.filedElsewhere(list)
	first := s.importFiles(s.importer(), nil, files...)
	require.Equal(t, flow.Counted{Contracts: 1, Persons: 2, Lists: 1, TaxPersons: 2}, first.New)
	events := s.count("SELECT count(*) FROM audit.log WHERE action = 'imported'")
	require.Equal(t, 1, events)
	second := s.importFiles(s.importer(), nil, files...)
	require.True(t, second.Stored)
	require.Zero(t, second.New)
	require.Empty(t, second.Differs)
	require.Equal(t, events, s.count("SELECT count(*) FROM audit.log WHERE action = 'imported'"))

	list.Lines[0]["daily_wage"], list.Lines[1]["education"] = 9_000_000, "6"
	other := s.filedElsewhere(list.set("workshop_name", "نام دیگر"))
	third := s.importFiles(s.importer(), nil, other...)
	require.Zero(t, third.New)
	require.Equal(t, []flow.Differs{
		{What: "workshop_name", Kept: "کارگاه یک", Archive: "نام دیگر"},
		{What: "education", Count: 1},
		{What: "lines", Count: 1},
		{What: "opening tax balance", Count: 1},
	}, third.Differs)

	again := s.importer()
	again.Replace = true
	fourth := s.importFiles(again, nil, other...)
	require.Equal(t, flow.Counted{Persons: 1, Lists: 1, TaxPersons: 1}, fourth.New)
	require.Equal(t, 9_000_000, s.count("SELECT max(daily_wage) FROM shared.past_lines"))
}

func TestImport_asks_for_an_employer_it_cannot_know(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	list := whole(listOf("1112223334", 0)).set("period", "1405-06")
	list.Lines[0]["days"] = 31
	files := s.filedElsewhere(list)
	got := s.importFiles(s.importer(), nil, files[:2]...)
	require.False(t, got.Stored)
	require.Contains(t, got.WhyNot.EN, "needs employer")
	require.Zero(t, s.count("SELECT count(*) FROM registry.workshops WHERE workshop_code = '1112223334'"))

	told := toldOf(t, map[string]string{"workshop_code": "1112223334", "employer_id": string(employer), "workshop_name": "کارگاه تازه"})
	got = s.importFiles(s.importer(), told, files[:2]...)
	require.True(t, got.Stored, got.WhyNot)
	require.Equal(t, 1, got.New.Workshops)
	require.Equal(t, 1, s.count("SELECT count(*) FROM registry.workshops WHERE workshop_code = '1112223334' AND name = 'کارگاه تازه'"))

	wrong := toldOf(t, map[string]string{"workshop_code": "1112223334", "employer_id": "0084575948"})
	got = s.importFiles(s.importer(), wrong, files[:2]...)
	require.False(t, got.Stored)
	require.Equal(t, "employer_id", got.Differs[0].What)

	tellsNone := s.importFiles(s.importer(), nil, files[2:]...)
	require.Contains(t, tellsNone.WhyNot.EN, "needs workshop_code")
	got = s.importFiles(s.importer(), told, files[2:]...)
	require.True(t, got.Stored, got.WhyNot)
	require.Equal(t, 1, got.New.TaxPersons)
}

func TestImport_tax_files_alone_are_the_employers_of_all_that_are_told_of(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	list := whole(listOf("1112223334", 0)).set("period", "1405-06")
	list.Lines[0]["days"] = 31
	files := s.filedElsewhere(list)[2:]
	one := map[string]string{"workshop_code": "1112223334", "employer_id": string(employer), "employer_name": "شرکت نمونه", "workshop_name": "یک"}
	two := map[string]string{"workshop_code": "1112223335", "employer_id": string(employer), "employer_name": "شرکت نمونه", "workshop_name": "دو"}
	got := s.importFiles(s.importer(), append(toldOf(t, one), toldOf(t, two)...), files...)
	require.True(t, got.Stored, got.WhyNot)
	require.Equal(t, 1, got.New.TaxPersons)

	two["employer_id"] = "0084575948"
	got = s.importFiles(s.importer(), append(toldOf(t, one), toldOf(t, two)...), files...)
	require.False(t, got.Stored, "whose of the two employers they are is not known")
	require.NotEmpty(t, got.WhyNot.FA)
	require.Contains(t, got.WhyNot.EN, "needs workshop_code")
}

func TestImport_of_tax_files_keeps_neither_cut_names_nor_months_without_pay(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	list := whole(listOf(shop, 0, 1)).set("period", "1405-06")
	for _, line := range list.Lines {
		line["days"] = 31
	}
	list.Lines[0]["first_name"] = "سیدمحمدعلیرضامهدی" // 17 letters, of which WP holds 15
	files := s.filedElsewhere(list)[2:]
	lines := strings.SplitAfter(string(files[1].Bytes), "\r\n")
	pay := strings.Split(lines[1], ",")
	for i := range pay[6:] {
		if i+6 != 8 && i+6 != 10 { // uses of housing and car
			pay[i+6] = "0"
		}
	}
	files[1].Bytes = []byte(lines[0] + strings.Join(pay, ",") + "\r\n")
	told := toldOf(t, map[string]string{
		"workshop_code": string(shop), "employer_id": string(employer), "employer_name": "شرکت نمونه", "workshop_name": "یک",
	})
	got := s.importFiles(s.importer(), told, files...)
	require.True(t, got.Stored, "%+v", got)
	require.Equal(t, 1, got.New.TaxPersons, "who was paid nothing has no month of the year's exemption")
	require.Equal(t, 2, got.New.Persons)
	require.Equal(t, 1, s.count("SELECT count(*) FROM registry.persons WHERE names_told IS NOT NULL AND first_name <> ''"))
}

func TestImport_keeps_the_months_of_one_archive_in_order(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	var files []payroll.File
	for folder, month := range map[string]string{"5": "1405-05", "tir": "1405-04"} { // the shorter name stands first in an archive
		list := whole(listOf(shop, 0)).set("period", month)
		list.Lines[0]["days"], list.Lines[0]["daily_wage"] = 31, 20_000_000
		for _, f := range s.filedElsewhere(list) {
			files = append(files, payroll.File{Name: folder + "/" + f.Name, Bytes: f.Bytes})
		}
	}
	b, err := agency.Zip(files)
	require.NoError(t, err)
	all, err := s.importer().Import(context.Background(), flow.Archive{Name: "year.zip"}, bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, jalali.Month{Year: 1405, Month: 4}, all[0].Period)
	require.True(t, all[0].Stored && all[1].Stored, "%+v", all)
	require.Contains(t, all[1].Unknown[1].EN, "3 of the months before 1405-05", "Tir was kept before Mordad")
}

func TestImport_keeps_nothing_of_a_broken_archive(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	list := whole(listOf(shop, 0)).set("period", "1405-06")
	list.Lines[0]["days"] = 31
	files := s.filedElsewhere(list)
	for name, broken := range map[string][]payroll.File{
		"half":  files[:1],
		"cut":   {files[0], {Name: files[1].Name, Bytes: files[1].Bytes[:1000]}},
		"other": {{Name: "notes.txt", Bytes: []byte("x")}},
	} {
		got := s.importFiles(s.importer(), nil, broken...)
		require.False(t, got.Stored, name)
		require.NotEmpty(t, got.WhyNot, name)
		require.NotEmpty(t, got.Faults, name)
	}
	require.Zero(t, s.count("SELECT count(*) FROM shared.past_lists"))
}
