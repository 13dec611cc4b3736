package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/agency/gateway"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Signed answers over HTTP: the contract's statuses, what is set aside before an operator, and worker by organisation.
func TestAnswers_over_HTTP(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	k.window.Now = time.Now // an organisation signs by its own clock
	keys, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	var taken sync.Map
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/keys", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(keys.Public()) })
	mux.HandleFunc("PUT /v1/deliveries/{key}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		taken.Store(r.PathValue("key"), body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"reference": "r-1", "state": "received"}`)
	})
	office := httptest.NewServer(mux)
	t.Cleanup(office.Close)
	k.window.SSO.Gateway = &gateway.Client{URL: office.URL, Keys: k.window.Keys, HTTP: gateway.NewHTTP(5 * time.Second)}
	k.work()
	id := k.filed("")
	key := k.until(id, func(l *flow.List) bool { return l.Deliveries.SSO.State == payroll.Sent }).Deliveries.SSO.Key
	sent, _ := taken.Load(key)

	post := func(body string) (int, string) {
		r, err := http.NewRequest(http.MethodPost, k.url+"/v1/agencies/sso/answers", nil)
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		require.NoError(t, keys.SignRequest(r, []byte(body)))
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		if resp.StatusCode != http.StatusOK {
			require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
		}
		return resp.StatusCode, string(b)
	}
	answer := func(state payroll.State, change ...func(*payroll.Answer)) string {
		a := payroll.Answer{ID: uuid.NewString(), Key: key, Digest: agency.Digest(sent.([]byte)), State: state, DecidedAt: time.Now()}
		for _, c := range change {
			c(&a)
		}
		b, err := json.Marshal(a)
		require.NoError(t, err)
		return string(b)
	}
	var l flow.Page[flow.Line]
	k.get("employer", "/v1/lists/"+id+"/lines?limit=1").into(t, &l)
	require.Len(t, l.Items, 1)
	person := l.Items[0].Person

	for name, c := range map[string]struct {
		body string
		want int
	}{
		"deep":              {strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000), 422},
		"a member twice":    {strings.Replace(answer(payroll.AnswerAccepted), "{", `{"state":"rejected",`, 1), 422},
		"more than a mouth": {`"` + strings.Repeat("a", 1<<20) + `"`, 422},
		"another digest":    {answer(payroll.AnswerAccepted, func(a *payroll.Answer) { a.Digest = strings.Repeat("0", 64) }), 409},
		"a key of no one":   {answer(payroll.AnswerAccepted, func(a *payroll.Answer) { a.Key = strings.Replace(key, ".1", ".9", 1) }), 404},
	} {
		status, body := post(c.body)
		require.Equal(t, c.want, status, "%s: %s", name, body)
	}
	status, body := post(answer(payroll.AnswerWithFindings, func(a *payroll.Answer) {
		a.Findings = []payroll.AnswerFinding{{Code: "K-1", Message: "سخن سازمان", Person: person, Field: "DSW_DD"}}
		a.Payments = []payroll.Payment{{ListNo: "01", Slip: "123", Amount: 5, State: payroll.SlipOpen}}
	}))
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"outcome":"stored"}`, body)
	status, body = post(answer(payroll.AnswerRejected))
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"outcome":"stale"}`, body)
	status, _ = post(answer(payroll.AnswerAccepted, func(a *payroll.Answer) {
		a.Payments = []payroll.Payment{{ListNo: "01", Slip: "123", Amount: 5, State: payroll.SlipCollected}}
	}))
	require.Equal(t, http.StatusOK, status)

	var list struct {
		Deliveries struct {
			SSO struct {
				Payments     []payroll.Payment
				Contradicted *flow.Contradiction
				Findings     []struct {
					Code, Who, Column string
					Rows              []int
				}
			}
		}
	}
	k.get("employer", "/v1/lists/"+id).into(t, &list)
	require.Equal(t, payroll.SlipCollected, list.Deliveries.SSO.Payments[0].State)
	require.Equal(t, payroll.AnswerRejected, list.Deliveries.SSO.Contradicted.State)
	require.Equal(t, "days", list.Deliveries.SSO.Findings[0].Column)
	require.Equal(t, person, list.Deliveries.SSO.Findings[0].Who)
	k.get("employer", "/v1/lists/"+id+"/lines?limit=1").into(t, &l)
	require.Equal(t, "K-1", l.Items[0].SSO.Findings[0].Code)
	require.NotNil(t, l.Next)
	require.Equal(t, http.StatusBadRequest, k.get("employer", "/v1/lists/"+id+"/lines?cursor=x").status)

	require.Equal(t, http.StatusForbidden, k.get("employer", "/v1/desk/answers").status)
	var page flow.Page[flow.SetAsideAnswer]
	k.get("operator", "/v1/desk/answers").into(t, &page)
	require.Len(t, page.Items, 6)
	last := page.Items[5]
	require.Equal(t, store.AnswerContrary, last.Outcome)
	raw := k.get("operator", "/v1/desk/answers/"+last.ID)
	require.Equal(t, http.StatusOK, raw.status)
	require.Contains(t, string(raw.body), `"state":"rejected"`)
	require.Equal(t, http.StatusOK, k.ask("operator", http.MethodPost, "/v1/desk/answers/"+last.ID+"/settlement", nil).status)
	require.Equal(t, http.StatusNotFound, k.ask("operator", http.MethodPost, "/v1/desk/answers/"+last.ID+"/settlement", nil).status)
	require.Equal(t, http.StatusNotFound, k.get("operator", "/v1/desk/answers/%00").status)
	k.get("operator", "/v1/desk/answers").into(t, &page)
	require.Len(t, page.Items, 5)
}
