package flow_test

import (
	"context"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

// Every receipt and every exchange with an organisation is a row of the audit log, an answer's with the digest of its bytes.
func TestAudit_holds_every_receipt_and_exchange(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Pace.Exchange = 700 * time.Millisecond
	s.open(fault.SSO, "duplicate_answers")
	s.open(fault.Tax)
	s.deaf = true // what the organisations say is asked for
	s.trouble(fault.SSO, `{"fault": "effect_then_timeout", "count": 1}`)
	s.work()
	sent := s.mustSend(listOf(shop, 0, 1))
	s.await(sent.ListID, payroll.Answered)
	rows := func(action, subject string) int {
		return s.count("SELECT count(*) FROM audit.log WHERE action = $1 AND subject = $2", action, subject)
	}
	sso := s.ssoDelivery(sent.ListID).ID.String()
	require.Equal(t, 1, rows("list.submitted", sent.ListID))
	require.Equal(t, 1, rows("delivery.sending", sso))
	require.Equal(t, 1, rows("delivery.not_acknowledged", sso))
	require.Equal(t, 1, rows("delivery.sent", sso))
	require.Positive(t, s.count("SELECT count(*) FROM audit.log WHERE action = 'delivery.inquired'"), "the other's answer was asked for")
	require.Equal(t, 1, rows("answer.stored", sso))
	require.Equal(t, 2, s.count("SELECT count(*) FROM audit.log WHERE action = 'tax_month.cut' OR action = 'delivery.sent' AND subject <> $1", sso))
	unbound := s.count(`SELECT count(*) FROM shared.answers a WHERE NOT EXISTS (SELECT 1 FROM audit.log l WHERE l.action = 'answer.received'
		AND l.subject = a.answer_id::text AND l.document::jsonb -> 'details' ->> 'sha256' = encode(sha256(a.raw), 'hex'))`)
	require.Zero(t, unbound, "an answer's bytes are bound into the chain")
	require.Eventually(t, func() bool { return s.count("SELECT count(*) FROM audit.unsealed") == 0 }, patience, 20*time.Millisecond)
	require.NoError(t, s.Store.Read(context.Background(), func(tx *store.Tx) error {
		chain, err := tx.VerifyChain(context.Background())
		require.Zero(t, chain.Bad)
		require.Equal(t, 1, chain.Heads)
		return err
	}))
}
