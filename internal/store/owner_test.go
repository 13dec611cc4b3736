package store_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"fehrest/internal/payroll"
	"fehrest/internal/store"
	"fehrest/internal/store/storetest"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// ownedBy makes an unmigrated database that a role without any right over the server owns, and returns its address as that role.
func ownedBy(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	admin := storetest.Open(t, storetest.URL(t)).Jobs()
	name := "owned_" + store.NewID().String()[24:]
	exec := func(statement string) {
		_, err := admin.Exec(ctx, statement)
		require.NoError(t, err, statement)
	}
	exec("CREATE ROLE " + name + " LOGIN PASSWORD 'owned'")
	exec("GRANT fehrest_sso, fehrest_tax, fehrest_supervisor TO " + name) // what an administrator does where the role may not make roles
	exec("CREATE DATABASE " + name + " OWNER " + name)
	t.Cleanup(func() {
		again, err := pgxpool.NewWithConfig(ctx, admin.Config())
		require.NoError(t, err)
		defer again.Close()
		for _, statement := range []string{"DROP DATABASE " + name + " WITH (FORCE)", "DROP ROLE " + name} {
			_, err := again.Exec(ctx, statement)
			require.NoError(t, err)
		}
	})
	u, err := url.Parse(admin.Config().ConnString())
	require.NoError(t, err)
	u.User, u.Path = url.UserPassword(name, "owned"), "/"+name
	return u.String()
}

func TestMigrate_by_an_owner_who_may_do_nothing_else(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := store.OpenVolatile(ctx, ownedBy(t))
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Migrate(ctx, storetest.Today))
	kept(t, s, line(1))
	require.NoError(t, s.Tx(ctx, func(tx *store.Tx) error {
		return tx.Append(ctx, store.Event{At: time.Now(), Actor: store.ByWindow, Action: "tried", Subject: "x"})
	}))
	_, err = s.Seal(ctx, round(t, 10))
	require.NoError(t, err)
	for _, statement := range []string{
		"UPDATE audit.log SET document = document", "DELETE FROM audit.log", "TRUNCATE audit.log, audit.seals, audit.unsealed",
		"UPDATE audit.seals SET hash = hash", "DELETE FROM audit.heads", "UPDATE audit.heads SET signature = ''", "SET session_replication_role = replica",
	} {
		_, err := s.Jobs().Exec(ctx, statement)
		require.Error(t, err, statement)
	}
	for role, query := range map[store.Role]string{store.RoleSSO: "sso.lines", store.RoleTax: "tax.lines", store.RoleSupervisor: "supervisor.months"} {
		require.NoError(t, s.ReadAs(ctx, role, func(tx *store.Tx) error {
			var n int
			return tx.Conn().QueryRow(ctx, "SELECT count(*) FROM "+query).Scan(&n)
		}), role)
	}
}

func TestCutTaxMonth_sees_a_change_that_is_due_at_the_same_moment(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := storetest.New(t)
	l := kept(t, s)
	due := time.Now().Truncate(time.Microsecond)
	mark := func() (seen *store.TaxMonth) {
		require.NoError(t, s.Tx(ctx, func(tx *store.Tx) error {
			id, err := tx.TaxMonthDue(ctx, l.Header.TaxMonth(), due)
			require.NoError(t, err)
			seen, err = tx.TaxMonth(ctx, id)
			return err
		}))
		return seen
	}
	first, second := mark(), mark()
	cut := func(seen *store.TaxMonth) error {
		return s.Tx(ctx, func(tx *store.Tx) error { return tx.CutTaxMonth(ctx, seen, 1) })
	}
	require.ErrorIs(t, cut(first), store.ErrMoved)
	require.NoError(t, cut(second))
	require.ErrorIs(t, cut(second), store.ErrMoved, "it is cut")
}

func TestUnfinished_tells_whose_files_are_still_to_be_made(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := storetest.New(t)
	l := kept(t, s, line(1), line(2))
	old := time.Now().Add(-time.Hour)
	require.NoError(t, s.Tx(ctx, func(tx *store.Tx) error {
		for version, state := range []payroll.State{payroll.Queued, payroll.NeedsAttention} {
			key, _ := payroll.ParseDeliveryKey(l.Header.Identity().Key(version + 1))
			err := tx.AddDelivery(ctx, &store.Delivery{
				DeliveryID: store.DeliveryID{Owner: string(l.Header.Workshop), ID: store.NewID()}, Lane: key.Lane, Key: key.Key, Sequence: key.Sequence(),
				Version: key.Version, List: l.ID, Period: month, State: state, CreatedAt: old,
			})
			require.NoError(t, err)
		}
		found, err := tx.Unfinished(ctx, time.Now(), 10)
		require.Len(t, found, 1)
		require.Equal(t, 2, found[0].Workers)
		return err
	}))
}
