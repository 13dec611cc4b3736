package sim

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"sync"
	"time"
)

// The states of an answer; received is only ever shown to an inquiry.
const (
	stateReceived = "received"
	stateAccepted = "accepted"
	stateRejected = "rejected"
)

// Answer is the document an organisation sends back for one delivery.
type Answer struct {
	ID        string          `json:"id"` // UUID; the same on every repetition
	Key       string          `json:"key"`
	Digest    string          `json:"digest"` // SHA-256 of the package, lower-case hex
	Reference string          `json:"reference"`
	State     string          `json:"state"` // accepted or rejected
	DecidedAt time.Time       `json:"decided_at"`
	Findings  []AnswerFinding `json:"findings"`
	Payments  []Payment       `json:"payments"`
	Workers   []WorkerTax     `json:"workers"` // null from social security
}

// AnswerFinding is one reason against a delivery.
type AnswerFinding struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Person  string `json:"person"`
	Field   string `json:"field"`
}

// Payment is a slip to pay by.
type Payment struct {
	ListNo string `json:"list_no"` // empty from the tax administration
	Slip   string `json:"slip"`    // fifteen digits
	Amount int64  `json:"amount"`  // rials
	Due    string `json:"due"`     // Jalali yyyy-mm-dd: the last day of the following month
	State  string `json:"state"`   // open, collected or void
}

// WorkerTax is the administration's tax for one person.
type WorkerTax struct {
	Person           string `json:"person"`
	Tax              int64  `json:"tax"`
	Months           int    `json:"months"`
	SeveralEmployers bool   `json:"several_employers"`
}

// maxFindings bounds what one answer carries.
const maxFindings = 1000

// judge opens a delivery's kept bytes and concludes.
func (s *server) judge(d delivery) (judgement, error) {
	body, err := s.ledger.body(&d)
	if err != nil {
		return judgement{}, err
	}
	c := &collector{}
	entries := openPackage(d.key.text+".zip", body, c)
	if len(c.all) > 0 {
		return judgement{findings: c.all}, nil
	}
	if s.agency == agencySSO {
		return judgeSSO(ssoParts(entries, c), &d.key, s.rates, c), nil
	}
	f, ok := taxPair(entries, c)
	if !ok {
		return judgement{findings: c.all}, nil
	}
	past, err := s.ledger.earlierMonths(d.key)
	if err != nil {
		return judgement{}, err
	}
	return judgeTax(f, &d.key, past, s.rates, c), nil
}

// decide judges a delivery and records the answer.
func (s *server) decide(d delivery) error {
	j, err := s.judge(d)
	if err != nil {
		return err
	}
	if _, ok := s.faults.strikes(faultReject); ok {
		j.findings = append(j.findings, Finding{Code: "SIM-99"})
	}
	if err := s.ledger.answer(d, j); err != nil {
		return err
	}
	return s.ledger.sync()
}

// answer records the decision; slips are numbered from the ledger so that none
// comes twice.
func (l *ledger) answer(d delivery, j judgement) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := &Answer{
		ID: newID(), Key: d.key.text, Digest: d.digest, Reference: d.reference,
		State: stateAccepted, DecidedAt: d.due.UTC().Truncate(time.Millisecond),
		Findings: []AnswerFinding{}, Payments: []Payment{},
	}
	e := ledgerEntry{Kind: kindAnswer, Key: d.key.text, At: d.due, Answer: a}
	if len(j.findings) > 0 {
		a.State = stateRejected
		for _, f := range j.findings[:min(len(j.findings), maxFindings)] {
			a.Findings = append(a.Findings, f.answer())
		}
		return l.append(e)
	}
	for i, b := range j.bills {
		a.Payments = append(a.Payments, Payment{
			ListNo: b.listNo, Slip: l.slip(l.slips + int64(i) + 1), Amount: b.amount, Due: b.due, State: slipOpen,
		})
	}
	if l.agency == agencyTax {
		a.Workers = []WorkerTax{}
	}
	for _, w := range j.workers {
		a.Workers = append(a.Workers, WorkerTax{Person: w.Person, Tax: w.Tax, Months: w.Months})
	}
	e.Workers, e.FirstRow, e.Rows = j.workers, l.rows+1, j.persons
	return l.append(e)
}

// slip makes fifteen digits: the organisation, the ledger's count, and six at
// random so that numbers of two ledgers differ.
func (l *ledger) slip(n int64) string {
	agency := 1
	if l.agency == agencyTax {
		agency = 2
	}
	return fmt.Sprintf("%d%08d%06d", agency, n%100_000_000, randomBelow(1_000_000))
}

// newID makes a random UUID, version 4.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func randomBelow(n int64) int64 {
	v, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		return 0
	}
	return v.Int64()
}

// work decides and posts until ctx ends; wake tells it of new deliveries. They
// are decided in the order they came: a tax month rests on the months before it.
func (s *server) work(ctx context.Context) error {
	started := map[string]bool{} // by answer
	for {
		for _, d := range s.ledger.unfinished(func(d *delivery) bool { return d.answer == nil || !started[d.answer.ID] }) {
			if ctx.Err() != nil {
				return nil
			}
			if d.answer == nil {
				if err := s.decide(d); err != nil {
					return err
				}
				d, _ = s.ledger.find(d.key.text)
			}
			started[d.answer.ID] = true
			s.posting.Go(func() { s.post(ctx, d) })
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		}
	}
}

// post sends one answer when it is due, again and again until the window
// settles it. Failures are silent: the window's own records show them.
func (s *server) post(ctx context.Context, d delivery) {
	if !sleep(ctx, d.due.Sub(s.now())) {
		return
	}
	if f, ok := s.faults.strikes(faultReordered); ok {
		s.left.await(ctx, f.delay)
	}
	copies := 1
	if _, ok := s.faults.strikes(faultDuplicate); ok {
		copies = 3
	}
	told := s.told(d.digest)
	wait := time.Duration(0)
	for pause := 500 * time.Millisecond; sleep(ctx, wait); pause = min(2*pause, 10*time.Second) {
		status := 0
		for range copies {
			status = s.postOnce(ctx, &d, told)
		}
		switch status {
		case http.StatusOK, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
			s.ledger.settle(d.key.text, d.answer.ID, status, s.now())
			s.left.tell()
			return
		}
		wait = pause
	}
}

// departures tells those held back that an answer has left.
type departures struct {
	mu   sync.Mutex
	next chan struct{}
}

// await waits for the next departure, at most the time.
func (l *departures) await(ctx context.Context, most time.Duration) {
	l.mu.Lock()
	if l.next == nil {
		l.next = make(chan struct{})
	}
	next := l.next
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-next:
		// Of several that were held, none is to be first for having come first.
		sleep(ctx, time.Duration(randomBelow(int64(50*time.Millisecond))))
	}
}

func (l *departures) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next != nil {
		close(l.next)
		l.next = nil
	}
}

// settle records that the window has the answer. Should the line not reach the
// disk, the answer goes out once more after the next start, which is
// harmless.
func (l *ledger) settle(key, id string, status int, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.append(ledgerEntry{Kind: kindPosted, Key: key, At: now, Status: status, AnswerID: id})
}

// postOnce sends the answer under the digest it is told to name. It returns the
// window's status, 0 when it did not answer.
func (s *server) postOnce(ctx context.Context, d *delivery, digest string) int {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	a, err := s.ledger.document(d)
	if err != nil {
		return 0
	}
	a.Digest = digest
	b, err := json.Marshal(a)
	if err != nil {
		return 0
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.window+"/v1/agencies/"+s.agency+"/answers", bytes.NewReader(b))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	if err := s.key.sign(req); err != nil {
		return 0
	}
	res, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// sleep waits and tells whether it was left in peace.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
