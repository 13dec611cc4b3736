package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// keep keeps what the list tells. What was kept before stands, and is told where the archive says otherwise.
func (p *past) keep(ctx context.Context, tx *store.Tx) error {
	if err := tx.LockPersons(ctx, p.result.Header.Employer); err != nil {
		return err
	}
	for _, step := range []func(context.Context, *store.Tx) error{p.keepWorkshop, p.keepPeople, p.keepLines, p.keepTax} {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	if p.out.New == (Counted{}) {
		return nil // twice is once
	}
	h := &p.result.Header
	return tx.Append(ctx, store.Event{
		At: p.i.Now(), Actor: store.ByWindow, Action: "imported", Subject: string(h.Workshop),
		Details: map[string]any{"sha256": p.sha, "period": h.Period.String(), "contract_row": h.ContractRow, "list_no": h.ListNo},
	})
}

func (p *past) differs(what, kept, archive string, taken bool, count int) {
	p.out.Differs = append(p.out.Differs, Differs{What: what, Kept: kept, Archive: archive, Taken: taken, Count: count})
}

// keepWorkshop registers the workshop with its employer and contract row, or fills what the registry left blank.
func (p *past) keepWorkshop(ctx context.Context, tx *store.Tx) error {
	h := &p.result.Header
	told := p.told.Header // an organisation's file cuts names and address at their fields' width
	from := store.Workshop{
		Code: h.Workshop, Employer: h.Employer, EmployerName: cmp.Or(told.EmployerName, h.EmployerName), Name: cmp.Or(told.WorkshopName, h.WorkshopName),
		Address: cmp.Or(told.Address, h.Address), PostalCode: h.PostalCode,
		TaxOfficeCode: h.TaxOfficeCode, TaxFileNo: h.TaxFileNo, ExemptFive: h.ExemptFive, Profile: h.Profile,
	}
	w, err := tx.Workshop(ctx, h.Workshop)
	switch {
	case errors.Is(err, store.ErrNotFound):
		w = from
		switch name, err := tx.EmployerName(ctx, h.Employer); {
		case err == nil:
			if !sameText(name, from.EmployerName) {
				p.differs("employer_name", name, from.EmployerName, false, 0)
			}
			w.EmployerName = name
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		p.out.New.Workshops = 1
	case err != nil:
		return err
	case w.Employer != from.Employer:
		p.differs("employer_id", string(w.Employer), string(from.Employer), false, 0)
		return &notImported{fault.Text{
			FA: "این کارگاه در دفتر این پنجره از آنِ کارفرمای دیگری است", EN: "the registry holds this workshop for another employer",
		}}
	default:
		if !p.fillWorkshop(&w, &from) {
			return p.keepContract(ctx, tx)
		}
	}
	if err := tx.SaveWorkshop(ctx, w); err != nil {
		return err
	}
	return p.keepContract(ctx, tx)
}

// fillWorkshop fills what the registry left blank and tells what it holds otherwise; true where something was filled.
func (p *past) fillWorkshop(w, from *store.Workshop) (filled bool) {
	for _, x := range []struct {
		what  string
		here  *string
		there string
	}{
		{"workshop_name", &w.Name, from.Name},
		{"employer_name", &w.EmployerName, from.EmployerName},
		{"address", &w.Address, from.Address},
		{"postal_code", (*string)(&w.PostalCode), string(from.PostalCode)},
		{"tax_office_code", &w.TaxOfficeCode, from.TaxOfficeCode},
		{"tax_file_no", &w.TaxFileNo, from.TaxFileNo},
	} {
		switch {
		case x.there == "" || sameText(*x.here, x.there):
		case *x.here == "":
			*x.here, filled = x.there, true
		default:
			p.differs(x.what, *x.here, x.there, false, 0)
		}
	}
	if p.result.Header.Given.Has(payroll.KeyExemptFive) && w.ExemptFive != from.ExemptFive {
		p.differs("exempt_five", yesOrNo(w.ExemptFive), yesOrNo(from.ExemptFive), false, 0)
	}
	return filled
}

// sameText compares a text with what an organisation's file may hold of it: cut at the last word that fits.
func sameText(kept, archive string) bool {
	return kept == archive || archive != "" && strings.HasPrefix(kept, archive)
}

func (p *past) keepContract(ctx context.Context, tx *store.Tx) error {
	h := &p.result.Header
	if h.ContractRow == "" || h.ContractRow == payroll.OwnContract {
		return nil
	}
	there, err := tx.HasContract(ctx, h.Workshop, h.ContractRow)
	if err != nil || there {
		return err
	}
	p.out.New.Contracts = 1
	return tx.SaveContract(ctx, h.Workshop, h.ContractRow, h.Description)
}

var toldNames = [store.ToldCount]string{
	store.ToldStartDate: "start_date", store.ToldEducation: "education", store.ToldEmploymentType: "employment_type",
	store.ToldJobFamily: "job_family", store.ToldNames: "names", store.ToldBirthDate: "birth_date",
}

// keepPeople keeps what the list tells of each worker that is not kept, or was told by an earlier month.
func (p *past) keepPeople(ctx context.Context, tx *store.Tx) error {
	h := &p.result.Header
	codes := make([]string, len(p.people))
	for i := range p.people {
		codes[i] = p.people[i].Person
	}
	known, err := tx.PersonsTold(ctx, h.Employer, codes)
	if err != nil {
		return err
	}
	by := fmt.Sprint(h.Period.Number()) // a submitted list of the same month comes after it
	var save []store.PersonTold
	var other [store.ToldCount][2]int // how many differ, kept and taken
	for i := range p.people {
		x, had := p.people[i], known[p.people[i].Person]
		changed := false
		for f := range x.Told {
			told, kept := &x.Told[f], had.Told[f]
			switch {
			case told.Value == "" || told.Value == kept.Value && kept.By != "":
				*told = kept
			case kept.Value == "":
				told.By, changed = by, true
			case kept.By < by || p.i.Replace && len(kept.By) == len(by):
				told.By, changed = by, true
				other[f][1]++
			default:
				*told = kept
				other[f][0]++
			}
		}
		if changed {
			save = append(save, x)
			known[x.Person] = x
		}
	}
	for f, n := range other {
		if n[0] > 0 {
			p.differs(toldNames[f], "", "", false, n[0])
		}
		if n[1] > 0 {
			p.differs(toldNames[f], "", "", true, n[1])
		}
	}
	p.out.New.Persons = len(save)
	return tx.SavePersons(ctx, h.Employer, save, p.i.Now())
}

// keepLines keeps wages and days, for the checks of history, unless a list of the identity was submitted here.
func (p *past) keepLines(ctx context.Context, tx *store.Tx) error {
	if len(p.lines) == 0 {
		return nil
	}
	id := p.result.Header.Identity()
	switch _, err := tx.InForce(ctx, id); {
	case err == nil:
		p.unknown(fault.Text{
			FA: "لیستی از همین کارگاه، ماه و شماره در اینجا ثبت شده است: دستمزدهای همان می‌ماند",
			EN: "a list of this workshop, month and number was submitted here: its wages stand",
		})
		return nil
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	there, err := tx.HasPastList(ctx, id)
	if err != nil {
		return err
	}
	if there {
		n, err := p.otherLines(ctx, tx, id)
		if err != nil || n == 0 {
			return err
		}
		p.differs("lines", "", "", p.i.Replace, n)
		if !p.i.Replace {
			return nil
		}
	}
	p.out.New.Lists = 1
	return tx.KeepPastList(ctx, id, p.lines, p.i.Now())
}

// otherLines counts the workers of an earlier import of the list that this one tells otherwise.
func (p *past) otherLines(ctx context.Context, tx *store.Tx, id payroll.Identity) (n int, err error) {
	kept := map[int]store.PastLine{}
	if err := tx.EachPastLine(ctx, &store.Around{Identity: id, ID: uuid.Nil}, func(l *store.PastLine) { kept[l.Row] = *l }); err != nil {
		return 0, err
	}
	for i := range p.lines {
		if kept[p.lines[i].Row] != p.lines[i] {
			n++
		}
		delete(kept, p.lines[i].Row)
	}
	return n + len(kept), nil
}

// keepTax keeps each person's month of the tax year, unless the month was submitted here, and says what is not known of
// the year.
func (p *past) keepTax(ctx context.Context, tx *store.Tx) error {
	if len(p.tax) == 0 {
		return nil
	}
	id := p.result.Header.TaxMonth()
	if err := tx.LockPastTaxMonth(ctx, id); err != nil {
		return err
	}
	month, err := p.filedHere(ctx, tx, id)
	if err != nil || month.left {
		return err
	}
	kept, err := tx.PastTaxMonth(ctx, id)
	if err != nil {
		return err
	}
	var save []store.PastTaxPerson
	other := 0
	for _, t := range p.tax {
		had, there := kept[t.Person]
		same := had
		if !had.Coded {
			same.Codes, same.Coded = t.Codes, true
		}
		switch {
		case there && had == t, there && t.NoFigures:
		case !there, had.NoFigures, same == t:
			save = append(save, t)
		default:
			other++
			if p.i.Replace {
				save = append(save, t)
			}
		}
	}
	if other > 0 {
		p.differs("opening tax balance", "", "", p.i.Replace, other)
	}
	p.out.New.TaxPersons = len(save)
	if len(save) > 0 {
		if err := tx.KeepPastTaxPersons(ctx, id, save, p.i.Now()); err != nil {
			return err
		}
		if err := p.cutAnew(ctx, tx, month); err != nil {
			return err
		}
	}
	return p.tellYear(ctx, tx, id)
}

// monthHere is what of the archive's tax month was made in this window.
type monthHere struct {
	*store.TaxMonth      // nil where nothing was
	left            bool // a file of it left
}

// filedHere looks for it. Once a file left, that is the month, and who of the archive is not in it is told.
func (p *past) filedHere(ctx context.Context, tx *store.Tx, id payroll.TaxMonthIdentity) (here monthHere, err error) {
	here.TaxMonth, err = tx.TaxMonthOf(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return monthHere{}, nil
	}
	if err != nil || here.Version == 0 {
		return here, err
	}
	key, ok := payroll.ParseDeliveryKey(id.Key(here.Version))
	if !ok {
		return here, errors.New("flow: import: the tax month's identity makes no key")
	}
	line, err := tx.Sequence(ctx, here.ID.String(), lineOf(key))
	if here.left = !neverLeft(line); err != nil || !here.left {
		return here, err
	}
	p.unknown(fault.Text{
		FA: "این ماه مالیاتی در اینجا ثبت شده است: رقم‌های همان می‌ماند", EN: "this tax month was submitted here: its figures stand",
	})
	made, err := tx.TaxMonthPersons(ctx, here.ID, here.Version)
	if err != nil {
		return here, err
	}
	in := make(map[string]bool, len(made))
	for i := range made {
		in[made[i].Person] = true
	}
	missing := 0
	for i := range p.tax {
		if !in[p.tax[i].Person] {
			missing++
		}
	}
	if missing > 0 {
		p.unknown(fault.Text{
			FA: fmt.Sprintf("%d نفر این آرشیو در فایلی که از این ماه در اینجا ساخته و فرستاده شد نیستند و آن فایل جای فایل پیشین را می‌گیرد: لیست آنان را هم بفرستید", missing),
			EN: fmt.Sprintf("%d persons of this archive are not in this month's file that left from here, which takes the place of the one filed before: send their lists too", missing),
		})
	}
	return here, nil
}

// cutAnew has a tax month made anew that was made here before its archive came, and whose file has not left.
func (p *past) cutAnew(ctx context.Context, tx *store.Tx, month monthHere) error {
	if month.TaxMonth == nil || month.Version == 0 || month.DueAt != nil {
		return nil
	}
	if _, err := tx.TaxMonthDue(ctx, month.Identity, p.i.Now()); err != nil {
		return err
	}
	p.unknown(fault.Text{
		FA: "فایلی از این ماه در اینجا ساخته شده و هنوز نرفته است: از نو ساخته می‌شود و تا وقتی همهٔ افراد این آرشیو را نداشته باشد نمی‌رود",
		EN: "a file of this month was made here and has not left: it is made anew, and does not leave until it holds all persons of this archive",
	})
	return nil
}

// tellYear says what the opening balance does not know.
func (p *past) tellYear(ctx context.Context, tx *store.Tx, id payroll.TaxMonthIdentity) error {
	if !p.tax[0].TaxTold {
		p.unknown(fault.Text{
			FA: "WH مالیات را نمی‌گوید: مالیات سال تا این ماه برآورد ما از حقوق آن است",
			EN: "WH carries no tax: the year's tax so far is our estimate from its pay",
		})
	}
	known, err := tx.TaxMonthsKnown(ctx, id)
	if err != nil {
		return err
	}
	missing := map[jalali.Month]bool{}
	for m := (jalali.Month{Year: id.Period.Year, Month: 1}); m.Before(id.Period); m = m.Add(1) {
		missing[m] = true
	}
	for _, m := range known {
		delete(missing, m)
	}
	if len(missing) > 0 {
		p.unknown(fault.Text{
			FA: fmt.Sprintf("%d ماه پیش از %s در اینجا دیده نشده است: محاسبه تجمعی سال آن‌ها را نمی‌شمارد؛ آن‌ها را هم وارد کنید یا ستون‌های ytd_ را پر کنید",
				len(missing), id.Period),
			EN: fmt.Sprintf("%d of the months before %s are not known here: the year's cumulation leaves them out; import them, or fill the ytd_ columns",
				len(missing), id.Period),
		})
	}
	return nil
}
