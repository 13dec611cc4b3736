package law

import (
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Params are the parameters in force from one month to another, each with its source. They never change once loaded.
// The lane tag says which organisation's figures a parameter decides.
type Params struct {
	File string       `yaml:"-" json:"file"` // the file that holds them, such as 1405.yaml
	From jalali.Month `yaml:"from" json:"from"`
	To   jalali.Month `yaml:"to" json:"to"` // the last month, inclusive

	MinimumDailyWage  Amount `yaml:"minimum_daily_wage" json:"minimum_daily_wage" lane:"sso"`   // rials a day
	MaxDailyInsurable Amount `yaml:"max_daily_insurable" json:"max_daily_insurable" lane:"sso"` // rials a day; × days is the month's cap
	Housing           Amount `yaml:"housing" json:"housing" lane:"sso"`                         // rials a month
	Grocery           Amount `yaml:"grocery" json:"grocery" lane:"sso"`                         // rials a month
	Child             Amount `yaml:"child" json:"child" lane:"sso"`                             // rials a month and child
	Marriage          Amount `yaml:"marriage" json:"marriage" lane:"sso"`                       // rials a month
	Seniority         Amount `yaml:"seniority" json:"seniority" lane:"sso"`                     // rials a day

	Premium          Premiums `yaml:"premium" json:"premium" lane:"sso"`
	ExemptFive       Number   `yaml:"exempt_five" json:"exempt_five" lane:"sso"`             // workers whose employer's share is waived
	HardJob          Rate     `yaml:"hard_job" json:"hard_job" lane:"sso"`                   // of the insurable wage, only where a letter asks it monthly
	PayslipTolerance Amount   `yaml:"payslip_tolerance" json:"payslip_tolerance" lane:"sso"` // rials a day between the payslip's monthly wage and the computed one
	PremiumRounding  Amount   `yaml:"premium_rounding" json:"premium_rounding" lane:"sso"`   // rials of a declared premium's own rounding

	SSOTreatments map[string]Choice `yaml:"sso_treatments" json:"sso_treatments" lane:"sso"` // by component key: the year's exceptions and disputes
	TaxTreatments map[string]Choice `yaml:"tax_treatments" json:"tax_treatments" lane:"tax"` // likewise; every disputed component is decided here

	Brackets         Brackets      `yaml:"brackets" json:"brackets" lane:"tax"` // rials a year
	DeductibleShare  Rate          `yaml:"deductible_share" json:"deductible_share" lane:"tax"`
	FlatRate         Rate          `yaml:"flat_rate" json:"flat_rate" lane:"tax"`
	EidiShare        Rate          `yaml:"eidi_share" json:"eidi_share" lane:"tax"`       // of the year's exemption, exempt a year
	NonCashShare     Rate          `yaml:"noncash_share" json:"noncash_share" lane:"tax"` // of the year's exemption, exempt a year
	HousingInKind    HousingInKind `yaml:"housing_in_kind" json:"housing_in_kind" lane:"tax"`
	CarInKind        CarInKind     `yaml:"car_in_kind" json:"car_in_kind" lane:"tax"`
	PlaceForgiveness Rate          `yaml:"place_forgiveness" json:"place_forgiveness" lane:"tax"` // of the month's tax in a forgiven place
	ForgivenPlaces   Codes         `yaml:"forgiven_places" json:"forgiven_places" lane:"tax"`
	UnknownPlaces    Codes         `yaml:"unknown_places" json:"unknown_places" lane:"tax"`   // no known rule: no estimate
	UnknownBudgets   Codes         `yaml:"unknown_budgets" json:"unknown_budgets" lane:"tax"` // no known rule: no estimate
	ExemptTypes      Codes         `yaml:"exempt_types" json:"exempt_types" lane:"tax"`       // exemption types that pay no tax
	MartyrTypes      Codes         `yaml:"martyr_types" json:"martyr_types" lane:"tax"`       // likewise, on a basis not confirmed
	UnknownTypes     Codes         `yaml:"unknown_types" json:"unknown_types" lane:"tax"`     // no known rule: no estimate
	LeaverPay        Choice        `yaml:"leaver_pay" json:"leaver_pay" lane:"tax"`           // treatment of end-of-service pay to one who stays
	WelfareRule      Choice        `yaml:"welfare_rule" json:"welfare_rule" lane:"tax"`       // WelfareSplit or WelfareTaxable
	WelfareRate      Rate          `yaml:"welfare_rate" json:"welfare_rate" lane:"tax"`       // of welfare above its share, where it is split
	WHEdition        Number        `yaml:"wh_edition" json:"wh_edition" lane:"tax"`           // the edition of the monthly pay file: 1403 or 1404

	YoungestWorker    Number `yaml:"youngest_worker" json:"youngest_worker" lane:"both"` // years, on the period's last day
	OldestWorker      Number `yaml:"oldest_worker" json:"oldest_worker" lane:"both"`     // years; above it is doubtful
	EstimateTolerance Amount `yaml:"estimate_tolerance" json:"estimate_tolerance" lane:"tax"`
	NetTolerance      Amount `yaml:"net_tolerance" json:"net_tolerance" lane:"tax"`

	SSODeadline DeadlineRule `yaml:"sso_deadline" json:"sso_deadline" lane:"sso"`
	TaxDeadline DeadlineRule `yaml:"tax_deadline" json:"tax_deadline" lane:"tax"`

	sso      [payroll.ComponentCount]payroll.SSOTreatment
	tax      [payroll.ComponentCount]payroll.TaxTreatment
	disputes []Dispute
}

// HousingInKind is the value of a dwelling given, of continuous cash pay.
type HousingInKind struct {
	Furnished   Rate `yaml:"furnished" json:"furnished"`
	Unfurnished Rate `yaml:"unfurnished" json:"unfurnished"`
}

// CarInKind is the value of a car given, of continuous cash pay.
type CarInKind struct {
	WithDriver    Rate `yaml:"with_driver" json:"with_driver"`
	WithoutDriver Rate `yaml:"without_driver" json:"without_driver"`
}

// The welfare rules.
const (
	WelfareSplit   = "split"   // the exemption is split between wage and welfare, and welfare above its share bears WelfareRate
	WelfareTaxable = "taxable" // like wages
)

// Dispute is a parameter on which sources conflict; whatever rests on it says so.
type Dispute struct {
	Parameter string // the name in the file, such as deductible_share or tax_treatments.housing
	Component payroll.Component
	OfPay     bool // the dispute is about Component
	Lane      fault.Lane
	Value     string // what is taken
	Source
}

// SSO is what the component is to the Social Security Organization in these months.
func (p *Params) SSO(c payroll.Component) payroll.SSOTreatment { return p.sso[c] }

// Tax is what the component is to the tax administration in these months. It is never DisputedTax: the file decides; and
// welfare pay is Taxable where the welfare rule is not in force.
func (p *Params) Tax(c payroll.Component) payroll.TaxTreatment { return p.tax[c] }

// Disputes names the disputed parameters, in the order of Params.
func (p *Params) Disputes() []Dispute { return p.disputes }

// EidiExemption is how much of eidi and year-end bonus a year is exempt (direct taxes law art. 91(10)).
func (p *Params) EidiExemption() rial.Amount {
	return p.Brackets.Exemption().Times(p.EidiShare.Value, rial.HalfUp)
}

// NonCashExemption is how much pay in kind a year is exempt (direct taxes law art. 91(13)).
func (p *Params) NonCashExemption() rial.Amount {
	return p.Brackets.Exemption().Times(p.NonCashShare.Value, rial.HalfUp)
}

// PremiumTolerance is how far a declared premium may lie from the computed one: its own rounding, and the worker's share of
// what the payslip's monthly wage may differ, rounded up.
func (p *Params) PremiumTolerance(days int) rial.Amount {
	num, den := p.Premium[payroll.NormalKind].Worker.Value.Fraction()
	differ := int64(p.PayslipTolerance.Value.TimesInt(days))
	return p.PremiumRounding.Value + rial.Amount((differ*num+den-1)/den)
}
