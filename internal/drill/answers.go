package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// said is the answer document of an organisation.
type said struct {
	ID        string    `json:"id"`
	Key       string    `json:"key"`
	Digest    string    `json:"digest"`
	Reference string    `json:"reference"`
	State     string    `json:"state"`
	DecidedAt time.Time `json:"decided_at"`
	Findings  []any     `json:"findings"`
	Payments  []any     `json:"payments"`
	Workers   []any     `json:"workers"`
}

// unhurried lets the senders rest: every list of theirs brings six answers.
func unhurried(l *load) { l.between = 400 * time.Millisecond }

// badAnswers has both organisations repeat and shuffle their answers, and sends what none of them would: with their own key,
// taken from their folder, or with another.
func badAnswers(ctx context.Context, s *stage, _ *load) error {
	for _, lane := range payroll.EachLane() {
		for _, f := range []simFault{{Name: "duplicate_answers", For: "10s"}, {Name: "reordered_answers", For: "10s", Rate: 0.5}} {
			if err := s.ail(lane, f); err != nil {
				return err
			}
		}
	}
	time.Sleep(4 * time.Second)
	var lies errgroup.Group
	for _, lane := range payroll.EachLane() {
		lies.Go(func() error { return s.lie(ctx, lane) })
	}
	if err := lies.Wait(); err != nil {
		return err
	}
	time.Sleep(7 * time.Second)
	for _, lane := range payroll.EachLane() {
		if err := s.heal(lane); err != nil {
			return err
		}
	}
	return nil
}

// lie posts answers that must change nothing, and holds the window's reply against what each deserves.
func (s *stage) lie(ctx context.Context, lane fault.Lane) error {
	theirs, err := s.agencyKeys(lane)
	if err != nil {
		return err
	}
	strange, err := seal.Create(filepath.Join(s.dir, "strange-"+lane.String()))
	if err != nil {
		return err
	}
	a := said{ID: uuid.NewString(), Reference: "drill", DecidedAt: time.Now().UTC(), Findings: []any{}, Payments: []any{}}
	err = s.ask(ctx, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT key, encode(digest, 'hex'), state FROM shared.deliveries WHERE lane = $1 AND state IN ('accepted', 'accepted_with_findings')
			ORDER BY changed_at DESC LIMIT 1`, lane.String()).Scan(&a.Key, &a.Digest, &a.State)
	})
	if err != nil {
		return fmt.Errorf("no answered delivery of the %s: %w", lane, err)
	}
	contrary, other, unknown, crossed, late := a, a, a, a, a
	contrary.ID, contrary.State = uuid.NewString(), "rejected"
	other.ID, other.Digest = uuid.NewString(), fmt.Sprintf("%x", sum([]byte("other")))
	unknown.ID, unknown.Key = uuid.NewString(), lane.String()+".0000000000.000."+s.period.String()+".01.1"
	crossed.ID, crossed.Key = uuid.NewString(), map[fault.Lane]string{fault.SSO: "tax", fault.Tax: "sso"}[lane]+a.Key[3:]
	late.ID, late.DecidedAt = uuid.NewString(), a.DecidedAt.Add(-48*time.Hour)
	for _, lie := range []struct {
		name string
		by   *seal.Keyring
		a    said
		want int
	}{
		{"signed by a stranger", strange, a, http.StatusUnauthorized},
		{"signed by nobody", nil, a, http.StatusUnauthorized},
		{"contradicting", theirs, contrary, http.StatusOK},
		{"with another digest", theirs, other, http.StatusConflict},
		{"of an unknown key", theirs, unknown, http.StatusNotFound},
		{"of the other organisation's key", theirs, crossed, http.StatusNotFound},
		{"of the day before yesterday", theirs, late, http.StatusOK},
	} {
		body, err := json.Marshal(lie.a)
		if err != nil {
			return err
		}
		if err := s.tell(lane, lie.name, body, lie.by, lie.want); err != nil {
			return err
		}
	}
	return s.tell(lane, "that is none", []byte("<html>"), theirs, http.StatusUnprocessableEntity)
}

// tell posts a message to the window's door for answers, and a copy of it, which must be refused as such.
func (s *stage) tell(lane fault.Lane, name string, body []byte, by *seal.Keyring, want int) error {
	req, err := http.NewRequest(http.MethodPost, s.url+"/v1/agencies/"+lane.String()+"/answers", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if by != nil {
		if err := by.SignRequest(req, body); err != nil {
			return err
		}
	}
	for _, want := range []int{want, http.StatusUnauthorized} {
		got := http.StatusServiceUnavailable
		for end := time.Now().Add(time.Minute); got == http.StatusServiceUnavailable && time.Now().Before(end); { // it may be told to come again
			req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			_ = resp.Body.Close()
			got = resp.StatusCode
		}
		if got != want {
			s.note(violation{"I5", fmt.Sprintf("an answer of the %s %s got %d, not %d", lane, name, got, want)})
		}
	}
	return nil
}

// agencyKeys are an organisation's own, from its folder.
func (s *stage) agencyKeys(lane fault.Lane) (*seal.Keyring, error) {
	seed, err := os.ReadFile(filepath.Join(s.agencyDir(lane), "key.ed25519"))
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("the %s keeps its key in another form", lane)
	}
	b, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.dir, "stolen-"+lane.String())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "0001.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}), 0o600); err != nil {
		return nil, err
	}
	return seal.Load(dir)
}
