package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"fehrest/internal/agency/sso"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
	"fehrest/internal/store"

	"github.com/google/uuid"
)

// submission is one upload on its way to a receipt.
type submission struct {
	w     *Window
	u     Upload
	at    time.Time // the end of the upload
	file  *spool
	sha   []byte
	body  []byte // what the idempotency key stands for
	lines *spool
	rows  int

	leaveWay func() // of a small file, once only the disk has work with it; nil of a large one

	opened  *intake.File
	bundle  *store.Bundle      // one begun under this key and not ended
	bundled *store.BundlePlace // the list's place in a file of many; nil for a file of its own

	id       uuid.UUID
	workshop *store.Workshop // the sender's, once the header is read
	writer   *store.LineWriter
	place    place
	parts    sso.Counter // of the SSO's files
	exempt   int         // rows of the five-worker exemption found used by other lists
	history  *history    // what registers hold beside it; nil until its identity is whole
	result   *intake.Result
	findings findings
}

// errSettled ends the reading: what the file is about needs no judgement.
var errSettled = errors.New("flow: settled")

func (s *submission) asked() fault.Lane {
	if s.u.Lanes == 0 {
		return fault.Both
	}
	return s.u.Lanes
}

// retries bounds how often a file is read again because another upload of its identity came in between.
const retries = 3

// run judges the spooled file and keeps what comes of it.
func (s *submission) run(ctx context.Context) (told *Submitted, err error) {
	for range retries {
		if told, err = s.once(ctx); !errors.Is(err, errMovedOn) {
			break
		}
		s.lines.close()
		s.lines, s.writer, s.workshop, s.place = &spool{dir: s.w.spoolFolder()}, nil, nil, place{}
		s.result, s.findings, s.history = nil, findings{}, nil
	}
	if errors.Is(err, errMovedOn) {
		return nil, &fault.Problem{Kind: fault.Busy, RetryAfter: 2, Text: fault.Text{
			FA: "لیست‌های این کارگاه و ماه پیاپی تغییر می‌کند؛ با همان کلید دوباره بفرستید",
			EN: "lists of this workshop and month keep changing; send it again with the same key",
		}}
	}
	var problem *fault.Problem
	if errors.As(err, &problem) && !s.isKept(problem) {
		return nil, s.refuse(ctx, problem)
	}
	return told, err
}

// isKept tells whether the problem is that of this very list, which is on record with its own audit row.
func (s *submission) isKept(p *fault.Problem) bool {
	kept, ok := p.Extra.(*Kept)
	return ok && kept.ID == s.id.String()
}

func (s *submission) once(ctx context.Context) (*Submitted, error) {
	s.id = store.NewID()
	if a, ok := s.w.SSO.Agency.(sso.Agency); ok {
		s.parts = sso.Counter{Agency: a}
	}
	part := 0
	if s.bundled != nil {
		part = s.bundled.Position
	}
	result, err := s.opened.Read(ctx, part, intake.Options{
		Name: s.u.Name, Lanes: s.asked(), Sheet: s.u.Sheet, Book: s.w.Book, Today: s.w.day(s.at), AtWindow: true,
		Agencies: s.w.agencies(), Limits: s.w.Limits, Temp: s.w.Spool, Workshop: s.u.said(),
		Begin: func(h *payroll.Header) (intake.Register, error) { return s.begin(ctx, h) },
		Line:  func(l *payroll.Line, a *payroll.Assessed) error { return s.line(ctx, l, a) },
	})
	var problem *fault.Problem
	switch {
	case s.lines.err != nil:
		return nil, noRoom(s.lines.err)
	case errors.As(err, &problem):
		return nil, problem
	case errors.Is(err, errSettled):
		return s.keep(ctx)
	case err != nil:
		return nil, fmt.Errorf("flow: read: %w", err)
	}
	if s.history != nil && s.history.err != nil {
		return nil, fmt.Errorf("flow: history: %w", s.history.err)
	}
	s.result = result
	if s.writer != nil {
		if err := s.writer.Close(); err != nil {
			return nil, noRoom(err)
		}
	}
	if err := s.report(); err != nil {
		return nil, err
	}
	if !s.keepable() {
		return nil, rejected(nil, s.findings)
	}
	return s.keep(ctx)
}

// begin is asked as soon as the header is read: may this sender act for the workshop, what does the registry know of it, and
// is the list one that is here already?
func (s *submission) begin(ctx context.Context, h *payroll.Header) (known intake.Register, err error) {
	if h.Workshop.Check() != payroll.Valid {
		return known, nil // told by ID-08 or SHEET-13; without a workshop nothing is kept
	}
	err = s.w.Store.Read(ctx, func(tx *store.Tx) error {
		workshop, err := tx.WorkshopFor(ctx, h.Workshop, s.u.Principal.ID, s.at)
		if errors.Is(err, store.ErrNotFound) {
			return refusal(fault.NotFound, "ID-12", headerPlace(payroll.KeyWorkshopCode), string(h.Workshop), "")
		}
		if err != nil {
			return err
		}
		differs, p := fill(h, &workshop)
		if p != nil {
			return p
		}
		s.workshop, known.Differs = &workshop, differs
		if err := s.register(ctx, tx, h, &known); err != nil {
			return err
		}
		if h.Period.IsZero() || h.Faulty.Has(payroll.KeyPeriod) {
			return nil
		}
		if s.place, err = s.find(ctx, tx, h); err != nil || s.place.repeat != nil || !whole(s.place.identity) {
			return err
		}
		if err := s.follow(ctx, tx, h, &known); err != nil {
			return err
		}
		if s.history, err = s.recallHistory(ctx, tx, h); err != nil {
			return err
		}
		known.History = &s.history.known
		if h.Adds() {
			known.Earlier = s.history.added(known.Earlier)
		}
		return nil
	})
	if err == nil && s.place.repeat != nil {
		err = errSettled
	}
	return known, err
}

// fill takes from the registry what it decides, and what the file left open. ID-17: the file may not name another employer.
func fill(h *payroll.Header, w *store.Workshop) (differs []intake.Difference, p *fault.Problem) {
	if h.Given.Has(payroll.KeyEmployerID) && h.Employer != w.Employer {
		return nil, refusal(fault.NotFound, "ID-17", headerPlace(payroll.KeyEmployerID), string(h.Employer), "")
	}
	if h.TaxFileNo == noTaxFile {
		h.TaxFileNo = ""
	}
	if h.TaxFileNo != "" && w.TaxFileNo != "" && h.TaxFileNo != w.TaxFileNo {
		return nil, refusal(fault.NotFound, "ID-17", headerPlace(payroll.KeyTaxFileNo), h.TaxFileNo, "")
	}
	if h.Given.Has(payroll.KeyExemptFive) && !h.Faulty.Has(payroll.KeyExemptFive) && h.ExemptFive != w.ExemptFive {
		differs = append(differs, intake.Difference{
			Entry: rule.Entry("ID-14"), Key: payroll.KeyExemptFive, Given: yesOrNo(h.ExemptFive), Expected: yesOrNo(w.ExemptFive),
		})
	}
	h.Employer, h.ExemptFive, h.Profile = w.Employer, w.ExemptFive, w.Profile
	for _, blank := range []struct {
		to   *string
		from string
	}{
		{&h.TaxFileNo, w.TaxFileNo},
		{&h.TaxOfficeCode, w.TaxOfficeCode},
		{&h.WorkshopName, w.Name},
		{&h.EmployerName, w.EmployerName},
		{&h.Address, w.Address},
		{(*string)(&h.PostalCode), string(w.PostalCode)},
	} {
		if *blank.to == "" {
			*blank.to = blank.from
		}
	}
	return differs, nil
}

// noTaxFile is how a delivery's key writes an employer's only tax file, and so what a list can write for it.
const noTaxFile = "0"

func yesOrNo(yes bool) string {
	if yes {
		return "بله"
	}
	return "خیر"
}

// register gathers what earlier lists say about this one's persons and its exempted rows.
func (s *submission) register(ctx context.Context, tx *store.Tx, h *payroll.Header, known *intake.Register) (err error) {
	if h.Period.IsZero() {
		return nil
	}
	if h.ExemptFive {
		if s.exempt, err = tx.ExemptUsed(ctx, h.Identity()); err != nil {
			return err
		}
		known.ExemptUsed = s.exempt
	}
	carried := &carrier{s: s, ctx: ctx, employer: h.Employer, last: h.Period.Last()}
	known.Carry = carried.fill
	known.Earlier, err = earlierMonths(ctx, tx, h.TaxMonth())
	return err
}

func earlierMonths(ctx context.Context, tx *store.Tx, id payroll.TaxMonthIdentity) (func(string) rule.Earlier, error) {
	year, err := tx.EarlierInYear(ctx, id)
	if err != nil {
		return nil, err
	}
	return func(person string) rule.Earlier {
		e := year[person]
		return rule.Earlier{Months: e.Months, Taxable: e.Taxable, Tax: e.Tax, Eidi: e.Eidi, NonCash: e.NonCash, Opened: e.Opened}
	}, nil
}

// follow takes from the version that is to be replaced what its successor is judged by; a change list is the lines of that version
// with its own rows among them.
func (s *submission) follow(ctx context.Context, tx *store.Tx, h *payroll.Header, known *intake.Register) error {
	before, err := s.before(ctx, tx)
	if err != nil || before == nil {
		return err
	}
	h.Supplements = before.Header.Adds()
	if h.Kind != payroll.Change {
		return nil
	}
	if err := s.changeable(ctx, tx, before); err != nil {
		return err
	}
	known.Standing = &intake.Standing{
		Name: "v" + strconv.Itoa(before.Version),
		Lines: func(each func(*payroll.Line) error) error {
			return s.w.Store.Read(ctx, func(tx *store.Tx) error {
				return tx.EachLine(ctx, before.Header.Identity(), before.ID, func(f *payroll.Filed) error { return each(&f.Line) })
			})
		},
	}
	return nil
}

// before is the version that the list takes the place of, or took when another lane of it was sent; nil where there is none.
func (s *submission) before(ctx context.Context, tx *store.Tx) (*store.List, error) {
	code := s.place.identity.Workshop
	if s.place.replaces != nil {
		return tx.List(ctx, code, s.place.replaces.ID)
	}
	if s.place.again == nil {
		return nil, nil
	}
	before, err := tx.ReplacedBy(ctx, code, s.place.again.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return before, err
}

// changeable refuses a change of a version that a lane did not take as it stood: what was wrong in its lines is not kept with
// them, and would pass for a blank.
func (s *submission) changeable(ctx context.Context, tx *store.Tx, before *store.List) error {
	asked, err := tx.LanesAsked(ctx, before.Header.Workshop, before.ID)
	if err != nil {
		return err
	}
	for _, lane := range payroll.EachLane() {
		v := before.Verdicts.Of(lane)
		if !s.asked().Has(lane) || v.Passes() || v == payroll.NotAddressed && asked.Has(lane) {
			continue
		}
		whom := map[fault.Lane]fault.Text{
			fault.SSO: {FA: "تأمین اجتماعی", EN: "Social Security Organization"}, fault.Tax: {FA: "مالیات", EN: "tax administration"},
		}[lane]
		return &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
			FA: "نسخه جاری برای " + whom.FA + " پذیرفته نشده بود و چند ردیف آن را درست نمی‌کند؛ کل لیست را به عنوان اصلاحی بفرستید، یا lanes را به سازمان دیگر محدود کنید",
			EN: "the version in force was not accepted for the " + whom.EN + ", and some rows do not mend it; send the whole list as a replacement, or ask for the other lane alone",
		}}
	}
	return nil
}

func (s *submission) line(ctx context.Context, l *payroll.Line, a *payroll.Assessed) error {
	if s.workshop == nil || !whole(s.place.identity) {
		return nil // the list will be refused: nothing says where its lines belong
	}
	if s.rows++; s.rows%rowsBetween == 0 {
		s.giveWay(ctx)
	}
	s.parts.Add(l, a)
	s.history.add(l, a)
	if s.writer == nil {
		var err error
		if s.writer, err = store.NewLineWriter(s.lines, s.place.owner(s.id), s.place.identity.Workshop, s.place.identity.Period); err != nil {
			return fmt.Errorf("flow: spool lines: %w", err)
		}
	}
	return s.writer.Write(l, a)
}

// keepable tells whether enough is known to keep the list and show its findings later: whose it is and which.
func (s *submission) keepable() bool {
	h := &s.result.Header
	return s.workshop != nil && s.result.Verdicts.Worst() != payroll.Unreadable && whole(s.place.identity) && !h.TaxPeriod.IsZero() &&
		h.Kind != "" // one that was read may be wrong all the same (LIST-08, LIST-11), and the other organisation's side pass
}

// whole tells whether every part of an identity is there.
func whole(id payroll.Identity) bool {
	return id.Workshop != "" && len(id.ContractRow) == 3 && !id.Period.IsZero() && len(id.ListNo) >= 2 && len(id.ListNo) <= 12
}

// findings are what is shown of a judged file; its JSON is the published report of `check`.
type findings struct {
	Verdicts payroll.Verdicts `json:"verdicts"`
	Faults   []fault.Fault    `json:"faults"`
	Causes   []fault.Cause    `json:"causes"`
	File     struct {
		Sheet string `json:"sheet"`
	} `json:"file"`
	report []byte
}

func (s *submission) report() (err error) {
	report := s.result.Report(s.u.Name, fmt.Sprintf("%x", s.sha), s.file.size)
	report.File.Sheet = s.u.Sheet
	s.findings.report, err = json.Marshal(report)
	if err != nil {
		return fmt.Errorf("flow: report: %w", err)
	}
	s.findings.Verdicts, s.findings.Faults, s.findings.Causes = s.result.Verdicts, s.result.Findings.All(), s.result.Findings.Causes()
	return nil
}

func findingsOf(ctx context.Context, tx *store.Tx, l *store.List) (f findings, err error) {
	if f.report, err = tx.Findings(ctx, l.Header.Workshop, l.ID); err != nil {
		return f, err
	}
	if err := json.Unmarshal(f.report, &f); err != nil {
		return f, fmt.Errorf("flow: kept findings: %w", err)
	}
	return f, nil
}

// rejected is the problem of a list that no lane takes; kept is nil where nothing of it is kept.
func rejected(kept *Kept, f findings) *fault.Problem {
	p := &fault.Problem{Kind: fault.Unprocessable, Faults: f.Faults, Text: fault.Text{
		FA: "لیست رد شد؛ خطاها را درست کنید و دوباره بفرستید", EN: "the list is rejected; correct the faults and send it again",
	}}
	if kept != nil {
		kept.Causes = f.Causes
		p.Extra = kept
	}
	// Where the file itself is refused, its code decides how the request is answered.
	for i := range f.Faults {
		if f.Faults[i].Severity == fault.Refuse {
			p.Code, p.Text = f.Faults[i].Code, f.Faults[i].Message
			break
		}
	}
	return p
}

func headerPlace(id payroll.HeaderID) fault.Place { return fault.Place{Field: id.Info().Key} }

func keptOf(l *store.List) (*Kept, error) {
	k := &Kept{ID: l.ID.String()}
	if err := json.Unmarshal(l.Receipt, &k.Receipt); err != nil {
		return nil, fmt.Errorf("flow: kept receipt: %w", err)
	}
	return k, nil
}
