package sso

import (
	"bytes"
	"fmt"
	"strconv"

	"fehrest/internal/agency"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
)

// Agency is the Social Security Organization. The zero value but for Book writes what deliveries use: v6.5 in Iran System.
type Agency struct {
	Book     *law.Book
	Encoding dbf.Encoding
	Layout   Layout
}

// Lane is the organisation's lane.
func (Agency) Lane() payroll.Lane { return payroll.SSO }

// Encode makes the list's pair of files, or n pairs in folders 1/, 2/ … when a total does not fit its field (LIST-07).
// It fails for a value that does not fit, which Fit has refused before, and for a month without a law file.
func (a Agency) Encode(p agency.Parcel) ([]payroll.File, error) {
	params, ok := a.Book.On(p.List.Header.Period)
	if !ok {
		return nil, fmt.Errorf("sso: encode: no law file governs %s", p.List.Header.Period)
	}
	parts := a.split(p.List)
	files := make([]payroll.File, 0, 2*len(parts))
	for i, part := range parts {
		part.kar.Rate = wholePercent(params, part.kar.Unemployment != 0)
		kar, err := write(edition(karLayout, a.Layout), []Kar{part.kar}, a.Encoding, p.List.Header.Period)
		if err != nil {
			return nil, fmt.Errorf("sso: encode %s: %w", KarName, err)
		}
		wor, err := write(a.workers(part.wor), part.wor, a.Encoding, p.List.Header.Period)
		if err != nil {
			return nil, fmt.Errorf("sso: encode %s: %w", WorName, err)
		}
		folder := ""
		if len(parts) > 1 {
			folder = strconv.Itoa(i+1) + "/"
		}
		files = append(files, payroll.File{Name: folder + KarName, Bytes: kar}, payroll.File{Name: folder + WorName, Bytes: wor})
	}
	return files, nil
}

// wholePercent is DSK_RATE: the shares of a normal worker, without unemployment where no row owes it.
func wholePercent(p *law.Params, unemployment bool) int64 {
	shares := p.Premium[payroll.NormalKind]
	sum := shares.Worker.Value.Rat()
	sum.Add(sum, shares.Employer.Value.Rat())
	if unemployment {
		sum.Add(sum, shares.Unemployment.Value.Rat())
	}
	sum.Mul(sum, hundred)
	return sum.Num().Int64() / sum.Denom().Int64()
}

// workers is DSKWOR00's table, with a wide insurance number where one row needs it.
func (a Agency) workers(rows []Wor) []field[Wor] {
	layout := edition(worLayout, a.Layout)
	for i := range rows {
		if len(rows[i].InsuranceNumber) > 8 {
			wide := append([]field[Wor](nil), layout...)
			for i := range wide {
				if wide[i].name == "DSW_ID1" {
					wide[i].width = wideInsuranceNumber
				}
			}
			return wide
		}
	}
	return layout
}

// record is one worker as the file holds him.
func (a Agency) record(h *payroll.Header, f *payroll.Filed) Wor {
	l, x := &f.Line, &f.Assessed
	w := Wor{
		ID: string(h.Workshop), ListNo: h.ListNo, Year: int64(h.Period.Year % 100), Month: int64(h.Period.Month),
		InsuranceNumber: l.InsuranceNumber.Short(),
		FirstName:       a.text(l.FirstName, "DSW_FNAME"), LastName: a.text(l.LastName, "DSW_LNAME"), FatherName: a.text(l.FatherName, "DSW_DNAME"),
		IDNumber: a.text(l.IDNumber, "DSW_IDNO"), IssuePlace: a.text(l.IssuePlace, "DSW_IDPLC"),
		IssueDate: l.IssueDate.Compact(), BirthDate: l.BirthDate.Compact(),
		Sex: sexWord[l.Sex], Nationality: a.text(nationality(l), "DSW_NAT"), Occupation: a.text(l.JobTitle, "DSW_OCP"),
		StartDate: inside(l.StartDate, h.Period), EndDate: inside(l.EndDate, h.Period), Job: string(l.JobCode),
		Days: int64(l.Days), DailyWage: int64(l.DailyWage), MonthlyWage: int64(x.MonthlyWage), Benefits: int64(x.Benefits),
		Insurable: int64(x.Insurable), Total: int64(x.Total), WorkerPremium: int64(x.WorkerPremium),
		Seniority: int64(l.DailySeniority), Marriage: int64(l.Pay[payroll.Marriage]),
	}
	if !l.Foreign() {
		w.NationalCode = string(l.NationalCode)
	}
	if a.Layout == V27 {
		// v2.7 has no field for seniority: the daily wage carries it.
		w.DailyWage += w.Seniority
	}
	return w
}

func (a Agency) text(s, name string) string {
	return cut(a.Encoding, clean(s), widthOf(worLayout, name))
}

var sexWord = map[string]string{"male": "مرد", "female": "زن"}

func nationality(l *payroll.Line) string {
	if l.Nationality == "" {
		return payroll.Iranian
	}
	return l.Nationality
}

// inside writes a date that lies in the month; the file leaves all others blank.
func inside(d jalali.Date, m jalali.Month) string {
	if d.InMonth() != m {
		return ""
	}
	return d.Compact()
}

// write makes one table. The header carries the period's last day, so that the same list always gives the same bytes.
func write[R any](layout []field[R], rows []R, enc dbf.Encoding, period jalali.Month) ([]byte, error) {
	var b bytes.Buffer
	year, month, day := period.Last().Gregorian()
	w, err := dbf.NewWriter(&b, dbf.Header{
		Fields: headerOf(layout), Date: dbf.Date{Year: year, Month: int(month), Day: day}, Records: uint32(len(rows)),
	})
	if err != nil {
		return nil, err
	}
	var text []byte
	for i := range rows {
		for j := range layout {
			switch v := layout[j].at(&rows[i]).(type) {
			case *string:
				text, _ = enc.Append(text[:0], *v)
				w.Text(j, text)
			case *int64:
				w.Int(j, *v)
			}
		}
		if err := w.Next(); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// onLane tells whether the SSO gets the line.
func onLane(f *payroll.Filed) bool { return f.Line.Lanes().Has(fault.SSO) }
