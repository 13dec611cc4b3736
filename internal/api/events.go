package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/store"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

const (
	watchesEach = 20   // streams of events a principal may have open at a program
	watchesAll  = 1000 // and all together

	// A list is looked at again after the first pause, then ever later up to the last, and anew after each change.
	firstPause, lastPause = 500 * time.Millisecond, 5 * time.Second
	// heartbeat is how long a stream may be silent before a comment shows both ends that the other is there.
	heartbeat = 15 * time.Second
	// watchLife is how long a stream lasts at most; the reader opens the next one where it ended.
	watchLife = 20 * time.Minute
	// readWithin is how long a reader may leave what he was told unread before he is given up.
	readWithin = 5 * time.Second
)

// watches counts the streams of events that are open.
type watches struct {
	mu  sync.Mutex
	all int
	of  map[uuid.UUID]int
}

// open takes a place for a principal until leave is called; the error is a *fault.Problem.
func (w *watches) open(who uuid.UUID) (leave func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.of[who] >= watchesEach:
		return nil, &fault.Problem{Kind: fault.TooMany, RetryAfter: retryWhenFull, Text: fault.Text{
			FA: fmt.Sprintf("بیش از %d جریان رویداد هم‌زمان باز نمی‌شود؛ یکی را ببندید یا وضع لیست را با state بپرسید", watchesEach),
			EN: fmt.Sprintf("no more than %d streams of events at once; close one, or ask for the list's state", watchesEach),
		}}
	case w.all >= watchesAll:
		return nil, &fault.Problem{Kind: fault.Busy, RetryAfter: retryWhenFull}
	}
	if w.of == nil {
		w.of = map[uuid.UUID]int{}
	}
	w.all++
	w.of[who]++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.all--
		if w.of[who]--; w.of[who] == 0 {
			delete(w.of, who)
		}
	}, nil
}

// events tells where a list stands whenever that changes, at first at once, until nothing more comes of the list by itself. Whoever
// loses his token or his mandate meanwhile is told nothing more.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	s.stream(w, r, &watch{event: "state", signs: signInToList, look: func(r *http.Request) (any, bool, error) {
		l, err := s.stands(r)
		if err != nil {
			return nil, false, err
		}
		return l, l.IsFinal(), nil
	}})
}

// watch is one stream of events: what it follows, and how far its reader was told of it.
type watch struct {
	event string
	signs signIn
	// look tells, for a request that was just signed in, what there is to tell and whether it is the last.
	look func(*http.Request) (document any, last bool, err error)

	s          *server
	w          http.ResponseWriter
	r          *http.Request
	connection *http.ResponseController
	told       string // the tag of what the reader knows
}

// stream answers a request, which is signed in, by the events of h.
func (s *server) stream(w http.ResponseWriter, r *http.Request, h *watch) {
	leave, err := s.watches.open(principal(r.Context()).ID)
	if err != nil {
		s.send(w, r, err)
		return
	}
	defer leave()
	h.s, h.w, h.r, h.connection, h.told = s, w, r, http.NewResponseController(w), r.Header.Get("Last-Event-ID")
	first, err := h.seen(r)
	if err != nil {
		s.send(w, r, err)
		return
	}
	if first.last && first.tag == h.told {
		w.WriteHeader(http.StatusNoContent) // a browser would ask for ever
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy in between must not collect them
	h.follow(first)
}

func (h *watch) follow(now *moment) {
	ctx, end := h.s.untilStop(h.r.Context())
	defer end()
	defer func() { _ = h.connection.SetWriteDeadline(time.Now().Add(readWithin)) }() // the end of the answer is written after
	if !h.say(fmt.Sprintf("retry: %d\n\n", lastPause.Milliseconds())) {
		return
	}
	pause, quiet := firstPause, time.Duration(0)
	for age := time.Duration(0); age < watchLife; age += pause {
		if now != nil && now.tag != h.told {
			if !h.say("id: " + now.tag + "\nevent: " + h.event + "\ndata: " + now.data + "\n\n") {
				return
			}
			h.told, pause, quiet = now.tag, firstPause, 0
		}
		if now != nil && now.last {
			return
		}
		if quiet >= heartbeat {
			if !h.say(":\n\n") {
				return
			}
			quiet = 0
		}
		if !sleep(ctx, pause) {
			return
		}
		quiet += pause
		pause = min(pause*3/2, lastPause)
		var err error
		if now, err = h.again(ctx); err != nil {
			return
		}
	}
}

// again asks anew who reads and what there is to tell; nil, where the database is away for a moment. The error says that the reader may
// not read on, or that the window failed, which is logged.
func (h *watch) again(ctx context.Context) (*moment, error) {
	r, err := h.s.admit(h.r.WithContext(ctx), access.ReadLists, h.signs)
	var now *moment
	if err == nil {
		now, err = h.seen(r)
	}
	var refused *fault.Problem
	switch {
	case err == nil, errors.As(err, &refused), ctx.Err() != nil:
		return now, err
	case store.Unavailable(err):
		return nil, nil
	}
	h.s.document(h.r, err)
	return nil, err
}

// moment is what there is to tell of what a stream follows.
type moment struct {
	tag, data string
	last      bool
}

func (h *watch) seen(r *http.Request) (*moment, error) {
	document, last, err := h.look(r)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("api: events: %w", err)
	}
	return &moment{tag: strings.Trim(tagOf(b), `"`), data: string(b), last: last}, nil
}

// say sends a piece of the stream, and tells whether the reader took it.
func (h *watch) say(text string) bool {
	_ = h.connection.SetWriteDeadline(time.Now().Add(readWithin)) // there may be no connection, and then none waits
	_, err := h.w.Write([]byte(text))
	return errors.Join(err, h.connection.Flush()) == nil
}

func documentEvents(_ *server, op *huma.Operation) {
	eventsOf(op, "server-sent events named state, the first at once, each with the document of /state; the stream ends when nothing more "+
		"comes of the list by itself")
}

func eventsOf(op *huma.Operation, about string) {
	op.Parameters = append(op.Parameters, header("Last-Event-ID", "the id of the last event that was heard", false))
	op.Responses["200"] = &huma.Response{
		Description: about, Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string"}}},
	}
	op.Responses["204"] = &huma.Response{Description: "nothing more comes: the last event was heard"}
}
