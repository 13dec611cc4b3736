package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/danielgtaylor/huma/v2"
)

// Problem is the RFC 9457 document that answers every failed request. Detail is Persian, message both languages.
type Problem struct {
	Type     string           `json:"type,omitempty" doc:"the catalogue entry of the code"`
	Title    string           `json:"title"`
	Status   int              `json:"status"`
	Detail   string           `json:"detail"`
	Instance string           `json:"instance,omitempty" doc:"names this one failure; give it to support"`
	Code     string           `json:"code" doc:"a code of the catalogue; empty where the words alone say it"`
	Message  fault.Text       `json:"message"`
	Fix      *fault.Text      `json:"fix,omitempty"`
	ID       string           `json:"id,omitempty" doc:"the list, when its bytes and findings are kept"`
	Faults   []fault.Fault    `json:"faults"`
	LeftOff  int              `json:"left_off,omitempty" doc:"how many faults are not listed here: the lists of one file have too many; a kept list shows all of its own"`
	Causes   []fault.Cause    `json:"causes,omitempty"`
	Receipt  *payroll.Receipt `json:"receipt,omitempty"`

	header http.Header
}

// Error, GetStatus, GetHeaders and ContentType make the document an error that an operation may return.
func (p *Problem) Error() string { return p.Message.EN }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are the headers that belong to the failure, such as Retry-After.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// kindRow is what a kind of failure is to HTTP and to a reader.
type kindRow struct {
	status int
	title  string
	text   fault.Text // said when the failure brings no words of its own
}

var kinds = map[fault.Kind]kindRow{
	fault.Internal: {http.StatusInternalServerError, "خطای پنجره", fault.Text{
		FA: "در پنجره خطایی رخ داد. چیزی از دست نرفته است؛ کمی بعد همان درخواست را با همان کلید دوباره بفرستید.",
		EN: "The window failed. Nothing is lost; send the same request with the same key again in a while.",
	}},
	fault.Malformed: {http.StatusBadRequest, "درخواست خوانده نشد", fault.Text{
		FA: "درخواست درست نوشته نشده است.", EN: "The request is malformed.",
	}},
	fault.Unsigned: {http.StatusUnauthorized, "ورود لازم است", fault.Text{
		FA: "نشانهٔ ورود (token) نیست، درست نیست یا باطل شده است.", EN: "The token or signature is missing, wrong or revoked.",
	}},
	fault.Forbidden: {http.StatusForbidden, "اجازه ندارید", fault.Text{
		FA: "نقش شما اجازهٔ این کار را ندارد.", EN: "Your role may not do this.",
	}},
	fault.NotFound: {http.StatusNotFound, "پیدا نشد", fault.Text{
		FA: "چنین چیزی نیست یا از آن شما نیست.", EN: "There is no such thing, or it is not yours.",
	}},
	fault.Conflict: {http.StatusConflict, "با وضع کنونی نمی‌خواند", fault.Text{
		FA: "درخواست با وضع کنونی لیست نمی‌خواند؛ وضع آن را دوباره ببینید.", EN: "The request conflicts with the present state; look at it again.",
	}},
	fault.TooLarge: {http.StatusRequestEntityTooLarge, "حجم بیش از حد مجاز است", fault.Text{
		FA: "حجم فایل بیش از حد مجاز است.", EN: "The file is larger than the limit.",
	}},
	fault.Unsupported: {http.StatusUnsupportedMediaType, "نوع محتوا پذیرفته نیست", fault.Text{
		FA: "نوع محتوا پذیرفته نیست.", EN: "The content type is not accepted.",
	}},
	fault.Unprocessable: {http.StatusUnprocessableEntity, "رد شد", fault.Text{
		FA: "محتوای درخواست پذیرفته نشد.", EN: "The content was not accepted.",
	}},
	fault.TooMany: {http.StatusTooManyRequests, "درخواست‌های شما زیاد است", fault.Text{
		FA: "از شما درخواست‌های زیادی در دست است؛ کمی بعد دوباره بفرستید.", EN: "Many requests of yours are under way; send again in a while.",
	}},
	fault.Busy: {http.StatusServiceUnavailable, "پنجره سرش شلوغ است", fault.Text{
		FA: "پنجره اکنون پر است؛ کمی بعد دوباره بفرستید.", EN: "The window is full now; send again in a while.",
	}},
}

// The statuses of codes that differ from their kind's, first by code, then by what the code begins with.
var (
	codeStatus = map[string]int{
		"FILE-02": http.StatusRequestEntityTooLarge,
		"FILE-03": http.StatusUnsupportedMediaType,
		"FILE-04": http.StatusUnsupportedMediaType,
		"LIST-02": http.StatusConflict,
		"LIST-03": http.StatusConflict,
		"ID-12":   http.StatusNotFound,
		"ID-17":   http.StatusNotFound,
		"API-01":  http.StatusBadRequest,
		"API-02":  http.StatusUnprocessableEntity,
		"API-03":  http.StatusConflict,
		"API-04":  http.StatusBadRequest,
		"API-05":  http.StatusUnsupportedMediaType,
	}
	familyStatus = map[string]int{"FILE": http.StatusBadRequest, "JSON": http.StatusBadRequest, "DBF": http.StatusBadRequest}
)

// StatusOf is the HTTP status of a failure: its code's, else its code's family's, else its kind's.
func StatusOf(p *fault.Problem) int {
	if status, ok := codeStatus[p.Code]; ok {
		return status
	}
	family, _, _ := strings.Cut(p.Code, "-")
	if status, ok := familyStatus[family]; ok {
		return status
	}
	return kinds[p.Kind].status
}

// kindOf finds the kind by a status, for failures that a library found first.
func kindOf(status int) fault.Kind {
	for kind, row := range kinds {
		if row.status == status {
			return kind
		}
	}
	if status < http.StatusInternalServerError {
		return fault.Malformed
	}
	return fault.Internal
}

// asProblem finds the failure in an error; one that carries none is a mistake of ours and says nothing of itself.
func asProblem(err error) *fault.Problem {
	var p *fault.Problem
	if errors.As(err, &p) {
		return p
	}
	if store.Unavailable(err) {
		return &fault.Problem{Kind: fault.Busy, RetryAfter: retryWhenFull, Err: err}
	}
	return &fault.Problem{Kind: fault.Internal, Err: err}
}

// retryWhenFull is the pause in seconds asked of a sender while the database is full or away.
const retryWhenFull = 10

// document logs a failure that is ours, once and by id, and writes it for the one who made the request. That there is no room is
// none: the request's own line tells it.
func (s *server) document(r *http.Request, err error) *Problem {
	p := asProblem(err)
	if StatusOf(p) >= http.StatusInternalServerError && (p.Err != nil || p.Kind != fault.Busy) {
		s.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("request", requestID(r)), slog.String("route", pattern(r)), slog.Any("error", p.Err))
	}
	return s.problem(r, p)
}

func (s *server) problem(r *http.Request, p *fault.Problem) *Problem {
	status := StatusOf(p)
	d := &Problem{
		Title: kinds[kindOf(status)].title, Status: status, Code: p.Code, Message: p.Text, Faults: p.Faults, LeftOff: p.Left,
		Instance: "urn:uuid:" + requestID(r), header: http.Header{},
	}
	if e := catalogue().byCode[p.Code]; e != nil {
		d.Type = "/v1/codes/" + p.Code
		d.Fix = &e.Fix
		if d.Message == (fault.Text{}) {
			d.Message = e.At(fault.Place{}, "", "").Message
		}
	}
	if d.Message == (fault.Text{}) {
		d.Message = kinds[p.Kind].text
	}
	d.Detail = d.Message.FA
	d.Faults = append([]fault.Fault{}, p.Faults...) // the failure's own may be shared
	for i := range d.Faults {
		if d.Faults[i].RelatedRows == nil {
			d.Faults[i].RelatedRows = []int{}
		}
	}
	if p.RetryAfter > 0 {
		d.header.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	if status == http.StatusUnauthorized {
		d.header.Set("WWW-Authenticate", `Bearer realm="fehrest"`)
	}
	d.add(p.Extra)
	return d
}

// add shows what belongs to the failure beside its words.
func (d *Problem) add(extra any) {
	if kept, ok := extra.(*flow.Kept); ok && kept != nil {
		d.ID, d.Receipt, d.Causes = kept.ID, &kept.Receipt, kept.Causes
	}
}

// refusedPause is how long a sender who is refused may still take with the rest of his body.
const refusedPause = 2 * time.Second

// send answers a request that failed. Every error of every route leaves through here or, from an operation, through
// document alone.
func (s *server) send(w http.ResponseWriter, r *http.Request, err error) {
	// The server reads on a little, that the sender may hear the answer; one who stands still is not waited for.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(refusedPause)) // there may be no connection, and then none waits
	d := s.document(r, err)
	for name, values := range d.header {
		w.Header()[name] = values
	}
	writeJSON(w, d.Status, "application/problem+json", d)
}

// rewrite puts our words in place of those of the library that checks parameters and bodies: of its findings only the
// place is told.
func (s *server) rewrite(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	r := requestIn(ctx.Context())
	p := &fault.Problem{Kind: kindOf(model.Status)}
	var places []string
	for _, e := range model.Errors {
		if e != nil && e.Location != "" {
			places = append(places, e.Location)
		}
	}
	if len(places) > 0 {
		at := strings.Join(places, ", ")
		p.Text = fault.Text{FA: "مقدار این بخش درخواست پذیرفته نیست: " + at, EN: "this part of the request is not accepted: " + at}
	}
	d := s.document(r, p)
	d.Status = model.Status // the status line is already written so
	return d, nil
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if status == http.StatusNoContent {
		return
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the reader went away: there is no one left to tell
}
