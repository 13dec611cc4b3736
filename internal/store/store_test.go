package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"
	"fehrest/internal/store/storetest"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

var month = jalali.Month{Year: 1405, Month: 7}

// kept puts one submitted list with the lines into a new database.
func kept(t *testing.T, s *store.Store, lines ...payroll.Filed) *store.List {
	t.Helper()
	ctx := context.Background()
	now := time.Now().UTC().Truncate(time.Microsecond)
	p := access.Principal{ID: store.NewID(), Name: "حسابدار", Role: access.Accountant}
	h := payroll.Header{
		Workshop: "0123456789", ContractRow: "000", Period: month, TaxPeriod: month, ListNo: "01", Kind: payroll.Original, Employer: "10380284790",
		EmployerName: "شرکت نمونه", WorkshopName: "کارگاه نمونه", Profile: payroll.Profile{ExemptFiveQuota: 5},
	}
	h.Given.Add(payroll.KeyExemptFive)
	l := &store.List{
		ID: store.NewID(), Version: 1, Header: h, TrackingCode: "123456789012", SHA256: make([]byte, 32), FileName: "list.xlsx", Format: "xlsx",
		Principal: p.ID, ReceivedAt: now, LawFile: "1405.yaml", Asked: fault.Both, Verdicts: payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted},
		Workers: len(lines), HeldRows: []int{9}, Totals: payroll.Totals{Days: 30}, Receipt: []byte(`{"id": "x"}`),
	}
	l.Submit(fault.Both, now)
	parts, spool := writeLines(t, l, lines)
	require.NoError(t, s.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.SaveWorkshop(ctx, store.Workshop{Code: h.Workshop, Employer: h.Employer, EmployerName: h.EmployerName, Name: h.WorkshopName}); err != nil {
			return err
		}
		if err := tx.AddPrincipal(ctx, p); err != nil {
			return err
		}
		if err := tx.KeepUpload(ctx, h.Workshop, l.SHA256, 3, now, stringReader("abc")); err != nil {
			return err
		}
		if err := tx.AddList(ctx, l); err != nil {
			return err
		}
		_, err := tx.CopyLines(ctx, month, parts, spool)
		return err
	}))
	return l
}

func TestList_comes_back_as_it_was_kept(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	l := kept(t, s)
	ctx := context.Background()
	var got *store.List
	require.NoError(t, s.Read(ctx, func(tx *store.Tx) (err error) {
		code, err := tx.WorkshopOfList(ctx, l.ID)
		require.NoError(t, err)
		got, err = tx.List(ctx, code, l.ID)
		return err
	}))
	require.True(t, got.ReceivedAt.Equal(l.ReceivedAt))
	require.True(t, got.SubmittedTax.Equal(*l.SubmittedTax))
	got.ReceivedAt, got.SubmittedSSO, got.SubmittedTax = l.ReceivedAt, l.SubmittedSSO, l.SubmittedTax
	require.False(t, got.Header.ExemptFive)
	require.True(t, got.Header.Given.Has(payroll.KeyExemptFive))
	got.Header.Given, got.Principal, got.Asked = l.Header.Given, l.Principal, l.Asked
	require.Equal(t, l, got)
}

func TestConstraints_hold_the_law_of_the_data(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	l := kept(t, s)
	ctx := context.Background()
	again := *l
	again.ID, again.TrackingCode = store.NewID(), "223456789012"
	again.Version = 2
	err := s.Tx(ctx, func(tx *store.Tx) error { return tx.AddList(ctx, &again) })
	requireConstraint(t, err, "lists_in_force")
	again.SubmittedSSO, again.SubmittedTax = nil, nil
	require.Error(t, s.Tx(ctx, func(tx *store.Tx) error { return tx.AddList(ctx, &again) }), "a version is one that was sent")

	d := &store.Delivery{
		DeliveryID: store.DeliveryID{Owner: "0123456789", ID: store.NewID()}, Lane: fault.SSO, Key: "sso.0123456789.000.1405-07.01.1",
		Sequence: "sso.0123456789.000.1405-07.01", Version: 1, List: l.ID, Period: month, State: payroll.Queued, CreatedAt: time.Now(),
	}
	require.NoError(t, s.Tx(ctx, func(tx *store.Tx) error { return tx.AddDelivery(ctx, d) }))
	err = s.Tx(ctx, func(tx *store.Tx) error {
		return tx.Move(ctx, d.DeliveryID, store.Move{To: payroll.Sending}, time.Now())
	})
	require.Error(t, err, "nothing is sent before its digest is on record")
	err = s.Tx(ctx, func(tx *store.Tx) error {
		return tx.Move(ctx, d.DeliveryID, store.Move{To: payroll.AnswerAccepted}, time.Now())
	})
	require.ErrorIs(t, err, store.ErrMoved, "the state table has no step from queued to accepted")
}

func requireConstraint(t *testing.T, err error, name string) {
	t.Helper()
	var pg *pgconn.PgError
	require.ErrorAs(t, err, &pg)
	require.Equal(t, name, pg.ConstraintName)
	require.Empty(t, pg.Detail, "an error carries no row")
}

func TestRoles_see_their_own_columns_and_nothing_else(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ssoOnly, taxOnly, held := line(1), line(2), line(3)
	ssoOnly.Line.ReportedTo, taxOnly.Line.ReportedTo, held.Line.Hold = fault.SSO, fault.Tax, true
	kept(t, s, ssoOnly, taxOnly, held, line(4))
	ctx := context.Background()
	as := func(role store.Role, query string) (n int, err error) {
		err = s.ReadAs(ctx, role, func(tx *store.Tx) error { return tx.Conn().QueryRow(ctx, query).Scan(&n) })
		return n, err
	}
	for role, rows := range map[store.Role]string{store.RoleSSO: "sso", store.RoleTax: "tax"} {
		n, err := as(role, "SELECT count(*) FROM "+rows+".lines")
		require.NoError(t, err)
		require.Equal(t, 2, n, "neither the other's rows nor held ones")
		n, err = as(role, "SELECT count(*) FROM "+rows+".lists")
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	for _, forbidden := range []struct {
		role  store.Role
		query string
	}{
		{store.RoleSSO, "SELECT count(taxable) FROM sso.lines"},
		{store.RoleSSO, "SELECT count(taxable) FROM shared.lines"},
		{store.RoleSSO, "SELECT count(*) FROM tax.lines"},
		{store.RoleSSO, "SELECT count(*) FROM shared.lists"},
		{store.RoleTax, "SELECT count(dsw_bime) FROM tax.lines"},
		{store.RoleTax, "SELECT count(dsw_bime) FROM shared.lines"},
		{store.RoleTax, "SELECT count(*) FROM sso.lines"},
		{store.RoleTax, "SELECT count(*) FROM registry.workshops"},
		{store.RoleSupervisor, "SELECT count(*) FROM sso.lists"},
		{store.RoleSupervisor, "SELECT count(*) FROM tax.lines"},
		{store.RoleSupervisor, "SELECT count(*) FROM shared.lines"},
	} {
		_, err := as(forbidden.role, forbidden.query)
		require.Error(t, err, "%s: %s", forbidden.role, forbidden.query)
	}
	n, err := as(store.RoleSupervisor, "SELECT count(*) FROM supervisor.months")
	require.NoError(t, err)
	require.Zero(t, n, "one workshop is no aggregate")

	// The SSO's file carries days and the daily wage, the tax administration's the insurance number (WP field 11): what only one
	// organisation's faults stand at, the other does not read.
	for _, c := range payroll.Columns() {
		for role, lane := range map[store.Role]fault.Lane{store.RoleSSO: fault.SSO, store.RoleTax: fault.Tax} {
			var may bool
			require.NoError(t, s.Jobs().QueryRow(ctx, "SELECT has_column_privilege($1, 'shared.lines', $2, 'SELECT')", string(role), c.Key).Scan(&may))
			want := c.Lanes.Has(lane)
			switch c.Key {
			case "days", "daily_wage":
				want = lane == fault.SSO
			case "insurance_number":
				want = true
			}
			require.Equal(t, want, may, "%s on %s", role, c.Key)
		}
	}
}

func TestMigrate_many_at_once(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	done := make(chan error, 3)
	for range cap(done) {
		s := storetest.Open(t, url)
		go func() { done <- s.Migrate(context.Background(), month) }()
	}
	for range cap(done) {
		require.NoError(t, <-done)
	}
	s := storetest.Open(t, url)
	require.NoError(t, s.MakePartition(context.Background(), jalali.Month{Year: 1399, Month: 12}))
	require.NoError(t, s.MakePartition(context.Background(), jalali.Month{Year: 1399, Month: 12}))
}

func TestOpen_refuses_a_database_that_forgets(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	separator := "?"
	if len(url) > 0 && contains(url, "?") {
		separator = "&"
	}
	_, err := store.Open(context.Background(), url+separator+"synchronous_commit=off")
	require.ErrorIs(t, err, store.ErrUnsafe)
	_, err = store.Open(context.Background(), "no address")
	require.ErrorContains(t, err, "DATABASE_URL")
}

func TestUnavailable_a_transaction_whose_connection_was_cut_before_its_commit(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ctx := context.Background()
	err := s.Tx(ctx, func(tx *store.Tx) error {
		_, err := s.Jobs().Exec(ctx, "SELECT pg_terminate_backend($1)", tx.Conn().Conn().PgConn().PID())
		require.NoError(t, err)
		_, err = tx.Conn().Exec(ctx, "SELECT 1")
		require.True(t, store.Unavailable(err), "%v", err)
		return nil // it does not look, and commits
	})
	require.Error(t, err)
	require.True(t, store.Unavailable(err), "%v", err)
}

func TestUnavailable_a_transaction_given_up_for_another(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ctx := context.Background()
	var both sync.WaitGroup
	both.Add(2)
	locks := func(first, then int) error {
		return s.Tx(ctx, func(tx *store.Tx) error {
			_, err := tx.Conn().Exec(ctx, "SELECT pg_advisory_xact_lock($1)", first)
			both.Done()
			if err != nil {
				return err
			}
			both.Wait()
			_, err = tx.Conn().Exec(ctx, "SELECT pg_advisory_xact_lock($1)", then)
			return err
		})
	}
	other := make(chan error, 1)
	go func() { other <- locks(2, 1) }()
	errs := []error{locks(1, 2), <-other}
	if errs[0] == nil {
		slices.Reverse(errs)
	}
	require.True(t, store.Unavailable(errs[0]), "%v", errs[0])
	require.NoError(t, errs[1])
}
