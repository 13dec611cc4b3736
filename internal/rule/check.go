// Package rule knows what a list must satisfy (Check, Judge) and what it and a tax month owe (Assessor). It reads no file and
// keeps nothing.
package rule

import (
	"slices"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

// Check is one thing that a line must satisfy.
type Check struct {
	Entry fault.Entry
	From  jalali.Month      // the first month it holds for; the zero Month: every month a law file governs
	Rows  fault.Lane        // it runs for rows that go to one of these lanes, held rows by where they would go
	Law   fault.Lane        // the lanes whose law it reads: without a law file for their month it does not run
	Reads payroll.ColumnSet // it does not run when one of these cells has a finding at error level
	Find  func(j *Judge, l *payroll.Line, a *payroll.Assessed)
	Close func(j *Judge) // what only the whole list shows; nil for most

	History bool // it compares with what registers hold and does not run without
}

// HeaderCheck is one thing that the workshop sheet must satisfy, alone or beside the lines.
type HeaderCheck struct {
	Entry fault.Entry
	Reads payroll.HeaderSet // it does not run when one of these keys has a finding at error level
	Find  func(j *Judge, h *payroll.Header)
}

// The tables in the order they run: a check that finds an error silences those after it that read the same cell.
var (
	headerChecks = headerTable()
	beforeChecks = slices.Concat(requiredChecks(), identityChecks(), dateChecks(), dayChecks(), wageChecks(), historyChecks())
	afterChecks  = slices.Concat(premiumChecks(), taxChecks())
	listChecks   = listTable()
	registered   = registerTable()
	catalogue    = codes()
	entries      = fault.TableOf(catalogue)
)

// Codes is the part of the catalogue that rules raise, the codes only a register can find included.
func Codes() []fault.Entry { return slices.Clone(catalogue) }

// Entry is the catalogue's entry of a code of this package, and nil for any other.
func Entry(code string) *fault.Entry { return entries[code] }

func codes() (all []fault.Entry) {
	for _, c := range slices.Concat(headerChecks, listChecks) {
		all = append(all, c.Entry)
	}
	for _, c := range slices.Concat(beforeChecks, afterChecks) {
		// A code told of the workshop sheet and of lines has one entry.
		if !slices.ContainsFunc(all, func(e fault.Entry) bool { return e.Code == c.Entry.Code }) {
			all = append(all, c.Entry)
		}
	}
	return append(all, registered...)
}

// keys is a set of keys of the workshop sheet.
func keys(ids ...payroll.HeaderID) (s payroll.HeaderSet) {
	for _, id := range ids {
		s.Add(id)
	}
	return s
}

// The cells that decide what a line owes.
var (
	identityCells = payroll.SetOf(payroll.ColNationalCode, payroll.ColForeignerCode, payroll.ColNationality)
	insuredPay    = insuredPayCells()
	premiumCells  = insuredPay.Union(payroll.SetOf(payroll.ColDays, payroll.ColDailyWage, payroll.ColDailySeniority,
		payroll.ColInsuredKind, payroll.ColNationality, payroll.ColHardJob))
	taxCells = premiumCells.Union(taxedPayCells()).Union(payroll.SetOf(payroll.ColHousingUse, payroll.ColCarUse, payroll.ColMainPayer,
		payroll.ColExemptionType, payroll.ColPlaceStatus, payroll.ColBudgetException, payroll.ColEndDate, payroll.ColYTDMonths,
		payroll.ColYTDTaxable, payroll.ColYTDTax, payroll.ColYTDEidi, payroll.ColYTDNonCash))
)

func insuredPayCells() (s payroll.ColumnSet) {
	for c := range payroll.Components() {
		switch c.Info().SSO {
		case payroll.Wage, payroll.Insurable, payroll.DisputedInsurable, payroll.TotalOnly, payroll.DisputedTotal:
			s.Add(c.Column())
		}
	}
	return s
}

func taxedPayCells() (s payroll.ColumnSet) {
	for c := range payroll.Components() {
		s.Add(c.Column())
	}
	return s
}

// What a finding means for the list, said once.
var (
	stopsBoth = fault.Text{
		FA: "تا اصلاح نشود لیست به هیچ‌یک از دو سازمان فرستاده نمی‌شود.",
		EN: "Until it is corrected the list goes to neither organisation.",
	}
	stopsSSO = fault.Text{
		FA: "تا اصلاح نشود لیست به سازمان تأمین اجتماعی فرستاده نمی‌شود؛ بخش مالیات جداگانه سنجیده می‌شود.",
		EN: "Until it is corrected the list does not go to the Social Security Organization; the tax side is judged apart.",
	}
	stopsTax = fault.Text{
		FA: "تا اصلاح نشود لیست به سازمان امور مالیاتی فرستاده نمی‌شود؛ بخش بیمه جداگانه سنجیده می‌شود.",
		EN: "Until it is corrected the list does not go to the tax administration; the insurance side is judged apart.",
	}
	warns = fault.Text{
		FA: "هشدار است و جلوی ارسال را نمی‌گیرد.",
		EN: "A warning: it does not stop the list.",
	}
	informs = fault.Text{
		FA: "تنها اطلاع است و در پذیرش لیست اثری ندارد.",
		EN: "Information only: it does not change the verdict.",
	}
	nothingToDo = fault.Text{FA: "کاری لازم نیست.", EN: "Nothing to do."}
)
