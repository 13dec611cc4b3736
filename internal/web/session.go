package web

import (
	"net/http"
	"strings"

	"fehrest/internal/access"
)

// cookieName is the cookie that holds the token. Scripts cannot read it and other sites cannot send it.
const cookieName = "fehrest_token"

// tokenOf is the token of the one who signed in, or of a program that asks for a page as it asks the API.
func tokenOf(r *http.Request) string {
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value
	}
	token, _ := access.BearerToken(r.Header.Get("Authorization"))
	return token
}

func setToken(w http.ResponseWriter, r *http.Request, token string) {
	c := &http.Cookie{Name: cookieName, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
	c.Secure = r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// signIn takes a token that the API knows and that may act for workshops, or see to what needs attention.
func (p *pages) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	token := strings.TrimSpace(r.PostFormValue("token"))
	r.Header.Del("Cookie")
	r.AddCookie(&http.Cookie{Name: cookieName, Value: token})
	err := p.get(w, r, "/v1/workshops?limit=1", nil)
	if err != nil && asProblem(err).Status == http.StatusForbidden {
		err = p.get(w, r, "/v1/desk?limit=1", nil)
	}
	if err != nil {
		said := asProblem(err)
		switch said.Status {
		case http.StatusUnauthorized:
			said.Detail = "این نشانه (token) شناخته نشد. آن را کامل و بدون فاصله وارد کنید؛ شاید باطل شده باشد."
		case http.StatusForbidden:
			said.Detail = "این صفحه برای کارفرما، حسابدار و متصدی است و این نشانه نقش دیگری دارد."
		}
		render(w, r, said.Status, signInPage(said))
		return
	}
	setToken(w, r, token)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (p *pages) signOut(w http.ResponseWriter, r *http.Request) {
	setToken(w, r, "")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
