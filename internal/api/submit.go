package api

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/danielgtaylor/huma/v2"
)

// submitted answers an upload: the receipt exactly as it was signed, and beside it, only where there is more to tell, that it
// is an earlier one or that a lane keeps it a draft. Members added to a receipt would have to be taken off to verify it.
type submitted struct {
	payroll.Receipt
	Repeated bool   `json:"repeated,omitempty" doc:"the same bytes are a draft or in force; this is their earlier receipt"`
	Draft    bool   `json:"draft,omitempty" doc:"kept with its lines; nothing was sent"`
	HeldLane string `json:"held_lane,omitempty" enum:"sso,tax" doc:"the lane that keeps the draft from being sent"`
}

// submitList takes one list in, judges it and answers with its receipt or with everything that is wrong with it.
func (s *server) submitList(w http.ResponseWriter, r *http.Request) {
	key, err := idempotencyKey(r)
	if err != nil {
		s.send(w, r, err)
		return
	}
	u := flow.Upload{Principal: principal(r.Context()), IdempotencyKey: key, Route: "POST /v1/lists"}
	if err := readQuery(r, &u); err != nil {
		s.send(w, r, err)
		return
	}
	tell, err := s.uploads.begin(u.Principal.ID, r)
	if err != nil {
		s.send(w, r, err)
		return
	}
	done, err := s.takeIn(w, r, u)
	tell(done, err)
	if isReplayed(done, err) {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	if err != nil {
		s.send(w, r, err)
		return
	}
	if wait := waitFor(r); wait > 0 && !done.Draft {
		w.Header().Set("Preference-Applied", "wait="+strconv.Itoa(int(wait/time.Second)))
		ctx, cancel := s.untilStop(r.Context())
		s.await(ctx, u.Principal, wait, sentOn(done)...)
		cancel()
	}
	if done.Bundle != nil {
		s.answerBundle(w, r, done.Bundle)
		return
	}
	s.answerSubmitted(w, done)
}

// isReplayed tells whether an upload got the answer that its key was given before.
func isReplayed(done *flow.Submitted, err error) bool {
	var p *fault.Problem
	if errors.As(err, &p) {
		kept, ok := p.Extra.(*flow.Kept)
		return ok && kept.Replayed
	}
	return done != nil && done.Replayed
}

// sentOn are the lists of an upload that were sent on now.
func sentOn(done *flow.Submitted) (ids []string) {
	if done.Bundle == nil {
		return []string{done.ListID}
	}
	for _, l := range done.Bundle.Lists {
		if l.Submitted != nil && !l.Submitted.Draft {
			ids = append(ids, l.Submitted.ListID)
		}
	}
	return ids
}

// takeIn asks for room before it reads the body, and gives it back with the receipt.
func (s *server) takeIn(w http.ResponseWriter, r *http.Request, u flow.Upload) (*flow.Submitted, error) {
	leave, err := s.Window.Enter(u.Principal, r.ContentLength)
	if err != nil {
		return nil, err
	}
	defer leave()
	in, err := receive(w, r, s.limitsOfFile())
	if err != nil {
		return nil, err
	}
	u.Body, u.Name, u.ContentType, u.Limit = in.body, in.name, in.kind, in.limit
	return s.Window.Submit(r.Context(), u)
}

func (s *server) answerSubmitted(w http.ResponseWriter, done *flow.Submitted) {
	status := http.StatusAccepted
	if done.Repeated || done.Draft {
		status = http.StatusOK
	}
	w.Header().Set("Location", "/v1/lists/"+done.ListID)
	writeJSON(w, status, "application/json", submittedOf(done))
}

func submittedOf(done *flow.Submitted) submitted {
	return submitted{done.Receipt, done.Repeated, done.Draft, done.HeldLane.String()}
}

func idempotencyKey(r *http.Request) (string, error) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" || len(key) > keyLength || len(r.Header.Values("Idempotency-Key")) > 1 {
		return "", &fault.Problem{Kind: fault.Malformed, Code: "API-01"}
	}
	return key, nil
}

// readQuery reads what the sender asks to be done with the list.
func readQuery(r *http.Request, u *flow.Upload) error {
	q := r.URL.Query()
	if err := onlyKnown(q, "mode", "lanes", "sheet", "workshop_code", "period"); err != nil {
		return err
	}
	switch mode := q.Get("mode"); mode {
	case "":
	case "draft":
		u.Draft = true
	default:
		return badParameter("mode", "draft")
	}
	u.Sheet, u.Workshop = q.Get("sheet"), payroll.WorkshopCode(q.Get("workshop_code"))
	if u.Workshop != "" && u.Workshop.Check() != payroll.Valid {
		return badParameter("workshop_code", "10 digits")
	}
	var err error
	if u.Period, err = monthAsked(q.Get("period")); err != nil {
		return err
	}
	return readLanes(q.Get("lanes"), u)
}

// onlyKnown refuses a parameter that means nothing here, or stands twice: a slip of the keyboard in lanes would otherwise
// send the list to both organisations.
func onlyKnown(q url.Values, names ...string) error {
	for name, values := range q {
		if !slices.Contains(names, name) || len(values) > 1 {
			return &fault.Problem{Kind: fault.Malformed, Text: fault.Text{
				FA: "این نشانی هر یک از این‌ها را یک بار می‌پذیرد و نه چیز دیگر: " + strings.Join(names, "، "),
				EN: "this address takes each of these once and nothing else: " + strings.Join(names, ", "),
			}}
		}
	}
	return nil
}

func readLanes(lanes string, u *flow.Upload) error {
	switch lanes {
	case "":
	case "passing":
		u.Passing = true
	case "both":
		u.Lanes = fault.Both
	case "sso", "tax":
		u.LanesGiven = true
		return u.Lanes.UnmarshalText([]byte(lanes))
	default:
		return badParameter("lanes", "both, sso, tax, passing")
	}
	return nil
}

func badParameter(name, expected string) error {
	return &fault.Problem{Kind: fault.Malformed, Text: fault.Text{
		FA: "مقدار " + name + " پذیرفته نیست؛ پذیرفتنی: " + expected, EN: name + " is not accepted; it takes " + expected,
	}}
}

// longestWait is the most that Prefer: wait can ask.
const longestWait = 60 * time.Second

// waitFor reads Prefer: wait=N (RFC 7240); anything else there is let be.
func waitFor(r *http.Request) time.Duration {
	for _, preference := range strings.Split(strings.Join(r.Header.Values("Prefer"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(preference), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		if n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`)); err == nil && n > 0 {
			return min(time.Duration(n)*time.Second, longestWait)
		}
	}
	return 0
}

// documentSubmit describes what an upload may be and what it is answered with.
func documentSubmit(s *server, op *huma.Operation) {
	op.Description = "Judges before answering: 202 when the list is sent on, 200 for a draft or for the same bytes again, " +
		"422 with every fault when it is rejected. With the header Idempotency-Replayed the answer is what the key was told before, " +
		"and nothing was judged now."
	op.Parameters = append(op.Parameters,
		query("mode", "draft keeps the list and sends nothing", "draft"),
		query("lanes", "the organisations it goes to; passing sends whatever passes", "both", "sso", "tax", "passing"),
		query("sheet", "the sheet that holds the list, where there are several"),
		query("workshop_code", "whose list it is, where the file does not say"),
		query("period", "the month of the list such as 1405-07, where the file does not say"),
		header("Idempotency-Key", "one a filing, at most 200 characters; the same again for a repeated filing", true),
		header("Prefer", "wait=N waits up to N seconds, 60 at most, for both organisations", false),
		header("Upload-Id", "names the upload, in at most 100 characters, so that /v1/uploads/{id}/events can tell how far it has come", false),
		header("Content-Disposition", "the file's name, for a body that is the file itself", false),
	)
	file := &huma.Schema{Type: "string", Format: "binary"}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {Schema: file},
		"application/json": {Schema: &huma.Schema{Type: "object", Description: "the list as JSON: workshop and lines"}},
		"application/zip":  {Schema: file},
		"multipart/form-data": {Schema: &huma.Schema{
			Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": file},
		}},
	}}
	s.answers(op, "202", "received and on its way to the organisations; a file of many lists is answered as /v1/uploads/{id}", reflect.TypeFor[submitted]())
	s.answers(op, "200", "kept as a draft, or the earlier receipt of the same bytes", reflect.TypeFor[submitted]())
}
