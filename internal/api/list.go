package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strings"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
)

type listsAsked struct {
	Condition
	Paging
	Workshop string `query:"workshop_code"`
	Period   string `query:"period" doc:"a month such as 1405-07"`
}

// lists shows the lists of the workshops the sender may act for, newest first.
func (s *server) lists(ctx context.Context, in *listsAsked) (*shown[*flow.Page[flow.List]], error) {
	most, err := in.most()
	if err != nil {
		return nil, err
	}
	period, err := monthAsked(in.Period)
	if err != nil {
		return nil, err
	}
	page, err := s.Window.Lists(ctx, principal(ctx), flow.Query{
		Workshop: payroll.WorkshopCode(in.Workshop), Period: period, Cursor: in.Cursor, Most: most,
	})
	if err != nil {
		return nil, err
	}
	return show(in.Condition, page, 0)
}

type listAsked struct {
	Condition
	ID string `path:"id"`
}

// list shows one list and where each lane stands.
func (s *server) list(ctx context.Context, in *listAsked) (*shown[*flow.List], error) {
	l, err := s.Window.List(ctx, principal(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	retry := 0
	if l.State == payroll.Submitted {
		retry = s.lookAgain(l.ReceivedAt)
	}
	return show(in.Condition, l, retry)
}

// withdraw takes a list back. Asked again it answers the same.
func (s *server) withdraw(ctx context.Context, in *listAsked) (*shown[*flow.List], error) {
	l, err := s.Window.Withdraw(ctx, principal(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, l, 0)
}

// difference shows what a list changes, or a draft would if it were sent.
func (s *server) difference(ctx context.Context, in *listAsked) (*shown[*flow.Difference], error) {
	d, err := s.Window.Difference(ctx, principal(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, d, 0)
}

// assessment shows what every line owes, each figure with its reason.
func (s *server) assessment(ctx context.Context, in *listAsked) (*shown[*intake.Assessment], error) {
	doc, err := s.Window.Assessment(ctx, principal(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return show(in.Condition, doc, 0)
}

// faults answers with the report of a list, the document that check prints.
func (s *server) faults(w http.ResponseWriter, r *http.Request) {
	report, err := s.Window.Faults(r.Context(), principal(r.Context()), chi.URLParam(r, "id"))
	s.sendKept(w, r, report, err)
}

func documentFaults(s *server, op *huma.Operation) {
	s.answers(op, "200", "what was found, as check --json prints it", reflect.TypeFor[intake.Report]())
}

// receipt answers with a list's receipt, byte for byte as it was signed.
func (s *server) receipt(w http.ResponseWriter, r *http.Request) {
	receipt, err := s.Window.Receipt(r.Context(), principal(r.Context()), chi.URLParam(r, "id"))
	s.sendKept(w, r, receipt, err)
}

func documentReceipt(s *server, op *huma.Operation) {
	s.answers(op, "200", "the receipt, signed over its JCS form without signature", reflect.TypeFor[payroll.Receipt]())
	op.Responses["200"].Content["text/html"] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Description: "the receipt to print, with a QR code that holds it"}}
}

func (s *server) sendKept(w http.ResponseWriter, r *http.Request, doc json.RawMessage, err error) {
	if err != nil {
		s.send(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(doc) // the reader went away: there is no one left to tell
}

// file answers with one of a list's files.
func (s *server) file(w http.ResponseWriter, r *http.Request) {
	name := chi.URLParam(r, "name")
	if r.URL.RawPath != "" { // names in a folder arrive with their slash escaped
		plain, err := url.PathUnescape(name)
		if err != nil {
			s.send(w, r, &fault.Problem{Kind: fault.NotFound})
			return
		}
		name = plain
	}
	who, id := principal(r.Context()), chi.URLParam(r, "id")
	w.Header().Set("Cache-Control", "private, no-cache")
	if l, err := s.Window.List(r.Context(), who, id); err == nil && l.FileName == name {
		s.sendOriginal(w, r, l)
		return
	}
	f, err := s.Window.File(r.Context(), who, id, name)
	if err != nil {
		s.send(w, r, err)
		return
	}
	sendFile(w, strings.ReplaceAll(f.Name, "/", "-"), fileType(f.Name), f.Bytes)
}

// sendOriginal answers with the file as it was uploaded, which may be larger than what is well held in memory.
func (s *server) sendOriginal(w http.ResponseWriter, r *http.Request, l *flow.List) {
	kept, err := s.Window.Original(r.Context(), principal(r.Context()), l.ID)
	if err != nil {
		s.send(w, r, err)
		return
	}
	defer func() { _ = kept.Close() }()
	nameFile(w, l.FileName, fileType(l.FileName))
	if _, err := io.Copy(w, kept); err != nil {
		panic(http.ErrAbortHandler) // what is sent already must not pass for the whole
	}
}

var fileTypes = map[string]string{
	".dbf": "application/vnd.dbf", ".dsk": "application/octet-stream", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
	".xlsx": workbookType, ".zip": "application/zip",
}

func fileType(name string) string {
	if t, ok := fileTypes[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

func documentFile(_ *server, op *huma.Operation) {
	bytesOf(op, "a file named in the list's deliveries, or the upload under its own name", "application/octet-stream")
}

// submitDraft sends a draft, or one lane of it, from the bytes that are kept.
func (s *server) submitDraft(w http.ResponseWriter, r *http.Request) {
	key, err := idempotencyKey(r)
	if err != nil {
		s.send(w, r, err)
		return
	}
	who := principal(r.Context())
	u := flow.Upload{Principal: who, IdempotencyKey: key, Route: "POST /v1/lists/" + chi.URLParam(r, "id") + "/submission"}
	q := r.URL.Query()
	err = onlyKnown(q, "lanes")
	if err == nil {
		err = readLanes(q.Get("lanes"), &u)
	}
	if err != nil {
		s.send(w, r, err)
		return
	}
	u.LanesGiven = true // the sender's word, whichever lanes
	l, err := s.Window.List(r.Context(), who, chi.URLParam(r, "id"))
	if err == nil {
		err = sendable(l)
	}
	if err != nil {
		s.send(w, r, err)
		return
	}
	if u.Lanes == 0 && !u.Passing {
		u.Lanes = addressed(l)
	}
	u.Name, u.Again = l.FileName, l.ID
	done, err := s.Window.Submit(r.Context(), u)
	if err == nil && done.Draft {
		err = &fault.Problem{Kind: fault.Conflict, Extra: &flow.Kept{ID: done.ListID, Receipt: done.Receipt}, Text: fault.Text{
			FA: "بخش " + laneWord(done.HeldLane).FA + " پذیرفتنی نیست و چیزی فرستاده نشد؛ برای ارسال بخش دیگر آن را در lanes نام ببرید",
			EN: "the " + laneWord(done.HeldLane).EN + " side cannot pass and nothing was sent; name the other one in lanes to send it alone",
		}}
	}
	if err != nil {
		s.send(w, r, err)
		return
	}
	s.answerSubmitted(w, done)
}

// addressed are the organisations that a list was kept for.
func addressed(l *flow.List) (lanes fault.Lane) {
	for _, lane := range payroll.EachLane() {
		if l.Verdicts.Of(lane) != payroll.NotAddressed {
			lanes |= lane
		}
	}
	return lanes
}

// sendable refuses lists that have nothing left to send.
func sendable(l *flow.List) error {
	switch l.State {
	case payroll.RejectedList, payroll.Withdrawn, payroll.Replaced:
		return &fault.Problem{Kind: fault.Conflict, Text: fault.Text{
			FA: "این لیست پیش‌نویس نیست: رد، جایگزین یا پس گرفته شده است", EN: "this list is no draft: it was rejected, replaced or withdrawn",
		}}
	}
	return nil
}

func laneWord(l fault.Lane) fault.Text {
	switch l {
	case fault.SSO:
		return fault.Text{FA: "تأمین اجتماعی", EN: "social security"}
	case fault.Tax:
		return fault.Text{FA: "مالیات", EN: "tax"}
	}
	return fault.Text{FA: "هر دو سازمان", EN: "either"}
}

func documentSubmission(s *server, op *huma.Operation) {
	op.Parameters = append(op.Parameters,
		query("lanes", "the organisations it goes to; passing sends whatever passes", "both", "sso", "tax", "passing"),
		header("Idempotency-Key", "one a submission, at most 200 characters", true),
	)
	s.answers(op, "202", "on its way to the organisations", reflect.TypeFor[submitted]())
	s.answers(op, "200", "it was sent before: its receipt", reflect.TypeFor[submitted]())
}

// await returns when both organisations have answered, or the time is up.
func (s *server) await(ctx context.Context, who access.Principal, most time.Duration, ids ...string) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for _, id := range ids {
		for {
			l, err := s.Window.State(ctx, who, id)
			if err == nil && l.State == payroll.Submitted && sleep(ctx, 200*time.Millisecond) {
				continue
			}
			break
		}
	}
}
