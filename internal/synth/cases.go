package synth

import (
	"math/rand/v2"

	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Case is one committed sample: a folder and the list in it.
type Case struct {
	Folder string // below samples/
	Name   string // the workbook's file name
	Header payroll.Header
	Lines  []payroll.Line
	Bytes  []byte // the workbook as another program wrote it; nil where it is the template, filled
}

// samplesMonth is the month of every sample, Mehr 1405, a month of 30 days.
var samplesMonth = jalali.Month{Year: 1405, Month: 7}

// Cases are all committed samples, always the same ones.
func Cases(book *law.Book) []Case {
	p, ok := book.On(samplesMonth)
	if !ok {
		return nil
	}
	m := maker{rand: rand.New(rand.NewPCG(1405, 7)), law: p}
	cases := []Case{
		m.small(), m.joinersAndLeavers(), m.foreignersAndManagers(), m.overTheCap(), m.contractRow(), m.oneOrganisation(), m.faulty(), m.twoThousand(),
	}
	cases = append(cases, m.demo()...)
	for _, shape := range []Shape{Workshops, TwoRows} {
		c := newClient(ClientOptions{Seed: 1405, Period: samplesMonth, Law: p, Largest: 9}, len(cases), shape)
		files, err := c.files()
		if err != nil {
			return nil
		}
		cases = append(cases, Case{Folder: "shape-" + string(shape), Name: "list.xlsx", Header: c.header, Lines: c.lines, Bytes: files[0].Bytes})
	}
	return cases
}

type maker struct {
	rand *rand.Rand
	law  *law.Params
}

func (m *maker) sample(folder, name string, lines ...payroll.Line) Case {
	h := Workshop(m.rand, Employer(m.rand), name, samplesMonth)
	h.WorkshopName = name
	return Case{Folder: folder, Name: "list.xlsx", Header: h, Lines: number(lines)}
}

func number(lines []payroll.Line) []payroll.Line {
	for i := range lines {
		lines[i].Number = i + 1
	}
	return lines
}

// worker invents a person who is paid the given daily wage for the given days, with the month's allowances in proportion.
func (m *maker) worker(days int, daily rial.Amount) payroll.Line {
	l := Person(m.rand, samplesMonth)
	l.Days, l.DailyWage = days, daily
	full := int64(samplesMonth.Days())
	l.Pay[payroll.Housing] = rial.Ratio(m.law.Housing.Value, int64(days), full, rial.HalfUp)
	l.Pay[payroll.Grocery] = rial.Ratio(m.law.Grocery.Value, int64(days), full, rial.HalfUp)
	return l
}

func day(d int) jalali.Date {
	return jalali.Date{Year: samplesMonth.Year, Month: samplesMonth.Month, Day: d}
}

// small is the list whose totals the README works out by hand.
func (m *maker) small() Case {
	a := m.worker(30, m.law.MinimumDailyWage.Value)
	a.FirstName, a.LastName, a.FatherName, a.Sex = "علی", "محمدی", "رضا", "male"
	a.Pay[payroll.Marriage], a.Pay[payroll.Child] = m.law.Marriage.Value, m.law.Child.Value
	b := m.worker(30, 6_000_000)
	b.FirstName, b.LastName, b.FatherName, b.Sex = "لاله", "کاظمی", "یعقوب", "female"
	b.DailySeniority = m.law.Seniority.Value
	c := m.worker(20, 8_000_000)
	c.FirstName, c.LastName, c.FatherName, c.Sex = "غلامرضا", "پورمحمد", "ابراهیم", "male"
	c.StartDate = day(11)
	return m.sample("small", "تولیدی پوشاک نمونه", a, b, c)
}

func (m *maker) joinersAndLeavers() Case {
	stays := m.worker(30, 6_500_000)
	joins := m.worker(16, 6_500_000)
	joins.StartDate = day(15)
	leaves := m.worker(9, 7_200_000)
	leaves.EndDate = day(10)
	both := m.worker(10, 5_900_000)
	both.StartDate, both.EndDate = day(5), day(15)
	// He worked all of Shahrivar: his leaving is told in the next month's list, with no days and no pay.
	gone := m.worker(0, 0)
	gone.EndDate = day(1)
	gone.Pay = payroll.Pay{}
	gone.ReportedTo = 0
	return m.sample("joiners-leavers", "شرکت خدماتی نمونه", stays, joins, leaves, both, gone)
}

func (m *maker) foreignersAndManagers() Case {
	director := m.worker(30, 20_000_000)
	director.InsuredKind, director.JobTitle = payroll.EmployerKind, "مدیرعامل"
	clerk := m.worker(30, 7_000_000)
	foreign := func(name, last string) payroll.Line {
		l := m.worker(30, 5_541_850+500_000)
		l.NationalCode, l.ForeignerCode = "", payroll.ForeignerCode("10"+string(NationalCode(m.rand)))
		l.Nationality, l.FirstName, l.LastName, l.FatherName = "افغان", name, last, "عبدالله"
		l.IDNumber, l.InsuredKind, l.CitizenshipCountry, l.ResidenceCountry = "0", payroll.ForeignKind, "004", "103"
		return l
	}
	return m.sample("foreigners-managers", "سنگ‌بری نمونه", director, clerk, foreign("نجیب", "احمدی"), foreign("گلاب", "نورزی"))
}

func (m *maker) overTheCap() Case {
	below := m.worker(30, 12_000_000)
	at := m.worker(30, m.law.MaxDailyInsurable.Value)
	at.Pay[payroll.Housing], at.Pay[payroll.Grocery] = 0, 0
	above := m.worker(30, 45_000_000)
	above.Pay[payroll.Bonus] = 150_000_000
	part := m.worker(12, 41_000_000)
	part.EndDate = day(13)
	return m.sample("over-cap", "شرکت فناوری نمونه", below, at, above, part)
}

func (m *maker) contractRow() Case {
	c := m.sample("contract-row", "شرکت پیمانکاری نمونه", m.worker(30, 6_100_000), m.worker(30, 6_800_000), m.worker(30, 9_400_000))
	c.Header.ContractRow, c.Header.Description = "003", "پیمان نگهداری ساختمان"
	return c
}

func (m *maker) oneOrganisation() Case {
	both := m.worker(30, 7_000_000)
	onlySSO := m.worker(30, 6_000_000)
	onlySSO.ReportedTo = payroll.SSO
	consultant := Person(m.rand, samplesMonth)
	consultant.ReportedTo, consultant.InsuranceNumber, consultant.JobCode, consultant.InsuredKind = payroll.Tax, "", "", ""
	consultant.JobTitle, consultant.NotMainPayer = "مشاور", true
	consultant.Pay[payroll.Fees] = 180_000_000
	held := m.worker(30, 6_200_000)
	held.Hold, held.InsuranceNumber = true, ""
	return m.sample("one-organisation", "دفتر مهندسی نمونه", both, onlySSO, consultant, held)
}

// faulty has at least one fault of every common kind, each in a row of its own.
func (m *maker) faulty() Case {
	lines := make([]payroll.Line, 14)
	for i := range lines {
		lines[i] = m.worker(30, 6_400_000)
	}
	lines[1].NationalCode = lines[1].NationalCode[:9] + payroll.NationalCode('0'+(lines[1].NationalCode[9]-'0'+1)%10)
	lines[2].NationalCode = lines[0].NationalCode
	lines[3].DailyWage = m.law.MinimumDailyWage.Value / 10
	lines[4].Days = 31
	lines[5].StartDate, lines[5].EndDate = day(20), day(10)
	lines[6].FatherName = ""
	lines[7].JobCode = "01-7"
	lines[8].FirstName = "Ali1"
	lines[9].DeclaredPremium = 1_000_000
	lines[10].Pay[payroll.MonthlyWage] = 250_000_000
	lines[11].InsuranceNumber = "123456789"
	lines[12].Education = "9"
	lines[13].Days = 12
	return m.sample("faulty", "کارگاه پر خطا", lines...)
}

func (m *maker) twoThousand() Case {
	h := Workshop(m.rand, Employer(m.rand), "صنایع بزرگ نمونه", samplesMonth)
	return Case{Folder: "two-thousand", Name: "list.xlsx", Header: h, Lines: List(Options{Seed: 2000, Workers: 2000, Header: h, Law: m.law})}
}

// demo is one employer with three workshops and a contract row, a replacement of a first list, and a faulty list.
func (m *maker) demo() []Case {
	employer := Employer(m.rand)
	workshop := func() payroll.Header {
		return Workshop(m.rand, employer, "گروه صنعتی نمونه", samplesMonth)
	}
	factory, shop, office := workshop(), workshop(), workshop()
	factory.WorkshopName, shop.WorkshopName, office.WorkshopName = "کارخانه نمونه", "فروشگاه نمونه", "دفتر مرکزی نمونه"
	contract := factory
	contract.ContractRow, contract.Description = "001", "پیمان نصب تجهیزات"

	manager := m.worker(30, 15_000_000)
	manager.InsuredKind, manager.JobTitle = payroll.EmployerKind, "مدیر فروش"
	first := number([]payroll.Line{m.worker(30, 6_000_000), m.worker(30, 6_600_000), m.worker(30, 7_500_000), m.worker(30, 9_000_000)})
	// The same person works at the shop and at the office: one row in the tax month, the sum of both.
	shared := m.worker(15, 8_000_000)
	shared.StartDate = day(16)
	elsewhere := shared
	elsewhere.StartDate, elsewhere.EndDate = shared.StartDate, jalali.Date{}
	replaced := append([]payroll.Line(nil), first...)
	replaced[1].Pay[payroll.Overtime] = 24_000_000
	bad := m.faulty()

	replacement := factory
	replacement.Kind, replacement.Replaces, replacement.Reason = payroll.Replacement, "v1", "اضافه‌کاری یک نفر جا مانده بود"
	faulty := office
	faulty.ListNo = "02"
	return []Case{
		{Folder: "demo", Name: "1-factory.xlsx", Header: factory, Lines: first},
		{Folder: "demo", Name: "2-contract.xlsx", Header: contract, Lines: number([]payroll.Line{m.worker(30, 6_300_000), m.worker(30, 6_300_000)})},
		{Folder: "demo", Name: "3-shop.xlsx", Header: shop, Lines: number([]payroll.Line{m.worker(30, 5_900_000), shared})},
		{Folder: "demo", Name: "4-office.xlsx", Header: office, Lines: number([]payroll.Line{manager, elsewhere, m.worker(30, 11_000_000)})},
		{Folder: "demo", Name: "5-factory-replacement.xlsx", Header: replacement, Lines: replaced},
		{Folder: "demo", Name: "6-faulty.xlsx", Header: faulty, Lines: bad.Lines},
	}
}
