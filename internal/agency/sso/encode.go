package sso

import (
	"fmt"
	"iter"
	"math/big"
	"strconv"

	"fehrest/internal/agency"
	"fehrest/internal/dbf"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
)

// Agency is the Social Security Organization. The zero value but for Book writes what deliveries use: v6.5 in Iran System.
type Agency struct {
	Book     *law.Book
	Encoding dbf.Encoding // IranSystem or CP1256
	Layout   Layout
}

// Lane is the organisation's lane.
func (Agency) Lane() payroll.Lane { return payroll.SSO }

// Encode makes the list's pair of files, or n pairs in folders 1/, 2/ … when a total does not fit its field (LIST-07). A
// list without a line for the organisation has no file. It fails for a value that does not fit (*dbf.TooWideError,
// *LetterError), which Fit has refused before, and for a month without a law file.
func (a Agency) Encode(p agency.Parcel) ([]payroll.File, error) {
	h := &p.List.Header
	params, ok := a.Book.On(h.Period)
	if !ok {
		return nil, fmt.Errorf("sso: encode: no law file governs %s", h.Period)
	}
	parts := a.split(p.List)
	var files []payroll.File
	for i := range parts {
		part := &parts[i]
		part.kar.Rate = WholePercent(params, part.kar.Unemployment != 0)
		kar, err := write(edition(karLayout, a.Layout), 1, one(&part.kar), a.Encoding, h.Period)
		if err != nil {
			return nil, fmt.Errorf("sso: encode %s: %w", KarName, err)
		}
		layout := edition(worLayout, a.Layout)
		if part.wide {
			layout = widened(layout)
		}
		wor, err := write(layout, part.workers, a.records(part), a.Encoding, h.Period)
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

// WholePercent is DSK_RATE: the shares of a normal worker, without unemployment where no row owes it.
func WholePercent(p *law.Params, unemployment bool) int64 {
	shares := p.Premium[payroll.NormalKind]
	sum := shares.Worker.Value.Rat()
	sum.Add(sum, shares.Employer.Value.Rat())
	if unemployment {
		sum.Add(sum, shares.Unemployment.Value.Rat())
	}
	sum.Mul(sum, big.NewRat(100, 1))
	return sum.Num().Int64() / sum.Denom().Int64()
}

// records yields a part's workers, each in the same record.
func (a Agency) records(p *part) iter.Seq[*Wor] {
	return func(yield func(*Wor) bool) {
		var w Wor
		for i := range p.lines {
			if !onLane(&p.lines[i]) {
				continue
			}
			a.record(&w, p, &p.lines[i])
			if !yield(&w) {
				return
			}
		}
	}
}

func one[R any](row *R) iter.Seq[*R] { return func(yield func(*R) bool) { yield(row) } }

// record is one worker as the file holds him.
func (a Agency) record(w *Wor, p *part, f *payroll.Filed) {
	l, x := &f.Line, &f.Assessed
	*w = Wor{
		ID: p.kar.ID, ListNo: p.kar.ListNo, Year: p.kar.Year, Month: p.kar.Month,
		InsuranceNumber: l.InsuranceNumber.Short(), FirstName: l.FirstName, LastName: l.LastName, FatherName: l.FatherName,
		IDNumber: asciiDigits(l.IDNumber), IssuePlace: l.IssuePlace, IssueDate: p.seen.compact(l.IssueDate), BirthDate: p.seen.compact(l.BirthDate),
		Sex: sexWord(l.Sex), Nationality: nationality(l), Occupation: l.JobTitle,
		StartDate: p.seen.inside(l.StartDate, p.period), EndDate: p.seen.inside(l.EndDate, p.period), Job: string(l.JobCode),
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
}

// sexWord is the word that stands for the sex in the file.
func sexWord(sex string) string {
	switch sex {
	case "male":
		return "مرد"
	case "female":
		return "زن"
	}
	return ""
}

func nationality(l *payroll.Line) string {
	if l.Nationality == "" {
		return payroll.Iranian
	}
	return l.Nationality
}

// dates are those written before: workers share them.
type dates map[int]string // by number

// mostDates bounds what is kept: all days of sixty years.
const mostDates = 22_000

// inside writes a date that lies in the month; the file leaves all others blank.
func (seen dates) inside(d jalali.Date, m jalali.Month) string {
	if d.InMonth() != m {
		return ""
	}
	return seen.compact(d)
}

func (seen dates) compact(d jalali.Date) string {
	if d.IsZero() {
		return ""
	}
	n := d.Number()
	s, ok := seen[n]
	if !ok {
		s = strconv.Itoa(n)
		if len(seen) < mostDates {
			seen[n] = s
		}
	}
	return s
}
