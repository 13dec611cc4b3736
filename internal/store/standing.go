package store

import (
	"context"
	"time"
)

// Standing is how many deliveries of a lane are in a state that waits for something, and since when the oldest is. Tax months
// marked to be cut are in the state due, since the time set for it, which may lie ahead.
type Standing struct {
	Lane, State string
	Depth       int
	Since       time.Time
}

// Standing counts what waits, by lane and state; states in which nothing does are left out.
func (tx *Tx) Standing(ctx context.Context) ([]Standing, error) {
	rows, err := tx.q.Standing(ctx)
	all := make([]Standing, len(rows))
	for i, r := range rows {
		all[i] = Standing{r.Lane, r.State, int(r.Depth), r.Oldest}
	}
	return all, wrap("what waits", err)
}

// AwaitingSeal counts the rows of the audit log that wait for their seal, and tells of when the oldest is.
func (tx *Tx) AwaitingSeal(ctx context.Context) (rows int, oldest time.Time, err error) {
	r, err := tx.q.AwaitingSeal(ctx)
	return int(r.Rows), r.Oldest, wrap("unsealed", err)
}
