package rule

import (
	"fmt"
	"math/big"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Why explains a line's figures: inputs, the parameter with its legal reference, each slice, the rounding. A text has one
// step a line, and is empty where the line does not go to that organisation.
type Why struct {
	Insurable     fault.Text `json:"insurable"`
	WorkerPremium fault.Text `json:"worker_premium"`
	TaxEstimate   fault.Text `json:"tax_estimate"`
}

// Why explains what Line computed for the line as x. It is made when asked and changes nothing; it asks Earlier again.
func (a *Assessor) Why(l *payroll.Line, x *payroll.Assessed) (w Why) {
	p := a.prepare()
	if l.ReportedTo.Has(fault.SSO) && a.Law != nil {
		w.Insurable = a.whyInsurable(p, l, x)
		w.WorkerPremium = a.whyPremium(p, l, x)
	}
	if l.ReportedTo.Has(fault.Tax) && a.TaxLaw != nil {
		w.TaxEstimate = a.whyTax(p, l, x)
	}
	return w
}

func (a *Assessor) whyInsurable(p *plan, l *payroll.Line, x *payroll.Assessed) fault.Text {
	var s steps
	computed := l.DailyWage.Add(l.DailySeniority).TimesInt(worked(l))
	s.say("(دستمزد روزانه %[1]s + پایه سنوات روزانه %[2]s) × %[3]d روز = %[4]s ریال",
		"(daily wage %[1]s + daily seniority %[2]s) × %[3]d days = %[4]s rials", l.DailyWage, l.DailySeniority, worked(l), computed)
	if x.MonthlyWage != computed {
		s.say("دستمزد ماهانه فیش %s ریال به جای آن گرفته شد، تا %s ریال در روز اختلاف%s",
			"the payslip's monthly wage %s rials is taken instead, up to %s rials a day apart%s",
			x.MonthlyWage, a.Law.PayslipTolerance.Value, cite(a.Law.PayslipTolerance.Source))
	}
	insurable := x.MonthlyWage.Add(x.Benefits)
	s.components(l, func(c payroll.Component) bool { return p.sso[c] == benefit }, "مزایای مشمول", "insurable benefits", x.Benefits)
	s.say("مزد و مزایای مشمول: %s + %s = %s ریال", "wage and insurable benefits: %s + %s = %s rials", x.MonthlyWage, x.Benefits, insurable)
	if a.Header.Adds() {
		s.say("لیست متمم: سقف با روزهای لیست‌های همین ماه و پس از کسر مشمول آن‌ها سنجیده می‌شود",
			"supplementary list: the cap counts the days of the month's lists, less what they already insured")
	} else {
		s.say("سقف: %s × %d روز = %s ریال%s", "cap: %s × %d days = %s rials%s",
			p.daysCap, worked(l), p.daysCap.TimesInt(worked(l)), cite(a.Law.MaxDailyInsurable.Source))
	}
	s.say("مشمول کسر حق بیمه: %s ریال", "insurable: %s rials", x.Insurable)
	for c, amount := range &l.Pay {
		if t := a.Law.SSO(payroll.Component(c)); amount != 0 && (t == payroll.DisputedInsurable || t == payroll.DisputedTotal) {
			info := payroll.Component(c).Info()
			source := a.Law.SSOTreatments[info.Key].Source
			s.say("درباره «%[1]s» اختلاف است%[3]s", "whether %[2]s is insurable is disputed%[3]s", info.Label, info.Key, cite(source))
		}
	}
	return s.text()
}

func (a *Assessor) whyPremium(p *plan, l *payroll.Line, x *payroll.Assessed) fault.Text {
	var s steps
	kind := insuredKind(l)
	worker, _, _ := a.sharesOf(p, kind)
	source := a.Law.Premium[kind].Worker.Source
	num, den := worker.Fraction()
	s.say("سهم بیمه‌شده: %s × %s = %s ریال%s", "worker's share: %s × %s = %s rials%s",
		worker.String(), x.Insurable, written(rat(x.Insurable), num, den), cite(source))
	s.say("گرد شده به نزدیک‌ترین ریال، نیم به بالا: %s ریال", "rounded to the nearest rial, half up: %s rials", x.WorkerPremium)
	return s.text()
}

func (a *Assessor) whyTax(p *plan, l *payroll.Line, x *payroll.Assessed) fault.Text {
	var s steps
	t := a.TaxLaw
	var b taxBase
	b.add(p, t, l, x, taxPeriod(a.Header))
	month := taxableOf(t, &b, l, x)
	a.whyTaxable(&s, p, &b, month, l, x)
	switch {
	case x.NoEstimate:
		s.say("برای این نوع معافیت، وضعیت محل خدمت یا استثنای بودجه حکمی شناخته نشده است: برآورد نمی‌شود",
			"no rule is known for this exemption type, place status or budget exception: no estimate")
		return s.text()
	case t.ExemptTypes.Value.Has(l.ExemptionType):
		s.say("نوع معافیت %s مالیات ندارد%s", "exemption type %s pays no tax%s", l.ExemptionType, cite(t.ExemptTypes.Source))
		return s.text()
	case t.MartyrTypes.Value.Has(l.ExemptionType):
		s.say("نوع معافیت %s مالیات ندارد%s", "exemption type %s pays no tax%s", l.ExemptionType, cite(t.MartyrTypes.Source))
		return s.text()
	case !HasPay(l, x):
		s.say("در این ماه پرداختی ندارد: مالیات 0", "nothing is paid this month: tax 0")
		return s.text()
	}
	e := a.earlier(l)
	r := reckon(t, month, x, e)
	a.whyYear(&s, month, x, e, r)
	if x.Flat > 0 {
		s.say("حق‌الزحمه و مانند آن از کارفرمای غیراصلی، بدون معافیت: %s × %s = %s ریال%s",
			"fees and the like where this employer is not the main payer, without exemption: %s × %s = %s rials%s",
			t.FlatRate.Value.String(), x.Flat, written(rat(rial.Amount(r.flat)), 1, r.parts), cite(t.FlatRate.Source))
	}
	if r.welfare != nil {
		part := welfarePart(t, month)
		s.say("رفاهیات %s ریال: معافیت ماه به نسبت میان مزد و رفاهیات تقسیم می‌شود، سهم رفاهیات %s ریال است؛ "+
			"حد هر طبقه مزد به همین اندازه پایین می‌آید و رفاهیات بالاتر از سهم %s می‌پردازد: در مجموع %s ریال%s",
			"welfare %s rials: the month's exemption is split pro rata between wage and welfare, welfare gets %s rials; "+
				"every wage limit moves down by that, and welfare above its part bears %s: together %s rials%s",
			x.Welfare, written(part, 1, 1), t.WelfareRate.Value.String(), written(r.welfare, 1, 1), cite(t.WelfareRule.Source))
	}
	if num, den := remaining(t, l); num != den {
		s.say("محل خدمت کمتر توسعه‌یافته: %s مالیات ماه بخشوده است%s", "less developed place of work: %s of the month's tax is forgiven%s",
			t.PlaceForgiveness.Value.String(), cite(t.PlaceForgiveness.Source))
	}
	s.say("یک بار گرد شده، نیم به بالا: برآورد مالیات %s ریال؛ مالیات قطعی را سازمان امور مالیاتی حساب می‌کند",
		"rounded once, half up: estimated tax %s rials; the tax administration computes the tax", x.TaxEstimate)
	return s.text()
}

func (a *Assessor) whyTaxable(s *steps, p *plan, b *taxBase, month taxable, l *payroll.Line, x *payroll.Assessed) {
	t := a.TaxLaw
	s.say("مزد و مزایای مشمول مالیات: %s ریال", "taxable wages and benefits: %s rials", b.wages)
	s.addend(b.welfare, "رفاهیات: %s ریال", "welfare: %s rials")
	if b.eidi > 0 {
		s.say("عیدی و پاداش آخر سال %s منهای معاف %s = %s ریال%s", "eidi and year-end bonus %s less exempt %s = %s rials%s",
			b.eidi, x.EidiExempt, b.eidi-x.EidiExempt, cite(t.EidiShare.Source))
	}
	if b.nonCash > 0 {
		s.say("غیرنقدی %s منهای معاف %s = %s ریال%s", "in kind %s less exempt %s = %s rials%s",
			b.nonCash, x.NonCashExempt, b.nonCash-x.NonCashExempt, cite(t.NonCashShare.Source))
	}
	s.inKind("مسکن", "housing", l.HousingUse, t.HousingInKind.Furnished, t.HousingInKind.Unfurnished, b.continuous, b.housing)
	s.inKind("اتومبیل", "car", l.CarUse, t.CarInKind.WithDriver, t.CarInKind.WithoutDriver, b.continuous, b.car)
	if x.PremiumShare > 0 {
		s.say("منهای سهم کسرپذیر حق بیمه کارگر: %s × %s ≈ %s ریال%s", "less the deductible share of the worker's premium: %s × %s ≈ %s rials%s",
			fraction(t.DeductibleShare.Value), x.WorkerPremium, x.PremiumShare, cite(t.DeductibleShare.Source))
	}
	s.addend(b.premiums, "منهای حق بیمه درمان و عمر (ماده 137 قانون مالیات‌های مستقیم): %s ریال",
		"less health and life premiums (direct taxes law art. 137): %s rials")
	s.say("مشمول مالیات ماه: %s ریال", "taxable of the month: %s rials", written(month.wages.plus(month.welfare).rat(), 1, 1))
	a.whySettlement(s, p, l)
	for c, amount := range &l.Pay {
		info := payroll.Component(c).Info()
		choice, named := t.TaxTreatments[info.Key]
		if named && amount != 0 && choice.Verification == law.Disputed {
			s.say("درباره «%[1]s» اختلاف است%[3]s", "the tax on %[2]s is disputed%[3]s", info.Label, info.Key, cite(choice.Source))
		}
	}
}

// whySettlement tells whether pay at the end of service was exempt.
func (a *Assessor) whySettlement(s *steps, p *plan, l *payroll.Line) {
	var paid rial.Amount
	for c, amount := range &l.Pay {
		if p.tax[c] == leaverPay {
			paid = paid.Add(amount)
		}
	}
	source := a.TaxLaw.LeaverPay.Source
	switch {
	case paid == 0:
	case leaver(l, taxPeriod(a.Header)):
		s.say("پاداش پایان خدمت و سنوات %s ریال معاف است، چون شخص در این ماه رفته است (%s)",
			"end-of-service pay %s rials is exempt, because the person left this month (%s)", paid, bilingual{source.ReferenceFA, source.Reference})
	case a.TaxLaw.LeaverPay.Value == string(payroll.Taxable):
		s.say("پاداش پایان خدمت و سنوات %s ریال مشمول گرفته شد، چون تاریخ ترک کار در این ماه نیست%s",
			"end-of-service pay %s rials is taken as taxable, because no leaving date falls in this month%s", paid, cite(source))
	}
}

// whyYear shows the cumulation over the year's months and each slice.
func (a *Assessor) whyYear(s *steps, month taxable, x *payroll.Assessed, e Earlier, r reckoning) {
	t := a.TaxLaw
	if x.Months > 1 {
		s.say("از ابتدای سال %d ماه: مشمول %s + %s = %s ریال؛ حد طبقات %[1]d دوازدهم حد سال است%[5]s",
			"%d months of the year: taxable %s + %s = %s rials; limits are %[1]d twelfths of the year's%[5]s",
			x.Months, e.Taxable, written(month.wages.rat(), 1, 1), written(r.sum.rat(), 1, 1), cite(t.Brackets.Source))
	} else {
		s.say("حد طبقات یک دوازدهم حد سال است%s", "limits are a twelfth of the year's%s", cite(t.Brackets.Source))
		if taxPeriod(a.Header).Month != 1 {
			s.say("نخستین ماه این شخص نزد این کارفرما که در اینجا دیده می‌شود", "first month seen here of this person with this employer")
		}
	}
	for i := range t.Brackets.Slices {
		slice := &t.Brackets.Slices[i]
		within := inSlice(slice, r.sum, x.Months)
		if within == 0 && i > 0 {
			break
		}
		in := big.NewRat(within, 12*r.sum.unit)
		num, den := slice.Rate.Fraction()
		s.say("بالاتر از %s: %s × %s = %s ریال", "above %s: %s × %s = %s rials",
			written(rat(slice.From), int64(x.Months), 12), slice.Rate.String(), written(in, 1, 1), written(in, num, den))
	}
	if e.Tax > 0 {
		s.say("مالیات تا این ماه %s منهای ماه‌های پیش %s = %s ریال", "tax to date %s less the months before %s = %s rials",
			written(big.NewRat(r.year, r.parts), 1, 1), e.Tax, written(big.NewRat(r.year-r.parts*int64(e.Tax), r.parts), 1, 1))
	}
	if r.year < r.parts*int64(e.Tax) {
		s.say("کمتر از صفر: این ماه 0 و مانده اضافه‌کسر به ماه بعد می‌رود (انتخاب این پنجره)",
			"below zero: this month 0, and the over-withheld rest is carried on (this window's choice)")
	}
}

// steps writes both languages side by side.
type steps struct{ fa, en strings.Builder }

// bilingual is a word that differs in the two languages.
type bilingual fault.Text

func (s *steps) say(fa, en string, args ...any) {
	persian, english := make([]any, len(args)), make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case rial.Amount:
			persian[i], english[i] = v.Grouped(), v.Grouped()
		case bilingual:
			persian[i], english[i] = v.FA, v.EN
		default:
			persian[i], english[i] = v, v
		}
	}
	line(&s.fa, fmt.Sprintf(fa, persian...))
	line(&s.en, fmt.Sprintf(en, english...))
}

func line(b *strings.Builder, text string) {
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(text)
}

func (s *steps) addend(amount rial.Amount, fa, en string) {
	if amount > 0 {
		s.say(fa, en, amount)
	}
}

func (s *steps) components(l *payroll.Line, in func(payroll.Component) bool, fa, en string, sum rial.Amount) {
	var parted [2][]string
	for c, amount := range &l.Pay {
		if c := payroll.Component(c); amount != 0 && in(c) {
			parted[0] = append(parted[0], c.Info().Label+" "+amount.Grouped())
			parted[1] = append(parted[1], c.Info().Key+" "+amount.Grouped())
		}
	}
	if len(parted[0]) > 0 {
		s.say(fa+": %s = %s ریال", en+": %s = %s rials", bilingual{strings.Join(parted[0], " + "), strings.Join(parted[1], " + ")}, sum)
	}
}

func (s *steps) inKind(fa, en, use string, first, second law.Rate, continuous, charged rial.Amount) {
	rate := first
	switch use {
	case "2":
	case "3":
		rate = second
	default:
		return
	}
	s.say(fa+": %s مستمر نقدی %s منهای کسرشده %s = %s ریال%s", en+": %s of continuous cash pay %s less charged %s = %s rials%s",
		rate.Value.String(), continuous, charged, written(inKind(use, first, second, continuous, charged).rat(), 1, 1), cite(rate.Source))
}

// text writes Persian with Persian digits and signs.
func (s *steps) text() fault.Text {
	return fault.Text{FA: persianDigits(s.fa.String()), EN: s.en.String()}
}

// cite is the reference of a value in both languages, with its dispute where there is one.
func cite(s law.Source) bilingual {
	fa, en := s.ReferenceFA, s.Reference
	if s.Verification == law.Disputed {
		fa, en = fa+"؛ محل اختلاف: "+s.NoteFA, en+"; disputed: "+s.Note
	}
	return bilingual{" (" + fa + ")", " (" + en + ")"}
}

// written writes x × num / den without rounding: 16,027,481.89, or 5 + 7/12 where no two decimals are exact.
func written(x *big.Rat, num, den int64) string {
	v := new(big.Rat).Mul(x, big.NewRat(num, den))
	sign := ""
	if v.Sign() < 0 {
		sign = "-"
		v.Neg(v)
	}
	whole, rest := new(big.Int).QuoRem(v.Num(), v.Denom(), new(big.Int))
	text := sign + rial.Amount(whole.Int64()).Grouped()
	if rest.Sign() == 0 {
		return text
	}
	hundredths, odd := new(big.Int).QuoRem(new(big.Int).Mul(rest, big.NewInt(100)), v.Denom(), new(big.Int))
	if odd.Sign() == 0 {
		return text + "." + strings.TrimRight(fmt.Sprintf("%02d", hundredths.Int64()), "0")
	}
	return text + " + " + new(big.Rat).SetFrac(rest, v.Denom()).String()
}

func fraction(r rial.Rate) string {
	num, den := r.Fraction()
	return fmt.Sprintf("%d/%d", num, den)
}

// persianDigits writes numbers the Persian way, their separators too.
func persianDigits(s string) string {
	var b strings.Builder
	for i, r := range s {
		between := i > 0 && i+1 < len(s) && asciiDigit(s[i-1]) && asciiDigit(s[i+1])
		switch {
		case r >= '0' && r <= '9':
			r += '۰' - '0'
		case r == '%':
			r = '٪'
		case r == ',' && between:
			r = '٬'
		case r == '.' && between:
			r = '٫'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func asciiDigit(b byte) bool { return b >= '0' && b <= '9' }
