package api

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
)

const (
	uploadIDLength = 100 // characters of an Upload-Id
	// progressKept is for how long an upload that is over can still be asked for.
	progressKept = time.Minute
)

// progress is how far an upload under way has come at the program that takes it in.
type progress struct {
	State    string `json:"state" enum:"awaited,receiving,judging,done" doc:"awaited: no upload of this name is under way here"`
	Bytes    int64  `json:"bytes" doc:"of the request's body that arrived"`
	Of       int64  `json:"of" doc:"bytes that it has; 0 where the sender did not say"`
	Status   int    `json:"status" doc:"of the answer; 0 before it"`
	Location string `json:"location" doc:"of what is kept, or stands in the way; empty for nothing"`
}

// uploads are those that their senders named.
type uploads struct {
	mu    sync.Mutex
	named map[uploadName]*progress
}

type uploadName struct {
	sender uuid.UUID
	id     string
}

// begin follows the upload of a request that names it, until end is called with what became of it.
func (u *uploads) begin(sender uuid.UUID, r *http.Request) (end func(*flow.Submitted, error), err error) {
	name := uploadName{sender, r.Header.Get("Upload-Id")}
	switch {
	case name.id == "":
		return func(*flow.Submitted, error) {}, nil
	case len(name.id) > uploadIDLength:
		return nil, badParameter("Upload-Id", "1–100")
	}
	p := &progress{State: "receiving", Of: max(r.ContentLength, 0)}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.named == nil {
		u.named = map[uploadName]*progress{}
	}
	u.named[name] = p
	r.Body = &counted{r.Body, u, p}
	return func(done *flow.Submitted, err error) {
		u.mu.Lock()
		p.State = "done"
		p.Status, p.Location = outcomeOf(done, err)
		u.mu.Unlock()
		time.AfterFunc(progressKept, func() {
			u.mu.Lock()
			defer u.mu.Unlock()
			if u.named[name] == p { // not a later try
				delete(u.named, name)
			}
		})
	}, nil
}

// of is how far an upload has come.
func (u *uploads) of(sender uuid.UUID, id string) progress {
	u.mu.Lock()
	defer u.mu.Unlock()
	if p := u.named[uploadName{sender, id}]; p != nil {
		return *p
	}
	return progress{State: "awaited"}
}

// counted counts a body as it is read.
type counted struct {
	io.ReadCloser
	uploads *uploads
	of      *progress
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.uploads.mu.Lock()
	defer c.uploads.mu.Unlock()
	c.of.Bytes += int64(n)
	if errors.Is(err, io.EOF) {
		c.of.State = "judging"
	}
	return n, err
}

// outcomeOf is what an upload is answered, in two words.
func outcomeOf(done *flow.Submitted, err error) (status int, location string) {
	switch {
	case err != nil:
		p := asProblem(err)
		if kept, ok := p.Extra.(*flow.Kept); ok && kept != nil && kept.ID != "" {
			location = "/v1/lists/" + kept.ID
		}
		return StatusOf(p), location
	case done.Bundle != nil:
		return statusOfBundle(done.Bundle), "/v1/uploads/" + done.Bundle.Upload.ID
	case done.Repeated, done.Draft:
		return http.StatusOK, "/v1/lists/" + done.ListID
	}
	return http.StatusAccepted, "/v1/lists/" + done.ListID
}

// uploadEvents tells how far an upload has come that its sender named, until it is answered.
func (s *server) uploadEvents(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "id")
	if len(id) > uploadIDLength {
		s.send(w, r, &fault.Problem{Kind: fault.NotFound})
		return
	}
	s.stream(w, r, &watch{event: "progress", signs: signInAlone, look: func(r *http.Request) (any, bool, error) {
		p := s.uploads.of(principal(r.Context()).ID, id)
		return p, p.State == "done", nil
	}})
}

func documentUploadEvents(_ *server, op *huma.Operation) {
	op.Description = "The upload's request names itself in the header Upload-Id. Ask the program that takes it in; the stream may be opened first."
	eventsOf(op, "server-sent events named progress, each a JSON object: state (awaited, receiving, judging, done), bytes that arrived, of how "+
		"many (0 where not said), status of the answer, location of what is kept; the stream ends with done")
}
