// Package web is the Persian page of the window. It knows no list and no database: it speaks to the window's own HTTP API as
// the employer who signed in, and works without JavaScript.
package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// Config is what the page needs.
type Config struct {
	// API is the window's API, called within the program.
	API http.Handler
}

// Handler serves the page at / and what lies below it, everything but the API's own routes.
func Handler(c Config) http.Handler {
	p := &pages{api: c.API}
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(p.foreign))
	r := chi.NewRouter()
	r.Use(headers, own.Handler)
	r.Get("/", p.home)
	r.Post("/sign-in", p.signIn)
	r.Post("/sign-out", p.signOut)
	r.Post("/lists", p.upload)
	r.Get("/uploads/{id}", p.uploadOf)
	r.Get("/lists/{id}", p.list)
	r.Get("/lists/{id}/state", p.state)
	r.Post("/lists/{id}/submission", p.submit)
	r.Post("/lists/{id}/deliveries/{lane}/uploaded", p.uploaded)
	r.Post("/lists/{id}/deliveries/{lane}/answer", p.answered)
	r.Get("/desk", p.desk)
	r.Post("/desk/{owner}/{delivery}/{action}", p.workDesk)
	r.Get("/desk/answers", p.setAside)
	r.Get("/desk/answers/{id}", p.rawAnswer)
	r.Post("/desk/answers/{id}/settlement", p.settle)
	r.Get("/evidence/{period}", p.evidence)
	r.Get("/evidence/{period}/{agency}/{due}.json", p.evidenceRecord)
	r.Get("/tax-months/{employer}/{period}", p.taxMonth)
	r.Get("/lists/{id}/lines", p.lines)
	r.Get("/lanes/{lane}/by-hand", p.byHand)
	r.Post("/lanes/{lane}/uploaded", p.uploadedByKey)
	r.Post("/lanes/{lane}/switch", p.switchLane)
	r.Get("/lists/{id}/difference", p.difference)
	r.Get("/lists/{id}/withdrawal", p.withdrawal)
	r.Post("/lists/{id}/withdrawal", p.withdraw)
	r.Get("/workshops/{code}/arrears", p.arrears)
	r.Post("/workshops/{code}/arrears", p.makeArrears)
	r.Get("/workshops/{code}/closures", p.closures)
	r.Post("/workshops/{code}/closures", p.orderClosure)
	r.Post("/workshops/{code}/closures/{id}/cancellation", p.cancelClosure)
	r.Get("/lists/{id}/receipt", p.receipt)
	r.Get("/lists/{id}/receipt.json", p.download("receipt", "receipt.json"))
	r.Get("/lists/{id}/assessment", p.download("assessment", "assessment.json"))
	r.Get("/lists/{id}/annotated.xlsx", p.download("annotated.xlsx", "findings.xlsx"))
	r.Get("/lists/{id}/files/{name}", p.file)
	r.Get("/template.xlsx", p.template)
	r.Get("/codes", p.codes)
	r.Get("/codes/{code}", p.code)
	r.Get("/codes/{code}/examples/{name}", p.codeExample)
	r.Get("/assets/{name}", asset)
	r.Get("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }) // browsers ask unbidden
	r.NotFound(p.notFound)
	r.MethodNotAllowed(p.notFound)
	return r
}

type pages struct{ api http.Handler }

// policy lets nothing in from elsewhere. Pico's marks are images written into its own style sheet.
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cache-Control", "no-store") // pages show wages; assets say otherwise
		next.ServeHTTP(w, r)
	})
}
