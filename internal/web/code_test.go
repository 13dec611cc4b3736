package web_test

import (
	"net/http"
	"strings"
	"testing"

	"fehrest/internal/api"

	"github.com/stretchr/testify/require"
)

// Every code has its page, which needs no sign-in: both languages, what to do, and the examples, ready to be fetched.
func TestPage_of_every_code(t *testing.T) {
	t.Parallel()
	d := sit(t)
	index := d.open("/codes")
	require.Equal(t, http.StatusOK, index.status)
	for _, e := range api.Catalogue() {
		require.Contains(t, index.html, `href="/codes/`+e.Code+`"`)
		if _, names := api.Examples(e.Code); names == nil {
			continue // the catalogue's own test asks for them
		}
		p := d.open("/codes/" + e.Code)
		require.Equal(t, http.StatusOK, p.status, e.Code)
		for _, part := range []string{"<h1><bdi>" + e.Code, "چه باید کرد", `lang="en"`, "نزدیک‌ترین", `/examples/pass`} {
			require.Contains(t, p.html, part, e.Code)
		}
		require.NotContains(t, p.html, "{given}", e.Code)
		require.NotContains(t, p.html, "_fa}", e.Code)
	}
	require.Equal(t, http.StatusNotFound, d.open("/codes/NONE-01").status)
}

func TestPage_of_a_code_shows_where_the_examples_differ(t *testing.T) {
	t.Parallel()
	d := sit(t)
	p := d.open("/codes/WAGE-01")
	require.Contains(t, p.html, "<mark>     &#34;start_date&#34;: &#34;1400/01/01&#34;, &#34;days&#34;: 30, &#34;daily_wage&#34;: 5541849,</mark>")
	require.Contains(t, p.html, "۱۰ درصد حق بیمه", "what lateness costs")
	file := d.open("/codes/WAGE-01/examples/fail.json")
	require.Equal(t, http.StatusOK, file.status)
	require.Contains(t, file.header.Get("Content-Disposition"), "WAGE-01-fail.json")
	require.Contains(t, file.html, `"daily_wage": 5541849`)
	require.Equal(t, http.StatusNotFound, d.open("/codes/WAGE-01/examples/..%2FWAGE-02%2Ffail.json").status)
}

// The address of the API shows a browser the page, and a program the document.
func TestCode_is_a_page_to_a_browser_and_a_document_to_a_program(t *testing.T) {
	t.Parallel()
	d := sit(t)
	for accept, page := range map[string]bool{
		"text/html,application/xhtml+xml,*/*;q=0.8": true, "application/json": false, "*/*": false, "": false, "application/json, text/html;q=0.5": false,
	} {
		for _, path := range []string{"/v1/codes", "/v1/codes/DAYS-01"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+path, nil)
			require.NoError(t, err)
			req.Header.Set("Accept", accept)
			p := d.do(req)
			require.Equal(t, http.StatusOK, p.status)
			require.Equal(t, "Accept", p.header.Get("Vary"))
			require.Equal(t, page, strings.HasPrefix(p.header.Get("Content-Type"), "text/html"), "%s %q", path, accept)
			if page {
				require.Equal(t, strings.TrimPrefix(path, "/v1"), p.header.Get("Content-Location"))
			}
		}
	}
}
