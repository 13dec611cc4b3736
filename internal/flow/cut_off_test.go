package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Every connection to the database is cut again and again, in the middle of whatever it does: who retries with his key gets
// one filing, and every organisation one effect.
func TestWindow_connections_cut_in_the_middle(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, s.Store.Jobs().Config().ConnString())
	require.NoError(t, err)
	defer func() { _ = admin.Close(ctx) }()
	cutting, cuts := make(chan struct{}), 0
	go func() {
		defer close(cutting)
		for range 12 {
			time.Sleep(120 * time.Millisecond)
			if _, err := admin.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err == nil {
				cuts++
			}
		}
	}()
	receipts := map[string]string{}
	for i := 0; ; i++ {
		no := fmt.Sprintf("%02d", i+1)
		b := manyFrom([]payroll.WorkshopCode{shop, branch}[i%2], i, 1).set("list_no", no).bytes() // one person in two lists of a month has too many days
		for end := time.Now().Add(10 * time.Second); receipts[no] == ""; {
			got, err := s.send(b, func(u *flow.Upload) { u.IdempotencyKey = no })
			if err == nil {
				receipts[no] = got.ListID
				break
			}
			require.True(t, store.Unavailable(err), "%v", err)
			require.True(t, time.Now().Before(end), "%v", err)
		}
		select {
		case <-cutting:
		default:
			continue
		}
		break
	}
	require.Equal(t, 12, cuts)
	require.Equal(t, len(receipts), s.count("SELECT count(*) FROM shared.lists"))
	for _, id := range receipts {
		s.await(id, payroll.Answered)
	}
	for _, lane := range payroll.EachLane() {
		for key, e := range s.effects(lane) {
			require.Equal(t, 1, e.Count, key)
		}
	}
	require.Len(t, s.effects(fault.SSO), len(receipts))
}
