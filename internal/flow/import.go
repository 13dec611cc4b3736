package flow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/agency/tax"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
	"fehrest/internal/store"
)

// Importer takes archives of months that were filed elsewhere, of clients who begin to use the window: the registry, what
// workers are asked once, last wages, opening balances of the tax year. Nothing of them is sent to anyone, and what is
// already kept is told where it differs, never overwritten. Store, Book and Now are required.
type Importer struct {
	Store    *store.Store
	Book     *law.Book
	Now      func() time.Time
	Today    jalali.Date
	Agencies []agency.Agency
	Limits   intake.Limits
	// Replace takes the archive's word in place of what an earlier import kept. Submitted lists stand in any case.
	Replace bool
}

// Archive is one file with the organisations' own files, and what its sender says of the workshops in it.
type Archive struct {
	Name      string
	Workshops []ToldWorkshop
}

// ToldWorkshop is what is known of a workshop beside the archive.
type ToldWorkshop struct {
	Header  *payroll.Header
	Profile *payroll.Profile
}

// Imported is what became of one list of an archive. JSON names are public.
type Imported struct {
	File        string               `json:"file"`
	Member      string               `json:"member"`
	Format      string               `json:"format"`
	Workshop    payroll.WorkshopCode `json:"workshop_code"`
	Employer    payroll.EmployerID   `json:"employer_id"`
	ContractRow string               `json:"contract_row"`
	Period      jalali.Month         `json:"period"`
	ListNo      string               `json:"list_no"`
	Verdict     payroll.Verdict      `json:"verdict"`
	Stored      bool                 `json:"stored"`
	WhyNot      fault.Text           `json:"why_not"` // empty where it is stored
	New         Counted              `json:"new"`
	Guesses     []intake.Guess       `json:"guesses"`
	Differs     []Differs            `json:"differs"`
	Unknown     []fault.Text         `json:"unknown"` // what no file tells, and what that means
	Faults      []fault.Fault        `json:"faults"`
	Causes      []fault.Cause        `json:"causes"`
}

// Counted is how much of an archive was not kept before.
type Counted struct {
	Workshops  int `json:"workshops"`
	Contracts  int `json:"contract_rows"`
	Persons    int `json:"persons"`     // of whom something is kept that was not
	Lists      int `json:"lists"`       // last wages and days, for the checks of history
	TaxPersons int `json:"tax_persons"` // with a month of the tax year
}

// Differs is something that was kept already and that the archive tells otherwise: what is kept stands.
type Differs struct {
	What    string `json:"what"`
	Kept    string `json:"kept"`
	Archive string `json:"archive"`
	Taken   bool   `json:"taken"` // the archive's word was taken: it is of a later month, or replacing was asked for
	Count   int    `json:"count"` // of persons; 0 for what is no person's
}

// Import reads an archive and keeps what its lists tell, each in a transaction of its own, months in order. What is wrong
// with a list is in its result; the error is the database's, the reader's or the context's.
func (i *Importer) Import(ctx context.Context, a Archive, r io.ReaderAt, size int64) (all []Imported, err error) {
	f, err := intake.Open(ctx, r, size, i.options(a, nil))
	if err != nil {
		return nil, fmt.Errorf("flow: import: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sha, err := digestOf(r, size)
	if err != nil {
		return nil, fmt.Errorf("flow: import: %w", err)
	}
	for _, n := range byMonth(f.Lists) {
		p := &past{i: i, out: &Imported{File: a.Name, Member: f.Lists[n].Member, Format: f.Format}, sha: sha}
		if err := p.run(ctx, a, f, n); err != nil {
			return all, err
		}
		all = append(all, *p.out)
	}
	return all, nil
}

// byMonth orders lists so that what a month builds on is kept before it: folders need not be named by months.
func byMonth(lists []intake.Part) []int {
	order := make([]int, len(lists))
	for n := range order {
		order[n] = n
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lists[a].Period.Number(), lists[b].Period.Number()) })
	return order
}

func digestOf(r io.ReaderAt, size int64) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (i *Importer) options(a Archive, told *ToldWorkshop) intake.Options {
	o := intake.Options{Name: a.Name, Book: i.Book, Today: i.Today, Agencies: i.Agencies, Limits: i.Limits}
	if told != nil {
		o.Workshop, o.Profile = told.Header, told.Profile
	}
	return o
}

// past is one list of an archive on its way into the store.
type past struct {
	i      *Importer
	out    *Imported
	sha    string
	result *intake.Result
	told   ToldWorkshop // by the sender
	lent   ToldWorkshop // and by the registry, where he says nothing
	lines  []store.PastLine
	people []store.PersonTold
	tax    []store.PastTaxPerson
	taxAt  map[string]int // index into tax
	taxRow map[int]int    // index into tax, by row
	coded  int            // foreigners of whom the file has no code
	wrong  int            // rows whose person could not be read
}

func (p *past) run(ctx context.Context, a Archive, f *intake.File, n int) error {
	code := f.Lists[n].Workshop
	p.told = toldOf(a, code)
	err := p.lend(ctx, cmp.Or(code, p.told.Header.Workshop))
	if err != nil {
		return err
	}
	p.taxAt, p.taxRow = map[string]int{}, map[int]int{}
	o := p.i.options(a, &p.lent)
	o.Begin = func(h *payroll.Header) (known intake.Register, err error) {
		if h.TaxPeriod.IsZero() || h.Employer == "" {
			return known, nil
		}
		err = p.i.Store.Read(ctx, func(tx *store.Tx) error {
			known.Earlier, err = earlierMonths(ctx, tx, h.TaxMonth())
			return err
		})
		return known, err
	}
	o.Line = p.line
	if p.result, err = f.Read(ctx, n, o); err != nil {
		return fmt.Errorf("flow: import: %w", err)
	}
	p.tell()
	p.leaveApart()
	if p.out.WhyNot != (fault.Text{}) {
		return nil
	}
	err = p.i.Store.Tx(ctx, func(tx *store.Tx) error { return p.keep(ctx, tx) })
	var refused *notImported
	if errors.As(err, &refused) {
		p.out.WhyNot, p.out.New = refused.why, Counted{}
		return nil
	}
	p.out.Stored = err == nil
	return err
}

// notImported ends an import of one list and says why.
type notImported struct{ why fault.Text }

func (e *notImported) Error() string { return "flow: not imported" }

// toldOf is what is told of the list's workshop: by its code; where the archive has none, of the only workshop told of. A tax
// month without the SSO's files is its employer's: any of his workshops tells whose, where all that are told of are his.
func toldOf(a Archive, code payroll.WorkshopCode) ToldWorkshop {
	for i := range a.Workshops {
		if h := a.Workshops[i].Header; h.Workshop == code || (code == "" || h.Workshop == "") && len(a.Workshops) == 1 {
			return a.Workshops[i]
		}
	}
	if code == "" && len(a.Workshops) > 0 && !slices.ContainsFunc(a.Workshops, func(t ToldWorkshop) bool {
		first := a.Workshops[0].Header
		return t.Header.Employer == "" || t.Header.Employer != first.Employer || t.Header.TaxFileNo != first.TaxFileNo
	}) {
		return a.Workshops[0]
	}
	return ToldWorkshop{Header: &payroll.Header{}}
}

// lend adds what the registry holds of the workshop where its sender says nothing.
func (p *past) lend(ctx context.Context, code payroll.WorkshopCode) error {
	h := *p.told.Header
	p.lent = ToldWorkshop{&h, p.told.Profile}
	if code == "" {
		return nil
	}
	return p.i.Store.Read(ctx, func(tx *store.Tx) error {
		w, err := tx.Workshop(ctx, code)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, x := range []struct {
			key  payroll.HeaderID
			to   *string
			from string
		}{
			{payroll.KeyEmployerID, (*string)(&h.Employer), string(w.Employer)},
			{payroll.KeyWorkshopName, &h.WorkshopName, w.Name},
			{payroll.KeyEmployerName, &h.EmployerName, w.EmployerName},
			{payroll.KeyTaxFileNo, &h.TaxFileNo, w.TaxFileNo},
			{payroll.KeyAddress, &h.Address, w.Address},
			{payroll.KeyPostalCode, (*string)(&h.PostalCode), string(w.PostalCode)},
		} {
			if x.from != "" && !h.Given.Has(x.key) {
				*x.to = x.from
				h.Given.Add(x.key)
			}
		}
		return nil
	})
}

// line keeps what later months need of one worker.
func (p *past) line(l *payroll.Line, a *payroll.Assessed) error {
	person := l.Person()
	switch {
	case l.Faulty.Any(payroll.ColNationalCode, payroll.ColForeignerCode), person == "", l.NationalCode.Check() != payroll.Valid && !l.Foreign():
		p.wrong++
		return nil
	case l.Foreign() && l.ForeignerCode == "":
		p.coded++ // the SSO's files have no code of a foreigner: he cannot be recognised next month
		return nil
	}
	lanes := l.Lanes()
	if lanes.Has(fault.SSO) {
		p.lines = append(p.lines, store.PastLine{
			Row: l.Row, Person: person, Name: l.FirstName + " " + l.LastName, Days: l.Days, DailyWage: l.DailyWage,
			Insurable: a.Insurable, EndDate: l.EndDate,
		})
	}
	p.people = append(p.people, p.personOf(l))
	if lanes.Has(fault.Tax) && rule.HasPay(l, a) { // only months with pay count in the year's exemption
		p.addTax(l, a)
	}
	return nil
}

// personOf is what the line tells of its worker that is kept.
func (p *past) personOf(l *payroll.Line) store.PersonTold {
	x := store.PersonTold{Person: l.Person()}
	tell := func(i int, value string, from ...payroll.ColumnID) {
		if value != "" && !l.Faulty.Any(from...) {
			x.Told[i].Value = value
		}
	}
	day := func(d jalali.Date) string {
		if d.IsZero() {
			return ""
		}
		return strconv.Itoa(d.Number())
	}
	tell(store.ToldStartDate, day(l.StartDate), payroll.ColStartDate)
	tell(store.ToldEducation, l.Education, payroll.ColEducation)
	tell(store.ToldEmploymentType, l.EmploymentType, payroll.ColEmploymentType)
	tell(store.ToldJobFamily, l.JobFamily, payroll.ColJobFamily)
	tell(store.ToldBirthDate, day(l.BirthDate), payroll.ColBirthDate)
	// WP cuts names short: as known ones they would be held against the whole names of the next list.
	cut := !l.Lanes().Has(fault.SSO) && tax.NamesMayBeCut(l)
	if l.FirstName != "" && l.LastName != "" && l.FatherName != "" && !cut {
		tell(store.ToldNames, l.FirstName+store.NameSeparator+l.LastName+store.NameSeparator+l.FatherName,
			payroll.ColFirstName, payroll.ColLastName, payroll.ColFatherName)
	}
	return x
}

// addTax adds the line to its person's month of the tax year. The live files carry no tax: then it is our estimate.
func (p *past) addTax(l *payroll.Line, a *payroll.Assessed) {
	person := l.Person()
	i, ok := p.taxAt[person]
	if !ok {
		i = len(p.tax)
		p.taxAt[person] = i
		p.tax = append(p.tax, store.PastTaxPerson{Person: person, Coded: true, Codes: store.PastCodes{
			PlaceStatus: l.PlaceStatus, BudgetException: l.BudgetException, HousingUse: l.HousingUse, CarUse: l.CarUse,
		}})
	}
	p.taxRow[l.Row] = i
	t := &p.tax[i]
	t.Taxable, t.Welfare = t.Taxable.Add(a.Taxable), t.Welfare.Add(a.Welfare)
	t.EidiExempt, t.NonCash = t.EidiExempt.Add(a.EidiExempt), t.NonCash.Add(a.NonCashExempt)
	if l.Given.Has(payroll.ColDeclaredTax) {
		t.Tax, t.TaxTold = t.Tax.Add(l.DeclaredTax), true
		return
	}
	t.Tax = t.Tax.Add(a.BeforeForgiveness)
}

// leaveApart forgets the tax figures of persons of whom the two organisations' files tell no one pay (LIST-06): what was read is the
// SSO's. That they stand in the month's file is kept, and who they are is told by the finding.
func (p *past) leaveApart() {
	if len(p.result.Apart) == 0 {
		return
	}
	for _, row := range p.result.Apart {
		if i, ok := p.taxRow[row]; ok {
			t := &p.tax[i]
			*t = store.PastTaxPerson{Person: t.Person, Codes: t.Codes, Coded: true, NoFigures: true}
		}
	}
	p.unknown(fault.Text{
		FA: fmt.Sprintf("رقم‌های %d نفر در فایل‌های DSK و WH یک حقوق نیست (LIST-06): دستمزد بیمه‌ای آنان نگه داشته شد و ماندهٔ مالیاتی این ماهشان نه؛ WP و WH را جدا از DSK هم وارد کنید",
			len(p.result.Apart)),
		EN: fmt.Sprintf("the figures of %d persons in DSK and WH are not one pay (LIST-06): their insured wages are kept, their tax balance of this month is not; import WP and WH apart from DSK too",
			len(p.result.Apart)),
	})
}

// tell fills the report of a list that was read, and why it is not kept where it is not.
func (p *past) tell() {
	r, out := p.result, p.out
	h := &r.Header
	out.Workshop, out.Employer, out.ContractRow, out.Period, out.ListNo = h.Workshop, h.Employer, h.ContractRow, h.Period, h.ListNo
	out.Verdict, out.Guesses, out.Faults, out.Causes = r.Verdicts.Worst(), r.Guesses, []fault.Fault{}, r.Findings.Causes()
	out.Differs, out.Unknown = []Differs{}, []fault.Text{}
	if out.Guesses == nil {
		out.Guesses = []intake.Guess{}
	}
	for _, f := range r.Findings.All() {
		if f.Severity >= fault.Error && !onlyOfToday(f.Code) {
			out.Faults = append(out.Faults, f)
		}
	}
	out.WhyNot = p.whyNot()
	if p.wrong > 0 {
		p.unknown(fault.Text{
			FA: fmt.Sprintf("%d ردیف بدون کد ملی درست نگه داشته نشد", p.wrong),
			EN: fmt.Sprintf("%d rows without a valid national code are not kept", p.wrong),
		})
	}
	if p.coded > 0 {
		p.unknown(fault.Text{
			FA: fmt.Sprintf("%d نفر اتباع خارجی در فایل‌های بیمه کد ندارند و نگه داشته نشدند: ماه بعد تازه‌وارد شمرده می‌شوند", p.coded),
			EN: fmt.Sprintf("%d foreigners have no code in the SSO's files and are not kept: next month they are new", p.coded),
		})
	}
}

func (p *past) unknown(what fault.Text) { p.out.Unknown = append(p.out.Unknown, what) }

// whyNot is why a list that was read is not kept, empty where it is.
func (p *past) whyNot() fault.Text {
	r, h := p.result, &p.result.Header
	switch {
	case r.Format == "":
		return fault.Text{FA: "خوانده نمی‌شود؛ خطاها را ببینید", EN: "it cannot be read; see the faults"}
	case r.Format != intake.FormatDSK && r.Format != intake.FormatTax && r.Format != intake.FormatBoth:
		return fault.Text{FA: "فایل DSK یا WP/WH در آن نیست", EN: "it holds no DSK or WP/WH files"}
	case p.out.Verdict == payroll.Unreadable, slices.ContainsFunc(p.out.Faults, broken):
		return fault.Text{
			FA: "فایل‌های آن خراب است یا جفت هم نیست؛ خطاها را ببینید",
			EN: "its files are damaged or do not belong together; see the faults",
		}
	case h.Workshop.Check() != payroll.Valid:
		return needs("کد کارگاه (workshop_code)", "workshop_code")
	case h.Employer == "":
		return needs("شناسه ملی یا کد ملی کارفرما (employer_id)", "employer_id")
	case h.Employer.Check() != payroll.Valid:
		return fault.Text{FA: "شناسه کارفرما نادرست است", EN: "the employer's id is wrong"}
	case h.EmployerName == "" || h.WorkshopName == "":
		return needs("نام کارفرما و کارگاه (employer_name, workshop_name)", "employer_name and workshop_name")
	case h.Period.IsZero():
		return fault.Text{FA: "ماه آن معلوم نیست: فایل‌ها ماه خود را نمی‌گویند", EN: "needs period: the files do not tell their month"}
	}
	return fault.Text{}
}

func needs(fa, en string) fault.Text {
	return fault.Text{
		FA: fa + " معلوم نیست؛ آن را با --workshop یا workshops.json در پوشه‌اش بگویید",
		EN: "needs " + en + ": tell it by --workshop or workshops.json in its folder",
	}
}

// broken are the findings that leave a file's figures without worth.
func broken(f fault.Fault) bool {
	switch f.Code {
	case "LIST-06":
		return f.Lane != fault.Tax || f.Row == 0 // of one person of joined files only that person's tax figures are lost
	case "LIST-01", "SHEET-03", "SHEET-06", "SHEET-07", "SHEET-12":
		return true
	}
	return false
}

// onlyOfToday tells a finding that is about sending a list, not about what it says.
func onlyOfToday(code string) bool { return code == "SHEET-13" }
