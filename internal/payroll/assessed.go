package payroll

import (
	"math"

	"fehrest/internal/fault"
	"fehrest/internal/rial"
)

// Assessed is what one line owes in this list alone. Premiums are exact; tax figures are our estimate, the tax
// administration computes the tax.
type Assessed struct {
	MonthlyWage     rial.Amount // DSW_MAH
	Seniority       rial.Amount // daily seniority × days; DSK_INC sums it
	Benefits        rial.Amount // DSW_MAZ
	Insurable       rial.Amount // DSW_MASH, cut to the cap
	Total           rial.Amount // DSW_TOTL
	WorkerPremium   rial.Amount // DSW_BIME
	EmployerPremium rial.Amount // 0 where waived
	Unemployment    rial.Amount
	HardJob         rial.Amount // 4 % where the profile says hard_monthly; outside what is due
	Waived          bool        // employer's share waived: one of the exempted five
	Capped          bool

	PremiumShare      rial.Amount // deductible share of the worker's premium, in WH33
	Taxable           rial.Amount // wages after exemptions and deductions, welfare included, flat not; to the nearest rial
	Welfare           rial.Amount // the part of Taxable that goes by the year's welfare rule and not by the brackets
	Flat              rial.Amount // the part taxed flat
	EidiExempt        rial.Amount // eidi and year-end bonus exempted this month
	NonCashExempt     rial.Amount
	TaxEstimate       rial.Amount
	BeforeForgiveness rial.Amount // what cumulation keeps: the brackets' tax before art. 92, without flat and welfare tax
	NoEstimate        bool        // no known rule (TAX-06): the estimate is null, never a normal figure
	NetPaid           rial.Amount // WH35
	Months            int         // tax months of the year with pay, this one included
	Paid              bool        // this one has pay
}

// Totals of a list, in rials; days in days. JSON names are public.
type Totals struct {
	Days            int         `json:"days"`
	DailyWage       rial.Amount `json:"daily_wage"`
	DailySeniority  rial.Amount `json:"-"` // what v2.7 of the SSO's file adds to the daily wages
	MonthlyWage     rial.Amount `json:"monthly_wage"`
	Benefits        rial.Amount `json:"benefits"`
	Insurable       rial.Amount `json:"insurable"`
	Total           rial.Amount `json:"total"`
	Seniority       rial.Amount `json:"seniority"`
	Marriage        rial.Amount `json:"marriage"`
	WorkerPremium   rial.Amount `json:"worker_premium"`
	EmployerPremium rial.Amount `json:"employer_premium"`
	Unemployment    rial.Amount `json:"unemployment"`
	PremiumDue      rial.Amount `json:"premium_due"`
	Taxable         rial.Amount `json:"taxable"`
	TaxEstimate     rial.Amount `json:"tax_estimate"`
	Salary          rial.Amount `json:"salary"` // all pay of the tax lane's persons, in cash and in kind, before exemptions
}

// Add adds a line to the totals, for each lane that the line goes to; a held line adds nothing. A total that would leave 64
// bits stays at the largest amount: its lines fit no organisation's field either.
func (t *Totals) Add(l *Line, a *Assessed) {
	lanes := l.Lanes()
	if lanes.Has(fault.SSO) {
		t.Days += l.Days
		count(&t.DailyWage, l.DailyWage)
		count(&t.DailySeniority, l.DailySeniority)
		count(&t.MonthlyWage, a.MonthlyWage)
		count(&t.Benefits, a.Benefits)
		count(&t.Insurable, a.Insurable)
		count(&t.Total, a.Total)
		count(&t.Seniority, a.Seniority)
		count(&t.Marriage, l.Pay[Marriage])
		count(&t.WorkerPremium, a.WorkerPremium)
		count(&t.EmployerPremium, a.EmployerPremium)
		count(&t.Unemployment, a.Unemployment)
		t.PremiumDue = t.WorkerPremium
		count(&t.PremiumDue, t.EmployerPremium)
		count(&t.PremiumDue, t.Unemployment)
	}
	if lanes.Has(fault.Tax) {
		count(&t.Taxable, a.Taxable)
		count(&t.TaxEstimate, a.TaxEstimate)
		count(&t.Salary, a.MonthlyWage)
		for c, amount := range &l.Pay {
			if c := Component(c); amount > 0 && c != MonthlyWage && c.Info().SSO != Deduction {
				count(&t.Salary, amount)
			}
		}
	}
}

// count adds an amount, never negative, to a total.
func count(total *rial.Amount, a rial.Amount) {
	if a > math.MaxInt64-*total {
		*total = math.MaxInt64
		return
	}
	*total += a
}

// Filed is a line with what it owes, as it is stored and sent.
type Filed struct {
	Line     Line
	Assessed Assessed
}

// FiledList is one version of a list as the SSO gets it: lines in row order. Lines that go elsewhere are in it too; an
// encoder takes those of its own lane.
type FiledList struct {
	Header  Header
	Version int
	Totals  Totals
	Lines   []Filed
	// PartNumbers are the list numbers of the SSO's second and later file pairs, where the list was split before.
	PartNumbers []string
}

// TaxPerson is one person of a tax month: the sum of his rows in all the employer's lists.
type TaxPerson struct {
	Line     Line     // identity and codes of the last submitted row; Pay is the sum of all rows
	Assessed Assessed // of the sum: the month's estimate counts once a person
}

// TaxMonth is one version of what the tax administration gets of an employer and month.
type TaxMonth struct {
	Identity TaxMonthIdentity
	Version  int
	Persons  []TaxPerson
}

// File is a file made for an organisation.
type File struct {
	Name  string
	Bytes []byte
}
