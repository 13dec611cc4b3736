package main

import (
	"context"
	"fmt"
	"sync"
)

// again keeps files of many lists open between the readings of their lists: to open one is to look through all of it.
type again struct {
	mu   sync.Mutex
	free []*opened // the one used last at the end
}

// mostKept is how many files stay open.
const mostKept = 4

// take gives the file of a list, which no one else reads from meanwhile. The file must be the one that was judged.
func (a *again) take(ctx context.Context, r *reader, l *list) (*opened, error) {
	a.mu.Lock()
	for i, o := range a.free {
		if o.path == l.path {
			a.free = append(a.free[:i], a.free[i+1:]...)
			a.mu.Unlock()
			return o, nil
		}
	}
	a.mu.Unlock()
	o, err := r.open(ctx, l.source)
	if err != nil {
		return nil, err
	}
	if o.sha != l.sha {
		o.close()
		return nil, &exit{exitUnreadable, fmt.Sprintf("%s was changed while it was read; convert again", l.path)}
	}
	return o, nil
}

// give takes the file back.
func (a *again) give(o *opened) {
	if len(o.lists.Lists) == 1 {
		o.close()
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.free = append(a.free, o); len(a.free) > mostKept {
		a.free[0].close()
		a.free = a.free[1:]
	}
}

func (a *again) close() {
	for _, o := range a.free {
		o.close()
	}
}
