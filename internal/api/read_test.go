package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"fehrest/internal/flow"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

// filed sends the good list and returns its id.
func (k *rig) filed(query string) string {
	k.t.Helper()
	a := k.send(k.workbook(k.good), "filed"+query, query)
	require.Less(k.t, a.status, 300, string(a.body))
	var r receipt
	a.into(k.t, &r)
	return r.ID
}

func TestReads_show_the_sender_his_list(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.filed("?mode=draft")

	var l flow.List
	a := k.get("employer", "/v1/lists/"+id)
	require.Equal(t, http.StatusOK, a.status, string(a.body))
	a.into(t, &l)
	require.Equal(t, id, l.ID)
	require.Equal(t, payroll.Draft, l.State)
	require.Equal(t, len(k.good.Lines), l.Workers)
	require.Empty(t, a.header.Get("Retry-After"), "a draft does not move by itself")
	tag := a.header.Get("ETag")
	require.NotEmpty(t, tag)

	same := k.ask("employer", http.MethodGet, "/v1/lists/"+id, nil, "If-None-Match", `"other", W/`+tag)
	require.Equal(t, http.StatusNotModified, same.status)
	require.Empty(t, same.body)
	require.Equal(t, tag, same.header.Get("ETag"))

	state := k.get("employer", "/v1/lists/"+id+"/state")
	require.Equal(t, "application/json", state.header.Get("Content-Type"))
	tag = state.header.Get("ETag")
	require.NotEmpty(t, tag)
	same = k.ask("employer", http.MethodGet, "/v1/lists/"+id+"/state", nil, "If-None-Match", `"other", W/`+tag)
	require.Equal(t, http.StatusNotModified, same.status)
	require.Empty(t, same.body)
	require.Equal(t, tag, same.header.Get("ETag"))

	var page flow.Page[flow.List]
	k.get("accountant", "/v1/lists").into(t, &page)
	require.Len(t, page.Items, 1)
	require.Nil(t, page.Next)

	var report intake.Report
	k.get("employer", "/v1/lists/"+id+"/faults").into(t, &report)
	require.Equal(t, k.good.Header.Workshop, report.Workshop.Code)
	require.Equal(t, l.Totals, report.Totals)

	var doc intake.Assessment
	k.get("employer", "/v1/lists/"+id+"/assessment").into(t, &doc)
	require.Len(t, doc.Lines, len(k.good.Lines))
	require.NotEmpty(t, doc.Lines[0].Why.Insurable.FA)

	signed := k.get("employer", "/v1/lists/"+id+"/receipt")
	require.NoError(t, seal.Verify(signed.body, k.window.PublicKeys()))

	upload := k.get("employer", "/v1/lists/"+id+"/files/"+url.PathEscape(l.FileName))
	require.Equal(t, http.StatusOK, upload.status)
	require.Equal(t, k.workbook(k.good), upload.body, "the upload comes back as it came")
	require.Equal(t, http.StatusNotFound, k.get("employer", "/v1/lists/"+id+"/files/nothing.txt").status)

	var shops flow.Page[flow.Workshop]
	k.get("employer", "/v1/workshops?limit=1").into(t, &shops)
	require.Len(t, shops.Items, 2)
}

func TestReads_of_a_moving_list_say_when_to_look_again(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	a := k.get("employer", "/v1/lists/"+k.filed(""))
	require.Equal(t, "2", a.header.Get("Retry-After"))
}

func TestReads_of_what_is_not_yours_find_nothing(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.filed("")
	h := k.good.Header
	paths := []string{
		"/v1/lists/" + id, "/v1/lists/" + id + "/state", "/v1/lists/" + id + "/faults", "/v1/lists/" + id + "/lines", "/v1/lists/" + id + "/assessment", "/v1/lists/" + id + "/receipt",
		"/v1/lists/" + id + "/files/sso.zip", "/v1/tax-months/" + string(h.Employer) + "/" + h.Period.String(),
	}
	unknown := strings.NewReplacer(id, "01990000-0000-7000-8000-000000000000", string(h.Employer), "10101234562")
	for _, path := range paths {
		theirs, nothing := k.get("stranger", path), k.get("stranger", unknown.Replace(path))
		require.Equal(t, http.StatusNotFound, theirs.status, path)
		p, q := theirs.problem(t), nothing.problem(t)
		p.Instance, q.Instance = "", ""
		require.Equal(t, q, p, "another's list and one that does not exist are told apart: %s", path)
		for _, officer := range []string{"sso", "tax", "supervisor", "operator"} {
			require.Equal(t, http.StatusForbidden, k.get(officer, path).status, "%s reads %s", officer, path)
		}
		a := k.get("", path)
		require.Equal(t, http.StatusUnauthorized, a.status)
		require.NotEmpty(t, a.header.Get("WWW-Authenticate"))
		require.NotContains(t, string(a.problem(t).Detail), "fehrest_")
	}
	for _, path := range []string{"/v1/lists/" + id + "/submission", "/v1/lists/" + id + "/deliveries/sso/uploaded"} {
		a := k.ask("stranger", http.MethodPost, path, strings.NewReader(`{"reference":"1"}`), "Content-Type", "application/json", "Idempotency-Key", "s")
		require.Equal(t, http.StatusNotFound, a.status, string(a.body))
	}
	require.Equal(t, http.StatusNotFound, k.get("employer", "/v1/lists/not-an-id").status)
	var page flow.Page[flow.List]
	k.get("stranger", "/v1/lists").into(t, &page)
	require.Empty(t, page.Items)
}

func TestReads_of_many_lists_go_on_by_cursor(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	c := k.good
	for n := range 3 {
		c.Header.ListNo = "0" + strconv.Itoa(n+1)
		a := k.send(k.workbook(c), "n"+c.Header.ListNo, "?mode=draft")
		require.Equal(t, http.StatusOK, a.status, string(a.body))
	}
	seen, path := []string{}, "/v1/lists?limit=2"
	for path != "" {
		var page flow.Page[flow.List]
		k.get("employer", path).into(t, &page)
		for _, l := range page.Items {
			seen = append(seen, l.ListNo)
		}
		path = ""
		if page.Next != nil {
			path = "/v1/lists?limit=2&cursor=" + *page.Next
		}
	}
	require.Equal(t, []string{"03", "02", "01"}, seen)
	for _, bad := range []string{"?limit=0", "?limit=101", "?limit=x", "?cursor=x", "?period=1405-13"} {
		a := k.get("employer", "/v1/lists"+bad)
		require.Equal(t, http.StatusBadRequest, a.status, bad)
		a.problem(t)
	}
}

func TestSubmission_sends_a_draft_and_says_so_once(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.filed("?mode=draft")
	send := func(key, query string) *answer {
		return k.ask("employer", http.MethodPost, "/v1/lists/"+id+"/submission"+query, nil, "Idempotency-Key", key)
	}
	require.Equal(t, "API-01", k.ask("employer", http.MethodPost, "/v1/lists/"+id+"/submission", nil).problem(t).Code)
	a := send("a", "")
	require.Equal(t, http.StatusAccepted, a.status, string(a.body))
	var r receipt
	a.into(t, &r)
	require.Equal(t, id, r.ID)
	require.Equal(t, 1, r.Version)
	require.Equal(t, http.StatusAccepted, send("a", "").status, "the same key gives the same answer")
	again := send("b", "")
	require.Equal(t, http.StatusOK, again.status, string(again.body))
	var l flow.List
	k.get("employer", "/v1/lists/"+id).into(t, &l)
	require.Equal(t, payroll.Submitted, l.State)
	var m flow.TaxMonth
	k.get("employer", "/v1/tax-months/"+string(l.Employer)+"/"+l.TaxPeriod.String()).into(t, &m)
	require.True(t, m.Whole)
	a = k.ask("employer", http.MethodPost, "/v1/tax-months/"+string(l.Employer)+"/"+l.TaxPeriod.String()+"/submission", nil)
	require.Equal(t, http.StatusOK, a.status, string(a.body))
}

func TestSubmission_of_a_rejected_list_is_refused(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.send(k.workbook(k.faulty), "f", "").problem(t).ID
	a := k.ask("employer", http.MethodPost, "/v1/lists/"+id+"/submission", nil, "Idempotency-Key", "a")
	require.Equal(t, http.StatusConflict, a.status, string(a.body))
	a.problem(t)
}

func TestOfficers_see_the_lists_of_their_own_organisation_only(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	id := k.filed("")
	var page flow.Page[flow.AgencyList]
	k.get("sso", "/v1/agencies/sso/lists").into(t, &page)
	require.Len(t, page.Items, 1)
	require.Equal(t, id, page.Items[0].ID)
	require.Equal(t, http.StatusNotFound, k.get("sso", "/v1/agencies/tax/lists").status)
	require.Equal(t, http.StatusNotFound, k.get("sso", "/v1/agencies/both/lists").status)
	require.Equal(t, http.StatusForbidden, k.get("employer", "/v1/agencies/sso/lists").status)
	require.Equal(t, http.StatusForbidden, k.get("supervisor", "/v1/agencies/sso/lists").status)
}

func TestAnswers_without_a_signature_are_refused(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	for _, who := range []string{"", "sso", "employer"} {
		a := k.ask(who, http.MethodPost, "/v1/agencies/sso/answers", strings.NewReader(`{}`), "Content-Type", "application/json")
		require.Equal(t, http.StatusUnauthorized, a.status)
		a.problem(t)
	}
	require.Equal(t, http.StatusNotFound, k.ask("", http.MethodPost, "/v1/agencies/bank/answers", strings.NewReader(`{}`)).status)
}

func TestReference_is_open_to_everyone(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	for path, want := range map[string]string{
		"/v1/codes": "WAGE-01", "/v1/codes/WAGE-01": "WAGE-01", "/v1/law/1405-07": "minimum_daily_wage", "/v1/law/1399-05": "note_fa", "/v1/limits": "workbook_bytes",
		"/v1/keys": "OKP", "/healthz": "ok", "/readyz": "ready", "/openapi.json": "/v1/lists/{id}",
	} {
		a := k.get("", path)
		require.Equal(t, http.StatusOK, a.status, path)
		require.Contains(t, string(a.body), want, path)
		require.True(t, json.Valid(a.body), path)
	}
	template := k.get("", "/v1/template.xlsx")
	require.Equal(t, http.StatusOK, template.status)
	require.True(t, bytes.HasPrefix(template.body, []byte("PK")))
	for _, path := range []string{"/v1/codes/NONE-01", "/v1/law/1300-01", "/v1/law/x", "/", "/v1"} {
		a := k.get("", path)
		require.Equal(t, http.StatusNotFound, a.status, path)
		a.problem(t)
	}
}

func TestChain_heads_are_for_anyone_newest_first(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	var none flow.Page[seal.Head]
	k.get("", "/v1/chain/heads").into(t, &none)
	require.Equal(t, flow.Page[seal.Head]{Items: []seal.Head{}}, none)
	k.filed("")
	for _, day := range []string{"1405/08/15", "1405/08/16"} {
		require.NoError(t, k.store.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.Append(t.Context(), store.Event{At: k.window.Now(), Actor: store.ByWindow, Action: "tried", Subject: day})
		}))
		_, err := k.store.Seal(t.Context(), store.Sealing{At: k.window.Now(), Day: day, Keys: k.window.Keys, Most: 100})
		require.NoError(t, err)
	}
	var page flow.Page[seal.Head]
	k.get("", "/v1/chain/heads?limit=1").into(t, &page)
	require.Len(t, page.Items, 1)
	require.Equal(t, "1405/08/16", page.Items[0].Day)
	require.NoError(t, page.Items[0].Verify(k.window.PublicKeys()))
	k.get("", "/v1/chain/heads?cursor="+url.QueryEscape(*page.Next)).into(t, &page)
	require.Equal(t, "1405/08/15", page.Items[0].Day)
	require.Nil(t, page.Next)
	require.Equal(t, http.StatusBadRequest, k.get("", "/v1/chain/heads?cursor=x").status)
}
