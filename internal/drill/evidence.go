package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"

	"github.com/jackc/pgx/v5"
)

func sum(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}

// quiet waits until nothing is under way in the window, and returns when that was; it gives up after a while, and the checker
// then tells what still waits.
func (s *stage) quiet(ctx context.Context, patience time.Duration) error {
	const busy = `SELECT (SELECT count(*) FROM shared.deliveries WHERE state IN ('queued', 'sending', 'sent'))
		+ (SELECT count(*) FROM shared.tax_months WHERE due_at IS NOT NULL)`
	for end := time.Now().Add(patience); time.Now().Before(end); {
		n := 1
		err := s.ask(ctx, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, busy).Scan(&n) })
		if err == nil && n == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}

// ask opens a connection of the drill's own, past the proxy.
func (s *stage) ask(ctx context.Context, do func(*pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.pg.URL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return do(conn)
}

// gather reads everyone's record.
func (s *stage) gather(ctx context.Context, l *load) (e *evidence, err error) {
	e = &evidence{log: l.log, lists: map[string]*keptList{}, told: map[fault.Lane]*organisation{}}
	if e.keys, err = s.publicKeys(); err != nil {
		return nil, err
	}
	if err := s.ask(ctx, func(conn *pgx.Conn) error { return e.read(ctx, conn) }); err != nil {
		return nil, err
	}
	for _, lane := range payroll.EachLane() {
		if e.told[lane], err = s.ledger(ctx, lane); err != nil {
			return nil, err
		}
	}
	e.chain = s.verifyChain(ctx)
	return e, nil
}

func (s *stage) publicKeys() (set seal.KeySet, err error) {
	resp, err := http.Get(s.url + "/v1/keys")
	if err != nil {
		return set, err
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return set, err
	}
	return seal.ParseKeySet(b)
}

// read takes the database's part. Sums are those of the lines and of the parcels, as the organisations' fields are called.
func (e *evidence) read(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `SELECT list_id::text, encode(sha256, 'hex'), concat_ws('.', 'sso', workshop_code, contract_row, period / 100 || '-' || lpad((period % 100)::text, 2, '0'), list_no),
			COALESCE(version, 0), replaced_by IS NOT NULL, withdrawn_at IS NOT NULL, submitted_sso_at IS NOT NULL, submitted_tax_at IS NOT NULL,
			EXISTS (SELECT FROM shared.tax_month_lists h JOIN shared.tax_months m USING (tax_month_id) WHERE h.list_id = l.list_id AND h.version = m.version),
			(SELECT jsonb_build_object('DSW_TOTL', sum(dsw_totl), 'DSW_MASH', sum(dsw_mash), 'DSW_BIME', sum(dsw_bime)) FROM shared.lines WHERE list_id = l.list_id
				AND workshop_code = l.workshop_code AND period = l.period AND reported_to IN ('both', 'sso'))
		FROM shared.lists l`)
	if err != nil {
		return err
	}
	for rows.Next() {
		l := &keptList{}
		if err := rows.Scan(&l.id, &l.sha256, &l.identity, &l.version, &l.replaced, &l.withdrawn, &l.sso, &l.tax, &l.inTaxMonth, &l.sums); err != nil {
			return err
		}
		e.lists[l.id] = l
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	rows, err = conn.Query(ctx, `SELECT d.delivery_id::text, d.lane, d.key, d.version, d.state, COALESCE(d.list_id::text, ''), COALESCE(encode(d.digest, 'hex'), ''),
			COALESCE(d.shares::text, ''), d.reason, (SELECT count(*) FROM shared.answers a WHERE a.delivery_id = d.delivery_id AND a.outcome = 'stored'),
			d.first_sent_at, (SELECT min(received_at) FROM shared.answers a WHERE a.delivery_id = d.delivery_id AND a.outcome = 'stored'), COALESCE(p.bytes, '')
		FROM shared.deliveries d LEFT JOIN shared.parcels p USING (owner, delivery_id)`)
	if err != nil {
		return err
	}
	for rows.Next() {
		d, parcel := &delivered{}, []byte{}
		if err := rows.Scan(&d.id, &d.lane, &d.key, &d.version, &d.state, &d.list, &d.digest, &d.shares, &d.reason, &d.answers, &d.left, &d.answered, &parcel); err != nil {
			return err
		}
		d.bytes = fmt.Sprintf("%x", sum(parcel))
		if d.lane == fault.Tax.String() {
			if d.sums, err = sumsOfWH(parcel); err != nil {
				return fmt.Errorf("parcel of delivery %s: %w", d.id, err)
			}
		}
		e.deliveries = append(e.deliveries, d)
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM shared.tax_months WHERE due_at IS NOT NULL`).Scan(&e.waiting); err != nil {
		return err
	}
	rows, err = conn.Query(ctx, `SELECT encode(u.sha256, 'hex') FROM shared.uploads u WHERE u.sha256 IS DISTINCT FROM
		(SELECT sha256(string_agg(bytes, ''::bytea ORDER BY part)) FROM shared.upload_parts p WHERE p.workshop_code = u.workshop_code AND p.sha256 = u.sha256)`)
	if err != nil {
		return err
	}
	e.unequal, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return err
}

// sumsOfWH adds up the columns of a parcel's WH file, read without the window's own code.
func sumsOfWH(parcel []byte) (map[string]int64, error) {
	sums := map[string]int64{}
	if len(parcel) == 0 {
		return sums, nil
	}
	z, err := zip.NewReader(bytes.NewReader(parcel), int64(len(parcel)))
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "WH") {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			addFields(sums, strings.Split(strings.TrimRight(lines.Text(), "\r"), ","))
		}
		if err := lines.Err(); err != nil {
			return nil, err
		}
		_ = in.Close()
	}
	return sums, nil
}

// firstAmount is the first of WH's columns that are amounts of money; those before name person and month.
const firstAmount = 7

func addFields(sums map[string]int64, fields []string) {
	for i, f := range fields {
		if n, err := strconv.ParseInt(f, 10, 64); err == nil && i+1 >= firstAmount {
			sums["WH"+strconv.Itoa(i+1)] += n
		}
	}
}

// ledger reads an organisation's own: the file of its effects, and the persons in force as it shows them to the window.
func (s *stage) ledger(ctx context.Context, lane fault.Lane) (*organisation, error) {
	o := &organisation{sums: map[string]map[string]int64{}}
	files, err := filepath.Glob(filepath.Join(s.agencyDir(lane), "ledger*"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("ledger of the %s: %d files, %w", lane, len(files), err)
	}
	file, err := os.Open(files[0])
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	for d := json.NewDecoder(bufio.NewReader(file)); ; {
		var line struct {
			Kind    string `json:"kind"`
			Key     string `json:"key"`
			Digest  string `json:"digest"`
			Version int    `json:"version"`
		}
		if err := d.Decode(&line); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("ledger of the %s: %w", lane, err)
		}
		if line.Kind == "effect" {
			o.effects = append(o.effects, effect{line.Key, line.Digest, line.Version})
		}
	}
	return o, s.personsInForce(ctx, lane, o)
}

func (s *stage) personsInForce(ctx context.Context, lane fault.Lane, o *organisation) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.agencyURL[lane]+"/v1/ledger/"+s.period.String(), nil)
	if err != nil {
		return err
	}
	if err := s.keys.SignRequest(req, nil); err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ledger of the %s: %s", lane, resp.Status)
	}
	for d := json.NewDecoder(resp.Body); ; {
		var row struct {
			Key    string            `json:"key"`
			Fields map[string]string `json:"fields"`
			End    bool              `json:"end"`
		}
		if err := d.Decode(&row); err != nil {
			return fmt.Errorf("ledger of the %s is cut: %w", lane, err)
		}
		if row.End {
			return nil
		}
		if o.sums[row.Key] == nil {
			o.sums[row.Key] = map[string]int64{}
		}
		for name, value := range row.Fields {
			if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
				o.sums[row.Key][name] += n
			}
		}
	}
}

// verifyChain runs the program's own verifier, and returns what it complains of.
func (s *stage) verifyChain(ctx context.Context) string {
	cmd := exec.CommandContext(ctx, s.bins.fehrest, "verify-chain")
	cmd.Env = append(cleanEnv(), s.settings()...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return strings.TrimSpace(string(out))
	}
	return ""
}

// use is the most that any program of the window uses.
func (s *stage) use() (most figures, err error) {
	for _, w := range s.windows {
		f, err := use(w.metrics())
		if err != nil {
			return most, err
		}
		most = figures{max(most.goroutines, f.goroutines), max(most.files, f.files), max(most.megabytes, f.megabytes)}
	}
	return most, nil
}

// use reads what a program uses from its own figures.
func use(metrics string) (f figures, err error) {
	resp, err := http.Get(metrics)
	if err != nil {
		return f, err
	}
	defer func() { _ = resp.Body.Close() }()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		n, _ := strconv.ParseFloat(value, 64)
		switch name {
		case "go_goroutines":
			f.goroutines = n
		case "process_open_fds":
			f.files = n
		case "process_resident_memory_bytes":
			f.megabytes = n / (1 << 20)
		}
	}
	return f, nil
}
