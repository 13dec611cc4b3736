package flow

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"

	"github.com/google/uuid"
)

// LargeFile is the size in bytes above which a file counts as large. How many workers it lists is known only once it is read:
// a workbook of 200 workers has some 40 KB, their list in JSON at most 400 KB.
const LargeFile = inMemory

const (
	defaultSlots   = 2
	defaultWaiting = 14
	mostSmall      = 256 // small uploads under way, each with at most LargeFile bytes in memory
)

// room bounds what is on its way in at once. Small files have their own: they never wait behind large ones.
type room struct {
	once  sync.Once
	slots chan struct{} // of large files being read and judged

	doorOnce sync.Once
	door     chan struct{} // of answers being taken in

	mu     sync.Mutex
	large  int               // uploads of large files under way, from before their body to their answer
	small  int               // likewise
	away   int               // small ones told to come again, less those that were answered since
	sender map[uuid.UUID]int // large ones of each
}

// Enter asks for room for an upload before its body is read. length is the body's in bytes, below zero where it is not said:
// then it counts as large. leave gives the room back; it may be called once. The error is a *fault.Problem that says when to
// come again.
func (w *Window) Enter(p access.Principal, length int64) (leave func(), err error) {
	r := &w.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if length >= 0 && length <= LargeFile {
		if r.small == mostSmall {
			return nil, crowded(r.turnAway())
		}
		r.small++
		return r.leaveSmall, nil
	}
	most := w.slots() + w.waiting()
	switch {
	case r.large == most:
		return nil, crowded(2 * (r.large/w.slots() + 1)) // a large file takes a second or two
	case r.sender[p.ID] >= max(most/2, 1):
		return nil, &fault.Problem{Kind: fault.TooMany, RetryAfter: 2 * (r.sender[p.ID]/w.slots() + 1), Text: fault.Text{
			FA: "فایل‌های بزرگ زیادی از شما هنوز در دست خواندن است؛ پس از پاسخ آن‌ها دوباره بفرستید",
			EN: "many large files of yours are still being read; send this one again when they are answered",
		}}
	}
	if r.sender == nil {
		r.sender = map[uuid.UUID]int{}
	}
	r.large++
	r.sender[p.ID]++
	return func() {
		r.leave(&r.large)
		r.leaveSender(p.ID)
	}, nil
}

// A crowd that was told the same second would come back as a crowd: each is told another, of the more the longer the crowd.
const (
	leastAway = 2 // seconds
	mostAway  = 10
	mostCrowd = 2 * mostSmall // from so many on it is told the longest
)

// turnAway counts a small upload that finds no room, and draws after how many seconds it may come again.
func (r *room) turnAway() int {
	r.away = min(r.away+1, mostCrowd)
	return leastAway + rand.IntN(1+r.away*(mostAway-leastAway)/mostCrowd)
}

func (r *room) leaveSmall() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.small--
	r.away = max(r.away-1, 0)
}

func (r *room) leave(of *int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*of--
}

func (r *room) leaveSender(id uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sender[id]--; r.sender[id] == 0 {
		delete(r.sender, id)
	}
}

func crowded(seconds int) error {
	return &fault.Problem{Kind: fault.Busy, RetryAfter: min(seconds, 60), Text: fault.Text{
		FA: "پنجره اکنون پر است؛ با همان کلید کمی دیگر بفرستید", EN: "the window is full now; send it again with the same key in a while",
	}}
}

// slot waits for one of the places where large files are read and judged; a small file needs none, and large ones give way to
// it. A file that arrives slowly holds none: it is asked for when the whole file is here.
func (w *Window) slot(ctx context.Context, file *spool) (release func(), err error) {
	if file.size <= LargeFile {
		return w.way.take(), nil
	}
	r := &w.room
	r.once.Do(func() { r.slots = make(chan struct{}, w.slots()) })
	select {
	case r.slots <- struct{}{}:
		return func() { <-r.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("flow: waiting to be read: %w", ctx.Err())
	}
}

const (
	answersAtOnce  = 8 // a few more than have a connection each
	answerPatience = 2 * time.Second
)

// passDoor lets a few answers in at once. Each needs several transactions: were all let in, all would wait for a connection in
// turn until their senders gave up, and none would ever be done. Who is not let in soon is told to come again.
func (w *Window) passDoor(ctx context.Context) (leave func(), err error) {
	r := &w.room
	r.doorOnce.Do(func() { r.door = make(chan struct{}, answersAtOnce) })
	patience := time.NewTimer(answerPatience)
	defer patience.Stop()
	select {
	case r.door <- struct{}{}:
		return func() { <-r.door }, nil
	case <-patience.C:
		return nil, crowded(int(answerPatience / time.Second))
	case <-ctx.Done():
		return nil, fmt.Errorf("flow: receive: %w", ctx.Err())
	}
}

func (w *Window) slots() int {
	if w.Slots == 0 {
		return defaultSlots
	}
	return w.Slots
}

func (w *Window) waiting() int {
	if w.Waiting == 0 {
		return defaultWaiting
	}
	return w.Waiting
}
