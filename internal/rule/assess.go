package rule

import (
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Earlier is what is known of a person before this list, of one employer. The zero Earlier is nothing.
type Earlier struct {
	// Of the tax year before this tax month: how many months had pay (more than 11 count as 11), Σ Assessed.Taxable without Assessed.Welfare,
	// Σ Assessed.BeforeForgiveness, Σ EidiExempt and Σ NonCashExempt.
	Months                      int
	Taxable, Tax, Eidi, NonCash rial.Amount
	// Opened says that an opening balance (the ytd_ columns) of an earlier list of the year is already in these sums; the
	// line's own is then not added again.
	Opened bool
	// Of the lists of this same month that were submitted before: insured days and insurable wage, for a supplementary list.
	InsuredDays int
	Insurable   rial.Amount
}

// Assessor computes what lines owe, in row order, for one list. Law and TaxLaw are those of the period and of the tax
// period; without TaxLaw Line computes the SSO's side alone and there is no estimate, and Month needs TaxLaw only. It never fails: a figure that no
// known rule gives is Assessed.NoEstimate, one that a faulty cell decides is computed from zero, and days beyond the longest
// month count as that. Not for use by several goroutines.
type Assessor struct {
	Law, TaxLaw *law.Params
	Header      *payroll.Header
	// ExemptUsed counts the rows of the five-worker exemption already used in the workshop and month; it grows by Line.
	ExemptUsed int
	// Earlier finds what is known of a person (Line.Person); nil: the ytd_ columns only.
	Earlier func(person string) Earlier

	plan *plan
}

// plan is the law as Line needs it: one look-up a component instead of words.
type plan struct {
	sso        [payroll.ComponentCount]ssoPart
	tax        [payroll.ComponentCount]taxPart
	continuous [payroll.ComponentCount]bool // cash of the month that in-kind benefits are a share of
	shares     map[payroll.InsuredKind]*shares
	daysCap    rial.Amount // a day
	eidi       rial.Amount // exempt a year
	nonCash    rial.Amount // exempt a year
}

type shares struct {
	worker, employer, unemployment rial.Rate
	byProfile                      bool
}

type ssoPart uint8

const (
	outsideSSO ssoPart = iota
	benefit
	totalOnly
)

type taxPart uint8

const (
	notPay taxPart = iota
	taxedPay
	exemptPay
	eidiPay
	leaverPay
	welfarePay
	flatPay
	nonCashPay
	housingCharge
	carCharge
	deductiblePremium
)

// continuousField is the WH field of continuous cash of the month, in every edition.
const continuousField = 7

func (a *Assessor) prepare() *plan {
	if a.plan != nil {
		return a.plan
	}
	p := &plan{}
	for c := range payroll.Components() {
		if a.Law != nil {
			p.sso[c] = ssoPartOf(a.Law.SSO(c))
		}
		if a.TaxLaw != nil {
			p.tax[c] = taxPartOf(a.TaxLaw.Tax(c))
			p.continuous[c] = c.Info().WH1404 == continuousField && p.tax[c] != exemptPay
		}
	}
	if a.Law != nil {
		p.daysCap = a.Law.MaxDailyInsurable.Value
		p.shares = make(map[payroll.InsuredKind]*shares, len(a.Law.Premium))
		for kind, s := range a.Law.Premium {
			p.shares[kind] = &shares{s.Worker.Value, s.Employer.Value, s.Unemployment.Value, s.ByProfile}
		}
	}
	if a.TaxLaw != nil {
		p.eidi, p.nonCash = a.TaxLaw.EidiExemption(), a.TaxLaw.NonCashExemption()
	}
	a.plan = p
	return p
}

func ssoPartOf(t payroll.SSOTreatment) ssoPart {
	switch t {
	case payroll.Insurable, payroll.DisputedInsurable:
		return benefit
	case payroll.TotalOnly, payroll.DisputedTotal:
		return totalOnly
	}
	return outsideSSO
}

func taxPartOf(t payroll.TaxTreatment) taxPart {
	switch t {
	case payroll.Taxable:
		return taxedPay
	case payroll.ExemptTax:
		return exemptPay
	case payroll.EidiTax:
		return eidiPay
	case payroll.LeaverTax:
		return leaverPay
	case payroll.WelfareTax:
		return welfarePay
	case payroll.FlatTax:
		return flatPay
	case payroll.NonCashTax:
		return nonCashPay
	case payroll.HousingInKind:
		return housingCharge
	case payroll.CarInKind:
		return carCharge
	case payroll.DeductibleTax:
		return deductiblePremium
	}
	return notPay
}

// Line computes what the line owes, for the organisations it goes to; a held line as if it went there. out is overwritten.
func (a *Assessor) Line(l *payroll.Line, out *payroll.Assessed) {
	p := a.prepare()
	*out = payroll.Assessed{NoEstimate: a.TaxLaw == nil}
	out.MonthlyWage = a.monthlyWage(l)
	out.Seniority = l.DailySeniority.TimesInt(worked(l))
	if l.ReportedTo.Has(fault.SSO) {
		a.premium(p, l, out)
	}
	if l.ReportedTo.Has(fault.Tax) && a.TaxLaw != nil {
		var b taxBase
		b.add(p, a.TaxLaw, l, out, taxPeriod(a.Header))
		a.estimate(p, &b, l, a.earlier(l), out)
		out.NetPaid = l.NetPaid
		if !netGiven(l) {
			out.NetPaid = max(NetOf(l, out), 0)
		}
	}
}

// monthlyWage is (daily wage + daily seniority) × days; the payslip's own figure where it lies within the tolerance, or
// where no day can tell: in a row not sent to the SSO.
func (a *Assessor) monthlyWage(l *payroll.Line) rial.Amount {
	computed := l.DailyWage.Add(l.DailySeniority).TimesInt(worked(l))
	given := l.Pay[payroll.MonthlyWage]
	column := payroll.MonthlyWage.Column()
	switch {
	case given == 0 && !l.Given.Has(column), l.Faulty.Has(column):
		return computed
	case !l.ReportedTo.Has(fault.SSO):
		return given
	case distance(given, computed) <= a.Law.PayslipTolerance.Value.TimesInt(worked(l)):
		return given
	}
	return computed
}

// maxDays is the longest month of the calendar.
const maxDays = 31

// worked is the line's days, as far as any month has them: an amount times more is nobody's pay (DAYS-01).
func worked(l *payroll.Line) int { return min(l.Days, maxDays) }

// premium computes the SSO's figures (social security law art. 28 and 33): each share is rounded half up for the worker,
// so that totals are sums of rounded rows.
func (a *Assessor) premium(p *plan, l *payroll.Line, out *payroll.Assessed) {
	for c, amount := range &l.Pay {
		if amount == 0 {
			continue
		}
		switch p.sso[c] {
		case benefit:
			out.Benefits = out.Benefits.Add(amount)
		case totalOnly:
			out.Total = out.Total.Add(amount)
		}
	}
	insurable := out.MonthlyWage.Add(out.Benefits)
	out.Total = out.Total.Add(insurable)
	limit := a.insurableLimit(p, l, insurable)
	out.Insurable = min(insurable, limit)
	// A row of no days has no cap of its own (DAYS-03); a supplementary one may find the month's used up.
	out.Capped = insurable > limit && (limit > 0 || a.Header.Adds())

	kind := insuredKind(l)
	worker, employer, unemployment := a.sharesOf(p, kind)
	out.WorkerPremium = out.Insurable.Times(worker, rial.HalfUp)
	if kind == payroll.ApprenticeKind {
		// Art. 33: never below the premium of the minimum wage, and the gap is the employer's.
		base := max(out.Insurable, a.Law.MinimumDailyWage.Value.TimesInt(worked(l)))
		out.EmployerPremium = base.Times(sumOf(worker, employer), rial.HalfUp) - out.WorkerPremium
	} else {
		out.EmployerPremium = out.Insurable.Times(employer, rial.HalfUp)
	}
	out.Unemployment = out.Insurable.Times(unemployment, rial.HalfUp)
	if l.HardJob && a.Header.Profile.HardMonthly {
		out.HardJob = out.Insurable.Times(a.Law.HardJob.Value, rial.HalfUp)
	}
	if a.exempted(l, kind) {
		a.ExemptUsed++
		out.Waived, out.EmployerPremium = true, 0
	}
}

// insurableLimit is the cap a day × the days; in a supplementary list × the days of the month's lists, less what they
// already insured. Where those lists are unknown a supplementary row of no days is not cut.
func (a *Assessor) insurableLimit(p *plan, l *payroll.Line, insurable rial.Amount) rial.Amount {
	if !a.Header.Adds() {
		return p.daysCap.TimesInt(worked(l))
	}
	if a.Earlier == nil {
		if l.Days == 0 {
			return insurable
		}
		return p.daysCap.TimesInt(worked(l))
	}
	before := a.Earlier(l.Person())
	return max(p.daysCap.TimesInt(worked(l)+before.InsuredDays)-before.Insurable, 0)
}

// sharesOf the kind; nothing where they are the profile's and it has none (PREM-08).
func (a *Assessor) sharesOf(p *plan, kind payroll.InsuredKind) (worker, employer, unemployment rial.Rate) {
	s := p.shares[kind]
	switch {
	case s == nil:
		return rial.Rate{}, rial.Rate{}, rial.Rate{}
	case !s.byProfile:
		return s.worker, s.employer, s.unemployment
	case a.Header.Profile.Retired == nil:
		return rial.Rate{}, rial.Rate{}, s.unemployment
	}
	return a.Header.Profile.Retired.Worker, a.Header.Profile.Retired.Employer, s.unemployment
}

// exempted tells one of the workers whose employer's share is waived (law of 1361/12/16): the first of kind normal or
// foreign with days, in row order. A held row is not counted.
func (a *Assessor) exempted(l *payroll.Line, kind payroll.InsuredKind) bool {
	return a.Header.ExemptFive && l.Days > 0 && !l.Hold && (kind == payroll.NormalKind || kind == payroll.ForeignKind) &&
		a.ExemptUsed < a.exemptQuota()
}

func (a *Assessor) exemptQuota() int {
	if quota := a.Header.Profile.ExemptFiveQuota; quota > 0 {
		return quota
	}
	return a.Law.ExemptFive.Value
}

// monthsBefore is how many months of a year can come before one of it.
const monthsBefore = 11

// earlier is the year before this month: the stored lists and the opening balance, once.
func (a *Assessor) earlier(l *payroll.Line) (e Earlier) {
	if a.Earlier != nil {
		e = a.Earlier(l.Person())
	}
	if !e.Opened {
		e.Months += l.YTDMonths
		e.Taxable = e.Taxable.Add(l.YTDTaxable)
		e.Tax = e.Tax.Add(l.YTDTax)
		e.Eidi = e.Eidi.Add(l.YTDEidi)
		e.NonCash = e.NonCash.Add(l.YTDNonCash)
	}
	// An opening balance of more months than there are would spread the exemption over years.
	e.Months = min(e.Months, monthsBefore)
	return e
}

// NetOf is what remains of the line's cash pay after the worker's premium, the tax (declared, else the estimate), the
// worker's own premiums, charges for housing and car, and other deductions. Below zero the deductions exceed the pay (TAX-03).
func NetOf(l *payroll.Line, a *payroll.Assessed) rial.Amount {
	tax := a.TaxEstimate
	if taxDeclared(l) {
		tax = l.DeclaredTax
	}
	return cashLess(l, a) - tax
}

// cashLess is NetOf before tax.
func cashLess(l *payroll.Line, a *payroll.Assessed) (net rial.Amount) {
	for c, amount := range &l.Pay {
		if c := payroll.Component(c); amount != 0 && c != payroll.MonthlyWage {
			switch {
			case c.Cash():
				net = net.Add(amount)
			case c.Info().SSO == payroll.Deduction:
				net = net.Add(-amount)
			}
		}
	}
	return net.Add(a.MonthlyWage).Add(-a.WorkerPremium).Add(-l.OtherDeductions)
}

// HasPay tells whether the line pays anything, in cash or in kind: whether its month counts in the exemption.
func HasPay(l *payroll.Line, a *payroll.Assessed) bool {
	if a.MonthlyWage != 0 {
		return true
	}
	for c, amount := range &l.Pay {
		if c := payroll.Component(c); amount != 0 && c != payroll.MonthlyWage && c.Info().SSO != payroll.Deduction {
			return true
		}
	}
	return false
}

func netGiven(l *payroll.Line) bool { return l.NetPaid != 0 || l.Given.Has(payroll.ColNetPaid) }
func taxDeclared(l *payroll.Line) bool {
	return l.DeclaredTax != 0 || l.Given.Has(payroll.ColDeclaredTax)
}

// leaver tells one who left in the month: from its first day to the next month's first.
func leaver(l *payroll.Line, m jalali.Month) bool {
	return !l.EndDate.IsZero() && !l.EndDate.Before(m.First()) && !m.Add(1).First().Before(l.EndDate)
}

// notMainPayer tells whether fees of the line are taxed flat: as the sender says; without a word where it holds nothing else.
func notMainPayer(p *plan, l *payroll.Line, a *payroll.Assessed) bool {
	if l.NotMainPayer || l.Given.Has(payroll.ColMainPayer) {
		return l.NotMainPayer
	}
	if a.MonthlyWage != 0 {
		return false
	}
	for c, amount := range &l.Pay {
		if amount != 0 && payroll.Component(c) != payroll.MonthlyWage && p.tax[c] != flatPay && payroll.Component(c).Info().SSO != payroll.Deduction {
			return false
		}
	}
	return true
}

func sumOf(a, b rial.Rate) rial.Rate {
	an, ad := a.Fraction()
	bn, bd := b.Fraction()
	return rial.NewRate(an*bd+bn*ad, ad*bd)
}
