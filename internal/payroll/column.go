package payroll

import "fehrest/internal/fault"

// ColumnID is a column of the sheet «لیست», its place in the column table.
type ColumnID uint8

// The columns that rules name, in the table's order; a component's column is Component.Column.
const (
	ColRow ColumnID = iota
	ColNationalCode
	ColForeignerCode
	ColNationality
	ColCitizenshipCountry
	ColResidenceCountry
	ColFirstName
	ColLastName
	ColFatherName
	ColBirthDate
	ColBirthPlace
	ColIDNumber
	ColIssuePlace
	ColIssueDate
	ColSex
	ColInsuranceNumber
	ColJobCode
	ColJobTitle
	ColReportedTo
	ColHold
	ColAction
	ColInsuredKind
	ColHardJob
	ColStartDate
	ColEndDate
	ColDays
	ColDailyWage
	ColDailySeniority
	firstComponent // the components stand here, in their own order
)

// The columns after the components.
const (
	ColHousingUse = firstComponent + ColumnID(ComponentCount) + ColumnID(iota)
	ColCarUse
	ColDeclaredPremium
	ColDeclaredTax
	ColNetPaid
	ColOtherDeductions
	ColMainPayer
	ColEducation
	ColEmploymentType
	ColJobFamily
	ColExemptionType
	ColPlaceStatus
	ColBudgetException
	ColInsuranceType
	ColRetirementDate
	ColWorkerPostalCode
	ColWorkerAddress
	ColYTDMonths
	ColYTDTaxable
	ColYTDTax
	ColYTDEidi
	ColYTDNonCash

	// ColumnCount is how many columns the list has.
	ColumnCount
)

// Form says how a cell is read.
type Form uint8

// The forms of cells.
const (
	Text   Form = iota // *string, at most Limit letters
	Name               // *string: Persian letters, a person's name
	Digits             // *string of digits, at most Limit
	Coded              // *string: one of Values
	Money              // *rial.Amount
	Count              // *int
	Date               // *jalali.Date
	YesNo              // *bool, true for بله
	NoYes              // *bool, true for خیر
	Lanes              // *fault.Lane: one of Values
	Month              // *jalali.Month, of the workshop sheet only
)

// Column is one row of the column table: template, reader, JSON, schema and docs are made from it.
type Column struct {
	Key    string // public and never renamed: JSON name, second header row, the field of every finding
	Label  string // the trade's word, the template's header
	Form   Form
	Limit  int        // letters or digits at most; 0 where the form knows
	Lanes  fault.Lane // whose verdict a finding at it moves
	Needs  fault.Lane // rows that go to one of these lanes need it
	Once   bool       // given once a worker and carried forward
	Values []Value    // the codes of a coded column
	// Field points into a line: *string, *rial.Amount, *int, *jalali.Date, *bool or *fault.Lane, as the form says.
	Field func(*Line) any
}

// Value is one code of a coded column and the words payrolls write for it.
type Value struct {
	Code  string
	Words []string // the first is shown
}

var (
	columns     = columnTable()
	columnByKey = indexColumns()
)

func indexColumns() map[string]ColumnID {
	m := make(map[string]ColumnID, ColumnCount)
	for id := range ColumnCount {
		m[columns[id].Key] = id
	}
	return m
}

// Columns is the whole table in the template's order.
func Columns() []Column { return columns[:] }

// Column is the component's column.
func (c Component) Column() ColumnID { return firstComponent + ColumnID(c) }

// Component is the column's component; ok is false for the others.
func (id ColumnID) Component() (c Component, ok bool) {
	if id < firstComponent || id >= firstComponent+ColumnID(ComponentCount) {
		return 0, false
	}
	return Component(id - firstComponent), true
}

// Info is the column's row of the table.
func (id ColumnID) Info() *Column { return &columns[id] }

// ColumnOf finds a column by its public key.
func ColumnOf(key string) (ColumnID, bool) {
	id, ok := columnByKey[key]
	return id, ok
}
