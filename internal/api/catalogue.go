package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
)

// The edition of the catalogue: whoever changes what it says gives it the next number and the day.
const (
	CatalogueVersion = "4"
	CatalogueDate    = "1405/09/04"
)

// Code is an entry of the catalogue as it is published.
type Code struct {
	fault.Entry
	Example  fault.Text `json:"example" doc:"the message of the first failing example, with its names filled in"`
	Examples []string   `json:"examples" doc:"files of its cases: fail raises it, pass is the nearest that does not, want is what fail gets"`
	Late     []Late     `json:"late" doc:"what the law takes where the deadline passes before the list is corrected; empty where nothing is held up"`
}

// Late is what a list that comes too late costs with one organisation.
type Late struct {
	Lane     fault.Lane `json:"lane"`
	Due      fault.Text `json:"due"`
	Penalty  fault.Text `json:"penalty"`
	Citation string     `json:"citation"`
}

// Described is the catalogue as it is published, with what lateness costs by the law of the month.
func Described(book *law.Book, month jalali.Month) []Code {
	all := make([]Code, 0, len(catalogue().entries))
	for _, e := range catalogue().entries {
		all = append(all, describe(e, book, month))
	}
	return all
}

func describe(e fault.Entry, book *law.Book, month jalali.Month) Code {
	in, names := Examples(e.Code)
	c := Code{Entry: e, Example: exampleText(in), Examples: slices.Clone(names), Late: []Late{}}
	p, ok := book.On(month)
	if !ok || e.Severity < fault.Error || e.Scope == "request" {
		return c
	}
	for _, side := range []struct {
		lane fault.Lane
		rule *law.DeadlineRule
	}{{fault.SSO, &p.SSODeadline}, {fault.Tax, &p.TaxDeadline}} {
		if e.Lane != 0 && !e.Lane.Has(side.lane) {
			continue
		}
		for _, x := range side.rule.Penalties {
			if x.For == law.PenaltyList {
				c.Late = append(c.Late, Late{side.lane, due(side.rule), fault.Text{FA: x.FA, EN: x.EN}, x.ReferenceFA})
			}
		}
	}
	return c
}

// exampleText is what the plain failing example is told.
func exampleText(in fs.FS) (said fault.Text) {
	if in == nil {
		return said
	}
	b, err := fs.ReadFile(in, "want.json")
	var want struct {
		Findings []fault.Fault `json:"findings"`
	}
	if err == nil && json.Unmarshal(b, &want) == nil && len(want.Findings) > 0 {
		said = want.Findings[0].Message
	}
	return said
}

func due(r *law.DeadlineRule) fault.Text {
	n := r.MonthsAfter.Value
	if n == 1 {
		return fault.Text{FA: "آخرین روز ماه بعد", EN: "the last day of the month after"}
	}
	return fault.Text{FA: fmt.Sprintf("آخرین روز %d ماه بعد", n), EN: fmt.Sprintf("the last day of the month %d months later", n)}
}

// edition dates an answer about the catalogue.
type edition struct {
	Version string `json:"version" doc:"grows when the catalogue says something else"`
	Date    string `json:"date" doc:"Jalali"`
}

var thisEdition = edition{CatalogueVersion, CatalogueDate}

// codesAnswer is the whole catalogue.
type codesAnswer struct {
	Body struct {
		edition
		Items []Code  `json:"items"`
		Next  *string `json:"next"`
	}
}

func (s *server) codes(context.Context, *struct{}) (*codesAnswer, error) {
	out := &codesAnswer{}
	out.Body.edition, out.Body.Items = thisEdition, Described(s.Window.Book, s.thisMonth())
	return out, nil
}

type codeAsked struct {
	Code string `path:"code"`
}

type codeAnswer struct {
	Body struct {
		edition
		Code
	}
}

func (s *server) code(_ context.Context, in *codeAsked) (*codeAnswer, error) {
	e := catalogue().byCode[in.Code]
	if e == nil {
		return nil, &fault.Problem{Kind: fault.NotFound}
	}
	out := &codeAnswer{}
	out.Body.edition, out.Body.Code = thisEdition, describe(*e, s.Window.Book, s.thisMonth())
	return out, nil
}

func (s *server) thisMonth() jalali.Month {
	today, err := jalali.FromTime(s.Now())
	if err != nil {
		return jalali.Month{}
	}
	return today.InMonth()
}

// example answers with one file of a code's cases.
func (s *server) example(w http.ResponseWriter, r *http.Request) {
	in, names := Examples(chi.URLParam(r, "code"))
	name := chi.URLParam(r, "name")
	if !slices.Contains(names, name) {
		s.send(w, r, &fault.Problem{Kind: fault.NotFound})
		return
	}
	b, err := fs.ReadFile(in, name)
	if err != nil {
		s.send(w, r, fmt.Errorf("api: example: %w", err))
		return
	}
	kind, known := exampleTypes[path.Ext(name)]
	if !known {
		kind = "application/octet-stream"
	}
	sendFile(w, name, kind, b)
}

var exampleTypes = map[string]string{
	".json": "application/json", ".xlsx": workbookType, ".http": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8",
}

func documentExample(_ *server, op *huma.Operation) {
	bytesOf(op, "a file of the code's examples", "application/octet-stream")
}

// asPage tells whether a browser asks, one that would rather show a page than a document.
func asPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return r.Method == http.MethodGet && strings.Contains(accept, "text/html") && !strings.Contains(accept, "application/json")
}
