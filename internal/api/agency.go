package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
)

// answerLimit is the most bytes of one organisation's answer: figures of every worker of the largest tax month.
const answerLimit = 64 << 20

// laneNamed reads an organisation's name in a path.
func laneNamed(name string) (fault.Lane, error) {
	var lane fault.Lane
	if err := lane.UnmarshalText([]byte(name)); err != nil || lane == 0 || lane == fault.Both {
		return 0, &fault.Problem{Kind: fault.NotFound}
	}
	return lane, nil
}

// takeAnswer takes an organisation's answer. Its signature, not a token, says whose it is; the bytes are signed, so they are
// handed on untouched.
func (s *server) takeAnswer(w http.ResponseWriter, r *http.Request) {
	lane, err := laneNamed(chi.URLParam(r, "agency"))
	if err != nil {
		s.send(w, r, err)
		return
	}
	body, err := s.readAll(w, r, answerLimit)
	if err != nil {
		s.send(w, r, err)
		return
	}
	taken, err := s.Window.Receive(r.Context(), lane, r, body)
	if err != nil {
		s.send(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", taken)
}

func documentAnswer(s *server, op *huma.Operation) {
	op.Description = "At least once, in any order: a repeated or stale answer changes nothing. An answer that is not understood is kept as it came."
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: s.schema(reflect.TypeFor[payroll.Answer]())},
	}}
	s.answers(op, "200", "stored, repeated or stale", reflect.TypeFor[flow.Reception]())
}

// What is read into memory before anyone is known to be at the other end: a little of each, much of a few.
const (
	littleBody  = 256 << 10
	largeBodies = 4
)

// readAll reads a whole body of at most limit bytes.
func (s *server) readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, &fault.Problem{Kind: fault.Unsupported, Code: "API-05"}
	}
	body := &patient{body: http.MaxBytesReader(w, r.Body, limit), control: http.NewResponseController(w)}
	b, err := io.ReadAll(io.LimitReader(body, littleBody))
	if err == nil && len(b) == littleBody {
		select {
		case s.large <- struct{}{}:
			defer func() { <-s.large }()
		default:
			return nil, &fault.Problem{Kind: fault.Busy, RetryAfter: retryWhenFull}
		}
		var more []byte
		more, err = io.ReadAll(body)
		b = append(b, more...)
	}
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return nil, &fault.Problem{Kind: fault.TooLarge, Text: fault.Text{
			FA: "بدنهٔ درخواست از حد مجاز بزرگ‌تر است", EN: "the request's body is larger than the limit",
		}}
	}
	if err != nil {
		return nil, &fault.Problem{Kind: fault.Malformed, Err: err, Text: fault.Text{
			FA: "بدنهٔ درخواست کامل نرسید", EN: "the request's body did not arrive whole",
		}}
	}
	return b, nil
}

type agencyListsAsked struct {
	Condition
	Paging
	Agency string `path:"agency" doc:"sso or tax"`
	Period string `query:"period" doc:"a month such as 1405-07"`
}

// agencyLists shows an organisation the lists sent to it: the common core and its own lane.
func (s *server) agencyLists(ctx context.Context, in *agencyListsAsked) (*shown[*flow.Page[flow.AgencyList]], error) {
	lane, err := laneNamed(in.Agency)
	if err != nil {
		return nil, err
	}
	most, err := in.most()
	if err != nil {
		return nil, err
	}
	period, err := monthAsked(in.Period)
	if err != nil {
		return nil, err
	}
	page, err := s.Window.AgencyLists(ctx, principal(ctx), lane, flow.Query{Period: period, Cursor: in.Cursor, Most: most})
	if err != nil {
		return nil, err
	}
	return show(in.Condition, page, 0)
}
