package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"fehrest/internal/synth"
)

// nextSteps are what the next version does to the database, as real ones do: columns of busy tables, a table, an index made beside
// the traffic. The last waits for every transaction and makes none wait, so it may take its time.
var nextSteps = map[string]string{
	"9998_drill.sql": `-- +goose Up
ALTER TABLE shared.lists ADD COLUMN drilled text;
ALTER TABLE shared.lines ADD COLUMN drilled bigint;
CREATE TABLE shared.drilled (list_id uuid PRIMARY KEY, drilled_at timestamptz NOT NULL DEFAULT now());
`,
	"9999_drill_index.sql": `-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS shared.lists_drilled;
CREATE INDEX CONCURRENTLY lists_drilled ON shared.lists (drilled);
RESET lock_timeout;
`,
}

// buildNext makes the programs of the next version.
func buildNext(ctx context.Context) (*binaries, error) {
	dir, err := os.MkdirTemp("", "fehrest-drill-next-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	migrations, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "fehrest/migrations").Output()
	if err != nil {
		return nil, fmt.Errorf("where the migrations are: %w", err)
	}
	overlay := map[string]map[string]string{"Replace": {}}
	for name, step := range nextSteps {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(step), 0o600); err != nil {
			return nil, err
		}
		overlay["Replace"][filepath.Join(strings.TrimSpace(string(migrations)), name)] = filepath.Join(dir, name)
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return nil, err
	}
	return build(ctx, "", "-overlay", file)
}

const (
	largeWorkers = 8_000 // a list of so many is written in one transaction that lasts
	largeLists   = 3
	heldUpMost   = 20 * time.Second
)

// migration brings the database to the next version while the old program serves and large lists are being written, has a program of
// each version work beside the other, and then has the next one take the old one's place.
func migration(ctx context.Context, s *stage, l *load) error {
	large := make([]filed, largeLists)
	for i := range large {
		large[i].header = s.shops[i]
		large[i].header.ListNo = fmt.Sprint(9_900 + i)
		large[i].lines = synth.List(synth.Options{Seed: s.rand.Uint64(), Workers: largeWorkers, Header: large[i].header, Law: s.law})
	}
	small := filed{header: s.shops[largeLists]}
	small.lines = synth.List(synth.Options{Seed: s.rand.Uint64(), Workers: l.workers, Header: small.header, Law: s.law})
	var all sync.WaitGroup
	defer all.Wait()
	for i := range large {
		all.Go(func() { l.file(ctx, &large[i]) })
	}
	time.Sleep(time.Second)

	migrated := make(chan struct{})
	var longest time.Duration
	var watch sync.WaitGroup
	watch.Go(func() {
		for n := 9_000; ; n++ {
			small.header.ListNo = fmt.Sprint(n)
			began := time.Now()
			l.file(ctx, &small)
			longest = max(longest, time.Since(began))
			select {
			case <-migrated:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
	began := time.Now()
	s.bins = s.next
	err := s.fehrest("migrate")
	took := time.Since(began)
	close(migrated)
	watch.Wait()
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.out, "  migrated in %.1f s; no list waited longer than %.1f s for its receipt\n", took.Seconds(), longest.Seconds())
	if longest > heldUpMost {
		s.note(violation{"I8", fmt.Sprintf("a list waited %.0f s for its receipt while the database was migrated", longest.Seconds())})
	}
	return s.replaceProgram(ctx)
}

// replaceProgram has the next program work beside the old one, and then serve in its place.
func (s *stage) replaceProgram(ctx context.Context) error {
	beside, err := s.window("work")
	if err != nil {
		return err
	}
	beside.ready = beside.metrics()
	s.windows = append(s.windows, beside)
	if err := beside.start(ctx); err != nil {
		return err
	}
	s.pause(3*time.Second, 5*time.Second)
	old := s.windows[0]
	if !old.stop(25 * time.Second) {
		s.note(violation{"I9", "the old program did not end within 25 s of being told to"})
	}
	s.windows[0] = &program{path: s.bins.fehrest, args: old.args, env: old.env, log: filepath.Join(s.dir, "window-next.log"), ready: old.ready}
	if err := s.windows[0].start(ctx); err != nil {
		return err
	}
	s.pause(2*time.Second, 4*time.Second)
	return nil
}
