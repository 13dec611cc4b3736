package payroll

import "fehrest/internal/fault"

// columnTable is the sheet «لیست»; the components stand in the middle, made from their own table.
func columnTable() (t [ColumnCount]Column) {
	at := copy(t[:], []Column{
		{Key: "row", Label: "ردیف", Form: Count, Lanes: fault.Both, Field: func(l *Line) any { return &l.Number }},
		{Key: "national_code", Label: "کد ملی", Form: Digits, Limit: 10, Lanes: fault.Both, Needs: fault.Both, Field: func(l *Line) any { return (*string)(&l.NationalCode) }},
		{Key: "foreigner_code", Label: "کد فراگیر اتباع", Form: Digits, Limit: 14, Lanes: fault.Both, Needs: fault.Both, Field: func(l *Line) any { return (*string)(&l.ForeignerCode) }},
		{Key: "nationality", Label: "ملیت", Form: Text, Limit: 10, Lanes: fault.Both, Field: func(l *Line) any { return &l.Nationality }},
		{Key: "citizenship_country", Label: "کد کشور تابعیت", Form: Digits, Limit: 3, Lanes: fault.Tax, Field: func(l *Line) any { return &l.CitizenshipCountry }},
		{Key: "residence_country", Label: "کد کشور محل زندگی", Form: Digits, Limit: 3, Lanes: fault.Tax, Field: func(l *Line) any { return &l.ResidenceCountry }},
		{Key: "first_name", Label: "نام", Form: Name, Limit: 60, Lanes: fault.Both, Needs: fault.Both, Field: func(l *Line) any { return &l.FirstName }},
		{Key: "last_name", Label: "نام خانوادگی", Form: Name, Limit: 60, Lanes: fault.Both, Needs: fault.Both, Field: func(l *Line) any { return &l.LastName }},
		{Key: "father_name", Label: "نام پدر", Form: Name, Limit: 60, Lanes: fault.Both, Needs: fault.Both, Field: func(l *Line) any { return &l.FatherName }},
		{Key: "birth_date", Label: "تاریخ تولد", Form: Date, Lanes: fault.Both, Needs: fault.Both, Field: func(l *Line) any { return &l.BirthDate }},
		{Key: "birth_place", Label: "محل تولد", Form: Text, Limit: 60, Lanes: fault.Tax, Field: func(l *Line) any { return &l.BirthPlace }},
		{Key: "id_number", Label: "شماره شناسنامه", Form: Text, Limit: 15, Lanes: fault.Both, Field: func(l *Line) any { return &l.IDNumber }},
		{Key: "issue_place", Label: "محل صدور", Form: Text, Limit: 30, Lanes: fault.SSO, Field: func(l *Line) any { return &l.IssuePlace }},
		{Key: "issue_date", Label: "تاریخ صدور", Form: Date, Lanes: fault.SSO, Field: func(l *Line) any { return &l.IssueDate }},
		{Key: "sex", Label: "جنسیت", Form: Coded, Lanes: fault.SSO, Needs: fault.SSO, Values: sexes, Field: func(l *Line) any { return &l.Sex }},
		{Key: "insurance_number", Label: "شماره بیمه", Form: Digits, Limit: 10, Lanes: fault.SSO, Needs: fault.SSO, Field: func(l *Line) any { return (*string)(&l.InsuranceNumber) }},
		{Key: "job_code", Label: "کد شغل", Form: Text, Limit: 6, Lanes: fault.SSO, Needs: fault.SSO, Field: func(l *Line) any { return (*string)(&l.JobCode) }},
		{Key: "job_title", Label: "عنوان شغل", Form: Text, Limit: 50, Lanes: fault.Both, Needs: fault.Both, Field: func(l *Line) any { return &l.JobTitle }},
		{Key: "reported_to", Label: "ارسال به", Form: Lanes, Lanes: fault.Both, Values: destinations, Field: func(l *Line) any { return &l.ReportedTo }},
		{Key: "hold", Label: "نگه‌داشتن ردیف", Form: YesNo, Lanes: fault.Both, Values: yesNo, Field: func(l *Line) any { return &l.Hold }},
		{Key: "action", Label: "اقدام", Form: Coded, Lanes: fault.Both, Values: actions, Field: func(l *Line) any { return &l.Action }},
		{Key: "insured_kind", Label: "نوع بیمه‌شده", Form: Coded, Lanes: fault.SSO, Values: insuredKinds, Field: func(l *Line) any { return (*string)(&l.InsuredKind) }},
		{Key: "hard_job", Label: "مشاغل سخت و زیان‌آور", Form: YesNo, Lanes: fault.SSO, Values: yesNo, Field: func(l *Line) any { return &l.HardJob }},
		{Key: "start_date", Label: "تاریخ شروع به کار", Form: Date, Lanes: fault.Both, Once: true, Field: func(l *Line) any { return &l.StartDate }},
		{Key: "end_date", Label: "تاریخ ترک کار", Form: Date, Lanes: fault.Both, Field: func(l *Line) any { return &l.EndDate }},
		{Key: "days", Label: "روزهای کارکرد", Form: Count, Lanes: fault.Both, Needs: fault.SSO, Field: func(l *Line) any { return &l.Days }},
		{Key: "daily_wage", Label: "دستمزد روزانه", Form: Money, Lanes: fault.Both, Needs: fault.SSO, Field: func(l *Line) any { return &l.DailyWage }},
		{Key: "daily_seniority", Label: "پایه سنوات روزانه", Form: Money, Lanes: fault.SSO, Field: func(l *Line) any { return &l.DailySeniority }},
	})
	for c := range ComponentCount {
		t[at] = componentColumn(c)
		at++
	}
	copy(t[at:], []Column{
		{Key: "housing_use", Label: "مسکن (۱ ندارد ۲ با اثاثیه ۳ بدون اثاثیه)", Form: Coded, Lanes: fault.Tax, Values: housingUses, Field: func(l *Line) any { return &l.HousingUse }},
		{Key: "car_use", Label: "اتومبیل اختصاصی (۱ ندارد ۲ با راننده ۳ بدون راننده)", Form: Coded, Lanes: fault.Tax, Values: carUses, Field: func(l *Line) any { return &l.CarUse }},
		{Key: "declared_premium", Label: "بیمه سهم کارگر", Form: Money, Lanes: fault.SSO, Field: func(l *Line) any { return &l.DeclaredPremium }},
		{Key: "declared_tax", Label: "مالیات حقوق", Form: Money, Lanes: fault.Tax, Field: func(l *Line) any { return &l.DeclaredTax }},
		{Key: "net_paid", Label: "خالص پرداختی", Form: Money, Lanes: fault.Tax, Field: func(l *Line) any { return &l.NetPaid }},
		{Key: "other_deductions", Label: "سایر کسور", Form: Money, Lanes: fault.Tax, Field: func(l *Line) any { return &l.OtherDeductions }},
		{Key: "main_payer", Label: "پرداخت‌کننده اصلی", Form: NoYes, Lanes: fault.Tax, Values: yesNo, Field: func(l *Line) any { return &l.NotMainPayer }},
		{Key: "education", Label: "مدرک تحصیلی", Form: Coded, Lanes: fault.Tax, Once: true, Values: educations, Field: func(l *Line) any { return &l.Education }},
		{Key: "employment_type", Label: "نوع استخدام", Form: Coded, Lanes: fault.Tax, Once: true, Values: employmentTypes, Field: func(l *Line) any { return &l.EmploymentType }},
		{Key: "job_family", Label: "رسته شغلی", Form: Coded, Lanes: fault.Tax, Once: true, Values: jobFamilies, Field: func(l *Line) any { return &l.JobFamily }},
		{Key: "exemption_type", Label: "نوع معافیت", Form: Coded, Lanes: fault.Tax, Values: exemptionTypes, Field: func(l *Line) any { return &l.ExemptionType }},
		{Key: "place_status", Label: "وضعیت محل خدمت", Form: Coded, Lanes: fault.Tax, Values: placeStatuses, Field: func(l *Line) any { return &l.PlaceStatus }},
		{Key: "budget_exception", Label: "استثنائات قانون بودجه", Form: Coded, Lanes: fault.Tax, Values: budgetExceptions, Field: func(l *Line) any { return &l.BudgetException }},
		{Key: "insurance_type", Label: "نوع بیمه (مالیاتی)", Form: Coded, Lanes: fault.Tax, Values: insuranceTypes, Field: func(l *Line) any { return &l.InsuranceType }},
		{Key: "retirement_date", Label: "تاریخ بازنشستگی", Form: Date, Lanes: fault.Tax, Field: func(l *Line) any { return &l.RetirementDate }},
		{Key: "worker_postal_code", Label: "کد پستی محل سکونت", Form: Text, Limit: 10, Lanes: fault.Tax, Field: func(l *Line) any { return (*string)(&l.WorkerPostalCode) }},
		{Key: "worker_address", Label: "آدرس محل سکونت", Form: Text, Limit: 200, Lanes: fault.Tax, Field: func(l *Line) any { return &l.WorkerAddress }},
		{Key: "ytd_months", Label: "مانده از ابتدای سال: ماه", Form: Count, Lanes: fault.Tax, Field: func(l *Line) any { return &l.YTDMonths }},
		{Key: "ytd_taxable", Label: "مانده از ابتدای سال: مشمول", Form: Money, Lanes: fault.Tax, Field: func(l *Line) any { return &l.YTDTaxable }},
		{Key: "ytd_tax", Label: "مانده از ابتدای سال: مالیات", Form: Money, Lanes: fault.Tax, Field: func(l *Line) any { return &l.YTDTax }},
		{Key: "ytd_eidi", Label: "مانده از ابتدای سال: عیدی معاف‌شده", Form: Money, Lanes: fault.Tax, Field: func(l *Line) any { return &l.YTDEidi }},
		{Key: "ytd_noncash", Label: "مانده از ابتدای سال: غیرنقدی معاف‌شده", Form: Money, Lanes: fault.Tax, Field: func(l *Line) any { return &l.YTDNonCash }},
	})
	return t
}

func componentColumn(c Component) Column {
	info := c.Info()
	lanes := fault.Both
	if info.SSO == Absent || info.SSO == Deduction {
		lanes = fault.Tax
	}
	return Column{Key: info.Key, Label: info.Label, Form: Money, Lanes: lanes, Field: func(l *Line) any { return &l.Pay[c] }}
}
