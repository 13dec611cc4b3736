package tax

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Agency is the tax administration. The law book says which edition of the files a month has.
type Agency struct{ Book *law.Book }

// Lane is the administration's lane.
func (Agency) Lane() payroll.Lane { return payroll.Tax }

// WPName is the name of a month's persons' file.
func WPName(m jalali.Month) string { return "WP" + m.Compact() + ".txt" }

// WHName is the name of a month's pay file.
func WHName(m jalali.Month) string { return "WH" + m.Compact() + ".txt" }

// byteOrderMark begins both files.
const byteOrderMark = "\uFEFF"

// Encode makes the tax month's pair of files, persons in the month's own order. It fails with agency.ErrNoFile before 1403.
func (a Agency) Encode(p agency.Parcel) ([]payroll.File, error) {
	month := p.Month.Identity.Period
	edition, err := a.edition(month)
	if err != nil {
		return nil, err
	}
	wpFields, whFields := of(wpLayout, edition), of(whLayout, edition)
	wp, wh := []byte(byteOrderMark), []byte(byteOrderMark)
	var person Person
	var pay Pay
	for i := range p.Month.Persons {
		if i == 1 {
			// The others' lines are about as long as the first, and a large month's file is not copied as it grows.
			wp, wh = slices.Grow(wp, roomFor(len(wp), p.Month)), slices.Grow(wh, roomFor(len(wh), p.Month))
		}
		x := &p.Month.Persons[i]
		person, pay = personOf(x), payOf(x, edition)
		wp = appendLine(wp, wpFields, &person)
		wh = appendLine(wh, whFields, &pay)
	}
	return []payroll.File{{Name: WPName(month), Bytes: wp}, {Name: WHName(month), Bytes: wh}}, nil
}

func roomFor(first int, m *payroll.TaxMonth) int { return len(m.Persons) * (first + first/8) }

func (a Agency) edition(m jalali.Month) (int, error) {
	params, ok := a.Book.On(m)
	if !ok || params.WHEdition.Value < edition1403 {
		return 0, fmt.Errorf("tax: %w: %s", agency.ErrNoFile, m)
	}
	return params.WHEdition.Value, nil
}

func appendLine[R any](b []byte, layout []field[R], r *R) []byte {
	for i := range layout {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := layout[i].at(r).(type) {
		case *string:
			s := *v
			if layout[i].text {
				s = written(s, layout[i].width)
			}
			b = append(b, s...)
		case *jalali.Date:
			if !v.IsZero() {
				b = strconv.AppendInt(b, int64(v.Number()), 10)
			}
		case *rial.Amount:
			b = strconv.AppendInt(b, int64(*v), 10)
		}
	}
	return append(b, "\r\n"...)
}

// The codes of release one: everything is paid in rials.
const (
	paidInRials  = "1"
	rialCurrency = "84"
	ordinary     = "1" // of every coded column whose default is the first
	iran         = "103"
)

// The types of insurance that the files take where the list gives none.
const (
	socialSecurity = "2"
	notInsured     = "5"
)

const socialSecurityName = "تامین اجتماعی"

// personOf is a person's line of WP.
func personOf(x *payroll.TaxPerson) Person {
	l := &x.Line
	p := Person{
		Nationality: "1", ID: id(l), FirstName: l.FirstName, LastName: l.LastName, FatherName: l.FatherName,
		BirthDate: l.BirthDate, IDNumber: withoutZeros(l.IDNumber), BirthPlace: l.BirthPlace, Education: l.Education,
		InsuranceType: l.InsuranceType, InsuranceNumber: digitsUpTo(10, string(l.InsuranceNumber)),
		ExemptionType: or(l.ExemptionType, ordinary), Citizenship: l.CitizenshipCountry, Residence: l.ResidenceCountry,
		Address: l.WorkerAddress, JobFamily: l.JobFamily, JobTitle: l.JobTitle, EmploymentType: l.EmploymentType,
		StartDate: l.StartDate, RetirementDate: l.RetirementDate,
	}
	if l.Foreign() {
		p.Nationality = "2"
	} else {
		p.Citizenship, p.Residence = or(p.Citizenship, iran), or(p.Residence, iran)
	}
	if p.InsuranceType == "" {
		p.InsuranceType = notInsured
		if l.Lanes().Has(fault.SSO) {
			p.InsuranceType = socialSecurity
		}
	}
	if p.InsuranceType == socialSecurity {
		p.InsuranceName = socialSecurityName
	}
	if l.WorkerPostalCode.Check() == payroll.Valid {
		p.PostalCode = string(l.WorkerPostalCode)
	}
	if !l.EndDate.IsZero() {
		p.EndDate = l.EndDate.Previous() // the list holds the first day not worked
	}
	return p
}

// payOf is a person's line of WH: what was paid, whatever of it is exempt.
func payOf(x *payroll.TaxPerson, edition int) Pay {
	l := &x.Line
	p := Pay{
		ID: id(l), CurrencyMode: paidInRials, PlaceStatus: or(l.PlaceStatus, ordinary),
		BudgetException: or(l.BudgetException, ordinary), Currency: rialCurrency, ExchangeRate: "1",
		HousingUse: or(l.HousingUse, ordinary), CarUse: or(l.CarUse, ordinary),
	}
	for c := range payroll.ComponentCount {
		to := &p.Amounts[ColumnOf(c, edition)]
		*to = to.Add(paid(c, x))
	}
	p.Amounts[healthColumn] = p.Amounts[healthColumn].Add(x.Assessed.PremiumShare)
	p.Amounts[netPaidColumn] = max(x.Assessed.NetPaid, 0) // TAX-03 says so where it was below
	return p
}

// paid is a component's month; the wage is the one that was assessed, which may come from the days instead of the list.
func paid(c payroll.Component, x *payroll.TaxPerson) rial.Amount {
	if c == payroll.MonthlyWage {
		return x.Assessed.MonthlyWage
	}
	return x.Line.Pay[c]
}

func id(l *payroll.Line) string {
	if l.Foreign() {
		return string(l.ForeignerCode)
	}
	if n := len(l.NationalCode); n > 0 && n < 10 {
		return strings.Repeat("0", 10-n) + string(l.NationalCode)
	}
	return string(l.NationalCode)
}

// withoutZeros writes a birth-certificate number as the administration wants it; zero itself stays.
func withoutZeros(s string) string {
	if t := strings.TrimLeft(s, "0"); t != "" || s == "" {
		return t
	}
	return "0"
}

func digitsUpTo(n int, s string) string {
	if len(s) > n || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
