// Package store keeps the shared database: lists, lines, deliveries, answers, the registry and the audit log. It judges
// nothing and sends nothing.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"fehrest/internal/store/sqlc"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
)

// Errors of the store. ErrMoved says that a row was no longer in the state the caller had seen.
var (
	ErrNotFound = errors.New("store: not found")
	ErrMoved    = errors.New("store: the row has moved on")
	ErrUnsafe   = errors.New("store: the database may lose what it has confirmed")
	ErrReadOnly = errors.New("store: the database takes nothing in")
)

// Store is the shared database. Its methods may be called from many goroutines.
type Store struct {
	pools map[Pool]*pgxpool.Pool
}

// Open connects and refuses, with ErrUnsafe, a database that could forget a committed receipt, and with ErrReadOnly a standby or
// another that nothing can be written to.
func Open(ctx context.Context, url string) (*Store, error) {
	s, err := OpenVolatile(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := s.refuseUnsafe(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// OpenVolatile connects to a database whatever its settings. Only tests may, and who only reads: what it confirms can be lost.
func OpenVolatile(ctx context.Context, url string) (*Store, error) {
	s := &Store{pools: map[Pool]*pgxpool.Pool{}}
	for name := range least {
		pool, err := connect(ctx, url, name)
		if err != nil {
			s.Close()
			return nil, err
		}
		s.pools[name] = pool
	}
	return s, nil
}

// Close returns when every connection has been given back.
func (s *Store) Close() {
	for _, pool := range s.pools {
		pool.Close()
	}
}

// Jobs is the pool that belongs to River alone.
func (s *Store) Jobs() *pgxpool.Pool { return s.pools[ForRiver] }

// Ping tells whether the database answers. It waits for no reader: a crowd does not make a program look dead.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pools[ForAnswers].Ping(ctx); err != nil {
		return fmt.Errorf("store: ping: %w", err)
	}
	return nil
}

func connect(ctx context.Context, url string, name Pool) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("store: DATABASE_URL is not a PostgreSQL address") // its text may hold the password
	}
	config.ConnConfig.RuntimeParams["application_name"] = "fehrest " + string(name)
	// Statements here are many and short: compiling one takes longer than running it, and statistics of a new month's partition
	// make PostgreSQL think otherwise.
	config.ConnConfig.RuntimeParams["jit"] = "off"
	// And planning one for each run: every partition of the lines makes its plan longer to find, and the plan is always the same
	// walk along an index.
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.ConnConfig.ConnectTimeout = 10 * time.Second
	config.MaxConns = most(config, name)
	config.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		pgxuuid.Register(c.TypeMap()) // without it each id is written as text and read again on its way
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("store: connect: %w", err)
	}
	return pool, nil
}

// Tx is one transaction.
type Tx struct {
	tx pgx.Tx
	q  *sqlc.Queries
}

// Conn is the transaction itself, for jobs that are inserted or completed with it.
func (tx *Tx) Conn() pgx.Tx { return tx.tx }

// Tx runs do in a transaction and commits what it did, unless it failed.
func (s *Store) Tx(ctx context.Context, do func(*Tx) error) error {
	return run(ctx, s.on(ctx), pgx.TxOptions{}, "", do)
}

// Read runs do on one unmoving picture of the database.
func (s *Store) Read(ctx context.Context, do func(*Tx) error) error {
	return run(ctx, s.on(ctx), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, "", do)
}

// Lookup is Read for questions that indexes answer: PostgreSQL, which knows nothing yet of a month's partition that is just
// being filled, must not read it whole for them.
func (s *Store) Lookup(ctx context.Context, do func(*Tx) error) error {
	const begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL enable_seqscan = off"
	return run(ctx, s.on(ctx), pgx.TxOptions{BeginQuery: begin}, "", do)
}

// ReadAs is Read with the rights of an organisation's database role and nothing more.
func (s *Store) ReadAs(ctx context.Context, role Role, do func(*Tx) error) error {
	return run(ctx, s.on(ctx), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, role, do)
}

// Role is a database role that sees one organisation's columns.
type Role string

// The roles, made by the migrations.
const (
	RoleSSO        Role = "fehrest_sso"
	RoleTax        Role = "fehrest_tax"
	RoleSupervisor Role = "fehrest_supervisor"
)

func run(ctx context.Context, pool *pgxpool.Pool, options pgx.TxOptions, role Role, do func(*Tx) error) error {
	return pgx.BeginTxFunc(ctx, pool, options, func(tx pgx.Tx) error {
		if role != "" {
			// LOCAL: a role must not stay on a pooled connection.
			if _, err := tx.Exec(ctx, "SET LOCAL ROLE "+pgx.Identifier{string(role)}.Sanitize()); err != nil {
				return fmt.Errorf("store: take role: %w", err)
			}
		}
		return do(&Tx{tx: tx, q: sqlc.New(tx)})
	})
}

// PostgreSQL's words for a transaction that stood in another's way, or another in its.
const (
	deadlock         = "40P01"
	lockNotAvailable = "55P03"
)

// Unavailable tells whether the database failed for want of room (disk, memory or connections), gave a transaction up for
// another's sake, is down, or was lost on the way. Trying later may succeed; what a commit came to that was lost so is not known.
func Unavailable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return len(pg.Code) == 5 && (pg.Code[:2] == "53" || pg.Code[:2] == "08" || pg.Code[:4] == "57P0") || pg.Code == deadlock
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, pgconn.ErrConnClosed)
}

// Refused tells whether a constraint of this name refused a row.
func Refused(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}

func wrap(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	}
	return fmt.Errorf("store: %s: %w", what, scrub(err))
}

// scrub keeps a constraint's failure from carrying the row it refused: PostgreSQL's detail holds the values.
func scrub(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return &pgconn.PgError{Severity: pg.Severity, Code: pg.Code, Message: pg.Message, SchemaName: pg.SchemaName, TableName: pg.TableName, ConstraintName: pg.ConstraintName}
	}
	return err
}

func one(what string, rows int64, err error) error {
	if err == nil && rows != 1 {
		return fmt.Errorf("%w: %s", ErrMoved, what)
	}
	return wrap(what, err)
}
