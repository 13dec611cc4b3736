package flow_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// keptLog keeps what is logged.
type keptLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (k *keptLog) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.Write(b)
}

func (k *keptLog) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.String()
}

func TestWindow_logs_jobs_and_audit_hold_no_person_and_no_wage(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := onStage(t)
	log := &keptLog{}
	s.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.open(fault.SSO, "unavailable:500ms")
	s.open(fault.Tax, "reject")
	s.work()
	bad := listOf(branch, 1)
	bad.Lines[0]["national_code"], bad.Lines[0]["daily_wage"] = "1234567890", 7_654_321
	_ = s.problem(bad.bytes())
	_ = s.problem(listOf(stranger, 2).bytes())
	_ = s.problem([]byte(`{"workshop": {"workshop_code": "0123456789"}, "lines": [{"first_name": "علی", "bad`))
	sent := s.mustSend(listOf(shop, 0, 1))
	s.await(sent.ListID, payroll.SettledWithRejection)
	// An error inside a transaction: the database's own words would show the row.
	_, err := s.Store.Jobs().Exec(ctx, `CREATE FUNCTION shared.fail() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full', DETAIL = NEW.header::text; END $$;
		CREATE TRIGGER fail BEFORE INSERT ON shared.lists FOR EACH ROW EXECUTE FUNCTION shared.fail()`)
	require.NoError(t, err)
	_, err = s.send(listOf(shop, 2).set("list_no", "02").bytes())
	require.Error(t, err)
	_, _ = log.Write([]byte(err.Error()))
	rows, err := s.Store.Jobs().Query(ctx, "SELECT args::text || COALESCE(errors::text, '') || metadata::text FROM river.river_job UNION ALL SELECT document FROM audit.log")
	require.NoError(t, err)
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		_, _ = log.Write([]byte(text + "\n"))
	}
	require.NoError(t, rows.Err())
	time.Sleep(50 * time.Millisecond)
	log.mu.Lock()
	defer log.mu.Unlock()
	for _, secret := range []string{
		people[0].code, people[1].code, people[2].code, "1234567890", "علی", "محمدی", "کریمی", "5600000", "7654321", string(employer), "8765000", "شرکت",
	} {
		if at := strings.Index(log.b.String(), secret); at >= 0 {
			t.Errorf("%q stands in %q", secret, log.b.String()[max(at-150, 0):min(at+50, log.b.Len())])
		}
	}
	require.Contains(t, log.b.String(), "deliver")
}
