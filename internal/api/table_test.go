package api

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"fehrest/internal/fault"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
)

func bare() *server {
	s := &server{Config: Config{Log: slog.New(slog.DiscardHandler), Now: time.Now}}
	s.assemble()
	return s
}

func TestRoutes_each_has_a_policy_and_an_answer_and_the_router_has_no_other(t *testing.T) {
	t.Parallel()
	table := map[string]bool{}
	for _, rt := range routes {
		name := rt.method + " " + rt.path
		require.False(t, table[name], "twice: %s", name)
		table[name] = true
		require.True(t, rt.policy.Known(), "%s: no policy %q", name, rt.policy)
		require.NotEmpty(t, rt.about, name)
		require.True(t, (rt.does == nil) != (rt.streams == nil), "%s: one of does and streams", name)
		require.True(t, rt.streams == nil || rt.documents != nil, "%s: what it takes and answers is not documented", name)
	}
	routed := map[string]bool{}
	err := chi.Walk(bare().router, func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		routed[method+" "+path] = true
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, table, routed)
}

func TestDocument_holds_every_route_with_its_security_and_problem(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(bare().openapi)
	require.NoError(t, err)
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			OperationID string                `json:"operationId"`
			Security    []map[string][]string `json:"security"`
			Responses   map[string]any        `json:"responses"`
			Parameters  []struct{ Name, In string }
		} `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(b, &doc))
	require.True(t, strings.HasPrefix(doc.OpenAPI, "3.1"))
	ids := map[string]bool{}
	for _, rt := range routes {
		op, ok := doc.Paths[rt.path][strings.ToLower(rt.method)]
		require.True(t, ok, "%s %s", rt.method, rt.path)
		require.False(t, ids[op.OperationID], op.OperationID)
		ids[op.OperationID] = true
		require.Contains(t, op.Responses, "default", rt.path)
		require.Greater(t, len(op.Responses), 1, rt.path)
		require.Equal(t, rt.policy == "anyone", len(op.Security) == 0, rt.path)
		named := map[string]bool{}
		for _, p := range op.Parameters {
			if p.In == "path" {
				named[p.Name] = true
			}
		}
		require.Len(t, named, strings.Count(rt.path, "{"), rt.path)
	}
}

func TestKinds_each_has_a_status_and_words(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../fault/problem.go", nil, 0)
	require.NoError(t, err)
	count := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
			count += len(d.Specs)
		}
		return true
	})
	require.Len(t, kinds, count)
	statuses := map[int]bool{}
	for kind, row := range kinds {
		require.GreaterOrEqual(t, row.status, 400)
		require.False(t, statuses[row.status], "status %d twice", row.status)
		statuses[row.status] = true
		require.NotEmpty(t, row.title)
		require.NotEmpty(t, row.text.FA)
		require.Equal(t, row.status, StatusOf(&fault.Problem{Kind: kind}))
	}
}

func TestStatusOf_codes(t *testing.T) {
	t.Parallel()
	for code, status := range map[string]int{
		"FILE-01": 400, "FILE-02": 413, "FILE-03": 415, "FILE-04": 415, "FILE-05": 400, "FILE-08": 400, "JSON-03": 400, "DBF-01": 400,
		"API-01": 400, "API-02": 422, "API-03": 409, "API-04": 400, "API-05": 415, "SHEET-12": 422, "MAP-01": 422, "WAGE-01": 422,
		"LIST-02": 409, "LIST-03": 409, "LIST-10": 422, "ID-02": 422, "ID-12": 404, "ID-17": 404,
	} {
		require.Equal(t, status, StatusOf(&fault.Problem{Kind: fault.Unprocessable, Code: code}), code)
	}
}

func TestCatalogue_is_in_order_and_speaks_both_languages(t *testing.T) {
	t.Parallel()
	all := Catalogue()
	seen := map[string]bool{}
	for i, e := range all {
		require.False(t, seen[e.Code], e.Code)
		seen[e.Code] = true
		require.True(t, i == 0 || all[i-1].Code < e.Code)
		require.NotEmpty(t, e.Message.FA, e.Code)
		require.NotEmpty(t, e.Message.EN, e.Code)
	}
	for _, code := range []string{"FILE-01", "SHEET-03", "CELL-01", "ID-12", "WAGE-01", "LIST-02", "API-01", "API-05"} {
		require.True(t, seen[code], code)
	}
}
