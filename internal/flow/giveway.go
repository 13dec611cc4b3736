package flow

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// giveWayFor is how long in all one large file stands still for small ones. It takes seconds by itself; before a small one a
	// person waits.
	giveWayFor = 5 * time.Second
	// rowsBetween is how many rows of a large file are read from one look to the next.
	rowsBetween = 64
)

// way is free for large files and for jobs while no small file is being judged or stored.
type way struct {
	small atomic.Int32
	mu    sync.Mutex
	free  chan struct{} // closed when no small one is left
}

// take holds them up until leave is called, which may be called again.
func (w *way) take() (leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.small.Add(1) == 1 {
		w.free = make(chan struct{})
	}
	return sync.OnceFunc(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.small.Add(-1) == 0 {
			close(w.free)
		}
	})
}

// wait stands still until the way is free, at most for so long.
func (w *way) wait(ctx context.Context, most time.Duration) {
	if w.small.Load() == 0 {
		return
	}
	w.mu.Lock()
	free := w.free
	w.mu.Unlock()
	patience := time.NewTimer(most)
	defer patience.Stop()
	select {
	case <-free:
	case <-patience.C:
	case <-ctx.Done():
	}
}

// giveWay lets small files pass a large one.
func (s *submission) giveWay(ctx context.Context) {
	if s.file.size <= LargeFile || s.file.waited >= giveWayFor {
		return
	}
	from := s.w.now()
	s.w.way.wait(ctx, giveWayFor-s.file.waited)
	s.file.waited += s.w.now().Sub(from)
}

// givingWay reads a large list's lines on their way into the database.
type givingWay struct {
	io.Reader
	ctx context.Context
	s   *submission
}

func (g givingWay) Read(b []byte) (int, error) {
	g.s.giveWay(g.ctx)
	return g.Reader.Read(b)
}
