package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
)

// mostItems is how many items a page of a collection holds at most.
const mostItems = 100

// shown answers with a document that changes by itself: what it is now, and when to look again.
type shown[T any] struct {
	ETag         string `header:"ETag"`
	RetryAfter   string `header:"Retry-After" doc:"seconds; absent once nothing more is to come by itself"`
	CacheControl string `header:"Cache-Control"`
	Body         T
}

// Condition is what a reader already has.
type Condition struct {
	IfNoneMatch string `header:"If-None-Match"`
}

// show answers with a document unless the reader has it already. retry is in seconds; 0 asks for no other look.
func show[T any](have Condition, body T, retry int) (*shown[T], error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("api: show: %w", err)
	}
	out := &shown[T]{ETag: tagOf(b), CacheControl: readAgain, Body: body}
	if retry > 0 {
		out.RetryAfter = strconv.Itoa(retry)
	}
	if have.holds(out.ETag) {
		u := &unchanged{http.Header{"Etag": {out.ETag}, "Cache-Control": {out.CacheControl}}}
		if retry > 0 {
			u.header.Set("Retry-After", out.RetryAfter)
		}
		return nil, u
	}
	return out, nil
}

// readAgain keeps what is one's own with its reader, who asks each time whether it changed.
const readAgain = "private, no-cache"

// tagOf names what a document says.
func tagOf(document []byte) string {
	sum := sha256.Sum256(document)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// holds tells whether the reader has what the tag names.
func (c Condition) holds(tag string) bool {
	for _, have := range strings.Split(c.IfNoneMatch, ",") {
		if strings.TrimPrefix(strings.TrimSpace(have), "W/") == tag {
			return true
		}
	}
	return false
}

// unchanged says that the reader has the document already.
type unchanged struct{ header http.Header }

func (u *unchanged) Error() string { return "not modified" }

// GetStatus and GetHeaders make it an answer of an operation.
func (u *unchanged) GetStatus() int { return http.StatusNotModified }

// GetHeaders are the headers of the document that the reader has.
func (u *unchanged) GetHeaders() http.Header { return u.header }

// lookAgain is after how many seconds something is worth another look that began at since: 2, 4, 8 … 60, longer the longer
// it already takes.
func (s *server) lookAgain(since time.Time) int {
	age := s.Now().Sub(since)
	for n := 2; n < 60; n *= 2 {
		if age < time.Duration(n)*time.Second {
			return n
		}
	}
	return 60
}

// Paging is what every collection takes.
type Paging struct {
	Cursor string `query:"cursor" doc:"next of the page before"`
	Limit  string `query:"limit" doc:"items a page at most, 1 to 100"`
}

func (p Paging) most() (int, error) {
	if p.Limit == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(p.Limit)
	if err != nil || n < 1 || n > mostItems {
		return 0, badParameter("limit", "1–"+strconv.Itoa(mostItems))
	}
	return n, nil
}

// monthAsked reads a month of the query; empty is no month.
func monthAsked(text string) (m jalali.Month, err error) {
	if text == "" {
		return m, nil
	}
	if m, err = jalali.ParseMonth(text); err != nil {
		return m, badParameter("period", "1405-07")
	}
	return m, nil
}

// monthNamed reads a month of the path; what is no month does not exist.
func monthNamed(text string) (jalali.Month, error) {
	m, err := jalali.ParseMonth(text)
	if err != nil {
		return m, &fault.Problem{Kind: fault.NotFound}
	}
	return m, nil
}

// sleep waits, and tells whether it did so to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// untilStop is a context for answers that wait: it ends with the request, and when the program is told to stop.
func (s *server) untilStop(ctx context.Context) (until context.Context, end context.CancelFunc) {
	until, end = context.WithCancel(ctx)
	go func() {
		select {
		case <-s.Stopping:
			end()
		case <-until.Done():
		}
	}()
	return until, end
}
