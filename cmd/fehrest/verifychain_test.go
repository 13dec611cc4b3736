package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"fehrest/internal/flow"
	"fehrest/internal/seal"
	"fehrest/internal/store"
	"fehrest/internal/store/storetest"

	"github.com/stretchr/testify/require"
)

func TestVerifyChain_names_what_the_server_s_owner_changed(t *testing.T) {
	ctx, address := context.Background(), storetest.URL(t)
	db := storetest.Open(t, address)
	folder := filepath.Join(t.TempDir(), "keys")
	keys, err := seal.Create(folder)
	require.NoError(t, err)
	t.Setenv("DATABASE_URL", address)
	t.Setenv("FEHREST_KEYS", folder)
	verify := func(args ...string) (code int, out, complaint string) {
		return fehrest(t, append([]string{"verify-chain"}, args...)...)
	}
	sealing := store.Sealing{At: time.Now(), Day: "1405/08/15", Keys: keys, Most: 5}
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error {
		for range 7 {
			if err := tx.Append(ctx, store.Event{At: time.Now(), Actor: store.ByWindow, Action: "tried", Subject: "x"}); err != nil {
				return err
			}
		}
		return nil
	}))
	_, err = db.Seal(ctx, sealing)
	require.NoError(t, err)
	code, out, complaint := verify()
	require.Equal(t, exitAccepted, code, complaint)
	require.Contains(t, out, "the chain holds: 5 links")
	require.Contains(t, out, "day heads it agrees with: 1, the last of 1405/08/15")
	require.Contains(t, out, "unsealed: 2 rows, from 6 to 7")

	heads := flow.Page[seal.Head]{}
	require.NoError(t, db.Read(ctx, func(tx *store.Tx) (err error) {
		heads.Items, err = tx.Heads(ctx, "", 10)
		return err
	}))
	b, err := json.Marshal(heads)
	require.NoError(t, err)
	saved := write(t, "heads.json", b)
	key, err := json.Marshal(keys.Public())
	require.NoError(t, err)
	keyFile := write(t, "keys.json", key)
	code, _, complaint = verify("--heads", saved, "--key", keyFile)
	require.Equal(t, exitAccepted, code, complaint)

	code, _, _ = verify("--heads", write(t, "none.json", []byte("{}")))
	require.Equal(t, exitUnreadable, code)
	heads.Items[0].Position = 3
	b, err = json.Marshal(heads)
	require.NoError(t, err)
	code, _, complaint = verify("--heads", write(t, "forged.json", b))
	require.Equal(t, exitUnreadable, code)
	require.Contains(t, complaint, "the day head of 1405/08/15 was changed")

	for _, c := range []struct{ statement, complaint string }{
		{"UPDATE audit.heads SET signature = 'x'", "the day head of 1405/08/15 bears no valid signature"},
		{"DELETE FROM audit.seals WHERE position > 3; DELETE FROM audit.log WHERE row_id > 3; DELETE FROM audit.heads", "link 4: cut off from here: the day head of 1405/08/15 says more"},
		{"UPDATE audit.log SET document = replace(document, 'tried', 'tired') WHERE row_id = 2", "link 2: audit row 2 was changed after it was sealed"},
	} {
		_, err := db.Jobs().Exec(ctx, "SET session_replication_role = replica; ALTER TABLE audit.log DROP CONSTRAINT IF EXISTS log_check; "+c.statement+"; RESET session_replication_role")
		require.NoError(t, err)
		code, _, complaint := verify("--heads", saved)
		require.Equal(t, exitRejected, code, c.statement)
		require.Contains(t, complaint, c.complaint)
	}
	code, out, _ = verify("--json")
	require.Equal(t, exitRejected, code)
	var found store.Chain
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	require.Equal(t, store.RowChanged, found.Break)

	t.Setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
	code, _, _ = verify()
	require.Equal(t, exitTransport, code)
	t.Setenv("DATABASE_URL", "")
	code, _, _ = verify()
	require.Equal(t, exitUsage, code)
}
