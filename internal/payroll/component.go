package payroll

import "iter"

// Component is one kind of pay or deduction of a month. Its row in the table below is the one place that names it; the law
// book holds only a year's exceptions and disputes.
type Component uint8

// The components, in the order of the table.
const (
	MonthlyWage              Component = iota // دستمزد ماهانه
	Housing                                   // حق مسکن
	Grocery                                   // بن کارگری (کمک‌هزینه اقلام مصرفی خانوار)
	HousingGrocery                            // حق مسکن و خواربار
	Marriage                                  // حق تأهل
	Child                                     // حق اولاد
	Responsibility                            // حق مسئولیت و سرپرستی
	Attraction                                // حق جذب
	Hardship                                  // سختی کار و بدی آب‌وهوا
	Adjustment                                // تفاوت تطبیق
	Transport                                 // ایاب‌وذهاب
	Meal                                      // حق غذا
	OtherContinuous                           // سایر مزایای مستمر نقدی
	Overtime                                  // اضافه‌کاری
	HolidayWork                               // تعطیل‌کاری
	Shift                                     // نوبت‌کاری و شب‌کاری و جمعه‌کاری
	Performance                               // کارانه
	Bonus                                     // پاداش
	Productivity                              // بهره‌وری و انگیزشی نقدی
	ProductionBonus                           // پاداش افزایش تولید
	Welfare                                   // کمک‌های رفاهی
	Milk                                      // حق شیر
	CashShortage                              // کسر صندوق و حق تضمین
	SicknessDifference                        // مابه‌التفاوت ایام بیماری
	Mission                                   // حق مأموریت
	TravelCost                                // هزینه سفر
	OtherNoncontinuous                        // سایر مزایای غیرمستمر نقدی
	OnCall                                    // حق کشیک
	HaqqAlSaay                                // حق‌السعی (غیر از مزد و حقوق و پاداش)
	Eidi                                      // عیدی
	YearEndBonus                              // پاداش آخر سال
	EndService                                // پاداش پایان خدمت
	Dismissal                                 // خسارت اخراج
	Buyback                                   // بازخرید خدمت
	Severance                                 // سنوات پایان خدمت
	UnusedLeave                               // بازخرید مرخصی
	Fees                                      // حق‌الزحمه و حق مشاوره
	Research                                  // قرارداد پژوهشی
	Teaching                                  // حق‌التدریس و حق‌التحقیق
	NonCashContinuous                         // مزایای مستمر غیرنقدی
	NonCashOther                              // مزایای غیرمستمر غیرنقدی
	ArrearsContinuous                         // مزایای مستمر نقدی معوق
	ArrearsContinuousNonCash                  // مزایای مستمر غیرنقدی معوق
	ArrearsOther                              // مزایای غیرمستمر نقدی معوق
	ArrearsOtherNonCash                       // مزایای غیرمستمر غیرنقدی معوق
	HousingDeducted                           // مبلغ کسرشده بابت مسکن
	CarDeducted                               // مبلغ کسرشده بابت اتومبیل
	HealthPremium                             // بیمه تکمیلی سهم پرسنل
	LifePremium                               // بیمه عمر

	// ComponentCount is how many components there are.
	ComponentCount
)

// SSOTreatment says what a component is to the Social Security Organization.
type SSOTreatment string

// Treatments by the SSO. The disputed ones name the default taken until the law book says otherwise.
const (
	Wage              SSOTreatment = "wage"               // DSW_MAH
	Insurable         SSOTreatment = "insurable"          // in DSW_MAZ
	DisputedInsurable SSOTreatment = "disputed_insurable" // taken as insurable, the finding names the dispute
	TotalOnly         SSOTreatment = "total"              // in DSW_TOTL only
	DisputedTotal     SSOTreatment = "disputed_total"     // taken as total, the finding names the dispute
	Absent            SSOTreatment = "absent"             // not in the SSO's file
	Deduction         SSOTreatment = "deduction"          // taken from the worker, no pay
)

// TaxTreatment says what a component is to the tax administration.
type TaxTreatment string

// Treatments by the tax administration.
const (
	Taxable       TaxTreatment = "taxable"
	DisputedTax   TaxTreatment = "disputed"        // taxable or exempt by the year's flag
	ExemptTax     TaxTreatment = "exempt"          // direct taxes law art. 91
	EidiTax       TaxTreatment = "eidi"            // exempt up to one month's exemption a year, art. 91(10)
	LeaverTax     TaxTreatment = "leaver"          // exempt for a leaver, art. 91(5)
	WelfareTax    TaxTreatment = "welfare"         // by the year's welfare rule
	FlatTax       TaxTreatment = "flat"            // note to art. 86, where this employer is not the main payer
	NonCashTax    TaxTreatment = "noncash"         // exempt up to 2/12 of the year's exemption, art. 91(13)
	HousingInKind TaxTreatment = "housing_in_kind" // charged against housing in kind, note to art. 83
	CarInKind     TaxTreatment = "car_in_kind"     // charged against a car in kind, note to art. 83
	DeductibleTax TaxTreatment = "deductible"      // art. 137
)

// ComponentInfo is a component's row of the table: public key, the trade's word, default treatments, and the WH field
// (1…39) that carries it in each edition of the tax administration's file.
type ComponentInfo struct {
	Key    string
	Label  string
	SSO    SSOTreatment
	Tax    TaxTreatment
	WH1404 int
	WH1403 int
}

var components = [ComponentCount]ComponentInfo{
	MonthlyWage:              {"monthly_wage", "دستمزد ماهانه", Wage, Taxable, 7, 7},
	Housing:                  {"housing", "حق مسکن", Insurable, DisputedTax, 7, 7},
	Grocery:                  {"grocery", "بن کارگری (کمک‌هزینه اقلام مصرفی خانوار)", Insurable, DisputedTax, 7, 7},
	HousingGrocery:           {"housing_grocery", "حق مسکن و خواربار", Insurable, DisputedTax, 7, 7},
	Marriage:                 {"marriage", "حق تأهل", Insurable, Taxable, 7, 7},
	Child:                    {"child", "حق اولاد", TotalOnly, Taxable, 7, 7},
	Responsibility:           {"responsibility", "حق مسئولیت و سرپرستی", Insurable, Taxable, 7, 7},
	Attraction:               {"attraction", "حق جذب", Insurable, Taxable, 7, 7},
	Hardship:                 {"hardship", "سختی کار و بدی آب‌وهوا", Insurable, Taxable, 7, 7},
	Adjustment:               {"adjustment", "تفاوت تطبیق", Insurable, Taxable, 7, 7},
	Transport:                {"transport", "ایاب‌وذهاب", DisputedInsurable, Taxable, 7, 7},
	Meal:                     {"meal", "حق غذا", DisputedInsurable, Taxable, 7, 7},
	OtherContinuous:          {"other_continuous", "سایر مزایای مستمر نقدی", Insurable, Taxable, 7, 7},
	Overtime:                 {"overtime", "اضافه‌کاری", Insurable, Taxable, 17, 17},
	HolidayWork:              {"holiday_work", "تعطیل‌کاری", Insurable, Taxable, 17, 17},
	Shift:                    {"shift", "نوبت‌کاری و شب‌کاری و جمعه‌کاری", Insurable, Taxable, 29, 29},
	Performance:              {"performance", "کارانه", Insurable, Taxable, 20, 20},
	Bonus:                    {"bonus", "پاداش", Insurable, Taxable, 21, 21},
	Productivity:             {"productivity", "بهره‌وری و انگیزشی نقدی", Insurable, WelfareTax, 38, 21},
	ProductionBonus:          {"production_bonus", "پاداش افزایش تولید", TotalOnly, Taxable, 38, 21},
	Welfare:                  {"welfare", "کمک‌های رفاهی", DisputedInsurable, WelfareTax, 38, 29},
	Milk:                     {"milk", "حق شیر", TotalOnly, Taxable, 29, 29},
	CashShortage:             {"cash_shortage", "کسر صندوق و حق تضمین", TotalOnly, Taxable, 29, 29},
	SicknessDifference:       {"sickness_difference", "مابه‌التفاوت ایام بیماری", TotalOnly, Taxable, 29, 29},
	Mission:                  {"mission", "حق مأموریت", TotalOnly, ExemptTax, 19, 19},
	TravelCost:               {"travel_cost", "هزینه سفر", TotalOnly, ExemptTax, 18, 18},
	OtherNoncontinuous:       {"other_noncontinuous", "سایر مزایای غیرمستمر نقدی", TotalOnly, Taxable, 29, 29},
	OnCall:                   {"on_call", "حق کشیک", Insurable, Taxable, 37, 29},
	HaqqAlSaay:               {"haqq_al_saay", "حق‌السعی (غیر از مزد و حقوق و پاداش)", Insurable, Taxable, 39, 29},
	Eidi:                     {"eidi", "عیدی", Absent, EidiTax, 23, 23},
	YearEndBonus:             {"year_end_bonus", "پاداش آخر سال", Absent, EidiTax, 22, 22},
	EndService:               {"end_service", "پاداش پایان خدمت", Absent, LeaverTax, 24, 24},
	Dismissal:                {"dismissal", "خسارت اخراج", Absent, ExemptTax, 25, 25},
	Buyback:                  {"buyback", "بازخرید خدمت", Absent, ExemptTax, 26, 26},
	Severance:                {"severance", "سنوات پایان خدمت", Absent, LeaverTax, 27, 27},
	UnusedLeave:              {"unused_leave", "بازخرید مرخصی", Absent, Taxable, 28, 28},
	Fees:                     {"fees", "حق‌الزحمه و حق مشاوره", Absent, FlatTax, 15, 15},
	Research:                 {"research", "قرارداد پژوهشی", Absent, FlatTax, 16, 16},
	Teaching:                 {"teaching", "حق‌التدریس و حق‌التحقیق", Absent, FlatTax, 36, 15},
	NonCashContinuous:        {"noncash_continuous", "مزایای مستمر غیرنقدی", DisputedTotal, NonCashTax, 13, 13},
	NonCashOther:             {"noncash_other", "مزایای غیرمستمر غیرنقدی", TotalOnly, NonCashTax, 31, 31},
	ArrearsContinuous:        {"arrears_continuous", "مزایای مستمر نقدی معوق", Absent, Taxable, 8, 8},
	ArrearsContinuousNonCash: {"arrears_continuous_noncash", "مزایای مستمر غیرنقدی معوق", Absent, Taxable, 14, 14},
	ArrearsOther:             {"arrears_other", "مزایای غیرمستمر نقدی معوق", Absent, Taxable, 30, 30},
	ArrearsOtherNonCash:      {"arrears_other_noncash", "مزایای غیرمستمر غیرنقدی معوق", Absent, Taxable, 32, 32},
	HousingDeducted:          {"housing_deducted", "مبلغ کسرشده بابت مسکن", Deduction, HousingInKind, 10, 10},
	CarDeducted:              {"car_deducted", "مبلغ کسرشده بابت اتومبیل", Deduction, CarInKind, 12, 12},
	HealthPremium:            {"health_premium", "بیمه تکمیلی سهم پرسنل", Deduction, DeductibleTax, 33, 33},
	LifePremium:              {"life_premium", "بیمه عمر", Deduction, DeductibleTax, 34, 34},
}

// Info is the component's row of the table.
func (c Component) Info() *ComponentInfo { return &components[c] }

// Continuous tells whether the component is paid or withheld month after month as long as the work is the same (مستمر): the
// tax administration's file has its column of continuous pay for it, or it is a deduction.
func (c Component) Continuous() bool {
	return components[c].WH1404 == components[MonthlyWage].WH1404 || c == NonCashContinuous || components[c].SSO == Deduction
}

// Cash tells whether the component is money paid: neither a deduction nor a benefit in kind.
func (c Component) Cash() bool {
	switch c {
	case NonCashContinuous, NonCashOther, ArrearsContinuousNonCash, ArrearsOtherNonCash:
		return false
	}
	return components[c].SSO != Deduction
}

// Components yields every component in the table's order.
func Components() iter.Seq[Component] {
	return func(yield func(Component) bool) {
		for c := range ComponentCount {
			if !yield(c) {
				return
			}
		}
	}
}
