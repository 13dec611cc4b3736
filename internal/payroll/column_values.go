package payroll

// The value tables: codes the organisations or this window use, and the words payrolls write for them. Codes without a
// known label pass through as they are.
var (
	yesNo = []Value{{"yes", []string{"بله", "بلی", "دارد", "✓", "1"}}, {"no", []string{"خیر", "نه", "ندارد", "0"}}}
	sexes = []Value{{"male", []string{"مرد", "آقا", "مذکر", "1", "M"}}, {"female", []string{"زن", "خانم", "مونث", "2", "F"}}}

	destinations = []Value{{"both", []string{"هر دو", "هردو"}}, {"sso", []string{"فقط بیمه", "بیمه"}}, {"tax", []string{"فقط مالیات", "مالیات"}}}
	actions      = []Value{{"change", []string{"تغییر"}}, {"cancel", []string{"حذف"}}}
	insuredKinds = []Value{
		{"normal", []string{"عادی"}},
		{"employer", []string{"کارفرما", "مدیرعامل", "عضو هیئت مدیره", "عضو هیات مدیره"}},
		{"foreign", []string{"اتباع خارجی", "اتباع"}},
		{"retired", []string{"بازنشسته"}},
		{"apprentice", []string{"کارآموز"}},
	}
	housingUses = []Value{{"1", []string{"ندارد"}}, {"2", []string{"با اثاثیه"}}, {"3", []string{"بدون اثاثیه"}}}
	carUses     = []Value{{"1", []string{"ندارد"}}, {"2", []string{"با راننده"}}, {"3", []string{"بدون راننده"}}}
	educations  = []Value{
		{"1", []string{"زیر دیپلم", "ابتدایی", "سیکل", "بی سواد"}},
		{"2", []string{"دیپلم"}},
		{"3", []string{"فوق دیپلم", "کاردانی"}},
		{"4", []string{"لیسانس", "کارشناسی"}},
		{"5", []string{"فوق لیسانس", "کارشناسی ارشد"}},
		{"6", []string{"دکتری", "دکترا"}},
		{"7", []string{"دکترای حرفه‌ای", "دکتری حرفه‌ای"}},
	}
	employmentTypes = []Value{
		{"1", []string{"قراردادی"}},
		{"2", []string{"شرکتی"}},
		{"3", []string{"رسمی"}},
		{"4", []string{"پیمانی"}},
		{"5", []string{"مامور"}},
		{"6", []string{"سایر"}},
		{"7", nil},
		{"8", nil},
		{"9", nil},
		{"10", nil},
		{"11", nil},
		{"12", nil},
	}
	jobFamilies = []Value{
		{"1", nil},
		{"2", []string{"اداری"}},
		{"3", nil},
		{"4", nil},
		{"5", []string{"انبار"}},
		{"6", nil},
		{"7", nil},
		{"8", nil},
		{"9", []string{"حمل و نقل"}},
		{"10", nil},
		{"11", nil},
		{"12", nil},
		{"13", nil},
		{"14", nil},
		{"15", []string{"فنی"}},
		{"16", nil},
		{"17", []string{"کارگری"}},
		{"18", nil},
		{"19", nil},
		{"20", nil},
	}
	exemptionTypes = []Value{
		{"1", []string{"عادی"}},
		{"2", []string{"جانباز"}},
		{"3", []string{"فرزند شهید"}},
		{"4", []string{"آزاده"}},
		{"5", []string{"نیروهای مسلح"}},
		{"6", []string{"سایر مشمولان بند ۱۴ ماده ۹۱"}},
		{"7", nil},
		{"8", nil},
		{"9", nil},
		{"10", nil},
		{"11", nil},
	}
	placeStatuses    = []Value{{"1", []string{"عادی"}}, {"2", []string{"کمتر توسعه یافته"}}, {"3", nil}, {"4", nil}}
	budgetExceptions = []Value{
		{"1", []string{"عادی"}},
		{"2", []string{"هیئت علمی", "هیات علمی"}},
		{"3", []string{"قضات", "قاضی"}},
		{"4", []string{"سکوهای نفتی"}},
		{"5", []string{"پزشکان", "پزشک"}},
	}
	insuranceTypes = []Value{
		{"1", []string{"خدمات درمانی"}},
		{"2", []string{"تامین اجتماعی"}},
		{"3", []string{"بیمه سلامت", "سلامت"}},
		{"4", []string{"سایر"}},
		{"5", []string{"ندارد"}},
	}
	listKinds = []Value{
		{"original", []string{"اصلی"}},
		{"replacement", []string{"اصلاحی", "اصلاحی (جایگزین لیست قبلی)", "جایگزین", "جایگزین لیست قبلی"}},
		{"change", []string{"اصلاح چند نفر", "تغییر چند نفر"}},
		{"supplementary", []string{"متمم"}},
		{"nil", []string{"فاقد کارگر"}},
	}
)
