package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
)

// lawInForce answers with the parameters in force in a month, each with its reference and how sure it is. They are written
// as the law file names them.
func (s *server) lawInForce(w http.ResponseWriter, r *http.Request) {
	m, err := jalali.ParseMonth(chi.URLParam(r, "period"))
	var p *law.Params
	if err == nil {
		p, _ = s.Window.Book.On(m)
	}
	if p == nil {
		s.send(w, r, &fault.Problem{Kind: fault.NotFound, Text: fault.Text{
			FA: "برای این ماه فایل قانونی نیست؛ ماه به شکل ۱۴۰۵-۰۷ نوشته می‌شود", EN: "no law file governs this month; a month is written 1405-07",
		}})
		return
	}
	writeJSON(w, http.StatusOK, "application/json", p)
}

func documentLaw(_ *server, op *huma.Operation) {
	op.Responses["200"] = &huma.Response{
		Description: "every parameter with value, reference and verification: primary, several, single or disputed",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: "object"}}},
	}
}

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// template answers with the empty workbook.
func (s *server) template(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	if err := intake.Template(&b); err != nil {
		s.send(w, r, err)
		return
	}
	sendFile(w, "fehrest.xlsx", workbookType, b.Bytes())
}

func documentTemplate(_ *server, op *huma.Operation) { bytesOf(op, "the empty workbook", workbookType) }

type limitsAnswer struct {
	Body struct {
		WorkbookBytes   int64 `json:"workbook_bytes" doc:"of a workbook or a ZIP of lists"`
		JSONBytes       int64 `json:"json_bytes"`
		ExpandedBytes   int64 `json:"expanded_bytes" doc:"of all parts of a ZIP"`
		PartBytes       int64 `json:"part_bytes" doc:"of one part of a ZIP, expanded"`
		Ratio           int64 `json:"expansion_ratio" doc:"expanded to packed, for parts over 1 MB"`
		Entries         int   `json:"zip_entries"`
		SharedBytes     int64 `json:"shared_text_bytes" doc:"of a workbook's shared texts"`
		SharedTexts     int   `json:"shared_texts"`
		XMLDepth        int   `json:"xml_depth"`
		JSONDepth       int   `json:"json_depth"`
		Rows            int   `json:"list_rows" doc:"workers of one list"`
		Columns         int   `json:"sheet_columns" doc:"that may hold values"`
		FaultsListed    int   `json:"faults_listed" doc:"of one code; counts stay exact beyond it"`
		IdempotencyKey  int   `json:"idempotency_key_characters"`
		WaitSeconds     int   `json:"wait_seconds"`
		PageItems       int   `json:"page_items"`
		EventStreams    int   `json:"event_streams" doc:"that one principal may have open at once"`
		ColumnsOfAList  int   `json:"list_columns"`
		HeaderKeysCount int   `json:"workshop_keys"`
	}
}

func (s *server) limits(context.Context, *struct{}) (*limitsAnswer, error) {
	out := &limitsAnswer{}
	l := s.limitsOfFile()
	w := l.Workbook
	out.Body.WorkbookBytes, out.Body.JSONBytes = w.File, l.JSON
	out.Body.ExpandedBytes, out.Body.PartBytes, out.Body.Ratio, out.Body.Entries = w.Total, w.Part, w.Ratio, w.Entries
	out.Body.SharedBytes, out.Body.SharedTexts = w.SharedBytes, w.SharedStrings
	out.Body.XMLDepth, out.Body.JSONDepth = w.Depth, l.JSONDepth
	out.Body.Rows, out.Body.Columns = l.Rows, w.Columns
	out.Body.FaultsListed, out.Body.IdempotencyKey = fault.Listed, keyLength
	out.Body.WaitSeconds, out.Body.PageItems = int(longestWait.Seconds()), mostItems
	out.Body.EventStreams = watchesEach
	out.Body.ColumnsOfAList, out.Body.HeaderKeysCount = int(payroll.ColumnCount), int(payroll.HeaderCount)
	return out, nil
}

// limitsOfFile are the settings that bound an uploaded file.
func (s *server) limitsOfFile() intake.Limits { return s.Window.Limits.OrDefault() }

type keysAnswer struct{ Body seal.KeySet }

func (s *server) keys(context.Context, *struct{}) (*keysAnswer, error) {
	return &keysAnswer{s.Window.PublicKeys()}, nil
}

type healthAnswer struct {
	Body struct {
		Status string `json:"status"`
	}
}

// healthy says that the program runs.
func (s *server) healthy(context.Context, *struct{}) (*healthAnswer, error) {
	out := &healthAnswer{}
	out.Body.Status = "ok"
	return out, nil
}

// readiness says that lists can be taken in: the database answers, and whatever else the program asks.
func (s *server) readiness(ctx context.Context, _ *struct{}) (*healthAnswer, error) {
	err := s.Store.Ping(ctx)
	if err == nil && s.Ready != nil {
		err = s.Ready()
	}
	if err != nil {
		return nil, &fault.Problem{Kind: fault.Busy, RetryAfter: retryWhenFull, Err: errors.Join(errors.New("api: not ready"), err)}
	}
	out := &healthAnswer{}
	out.Body.Status = "ready"
	return out, nil
}
