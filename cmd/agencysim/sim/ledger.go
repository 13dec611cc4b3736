package sim

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// entryKind says what a ledger line records.
type entryKind string

const (
	kindEffect entryKind = "effect" // a delivery was taken in: the one effect of its key
	kindAnswer entryKind = "answer" // it was decided
	kindPosted entryKind = "posted" // the window settled the answer
	kindSlip   entryKind = "slip"   // a slip has a new state, and with it the delivery a new answer
)

// ledgerEntry is one line of the ledger file.
type ledgerEntry struct {
	Seq  int64     `json:"seq"`
	Kind entryKind `json:"kind"`
	Key  string    `json:"key"`
	At   time.Time `json:"at"`

	Digest    string    `json:"digest,omitempty"` // SHA-256 of the package, lower-case hex
	Version   int       `json:"version,omitempty"`
	Reference string    `json:"reference,omitempty"`
	Due       time.Time `json:"due,omitzero"` // when the answer may leave

	Answer   *Answer       `json:"answer,omitempty"`
	Workers  []taxedWorker `json:"workers,omitempty"`   // tax: what later months need
	FirstRow int64         `json:"first_row,omitempty"` // sequence of the first person's row
	Rows     int           `json:"rows,omitempty"`

	Status   int    `json:"status,omitempty"`    // of the window's last reply
	AnswerID string `json:"answer_id,omitempty"` // which answer was settled, or the id of the new one
	Slip     string `json:"slip,omitempty"`
	State    string `json:"state,omitempty"` // of the slip
}

// delivery is what the ledger says of one key.
type delivery struct {
	key       deliveryKey
	seq       int64
	digest    string
	reference string
	due       time.Time
	effects   int
	answer    *Answer // without its workers, which may be a hundred thousand
	entry     span    // where in the file the answer lies whole
	firstRow  int64
	rows      int
	posted    bool
}

// ledger is the organisation's own record: an append-only file and its state in
// memory. Nothing is said of a line, to anyone, before it is synced; one sync
// serves all that wait for it. It is safe for concurrent use.
type ledger struct {
	agency string
	dir    string
	mu     sync.Mutex
	file   *os.File
	size   int64 // written
	seq    int64
	slips  int64
	rows   int64

	byKey   map[string]*delivery
	newest  map[string]int         // identity to the highest version taken in
	byOwner map[string][]*delivery // by owner and file, in the order they came
	bySlip  map[string]*delivery
	coming  map[string]bool      // keys whose bytes are just being kept
	came    *sync.Cond           // one of them is done
	open    map[string]*delivery // those with something to decide or to post, by key

	syncing sync.Mutex // taken before mu, held over a sync
	synced  int64      // bytes on disk
	broken  error      // a sync that failed
}

// ownerOf names whose year a delivery belongs to.
func ownerOf(k deliveryKey) string { return k.owner + "." + k.file }

// Refusals of a delivery.
var (
	errOtherDigest = errors.New("this key was delivered with other bytes")
	errOldVersion  = errors.New("the version is not above the one in force")
)

// openLedger recovers the ledger of a data folder. A last line that was cut by a
// crash is dropped; a bad line before it is an error.
func openLedger(agency, dir string) (*ledger, error) {
	if err := os.MkdirAll(filepath.Join(dir, "deliveries"), 0o700); err != nil {
		return nil, fmt.Errorf("sim: ledger: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "ledger.ndjson"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sim: ledger: %w", err)
	}
	l := &ledger{
		agency: agency, dir: dir, file: f,
		byKey: map[string]*delivery{}, newest: map[string]int{}, byOwner: map[string][]*delivery{},
		bySlip: map[string]*delivery{}, open: map[string]*delivery{}, coming: map[string]bool{},
	}
	l.came = sync.NewCond(&l.mu)
	if err := l.lock(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := l.recover(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

func (l *ledger) close() error { return l.file.Close() }

// lock keeps two simulators off one ledger; one that is just ending is waited
// for.
func (l *ledger) lock() error {
	var err error
	for range 100 {
		if err = syscall.Flock(int(l.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("sim: ledger: another simulator uses this folder: %w", err)
}

func (l *ledger) recover() error {
	r := bufio.NewReaderSize(l.file, 1<<20)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("sim: ledger: %w", err)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		var e ledgerEntry
		if err := json.Unmarshal(line, &e); err != nil {
			if _, more := r.Peek(1); more == nil {
				return fmt.Errorf("sim: ledger line %d is damaged: %w", n, err)
			}
			break
		}
		if err := l.note(e, len(line)); err != nil {
			return fmt.Errorf("sim: ledger line %d: %w", n, err)
		}
	}
	if err := l.file.Truncate(l.size); err != nil {
		return fmt.Errorf("sim: ledger: %w", err)
	}
	_, err := l.file.Seek(l.size, io.SeekStart)
	return err
}

// note brings the state in memory up to one entry, which is the file's next of
// so many bytes.
func (l *ledger) note(e ledgerEntry, bytes int) error {
	from := int(l.size)
	l.size += int64(bytes)
	l.seq = e.Seq
	d := l.byKey[e.Key]
	if e.Kind == kindEffect {
		if d == nil {
			key, ok := parseKey(l.agency, e.Key)
			if !ok {
				return fmt.Errorf("no delivery key: %q", e.Key)
			}
			d = &delivery{key: key}
			l.byKey[e.Key] = d
			l.byOwner[ownerOf(key)] = append(l.byOwner[ownerOf(key)], d)
		}
		d.seq, d.digest, d.reference, d.due = e.Seq, e.Digest, e.Reference, e.Due
		d.effects++
		l.newest[d.key.identity] = max(l.newest[d.key.identity], e.Version)
		l.open[e.Key] = d
		return nil
	}
	if d == nil || d.answer == nil && e.Kind != kindAnswer {
		return fmt.Errorf("%s before its time", e.Kind)
	}
	switch e.Kind {
	case kindPosted:
		if e.AnswerID == "" || e.AnswerID == d.answer.ID {
			d.posted = true
			delete(l.open, e.Key)
		}
	case kindSlip:
		d.noteSlip(e)
		l.open[e.Key] = d
	case kindAnswer:
		e.Answer.Workers = nil
		d.answer, d.entry, d.firstRow, d.rows = e.Answer, span{from, from + bytes}, e.FirstRow, e.Rows
		l.rows += int64(e.Rows)
		l.slips += int64(len(e.Answer.Payments))
		for _, p := range e.Answer.Payments {
			l.bySlip[p.Slip] = d
		}
	default:
		return fmt.Errorf("unknown kind %q", e.Kind)
	}
	return nil
}

// append writes one entry, then notes it; it counts once sync was called. A
// failed write leaves the file as it was.
func (l *ledger) append(e ledgerEntry) error {
	e.Seq = l.seq + 1
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("sim: ledger: %w", err)
	}
	b = append(b, '\n')
	if _, err = l.file.Write(b); err != nil {
		_, seekErr := l.file.Seek(l.size, io.SeekStart)
		return errors.Join(fmt.Errorf("sim: ledger: %w", err), l.file.Truncate(l.size), seekErr)
	}
	return l.note(e, len(b))
}

// sync returns when all that was written before is on disk. After a failure
// nobody knows what is, so it fails until the program is started anew.
func (l *ledger) sync() error {
	l.mu.Lock()
	mine := l.size
	l.mu.Unlock()
	l.syncing.Lock()
	defer l.syncing.Unlock()
	if l.broken != nil || l.synced >= mine {
		return l.broken
	}
	l.mu.Lock()
	all := l.size
	l.mu.Unlock()
	if err := l.file.Sync(); err != nil {
		l.broken = fmt.Errorf("sim: ledger: %w", err)
		return l.broken
	}
	l.synced = all
	return nil
}

// take applies the one effect of a key: it keeps the bytes and records them. The
// same key and digest again change nothing.
func (l *ledger) take(key deliveryKey, digest string, body []byte, now time.Time, wait time.Duration) (delivery, error) {
	d, known, err := l.begin(key, digest)
	if err == nil && !known {
		d, err = l.finish(key, digest, writeDurably(l.path(key), body), now, wait)
	}
	if err != nil {
		return delivery{}, err
	}
	return d, l.sync()
}

// begin returns what is known of a key, or else holds it for the caller, who is
// to call finish.
func (l *ledger) begin(key deliveryKey, digest string) (d delivery, known bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.coming[key.text] {
		l.came.Wait()
	}
	if d := l.byKey[key.text]; d != nil {
		if d.digest != digest {
			return delivery{}, true, errOtherDigest
		}
		return *d, true, nil
	}
	if key.version <= l.newest[key.identity] {
		return delivery{}, false, errOldVersion
	}
	l.coming[key.text] = true
	return delivery{}, false, nil
}

// finish records the delivery whose bytes were kept, or lets the key go.
func (l *ledger) finish(key deliveryKey, digest string, kept error, now time.Time, wait time.Duration) (delivery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.coming, key.text)
	l.came.Broadcast()
	if kept != nil {
		return delivery{}, kept
	}
	if key.version <= l.newest[key.identity] { // a later one came meanwhile
		return delivery{}, errors.Join(errOldVersion, os.Remove(l.path(key)))
	}
	err := l.append(ledgerEntry{
		Kind: kindEffect, Key: key.text, At: now, Digest: digest, Version: key.version,
		Reference: fmt.Sprintf("%s-%09d", l.agency, l.seq+1), Due: now.Add(wait),
	})
	if err != nil {
		return delivery{}, err
	}
	return *l.byKey[key.text], nil
}

func (l *ledger) path(key deliveryKey) string {
	return filepath.Join(l.dir, "deliveries", key.text+".zip")
}

// body returns the kept bytes of a delivery.
func (l *ledger) body(d *delivery) ([]byte, error) {
	b, err := os.ReadFile(l.path(d.key))
	if err != nil {
		return nil, fmt.Errorf("sim: kept delivery: %w", err)
	}
	return b, nil
}

// find returns a copy of what is known of a key.
func (l *ledger) find(key string) (delivery, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.byKey[key]
	if d == nil {
		return delivery{}, false
	}
	return *d, true
}

// all returns copies of every delivery that passes the filter, oldest first.
func (l *ledger) all(keep func(*delivery) bool) []delivery {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sorted(maps.Values(l.byKey), keep)
}

// unfinished returns copies of those that pass the filter among the deliveries
// whose answer is not yet made or not yet with the window, oldest first.
func (l *ledger) unfinished(keep func(*delivery) bool) []delivery {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sorted(maps.Values(l.open), keep)
}

func sorted(of iter.Seq[*delivery], keep func(*delivery) bool) []delivery {
	var out []delivery
	for d := range of {
		if keep(d) {
			out = append(out, *d)
		}
	}
	slices.SortFunc(out, func(a, b delivery) int { return cmp.Compare(a.seq, b.seq) })
	return out
}

// inForce returns the newest accepted version of each identity that passes the
// filter.
func (l *ledger) inForce(keep func(*delivery) bool) []delivery {
	return newestOf(l.all(func(d *delivery) bool { return keep(d) && d.accepted() }))
}

func newestOf(accepted []delivery) []delivery {
	newest := map[string]delivery{}
	for _, d := range accepted {
		if d.key.version > newest[d.key.identity].key.version {
			newest[d.key.identity] = d
		}
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b delivery) int { return cmp.Compare(a.firstRow, b.firstRow) })
}

// before returns the accepted version before that of a key.
func (l *ledger) before(key deliveryKey) (delivery, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	older := newestOf(sorted(slices.Values(l.byOwner[ownerOf(key)]), func(d *delivery) bool {
		return d.key.identity == key.identity && d.key.version < key.version && d.accepted()
	}))
	if len(older) == 0 {
		return delivery{}, false
	}
	return older[0], true
}

func (d *delivery) accepted() bool {
	return d.answer != nil && d.answer.State != stateRejected
}

// earlierMonths gathers what the year's earlier months of one tax file left for
// each person.
func (l *ledger) earlierMonths(key deliveryKey) (earlier, error) {
	l.mu.Lock()
	accepted := sorted(slices.Values(l.byOwner[ownerOf(key)]), func(d *delivery) bool {
		return d.accepted() && d.key.period.year == key.period.year && d.key.period.before(key.period)
	})
	l.mu.Unlock()
	past := earlier{}
	for _, d := range newestOf(accepted) {
		e, err := l.whole(&d)
		if err != nil {
			return nil, err
		}
		past.add(e.Workers)
	}
	return past, nil
}

// whole reads the entry in which a delivery was answered again.
func (l *ledger) whole(d *delivery) (e ledgerEntry, err error) {
	b := make([]byte, d.entry.to-d.entry.from)
	if _, err = l.file.ReadAt(b, int64(d.entry.from)); err == nil {
		err = json.Unmarshal(b, &e)
	}
	if err != nil {
		return e, fmt.Errorf("sim: ledger: answer: %w", err)
	}
	return e, nil
}

// document is a delivery's answer as it leaves.
func (l *ledger) document(d *delivery) (Answer, error) {
	a := *d.answer
	if l.agency == agencySSO || a.State == stateRejected {
		return a, nil
	}
	e, err := l.whole(d)
	if err == nil {
		a.Workers = e.Answer.Workers
	}
	return a, err
}

// writeDurably writes under a temporary name and renames when all is on disk.
func writeDurably(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return fmt.Errorf("sim: keep: %w", err)
	}
	_, err = io.Copy(f, bytes.NewReader(data))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("sim: keep: %w", err), os.Remove(f.Name()))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sim: keep: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
