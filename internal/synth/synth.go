// Package synth invents payrolls: persons with valid check digits and common names. It never holds a row of anyone's real file.
package synth

import (
	"fmt"
	"math/rand/v2"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Options say which payroll to invent. The same options give the same payroll.
type Options struct {
	Seed    uint64
	Workers int
	Header  payroll.Header // workshop, month and employer; Employer() and Workshop() give invented ones
	Law     *law.Params    // the month's wages and allowances
}

// List invents a month of ordinary workers: wages from the minimum up, allowances, some overtime, a few joiners.
func List(o Options) []payroll.Line {
	r := rand.New(rand.NewPCG(o.Seed, 1405))
	lines := make([]payroll.Line, o.Workers)
	persons, insured := map[payroll.NationalCode]bool{}, map[payroll.InsuranceNumber]bool{}
	for i := range lines {
		l := Worker(r, o.Header.Period, o.Law)
		for persons[l.NationalCode] || insured[l.InsuranceNumber] {
			l = Worker(r, o.Header.Period, o.Law)
		}
		persons[l.NationalCode], insured[l.InsuranceNumber] = true, true
		l.Number = i + 1
		lines[i] = l
	}
	return lines
}

// Worker invents one worker of a full month.
func Worker(r *rand.Rand, period jalali.Month, p *law.Params) payroll.Line {
	l := Person(r, period)
	l.Days = period.Days()
	// From the minimum to about twice it, in steps of a thousand rials, as payrolls round.
	l.DailyWage = p.MinimumDailyWage.Value + rial.Amount(r.IntN(6_000))*1_000
	l.DailySeniority = p.Seniority.Value * rial.Amount(r.IntN(2))
	l.Pay[payroll.Housing] = p.Housing.Value
	l.Pay[payroll.Grocery] = p.Grocery.Value
	if r.IntN(2) == 0 {
		if p.Marriage != nil {
			l.Pay[payroll.Marriage] = p.Marriage.Value
		}
		l.Pay[payroll.Child] = p.Child.Value.TimesInt(r.IntN(3))
	}
	if r.IntN(3) == 0 {
		l.Pay[payroll.Overtime] = rial.Amount(1+r.IntN(40)) * 1_250_000
	}
	return l
}

// Person invents who a worker is: names, codes and dates, without pay.
func Person(r *rand.Rand, period jalali.Month) payroll.Line {
	first, sex := pick(r, menNames), "male"
	if r.IntN(3) == 0 {
		first, sex = pick(r, womenNames), "female"
	}
	job := jobs[r.IntN(len(jobs))]
	born := jalali.Date{Year: period.Year - 20 - r.IntN(38), Month: 1 + r.IntN(12), Day: 1 + r.IntN(29)}
	start := jalali.Date{Year: period.Year - 1 - r.IntN(9), Month: 1 + r.IntN(12), Day: 1 + r.IntN(29)}
	l := payroll.Line{
		NationalCode: NationalCode(r), FirstName: first, LastName: pick(r, lastNames), FatherName: pick(r, menNames),
		BirthDate: born, IssuePlace: pick(r, cities), Sex: sex, InsuranceNumber: payroll.InsuranceNumber(fmt.Sprintf("%08d", 10_000_000+r.IntN(89_999_999))),
		JobCode: job.code, JobTitle: job.title, ReportedTo: fault.Both, InsuredKind: payroll.NormalKind, StartDate: start,
		Education: fmt.Sprint(1 + r.IntN(5)), EmploymentType: "1", JobFamily: job.family,
	}
	l.IDNumber = string(l.NationalCode)
	if born.Year < firstOwnNumber {
		l.IDNumber = fmt.Sprint(1 + r.IntN(9_999))
	}
	return l
}

// firstOwnNumber is the birth year from which the national code is the number of the birth certificate.
const firstOwnNumber = 1368

// NationalCode invents a code whose check digit holds.
func NationalCode(r *rand.Rand) payroll.NationalCode {
	for {
		head := fmt.Sprintf("%09d", 1_000_000+r.IntN(998_999_999))
		for d := '0'; d <= '9'; d++ {
			if c := payroll.NationalCode(head + string(d)); c.Check() == payroll.Valid {
				return c
			}
		}
	}
}

// Employer invents a legal person's id (شناسه ملی) whose check digit holds.
func Employer(r *rand.Rand) payroll.EmployerID {
	for {
		head := fmt.Sprintf("140%07d", 1_000_000+r.IntN(8_999_999))
		for d := '0'; d <= '9'; d++ {
			if id := payroll.EmployerID(head + string(d)); id.Check() == payroll.Valid {
				return id
			}
		}
	}
}

// Workshop invents a workshop's header for a month.
func Workshop(r *rand.Rand, employer payroll.EmployerID, employerName string, period jalali.Month) payroll.Header {
	n := r.IntN(9_000) + 1_000
	return payroll.Header{
		Workshop: payroll.WorkshopCode(fmt.Sprintf("%03d%03d%04d", 101+r.IntN(800), 100+r.IntN(800), n)), ContractRow: payroll.OwnContract,
		Period: period, TaxPeriod: period, ListNo: "01", Kind: payroll.Original,
		WorkshopName: "کارگاه " + pick(r, lastNames), EmployerName: employerName, Employer: employer,
		Address: pick(r, cities) + "، خیابان " + pick(r, menNames) + "، پلاک " + fmt.Sprint(1+r.IntN(200)), PostalCode: "1411713114",
	}
}

func pick(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }
