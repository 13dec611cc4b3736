package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"fehrest/internal/access"

	"github.com/danielgtaylor/huma/v2"
)

// newDocument begins the OpenAPI document; the table of routes fills it.
func (s *server) newDocument() *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:   "Fehrest — فهرست",
			Version: "1",
			Description: "One workshop list for the Social Security Organization and the tax administration of Iran. " +
				"Amounts are whole rials, months and days are Jalali, times are UTC. Errors are RFC 9457 problem documents.",
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token": {Type: "http", Scheme: "bearer", Description: "a token of the window; only its hash is kept"},
				"signature": {
					Type: "apiKey", In: "header", Name: "Signature",
					Description: "RFC 9421, Ed25519, over @method @target-uri content-digest with created, nonce and keyid",
				},
			},
		},
	}
}

// humaConfig makes operations share one document and answer with our own problems. It serves no pages of its own: those load
// from elsewhere.
func (s *server) humaConfig() huma.Config {
	return huma.Config{
		OpenAPI:       s.openapi,
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{s.rewrite},
	}
}

var parameter = regexp.MustCompile(`\{([a-z_]+)\}`)

// describe begins an operation with what every route has: name, security, problems and parameters of the path.
func (s *server) describe(rt *route) huma.Operation {
	op := huma.Operation{
		Method: rt.method, Path: rt.path, Summary: rt.about, OperationID: operationID(rt),
		Responses: map[string]*huma.Response{"default": {
			Description: "a problem (RFC 9457)",
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: s.schema(reflect.TypeFor[Problem]())}},
		}},
		MaxBodyBytes: 1 << 20,
	}
	switch rt.policy {
	case access.Anyone:
	case access.PostAnswers:
		op.Security = []map[string][]string{{"signature": {}}}
	default:
		op.Security = []map[string][]string{{"token": {}}}
	}
	if rt.streams != nil {
		for _, name := range parameter.FindAllStringSubmatch(rt.path, -1) {
			op.Parameters = append(op.Parameters, &huma.Param{Name: name[1], In: "path", Required: true, Schema: &huma.Schema{Type: "string"}})
		}
	}
	return op
}

func operationID(rt *route) string {
	words := strings.FieldsFunc(rt.method+" "+rt.path, func(c rune) bool { return c == '/' || c == ' ' || c == '{' || c == '}' || c == '.' })
	return strings.ToLower(strings.ReplaceAll(strings.Join(words, "-"), "_", "-"))
}

func (s *server) schema(t reflect.Type) *huma.Schema {
	return s.openapi.Components.Schemas.Schema(t, true, t.Name())
}

// answers adds a JSON answer to an operation.
func (s *server) answers(op *huma.Operation, status, about string, t reflect.Type) {
	op.Responses[status] = &huma.Response{
		Description: about,
		Content:     map[string]*huma.MediaType{"application/json": {Schema: s.schema(t)}},
	}
}

// bytesOf adds an answer of bytes to an operation.
func bytesOf(op *huma.Operation, about, contentType string) {
	op.Responses["200"] = &huma.Response{
		Description: about,
		Content:     map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
	}
}

func query(name, about string, values ...any) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: about, Schema: &huma.Schema{Type: "string", Enum: values}}
}

func header(name, about string, required bool) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: about, Required: required, Schema: &huma.Schema{Type: "string"}}
}

// document serves the OpenAPI document.
func (s *server) serveDocument(w http.ResponseWriter, _ *http.Request) {
	b, err := json.Marshal(s.openapi)
	if err != nil {
		panic("api: the OpenAPI document cannot be written") // it is made of our own types: a test sees it first
	}
	w.Header().Set("Content-Type", "application/openapi+json")
	_, _ = w.Write(b) // the reader went away: there is no one left to tell
}

func documentItself(_ *server, op *huma.Operation) {
	op.Responses["200"] = &huma.Response{
		Description: "the OpenAPI document",
		Content:     map[string]*huma.MediaType{"application/openapi+json": {Schema: &huma.Schema{Type: "object"}}},
	}
}
