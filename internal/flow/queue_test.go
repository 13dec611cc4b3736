package flow_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// A queue that River stopped to fetch from, without a word, is like one it never began: such a start is begun anew.
func TestRun_does_not_work_without_one_of_its_queues(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	log := &keptLog{}
	s.Log = slog.New(slog.NewTextHandler(log, nil))
	s.exec(`INSERT INTO river.river_queue (name, created_at, updated_at, paused_at) VALUES ('sso', now(), now(), now())`)
	s.work()
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "no jobs are fetched from [sso]") }, patience, 50*time.Millisecond)
	s.exec(`UPDATE river.river_queue SET paused_at = NULL`)
	sent := s.mustSend(listOf(shop, 0, 1))
	s.await(sent.ListID, payroll.Answered)
}
