package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
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
	leave, err := s.watches.open(principal(r.Context()).ID)
	if err != nil {
		s.send(w, r, err)
		return
	}
	defer leave()
	l, err := s.stands(r)
	if err != nil {
		s.send(w, r, err)
		return
	}
	h := &watch{s: s, w: w, r: r, connection: http.NewResponseController(w), told: r.Header.Get("Last-Event-ID")}
	_, tag, err := eventOf(l)
	if err != nil {
		s.send(w, r, err)
		return
	}
	if l.IsFinal() && tag == h.told {
		w.WriteHeader(http.StatusNoContent) // a browser would ask for ever
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy in between must not collect them
	h.follow(l)
}

// watch is one stream of a list's events.
type watch struct {
	s          *server
	w          http.ResponseWriter
	r          *http.Request
	connection *http.ResponseController
	told       string // the tag of what the reader knows
}

func (h *watch) follow(l *flow.ListState) {
	ctx, end := h.s.untilStop(h.r.Context())
	defer end()
	defer func() { _ = h.connection.SetWriteDeadline(time.Now().Add(readWithin)) }() // the end of the answer is written after
	if !h.say(fmt.Sprintf("retry: %d\n\n", lastPause.Milliseconds())) {
		return
	}
	pause, quiet := firstPause, time.Duration(0)
	for age := time.Duration(0); age < watchLife; age += pause {
		if l != nil {
			event, tag, err := eventOf(l)
			if err != nil {
				return
			}
			if tag != h.told {
				if !h.say(event) {
					return
				}
				h.told, pause, quiet = tag, firstPause, 0
			}
			if l.IsFinal() {
				return
			}
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
		if l, err = h.look(ctx); err != nil {
			return
		}
	}
}

// look asks anew who reads and where the list stands; nothing, where the database is away for a moment. The error says that the reader
// may not read on, or that the window failed, which is logged.
func (h *watch) look(ctx context.Context) (*flow.ListState, error) {
	r, err := h.s.admit(h.r.WithContext(ctx), access.ReadLists, signInToList)
	var l *flow.ListState
	if err == nil {
		l, err = h.s.stands(r)
	}
	var refused *fault.Problem
	switch {
	case err == nil, errors.As(err, &refused), ctx.Err() != nil:
		return l, err
	case store.Unavailable(err):
		return nil, nil
	}
	h.s.document(h.r, err)
	return nil, err
}

// eventOf writes the event of a state, and the tag of what it says.
func eventOf(l *flow.ListState) (event, tag string, err error) {
	b, err := json.Marshal(l)
	if err != nil {
		return "", "", fmt.Errorf("api: events: %w", err)
	}
	tag = tagOf(b)
	tag = tag[1 : len(tag)-1] // an id needs no quotes
	return "id: " + tag + "\nevent: state\ndata: " + string(b) + "\n\n", tag, nil
}

// say sends a piece of the stream, and tells whether the reader took it.
func (h *watch) say(text string) bool {
	_ = h.connection.SetWriteDeadline(time.Now().Add(readWithin)) // there may be no connection, and then none waits
	_, err := h.w.Write([]byte(text))
	return errors.Join(err, h.connection.Flush()) == nil
}

func documentEvents(s *server, op *huma.Operation) {
	op.Parameters = append(op.Parameters, header("Last-Event-ID", "the id of the last event that was heard", false))
	op.Responses["200"] = &huma.Response{
		Description: "server-sent events named state, the first at once, each with the document of /state; the stream ends when nothing " +
			"more comes of the list by itself",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string"}}},
	}
	op.Responses["204"] = &huma.Response{Description: "nothing more comes: the last event was heard"}
}
