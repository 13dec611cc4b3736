package rule

import (
	"math/bits"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Cause is why the tax administration's figure of a person differs from the estimate.
type Cause string

// The causes. OtherMonths and SeveralEmployers are the administration's own word where nothing is proved; UnknownCause is never a guess.
const (
	NoDifference      Cause = ""
	OtherMonths       Cause = "months"             // it counted other months of the year than the window knows
	SeveralEmployers  Cause = "several_employers"  // it knows another employer, the window does not
	DisputedParameter Cause = "disputed_parameter" // it takes the other value of what the law book marks as disputed
	UnknownCause      Cause = "unknown"
)

// FiledMonth is one tax month of a person: his rows in the lists it was made of, in the order they were submitted.
type FiledMonth struct {
	Identity payroll.TaxMonthIdentity
	Law      *law.Params
	Lists    []payroll.FiledList
}

// PersonYear is what is known of one person in a tax year at one tax file.
type PersonYear struct {
	// Before are months whose rows are not at hand.
	Before Earlier
	// Months are those whose rows are, oldest first; the last is the one asked about.
	Months []FiledMonth
}

// Difference is what explains a difference. Its zero value explains none.
type Difference struct {
	Cause Cause
	// Proved says that by this cause alone the window's own figure is the administration's to the rial.
	Proved bool
	// Readings are, of DisputedParameter, the parameters by whose other values the figure is met: those of one reading joined by "+".
	// More than one reading means that the figure does not tell which.
	Readings []string
	// Months is how many months with pay the estimate counts.
	Months int
}

// Explainer finds why figures differ. It remembers the law it has prepared; its zero value is ready. Not for use by several goroutines.
type Explainer struct {
	assessors map[reading]*Assessor
}

type reading struct {
	law   *law.Params
	other string
}

// Explain judges one person's figure beside the estimate of the month. What can be reckoned anew comes first, and only what meets the
// figure to the rial is proved: the months of the year as they stand by now, the estimate by as many months as the administration counts, then by the other values of what is
// disputed, over the whole year, with as few of them as meet it. What cannot be reckoned is taken from its own word: several employers,
// whose pay is not known here, or months that are not. The rest is unknown.
func (x *Explainer) Explain(y *PersonYear, estimate rial.Amount, said payroll.WorkerTax) (d Difference) {
	if len(y.Months) == 0 {
		return d
	}
	anew, months := x.reckon(y, "")
	d.Months = months
	switch {
	case said.Tax == estimate:
		return d
	case said.Tax == anew && said.Months == months: // a month before was corrected after this one was cut
		d.Cause, d.Proved = OtherMonths, true
		return d
	case said.Months != d.Months && x.byMonths(y, said, d.Months):
		d.Cause, d.Proved = OtherMonths, true
		return d
	}
	if d.Readings = x.byReading(y, said.Tax); d.Readings != nil {
		d.Cause, d.Proved = DisputedParameter, true
		return d
	}
	switch {
	case said.SeveralEmployers:
		d.Cause = SeveralEmployers
	case said.Months != d.Months:
		d.Cause = OtherMonths
	default:
		d.Cause = UnknownCause
	}
	return d
}

// byMonths tells whether the estimate meets the figure with the administration's count of months: the same pay spread over them, or,
// where it counts fewer, the last of them alone.
func (x *Explainer) byMonths(y *PersonYear, said payroll.WorkerTax, ours int) bool {
	if said.Months < 1 || said.Months > monthsBefore+1 {
		return false
	}
	spread := *y
	spread.Before.Months += said.Months - ours
	if tax, counted := x.reckon(&spread, ""); counted == said.Months && tax == said.Tax {
		return true
	}
	for from := range y.Months {
		tax, counted := x.reckon(&PersonYear{Before: Earlier{Opened: true}, Months: y.Months[from:]}, "")
		if counted == said.Months && tax == said.Tax {
			return true
		}
	}
	return false
}

// byReading finds the fewest disputed parameters whose other values meet the figure; nil where none do.
func (x *Explainer) byReading(y *PersonYear, tax rial.Amount) (met []string) {
	disputed := touched(y)
	for size := 1; size <= len(disputed) && met == nil; size++ {
		for set := uint(1); set < 1<<len(disputed); set++ {
			if bits.OnesCount(set) != size {
				continue
			}
			var names []string
			for i, name := range disputed {
				if set&(1<<i) != 0 {
					names = append(names, name)
				}
			}
			other := strings.Join(names, joined)
			if by, _ := x.reckon(y, other); by == tax {
				met = append(met, other)
			}
		}
	}
	return met
}

const joined = "+"

// touched are the disputed parameters that decide anything of the person's pay.
func touched(y *PersonYear) (names []string) {
	seen := map[string]bool{}
	for i := range y.Months {
		m := &y.Months[i]
		for _, d := range m.Law.TaxDisputes() {
			if !seen[d.Parameter] && m.touches(&d) {
				seen[d.Parameter] = true
				names = append(names, d.Parameter)
			}
		}
	}
	return names
}

func (m *FiledMonth) touches(d *law.Dispute) bool {
	for i := range m.Lists {
		for j := range m.Lists[i].Lines {
			f := &m.Lists[i].Lines[j]
			switch {
			case d.OfPay && f.Line.Pay[d.Component] != 0, d.Parameter == "deductible_share" && f.Assessed.WorkerPremium != 0:
				return true
			case d.Parameter == "leaver_pay":
				for c, amount := range &f.Line.Pay {
					if amount != 0 && m.Law.Tax(payroll.Component(c)) == payroll.LeaverTax {
						return true
					}
				}
			}
		}
	}
	return false
}

// reckon is the last month's tax and how many months with pay it counts, with the other values of the parameters named, month after
// month as they were cut.
func (x *Explainer) reckon(y *PersonYear, other string) (tax rial.Amount, months int) {
	e := y.Before
	for i := range y.Months {
		m := &y.Months[i]
		a := x.assessor(m.Law, other)
		a.Earlier = func(string) Earlier { return e }
		made, _ := a.Month(m.Identity, m.Lists)
		if len(made.Persons) != 1 {
			continue
		}
		p := &made.Persons[0]
		tax, months = p.Assessed.TaxEstimate, p.Assessed.Months
		e = e.after(p)
	}
	return tax, months
}

// after is the year so far with one more month: its opening balance too, where it is the year's first.
func (e Earlier) after(p *payroll.TaxPerson) Earlier {
	l, a := &p.Line, &p.Assessed
	if !e.Opened && l.Given.Any(payroll.ColYTDMonths, payroll.ColYTDTaxable, payroll.ColYTDTax, payroll.ColYTDEidi, payroll.ColYTDNonCash) {
		e.Opened = true
		e.Months += l.YTDMonths
		e.Taxable, e.Tax = e.Taxable.Add(l.YTDTaxable), e.Tax.Add(l.YTDTax)
		e.Eidi, e.NonCash = e.Eidi.Add(l.YTDEidi), e.NonCash.Add(l.YTDNonCash)
	}
	if a.Paid {
		e.Months++
	}
	e.Taxable, e.Tax = e.Taxable.Add(a.Taxable-a.Welfare), e.Tax.Add(a.BeforeForgiveness)
	e.Eidi, e.NonCash = e.Eidi.Add(a.EidiExempt), e.NonCash.Add(a.NonCashExempt)
	return e
}

func (x *Explainer) assessor(p *law.Params, other string) *Assessor {
	if x.assessors == nil {
		x.assessors = map[reading]*Assessor{}
	}
	at := reading{p, other}
	a := x.assessors[at]
	if a == nil {
		by := p
		if other != "" {
			by = p.Otherwise(strings.Split(other, joined)...)
		}
		a = &Assessor{TaxLaw: by}
		x.assessors[at] = a
	}
	return a
}

// Text says a person's difference in words with its figures; p is the law of the month. It is empty where nothing differs.
func (d *Difference) Text(p *law.Params, estimate rial.Amount, said payroll.WorkerTax) fault.Text {
	var s steps
	if d.Cause == NoDifference {
		return fault.Text{}
	}
	more, less := bilingual{"بیشتر", "more"}, bilingual{"کمتر", "less"}
	by := more
	if said.Tax < estimate {
		by = less
	}
	s.say("سازمان امور مالیاتی %s ریال حساب کرده و برآورد پنجره %s ریال است: %s ریال %s",
		"the tax administration computed %s rials, the window's estimate is %s rials: %s rials %s", said.Tax, estimate, distance(said.Tax, estimate), by)
	switch d.Cause {
	case OtherMonths:
		if said.Months == d.Months {
			s.say("ماه‌های پیشین سال پس از ساختن این فایل اصلاح شده‌اند؛ با آن‌ها چنان که اکنون هستند رقم پنجره هم همین می‌شود",
				"months before of the year were corrected after this file was made; by them as they stand now the window's figure is the same")
			break
		}
		s.say("سازمان %d ماه حقوق در سال شمرده است و پنجره %d ماه", "the administration counts %d months with pay in the year, the window %d", said.Months, d.Months)
		if d.Proved {
			s.say("با شمار ماه‌های سازمان رقم پنجره هم همین می‌شود", "by the administration's months the window's figure is the same")
		} else {
			s.say("رقم ماه‌هایی که سازمان می‌شناسد این‌جا نیست و سهم آن در اختلاف حساب نمی‌شود",
				"what the administration holds of those months is not here, so how much they come to is not reckoned")
		}
	case SeveralEmployers:
		s.say("سازمان کارفرمای دیگری هم برای این شخص می‌شناسد؛ حقوق آن‌جا این‌جا دیده نمی‌شود و برآورد آن را در بر ندارد",
			"the administration knows another employer of this person; the pay there is not seen here and the estimate is without it")
	case DisputedParameter:
		for i, r := range d.Readings {
			if i > 0 {
				s.say("یا:", "or:")
			}
			sayReading(&s, p, r)
		}
		s.say("با این مقدار رقم پنجره هم همین می‌شود", "by that value the window's figure is the same")
	default:
		s.say("سبب دانسته نیست: نه شمار ماه‌ها فرق دارد، نه کارفرمای دیگری گفته شده، و نه مقدار دیگر آنچه محل اختلاف است این رقم را می‌دهد",
			"the cause is not known: the months are the same, no other employer is told of, and no other value of what is disputed gives this figure")
	}
	return s.text()
}

func sayReading(s *steps, p *law.Params, names string) {
	for _, name := range strings.Split(names, joined) {
		for _, e := range p.Entries() {
			if e.Parameter == name {
				s.say("%s محل اختلاف است: پنجره «%s» گرفته است و مقدار دیگر «%s» است%s", "%s is disputed: the window takes %s, the other value is %s%s",
					bilingual{e.Name, e.Parameter}, bilingual(e.Value), bilingual(e.OtherValue()), cite(e.Source))
			}
		}
	}
}
