package intake

import (
	"slices"
	"strconv"

	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// keep keeps the lines at hand for the workers' files to find.
func (x *taxIndex) keep(m *taxMonth) {
	person, _ := m.persons.Line()
	pay, number := m.pays.Line()
	i := len(x.lines)
	x.lines, x.owner = append(x.lines, taxLine{slices.Clone(person), slices.Clone(pay), number}), append(x.owner, -1)
	if _, twice := x.byID[m.person.ID]; !twice {
		x.byID[m.person.ID] = i
	}
	if n := payroll.InsuranceNumber(m.person.InsuranceNumber).Short(); isForeign(&m.person) && n != "" {
		x.insured[n] = i
	}
}

// find is the kept line of a worker of the SSO's file: by his national code; a foreigner, whom that file gives no code, by
// his insurance number.
func (x *taxIndex) find(nationalCode, insuranceNumber string) (int, bool) {
	if nationalCode != "" {
		i, ok := x.byID[padded(nationalCode)]
		return i, ok
	}
	i, ok := x.insured[payroll.InsuranceNumber(insuranceNumber).Short()]
	return i, ok && insuranceNumber != ""
}

// take parses a kept line again.
func (m *taxMonth) take(i int) {
	m.persons.Parse(m.index.lines[i].person, &m.person)
	m.pays.Parse(m.index.lines[i].pay, &m.pay)
	m.taken[i] = true
}

// padded puts back the zeros that a national code lost.
func padded(code string) string {
	for len(code) < 10 && len(code) >= 8 {
		code = "0" + code
	}
	return code
}

// own gives each tax line to the first of the pairs beside it that names its person.
func (r *ownReader) own(x *taxIndex) error {
	for pair, d := range r.list.siblings {
		if len(d.wor) != 1 {
			continue // told where it is read
		}
		if err := r.personsOf(x, pair, d.wor[0]); err != nil {
			return err
		}
	}
	return nil
}

// personsOf notes the lines of a pair's persons. A damaged one is told where it is read.
func (r *ownReader) personsOf(x *taxIndex, pair int, name string) error {
	from, err := r.list.files.open(name)
	if err != nil {
		return err
	}
	records, err := sso.Wors(from, dbf.IranSystem) // codes are the same in every encoding
	if err != nil {
		return nil //nolint:nilerr // told where it is read
	}
	var w sso.Wor
	for records.Next(&w) {
		if i, ok := x.find(w.NationalCode, w.InsuranceNumber); ok && x.owner[i] < 0 {
			x.owner[i] = pair
		}
	}
	return nil
}

// join finds a worker's line of the tax files and says where his row goes. joined tells that the two files' figures are one
// pay; where they are not, the row keeps the SSO's, and the tax lane is stopped (LIST-06).
func (r *ownReader) join(w *sso.Wor, d *dskPay, record int) (lanes fault.Lane, joined bool) {
	if r.list.tax == nil {
		return fault.SSO, false
	}
	m := &r.month
	i, ok := m.index.find(w.NationalCode, w.InsuranceNumber)
	if !ok || m.taken[i] || m.index.owner[i] < 0 || r.list.siblings[m.index.owner[i]] != r.list.dsk {
		r.settled(fault.SSO)
		return fault.SSO, false
	}
	m.take(i)
	r.taxLine[record] = m.index.lines[i].number
	given := payroll.ColumnSet{}
	for _, c := range r.row.cells {
		if b := r.plan.at(c.Column); b.role == column {
			given.Add(b.column)
		}
	}
	r.taxCells(given.Has)
	field, joined := d.joinWith(&m.pay, m.edition, r.lawOf(), r.taxLawOf())
	if field != "" {
		r.apart(field, joined)
		if !joined {
			r.in.result.Apart = append(r.in.result.Apart, record)
		}
	}
	return fault.Both, joined
}

// taxLawOf is the law of the tax month, nil where none governs it.
func (r *ownReader) taxLawOf() *law.Params {
	h := &r.in.result.Header
	m := h.TaxPeriod
	if m.IsZero() {
		m = h.Period
	}
	if !r.in.o.LawOf.IsZero() {
		m = r.in.o.LawOf
	}
	if r.in.o.Book == nil || m.IsZero() {
		return nil
	}
	p, _ := r.in.o.Book.On(m)
	return p
}

// settled tells where a row goes that one of the two files does not have (CELL-11).
func (r *ownReader) settled(lane fault.Lane) {
	r.wrong = append(r.wrong, pending{
		entry: codeCell11, column: payroll.ColReportedTo, sheetColumn: -1, expected: lane.String(),
		with: append(slices.Clip(changeWords[lane.String()]), "expected_fa", wordOf(payroll.ColReportedTo.Info().Values, lane.String())),
	})
}

// apart is LIST-06 of a person whose figures in the two files cannot be one pay; a premium in WH33 that only rests on
// another share than the law book's is a warning.
func (r *ownReader) apart(field string, joined bool) {
	e := *codeList06
	e.Lane = fault.Tax
	what := fault.Text{
		FA: "رقم‌های این شخص در دو فایل یک حقوق نیست: " + field + " با DSW_MAH، DSW_MAZ و DSW_TOTL نمی‌خواند؛ دو جفت فایل را جدا بفرستید یا رقم‌ها را درست کنید",
		EN: "this person's figures in the two files are not one pay: " + field + " does not fit DSW_MAH, DSW_MAZ and DSW_TOTL; send the two pairs apart or correct the figures",
	}
	if joined {
		e.Severity = fault.Warning
		what = fault.Text{
			FA: "WH33 از سهم کسرپذیر حق بیمه کارگر کمتر است؛ در فایل تازه سهم قانونی نوشته می‌شود",
			EN: "WH33 is less than the deductible share of the worker's premium; the new file will carry the lawful share",
		}
	}
	r.wrong = append(r.wrong, pending{
		entry: &e, column: payroll.ColumnCount, sheetColumn: r.taxAt[field], with: []string{"what_fa", what.FA, "what_en", what.EN},
	})
}

// joinWith takes both files' figures of one month's pay apart into components, so that the SSO's sums and every column of
// the tax file come out as they are. field names the column that does not fit, none where the law or the edition joins
// nothing; a pay that only does not fit the health column is joined all the same.
func (d *dskPay) joinWith(pay *tax.Pay, edition int, ssoLaw, taxLaw *law.Params) (field string, joined bool) {
	if ssoLaw == nil || taxLaw == nil || edition == oldEdition {
		return "", false // told of the whole list
	}
	insurable, outside := rial.Amount(d.insurable), rial.Amount(d.outside)
	if insurable < 0 || outside < 0 {
		return "WH7", false
	}
	d.pay = payroll.Pay{}
	var open []openColumn // columns whose pay may be insurable or not
	for column := range pay.Amounts {
		a := pay.Amounts[column]
		if column == continuousColumn {
			if a -= rial.Amount(d.wage + d.marriage); a < 0 {
				return "WH7", false
			}
		}
		if a == 0 || column == healthColumn || column == netColumn {
			continue
		}
		x := standing(column, edition, ssoLaw)
		switch {
		case x.insurable >= 0 && x.outside >= 0:
			x.amount = a
			open = append(open, x)
		case x.insurable >= 0:
			d.pay[x.insurable] = a
			insurable -= a
		case x.outside >= 0:
			d.pay[x.outside] = a
			outside -= a
		case x.absent >= 0:
			d.pay[x.absent] = a
		default:
			return "WH" + strconv.Itoa(column), false
		}
		if insurable < 0 || outside < 0 {
			return "WH" + strconv.Itoa(column), false
		}
	}
	// What is not insurable is looked for in the columns of other pay first.
	slices.SortStableFunc(open, func(a, b openColumn) int { return a.rank() - b.rank() })
	for _, x := range open {
		out := min(x.amount, outside)
		d.pay[x.outside] += out
		d.pay[x.insurable] += x.amount - out
		outside -= out
		insurable -= x.amount - out
	}
	if insurable != 0 || outside != 0 {
		return "WH7", false
	}
	d.pay[payroll.Marriage] = rial.Amount(d.marriage)
	share := rial.Amount(d.premium).Times(taxLaw.DeductibleShare.Value, rial.HalfUp)
	if pay.Amounts[healthColumn] < share {
		return "WH33", true
	}
	d.pay[payroll.HealthPremium] = pay.Amounts[healthColumn] - share
	return "", true
}

// openColumn is a column of WH with a component that stands in it for each treatment by the SSO, -1 for none.
type openColumn struct {
	column                     int
	insurable, outside, absent int
	amount                     rial.Amount
}

func (x *openColumn) rank() int {
	switch x.column {
	case otherColumn:
		return 0
	case continuousColumn:
		return 1
	case welfareColumn:
		return 3
	}
	return 2
}

// standing finds the components that stand for a column: the nameless ones where there are, else the first of the table.
func standing(column, edition int, p *law.Params) openColumn {
	x := openColumn{column: column, insurable: -1, outside: -1, absent: -1}
	for c := range payroll.Components() {
		if tax.ColumnOf(c, edition) != column || c == payroll.MonthlyWage || c == payroll.Marriage {
			continue
		}
		to := &x.absent
		switch p.SSO(c) {
		case payroll.Insurable, payroll.DisputedInsurable:
			to = &x.insurable
		case payroll.TotalOnly, payroll.DisputedTotal:
			to = &x.outside
		}
		if *to < 0 || c == payroll.OtherContinuous || c == payroll.OtherNoncontinuous {
			*to = int(c)
		}
	}
	return x
}

// joinedCells are the parts of a pay that both files tell.
func (r *ownReader) joinedCells(d *dskPay) {
	for c, a := range d.pay {
		if a != 0 {
			r.row.number(r.payAt[c], int64(a))
		}
	}
}

// readLeft reads the persons of the tax files who have no pay in this pair: their rows follow, for the tax
// administration alone.
func (r *ownReader) readLeft() error {
	m := &r.month
	if r.list.siblings[0] != r.list.dsk {
		return nil
	}
	row := r.dskRows
	for i := range m.index.lines {
		if m.index.owner[i] >= 0 {
			continue
		}
		m.take(i)
		row++
		r.settled(fault.Tax)
		if err := r.taxRow(row, m.index.lines[i].number); err != nil {
			return err
		}
	}
	return nil
}

// bindPay binds each component of a joined pay to its column of WH.
func (r *ownReader) bindPay(bind func(payroll.ColumnID, string) int) {
	for c := range payroll.Components() {
		edition := max(r.month.edition, editionOfColumns)
		r.payAt[c] = bind(c.Column(), "WH"+strconv.Itoa(tax.ColumnOf(c, edition)))
	}
}
