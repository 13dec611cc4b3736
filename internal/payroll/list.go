package payroll

import (
	"fmt"
	"strconv"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/rial"
)

// OwnContract is the contract row (ردیف پیمان) of a workshop's own list.
const OwnContract = "000"

// Identity is what makes a list the same list: workshop, contract row, month and list number.
type Identity struct {
	Workshop    WorkshopCode
	ContractRow string // 3 digits, OwnContract for the workshop's own list
	Period      jalali.Month
	ListNo      string // 2–12 digits
}

// Key is the stable delivery key of the list's version at the SSO.
func (id Identity) Key(version int) string {
	return "sso." + string(id.Workshop) + "." + id.ContractRow + "." + id.Period.String() + "." + id.ListNo + "." + strconv.Itoa(version)
}

// TaxMonthIdentity is what makes a tax month the same: one pair of files a taxpayer's file and month.
type TaxMonthIdentity struct {
	Employer EmployerID
	FileNo   string // شماره پرونده; empty for the employer's only one
	Period   jalali.Month
}

// Key is the stable delivery key of the tax month's version.
func (id TaxMonthIdentity) Key(version int) string {
	file := id.FileNo
	if file == "" {
		file = "0"
	}
	return "tax." + string(id.Employer) + "." + file + "." + id.Period.String() + "." + strconv.Itoa(version)
}

// NextListNo is the list number n above no, written at least as wide.
func NextListNo(no string, n int) string {
	v, err := strconv.Atoi(no)
	if err != nil {
		return no
	}
	return fmt.Sprintf("%0*d", len(no), v+n)
}

// Kind says what a list is to those sent before it (نوع ارسال).
type Kind string

// The kinds of a list.
const (
	Original      Kind = "original"      // اصلی
	Replacement   Kind = "replacement"   // اصلاحی: takes the place of a whole earlier version
	Change        Kind = "change"        // اصلاح چند نفر: only the changed persons
	Supplementary Kind = "supplementary" // متمم: more persons or amounts under a new list number
	Nil           Kind = "nil"           // فاقد کارگر: no one worked
)

// Header is the sheet «کارگاه»: one workshop, contract row, month and list number.
type Header struct {
	Workshop      WorkshopCode
	ContractRow   string
	Period        jalali.Month
	TaxPeriod     jalali.Month // ماه تخصیص یا پرداخت; the period when none is given
	ListNo        string
	Kind          Kind
	Replaces      string // a tracking code, or v1, v2 … of this identity
	Reason        string
	WorkshopName  string
	EmployerName  string
	Employer      EmployerID
	Address       string
	PostalCode    PostalCode
	TaxOfficeCode string
	TaxFileNo     string
	ExemptFive    bool // مشمول معافیت پنج نفر
	Description   string

	Profile Profile
	// Supplements: the list is a later version of a supplementary one, and is judged as that.
	Supplements bool
	Given       HeaderSet // keys the file held
	Faulty      HeaderSet // keys with a finding at error level: a check that reads one does not run
}

// Adds tells a list that adds persons or amounts to what the month's other lists hold: one of kind supplementary, in any version.
func (h *Header) Adds() bool { return h.Kind == Supplementary || h.Supplements }

// Identity is the list's identity.
func (h *Header) Identity() Identity { return Identity{h.Workshop, h.ContractRow, h.Period, h.ListNo} }

// TaxMonth is the tax month that the list's persons belong to.
func (h *Header) TaxMonth() TaxMonthIdentity {
	return TaxMonthIdentity{h.Employer, h.TaxFileNo, h.TaxPeriod}
}

// Profile is what the SSO has granted or told the workshop by letter; nothing in it is guessed.
type Profile struct {
	ExemptFiveQuota int  `json:"exempt_five_quota"` // how many workers the five-worker exemption covers
	HardMonthly     bool `json:"hard_monthly"`      // a letter asks 4 % a month for hard jobs
	Retired         *struct {
		Worker   rial.Rate `json:"worker"`
		Employer rial.Rate `json:"employer"`
	} `json:"retired"` // shares of retired workers; nil when the workshop has no letter (PREM-08)
}

// InsuredKind decides whose premium shares a line bears (نوع بیمه‌شده).
type InsuredKind string

// The kinds of insured persons.
const (
	NormalKind     InsuredKind = "normal"     // عادی
	EmployerKind   InsuredKind = "employer"   // کارفرما، مدیرعامل، عضو هیئت‌مدیره
	ForeignKind    InsuredKind = "foreign"    // اتباع خارجی
	RetiredKind    InsuredKind = "retired"    // بازنشسته
	ApprenticeKind InsuredKind = "apprentice" // کارآموز
)

// Iranian is the nationality taken when none is given.
const Iranian = "ایرانی"

// Line is one worker in one list. Text is NFC with Persian letters; dates and months are Jalali; money is whole rials.
type Line struct {
	Row int // the number a person sees in his sheet

	Number             int // ردیف, as the sender numbered it
	NationalCode       NationalCode
	ForeignerCode      ForeignerCode
	Nationality        string
	CitizenshipCountry string // 3 digits, 103 Iran
	ResidenceCountry   string
	FirstName          string
	LastName           string
	FatherName         string
	BirthDate          jalali.Date
	BirthPlace         string
	IDNumber           string // شماره شناسنامه
	IssuePlace         string
	IssueDate          jalali.Date
	Sex                string // male, female
	InsuranceNumber    InsuranceNumber
	JobCode            JobCode
	JobTitle           string
	ReportedTo         fault.Lane // ارسال به
	Hold               bool       // judged and listed, sent to no one
	Action             string     // change, cancel; only in a change list
	InsuredKind        InsuredKind
	HardJob            bool
	StartDate          jalali.Date
	EndDate            jalali.Date // the first day not worked
	Days               int         // insured days, 0 to the month's length; zero is legal
	DailyWage          rial.Amount // without seniority
	DailySeniority     rial.Amount // پایه سنوات a day
	Pay                Pay         // rials a month by component
	HousingUse         string      // 1 none, 2 furnished, 3 unfurnished
	CarUse             string      // 1 none, 2 with driver, 3 without
	DeclaredPremium    rial.Amount // compared, never taken into the files
	DeclaredTax        rial.Amount // compared, never taken into the files
	NetPaid            rial.Amount // WH35 when given
	OtherDeductions    rial.Amount
	NotMainPayer       bool // پرداخت‌کننده اصلی: خیر
	Education          string
	EmploymentType     string
	JobFamily          string
	ExemptionType      string
	PlaceStatus        string
	BudgetException    string
	InsuranceType      string
	RetirementDate     jalali.Date
	WorkerPostalCode   PostalCode
	WorkerAddress      string
	YTDMonths          int // opening balance of the year where earlier months are unknown
	YTDTaxable         rial.Amount
	YTDTax             rial.Amount
	YTDEidi            rial.Amount
	YTDNonCash         rial.Amount

	Given  ColumnSet // columns whose cell held a value
	Faulty ColumnSet // columns with a finding at error level: a check that reads one does not run
}

// Pay holds a month's rials by component.
type Pay [ComponentCount]rial.Amount

// Foreign tells whether the line is a foreigner's: a nationality other than Iranian was given.
func (l *Line) Foreign() bool { return l.Nationality != "" && l.Nationality != Iranian }

// Person names the worker across lists and months: the national code, else F and the foreigner code.
func (l *Line) Person() string {
	if l.Foreign() {
		return "F" + string(l.ForeignerCode)
	}
	return string(l.NationalCode)
}

// Lanes are the organisations the line goes to: none when it is held.
func (l *Line) Lanes() fault.Lane {
	if l.Hold {
		return 0
	}
	return l.ReportedTo
}
