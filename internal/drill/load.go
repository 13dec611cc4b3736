package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/google/uuid"
)

// sent is one list in its sender's log: he knows its key and content, and of the window what it told him.
type sent struct {
	key      string
	sha256   string
	took     time.Duration // from his first try to his first receipt
	tries    int
	receipts []json.RawMessage // every receipt he was given
	refused  string            // the code of the refusal that ended it; empty while he has a receipt
	status   []int             // what he got that is no lawful answer: 5xx other than 503
	bare     int               // 429 and 503 without a Retry-After
	busy     int               // 429 and 503 in all
}

func (l *sent) receipt() (r payroll.Receipt, ok bool) {
	if len(l.receipts) == 0 {
		return r, false
	}
	return r, json.Unmarshal(l.receipts[0], &r) == nil
}

// load is senders at work. Each holds workshops of his own, sends new lists and replaces earlier ones, and gives none up before
// he has a receipt.
type load struct {
	s       *stage
	client  *http.Client
	workers int           // persons in a list
	between time.Duration // that a sender rests between two lists, on average
	often   float64       // how often a list replaces an earlier one
	first   int           // the number of their first lists; 1 unless told
	giveUp  time.Duration // when a sender gives a list up

	mu   sync.Mutex
	log  []*sent
	ends atomic.Bool
	put  atomic.Int64 // how often a sender was put off
	all  sync.WaitGroup
}

func (s *stage) newLoad() *load {
	return &load{s: s, workers: 2, between: 150 * time.Millisecond, often: 0.3, giveUp: giveUpAfter, client: &http.Client{
		Timeout: 40 * time.Second, Transport: &http.Transport{
			MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		},
	}}
}

// begin sets senders to work.
func (l *load) begin(ctx context.Context, senders int) {
	for i := range senders {
		seed := l.s.rand.Uint64()
		var mine []payroll.Header
		for j := i; j < len(l.s.shops); j += senders {
			mine = append(mine, l.s.shops[j])
		}
		l.all.Go(func() { l.send(ctx, rand.New(rand.NewPCG(seed, uint64(i))), mine) })
	}
}

// end lets the senders finish the list in hand and waits for them.
func (l *load) end() {
	l.ends.Store(true)
	l.all.Wait()
	l.client.CloseIdleConnections()
}

// filed is a list that a sender may replace.
type filed struct {
	header payroll.Header
	lines  []payroll.Line
}

func (l *load) send(ctx context.Context, r *rand.Rand, mine []payroll.Header) {
	var standing []filed
	for no := max(l.first, 1); !l.ends.Load() && ctx.Err() == nil; no++ {
		f := filed{header: mine[no%len(mine)]}
		at := -1
		if len(standing) > 0 && r.Float64() < l.often {
			at = r.IntN(len(standing))
			f = standing[at]
			f.lines = slices.Clone(f.lines)
			f.lines[0].Pay[payroll.Overtime] += 1_000_000
			f.lines[0].Given.Add(payroll.Overtime.Column())
			f.header.Kind, f.header.Reason = payroll.Replacement, "اضافه‌کار"
		} else {
			f.header.ListNo = fmt.Sprintf("%02d", no)
			f.lines = synth.List(synth.Options{Seed: r.Uint64(), Workers: l.workers, Header: f.header, Law: l.s.law})
		}
		got := l.file(ctx, &f)
		if receipt, ok := got.receipt(); ok {
			f.header.Replaces = string(receipt.TrackingCode)
			if at >= 0 {
				standing[at] = f
			} else {
				standing = append(standing, f)
			}
		}
		time.Sleep(time.Duration(r.Int64N(int64(2*l.between) + 1)))
	}
}

// file sends one list until its sender knows what became of it.
func (l *load) file(ctx context.Context, f *filed) *sent {
	entry, body := l.write(f)
	l.insist(ctx, entry, body)
	return entry
}

// write makes a list's file and its entry in the log.
func (l *load) write(f *filed) (*sent, []byte) {
	var body bytes.Buffer
	entry := &sent{key: uuid.NewString()}
	if err := intake.WriteList(&body, &f.header, f.lines); err != nil {
		panic(err) // a list of ours that cannot be written is the drill's own fault
	}
	entry.sha256 = fmt.Sprintf("%x", sum(body.Bytes()))
	l.mu.Lock()
	l.log = append(l.log, entry)
	l.mu.Unlock()
	return entry, body.Bytes()
}

// ready is a file that waits to be sent.
type ready struct {
	entry *sent
	body  []byte
}

// prepare writes n lists, of each workshop in turn.
func (l *load) prepare(n, workers int) []ready {
	files := make([]ready, n)
	for i := range files {
		f := filed{header: l.s.shops[i%len(l.s.shops)]}
		f.header.ListNo = fmt.Sprintf("%02d", 1+i/len(l.s.shops))
		f.lines = synth.List(synth.Options{Seed: l.s.rand.Uint64(), Workers: workers, Header: f.header, Law: l.s.law})
		files[i].entry, files[i].body = l.write(&f)
	}
	return files
}

// giveUpAfter is when a sender of a drill gives a list up, which then counts against the window.
const giveUpAfter = 90 * time.Second

// insist sends a list again and again, with the same key, until there is an answer.
func (l *load) insist(ctx context.Context, entry *sent, body []byte) {
	start := time.Now()
	for ctx.Err() == nil && time.Since(start) < l.giveUp {
		entry.tries++
		status, header, said, err := l.post(ctx, entry.key, body)
		if err == nil {
			entry.hear(status, header, said)
		}
		rest := 100 * time.Millisecond
		switch {
		case err != nil: // who knows what became of it
		case status < 300:
			if len(entry.receipts) == 1 {
				entry.took = time.Since(start)
			}
			if entry.tries == 1 || len(entry.receipts) > 1 {
				return
			}
			rest = 0 // it was tried before: who asks once more must be told the same
		case entry.refused != "":
			return
		case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
			l.put.Add(1)
			after, _ := strconv.Atoi(header.Get("Retry-After"))
			rest = min(time.Duration(after)*time.Second, time.Second)
		}
		time.Sleep(rest)
	}
}

// hear writes down what a sender was told.
func (l *sent) hear(status int, header http.Header, said []byte) {
	switch {
	case status == http.StatusOK || status == http.StatusAccepted:
		l.receipts = append(l.receipts, said)
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		l.busy++
		if after, err := strconv.Atoi(header.Get("Retry-After")); err != nil || after < 0 {
			l.bare++
		}
	case status >= 500:
		l.status = append(l.status, status)
	default:
		if c := code(said); c != "API-03" { // the same key is still in flight
			l.refused = c
		}
	}
}

func (l *load) post(ctx context.Context, key string, body []byte) (status int, header http.Header, said []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.s.url+"/v1/lists", bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+l.s.token)
	req.Header.Set("Idempotency-Key", key)
	req.Header.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	resp, err := l.client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	said, err = io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, said, errors.Join(err, resp.Body.Close())
}

func code(problem []byte) string {
	var p struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(problem, &p) != nil || p.Code == "" {
		return "?"
	}
	return p.Code
}
