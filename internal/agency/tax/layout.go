// Package tax makes and reads the salary files of the tax administration (سازمان امور مالیاتی): WP{yyyymm}.txt, one line a
// person, and WH{yyyymm}.txt, one line of pay for each. It computes no tax: the files carry none, the administration does.
package tax

import (
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Person is one line of WP as the file holds it: codes and texts, empty where nothing is known.
type Person struct {
	Nationality     string // 1 Iranian, 2 foreign
	ID              string // national code, or the foreigner's code
	FirstName       string
	LastName        string
	FatherName      string
	BirthDate       jalali.Date
	IDNumber        string
	BirthPlace      string
	Education       string
	InsuranceType   string
	InsuranceNumber string
	InsuranceName   string
	ExemptionType   string
	Citizenship     string // 3 digits, 103 Iran
	Residence       string
	PostalCode      string
	Address         string
	JobFamily       string
	JobTitle        string
	EmploymentType  string
	StartDate       jalali.Date
	EndDate         jalali.Date // the last day worked
	RetirementDate  jalali.Date

	// Of the edition of 1395 alone.
	PlaceStatus string
	// Other are codes of that edition that have no place in a list: record kind, employee code, place of service, contract
	// type, employee status, mobile, e-mail.
	Other [7]string
}

// Pay is one line of WH as the file holds it.
type Pay struct {
	ID              string
	CurrencyMode    string // 1 rial
	PlaceStatus     string
	BudgetException string
	Currency        string // 84 rial
	ExchangeRate    string // 1 for rial
	HousingUse      string
	CarUse          string
	// Amounts are whole rials by the administration's number of the column; the numbers of other columns stay zero.
	Amounts [lastColumn + 1]rial.Amount

	// Of the edition of 1395 alone: what the year came to for the worker so far, and parts that have no column of their own
	// any more.
	MonthsWorked int64 // since the start of the year, as the sender counted
	LastMonth    string
	StartDate    jalali.Date
	EndDate      jalali.Date
	Status       string
	MedicalCosts rial.Amount
	Exempt       [exemptions]rial.Amount // bank housing loans, other exemptions, less exempt, less art. 91(5), free zone, treaty
	TaxAll       rial.Amount             // tax on all items
	Tax          rial.Amount             // net tax of the month
}

const (
	lastColumn = 39
	exemptions = 6
)

// The columns of WH that are not a component's alone.
const (
	healthColumn  = 33 // premiums of art. 137: supplementary health and the deductible share of the worker's 7 %
	netPaidColumn = 35
)

// field is one column of a file: its name, its bounds, and where its value lies, for writing and for reading.
type field[R any] struct {
	name  string
	since int // the edition, by its first year, that added it
	width int // letters at most; 0 where the administration names no limit
	// text marks a value in the sender's words: it is cleaned and cut, and Fit tells of the cut at col.
	text bool
	col  payroll.ColumnID
	at   func(*R) any // *string, *jalali.Date or *rial.Amount
}

// The editions, by their first year: the live one has 39 columns of pay, that of 1403 35. The one before, of 34 columns, is
// read and never written.
const (
	edition1395 = 1395
	edition1403 = 1403
	edition1404 = 1404
)

// wpLayout is the persons' file, the same in both editions.
var wpLayout = []field[Person]{
	{name: "WP1", since: edition1403, at: func(p *Person) any { return &p.Nationality }},
	{name: "WP2", since: edition1403, at: func(p *Person) any { return &p.ID }},
	{name: "WP3", since: edition1403, width: 15, text: true, col: payroll.ColFirstName, at: func(p *Person) any { return &p.FirstName }},
	{name: "WP4", since: edition1403, width: 50, text: true, col: payroll.ColLastName, at: func(p *Person) any { return &p.LastName }},
	{name: "WP5", since: edition1403, width: 15, text: true, col: payroll.ColFatherName, at: func(p *Person) any { return &p.FatherName }},
	{name: "WP6", since: edition1403, at: func(p *Person) any { return &p.BirthDate }},
	{name: "WP7", since: edition1403, text: true, col: payroll.ColIDNumber, at: func(p *Person) any { return &p.IDNumber }},
	{name: "WP8", since: edition1403, text: true, col: payroll.ColBirthPlace, at: func(p *Person) any { return &p.BirthPlace }},
	{name: "WP9", since: edition1403, at: func(p *Person) any { return &p.Education }},
	{name: "WP10", since: edition1403, at: func(p *Person) any { return &p.InsuranceType }},
	{name: "WP11", since: edition1403, at: func(p *Person) any { return &p.InsuranceNumber }},
	{name: "WP12", since: edition1403, at: func(p *Person) any { return &p.InsuranceName }},
	{name: "WP13", since: edition1403, at: func(p *Person) any { return &p.ExemptionType }},
	{name: "WP14", since: edition1403, at: func(p *Person) any { return &p.Citizenship }},
	{name: "WP15", since: edition1403, at: func(p *Person) any { return &p.Residence }},
	{name: "WP16", since: edition1403, at: func(p *Person) any { return &p.PostalCode }},
	{name: "WP17", since: edition1403, text: true, col: payroll.ColWorkerAddress, at: func(p *Person) any { return &p.Address }},
	{name: "WP18", since: edition1403, at: func(p *Person) any { return &p.JobFamily }},
	{name: "WP19", since: edition1403, width: 30, text: true, col: payroll.ColJobTitle, at: func(p *Person) any { return &p.JobTitle }},
	{name: "WP20", since: edition1403, at: func(p *Person) any { return &p.EmploymentType }},
	{name: "WP21", since: edition1403, at: func(p *Person) any { return &p.StartDate }},
	{name: "WP22", since: edition1403, at: func(p *Person) any { return &p.EndDate }},
	{name: "WP23", since: edition1403, at: func(p *Person) any { return &p.RetirementDate }},
}

// whLayout is the pay file. Which component stands in which column is told by the component table.
var whLayout = []field[Pay]{
	{name: "WH1", since: edition1403, at: func(p *Pay) any { return &p.ID }},
	{name: "WH2", since: edition1403, at: func(p *Pay) any { return &p.CurrencyMode }},
	{name: "WH3", since: edition1403, at: func(p *Pay) any { return &p.PlaceStatus }},
	{name: "WH4", since: edition1403, at: func(p *Pay) any { return &p.BudgetException }},
	{name: "WH5", since: edition1403, at: func(p *Pay) any { return &p.Currency }},
	{name: "WH6", since: edition1403, at: func(p *Pay) any { return &p.ExchangeRate }},
	{name: "WH7", since: edition1403, at: amount(7)}, // continuous cash
	{name: "WH8", since: edition1403, at: amount(8)}, // its arrears
	{name: "WH9", since: edition1403, at: func(p *Pay) any { return &p.HousingUse }},
	{name: "WH10", since: edition1403, at: amount(10)}, // charged for housing
	{name: "WH11", since: edition1403, at: func(p *Pay) any { return &p.CarUse }},
	{name: "WH12", since: edition1403, at: amount(12)}, // charged for the car
	{name: "WH13", since: edition1403, at: amount(13)}, // continuous non-cash
	{name: "WH14", since: edition1403, at: amount(14)}, // its arrears
	{name: "WH15", since: edition1403, at: amount(15)}, // fees
	{name: "WH16", since: edition1403, at: amount(16)}, // research contracts
	{name: "WH17", since: edition1403, at: amount(17)}, // overtime
	{name: "WH18", since: edition1403, at: amount(18)}, // travel cost
	{name: "WH19", since: edition1403, at: amount(19)}, // mission
	{name: "WH20", since: edition1403, at: amount(20)}, // karaneh
	{name: "WH21", since: edition1403, at: amount(21)}, // bonus
	{name: "WH22", since: edition1403, at: amount(22)}, // year-end bonus
	{name: "WH23", since: edition1403, at: amount(23)}, // eidi
	{name: "WH24", since: edition1403, at: amount(24)}, // end of service
	{name: "WH25", since: edition1403, at: amount(25)}, // dismissal
	{name: "WH26", since: edition1403, at: amount(26)}, // buy-back
	{name: "WH27", since: edition1403, at: amount(27)}, // severance
	{name: "WH28", since: edition1403, at: amount(28)}, // unused leave
	{name: "WH29", since: edition1403, at: amount(29)}, // other non-continuous cash
	{name: "WH30", since: edition1403, at: amount(30)}, // its arrears
	{name: "WH31", since: edition1403, at: amount(31)}, // non-continuous non-cash
	{name: "WH32", since: edition1403, at: amount(32)}, // its arrears
	{name: "WH33", since: edition1403, at: amount(healthColumn)},
	{name: "WH34", since: edition1403, at: amount(34)}, // life premiums
	{name: "WH35", since: edition1403, at: amount(netPaidColumn)},
	{name: "WH36", since: edition1404, at: amount(36)}, // teaching and research
	{name: "WH37", since: edition1404, at: amount(37)}, // on-call
	{name: "WH38", since: edition1404, at: amount(38)}, // welfare and incentive
	{name: "WH39", since: edition1404, at: amount(39)}, // other haqq-al-saay
}

// wp1395Layout is the persons' file of the edition before 1403, of the same number of columns.
var wp1395Layout = []field[Person]{
	{name: "WP1", at: func(p *Person) any { return &p.Nationality }},
	{name: "WP2", at: func(p *Person) any { return &p.Other[0] }},
	{name: "WP3", at: func(p *Person) any { return &p.ID }},
	{name: "WP4", at: func(p *Person) any { return &p.FirstName }},
	{name: "WP5", at: func(p *Person) any { return &p.LastName }},
	{name: "WP6", at: func(p *Person) any { return &p.Citizenship }},
	{name: "WP7", at: func(p *Person) any { return &p.Other[1] }},
	{name: "WP8", at: func(p *Person) any { return &p.Education }},
	{name: "WP9", at: func(p *Person) any { return &p.JobTitle }},
	{name: "WP10", at: func(p *Person) any { return &p.InsuranceType }},
	{name: "WP11", at: func(p *Person) any { return &p.InsuranceName }},
	{name: "WP12", at: func(p *Person) any { return &p.InsuranceNumber }},
	{name: "WP13", at: func(p *Person) any { return &p.PostalCode }},
	{name: "WP14", at: func(p *Person) any { return &p.Address }},
	{name: "WP15", at: func(p *Person) any { return &p.StartDate }},
	{name: "WP16", at: func(p *Person) any { return &p.EmploymentType }},
	{name: "WP17", at: func(p *Person) any { return &p.Other[2] }},
	{name: "WP18", at: func(p *Person) any { return &p.PlaceStatus }},
	{name: "WP19", at: func(p *Person) any { return &p.Other[3] }},
	{name: "WP20", at: func(p *Person) any { return &p.EndDate }},
	{name: "WP21", at: func(p *Person) any { return &p.Other[4] }},
	{name: "WP22", at: func(p *Person) any { return &p.Other[5] }},
	{name: "WP23", at: func(p *Person) any { return &p.Other[6] }},
}

// wh1395Layout is the pay file of the edition before 1403. Amounts stand at the live edition's numbers of the same pay.
var wh1395Layout = []field[Pay]{
	{name: "WH1", at: func(p *Pay) any { return &p.ID }},
	{name: "WH2", at: func(p *Pay) any { return &p.CurrencyMode }},
	{name: "WH3", at: func(p *Pay) any { return &p.MonthsWorked }},
	{name: "WH4", at: func(p *Pay) any { return &p.LastMonth }},
	{name: "WH5", at: func(p *Pay) any { return &p.Currency }},
	{name: "WH6", at: func(p *Pay) any { return &p.ExchangeRate }},
	{name: "WH7", at: func(p *Pay) any { return &p.StartDate }},
	{name: "WH8", at: func(p *Pay) any { return &p.EndDate }},
	{name: "WH9", at: func(p *Pay) any { return &p.Status }},
	{name: "WH10", at: func(p *Pay) any { return &p.PlaceStatus }},
	{name: "WH11", at: amount(7)}, // gross continuous cash
	{name: "WH12", at: amount(8)},
	{name: "WH13", at: func(p *Pay) any { return &p.HousingUse }},
	{name: "WH14", at: amount(10)},
	{name: "WH15", at: func(p *Pay) any { return &p.CarUse }},
	{name: "WH16", at: amount(12)},
	{name: "WH17", at: amount(13)},
	{name: "WH18", at: func(p *Pay) any { return &p.MedicalCosts }},
	{name: "WH19", at: amount(healthColumn)},
	{name: "WH20", at: func(p *Pay) any { return &p.Exempt[0] }},
	{name: "WH21", at: func(p *Pay) any { return &p.Exempt[1] }},
	{name: "WH22", at: amount(17)}, // gross overtime
	{name: "WH23", at: amount(29)}, // other non-continuous cash
	{name: "WH24", at: amount(21)}, // occasional bonuses
	{name: "WH25", at: amount(30)},
	{name: "WH26", at: func(p *Pay) any { return &p.Exempt[2] }},
	{name: "WH27", at: amount(31)},
	{name: "WH28", at: amount(23)}, // eidi and year-end bonus
	{name: "WH29", at: amount(28)}, // leave and buy-back
	{name: "WH30", at: func(p *Pay) any { return &p.Exempt[3] }},
	{name: "WH31", at: func(p *Pay) any { return &p.Exempt[4] }},
	{name: "WH32", at: func(p *Pay) any { return &p.Exempt[5] }},
	{name: "WH33", at: func(p *Pay) any { return &p.TaxAll }},
	{name: "WH34", at: func(p *Pay) any { return &p.Tax }},
}

func amount(column int) func(*Pay) any { return func(p *Pay) any { return &p.Amounts[column] } }

// ColumnOf is the number of the WH column that carries a component in an edition that is written.
func ColumnOf(c payroll.Component, edition int) int {
	if edition < edition1404 {
		return c.Info().WH1403
	}
	return c.Info().WH1404
}

// of is the table of an edition: what it and the editions before it added.
func of[R any](layout []field[R], edition int) []field[R] {
	for i := range layout {
		if layout[i].since > edition {
			return layout[:i] // columns are only ever added at the end
		}
	}
	return layout
}
