package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"fehrest/internal/fault"

	"github.com/go-chi/chi/v5"
)

// problem is the API's answer to a request that failed.
type problem struct {
	Status   int           `json:"status"`
	Title    string        `json:"title"`
	Detail   string        `json:"detail"`
	Code     string        `json:"code"`
	Instance string        `json:"instance"`
	Fix      fault.Text    `json:"fix"`
	ID       string        `json:"id"`
	Faults   []fault.Fault `json:"faults"`
}

func (p *problem) Error() string { return fmt.Sprintf("web: answer %d %s", p.Status, p.Code) }

// kept tells whether ID is the refused list itself, kept with its findings; elsewhere it is the earlier list in the way.
func (p *problem) kept() bool {
	return p.ID != "" && p.Status == http.StatusUnprocessableEntity && p.Code != "API-02"
}

// answer is a whole answer of the API, in memory.
type answer struct {
	http.ResponseWriter // the browser's, for its connection only

	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// Unwrap lets the API set the connection's deadlines while it reads an upload.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// call asks the API as the one who signed in and decodes what it says. The error is a *problem.
func (p *pages) call(w http.ResponseWriter, r *http.Request, method, path string, header http.Header, body io.Reader, length int64, into any) error {
	inner, err := p.request(r, method, path, header, body, length)
	if err != nil {
		return err
	}
	a := &answer{ResponseWriter: w, header: http.Header{}}
	p.api.ServeHTTP(a, inner)
	if into, ok := into.(*manyLists); ok {
		if many, ok := asMany(a.body.Bytes()); ok {
			*into = *many
			return nil
		}
	}
	if a.status >= http.StatusBadRequest {
		said := &problem{Status: a.status}
		if err := json.Unmarshal(a.body.Bytes(), said); err != nil {
			return &problem{Status: http.StatusInternalServerError}
		}
		return said
	}
	if into == nil || a.status == http.StatusNoContent {
		return nil
	}
	if text, ok := into.(*textOf); ok {
		*text = textOf(a.body.String())
		return nil
	}
	if err := json.Unmarshal(a.body.Bytes(), into); err != nil {
		return &problem{Status: http.StatusInternalServerError}
	}
	return nil
}

// get asks for a document.
func (p *pages) get(w http.ResponseWriter, r *http.Request, path string, into any) error {
	return p.call(w, r, http.MethodGet, path, nil, nil, 0, into)
}

// pass hands a document or file of the API to the browser as a download.
func (p *pages) pass(w http.ResponseWriter, r *http.Request, path, name string) {
	inner, err := p.request(r, http.MethodGet, path, nil, nil, 0)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	a := &answer{ResponseWriter: w, header: http.Header{}}
	p.api.ServeHTTP(a, inner)
	if a.status != http.StatusOK {
		said := &problem{Status: a.status}
		_ = json.Unmarshal(a.body.Bytes(), said)
		p.fail(w, r, said)
		return
	}
	w.Header().Set("Content-Type", a.header.Get("Content-Type"))
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
	_, _ = w.Write(a.body.Bytes()) // the reader went away: there is no one left to tell
}

func (p *pages) request(r *http.Request, method, path string, header http.Header, body io.Reader, length int64) (*http.Request, error) {
	// The API routes anew: it must not find the page's own route in the context.
	ctx := context.WithValue(r.Context(), chi.RouteCtxKey, (*chi.Context)(nil))
	inner, err := http.NewRequestWithContext(ctx, method, path, body)
	if err != nil {
		return nil, &problem{Status: http.StatusNotFound}
	}
	if header != nil {
		inner.Header = header
	}
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	if length != 0 {
		inner.ContentLength = length
	}
	inner.Header.Set("Authorization", "Bearer "+tokenOf(r))
	inner.RemoteAddr = r.RemoteAddr
	return inner, nil
}
