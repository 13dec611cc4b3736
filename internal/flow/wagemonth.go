package flow

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store"
)

// wageMonth is one filed month on its way to the supplementary list that new wages make.
type wageMonth struct {
	s      *submission
	ctx    context.Context // it lives as long as one reading
	month  jalali.Month    // asked for; zero: the file's own
	base   *store.List     // the list that was filed
	number string          // its list number
	header payroll.Header  // of the supplementary list
	lines  []payroll.Line  // of it
	told   ArrearsMonth
	large  bool // the window's place for large lists is held

	added map[string]*payroll.Filed // by person, what rows of no days in the month's other lists add; their sum
	twice map[string]bool           // persons with days in another list of the month too
	seen  map[string]bool           // persons whose row came

	stands *payroll.Filed // the line of the filed list at hand, with what it owes
	row    *payroll.Line  // the row at hand as the file gives it; nil: it names the line's person not

	filed, anew         Shares // of the persons owed something
	waived, apprentices int    // among them
}

// begin finds what is filed, and has every row complete its person's line there.
func (m *wageMonth) begin(h *payroll.Header) (known intake.Register, err error) {
	if h.Workshop.Check() != payroll.Valid || h.Period.IsZero() || h.Faulty.Has(payroll.KeyPeriod) {
		return known, nil // told by what was found in the header
	}
	if !m.month.IsZero() && h.Period != m.month {
		return known, &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
			FA: "فایل ماه خود را می‌گوید (" + h.Period.String() + ")؛ آن را خالی بگذارید یا بازه ماه‌ها را ننویسید",
			EN: "the file names its month (" + h.Period.String() + "); leave it blank, or name no range",
		}}
	}
	err = m.s.w.Store.Read(m.ctx, func(tx *store.Tx) error {
		workshop, err := tx.WorkshopFor(m.ctx, h.Workshop, m.s.u.Principal.ID, m.s.at)
		if errors.Is(err, store.ErrNotFound) {
			return refusal(fault.NotFound, "ID-12", headerPlace(payroll.KeyWorkshopCode), string(h.Workshop), "")
		}
		if err != nil {
			return err
		}
		if _, p := fill(h, &workshop); p != nil {
			return p
		}
		if err := m.findFiled(tx, h); err != nil {
			return err
		}
		// The list is judged anew as it was filed: what it corrected then does not count.
		h.Kind, h.Replaces, h.Reason, h.TaxPeriod, h.Supplements = payroll.Original, "", "", m.base.Header.TaxPeriod, m.base.Header.Adds()
		if err := m.s.register(m.ctx, tx, h, &known); err != nil {
			return err
		}
		known.Carry = nil // the filed line has what is told once
		if err := m.recallRest(tx); err != nil {
			return err
		}
		return m.numberOf(tx)
	})
	known.Standing = &intake.Standing{Name: "v" + strconv.Itoa(version(m.base)), Amend: m.amend, Lines: m.each}
	return known, err
}

func version(l *store.List) int {
	if l == nil {
		return 0
	}
	return l.Version
}

// findFiled finds the list in force, or the draft that the key made of it before; errSettled where there is nothing more to do.
func (m *wageMonth) findFiled(tx *store.Tx, h *payroll.Header) error {
	id := h.Identity()
	m.number = id.ListNo
	m.header = payroll.Header{Workshop: id.Workshop, ContractRow: id.ContractRow, Period: id.Period, TaxPeriod: h.TaxPeriod, Kind: payroll.Supplementary}
	m.told = ArrearsMonth{Period: id.Period, Workshop: id.Workshop, ContractRow: id.ContractRow, Refusals: []ArrearsRefusal{}}
	inForce, err := tx.InForce(m.ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		m.told.State = ArrearsNotFiled
		return errSettled
	}
	if err != nil {
		return err
	}
	if m.base, err = tx.List(m.ctx, id.Workshop, inForce.ID); err != nil {
		return err
	}
	m.told.Against = m.base.ID.String()
	if m.base.Header.Kind == payroll.Nil {
		m.told.State = ArrearsNotFiled
		return errSettled
	}
	if m.base.Workers > largeList {
		if m.large = m.s.w.large.TryLock(); !m.large {
			return &fault.Problem{Kind: fault.Busy, RetryAfter: 10}
		}
	}
	m.header.TaxPeriod, m.header.Replaces = m.base.Header.TaxPeriod, string(m.base.TrackingCode)
	m.header.Description = "مابه‌التفاوت مزد لیست " + m.number
	return m.recall(tx)
}

// recall tells of the draft that the same key made before.
func (m *wageMonth) recall(tx *store.Tx) error {
	before, err := tx.Answered(m.ctx, m.s.u.Principal.ID, m.route(), m.s.u.IdempotencyKey)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	l, err := tx.List(m.ctx, before.Workshop, before.List)
	if err != nil {
		return err
	}
	if string(before.Body) != string(m.about()) {
		kept, err := keptOf(l)
		if err != nil {
			return err
		}
		return &fault.Problem{Kind: fault.Unprocessable, Code: "API-02", Extra: kept, Text: otherContent}
	}
	if before.Outcome == outcomeRejected {
		return nil // what is filed may be another by now
	}
	m.drafted(l)
	return errSettled
}

// recallRest sums what rows of no days in the contract row's other lists of the month add to a person, and finds who has days there.
func (m *wageMonth) recallRest(tx *store.Tx) error {
	m.added, m.twice, m.seen = map[string]*payroll.Filed{}, map[string]bool{}, map[string]bool{}
	around, err := tx.ListsAround(m.ctx, m.base.Header.Identity())
	if err != nil {
		return err
	}
	for i := range around {
		l := &around[i]
		if l.Identity.Period != m.header.Period || l.Identity.ContractRow != m.header.ContractRow || !l.InForce || l.Identity.ListNo == m.number {
			continue
		}
		err := tx.EachLine(m.ctx, l.Identity, l.ID, func(f *payroll.Filed) error {
			switch person := f.Line.Person(); {
			case f.Line.Hold:
			case f.Line.Days > 0:
				m.twice[person] = true
			case m.added[person] == nil:
				sum := *f
				m.added[person] = &sum
			default:
				sum := m.added[person]
				for c := range sum.Line.Pay {
					sum.Line.Pay[c] = sum.Line.Pay[c].Add(f.Line.Pay[c])
				}
				sum.Assessed.MonthlyWage = sum.Assessed.MonthlyWage.Add(f.Assessed.MonthlyWage)
				sum.Assessed.Insurable = sum.Assessed.Insurable.Add(f.Assessed.Insurable)
				sum.Assessed.WorkerPremium = sum.Assessed.WorkerPremium.Add(f.Assessed.WorkerPremium)
				sum.Assessed.EmployerPremium = sum.Assessed.EmployerPremium.Add(f.Assessed.EmployerPremium)
				sum.Assessed.Unemployment = sum.Assessed.Unemployment.Add(f.Assessed.Unemployment)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// numberOf takes the next free list number for the draft. A draft holds none: whoever is sent first has it.
func (m *wageMonth) numberOf(tx *store.Tx) error {
	id := m.base.Header.Identity()
	used, err := tx.ListNumbers(m.ctx, id)
	if err != nil {
		return err
	}
	parts, err := tx.PartNumbers(m.ctx, id)
	if err != nil {
		return err
	}
	for _, p := range parts {
		used = append(used, p.ListNo)
	}
	no := m.number
	for slices.ContainsFunc(used, func(n string) bool { return sameNumber(n, no) }) && len(no) <= maxListNo {
		no = payroll.NextListNo(no, 1)
	}
	m.header.ListNo = no
	return nil
}

// each gives the filed list's lines, each with what it owes at hand.
func (m *wageMonth) each(do func(*payroll.Line) error) error {
	return m.s.w.Store.Read(m.ctx, func(tx *store.Tx) error {
		return tx.EachLine(m.ctx, m.base.Header.Identity(), m.base.ID, func(f *payroll.Filed) error {
			m.stands, m.row = f, nil
			return do(&f.Line)
		})
	})
}

// wages are the columns that a decree of wages changes: the wage and what is paid.
var wages = func() (set payroll.ColumnSet) {
	set = payroll.SetOf(payroll.ColDailyWage, payroll.ColDailySeniority)
	for c := range payroll.Components() {
		set.Add(c.Column())
	}
	return set
}()

// ofWage are those that the month's wage follows from. What it is more goes under other, in a row of no days: the SSO's file holds as the
// month's wage (daily wage + seniority) × days, and nothing else; the tax administration's has one column for both.
var (
	ofWage = payroll.SetOf(payroll.ColDailyWage, payroll.ColDailySeniority, payroll.MonthlyWage.Column())
	other  = payroll.SetOf(payroll.OtherContinuous.Column())
)

func named(row *payroll.Line, columns payroll.ColumnSet) bool {
	return common(row.Given, columns) != payroll.ColumnSet{}
}

// continuous is a filed line's wage and what stands under other.
func continuous(f *payroll.Filed) rial.Amount {
	return f.Assessed.MonthlyWage.Add(f.Line.Pay[payroll.OtherContinuous])
}

func common(a, b payroll.ColumnSet) payroll.ColumnSet { return a.Without(a.Without(b)) }

// amend makes of a row the filed line with its new figures; what it leaves blank stays. What is no figure is as it was filed.
func (m *wageMonth) amend(stands, row *payroll.Line) bool {
	given := *row
	person := row.Person()
	if stands == nil {
		why := fault.Text{FA: "این شخص در لیست ثبت‌شده نیست؛ نفر تازه را در متمم خودش بفرستید", EN: "this person is not in the filed list; send who is new in a supplementary list of his own"}
		if m.seen[person] {
			why = fault.Text{FA: "این شخص در همین فایل دو بار آمده است", EN: "this person stands twice in this file"}
		}
		m.refuse(&given, "", "", "", why)
		return false
	}
	m.seen[person] = true
	switch rest := m.added[person]; {
	case stands.Hold:
		m.refuse(&given, payroll.ColHold.Info().Key, "", "", fault.Text{FA: "ردیف این شخص نگه داشته شده و ثبت نشده است", EN: "this person's row is held and was not filed"})
		return false
	case m.twice[person]:
		m.refuse(&given, payroll.ColDays.Info().Key, "", "", fault.Text{
			FA: "این شخص در دو لیست این ماه روز دارد؛ معلوم نیست مزد تازه از آنِ کدام است. لیست‌ها را با اصلاحی درست کنید",
			EN: "this person has days in two lists of the month, and which one the new wage belongs to is not known; correct the lists by replacements",
		})
		return false
	case row.Given.Has(payroll.ColDays) && row.Days != stands.Days:
		m.refuse(&given, payroll.ColDays.Info().Key, strconv.Itoa(stands.Days), strconv.Itoa(row.Days), fault.Text{
			FA: "روزهای کارکرد با لیست ثبت‌شده فرق دارد؛ ابلاغ مزد روزها را تغییر نمی‌دهد. برای روزها لیست اصلاحی بفرستید",
			EN: "the days differ from the filed list; a decree of wages changes no days. Send a replacement for those",
		})
		return false
	case rest != nil && continuous(rest) > 0 && named(row, ofWage) != named(row, other):
		m.refuse(&given, payroll.OtherContinuous.Info().Key, "", "", fault.Text{
			FA: "متممی در این ماه «سایر مزایای مستمر» این شخص را پیش‌تر افزوده است و مابه‌التفاوت مزد هم همان‌جا می‌آید؛ مزد روزانه و سایر مزایای مستمر (بدون مابه‌التفاوت) هر دو را بنویسید",
			EN: "a supplementary list of the month added to this person's other_continuous before, where a difference of wages stands too; write both his daily wage and his other_continuous (without differences)",
		})
		return false
	}
	m.row = &given
	*row = *stands
	row.Row, row.Faulty = given.Row, given.Faulty
	row.DeclaredPremium, row.DeclaredTax, row.NetPaid = given.DeclaredPremium, given.DeclaredTax, given.NetPaid
	ofSender := payroll.SetOf(payroll.ColDeclaredPremium, payroll.ColDeclaredTax, payroll.ColNetPaid) // of the old wage they would be wrong
	row.Given = row.Given.Without(ofSender).Union(common(given.Given, ofSender))
	m.overlay(row, &given, m.added[person])
	return true
}

// overlay puts the new figures over those that are filed.
func (m *wageMonth) overlay(row, given *payroll.Line, rest *payroll.Filed) {
	if given.Given.Has(payroll.ColDailyWage) {
		row.DailyWage = given.DailyWage
	}
	if given.Given.Has(payroll.ColDailySeniority) {
		row.DailySeniority = given.DailySeniority
	}
	for c := range payroll.Components() {
		switch {
		case given.Given.Has(c.Column()):
			row.Pay[c] = given.Pay[c]
		case c == payroll.MonthlyWage && (given.Given.Has(payroll.ColDailyWage) || given.Given.Has(payroll.ColDailySeniority)):
			row.Pay[c] = 0 // the payslip's was of the old wage
			row.Given = row.Given.Without(payroll.SetOf(c.Column()))
		case c != payroll.MonthlyWage && rest != nil && rest.Line.Pay[c] != 0:
			row.Pay[c] = row.Pay[c].Add(rest.Line.Pay[c])
			row.Given.Add(c.Column())
		}
	}
	row.Given = row.Given.Union(common(given.Given, wages))
}

// line takes a line of the list judged anew: what its person is owed beyond what is filed becomes a supplementary row of no days.
func (m *wageMonth) line(l *payroll.Line, a *payroll.Assessed) error {
	if m.row == nil {
		return nil // as it is filed
	}
	given := m.row
	m.row = nil
	var rest payroll.Filed
	if sum := m.added[l.Person()]; sum != nil {
		rest = *sum
	}
	owed := payroll.Pay{}
	owes := func(c, to payroll.Component, filed, now rial.Amount) {
		if now < filed {
			m.refuse(given, c.Info().Key, amountOf(filed), amountOf(now), fault.Text{
				FA: "مبلغ تازه کمتر از مبلغ ثبت‌شده است؛ متمم مبلغ منفی ندارد. برای کم کردن لیست اصلاحی بفرستید",
				EN: "the new amount is below the filed one; a supplementary list has no negative amount. Send a replacement to lower it",
			})
			return
		}
		owed[to] = owed[to].Add(now - filed)
	}
	apart := continuous(&rest) == 0
	if !apart && named(given, ofWage) {
		now := payroll.Filed{Line: *l, Assessed: *a}
		owes(payroll.MonthlyWage, payroll.OtherContinuous, continuous(m.stands).Add(continuous(&rest)), continuous(&now))
	}
	for c := range payroll.Components() {
		switch {
		case c == payroll.MonthlyWage && apart:
			owes(c, payroll.OtherContinuous, m.stands.Assessed.MonthlyWage, a.MonthlyWage)
		case c == payroll.MonthlyWage, c == payroll.OtherContinuous && !apart: // reckoned together, or not named
		default:
			owes(c, c, m.stands.Line.Pay[c].Add(rest.Line.Pay[c]), l.Pay[c])
		}
	}
	if owed == (payroll.Pay{}) {
		m.told.Unchanged++
		return nil
	}
	m.filed.add(&m.stands.Assessed)
	m.filed.add(&rest.Assessed)
	m.anew.add(a)
	if m.stands.Assessed.Waived {
		m.waived++
	}
	if l.InsuredKind == payroll.ApprenticeKind {
		m.apprentices++
	}
	m.lines = append(m.lines, supplementOf(&m.stands.Line, owed, len(m.lines)+1))
	return nil
}

func amountOf(a rial.Amount) string { return strconv.FormatInt(int64(a), 10) }

func (m *wageMonth) refuse(row *payroll.Line, field, filed, now string, why fault.Text) {
	m.told.Refusals = append(m.told.Refusals, ArrearsRefusal{Person: row.Person(), Row: row.Row, Field: field, Filed: filed, New: now, Why: why})
}

// supplementOf is a person's row of amounts: who he is and his codes as they are filed, no days and no wage.
func supplementOf(stands *payroll.Line, owed payroll.Pay, number int) payroll.Line {
	l := *stands
	l.Number, l.Action, l.Days, l.DailyWage, l.DailySeniority, l.Pay = number, "", 0, 0, 0, owed
	l.DeclaredPremium, l.DeclaredTax, l.NetPaid, l.OtherDeductions = 0, 0, 0, 0
	l.YTDMonths, l.YTDTaxable, l.YTDTax, l.YTDEidi, l.YTDNonCash = 0, 0, 0, 0, 0
	l.Given = payroll.SetOf(payroll.ColMainPayer) // alone it would not show who is the main payer
	return l
}
