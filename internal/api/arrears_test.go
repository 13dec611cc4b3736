package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"fehrest/internal/flow"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

func TestArrears_over_HTTP(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	k.filed("")
	h, first := &k.good.Header, &k.good.Lines[0]
	post := func(who, key, query, body string) *answer {
		return k.ask(who, http.MethodPost, "/v1/arrears"+query, strings.NewReader(body), "Content-Type", "application/json", "Idempotency-Key", key)
	}
	type answered struct {
		Items []struct {
			flow.ArrearsMonth
			Problem *struct {
				Code string `json:"code"`
			} `json:"problem"`
		} `json:"items"`
	}
	wages := func(daily int) string {
		return fmt.Sprintf(`{"workshop": {}, "lines": [{"national_code": %q, "daily_wage": %d}]}`, first.NationalCode, daily)
	}
	query := "?workshop_code=" + string(h.Workshop) + "&from=" + h.Period.Add(-1).String() + "&to=" + h.Period.String()
	more := wages(int(first.DailyWage) + 100_000)
	var got answered
	a := post("employer", "decree", query, more)
	require.Equal(t, http.StatusOK, a.status, string(a.body))
	a.into(t, &got)
	require.Len(t, got.Items, 2)
	require.Equal(t, flow.ArrearsNotFiled, got.Items[0].State)
	require.Equal(t, flow.ArrearsDrafted, got.Items[1].State, string(a.body))
	draft := got.Items[1].List
	var d flow.Difference
	k.get("employer", "/v1/lists/"+draft+"/difference").into(t, &d)
	require.EqualValues(t, 100_000*first.Days, d.Persons[0].Insurable.After)
	require.Equal(t, http.StatusAccepted, k.ask("employer", http.MethodPost, "/v1/lists/"+draft+"/submission", nil, "Idempotency-Key", "word").status)
	var l flow.List
	k.get("employer", "/v1/lists/"+draft).into(t, &l)
	require.Equal(t, payroll.Submitted, l.State)
	require.Equal(t, payroll.Supplementary, l.Kind)

	post("employer", "less", query, wages(int(first.DailyWage)-1)).into(t, &got)
	require.Equal(t, flow.ArrearsRefused, got.Items[1].State)
	require.NotEmpty(t, got.Items[1].Refusals)
	require.Equal(t, http.StatusUnprocessableEntity, post("employer", "decree", query, wages(int(first.DailyWage)+200_000)).status, "another file under the same key")
	require.Equal(t, http.StatusBadRequest, post("employer", "", query, more).status)
	require.Equal(t, http.StatusBadRequest, post("employer", "odd", query+"&mode=draft", more).status)
	require.Equal(t, http.StatusBadRequest, post("employer", "odd", "?from=winter", more).status)
	require.Equal(t, http.StatusNotFound, post("stranger", "hers", query, more).status)
	require.Equal(t, http.StatusForbidden, post("operator", "his", query, more).status)
}
