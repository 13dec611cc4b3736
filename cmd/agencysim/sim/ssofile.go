package sim

import (
	"fmt"
	"strconv"
)

// ssoFiles is one DSK pair as bytes, with the names they go by in findings.
type ssoFiles struct {
	karName, worName string
	kar, wor         []byte
}

// workshopMonth is DSKKAR00's one record.
type workshopMonth struct {
	workshop, listNo, contract string
	period                     month
	sums                       map[string]int64 // every N field by name
}

// worker is one record of DSKWOR00.
type worker struct {
	row                                                *row
	workshop, listNo, insurance, code                  string
	year, monthOf, days                                int
	daily, wage, benefits, insurable, total            int64
	premium, commission, seniority, marriage           int64
	iranian                                            bool
	start, end                                         day
	name, surname, father, birth, issued, sex, jobCode string
}

// ssoPair is a pair read, ready to be judged.
type ssoPair struct {
	files   ssoFiles
	kar     workshopMonth
	workers []worker
	newer   bool
}

// readPair reads both files and reports every field that is not of its form; it
// returns nil when a file's columns are not the organisation's.
func readPair(f ssoFiles, c *collector) *ssoPair {
	kar := readDBF(f.kar, karColumns, c.in(f.karName))
	wor := readDBF(f.wor, worColumns, c.in(f.worName))
	if kar == nil || wor == nil {
		return nil
	}
	if kar.newer != wor.newer {
		c.add("SIM-04", "", 0, "", fmt.Sprintf("%d and %d columns", len(kar.columns), len(wor.columns)), "both of one layout")
	}
	if len(kar.records) != 1 {
		c.in(f.karName).add("SIM-10", "", 0, "", fmt.Sprintf("%d records", len(kar.records)), "exactly one record")
		return nil
	}
	if len(wor.records) == 0 {
		c.in(f.worName).add("SIM-10", "", 0, "", "0 records", "at least one record")
		return nil
	}
	enc := findEncoding(wor)
	p := &ssoPair{files: f, newer: kar.newer}
	p.kar = readWorkshop(&row{table: kar, record: 1, data: kar.records[0], enc: enc, c: c.in(f.karName)})
	checkFileDate(kar, p.kar.period, c)
	c.in(f.worName)
	checkFileDate(wor, p.kar.period, c)
	for i, data := range wor.records {
		p.workers = append(p.workers, readWorker(&row{table: wor, record: i + 1, data: data, enc: enc, c: c}))
	}
	return p
}

// findEncoding takes the first row whose sex word is known in either encoding.
func findEncoding(t *dbfTable) encoding {
	for i, data := range t.records {
		r := row{table: t, record: i + 1, data: data}
		if e, ok := sexWords[string(r.raw("DSW_SEX"))]; ok {
			return e
		}
	}
	return encodingIranSystem
}

// checkFileDate compares the header's date with the period's last day.
func checkFileDate(t *dbfTable, m month, c *collector) {
	if m.month == 0 {
		return
	}
	g := day{m.year, m.month, m.days()}.gregorian()
	want := [3]byte{byte(g.Year() - 1900), byte(g.Month()), byte(g.Day())}
	if t.date != want {
		c.add("SIM-03", "date", 0, "", fmt.Sprintf("%v", t.date), fmt.Sprintf("%v", want))
	}
}

func readWorkshop(r *row) workshopMonth {
	k := workshopMonth{
		workshop: r.plain("DSK_ID"), listNo: r.plain("DSK_LISTNO"), contract: r.plain("MON_PYM"),
		sums: map[string]int64{},
	}
	for _, col := range r.table.columns {
		if col.kind == 'N' {
			k.sums[col.name] = r.number(col.name)
		}
	}
	for _, f := range []string{"DSK_NAME", "DSK_FARM", "DSK_ADRS", "DSK_DISC"} {
		r.text(f)
	}
	if len(k.workshop) != 10 || !digits(k.workshop) {
		r.fault("SIM-12", "DSK_ID", k.workshop, "ten digits")
	}
	if !digits(k.listNo) {
		r.fault("SIM-12", "DSK_LISTNO", k.listNo, "digits")
	}
	if k.contract == "" {
		k.contract = "000"
	}
	if len(k.contract) != 3 || !digits(k.contract) {
		r.fault("SIM-12", "MON_PYM", k.contract, "three digits")
	}
	mm := int(k.sums["DSK_MM"])
	if mm < 1 || mm > 12 {
		r.fault("SIM-13", "DSK_MM", strconv.Itoa(mm), "1 to 12")
		return k
	}
	k.period = month{century(int(k.sums["DSK_YY"])), mm}
	return k
}

// century restores a year written with two digits.
func century(yy int) int {
	if yy >= 50 {
		return 1300 + yy
	}
	return 1400 + yy
}

func readWorker(r *row) worker {
	w := worker{row: r, code: r.plain("PER_NATCOD"), insurance: r.plain("DSW_ID1")}
	r.person = r.who()
	w.workshop, w.listNo = r.plain("DSW_ID"), r.plain("DSW_LISTNO")
	w.year, w.monthOf, w.days = int(r.number("DSW_YY")), int(r.number("DSW_MM")), int(r.number("DSW_DD"))
	w.daily, w.wage, w.benefits = r.number("DSW_ROOZ"), r.number("DSW_MAH"), r.number("DSW_MAZ")
	w.insurable, w.total, w.premium = r.number("DSW_MASH"), r.number("DSW_TOTL"), r.number("DSW_BIME")
	w.commission, w.seniority = r.number("DSW_PRATE"), r.number("DSW_INC")
	w.marriage = readMarriage(r)
	w.name, w.surname, w.father = r.text("DSW_FNAME"), r.text("DSW_LNAME"), r.text("DSW_DNAME")
	for _, f := range []string{"DSW_IDNO", "DSW_IDPLC", "DSW_OCP"} {
		r.text(f)
	}
	w.iranian = r.text("DSW_NAT") == "ایرانی"
	w.birth, w.issued = r.plain("DSW_BDATE"), r.plain("DSW_IDATE")
	w.sex, w.jobCode = string(r.raw("DSW_SEX")), r.plain("DSW_JOB")
	w.start, w.end = r.date("DSW_SDATE"), r.date("DSW_EDATE")
	return w
}

// readMarriage reads the one amount that is text: digits, left aligned, 0 when
// there is none.
func readMarriage(r *row) int64 {
	if _, ok := r.table.spans["DSW_SPOUSE"]; !ok {
		return 0
	}
	s := r.plain("DSW_SPOUSE")
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || !digits(s) || len(s) > 1 && s[0] == '0' {
		r.fault("SIM-06", "DSW_SPOUSE", s, "digits, left aligned")
	}
	return n
}

// date reads eight digits or blank; blank is the zero day.
func (r *row) date(field string) day {
	s := r.plain(field)
	if s == "" {
		return day{}
	}
	d, ok := parseDay(s)
	if !ok {
		r.fault("SIM-13", field, s, "a Jalali date yyyymmdd, or blank")
		return day{}
	}
	return d
}
