package flow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store"
)

// ArrearsState is what came of one month.
type ArrearsState string

// The states.
const (
	ArrearsDrafted   ArrearsState = "drafted"   // the supplementary list lies as a draft; nothing is sent
	ArrearsUnchanged ArrearsState = "unchanged" // the new figures are those that are filed
	ArrearsNotFiled  ArrearsState = "not_filed" // there is no list to add to
	ArrearsRefused   ArrearsState = "refused"

	// Of a draft that the same key made before.
	ArrearsSent      ArrearsState = "sent"
	ArrearsWithdrawn ArrearsState = "withdrawn"
)

// ArrearsMonth is what new wages of a month that is filed already come to (ابلاغ دیرهنگام مزد): a supplementary list of what each
// worker is owed beyond what is filed, or why there is none.
type ArrearsMonth struct {
	Period       jalali.Month         `json:"period"`
	Workshop     payroll.WorkshopCode `json:"workshop_code"`
	ContractRow  string               `json:"contract_row"`
	State        ArrearsState         `json:"state"`
	Against      string               `json:"against"`       // the list that was filed
	List         string               `json:"list"`          // the draft
	TrackingCode payroll.TrackingCode `json:"tracking_code"` // of the draft
	ListNo       string               `json:"list_no"`       // of the draft
	Persons      int                  `json:"persons"`       // who are owed something
	Unchanged    int                  `json:"unchanged"`     // of those named, who are not
	Premium      *ArrearsPremium      `json:"premium"`       // of the persons owed something; null without a draft made now
	Refusals     []ArrearsRefusal     `json:"refusals"`
	Problem      *fault.Problem       `json:"-"` // what was wrong with the file, or with the list that was made
}

// ArrearsPremium sets what is filed and what is added beside the same list judged anew with the new wages, share by share. What is left
// over is explained: each share is rounded a row.
type ArrearsPremium struct {
	Filed    Shares       `json:"filed"`
	Added    Shares       `json:"added"`
	Anew     Shares       `json:"anew"`
	LeftOver Shares       `json:"left_over"` // filed + added − anew
	Why      []fault.Text `json:"why"`       // of what is left over
}

// Shares are figures of the SSO's file, summed.
type Shares struct {
	Insurable    rial.Amount `json:"insurable"`
	Worker       rial.Amount `json:"worker_premium"`
	Employer     rial.Amount `json:"employer_premium"`
	Unemployment rial.Amount `json:"unemployment"`
}

// ArrearsRefusal is why nothing was made of a person's new figures, and so of the month.
type ArrearsRefusal struct {
	Person string     `json:"person"`
	Row    int        `json:"row"` // of the file that was sent
	Field  string     `json:"field"`
	Filed  string     `json:"filed"`
	New    string     `json:"new"`
	Why    fault.Text `json:"why"`
}

// mostMonths bounds the months of one file of new wages.
const mostMonths = 24

// Arrears makes of new wages, for each month that is filed already, the supplementary list of the positive differences, and keeps it as
// a draft: nothing is sent. The file is a whole list of the month with the new wages, or a few columns of a few persons: what it
// leaves blank stays as it is filed. From and to name the months where the file names none. The same key tells of the same drafts.
func (w *Window) Arrears(ctx context.Context, u Upload, from, to jalali.Month) (all []ArrearsMonth, err error) {
	months, err := monthsFrom(from, to)
	if err != nil {
		return nil, err
	}
	u.Route = arrearsRoute
	claim := [3]string{u.Principal.ID.String(), u.Route, u.IdempotencyKey}
	if _, taken := w.inFlight.LoadOrStore(claim, true); taken {
		return nil, keyInFlight
	}
	defer w.inFlight.Delete(claim)
	s := &submission{w: w, u: u, file: &spool{dir: w.spoolFolder()}, lines: &spool{dir: w.spoolFolder()}}
	defer func() { s.file.close() }()
	if err := s.take(); err != nil {
		return nil, err
	}
	if s.opened, err = w.open(ctx, s.file, &s.u); err != nil {
		return nil, err
	}
	defer func() { _ = s.opened.Close() }()
	if len(s.opened.Lists) > 1 && months[0] != (jalali.Month{}) {
		return nil, &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
			FA: "فایل چند لیست دارد و هر کدام ماه خود را می‌گوید؛ بازه ماه‌ها را ننویسید", EN: "the file holds several lists, and each tells its month; name no range",
		}}
	}
	for part := range s.opened.Lists {
		for _, month := range months {
			made, err := s.arrears(ctx, part, month)
			if err != nil {
				return nil, err
			}
			all = append(all, *made)
		}
	}
	return all, nil
}

const arrearsRoute = "POST /v1/arrears"

// monthsFrom are the months from one to another; the zero month alone stands for the file's own.
func monthsFrom(from, to jalali.Month) (months []jalali.Month, err error) {
	if from.IsZero() && to.IsZero() {
		return []jalali.Month{{}}, nil
	}
	if from.IsZero() || to.IsZero() || to.Before(from) || from.Add(mostMonths-1).Before(to) {
		return nil, &fault.Problem{Kind: fault.Unprocessable, Text: fault.Text{
			FA: fmt.Sprintf("بازه ماه‌ها آغاز و پایان دارد و حداکثر %d ماه است", mostMonths),
			EN: fmt.Sprintf("a range has a first and a last month, and is %d months long at most", mostMonths),
		}}
	}
	for m := from; !to.Before(m); m = m.Add(1) {
		months = append(months, m)
	}
	return months, nil
}

// arrears makes the supplementary list of one month.
func (s *submission) arrears(ctx context.Context, part int, month jalali.Month) (*ArrearsMonth, error) {
	m := &wageMonth{s: s, ctx: ctx, month: month}
	defer func() {
		if m.large {
			s.w.large.Unlock()
		}
	}()
	if err := m.read(part); err != nil {
		return nil, err
	}
	told := &m.told
	if told.State != "" {
		return told, nil
	}
	switch {
	case told.Problem != nil, len(told.Refusals) > 0:
		told.State = ArrearsRefused
		return told, nil
	case len(m.lines) == 0:
		told.State = ArrearsUnchanged
		return told, nil
	}
	return told, m.draft()
}

// read judges the filed list anew with the new wages. A large file waits for its place, which it gives back before the draft takes one.
func (m *wageMonth) read(part int) error {
	release, err := m.s.w.slot(m.ctx, m.s.file)
	if err != nil {
		return err
	}
	defer release()
	u := m.s.u
	if !m.month.IsZero() {
		u.Period = m.month
	}
	w := m.s.w
	result, err := m.s.opened.Read(m.ctx, part, intake.Options{
		Name: u.Name, Lanes: fault.Both, Sheet: u.Sheet, Book: w.Book, Today: w.today(), AtWindow: true, Agencies: w.agencies(),
		Limits: w.Limits, Temp: w.Spool, Workshop: u.said(), Begin: m.begin, Line: m.line,
	})
	var problem *fault.Problem
	switch {
	case errors.Is(err, errSettled):
		return nil
	case errors.As(err, &problem):
		return problem
	case err != nil:
		return fmt.Errorf("flow: arrears: %w", err)
	}
	if m.base == nil {
		m.told.Problem = rejected(nil, findings{Faults: result.Findings.All()})
		return nil
	}
	for _, lane := range payroll.EachLane() {
		if v := result.Verdicts.Of(lane); m.base.Submitted().Has(lane) && !v.Passes() && v != payroll.NotAddressed {
			m.told.Problem = rejected(nil, findings{Faults: result.Findings.All()})
		}
	}
	return nil
}

// draft keeps the supplementary list as any draft is kept, judged by the month's lists.
func (m *wageMonth) draft() error {
	var b bytes.Buffer
	if err := intake.WriteList(&b, &m.header, m.lines); err != nil {
		return fmt.Errorf("flow: arrears: %w", err)
	}
	done, err := m.s.w.Submit(m.ctx, Upload{
		Principal: m.s.u.Principal, Body: &b, Name: "arrears-" + m.header.Period.String() + "-" + m.header.ListNo + ".xlsx",
		ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Limit: int64(b.Len()),
		IdempotencyKey: m.s.u.IdempotencyKey, Route: m.route(), about: m.about(), Lanes: m.base.Submitted(), LanesGiven: true, Draft: true,
	})
	var problem *fault.Problem
	switch {
	case errors.As(err, &problem):
		m.told.State, m.told.Problem = ArrearsRefused, problem
		return nil
	case err != nil:
		return err
	}
	m.told.Persons = len(m.lines)
	return m.s.w.Store.Read(m.ctx, func(tx *store.Tx) error {
		l, err := m.s.w.held(m.ctx, tx, m.s.u.Principal, done.ListID)
		if err != nil {
			return err
		}
		m.drafted(l)
		return m.compare(tx, l)
	})
}

func (m *wageMonth) drafted(l *store.List) {
	m.told.State, m.told.List, m.told.TrackingCode, m.told.ListNo = ArrearsDrafted, l.ID.String(), l.TrackingCode, l.Header.ListNo
	m.told.Persons = l.Workers
	switch {
	case l.WithdrawnAt != nil:
		m.told.State = ArrearsWithdrawn
	case l.Version > 0:
		m.told.State = ArrearsSent
	}
}

// route is the scope of the key for this list: one file has a draft a month, made of the version that is filed.
func (m *wageMonth) route() string {
	id := m.base.Header.Identity()
	return arrearsRoute + " " + id.Key(m.base.Version)
}

// about is what the key stands for: the file, not the list that is made of it and of what is filed by then.
func (m *wageMonth) about() []byte {
	sum := sha256.Sum256(append(m.s.sha[:len(m.s.sha):len(m.s.sha)], m.s.u.Sheet...))
	return sum[:]
}

// compare sets what is filed and added beside the list judged anew.
func (m *wageMonth) compare(tx *store.Tx, l *store.List) error {
	p := &ArrearsPremium{Filed: m.filed, Anew: m.anew, Why: []fault.Text{}}
	err := tx.EachLine(m.ctx, l.Header.Identity(), l.ID, func(f *payroll.Filed) error {
		p.Added.add(&f.Assessed)
		return nil
	})
	if err != nil {
		return err
	}
	p.LeftOver = Shares{
		Insurable: p.Filed.Insurable + p.Added.Insurable - p.Anew.Insurable, Worker: p.Filed.Worker + p.Added.Worker - p.Anew.Worker,
		Employer:     p.Filed.Employer + p.Added.Employer - p.Anew.Employer,
		Unemployment: p.Filed.Unemployment + p.Added.Unemployment - p.Anew.Unemployment,
	}
	if p.LeftOver != (Shares{}) {
		if m.waived > 0 {
			p.Why = append(p.Why, fault.Text{
				FA: fmt.Sprintf("سهم کارفرمای %d نفر در لیست ثبت‌شده بخشوده است؛ معافیت پنج نفر به ردیف بدون روزِ متمم نمی‌رسد", m.waived),
				EN: fmt.Sprintf("the employer's share of %d persons is waived in the filed list; the five-worker exemption does not reach a supplementary row of no days", m.waived),
			})
		}
		if m.apprentices > 0 {
			p.Why = append(p.Why, fault.Text{
				FA: "حق بیمه کارآموز در لیست ثبت‌شده از حداقل دستمزد حساب شده است و ردیف متمم آن را از مبلغ خود می‌افزاید",
				EN: "an apprentice's premium was taken of the minimum wage in the filed list, and a supplementary row adds that of its own amount",
			})
		}
		p.Why = append(p.Why, fault.Text{
			FA: "هر سهم برای هر ردیف جدا گرد می‌شود: دو ردیف یک نفر با یک ردیف او تا ۱ ریال فرق دارد",
			EN: "each share is rounded a row: two rows of a person differ from his one row by 1 rial at most",
		})
	}
	m.told.Premium = p
	return nil
}

func (s *Shares) add(a *payroll.Assessed) {
	s.Insurable = s.Insurable.Add(a.Insurable)
	s.Worker = s.Worker.Add(a.WorkerPremium)
	s.Employer = s.Employer.Add(a.EmployerPremium)
	s.Unemployment = s.Unemployment.Add(a.Unemployment)
}
