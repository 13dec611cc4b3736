package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Pool names a set of connections. Each kind of work has its own, so that a flood of one never takes the last connection of
// another.
type Pool string

// The pools. River's belongs to its client alone; transactions of other work take theirs by what their context says.
const (
	ForAPI     Pool = "api"     // whatever says nothing else
	ForAnswers Pool = "answers" // what organisations say
	ForWork    Pool = "work"    // what jobs do
	ForRiver   Pool = "river"
)

// least is how many connections a pool may hold, and holds at least whatever the address says.
var least = map[Pool]int32{ForAPI: 8, ForAnswers: 4, ForWork: 8, ForRiver: 8}

// most is how many connections a pool may hold. Where the address says nothing pgxpool would take one for each processor: on a large
// machine a few programs would then use up what PostgreSQL has.
func most(config *pgxpool.Config, name Pool) int32 {
	if !strings.Contains(config.ConnString(), "pool_max_conns") {
		return least[name]
	}
	return max(config.MaxConns, least[name])
}

type poolKey struct{}

// On makes the transactions of a context take their connections from a pool.
func On(ctx context.Context, p Pool) context.Context { return context.WithValue(ctx, poolKey{}, p) }

// on is the pool of a context.
func (s *Store) on(ctx context.Context) *pgxpool.Pool {
	if p, ok := ctx.Value(poolKey{}).(Pool); ok {
		return s.pools[p]
	}
	return s.pools[ForAPI]
}

// PoolUse is how many connections a pool holds now.
type PoolUse struct {
	Pool              Pool
	InUse, Idle, Most int
}

// Pools tells how the pools are used.
func (s *Store) Pools() []PoolUse {
	uses := make([]PoolUse, 0, len(s.pools))
	for name, pool := range s.pools {
		now := pool.Stat()
		uses = append(uses, PoolUse{name, int(now.AcquiredConns()), int(now.IdleConns()), int(now.MaxConns())})
	}
	return uses
}
