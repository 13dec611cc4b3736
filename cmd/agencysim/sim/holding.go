package sim

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
)

// ledgerRow is one person's line of the organisation's ledger.
type ledgerRow struct {
	Seq     int64             `json:"seq"`
	Key     string            `json:"key"`
	Version int               `json:"version"`
	Digest  string            `json:"digest"`
	Person  string            `json:"person"`
	Fields  map[string]string `json:"fields"`
	State   string            `json:"state"`
}

// getLedger lists what is in force in a period; its last line proves that it is
// whole.
func (s *server) getLedger(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.verified(w, r); !ok {
		return
	}
	period, ok := parseMonth(chi.URLParam(r, "period"))
	after, err := int64(0), error(nil)
	if q := r.URL.Query().Get("after"); q != "" {
		after, err = strconv.ParseInt(q, 10, 64)
	}
	if !ok || err != nil {
		problem(w, http.StatusBadRequest, "a period yyyy-mm and a whole number after are wanted")
		return
	}
	if !s.synced(w) {
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := bufio.NewWriterSize(w, 64<<10)
	sum, lines := sha256.New(), 0
	for row, err := range s.held(period) {
		if err != nil {
			panic(http.ErrAbortHandler) // a ledger without its last line is known to be cut
		}
		if row.Seq <= after {
			continue
		}
		b := line(row)
		_, _ = sum.Write(b)
		lines++
		if _, err := out.Write(b); err != nil {
			return
		}
	}
	if _, ok := s.faults.strikes(faultEffectReset); ok {
		_ = out.Flush()
		_ = http.NewResponseController(w).Flush()
		reset(w)
		return
	}
	_, _ = out.Write(line(map[string]any{"end": true, "lines": lines, "sha256": hex.EncodeToString(sum.Sum(nil))}))
	_ = out.Flush()
}

// held goes through the persons of a period's deliveries in force, as the
// ledger's faults let them be seen.
func (s *server) held(period month) iter.Seq2[ledgerRow, error] {
	return func(yield func(ledgerRow, error) bool) {
		decided := func(d *delivery) bool { return d.key.period == period && !s.now().Before(d.due) }
		for _, d := range s.ledger.inForce(decided) {
			if older, ok := s.ledger.before(d.key); ok && s.faults.hits(faultLedgerOld, d.key.identity) {
				d = older
			}
			body, err := s.ledger.body(&d)
			if err != nil {
				yield(ledgerRow{}, err)
				return
			}
			seq := d.firstRow
			for row := range s.personRows(body) {
				row.Seq, row.Key, row.Version, row.Digest, row.State = seq, d.key.text, d.key.version, d.digest, d.answer.State
				seq++
				who := row.Key + " " + row.Person
				if s.faults.hits(faultLedgerLose, who) {
					continue
				}
				if s.faults.hits(faultLedgerChange, who) {
					raise(row.Fields)
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// raise adds a rial to a row's first amount above zero of those that reach
// premium and tax.
func raise(fields map[string]string) {
	for _, f := range strings.Fields("DSW_MASH DSW_MAH DSW_MAZ WH7 WH8 WH13 WH15 WH22 WH35") {
		if n, err := strconv.ParseInt(fields[f], 10, 64); err == nil && n > 0 {
			fields[f] = strconv.FormatInt(n+1, 10)
			return
		}
	}
}

// personRows reads the persons of a kept package again.
func (s *server) personRows(body []byte) iter.Seq[ledgerRow] {
	c := &collector{}
	entries := openPackage("", body, c)
	if s.agency == agencySSO {
		return ssoRows(ssoParts(entries, c))
	}
	f, ok := taxPair(entries, c)
	if !ok {
		return func(func(ledgerRow) bool) {}
	}
	return taxRows(f)
}
