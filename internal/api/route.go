package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"fehrest/internal/access"
	"fehrest/internal/fault"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
)

// route is one row of the table of routes: where, who may, and what answers. Exactly one of does and streams is set.
type route struct {
	method string
	path   string
	policy access.Action
	about  string // its summary in the OpenAPI document
	// does makes the operation of a route that takes parameters and answers JSON.
	does func(s *server, api huma.API, op huma.Operation)
	// streams answers a route whose body or answer is no JSON document of ours, or arrives while it is read.
	streams func(s *server, w http.ResponseWriter, r *http.Request)
	// signs signs in by a statement that answers too; nil: by the token alone.
	signs signIn
	// page: a browser is shown the page of the same address without /v1, where there are pages.
	page bool
	// documents describes what streams takes and answers.
	documents func(s *server, op *huma.Operation)
}

// operation makes does of a typed function.
func operation[I, O any](do func(*server, context.Context, *I) (*O, error)) func(*server, huma.API, huma.Operation) {
	return func(s *server, api huma.API, op huma.Operation) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := do(s, ctx, in)
			var same *unchanged
			if err != nil && !errors.As(err, &same) {
				err = s.document(requestIn(ctx), err)
			}
			return out, err
		})
	}
}

// assemble puts every route of the table on the router, behind its policy, and into the OpenAPI document.
func (s *server) assemble() {
	s.router = chi.NewRouter()
	s.router.Use(s.legible)
	s.router.NotFound(s.noRoute)
	s.router.MethodNotAllowed(s.noMethod)
	s.openapi = s.newDocument()
	for _, rt := range routes {
		op := s.describe(&rt)
		if rt.does != nil {
			rt.does(s, huma.NewAPI(s.humaConfig(), &guarded{s, &rt}), op)
			continue
		}
		if rt.documents != nil {
			rt.documents(s, &op)
		}
		s.openapi.AddOperation(&op)
		s.answer(&rt, func(w http.ResponseWriter, r *http.Request) { rt.streams(s, w, r) })
	}
}

// answer puts a route on the router behind its policy. Its page knows by itself who signed in.
func (s *server) answer(rt *route, next http.HandlerFunc) {
	next = s.guard(rt, next)
	if !rt.page {
		s.router.MethodFunc(rt.method, rt.path, next)
		return
	}
	s.router.MethodFunc(rt.method, rt.path, func(w http.ResponseWriter, r *http.Request) {
		if s.pages != nil {
			w.Header().Set("Vary", "Accept")
			if asPage(r) {
				s.showPage(w, r)
				return
			}
		}
		next(w, r)
	})
}

// guarded puts operations on the router behind the policy of their route.
type guarded struct {
	s  *server
	rt *route
}

func (g *guarded) Handle(op *huma.Operation, handler func(huma.Context)) {
	g.s.answer(g.rt, func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, r))
		handler(humachi.NewContext(op, r, w))
	})
}

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.s.router.ServeHTTP(w, r) }

type requestKey struct{}

// requestIn is the request that an operation answers.
func requestIn(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// legible refuses addresses that no text can hold: what is damaged must not be taken for what was left out, and no database
// keeps it.
func (s *server) legible(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ofAPI(r) {
			next.ServeHTTP(w, r)
			return
		}
		query, err := url.ParseQuery(r.URL.RawQuery)
		for name, values := range query {
			if err == nil && !(plain(name) && plain(strings.Join(values, ""))) {
				err = errors.New("control characters")
			}
		}
		switch {
		case !plain(r.URL.Path):
			s.send(w, r, &fault.Problem{Kind: fault.NotFound})
		case err != nil:
			s.send(w, r, &fault.Problem{Kind: fault.Malformed, Text: fault.Text{
				FA: "بخش پس از ? در نشانی درست نوشته نشده است", EN: "the query of the address is not written correctly",
			}})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// plain tells whether a text is UTF-8 without control characters.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func ofAPI(r *http.Request) bool { return r.URL.Path == "/v1" || strings.HasPrefix(r.URL.Path, "/v1/") }

// noRoute answers paths that no route has: those of the API by a problem, all others by the pages.
func (s *server) noRoute(w http.ResponseWriter, r *http.Request) {
	if s.pages == nil || ofAPI(r) {
		s.send(w, r, &fault.Problem{Kind: fault.NotFound})
		return
	}
	s.pages.ServeHTTP(w, r)
}

// showPage answers a route of the API by the page of its name.
func (s *server) showPage(w http.ResponseWriter, r *http.Request) {
	page := r.Clone(context.WithValue(r.Context(), chi.RouteCtxKey, (*chi.Context)(nil))) // the pages route anew
	page.URL.Path, page.URL.RawPath = strings.TrimPrefix(r.URL.Path, "/v1"), ""
	w.Header().Set("Content-Location", page.URL.EscapedPath())
	s.pages.ServeHTTP(w, page)
}

func (s *server) noMethod(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if s.router.Match(chi.NewRouteContext(), m, r.URL.Path) {
			allowed = append(allowed, m)
		}
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	d := s.problem(r, &fault.Problem{Kind: fault.Malformed, Text: fault.Text{
		FA: "این نشانی چنین درخواستی نمی‌پذیرد؛ پذیرفتنی: " + strings.Join(allowed, "، "),
		EN: "This address does not take this method; it takes " + strings.Join(allowed, ", ") + ".",
	}})
	d.Status = http.StatusMethodNotAllowed
	writeJSON(w, d.Status, d.ContentType(""), d)
}
