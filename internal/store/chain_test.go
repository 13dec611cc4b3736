package store_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fehrest/internal/seal"
	"fehrest/internal/store"
	"fehrest/internal/store/storetest"

	"github.com/stretchr/testify/require"
)

const today = "1405/08/15"

// round is one round of a sealer with a key of its own.
func round(t testing.TB, most int) store.Sealing {
	t.Helper()
	keys, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	return store.Sealing{At: time.Now(), Day: today, Keys: keys, Most: most}
}

// appended writes so many audit rows.
func appended(t testing.TB, s *store.Store, n int) {
	t.Helper()
	ctx := context.Background()
	require.NoError(t, s.Tx(ctx, func(tx *store.Tx) error {
		for i := range n {
			err := tx.Append(ctx, store.Event{At: time.Now(), Actor: store.ByWindow, Action: "tried", Subject: fmt.Sprint(i)})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func sealed(t testing.TB, s *store.Store, r store.Sealing) int {
	t.Helper()
	n, err := s.Seal(context.Background(), r)
	require.NoError(t, err)
	return n
}

func chainOf(t testing.TB, s *store.Store, heads ...seal.Head) (c store.Chain) {
	t.Helper()
	require.NoError(t, s.Read(context.Background(), func(tx *store.Tx) (err error) {
		c, err = tx.VerifyChain(context.Background(), heads...)
		return err
	}))
	return c
}

func headsOf(t testing.TB, s *store.Store) (heads []seal.Head) {
	t.Helper()
	require.NoError(t, s.Read(context.Background(), func(tx *store.Tx) (err error) {
		heads, err = tx.Heads(context.Background(), "", 100)
		return err
	}))
	return heads
}

func TestAudit_log_only_grows(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ctx := context.Background()
	require.Equal(t, store.Chain{}, chainOf(t, s))
	r := round(t, 2)
	appended(t, s, 3)
	require.Equal(t, 2, sealed(t, s, r))
	require.Equal(t, store.Chain{Sealed: 2, Unsealed: 1, First: 3, Last: 3, Heads: 1, HeadDay: today}, chainOf(t, s))
	require.Equal(t, 1, sealed(t, s, r))
	require.Zero(t, sealed(t, s, r))
	require.Equal(t, store.Chain{Sealed: 3, Heads: 1, HeadDay: today}, chainOf(t, s))
	for _, statement := range []string{
		"UPDATE audit.log SET document = document", "DELETE FROM audit.log", "TRUNCATE audit.log CASCADE", "DELETE FROM audit.seals",
		"DELETE FROM audit.heads", "UPDATE audit.heads SET position = 1",
		"INSERT INTO audit.log (document, digest) VALUES ('{\"action\": \"a\", \"subject\": \"s\"}', sha256('other'))",
	} {
		_, err := s.Jobs().Exec(ctx, statement)
		require.Error(t, err, statement)
	}
}

func TestHeads_are_signed_one_a_day_and_never_go_back(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	r := round(t, 100)
	appended(t, s, 2)
	sealed(t, s, r)
	r.Day = "1405/08/16"
	appended(t, s, 1)
	sealed(t, s, r)
	r.Day = today // a clock that is a little slow, after midnight
	appended(t, s, 1)
	sealed(t, s, r)
	heads := headsOf(t, s)
	require.Len(t, heads, 2)
	require.Equal(t, "1405/08/16", heads[0].Day)
	require.EqualValues(t, 4, heads[0].Position)
	require.EqualValues(t, 2, heads[1].Position)
	for _, h := range heads {
		require.NoError(t, h.Verify(r.Keys.Public()))
		h.Position++
		require.ErrorIs(t, h.Verify(r.Keys.Public()), seal.ErrSignature)
	}
	require.Equal(t, store.Chain{Sealed: 4, Heads: 2, HeadDay: "1405/08/16"}, chainOf(t, s))
}

// Who owns the server can go around every trigger and constraint; the walk names the first thing that is not what was sealed.
func TestVerifyChain_names_the_first_break(t *testing.T) {
	t.Parallel()
	s, ctx := storetest.New(t), context.Background()
	r := round(t, 100)
	appended(t, s, 8)
	sealed(t, s, r)
	heads := headsOf(t, s)
	const cut = "DELETE FROM audit.seals WHERE position > 6; DELETE FROM audit.log WHERE row_id > 6;"
	for name, c := range map[string]struct {
		statement string
		want      store.Chain
	}{
		"a row's text changed":            {change, store.Chain{Bad: 4, Break: store.RowChanged, Row: 4}},
		"a row's subject changed":         {"ALTER TABLE audit.log ALTER COLUMN subject DROP EXPRESSION; UPDATE audit.log SET subject = 'other' WHERE row_id = 4", store.Chain{Bad: 4, Break: store.RowChanged, Row: 4}},
		"a row's action changed":          {"ALTER TABLE audit.log ALTER COLUMN action DROP EXPRESSION; ALTER TABLE audit.log ALTER COLUMN action DROP NOT NULL; UPDATE audit.log SET action = NULL WHERE row_id = 7", store.Chain{Bad: 7, Break: store.RowChanged, Row: 7}},
		"a row's digest changed":          {"ALTER TABLE audit.log DROP CONSTRAINT log_check; UPDATE audit.log SET digest = sha256('x') WHERE row_id = 2", store.Chain{Bad: 2, Break: store.RowChanged, Row: 2}},
		"a row deleted":                   {"DELETE FROM audit.log WHERE row_id = 5", store.Chain{Bad: 5, Break: store.RowMissing, Row: 5}},
		"two rows swapped":                {"UPDATE audit.log l SET document = o.document, digest = o.digest FROM audit.log o WHERE (l.row_id, o.row_id) IN ((3, 6), (6, 3))", store.Chain{Bad: 3, Break: store.RowChanged, Row: 3}},
		"two seals swapped":               {"UPDATE audit.seals SET position = -position WHERE position IN (3, 6); UPDATE audit.seals SET position = CASE position WHEN -3 THEN 6 ELSE 3 END WHERE position < 0", store.Chain{Bad: 3, Break: store.SealChanged, Row: 6}},
		"a seal's digest changed":         {"UPDATE audit.seals SET row_digest = sha256('x') WHERE position = 2", store.Chain{Bad: 2, Break: store.SealChanged, Row: 2}},
		"a seal's hash changed":           {"UPDATE audit.seals SET hash = sha256('x') WHERE position = 8", store.Chain{Bad: 8, Break: store.SealChanged, Row: 8}},
		"a seal's past changed":           {"UPDATE audit.seals SET previous = sha256('x') WHERE position = 1", store.Chain{Bad: 1, Break: store.SealChanged, Row: 1}},
		"a seal deleted":                  {"DELETE FROM audit.seals WHERE position = 4", store.Chain{Bad: 4, Break: store.SealMissing, Unsealed: 1, First: 4, Last: 4}},
		"the tail cut":                    {cut, store.Chain{Bad: 7, Break: store.TailMissing, Day: today}},
		"the tail's seals cut":            {"DELETE FROM audit.seals WHERE position > 6", store.Chain{Bad: 7, Break: store.TailMissing, Row: 7, Day: today, Unsealed: 2, First: 7, Last: 8}},
		"all of it cut":                   {"TRUNCATE audit.log, audit.seals", store.Chain{Bad: 1, Break: store.TailMissing, Day: today}},
		"a row that will not be sealed":   {"INSERT INTO audit.log (document, digest) SELECT document, digest FROM audit.log WHERE row_id = 1", store.Chain{Bad: 9, Break: store.SealMissing, Row: 9, Unsealed: 1, First: 9, Last: 9}},
		"saved: the tail and heads cut":   {cut + "DELETE FROM audit.heads", store.Chain{Bad: 7, Break: store.TailMissing, Day: today}},
		"saved: all of it, heads as well": {"TRUNCATE audit.log, audit.seals, audit.heads", store.Chain{Bad: 1, Break: store.TailMissing, Day: today}},
	} {
		undo := errors.New("undo")
		require.ErrorIs(t, s.Tx(ctx, func(tx *store.Tx) error {
			_, err := tx.Conn().Exec(ctx, "SET LOCAL session_replication_role = replica; ALTER TABLE audit.seals DROP CONSTRAINT seals_position_check;"+c.statement)
			require.NoError(t, err, name)
			var against []seal.Head
			if strings.HasPrefix(name, "saved") {
				alone, err := tx.VerifyChain(ctx)
				require.NoError(t, err)
				require.Zero(t, alone.Bad, "what was wholly removed shows only against what was saved elsewhere")
				against = heads
			}
			got, err := tx.VerifyChain(ctx, against...)
			require.NoError(t, err)
			require.Equal(t, c.want.Bad-1, got.Sealed, "%s: all before it hold", name)
			got.Sealed, got.Heads, got.HeadDay = 0, 0, ""
			require.Equal(t, c.want, got, name)
			return undo
		}), undo)
	}
	require.Equal(t, store.Chain{Sealed: 8, Heads: 1, HeadDay: today}, chainOf(t, s, heads...))
}

// A row that is written in now with a time of long ago is sealed at the end, where it stands out.
func TestVerifyChain_tells_of_rows_out_of_their_time(t *testing.T) {
	t.Parallel()
	s, ctx := storetest.New(t), context.Background()
	r := round(t, 100)
	at := time.Now()
	for _, ago := range []time.Duration{0, time.Minute, 50 * time.Minute, 30 * 24 * time.Hour, 0, 2 * time.Hour} {
		require.NoError(t, s.Tx(ctx, func(tx *store.Tx) error {
			return tx.Append(ctx, store.Event{At: at.Add(-ago), Actor: store.ByWindow, Action: "tried", Subject: "x"})
		}))
	}
	sealed(t, s, r)
	require.Equal(t, store.Chain{Sealed: 6, Heads: 1, HeadDay: today, Late: 2, LateFirst: 4}, chainOf(t, s))
}

const change = `UPDATE audit.log SET document = replace(document, 'tried', 'tired'), digest = sha256(convert_to(replace(document, 'tried', 'tired'), 'UTF8')) WHERE row_id = 4;`

// A chain that was changed and then sealed anew from its beginning holds in itself, but came to something else.
func TestVerifyChain_sees_a_chain_written_anew(t *testing.T) {
	t.Parallel()
	s, ctx := storetest.New(t), context.Background()
	r := round(t, 100)
	appended(t, s, 8)
	sealed(t, s, r)
	heads := headsOf(t, s)
	for _, statement := range []string{
		change + "DELETE FROM audit.seals; INSERT INTO audit.unsealed SELECT row_id FROM audit.log",
		"DELETE FROM audit.heads",
	} {
		_, err := s.Jobs().Exec(ctx, "SET session_replication_role = replica;"+statement+"; RESET session_replication_role")
		require.NoError(t, err)
		sealed(t, s, r)
		got := chainOf(t, s, heads...)
		got.Heads, got.HeadDay = 0, "" // the sealer has signed what it found
		require.Equal(t, store.Chain{Sealed: 7, Bad: 8, Break: store.HeadDiffers, Day: today}, got)
	}
	require.Zero(t, chainOf(t, s).Bad, "without the head that was saved nothing shows")
}

// frozen is a way to a database on which nothing comes back once the program has said a word.
func frozen(t *testing.T, address, word string) (through string, still *atomic.Bool, end func()) {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	still = &atomic.Bool{}
	var ends sync.Map
	end = func() {
		_ = l.Close()
		ends.Range(func(c, _ any) bool { return c.(net.Conn).Close() == nil })
	}
	server := u.Host
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", server)
			if err != nil {
				return
			}
			ends.Store(in, nil)
			ends.Store(out, nil)
			pass := func(to, from net.Conn, forth bool) {
				b := make([]byte, 1<<16)
				for {
					n, err := from.Read(b)
					if err != nil || still.Load() {
						return
					}
					if forth && strings.Contains(string(b[:n]), word) {
						still.Store(true)
					}
					if _, err := to.Write(b[:n]); err != nil {
						return
					}
				}
			}
			go pass(in, out, false)
			go pass(out, in, true)
		}
	}()
	u.Host = l.Addr().String()
	return u.String(), still, end
}

// A program that is stopped wherever it is in sealing holds no other up.
func TestSeal_goes_on_when_a_sealing_program_stands_still(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"audit.seal(", "FROM audit.seals ORDER BY", "INSERT INTO audit.heads"} {
		ctx := context.Background()
		address := storetest.URL(t)
		s := storetest.Open(t, address)
		through, still, end := frozen(t, address, word)
		stopped, err := store.OpenVolatile(ctx, through)
		require.NoError(t, err)
		ended := make(chan error, 1)
		appended(t, s, 10)
		go func() {
			_, err := stopped.Seal(ctx, round(t, 100))
			ended <- err
		}()
		require.Eventually(t, still.Load, 5*time.Second, time.Millisecond)
		r := round(t, 100)
		appended(t, s, 10)
		since := time.Now()
		require.Eventually(t, func() bool {
			sealed(t, s, r)
			c := chainOf(t, s)
			return c == store.Chain{Sealed: 20, Heads: 1, HeadDay: today} && headsOf(t, s)[0].Position == 20
		}, 5*time.Second, time.Millisecond)
		require.Less(t, time.Since(since), time.Second)
		end()
		require.Error(t, <-ended)
		stopped.Close()
	}
}

// Two programs seal while many write: every row gets one seal, in one chain.
func TestSeal_by_two_programs_makes_one_chain(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	a, b := storetest.Open(t, address), storetest.Open(t, address)
	r := round(t, 7)
	done := make(chan int, 2)
	var written atomic.Bool
	for _, s := range []*store.Store{a, b} {
		go func() {
			total := 0
			for {
				last := written.Load()
				n, err := s.Seal(context.Background(), r)
				if err != nil {
					total = -1 << 20
				}
				if total += n; n == 0 && last {
					done <- total
					return
				}
			}
		}()
	}
	for range 20 {
		appended(t, a, 10)
	}
	written.Store(true)
	require.Equal(t, 200, <-done+<-done)
	require.Equal(t, store.Chain{Sealed: 200, Heads: 1, HeadDay: today}, chainOf(t, a))
}

// A session that sealed while nothing waited keeps the plan of that time: it must not search all that waits for each row.
func TestSeal_of_a_long_backlog_looks_up_what_it_seals(t *testing.T) {
	t.Parallel()
	s, ctx := storetest.New(t), context.Background()
	require.NoError(t, s.Tx(ctx, func(tx *store.Tx) error {
		statement := func(sql string) {
			_, err := tx.Conn().Exec(ctx, sql)
			require.NoError(t, err)
		}
		const rows, most = 5_000, 500
		write := `INSERT INTO audit.log (document, digest) SELECT d, sha256(convert_to(d, 'UTF8')) FROM (
			SELECT '{"action": "tried", "subject": "' || n || '"}' AS d FROM generate_series(1, %d) n) made`
		statement(fmt.Sprintf(write, 1))
		statement("SELECT audit.seal(10, now())")
		statement(fmt.Sprintf(write, rows))
		statement(fmt.Sprintf("SELECT audit.seal(%d, now())", most))
		var read int
		require.NoError(t, tx.Conn().QueryRow(ctx, `SELECT sum(COALESCE(seq_tup_read, 0)) FROM pg_stat_xact_user_tables WHERE schemaname = 'audit'`).Scan(&read))
		require.Less(t, read, rows)
		return nil
	}))
	require.EqualValues(t, 501, chainOf(t, s).Sealed)
}

// BenchmarkVerifyChain walks a chain of FEHREST_CHAIN rows, 100,000 unless told, as many at a time as arrive.
func BenchmarkVerifyChain(b *testing.B) {
	n := 100_000
	if s := os.Getenv("FEHREST_CHAIN"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(b, err)
	}
	s, ctx := storetest.New(b), context.Background()
	_, err := s.Jobs().Exec(ctx, `INSERT INTO audit.log (document, digest) SELECT d, sha256(convert_to(d, 'UTF8')) FROM (
		SELECT format('{"at":"2026-11-06T09:00:00.123456Z","actor":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b","action":"list.submitted","subject":"%s","details":{"sha256":"%s","tracking_code":"317346947886","version":1,"verdicts":{"sso":"accepted","tax":"accepted"},"submitted":"both"}}',
			gen_random_uuid(), encode(sha256(n::text::bytea), 'hex')) AS d FROM generate_series(1, $1::integer) n) made`, n)
	require.NoError(b, err)
	r := round(b, 1000)
	start := time.Now()
	for sealed(b, s, r) > 0 {
	}
	sealing := time.Since(start)
	for b.Loop() {
		c := chainOf(b, s)
		require.EqualValues(b, n, c.Sealed)
		require.Zero(b, c.Bad)
	}
	b.ReportMetric(float64(n)/sealing.Seconds(), "sealed/s")
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "verified/s")
}
